// The vector's state: scores so far, stacks, and each environment's own state.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "env/contract.h"
#include "env/vector_impl.h"

enum { NO_GAME = -1 }; // in the place of a game's steps: the environment had failed

// An environment's own state is a string of bytes whose length only the environment knows. It is first saved
// into a growing block, so that the record can state its length, and loaded from a block that holds exactly
// the saved bytes.
typedef struct block {
    char *bytes;
    size_t used, capacity;
} block;

static bool block_write(rb_env_stream *stream, void *data, size_t bytes)
{
    block *b = stream->context;
    if (bytes > b->capacity - b->used) {
        size_t capacity = 2 * b->capacity + bytes + 4096;
        char *grown = realloc(b->bytes, capacity);
        if (!grown) return false;
        b->bytes = grown;
        b->capacity = capacity;
    }
    if (bytes) memcpy(b->bytes + b->used, data, bytes);
    b->used += bytes;
    return true;
}

static bool block_read(rb_env_stream *stream, void *data, size_t bytes)
{
    block *b = stream->context;
    if (bytes > b->capacity - b->used) return false;
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
    if (!rb_visitor_failed(visitor) && bytes > rb_visitor_left(visitor))
        rb_visitor_fail(visitor, RB_ERR_FORMAT,
                        "environment %d: its state has %" PRIu64 " bytes, but the file has only %" PRIu64
                        " more",
                        i, bytes, rb_visitor_left(visitor));
    if (rb_visitor_failed(visitor)) return;
    block b = {.bytes = malloc(bytes ? bytes : 1), .capacity = bytes};
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
        else if (b.used != b.capacity)
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "environment %d: %zu bytes of its state were left over",
                            i, b.capacity - b.used);
    }
    free(b.bytes);
}

// The mask of a game that is resumed is checked like one that its environment gives.
static void visit_mask(rb_vector *vector, int i, bool resumes, rb_visitor *visitor)
{
    uint8_t *mask = rb_vector_mask_in(vector, vector->masks, i);
    rb_error error = {0};
    if (!mask) return;
    rb_visit_bytes(visitor, "mask", mask, (size_t)vector->env_spec.actions);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor) || !resumes) return;
    if (rb_env_mask_check(mask, vector->env_spec.actions, &error))
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "environment %d: %s", i, error.message);
}

static void visit_slot(rb_vector *vector, int i, rb_visitor *visitor)
{
    rb_slot *s = &vector->slots[i];
    char name[16];
    snprintf(name, sizeof name, "%d", i);
    rb_visit_open(visitor, name);
    rb_visit_f64(visitor, "game_return", &s->game_return);
    rb_visit_finite_f64(visitor, "game_return", &s->game_return, 1);
    // A failed environment is not called again: its game is over, and it has no state.
    const bool can_save = vector->env_spec.can_save, saves = vector->class->save && vector->class->load;
    int64_t game_steps = s->status && can_save ? NO_GAME : s->game_steps;
    rb_visit_i64(visitor, "game_steps", &game_steps);
    rb_visit_limits(visitor, "game_steps", game_steps, can_save ? NO_GAME : 0, INT64_MAX / 2);
    if (rb_visitor_loading(visitor)) s->game_steps = game_steps;
    s->began = game_steps == NO_GAME;
    const size_t stack_bytes = (size_t)vector->stack * vector->frame_bytes;
    rb_visit_bytes(visitor, "stack", rb_vector_stack_of(vector, i), stack_bytes);
    if (vector->env_spec.kind == RB_OBS_F32)
        rb_visit_finite_f32(visitor, "stack", (const float *)rb_vector_stack_of(vector, i),
                            stack_bytes / sizeof(float));
    for (int f = 0; vector->env_spec.vector && f < vector->stack; f++)
        rb_visit_finite_floats(visitor, "stack",
                               rb_vector_stack_of(vector, i) + (size_t)(f + 1) * vector->frame_bytes -
                                   (size_t)vector->env_spec.vector * sizeof(float),
                               (size_t)vector->env_spec.vector);
    visit_mask(vector, i, can_save && game_steps != NO_GAME, visitor);
    if (saves && game_steps != NO_GAME) {
        if (rb_visitor_loading(visitor))
            load_env(vector, i, visitor);
        else
            save_env(vector, i, visitor);
    }
    rb_visit_close(visitor);
}

