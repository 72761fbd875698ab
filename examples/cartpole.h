// CartPole for the examples that own their loop: the equations of Barto, Sutton and Anderson (1983) with
// Gymnasium's constants. A game ends when the pole falls or the cart leaves the track, and is cut at 500
// steps.
#ifndef EXAMPLES_CARTPOLE_H
#define EXAMPLES_CARTPOLE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct cartpole {
    double x, x_speed, angle, angle_speed;
    int steps;
    uint64_t dice;
} cartpole;

static inline double cartpole_start_value(cartpole *c) // -0.05 .. 0.05, splitmix64
{
    uint64_t z = c->dice += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0 * 0.1 - 0.05;
}

static inline void cartpole_reset(cartpole *c)
{
    c->x = cartpole_start_value(c);
    c->x_speed = cartpole_start_value(c);
    c->angle = cartpole_start_value(c);
    c->angle_speed = cartpole_start_value(c);
    c->steps = 0;
}

static inline void cartpole_look(const cartpole *c, float seen[4])
{
    seen[0] = (float)c->x;
    seen[1] = (float)c->x_speed;
    seen[2] = (float)c->angle;
    seen[3] = (float)c->angle_speed;
}

// Pushes the cart to the left (0) or to the right (1) for 0.02 s. Returns whether the pole fell; every step's
// reward is 1.
static inline bool cartpole_step(cartpole *c, int action)
{
    const double force = action ? 10 : -10, cosine = cos(c->angle), sine = sin(c->angle);
    const double push = (force + 0.05 * c->angle_speed * c->angle_speed * sine) / 1.1;
    const double turn = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3 - 0.1 * cosine * cosine / 1.1));
    c->x += 0.02 * c->x_speed;
    c->x_speed += 0.02 * (push - 0.05 * turn * cosine / 1.1);
    c->angle += 0.02 * c->angle_speed;
    c->angle_speed += 0.02 * turn;
    c->steps++;
    return fabs(c->x) > 2.4 || fabs(c->angle) > 12 * 3.14159265358979323846 / 180;
}

#endif
