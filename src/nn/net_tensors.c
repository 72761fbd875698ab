// A network's parameters by name, in PyTorch's shapes and order.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "nn/net_tensors.h"

// --- tensors ---

static int linear_tensors(const rb_linear *linear)
{
    return linear->noise ? 4 : 2;
}

static int norm_tensors(const rb_norm *norm)
{
    return norm->kind == RB_NORM_NONE ? 0 : norm->kind == RB_NORM_BATCH ? 5 : 2;
}

int rb_net_layer_tensors(const rb_net *net)
{
    int count = 2 * net->convs;
    for (int i = 0; i < net->linears; i++) count += linear_tensors(&net->layer[i].linear);
    return count;
}

static int all_norm_tensors(const rb_net *net)
{
    int count = 0;
    for (int i = 0; i < net->norms; i++) count += norm_tensors(&net->norm[i]);
    return count;
}

// Normalisations come after the layers, so that the initial values of these do not depend on them; then the
// vectors of spectral normalisation, and last the statistics of the observations.
static int own_tensors(const rb_net *net)
{
    int count = rb_net_layer_tensors(net) + all_norm_tensors(net);
    for (int i = 0; i < net->convs; i++) count += net->conv[i].spectral ? 2 : 0;
    return count;
}

int rb_net_tensor_count(const rb_net *net)
{
    return own_tensors(net) + (net->running.numbers ? RB_RUNNING_TENSORS : 0);
}

// --- the vectors of spectral normalisation ---

static rb_tensor vector_of(const rb_net *net, int i)
{
    int at = 0;
    for (; !net->conv[at].spectral || i >= 2; at++) i -= net->conv[at].spectral ? 2 : 0;
    const rb_conv *conv = &net->conv[at];
    return (rb_tensor){.vector = true,
                       .conv = conv,
                       .index = at,
                       .kind = i,
                       .layout = &conv->layout,
                       .value = i ? conv->v : conv->u};
}

static size_t vector_count(const rb_tensor *t)
{
    const size_t outputs = (size_t)t->layout->outputs;
    return t->kind ? rb_layout_count(t->layout) / outputs : outputs;
}

static void vector_info(const rb_tensor *t, rb_net_tensor *out)
{
    *out =
        (rb_net_tensor){.dims = 1, .shape = {(int)vector_count(t)}, .count = vector_count(t), .buffer = true};
    snprintf(out->name, sizeof out->name, "trunk.%d.weight_%s", t->index, t->kind ? "v" : "u");
}

static void vector_get(const rb_tensor *t, float *out)
{
    if (t->kind)
        rb_layout_get_inputs(t->layout, t->value, out);
    else
        memcpy(out, t->value, vector_count(t) * sizeof(float));
}

static void vector_set(const rb_tensor *t, const float *values, const rb_kernels *kernels)
{
    if (t->kind)
        rb_layout_set_inputs(t->layout, t->value, values);
    else
        memcpy(t->value, values, vector_count(t) * sizeof(float));
    rb_conv_derive(t->conv, kernels);
}

// --- tensors of normalisations ---

static rb_tensor norm_tensor_of(const rb_net *net, int i)
{
    int at = 0;
    for (; i >= norm_tensors(&net->norm[at]); at++) i -= norm_tensors(&net->norm[at]);
    rb_norm *norm = (rb_norm *)&net->norm[at];
    float *const values[] = {norm->gamma.value, norm->beta.value, norm->mean, norm->variance, NULL};
    return (rb_tensor){.norm = norm, .index = at, .kind = i, .value = values[i], .vectors = 1};
}

static bool has_pixels(const rb_tensor *t) // gamma and beta per pixel
{
    return t->norm->kind == RB_NORM_LAYER && t->norm->picture && !t->norm->by_pixel;
}

static size_t norm_count(const rb_tensor *t)
{
    if (t->kind == 4) return 1;
    return (size_t)t->norm->channels * (has_pixels(t) ? (size_t)rb_norm_pixels(t->norm) : 1);
}

static void norm_info(const rb_tensor *t, rb_net_tensor *out)
{
    static const char *const names[] = {"weight", "bias", "running_mean", "running_var",
                                        "num_batches_tracked"};
    *out = (rb_net_tensor){.dims = t->kind == 4                         ? 0
                                   : has_pixels(t) || t->norm->by_pixel ? 3
                                                                        : 1,
                           .shape = {t->norm->channels, t->norm->by_pixel ? 1 : t->norm->height,
                                     t->norm->by_pixel ? 1 : t->norm->width},
                           .count = norm_count(t),
                           .buffer = t->kind > 1};
    snprintf(out->name, sizeof out->name, "%s.%s", t->norm->name, names[t->kind]);
}

static int norm_pixels_of(const rb_tensor *t)
{
    return t->norm->kind == RB_NORM_LAYER && !t->norm->by_pixel ? rb_norm_pixels(t->norm) : 1;
}

static void norm_get(const rb_tensor *t, float *out)
{
    if (t->kind == 4)
        *out = (float)t->norm->batches;
    else
        rb_planes_get(t->value, t->norm->channels, t->norm->columns, norm_pixels_of(t), out);
}

