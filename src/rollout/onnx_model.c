// From a network's steps (nn/net_graph.h) to ONNX operators:
//
//     "Image Sequence" -> Cast -> Mul 1/255 -> Conv, Relu ... -> Flatten -> Gemm, Relu ... -> streams
//
//     normalised observations: Sub mean, Mul factor, Clip come first
//     streams    one                                          advantage
//                dueling                  advantage - ReduceMean(advantage) + value
//     outputs    without atoms            these are "Q-Values"
//                with atoms [N][A][Z]     Softmax -> "Probabilities" -> MatMul support -> "Q-Values"
//                with quantiles       "Quantiles" [N][A][Z] -> ReduceMean -> "Q-Values"
//     fractions  of an implicit head, K constants: their embedding [K][F] is multiplied with the features
//                [N][1][F], and the layers behind it have N K rows
//     vector     of an observation with both: "Vector" -> Flatten -> Concat behind the picture's features, flat
//     masks      "Action Mask" -> Cast to bool -> Where: the value of an allowed action, -infinity for any other
//
// Noise has mean 0: a noisy layer becomes a linear layer with its mean weights, and its deviations are left
// out.
#include "rollout/onnx_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "nn/net_graph.h"
#include "rollout/agent_spec.h"

enum { NAME_MAX_BYTES = 64 };
enum { POOL_MOST = 32 }; // windows of an adaptive pool along one axis: net.layers allows no more

typedef struct result { // a node's output
    char name[NAME_MAX_BYTES];
    bool flat;    // shape is N x numbers
    bool picture; // N x channels x height x width
} result;

typedef struct writer {
    rb_onnx *model;
    const rb_net *net;
    int quantiles;
    rb_net_step steps[RB_NET_STEPS_MAX];
    result observation, made[RB_NET_STEPS_MAX], flattened; // flattened: the last result made flat
} writer;

static void add(writer *w, const char *op, const char *a, const char *b, const char *output)
{
    rb_onnx_node(w->model, op, (const char *const[]){a, b}, b ? 2 : 1, output);
}

static void constant(writer *w, const char *name, int dims, const int64_t *shape, const float *values)
{
    float *out = rb_onnx_tensor(w->model, name, RB_ONNX_FLOAT, dims, shape);
    size_t count = 1;
    for (int i = 0; i < dims; i++) count *= (size_t)shape[i];
    if (out) memcpy(out, values, count * sizeof *values);
}

static void sizes(writer *w, const char *name, int count, const int64_t *values)
{
    int64_t *out = rb_onnx_tensor(w->model, name, RB_ONNX_INT64, 1, &(int64_t){count});
    if (out) memcpy(out, values, (size_t)count * sizeof *values);
}

// The name of tensor `i`, which is added to the model.
static rb_net_tensor tensor(writer *w, int i)
{
    rb_net_tensor info;
    int64_t shape[4];
    rb_net_tensor_info(w->net, i, &info);
    for (int d = 0; d < info.dims; d++) shape[d] = info.shape[d];
    float *out = rb_onnx_tensor(w->model, info.name, RB_ONNX_FLOAT, info.dims, shape);
    if (out) rb_net_tensor_used(w->net, i, out);
    return info;
}

static result named(const char *name, bool flat)
{
    result v = {.flat = flat};
    rb_text_copy(v.name, sizeof v.name, name);
    return v;
}

// Clip((x - mean) * factor), per number of a frame; the shape of several frames is N x frames x numbers.
static void add_normalisation(writer *w, const char *from, bool flat)
{
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    const int64_t numbers = spec->normalised;
    const float high = (float)spec->clip, low = -high, *shift, *scale;
    rb_net_normalisation(w->net, &shift, &scale);
    constant(w, "normalise.mean", 1, &numbers, shift);
    constant(w, "normalise.factor", 1, &numbers, scale);
    constant(w, "normalise.low", 0, NULL, &low);
    constant(w, "normalise.high", 0, NULL, &high);
    add(w, "Sub", from, "normalise.mean", "normalise.less");
    add(w, "Mul", "normalise.less", "normalise.factor", "normalise.unit");
    rb_onnx_node(w->model, "Clip", (const char *const[]){"normalise.unit", "normalise.low", "normalise.high"},
                 3, "normalised");
    w->observation = named("normalised", flat);
}

