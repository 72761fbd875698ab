// A player: a learner's or a run's network that only acts, with frame stacks of its own.
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/file.h"
#include "env/contract.h"
#include "env/frame_stack.h"
#include "learner/learner_spec.h"
#include "learner/learner_state.h"
#include "rollout/agent_spec.h"
#include "rollout/compute_spec.h"
#include "rollout/policy.h"

struct rb_player {
    rb_agent *agent;
    rb_env_spec env;
    int stack, count;
    bool black_start;
    size_t frame_bytes;
    int *busy, own_busy; // the learner's, if it plays for one

    rb_policy policy;  // of a run: owns the agent
    rb_config *config; // of a learner's file, with the three after it
    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;

    rb_arena *buffers;
    char *stacks, *gathered; // [count][stack] frames
    bool *began;             // [count] it has played
    int *all;                // [count] 0, 1, 2 ...
    rb_rng *explore_rng;     // [count]
    rb_rng *rngs;            // [count] of those that act
};

static rb_status make_buffers(rb_player *p, uint64_t seed, bool black_start, rb_error *error)
{
    p->frame_bytes = rb_env_frame_bytes(&p->env);
    p->black_start = black_start;
    rb_status status = rb_arena_create(&p->buffers, error);
    if (status) return status;
    const size_t stacks = (size_t)p->count * (size_t)p->stack * p->frame_bytes;
    p->stacks = rb_arena_take(p->buffers, stacks);
    p->gathered = rb_arena_take(p->buffers, stacks);
    p->began = RB_TAKE(p->buffers, bool, p->count);
    p->all = RB_TAKE(p->buffers, int, p->count);
    p->explore_rng = RB_TAKE(p->buffers, rb_rng, p->count);
    p->rngs = RB_TAKE(p->buffers, rb_rng, p->count);
    status = rb_arena_check(p->buffers, error);
    for (int i = 0; !status && i < p->count; i++) {
        p->all[i] = i;
        p->explore_rng[i] = rb_rng_stream(seed, RB_RNG_EVAL, (uint64_t)i);
    }
    return status;
}

static rb_status begin(rb_player **out, int streams, rb_error *error)
{
    *out = NULL;
    if (streams < 1 || streams > RB_LEARNER_STREAMS_MOST)
        return rb_error_set(error, RB_ERR_USAGE, "a player of %d streams: must be from 1 to %d", streams,
                            RB_LEARNER_STREAMS_MOST);
    rb_player *p = *out = calloc(1, sizeof *p);
    if (!p) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a player");
    p->count = streams;
    p->busy = &p->own_busy;
    return RB_OK;
}

static rb_status end(rb_player **out, rb_status status)
{
    if (!status) return RB_OK;
    rb_player_destroy(*out);
    *out = NULL;
    return status;
}

rb_status rb_player_of(rb_player **out, rb_learner *l, int streams, rb_error *error)
{
    rb_status status = begin(out, streams, error);
    if (status) return status;
    rb_player *p = *out;
    p->agent = l->agent;
    p->env = l->env;
    p->stack = l->stack;
    p->busy = &l->busy;
    status =
        make_buffers(p, (uint64_t)l->params->run.seed, l->params->env.stack_start == RB_STACK_BLACK, error);
    return end(out, status);
}

// From a file of rb_learner_save: only the agent of it is read.
static rb_status open_file(rb_player *p, const char *path, rb_error *error)
{
    rb_learner_file f;
    rb_status status = rb_learner_file_open(&f, path, error);
    if (status) return status;
    const rb_learner_spec spec = rb_learner_world_spec(&f.world);
    p->config = f.config;
    f.config = NULL;
    const rb_params *params = &p->config->params;
    p->env = rb_learner_env_spec(&spec);
    p->env.masks = false; // the class has no function that gives them
    const rb_env_class nothing = {0};
    status = rb_env_spec_check(&nothing, &p->env, error);
    if (status) rb_error_context(error, status, "%s", path);
    p->env.masks = spec.masks;
    p->stack = spec.stack;
    rb_agent_spec agent = rb_agent_spec_make(params, &p->env, p->stack, p->count);
    if (!status) status = rb_arena_create(&p->arena, error);
    if (!status) status = rb_pool_create(&p->pool, rb_cpu_get()->cores, error);
    if (!status && rb_compute_make(&p->compute, &params->compute, p->pool, p->arena, NULL))
        status = rb_compute_create(&p->compute, p->pool, NULL, false, p->arena, error);
    if (!status) status = rb_agent_create(&p->agent, &agent, p->compute, p->arena, error);
    if (!status) {
        rb_agent_visit(p->agent, f.v);
        // What follows the agent is left unread, which is no fault here.
        if (rb_visitor_failed(f.v)) {
            status = rb_visitor_finish(f.v, NULL, error);
            f.v = NULL;
        }
    }
    if (!status)
        status =
            make_buffers(p, (uint64_t)params->run.seed, params->env.stack_start == RB_STACK_BLACK, error);
    rb_learner_file_close(&f);
    return status;
}

