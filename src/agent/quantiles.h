// Distributions of returns as quantiles: QR-DQN's network gives one output for each of N fixed fractions
// (Dabney et al. 2017), IQN's one for each fraction that it is asked for (Dabney et al. 2018). Legend: B
// samples, A actions, N quantiles of a sample and action.
#ifndef RB_AGENT_QUANTILES_H
#define RB_AGENT_QUANTILES_H

#include <stddef.h>
#include "agent/munchausen.h"
#include "replay/batch.h"

// Quantile j of action a of sample i is values[i * sample + a * action + j * quantile].
typedef struct rb_quantiles {
    const float *values;
    int count; // N
    ptrdiff_t sample, action, quantile;
} rb_quantiles;

static inline float rb_quantile(const rb_quantiles *q, int sample, int action, int j)
{
    return q->values[sample * q->sample + action * q->action + j * q->quantile];
}

// The middles of N equal parts of 0 .. 1: (j + 1/2) / N.
void rb_fractions_fill(float *fractions, int count);

// q [B][A]: the mean over each action's quantiles.
void rb_quantiles_mean(float *q, const rb_quantiles *quantiles, int count, int actions);
// out [A][N]: the quantiles of one sample.
void rb_quantiles_gather(float *out, const rb_quantiles *quantiles, int sample, int actions);

// targets [B][N'] = returns + discounts * quantile of a*, a* the best allowed action by chooser [B][A].
void rb_targets_quantile(float *targets, const rb_batch *batch, int actions, const float *chooser,
                         const rb_quantiles *next);
// Munchausen: returns + bonus + discounts * sum over a of policy(a) * (quantile of a + entropy(a)), quantile
// by quantile.
void rb_targets_quantile_soft(float *targets, const rb_batch *batch, int actions, const rb_soft *soft,
                              const rb_quantiles *next);

// Quantile Huber loss. With u = targets[i][j] - quantile k of the action taken, and fraction f of quantile k,
//     loss of a sample = sum over k, mean over j of |f - [u < 0]| * huber(u) / kappa
//     huber(u) = u^2 / 2 if |u| <= kappa, else kappa * (|u| - kappa / 2)
// and with kappa 0 |u| in place of huber(u) / kappa. fractions: `fractions_sample` apart from sample to
// sample, 0 if all have the same. targets [B][targets_count]. Returns the mean over the batch of weight *
// loss; adds the gradient to `gradient`, which has the layout of the quantiles and is 0 before; writes
// batch->priorities = the sample's loss.
float rb_loss_quantile(float *gradient, rb_batch *batch, double kappa, const rb_quantiles *quantiles,
                       const float *fractions, ptrdiff_t fractions_sample, const float *targets,
                       int targets_count);

#endif
