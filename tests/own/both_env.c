// A picture with a vector beside it. Games of 20 steps; the right action, with the reward 1, is the exclusive
// or of a bit in the picture (in which half a point is) and a bit in the vector (the sign of its second
// number). Options: "picture" or "vector" hides that part; "nan" makes a number of the vector NaN from the
// fifth step on.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rainbow/env.h"

// Of version 2 the number after `masks` is no vector.
#ifdef SECOND_ABI
enum { ABI = 2 };
#else
enum { ABI = RB_ENV_ABI };
#endif

enum { SIDE = 6, NUMBERS = 3, STEPS = 20 };

struct rb_env {
    uint64_t dice;
    int bits[2], place, steps;
    float other;
    bool no_picture, no_vector, fails;
};

static unsigned roll(rb_env *env, unsigned sides)
{
    env->dice = env->dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(env->dice >> 33) % sides;
}

static void look(rb_env *env)
{
    env->bits[0] = (int)roll(env, 2), env->bits[1] = (int)roll(env, 2);
    env->place = (int)roll(env, SIDE * SIDE / 2);
    env->other = (float)roll(env, 1000) / 1000;
}

static rb_status both_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    rb_env *env = *out = calloc(1, sizeof **out);
    if (!env) return rb_env_fail(error, "no memory");
    env->dice = seed * 2654435761u + 1;
    env->no_picture = !strcmp(options, "picture");
    env->no_vector = !strcmp(options, "vector");
    env->fails = !strcmp(options, "nan");
    return RB_OK;
}

static void both_destroy(rb_env *env)
{
    free(env);
}

static void both_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    out->kind = RB_OBS_U8;
    out->channels = 1, out->height = out->width = SIDE;
    out->vector = NUMBERS;
    out->actions = 2;
    out->can_save = true;
    out->ends = true;
}

static rb_status both_reset(rb_env *env, rb_error *error)
{
    (void)error;
    env->steps = 0;
    look(env);
    return RB_OK;
}

static rb_status both_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    out->reward = action == (env->bits[0] ^ env->bits[1]);
    out->terminated = ++env->steps == STEPS;
    look(env);
    return RB_OK;
}

static void both_observe(const rb_env *env, void *frame)
{
    uint8_t *pixel = frame;
    const int half = env->bits[0] * SIDE * SIDE / 2;
    const float numbers[NUMBERS] = {env->other,
                                    env->no_vector ? 0
                                    : env->bits[1] ? 1
                                                   : -1,
                                    env->fails && env->steps >= 5 ? NAN : 0.5f};
    memset(pixel, 0, SIDE * SIDE);
    if (!env->no_picture) pixel[half + env->place] = 255;
    if (ABI > 2) memcpy(pixel + SIDE * SIDE, numbers, sizeof numbers);
}

static rb_status transfer(rb_env *env, rb_env_stream *stream, rb_error *error)
{
    return stream->transfer(stream, env, sizeof *env) ? RB_OK : rb_env_fail(error, "the state is incomplete");
}

const rb_env_class rb_env_export = {.abi = ABI,
                                    .name = "both",
                                    .create = both_create,
                                    .destroy = both_destroy,
                                    .spec = both_spec,
                                    .reset = both_reset,
                                    .step = both_step,
                                    .observe = both_observe,
                                    .save = transfer,
                                    .load = transfer};
