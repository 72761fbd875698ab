// See judge.h.
#include "xla/judge.h"

#include <math.h>

#include "xla/parts.h"
#include "xla/xla_targets.h"

// ---- small parts

static rb_value largest_along(rb_hlo *h, rb_value v, int dimension)
{
    return rb_hlo_reduce(h, RB_LARGEST, v, &dimension, 1);
}

static rb_value mean_of(rb_hlo *h, rb_value v)
{
    return rb_hlo_scaled(h, rb_hlo_sum_all(h, v), 1 / (double)rb_hlo_count(rb_hlo_sizes(h, v)));
}

static rb_value allowed(rb_hlo *h, rb_value q, rb_value mask) // -infinity for the others
{
    return mask < 0 ? q : rb_hlo_select(h, mask, q, rb_xla_float(h, -INFINITY));
}

// The first of the best allowed actions.
static rb_value best_action(rb_hlo *h, rb_value q, rb_value mask)
{
    static const int last[] = {1};
    const rb_value able = allowed(h, q, mask), best = rb_xla_along(h, largest_along(h, able, 1), able, 0);
    const rb_value place = rb_hlo_iota(h, RB_S32, rb_hlo_sizes(h, q), 1);
    const rb_value first =
        rb_hlo_select(h, rb_hlo_compare(h, RB_EQ, able, best), place, rb_hlo_number(h, RB_S32, 1 << 20));
    return rb_hlo_reduce(h, RB_SMALLEST, first, last, 1);
}

// The logarithm of the softmax over the last dimension.
static rb_value log_softmax(rb_hlo *h, rb_value v)
{
    const rb_sizes sizes = rb_hlo_sizes(h, v);
    const int last = sizes.rank - 1;
    static const int places[] = {0, 1, 2};
    const rb_value top = rb_hlo_constant_of(h, rb_hlo_spread(h, largest_along(h, v, last), sizes, places));
    const rb_value less = rb_hlo_subtract(h, v, top);
    const rb_value sum = rb_hlo_sum(h, rb_hlo_unary(h, RB_EXP, less), last);
    return rb_hlo_subtract(h, less, rb_hlo_spread(h, rb_hlo_unary(h, RB_LOG, sum), sizes, places));
}

// ---- Q-values

rb_value rb_xla_values(rb_hlo *h, const rb_agent_spec *spec, rb_value outputs, int values)
{
    const rb_sizes sizes = rb_hlo_sizes(h, outputs);
    const int head = rb_head_of(&spec->agent);
    if (head == RB_HEAD_IMPLICIT) { // [B][each][A]
        const rb_value last = rb_hlo_slice(h, outputs, 1, sizes.of[1] - values, sizes.of[1]);
        return rb_hlo_scaled(h, rb_hlo_sum(h, last, 1), 1.0 / values);
    }
    if (head == RB_HEAD_QUANTILE) return rb_hlo_scaled(h, rb_hlo_sum(h, outputs, 2), 1 / (double)sizes.of[2]);
    if (head == RB_HEAD_SCALAR) return rb_hlo_reshape(h, outputs, RB_SIZES(sizes.of[0], sizes.of[1]));
    const rb_value shares = rb_hlo_unary(h, RB_EXP, log_softmax(h, outputs));
    return rb_hlo_sum(h, rb_hlo_multiply(h, shares, rb_xla_along(h, rb_xla_support(h, spec), outputs, 2)), 2);
}

// ---- Munchausen

// policy [B][A] and entropy [B][A], as rb_soft_policy makes them.
static void soft_policy(rb_hlo *h, rb_value q, rb_value mask, double tau, rb_value *policy, rb_value *entropy)
{
    const rb_value able = allowed(h, q, mask), zero = rb_xla_float(h, 0);
    const rb_value less = rb_hlo_subtract(h, q, rb_xla_along(h, largest_along(h, able, 1), q, 0));
    rb_value shares = rb_hlo_unary(h, RB_EXP, rb_hlo_scaled(h, less, 1 / tau));
    if (mask >= 0) shares = rb_hlo_select(h, mask, shares, zero);
    const rb_value sum = rb_hlo_sum(h, shares, 1);
    *policy = rb_hlo_divide(h, shares, rb_xla_along(h, sum, q, 0));
    *entropy =
        rb_hlo_subtract(h, rb_xla_along(h, rb_hlo_scaled(h, rb_hlo_unary(h, RB_LOG, sum), tau), q, 0), less);
    if (mask < 0) return;
    *policy = rb_hlo_select(h, mask, *policy, zero);
    *entropy = rb_hlo_select(h, mask, *entropy, zero);
}

