// A learner's steps: it chooses actions, learns, and remembers what came of them.
#include <math.h>
#include <stdio.h>

#include "env/contract.h"
#include "env/frame_stack.h"
#include "env/reward.h"
#include "learner/learner_impl.h"

// ---- arguments

rb_status rb_streams_check(const int *streams, int count, int most, rb_error *error)
{
    if (count < 1 || count > most)
        return rb_error_set(error, RB_ERR_USAGE, "%d streams in one call: must be from 1 to %d", count, most);
    for (int k = 0; streams && k < count; k++) {
        if (streams[k] < 0 || streams[k] >= most)
            return rb_error_set(error, RB_ERR_USAGE, "stream %d: must be from 0 to %d", streams[k], most - 1);
        if (k && streams[k] <= streams[k - 1])
            return rb_error_set(
                error, RB_ERR_USAGE,
                "stream %d comes after stream %d: a call's streams must be in ascending order, "
                "each once",
                streams[k], streams[k - 1]);
    }
    return RB_OK;
}

rb_status rb_observations_check(const rb_env_spec *env, const void *observations, int count, rb_error *error)
{
    const char *frame = observations;
    size_t at;
    float number;
    for (int k = 0; k < count; k++, frame += rb_env_frame_bytes(env))
        if (rb_env_frame_odd(env, frame, &at, &number))
            return rb_error_set(error, RB_ERR_NUMBER, "value %zu of observation %d is %s; all must be finite",
                                at, k, isnan(number) ? "NaN" : "infinite");
    return RB_OK;
}

rb_status rb_masks_check(const rb_env_spec *env, const uint8_t *masks, int count, rb_error *error)
{
    if (masks && !env->masks)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "a mask was given, but the spec has no masks: set `masks` in it when the learner is made");
    for (int k = 0; masks && k < count; k++) {
        rb_error why = {0};
        if (rb_env_mask_check(masks + (size_t)k * (size_t)env->actions, env->actions, &why))
            return rb_error_set(error, RB_ERR_USAGE, "mask %d of the call: %s", k, why.message);
    }
    return RB_OK;
}

static const uint8_t *mask_at(const rb_learner *l, const uint8_t *masks, int k)
{
    return masks ? masks + (size_t)k * (size_t)l->env.actions : NULL;
}

// The mask of a stream's present observation; NULL allows all.
static void set_mask(rb_learner *l, int i, const uint8_t *mask)
{
    const size_t actions = (size_t)l->env.actions;
    if (!l->masks) return;
    if (mask)
        memcpy(rb_learner_mask(l, i), mask, actions);
    else
        memset(rb_learner_mask(l, i), 1, actions);
    rb_replay_allow(l->replay, i, rb_learner_mask(l, i));
}

static const char *frame_at(const rb_learner *l, const void *frames, int k)
{
    return (const char *)frames + (size_t)k * l->frame_bytes;
}

static const char *newest_frame(const rb_learner *l, int stream)
{
    return rb_learner_stack(l, stream) + (size_t)(l->stack - 1) * l->frame_bytes;
}

// ---- act

// A rollout has about as many steps of each stream.
static rb_status may_go_on(const rb_learner *l, int i, rb_error *error)
{
    const rb_rollout *rollout = l->learning.rollout;
    if (!rollout || rb_rollout_has_room(rollout, i)) return RB_OK;
    return rb_error_set(
        error, RB_ERR_USAGE,
        "stream %d is ahead of the others by a whole rollout (agent.rollout_steps = %lld): all %d "
        "streams must step, because a rollout has about as many steps of each",
        i, (long long)l->params->agent.rollout_steps, l->count);
}

// Whether the stream may act on this observation, NULL if none was given.
static rb_status may_act(const rb_learner *l, int i, const char *observation, const uint8_t *mask,
                         rb_error *error)
{
    switch ((rb_stream_phase)l->streams[i].phase) {
    case RB_STREAM_ACTED:
        return rb_error_set(
            error, RB_ERR_USAGE,
            "stream %d has acted and waits for the result: call observe before it acts again, "
            "or abandon its episode",
            i);
    case RB_STREAM_BETWEEN:
        if (observation) return RB_OK;
        return rb_error_set(error, RB_ERR_USAGE,
                            "stream %d begins an episode, so act needs its first observation", i);
    case RB_STREAM_SEES:
        if (mask && memcmp(mask, rb_learner_mask(l, i), (size_t)l->env.actions))
            return rb_error_set(error, RB_ERR_USAGE,
                                "stream %d: this mask is not the one that observe got for this observation; "
                                "give it to observe, as next_mask",
                                i);
        if (!observation || !memcmp(observation, newest_frame(l, i), l->frame_bytes)) return RB_OK;
        return rb_error_set(
            error, RB_ERR_USAGE,
            "stream %d: this observation is not the one that followed its last step; if the "
            "world was reset, report the episode's end (terminated or truncated), or abandon it",
            i);
    }
    return RB_OK;
}

