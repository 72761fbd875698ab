#include "rollout/c_plan.h"

#include <limits.h>
#include <math.h>

#include "base/text.h"

enum { APART = 4 }; // results begin at multiples of 16 bytes

typedef struct planner {
    rb_c_plan *plan;
    const rb_net *net;
    rb_arena *arena;
} planner;

// ---- weights ----

static float *tensor(const planner *p, int i, rb_net_tensor *info)
{
    rb_net_tensor_info(p->net, i, info);
    float *out = RB_TAKE(p->arena, float, info->count);
    if (out) rb_net_tensor_used(p->net, i, out);
    return out;
}

// Weights and biases of a layer that reads numbers * scale + offset, so that it can read the numbers.
static void take_weights(const planner *p, rb_c_layer *layer, int first, float scale, float offset)
{
    rb_net_tensor weights, biases;
    float *weight = tensor(p, first, &weights), *bias = tensor(p, first + 1, &biases);
    const int rows = weights.shape[0];
    layer->weights = (int)weights.count;
    if (!weight || !bias) return;
    for (int r = 0; r < rows; r++) {
        float *row = weight + (size_t)r * (weights.count / (size_t)rows);
        double sum = 0;
        for (size_t i = 0; i < weights.count / (size_t)rows; i++) {
            sum += row[i];
            row[i] *= scale;
        }
        if (offset != 0) bias[r] = (float)(bias[r] + sum * offset);
    }
    layer->bias = bias;
    layer->weight = weight;
}

static void take_norm(const planner *p, rb_c_layer *layer, int first)
{
    rb_net_tensor info;
    float *factor = tensor(p, first, &info), *summand = tensor(p, first + 1, &info);
    layer->factor = factor;
    layer->summand = summand;
    if (layer->kind != RB_C_AFFINE) return;
    float *mean = tensor(p, first + 2, &info), *variance = tensor(p, first + 3, &info);
    for (size_t i = 0; factor && summand && mean && variance && i < info.count; i++) {
        const double unit = factor[i] / sqrt((double)variance[i] + (double)p->plan->norm_epsilon);
        factor[i] = (float)unit;
        summand[i] = (float)(summand[i] - mean[i] * unit);
    }
}

// What each fraction's embedding multiplies the features by: relu(W cos(pi i t) + b), i < cosines.
static void take_embedding(const planner *p, rb_c_layer *layer, int first)
{
    rb_net_tensor weights, biases;
    const float *weight = tensor(p, first, &weights), *bias = tensor(p, first + 1, &biases);
    const int features = weights.shape[0], cosines = weights.shape[1], fractions = p->plan->fractions;
    float *out = RB_TAKE(p->arena, float, (size_t)fractions *(size_t)features);
    layer->embedding = out;
    for (int k = 0; weight && bias && out && k < fractions; k++)
        for (int f = 0; f < features; f++) {
            double sum = bias[f];
            for (int i = 0; i < cosines; i++)
                sum += (double)weight[f * cosines + i] *
                       (double)(float)cos(acos(-1) * i * ((double)k + 0.5) / fractions);
            *out++ = sum > 0 ? (float)sum : 0;
        }
}

// ---- layers ----

static int64_t numbers(const rb_c_layer *layer)
{
    return (int64_t)layer->planes * layer->pixels;
}

static rb_c_layer *add(const planner *p, rb_c_kind kind, const char *name, int source)
{
    rb_c_plan *plan = p->plan;
    rb_c_layer *layer = &plan->layer[plan->count++];
    *layer = (rb_c_layer){.kind = kind, .source = source};
    const bool first = source == RB_C_OBSERVATION;
    layer->planes = first ? plan->planes : plan->layer[source].planes;
    layer->pixels = first ? plan->height * plan->width : plan->layer[source].pixels;
    layer->height = first ? plan->height : plan->layer[source].height;
    layer->width = first ? plan->width : plan->layer[source].width;
    layer->inputs = (int)numbers(layer);
    rb_text_copy(layer->name, sizeof layer->name, name);
    return layer;
}

// Sets the shape of what a convolution or a pool makes.
static void set_result(rb_c_layer *layer)
{
    const agent_shape *s = &layer->shape;
    layer->planes = s->outputs;
    layer->height = s->out_height, layer->width = s->out_width;
    layer->pixels = s->out_height * s->out_width;
}

static void shape_of_conv(const planner *p, rb_c_layer *layer, const rb_net_step *step)
{
    rb_net_tensor info;
    rb_net_tensor_info(p->net, step->tensor, &info);
    const int height = layer->height, width = layer->width;
    layer->shape = (agent_shape){.planes = layer->planes,
                                 .height = height,
                                 .width = width,
                                 .outputs = info.shape[0],
                                 .out_height = (height + 2 * step->pad - info.shape[2]) / step->stride + 1,
                                 .out_width = (width + 2 * step->pad - info.shape[3]) / step->stride + 1,
                                 .kernel = info.shape[2],
                                 .stride = step->stride,
                                 .pad = step->pad};
    set_result(layer);
}

