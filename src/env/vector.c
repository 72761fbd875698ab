// The vector of environments: one piece of work for each environment and step (vector.h has the rules and
// their drawing).
//
// One block for each kind of buffer, an equal slice of it for each environment, so that the observations are
// one batch as they stand. An environment's stack *is* its slice of the observations: a step moves it one
// frame down and writes the newest at its end.
//
//     observations  [ env 0: oldest .. newest | env 1: oldest .. newest | ... ]   stack frames each
//     next_frames   [ env 0 | env 1 | ... ]                                       one frame each
//     first_frames  [ env 0 | env 1 | ... ]
#include "env/vector.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "env/repeat.h"

typedef struct slot { // of one environment
    rb_vector *vector;
    rb_env *env;
    double game_return;
    int64_t game_steps;
    rb_status status; // not RB_OK: it failed, and error says why
    bool notice;      // it did not, and error has something to tell
    rb_error error;
    rb_pool_group alone; // its step, where environments step each by itself
} slot;

struct rb_vector {
    const rb_env_class *class;
    rb_env_spec env_spec;
    int count, stack;
    rb_env_class repeating; // where decisions are held: what `class` points to
    bool black_start, sign_reward, life_ends, life_costs;
    double reward_scale;
    int64_t limit_steps; // of a game; 0: none
    size_t frame_bytes;
    slot *slots;                      // [count]
    rb_vector_result *results;        // [count]
    char *observations;               // [count][stack] frames
    char *next_frames, *first_frames; // [count] frames
    char *gathered;                   // [count][stack] frames; NULL unless asynchronous
    const int32_t *actions;           // [count] of the steps on their way
    const rb_log *log;
    rb_pool_group group;
    bool together; // the group is on its way
    int *away;     // [away_count] environments that are on their way by themselves, in the order they set off
    int away_count;
};

static char *stack_of(const rb_vector *vector, int i)
{
    return vector->observations + (size_t)i * (size_t)vector->stack * vector->frame_bytes;
}

// A failure is kept with the environment's number before the sentence; one that came without a sentence gets
// one.
static void keep_error(rb_vector *vector, int i, rb_status status, rb_error *error)
{
    slot *s = &vector->slots[i];
    if (error->status != status) rb_error_set(error, status, "%s failed", vector->class->name);
    rb_error_context(error, "environment %d", i);
    s->status = status;
    s->error = *error;
}

static rb_status check_spec(const rb_env_class *class, const rb_env_spec *spec, rb_error *error)
{
    if ((spec->kind != RB_OBS_U8 && spec->kind != RB_OBS_F32) || spec->channels < 1 || spec->height < 1 ||
        spec->width < 1 || spec->stack < 1 || spec->actions < 1 || spec->max_episode_steps < 0)
        return rb_error_set(error, RB_ERR_ENV,
                            "%s describes itself with %d x %d x %d observations and %d actions", class->name,
                            spec->channels, spec->height, spec->width, spec->actions);
    if (spec->can_save && (!class->save || !class->load))
        return rb_error_set(error, RB_ERR_ENV, "%s says that it can be saved, but has no functions for it",
                            class->name);
    return RB_OK;
}

static bool same_shape(const rb_env_spec *a, const rb_env_spec *b)
{
    return a->kind == b->kind && a->channels == b->channels && a->height == b->height &&
           a->width == b->width && a->actions == b->actions && a->can_save == b->can_save;
}

static uint64_t seed_of(const rb_vector_spec *spec, int i)
{
    const uint64_t index = spec->first_index + (uint64_t)i;
    if (spec->purpose == RB_RNG_ENV) return spec->seed + index;
    rb_rng dice = rb_rng_stream(spec->seed, spec->purpose, index);
    return rb_rng_u64(&dice);
}

