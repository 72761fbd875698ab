// From a network's outputs to Q-values and actions. Legend: N observations, A actions, Z outputs an action
// (atoms, or 1).
#ifndef RB_AGENT_ACTING_H
#define RB_AGENT_ACTING_H

#include <stdint.h>
#include "base/rng.h"

// The atoms' places: Z of them at equal distances from v_min to v_max, both included.
void rb_support_fill(float *support, int atoms, double v_min, double v_max);

// q [N][A] from outputs [N][A][Z]. Where Z is 1 the outputs are the Q-values; otherwise they are logits, and
// Q is the expectation of support [Z] under their softmax.
void rb_q_values(float *q, const float *outputs, int count, int actions, int atoms, const float *support);

// The action of the largest of q [A]; of equal ones the lowest index.
int rb_q_best(const float *q, int actions);

// Epsilon-greedy: actions [N] from q [N][A]. Observation i takes its coin and its random action from
// coins[i], and always draws both, so that a stream's position depends on the number of steps alone.
void rb_act_epsilon(int32_t *chosen, const float *q, int count, int actions, double epsilon,
                    rb_rng *explore_rng);

#endif