static void norm_set(const rb_tensor *t, const float *values)
{
    if (t->kind == 4)
        t->norm->batches = *values > 0 && *values < 0x1p63f ? (uint64_t)*values : 0;
    else
        rb_planes_set(t->value, t->norm->channels, t->norm->columns, norm_pixels_of(t), values);
    rb_norm_derive(t->norm);
}

static void norm_gradient(const rb_tensor *t, const rb_tape *tape, float *out)
{
    if (t->kind > 1) {
        memset(out, 0, norm_count(t) * sizeof(float));
        return;
    }
    const float *gradient = rb_tape_norm_gradient(tape, t->index) + (t->kind ? rb_norm_line(t->norm) : 0);
    rb_planes_get(gradient, t->norm->channels, t->norm->columns, norm_pixels_of(t), out);
}

rb_tensor rb_tensor_of(const rb_net *net, int i)
{
    const int norms_at = rb_net_layer_tensors(net), vectors_at = norms_at + all_norm_tensors(net);
    assert(i >= 0 && i < rb_net_tensor_count(net));
    if (i >= own_tensors(net))
        return (rb_tensor){.running = (rb_running *)&net->running, .kind = i - own_tensors(net)};
    if (i >= vectors_at) return vector_of(net, i - vectors_at);
    if (i >= norms_at) return norm_tensor_of(net, i - norms_at);
    if (i < 2 * net->convs) {
        const rb_conv *conv = &net->conv[i / 2];
        return (rb_tensor){.conv = conv,
                           .index = i / 2,
                           .kind = i % 2,
                           .layout = &conv->layout,
                           .value = i % 2 ? conv->bias.value : conv->weight.value,
                           .vectors = 1};
    }
    i -= 2 * net->convs;
    int at = 0;
    for (; i >= linear_tensors(&net->layer[at].linear); at++) i -= linear_tensors(&net->layer[at].linear);
    const rb_linear *l = &net->layer[at].linear;
    float *const values[] = {l->record, l->bias.value, rb_linear_sigma(l), l->bias_sigma.value};
    return (rb_tensor){.layer = &net->layer[at],
                       .index = at,
                       .kind = i,
                       .layout = &l->layout,
                       .value = values[i],
                       .vectors = l->vectors};
}

bool rb_tensor_is_bias(const rb_tensor *t)
{
    return t->kind % 2 == 1;
}
size_t rb_tensor_count(const rb_tensor *t)
{
    return rb_tensor_is_bias(t) ? (size_t)rb_layout_outputs(t->layout) : rb_layout_count(t->layout);
}

rb_layout rb_tensor_bias_layout(const rb_tensor *t)
{
    rb_layout layout = *t->layout;
    layout.channels = layout.stride = layout.height = layout.width = 1;
    layout.extra = layout.extra_stride = 0;
    return layout;
}

void rb_net_tensor_info(const rb_net *net, int i, rb_net_tensor *out)
{
    const rb_tensor t = rb_tensor_of(net, i);
    const rb_layout *l = t.layout;
    if (t.running) {
        rb_running_tensor_info(t.running, t.kind, out);
        return;
    }
    if (t.norm || t.vector) {
        (t.norm ? norm_info : vector_info)(&t, out);
        return;
    }
    *out = (rb_net_tensor){.dims = 1, .shape = {rb_layout_outputs(l)}, .count = rb_tensor_count(&t)};
    if (t.conv) {
        snprintf(out->name, sizeof out->name, "trunk.%d.%s", t.index,
                 rb_tensor_is_bias(&t) ? "bias" : "weight");
        if (rb_tensor_is_bias(&t)) return;
        out->dims = 4;
        out->shape[1] = l->channels, out->shape[2] = l->height, out->shape[3] = l->width;
        return;
    }
    static const char *const plain[] = {"weight", "bias"}, *const noisy[] = {"weight_mu", "bias_mu",
                                                                             "weight_sigma", "bias_sigma"};
    snprintf(out->name, sizeof out->name, "%s.%s", t.layer->name,
             (t.layer->linear.noise ? noisy : plain)[t.kind]);
    if (rb_tensor_is_bias(&t)) return;
    out->dims = 2;
    out->shape[1] = rb_layout_width(l);
}

void rb_net_tensor_get(const rb_net *net, int i, float *out)
{
    assert(!net->updating);
    const rb_tensor t = rb_tensor_of(net, i);
    if (t.running) {
        rb_running_tensor_get(t.running, t.kind, out);
    } else if (t.norm) {
        norm_get(&t, out);
    } else if (t.vector) {
        vector_get(&t, out);
    } else if (rb_tensor_is_bias(&t)) {
        const rb_layout bias = rb_tensor_bias_layout(&t);
        rb_layout_get(&bias, t.value, 1, out);
    } else {
        rb_layout_get(t.layout, t.value, t.vectors, out);
    }
}

