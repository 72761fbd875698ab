// An environment that was built for version 1 of the interface. Behind its table lies a pointer to a function
// that ends the process: whoever reads beyond the end of a version 1 table takes it for the function mask.
#include "own/env_abi1.h"

#include <stdlib.h>
#include <string.h>

struct rb_env {
    int32_t place, steps;
    uint64_t rng;
};

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)options, (void)error;
    *out = calloc(1, sizeof **out);
    (*out)->rng = seed;
    return RB_OK;
}

static void destroy(rb_env *env)
{
    free(env);
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){
        .kind = RB_OBS_F32, .channels = 1, .height = 1, .width = 1, .actions = 2, .can_save = true};
}

static rb_status reset(rb_env *env, rb_error *error)
{
    (void)error;
    env->rng = env->rng * UINT64_C(6364136223846793005) + 1;
    env->place = (int32_t)(env->rng >> 60);
    env->steps = 0;
    return RB_OK;
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    env->place += action ? 1 : -1;
    out->reward = env->place;
    out->terminated = ++env->steps == 9;
    return RB_OK;
}

static void observe(const rb_env *env, void *frame)
{
    const float place = (float)env->place;
    memcpy(frame, &place, sizeof place);
}

static rb_status transfer(rb_env *env, rb_env_stream *stream, rb_error *error)
{
    (void)error;
    return stream->transfer(stream, env, sizeof *env) ? RB_OK : RB_ERR_ENV;
}

static const struct {
    rb_env_class table;
    void (*beyond)(void);
} whole = {.table = {.abi = RB_ENV_ABI,
                     .name = "first",
                     .create = create,
                     .destroy = destroy,
                     .spec = spec,
                     .reset = reset,
                     .step = step,
                     .observe = observe,
                     .save = transfer,
                     .load = transfer},
           .beyond = abort};
extern const rb_env_class rb_env_export __attribute__((alias("whole"), visibility("default")));
