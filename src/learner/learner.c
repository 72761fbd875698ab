// A learner is made, looked at and destroyed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/text.h"
#include "env/contract.h"
#include "learner/device_spec.h"
#include "learner/learner_impl.h"
#include "learner/learner_spec.h"
#include "learner/replay_spec.h"
#include "rollout/agent_spec.h"
#include "rollout/compute_spec.h"

// ---- one thread at a time

rb_status rb_learner_enter(int *busy, rb_entered *entered, rb_error *error)
{
    if (__atomic_exchange_n(busy, 1, __ATOMIC_ACQUIRE))
        return rb_error_set(error, RB_ERR_USAGE,
                            "another thread is using this learner; one thread at a time may, so give each "
                            "thread its own learner, or take turns");
    entered->denormals = rb_cpu_flush_denormals();
    return RB_OK;
}

void rb_learner_leave(int *busy, const rb_entered *entered)
{
    rb_cpu_restore_mode(&entered->denormals);
    __atomic_store_n(busy, 0, __ATOMIC_RELEASE);
}

// ---- made

static rb_status spec_check(const rb_learner_spec *spec, rb_error *error)
{
    const rb_env_class nothing = {0};
    rb_env_spec env = rb_learner_env_spec(spec);
    env.masks = false; // the class has no function that gives them
    if (spec->streams < 0 || spec->streams > RB_LEARNER_STREAMS_MOST)
        return rb_error_set(error, RB_ERR_USAGE,
                            "the learner's spec: it has %d streams: must be from 1 to %d", spec->streams,
                            RB_LEARNER_STREAMS_MOST);
    rb_error why = {0};
    if (rb_env_spec_check(&nothing, &env, &why))
        return rb_error_set(error, RB_ERR_USAGE, "the learner's spec: %s", why.message);
    return RB_OK;
}

// The sizes, before anything large is taken.
static rb_status memory_check(const rb_params *p, const rb_replay_spec *replay, const rb_agent_spec *agent,
                              int threads, rb_error *error)
{
    const double frames = rb_replay_spec_bytes(p, replay), network = (double)rb_agent_bytes(agent, threads),
                 available = rb_cpu_memory_available();
    if (frames + network <= available) return RB_OK;
    char frames_text[32], network_text[32], available_text[32];
    rb_text_bytes(frames_text, sizeof frames_text, frames);
    rb_text_bytes(network_text, sizeof network_text, network);
    rb_text_bytes(available_text, sizeof available_text, available);
    return rb_error_set(error, RB_ERR_MEMORY,
                        "this learner needs %s of memory for replay (replay.capacity = %lld) and %s for its "
                        "network, and the machine has %s free",
                        frames_text, (long long)replay->params.capacity, network_text, available_text);
}

static rb_status rollout_check(const rb_learner *l, rb_error *error)
{
    if (!l->params->agent.rollout_steps || !l->manual) return RB_OK;
    return rb_error_set(
        error, RB_ERR_USAGE,
        "the learner's spec: it is manual, but with agent.rollout_steps = %lld a learner learns by "
        "itself, whenever a rollout is complete: set `manual` to false",
        (long long)l->params->agent.rollout_steps);
}

static void learned(void *context, const rb_learned *learned)
{
    rb_learner *l = context;
    l->loss = (double)learned->loss;
    l->q_mean = (double)learned->q_mean;
}

static rb_status build(rb_learner *l, rb_error *error)
{
    const rb_params *p = l->params;
    const int threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
    const rb_replay_spec replay = rb_replay_spec_make(p, &l->env, l->stack);
    rb_agent_spec agent = rb_agent_spec_make(p, &l->env, l->stack, l->count);
    rb_status status = memory_check(p, &replay, &agent, threads, error);
    if (!status) status = rb_arena_create(&l->arena, error);
    if (!status) status = rb_pool_create(&l->pool, threads, error);
    if (!status) status = rb_device_make(&l->device, p, error);
    const rb_compute_params beside = rb_beside_device(&p->compute, l->device);
    agent.device = l->device;
    if (!status) status = rb_compute_make(&l->compute, &beside, l->pool, l->arena, error);
    if (!status) status = rb_replay_create(&l->replay, &replay, l->arena, error);
    if (!status) status = rb_agent_create(&l->agent, &agent, l->compute, l->arena, error);
    if (!status) status = rb_learning_init(&l->learning, p, l->agent, l->replay, l->arena, error);
    if (status) return status;
    l->learning.context = l;
    l->learning.learned = learned;
    const size_t stacks = (size_t)l->count * (size_t)l->stack * l->frame_bytes;
    l->streams = RB_TAKE(l->arena, rb_stream, l->count);
    l->stacks = rb_arena_take(l->arena, stacks);
    l->gathered = rb_arena_take(l->arena, stacks);
    if (l->env.masks) l->masks = RB_TAKE(l->arena, uint8_t, l->count * l->env.actions);
    if (l->env.masks) l->gathered_masks = RB_TAKE(l->arena, uint8_t, l->count * l->env.actions);
    l->all = RB_TAKE(l->arena, int, l->count);
    l->explore_rng = RB_TAKE(l->arena, rb_rng, l->count);
    l->epsilon = RB_TAKE(l->arena, double, l->count);
    if (p->agent.rollout_steps) l->q = RB_TAKE(l->arena, float, l->count * l->env.actions);
    status = rb_arena_check(l->arena, error);
    if (status) return status;
    for (int i = 0; i < l->count; i++) {
        l->all[i] = i;
        l->streams[i].explore_rng = rb_rng_stream((uint64_t)p->run.seed, RB_RNG_EXPLORE, (uint64_t)i);
    }
    return RB_OK;
}

