// Losses. Each is the mean over the batch of the importance weight times the sample's loss (Schaul et al.
// 2015).
//
// The cross-entropy uses the log-softmax, l - max - log sum exp(l - max), so its gradient, softmax - target,
// stays exact even where the prediction is worst. A softmax clamped away from 0 before the logarithm would
// have no gradient there.
#include "agent/losses.h"

#include <math.h>
#include <string.h>
#include "agent/logits.h"
#include "config/params.h"

static float scalar_loss(int kind, float d, float *slope)
{
    switch (kind) {
    case RB_LOSS_SQUARED:
        *slope = 2 * d;
        return d * d;
    case RB_LOSS_HALF_SQUARED:
        *slope = d;
        return 0.5f * d * d;
    default: // Huber, kappa 1
        *slope = d > 1 ? 1 : d < -1 ? -1 : d;
        return fabsf(d) <= 1 ? 0.5f * d * d : fabsf(d) - 0.5f;
    }
}

float rb_loss_scalar(float *gradient, rb_batch *batch, int actions, int kind, const float *q,
                     const float *targets)
{
    const int size = batch->size;
    memset(gradient, 0, (size_t)size * (size_t)actions * sizeof *gradient);
    double sum = 0;
    for (int i = 0; i < size; i++) {
        const int taken = i * actions + batch->actions[i];
        const float d = q[taken] - targets[i];
        float slope;
        sum += (double)batch->weights[i] * scalar_loss(kind, d, &slope);
        gradient[taken] = batch->weights[i] * slope / (float)size;
        batch->priorities[i] = fabsf(d);
    }
    return (float)(sum / size);
}

// One sample: gradient [Z] = scale * (softmax - target). Returns the cross-entropy and sets *entropy to the
// target's entropy.
static double cross_entropy(float *gradient, const float *logits, const float *target, int atoms, float scale,
                            double *entropy)
{
    const float top = rb_logits_top(logits, atoms);
    const double sum = rb_logits_sum(logits, atoms, top), log_sum = log(sum);
    double cross = 0;
    *entropy = 0;
    for (int z = 0; z < atoms; z++) {
        gradient[z] = scale * (float)(expf(logits[z] - top) / sum - target[z]);
        cross -= target[z] * ((double)(logits[z] - top) - log_sum);
        if (target[z] > 0) *entropy -= target[z] * log(target[z]);
    }
    return cross;
}

float rb_loss_c51(float *gradient, rb_batch *batch, int actions, int atoms, int priority, const float *logits,
                  const float *targets)
{
    const int size = batch->size;
    memset(gradient, 0, (size_t)size * (size_t)actions * (size_t)atoms * sizeof *gradient);
    double sum = 0;
    for (int i = 0; i < size; i++) {
        const size_t taken = ((size_t)i * (size_t)actions + (size_t)batch->actions[i]) * (size_t)atoms;
        double entropy;
        const double cross =
            cross_entropy(gradient + taken, logits + taken, targets + (size_t)i * (size_t)atoms, atoms,
                          batch->weights[i] / (float)size, &entropy);
        sum += (double)batch->weights[i] * cross;
        // Rounding may leave the divergence of two equal distributions slightly below 0.
        batch->priorities[i] = (float)(priority == RB_PRIORITY_KL ? fmax(cross - entropy, 0) : cross);
    }
    return (float)(sum / size);
}