static void shape_of_pool(rb_c_layer *layer, const rb_net_step *step)
{
    layer->shape = (agent_shape){.planes = layer->planes,
                                 .height = layer->height,
                                 .width = layer->width,
                                 .outputs = layer->planes,
                                 .out_height = step->lines.count,
                                 .out_width = step->pixels.count,
                                 .kernel = step->lines.adaptive ? 0 : step->lines.kernel,
                                 .stride = step->lines.step,
                                 .pad = step->lines.pad};
    set_result(layer);
}

static bool scales_first(const planner *p, const rb_net_step *step)
{
    if (!p->plan->bytes) return false;
    if (step->kind == RB_NET_CONV) return p->plan->offset != 0 && step->pad > 0;
    return step->kind != RB_NET_LINEAR;
}

// The observation's numbers by the running statistics of a frame's.
static void add_normalise(const planner *p)
{
    const rb_net_spec *spec = rb_net_spec_of(p->net);
    rb_c_layer *layer = add(p, RB_C_NORMALISE, "observation, normalised", RB_C_OBSERVATION);
    float *mean = RB_TAKE(p->arena, float, layer->planes), *factor = RB_TAKE(p->arena, float, layer->planes);
    const float *shift, *scale;
    rb_net_normalisation(p->net, &shift, &scale);
    for (int i = 0; mean && factor && i < layer->planes; i++)
        mean[i] = shift[i % spec->normalised], factor[i] = scale[i % spec->normalised];
    layer->mean = mean, layer->factor = factor, layer->clip = (float)spec->clip;
}

// Returns the layer that holds the step's result.
static int add_step(const planner *p, const rb_net_step *step, int source, int other)
{
    static const rb_c_kind kinds[] = {[RB_NET_CONV] = RB_C_CONV,
                                      [RB_NET_LINEAR] = RB_C_LINEAR,
                                      [RB_NET_BATCH_NORM] = RB_C_AFFINE,
                                      [RB_NET_LAYER_NORM] = RB_C_LAYER_NORM,
                                      [RB_NET_RELU] = RB_C_RELU,
                                      [RB_NET_MAX_POOL] = RB_C_MAX_POOL,
                                      [RB_NET_MEAN_POOL] = RB_C_MEAN_POOL,
                                      [RB_NET_ADD] = RB_C_ADD,
                                      [RB_NET_APPEND] = RB_C_ADD, // refused before
                                      [RB_NET_CHANNEL_NORM] = RB_C_CHANNEL_NORM,
                                      [RB_NET_EMBEDDING] = RB_C_EMBED};
    rb_c_plan *plan = p->plan;
    if (source == RB_C_OBSERVATION && scales_first(p, step)) {
        add(p, RB_C_LOAD, "observation", source);
        source = plan->count - 1;
    }
    rb_c_layer *layer = add(p, kinds[step->kind], step->name, source);
    const bool raw = source == RB_C_OBSERVATION && plan->bytes;
    rb_net_tensor info;
    switch (layer->kind) {
    case RB_C_CONV:
        shape_of_conv(p, layer, step);
        take_weights(p, layer, step->tensor, raw ? plan->scale : 1, raw ? plan->offset : 0);
        break;
    case RB_C_LINEAR:
        rb_net_tensor_info(p->net, step->tensor, &info);
        layer->planes = info.shape[0], layer->pixels = 1;
        take_weights(p, layer, step->tensor, raw ? plan->scale : 1, raw ? plan->offset : 0);
        break;
    case RB_C_AFFINE:
    case RB_C_LAYER_NORM:
    case RB_C_CHANNEL_NORM:
        take_norm(p, layer, step->tensor);
        break;
    case RB_C_MAX_POOL:
    case RB_C_MEAN_POOL:
        shape_of_pool(layer, step);
        break;
    case RB_C_ADD: // bytes of an observation are loaded already: the block begins with a ReLU, which reads
                   // them
        layer->other = other == RB_C_OBSERVATION && plan->bytes ? 0 : other;
        break;
    case RB_C_EMBED:
        layer->planes = layer->inputs, layer->pixels = 1;
        plan->embed = plan->count - 1;
        take_embedding(p, layer, step->tensor);
        break;
    case RB_C_LOAD:
    case RB_C_NORMALISE:
    case RB_C_RELU:
        break;
    }
    layer->relu = step->relu && (layer->kind == RB_C_CONV || layer->kind == RB_C_LINEAR);
    if (step->relu && !layer->relu) add(p, RB_C_RELU, step->name, plan->count - 1);
    return plan->count - 1;
}

// ---- places ----

// The last layer that needs a result. The features of an implicit head are read anew for each fraction.
static int last_reader(const rb_c_plan *plan, int layer)
{
    if (layer == plan->advantage || layer == plan->value) return plan->count;
    if (plan->fractions && layer == plan->layer[plan->embed].source) return plan->count;
    int last = layer;
    for (int i = layer + 1; i < plan->count; i++)
        if (plan->layer[i].source == layer ||
            (plan->layer[i].kind == RB_C_ADD && plan->layer[i].other == layer))
            last = i;
    return last;
}

