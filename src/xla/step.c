// The optimisers' rules (compute/kernels.h, rb_rule) as operations. What changes from update to update is an
// input; the rest is constant.
#include "xla/programs.h"

static const double tiny = 1e-30; // as in compute/simd_rule.h

static rb_value number(rb_hlo *h, rb_value rule, int i)
{
    return rb_hlo_reshape(h, rb_hlo_slice(h, rule, 0, i, i + 1), RB_SCALAR);
}

// old + share * (new - old)
static rb_value moved(rb_hlo *h, rb_value old, rb_value new, double share)
{
    return rb_hlo_add(h, old, rb_hlo_scaled(h, rb_hlo_subtract(h, new, old), share));
}

rb_value rb_xla_step(rb_hlo *h, const rb_optim_params *optim, rb_value rule, bool decays, rb_value w,
                     rb_value gradient, rb_value *m, rb_value *v)
{
    const bool adam = optim->kind == RB_OPTIM_ADAM || optim->kind == RB_OPTIM_RADAM;
    const double decay = adam ? optim->beta2 : optim->decay;
    rb_value g = gradient;
    if (optim->clip_value > 0) {
        g = rb_hlo_binary(h, RB_MINIMUM, g, rb_hlo_number(h, RB_F32, optim->clip_value));
        g = rb_hlo_binary(h, RB_MAXIMUM, g, rb_hlo_number(h, RB_F32, -optim->clip_value));
    }
    *v = rb_hlo_add(h, rb_hlo_scaled(h, *v, (double)(float)decay),
                    rb_hlo_scaled(h, rb_hlo_multiply(h, g, g), (double)(1 - (float)decay)));
    const rb_value rate = number(h, rule, RB_XLA_RATE), epsilon = number(h, rule, RB_XLA_EPSILON);
    if (adam) {
        *m = moved(h, *m, g, (double)(1 - (float)optim->beta1));
        const rb_value root = rb_hlo_multiply(h, rb_hlo_unary(h, RB_SQRT, *v), number(h, rule, RB_XLA_ROOT));
        const rb_value step = rb_hlo_divide(h, rb_hlo_multiply(h, *m, rate),
                                            rb_hlo_add(h, root, rb_hlo_plus(h, epsilon, tiny)));
        return rb_hlo_subtract(h, decays ? rb_hlo_multiply(h, w, number(h, rule, RB_XLA_KEEP)) : w, step);
    }
    rb_value variance = *v;
    if (optim->kind == RB_OPTIM_RMSPROP_CENTERED) {
        *m = moved(h, *m, g, (double)(1 - (float)decay));
        variance = rb_hlo_relu(h, rb_hlo_subtract(h, *v, rb_hlo_multiply(h, *m, *m)));
    }
    const rb_value under = rb_hlo_plus(h, number(h, rule, RB_XLA_UNDER), tiny);
    const rb_value root = rb_hlo_unary(h, RB_SQRT, rb_hlo_add(h, variance, under));
    return rb_hlo_subtract(h, w, rb_hlo_divide(h, rb_hlo_multiply(h, g, rate), rb_hlo_add(h, root, epsilon)));
}