static void add_input(writer *w, const rb_onnx_input_shape *input, const char *doc)
{
    static const char name[] = "Image Sequence";
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    const bool flat = input->dims == 2;
    rb_onnx_input(w->model, name, input->floats ? RB_ONNX_FLOAT : RB_ONNX_UINT8, input->dims, input->shape,
                  doc);
    w->observation = named(name, flat);
    if (spec->normalised) add_normalisation(w, name, flat);
    if (!spec->bytes) return;
    if (!input->floats) {
        add(w, "Cast", name, NULL, "floats");
        rb_onnx_int(w->model, "to", RB_ONNX_FLOAT);
    }
    float scale, offset;
    rb_net_input_scale(spec, &scale, &offset);
    constant(w, "scale", 0, NULL, &scale);
    add(w, "Mul", input->floats ? name : "floats", "scale", "scaled");
    w->observation = named("scaled", flat);
    if (offset == 0) return;
    constant(w, "offset", 0, NULL, &offset);
    add(w, "Add", "scaled", "offset", "centred");
    w->observation = named("centred", flat);
}

static void add_observation(writer *w, const rb_onnx_input_shape *input, const char *doc)
{
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    add_input(w, input, doc);
    w->observation.picture = spec->height > 1 || spec->width > 1;
}

// The same numbers as pictures of one pixel, if they are none: a convolution may read a vector.
static result pixel(writer *w, const result *from, int64_t channels)
{
    char name[NAME_MAX_BYTES], shape[NAME_MAX_BYTES];
    if (from->picture) return *from;
    snprintf(name, sizeof name, "%.40s.pixel", from->name);
    snprintf(shape, sizeof shape, "%.40s.pixel.shape", from->name);
    sizes(w, shape, 4, (int64_t[]){-1, channels, 1, 1});
    add(w, "Reshape", from->name, shape, name);
    return named(name, false);
}

// The same numbers, flattened to one row per observation; two streams may ask for the same.
static const char *flat(writer *w, const result *from)
{
    if (from->flat) return from->name;
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof name, "%.50s.flat", from->name);
    if (strcmp(name, w->flattened.name)) {
        add(w, "Flatten", from->name, NULL, name);
        rb_onnx_int(w->model, "axis", 1);
        w->flattened = named(name, true);
    }
    return w->flattened.name;
}

static void add_conv(writer *w, const rb_net_step *step, const result *source)
{
    const rb_net_tensor weight = tensor(w, step->tensor), bias = tensor(w, step->tensor + 1);
    const result from = pixel(w, source, weight.shape[1]);
    const int64_t stride = step->stride, pad = step->pad;
    rb_onnx_node(w->model, "Conv", (const char *const[]){from.name, weight.name, bias.name}, 3, step->name);
    rb_onnx_ints(w->model, "kernel_shape", 2, (int64_t[]){weight.shape[2], weight.shape[3]});
    rb_onnx_ints(w->model, "pads", 4, (int64_t[]){pad, pad, pad, pad});
    rb_onnx_ints(w->model, "strides", 2, (int64_t[]){stride, stride});
}

static void add_linear(writer *w, const rb_net_step *step, const char *from)
{
    const rb_net_tensor weight = tensor(w, step->tensor), bias = tensor(w, step->tensor + 1);
    rb_onnx_node(w->model, "Gemm", (const char *const[]){from, weight.name, bias.name}, 3, step->name);
    rb_onnx_int(w->model, "transB", 1);
}

