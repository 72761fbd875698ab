// A step of one environment of the vector, and its effects on the game, the learner's episode and the stack.
#include <assert.h>
#include <math.h>
#include <string.h>
#include "env/contract.h"
#include "env/frame_stack.h"
#include "env/reward.h"
#include "env/vector_impl.h"

// Keeps a failure and puts the environment's number before the message; a failure without a message gets one.
static void keep_error(rb_vector *vector, int i, rb_status status, rb_error *error)
{
    rb_slot *s = &vector->slots[i];
    if (error->status != status) rb_error_set(error, status, "%s failed", vector->class->name);
    rb_error_context(error, status, "environment %d", i);
    s->status = status;
    s->error = *error;
}

// Begins an episode's stack with the frame in first_frames.
static void begin_stack(rb_vector *vector, int i)
{
    rb_frame_stack_begin(rb_vector_stack_of(vector, i), vector->stack, vector->frame_bytes,
                         vector->first_frames + (size_t)i * vector->frame_bytes, vector->black_start);
}

// Writes the newest frame to `to`; floats must be finite, because one NaN in replay spoils every weight.
static rb_status take_frame(const rb_vector *vector, int i, char *to, rb_error *error)
{
    vector->class->observe(vector->slots[i].env, to);
    const rb_status status = rb_env_check_observed(error);
    if (status) return status;
    size_t at;
    float number;
    if (!rb_env_frame_odd(&vector->env_spec, to, &at, &number)) return RB_OK;
    return rb_error_set(error, RB_ERR_NUMBER, "%s: value %zu of an observation is %s; all must be finite",
                        vector->class->name, at, isnan(number) ? "NaN" : "infinite");
}

// Writes the mask of the present state to `to`, which is NULL without masks. Bytes that the environment
// leaves unwritten are not taken for a mask.
static rb_status take_mask(const rb_vector *vector, int i, int64_t steps, uint8_t *to, rb_error *error)
{
    if (!to) return RB_OK;
    memset(to, 0xff, (size_t)vector->env_spec.actions);
    vector->class->mask(vector->slots[i].env, to);
    rb_status status = rb_env_check_observed(error);
    if (status) return status;
    status = rb_env_mask_check(to, vector->env_spec.actions, error);
    if (status)
        rb_error_context(error, status, "%s: step %lld of a game", vector->class->name, (long long)steps);
    return status;
}

static rb_status begin_game(rb_vector *vector, int i, rb_error *error)
{
    rb_slot *s = &vector->slots[i];
    rb_status status = vector->class->reset(s->env, error);
    if (status != RB_OK) return status;
    s->notice = error->message[0] != 0;
    if (s->notice) s->error = *error;
    s->game_return = 0;
    s->game_steps = 0;
    status = take_frame(vector, i, vector->first_frames + (size_t)i * vector->frame_bytes, error);
    if (status == RB_OK) status = take_mask(vector, i, 0, rb_vector_mask_in(vector, vector->masks, i), error);
    if (status == RB_OK) begin_stack(vector, i);
    return status;
}

static void push_frame(rb_vector *vector, int i)
{
    rb_frame_stack_push(rb_vector_stack_of(vector, i), vector->stack, vector->frame_bytes,
                        vector->next_frames + (size_t)i * vector->frame_bytes);
}

static float learner_reward(const rb_vector *vector, const rb_slot *s, const rb_env_step *step)
{
    if (step->life_lost && vector->life_costs) return -1;
    if (vector->reward_rule == RB_REWARD_FRAME_SIGNS && vector->frames)
        return rb_reward_learned(RB_REWARD_RAW, vector->reward_scale, vector->frames->signs(s->env));
    return rb_reward_learned(vector->reward_rule, vector->reward_scale, step->reward);
}

// Derives the results for the game and for the learner's episode from an environment's step.
static rb_vector_result interpret_step(const rb_vector *vector, rb_slot *s, const rb_env_step *step)
{
    s->game_return += step->reward;
    s->game_steps++;
    bool limit = vector->limit_steps && s->game_steps >= vector->limit_steps;
    rb_vector_result result = {
        .reward = step->reward, .game_return = s->game_return, .game_steps = s->game_steps};
    result.frames = step->frames;
    result.learner_reward = learner_reward(vector, s, step);
    result.game_over = step->terminated || step->truncated || limit;
    result.terminated = step->terminated || (step->life_lost && vector->life_ends);
    result.truncated = result.game_over && !result.terminated;
    return result;
}