static rb_status create_environments(rb_vector *vector, const rb_vector_spec *spec, const void *options,
                                     rb_error *error)
{
    for (int i = 0; i < vector->count; i++) {
        vector->slots[i].vector = vector;
        rb_status status = vector->class->create(&vector->slots[i].env, options, seed_of(spec, i), error);
        if (status != RB_OK) return status;
        rb_env_spec own;
        vector->class->spec(vector->slots[i].env, &own);
        if (i == 0) vector->env_spec = own;
        status = check_spec(vector->class, &own, error);
        if (status != RB_OK) return status;
        if (!same_shape(&own, &vector->env_spec))
            return rb_error_set(error, RB_ERR_ENV, "%s: environment %d has another shape than the first",
                                vector->class->name, i);
    }
    return RB_OK;
}

rb_status rb_vector_create_with_class(rb_vector **out, const rb_vector_spec *spec, const rb_env_class *class,
                                      const void *options, rb_arena *arena, rb_error *error)
{
    assert(spec->count >= 1);
    if (class->abi != RB_ENV_ABI)
        return rb_error_set(error, RB_ERR_ENV,
                            "%s was made for environment interface %d; this is interface %d", class->name,
                            class->abi, RB_ENV_ABI);
    rb_vector *vector = RB_TAKE(arena, rb_vector, 1);
    slot *slots = RB_TAKE(arena, slot, spec->count);
    if (!vector || !slots) return rb_arena_check(arena, error);
    vector->class = class;
    vector->slots = slots;
    vector->count = spec->count;
    vector->log = spec->log;
    const rb_repeat_options repeat = {.class = class,
                                      .options = options,
                                      .skip = spec->env.frame_skip > 1 ? (int)spec->env.frame_skip : 1,
                                      .sticky = spec->env.sticky,
                                      .limited = !spec->env.max_episode_steps};
    rb_status status = RB_OK;
    if (rb_repeat_wanted(&spec->env)) {
        status = rb_repeat_check(&spec->env, class, spec->gym.pictures == RB_PICTURES_ATARI, error);
        vector->repeating = rb_repeat_class(class);
        vector->class = &vector->repeating;
        options = &repeat;
    }
    if (status == RB_OK) status = create_environments(vector, spec, options, error);
    if (status != RB_OK) goto failed;

    const rb_env_spec *env = &vector->env_spec;
    vector->stack = spec->env.stack ? (int)spec->env.stack : env->stack;
    vector->black_start = spec->env.stack_start == RB_STACK_BLACK;
    vector->sign_reward = spec->env.reward == RB_REWARD_SIGN;
    vector->reward_scale = spec->env.reward_scale > 0 ? spec->env.reward_scale : 1;
    vector->life_ends = spec->atari.life_loss == RB_LIFE_TERMINAL;
    vector->life_costs = spec->atari.life_loss == RB_LIFE_PENALTY;
    vector->limit_steps = spec->env.max_episode_steps ? spec->env.max_episode_steps : env->max_episode_steps;
    vector->frame_bytes = (size_t)env->channels * (size_t)env->height * (size_t)env->width *
                          (env->kind == RB_OBS_F32 ? sizeof(float) : 1);
    size_t frames = (size_t)vector->count * vector->frame_bytes;
    vector->observations = rb_arena_take(arena, frames * (size_t)vector->stack);
    if (spec->env.asynchronous) vector->gathered = rb_arena_take(arena, frames * (size_t)vector->stack);
    vector->next_frames = rb_arena_take(arena, frames);
    vector->first_frames = rb_arena_take(arena, frames);
    vector->results = RB_TAKE(arena, rb_vector_result, vector->count);
    vector->away = RB_TAKE(arena, int, vector->count);
    status = rb_arena_check(arena, error);
    if (status != RB_OK) goto failed;
    *out = vector;
    return RB_OK;
failed:
    rb_vector_destroy(vector);
    return status;
}

