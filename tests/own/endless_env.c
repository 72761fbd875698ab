// An environment whose games never end, and which names no time limit: evaluations have to set one. Its
// options are the reward of each step; 1 without them.
#include <stdlib.h>
#include "rainbow/env.h"

struct rb_env {
    float at;
    double reward;
};

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)seed;
    *out = calloc(1, sizeof **out);
    if (!*out) return rb_env_fail(error, "no memory");
    (*out)->reward = *(const char *)options ? atof(options) : 1;
    return RB_OK;
}

static void destroy(rb_env *env)
{
    free(env);
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    out->kind = RB_OBS_F32, out->channels = out->height = out->width = 1, out->actions = 2;
}

static rb_status reset(rb_env *env, rb_error *error)
{
    (void)error;
    env->at = 0;
    return RB_OK;
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)action, (void)error;
    env->at = 1 - env->at;
    out->reward = env->reward;
    return RB_OK;
}

static void observe(const rb_env *env, void *frame)
{
    *(float *)frame = env->at;
}

const rb_env_class rb_env_export = {.abi = RB_ENV_ABI,
                                    .name = "endless",
                                    .create = create,
                                    .destroy = destroy,
                                    .spec = spec,
                                    .reset = reset,
                                    .step = step,
                                    .observe = observe};