static rb_status open_run(rb_player *p, const char *path, rb_error *error)
{
    rb_status status = rb_policy_open(&p->policy, path, 0, p->count, error);
    if (status) return status;
    const rb_params *params = &p->policy.config->params;
    const rb_net_spec *net = rb_net_spec_of(rb_agent_online(p->policy.agent));
    p->agent = p->policy.agent;
    p->stack = p->policy.stack;
    const rb_learner_spec spec = {.kind = net->bytes ? RB_OBS_U8 : RB_OBS_F32,
                                  .channels = net->planes / p->stack,
                                  .height = net->height,
                                  .width = net->width,
                                  .stack = p->stack,
                                  .actions = net->actions,
                                  .masks = p->policy.masks,
                                  .vector = net->vector};
    p->env = rb_learner_env_spec(&spec);
    return make_buffers(p, (uint64_t)params->run.seed, params->env.stack_start == RB_STACK_BLACK, error);
}

rb_status rb_player_open(rb_player **out, const char *path, int streams, rb_error *error)
{
    rb_status status = begin(out, streams, error);
    if (status) return status;
    const unsigned long denormals = rb_cpu_flush_denormals();
    status = rb_file_is_directory(path) || !rb_file_exists(path) ? open_run(*out, path, error)
                                                                 : open_file(*out, path, error);
    rb_cpu_restore_mode(&denormals);
    return end(out, status);
}

void rb_player_destroy(rb_player *p)
{
    if (!p) return;
    rb_policy_close(&p->policy);
    rb_pool_destroy(p->pool);
    rb_arena_destroy(p->arena);
    rb_arena_destroy(p->buffers);
    rb_config_destroy(p->config);
    free(p);
}

void rb_player_describe(const rb_player *p, rb_learner_spec *out)
{
    *out = rb_learner_spec_of(&p->env, p->stack, p->count, false);
}

// `frames` NULL: the stacks as they are.
static const void *see(rb_player *p, int count, const int *streams, const char *frames, const uint8_t *first)
{
    const size_t bytes = (size_t)p->stack * p->frame_bytes;
    for (int k = 0; k < count; k++) {
        const int i = streams[k];
        char *stack = p->stacks + (size_t)i * bytes;
        const char *frame = frames ? frames + (size_t)k * p->frame_bytes : NULL;
        if (frame && (!p->began[i] || (first && first[k])))
            rb_frame_stack_begin(stack, p->stack, p->frame_bytes, frame, p->black_start);
        else if (frame)
            rb_frame_stack_push(stack, p->stack, p->frame_bytes, frame);
        p->began[i] = true;
        memcpy(p->gathered + (size_t)k * bytes, stack, bytes);
    }
    return p->gathered;
}

static rb_status play(rb_player *p, int count, const int *streams, const void *observations,
                      const uint8_t *first, const uint8_t *masks, double epsilon, int32_t *actions, float *q,
                      rb_error *error)
{
    rb_status status = rb_streams_check(streams, count, p->count, error);
    if (!status && !(epsilon >= 0 && epsilon <= 1))
        status = rb_error_set(error, RB_ERR_USAGE, "epsilon is %g: must be from 0 to 1", epsilon);
    if (!status && observations) status = rb_observations_check(&p->env, observations, count, error);
    if (!status) status = rb_masks_check(&p->env, masks, count, error);
    if (status) return status;
    if (!streams) streams = p->all;
    for (int k = 0; k < count && !observations; k++)
        if (!p->began[streams[k]])
            return rb_error_set(error, RB_ERR_USAGE, "stream %d has seen no observation yet, so it needs one",
                                streams[k]);
    const void *seen = see(p, count, streams, observations, first);
    for (int k = 0; k < count; k++) p->rngs[k] = p->explore_rng[streams[k]];
    rb_agent_act_greedy(p->agent, seen, masks, count, epsilon, p->rngs, actions, q);
    for (int k = 0; k < count; k++) p->explore_rng[streams[k]] = p->rngs[k];
    return RB_OK;
}

rb_status rb_player_act(rb_player *p, int count, const int *streams, const void *observations,
                        const uint8_t *first, const uint8_t *masks, double epsilon, int32_t *actions,
                        float *q, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(p->busy, &entered, error);
    if (status) return status;
    status = play(p, count, streams, observations, first, masks, epsilon, actions, q, error);
    rb_learner_leave(p->busy, &entered);
    return status;
}
