// See net_device.h.
#include "nn/net_device.h"

#include <assert.h>
#include <string.h>

#include "nn/net_impl.h"

// Where the moments of a tensor are, and in which order.
typedef struct place {
    float *at;
    int vectors; // of a record; 0: planes of a normalisation
    rb_layout layout;
    const rb_norm *norm;
} place;

static rb_layout bias_of(const rb_layout *layout)
{
    rb_layout bias = *layout;
    bias.channels = bias.stride = bias.height = bias.width = 1;
    bias.extra = bias.extra_stride = 0;
    return bias;
}

static place of_weights(const rb_weights *weights, int moment, rb_layout layout)
{
    return (place){.at = moment ? weights->v : weights->m, .vectors = 1, .layout = layout};
}

static place of_linear(const rb_linear *l, int kind, int moment)
{
    if (kind % 2) return of_weights(kind == 1 ? &l->bias : &l->bias_sigma, moment, bias_of(&l->layout));
    float *record = kind ? rb_linear_sigma(l) : l->record;
    return (place){.at = record + (1 + moment) * RB_PANEL, .vectors = l->vectors, .layout = l->layout};
}

// The order is that of rb_net_tensor_info.
static place place_of(const rb_net *net, int i, int moment)
{
    if (i < 2 * net->convs) {
        const rb_conv *conv = &net->conv[i / 2];
        return i % 2 ? of_weights(&conv->bias, moment, bias_of(&conv->layout))
                     : of_weights(&conv->weight, moment, conv->layout);
    }
    i -= 2 * net->convs;
    for (int l = 0; l < net->linears; l++) {
        const int tensors = net->layer[l].linear.noise ? 4 : 2;
        if (i < tensors) return of_linear(&net->layer[l].linear, i, moment);
        i -= tensors;
    }
    for (int n = 0; n < net->norms; n++) {
        const rb_norm *norm = &net->norm[n];
        const int tensors = norm->kind == RB_NORM_NONE ? 0 : norm->kind == RB_NORM_BATCH ? 5 : 2;
        if (i < tensors) {
            const rb_weights *weights = i ? &norm->beta : &norm->gamma;
            return (place){.at = moment ? weights->v : weights->m, .norm = norm};
        }
        i -= tensors;
    }
    assert(false);
    return (place){0};
}

static int pixels_of(const rb_norm *norm)
{
    return norm->kind == RB_NORM_LAYER && !norm->by_pixel ? rb_norm_pixels(norm) : 1;
}

void rb_net_moment_get(const rb_net *net, int i, int moment, float *out)
{
    const place p = place_of(net, i, moment);
    assert(net->trains && !net->updating);
    if (p.norm)
        rb_planes_get(p.at, p.norm->channels, p.norm->columns, pixels_of(p.norm), out);
    else
        rb_layout_get(&p.layout, p.at, p.vectors, out);
}

void rb_net_moment_set(rb_net *net, int i, int moment, const float *values)
{
    const place p = place_of(net, i, moment);
    assert(net->trains && !net->updating);
    if (p.norm)
        rb_planes_set(p.at, p.norm->channels, p.norm->columns, pixels_of(p.norm), values);
    else
        rb_layout_set(&p.layout, p.at, p.vectors, values);
}

// ---- noise

int rb_net_noise_layers(const rb_net *net, rb_net_noise out[RB_NET_NOISE_MOST])
{
    int count = 0, tensor = 2 * net->convs;
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *l = &net->layer[i].linear;
        if (l->noise)
            out[count++] = (rb_net_noise){.tensor = tensor,
                                          .independent = l->noise == RB_NOISE_INDEPENDENT,
                                          .outputs = l->layout.outputs,
                                          .panels = l->panels,
                                          .inputs = l->inputs,
                                          .panel_numbers = (int)rb_layout_panel(&l->layout, 1),
                                          .height = l->layout.height,
                                          .width = l->layout.width,
                                          .channels = l->layout.channels,
                                          .stride = l->layout.stride,
                                          .extra = l->layout.extra,
                                          .extra_stride = l->layout.extra_stride};
        tensor += l->noise ? 4 : 2;
    }
    return count;
}

void rb_net_noise_keys(const rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw,
                       uint32_t *keys)
{
    for (int i = 0; i < net->linears; i++) {
        if (!net->layer[i].linear.noise) continue;
        for (int which = 0; which < rb_net_draws(net); which++, keys += 2)
            rb_net_noise_key(seed, purpose, draw, i, which, keys);
    }
}

void rb_net_note_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw)
{
    bool noisy = false;
    for (int i = 0; i < net->linears; i++) noisy = noisy || net->layer[i].linear.noise;
    if (!noisy) return;
    net->drawn = true;
    net->draw_seed = seed, net->draw_number = draw, net->draw_purpose = (uint32_t)purpose;
}

// ---- running statistics and biases

void rb_net_count_batches(rb_net *net, uint64_t updates)
{
    for (int i = 0; i < net->norms; i++)
        if (net->norm[i].kind == RB_NORM_BATCH) net->norm[i].batches += updates;
}

void rb_net_same_batches(rb_net *to, const rb_net *from)
{
    for (int i = 0; i < to->norms; i++) to->norm[i].batches = from->norm[i].batches;
}

void rb_net_same_rest(rb_net *to, const rb_net *from)
{
    const rb_running *r = &from->running;
    const size_t numbers = (size_t)r->numbers;
    to->drawn = from->drawn;
    to->draw_seed = from->draw_seed, to->draw_number = from->draw_number;
    to->draw_purpose = from->draw_purpose;
    rb_net_same_batches(to, from);
    if (!numbers) return;
    to->running.count = r->count;
    memcpy(to->running.mean, r->mean, numbers * sizeof *r->mean);
    memcpy(to->running.variance, r->variance, numbers * sizeof *r->variance);
    rb_running_derive(&to->running);
}

int rb_net_tied(const rb_net *net, int tensor)
{
    int at = 2 * net->convs;
    for (int i = 0; i < net->linears; i++) {
        if (tensor == at + 1) return net->layer[i].linear.tied;
        at += net->layer[i].linear.noise ? 4 : 2;
    }
    return 0;
}
