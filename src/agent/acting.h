// Turns a network's outputs into Q-values and actions. Legend: N observations, A actions, Z outputs per
// action (atoms, or 1).
#ifndef RB_AGENT_ACTING_H
#define RB_AGENT_ACTING_H

#include <stdint.h>
#include "base/rng.h"

// The atoms' values: Z of them at equal distances from v_min to v_max, both included.
void rb_support_fill(float *support, int atoms, double v_min, double v_max);

// q [N][A] from outputs [N][A][Z]. If Z is 1, the outputs are the Q-values; otherwise they are logits, and Q
// is the expectation of support [Z] under their softmax.
void rb_q_values(float *q, const float *outputs, int count, int actions, int atoms, const float *support);

// The action with the largest of q [A]; among equal ones the lowest index.
int rb_q_best(const float *q, int actions);
// The same among allowed actions only: mask [A], 1 or 0; NULL allows all.
int rb_q_best_allowed(const float *q, const uint8_t *mask, int actions);

// Epsilon-greedy among the allowed actions: actions [N] from q [N][A] and masks [N][A] (NULL: all are
// allowed). Observation i takes its coin and its random action from explore_rng[i], and has its own epsilon
// [N]. Both are always drawn, so that a stream's position depends only on the number of steps. The second
// draw, from 0 to 1, is cut into as many equal parts as there are allowed actions, in ascending order: the
// same draw means another action where others are allowed, but the stream stays aligned.
void rb_act_epsilon(int32_t *chosen, const float *q, const uint8_t *masks, int count, int actions,
                    const double *epsilon, rb_rng *explore_rng);

#endif
