// Categorical targets (C51, Bellemare et al. 2017): the target network's distribution of the next state's
// best action, moved by
//     T_z = clamp(R + discount * z, Vmin, Vmax)
// and projected back onto the fixed atoms. With b = (T_z - Vmin) / distance, atom j gets the fraction max(0,
// 1 - |b - j|) of each atom's mass:
//
//            share of atom 3     share of atom 4
//        ----|-----------------*-----|----            b = 3.7: 0.3 to atom 3, 0.7 to atom 4
//            3                3.7    4
//
// Using floor(b) and the next atom up gives all mass to one atom if b is a whole number. Using floor and
// ceil, with shares ceil - b and b - floor, would lose the mass in that case.
#include "agent/targets.h"

#include <math.h>
#include "agent/acting.h"
#include "agent/logits.h"

bool rb_c51_project(float *target, const rb_c51_support *support, double value, float mass)
{
    const int last = support->atoms - 1;
    const double distance = (support->v_max - support->v_min) / last, rounding = 1e-3 * distance;
    if (!(value > support->v_min)) { // NaN also takes this branch; the loss then becomes NaN
        target[0] += isnan(value) ? NAN : mass;
        return value < support->v_min - rounding;
    }
    if (value >= support->v_max) {
        target[last] += mass;
        return value > support->v_max + rounding;
    }
    const double b = (value - support->v_min) / (support->v_max - support->v_min) * last;
    int below = (int)b;
    if (below >= last) below = last - 1; // rounding, just under v_max
    const float above_share = (float)(b - below);
    target[below] += mass * (1 - above_share);
    target[below + 1] += mass * above_share;
    return false;
}

// Projects one sample's next distribution. Adds the mass outside the support to *outside and the part above
// v_max to *above. Returns the expectation of the unprojected target.
static double project_sample(float *target, const rb_c51_support *support, double ret, double discount,
                             const float *logits, double *outside, double *above)
{
    const int atoms = support->atoms;
    const float top = rb_logits_top(logits, atoms);
    const double sum = rb_logits_sum(logits, atoms, top);

    for (int z = 0; z < atoms; z++) target[z] = 0;
    double expected = 0;
    for (int z = 0; z < atoms; z++) {
        const double place = support->v_min + (support->v_max - support->v_min) * ((double)z / (atoms - 1));
        const double value = ret + discount * place;
        const float mass = (float)(expf(logits[z] - top) / sum);
        if (rb_c51_project(target, support, value, mass)) {
            *outside += mass;
            if (value >= support->v_max) *above += mass;
        }
        expected += mass * value;
    }
    return expected;
}

rb_c51_summary rb_targets_c51(float *targets, const rb_batch *batch, int actions,
                              const rb_c51_support *support, const float *chooser, const float *logits)
{
    double outside = 0, above = 0, largest = 0;
    for (int i = 0; i < batch->size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        const uint8_t *mask = batch->next_masks ? batch->next_masks + row : NULL;
        const int best = rb_q_best_allowed(chooser + row, mask, actions);
        const float *next = logits + (row + (size_t)best) * (size_t)support->atoms;
        const double expected =
            project_sample(targets + (size_t)i * (size_t)support->atoms, support, batch->returns[i],
                           batch->discounts[i], next, &outside, &above);
        if (!isnan(largest) && !(fabs(expected) <= largest)) largest = fabs(expected);
    }
    return (rb_c51_summary){.clipped = (float)(outside / batch->size),
                            .above = (float)(above / batch->size),
                            .largest = (float)largest};
}
