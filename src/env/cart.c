// See cart.h.
#include "env/cart.h"

#include <assert.h>
#include <math.h>

static const double track = 2.4; // metres to either side

const char *const rb_cart_actions[2] = {"left", "right"};

void rb_cart_start(rb_cart *cart, rb_rng *rng)
{
    for (int i = 0; i < 4; i++) cart->state[i] = rb_rng_range(rng, -0.05, 0.05);
    cart->fallen = false;
}

rb_env_step rb_cart_step(rb_cart *cart, int action, double steepest)
{
    assert(action == 0 || action == 1);
    // The constants are products of doubles where Gymnasium multiplies them: 0.1 + 1.0 is not the double
    // nearest to 1.1.
    const double gravity = 9.8, pole_mass = 0.1, total_mass = pole_mass + 1.0, half_length = 0.5;
    const double mass_length = pole_mass * half_length, seconds = 0.02;

    double x = cart->state[0], x_speed = cart->state[1], angle = cart->state[2], angle_speed = cart->state[3];
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
    cart->state[0] = x;
    cart->state[1] = x_speed;
    cart->state[2] = angle;
    cart->state[3] = angle_speed;

    bool down = x < -track || x > track || angle < -steepest || angle > steepest;
    rb_env_step step = {.reward = down && cart->fallen ? 0.0 : 1.0, .terminated = down, .frames = 1};
    cart->fallen = cart->fallen || down;
    return step;
}

// The track's middle is the picture's; the pole turns about an axle a little above the cart's middle.
void rb_cart_draw(const double state[4], const rb_drawing *canvas)
{
    const rb_colour black = {0, 0, 0}, wood = {202, 152, 101}, violet = {129, 132, 203};
    const double scale = RB_CART_WIDTH / (2 * track), length = scale; // pixels a metre; the pole's: a metre
    const double half_cart = 25, half_high = 15, half_pole = 5, axle = 7.5;
    const rb_point cart = {state[0] * scale + RB_CART_WIDTH / 2.0, 100}, joint = {cart.x, cart.y + axle};

    rb_draw_clear(canvas);
    rb_draw_polygon(canvas,
                    (rb_point[]){{cart.x - half_cart, cart.y - half_high},
                                 {cart.x - half_cart, cart.y + half_high},
                                 {cart.x + half_cart, cart.y + half_high},
                                 {cart.x + half_cart, cart.y - half_high}},
                    4, black);
    rb_point pole[4] = {{-half_pole, -half_pole},
                        {-half_pole, length - half_pole},
                        {half_pole, length - half_pole},
                        {half_pole, -half_pole}};
    for (int i = 0; i < 4; i++) pole[i] = rb_rotate(pole[i], -state[2], joint);
    rb_draw_polygon(canvas, pole, 4, wood);
    rb_draw_disc(canvas, joint.x, joint.y, (int)half_pole, violet);
    rb_draw_box(canvas, 0, (int)cart.y, RB_CART_WIDTH - 1, (int)cart.y, black);
}
