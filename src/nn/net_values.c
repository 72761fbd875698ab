// A network's values: drawn at the start, renewed in the middle of a run, copied and blended.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "nn/net_tensors.h"

// Weights and biases are uniform within this bound. Noisy layers as in Fortunato et al. 2017, section 3.2:
// factorised: mu within 1/sqrt(inputs), with sigma = sigma0 / sqrt(inputs); independent: mu within
// sqrt(3/inputs), with sigma = sigma0 everywhere. Others as in PyTorch's Conv2d and Linear, or as in
// Dopamine, whose variance scaling with 1/sqrt(3) has the variance (1/sqrt(3)) / inputs, and biases of 0; the
// biases of normal weights are 0, too.
static double bound_of(const rb_net *net, const rb_tensor *t, double fan_in)
{
    const rb_noise noise = t->layer ? t->layer->linear.noise : RB_NOISE_NONE;
    if (noise == RB_NOISE_INDEPENDENT) return sqrt(3 / fan_in);
    if (noise || net->spec.params.init == RB_INIT_PYTORCH) return 1 / sqrt(fan_in);
    return rb_tensor_is_bias(t) ? 0 : sqrt(sqrt(3) / fan_in);
}

static bool is_normal(const rb_net *net, const rb_tensor *t, rb_noise noise)
{
    const int32_t init = net->spec.params.init;
    return !noise && !rb_tensor_is_bias(t) && (init == RB_INIT_LECUN_NORMAL || init == RB_INIT_HE_NORMAL);
}

// The deviation of Flax's lecun_normal and he_normal. The latter is for layers before a ReLU, so the outputs
// get the former.
static double deviation_of(const rb_net *net, const rb_tensor *t, double fan_in)
{
    const bool ends = t->layer && t->index >= net->stage[net->stages - 1].first;
    return sqrt((net->spec.params.init == RB_INIT_HE_NORMAL && !ends ? 2 : 1) / fan_in);
}

static void tie(const rb_tensor *bias)
{
    const int tied = bias->layer ? bias->layer->linear.tied : 0;
    for (int i = tied; tied && i < bias->layout->outputs; i++) bias->value[i] = bias->value[i % tied];
}

static bool in_trunk(const rb_tensor *t)
{
    return t->conv || !strncmp(t->layer->name, "trunk.", 6);
}

// `keep`: of the trunk's old weights.
static void draw_weights(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t first, float keep)
{
    for (int i = 0; i < rb_net_layer_tensors(net); i++) {
        const rb_tensor t = rb_tensor_of(net, i);
        const rb_noise noise = t.layer ? t.layer->linear.noise : RB_NOISE_NONE;
        const double fan_in = (double)rb_layout_count(t.layout) / rb_layout_outputs(t.layout);
        const double bound = bound_of(net, &t, fan_in);
        const double sigma0 = net->spec.params.sigma0,
                     sigma = noise == RB_NOISE_INDEPENDENT ? sigma0 : sigma0 / sqrt(fan_in);
        const rb_layout bias = rb_tensor_bias_layout(&t);
        const rb_layout *layout = rb_tensor_is_bias(&t) ? &bias : t.layout;
        rb_rng rng = rb_rng_stream(seed, purpose, first + (uint64_t)i);
        const int vectors = rb_tensor_is_bias(&t) ? 1 : t.vectors;
        const float kept = in_trunk(&t) ? keep : 0;
        if (t.kind < 2) {
            if (is_normal(net, &t, noise))
                rb_layout_normal(layout, t.value, vectors, kept, deviation_of(net, &t, fan_in), &rng);
            else
                rb_layout_uniform(layout, t.value, vectors, kept, -bound, bound, &rng);
            if (rb_tensor_is_bias(&t)) tie(&t);
        } else {
            rb_layout_fill(layout, t.value, vectors, kept, (float)sigma);
        }
    }
}

enum { SPECTRAL_STEPS = 15 }; // of the power iteration on the initial weights, as in PyTorch

static void init_vectors(rb_net *net, uint64_t seed)
{
    for (int i = rb_net_layer_tensors(net); i < rb_net_tensor_count(net); i++) {
        const rb_tensor t = rb_tensor_of(net, i);
        if (!t.vector || !t.kind) continue; // u follows from v
        rb_rng rng = rb_rng_stream(seed, RB_RNG_INIT, (uint64_t)i);
        // Inputs that only pad a channel have weights of 0, so the first step clears what is drawn for them.
        for (int k = 0; k < rb_layout_inputs(t.layout); k++) t.value[k] = (float)rb_rng_range(&rng, -1, 1);
        for (int step = 0; step < SPECTRAL_STEPS; step++) rb_spectral_iterate(t.conv);
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
    for (int i = 0; i < rb_net_layer_tensors(to); i++) {
        const rb_tensor a = rb_tensor_of(to, i), b = rb_tensor_of(from, i);
        if (rb_tensor_is_bias(&a)) {
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

static int blend_pieces(const rb_tensor *t)
{
    return rb_tensor_is_bias(t) ? 1 : rb_layout_panels(t->layout);
}

static void blend_piece(void *context, int piece)
{
    const blend_pass *p = context;
    int i = 0;
    rb_tensor a = rb_tensor_of(p->to, 0);
    for (; piece >= blend_pieces(&a); a = rb_tensor_of(p->to, ++i)) piece -= blend_pieces(&a);
    const rb_tensor b = rb_tensor_of(p->from, i);
    const int panels = rb_layout_panels(a.layout);
    if (rb_tensor_is_bias(&a))
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
    for (int i = 0; i < rb_net_layer_tensors(to); i++) {
        const rb_tensor t = rb_tensor_of(to, i);
        job.pieces += blend_pieces(&t);
        job.bytes += 3 * (double)rb_tensor_count(&t) * sizeof(float); // two arrays read, one of them written
    }
    rb_compute_for(to->compute, &job);
    // Vectors of its own: after a reset the two networks' weights have nothing in common.
    for (int i = 0; i < to->convs; i++)
        if (to->conv[i].spectral) rb_spectral_iterate(&to->conv[i]);
    rb_net_derive(to);
}