static void visit_frame(const rb_vector *vector, char *frames, int i, const char *name, rb_visitor *v)
{
    const size_t vectors = (size_t)vector->env_spec.vector * sizeof(float);
    char *frame = frames + (size_t)i * vector->frame_bytes;
    rb_visit_bytes(v, name, frame, vector->frame_bytes);
    if (vector->env_spec.kind == RB_OBS_F32)
        rb_visit_finite_f32(v, name, (const float *)frame, vector->frame_bytes / sizeof(float));
    if (vectors)
        rb_visit_finite_floats(v, name, frame + vector->frame_bytes - vectors,
                               (size_t)vector->env_spec.vector);
}

static void visit_result(rb_vector_result *r, rb_visitor *v)
{
    int32_t frames = r->frames;
    rb_visit_f64(v, "reward", &r->reward);
    rb_visit_finite_f64(v, "reward", &r->reward, 1);
    rb_visit_f32s(v, "learner_reward", &r->learner_reward, 1);
    rb_visit_finite_f32(v, "learner_reward", &r->learner_reward, 1);
    rb_visit_bool(v, "terminated", &r->terminated);
    rb_visit_bool(v, "truncated", &r->truncated);
    rb_visit_bool(v, "game_over", &r->game_over);
    rb_visit_bool(v, "cut", &r->cut);
    rb_visit_f64(v, "game_return", &r->game_return);
    rb_visit_finite_f64(v, "game_return", &r->game_return, 1);
    rb_visit_i64(v, "game_steps", &r->game_steps);
    rb_visit_limits(v, "game_steps", r->game_steps, 0, INT64_MAX / 2);
    rb_visit_i32(v, "frames", &frames);
    rb_visit_limits(v, "frames", frames, 0, INT32_MAX / 2);
    r->frames = frames;
    if (rb_visitor_loading(v) && !rb_visitor_failed(v) && r->terminated && r->truncated)
        rb_visitor_fail(v, RB_ERR_FORMAT, "a step both terminated and truncated its episode");
}

void rb_vector_visit_step(rb_vector *vector, rb_visitor *v)
{
    const int actions = vector->env_spec.actions;
    for (int i = 0; i < vector->count; i++) {
        uint8_t *mask = rb_vector_mask_in(vector, vector->next_masks, i);
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        rb_visit_open(v, name);
        visit_result(&vector->results[i], v);
        visit_frame(vector, vector->next_frames, i, "next_frame", v);
        visit_frame(vector, vector->first_frames, i, "first_frame", v);
        if (mask) rb_visit_bytes(v, "next_mask", mask, (size_t)actions);
        rb_error error = {0};
        if (mask && rb_visitor_loading(v) && !rb_visitor_failed(v) && !vector->results[i].terminated &&
            rb_env_mask_check(mask, actions, &error))
            rb_visitor_fail(v, RB_ERR_FORMAT, "environment %d: %s", i, error.message);
        rb_visit_close(v);
    }
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
    rb_error error = {0};
    rb_status status = RB_OK;
    for (int i = 0; i < vector->count && !status; i++) {
        rb_slot *s = &vector->slots[i];
        s->status = RB_OK;
        s->began = s->began || !vector->env_spec.can_save;
        if (s->began) status = rb_vector_begin_game(vector, i, &error);
    }
    if (status) rb_visitor_fail(visitor, status, "%s", error.message);
    rb_vector_tell_notices(vector);
}
