// Times environments alone: the vector as in `train`, with its pool, stacks and preprocessing, under random
// actions. No agent acts or learns.
//
// A game that ends restarts within the same step, as in training, so resets are included in the figures.
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/cpu_time.h"
#include "base/sort.h"
#include "config/config.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "rainbow/bench.h"

enum { PIECES_MOST = 1000 };
static const double piece_seconds =
    0.25; // per piece of a measurement; the median of the pieces ignores brief load

typedef struct bench {
    rb_arena *arena;
    rb_pool *pool;
    rb_vector *envs;
    rb_rng rng;
    int32_t *actions; // [count]
    int64_t steps, frames, games;
} bench;

static rb_status create(bench *b, const rb_params *p, int threads, rb_error *error)
{
    if (!*p->run.env) return rb_error_set(error, RB_ERR_USAGE, "no environment was named");
    rb_vector_spec spec = rb_vector_spec_make(p, (uint64_t)p->run.seed, (int)p->env.count);
    spec.threads = threads;
    b->rng = rb_rng_stream((uint64_t)p->run.seed, RB_RNG_EXPLORE, 0);
    rb_status status = rb_arena_create(&b->arena, error);
    if (!status) status = rb_pool_create(&b->pool, threads, error);
    if (!status) status = rb_vector_create(&b->envs, &spec, b->arena, error);
    if (!status) b->actions = RB_TAKE(b->arena, int32_t, spec.count);
    if (!status) status = rb_arena_check(b->arena, error);
    if (!status) status = rb_vector_reset(b->envs, error);
    return status;
}

static void destroy(bench *b)
{
    rb_vector_destroy(b->envs);
    rb_pool_destroy(b->pool);
    rb_arena_destroy(b->arena);
}

// Steps every environment once, with random actions.
static rb_status turn(bench *b, rb_error *error)
{
    const int count = rb_vector_count(b->envs);
    for (int i = 0; i < count; i++) b->actions[i] = rb_vector_random_action(b->envs, i, &b->rng);
    rb_vector_start(b->envs, b->pool, b->actions);
    rb_status status = rb_vector_wait(b->envs, b->pool, error);
    if (status) return status;
    const rb_vector_result *results = rb_vector_results(b->envs);
    for (int i = 0; i < count; i++) {
        b->frames += results[i].frames;
        b->games += results[i].game_over;
    }
    b->steps += count;
    return RB_OK;
}

// Takes turns for `seconds`, at least one; *end is the time after the last.
static rb_status turns(bench *b, double seconds, double *end, rb_error *error)
{
    const double start = rb_clock_seconds();
    rb_status status;
    do {
        status = turn(b, error);
        *end = rb_clock_seconds();
    } while (!status && *end - start < seconds);
    return status;
}

static rb_status measure(bench *b, double seconds, rb_bench_env_result *out, rb_error *error)
{
    double speeds[PIECES_MOST];
    int pieces = 0;
    rb_status status = RB_OK;
    b->steps = b->frames = b->games = 0;
    const rb_cpu_time cpu = rb_cpu_time_now();
    const double start = rb_clock_seconds();
    const double piece = fmax(piece_seconds, 2 * seconds / PIECES_MOST);
    double now = start;
    while (!status && now - start < seconds && pieces < PIECES_MOST) {
        const double before = now, left = seconds - (now - start);
        const int64_t steps = b->steps;
        status = turns(b, left < piece ? left : piece, &now, error);
        speeds[pieces++] = (double)(b->steps - steps) / (now - before);
    }
    const double wall = now - start;
    if (status) return status;
    const rb_cpu_shares shares = rb_cpu_shares_since(&cpu, wall, out->threads);
    rb_sort_ascending(speeds, pieces);
    out->steps = b->steps;
    out->frames = b->frames;
    out->games = b->games;
    out->seconds = wall;
    out->steps_per_second = (double)b->steps / wall;
    out->frames_per_second = (double)b->frames / wall;
    out->median_steps_per_second = speeds[pieces / 2];
    out->fastest_steps_per_second = speeds[pieces - 1];
    out->running_share = shares.running, out->queued_share = shares.queued;
    out->stolen_share = shares.stolen, out->waiting_share = shares.waiting;
    return RB_OK;
}

rb_status rb_bench_env(const rb_config *config, const rb_bench_env_options *options, rb_bench_env_result *out,
                       rb_error *error)
{
    *out = (rb_bench_env_result){0};
    if (!(options->seconds > 0) || !(options->warmup_seconds >= 0))
        return rb_error_set(error, RB_ERR_USAGE,
                            "the measured seconds must be above 0, and the warm-up's at least 0");
    const rb_params *p = &config->params;
    bench b = {0};
    out->threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
    out->environments = (int)p->env.count;
    snprintf(out->env, sizeof out->env, "%s", p->run.env);
    double now;
    rb_status status = create(&b, p, out->threads, error);
    if (!status) status = turns(&b, options->warmup_seconds, &now, error);
    if (!status) status = measure(&b, options->seconds, out, error);
    destroy(&b);
    return status;
}
