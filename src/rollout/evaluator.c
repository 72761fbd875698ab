#include "rollout/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/sort.h"
#include "env/vector_spec.h"

enum { MOST_WIDTH = 8 };

int rb_evaluator_width(int64_t episodes)
{
    return episodes < MOST_WIDTH ? (int)episodes : MOST_WIDTH;
}

static rb_status summarise(rb_eval_result *out, rb_error *error)
{
    int n = out->episodes;
    double *sorted = malloc(sizeof *sorted * (size_t)n), sum = 0, squares = 0;
    if (!sorted) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the scores of %d games", n);
    memcpy(sorted, out->returns, sizeof *sorted * (size_t)n);
    rb_sort_ascending(sorted, n);
    for (int i = 0; i < n; i++) sum += out->returns[i];
    out->mean = sum / n;
    for (int i = 0; i < n; i++) squares += (out->returns[i] - out->mean) * (out->returns[i] - out->mean);
    out->std = sqrt(squares / n);
    out->min = sorted[0];
    out->max = sorted[n - 1];
    out->median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    free(sorted);
    return RB_OK;
}

// Games are numbered as they are started, and exactly `episodes` are started and counted. None is left out,
// regardless of the order in which they end, so long games are not under-represented. An environment that has
// no more game to play is idle.
static rb_status play(const rb_evaluation *e, rb_vector *envs, rb_rng *explore_rng, int32_t *actions,
                      float *q, int *game, rb_eval_result *out, rb_error *error)
{
    int width = rb_vector_count(envs), started = 0, ended = 0;
    int64_t steps = 0;
    const double start = rb_clock_seconds();
    for (int i = 0; i < width; i++) game[i] = started++;
    if (rb_vector_reset(envs, error)) return error ? error->status : RB_ERR_ENV;
    while (ended < e->episodes) {
        if (e->stop && *e->stop) return rb_error_set(error, RB_INTERRUPTED, "interrupted");
        rb_agent_act_greedy(e->agent, rb_vector_observations(envs), rb_vector_masks(envs), width, e->epsilon,
                            explore_rng, actions, q);
        for (int i = 0; i < width; i++)
            if (game[i] < 0) actions[i] = RB_VECTOR_REST;
        for (int w = 0; w < e->watch_count; w++)
            e->watches[w].decision(e->watches[w].context, envs, game, q, actions);
        rb_vector_start(envs, e->pool, actions);
        rb_status status = rb_vector_wait(envs, e->pool, error);
        if (status) return status;
        const rb_vector_result *results = rb_vector_results(envs);
        for (int i = 0; i < width; i++) steps += game[i] >= 0;
        if (e->count) e->count(e->counter, ended, e->episodes, steps, rb_clock_seconds() - start);
        for (int i = 0; i < width; i++) {
            if (game[i] < 0 || !results[i].game_over) continue;
            out->cut += out->fallback && results[i].truncated && results[i].game_steps == out->limit_steps;
            out->returns[game[i]] = results[i].game_return;
            out->lengths[game[i]] = results[i].game_steps;
            for (int w = 0; w < e->watch_count; w++)
                if (e->watches[w].ended) e->watches[w].ended(e->watches[w].context, envs, i, game[i]);
            ended++;
            game[i] = started < e->episodes ? started++ : -1;
        }
    }
    return RB_OK;
}

rb_status rb_evaluator_play(const rb_evaluation *e, rb_eval_result *out, rb_error *error)
{
    double start = rb_clock_seconds();
    int width = rb_evaluator_width(e->episodes);
    out->episodes = e->episodes;
    out->returns = calloc((size_t)e->episodes, sizeof *out->returns);
    out->lengths = calloc((size_t)e->episodes, sizeof *out->lengths);
    rb_arena *arena = NULL;
    rb_vector *envs = NULL;
    rb_status status =
        out->returns && out->lengths
            ? rb_arena_create(&arena, error)
            : rb_error_set(error, RB_ERR_MEMORY, "no memory for the scores of %d games", e->episodes);

    rb_vector_spec spec = rb_vector_spec_make_games(e->params, e->seed, RB_RNG_EVAL_ENV, width);
    spec.threads = rb_pool_threads(e->pool);
    spec.log = e->log;
    spec.stop = e->stop;
    spec.first_index = (uint64_t)e->number * MOST_WIDTH;
    spec.screens = e->screens;
    spec.keep_screens = e->last_screens;
    if (e->params->eval.max_episode_steps)
        spec.settings.env.max_episode_steps = e->params->eval.max_episode_steps;
    spec.fallback_limit_steps = RB_EVAL_FALLBACK_LIMIT_STEPS;
    if (!status) status = rb_vector_create(&envs, &spec, arena, error);
    if (!status) {
        const rb_env_spec *env = rb_vector_env_spec(envs);
        out->limit_steps = rb_vector_limit_steps(envs);
        out->fallback = out->limit_steps && !spec.settings.env.max_episode_steps && !env->max_episode_steps;
        rb_rng *explore_rng = RB_TAKE(arena, rb_rng, width);
        int32_t *actions = RB_TAKE(arena, int32_t, width);
        int *game = RB_TAKE(arena, int, width);
        float *q = RB_TAKE(arena, float, width *rb_vector_env_spec(envs)->actions);
        status = rb_arena_check(arena, error);
        for (int i = 0; !status && i < width; i++)
            explore_rng[i] = rb_rng_stream(e->seed, RB_RNG_EVAL, spec.first_index + (uint64_t)i);
        for (int w = 0; !status && w < e->watch_count; w++)
            if (e->watches[w].begin) status = e->watches[w].begin(e->watches[w].context, envs, error);
        if (!status) status = play(e, envs, explore_rng, actions, q, game, out, error);
    }
    rb_vector_destroy(envs);
    rb_arena_destroy(arena);
    if (!status) status = summarise(out, error);
    if (status) rb_eval_result_free(out);
    out->seconds = rb_clock_seconds() - start;
    return status;
}

void rb_eval_result_free(rb_eval_result *result)
{
    free(result->returns);
    free(result->lengths);
    result->returns = NULL;
    result->lengths = NULL;
}
