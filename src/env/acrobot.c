// Acrobot: two links hang from a fixed joint, and only the joint between them has a motor. Each step costs 1
// until the free end swings a link's length above the fixed joint.
//
//          o  fixed          theta1: of the first link, 0 hanging down
//         /                  theta2: of the second link, seen from the first, 0 straight
//        o  motor
//         \                  the end is reached where -cos(theta1) - cos(theta1 + theta2) > 1
//          '
//
// The task is Sutton's (1996, "Generalization in reinforcement learning: successful examples using sparse
// coarse coding"), the equations are those of Sutton and Barto's book, integrated by one Runge-Kutta step of
// fourth order over 0.2 s. Sums stand in the order of Gymnasium's Acrobot-v1, in double precision, so that
// state, reward and end are the same bit for bit from the same start (tests/env/test_acrobot.c).
//
// What is ours is the start: each of the four numbers uniform in -0.1 .. 0.1 from a counter-based stream,
// rounded to float as Gymnasium's. The time limit (500 steps) is the caller's, through spec.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include "env/classic.h"
#include "env/drawing.h"
#include "env/registry.h"

static const double pi = 3.141592653589793;

typedef struct acrobot {
    double state[4]; // theta1, theta2 (rad, -pi .. pi) and their speeds (rad/s)
    rb_rng rng;      // the starts
} acrobot;

static const char *const action_names[] = {"torque -1", "torque 0", "torque +1"};

static rb_status acrobot_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)options;
    acrobot *bot = calloc(1, sizeof *bot);
    if (!bot) return rb_error_set(error, RB_ERR_MEMORY, "no memory for Acrobot");
    bot->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    *out = (rb_env *)bot;
    return RB_OK;
}

static void acrobot_destroy(rb_env *env)
{
    free(env);
}

static void acrobot_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){.kind = RB_OBS_F32,
                         .channels = 6,
                         .height = 1,
                         .width = 1,
                         .stack = 1,
                         .actions = 3,
                         .action_names = action_names,
                         .max_episode_steps = 500,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = 500,
                         .screen_width = 500};
}

static rb_status acrobot_reset(rb_env *env, rb_error *error)
{
    (void)error;
    acrobot *bot = (acrobot *)env;
    for (int i = 0; i < 4; i++) bot->state[i] = (float)rb_rng_range(&bot->rng, -0.1, 0.1);
    return RB_OK;
}

// A square as Gymnasium takes it, by the C library's power, which is off in the last bit now and then: the
// compiler must not see the 2.
static double square(double value)
{
    static volatile const double two = 2;
    return pow(value, two);
}

// The time derivative of s under a torque. Links of 1 kg and 1 m, their centres of mass in the middle,
// moments of inertia of 1: with these numbers Gymnasium's products of constants are exact, but for g's.
static void derivative(const double s[4], double torque, double out[4])
{
    const double g = 9.8;
    double theta1 = s[0], theta2 = s[1], speed1 = s[2], speed2 = s[3];
    double d1 = 0.25 + (1.25 + cos(theta2)) + 1 + 1;
    double d2 = 0.25 + 0.5 * cos(theta2) + 1;
    double phi2 = 0.5 * g * cos(theta1 + theta2 - pi / 2);
    double phi1 = -0.5 * square(speed2) * sin(theta2) - speed2 * speed1 * sin(theta2) +
                  1.5 * g * cos(theta1 - pi / 2) + phi2;
    double turn2 =
        (torque + d2 / d1 * phi1 - 0.5 * square(speed1) * sin(theta2) - phi2) / (0.25 + 1 - square(d2) / d1);
    out[0] = speed1;
    out[1] = speed2;
    out[2] = -(d2 * turn2 + phi1) / d1;
    out[3] = turn2;
}

