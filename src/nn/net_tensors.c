// A network's parameters by name, in PyTorch's shapes and order; initial values; copies; saved state.
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/net_impl.h"

// --- tensors ---

typedef struct tensor {
    const rb_conv *conv;
    const rb_net_layer *layer;
    rb_norm *norm; // kind: 0 weight, 1 bias; batch: 2 running_mean, 3 running_var, 4 num_batches_tracked
    bool vector;   // of a spectral normalisation; kind: 0 weight_u, 1 weight_v
    int index;     // of the convolution, linear layer or normalisation
    int kind;      // 0 weight or mu, 1 bias, 2 sigma, 3 bias_sigma
    const rb_layout *layout;
    float *value;
    int vectors;         // vectors in a record of `value`
    rb_running *running; // `kind`: its tensor
} tensor;

static int linear_tensors(const rb_linear *linear)
{
    return linear->noise ? 4 : 2;
}

static int norm_tensors(const rb_norm *norm)
{
    return norm->kind == RB_NORM_NONE ? 0 : norm->kind == RB_NORM_BATCH ? 5 : 2;
}

static int layer_tensors(const rb_net *net)
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
    int count = layer_tensors(net) + all_norm_tensors(net);
    for (int i = 0; i < net->convs; i++) count += net->conv[i].spectral ? 2 : 0;
    return count;
}

int rb_net_tensor_count(const rb_net *net)
{
    return own_tensors(net) + (net->running.numbers ? RB_RUNNING_TENSORS : 0);
}

// --- the vectors of spectral normalisation ---

static tensor vector_of(const rb_net *net, int i)
{
    int at = 0;
    for (; !net->conv[at].spectral || i >= 2; at++) i -= net->conv[at].spectral ? 2 : 0;
    const rb_conv *conv = &net->conv[at];
    return (tensor){.vector = true,
                    .conv = conv,
                    .index = at,
                    .kind = i,
                    .layout = &conv->layout,
                    .value = i ? conv->v : conv->u};
}

static size_t vector_count(const tensor *t)
{
    const size_t outputs = (size_t)t->layout->outputs;
    return t->kind ? rb_layout_count(t->layout) / outputs : outputs;
}

static void vector_info(const tensor *t, rb_net_tensor *out)
{
    *out =
        (rb_net_tensor){.dims = 1, .shape = {(int)vector_count(t)}, .count = vector_count(t), .buffer = true};
    snprintf(out->name, sizeof out->name, "trunk.%d.weight_%s", t->index, t->kind ? "v" : "u");
}

static void vector_get(const tensor *t, float *out)
{
    if (t->kind)
        rb_layout_get_inputs(t->layout, t->value, out);
    else
        memcpy(out, t->value, vector_count(t) * sizeof(float));
}

static void vector_set(const tensor *t, const float *values, const rb_kernels *kernels)
{
    if (t->kind)
        rb_layout_set_inputs(t->layout, t->value, values);
    else
        memcpy(t->value, values, vector_count(t) * sizeof(float));
    rb_conv_derive(t->conv, kernels);
}

enum { SPECTRAL_STEPS = 15 }; // of the power iteration on the initial weights, as in PyTorch

static void init_vectors(rb_net *net, uint64_t seed)
{
    for (int i = layer_tensors(net) + all_norm_tensors(net); i < own_tensors(net); i++) {
        const tensor t = vector_of(net, i - layer_tensors(net) - all_norm_tensors(net));
        if (!t.kind) continue; // u follows from v
        rb_rng rng = rb_rng_stream(seed, RB_RNG_INIT, (uint64_t)i);
        // Inputs that only pad a channel have weights of 0, so the first step clears what is drawn for them.
        for (int k = 0; k < rb_layout_inputs(t.layout); k++) t.value[k] = (float)rb_rng_range(&rng, -1, 1);
        for (int step = 0; step < SPECTRAL_STEPS; step++) rb_spectral_iterate(t.conv);
    }
}

// --- tensors of normalisations ---

static tensor norm_tensor_of(const rb_net *net, int i)
{
    int at = 0;
    for (; i >= norm_tensors(&net->norm[at]); at++) i -= norm_tensors(&net->norm[at]);
    rb_norm *norm = (rb_norm *)&net->norm[at];
    float *const values[] = {norm->gamma.value, norm->beta.value, norm->mean, norm->variance, NULL};
    return (tensor){.norm = norm, .index = at, .kind = i, .value = values[i], .vectors = 1};
}

static bool has_pixels(const tensor *t) // gamma and beta per pixel
{
    return t->norm->kind == RB_NORM_LAYER && t->norm->picture && !t->norm->by_pixel;
}