// Whether a layer can write over what it reads: it goes from number to number, or from pixel to pixel, and no
// later layer needs them.
static bool in_place(const rb_c_plan *plan, int i)
{
    const rb_c_layer *layer = &plan->layer[i];
    const bool by_number = layer->kind == RB_C_AFFINE || layer->kind == RB_C_LAYER_NORM ||
                           layer->kind == RB_C_CHANNEL_NORM || layer->kind == RB_C_RELU;
    return by_number && layer->source >= 0 && last_reader(plan, layer->source) == i;
}

// Each result at the lowest place that holds nothing still needed.
static void place(rb_c_plan *plan)
{
    int last[RB_C_LAYERS_MAX];
    for (int i = 0; i < plan->count; i++) last[i] = last_reader(plan, i);
    for (int i = 0; i < plan->count; i++) {
        rb_c_layer *layer = &plan->layer[i];
        const int64_t size = (numbers(layer) + APART - 1) / APART * APART;
        if (in_place(plan, i)) {
            layer->at = plan->layer[layer->source].at;
            continue;
        }
        bool moved = true;
        for (layer->at = 0; moved;) {
            moved = false;
            for (int k = 0; k < i; k++) {
                const rb_c_layer *other = &plan->layer[k];
                const int64_t end = other->at + (numbers(other) + APART - 1) / APART * APART;
                if (last[k] < i || layer->at >= end || layer->at + size <= other->at) continue;
                layer->at = end, moved = true;
            }
        }
        if (layer->at + size > plan->scratch) plan->scratch = layer->at + size;
    }
}

rb_status rb_c_plan_make(rb_c_plan *plan, const rb_net *net, int stack, const float *support, int fractions,
                         rb_arena *arena, rb_error *error)
{
    const rb_net_spec *spec = rb_net_spec_of(net);
    const planner p = {plan, net, arena};
    if (spec->vector)
        return rb_error_set(error, RB_ERR_USAGE,
                            "a C file's functions take one array, but this network reads a picture together "
                            "with a vector; --onnx exports it");
    *plan = (rb_c_plan){.bytes = spec->bytes,
                        .planes = spec->planes,
                        .height = spec->height,
                        .width = spec->width,
                        .stack = stack,
                        .dueling = spec->params.dueling,
                        .relu_outputs = spec->params.relu_outputs,
                        .actions = spec->actions,
                        .atoms = spec->outputs,
                        .support = support,
                        .fractions = spec->cosines ? fractions : 0};
    rb_net_input_scale(spec, &plan->scale, &plan->offset);
    plan->norm_epsilon = rb_net_norm_epsilon(spec);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        if (info.count > INT_MAX / 2)
            return rb_error_set(
                error, RB_ERR_USAGE,
                "%s has %zu weights, but a C file can hold at most %d per layer: make net.hidden or "
                "the trunk smaller",
                info.name, info.count, INT_MAX / 2);
    }
    rb_net_step steps[RB_NET_STEPS_MAX];
    int made[RB_NET_STEPS_MAX];
    const int count = rb_net_steps(net, steps);
    if (spec->normalised) add_normalise(&p);
    const int seen = spec->normalised ? plan->count - 1 : RB_C_OBSERVATION;
    for (int i = 0; i < count; i++)
        made[i] = add_step(&p, &steps[i], steps[i].source < 0 ? seen : made[steps[i].source],
                           steps[i].other < 0 ? seen : made[steps[i].other]);
    plan->advantage = made[count - (plan->dueling ? 2 : 1)];
    plan->value = plan->dueling ? made[count - 1] : -1;
    if (!plan->fractions) plan->embed = plan->count;
    place(plan);
    return rb_arena_check(arena, error);
}

int64_t rb_c_plan_observation(const rb_c_plan *plan)
{
    return (int64_t)plan->planes * plan->height * plan->width;
}

double rb_c_plan_constant_bytes(const rb_c_plan *plan)
{
    double bytes = plan->support ? (double)sizeof(float) * plan->atoms : 0;
    static const double sizes[] = {[RB_C_FLOAT] = sizeof(float), [RB_C_INT8] = 1, [RB_C_INT16] = 2};
    for (int i = 0; i < plan->count; i++) {
        const rb_c_layer *layer = &plan->layer[i];
        const bool by_plane =
            layer->kind == RB_C_AFFINE || layer->kind == RB_C_CHANNEL_NORM || layer->kind == RB_C_NORMALISE;
        const double norms = by_plane                         ? 2.0 * layer->planes
                             : layer->kind == RB_C_LAYER_NORM ? 2.0 * (double)numbers(layer)
                                                              : 0;
        const double rows = layer->bias ? layer->planes : 0;
        if (layer->embedding) bytes += (double)sizeof(float) * plan->fractions * layer->inputs;
        bytes += layer->weights * sizes[layer->type];
        bytes += (double)sizeof(float) * (norms + rows * (layer->scale ? 2 : 1));
    }
    return bytes;
}
