// See forward.h. Pictures are [N][C][H][W], vectors [N][numbers], as in PyTorch.
#include "xla/forward.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compute/kernels.h"

bool rb_xla_keeps(const rb_net_tensor *info)
{
    return info->dims > 0 && strncmp(info->name, "normalise.", 10);
}

rb_sizes rb_xla_sizes(const rb_net_tensor *info)
{
    rb_sizes sizes = {.rank = info->dims};
    for (int d = 0; d < info->dims; d++) sizes.of[d] = info->shape[d];
    return sizes;
}

void rb_xla_net_inputs(rb_xla_net *out, rb_hlo *h, const rb_net *net, bool bf16, const char *prefix)
{
    *out = (rb_xla_net){.net = net, .spec = rb_net_spec_of(net), .bf16 = bf16};
    out->steps = rb_net_steps(net, out->step);
    out->noise_layers = rb_net_noise_layers(net, out->noise);
    out->tensors = rb_net_tensor_count(net);
    if (out->tensors > RB_XLA_TENSORS) {
        rb_hlo_mistake_of(h, "the network has too many tensors");
        return;
    }
    for (int i = 0; i < out->tensors; i++) {
        rb_net_tensor info;
        char name[96];
        rb_net_tensor_info(net, i, &info);
        out->tensor[i] = -1;
        if (!rb_xla_keeps(&info)) continue;
        snprintf(name, sizeof name, "%s%s", prefix, info.name);
        out->tensor[i] = rb_hlo_input(h, RB_F32, rb_xla_sizes(&info), name);
    }
}

rb_value rb_xla_product(rb_hlo *h, bool bf16, rb_value a, rb_value b, int ka, int kb)
{
    const rb_type type = bf16 ? RB_BF16 : RB_F32;
    return rb_hlo_dot(h, rb_hlo_convert(h, a, type), rb_hlo_convert(h, b, type), 0, ka, kb);
}

// ---- steps

typedef struct builder {
    rb_hlo *h;
    const rb_xla_net *net;
    rb_xla_pass *pass;
    rb_value observation, made[RB_NET_STEPS_MAX];
} builder;

static rb_sizes sizes_of(const builder *b, rb_value v)
{
    return rb_hlo_sizes(b->h, v);
}

static rb_value flat(builder *b, rb_value v)
{
    const rb_sizes sizes = sizes_of(b, v);
    if (sizes.rank == 2) return v;
    return rb_hlo_reshape(b->h, v, RB_SIZES(sizes.of[0], (int64_t)rb_hlo_count(sizes) / sizes.of[0]));
}

// One number for each channel of a picture, or for each number of a vector, for all samples and pixels.
static rb_value each_channel(builder *b, rb_value v, rb_value like)
{
    return rb_hlo_spread(b->h, v, sizes_of(b, like), (const int[]){1});
}

// The tensor with that end of its name, beside tensor `i`: "weight_u" of trunk.3.
static rb_value beside(const builder *b, int i, const char *end)
{
    rb_net_tensor info, other;
    rb_net_tensor_info(b->net->net, i, &info);
    char *dot = strrchr(info.name, '.');
    const size_t length = dot ? (size_t)(dot - info.name) + 1 : 0;
    for (int t = 0; t < b->net->tensors; t++) {
        rb_net_tensor_info(b->net->net, t, &other);
        if (!strncmp(other.name, info.name, length) && !strcmp(other.name + length, end))
            return b->net->tensor[t];
    }
    return -1;
}

// Weights divided by u' W v, if they are normalised spectrally.
static rb_value used_weights(builder *b, int i)
{
    rb_hlo *h = b->h;
    const rb_value w = b->net->tensor[i], u = beside(b, i, "weight_u"), v = beside(b, i, "weight_v");
    if (u < 0 || v < 0) return w;
    return rb_hlo_divide(h, w, rb_xla_sigma(h, w, u, v));
}

rb_value rb_xla_sigma(rb_hlo *h, rb_value w, rb_value u, rb_value v)
{
    const int64_t outputs = rb_hlo_sizes(h, w).of[0],
                  inputs = (int64_t)rb_hlo_count(rb_hlo_sizes(h, w)) / outputs;
    const rb_value rows = rb_hlo_reshape(h, w, RB_SIZES(outputs, inputs));
    const rb_value wv = rb_hlo_sum(
        h, rb_hlo_multiply(h, rows, rb_hlo_spread(h, v, RB_SIZES(outputs, inputs), (const int[]){1})), 1);
    const rb_value sigma = rb_hlo_sum(h, rb_hlo_multiply(h, wv, u), 0);
    const rb_value zero = rb_hlo_compare(h, RB_EQ, sigma, rb_hlo_number(h, RB_F32, 0));
    return rb_hlo_select(h, zero, rb_hlo_number(h, RB_F32, 1), sigma);
}