static void runge_kutta(double s[4], double torque)
{
    const double dt = 0.2;
    double k1[4], k2[4], k3[4], k4[4], at[4];
    derivative(s, torque, k1);
    for (int i = 0; i < 4; i++) at[i] = s[i] + dt / 2 * k1[i];
    derivative(at, torque, k2);
    for (int i = 0; i < 4; i++) at[i] = s[i] + dt / 2 * k2[i];
    derivative(at, torque, k3);
    for (int i = 0; i < 4; i++) at[i] = s[i] + dt * k3[i];
    derivative(at, torque, k4);
    for (int i = 0; i < 4; i++) s[i] += dt / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

static double wrap(double angle)
{
    while (angle > pi) angle -= 2 * pi;
    while (angle < -pi) angle += 2 * pi;
    return angle;
}

static double clip(double value, double most)
{
    return value < -most ? -most : value > most ? most : value;
}

static rb_status acrobot_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    assert(action >= 0 && action < 3);
    acrobot *bot = (acrobot *)env;
    double *s = bot->state;
    runge_kutta(s, action - 1);
    s[0] = wrap(s[0]);
    s[1] = wrap(s[1]);
    s[2] = clip(s[2], 4 * pi);
    s[3] = clip(s[3], 9 * pi);
    bool up = -cos(s[0]) - cos(s[1] + s[0]) > 1;
    *out = (rb_env_step){.reward = up ? 0 : -1, .terminated = up, .frames = 1};
    return RB_OK;
}

static void acrobot_observe(const rb_env *env, void *frame)
{
    const double *s = ((const acrobot *)env)->state;
    const double seen[6] = {cos(s[0]), sin(s[0]), cos(s[1]), sin(s[1]), s[2], s[3]};
    float *out = frame;
    for (int i = 0; i < 6; i++) out[i] = (float)seen[i];
}

// The picture is Gymnasium's: a line at the height to reach, two blue links with their joints.
static void acrobot_render(const rb_env *env, uint8_t *rgb)
{
    enum { SIDE = 500 };
    const rb_colour black = {0, 0, 0}, blue = {0, 204, 204}, yellow = {204, 204, 0};
    const double scale = SIDE / 4.4, middle = SIDE / 2, half = 0.1 * scale;
    const double *s = ((const acrobot *)env)->state;
    rb_drawing canvas = {rgb, SIDE, SIDE, 0, SIDE};
    rb_draw_clear(&canvas);
    int goal = (int)(scale + middle);
    rb_draw_box(&canvas, 0, goal, SIDE - 1, goal, black);

    const double angles[2] = {s[0] - pi / 2, s[0] + s[1] - pi / 2};
    const rb_point joints[2] = {{middle, middle}, {middle + sin(s[0]) * scale, middle - cos(s[0]) * scale}};
    for (int i = 0; i < 2; i++) {
        rb_point link[4] = {{0, -half}, {0, half}, {scale, half}, {scale, -half}};
        for (int k = 0; k < 4; k++) link[k] = rb_rotate(link[k], angles[i], joints[i]);
        rb_draw_polygon(&canvas, link, 4, blue);
        rb_draw_disc(&canvas, joints[i].x, joints[i].y, (int)half, yellow);
    }
}

// The saved state: 4 doubles (state), then the stream's key, index and position.
static rb_status acrobot_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    acrobot *bot = (acrobot *)env;
    if (rb_classic_transfer(to, bot->state, 4, &bot->rng)) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "Acrobot's state could not be written");
}

// Numbers that no game reaches are refused: wrapping an angle takes a turn at a time.
static rb_status acrobot_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    acrobot *bot = (acrobot *)env, read = *bot;
    if (!rb_classic_transfer(from, read.state, 4, &read.rng))
        return rb_error_set(error, RB_ERR_FORMAT, "Acrobot's state could not be read");
    const double most[4] = {pi, pi, 4 * pi, 9 * pi};
    for (int i = 0; i < 4; i++)
        if (!(fabs(read.state[i]) <= most[i]))
            return rb_error_set(error, RB_ERR_FORMAT, "Acrobot's state: number %d is %g", i, read.state[i]);
    *bot = read;
    return RB_OK;
}

const rb_env_class rb_acrobot_class = {
    .abi = RB_ENV_ABI,
    .name = "acrobot",
    .create = acrobot_create,
    .destroy = acrobot_destroy,
    .spec = acrobot_spec,
    .reset = acrobot_reset,
    .step = acrobot_step,
    .observe = acrobot_observe,
    .render = acrobot_render,
    .save = acrobot_save,
    .load = acrobot_load,
};
