// CartPole: a pole on a cart, pushed left or right with a fixed force; each step pays 1 until the pole falls
// or the cart leaves the track. The observation is the state (cart.h) rounded to float.
//
// State and reward are bit-identical to Gymnasium's CartPole-v1 from the same start
// (tests/env/test_cartpole.c compares 100 episodes of Gymnasium's). Only the start differs: uniform in -0.05
// .. 0.05 from a counter-based stream, not from NumPy's generator. The caller applies the time limit (500
// steps; CartPole-v0: 200) from spec.
#include <stdlib.h>
#include <string.h>
#include "env/cart.h"
#include "env/registry.h"

typedef struct cartpole {
    rb_cart cart;
    rb_rng rng; // for the starts
    int limit_steps;
} cartpole;

static rb_status cartpole_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    cartpole *pole = calloc(1, sizeof *pole);
    if (!pole) return rb_error_set(error, RB_ERR_MEMORY, "no memory for CartPole");
    const rb_env_options *named = options;
    pole->limit_steps =
        named && named->settings.name && !strcmp(named->settings.name, "CartPole-v0") ? 200 : 500;
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
                         .action_names = rb_cart_actions,
                         .max_episode_steps = pole->limit_steps,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = RB_CART_HEIGHT,
                         .screen_width = RB_CART_WIDTH};
}

static rb_status cartpole_reset(rb_env *env, rb_error *error)
{
    (void)error;
    cartpole *pole = (cartpole *)env;
    rb_cart_start(&pole->cart, &pole->rng);
    return RB_OK;
}

static rb_status cartpole_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    const double steepest = 12 * 2 * 3.141592653589793 / 360;
    *out = rb_cart_step(&((cartpole *)env)->cart, action, steepest);
    return RB_OK;
}

static void cartpole_observe(const rb_env *env, void *frame)
{
    const cartpole *pole = (const cartpole *)env;
    float *out = frame;
    for (int i = 0; i < 4; i++) out[i] = (float)pole->cart.state[i];
}

static void cartpole_render(const rb_env *env, uint8_t *rgb)
{
    const cartpole *pole = (const cartpole *)env;
    rb_drawing canvas = {rgb, RB_CART_WIDTH, RB_CART_HEIGHT, 0, RB_CART_HEIGHT};
    rb_cart_draw(pole->cart.state, &canvas);
}

// The saved state: 4 doubles (state), then the stream's key, index and position, then a byte: fallen.
static rb_status cartpole_transfer(rb_env *env, rb_env_stream *stream, const char *verb, rb_error *error)
{
    cartpole *pole = (cartpole *)env;
    uint8_t fallen = pole->cart.fallen;
    if (!rb_classic_transfer(stream, pole->cart.state, 4, &pole->rng) ||
        !stream->transfer(stream, &fallen, sizeof fallen))
        return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state could not be %s", verb);
    pole->cart.fallen = fallen != 0;
    return RB_OK;
}

static rb_status cartpole_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    return cartpole_transfer(env, to, "written", error);
}

static rb_status cartpole_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    cartpole read = *(cartpole *)env;
    rb_status status = cartpole_transfer((rb_env *)&read, from, "read", error);
    if (status) return status;
    if (!rb_classic_within(read.cart.state, 4, rb_cart_most))
        return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state: a number is not one of a game");
    *(cartpole *)env = read;
    return RB_OK;
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
    .render = cartpole_render,
    .save = cartpole_save,
    .load = cartpole_load,
};
