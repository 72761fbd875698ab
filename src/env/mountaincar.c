// MountainCar: a car in a valley has an engine too weak to climb out, so it must gain momentum by swinging.
// Each step costs 1 until it reaches the flag on the right hill.
//
// The task is Moore's (1990, "Efficient memory-based learning for robot control") in the form of Sutton and
// Barto's book. Sums are in the order of Gymnasium's MountainCar-v0, in double precision, so that state,
// reward and end are bit-identical from the same start (tests/env/test_mountaincar.c). The observation is the
// state rounded to float.
//
// Only the start differs: at rest, uniform in -0.6 .. -0.4 from a counter-based stream. The caller applies
// the time limit (200 steps) from spec.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include "env/classic.h"
#include "env/drawing.h"
#include "env/registry.h"

typedef struct mountaincar {
    double state[2]; // position (the valley's floor is at -pi/6) and speed (per step)
    rb_rng rng;      // the starts
} mountaincar;

static const double leftmost = -1.2, rightmost = 0.6, fastest = 0.07, goal = 0.5;
static const char *const action_names[] = {"left", "none", "right"};

static rb_status mountaincar_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)options;
    mountaincar *car = calloc(1, sizeof *car);
    if (!car) return rb_error_set(error, RB_ERR_MEMORY, "no memory for MountainCar");
    car->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    *out = (rb_env *)car;
    return RB_OK;
}

static void mountaincar_destroy(rb_env *env)
{
    free(env);
}

static void mountaincar_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){.kind = RB_OBS_F32,
                         .channels = 2,
                         .height = 1,
                         .width = 1,
                         .stack = 1,
                         .actions = 3,
                         .action_names = action_names,
                         .max_episode_steps = 200,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = 400,
                         .screen_width = 600};
}

static rb_status mountaincar_reset(rb_env *env, rb_error *error)
{
    (void)error;
    mountaincar *car = (mountaincar *)env;
    car->state[0] = rb_rng_range(&car->rng, -0.6, -0.4);
    car->state[1] = 0;
    return RB_OK;
}

static double clip(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

static rb_status mountaincar_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    assert(action >= 0 && action < 3);
    const double force = 0.001, gravity = 0.0025;
    mountaincar *car = (mountaincar *)env;
    double place = car->state[0], speed = car->state[1];
    speed += (action - 1) * force + cos(3 * place) * -gravity;
    speed = clip(speed, -fastest, fastest);
    place += speed;
    place = clip(place, leftmost, rightmost);
    if (place == leftmost && speed < 0) speed = 0; // the wall takes the speed away
    car->state[0] = place;
    car->state[1] = speed;
    *out = (rb_env_step){.reward = -1, .terminated = place >= goal && speed >= 0, .frames = 1};
    return RB_OK;
}

static void mountaincar_observe(const rb_env *env, void *frame)
{
    const mountaincar *car = (const mountaincar *)env;
    float *out = frame;
    for (int i = 0; i < 2; i++) out[i] = (float)car->state[i];
}

static double hill(double place)
{
    return sin(3 * place) * 0.45 + 0.55;
}

// Gymnasium's picture: the hill as 99 segments, the car with its wheels, the flag.
static void mountaincar_render(const rb_env *env, uint8_t *rgb)
{
    enum { WIDTH = 600, HEIGHT = 400, PIECES = 99 };
    const rb_colour black = {0, 0, 0}, grey = {128, 128, 128}, yellow = {204, 204, 0};
    const double scale = WIDTH / (rightmost - leftmost), clearance = 10;
    const mountaincar *car = (const mountaincar *)env;
    rb_drawing canvas = {rgb, WIDTH, HEIGHT, 0, HEIGHT};
    rb_draw_clear(&canvas);

    rb_point before = {0, hill(leftmost) * scale};
    for (int i = 1; i <= PIECES; i++) {
        double place = leftmost + i * ((rightmost - leftmost) / PIECES);
        rb_point next = {(place - leftmost) * scale, hill(place) * scale};
        rb_draw_line(&canvas, before, next, black);
        before = next;
    }

    double place = car->state[0], slope = cos(3 * place);
    rb_point body[4] = {{-20, 0}, {-20, 20}, {20, 20}, {20, 0}}, wheels[2] = {{10, 0}, {-10, 0}};
    rb_point at = {(place - leftmost) * scale, clearance + hill(place) * scale};
    for (int i = 0; i < 4; i++) body[i] = rb_rotate(body[i], slope, at);
    rb_draw_polygon(&canvas, body, 4, black);
    for (int i = 0; i < 2; i++) {
        rb_point wheel = rb_rotate(wheels[i], slope, at);
        rb_draw_disc(&canvas, wheel.x, wheel.y, 8, grey);
    }

    int x = (int)((goal - leftmost) * scale), y = (int)(hill(goal) * scale);
    rb_draw_box(&canvas, x, y, x, y + 50, black);
    rb_draw_polygon(&canvas, (rb_point[]){{x, y + 50}, {x, y + 40}, {x + 25, y + 45}}, 3, yellow);
}

// The saved state: 2 doubles (state), then the stream's key, index and position.
static rb_status mountaincar_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    mountaincar *car = (mountaincar *)env;
    if (rb_classic_transfer(to, car->state, 2, &car->rng)) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "MountainCar's state could not be written");
}

static rb_status mountaincar_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    mountaincar *car = (mountaincar *)env, read = *car;
    if (!rb_classic_transfer(from, read.state, 2, &read.rng))
        return rb_error_set(error, RB_ERR_FORMAT, "MountainCar's state could not be read");
    if (!(read.state[0] >= leftmost && read.state[0] <= rightmost && fabs(read.state[1]) <= fastest))
        return rb_error_set(error, RB_ERR_FORMAT,
                            "MountainCar's state: place %g and speed %g are outside its valley",
                            read.state[0], read.state[1]);
    *car = read;
    return RB_OK;
}

const rb_env_class rb_mountaincar_class = {
    .abi = RB_ENV_ABI,
    .name = "mountaincar",
    .create = mountaincar_create,
    .destroy = mountaincar_destroy,
    .spec = mountaincar_spec,
    .reset = mountaincar_reset,
    .step = mountaincar_step,
    .observe = mountaincar_observe,
    .render = mountaincar_render,
    .save = mountaincar_save,
    .load = mountaincar_load,
};