rb_status rb_vector_create(rb_vector **out, const rb_vector_spec *spec, rb_arena *arena, rb_error *error)
{
    const rb_env_class *class;
    rb_status status = rb_env_find(spec->name, &class, error);
    if (status != RB_OK) return status;
    if (*spec->env.options && !rb_env_takes_text(class))
        return rb_error_set(error, RB_ERR_USAGE,
                            "env.options = %s: %s takes none; they are for environments in shared objects",
                            spec->env.options, spec->name);
    struct rb_gym_crew *crew = NULL;
    rb_env_options options = {.name = spec->name,
                              .text = spec->env.options,
                              .atari = spec->atari,
                              .minatar = spec->minatar,
                              .gym = spec->gym,
                              .count = spec->count,
                              .workers = spec->env.workers ? (int)spec->env.workers : spec->threads,
                              .crew = &crew};
    return rb_vector_create_with_class(out, spec, class, &options, arena, error);
}

void rb_vector_destroy(rb_vector *vector)
{
    if (!vector) return;
    for (int i = 0; i < vector->count; i++)
        if (vector->slots[i].env) vector->class->destroy(vector->slots[i].env);
}

// An episode begins with the frame in first_frames.
static void begin_stack(rb_vector *vector, int i)
{
    char *stack = stack_of(vector, i);
    const char *first = vector->first_frames + (size_t)i * vector->frame_bytes;
    for (int k = 0; k < vector->stack; k++) {
        char *frame = stack + (size_t)k * vector->frame_bytes;
        if (vector->black_start && k + 1 < vector->stack)
            memset(frame, 0, vector->frame_bytes);
        else
            memcpy(frame, first, vector->frame_bytes);
    }
}

// The newest frame into `to`; floats must be finite, for one NaN in replay spoils every weight.
static rb_status take_frame(const rb_vector *vector, int i, char *to, rb_error *error)
{
    vector->class->observe(vector->slots[i].env, to);
    if (vector->env_spec.kind != RB_OBS_F32) return RB_OK;
    const float *numbers = (const float *)to;
    for (size_t k = 0; k < vector->frame_bytes / sizeof *numbers; k++)
        if (!isfinite(numbers[k]))
            return rb_error_set(error, RB_ERR_NUMBER, "%s: number %zu of an observation is %s, not finite",
                                vector->class->name, k, isnan(numbers[k]) ? "NaN" : "infinite");
    return RB_OK;
}

static rb_status begin_game(rb_vector *vector, int i, rb_error *error)
{
    slot *s = &vector->slots[i];
    rb_status status = vector->class->reset(s->env, error);
    if (status != RB_OK) return status;
    s->notice = error->message[0] != 0;
    if (s->notice) s->error = *error;
    s->game_return = 0;
    s->game_steps = 0;
    status = take_frame(vector, i, vector->first_frames + (size_t)i * vector->frame_bytes, error);
    if (status == RB_OK) begin_stack(vector, i);
    return status;
}

static void push_frame(rb_vector *vector, int i)
{
    char *stack = stack_of(vector, i);
    size_t older = (size_t)(vector->stack - 1) * vector->frame_bytes;
    memmove(stack, stack + vector->frame_bytes, older);
    memcpy(stack + older, vector->next_frames + (size_t)i * vector->frame_bytes, vector->frame_bytes);
}

static float learner_reward(const rb_vector *vector, const rb_env_step *step)
{
    if (step->life_lost && vector->life_costs) return -1;
    double reward = vector->sign_reward ? (step->reward > 0) - (step->reward < 0) : step->reward;
    return (float)(reward * vector->reward_scale);
}

// What an environment's step means for the game and for the learner's episode.
static rb_vector_result judge(const rb_vector *vector, slot *s, const rb_env_step *step)
{
    s->game_return += step->reward;
    s->game_steps++;
    bool limit = vector->limit_steps && s->game_steps >= vector->limit_steps;
    rb_vector_result result = {
        .reward = step->reward, .game_return = s->game_return, .game_steps = s->game_steps};
    result.frames = step->frames;
    result.learner_reward = learner_reward(vector, step);
    result.game_over = step->terminated || step->truncated || limit;
    result.terminated = step->terminated || (step->life_lost && vector->life_ends);
    result.truncated = result.game_over && !result.terminated;
    return result;
}

