// What the network is taught: targets from the rewards of a batch and the value of the states k steps later.
// Legend: B samples, A actions, Z atoms.
#ifndef RB_AGENT_TARGETS_H
#define RB_AGENT_TARGETS_H

#include <stdbool.h>
#include "replay/batch.h"

// targets [B] = returns + discounts * value[a*], a* the best action by chooser. chooser [B][A]: Q-values of
// the next states by the network that chooses; value [B][A]: by the target network. The same array for both
// is DQN, the online network's as chooser is double Q-learning (van Hasselt et al. 2015).
void rb_targets_scalar(float *targets, const rb_batch *batch, int actions, const float *chooser,
                       const float *value);

typedef struct rb_c51_support { // Z atoms at equal distances
    int atoms;
    double v_min, v_max;
} rb_c51_support;

typedef struct rb_c51_summary {
    float clipped; // share of the mass that lay outside the support and was moved to its ends
    float above;   // the part of it above v_max
    float largest; // |R + discount * expectation| before the projection, the largest of the batch; NaN if one
                   // is
} rb_c51_summary;

// targets [B][Z]: for each sample the distribution of returns + discounts * z for a* = best by chooser
// [B][A], projected linearly on the support. logits [B][A][Z]: of the target network for the next states.
rb_c51_summary rb_targets_c51(float *targets, const rb_batch *batch, int actions,
                              const rb_c51_support *support, const float *chooser, const float *logits);

// Adds `mass` at place `value` of the line to target [Z]: shared between the two nearest atoms by nearness,
// all of it to one where the value lies on it; values outside go to the end atom. Returns whether it lay
// outside.
bool rb_c51_project(float *target, const rb_c51_support *support, double value, float mass);

#endif
