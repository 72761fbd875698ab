#include "rollout/c_run.h"

#include <string.h>

#include "rollout/c_maths.h"

#define WEIGHT       float
#define INPUT        float
#define agent_linear linear_float
#define agent_conv   conv_float
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv
#define WEIGHT       float
#define INPUT        uint8_t
#define agent_linear linear_float_bytes
#define agent_conv   conv_float_bytes
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv
#define WEIGHT       int8_t
#define INPUT        float
#define agent_linear linear_int8
#define agent_conv   conv_int8
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv
#define WEIGHT       int8_t
#define INPUT        uint8_t
#define agent_linear linear_int8_bytes
#define agent_conv   conv_int8_bytes
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv
#define WEIGHT       int16_t
#define INPUT        float
#define agent_linear linear_int16
#define agent_conv   conv_int16
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv
#define WEIGHT       int16_t
#define INPUT        uint8_t
#define agent_linear linear_int16_bytes
#define agent_conv   conv_int16_bytes
#include "rollout/c_layers.h"
#undef WEIGHT
#undef INPUT
#undef agent_linear
#undef agent_conv

bool rb_c_reads_bytes(const rb_c_plan *plan, int layer)
{
    return plan->bytes && plan->layer[layer].source == RB_C_OBSERVATION;
}

static void linear(const rb_c_layer *l, float *y, const void *x, bool bytes)
{
    const int inputs = l->inputs, outputs = l->planes;
    if (l->type == RB_C_INT8)
        (bytes ? linear_int8_bytes(y, x, inputs, outputs, l->int8, l->scale, l->bias, l->relu)
               : linear_int8(y, x, inputs, outputs, l->int8, l->scale, l->bias, l->relu));
    else if (l->type == RB_C_INT16)
        (bytes ? linear_int16_bytes(y, x, inputs, outputs, l->int16, l->scale, l->bias, l->relu)
               : linear_int16(y, x, inputs, outputs, l->int16, l->scale, l->bias, l->relu));
    else
        (bytes ? linear_float_bytes(y, x, inputs, outputs, l->weight, NULL, l->bias, l->relu)
               : linear_float(y, x, inputs, outputs, l->weight, NULL, l->bias, l->relu));
}

static void conv(const rb_c_layer *l, float *y, const void *x, bool bytes)
{
    const agent_shape *shape = &l->shape;
    if (l->type == RB_C_INT8)
        (bytes ? conv_int8_bytes(y, x, shape, l->int8, l->scale, l->bias, l->relu)
               : conv_int8(y, x, shape, l->int8, l->scale, l->bias, l->relu));
    else if (l->type == RB_C_INT16)
        (bytes ? conv_int16_bytes(y, x, shape, l->int16, l->scale, l->bias, l->relu)
               : conv_int16(y, x, shape, l->int16, l->scale, l->bias, l->relu));
    else
        (bytes ? conv_float_bytes(y, x, shape, l->weight, NULL, l->bias, l->relu)
               : conv_float(y, x, shape, l->weight, NULL, l->bias, l->relu));
}

void rb_c_run_layer(const rb_c_plan *plan, int i, int fraction, const void *observation, float *scratch)
{
    const rb_c_layer *l = &plan->layer[i];
    const void *x = l->source == RB_C_OBSERVATION ? observation : scratch + plan->layer[l->source].at;
    float *y = scratch + l->at;
    switch (l->kind) {
    case RB_C_LOAD:
        agent_load(y, x, l->inputs, plan->scale, plan->offset);
        break;
    case RB_C_NORMALISE:
        agent_normalise(y, x, l->inputs, l->mean, l->factor, l->clip);
        break;
    case RB_C_LINEAR:
        linear(l, y, x, rb_c_reads_bytes(plan, i));
        break;
    case RB_C_CONV:
        conv(l, y, x, rb_c_reads_bytes(plan, i));
        break;
    case RB_C_AFFINE:
        agent_affine(y, x, l->planes, l->pixels, l->factor, l->summand);
        break;
    case RB_C_LAYER_NORM:
        agent_layer_norm(y, x, l->inputs, l->factor, l->summand, plan->norm_epsilon);
        break;
    case RB_C_CHANNEL_NORM:
        agent_channel_norm(y, x, l->planes, l->pixels, l->factor, l->summand, plan->norm_epsilon);
        break;
    case RB_C_RELU:
        agent_relu(y, x, l->inputs);
        break;
    case RB_C_MAX_POOL:
    case RB_C_MEAN_POOL:
        agent_pool(y, x, &l->shape, l->kind == RB_C_MEAN_POOL);
        break;
    case RB_C_ADD:
        agent_add(y, x, l->other == RB_C_OBSERVATION ? observation : scratch + plan->layer[l->other].at,
                  l->inputs);
        break;
    case RB_C_EMBED:
        agent_embed(y, x, l->embedding + (size_t)fraction * (size_t)l->inputs, l->inputs);
        break;
    }
}

// The mean over all fractions. The layers before the product with their embedding have run.
static void mean_of_fractions(const rb_c_plan *plan, const void *observation, float *scratch, float *q)
{
    float *outputs = scratch + plan->layer[plan->advantage].at;
    for (int a = 0; a < plan->actions; a++) q[a] = 0;
    for (int k = 0; k < plan->fractions; k++) {
        for (int i = plan->embed; i < plan->count; i++) rb_c_run_layer(plan, i, k, observation, scratch);
        if (plan->dueling) agent_join(outputs, scratch + plan->layer[plan->value].at, plan->actions, 1);
        if (plan->relu_outputs) agent_relu(outputs, outputs, plan->actions);
        agent_add(q, q, outputs, plan->actions);
    }
    for (int a = 0; a < plan->actions; a++) q[a] /= (float)plan->fractions;
}

void rb_c_run(const rb_c_plan *plan, const void *observation, float *scratch, float *q, float *probabilities)
{
    for (int i = 0; i < plan->embed; i++) rb_c_run_layer(plan, i, 0, observation, scratch);
    if (plan->fractions) {
        mean_of_fractions(plan, observation, scratch, q);
        return;
    }
    float *outputs = scratch + plan->layer[plan->advantage].at;
    const int count = plan->actions * plan->atoms;
    if (plan->dueling) agent_join(outputs, scratch + plan->layer[plan->value].at, plan->actions, plan->atoms);
    if (plan->relu_outputs) agent_relu(outputs, outputs, count);
    if (plan->support)
        agent_expect(q, outputs, plan->actions, plan->atoms, plan->support);
    else if (plan->atoms > 1)
        agent_mean(q, outputs, plan->actions, plan->atoms);
    else
        memcpy(q, outputs, (size_t)plan->actions * sizeof *q);
    if (probabilities && plan->support) memcpy(probabilities, outputs, (size_t)count * sizeof *probabilities);
}