static void add_batch_norm(writer *w, const rb_net_step *step, const char *from)
{
    rb_net_tensor t[4]; // scale, shift, mean, variance
    for (int i = 0; i < 4; i++) t[i] = tensor(w, step->tensor + i);
    rb_onnx_node(w->model, "BatchNormalization",
                 (const char *const[]){from, t[0].name, t[1].name, t[2].name, t[3].name}, 5, step->name);
    rb_onnx_float(w->model, "epsilon", rb_net_norm_epsilon(rb_net_spec_of(w->net)));
}

// Spelled out, because opset 13 has no operator for it:
//     d = x - mean(x), y = d / sqrt(mean(d d) + epsilon) * weight + bias
static void add_layer_norm(writer *w, const rb_net_step *step, const char *from)
{
    static const int64_t axes[] = {1, 2, 3};
    const int over = step->picture && step->kind == RB_NET_LAYER_NORM ? 3 : 1; // by pixel: the channels alone
    static const char *const parts[] = {"mean", "less",      "square", "variance",
                                        "more", "deviation", "unit",   "scaled"};
    enum { MEAN, LESS, SQUARE, VARIANCE, MORE, DEVIATION, UNIT, SCALED, PARTS };
    char name[PARTS][NAME_MAX_BYTES], epsilon[NAME_MAX_BYTES];
    const rb_net_tensor weight = tensor(w, step->tensor), bias = tensor(w, step->tensor + 1);
    for (int i = 0; i < PARTS; i++) snprintf(name[i], sizeof name[i], "%s.%s", step->name, parts[i]);
    snprintf(epsilon, sizeof epsilon, "%s.epsilon", step->name);
    const float added = rb_net_norm_epsilon(rb_net_spec_of(w->net));
    constant(w, epsilon, 0, NULL, &added);
    add(w, "ReduceMean", from, NULL, name[MEAN]);
    rb_onnx_ints(w->model, "axes", over, axes);
    rb_onnx_int(w->model, "keepdims", 1);
    add(w, "Sub", from, name[MEAN], name[LESS]);
    add(w, "Mul", name[LESS], name[LESS], name[SQUARE]);
    add(w, "ReduceMean", name[SQUARE], NULL, name[VARIANCE]);
    rb_onnx_ints(w->model, "axes", over, axes);
    rb_onnx_int(w->model, "keepdims", 1);
    add(w, "Add", name[VARIANCE], epsilon, name[MORE]);
    add(w, "Sqrt", name[MORE], NULL, name[DEVIATION]);
    add(w, "Div", name[LESS], name[DEVIATION], name[UNIT]);
    add(w, "Mul", name[UNIT], weight.name, name[SCALED]);
    add(w, "Add", name[SCALED], bias.name, step->name);
}

// One axis of an adaptive pool, whose windows differ: a slice for each window, reduced to one line, and all
// lines together.
static void add_windows(writer *w, const rb_windows *windows, int axis, bool mean, const char *from,
                        const char *out)
{
    char lines[POOL_MOST][NAME_MAX_BYTES], axes[NAME_MAX_BYTES];
    const char *inputs[POOL_MOST];
    snprintf(axes, sizeof axes, "%.40s.axis", out);
    sizes(w, axes, 1, (int64_t[]){axis});
    for (int i = 0; i < windows->count; i++) {
        char start[NAME_MAX_BYTES], end[NAME_MAX_BYTES], slice[NAME_MAX_BYTES];
        snprintf(start, sizeof start, "%.40s.from%d", out, i);
        snprintf(end, sizeof end, "%.40s.to%d", out, i);
        snprintf(slice, sizeof slice, "%.40s.window%d", out, i);
        snprintf(lines[i], sizeof lines[i], "%.40s.line%d", out, i);
        sizes(w, start, 1, (int64_t[]){rb_window_from(windows, i)});
        sizes(w, end, 1, (int64_t[]){rb_window_to(windows, i)});
        rb_onnx_node(w->model, "Slice", (const char *const[]){from, start, end, axes}, 4, slice);
        add(w, mean ? "ReduceMean" : "ReduceMax", slice, NULL, lines[i]);
        rb_onnx_ints(w->model, "axes", 1, (int64_t[]){axis});
        rb_onnx_int(w->model, "keepdims", 1);
        inputs[i] = lines[i];
    }
    rb_onnx_node(w->model, "Concat", inputs, windows->count, out);
    rb_onnx_int(w->model, "axis", axis);
}

