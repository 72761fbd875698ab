// The cart and its pole: the equations and the picture, for the tasks that use them (cartpole.c observes four
// numbers, cartpole_pixels.c the picture).
//
// The equations are those of Barto, Sutton and Anderson (1983, "Neuronlike adaptive elements that can solve
// difficult learning control problems"), integrated by Euler steps of 0.02 s. Sums and products are in the
// order of Gymnasium's CartPole-v1, in double precision without fused multiply-adds, so that the state is
// bit-identical from the same start.
#ifndef RB_ENV_CART_H
#define RB_ENV_CART_H

#include "env/classic.h"
#include "env/drawing.h"

enum { RB_CART_WIDTH = 600, RB_CART_HEIGHT = 400 }; // the picture's pixels

typedef struct rb_cart {
    double
        state[4]; // cart's position (m) and speed (m/s), pole's angle (rad, 0 upright) and its speed (rad/s)
    bool fallen;  // a step after the end earns nothing
} rb_cart;

extern const char *const rb_cart_actions[2];
// Far beyond any state of a game: a loaded number above it is not CartPole's, and could not be drawn.
static const double rb_cart_most = 1e6;

void rb_cart_start(rb_cart *cart, rb_rng *rng); // four numbers uniform in -0.05 .. 0.05
// One step, pushed left (0) or right (1). The episode ends when the cart is more than 2.4 m from the middle
// or the pole leans more than `steepest` (rad).
rb_env_step rb_cart_step(rb_cart *cart, int action, double steepest);
// Draws Gymnasium's picture, RB_CART_HEIGHT x RB_CART_WIDTH, or some of its rows.
void rb_cart_draw(const double state[4], const rb_drawing *canvas);

#endif
