// See trace.h. All memory is allocated once the environments are known; pages that no decision reaches take
// no memory.
#include "rollout/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/text.h"
#include "env/contract.h"
#include "io/safetensors.h"
#include "rollout/agent_spec.h"

struct rb_trace {
    int64_t most, count; // decisions
    int actions, dims;
    int64_t shape[3]; // one observation's, or its picture's
    int vector_dims;  // of the vector beside the picture; 0: there is none
    int64_t vector_shape[3];
    int stack;
    size_t picture_bytes, vector_bytes; // of a frame
    bool bytes;
    size_t observation_bytes;
    uint8_t *observations;
    float *q;
    int32_t *action, *game;
    uint8_t *masks; // [most][A]; NULL without masks
};

rb_status rb_trace_create(rb_trace **out, int64_t steps, rb_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a trace");
    (*out)->most = steps;
    return RB_OK;
}

void rb_trace_destroy(rb_trace *t)
{
    if (!t) return;
    free(t->observations), free(t->q), free(t->action), free(t->game), free(t->masks);
    free(t);
}

static rb_status begin(void *context, rb_vector *envs, rb_error *error)
{
    rb_trace *t = context;
    const rb_env_spec *env = rb_vector_env_spec(envs);
    const int stack = rb_vector_stack(envs);
    const size_t most = (size_t)t->most;
    t->bytes = env->kind == RB_OBS_U8;
    t->actions = env->actions;
    t->observation_bytes = rb_env_frame_bytes(env) * (size_t)stack;
    t->dims = rb_observation_shape(t->shape, env->channels * stack, env->height, env->width, stack);
    t->stack = stack;
    t->vector_bytes = (size_t)env->vector * sizeof(float);
    t->picture_bytes = rb_env_frame_bytes(env) - t->vector_bytes;
    if (env->vector) t->vector_dims = rb_observation_shape(t->vector_shape, env->vector * stack, 1, 1, stack);
    const double bytes =
        (double)most * ((double)t->observation_bytes + (double)sizeof *t->q * t->actions + sizeof *t->action +
                        sizeof *t->game + (env->masks ? (double)t->actions : 0));
    if (bytes < rb_cpu_memory_available()) {
        t->observations = calloc(most, t->observation_bytes);
        t->q = calloc(most, sizeof *t->q * (size_t)t->actions);
        t->action = calloc(most, sizeof *t->action);
        t->game = calloc(most, sizeof *t->game);
        if (env->masks) t->masks = calloc(most, (size_t)t->actions);
        if (t->observations && t->q && t->action && t->game && (t->masks || !env->masks)) return RB_OK;
    }
    char room[32];
    rb_text_bytes(room, sizeof room, bytes);
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for a trace of %" PRId64 " decisions, %s", t->most,
                        room);
}

static void decision(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions)
{
    rb_trace *t = context;
    const uint8_t *observations = rb_vector_observations(envs);
    for (int i = 0; i < rb_vector_count(envs) && t->count < t->most; i++) {
        if (game[i] < 0) continue;
        const size_t at = (size_t)t->count++, width = (size_t)t->actions;
        memcpy(t->observations + at * t->observation_bytes, observations + (size_t)i * t->observation_bytes,
               t->observation_bytes);
        memcpy(t->q + at * width, q + (size_t)i * width, width * sizeof *q);
        if (t->masks) memcpy(t->masks + at * width, rb_vector_mask(envs, i), width);
        t->action[at] = actions[i];
        t->game[at] = game[i];
    }
}

rb_eval_observer rb_trace_watch(rb_trace *t)
{
    return (rb_eval_observer){.context = t, .begin = begin, .decision = decision};
}

enum { OBSERVATIONS, Q_VALUES, ACTIONS, GAMES, MASKS, VECTORS, TENSORS };

// Copies the same part of every frame.
static void fill_part(const rb_trace *t, size_t from, size_t bytes, char *out)
{
    const size_t frame = t->picture_bytes + t->vector_bytes, frames = (size_t)t->count * (size_t)t->stack;
    for (size_t f = 0; f < frames; f++) memcpy(out + f * bytes, t->observations + f * frame + from, bytes);
}

static void fill_tensor(const rb_trace *t, int tensor, void *out)
{
    const size_t count = (size_t)t->count;
    const void *const from[] = {NULL, t->q, t->action, t->game, t->masks};
    const size_t bytes[] = {0, count * sizeof(float) * (size_t)t->actions, count * sizeof(int32_t),
                            count * sizeof(int32_t), count * (size_t)t->actions};
    if (tensor == OBSERVATIONS)
        fill_part(t, 0, t->picture_bytes, out);
    else if (tensor == VECTORS)
        fill_part(t, t->picture_bytes, t->vector_bytes, out);
    else
        memcpy(out, from[tensor], bytes[tensor]);
}

static bool has_tensor(const rb_trace *t, int tensor)
{
    return tensor == MASKS ? t->masks != NULL : tensor == VECTORS ? t->vector_dims > 0 : true;
}

// `i`: among the tensors that there are.
static void fill(void *context, int i, void *out)
{
    const rb_trace *t = context;
    int tensor = 0;
    while (!has_tensor(t, tensor) || i-- > 0) tensor++;
    fill_tensor(t, tensor, out);
}

static size_t numbers_of(const int64_t *shape, int dims)
{
    size_t numbers = 1;
    for (int d = 0; d < dims; d++) numbers *= (size_t)shape[d];
    return numbers;
}

rb_status rb_trace_write(const rb_trace *t, const char *path, const char *env, int64_t step, rb_error *error)
{
    char text[24];
    const size_t count = (size_t)t->count;
    const rb_safetensor all[TENSORS] = {
        [OBSERVATIONS] = {.name = "observations",
                          .dims = 1 + t->dims,
                          .shape = {t->count, t->shape[0], t->shape[1], t->shape[2]},
                          .count = count * numbers_of(t->shape, t->dims),
                          .type = t->bytes ? RB_SAFETENSOR_U8 : RB_SAFETENSOR_F32},
        [Q_VALUES] = {.name = "q_values",
                      .dims = 2,
                      .shape = {t->count, t->actions},
                      .count = count * (size_t)t->actions},
        [ACTIONS] =
            {.name = "actions", .dims = 1, .shape = {t->count}, .count = count, .type = RB_SAFETENSOR_I32},
        [GAMES] =
            {.name = "games", .dims = 1, .shape = {t->count}, .count = count, .type = RB_SAFETENSOR_I32},
        [MASKS] = {.name = "masks",
                   .dims = 2,
                   .shape = {t->count, t->actions},
                   .count = count * (size_t)t->actions,
                   .type = RB_SAFETENSOR_U8},
        [VECTORS] = {.name = "vectors",
                     .dims = 1 + t->vector_dims,
                     .shape = {t->count, t->vector_shape[0], t->vector_shape[1], t->vector_shape[2]},
                     .count = count * numbers_of(t->vector_shape, t->vector_dims)},
    };
    rb_safetensor tensors[TENSORS];
    int used = 0;
    for (int i = 0; i < TENSORS; i++)
        if (has_tensor(t, i)) tensors[used++] = all[i];
    snprintf(text, sizeof text, "%" PRId64, step);
    const rb_safetensors_note notes[] = {
        rb_safetensors_checksum, {"env", env}, {"rainbow", RB_VERSION}, {"step", text}};
    return rb_safetensors_write(path, tensors, used, notes, sizeof notes / sizeof *notes, fill, (void *)t,
                                error);
}