static rb_value conv(builder *b, const rb_net_step *step, rb_value from)
{
    rb_hlo *h = b->h;
    const rb_type type = b->net->bf16 ? RB_BF16 : RB_F32;
    const int64_t pad = step->pad;
    const rb_conv_window window = {
        .stride = step->stride, .dilate = 1, .spread = 1, .low = {pad, pad}, .high = {pad, pad}};
    const rb_value made = rb_hlo_conv(h, RB_CONV_FORWARD, rb_hlo_convert(h, from, type),
                                      rb_hlo_convert(h, used_weights(b, step->tensor), type), &window);
    return rb_hlo_add(h, made, each_channel(b, b->net->tensor[step->tensor + 1], made));
}

static int noise_of(const rb_xla_net *net, int tensor)
{
    for (int i = 0; i < net->noise_layers; i++)
        if (net->noise[i].tensor == tensor) return i;
    return -1;
}

static rb_value linear(builder *b, const rb_net_step *step, rb_value from)
{
    rb_hlo *h = b->h;
    const int noise = noise_of(b->net, step->tensor);
    rb_value weight = b->net->tensor[step->tensor], bias = b->net->tensor[step->tensor + 1];
    if (noise >= 0 && b->pass->noise) {
        const rb_value *sigma = &b->net->tensor[step->tensor + 2];
        weight = rb_hlo_add(h, weight, rb_hlo_multiply(h, sigma[0], b->pass->noise->weights[noise]));
        bias = rb_hlo_add(h, bias, rb_hlo_multiply(h, sigma[1], b->pass->noise->biases[noise]));
    }
    const rb_value made = rb_xla_product(h, b->net->bf16, from, weight, 1, 1);
    return rb_hlo_add(h, made, each_channel(b, bias, made));
}

// ---- normalisations

static rb_value mean_over(builder *b, rb_value x, const int *dims, int count)
{
    double all = 1;
    for (int i = 0; i < count; i++) all *= (double)sizes_of(b, x).of[dims[i]];
    return rb_hlo_scaled(b->h, rb_hlo_reduce(b->h, RB_SUM, x, dims, count), 1 / all);
}

static rb_value reciprocal_root(builder *b, rb_value variance)
{
    return rb_hlo_unary(b->h, RB_RSQRT,
                        rb_hlo_plus(b->h, variance, (double)rb_net_norm_epsilon(b->net->spec)));
}

// 0.9 of the old and 0.1 of the batch's.
static rb_value followed(builder *b, int tensor, rb_value batch)
{
    return rb_hlo_add(b->h, rb_hlo_scaled(b->h, b->net->tensor[tensor], 0.9),
                      rb_hlo_scaled(b->h, batch, 0.1));
}

static rb_value batch_norm(builder *b, const rb_net_step *step, rb_value x)
{
    static const int picture[] = {0, 2, 3};
    rb_hlo *h = b->h;
    const rb_value *t = &b->net->tensor[step->tensor]; // factor, summand, mean, variance
    const rb_sizes sizes = sizes_of(b, x);
    const int dims = sizes.rank == 4 ? 3 : 1;
    rb_value mean = t[2], variance = t[3];
    if (b->pass->learns) {
        const double all = (double)rb_hlo_count(sizes) / (double)sizes.of[1];
        mean = mean_over(b, x, picture, dims);
        const rb_value less = rb_hlo_subtract(h, x, each_channel(b, mean, x));
        variance = mean_over(b, rb_hlo_multiply(h, less, less), picture, dims);
        b->pass->running[step->tensor + 2] = followed(b, step->tensor + 2, mean);
        b->pass->running[step->tensor + 3] =
            followed(b, step->tensor + 3, rb_hlo_scaled(h, variance, all > 1 ? all / (all - 1) : 1));
    }
    const rb_value less = rb_hlo_subtract(h, x, each_channel(b, mean, x));
    const rb_value unit = rb_hlo_multiply(h, less, each_channel(b, reciprocal_root(b, variance), x));
    return rb_hlo_add(h, rb_hlo_multiply(h, unit, each_channel(b, t[0], x)), each_channel(b, t[1], x));
}