static void soften(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch, rb_value q_state,
                   rb_value q_next, rb_xla_next *next)
{
    const rb_agent_params *p = &spec->agent;
    rb_value policy, entropy;
    soft_policy(h, q_state, batch->masks, p->munchausen_tau, &policy, &entropy);
    rb_value log = rb_hlo_unary(h, RB_NEGATE, rb_xla_of_action(h, entropy, batch->actions));
    log = rb_hlo_binary(h, RB_MAXIMUM, log, rb_xla_float(h, p->munchausen_clip));
    log = rb_hlo_binary(h, RB_MINIMUM, log, rb_xla_float(h, 0));
    next->base = rb_hlo_add(h, next->base, rb_hlo_scaled(h, log, p->munchausen_alpha));
    soft_policy(h, q_next, batch->next_masks, p->munchausen_tau, &next->policy, &next->entropy);
}

// ---- losses

typedef struct learned {         // of one head
    rb_value losses, priorities; // [B]
    rb_value clipped, above;     // scalars
    rb_value targets;            // whatever must be finite
} learned;

static rb_value scalar_loss(rb_hlo *h, int kind, rb_value d)
{
    const rb_value square = rb_hlo_multiply(h, d, d), half = rb_hlo_scaled(h, square, 0.5);
    if (kind == RB_LOSS_SQUARED) return square;
    if (kind == RB_LOSS_HALF_SQUARED) return half;
    const rb_value size = rb_hlo_unary(h, RB_ABS, d);
    return rb_hlo_select(h, rb_hlo_compare(h, RB_LE, size, rb_xla_float(h, 1)), half,
                         rb_hlo_plus(h, size, -0.5));
}

static learned learn_scalar(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch, rb_value q,
                            const rb_xla_next *next)
{
    const rb_value zero = rb_xla_float(h, 0), targets = rb_xla_targets_scalar(h, next);
    const rb_value d = rb_hlo_subtract(h, rb_xla_of_action(h, q, batch->actions), targets);
    return (learned){.losses = scalar_loss(h, spec->agent.loss, d),
                     .priorities = rb_hlo_unary(h, RB_ABS, d),
                     .clipped = zero,
                     .above = zero,
                     .targets = targets};
}

static learned learn_categorical(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch,
                                 rb_value outputs, const rb_xla_next *next)
{
    const rb_value zero = rb_xla_float(h, 0);
    const rb_xla_atoms made = rb_xla_targets_atoms(h, spec, next);
    const rb_value logs = log_softmax(h, rb_xla_of_action(h, outputs, batch->actions));
    const rb_value cross =
        rb_hlo_unary(h, RB_NEGATE, rb_hlo_sum(h, rb_hlo_multiply(h, made.targets, logs), 1));
    const rb_value some = rb_hlo_compare(h, RB_GT, made.targets, zero);
    const rb_value own = rb_hlo_unary(h, RB_LOG, rb_hlo_select(h, some, made.targets, rb_xla_float(h, 1)));
    const rb_value divergence = rb_hlo_add(h, cross, rb_hlo_sum(h, rb_hlo_multiply(h, made.targets, own), 1));
    return (learned){.losses = cross,
                     .priorities =
                         spec->agent.priority == RB_PRIORITY_KL ? rb_hlo_relu(h, divergence) : cross,
                     .clipped = made.clipped,
                     .above = made.above,
                     .targets = made.expected};
}

// Predicted quantiles [B][K] at fractions [B][K] against targets [B][N]: see agent/quantiles.c.
static learned learn_quantiles(rb_hlo *h, const rb_agent_spec *spec, rb_value predicted, rb_value fractions,
                               rb_value targets)
{
    const rb_value zero = rb_xla_float(h, 0);
    const rb_sizes k = rb_hlo_sizes(h, predicted), n = rb_hlo_sizes(h, targets);
    const rb_sizes sizes = RB_SIZES(k.of[0], k.of[1], n.of[1]);
    static const int of_k[] = {0, 1}, of_n[] = {0, 2};
    const double kappa = spec->agent.kappa;
    const rb_value u =
        rb_hlo_subtract(h, rb_hlo_spread(h, targets, sizes, of_n), rb_hlo_spread(h, predicted, sizes, of_k));
    const rb_value f = rb_hlo_spread(h, fractions, sizes, of_k), size = rb_hlo_unary(h, RB_ABS, u);
    const rb_value weight =
        rb_hlo_select(h, rb_hlo_compare(h, RB_LT, u, zero), rb_hlo_subtract(h, rb_xla_float(h, 1), f), f);
    const rb_value near = rb_hlo_binary(h, RB_MINIMUM, size, rb_xla_float(h, kappa));
    const rb_value huber =
        kappa > 0
            ? rb_hlo_scaled(h,
                            rb_hlo_multiply(h, near, rb_hlo_subtract(h, size, rb_hlo_scaled(h, near, 0.5))),
                            1 / kappa)
            : size;
    const rb_value each =
        rb_hlo_scaled(h, rb_hlo_sum(h, rb_hlo_multiply(h, weight, huber), 2), 1 / (double)n.of[1]);
    const rb_value losses = rb_hlo_sum(h, each, 1);
    return (learned){
        .losses = losses, .priorities = losses, .clipped = zero, .above = zero, .targets = targets};
}