static size_t norm_count(const tensor *t)
{
    if (t->kind == 4) return 1;
    return (size_t)t->norm->channels * (has_pixels(t) ? (size_t)rb_norm_pixels(t->norm) : 1);
}

static void norm_info(const tensor *t, rb_net_tensor *out)
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

static int norm_pixels_of(const tensor *t)
{
    return t->norm->kind == RB_NORM_LAYER && !t->norm->by_pixel ? rb_norm_pixels(t->norm) : 1;
}

static void norm_get(const tensor *t, float *out)
{
    if (t->kind == 4)
        *out = (float)t->norm->batches;
    else
        rb_planes_get(t->value, t->norm->channels, t->norm->columns, norm_pixels_of(t), out);
}

static void norm_set(const tensor *t, const float *values)
{
    if (t->kind == 4)
        t->norm->batches = *values > 0 && *values < 0x1p63f ? (uint64_t)*values : 0;
    else
        rb_planes_set(t->value, t->norm->channels, t->norm->columns, norm_pixels_of(t), values);
    rb_norm_derive(t->norm);
}

static void norm_gradient(const tensor *t, const rb_tape *tape, float *out)
{
    if (t->kind > 1) {
        memset(out, 0, norm_count(t) * sizeof(float));
        return;
    }
    const float *gradient = rb_tape_norm_gradient(tape, t->index) + (t->kind ? rb_norm_line(t->norm) : 0);
    rb_planes_get(gradient, t->norm->channels, t->norm->columns, norm_pixels_of(t), out);
}

