// Builds layers from a specification: which layers there are, whether they fit, how much memory they take.
#include <stdio.h>
#include <string.h>

#include "nn/net_impl.h"
#include "nn/net_layers.h"

static const uint64_t station_most = UINT64_C(1)
                                     << 28; // the most numbers of one sample's activations in one array

// --- the list's layers ---

typedef struct builder {
    rb_net *net;
    const rb_layer_list *list;
    rb_plan *plan;
    int channels, height, width, stride; // of the last layer's output
    int affine;                          // layers with weights so far, in the trunk
    int norms;                           // normalisations since the last of them
} builder;

static rb_status refuse(const builder *b, int i, rb_error *error, const char *reason)
{
    char name[96];
    return rb_error_set(error, RB_ERR_USAGE, "net.layers: %s: %s",
                        rb_layer_list_name(b->list, i, name, sizeof name), reason);
}

static rb_status check_conv(const builder *b, int i, rb_error *error)
{
    const rb_layer_line *l = &b->list->line[i];
    const int height = b->height + 2 * l->pad, width = b->width + 2 * l->pad;
    const rb_net_spec *spec = &b->net->spec;
    char reason[192];
    if (b->net->linears) {
        snprintf(reason, sizeof reason, "its input is a vector of %d, but a convolution reads a picture",
                 b->channels);
        return refuse(b, i, error, reason);
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
        return refuse(b, i, error, reason);
    }
    const uint64_t out_stride = ((uint64_t)l->outputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL,
                   out_height = (uint64_t)((height - l->kernel) / l->stride + 1),
                   out_width = (uint64_t)((width - l->kernel) / l->stride + 1);
    if ((uint64_t)height * (uint64_t)width * (uint64_t)b->stride > station_most ||
        out_height * out_width * out_stride > station_most) {
        snprintf(reason, sizeof reason, "from %d x %d x %d to %d x %d x %d is too large", b->channels,
                 b->height, b->width, l->outputs, (int)out_height, (int)out_width);
        return refuse(b, i, error, reason);
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
static void add_linking_node(builder *b, rb_node_kind kind, int index, bool learns)
{
    rb_net *net = b->net;
    net->link_numbers[++net->last_link] = (size_t)b->height * (size_t)b->width * (size_t)b->stride;
    add_node(net, kind, index, learns);
}

// Adds a convolution that was checked.
static rb_conv *take_conv(builder *b, const rb_layer_line *l)
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

static rb_status add_conv(builder *b, int i, rb_error *error)
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
static void add_norm(rb_net *net, rb_norm_kind kind, const char *name, int before, int channels, int height,
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

static void add_trunk_norm(builder *b, rb_norm_kind kind, bool by_pixel)
{
    const rb_net *net = b->net;
    char name[24] = "input";
    if (b->affine) snprintf(name, sizeof name, "trunk.%d", b->affine - 1);
    const bool vector = net->linears || (!net->convs && net->spec.height == 1 && net->spec.width == 1);
    add_norm(b->net, kind, name, b->norms++, b->channels, b->height, b->width, !vector, by_pixel, b->plan);
}

// --- pools and residual blocks ---

static const char *picture_fault(const builder *b, const char *what, char *reason, size_t bytes)
{
    if (b->net->linears)
        snprintf(reason, bytes, "its input is a vector of %d, but %s reads a picture", b->channels, what);
    else if (b->net->spec.height == 1 && b->net->spec.width == 1)
        snprintf(reason, bytes, "the observation is %d numbers, but %s reads a picture", b->channels, what);
    else
        return NULL;
    return reason;
}

static rb_status check_pool(const builder *b, int i, rb_error *error)
{
    const rb_layer_line *l = &b->list->line[i];
    char reason[192];
    if (picture_fault(b, "a pool", reason, sizeof reason)) return refuse(b, i, error, reason);
    const int pad = l->word == RB_WORD_MAX_POOL ? 2 * l->pad : 0;
    const int least = l->word == RB_WORD_MAX_POOL      ? l->kernel - pad
                      : l->word == RB_WORD_GLOBAL_POOL ? 1
                                                       : l->kernel;
    if (b->height < least || b->width < least) {
        snprintf(reason, sizeof reason, "its input is %d x %d x %d, %ssmaller than %d x %d", b->channels,
                 b->height, b->width, pad ? "even padded " : "", l->kernel, l->kernel);
        return refuse(b, i, error, reason);
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

static rb_status add_pool(builder *b, int i, rb_error *error)
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
static rb_status add_residual(builder *b, int i, rb_error *error)
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
    if (picture_fault(b, "a residual block", reason, sizeof reason)) return refuse(b, i, error, reason);
    if (net->norms >= RB_NORMS_MAX - 2) return refuse(b, i, error, "there are too many layers before it");
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

static rb_status add_norm_line(builder *b, int i, rb_error *error)
{
    rb_net *net = b->net;
    const rb_word word = b->list->line[i].word;
    bool *relu = relu_of_last(net);
    if (word == RB_WORD_RELU && relu) { // it becomes the layer's own
        *relu = true;
        return RB_OK;
    }
    if (net->norms >= RB_NORMS_MAX - 2)
        return refuse(b, i, error, "there are too many normalisations before it");
    add_trunk_norm(b,
                   word == RB_WORD_RELU         ? RB_NORM_NONE
                   : word == RB_WORD_BATCH_NORM ? RB_NORM_BATCH
                                                : RB_NORM_LAYER,
                   word == RB_WORD_CHANNEL_NORM);
    return RB_OK;
}

// --- linear layers ---

static rb_layout vector_of(int numbers, int per_unit)
{
    return (rb_layout){.channels = numbers,
                       .stride = (numbers + per_unit - 1) / per_unit * per_unit,
                       .height = 1,
                       .width = 1};
}

// The window of a first linear layer: the nodes' picture with the observation's vector behind it, or all of
// the observation as one long vector.
static rb_layout features(const rb_net *net, int per_unit)
{
    const int vector = rb_net_vector(&net->spec);
    if (!net->nodes)
        return vector_of(net->spec.planes * net->spec.height * net->spec.width + vector, per_unit);
    rb_layout made = net->picture;
    made.extra = vector;
    made.extra_stride = (vector + per_unit - 1) / per_unit * per_unit;
    return made;
}

// The transposed packs for a stage's input gradient. Layers that read the same activations are side by side
// in each of its panels, so that one product adds them up.
static void take_transposed(rb_net *net, const rb_net_stage *stage, rb_plan *plan)
{
    rb_net_layer *layers = &net->layer[stage->first];
    if (!net->trains || (layers[0].source < 0 && !net->nodes)) return; // it reads the observation
    if (layers[0].source == RB_SOURCE_COSINES) return;
    int all = 0;
    for (int i = 0; i < stage->count; i++) all += layers[i].linear.panels;
    for (int pack = 0; pack <= (layers[0].linear.noise ? RB_PACK_NOISY : RB_PACK_MEANS); pack++) {
        rb_unit *at = NULL;
        for (int i = 0; i < stage->count; i++) {
            rb_linear *linear = &layers[i].linear;
            const int panels = stage->shared ? all : linear->panels,
                      lines = panels * RB_PANEL / plan->per_unit;
            linear->transposed_panel = (lines | 1) * RB_PANEL;
            if (i == 0 || !stage->shared) {
                const int blocks = (linear->inputs + RB_PANEL - 1) / RB_PANEL;
                at = rb_plan_units(plan, (size_t)blocks * (size_t)linear->transposed_panel);
            }
            linear->transposed[pack] = at;
            if (at) at += linear->panels * RB_PANEL / plan->per_unit * RB_PANEL;
        }
    }
}

// Adds a stage: one layer for each of `count` streams.
static void add_stage(rb_net *net, const char *const *names, int number, const int *outputs, int count,
                      bool relu, bool noisy, rb_plan *plan)
{
    const rb_net_stage before = net->stages ? net->stage[net->stages - 1] : (rb_net_stage){0};
    rb_net_stage stage = {.first = net->linears, .count = count};
    for (int i = 0; i < count; i++) {
        rb_net_layer *layer = &net->layer[net->linears++];
        memset(layer, 0, sizeof *layer);
        snprintf(layer->name, sizeof layer->name, "%s.%d", names[i], number);
        layer->source = before.count == 0       ? RB_SOURCE_NODES
                        : before.count == count ? before.first + i
                                                : before.first;
        rb_linear *linear = &layer->linear;
        const int source =
            layer->source >= 0 && layer->source == net->embedding ? net->features : layer->source;
        if (source < 0) {
            linear->layout = features(net, plan->per_unit);
        } else {
            const int inputs = net->layer[source].linear.layout.outputs;
            linear->layout = vector_of(inputs, plan->per_unit);
        }
        linear->layout.outputs = outputs[i];
        linear->relu = relu;
        if (noisy) {
            linear->noise =
                net->spec.params.noisy == RB_NOISY_FACTORISED ? RB_NOISE_FACTORISED : RB_NOISE_INDEPENDENT;
            linear->more = rb_net_draws(net) - 1;
        }
        rb_linear_take(linear, net->trains, plan);
    }
    stage.shared = count == 1 || net->layer[stage.first].source == net->layer[stage.first + 1].source;
    take_transposed(net, &stage, plan);
    net->stage[net->stages++] = stage;
}

static void take_scratch(rb_net *net, rb_plan *plan)
{
    if (net->trains) return;
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (rb_linear_scratch(linear) > net->scratch_units) net->scratch_units = rb_linear_scratch(linear);
    }
    if (net->scratch_units) net->scratch = rb_plan_units(plan, (size_t)plan->threads * net->scratch_units);
}

static rb_status add_linear(builder *b, int i)
{
    const rb_layer_line *l = &b->list->line[i];
    add_stage(b->net, (const char *const[]){"trunk"}, b->affine++, &l->outputs, 1, false,
              b->list->noisy_linear && b->net->spec.params.noisy != RB_NOISY_OFF, b->plan);
    b->channels = l->outputs, b->height = b->width = 1;
    b->norms = 0;
    return RB_OK;
}

// The observation's vector joins what the nodes made: no node, but inputs of the next linear layer.
static rb_status add_append(builder *b, int i, rb_error *error)
{
    if (!rb_net_vector(&b->net->spec))
        return refuse(b, i, error,
                      "the observation has no vector beside a picture, so there is nothing to append");
    if (b->net->linears)
        return refuse(b, i, error,
                      "it must come before the first linear layer, which reads picture and vector");
    b->net->append_at = i + 1;
    return RB_OK;
}

// What may come where, of an observation with a vector.
static rb_status check_append(const builder *b, int i, rb_error *error)
{
    const rb_net *net = b->net;
    const rb_word word = b->list->line[i].word;
    char reason[192];
    if (net->append_at && !net->linears && word != RB_WORD_LINEAR)
        return refuse(b, i, error,
                      word == RB_WORD_APPEND
                          ? "the vector is appended already; once is enough"
                          : "it follows append, after which only linear can come; put it before "
                            "append");
    if (!rb_net_vector(&net->spec) || net->append_at || b->list->trunk || word != RB_WORD_LINEAR)
        return RB_OK;
    snprintf(
        reason, sizeof reason,
        "the observation is a picture with a vector of %d numbers, which joins nowhere before it; put append "
        "before it",
        rb_net_vector(&net->spec));
    return refuse(b, i, error, reason);
}

static rb_status check_appended(const builder *b, rb_error *error)
{
    const int vector = rb_net_vector(&b->net->spec);
    if (!vector || b->net->append_at || b->list->trunk) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "net.layers: the observation is a picture with a vector of %d numbers, which joins "
                        "nowhere; end the list with append",
                        vector);
}

// Adds the embedding of fractions, with one column for each of the features, in their order.
static void add_embedding(rb_net *net, rb_plan *plan)
{
    const int before = net->stages ? net->stage[net->stages - 1].first : RB_SOURCE_NODES;
    rb_layout made = before < 0 ? features(net, plan->per_unit)
                                : vector_of(net->layer[before].linear.layout.outputs, plan->per_unit);
    rb_net_layer *layer = &net->layer[net->linears];
    memset(layer, 0, sizeof *layer);
    snprintf(layer->name, sizeof layer->name, "embedding.0");
    layer->source = RB_SOURCE_COSINES;
    layer->linear.layout = vector_of(net->spec.cosines, plan->per_unit);
    layer->linear.layout.outputs = made.channels;
    if (made.height * made.width > 1 || made.extra) {
        layer->linear.layout.outputs = rb_layout_inputs(&made);
        layer->linear.layout.out_channels = made.channels;
        layer->linear.layout.out_stride = made.stride;
        layer->linear.layout.out_pixels = made.height * made.width;
        layer->linear.layout.out_extra = made.extra;
    }
    layer->linear.relu = true;
    rb_linear_take(&layer->linear, net->trains, plan);
    net->features = before;
    net->embedding = net->linears++;
    net->stage[net->stages++] = (rb_net_stage){.first = net->embedding, .count = 1, .shared = true};
}

// Adds a normalisation after each layer of the hidden stage.
static void add_hidden_norms(rb_net *net, int first, int count, rb_plan *plan)
{
    const rb_norm_kind kind = net->spec.params.norm == RB_NET_NORM_BATCH ? RB_NORM_BATCH : RB_NORM_LAYER;
    const int linears = net->linears;
    if (net->spec.params.norm == RB_NET_NORM_NONE) return;
    for (int i = first; i < first + count; i++) {
        net->linears = i + 1; // so that it is added after this layer
        net->layer[i].linear.relu = false;
        add_norm(net, kind, net->layer[i].name, 0, net->layer[i].linear.layout.outputs, 1, 1, false, false,
                 plan);
        net->norm[net->norms - 1].relu = true;
    }
    net->linears = linears;
}

// What the first linear layer reads: the picture after the last node.
static void keep_picture(builder *b)
{
    if (b->net->linears) return;
    b->net->picture =
        (rb_layout){.channels = b->channels, .stride = b->stride, .height = b->height, .width = b->width};
}

static rb_status build_trunk(rb_net *net, const rb_layer_list *list, rb_plan *plan, rb_error *error)
{
    const rb_net_spec *spec = &net->spec;
    const int per_unit = plan->per_unit,
              unit = list->count && !rb_word_has_weights(list->line[0].word) ? RB_PANEL : per_unit;
    rb_net_input_scale(spec, &net->scale, &net->offset);
    net->input_stride = (spec->planes + unit - 1) / unit * unit;
    builder b = {.net = net,
                 .list = list,
                 .plan = plan,
                 .channels = spec->planes,
                 .height = spec->height,
                 .width = spec->width,
                 .stride = net->input_stride};
    net->link_numbers[0] = (size_t)b.height * (size_t)b.width * (size_t)b.stride;
    rb_status status = RB_OK;
    for (int i = 0; i < list->count && !status; i++) {
        status = check_append(&b, i, error);
        if (status) break;
        switch (list->line[i].word) {
        case RB_WORD_APPEND:
            status = add_append(&b, i, error);
            break;
        case RB_WORD_CONV:
            status = add_conv(&b, i, error);
            break;
        case RB_WORD_MAX_POOL:
        case RB_WORD_ADAPTIVE_MAX:
        case RB_WORD_ADAPTIVE_MEAN:
        case RB_WORD_GLOBAL_POOL:
            status = add_pool(&b, i, error);
            break;
        case RB_WORD_RESIDUAL:
            status = add_residual(&b, i, error);
            break;
        case RB_WORD_LINEAR:
            keep_picture(&b);
            status = add_linear(&b, i);
            break;
        default:
            status = add_norm_line(&b, i, error);
            break;
        }
    }
    keep_picture(&b);
    return status ? status : check_appended(&b, error);
}

static rb_status add_running(rb_net *net, rb_plan *plan, rb_error *error)
{
    const rb_net_spec *spec = &net->spec;
    if (!spec->normalised) return RB_OK;
    if (spec->bytes || spec->height > 1 || spec->width > 1)
        return rb_error_set(error, RB_ERR_USAGE,
                            "env.normalise = true: only vectors of floats can be normalised, but this "
                            "environment's observations are %s (%d x %d x %d); set it to false",
                            spec->vector  ? "a picture with a vector"
                            : spec->bytes ? "bytes, which the network scales itself"
                                          : "pictures",
                            spec->planes, spec->height, spec->width);
    if (net->trains) rb_running_take(&net->running, spec->normalised, spec->clip, plan);
    return RB_OK;
}

rb_status rb_net_build(rb_net *net, rb_plan *plan, rb_error *error)
{
    const rb_net_params *params = &net->spec.params;
    if (params->centre && !net->spec.bytes)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.centre = true: only bytes can be centred, but this environment's observations are "
            "floats; set it to false");
    net->embedding = -1;
    rb_layer_list list;
    rb_status status = add_running(net, plan, error);
    if (!status) status = rb_layer_list_make(&list, &net->spec, error);
    if (!status) status = build_trunk(net, &list, plan, error);
    if (status) return status;
    static const char *const one[] = {"head"}, *const two[] = {"advantage", "value"};
    const int streams = params->dueling ? 2 : 1, hidden = (int)params->hidden;
    const char *const *names = params->dueling ? two : one;
    const bool noisy = params->noisy != RB_NOISY_OFF;
    if (net->spec.cosines) add_embedding(net, plan);
    // Each layer of a stage reads its counterpart in the previous stage. The trunk's last layer is a stage of
    // one, which both streams read.
    if (hidden) {
        add_stage(net, names, 0, (int[]){hidden, hidden}, streams, true, noisy, plan);
        add_hidden_norms(net, net->linears - streams, streams, plan);
    }
    const int q = net->spec.actions * net->spec.outputs;
    add_stage(net, names, hidden ? 1 : 0, (int[]){q, net->spec.outputs}, streams, false, noisy, plan);
    if (params->shared_bias && streams == 1 && !noisy)
        net->layer[net->linears - 1].linear.tied = net->spec.outputs;
    take_scratch(net, plan);
    return RB_OK;
}

rb_status rb_net_create(rb_net **out, const rb_net_spec *spec, bool trains, rb_compute *compute,
                        rb_arena *arena, rb_error *error)
{
    rb_net *net = RB_TAKE(arena, rb_net, 1);
    if (!net) return rb_arena_check(arena, error);
    *net =
        (rb_net){.spec = *spec, .compute = compute, .kernels = rb_compute_family(compute), .trains = trains};
    for (int pack = 0; pack < RB_PACKS; pack++) net->stale[pack] = true;
    rb_plan count = {.per_unit = net->kernels->per_unit,
                     .threads = rb_pool_threads(rb_compute_pool(compute))},
            take = count;
    take.arena = arena;
    rb_net plan = *net;
    rb_status status =
        rb_net_build(&plan, &count, error); // finds errors in the settings before any memory is taken
    if (!status) status = rb_net_build(net, &take, error);
    if (!status) status = rb_arena_check(arena, error);
    if (status) return status;
    for (int i = 0; i < net->norms; i++) rb_norm_reset(&net->norm[i]), rb_norm_derive(&net->norm[i]);
    rb_running_reset(&net->running);
    *out = net;
    return RB_OK;
}

rb_status rb_tape_create(rb_tape **out, const rb_net *net, int batch, bool backward, rb_arena *arena,
                         rb_error *error)
{
    return rb_tape_create_each(out, net, batch, 1, backward, arena, error);
}

rb_status rb_tape_create_each(rb_tape **out, const rb_net *net, int batch, int each, bool backward,
                              rb_arena *arena, rb_error *error)
{
    for (int i = 0; i < net->norms && backward && batch < 2; i++) {
        if (net->norm[i].kind == RB_NORM_BATCH)
            return rb_error_set(error, RB_ERR_USAGE,
                                "agent.batch = %d: batch normalisation needs at least 2 samples", batch);
    }
    rb_tape *tape = RB_TAKE(arena, rb_tape, 1);
    if (!tape) return rb_arena_check(arena, error);
    *tape = (rb_tape){.batch = batch, .most_each = each, .backward = backward && net->trains, .norm = -1};
    rb_plan take = {.arena = arena,
                    .per_unit = net->kernels->per_unit,
                    .threads = rb_pool_threads(rb_compute_pool(net->compute))};
    rb_tape_build(tape, net, &take);
    *out = tape;
    return rb_arena_check(arena, error);
}

size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch, int threads)
{
    return rb_net_bytes_each(spec, trains, batch, 1, threads);
}

size_t rb_net_bytes_each(const rb_net_spec *spec, bool trains, int batch, int each, int threads)
{
    rb_plan count = {.per_unit = 1, .threads = threads}; // bf16 takes less
    rb_net net = {.spec = *spec, .trains = trains};
    if (rb_net_build(&net, &count, NULL)) return 0; // rb_net_create reports the error
    rb_tape tape = {.batch = batch, .most_each = each, .backward = trains};
    rb_tape_build(&tape, &net, &count);
    return count.bytes + sizeof net + sizeof tape;
}
