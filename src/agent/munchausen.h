// Munchausen targets (Vieillard et al. 2020): a soft maximum over next actions, and a reward for the
// log-probability of the action taken. Legend: B samples, A actions, Z atoms.
#ifndef RB_AGENT_MUNCHAUSEN_H
#define RB_AGENT_MUNCHAUSEN_H

#include "agent/targets.h"
#include "config/params.h"
#include "replay/batch.h"

typedef struct rb_soft { // of a batch
    float *policy;       // [B][A] probabilities of the actions in s'; 0 for forbidden ones
    float *entropy;      // [B][A] -tau ln policy; 0 for forbidden actions
    float *bonus;        // [B] alpha * clip(tau ln policy(a | s), clip .. 0)
} rb_soft;

// policy [A] = softmax(q / tau) over the actions that `mask` allows (NULL: all), and entropy [A] = -tau ln
// policy.
void rb_soft_policy(float *policy, float *entropy, const float *q, const uint8_t *mask, int actions,
                    double tau);
// Fills `out` from the target network's Q-values of s and of s', both [B][A].
void rb_soft_make(rb_soft *out, const rb_batch *batch, int actions, const rb_agent_params *params,
                  const float *q_state, const float *q_next);

// targets [B] = returns + bonus + discounts * sum over a of policy(a) * (value(a) + entropy(a)). value
// [B][A]: the target network's Q-values of s'.
void rb_targets_scalar_soft(float *targets, const rb_batch *batch, int actions, const rb_soft *soft,
                            const float *value);
// targets [B][Z]: the mixture over a, with weights policy(a), of the distributions of returns + bonus +
// discounts * (z + entropy(a)), projected onto the support. logits [B][A][Z]: the target network's for s'.
rb_c51_summary rb_targets_c51_soft(float *targets, const rb_batch *batch, int actions,
                                   const rb_c51_support *support, const rb_soft *soft, const float *logits);

#endif
