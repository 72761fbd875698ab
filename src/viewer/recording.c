#include "viewer/recording.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/text.h"
#include "rollout/policy.h"
#include "viewer/studio.h"

enum { USUAL_RATE = 30 }; // frames per second

typedef struct scene {
    rb_game *game;
    rb_studio studio;
} scene;

static rb_status open_scene(scene *s, const rb_recording *r, const char *file, rb_record_result *out,
                            rb_error *error)
{
    rb_status status = rb_video_check(error);
    if (!status) status = rb_game_create(&s->game, &r->game, error);
    if (status) return status;
    rb_view_spec view = {.kind = r->view,
                         .env = r->game.params->run.env,
                         .env_spec = rb_game_env(s->game),
                         .stack = rb_game_stack(s->game),
                         .epsilon = r->game.epsilon};
    view.support = rb_game_support(s->game, &view.atoms);
    view.quantiles = rb_game_quantiles(s->game);
    return rb_studio_open(&s->studio, &view, r->agent_step, file, r->frames_per_second, out, error);
}

static rb_status film(scene *s, const rb_recording *r, rb_record_result *out, rb_error *error)
{
    rb_status status = RB_OK;
    double sum = 0;
    const rb_moment *m = NULL;
    while (!status && out->games < r->episodes && out->steps < r->most_steps) {
        if (r->game.stop && *r->game.stop) return rb_error_set(error, RB_INTERRUPTED, "interrupted");
        status = rb_studio_show(&s->studio, rb_game_look(s->game), out, error);
        if (!status) status = rb_game_step(s->game, RB_GAME_OWN, error);
        out->steps++;
        m = rb_game_now(s->game);
        if (status || !m->over) continue;
        sum += m->game_return;
        out->games++;
        status = rb_studio_show(&s->studio, m, out, error);
        if (!status) status = rb_game_step(s->game, RB_GAME_OWN, error);
    }
    out->return_mean = out->games ? sum / out->games : NAN;
    out->return_cut = m && out->games < r->episodes && m->step ? m->game_return : NAN;
    return status;
}

rb_status rb_recording_make(const rb_recording *r, const char *file, rb_record_result *out, rb_error *error)
{
    assert(r->episodes >= 1 && r->most_steps >= 1 && r->frames_per_second >= 1);
    const double start = rb_clock_seconds();
    scene s = {0};
    *out = (rb_record_result){0};
    rb_text_copy(out->env, sizeof out->env, r->game.params->run.env);
    rb_status status = open_scene(&s, r, file, out, error);
    if (!status) status = film(&s, r, out, error);
    status = rb_studio_close(&s.studio, status, error);
    rb_game_destroy(s.game);
    out->seconds = rb_clock_seconds() - start;
    return status;
}

rb_status rb_record(const char *path, const char *file, const rb_record_options *o, rb_record_result *out,
                    rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
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
                                  .view = o->pixels  ? RB_VIEW_PIXELS
                                          : o->plain ? RB_VIEW_PLAIN
                                                     : RB_VIEW_OVERLAY,
                                  .frames_per_second =
                                      o->frames_per_second > 0 ? o->frames_per_second : USUAL_RATE,
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
