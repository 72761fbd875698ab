// Q-values and epsilon-greedy actions.
//
// With atoms (C51, Bellemare et al. 2017) the network gives logits l[z] of a distribution over returns, and
//     Q = sum_z softmax(l)[z] * support[z].
#include "agent/acting.h"

#include <math.h>
#include "agent/logits.h"
#include "base/mask.h"

void rb_support_fill(float *support, int atoms, double v_min, double v_max)
{
    for (int z = 0; z < atoms; z++)
        support[z] = (float)(v_min + (v_max - v_min) * ((double)z / (double)(atoms - 1)));
}

// The exponentials come first: a sum that is kept across their calls would wait for memory at each of them.
static float expectation(const float *logits, int atoms, const float *support)
{
    enum { SOME = 64 };
    const float top = rb_logits_top(logits, atoms);
    float e[SOME];
    double sum = 0, moment = 0;
    for (int at = 0; at < atoms; at += SOME) {
        const int some = atoms - at < SOME ? atoms - at : SOME;
        for (int z = 0; z < some; z++) e[z] = expf(logits[at + z] - top);
        for (int z = 0; z < some; z++) {
            sum += (double)e[z];
            moment += (double)e[z] * (double)support[at + z];
        }
    }
    return (float)(moment / sum);
}

void rb_q_values(float *q, const float *outputs, int count, int actions, int atoms, const float *support)
{
    for (int i = 0; i < count * actions; i++)
        q[i] = atoms == 1 ? outputs[i] : expectation(outputs + (size_t)i * (size_t)atoms, atoms, support);
}

int rb_q_best(const float *q, int actions)
{
    int best = 0;
    for (int a = 1; a < actions; a++)
        if (q[a] > q[best]) best = a;
    return best;
}

int rb_q_best_allowed(const float *q, const uint8_t *mask, int actions)
{
    if (!mask) return rb_q_best(q, actions);
    int best = -1;
    for (int a = 0; a < actions; a++)
        if (mask[a] && (best < 0 || q[a] > q[best])) best = a;
    return best < 0 ? 0 : best;
}

void rb_act_epsilon(int32_t *chosen, const float *q, const uint8_t *masks, int count, int actions,
                    const double *epsilon, rb_rng *explore_rng)
{
    for (int i = 0; i < count; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        const uint8_t *mask = masks ? masks + row : NULL;
        const double draw = rb_rng_double(&explore_rng[i]);
        // Not rb_rng_below, which sometimes draws again: the stream must advance by the same amount each
        // step. The bias from sharing 53 bits among a few actions is below 1e-14.
        const int nth = (int)(rb_rng_double(&explore_rng[i]) * rb_mask_count(mask, actions));
        chosen[i] =
            draw < epsilon[i] ? rb_mask_nth(mask, actions, nth) : rb_q_best_allowed(q + row, mask, actions);
    }
}