// All numbers of a sample, or of each of its pixels.
static rb_value layer_norm(builder *b, const rb_net_step *step, rb_value x)
{
    static const int all[] = {1, 2, 3}, kept[] = {0}, pixels[] = {0, 2, 3};
    rb_hlo *h = b->h;
    const rb_sizes sizes = sizes_of(b, x);
    const bool whole = step->kind == RB_NET_LAYER_NORM && sizes.rank == 4;
    const int count = whole ? 3 : 1;
    const int *places = whole || sizes.rank == 2 ? kept : pixels;
    const rb_value mean = rb_hlo_spread(h, mean_over(b, x, all, count), sizes, places);
    const rb_value less = rb_hlo_subtract(h, x, mean);
    const rb_value variance = mean_over(b, rb_hlo_multiply(h, less, less), all, count);
    const rb_value unit =
        rb_hlo_multiply(h, less, rb_hlo_spread(h, reciprocal_root(b, variance), sizes, places));
    rb_value weight = b->net->tensor[step->tensor], bias = b->net->tensor[step->tensor + 1];
    if (whole) {
        weight = rb_hlo_spread(h, weight, sizes, all), bias = rb_hlo_spread(h, bias, sizes, all);
    } else { // one for each channel, [C] or [C][1][1]
        weight = each_channel(b, rb_hlo_reshape(h, weight, RB_SIZES(sizes.of[1])), x);
        bias = each_channel(b, rb_hlo_reshape(h, bias, RB_SIZES(sizes.of[1])), x);
    }
    return rb_hlo_add(h, rb_hlo_multiply(h, unit, weight), bias);
}

// ---- pools

// One axis of an adaptive pool, whose windows differ.
static rb_value adaptive(builder *b, const rb_windows *windows, int dimension, bool mean, rb_value from)
{
    rb_hlo *h = b->h;
    rb_value lines[64];
    for (int i = 0; i < windows->count && i < 64; i++) {
        const int64_t first = rb_window_from(windows, i), last = rb_window_to(windows, i);
        const rb_value slice = rb_hlo_slice(h, from, dimension, first, last);
        rb_pool_window window = {.size = {1, 1}, .stride = 1};
        window.size[dimension - 2] = last - first;
        rb_sizes sizes = sizes_of(b, slice);
        sizes.of[dimension] = 1;
        lines[i] = mean ? rb_hlo_reshape(h, mean_over(b, slice, &dimension, 1), sizes)
                        : rb_hlo_max_pool(h, slice, &window);
    }
    return rb_hlo_join(h, lines, windows->count, dimension);
}

static rb_value pool(builder *b, const rb_net_step *step, rb_value from)
{
    const bool mean = step->kind == RB_NET_MEAN_POOL;
    if (step->lines.adaptive)
        return adaptive(b, &step->pixels, 3, mean, adaptive(b, &step->lines, 2, mean, from));
    return rb_hlo_max_pool(b->h, from,
                           &(rb_pool_window){.size = {step->lines.kernel, step->pixels.kernel},
                                             .stride = step->lines.step,
                                             .pad = step->lines.pad});
}

// ---- fractions

// cos(pi i t) of [rows] fractions, i < cosines. A drawn fraction is k / 2^24, so i k modulo 2^25 gives the
// exact place in the cosine's period.
static rb_value drawn_cosines(builder *b, rb_value fractions, int64_t cosines)
{
    rb_hlo *h = b->h;
    const int64_t rows = sizes_of(b, fractions).of[0];
    const rb_sizes sizes = RB_SIZES(rows, cosines);
    const rb_value k = rb_hlo_convert(h, rb_hlo_scaled(h, fractions, 0x1p24), RB_U32);
    const rb_value turns =
        rb_hlo_multiply(h, rb_hlo_spread(h, k, sizes, (const int[]){0}), rb_hlo_iota(h, RB_U32, sizes, 1));
    const rb_value place = rb_hlo_binary(h, RB_AND, turns, rb_hlo_number(h, RB_U32, 0x1p25 - 1));
    rb_value x = rb_hlo_scaled(h, rb_hlo_convert(h, place, RB_F32), 0x1p-24); // 0 .. 2
    const rb_value one = rb_hlo_number(h, RB_F32, 1);
    x = rb_hlo_select(h, rb_hlo_compare(h, RB_GT, x, one), rb_hlo_plus(h, x, -2), x);
    return rb_hlo_unary(h, RB_COSINE, rb_hlo_scaled(h, x, 3.14159265358979323846));
}

static rb_value fixed_cosines(builder *b, int64_t samples, int64_t cosines)
{
    const int64_t each = b->pass->each;
    float *values = malloc((size_t)(each * cosines) * sizeof *values);
    if (!values) return rb_hlo_mistake_of(b->h, "there is not enough memory for its cosines");
    for (int64_t k = 0; k < each; k++)
        for (int64_t i = 0; i < cosines; i++)
            values[k * cosines + i] = (float)cos(acos(-1) * (double)i * (double)b->pass->fixed[k]);
    const rb_value one = rb_hlo_floats(b->h, RB_SIZES(each, cosines), values);
    free(values);
    return rb_hlo_reshape(b->h,
                          rb_hlo_spread(b->h, one, RB_SIZES(samples, each, cosines), (const int[]){1, 2}),
                          RB_SIZES(samples * each, cosines));
}

