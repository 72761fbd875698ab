// An agent at play in a window: what the keys do. See viewer.h for time and the keys common to all shows.
#include "viewer/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/text.h"
#include "rollout/policy.h"
#include "rollout/saved.h"
#include "viewer/keyboard.h"
#include "viewer/view.h"

static const double end_stands = 1.5; // seconds at speed 1 for which the end of a game is shown

struct rb_watch_viewer {
    rb_viewer viewer;
    rb_policy policy;
    const char *path;
    rb_game *game;
    rb_env_spec env; // the game's, with names for all actions
    rb_view *view;
    rb_keyboard *keyboard;
    rb_moment shown;
    bool by_hand, touched; // the user plays now; the user has played in this game
    char caption[64], news[96];
    double epsilon, end_until;
    int episodes, games, games_by_hand;
    double sum;
    int64_t steps, told_step; // told_step: the newest checkpoint announced
};

// ---------------------------------------------------------------- steps

static void count_game(rb_watch_viewer *w, const rb_moment *m)
{
    w->games++;
    w->games_by_hand += w->touched;
    w->sum += m->game_return;
    w->touched = false;
    w->end_until = w->viewer.fastest ? 0 : w->viewer.now + end_stands / rb_viewer_speed(&w->viewer);
}

static rb_status step(void *context, rb_error *error)
{
    rb_watch_viewer *w = context;
    const rb_moment *m = rb_game_look(w->game);
    int action = RB_GAME_OWN;
    if (m->over && !w->viewer.paused && w->viewer.now < w->end_until) {
        w->viewer.waits = true;
        return RB_OK;
    }
    if (m->over && w->episodes && w->games >= w->episodes) {
        w->viewer.quit = w->viewer.waits = true;
        return RB_OK;
    }
    if (w->by_hand && !m->over) {
        const char *refused;
        action = rb_keyboard_allowed(w->keyboard, m->allowed, true, &refused);
        if (refused) rb_viewer_say(&w->viewer, "%s is not allowed now.", refused);
        if (action == RB_KEYBOARD_WAIT) {
            w->viewer.waits = true;
            return RB_OK;
        }
        w->touched = true;
    }
    w->steps += !m->over;
    rb_status status = rb_game_step(w->game, action, error);
    if (status) return status;
    m = rb_game_look(w->game);
    rb_view_note(w->view, m);
    if (m->over) count_game(w, m);
    return RB_OK;
}

static const rb_canvas *draw(void *context)
{
    rb_watch_viewer *w = context;
    w->shown = *rb_game_look(w->game);
    if (w->by_hand && !w->shown.over) { // mark the action that the keys ask for
        const char *refused;
        const int action = rb_keyboard_allowed(w->keyboard, w->shown.allowed, false, &refused);
        w->shown.action = action == RB_KEYBOARD_WAIT ? -1 : action;
        w->shown.random = false;
    }
    rb_view_draw(w->view, &w->shown);
    return rb_view_canvas(w->view);
}

// ---------------------------------------------------------------- keys

static void take_over(rb_watch_viewer *w)
{
    w->by_hand = !w->by_hand;
    w->viewer.typing = w->by_hand;
    w->viewer.banner = w->by_hand ? "you play" : NULL;
    rb_view_set_hand(w->view, w->by_hand ? "you play" : NULL);
    rb_keyboard_let_go(w->keyboard);
    if (w->by_hand)
        rb_viewer_say(&w->viewer, "%s",
                      rb_keyboard_by_turns(w->keyboard) ? "You play, turn by turn. T: the agent plays again."
                                                        : "You play. T: the agent plays again.");
    else
        rb_viewer_say(&w->viewer, "The agent plays.");
}

static void write_caption(rb_watch_viewer *w)
{
    char count[32];
    rb_text_thousands(count, sizeof count, w->policy.step);
    if (w->policy.step < 0)
        snprintf(w->caption, sizeof w->caption, "after an unknown number of steps");
    else
        snprintf(w->caption, sizeof w->caption, "after %s steps", count);
}