static void add_pool(writer *w, const rb_net_step *step, const char *from)
{
    const bool mean = step->kind == RB_NET_MEAN_POOL;
    const rb_windows *l = &step->lines, *p = &step->pixels;
    if (l->count == 1 && p->count == 1 && l->adaptive) {
        add(w, mean ? "GlobalAveragePool" : "GlobalMaxPool", from, NULL, step->name);
        return;
    }
    if (l->adaptive) {
        char half[NAME_MAX_BYTES];
        snprintf(half, sizeof half, "%s.lines", step->name);
        add_windows(w, l, 2, mean, from, half);
        add_windows(w, p, 3, mean, half, step->name);
        return;
    }
    const int64_t kernel = l->kernel, stride = l->step, pad = l->pad;
    add(w, "MaxPool", from, NULL, step->name);
    rb_onnx_ints(w->model, "kernel_shape", 2, (int64_t[]){kernel, kernel});
    rb_onnx_ints(w->model, "pads", 4, (int64_t[]){pad, pad, pad, pad});
    rb_onnx_ints(w->model, "strides", 2, (int64_t[]){stride, stride});
}

// The vectors of all frames, [N][numbers] or [N][frames][numbers], the oldest frame's first.
static void add_append(writer *w, const rb_net_step *step, const char *from)
{
    static const char name[] = "Vector";
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    const int frames = spec->frames;
    int64_t shape[4] = {0};
    const int dims = 1 + rb_observation_shape(shape + 1, rb_net_vector(spec), 1, 1, frames);
    rb_onnx_input(w->model, name, RB_ONNX_FLOAT, dims, shape,
                  frames > 1 ? "the numbers beside the picture, of as many frames, oldest first"
                             : "the numbers beside the picture");
    const char *parts[] = {from, name};
    if (dims > 2) {
        add(w, "Flatten", name, NULL, "Vector.flat");
        rb_onnx_int(w->model, "axis", 1);
        parts[1] = "Vector.flat";
    }
    rb_onnx_node(w->model, "Concat", parts, 2, step->name);
    rb_onnx_int(w->model, "axis", 1);
}

// constants [K][cosines] -> Gemm, Relu -> [K][F], times the features [N][1][F] -> [N K][F]
static void add_embedding(writer *w, const rb_net_step *step, const char *from)
{
    const rb_net_tensor weight = tensor(w, step->tensor), bias = tensor(w, step->tensor + 1);
    const int cosines = weight.shape[1];
    float *out = rb_onnx_tensor(w->model, "cosines", RB_ONNX_FLOAT, 2, (int64_t[]){w->quantiles, cosines});
    for (int k = 0; out && k < w->quantiles; k++)
        for (int i = 0; i < cosines; i++)
            *out++ = (float)cos(acos(-1) * i * ((double)k + 0.5) / w->quantiles);
    rb_onnx_node(w->model, "Gemm", (const char *const[]){"cosines", weight.name, bias.name}, 3, "fractions");
    rb_onnx_int(w->model, "transB", 1);
    add(w, "Relu", "fractions", NULL, "fractions.relu");
    sizes(w, "features.shape", 3, (int64_t[]){0, 1, weight.shape[0]}); // 0: unchanged
    add(w, "Reshape", from, "features.shape", "features");
    add(w, "Mul", "features", "fractions.relu", "mixed");
    sizes(w, "mixed.shape", 2, (int64_t[]){-1, weight.shape[0]});
    add(w, "Reshape", "mixed", "mixed.shape", step->name);
}