static void step_piece(void *context, int i)
{
    rb_vector *vector = context;
    slot *s = &vector->slots[i];
    if (s->status != RB_OK) return;
    if (vector->actions[i] == RB_VECTOR_REST) {
        vector->results[i] = (rb_vector_result){0};
        return;
    }
    assert(vector->actions[i] >= 0 && vector->actions[i] < vector->env_spec.actions);
    rb_error error = {0};
    rb_env_step step = {0};
    rb_status status = vector->class->step(s->env, vector->actions[i], &step, &error);
    if (status == RB_OK && step.cut) {
        vector->results[i] = (rb_vector_result){.cut = true};
        status = begin_game(vector, i, &error);
        if (status != RB_OK) keep_error(vector, i, status, &error);
        return;
    }
    if (status == RB_OK && !isfinite(step.reward))
        status = rb_error_set(&error, RB_ERR_NUMBER, "%s gave a reward that is no finite number",
                              vector->class->name);
    char *next = vector->next_frames + (size_t)i * vector->frame_bytes;
    if (status == RB_OK) status = take_frame(vector, i, next, &error);
    if (status == RB_OK) {
        rb_vector_result result = judge(vector, s, &step);
        vector->results[i] = result;
        if (result.game_over) {
            status = begin_game(vector, i, &error);
        } else if (result.terminated) {
            memcpy(vector->first_frames + (size_t)i * vector->frame_bytes, next, vector->frame_bytes);
            begin_stack(vector, i);
        } else {
            push_frame(vector, i);
        }
    }
    if (status != RB_OK) keep_error(vector, i, status, &error);
}

static void tell_notices(rb_vector *vector)
{
    for (int i = 0; i < vector->count; i++) {
        slot *s = &vector->slots[i];
        if (s->notice) rb_log_write(vector->log, RB_LOG_WARNING, "environment %d: %s", i, s->error.message);
        s->notice = false;
    }
}

rb_status rb_vector_reset(rb_vector *vector, rb_error *error)
{
    memset(vector->results, 0, (size_t)vector->count * sizeof *vector->results);
    for (int i = 0; i < vector->count; i++) {
        rb_error own = {0};
        rb_status status = begin_game(vector, i, &own);
        vector->slots[i].status = status;
        if (status == RB_OK) continue;
        keep_error(vector, i, status, &own);
        return rb_error_set(error, status, "%s", own.message);
    }
    tell_notices(vector);
    return RB_OK;
}

// ---- on their way: all together, or each by itself ----
//
// Where a step is computed: by the pool's threads, or (a class with `begin`) elsewhere, and here it is only
// begun and waited for.

static const double NAP_SECONDS = 20e-6;

static bool elsewhere(const rb_vector *vector)
{
    return vector->class->begin != NULL;
}

static void begin_step(rb_vector *vector, int i)
{
    if (vector->slots[i].status == RB_OK && vector->actions[i] != RB_VECTOR_REST)
        vector->class->begin(vector->slots[i].env, vector->actions[i]);
}

static rb_status first_failure(const rb_vector *vector, rb_error *error)
{
    for (int i = 0; i < vector->count; i++)
        if (vector->slots[i].status != RB_OK)
            return rb_error_set(error, vector->slots[i].status, "%s", vector->slots[i].error.message);
    return RB_OK;
}

void rb_vector_start(rb_vector *vector, rb_pool *pool, const int32_t *actions)
{
    vector->actions = actions;
    vector->together = true;
    if (elsewhere(vector))
        for (int i = 0; i < vector->count; i++) begin_step(vector, i);
    else
        rb_pool_start(pool, &vector->group, step_piece, vector, vector->count);
}

static void step_alone(void *context, int piece)
{
    (void)piece;
    slot *s = context;
    step_piece(s->vector, (int)(s - s->vector->slots));
}

void rb_vector_start_some(rb_vector *vector, rb_pool *pool, const int32_t *actions, const int *which,
                          int count)
{
    vector->actions = actions;
    for (int k = 0; k < count; k++) {
        slot *s = &vector->slots[which[k]];
        vector->away[vector->away_count++] = which[k];
        if (elsewhere(vector))
            begin_step(vector, which[k]);
        else
            rb_pool_start(pool, &s->alone, step_alone, s, 1);
    }
}