static void renew(rb_watch_viewer *w)
{
    rb_error error = {0};
    bool newer;
    if (rb_policy_renew(&w->policy, w->path, &newer, &error)) {
        rb_viewer_say(&w->viewer, "%s", error.message);
        return;
    }
    if (newer) rb_game_ask_again(w->game);
    write_caption(w);
    rb_viewer_say(&w->viewer,
                  newer ? "Now playing: the agent %s." : "There is nothing newer than the agent %s.",
                  w->caption);
}

static void change_epsilon(rb_watch_viewer *w, int by)
{
    static const double steps[] = {0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
    const int count = sizeof steps / sizeof *steps;
    double epsilon = by > 0 ? 1 : 0;
    for (int i = 0; i < count; i++) {
        const double candidate = steps[by > 0 ? count - 1 - i : i];
        if (by > 0 ? candidate > w->epsilon + 1e-9 : candidate < w->epsilon - 1e-9) epsilon = candidate;
    }
    w->epsilon = epsilon;
    rb_game_set_epsilon(w->game, epsilon);
    rb_view_set_epsilon(w->view, epsilon);
    if (epsilon == 0 || epsilon == 1)
        rb_viewer_say(&w->viewer, "%s action is random from the next step on (epsilon %g).",
                      epsilon == 0 ? "No" : "Every", epsilon);
    else
        rb_viewer_say(&w->viewer, "One action in %.4g is random from the next step on (epsilon %g).",
                      1 / epsilon, epsilon);
}

static void restart(rb_watch_viewer *w)
{
    rb_error error = {0};
    w->touched = false;
    const rb_status status = rb_game_now(w->game)->over ? rb_game_step(w->game, RB_GAME_OWN, &error)
                                                        : rb_game_restart(w->game, &error);
    if (status) rb_viewer_say(&w->viewer, "%s", error.message);
}

static void choose(rb_watch_viewer *w, int by)
{
    rb_keyboard_choose(w->keyboard, by);
    const int chosen = rb_keyboard_chosen(w->keyboard);
    if (w->by_hand && chosen >= 0)
        rb_viewer_say(&w->viewer, "Enter plays %s.", rb_keyboard_names(w->keyboard)[chosen]);
}

static void key(void *context, int pressed, bool down, bool again)
{
    rb_watch_viewer *w = context;
    if (w->by_hand && rb_keyboard_key(w->keyboard, pressed, down)) return;
    if (!down) return;
    if (pressed == RB_KEY_PAGE_UP || pressed == RB_KEY_PAGE_DOWN)
        choose(w, pressed == RB_KEY_PAGE_UP ? -1 : 1);
    if (pressed == 'e' || pressed == 'd') change_epsilon(w, pressed == 'e' ? 1 : -1);
    if (again) return;
    if (pressed == 't') take_over(w);
    if (pressed == 'r') renew(w);
    if (pressed == 'n') restart(w);
}

// A run that still trains writes checkpoints meanwhile.
static void glance(void *context)
{
    rb_watch_viewer *w = context;
    char found[sizeof w->policy.checkpoint];
    const char *name;
    int64_t newest;
    if (rb_checkpoint_find(found, sizeof found, w->path, false, NULL)) return;
    name = strrchr(found, '_');
    if (!name || strchr(name, '/') || !rb_text_i64(name + 1, &newest)) return;
    if (newest == w->policy.step || newest == w->told_step) return;
    char count[32];
    rb_text_thousands(count, sizeof count, newest);
    w->told_step = newest;
    rb_viewer_say(&w->viewer, "There is a newer checkpoint, after %s steps: R loads it.", count);
}

static const rb_help_line lines[] = {{"T", "take over with the actions' keys, or hand back"},
                                     {"arrows, Space", "actions made of directions and FIRE, while you play"},
                                     {"1, 2, 3 ...", "other actions in order, while you play"},
                                     {"Enter", "the action that Page Up and Page Down choose, likewise"},
                                     {"N", "new game"},
                                     {"R", "load the run's newest checkpoint, while it trains"},
                                     {"E  D", "more or fewer random actions"},
                                     {NULL, NULL}};
static const rb_viewer_class watch_class = {
    .step = step, .draw = draw, .key = key, .glance = glance, .help = "Watching an agent", .lines = lines};

// ---------------------------------------------------------------- opening

static rb_status open_game(rb_watch_viewer *w, const rb_watch_options *o, rb_error *error)
{
    const rb_params *params = &w->policy.config->params;
    w->epsilon = o->epsilon < 0 ? params->eval.epsilon : o->epsilon;
    const rb_game_spec game = {.params = params,
                               .agent = w->policy.agent,
                               .pool = w->policy.pool,
                               .epsilon = w->epsilon,
                               .seed = o->seed};
    rb_status status = rb_game_create(&w->game, &game, error);
    if (status) return status;
    w->env = *rb_game_env(w->game);
    status = rb_keyboard_create(&w->keyboard, params->run.env, &w->env, error);
    if (status) return status;
    w->env.action_names = rb_keyboard_names(w->keyboard);
    write_caption(w);
    rb_view_spec view = {.kind = RB_VIEW_OVERLAY,
                         .env = params->run.env,
                         .caption = w->caption,
                         .env_spec = &w->env,
                         .stack = rb_game_stack(w->game),
                         .epsilon = w->epsilon};
    view.support = rb_game_support(w->game, &view.atoms);
    view.quantiles = rb_game_quantiles(w->game);
    status = rb_view_create(&w->view, &view, error);
    if (!status)
        status = rb_viewer_begin(&w->viewer, &watch_class, w, params->run.env,
                                 rb_viewer_rate(params->run.env, w->env.frames_per_step), error);
    return status;
}

rb_status rb_watch_open(rb_watch_viewer **out, const char *path, const rb_watch_options *o, rb_error *error)
{
    rb_watch_viewer *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a window");
    w->path = path;
    w->episodes = o->episodes;
    w->told_step = -1;
    w->policy.changes = o->changes;
    w->policy.change_count = o->change_count;
    rb_status status = rb_policy_open(&w->policy, path, 1, 1, error);
    if (!status) status = open_game(w, o, error);
    if (status)
        rb_watch_close(w, NULL);
    else
        *out = w;
    return status;
}

void rb_watch_close(rb_watch_viewer *w, rb_watch_result *out)
{
    if (!w) return;
    if (out) {
        rb_text_copy(out->env, sizeof out->env, w->policy.config->params.run.env);
        rb_text_copy(out->checkpoint, sizeof out->checkpoint, w->policy.checkpoint);
        out->checkpoint_step = w->policy.step;
        out->steps = w->steps;
        out->games = w->games;
        out->games_by_hand = w->games_by_hand;
        out->return_mean = w->games ? w->sum / w->games : NAN;
    }
    rb_viewer_end(&w->viewer);
    rb_view_destroy(w->view);
    rb_keyboard_destroy(w->keyboard);
    rb_game_destroy(w->game);
    rb_policy_close(&w->policy);
    free(w);
}

rb_viewer *rb_watch_get_viewer(rb_watch_viewer *w)
{
    return &w->viewer;
}

const rb_moment *rb_watch_moment(rb_watch_viewer *w)
{
    return rb_game_look(w->game);
}

rb_status rb_watch(const char *path, const rb_watch_options *options, rb_watch_result *out, rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
    rb_watch_viewer *w;
    char title[200];
    *out = (rb_watch_result){.return_mean = NAN};
    if (options->episodes < 0 || options->epsilon > 1)
        return rb_error_set(error, RB_ERR_USAGE, "%d games, epsilon %g: not below 0 games, at most 1",
                            options->episodes, options->epsilon);
    rb_status status = rb_window_check(error); // checked first, before slower work
    if (!status) status = rb_watch_open(&w, path, options, error);
    if (status) return status;
    snprintf(title, sizeof title, "%s - rainbow watch", w->policy.config->params.run.env);
    status = rb_viewer_run(&w->viewer, title, error);
    rb_watch_close(w, out);
    return status;
}