static void add_step(writer *w, int i)
{
    const rb_net_step *step = &w->steps[i];
    const result *source = step->source < 0 ? &w->observation : &w->made[step->source];
    // A ReLU accepts any shape.
    const bool as_it_is = step->picture || step->kind == RB_NET_RELU;
    const char *from = as_it_is ? source->name : flat(w, source);
    switch (step->kind) {
    case RB_NET_CONV:
        add_conv(w, step, source);
        break;
    case RB_NET_LINEAR:
        add_linear(w, step, from);
        break;
    case RB_NET_BATCH_NORM:
        add_batch_norm(w, step, from);
        break;
    case RB_NET_LAYER_NORM:
    case RB_NET_CHANNEL_NORM:
        add_layer_norm(w, step, from);
        break;
    case RB_NET_RELU:
        add(w, "Relu", from, NULL, step->name);
        break;
    case RB_NET_MAX_POOL:
    case RB_NET_MEAN_POOL:
        add_pool(w, step, from);
        break;
    case RB_NET_ADD:
        add(w, "Add", from, step->other < 0 ? w->observation.name : w->made[step->other].name, step->name);
        break;
    case RB_NET_APPEND:
        add_append(w, step, from);
        break;
    case RB_NET_EMBEDDING:
        add_embedding(w, step, from);
        break;
    }
    const bool picture = as_it_is && (source->picture || step->kind == RB_NET_CONV);
    w->made[i] = named(step->name, !as_it_is || (source->flat && !picture));
    w->made[i].picture = picture;
    if (!step->relu) return;
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof name, "%s.relu", step->name);
    add(w, "Relu", step->name, NULL, name);
    rb_text_copy(w->made[i].name, NAME_MAX_BYTES, name);
}

// The name of the outputs, [N][A] or [N][A][Z]: joins the streams, then applies a ReLU if there is one. The
// last node's output is called `end`, unless that is NULL.
static const char *join(writer *w, const char *advantage, const char *value, const char *end)
{
    const bool relu = rb_net_spec_of(w->net)->params.relu_outputs;
    const char *out = advantage;
    if (value) {
        out = relu || !end ? "joined" : end;
        add(w, "ReduceMean", advantage, NULL, "advantage.mean");
        rb_onnx_ints(w->model, "axes", 1, (int64_t[]){1});
        rb_onnx_int(w->model, "keepdims", 1);
        add(w, "Sub", advantage, "advantage.mean", "advantage.centred");
        add(w, "Add", "advantage.centred", value, out);
    }
    const char *last = end ? end : "outputs";
    if (relu) add(w, "Relu", out, NULL, last);
    if (!relu && end && !value) add(w, "Identity", out, NULL, last);
    return relu || (end && !value) ? last : out;
}

static void add_mask(writer *w, const rb_onnx_input_shape *input, const char *values, const char *out)
{
    static const char mask[] = "Action Mask";
    const float forbidden = -INFINITY;
    rb_onnx_input(w->model, mask, input->floats ? RB_ONNX_FLOAT : RB_ONNX_UINT8, 2,
                  (int64_t[]){0, rb_net_spec_of(w->net)->actions},
                  "1 for each allowed action, 0 for the others");
    add(w, "Cast", mask, NULL, "allowed");
    rb_onnx_int(w->model, "to", RB_ONNX_BOOL);
    constant(w, "forbidden", 0, NULL, &forbidden);
    rb_onnx_node(w->model, "Where", (const char *const[]){"allowed", values, "forbidden"}, 3, out);
}

static const char q_name[] = "Q-Values";

