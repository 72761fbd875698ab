// CartPole: a pole on a cart, pushed left or right with a fixed force; 1 for every step until it falls or the
// cart leaves the track.
//
// The equations are those of Barto, Sutton and Anderson (1983, "Neuronlike adaptive elements that can solve
// difficult learning control problems"), integrated by Euler steps of 0.02 s. Sums and products stand in the
// order of Gymnasium's CartPole-v1, in double precision without fused multiply-adds, so that state and reward
// are the same bit for bit from the same start (tests/env/test_cartpole.c holds 100 episodes of Gymnasium's
// against it). The observation is the state rounded to float.
//
// What is ours is the start: uniform in -0.05 .. 0.05 from a counter-based stream, not from NumPy's
// generator. The time limit (500 steps; CartPole-v0: 200) is the caller's, through spec.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "env/registry.h"

typedef struct cartpole {
    double state[4]; // cart's place (m) and speed (m/s), pole's angle (rad, 0 upright) and its speed (rad/s)
    rb_rng rng;      // the starts
    bool fallen;     // a step after the end earns nothing
    int limit_steps;
} cartpole;

static const char *const action_names[] = {"left", "right"};

static rb_status cartpole_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    cartpole *pole = calloc(1, sizeof *pole);
    if (!pole) return rb_error_set(error, RB_ERR_MEMORY, "no memory for CartPole");
    const rb_env_options *named = options;
    pole->limit_steps = named && named->name && !strcmp(named->name, "CartPole-v0") ? 200 : 500;
    pole->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    *out = (rb_env *)pole;
    return RB_OK;
}

static void cartpole_destroy(rb_env *env)
{
    free(env);
}

static void cartpole_spec(const rb_env *env, rb_env_spec *out)
{
    const cartpole *pole = (const cartpole *)env;
    *out = (rb_env_spec){.kind = RB_OBS_F32,
                         .channels = 4,
                         .height = 1,
                         .width = 1,
                         .stack = 1,
                         .actions = 2,
                         .action_names = action_names,
                         .max_episode_steps = pole->limit_steps,
                         .frames_per_step = 1,
                         .can_save = true};
}

static rb_status cartpole_reset(rb_env *env, rb_error *error)
{
    (void)error;
    cartpole *pole = (cartpole *)env;
    for (int i = 0; i < 4; i++) pole->state[i] = rb_rng_range(&pole->rng, -0.05, 0.05);
    pole->fallen = false;
    return RB_OK;
}

static rb_status cartpole_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    assert(action == 0 || action == 1);
    // The constants are products of doubles where Gymnasium multiplies them: 0.1 + 1.0 is not the double
    // nearest to 1.1.
    const double gravity = 9.8, pole_mass = 0.1, total_mass = pole_mass + 1.0, half_length = 0.5;
    const double mass_length = pole_mass * half_length, seconds = 0.02;
    const double track = 2.4, steepest = 12 * 2 * 3.141592653589793 / 360;

    cartpole *pole = (cartpole *)env;
    double x = pole->state[0], x_speed = pole->state[1], angle = pole->state[2], angle_speed = pole->state[3];
    double force = action == 1 ? 10.0 : -10.0;
    double cosine = cos(angle), sine = sin(angle);
    double push = (force + mass_length * (angle_speed * angle_speed) * sine) / total_mass;
    double angle_acceleration = (gravity * sine - cosine * push) /
                                (half_length * (4.0 / 3.0 - pole_mass * (cosine * cosine) / total_mass));
    double acceleration = push - mass_length * angle_acceleration * cosine / total_mass;
    x += seconds * x_speed;
    x_speed += seconds * acceleration;
    angle += seconds * angle_speed;
    angle_speed += seconds * angle_acceleration;
    pole->state[0] = x;
    pole->state[1] = x_speed;
    pole->state[2] = angle;
    pole->state[3] = angle_speed;

    bool down = x < -track || x > track || angle < -steepest || angle > steepest;
    *out = (rb_env_step){.reward = down && pole->fallen ? 0.0 : 1.0, .terminated = down, .frames = 1};
    pole->fallen = pole->fallen || down;
    return RB_OK;
}

static void cartpole_observe(const rb_env *env, void *frame)
{
    const cartpole *pole = (const cartpole *)env;
    float *out = frame;
    for (int i = 0; i < 4; i++) out[i] = (float)pole->state[i];
}

// The saved state: 4 doubles (state), then the stream's key, index and position, then a byte: fallen.
static rb_status cartpole_transfer(rb_env *env, rb_env_stream *stream, const char *verb, rb_error *error)
{
    cartpole *pole = (cartpole *)env;
    uint8_t fallen = pole->fallen;
    bool whole = stream->transfer(stream, pole->state, sizeof pole->state) &&
                 stream->transfer(stream, pole->rng.key, sizeof pole->rng.key) &&
                 stream->transfer(stream, &pole->rng.index, sizeof pole->rng.index) &&
                 stream->transfer(stream, &pole->rng.position, sizeof pole->rng.position) &&
                 stream->transfer(stream, &fallen, sizeof fallen);
    if (!whole) return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state could not be %s", verb);
    pole->fallen = fallen != 0;
    return RB_OK;
}

static rb_status cartpole_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    return cartpole_transfer(env, to, "written", error);
}

static rb_status cartpole_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    return cartpole_transfer(env, from, "read", error);
}

const rb_env_class rb_cartpole_class = {
    .abi = RB_ENV_ABI,
    .name = "cartpole",
    .create = cartpole_create,
    .destroy = cartpole_destroy,
    .spec = cartpole_spec,
    .reset = cartpole_reset,
    .step = cartpole_step,
    .observe = cartpole_observe,
    .save = cartpole_save,
    .load = cartpole_load,
};
