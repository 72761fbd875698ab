// Exports a network as a C file (rainbow/export.h). The agent plays, every observation goes through the
// network and through the loops of the file (c_run.h), and what differs is reported. The observation whose
// best action is clearest becomes the file's self-test, which another compiler's rounding must not fail.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/acting.h"
#include "base/file.h"
#include "base/text.h"
#include "env/contract.h"
#include "rollout/agent_spec.h"
#include "rollout/c_quantise.h"
#include "rollout/c_run.h"
#include "rollout/c_source.h"
#include "rollout/c_text.h"
#include "rollout/export_facts.h"
#include "rollout/game.h"

typedef struct comparison {
    const rb_c_plan *plan;
    float *scratch, *q, *clear_q; // clear_q: of the clearest observation so far
    void *clear_observation;
    float clearest;
    int clear_action;
    int64_t equal;
    bool broken; // a Q-value is not a number: nothing to compare with, and nothing to export
    rb_export_c_result *out;
} comparison;

// How much better the best action is than any other, relative to the largest value.
static float clearness(const float *q, int actions, int best)
{
    float gap = INFINITY, size = 1;
    for (int a = 0; a < actions; a++) {
        size = fmaxf(size, fabsf(q[a]));
        if (a != best) gap = fminf(gap, q[best] - q[a]);
    }
    return gap / size;
}

static size_t observation_bytes(const rb_c_plan *plan)
{
    return rb_obs_bytes(plan->bytes ? RB_OBS_U8 : RB_OBS_F32, (size_t)rb_c_plan_observation(plan));
}

static void compare(comparison *c, const rb_moment *moment)
{
    const int actions = c->plan->actions;
    rb_c_run(c->plan, moment->observation, c->scratch, c->q, NULL);
    const int best = rb_q_best(c->q, actions);
    c->equal += best == moment->greedy;
    for (int a = 0; a < actions; a++) {
        c->broken |= !isfinite(c->q[a]);
        c->out->q_difference = fmax(c->out->q_difference, fabs((double)c->q[a] - (double)moment->q[a]));
        c->out->q_largest = fmax(c->out->q_largest, fabs((double)moment->q[a]));
    }
    const float clear = clearness(c->q, actions, best);
    if (c->out->decisions++ && clear <= c->clearest) return;
    c->clearest = clear;
    c->clear_action = best;
    memcpy(c->clear_q, c->q, (size_t)actions * sizeof *c->q);
    memcpy(c->clear_observation, moment->observation, observation_bytes(c->plan));
}

static rb_status begin_games(rb_policy *p, rb_game **out, rb_error *error)
{
    const rb_game_spec spec = {.params = &p->config->params,
                               .agent = p->agent,
                               .pool = p->pool,
                               .epsilon = p->config->params.eval.epsilon,
                               .seed = (uint64_t)p->config->params.run.seed};
    return rb_game_create(out, &spec, error);
}

// Every second observation: neighbours are alike. A tenth of the actions are random, because the games of a
// good agent are too: weights that fit a few hundred states fit no others. The comparison sees later games.
static rb_status quantise(rb_policy *p, rb_c_plan *plan, rb_game *game, rb_error *error)
{
    const size_t each = observation_bytes(plan);
    const int wanted = rb_c_quantise_samples(plan);
    uint8_t *samples = rb_arena_take(p->arena, each * (size_t)wanted);
    rb_status status = rb_arena_check(p->arena, error);
    rb_game_set_epsilon(game, 0.1);
    for (int i = 0, count = 0; !status && count < wanted; i++) {
        const rb_moment *moment = rb_game_look(game);
        if (!moment->over && i % 2) memcpy(samples + each * (size_t)count++, moment->observation, each);
        status = rb_game_step(game, RB_GAME_OWN, error);
    }
    rb_game_set_epsilon(game, p->config->params.eval.epsilon);
    if (!status) status = rb_c_quantise(plan, samples, wanted, p->arena, error);
    return status;
}

static rb_status play(rb_game *game, comparison *c, int64_t decisions, rb_error *error)
{
    rb_status status = RB_OK;
    while (!status && c->out->decisions < decisions) {
        const rb_moment *moment = rb_game_look(game);
        if (!moment->over) compare(c, moment);
        status = rb_game_step(game, RB_GAME_OWN, error);
    }
    c->out->equal = (double)c->equal / (double)decisions;
    return status;
}