static void describe(rb_learner *l, const rb_learner_spec *spec)
{
    rb_params *params = &l->config->params;
    l->params = params;
    l->count = spec->streams ? spec->streams : 1;
    params->env.count = l->count; // a learner's streams are a run's environments
    l->manual = spec->manual;
    l->env = rb_learner_env_spec(spec);
    if (params->env.stack) l->env.stack = (int)params->env.stack;
    l->stack = l->env.stack;
    rb_action_names(l->action_names, sizeof l->action_names, &l->env);
    l->env.action_names = NULL; // they are the caller's
    l->frame_bytes = rb_env_frame_bytes(&l->env);
    l->loss = l->q_mean = NAN;
}

rb_status rb_learner_make(rb_learner **out, rb_config *config, const rb_learner_spec *spec, rb_error *error)
{
    rb_learner *l = calloc(1, sizeof *l);
    *out = NULL;
    if (!l) {
        rb_config_destroy(config);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for a learner");
    }
    l->config = config;
    rb_status status = spec_check(spec, error);
    if (!status) {
        rb_entered entered = {.denormals = rb_cpu_flush_denormals()};
        describe(l, spec);
        status = rb_config_check(config, error);
        if (!status) status = rollout_check(l, error);
        if (!status) status = build(l, error);
        rb_cpu_restore_mode(&entered.denormals);
    }
    if (status)
        rb_learner_destroy(l);
    else
        *out = l;
    return status;
}

rb_status rb_learner_create(rb_learner **out, const rb_config *config, const rb_learner_spec *spec,
                            rb_error *error)
{
    rb_config *own;
    *out = NULL;
    const rb_status status = rb_config_copy(&own, config, error);
    return status ? status : rb_learner_make(out, own, spec, error);
}

void rb_learner_destroy(rb_learner *l)
{
    if (!l) return;
    if (l->agent) rb_agent_learn_finish(l->agent);
    rb_device_destroy(l->device);
    rb_pool_destroy(l->pool);
    rb_arena_destroy(l->arena);
    rb_config_destroy(l->config);
    free(l);
}

// ---- looked at

void rb_learner_describe(const rb_learner *l, rb_learner_spec *out)
{
    *out = rb_learner_spec_of(&l->env, l->stack, l->count, l->manual);
}

void rb_learner_get(const rb_learner *l, rb_learner_stats *out)
{
    const int64_t last = l->returns_count < RB_LEARNER_RETURNS ? l->returns_count : RB_LEARNER_RETURNS;
    double sum = 0;
    for (int64_t i = 0; i < last; i++) sum += l->returns[i];
    *out = (rb_learner_stats){.steps = l->step,
                              .episodes = l->episodes,
                              .updates = (int64_t)rb_agent_updates(l->agent),
                              .replay_size = rb_replay_size(l->replay),
                              .replay_capacity = rb_replay_capacity(l->replay),
                              .epsilon = rb_agent_epsilon(l->agent, l->step),
                              .return_mean = last ? sum / (double)last : NAN,
                              .loss = l->loss,
                              .q_mean = l->q_mean};
}

const rb_config *rb_learner_config(const rb_learner *l)
{
    return l->config;
}

// Whether a learner reads the parameter.
static bool reads(const char *key)
{
    static const char *const groups[] = {"replay.", "net.", "agent.", "explore.", "optim.", "compute."},
                             *const keys[] = {"run.seed",         "run.max_steps",   "run.preset",
                                              "env.stack",        "env.stack_start", "env.reward",
                                              "env.reward_scale", "env.normalise",   "env.normalise_clip"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (rb_text_starts(key, groups[i])) return true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(key, keys[i])) return true;
    return false;
}

void rb_learner_advice(const rb_config *config, void (*say)(void *context, const char *sentence),
                       void *context)
{
    rb_config_unused(config, say, context);
    for (int i = 0; i < rb_param_count(); i++) {
        const char *key = rb_param_get(i)->key;
        if (!rb_config_given(config, key) || reads(key)) continue;
        char value[RB_TEXT_MAX + 8] = "", sentence[1024];
        rb_config_get(config, key, value, sizeof value, NULL);
        snprintf(
            sentence, sizeof sentence,
            "%s = %.200s has no effect on a learner, whose program steps its own world; it belongs to runs",
            key, value);
        say(context, sentence);
    }
}
