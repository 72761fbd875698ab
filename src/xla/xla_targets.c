// See xla_targets.h.
#include "xla/xla_targets.h"

#include <math.h>

#include "xla/parts.h"

// A number for each sample, beside another shape whose first dimension are the samples.
static rb_value by_sample(rb_hlo *h, rb_value v, rb_value like)
{
    return rb_xla_along(h, v, like, 0);
}

static rb_value of_best(rb_hlo *h, const rb_xla_next *next, rb_value v)
{
    return rb_xla_of_action(h, v, next->best);
}

rb_value rb_xla_targets_scalar(rb_hlo *h, const rb_xla_next *next)
{
    rb_value value;
    if (next->outputs < 0) return next->base; // PQN: the returns of the batch
    if (next->best >= 0)
        value = of_best(h, next, next->values);
    else
        value =
            rb_hlo_sum(h, rb_hlo_multiply(h, next->policy, rb_hlo_add(h, next->values, next->entropy)), 1);
    return rb_hlo_add(h, next->base, rb_hlo_multiply(h, next->discounts, value));
}

rb_value rb_xla_targets_quantile(rb_hlo *h, const rb_xla_next *next)
{
    rb_value value; // [B][Z]
    if (next->best >= 0) {
        value = of_best(h, next, next->outputs);
    } else {
        const rb_value policy = rb_xla_along2(h, next->policy, next->outputs, 0, 1),
                       entropy = rb_xla_along2(h, next->entropy, next->outputs, 0, 1);
        value = rb_hlo_sum(h, rb_hlo_multiply(h, policy, rb_hlo_add(h, next->outputs, entropy)), 1);
    }
    return rb_hlo_add(h, by_sample(h, next->base, value),
                      rb_hlo_multiply(h, by_sample(h, next->discounts, value), value));
}

// ---- atoms

// Mass [B][..][Z] at values [B][..][Z], shared by the two nearest atoms: atom j gets max(0, 1 - |b - j|) of
// each.
static rb_xla_atoms projected(rb_hlo *h, const rb_agent_spec *spec, rb_value values, rb_value mass)
{
    const rb_agent_params *p = &spec->agent;
    const double last = (double)p->atoms - 1, distance = (p->v_max - p->v_min) / last,
                 rounding = 1e-3 * distance;
    const rb_sizes from = rb_hlo_sizes(h, values);
    static const int places[] = {0, 1, 2, 3};
    int inner[RB_RANK_MOST];
    for (int d = 1; d < from.rank; d++) inner[d - 1] = d;
    rb_sizes sizes = from;
    sizes.of[sizes.rank++] = p->atoms;
    rb_value b = rb_hlo_scaled(h, rb_hlo_plus(h, values, -p->v_min), last / (p->v_max - p->v_min));
    b = rb_hlo_binary(h, RB_MINIMUM, rb_hlo_relu(h, b), rb_xla_float(h, last));
    const rb_value place = rb_hlo_convert(h, rb_hlo_iota(h, RB_S32, sizes, sizes.rank - 1), RB_F32);
    const rb_value off =
        rb_hlo_unary(h, RB_ABS, rb_hlo_subtract(h, rb_hlo_spread(h, b, sizes, places), place));
    const rb_value share = rb_hlo_relu(h, rb_hlo_subtract(h, rb_xla_float(h, 1), off));
    const rb_value parts = rb_hlo_multiply(h, rb_hlo_spread(h, mass, sizes, places), share);
    const rb_value zero = rb_xla_float(h, 0);
    const rb_value below = rb_hlo_compare(h, RB_LT, values, rb_xla_float(h, p->v_min - rounding)),
                   above = rb_hlo_compare(h, RB_GT, values, rb_xla_float(h, p->v_max + rounding));
    const double samples = (double)from.of[0];
    const rb_value over =
                       rb_hlo_scaled(h, rb_hlo_sum_all(h, rb_hlo_select(h, above, mass, zero)), 1 / samples),
                   under =
                       rb_hlo_scaled(h, rb_hlo_sum_all(h, rb_hlo_select(h, below, mass, zero)), 1 / samples);
    return (rb_xla_atoms){
        .targets = rb_hlo_reduce(h, RB_SUM, parts, inner, from.rank - 1),
        .expected = rb_hlo_reduce(h, RB_SUM, rb_hlo_multiply(h, mass, values), inner, from.rank - 1),
        .clipped = rb_hlo_add(h, over, under),
        .above = over};
}

// Shares of the atoms, from their logits: softmax over the last dimension.
static rb_value shares_of(rb_hlo *h, rb_value logits)
{
    static const int places[] = {0, 1, 2};
    const rb_sizes sizes = rb_hlo_sizes(h, logits);
    const int last = sizes.rank - 1;
    const rb_value top = rb_hlo_spread(h, rb_hlo_reduce(h, RB_LARGEST, logits, &last, 1), sizes, places);
    const rb_value shares = rb_hlo_unary(h, RB_EXP, rb_hlo_subtract(h, logits, top));
    return rb_hlo_divide(h, shares, rb_hlo_spread(h, rb_hlo_sum(h, shares, last), sizes, places));
}

