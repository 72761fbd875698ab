// CartPole from pixels, as in DeepLizard's guide to deep Q-learning: the observation is the change of the
// picture.
//
//     600 x 400 picture (cart.h)     rows 160 .. 319            40 x 90 RGB, 0 .. 1
//     +--------------------+        +--------------------+      +---------+
//     |                    |  crop  |         /          | shrink| p_t     |    observation t = p_t - p_(t-1)
//     |         /          | -----> |       _/_          | ----> |         |    black (all 0) at an episode's
//     |       _/_          |        +--------------------+      +---------+    first state and after its end
//     +--------------------+
//
// The constants are the guide's: the cart's rules are CartPole-v0's without a time limit
// (env.max_episode_steps sets one), and the pole may lean 160 degrees. At most the upper quarter of a hanging
// pole is inside the cropped rows.
//
// The saved state contains the two states whose pictures are compared; loading redraws them.
#include <stdlib.h>
#include <string.h>
#include "env/cart.h"
#include "env/registry.h"
#include "env/shrink.h"

enum {
    FIRST_ROW = RB_CART_HEIGHT * 4 / 10, // 40 %
    ROWS = RB_CART_HEIGHT * 8 / 10 - FIRST_ROW,
    HEIGHT = 40,
    WIDTH = 90,
    NUMBERS = 3 * HEIGHT * WIDTH,
};

typedef struct pixels {
    rb_cart cart;
    double before[4]; // the state one step earlier
    bool black;       // the episode has just begun, or is over
    rb_rng rng;       // for the starts
    rb_shrink *shrink;
    uint8_t picture[2][NUMBERS]; // [now, before][3][HEIGHT][WIDTH]
    uint8_t strip[ROWS * RB_CART_WIDTH * 3];
} pixels;

static void pixels_destroy(rb_env *env)
{
    if (env) rb_shrink_destroy(((pixels *)env)->shrink);
    free(env);
}

static rb_status pixels_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)options;
    pixels *pole = calloc(1, sizeof *pole);
    if (!pole) return rb_error_set(error, RB_ERR_MEMORY, "no memory for CartPole from pixels");
    pole->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    pole->black = true;
    rb_status status = rb_shrink_create(&pole->shrink, ROWS, RB_CART_WIDTH, HEIGHT, WIDTH, error);
    if (status == RB_OK)
        *out = (rb_env *)pole;
    else
        pixels_destroy((rb_env *)pole);
    return status;
}

static void pixels_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){.kind = RB_OBS_F32,
                         .channels = 3,
                         .height = HEIGHT,
                         .width = WIDTH,
                         .stack = 1,
                         .actions = 2,
                         .action_names = rb_cart_actions,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = RB_CART_HEIGHT,
                         .screen_width = RB_CART_WIDTH};
}

static void look(pixels *pole, const double state[4], uint8_t *picture)
{
    rb_drawing canvas = {pole->strip, RB_CART_WIDTH, RB_CART_HEIGHT, FIRST_ROW, ROWS};
    rb_cart_draw(state, &canvas);
    rb_shrink_run(pole->shrink, pole->strip, picture);
}

static rb_status pixels_reset(rb_env *env, rb_error *error)
{
    (void)error;
    pixels *pole = (pixels *)env;
    rb_cart_start(&pole->cart, &pole->rng);
    memcpy(pole->before, pole->cart.state, sizeof pole->before);
    pole->black = true;
    look(pole, pole->cart.state, pole->picture[0]);
    return RB_OK;
}

static rb_status pixels_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    const double steepest = 160 * 2 * 3.141592653589793 / 360;
    pixels *pole = (pixels *)env;
    memcpy(pole->before, pole->cart.state, sizeof pole->before);
    memcpy(pole->picture[1], pole->picture[0], sizeof pole->picture[1]);
    *out = rb_cart_step(&pole->cart, action, steepest);
    pole->black = out->terminated;
    look(pole, pole->cart.state, pole->picture[0]);
    return RB_OK;
}

static void pixels_observe(const rb_env *env, void *frame)
{
    const pixels *pole = (const pixels *)env;
    float *out = frame;
    for (int i = 0; i < NUMBERS; i++)
        out[i] = pole->black ? 0 : (float)pole->picture[0][i] / 255 - (float)pole->picture[1][i] / 255;
}

static void pixels_render(const rb_env *env, uint8_t *rgb)
{
    rb_drawing canvas = {rgb, RB_CART_WIDTH, RB_CART_HEIGHT, 0, RB_CART_HEIGHT};
    rb_cart_draw(((const pixels *)env)->cart.state, &canvas);
}

// The saved state: 4 doubles (state), the stream's key, index and position, 4 doubles (the state before), a
// byte: fallen, a byte: black.
static bool pixels_transfer(pixels *pole, rb_env_stream *stream)
{
    uint8_t marks[2] = {pole->cart.fallen, pole->black};
    bool whole = rb_classic_transfer(stream, pole->cart.state, 4, &pole->rng) &&
                 stream->transfer(stream, pole->before, sizeof pole->before) &&
                 stream->transfer(stream, marks, sizeof marks);
    pole->cart.fallen = marks[0] != 0;
    pole->black = marks[1] != 0;
    return whole;
}

static rb_status pixels_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    if (pixels_transfer((pixels *)env, to)) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state could not be written");
}

static rb_status pixels_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    pixels *pole = (pixels *)env;
    if (!pixels_transfer(pole, from))
        return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state could not be read");
    if (!rb_classic_within(pole->cart.state, 4, rb_cart_most) ||
        !rb_classic_within(pole->before, 4, rb_cart_most)) {
        memset(pole->cart.state, 0, sizeof pole->cart.state); // so that it can be drawn
        memset(pole->before, 0, sizeof pole->before);
        return rb_error_set(error, RB_ERR_FORMAT, "CartPole's state: a number is not one of a game");
    }
    look(pole, pole->before, pole->picture[1]);
    look(pole, pole->cart.state, pole->picture[0]);
    return RB_OK;
}

const rb_env_class rb_cartpole_pixels_class = {
    .abi = RB_ENV_ABI,
    .name = "cartpole-pixels",
    .create = pixels_create,
    .destroy = pixels_destroy,
    .spec = pixels_spec,
    .reset = pixels_reset,
    .step = pixels_step,
    .observe = pixels_observe,
    .render = pixels_render,
    .save = pixels_save,
    .load = pixels_load,
};
