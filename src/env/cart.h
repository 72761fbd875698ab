// The cart and its pole: the equations and the picture, for the tasks that are made of them (cartpole.c sees
// four numbers, cartpole_pixels.c sees the picture).
//
// The equations are those of Barto, Sutton and Anderson (1983, "Neuronlike adaptive elements that can solve
// difficult learning control problems"), integrated by Euler steps of 0.02 s. Sums and products stand in the
// order of Gymnasium's CartPole-v1, in double precision without fused multiply-adds, so that the state is the
// same bit for bit from the same start.
#ifndef RB_ENV_CART_H
#define RB_ENV_CART_H

#include "env/classic.h"
#include "env/drawing.h"

enum { RB_CART_WIDTH = 600, RB_CART_HEIGHT = 400 }; // of its picture

typedef struct rb_cart {
    double state[4]; // cart's place (m) and speed (m/s), pole's angle (rad, 0 upright) and its speed (rad/s)
    bool fallen;     // a step after the end earns nothing
} rb_cart;

extern const char *const rb_cart_actions[2];

void rb_cart_start(rb_cart *cart, rb_rng *rng); // four numbers uniform in -0.05 .. 0.05
// One step, pushed left (0) or right (1). It ends where the cart leaves 2.4 m of track to either side or the
// pole leans more than `steepest` (rad).
rb_env_step rb_cart_step(rb_cart *cart, int action, double steepest);
// Gymnasium's picture, RB_CART_HEIGHT x RB_CART_WIDTH or some of its rows.
void rb_cart_draw(const double state[4], const rb_drawing *canvas);

#endif