static void begin_episode(rb_learner *l, int i, const char *observation, const uint8_t *mask)
{
    rb_stream *s = &l->streams[i];
    s->phase = RB_STREAM_SEES;
    s->played = 0;
    s->raw_return = 0;
    s->began = l->step;
    rb_frame_stack_begin(rb_learner_stack(l, i), l->stack, l->frame_bytes, observation,
                         l->params->env.stack_start == RB_STACK_BLACK);
    rb_replay_begin(l->replay, i, observation);
    set_mask(l, i, mask);
}

// The stacks of the streams that act, one after the other.
static const void *gather(rb_learner *l, const int *streams, int count)
{
    const size_t bytes = (size_t)l->stack * l->frame_bytes;
    if (streams[count - 1] == count - 1) return l->stacks; // the first `count` streams
    for (int k = 0; k < count; k++)
        memcpy(l->gathered + (size_t)k * bytes, rb_learner_stack(l, streams[k]), bytes);
    return l->gathered;
}

static const uint8_t *gather_masks(rb_learner *l, const int *streams, int count)
{
    const size_t actions = (size_t)l->env.actions;
    if (!l->masks || streams[count - 1] == count - 1) return l->masks;
    for (int k = 0; k < count; k++)
        memcpy(l->gathered_masks + (size_t)k * actions, rb_learner_mask(l, streams[k]), actions);
    return l->gathered_masks;
}

static void act(rb_learner *l, const int *streams, int count, int32_t *actions)
{
    const bool holds = l->params->explore.by == RB_EXPLORE_BY_EPISODES;
    for (int k = 0; k < count; k++) {
        const rb_stream *s = &l->streams[streams[k]];
        l->explore_rng[k] = s->explore_rng;
        l->epsilon[k] = rb_agent_epsilon(l->agent, holds ? s->began : l->step);
    }
    const void *observations = gather(l, streams, count);
    const uint8_t *masks = gather_masks(l, streams, count);
    rb_agent_follow(l->agent, observations, count);
    rb_agent_act(l->agent, observations, masks, count, l->epsilon, l->explore_rng, actions, l->q);
    rb_learning_acted(&l->learning, streams, count, l->q, masks, l->env.actions);
    for (int k = 0; k < count; k++) {
        rb_stream *s = &l->streams[streams[k]];
        s->explore_rng = l->explore_rng[k];
        s->action = actions[k];
        s->phase = RB_STREAM_ACTED;
        l->due += rb_learning_due(l->params, ++l->started, s->played);
    }
}

static rb_status act_checked(rb_learner *l, int count, const int *streams, const void *observations,
                             const uint8_t *masks, int32_t *actions, rb_error *error)
{
    rb_status status = rb_streams_check(streams, count, l->count, error);
    if (!streams) streams = l->all;
    if (!status) status = rb_masks_check(&l->env, masks, count, error);
    if (!status && observations) status = rb_observations_check(&l->env, observations, count, error);
    for (int k = 0; !status && k < count; k++)
        status = may_act(l, streams[k], observations ? frame_at(l, observations, k) : NULL,
                         mask_at(l, masks, k), error);
    for (int k = 0; !status && k < count; k++) status = may_go_on(l, streams[k], error);
    if (status) return status;
    for (int k = 0; k < count; k++)
        if (l->streams[streams[k]].phase == RB_STREAM_BETWEEN)
            begin_episode(l, streams[k], frame_at(l, observations, k), mask_at(l, masks, k));
    act(l, streams, count, actions);
    return RB_OK;
}

rb_status rb_learner_act_many(rb_learner *l, int count, const int *streams, const void *observations,
                              const uint8_t *masks, int32_t *actions, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    status = act_checked(l, count, streams, observations, masks, actions, error);
    rb_learner_leave(&l->busy, &entered);
    return status;
}

rb_status rb_learner_act(rb_learner *l, int stream, const void *observation, const uint8_t *mask, int *action,
                         rb_error *error)
{
    int32_t chosen = 0;
    const rb_status status = rb_learner_act_many(l, 1, &stream, observation, mask, &chosen, error);
    if (!status) *action = chosen;
    return status;
}

// ---- learn

void rb_learner_look_at_target(rb_learner *l)
{
    rb_learning_target_if_due(&l->learning, l->target_step, l->step, l->target_episodes, l->episodes);
    l->target_step = l->step;
    l->target_episodes = l->episodes;
}

// A turn for the steps that were begun since the last one.
static rb_status turn(rb_learner *l, rb_error *error)
{
    rb_learner_look_at_target(l);
    rb_status status = rb_learning_turn(&l->learning, l->due, l->step, error);
    if (!status) status = rb_learning_settle(&l->learning, l->step, error);
    if (status) return status;
    l->turned = l->started;
    l->due = 0;
    return RB_OK;
}

