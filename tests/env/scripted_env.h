// A scripted environment for tests of code that uses the environment interface: every frame contains its
// instance, game and step, and games end, truncate and lose lives at steps that a test can compute.
#ifndef RB_TESTS_ENV_SCRIPTED_ENV_H
#define RB_TESTS_ENV_SCRIPTED_ENV_H

#include <stdlib.h>
#include "rainbow/env.h"

typedef struct script { // the options; shared by all instances
    int created, alive; // counts; the first to be created is instance 1
    int fail_create;    // the instance that can't be created; 0: none
    int fail_step;      // the step of instances 2 and 3 that fails; 0: none
    int fail_reset;     // the game that can't be begun
    bool saves;
    double poison; // added to the rewards of instance 1
} script;

typedef struct scripted {
    const script *script;
    uint64_t seed;
    int id, game, step;
} scripted;

// The script: a game's length, how it ends, and at which steps a life is lost.
static inline int scripted_length(int id, int game)
{
    return 3 + (id * 7 + game * 5) % 11;
}
static inline bool scripted_truncates(int id, int game)
{
    return (id + game) % 3 == 0;
}
static inline bool scripted_life_lost(int id, int game, int step)
{
    return step % 4 == 2 && step < scripted_length(id, game);
}
static inline double scripted_reward(int id, int step)
{
    return step % 3 - 1 + (step % 3 == 2 ? id : 0) * 0.25;
}
static inline void scripted_frame(uint8_t frame[4], int id, int game, int step)
{
    frame[0] = (uint8_t)id;
    frame[1] = (uint8_t)(game + 1);
    frame[2] = (uint8_t)(step + 1);
    frame[3] = 77;
}

static rb_status scripted_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    script *s = (script *)options;
    if (++s->created == s->fail_create) return rb_error_set(error, RB_ERR_MISSING, "no more of these");
    scripted *env = calloc(1, sizeof *env);
    *env = (scripted){.script = s, .seed = seed, .id = s->created};
    s->alive++;
    *out = (rb_env *)env;
    return RB_OK;
}

static void scripted_destroy(rb_env *env)
{
    ((script *)((scripted *)env)->script)->alive--;
    free(env);
}

static void scripted_spec(const rb_env *env, rb_env_spec *out)
{
    *out = (rb_env_spec){.kind = RB_OBS_U8,
                         .channels = 2,
                         .height = 1,
                         .width = 2,
                         .stack = 3,
                         .actions = 2,
                         .frames_per_step = 4,
                         .can_save = ((const scripted *)env)->script->saves};
}

static rb_status scripted_reset(rb_env *env, rb_error *error)
{
    scripted *e = (scripted *)env;
    if (e->script->fail_reset && e->game + 1 >= e->script->fail_reset)
        return rb_error_set(error, RB_ERR_ENV, "game %d does not begin", e->game + 1);
    e->game++;
    e->step = 0;
    return RB_OK;
}

static rb_status scripted_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)action;
    scripted *e = (scripted *)env;
    e->step++;
    if (e->step == e->script->fail_step && (e->id == 2 || e->id == 3))
        return rb_error_set(error, RB_ERR_ENV, "instance %d broke", e->id);
    bool end = e->step >= scripted_length(e->id, e->game);
    *out = (rb_env_step){.reward = scripted_reward(e->id, e->step),
                         .terminated = end && !scripted_truncates(e->id, e->game),
                         .truncated = end && scripted_truncates(e->id, e->game),
                         .life_lost = scripted_life_lost(e->id, e->game, e->step),
                         .frames = 4};
    if (e->id == 1) out->reward += e->script->poison;
    return RB_OK;
}

static void scripted_observe(const rb_env *env, void *frame)
{
    const scripted *e = (const scripted *)env;
    scripted_frame(frame, e->id, e->game, e->step);
}

static rb_status scripted_transfer(rb_env *env, rb_env_stream *stream, rb_error *error)
{
    scripted *e = (scripted *)env;
    if (stream->transfer(stream, &e->seed, sizeof e->seed) &&
        stream->transfer(stream, &e->game, sizeof e->game) &&
        stream->transfer(stream, &e->step, sizeof e->step))
        return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "cut short");
}

static const rb_env_class scripted_class = {
    .abi = RB_ENV_ABI,
    .name = "scripted",
    .create = scripted_create,
    .destroy = scripted_destroy,
    .spec = scripted_spec,
    .reset = scripted_reset,
    .step = scripted_step,
    .observe = scripted_observe,
    .save = scripted_transfer,
    .load = scripted_transfer,
};

#endif