static learned learn_quantile(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch,
                              const rb_xla_outputs *outputs, const rb_xla_next *next)
{
    float fixed[1024];
    const rb_value targets = rb_xla_targets_quantile(h, next);
    const bool implicit = rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT;
    rb_value state = outputs->state, fractions = outputs->fractions;
    if (implicit) state = rb_hlo_transpose(h, state, (const int[]){0, 2, 1}); // [B][A][each]
    const rb_value predicted = rb_xla_of_action(h, state, batch->actions);
    if (!implicit) {
        const int count = (int)spec->agent.quantiles;
        for (int j = 0; j < count; j++) fixed[j] = (float)(((double)j + 0.5) / count);
        fractions = rb_xla_along(h, rb_hlo_floats(h, RB_SIZES(count), fixed), predicted, 1);
    }
    return learn_quantiles(h, spec, predicted, fractions, targets);
}

// ---- all

// What is known of s' by the network that values it, with the best action by the one that chooses.
static rb_xla_next next_of(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch,
                           const rb_xla_outputs *o)
{
    const int values = (int)spec->agent.tau_values;
    rb_xla_next next = {.policy = -1,
                        .entropy = -1,
                        .values = -1,
                        .outputs = -1,
                        .best = -1,
                        .discounts = batch->discounts,
                        .base = batch->returns};
    if (o->next_target < 0) return next;
    next.outputs = o->next_target;
    if (rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT) // [B][each][A], of which the first are the target's
        next.outputs = rb_hlo_transpose(h, rb_hlo_slice(h, o->next_target, 1, 0, spec->agent.tau_targets),
                                        (const int[]){0, 2, 1});
    next.values = rb_xla_values(h, spec, o->next_target, values);
    const rb_value chooser =
        o->next_online < 0 ? next.values : rb_xla_values(h, spec, o->next_online, values);
    if (o->state_target >= 0)
        soften(h, spec, batch, rb_xla_values(h, spec, o->state_target, values), chooser, &next);
    else
        next.best = best_action(h, chooser, batch->next_masks);
    return next;
}

rb_xla_verdict rb_xla_judge(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch,
                            const rb_xla_outputs *o)
{
    rb_hlo_scope(h, "targets");
    const rb_xla_next next = next_of(h, spec, batch, o);
    const int head = rb_head_of(&spec->agent);
    const rb_value q = rb_xla_values(h, spec, o->state, (int)spec->agent.tau_samples);
    learned l;
    rb_hlo_scope(h, "loss");
    if (head == RB_HEAD_CATEGORICAL)
        l = learn_categorical(h, spec, batch, o->state, &next);
    else if (head == RB_HEAD_SCALAR)
        l = learn_scalar(h, spec, batch, q, &next);
    else
        l = learn_quantile(h, spec, batch, o, &next);
    const rb_value loss = mean_of(h, rb_hlo_multiply(h, batch->weights, l.losses));
    static const int all[] = {0, 1, 2};
    const rb_value sizes = rb_hlo_unary(h, RB_ABS, l.targets);
    rb_value largest = rb_hlo_reduce(h, RB_LARGEST, sizes, all, rb_hlo_sizes(h, sizes).rank);
    largest =
        rb_hlo_add(h, largest, rb_hlo_scaled(h, rb_hlo_sum_all(h, sizes), 0)); // also if it is not a number
    const rb_value q_mean = mean_of(h, largest_along(h, allowed(h, q, batch->masks), 1));
    rb_value facts[RB_XLA_FACTS] = {[RB_XLA_LOSS] = loss,
                                    [RB_XLA_Q_MEAN] = q_mean,
                                    [RB_XLA_CLIPPED] = l.clipped,
                                    [RB_XLA_ABOVE] = l.above,
                                    [RB_XLA_LARGEST] = largest};
    for (int i = 0; i < RB_XLA_FACTS; i++) facts[i] = rb_hlo_reshape(h, facts[i], RB_SIZES(1));
    return (rb_xla_verdict){.loss = loss,
                            .priorities = l.priorities,
                            .facts = rb_hlo_join(h, facts, RB_XLA_FACTS, 0),
                            .fine = rb_hlo_binary(h, RB_AND, rb_hlo_unary(h, RB_FINITE, loss),
                                                  rb_hlo_unary(h, RB_FINITE, largest))};
}
