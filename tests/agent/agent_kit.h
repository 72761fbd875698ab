// For the agent's tests: an agent with everything it needs, and hand-made batches.
#ifndef RB_TESTS_AGENT_KIT_H
#define RB_TESTS_AGENT_KIT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "agent/agent.h"
#include "config/config.h"

typedef struct kit {
    rb_pool *pool;
    rb_arena *arena;
    rb_compute *compute;
    rb_agent *agent;
} kit;

// A small vector agent with every switch off; other parameters have the table's defaults.
static inline rb_agent_spec kit_spec(int planes, int actions)
{
    rb_config *config;
    rb_agent_spec spec = {.kind = RB_OBS_F32,
                          .planes = planes,
                          .height = 1,
                          .width = 1,
                          .actions = actions,
                          .streams = 8,
                          .seed = 5};
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    spec.agent = config->params.agent;
    spec.net = config->params.net;
    spec.explore = config->params.explore;
    spec.optim = config->params.optim;
    rb_config_destroy(config);
    strcpy(spec.net.mlp, "16");
    spec.net.hidden = 16;
    spec.agent.batch = 16;
    spec.agent.atoms = 11;
    spec.agent.v_min = -3, spec.agent.v_max = 3;
    spec.optim.kind = RB_OPTIM_ADAM;
    spec.optim.learning_rate = 0.01;
    spec.optim.epsilon = 1e-4;
    return spec;
}

static inline kit kit_open_with(const rb_agent_spec *spec, int threads, const char *kernels)
{
    kit k = {0};
    rb_error error = {0};
    assert_int_equal(rb_pool_create(&k.pool, threads, &error), RB_OK);
    assert_int_equal(rb_arena_create(&k.arena, &error), RB_OK);
    assert_int_equal(rb_compute_create(&k.compute, k.pool, kernels, false, k.arena, &error), RB_OK);
    if (rb_agent_create(&k.agent, spec, k.compute, k.arena, &error) != RB_OK) fail_msg("%s", error.message);
    return k;
}

static inline kit kit_open(const rb_agent_spec *spec, int threads)
{
    return kit_open_with(spec, threads, NULL);
}

static inline void kit_close(kit *k)
{
    rb_arena_destroy(k->arena);
    rb_pool_destroy(k->pool);
}

static inline uint64_t kit_hash(kit *k)
{
    rb_visitor *visitor;
    uint64_t hash = 0;
    assert_int_equal(rb_visitor_hash(&visitor, NULL), RB_OK);
    rb_agent_visit(k->agent, visitor);
    assert_int_equal(rb_visitor_finish(visitor, &hash, NULL), RB_OK);
    return hash;
}

static inline size_t kit_floats(const rb_agent_spec *spec)
{
    return (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
}

static inline rb_batch *kit_batch(const rb_agent_spec *spec) // free with kit_batch_free
{
    const size_t size = (size_t)spec->agent.batch;
    const size_t bytes = rb_obs_bytes(spec->kind, size * kit_floats(spec));
    rb_batch *b = calloc(1, sizeof *b);
    *b = (rb_batch){.size = (int)size,
                    .kind = spec->kind,
                    .planes = spec->planes,
                    .height = spec->height,
                    .width = spec->width,
                    .states = calloc(1, bytes),
                    .next_states = calloc(1, bytes),
                    .actions = calloc(size, 4),
                    .returns = calloc(size, 4),
                    .discounts = calloc(size, 4),
                    .weights = calloc(size, 4),
                    .tickets = calloc(size, 8),
                    .priorities = calloc(size, 4)};
    return b;
}

static inline void kit_batch_free(rb_batch *b)
{
    free(b->states), free(b->next_states), free(b->actions), free(b->returns), free(b->discounts),
        free(b->weights);
    free(b->tickets), free(b->priorities), free(b);
}

// Random floats, rewards and actions; every fourth sample is terminal.
static inline void kit_batch_fill(rb_batch *b, const rb_agent_spec *spec, bool weighted, uint64_t seed)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, 77);
    const size_t values = (size_t)b->size * kit_floats(spec);
    rb_rng_normal_fill(&rng, b->states, values);
    rb_rng_normal_fill(&rng, b->next_states, values);
    rb_rng_normal_fill(&rng, b->returns, (size_t)b->size);
    const float gamma_k = powf((float)spec->agent.gamma, (float)spec->agent.n_step);
    for (int i = 0; i < b->size; i++) {
        b->actions[i] = (int32_t)rb_rng_below(&rng, (uint32_t)spec->actions);
        b->discounts[i] = i % 4 == 3 ? 0 : gamma_k;
        b->weights[i] = weighted && i ? 0.1f + 0.9f * rb_rng_float(&rng) : 1;
    }
}

