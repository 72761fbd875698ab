// Training targets: computed from the rewards of a batch and the value of the states k steps later. Legend: B
// samples, A actions, Z atoms.
#ifndef RB_AGENT_TARGETS_H
#define RB_AGENT_TARGETS_H

#include <stdbool.h>
#include "replay/batch.h"

// A state's best action is always one that batch->next_masks allows; every action is if that is NULL.
//
// targets [B] = returns + discounts * value[a*], a* the best action by chooser. chooser [B][A]: Q-values of
// the next states by the network that chooses; value [B][A]: by the target network. Passing the same array
// twice gives DQN; the online network's Q-values as chooser give double Q-learning (van Hasselt et al. 2015).
void rb_targets_scalar(float *targets, const rb_batch *batch, int actions, const float *chooser,
                       const float *value);

typedef struct rb_c51_support { // Z atoms at equal distances
    int atoms;
    double v_min, v_max;
} rb_c51_support;

typedef struct rb_c51_summary {
    float clipped; // share of the mass that was outside the support and moved to its ends
    float above;   // the part of it above v_max
    float largest; // the batch's largest |R + discount * expectation|, before the projection; NaN if any is
                   // NaN
} rb_c51_summary;

// targets [B][Z]: for each sample the distribution of returns + discounts * z for a* = best by chooser
// [B][A], projected linearly onto the support. logits [B][A][Z]: the target network's, for the next states.
rb_c51_summary rb_targets_c51(float *targets, const rb_batch *batch, int actions,
                              const rb_c51_support *support, const float *chooser, const float *logits);

// targets [count][Z]: for each scalar target of values [count] the histogram of a normal distribution around
// it, whose deviation is `sigma` times the distance of two atoms. A value outside the support counts as its
// end.
rb_c51_summary rb_targets_hl_gauss(float *targets, const float *values, int count,
                                   const rb_c51_support *support, double sigma);

// Adds `mass` at `value` to target [Z]. The two nearest atoms share it in proportion to nearness; an atom
// exactly at the value gets all of it; mass outside the support goes to the end atom. Returns whether the
// value was outside, by more than rounding: with v_max = 1 / (1 - gamma) and rewards of 1 the best target is
// v_max itself.
bool rb_c51_project(float *target, const rb_c51_support *support, double value, float mass);

#endif