static rb_status make_comparison(comparison *c, rb_arena *arena, rb_error *error)
{
    const rb_c_plan *plan = c->plan;
    c->scratch = RB_TAKE(arena, float, plan->scratch);
    c->q = RB_TAKE(arena, float, plan->actions);
    c->clear_q = RB_TAKE(arena, float, plan->actions);
    c->clear_observation = RB_TAKE(arena, float, rb_c_plan_observation(plan));
    return rb_arena_check(arena, error);
}

static void say_agreement(char *out, size_t bytes, const rb_export_c_result *c)
{
    char decisions[32];
    rb_text_thousands(decisions, sizeof decisions, c->decisions);
    snprintf(
        out, bytes,
        "In %s decision%s of its games, %.4g %% of the actions were those of the program, and no Q-value "
        "differed by more than %.2g.",
        decisions, c->decisions == 1 ? "" : "s", 100 * c->equal, c->q_difference);
}

static rb_status write_file(const rb_policy *p, const comparison *c, const char *file, rb_error *error)
{
    char agreement[200], *text;
    size_t bytes;
    say_agreement(agreement, sizeof agreement, c->out);
    const rb_c_words words = {.name = c->out->name,
                              .env = p->config->params.run.env,
                              .action_names = p->action_names,
                              .step = p->step,
                              .agreement = agreement,
                              .observation = c->clear_observation,
                              .q = c->clear_q,
                              .action = c->clear_action};
    rb_status status = rb_c_source_make(c->plan, &words, &text, &bytes, error);
    if (!status) status = rb_file_write(file, text, bytes, error);
    free(text);
    return status;
}

static rb_status export_policy(rb_policy *p, const char *file, const rb_export_c_options *options,
                               rb_export_result *out, rb_export_c_result *c, rb_error *error)
{
    rb_c_plan *plan = RB_TAKE(p->arena, rb_c_plan, 1);
    rb_status status = rb_arena_check(p->arena, error);
    if (status) return status;
    const rb_net *net = rb_agent_online(p->agent);
    int atoms;
    const float *support = rb_agent_support(p->agent, &atoms);
    status = rb_c_plan_make(plan, net, p->stack, support, rb_agent_quantiles(p->agent), p->arena, error);
    if (status) return status;
    plan->black_start = p->config->params.env.stack_start == RB_STACK_BLACK;
    comparison compared = {.plan = plan, .out = c};
    rb_game *game;
    status = begin_games(p, &game, error);
    if (!status && options->int8) status = quantise(p, plan, game, error);
    if (!status) status = make_comparison(&compared, p->arena, error);
    if (!status) status = play(game, &compared, options->decisions, error);
    rb_game_destroy(game);
    if (!status && compared.broken)
        status =
            rb_error_set(error, RB_ERR_NUMBER,
                         "%s: its Q-values are not all finite, so there is nothing to export", p->checkpoint);
    if (!status) status = write_file(p, &compared, file, error);
    if (status) return status;
    const double number = plan->bytes ? 1 : sizeof(float);
    c->constant_bytes = rb_c_plan_constant_bytes(plan);
    c->scratch_bytes = (double)plan->scratch * sizeof(float);
    c->stack_bytes = p->stack > 1 ? (double)rb_c_plan_observation(plan) * number + sizeof(int32_t) : 0;
    int64_t shape[3];
    out->dims = 1 + rb_observation_shape(shape, plan->planes, plan->height, plan->width, p->stack);
    for (int d = 1; d < out->dims; d++) out->shape[d] = (int)shape[d - 1];
    out->floats = !plan->bytes;
    out->numbers = rb_export_numbers(net, false);
    rb_export_describe(out, p, file);
    return RB_OK;
}

rb_status rb_export_c(const char *path, const char *file, const rb_export_c_options *options,
                      rb_export_result *out, rb_export_c_result *c, rb_error *error)
{
    rb_policy p = {0};
    *out = (rb_export_result){0};
    *c = (rb_export_c_result){0};
    if (options->name && !rb_c_name_fits(options->name))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "the name %s must be letters, digits and underscores, at most %d, and begin with a "
            "letter, because it begins every name in the file",
            options->name, RB_EXPORT_NAME_MAX - 1);
    if (options->decisions < 1)
        return rb_error_set(error, RB_ERR_USAGE, "%" PRId64 " decisions: must be at least 1",
                            options->decisions);
    if (options->name)
        rb_text_copy(c->name, sizeof c->name, options->name);
    else
        rb_c_name_of(c->name, file);
    rb_status status = rb_policy_open(&p, path, 1, 1, error);
    if (!status) status = export_policy(&p, file, options, out, c, error);
    rb_policy_close(&p);
    return status;
}