static bool has_arrived(const rb_vector *vector, int i)
{
    const slot *s = &vector->slots[i];
    if (!elsewhere(vector)) return rb_pool_is_done(&s->alone);
    return s->status != RB_OK || vector->actions[i] == RB_VECTOR_REST || vector->class->ready(s->env);
}

static void bring_in(rb_vector *vector, rb_pool *pool, int i)
{
    if (elsewhere(vector))
        step_piece(vector, i);
    else
        rb_pool_wait(pool, &vector->slots[i].alone);
}

rb_status rb_vector_wait(rb_vector *vector, rb_pool *pool, rb_error *error)
{
    if (vector->together && elsewhere(vector))
        for (int i = 0; i < vector->count; i++) step_piece(vector, i);
    else if (vector->together)
        rb_pool_wait(pool, &vector->group);
    vector->together = false;
    for (int k = 0; k < vector->away_count; k++) bring_in(vector, pool, vector->away[k]);
    vector->away_count = 0;
    tell_notices(vector);
    return first_failure(vector, error);
}

// Takes those that are done off the list of those on their way.
static int arrivals(rb_vector *vector, rb_pool *pool, int *which)
{
    int came = 0, still = 0;
    for (int k = 0; k < vector->away_count; k++) {
        const int i = vector->away[k];
        if (!has_arrived(vector, i)) {
            vector->away[still++] = i;
            continue;
        }
        bring_in(vector, pool, i);
        int at = came++;
        for (; at > 0 && which[at - 1] > i; at--) which[at] = which[at - 1];
        which[at] = i;
    }
    vector->away_count = still;
    return came;
}

// With the first that no thread steps yet; false where there is none.
static bool help(rb_vector *vector)
{
    for (int k = 0; k < vector->away_count; k++)
        if (rb_pool_help(&vector->slots[vector->away[k]].alone)) return true;
    return false;
}

rb_status rb_vector_wait_some(rb_vector *vector, rb_pool *pool, int *which, int *count, rb_error *error)
{
    *count = arrivals(vector, pool, which);
    for (unsigned round = 0; *count == 0 && vector->away_count > 0; round++) {
        if (elsewhere(vector))
            rb_clock_nap(NAP_SECONDS); // others need the processor to get done
        else if (!help(vector))
            rb_pool_pause(round);
        *count = arrivals(vector, pool, which);
    }
    tell_notices(vector);
    return first_failure(vector, error);
}

const void *rb_vector_observations_of(rb_vector *vector, const int *which, int count)
{
    if (count == vector->count) return vector->observations;
    const size_t bytes = (size_t)vector->stack * vector->frame_bytes;
    for (int k = 0; k < count; k++)
        memcpy(vector->gathered + (size_t)k * bytes, stack_of(vector, which[k]), bytes);
    return vector->gathered;
}

const rb_env_spec *rb_vector_env_spec(const rb_vector *vector)
{
    return &vector->env_spec;
}
int rb_vector_count(const rb_vector *vector)
{
    return vector->count;
}
int rb_vector_stack(const rb_vector *vector)
{
    return vector->stack;
}
const void *rb_vector_observations(const rb_vector *vector)
{
    return vector->observations;
}
const rb_vector_result *rb_vector_results(const rb_vector *vector)
{
    return vector->results;
}
rb_env *rb_vector_env(rb_vector *vector, int i)
{
    return vector->slots[i].env;
}
const rb_env_class *rb_vector_class(const rb_vector *vector)
{
    return vector->class;
}
bool rb_vector_resumes(const rb_vector *vector)
{
    return vector->env_spec.can_save;
}

const void *rb_vector_next_frame(const rb_vector *vector, int i)
{
    return vector->next_frames + (size_t)i * vector->frame_bytes;
}

const void *rb_vector_first_frame(const rb_vector *vector, int i)
{
    return vector->first_frames + (size_t)i * vector->frame_bytes;
}

// An environment's own state is a string of bytes whose length only it knows: saved into a growing block
// first, so that the record can name its length, and loaded from a block that holds exactly what was saved.
typedef struct block {
    char *bytes;
    size_t used, room;
} block;

