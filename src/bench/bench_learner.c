// Times only the learner's update, on synthetic transitions: what a preset's network, losses and optimiser
// cost on this machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/sort.h"
#include "config/config.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "learner/device_spec.h"
#include "rainbow/bench.h"
#include "rollout/agent_spec.h"
#include "rollout/compute_spec.h"

// A batch as replay would return it, filled with random numbers.
static rb_status make_batch(rb_batch *batch, const rb_agent_spec *spec, rb_arena *arena, rb_error *error)
{
    int size = (int)spec->agent.batch;
    // A sample is one piece, or with a vector one for each frame, whose vector stays zero.
    const size_t values = (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
    const size_t pieces = (size_t)size * (size_t)(spec->vector ? spec->frames : 1);
    const size_t numbers = values / (size_t)(spec->vector ? spec->frames : 1);
    const size_t piece = rb_obs_bytes(spec->kind, numbers) + (size_t)spec->vector * sizeof(float);
    const size_t bytes = pieces * piece;
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
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    for (int which = 0; which < 2; which++) {
        uint8_t *to = which ? batch->next_states : batch->states;
        for (size_t i = 0; i < pieces * numbers; i++) {
            uint8_t *at = to + i / numbers * piece;
            if (spec->kind == RB_OBS_U8)
                at[i % numbers] = (uint8_t)rb_rng_u32(&rng);
            else
                ((float *)at)[i % numbers] = rb_rng_float(&rng);
        }
    }
    for (int i = 0; i < size; i++) {
        batch->actions[i] = (int32_t)rb_rng_below(&rng, (uint32_t)spec->actions);
        batch->returns[i] = rb_rng_float(&rng);
        batch->discounts[i] = 0.97f;
        batch->weights[i] = 1;
    }
    return RB_OK;
}

// The spec of the settings' environment; without one, `shape`, or an Atari game's shape: four frames of 84 x
// 84 and six actions.
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
        rb_vector_spec look = rb_vector_spec_make(p, 0, 1);
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

typedef struct bench {
    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;
    rb_device *device;
    rb_agent *agent;
    rb_agent_spec spec;
    rb_batch batch;
} bench;

static rb_status open_bench(bench *b, const rb_config *config, const rb_bench_learner_options *options,
                            int threads, rb_error *error)
{
    const bool bf16 = config->params.compute.precision == RB_PRECISION_BF16;
    rb_status status = rb_arena_create(&b->arena, error);
    if (!status) status = rb_pool_create(&b->pool, threads, error);
    if (!status && options->kernels)
        status = rb_compute_create(&b->compute, b->pool, options->kernels, bf16, b->arena, error);
    if (!status && !options->kernels) status = rb_device_make(&b->device, &config->params, error);
    const rb_compute_params beside = rb_beside_device(&config->params.compute, b->device);
    if (!status && !options->kernels)
        status = rb_compute_make(&b->compute, &beside, b->pool, b->arena, error);
    if (!status && b->device && options->profile)
        status = rb_error_set(error, RB_ERR_USAGE,
                              "compute.device = %.200s: a profile shows the phases of an update on the "
                              "processor; set it to cpu",
                              config->params.compute.device);
    if (!status) status = make_spec(&b->spec, &config->params, &options->shape, b->arena, error);
    b->spec.device = b->device;
    if (!status) status = rb_agent_create(&b->agent, &b->spec, b->compute, b->arena, error);
    return status ? status : make_batch(&b->batch, &b->spec, b->arena, error);
}

// Runs updates as in training: the end of one overlaps the beginning of the next.
static rb_status update(bench *b, double *ms, rb_error *error)
{
    rb_learned learned;
    const double start = rb_clock_seconds();
    rb_status status = rb_agent_learn_gradient(b->agent, &b->batch, &learned, error);
    if (!status) rb_agent_learn_apply(b->agent);
    *ms = 1e3 * (rb_clock_seconds() - start);
    return status;
}

// --- profile ---

typedef struct samples { // [phase][update] in ms; the last phase is the rest
    double *ms[RB_BENCH_PHASES];
    double *row; // for one update
    rb_profile profile;
} samples;

static void keep(samples *s, int i, double whole)
{
    for (int k = 0; k < s->profile.count; k++) {
        s->ms[k][i] = 1e3 * s->profile.phase[k].seconds;
        whole -= s->ms[k][i];
        s->profile.phase[k].seconds = 0;
        if (i > 0) continue; // every update is the same
        s->row[2 * k] = s->profile.phase[k].products, s->row[2 * k + 1] = s->profile.phase[k].bytes;
    }
    s->ms[RB_BENCH_PHASES - 1][i] = whole;
}

static rb_bench_phase summary(const char *name, double *ms, int updates)
{
    rb_bench_phase phase;
    snprintf(phase.name, sizeof phase.name, "%s", name);
    rb_sort_ascending(ms, updates);
    phase.median_ms = ms[updates / 2], phase.min_ms = ms[0];
    phase.arithmetic_share = phase.memory_share = 0;
    return phase;
}

static rb_status profile(bench *b, int updates, rb_bench_learner_result *out, rb_error *error)
{
    samples s = {.row = RB_TAKE(b->arena, double, 2 * RB_BENCH_PHASES)};
    for (int k = 0; k < RB_BENCH_PHASES; k++) s.ms[k] = RB_TAKE(b->arena, double, updates);
    double products, bytes, whole = 0;
    rb_status status = rb_arena_check(b->arena, error);
    if (!status) status = rb_compute_ceilings(b->compute, &products, &bytes, error);
    rb_agent_learn_finish(b->agent);
    rb_compute_profile(b->compute, &s.profile);
    for (int i = 0; !status && i < updates; i++) {
        status = update(b, &whole, error);
        keep(&s, i, whole);
    }
    rb_compute_profile(b->compute, NULL);
    if (status) return status;
    out->peak_gflops = 2e-9 * products, out->memory_gbytes = 1e-9 * bytes;
    for (int k = 0; k < s.profile.count && k < RB_BENCH_PHASES - 1; k++) {
        rb_bench_phase *phase = &out->phase[out->phases++];
        *phase = summary(s.profile.phase[k].name, s.ms[k], updates);
        const double arithmetic_ms = 1e3 * s.row[2 * k] / products,
                     memory_ms = 1e3 * s.row[2 * k + 1] / bytes;
        phase->arithmetic_share = arithmetic_ms / phase->median_ms;
        phase->memory_share = memory_ms / phase->median_ms;
        out->arithmetic_ms += arithmetic_ms, out->memory_ms += memory_ms;
    }
    out->phase[out->phases++] = summary("everything else", s.ms[RB_BENCH_PHASES - 1], updates);
    return RB_OK;
}

enum { TURNS = 15, SPINS_EACH = 3 }; // of updates and the ceiling of arithmetic
static const double turn_ms = 30;    // of updates, at least

// How often an update could have been computed at best in the time that it took. Other programs and the
// processor's clock slow both in the same way, if they alternate; memory has the ceiling measured before.
static rb_status compare(bench *b, rb_bench_learner_result *out, rb_error *error)
{
    double ratio[TURNS], unused;
    rb_status status = RB_OK;
    const double at_best = 1e9 * out->peak_gflops / 2; // products per second, of which arithmetic_ms is made
    const int each = out->median_ms < turn_ms ? (int)(turn_ms / out->median_ms) + 1 : 1;
    out->turns = out->updates < TURNS ? out->updates : TURNS;
    double before = rb_compute_arithmetic(b->compute, SPINS_EACH);
    for (int turn = 0; !status && turn < out->turns; turn++) {
        const double start = rb_clock_seconds();
        for (int i = 0; !status && i < each; i++) status = update(b, &unused, error);
        rb_agent_learn_finish(b->agent);
        const double ms = 1e3 * (rb_clock_seconds() - start) / each;
        const double after = rb_compute_arithmetic(b->compute, SPINS_EACH);
        ratio[turn] = ms / (out->arithmetic_ms * at_best / ((before + after) / 2) + out->memory_ms);
        before = after;
    }
    rb_sort_ascending(ratio, out->turns);
    out->times_floor = ratio[out->turns / 2];
    out->times_floor_least = ratio[0], out->times_floor_most = ratio[out->turns - 1];
    return status;
}

static void describe(const bench *b, rb_bench_learner_result *out)
{
    const rb_agent_spec *spec = &b->spec;
    out->parameters = rb_net_parameters(rb_agent_online(b->agent));
    snprintf(out->kernels, sizeof out->kernels, "%s",
             rb_computed_by(b->device, rb_compute_kernels(b->compute)));
    const rb_net_spec *net = rb_net_spec_of(rb_agent_online(b->agent));
    char fractions[48] = "";
    if (net->cosines) snprintf(fractions, sizeof fractions, " at %d fractions", (int)spec->agent.tau_samples);
    snprintf(out->network, sizeof out->network, "%d x %d x %d, batch %d, %d actions, %d outputs each%s%s%s",
             spec->planes, spec->height, spec->width, b->batch.size, spec->actions, net->outputs, fractions,
             spec->net.dueling ? ", dueling" : "", spec->net.noisy ? ", noisy" : "");
}

rb_status rb_bench_learner(const rb_config *config, const rb_bench_learner_options *options,
                           rb_bench_learner_result *out, rb_error *error)
{
    if (options->updates < 1 || options->warmup < 0 || options->threads < 0)
        return rb_error_set(error, RB_ERR_USAGE,
                            "a benchmark needs at least 1 update, and no negative numbers");
    const int named = options->threads ? options->threads : (int)config->params.compute.threads;
    const int threads = named ? named : rb_cpu_get()->cores, updates = options->updates;
    *out = (rb_bench_learner_result){.threads = threads, .updates = updates};
    bench b = {0};
    RB_CPU_FLUSH_DENORMALS;
    rb_status status = open_bench(&b, config, options, threads, error);
    double *ms = status ? NULL : RB_TAKE(b.arena, double, updates), unused;
    if (!status) status = rb_arena_check(b.arena, error);
    for (int i = -options->warmup; !status && i < updates; i++)
        status = update(&b, i < 0 ? &unused : &ms[i], error);
    if (!status) {
        rb_sort_ascending(ms, updates);
        out->median_ms = ms[updates / 2], out->min_ms = ms[0], out->max_ms = ms[updates - 1];
        describe(&b, out);
        if (options->profile) status = profile(&b, updates, out, error);
        if (options->profile && !status) status = compare(&b, out, error);
    }
    if (b.agent) rb_agent_learn_finish(b.agent);
    rb_device_destroy(b.device);
    rb_pool_destroy(b.pool);
    rb_arena_destroy(b.arena);
    return status;
}
