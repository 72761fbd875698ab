#include "viewer/recording.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/video.h"
#include "rollout/policy.h"

enum { END_FRAMES = RB_RECORD_FRAMES_PER_SECOND }; // how long the end of a game is shown

typedef struct studio {
    rb_game *game;
    rb_view *view;
    rb_video *video;
} studio;

static rb_status open_studio(studio *s, const rb_recording *r, const char *caption, const char *file,
                             rb_error *error)
{
    rb_status status = rb_video_check(error);
    if (!status) status = rb_game_create(&s->game, &r->game, error);
    if (status) return status;
    rb_view_spec view = {.kind = r->view,
                         .env = r->game.params->run.env,
                         .caption = caption,
                         .env_spec = rb_game_env(s->game),
                         .stack = rb_game_stack(s->game),
                         .epsilon = r->game.epsilon};
    view.support = rb_game_support(s->game, &view.atoms);
    status = rb_view_create(&s->view, &view, error);
    if (status) return status;
    const rb_canvas *canvas = rb_view_canvas(s->view);
    return rb_video_create(&s->video, file, canvas->width, canvas->height, RB_RECORD_FRAMES_PER_SECOND,
                           error);
}

static rb_status show(studio *s, const rb_moment *moment, int times, rb_record_result *out, rb_error *error)
{
    rb_status status = RB_OK;
    rb_view_draw(s->view, moment);
    for (int i = 0; i < times && !status; i++)
        status = rb_video_add(s->video, rb_view_canvas(s->view)->rgb, error);
    out->frames += times;
    return status;
}

static rb_status film(studio *s, const rb_recording *r, rb_record_result *out, rb_error *error)
{
    rb_status status = RB_OK;
    double sum = 0;
    const rb_moment *m = NULL;
    while (!status && out->games < r->episodes && out->steps < r->most_steps) {
        if (r->game.stop && *r->game.stop) return rb_error_set(error, RB_INTERRUPTED, "interrupted");
        status = show(s, rb_game_look(s->game), 1, out, error);
        if (!status) status = rb_game_step(s->game, RB_GAME_OWN, error);
        out->steps++;
        m = rb_game_now(s->game);
        if (status || !m->over) continue;
        sum += m->game_return;
        out->games++;
        status = show(s, m, END_FRAMES, out, error);
        if (!status) status = rb_game_step(s->game, RB_GAME_OWN, error);
    }
    out->return_mean = out->games ? sum / out->games : NAN;
    out->return_cut = m && out->games < r->episodes && m->step ? m->game_return : NAN;
    return status;
}

rb_status rb_recording_make(const rb_recording *r, const char *file, rb_record_result *out, rb_error *error)
{
    assert(r->episodes >= 1 && r->most_steps >= 1);
    const double start = rb_clock_seconds();
    studio s = {0};
    char count[32], caption[64];
    rb_text_thousands(count, sizeof count, r->agent_step);
    snprintf(caption, sizeof caption, "after %s steps", count);
    *out = (rb_record_result){0};
    rb_text_copy(out->env, sizeof out->env, r->game.params->run.env);
    rb_status status = open_studio(&s, r, r->agent_step < 0 ? NULL : caption, file, error);
    if (!status) {
        out->width = rb_view_canvas(s.view)->width;
        out->height = rb_view_canvas(s.view)->height;
        status = film(&s, r, out, error);
    }
    if (status)
        rb_video_abandon(s.video);
    else
        status = rb_video_finish(s.video, error);
    rb_view_destroy(s.view);
    rb_game_destroy(s.game);
    out->seconds = rb_clock_seconds() - start;
    return status;
}

rb_status rb_record(const char *path, const char *file, const rb_record_options *o, rb_record_result *out,
                    rb_error *error)
{
    rb_policy policy = {0};
    *out = (rb_record_result){0};
    if (o->episodes < 1 || o->most_steps < 1)
        return rb_error_set(error, RB_ERR_USAGE,
                            "%d games and %" PRId64 " steps: a video needs at least 1 of each", o->episodes,
                            o->most_steps);
    if (!rb_text_ends(file, ".mp4")) // checked first, before slower work
        return rb_error_set(error, RB_ERR_USAGE, "%s: a video's name must end in .mp4", file);
    rb_status status = rb_video_check(error);
    if (!status) status = rb_policy_open(&policy, path, o->threads, 1, error);
    if (!status) {
        rb_recording recording = {.game = {.params = &policy.config->params,
                                           .agent = policy.agent,
                                           .pool = policy.pool,
                                           .epsilon = o->epsilon,
                                           .seed = o->seed,
                                           .stop = o->stop},
                                  .view = o->plain ? RB_VIEW_PLAIN : RB_VIEW_OVERLAY,
                                  .agent_step = policy.step,
                                  .episodes = o->episodes,
                                  .most_steps = o->most_steps};
        status = rb_recording_make(&recording, file, out, error);
        rb_text_copy(out->checkpoint, sizeof out->checkpoint, policy.checkpoint);
        out->checkpoint_step = policy.step;
    }
    rb_policy_close(&policy);
    return status;
}