static rb_value embedding(builder *b, const rb_net_step *step, rb_value features)
{
    rb_hlo *h = b->h;
    const int64_t samples = sizes_of(b, features).of[0], numbers = sizes_of(b, features).of[1],
                  each = b->pass->each;
    const rb_value cosines =
        b->pass->fixed ? fixed_cosines(b, samples, b->net->spec->cosines)
                       : drawn_cosines(b, rb_hlo_reshape(h, b->pass->fractions, RB_SIZES(samples * each)),
                                       b->net->spec->cosines);
    const rb_value embedded =
        rb_hlo_reshape(h, rb_hlo_relu(h, linear(b, step, cosines)), RB_SIZES(samples, each, numbers));
    const rb_value mixed = rb_hlo_multiply(
        h, embedded, rb_hlo_spread(h, features, RB_SIZES(samples, each, numbers), (const int[]){0, 2}));
    return rb_hlo_reshape(h, mixed, RB_SIZES(samples * each, numbers));
}

// ---- all

static rb_value step_value(builder *b, const rb_net_step *step)
{
    const rb_value source = step->source < 0 ? b->observation : b->made[step->source];
    const rb_value from = step->picture || step->kind == RB_NET_RELU ? source : flat(b, source);
    switch (step->kind) {
    case RB_NET_CONV:
        return conv(b, step, from);
    case RB_NET_LINEAR:
        return linear(b, step, from);
    case RB_NET_BATCH_NORM:
        return batch_norm(b, step, from);
    case RB_NET_LAYER_NORM:
    case RB_NET_CHANNEL_NORM:
        return layer_norm(b, step, from);
    case RB_NET_RELU:
        return rb_hlo_relu(b->h, from);
    case RB_NET_MAX_POOL:
    case RB_NET_MEAN_POOL:
        return pool(b, step, from);
    case RB_NET_ADD:
        return rb_hlo_add(b->h, from, step->other < 0 ? b->observation : b->made[step->other]);
    case RB_NET_APPEND:
        return rb_hlo_join(b->h, (const rb_value[]){from, b->pass->vector}, 2, 1);
    case RB_NET_EMBEDDING:
        return embedding(b, step, from);
    }
    return 0;
}

static rb_value scaled_observation(builder *b)
{
    float scale, offset;
    rb_net_input_scale(b->net->spec, &scale, &offset);
    rb_value x = rb_hlo_convert(b->h, b->pass->picture, RB_F32);
    if (scale != 1) x = rb_hlo_scaled(b->h, x, (double)scale);
    if (offset != 0) x = rb_hlo_plus(b->h, x, (double)offset);
    if (b->pass->intensities <= 0) return x;
    const rb_value factors = rb_hlo_spread(b->h, b->pass->intensities, sizes_of(b, x), (const int[]){0});
    return rb_hlo_multiply(b->h, x, factors);
}

// The ends of the streams, joined: value + advantage - its mean over the actions.
static rb_value joined(builder *b)
{
    rb_hlo *h = b->h;
    const rb_net_spec *spec = b->net->spec;
    const bool dueling = spec->params.dueling;
    const rb_value advantage = b->made[b->net->steps - (dueling ? 2 : 1)];
    const int64_t rows = sizes_of(b, advantage).of[0];
    const rb_sizes sizes = RB_SIZES(rows, spec->actions, spec->outputs);
    rb_value out = rb_hlo_reshape(h, advantage, sizes);
    if (dueling) {
        static const int actions[] = {1}, both[] = {0, 2};
        const rb_value mean = mean_over(b, out, actions, 1);
        out = rb_hlo_add(h, out,
                         rb_hlo_spread(h, rb_hlo_subtract(h, b->made[b->net->steps - 1], mean), sizes, both));
    }
    if (spec->params.relu_outputs) out = rb_hlo_relu(h, out);
    return b->pass->each
               ? rb_hlo_reshape(h, out, RB_SIZES(rows / b->pass->each, b->pass->each, spec->actions))
               : out;
}

rb_value rb_xla_forward(rb_hlo *h, const rb_xla_net *net, rb_xla_pass *pass)
{
    builder b = {.h = h, .net = net, .pass = pass};
    if (rb_hlo_check(h, NULL)) return 0;
    for (int i = 0; i < RB_XLA_TENSORS; i++) pass->running[i] = -1;
    rb_hlo_scope(h, "observation");
    b.observation = scaled_observation(&b);
    for (int i = 0; i < net->steps; i++) {
        rb_hlo_scope(h, net->step[i].name);
        b.made[i] = step_value(&b, &net->step[i]);
        if (net->step[i].relu) b.made[i] = rb_hlo_relu(h, b.made[i]);
        if (rb_hlo_check(h, NULL)) return 0;
    }
    rb_hlo_scope(h, "outputs");
    return joined(&b);
}