// Idle frames between two episodes of one game. The learner gets nothing of them; the game's score has their
// rewards, and the game may end in them.
static rb_status idle(rb_vector *vector, int i, rb_error *error)
{
    rb_slot *s = &vector->slots[i];
    rb_vector_result *result = &vector->results[i];
    rb_env_step step = {0};
    rb_status status = vector->frames->idle(s->env, vector->life_idle_frames, &step, error);
    if (status) return status;
    s->game_return += step.reward;
    result->frames += step.frames;
    result->reward += step.reward;
    result->game_return = s->game_return;
    result->game_over = step.terminated || step.truncated;
    status = take_frame(vector, i, vector->first_frames + (size_t)i * vector->frame_bytes, error);
    if (status || result->game_over) return status;
    return take_mask(vector, i, s->game_steps, rb_vector_mask_in(vector, vector->masks, i), error);
}

// After a step: a new game, a new episode of this game, or the stack with one more frame.
static rb_status begin_next(rb_vector *vector, int i, rb_error *error)
{
    const rb_vector_result *result = &vector->results[i];
    const char *next = vector->next_frames + (size_t)i * vector->frame_bytes;
    char *first = vector->first_frames + (size_t)i * vector->frame_bytes;
    if (!result->game_over && vector->masks)
        memcpy(rb_vector_mask_in(vector, vector->masks, i), rb_vector_next_mask(vector, i),
               (size_t)vector->env_spec.actions);
    if (!result->game_over && !result->terminated) {
        push_frame(vector, i);
        return RB_OK;
    }
    rb_status status = RB_OK;
    if (!result->game_over && vector->life_idle_frames)
        status = idle(vector, i, error);
    else if (!result->game_over)
        memcpy(first, next, vector->frame_bytes);
    if (status) return status;
    if (result->game_over) {
        if (vector->screens)
            vector->class->render(vector->slots[i].env, vector->screens + (size_t)i * vector->screen_bytes);
        return begin_game(vector, i, error);
    }
    begin_stack(vector, i);
    return RB_OK;
}

void rb_vector_step_piece(void *context, int i)
{
    rb_vector *vector = context;
    rb_slot *s = &vector->slots[i];
    if (s->status != RB_OK) return;
    if (s->action == RB_VECTOR_REST) {
        vector->results[i] = (rb_vector_result){0};
        return;
    }
    assert(s->action >= 0 && s->action < vector->env_spec.actions);
    rb_error error = {0};
    rb_env_step step = {0};
    rb_status status = vector->class->step(s->env, s->action, &step, &error);
    if (status == RB_OK && step.cut) {
        vector->results[i] = (rb_vector_result){.cut = true};
        status = begin_game(vector, i, &error);
        if (status != RB_OK) keep_error(vector, i, status, &error);
        return;
    }
    if (status == RB_OK)
        status = rb_reward_check(vector->class->name, step.reward, learner_reward(vector, s, &step),
                                 s->game_steps + 1, &error);
    char *next = vector->next_frames + (size_t)i * vector->frame_bytes;
    if (status == RB_OK) status = take_frame(vector, i, next, &error);
    if (status == RB_OK && !step.terminated)
        status =
            take_mask(vector, i, s->game_steps + 1, rb_vector_mask_in(vector, vector->next_masks, i), &error);
    if (status != RB_OK) vector->results[i] = (rb_vector_result){.cut = true};
    if (status == RB_OK) {
        vector->results[i] = interpret_step(vector, s, &step);
        status = begin_next(vector, i, &error);
    }
    if (status != RB_OK) keep_error(vector, i, status, &error);
}

void rb_vector_tell_notices(rb_vector *vector)
{
    for (int i = 0; i < vector->count; i++) {
        rb_slot *s = &vector->slots[i];
        if (s->away) continue;
        if (s->notice) rb_log_write(vector->log, RB_LOG_WARNING, "environment %d: %s", i, s->error.message);
        s->notice = false;
    }
}

rb_status rb_vector_begin_game(rb_vector *vector, int i, rb_error *error)
{
    rb_error own = {0};
    rb_status status = begin_game(vector, i, &own);
    vector->slots[i].status = status;
    if (status == RB_OK) return RB_OK;
    keep_error(vector, i, status, &own);
    return rb_error_set(error, status, "%s", own.message);
}

rb_status rb_vector_reset(rb_vector *vector, rb_error *error)
{
    memset(vector->results, 0, (size_t)vector->count * sizeof *vector->results);
    for (int i = 0; i < vector->count; i++) {
        const rb_status status = rb_vector_begin_game(vector, i, error);
        if (status) return status;
    }
    rb_vector_tell_notices(vector);
    return RB_OK;
}