static tensor tensor_of(const rb_net *net, int i)
{
    const int norms_at = layer_tensors(net), vectors_at = norms_at + all_norm_tensors(net);
    assert(i >= 0 && i < rb_net_tensor_count(net));
    if (i >= own_tensors(net))
        return (tensor){.running = (rb_running *)&net->running, .kind = i - own_tensors(net)};
    if (i >= vectors_at) return vector_of(net, i - vectors_at);
    if (i >= norms_at) return norm_tensor_of(net, i - norms_at);
    if (i < 2 * net->convs) {
        const rb_conv *conv = &net->conv[i / 2];
        return (tensor){.conv = conv,
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
    return (tensor){.layer = &net->layer[at],
                    .index = at,
                    .kind = i,
                    .layout = &l->layout,
                    .value = values[i],
                    .vectors = l->vectors};
}

static bool is_bias(const tensor *t)
{
    return t->kind % 2 == 1;
}
static size_t count_of(const tensor *t)
{
    return is_bias(t) ? (size_t)rb_layout_outputs(t->layout) : rb_layout_count(t->layout);
}

// A bias as the weights of one input.
static rb_layout layout_of_bias(const tensor *t)
{
    rb_layout layout = *t->layout;
    layout.channels = layout.stride = layout.height = layout.width = 1;
    layout.extra = layout.extra_stride = 0;
    return layout;
}

void rb_net_tensor_info(const rb_net *net, int i, rb_net_tensor *out)
{
    const tensor t = tensor_of(net, i);
    const rb_layout *l = t.layout;
    if (t.running) {
        rb_running_tensor_info(t.running, t.kind, out);
        return;
    }
    if (t.norm || t.vector) {
        (t.norm ? norm_info : vector_info)(&t, out);
        return;
    }
    *out = (rb_net_tensor){.dims = 1, .shape = {rb_layout_outputs(l)}, .count = count_of(&t)};
    if (t.conv) {
        snprintf(out->name, sizeof out->name, "trunk.%d.%s", t.index, is_bias(&t) ? "bias" : "weight");
        if (is_bias(&t)) return;
        out->dims = 4;
        out->shape[1] = l->channels, out->shape[2] = l->height, out->shape[3] = l->width;
        return;
    }
    static const char *const plain[] = {"weight", "bias"}, *const noisy[] = {"weight_mu", "bias_mu",
                                                                             "weight_sigma", "bias_sigma"};
    snprintf(out->name, sizeof out->name, "%s.%s", t.layer->name,
             (t.layer->linear.noise ? noisy : plain)[t.kind]);
    if (is_bias(&t)) return;
    out->dims = 2;
    out->shape[1] = rb_layout_width(l);
}

void rb_net_tensor_get(const rb_net *net, int i, float *out)
{
    assert(!net->updating);
    const tensor t = tensor_of(net, i);
    if (t.running) {
        rb_running_tensor_get(t.running, t.kind, out);
    } else if (t.norm) {
        norm_get(&t, out);
    } else if (t.vector) {
        vector_get(&t, out);
    } else if (is_bias(&t)) {
        const rb_layout bias = layout_of_bias(&t);
        rb_layout_get(&bias, t.value, 1, out);
    } else {
        rb_layout_get(t.layout, t.value, t.vectors, out);
    }
}

void rb_net_tensor_used(const rb_net *net, int i, float *out)
{
    const tensor t = tensor_of(net, i);
    rb_net_tensor_get(net, i, out);
    if (!t.conv || t.vector || is_bias(&t) || !t.conv->spectral) return;
    const float scale = (float)(1 / rb_spectral_sigma(t.conv));
    for (size_t k = 0; k < count_of(&t); k++) out[k] *= scale;
}

void rb_net_tensor_set(rb_net *net, int i, const float *values)
{
    rb_net_finish(net);
    const tensor t = tensor_of(net, i);
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
    if (is_bias(&t)) {
        const rb_layout bias = layout_of_bias(&t);
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
    const tensor t = tensor_of(net, i);
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
        const float *gradient = tape->group[0].gradient + rb_net_conv_gradient_at(net, t.index, is_bias(&t));
        if (is_bias(&t)) {
            memcpy(out, gradient, count_of(&t) * sizeof(float));
        } else {
            rb_layout_get(t.layout, gradient, 1, out);
        }
        return;
    }
    const rb_linear_pass pass = rb_net_backward_pass(net, tape, t.index);
    rb_linear_gradient(&pass, t.kind, out);
}

// Noise belongs to sigma's tensors.
static size_t noise_count(const tensor *t)
{
    if (t->kind < 2 || t->norm || t->vector || t->running) return 0;
    const size_t outputs = (size_t)t->layout->outputs, weights = rb_layout_count(t->layout);
    if (is_bias(t)) return outputs;
    return t->layer->linear.noise == RB_NOISE_INDEPENDENT ? weights : weights / outputs + outputs;
}

size_t rb_net_tensor_noise(const rb_net *net, int i, float *out, size_t most)
{
    const tensor t = tensor_of(net, i);
    const size_t count = noise_count(&t);
    if (count == 0 || count > most) return count;
    const rb_linear *l = &t.layer->linear;
    const rb_draw *draw = &l->draw[net->draw];
    const size_t outputs = (size_t)l->layout.outputs;
    if (is_bias(&t)) {
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
    const tensor t = tensor_of(net, i);
    const size_t count = noise_count(&t);
    if (count == 0) return;
    const rb_linear *l = &t.layer->linear;
    const rb_draw *draw = &l->draw[net->draw];
    const size_t outputs = (size_t)l->layout.outputs;
    if (is_bias(&t)) {
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
        const tensor t = tensor_of(net, i);
        if (t.norm)
            sum += t.kind < 2 ? (int64_t)norm_count(&t) : 0;
        else if (t.vector)
            sum += 0;
        else if (is_bias(&t) && t.layer && t.layer->linear.tied)
            sum += t.layer->linear.tied;
        else
            sum += (int64_t)count_of(&t);
    }
    return sum;
}

// --- values ---

// Weights and biases are uniform within this bound. Noisy layers as in Fortunato et al. 2017, section 3.2:
// factorised: mu within 1/sqrt(inputs), with sigma = sigma0 / sqrt(inputs); independent: mu within
// sqrt(3/inputs), with sigma = sigma0 everywhere. Others as in PyTorch's Conv2d and Linear, or as in
// Dopamine, whose variance scaling with 1/sqrt(3) has the variance (1/sqrt(3)) / inputs, and biases of 0; the
// biases of normal weights are 0, too.
static double bound_of(const rb_net *net, const tensor *t, double fan_in)
{
    const rb_noise noise = t->layer ? t->layer->linear.noise : RB_NOISE_NONE;
    if (noise == RB_NOISE_INDEPENDENT) return sqrt(3 / fan_in);
    if (noise || net->spec.params.init == RB_INIT_PYTORCH) return 1 / sqrt(fan_in);
    return is_bias(t) ? 0 : sqrt(sqrt(3) / fan_in);
}

static bool is_normal(const rb_net *net, const tensor *t, rb_noise noise)
{
    const int32_t init = net->spec.params.init;
    return !noise && !is_bias(t) && (init == RB_INIT_LECUN_NORMAL || init == RB_INIT_HE_NORMAL);
}

// The deviation of Flax's lecun_normal and he_normal. The latter is for layers before a ReLU, so the outputs
// get the former.
static double deviation_of(const rb_net *net, const tensor *t, double fan_in)
{
    const bool ends = t->layer && t->index >= net->stage[net->stages - 1].first;
    return sqrt((net->spec.params.init == RB_INIT_HE_NORMAL && !ends ? 2 : 1) / fan_in);
}

static void tie(const tensor *bias)
{
    const int tied = bias->layer ? bias->layer->linear.tied : 0;
    for (int i = tied; tied && i < bias->layout->outputs; i++) bias->value[i] = bias->value[i % tied];
}

static bool in_trunk(const tensor *t)
{
    return t->conv || !strncmp(t->layer->name, "trunk.", 6);
}

// `keep`: of the trunk's old weights.
static void draw_weights(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t first, float keep)
{
    for (int i = 0; i < layer_tensors(net); i++) {
        const tensor t = tensor_of(net, i);
        const rb_noise noise = t.layer ? t.layer->linear.noise : RB_NOISE_NONE;
        const double fan_in = (double)rb_layout_count(t.layout) / rb_layout_outputs(t.layout);
        const double bound = bound_of(net, &t, fan_in);
        const double sigma0 = net->spec.params.sigma0,
                     sigma = noise == RB_NOISE_INDEPENDENT ? sigma0 : sigma0 / sqrt(fan_in);
        const rb_layout bias = layout_of_bias(&t);
        const rb_layout *layout = is_bias(&t) ? &bias : t.layout;
        rb_rng rng = rb_rng_stream(seed, purpose, first + (uint64_t)i);
        const int vectors = is_bias(&t) ? 1 : t.vectors;
        const float kept = in_trunk(&t) ? keep : 0;
        if (t.kind < 2) {
            if (is_normal(net, &t, noise))
                rb_layout_normal(layout, t.value, vectors, kept, deviation_of(net, &t, fan_in), &rng);
            else
                rb_layout_uniform(layout, t.value, vectors, kept, -bound, bound, &rng);
            if (is_bias(&t)) tie(&t);
        } else {
            rb_layout_fill(layout, t.value, vectors, kept, (float)sigma);
        }
    }
}

void rb_net_init(rb_net *net, uint64_t seed)
{
    for (int i = 0; i < net->norms; i++) rb_norm_reset(&net->norm[i]);
    draw_weights(net, seed, RB_RNG_INIT, 0, 0);
    init_vectors(net, seed);
    rb_net_derive(net);
}

static void forget_moments(rb_net *net)
{
    for (int i = 0; i < net->convs; i++) {
        rb_weights_forget(&net->conv[i].weight);
        rb_weights_forget(&net->conv[i].bias);
    }
    for (int i = 0; i < net->linears; i++) {
        rb_linear *l = &net->layer[i].linear;
        rb_weights_forget(&l->bias);
        rb_weights_forget(&l->bias_sigma);
        for (int vector = 0; vector < l->vectors; vector++)
            if (vector % (1 + l->moments))
                rb_layout_fill(&l->layout, l->record + vector * RB_PANEL, l->vectors, 0, 0);
    }
}

enum { TENSORS_MOST = 1 << 16 };

void rb_net_renew(rb_net *net, uint64_t seed, uint64_t number, double keep)
{
    rb_net_finish(net);
    for (int i = 0; i < net->norms; i++) {
        const char *name = net->norm[i].name;
        const bool trunk = !strncmp(name, "trunk.", 6) || !strncmp(name, "input.", 6);
        rb_norm_renew(&net->norm[i], trunk ? (float)keep : 0);
    }
    draw_weights(net, seed, RB_RNG_RESET, number * TENSORS_MOST, (float)keep);
    forget_moments(net);
    for (int i = 0; i < net->convs && keep < 1; i++)
        for (int step = 0; step < SPECTRAL_STEPS && net->conv[i].spectral; step++)
            rb_spectral_iterate(&net->conv[i]);
    rb_net_derive(net);
}

static void copy_vectors(rb_net *to, const rb_net *from)
{
    for (int i = 0; i < to->convs; i++) {
        if (to->conv[i].spectral) rb_spectral_copy(&to->conv[i], &from->conv[i]);
    }
}

void rb_net_copy(rb_net *to, const rb_net *from)
{
    assert(!from->updating);
    rb_net_finish(to);
    assert(to->convs == from->convs && to->linears == from->linears && to->norms == from->norms);
    for (int i = 0; i < to->norms; i++) rb_norm_copy(&to->norm[i], &from->norm[i]);
    copy_vectors(to, from);
    for (int i = 0; i < layer_tensors(to); i++) {
        const tensor a = tensor_of(to, i), b = tensor_of(from, i);
        if (is_bias(&a)) {
            memcpy(a.value, b.value, (size_t)rb_layout_panels(a.layout) * RB_PANEL * sizeof(float));
        } else {
            rb_layout_copy(a.layout, a.value, a.vectors, b.value, b.vectors);
        }
    }
    rb_net_derive(to);
}

// A piece is a bias, or a panel of weights.
typedef struct blend_pass {
    const rb_net *to, *from;
    float share;
} blend_pass;

static int blend_pieces(const tensor *t)
{
    return is_bias(t) ? 1 : rb_layout_panels(t->layout);
}

static void blend_piece(void *context, int piece)
{
    const blend_pass *p = context;
    int i = 0;
    tensor a = tensor_of(p->to, 0);
    for (; piece >= blend_pieces(&a); a = tensor_of(p->to, ++i)) piece -= blend_pieces(&a);
    const tensor b = tensor_of(p->from, i);
    const int panels = rb_layout_panels(a.layout);
    if (is_bias(&a))
        p->to->kernels->blend(a.value, RB_PANEL, b.value, RB_PANEL, (size_t)panels, p->share);
    else
        p->to->kernels->blend(a.value + piece * rb_layout_panel(a.layout, a.vectors), a.vectors * RB_PANEL,
                              b.value + piece * rb_layout_panel(b.layout, b.vectors), b.vectors * RB_PANEL,
                              (size_t)rb_layout_inputs(a.layout), p->share);
}

void rb_net_blend(rb_net *to, const rb_net *from, double share)
{
    assert(!from->updating && share >= 0 && share <= 1);
    rb_net_finish(to);
    assert(to->convs == from->convs && to->linears == from->linears);
    if (share == 1) {
        rb_net_copy(to, from);
        return;
    }
    blend_pass pass = {.to = to, .from = from, .share = (float)share};
    rb_job job = {.phase = "target", .fn = blend_piece, .context = &pass};
    for (int i = 0; i < to->norms; i++)
        rb_norm_blend(&to->norm[i], &from->norm[i], to->kernels, (float)share);
    copy_vectors(to, from);
    for (int i = 0; i < layer_tensors(to); i++) {
        const tensor t = tensor_of(to, i);
        job.pieces += blend_pieces(&t);
        job.bytes += 3 * (double)count_of(&t) * sizeof(float); // two arrays read, one of them written
    }
    rb_compute_for(to->compute, &job);
    rb_net_derive(to);
}

void rb_net_visit(rb_net *net, rb_visitor *visitor)
{
    rb_net_finish(net);
    for (int i = 0; i < net->convs; i++) {
        char name[32];
        snprintf(name, sizeof name, "trunk.%d", i);
        rb_visit_open(visitor, name);
        rb_weights_visit(&net->conv[i].weight, visitor, "weight");
        rb_weights_visit(&net->conv[i].bias, visitor, "bias");
        if (net->conv[i].spectral) {
            rb_visit_f32s(visitor, "weight_u", net->conv[i].u, (size_t)net->conv[i].out_stride);
            rb_visit_f32s(visitor, "weight_v", net->conv[i].v,
                          (size_t)rb_layout_inputs(&net->conv[i].layout));
        }
        rb_visit_close(visitor);
    }
    for (int i = 0; i < net->linears; i++) {
        rb_linear *linear = &net->layer[i].linear;
        rb_visit_open(visitor, net->layer[i].name);
        rb_visit_f32s(visitor, "record", linear->record, rb_layout_numbers(&linear->layout, linear->vectors));
        rb_weights_visit(&linear->bias, visitor, "bias");
        rb_weights_visit(&linear->bias_sigma, visitor, "bias_sigma");
        rb_visit_close(visitor);
    }
    for (int i = 0; i < net->norms; i++) rb_norm_visit(&net->norm[i], visitor);
    if (net->running.numbers) rb_running_visit(&net->running, visitor);
    rb_visit_open(visitor, "noise");
    rb_visit_bool(visitor, "drawn", &net->drawn);
    rb_visit_u64(visitor, "seed", &net->draw_seed);
    rb_visit_u32(visitor, "purpose", &net->draw_purpose);
    rb_visit_u64(visitor, "draw", &net->draw_number);
    rb_visit_close(visitor);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    rb_error error = {0};
    if (rb_net_check_finite(net, &error)) {
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "%s", error.message);
        return;
    }
    rb_net_derive(net);
    if (net->drawn)
        rb_net_draw_noise(net, net->draw_seed, (rb_rng_purpose)net->draw_purpose, net->draw_number);
}
