// The optimisers' rules (kernels.h, rb_rule) on a vector of weights.
#ifndef RB_COMPUTE_SIMD_RULE_H
#define RB_COMPUTE_SIMD_RULE_H

#include "compute/simd_vector.h"

// Keeps denominators above zero, so that an epsilon of 0 with a gradient that was always 0 (as in unused
// columns) gives a step of 0 and not NaN.
#define TINY 1e-30f

// Returns the new weights; updates the moments in place.
INLINE vf rule_step(const rb_rule_kind kind, const rb_rule *c, vf w, vf *m, vf *v, vf gradient)
{
    const vf clip = (vf){0} + c->clip, g = most(least(gradient * c->scale, clip), -clip);
    *v = c->beta2 * *v + (1 - c->beta2) * (g * g);
    if (kind == RB_RULE_ADAM) {
        *m += (1 - c->beta1) * (g - *m);
        return c->keep * w - c->rate * *m / (square_root(*v) * c->root + (c->epsilon + TINY));
    }
    vf variance = *v;
    if (kind == RB_RULE_RMSPROP_CENTERED) {
        *m += (1 - c->beta2) * (g - *m);
        variance = most(*v - *m * *m, (vf){0});
    }
    return w - c->rate * g / (square_root(variance + (c->under + TINY)) + c->epsilon);
}

#endif