static rb_xla_atoms moved(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_next *next)
{
    const rb_value support = rb_xla_support(h, spec);
    if (next->best >= 0) {
        const rb_value shares = shares_of(h, of_best(h, next, next->outputs)); // [B][Z]
        const rb_value values = rb_hlo_add(
            h, by_sample(h, next->base, shares),
            rb_hlo_multiply(h, by_sample(h, next->discounts, shares), rb_xla_along(h, support, shares, 1)));
        return projected(h, spec, values, shares);
    }
    const rb_value shares = shares_of(h, next->outputs); // [B][A][Z]
    const rb_value place =
        rb_hlo_add(h, rb_xla_along(h, support, shares, 2), rb_xla_along2(h, next->entropy, shares, 0, 1));
    const rb_value values = rb_hlo_add(h, by_sample(h, next->base, shares),
                                       rb_hlo_multiply(h, by_sample(h, next->discounts, shares), place));
    return projected(h, spec, values,
                     rb_hlo_multiply(h, shares, rb_xla_along2(h, next->policy, shares, 0, 1)));
}

// The share of a normal distribution below x: half of erfc(-x / sqrt 2), by Chebyshev's fit in t = 1 / (1 + z
// / 2), whose relative error is below 1.2e-7 (Press et al., Numerical Recipes, 6.2).
static rb_value normal_below(rb_hlo *h, rb_value x)
{
    static const double c[] = {-1.26551223, 1.00002368,  0.37409196, 0.09678418,  -0.18628806,
                               0.27886807,  -1.13520398, 1.48851587, -0.82215223, 0.17087277};
    const rb_value z = rb_hlo_scaled(h, rb_hlo_unary(h, RB_ABS, x), sqrt(0.5));
    const rb_value t = rb_hlo_divide(h, rb_xla_float(h, 1), rb_hlo_plus(h, rb_hlo_scaled(h, z, 0.5), 1));
    rb_value sum = rb_hlo_scaled(h, t, c[9]);
    for (int i = 8; i > 0; i--) sum = rb_hlo_multiply(h, rb_hlo_plus(h, sum, c[i]), t);
    const rb_value power = rb_hlo_subtract(h, rb_hlo_plus(h, sum, c[0]), rb_hlo_multiply(h, z, z));
    const rb_value tail = rb_hlo_scaled(h, rb_hlo_multiply(h, t, rb_hlo_unary(h, RB_EXP, power)), 0.5);
    return rb_hlo_select(h, rb_hlo_compare(h, RB_LT, x, rb_xla_float(h, 0)), tail,
                         rb_hlo_subtract(h, rb_xla_float(h, 1), tail));
}

static rb_xla_atoms histogram(rb_hlo *h, const rb_agent_spec *spec, rb_value values)
{
    const rb_agent_params *p = &spec->agent;
    const double distance = (p->v_max - p->v_min) / (double)(p->atoms - 1), rounding = 1e-3 * distance;
    const int64_t atoms = p->atoms, samples = rb_hlo_sizes(h, values).of[0];
    float edges[1025];
    for (int64_t z = 0; z <= atoms; z++) edges[z] = (float)(p->v_min + ((double)z - 0.5) * distance);
    const rb_sizes sizes = RB_SIZES(samples, atoms + 1);
    rb_value y = rb_hlo_binary(h, RB_MAXIMUM, values, rb_xla_float(h, p->v_min));
    y = rb_hlo_binary(h, RB_MINIMUM, y, rb_xla_float(h, p->v_max));
    const rb_value edge =
        rb_hlo_spread(h, rb_hlo_floats(h, RB_SIZES(atoms + 1), edges), sizes, (const int[]){1});
    const rb_value off = rb_hlo_subtract(h, edge, rb_hlo_spread(h, y, sizes, (const int[]){0}));
    const rb_value below = normal_below(h, rb_hlo_scaled(h, off, 1 / (p->hl_sigma * distance)));
    const rb_value parts =
        rb_hlo_subtract(h, rb_hlo_slice(h, below, 1, 1, atoms + 1), rb_hlo_slice(h, below, 1, 0, atoms));
    const rb_value whole =
        rb_hlo_subtract(h, rb_hlo_slice(h, below, 1, atoms, atoms + 1), rb_hlo_slice(h, below, 1, 0, 1));
    const rb_value one = rb_xla_float(h, 1), zero = rb_xla_float(h, 0);
    const rb_value over = rb_hlo_select(
                       h, rb_hlo_compare(h, RB_GT, values, rb_xla_float(h, p->v_max + rounding)), one, zero),
                   under = rb_hlo_select(
                       h, rb_hlo_compare(h, RB_LT, values, rb_xla_float(h, p->v_min - rounding)), one, zero);
    const rb_value above = rb_hlo_scaled(h, rb_hlo_sum_all(h, over), 1 / (double)samples);
    return (rb_xla_atoms){
        .targets = rb_hlo_divide(h, parts, by_sample(h, rb_hlo_reshape(h, whole, RB_SIZES(samples)), parts)),
        .expected = values,
        .clipped = rb_hlo_add(h, above, rb_hlo_scaled(h, rb_hlo_sum_all(h, under), 1 / (double)samples)),
        .above = above};
}

rb_xla_atoms rb_xla_targets_atoms(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_next *next)
{
    return rb_has_histograms(spec) ? histogram(h, spec, rb_xla_targets_scalar(h, next))
                                   : moved(h, spec, next);
}