static bool block_write(rb_env_stream *stream, void *data, size_t bytes)
{
    block *b = stream->context;
    if (bytes > b->room - b->used) {
        size_t room = 2 * b->room + bytes + 4096;
        char *grown = realloc(b->bytes, room);
        if (!grown) return false;
        b->bytes = grown;
        b->room = room;
    }
    if (bytes) memcpy(b->bytes + b->used, data, bytes);
    b->used += bytes;
    return true;
}

static bool block_read(rb_env_stream *stream, void *data, size_t bytes)
{
    block *b = stream->context;
    if (bytes > b->room - b->used) return false;
    if (bytes) memcpy(data, b->bytes + b->used, bytes);
    b->used += bytes;
    return true;
}

static void save_env(rb_vector *vector, int i, rb_visitor *visitor)
{
    block b = {0};
    rb_env_stream stream = {block_write, &b};
    rb_error error = {0};
    rb_status status = vector->class->save(vector->slots[i].env, &stream, &error);
    if (status != RB_OK) {
        rb_visitor_fail(visitor, status, "environment %d: %s", i, error.message);
    } else {
        uint64_t bytes = b.used;
        rb_visit_u64(visitor, "state_bytes", &bytes);
        rb_visit_bytes(visitor, "state", b.bytes, b.used);
    }
    free(b.bytes);
}

static void load_env(rb_vector *vector, int i, rb_visitor *visitor)
{
    uint64_t bytes = 0;
    rb_visit_u64(visitor, "state_bytes", &bytes);
    if (rb_visitor_failed(visitor)) return;
    block b = {.bytes = malloc(bytes ? bytes : 1), .room = bytes};
    if (!b.bytes) {
        rb_visitor_fail(visitor, RB_ERR_MEMORY, "environment %d: no memory for its %llu bytes of state", i,
                        (unsigned long long)bytes);
        return;
    }
    rb_visit_bytes(visitor, "state", b.bytes, bytes);
    if (!rb_visitor_failed(visitor)) {
        rb_env_stream stream = {block_read, &b};
        rb_error error = {0};
        rb_status status = vector->class->load(vector->slots[i].env, &stream, &error);
        if (status != RB_OK)
            rb_visitor_fail(visitor, status, "environment %d: %s", i, error.message);
        else if (b.used != b.room)
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "environment %d: %zu bytes of its state were left over",
                            i, b.room - b.used);
    }
    free(b.bytes);
}

static void visit_slot(rb_vector *vector, int i, rb_visitor *visitor)
{
    slot *s = &vector->slots[i];
    char name[16];
    snprintf(name, sizeof name, "%d", i);
    rb_visit_open(visitor, name);
    rb_visit_f64(visitor, "game_return", &s->game_return);
    rb_visit_i64(visitor, "game_steps", &s->game_steps);
    rb_visit_bytes(visitor, "stack", stack_of(vector, i), (size_t)vector->stack * vector->frame_bytes);
    if (vector->class->save && vector->class->load) {
        if (rb_visitor_loading(visitor))
            load_env(vector, i, visitor);
        else
            save_env(vector, i, visitor);
    }
    rb_visit_close(visitor);
}

void rb_vector_visit(rb_vector *vector, rb_visitor *visitor)
{
    rb_visit_open(visitor, "environments");
    rb_visit_expect(visitor, "count", (uint64_t)vector->count);
    rb_visit_expect(visitor, "stack", (uint64_t)vector->stack);
    rb_visit_expect(visitor, "frame_bytes", vector->frame_bytes);
    rb_visit_expect(visitor, "can_save", vector->env_spec.can_save);
    for (int i = 0; i < vector->count; i++) visit_slot(vector, i, visitor);
    rb_visit_close(visitor);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    for (int i = 0; i < vector->count; i++) vector->slots[i].status = RB_OK;
    rb_error error = {0};
    if (!vector->env_spec.can_save && rb_vector_reset(vector, &error) != RB_OK)
        rb_visitor_fail(visitor, error.status, "%s", error.message);
}
