// The checks of `rainbow check` (rainbow/check.h): random play that looks for violations of the contract in
// rainbow/env.h.
//
//     first    the reference: one instance plays all steps; everything after is compared with its record
//     twin     a second instance with the same seed plays the same actions, drawn and saved along the way:
//              equal entries mean that the seed decides everything, and that drawing and saving change
//              nothing
//     states   the states saved by the twin, loaded into itself and into an instance with another seed, which
//              then play on
//     company  instances that alternate, one of which is destroyed along the way, and instances on threads
//     resets   where games start, and how much memory many of them take
//
// If the twin differs, a third instance that is neither drawn nor saved shows which of the two is the cause.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/cpu.h"
#include "base/text.h"
#include "config/config.h"
#include "inspect/check_impl.h"

static rb_status prepare(rb_check *c, const rb_actor *actor, rb_error *error)
{
    const size_t steps = (size_t)c->steps;
    const size_t picture =
        (size_t)actor->spec.screen_height * (size_t)actor->spec.screen_width * 3 + RB_CHECK_GUARD;
    c->actions = calloc(steps, sizeof *c->actions);
    c->first = calloc(steps, sizeof *c->first);
    c->other = calloc(steps, sizeof *c->other);
    c->times = calloc(steps, sizeof *c->times);
    c->picture = malloc(picture);
    c->again = malloc(picture);
    if (!c->actions || !c->first || !c->other || !c->times || !c->picture || !c->again)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to check an environment");
    rb_rng rng = rb_rng_stream(c->seed, RB_RNG_EXPLORE, 0);
    const int choices = actor->spec.actions;
    for (int i = 0; i < c->steps; i++) // each action once, then random ones
        c->actions[i] = i < choices ? i : (int32_t)rb_rng_below(&rng, (uint32_t)choices);
    return RB_OK;
}

// Some of Gymnasium's games, LunarLander for one, move something whenever they are drawn; its interface does
// not forbid it.
static void judge_pictures(rb_check *c, const rb_env_spec *spec)
{
    rb_fill *fill = &c->picture_fill;
    const bool gym = rb_text_starts(c->params->run.env, "gym/");
    const bool moves = gym && fill->changing && !fill->beyond && !fill->unwritten;
    if (!spec->screen_height)
        rb_check_say(c, RB_CHECK_ABSENT, "render", "no picture for people");
    else if (moves)
        rb_check_say(c, RB_CHECK_NOTE, "render", "complete; two calls in a row give different pictures");
    else
        rb_check_fill(c, "render", fill, (size_t)spec->screen_height * (size_t)spec->screen_width * 3,
                      "complete, and the same on a second call");
}

static void run_checks(rb_check *c, rb_actor *first, rb_actor *twin)
{
    rb_error error = {0};
    rb_check_describe(c, first);
    if (!rb_check_first(c, first)) return;
    rb_status status = rb_check_other(c, twin, true, &error);
    bool repeats = rb_check_twin(c, status, &error);
    if (!status) judge_pictures(c, &first->spec);
    if (repeats) {
        rb_check_states(c, twin);
        rb_check_bad_states(c);
        rb_check_concurrent(c);
    } else {
        rb_check_say(c, RB_CHECK_NOTE, "save and load",
                     "not tried, nor other checks that compare: games can't be repeated");
    }
    rb_check_resets(c, first);
}

static void drop(rb_check *c)
{
    for (int i = 0; i < RB_CHECK_STATES; i++) {
        rb_state_free(&c->states[i].state);
        rb_state_free(&c->states[i].after);
    }
    free(c->actions);
    free(c->first);
    free(c->other);
    free(c->times);
    free(c->picture);
    free(c->again);
    rb_arena_destroy(c->arena);
}

rb_status rb_check_env(const rb_config *config, int steps, rb_check_result *out, rb_error *error)
{
    const rb_params *params = &config->params;
    *out = (rb_check_result){.bytes_per_reset = NAN, .return_mean = NAN, .length_mean = NAN};
    out->return_min = out->return_max = NAN;
    rb_text_copy(out->env, sizeof out->env, params->run.env);
    rb_check c = {.params = params, .out = out, .seed = (uint64_t)params->run.seed, .steps = steps};
    if (steps < 1) return rb_error_set(error, RB_ERR_USAGE, "a check needs at least 1 step");
    if (!*params->run.env) return rb_error_set(error, RB_ERR_USAGE, "no environment was named");
    RB_CPU_FLUSH_DENORMALS; // as for environments that step in training
    rb_actor first = {0}, twin = {0};
    rb_status status = rb_arena_create(&c.arena, error);
    rb_check_doing(&c, "create");
    const double start = rb_clock_seconds();
    if (!status) status = rb_actor_open(&first, params, c.seed, c.arena, error);
    out->create_ms = (rb_clock_seconds() - start) * 1e3;
    if (!status) status = rb_actor_open(&twin, params, c.seed, c.arena, error);
    if (!status) status = prepare(&c, &first, error);
    if (!status) run_checks(&c, &first, &twin);
    rb_check_doing(&c, "destroy");
    rb_actor_close(&first);
    rb_actor_close(&twin);
    drop(&c);
    rb_check_doing(&c, "");
    return status;
}