void rb_net_tensor_used(const rb_net *net, int i, float *out)
{
    const rb_tensor t = rb_tensor_of(net, i);
    rb_net_tensor_get(net, i, out);
    if (!t.conv || t.vector || rb_tensor_is_bias(&t) || !t.conv->spectral) return;
    const float scale = (float)(1 / rb_spectral_sigma(t.conv));
    for (size_t k = 0; k < rb_tensor_count(&t); k++) out[k] *= scale;
}

void rb_net_tensor_set(rb_net *net, int i, const float *values)
{
    rb_net_finish(net);
    const rb_tensor t = rb_tensor_of(net, i);
    if (t.running) {
        rb_running_tensor_set(t.running, t.kind, values);
        return;
    }
    if (t.norm) {
        norm_set(&t, values);
        return;
    }
    if (t.vector) {
        vector_set(&t, values, net->kernels);
        return;
    }
    if (rb_tensor_is_bias(&t)) {
        const rb_layout bias = rb_tensor_bias_layout(&t);
        rb_layout_set(&bias, t.value, 1, values);
    } else {
        rb_layout_set(t.layout, t.value, t.vectors, values);
    }
    if (t.conv)
        rb_conv_derive(t.conv, net->kernels);
    else
        for (int pack = 0; pack < RB_PACKS; pack++) net->stale[pack] = true;
}

void rb_net_tensor_gradient(rb_net *net, rb_tape *tape, int i, float *out)
{
    assert(tape->backward && tape->net == net);
    const rb_tensor t = rb_tensor_of(net, i);
    if (t.running) { // not learned
        memset(out, 0, rb_running_tensor_count(t.running, t.kind) * sizeof *out);
        return;
    }
    if (t.norm) {
        norm_gradient(&t, tape, out);
        return;
    }
    if (t.vector) {
        memset(out, 0, vector_count(&t) * sizeof(float));
        return;
    }
    if (t.conv) {
        const float *gradient =
            tape->group[0].gradient + rb_net_conv_gradient_at(net, t.index, rb_tensor_is_bias(&t));
        if (rb_tensor_is_bias(&t)) {
            memcpy(out, gradient, rb_tensor_count(&t) * sizeof(float));
        } else {
            rb_layout_get(t.layout, gradient, 1, out);
        }
        return;
    }
    const rb_linear_pass pass = rb_net_backward_pass(net, tape, t.index);
    rb_linear_gradient(&pass, t.kind, out);
}

// Noise belongs to sigma's tensors.
static size_t noise_count(const rb_tensor *t)
{
    if (t->kind < 2 || t->norm || t->vector || t->running) return 0;
    const size_t outputs = (size_t)t->layout->outputs, weights = rb_layout_count(t->layout);
    if (rb_tensor_is_bias(t)) return outputs;
    return t->layer->linear.noise == RB_NOISE_INDEPENDENT ? weights : weights / outputs + outputs;
}

size_t rb_net_tensor_noise(const rb_net *net, int i, float *out, size_t most)
{
    const rb_tensor t = rb_tensor_of(net, i);
    const size_t count = noise_count(&t);
    if (count == 0 || count > most) return count;
    const rb_linear *l = &t.layer->linear;
    const rb_draw *draw = &l->draw[net->draw];
    const size_t outputs = (size_t)l->layout.outputs;
    if (rb_tensor_is_bias(&t)) {
        memcpy(out, draw->out, outputs * sizeof(float));
    } else if (l->noise == RB_NOISE_INDEPENDENT) {
        rb_layout_get(&l->layout, draw->all, 1, out);
    } else {
        rb_layout_get_inputs(&l->layout, draw->in, out);
        memcpy(out + (count - outputs), draw->out, outputs * sizeof(float));
    }
    return count;
}

void rb_net_tensor_set_noise(rb_net *net, int i, const float *noise)
{
    const rb_tensor t = rb_tensor_of(net, i);
    const size_t count = noise_count(&t);
    if (count == 0) return;
    const rb_linear *l = &t.layer->linear;
    const rb_draw *draw = &l->draw[net->draw];
    const size_t outputs = (size_t)l->layout.outputs;
    if (rb_tensor_is_bias(&t)) {
        memcpy(draw->out, noise, outputs * sizeof(float));
    } else if (l->noise == RB_NOISE_INDEPENDENT) {
        rb_layout_set(&l->layout, draw->all, 1, noise);
    } else {
        rb_layout_set_inputs(&l->layout, draw->in, noise);
        memcpy(draw->out, noise + (count - outputs), outputs * sizeof(float));
    }
    rb_linear_square_noise(l, net->draw);
    net->stale[RB_PACK_NOISY] = true;
}

int64_t rb_net_parameters(const rb_net *net)
{
    int64_t sum = 0;
    for (int i = 0; i < own_tensors(net); i++) {
        const rb_tensor t = rb_tensor_of(net, i);
        if (t.norm)
            sum += t.kind < 2 ? (int64_t)norm_count(&t) : 0;
        else if (t.vector)
            sum += 0;
        else if (rb_tensor_is_bias(&t) && t.layer && t.layer->linear.tied)
            sum += t.layer->linear.tied;
        else
            sum += (int64_t)rb_tensor_count(&t);
    }
    return sum;
}