static rb_status learn(rb_learner *l, int64_t updates, rb_error *error)
{
    rb_status status = RB_OK;
    if (updates > 0 && l->learning.rollout)
        return rb_error_set(error, RB_ERR_USAGE,
                            "%lld more updates: with agent.rollout_steps = %lld a learner learns only when a "
                            "rollout is complete, by itself",
                            (long long)updates, (long long)l->params->agent.rollout_steps);
    rb_learner_look_at_target(l);
    if (updates < 0) {
        updates = l->due;
        l->due = 0;
        l->turned = l->started;
    }
    if (updates > 0) status = rb_learning_turn(&l->learning, updates, l->step, error);
    if (!status && updates > 0) status = rb_learning_settle(&l->learning, l->step, error);
    return status;
}

rb_status rb_learner_learn(rb_learner *l, int64_t updates, int64_t *made, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    const uint64_t before = rb_agent_updates(l->agent);
    status = learn(l, updates, error);
    if (made) *made = (int64_t)(rb_agent_updates(l->agent) - before);
    rb_learner_leave(&l->busy, &entered);
    return status;
}

// ---- observe

typedef struct outcome { // of one stream's step
    double reward;
    float learned;
    bool terminated, truncated;
    const char *next;
    const uint8_t *mask; // of the observation after it; NULL: all actions are allowed
} outcome;

static void remember(rb_learner *l, int i, const outcome *o)
{
    rb_stream *s = &l->streams[i];
    rb_replay_append(l->replay, i, s->action, o->learned, o->terminated, o->truncated && !o->terminated,
                     o->next);
    if (!o->terminated) set_mask(l, i, o->mask);
    l->step++;
    s->played++;
    s->raw_return += o->reward;
    if (!o->terminated && !o->truncated) {
        rb_frame_stack_push(rb_learner_stack(l, i), l->stack, l->frame_bytes, o->next);
        s->phase = RB_STREAM_SEES;
        return;
    }
    s->phase = RB_STREAM_BETWEEN;
    l->returns[l->returns_count++ % RB_LEARNER_RETURNS] = s->raw_return;
    l->episodes++;
}

static rb_status may_observe(const rb_learner *l, int i, double reward, rb_error *error)
{
    const rb_stream *s = &l->streams[i];
    char name[32];
    if (s->phase != RB_STREAM_ACTED)
        return rb_error_set(error, RB_ERR_USAGE, "stream %d has not acted: call act before observe", i);
    const rb_env_params *p = &l->params->env;
    snprintf(name, sizeof name, "stream %d", i);
    return rb_reward_check(name, reward, rb_reward_learned(p->reward, p->reward_scale, reward), s->played + 1,
                           error);
}

static rb_status observe_checked(rb_learner *l, int count, const int *streams, const double *rewards,
                                 const uint8_t *terminated, const uint8_t *truncated, const void *next,
                                 const uint8_t *masks, rb_error *error)
{
    const rb_env_params *p = &l->params->env;
    rb_status status = rb_streams_check(streams, count, l->count, error);
    if (!streams) streams = l->all;
    for (int k = 0; !status && k < count; k++) status = may_observe(l, streams[k], rewards[k], error);
    if (!status) status = rb_observations_check(&l->env, next, count, error);
    for (int k = 0; !status && masks && k < count; k++)
        if (!terminated[k]) status = rb_masks_check(&l->env, mask_at(l, masks, k), 1, error);
    if (!status && !l->manual && l->started > l->turned) status = turn(l, error);
    for (int k = 0; !status && k < count; k++) {
        const outcome o = {.reward = rewards[k],
                           .learned = rb_reward_learned(p->reward, p->reward_scale, rewards[k]),
                           .terminated = terminated[k],
                           .truncated = truncated[k],
                           .next = frame_at(l, next, k),
                           .mask = mask_at(l, masks, k)};
        remember(l, streams[k], &o);
    }
    return status;
}

rb_status rb_learner_observe_many(rb_learner *l, int count, const int *streams, const double *rewards,
                                  const uint8_t *terminated, const uint8_t *truncated,
                                  const void *next_observations, const uint8_t *next_masks, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    status = observe_checked(l, count, streams, rewards, terminated, truncated, next_observations, next_masks,
                             error);
    rb_learner_leave(&l->busy, &entered);
    return status;
}

rb_status rb_learner_observe(rb_learner *l, int stream, double reward, bool terminated, bool truncated,
                             const void *next_observation, const uint8_t *next_mask, rb_error *error)
{
    const uint8_t ends = terminated, cut = truncated;
    return rb_learner_observe_many(l, 1, &stream, &reward, &ends, &cut, next_observation, next_mask, error);
}

rb_status rb_learner_abandon(rb_learner *l, int stream, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    status = rb_streams_check(&stream, 1, l->count, error);
    if (!status) l->streams[stream].phase = RB_STREAM_BETWEEN; // replay ends the episode when the next begins
    rb_learner_leave(&l->busy, &entered);
    return status;
}
