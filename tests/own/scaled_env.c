// CartPole in units that a network cannot read well: one number is large with a small change, others are tiny
// or huge. Only normalised they are of the size that a network expects.
#include <stdlib.h>

#include "../../examples/cartpole.h"
#include "rainbow/env.h"

struct rb_env {
    cartpole game;
};

static rb_status scaled_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)options;
    *out = calloc(1, sizeof **out);
    if (!*out) return rb_env_fail(error, "no memory");
    (*out)->game.dice = seed;
    return RB_OK;
}

static void scaled_destroy(rb_env *env)
{
    free(env);
}

static void scaled_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    out->kind = RB_OBS_F32;
    out->channels = 4, out->height = out->width = 1;
    out->actions = 2;
    out->max_episode_steps = 500;
    out->can_save = true;
}

static rb_status scaled_reset(rb_env *env, rb_error *error)
{
    (void)error;
    cartpole_reset(&env->game);
    return RB_OK;
}

static rb_status scaled_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    out->terminated = cartpole_step(&env->game, action);
    out->reward = 1;
    return RB_OK;
}

static void scaled_observe(const rb_env *env, void *frame)
{
    static const double factor[4] = {1e3, 1e-3, 1e-2, 1e3}, offset[4] = {1e4, 0, 0, -500};
    float seen[4], *out = frame;
    cartpole_look(&env->game, seen);
    for (int i = 0; i < 4; i++) out[i] = (float)(seen[i] * factor[i] + offset[i]);
}

static rb_status transfer(rb_env *env, rb_env_stream *stream, rb_error *error)
{
    return stream->transfer(stream, env, sizeof *env) ? RB_OK : rb_env_fail(error, "the state is incomplete");
}

const rb_env_class rb_env_export = {.abi = RB_ENV_ABI,
                                    .name = "scaled",
                                    .create = scaled_create,
                                    .destroy = scaled_destroy,
                                    .spec = scaled_spec,
                                    .reset = scaled_reset,
                                    .step = scaled_step,
                                    .observe = scaled_observe,
                                    .save = transfer,
                                    .load = transfer};