// The rows of an implicit head as quantiles [N][A][K], then the mean over those of each action.
static void add_quantiles(writer *w, const char *outputs, bool rows, const char *values)
{
    const int64_t actions = rb_net_spec_of(w->net)->actions, quantiles = w->quantiles;
    static const char name[] = "Quantiles";
    rb_onnx_output(w->model, name, RB_ONNX_FLOAT, 3, (int64_t[]){0, actions, quantiles},
                   "for each action, the quantiles of the return at the fractions (j + 1/2) / count");
    if (rows) {
        sizes(w, "rows.shape", 3, (int64_t[]){-1, quantiles, actions});
        add(w, "Reshape", outputs, "rows.shape", "rows");
        add(w, "Transpose", "rows", NULL, name);
        rb_onnx_ints(w->model, "perm", 3, (int64_t[]){0, 2, 1});
    } else {
        add(w, "Identity", outputs, NULL, name);
    }
    add(w, "ReduceMean", name, NULL, values);
    rb_onnx_ints(w->model, "axes", 1, (int64_t[]){2});
    rb_onnx_int(w->model, "keepdims", 0);
}

static void add_ends(writer *w, const rb_onnx_input_shape *input, const char *advantage, const char *value,
                     const float *support)
{
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    const int64_t actions = spec->actions, atoms = spec->outputs;
    static const char p[] = "Probabilities";
    const char *q = q_name, *values = input->masked ? "values" : q;
    rb_onnx_output(w->model, q, RB_ONNX_FLOAT, 2, (int64_t[]){0, actions},
                   input->masked ? "the expected return of each action; -infinity if it is not allowed"
                                 : "the expected return of each action");
    if (spec->cosines) {
        add_quantiles(w, join(w, advantage, value, NULL), true, values);
        if (input->masked) add_mask(w, input, values, q);
        return;
    }
    if (!support && !w->quantiles) {
        join(w, advantage, value, values);
        if (input->masked) add_mask(w, input, values, q);
        return;
    }
    if (support)
        rb_onnx_output(w->model, p, RB_ONNX_FLOAT, 3, (int64_t[]){0, actions, atoms},
                       "for each action, the probability of each atom's return (the constant \"support\")");
    sizes(w, "advantage.shape", 3, (int64_t[]){0, actions, atoms}); // 0: unchanged
    add(w, "Reshape", advantage, "advantage.shape", "advantage.atoms");
    if (value) {
        sizes(w, "value.shape", 3, (int64_t[]){0, 1, atoms});
        add(w, "Reshape", value, "value.shape", "value.atoms");
    }
    const char *joined = join(w, "advantage.atoms", value ? "value.atoms" : NULL, NULL);
    if (!support) {
        add_quantiles(w, joined, false, values);
        if (input->masked) add_mask(w, input, values, q);
        return;
    }
    add(w, "Softmax", joined, NULL, p);
    rb_onnx_int(w->model, "axis", 2);
    constant(w, "support", 1, &atoms, support);
    add(w, "MatMul", p, "support", values);
    if (input->masked) add_mask(w, input, values, q);
}

rb_onnx_input_shape rb_onnx_input_shape_of(const rb_net_spec *spec, int stack, bool floats)
{
    rb_onnx_input_shape in = {.floats = floats || !spec->bytes};
    in.dims = 1 + rb_observation_shape(in.shape + 1, spec->planes, spec->height, spec->width, stack);
    return in;
}

void rb_onnx_add_network(rb_onnx *model, const rb_net *net, const rb_onnx_input_shape *input, const char *doc,
                         const float *support, int quantiles)
{
    writer w = {.model = model, .net = net, .quantiles = quantiles};
    const int steps = rb_net_steps(net, w.steps);
    add_observation(&w, input, doc);
    for (int i = 0; i < steps; i++) add_step(&w, i);
    const bool dueling = rb_net_spec_of(net)->params.dueling;
    add_ends(&w, input, w.made[steps - (dueling ? 2 : 1)].name, dueling ? w.made[steps - 1].name : NULL,
             support);
}
