// Builds the nodes of a trunk: the convolutions, pools, residual blocks and normalisations of a list.
#include <stdio.h>
#include <string.h>

#include "nn/net_builder.h"

static const uint64_t station_most = UINT64_C(1)
                                     << 28; // the most numbers of one sample's activations in one array

// --- the list's layers ---

rb_status rb_build_refuse(const rb_net_builder *b, int i, rb_error *error, const char *reason)
{
    char name[96];
    return rb_error_set(error, RB_ERR_USAGE, "net.layers: %s: %s",
                        rb_layer_list_name(b->list, i, name, sizeof name), reason);
}

static rb_status check_conv(const rb_net_builder *b, int i, rb_error *error)
{
    const rb_layer_line *l = &b->list->line[i];
    const int height = b->height + 2 * l->pad, width = b->width + 2 * l->pad;
    const rb_net_spec *spec = &b->net->spec;
    char reason[192];
    if (b->net->linears) {
        snprintf(reason, sizeof reason, "its input is a vector of %d, but a convolution reads a picture",
                 b->channels);
        return rb_build_refuse(b, i, error, reason);
    }
    if (b->list->trunk && spec->height == 1 && spec->width == 1)
        return rb_error_set(error, RB_ERR_USAGE,
                            "net.trunk = %s reads pictures, but the observation is %d numbers; "
                            "--net.trunk=mlp reads them, and auto chooses",
                            b->list->trunk, spec->planes);
    if (height < l->kernel || width < l->kernel) {
        if (b->list->trunk) {
            return rb_error_set(
                error, RB_ERR_USAGE,
                "net.trunk = %s: layer %d with its window of %dx%d does not fit its input of %dx%d "
                "(the observation is %dx%d); mlp fits any",
                b->list->trunk, b->net->convs + 1, l->kernel, l->kernel, height, width, spec->height,
                spec->width);
        }
        snprintf(reason, sizeof reason, "its input is %d x %d x %d, %ssmaller than the %d x %d kernel",
                 b->channels, b->height, b->width, l->pad ? "even padded " : "", l->kernel, l->kernel);
        return rb_build_refuse(b, i, error, reason);
    }
    const uint64_t out_stride = ((uint64_t)l->outputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL,
                   out_height = (uint64_t)((height - l->kernel) / l->stride + 1),
                   out_width = (uint64_t)((width - l->kernel) / l->stride + 1);
    if ((uint64_t)height * (uint64_t)width * (uint64_t)b->stride > station_most ||
        out_height * out_width * out_stride > station_most) {
        snprintf(reason, sizeof reason, "from %d x %d x %d to %d x %d x %d is too large", b->channels,
                 b->height, b->width, l->outputs, (int)out_height, (int)out_width);
        return rb_build_refuse(b, i, error, reason);
    }
    return RB_OK;
}

// --- nodes ---

static rb_net_node *last_node(rb_net *net)
{
    return net->nodes ? &net->node[net->nodes - 1] : NULL;
}

// The border of zeros around the last node's output, for the convolution that reads it.
static void set_border(rb_net *net, int border)
{
    const rb_net_node *last = last_node(net);
    if (!last)
        net->input_border = border;
    else if (last->kind == RB_NODE_CONV)
        net->conv[last->index].out_border = border;
    else if (last->kind == RB_NODE_POOL)
        net->pool[last->index].border = border;
    else if (last->kind == RB_NODE_ADDITION)
        net->addition[last->index].border = border;
    else
        net->norm[last->index].border = border;
}

static void add_node(rb_net *net, rb_node_kind kind, int index, bool learns)
{
    if (!learns && net->learned == net->nodes) net->learned++;
    net->node[net->nodes++] = (rb_net_node){.kind = kind, .index = index, .link = net->last_link};
}

// A node whose output has another shape than its input.
static void add_linking_node(rb_net_builder *b, rb_node_kind kind, int index, bool learns)
{
    rb_net *net = b->net;
    net->link_numbers[++net->last_link] = (size_t)b->height * (size_t)b->width * (size_t)b->stride;
    add_node(net, kind, index, learns);
}

// Adds a convolution that was checked.
static rb_conv *take_conv(rb_net_builder *b, const rb_layer_line *l)
{
    rb_net *net = b->net;
    set_border(net, l->pad);
    const int height = b->height + 2 * l->pad, width = b->width + 2 * l->pad;
    rb_conv *conv = &net->conv[net->convs++];
    *conv = (rb_conv){
        .layout = {.outputs = l->outputs,
                   .channels = b->channels,
                   .stride = b->stride,
                   .height = l->kernel,
                   .width = l->kernel},
        .step = l->stride,
        .pad = l->pad,
        .in_height = height,
        .in_width = width,
        .out_height = (height - l->kernel) / l->stride + 1,
        .out_width = (width - l->kernel) / l->stride + 1,
        .out_stride = (l->outputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL,
        .in_scale = 1,
        .spectral = l->spectral,
    };
    if (net->nodes == 0 && net->spec.bytes && b->plan->per_unit > 1) {
        // A byte is exact in bf16, and so is a byte minus 127.5, so the scale can move into the weights.
        conv->in_scale = net->scale;
        net->offset = net->spec.params.centre ? -127.5f : 0;
        net->scale = 1;
    }
    rb_conv_take(conv, net->trains, net->learned == net->nodes, b->plan);
    b->channels = l->outputs, b->stride = conv->out_stride;
    b->height = conv->out_height, b->width = conv->out_width;
    add_linking_node(b, RB_NODE_CONV, net->convs - 1, true);
    b->affine++;
    b->norms = 0;
    return conv;
}

rb_status rb_build_conv(rb_net_builder *b, int i, rb_error *error)
{
    const rb_status status = check_conv(b, i, error);
    if (!status) take_conv(b, &b->list->line[i]);
    return status;
}

// The ReLU flag of the last layer or normalisation; NULL if there is none yet, or if it can't have one.
static bool *relu_of_last(rb_net *net)
{
    const rb_net_norms *norms = net->linears ? &net->layer[net->linears - 1].norms : NULL;
    if (norms && norms->count) return &net->norm[norms->first + norms->count - 1].relu;
    if (norms) return &net->layer[net->linears - 1].linear.relu;
    const rb_net_node *last = last_node(net);
    if (last && last->kind == RB_NODE_NORM) return &net->norm[last->index].relu;
    return last && last->kind == RB_NODE_CONV ? &net->conv[last->index].relu : NULL;
}

// `before`: the normalisations since the layer called `name`.
void rb_build_norm(rb_net *net, rb_norm_kind kind, const char *name, int before, int channels, int height,
                   int width, bool picture, bool by_pixel, rb_plan *plan)
{
    const bool *relu = relu_of_last(net);
    rb_norm *norm = &net->norm[net->norms];
    *norm = (rb_norm){.kind = kind,
                      .relu = kind == RB_NORM_NONE,
                      .mask = relu && *relu,
                      .picture = picture,
                      .by_pixel = by_pixel && picture,
                      .channels = channels,
                      .columns = (channels + RB_PANEL - 1) / RB_PANEL * RB_PANEL,
                      .height = height,
                      .width = width,
                      .epsilon = rb_net_norm_epsilon(&net->spec)};
    if (before)
        snprintf(norm->name, sizeof norm->name, "%s.norm%d", name, before + 1);
    else
        snprintf(norm->name, sizeof norm->name, "%s.norm", name);
    if (net->linears) {
        rb_net_norms *norms = &net->layer[net->linears - 1].norms;
        if (!norms->count++) norms->first = net->norms;
    } else {
        add_node(net, RB_NODE_NORM, net->norms, kind != RB_NORM_NONE);
        net->trunk_norms = net->norms + 1;
    }
    net->norms++;
    rb_norm_take(norm, net->trains, plan);
}

static void add_trunk_norm(rb_net_builder *b, rb_norm_kind kind, bool by_pixel)
{
    const rb_net *net = b->net;
    char name[24] = "input";
    if (b->affine) snprintf(name, sizeof name, "trunk.%d", b->affine - 1);
    const bool vector = net->linears || (!net->convs && net->spec.height == 1 && net->spec.width == 1);
    rb_build_norm(b->net, kind, name, b->norms++, b->channels, b->height, b->width, !vector, by_pixel,
                  b->plan);
}

// --- pools and residual blocks ---

static const char *picture_fault(const rb_net_builder *b, const char *what, char *reason, size_t bytes)
{
    if (b->net->linears)
        snprintf(reason, bytes, "its input is a vector of %d, but %s reads a picture", b->channels, what);
    else if (b->net->spec.height == 1 && b->net->spec.width == 1)
        snprintf(reason, bytes, "the observation is %d numbers, but %s reads a picture", b->channels, what);
    else
        return NULL;
    return reason;
}

static rb_status check_pool(const rb_net_builder *b, int i, rb_error *error)
{
    const rb_layer_line *l = &b->list->line[i];
    char reason[192];
    if (picture_fault(b, "a pool", reason, sizeof reason)) return rb_build_refuse(b, i, error, reason);
    const int pad = l->word == RB_WORD_MAX_POOL ? 2 * l->pad : 0;
    const int least = l->word == RB_WORD_MAX_POOL      ? l->kernel - pad
                      : l->word == RB_WORD_GLOBAL_POOL ? 1
                                                       : l->kernel;
    if (b->height < least || b->width < least) {
        snprintf(reason, sizeof reason, "its input is %d x %d x %d, %ssmaller than %d x %d", b->channels,
                 b->height, b->width, pad ? "even padded " : "", l->kernel, l->kernel);
        return rb_build_refuse(b, i, error, reason);
    }
    return RB_OK;
}

static rb_windows windows_of(const rb_layer_line *l, int size)
{
    if (l->word != RB_WORD_MAX_POOL)
        return (rb_windows){
            .adaptive = true, .size = size, .count = l->word == RB_WORD_GLOBAL_POOL ? 1 : l->kernel};
    return (rb_windows){.size = size,
                        .count = (size + 2 * l->pad - l->kernel) / l->stride + 1,
                        .kernel = l->kernel,
                        .step = l->stride,
                        .pad = l->pad};
}

rb_status rb_build_pool(rb_net_builder *b, int i, rb_error *error)
{
    rb_net *net = b->net;
    const rb_layer_line *l = &b->list->line[i];
    const rb_status status = check_pool(b, i, error);
    if (status) return status;
    net->pool[net->pools++] =
        (rb_pool_layer){.lines = windows_of(l, b->height),
                        .pixels = windows_of(l, b->width),
                        .mean = l->word != RB_WORD_MAX_POOL && l->word != RB_WORD_ADAPTIVE_MAX,
                        .channels = b->channels,
                        .columns = b->stride};
    b->height = net->pool[net->pools - 1].lines.count;
    b->width = net->pool[net->pools - 1].pixels.count;
    add_linking_node(b, RB_NODE_POOL, net->pools - 1, false);
    return RB_OK;
}

// relu, conv C 3 1 1, relu, conv C 3 1 1, plus the input (He et al. 2016, as in Espeholt et al. 2018).
rb_status rb_build_residual(rb_net_builder *b, int i, rb_error *error)
{
    rb_net *net = b->net;
    const rb_layer_line *l = &b->list->line[i];
    const rb_layer_line conv = {.word = RB_WORD_CONV,
                                .outputs = b->channels,
                                .kernel = 3,
                                .stride = 1,
                                .pad = 1,
                                .spectral = l->spectral};
    char reason[192];
    if (picture_fault(b, "a residual block", reason, sizeof reason))
        return rb_build_refuse(b, i, error, reason);
    if (net->norms >= RB_NORMS_MAX - 2)
        return rb_build_refuse(b, i, error, "there are too many layers before it");
    const int first = net->nodes;
    add_trunk_norm(b, RB_NORM_NONE, false);
    take_conv(b, &conv)->relu = true;
    take_conv(b, &conv);
    net->addition[net->additions++] =
        (rb_addition){.height = b->height, .width = b->width, .columns = b->stride};
    add_node(net, RB_NODE_ADDITION, net->additions - 1, false);
    net->node[first].block = net->nodes - 1;
    net->node[net->nodes - 1].block = first;
    return RB_OK;
}

rb_status rb_build_norm_line(rb_net_builder *b, int i, rb_error *error)
{
    rb_net *net = b->net;
    const rb_word word = b->list->line[i].word;
    bool *relu = relu_of_last(net);
    if (word == RB_WORD_RELU && relu) { // it becomes the layer's own
        *relu = true;
        return RB_OK;
    }
    if (net->norms >= RB_NORMS_MAX - 2)
        return rb_build_refuse(b, i, error, "there are too many normalisations before it");
    add_trunk_norm(b,
                   word == RB_WORD_RELU         ? RB_NORM_NONE
                   : word == RB_WORD_BATCH_NORM ? RB_NORM_BATCH
                                                : RB_NORM_LAYER,
                   word == RB_WORD_CHANNEL_NORM);
    return RB_OK;
}