// All weights of a network in one array, for comparisons; free it with free().
static inline float *kit_weights(rb_net *net, size_t *count)
{
    *count = 0;
    rb_net_tensor info;
    for (int i = 0; i < rb_net_tensor_count(net); i++)
        rb_net_tensor_info(net, i, &info), *count += info.count;
    float *all = calloc(*count, sizeof *all), *at = all;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, &info);
        rb_net_tensor_get(net, i, at);
        at += info.count;
    }
    return all;
}

static inline bool kit_same_weights(rb_net *a, rb_net *b)
{
    size_t n, m;
    float *x = kit_weights(a, &n), *y = kit_weights(b, &m);
    const bool same = n == m && memcmp(x, y, n * sizeof *x) == 0;
    free(x), free(y);
    return same;
}

// The six switches from the bits of `mask`; bit 5 is importance weights, the agent's part of prioritised
// replay.
enum { DOUBLE = 1, DUELING = 2, CATEGORICAL = 4, NOISY = 8, N_STEP = 16, PRIORITISED = 32 };
static inline void kit_switches(rb_agent_spec *spec, int mask)
{
    spec->agent.double_q = mask & DOUBLE;
    spec->net.dueling = mask & DUELING;
    spec->agent.categorical = mask & CATEGORICAL;
    spec->net.noisy = mask & NOISY ? RB_NOISY_FACTORISED : RB_NOISY_OFF;
    spec->agent.n_step = mask & N_STEP ? 3 : 1;
}

// The heads and targets beside the switches, small enough for a test; kind 0 .. KIT_HEADS - 1.
enum { KIT_HEADS = 9 };
static inline void kit_head(rb_agent_spec *spec, int kind)
{
    static const int heads[] = {RB_HEAD_CATEGORICAL, RB_HEAD_SCALAR,   RB_HEAD_CATEGORICAL,
                                RB_HEAD_CATEGORICAL, RB_HEAD_QUANTILE, RB_HEAD_QUANTILE,
                                RB_HEAD_IMPLICIT,    RB_HEAD_IMPLICIT, RB_HEAD_IMPLICIT};
    static const bool munchausen[] = {false, true, true, true, false, true, false, true, true};
    spec->agent.head = heads[kind];
    spec->agent.munchausen = munchausen[kind];
    spec->agent.categorical_target =
        kind == 0 || kind == 3 ? RB_CATEGORICAL_HL_GAUSS : RB_CATEGORICAL_PROJECT;
    spec->agent.quantiles = 11;
    spec->agent.tau_samples = 6, spec->agent.tau_targets = 5, spec->agent.tau_values = 4;
    spec->net.cosines = kind == 8 ? 7 : 64;
}

// Dueling, noisy (factorised), with atoms.
static inline rb_agent_spec kit_noisy_spec(int planes, int actions)
{
    rb_agent_spec spec = kit_spec(planes, actions);
    kit_switches(&spec, DUELING | NOISY | CATEGORICAL);
    return spec;
}

// Q-values of the batch's first eight states, greedy or as used for acting during training: q [8][A].
static inline void kit_q(kit *k, const rb_batch *batch, bool greedy, float *q)
{
    rb_rng explore_rng[8];
    int32_t actions[8];
    for (int i = 0; i < 8; i++) explore_rng[i] = rb_rng_stream(1, RB_RNG_TEST, (uint64_t)i);
    if (greedy)
        rb_agent_act_greedy(k->agent, batch->states, NULL, 8, 0, explore_rng, actions, q);
    else
        rb_agent_act(k->agent, batch->states, NULL, 8, (double[8]){0}, explore_rng, actions, q);
}

#endif
