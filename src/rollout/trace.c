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
    int64_t shape[3]; // one observation's
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

enum { OBSERVATIONS, Q_VALUES, ACTIONS, GAMES, MASKS, TENSORS };

static void fill(void *context, int i, void *out)
{
    const rb_trace *t = context;
    const size_t count = (size_t)t->count;
    const void *const from[TENSORS] = {t->observations, t->q, t->action, t->game, t->masks};
    const size_t bytes[TENSORS] = {count * t->observation_bytes, count * sizeof(float) * (size_t)t->actions,
                                   count * sizeof(int32_t), count * sizeof(int32_t),
                                   count * (size_t)t->actions};
    memcpy(out, from[i], bytes[i]);
}

rb_status rb_trace_write(const rb_trace *t, const char *path, const char *env, int64_t step, rb_error *error)
{
    char text[24];
    const size_t count = (size_t)t->count;
    rb_safetensor tensors[TENSORS] = {
        [OBSERVATIONS] = {.name = "observations",
                          .dims = 1 + t->dims,
                          .shape = {t->count, t->shape[0], t->shape[1], t->shape[2]},
                          .count = count,
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
    };
    for (int d = 0; d < t->dims; d++) tensors[OBSERVATIONS].count *= (size_t)t->shape[d];
    snprintf(text, sizeof text, "%" PRId64, step);
    const rb_safetensors_note notes[] = {
        rb_safetensors_checksum, {"env", env}, {"rainbow", RB_VERSION}, {"step", text}};
    return rb_safetensors_write(path, tensors, t->masks ? TENSORS : MASKS, notes,
                                sizeof notes / sizeof *notes, fill, (void *)t, error);
}
