// From a network's steps (nn/net_graph.h) to ONNX's operators:
//
//     "Image Sequence" -> Cast -> Mul 1/255 -> Conv, Relu ... -> Flatten -> Gemm, Relu ... -> streams
//
//     streams    one                                          advantage
//                dueling    advantage - ReduceMean(advantage) + value
//     outputs    without atoms                                that is "Q-Values"
//                with atoms [N][A][Z]     Softmax -> "Probabilities" -> MatMul support -> "Q-Values"
//
// Noise has mean 0: a noisy layer is a linear one with the means of its weights, and its deviations stay out.
#include "train/onnx_model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "nn/net_graph.h"
#include "train/agent_spec.h"

enum { STEPS_MAX = 128, NAME_MAX_BYTES = 64 };

typedef struct names {                                      // of values; a node is named as what it makes
    char observation[NAME_MAX_BYTES], flat[NAME_MAX_BYTES]; // of the step looked at
    char step[STEPS_MAX][NAME_MAX_BYTES];
    bool picture[STEPS_MAX]; // its result is one
} names;

typedef struct writer {
    rb_onnx *model;
    const rb_net *net;
    names at;
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

// The name of tensor `i`, which is in the model afterwards.
static rb_net_tensor tensor(writer *w, int i)
{
    rb_net_tensor info;
    int64_t shape[4];
    rb_net_tensor_info(w->net, i, &info);
    for (int d = 0; d < info.dims; d++) shape[d] = info.shape[d];
    float *out = rb_onnx_tensor(w->model, info.name, RB_ONNX_FLOAT, info.dims, shape);
    if (out) rb_net_tensor_get(w->net, i, out);
    return info;
}

static void add_observation(writer *w, const rb_onnx_input_shape *input, const char *doc)
{
    static const char name[] = "Image Sequence";
    const bool bytes = rb_net_spec_of(w->net)->bytes;
    rb_onnx_input(w->model, name, input->floats ? RB_ONNX_FLOAT : RB_ONNX_UINT8, input->dims, input->shape,
                  doc);
    rb_text_copy(w->at.observation, NAME_MAX_BYTES, name);
    if (!bytes) return;
    if (!input->floats) {
        add(w, "Cast", name, NULL, "floats");
        rb_onnx_int(w->model, "to", RB_ONNX_FLOAT);
    }
    constant(w, "scale", 0, NULL, &(float){1.0f / 255});
    add(w, "Mul", input->floats ? name : "floats", "scale", "scaled");
    rb_text_copy(w->at.observation, NAME_MAX_BYTES, "scaled");
}

static void add_conv(writer *w, const rb_net_step *step, const char *from)
{
    const rb_net_tensor weight = tensor(w, step->weight), bias = tensor(w, step->bias);
    rb_onnx_node(w->model, "Conv", (const char *const[]){from, weight.name, bias.name}, 3, step->name);
    rb_onnx_ints(w->model, "kernel_shape", 2, (int64_t[]){weight.shape[2], weight.shape[3]});
    rb_onnx_ints(w->model, "strides", 2, (int64_t[]){step->pixels, step->pixels});
}

// `flat`: what it reads is N x numbers already.
static void add_linear(writer *w, const rb_net_step *step, const char *from, bool flat)
{
    if (!flat) {
        char name[NAME_MAX_BYTES];
        snprintf(name, sizeof name, "%.50s.flat", from);
        if (strcmp(name, w->at.flat)) { // two streams may read the same
            add(w, "Flatten", from, NULL, name);
            rb_onnx_int(w->model, "axis", 1);
            rb_text_copy(w->at.flat, NAME_MAX_BYTES, name);
        }
        from = w->at.flat;
    }
    const rb_net_tensor weight = tensor(w, step->weight), bias = tensor(w, step->bias);
    rb_onnx_node(w->model, "Gemm", (const char *const[]){from, weight.name, bias.name}, 3, step->name);
    rb_onnx_int(w->model, "transB", 1);
}

static void add_step(writer *w, int i, int input_dims)
{
    rb_net_step step;
    rb_net_step_get(w->net, i, &step);
    const bool first = step.source < 0;
    const char *from = first ? w->at.observation : w->at.step[step.source];
    char *made = w->at.step[i];
    w->at.picture[i] = step.kind == RB_NET_CONV;
    if (step.kind == RB_NET_CONV)
        add_conv(w, &step, from);
    else
        add_linear(w, &step, from, first ? input_dims == 2 : !w->at.picture[step.source]);
    snprintf(made, NAME_MAX_BYTES, "%s%s", step.name, step.relu ? ".relu" : "");
    if (step.relu) add(w, "Relu", step.name, NULL, made);
}

// The streams' results, made one: their name.
static const char *join(writer *w, const char *advantage, const char *value, const char *name)
{
    add(w, "ReduceMean", advantage, NULL, "advantage.mean");
    rb_onnx_ints(w->model, "axes", 1, (int64_t[]){1});
    rb_onnx_int(w->model, "keepdims", 1);
    add(w, "Sub", advantage, "advantage.mean", "advantage.centred");
    add(w, "Add", "advantage.centred", value, name);
    return name;
}

static void add_ends(writer *w, const char *advantage, const char *value, const float *support)
{
    const rb_net_spec *spec = rb_net_spec_of(w->net);
    const int64_t actions = spec->actions, atoms = spec->outputs;
    static const char q[] = "Q-Values", p[] = "Probabilities";
    rb_onnx_output(w->model, q, RB_ONNX_FLOAT, 2, (int64_t[]){0, actions},
                   "of each action: the return that is expected of it");
    if (!support) {
        if (value)
            join(w, advantage, value, q);
        else
            add(w, "Identity", advantage, NULL, q);
        return;
    }
    rb_onnx_output(w->model, p, RB_ONNX_FLOAT, 3, (int64_t[]){0, actions, atoms},
                   "of each action and atom: that the return is the atom's (the constant \"support\")");
    sizes(w, "advantage.shape", 3, (int64_t[]){0, actions, atoms}); // 0: as it is
    add(w, "Reshape", advantage, "advantage.shape", "advantage.atoms");
    const char *logits = "advantage.atoms";
    if (value) {
        sizes(w, "value.shape", 3, (int64_t[]){0, 1, atoms});
        add(w, "Reshape", value, "value.shape", "value.atoms");
        logits = join(w, logits, "value.atoms", "logits");
    }
    add(w, "Softmax", logits, NULL, p);
    rb_onnx_int(w->model, "axis", 2);
    constant(w, "support", 1, &atoms, support);
    add(w, "MatMul", p, "support", q);
}

rb_onnx_input_shape rb_onnx_input_shape_of(const rb_net_spec *spec, int stack, bool floats)
{
    rb_onnx_input_shape in = {.floats = floats || !spec->bytes};
    in.dims = 1 + rb_observation_shape(in.shape + 1, spec->planes, spec->height, spec->width, stack);
    return in;
}

void rb_onnx_add_network(rb_onnx *model, const rb_net *net, const rb_onnx_input_shape *input, const char *doc,
                         const float *support)
{
    writer w = {.model = model, .net = net};
    const int steps = rb_net_step_count(net);
    assert(steps <= STEPS_MAX);
    add_observation(&w, input, doc);
    for (int i = 0; i < steps; i++) add_step(&w, i, input->dims);
    const bool dueling = rb_net_spec_of(net)->params.dueling;
    add_ends(&w, w.at.step[steps - (dueling ? 2 : 1)], dueling ? w.at.step[steps - 1] : NULL, support);
}
