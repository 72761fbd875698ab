// Times the learner's update, and nothing else, on made-up transitions: what a preset's network, losses and
// optimiser cost on this machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/sort.h"
#include "config/config.h"
#include "env/vector.h"
#include "rainbow/run.h"
#include "train/agent_spec.h"

// A batch as replay would hand it over, filled with dice.
static rb_status make_batch(rb_batch *batch, const rb_agent_spec *spec, rb_arena *arena, rb_error *error)
{
    int size = (int)spec->agent.batch;
    size_t values = (size_t)size * (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
    size_t bytes = values * (spec->kind == RB_OBS_U8 ? 1 : sizeof(float));
    *batch = (rb_batch){.size = size,
                        .kind = spec->kind,
                        .planes = spec->planes,
                        .height = spec->height,
                        .width = spec->width,
                        .states = rb_arena_take(arena, bytes),
                        .next_states = rb_arena_take(arena, bytes),
                        .actions = RB_TAKE(arena, int32_t, size),
                        .returns = RB_TAKE(arena, float, size),
                        .discounts = RB_TAKE(arena, float, size),
                        .weights = RB_TAKE(arena, float, size),
                        .tickets = RB_TAKE(arena, uint64_t, size),
                        .priorities = RB_TAKE(arena, float, size)};
    rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    rb_rng dice = rb_rng_stream(1, RB_RNG_TEST, 0);
    for (int which = 0; which < 2; which++) {
        void *to = which ? batch->next_states : batch->states;
        for (size_t i = 0; i < values; i++) {
            if (spec->kind == RB_OBS_U8)
                ((uint8_t *)to)[i] = (uint8_t)rb_rng_u32(&dice);
            else
                ((float *)to)[i] = rb_rng_float(&dice);
        }
    }
    for (int i = 0; i < size; i++) {
        batch->actions[i] = (int32_t)rb_rng_below(&dice, (uint32_t)spec->actions);
        batch->returns[i] = rb_rng_float(&dice);
        batch->discounts[i] = 0.97f;
        batch->weights[i] = 1;
    }
    return RB_OK;
}

// The settings' environment; without one `shape`, or an Atari game's: four frames of 84 x 84 and six actions.
static rb_status make_spec(rb_agent_spec *spec, const rb_params *p, const rb_bench_shape *shape,
                           rb_arena *arena, rb_error *error)
{
    rb_env_spec env = {.kind = RB_OBS_U8, .channels = 1, .height = 84, .width = 84, .stack = 4, .actions = 6};
    int stack = p->env.stack ? (int)p->env.stack : env.stack;
    if (shape->planes) {
        env = (rb_env_spec){.kind = RB_OBS_U8,
                            .channels = shape->planes,
                            .height = shape->height,
                            .width = shape->width,
                            .actions = shape->actions};
        stack = 1;
    }
    if (*p->run.env) {
        rb_vector_spec look = {
            .name = p->run.env, .env = p->env, .atari = p->atari, .purpose = RB_RNG_ENV, .count = 1};
        rb_vector *envs;
        rb_status status = rb_vector_create(&envs, &look, arena, error);
        if (status) return status;
        env = *rb_vector_env_spec(envs);
        stack = rb_vector_stack(envs);
        rb_vector_destroy(envs);
    }
    *spec = rb_agent_spec_make(p, &env, stack, 1);
    return RB_OK;
}

rb_status rb_bench_learner(const rb_config *config, const rb_bench_learner_options *options,
                           rb_bench_learner_result *out, rb_error *error)
{
    if (options->updates < 1 || options->warmup < 0 || options->threads < 0)
        return rb_error_set(error, RB_ERR_USAGE,
                            "a benchmark takes at least 1 update, and no negative numbers");
    int threads = options->threads ? options->threads : rb_cpu_get()->cores;
    rb_arena *arena = NULL;
    rb_pool *pool = NULL;
    rb_compute *compute;
    rb_agent *agent;
    rb_agent_spec spec;
    rb_batch batch;
    rb_cpu_flush_denormals();
    rb_status status = rb_arena_create(&arena, error);
    if (!status) status = rb_pool_create(&pool, threads, error);
    if (!status)
        status = rb_compute_create(&compute, pool, options->kernels,
                                   config->params.compute.precision == RB_PRECISION_BF16, arena, error);
    if (!status) status = make_spec(&spec, &config->params, &options->shape, arena, error);
    if (!status) status = rb_agent_create(&agent, &spec, compute, arena, error);
    if (!status) status = make_batch(&batch, &spec, arena, error);
    double *ms = status ? NULL : RB_TAKE(arena, double, options->updates);
    if (!status) status = rb_arena_check(arena, error);
    for (int i = -options->warmup; !status && i < options->updates; i++) {
        rb_learned learned;
        double start = rb_clock_seconds();
        status = rb_agent_learn_gradient(agent, &batch, &learned, error);
        if (!status) rb_agent_learn_apply(agent);
        if (i >= 0) ms[i] = 1e3 * (rb_clock_seconds() - start);
    }
    if (!status) {
        rb_sort_ascending(ms, options->updates);
        *out = (rb_bench_learner_result){.threads = threads,
                                         .updates = options->updates,
                                         .parameters = rb_net_parameters(rb_agent_online(agent)),
                                         .median_ms = ms[options->updates / 2],
                                         .min_ms = ms[0],
                                         .max_ms = ms[options->updates - 1]};
        snprintf(out->kernels, sizeof out->kernels, "%s", rb_compute_kernels(compute));
        snprintf(out->network, sizeof out->network, "%d x %d x %d, batch %d, %d actions, %d outputs each%s%s",
                 spec.planes, spec.height, spec.width, batch.size, spec.actions,
                 spec.agent.categorical ? (int)spec.agent.atoms : 1, spec.net.dueling ? ", dueling" : "",
                 spec.net.noisy ? ", noisy" : "");
    }
    rb_pool_destroy(pool);
    rb_arena_destroy(arena);
    return status;
}
