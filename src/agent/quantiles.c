// Quantiles of the return.
//
// The quantile Huber loss is asymmetric: an error u of the quantile at fraction f weighs f if the target is
// above it and 1 - f if it is below, so that it settles where a share f of the targets is below it.
//
//     f = 0.9       \             /      slope 0.9 to the right,
//                     ` . _     /        0.1 to the left
//                           ` ./
//                              u = 0
//
// Sums over predicted quantiles and means over targets, as in both papers and in Dopamine.
#include "agent/quantiles.h"

#include <math.h>
#include "agent/acting.h"

void rb_fractions_fill(float *fractions, int count)
{
    for (int j = 0; j < count; j++) fractions[j] = (float)(((double)j + 0.5) / count);
}

void rb_quantiles_mean(float *q, const rb_quantiles *quantiles, int count, int actions)
{
    for (int i = 0; i < count; i++)
        for (int a = 0; a < actions; a++) {
            double sum = 0;
            for (int j = 0; j < quantiles->count; j++) sum += rb_quantile(quantiles, i, a, j);
            q[(size_t)i * (size_t)actions + (size_t)a] = (float)(sum / quantiles->count);
        }
}

void rb_quantiles_gather(float *out, const rb_quantiles *quantiles, int sample, int actions)
{
    for (int a = 0; a < actions; a++)
        for (int j = 0; j < quantiles->count; j++) *out++ = rb_quantile(quantiles, sample, a, j);
}

void rb_targets_quantile(float *targets, const rb_batch *batch, int actions, const float *chooser,
                         const rb_quantiles *next)
{
    for (int i = 0; i < batch->size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        const uint8_t *mask = batch->next_masks ? batch->next_masks + row : NULL;
        const int best = rb_q_best_allowed(chooser + row, mask, actions);
        for (int j = 0; j < next->count; j++)
            *targets++ = batch->returns[i] + batch->discounts[i] * rb_quantile(next, i, best, j);
    }
}

void rb_targets_quantile_soft(float *targets, const rb_batch *batch, int actions, const rb_soft *soft,
                              const rb_quantiles *next)
{
    for (int i = 0; i < batch->size; i++) {
        const float *policy = soft->policy + (size_t)i * (size_t)actions,
                    *entropy = soft->entropy + (size_t)i * (size_t)actions;
        const double base = (double)batch->returns[i] + (double)soft->bonus[i];
        for (int j = 0; j < next->count; j++) {
            double value = 0;
            for (int a = 0; a < actions; a++)
                if (policy[a] != 0) value += (double)policy[a] * (rb_quantile(next, i, a, j) + entropy[a]);
            *targets++ = (float)(base + (double)batch->discounts[i] * value);
        }
    }
}

enum { LANES = 16 };

// One predicted quantile against all targets: returns the mean loss, and sets *slope to its derivative. Sums
// go side by side in LANES, so that the compiler can use vectors.
static float quantile_loss(float value, float fraction, float kappa, const float *targets, int count,
                           float *slope)
{
    const float per = kappa > 0 ? 1 / kappa : 0;
    float losses[LANES] = {0}, slopes[LANES] = {0};
    for (int from = 0; from < count; from += LANES) {
        const int lanes = count - from < LANES ? count - from : LANES;
        for (int k = 0; k < lanes; k++) {
            const float u = targets[from + k] - value, size = fabsf(u);
            const float weight = u < 0 ? 1 - fraction : fraction;
            const float near = size < kappa ? size : kappa; // of the error: in the part that is a square
            const float huber = kappa > 0 ? near * per * (size - 0.5f * near) : size;
            const float push = kappa > 0 ? near * per : size > 0 ? 1 : 0;
            losses[k] += weight * huber;
            slopes[k] += weight * (u < 0 ? push : -push);
        }
    }
    double loss = 0, sum = 0;
    for (int k = 0; k < LANES; k++) loss += losses[k], sum += slopes[k];
    *slope = (float)(sum / count);
    return (float)(loss / count);
}

float rb_loss_quantile(float *gradient, rb_batch *batch, double kappa, const rb_quantiles *quantiles,
                       const float *fractions, ptrdiff_t fractions_sample, const float *targets,
                       int targets_count)
{
    double sum = 0;
    for (int i = 0; i < batch->size; i++, fractions += fractions_sample, targets += targets_count) {
        const int action = batch->actions[i];
        double loss = 0;
        for (int k = 0; k < quantiles->count; k++) {
            float slope;
            loss += quantile_loss(rb_quantile(quantiles, i, action, k), fractions[k], (float)kappa, targets,
                                  targets_count, &slope);
            gradient[i * quantiles->sample + action * quantiles->action + k * quantiles->quantile] =
                batch->weights[i] / (float)batch->size * slope;
        }
        sum += (double)batch->weights[i] * loss;
        batch->priorities[i] = (float)loss;
    }
    return (float)(sum / batch->size);
}
