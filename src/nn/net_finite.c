// Whether a network's weights, and the moments of the optimiser, are numbers at all. An update whose gradient
// is too large leaves some that are infinite or no numbers, and no later step repairs them; such a network
// must never be saved or played as good.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/net_impl.h"

// By bits, so that the loop is a few instructions per vector: the exponent of infinities and NaN is all ones.
static bool all_finite(const float *values, size_t count)
{
    const uint32_t exponent = 0x7f800000;
    uint32_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bad |= (bits & exponent) == exponent;
    }
    return !bad;
}

static bool weights_finite(const rb_weights *weights)
{
    return all_finite(weights->value, weights->count);
}

// A weight whose moment is infinite would never change again.
static bool moments_finite(const rb_weights *weights)
{
    return !weights->m || (all_finite(weights->m, weights->count) && all_finite(weights->v, weights->count));
}

// One of the vectors of every record; unused records are zeros.
static bool records_finite(const rb_linear *linear, const float *vector)
{
    const size_t record = (size_t)linear->vectors * RB_PANEL;
    const size_t records = rb_layout_numbers(&linear->layout, linear->vectors) / record;
    bool fine = true;
    for (size_t i = 0; i < records; i++) fine &= all_finite(vector + i * record, RB_PANEL);
    return fine;
}

static rb_status not_finite(const char *layer, const char *tensor, rb_error *error)
{
    return rb_error_set(error, RB_ERR_NUMBER,
                        "%s.%s: a weight is infinite or not a number, so the training has diverged; a lower "
                        "optim.learning_rate, or optim.clip_norm, can prevent it",
                        layer, tensor);
}

static rb_status moment_not_finite(const char *layer, rb_error *error)
{
    return rb_error_set(
        error, RB_ERR_NUMBER,
        "%s: the optimiser's mean of a gradient, or of its square, is infinite or not a number, so "
        "the training has diverged; a smaller env.reward_scale, or optim.clip_norm, can prevent it",
        layer);
}

static rb_status check_linear(const rb_net_layer *layer, rb_error *error)
{
    const rb_linear *l = &layer->linear;
    const bool noisy = l->noise;
    if (!records_finite(l, l->record)) return not_finite(layer->name, noisy ? "weight_mu" : "weight", error);
    if (!weights_finite(&l->bias)) return not_finite(layer->name, noisy ? "bias_mu" : "bias", error);
    if (noisy && !records_finite(l, rb_linear_sigma(l)))
        return not_finite(layer->name, "weight_sigma", error);
    if (noisy && !weights_finite(&l->bias_sigma)) return not_finite(layer->name, "bias_sigma", error);
    const bool fine = all_finite(l->record, rb_layout_numbers(&l->layout, l->vectors)) &&
                      moments_finite(&l->bias) && (!noisy || moments_finite(&l->bias_sigma));
    return fine ? RB_OK : moment_not_finite(layer->name, error);
}

static rb_status check_norm(const rb_norm *n, rb_error *error)
{
    if (n->kind == RB_NORM_NONE) return RB_OK;
    if (!weights_finite(&n->gamma)) return not_finite(n->name, "weight", error);
    if (!weights_finite(&n->beta)) return not_finite(n->name, "bias", error);
    if (!moments_finite(&n->gamma) || !moments_finite(&n->beta)) return moment_not_finite(n->name, error);
    if (n->kind != RB_NORM_BATCH) return RB_OK;
    if (!all_finite(n->mean, (size_t)n->columns)) return not_finite(n->name, "running_mean", error);
    return all_finite(n->variance, (size_t)n->columns) ? RB_OK : not_finite(n->name, "running_var", error);
}

static rb_status check_running(const rb_running *r, rb_error *error)
{
    for (int i = 0; i < r->numbers; i++)
        if (!isfinite((float)r->mean[i]) || !isfinite((float)r->variance[i]))
            return rb_error_set(
                error, RB_ERR_NUMBER,
                "env.normalise: number %d of the observations has a mean or a variance beyond "
                "the range of floats; scale it in the environment",
                i);
    return RB_OK;
}

rb_status rb_net_check_finite(const rb_net *net, rb_error *error)
{
    rb_status status = RB_OK;
    for (int i = 0; i < net->convs && !status; i++) {
        char name[32];
        snprintf(name, sizeof name, "trunk.%d", i);
        if (!weights_finite(&net->conv[i].weight)) return not_finite(name, "weight", error);
        if (!weights_finite(&net->conv[i].bias)) return not_finite(name, "bias", error);
        const rb_conv *conv = &net->conv[i];
        if (conv->spectral && !all_finite(conv->u, (size_t)conv->out_stride))
            return not_finite(name, "weight_u", error);
        if (conv->spectral && !all_finite(conv->v, (size_t)rb_layout_inputs(&conv->layout)))
            return not_finite(name, "weight_v", error);
        if (!moments_finite(&net->conv[i].weight) || !moments_finite(&net->conv[i].bias))
            return moment_not_finite(name, error);
    }
    for (int i = 0; i < net->linears && !status; i++) status = check_linear(&net->layer[i], error);
    for (int i = 0; i < net->norms && !status; i++) status = check_norm(&net->norm[i], error);
    return status ? status : check_running(&net->running, error);
}
