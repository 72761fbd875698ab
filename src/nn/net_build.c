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
    if (height < l->kernel || width < l->kernel) {
        if (b->list->trunk && spec->height == 1 && spec->width == 1)
            return rb_error_set(error, RB_ERR_USAGE,
                                "net.trunk = %s reads pictures, but the observation is %d numbers; "
                                "--net.trunk=mlp reads them, and auto chooses",
                                b->list->trunk, spec->planes);
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

static rb_net_norms *norms_of_last(rb_net *net)
{
    if (net->linears) return &net->layer[net->linears - 1].norms;
    return net->convs ? &net->conv_norms[net->convs - 1] : &net->entry;
}

static void add_node(rb_net *net, int conv, int norm, bool learns)
{
    if (!learns && net->learned == net->nodes) net->learned++;
    net->node[net->nodes++] = (rb_net_node){.conv = conv, .norm = norm, .link = net->convs};
}

static rb_status add_conv(builder *b, int i, rb_error *error)
{
    rb_net *net = b->net;
    const rb_layer_line *l = &b->list->line[i];
    const rb_status status = check_conv(b, i, error);
    if (status) return status;
    // Its input gets a border for it.
    const rb_net_norms *before = norms_of_last(net);
    if (before->count)
        net->norm[before->first + before->count - 1].border = l->pad;
    else if (net->convs)
        net->conv[net->convs - 1].out_border = l->pad;
    else
        net->input_border = l->pad;
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
    };
    if (net->nodes == 0 && net->spec.bytes && b->plan->per_unit > 1) {
        // A byte is exact in bf16, and so is a byte minus 127.5, so the scale can move into the weights.
        conv->in_scale = net->scale;
        net->offset = net->spec.params.centre ? -127.5f : 0;
        net->scale = 1;
    }
    rb_conv_take(conv, net->trains, net->learned == net->nodes, b->plan);
    add_node(net, net->convs - 1, -1, true);
    net->conv_norms[net->convs - 1] = (rb_net_norms){.first = net->norms};
    b->channels = l->outputs, b->stride = conv->out_stride;
    b->height = conv->out_height, b->width = conv->out_width;
    b->affine++;
    return RB_OK;
}

// The ReLU flag of the last layer or normalisation; NULL if there is none yet.
static bool *relu_of_last(rb_net *net)
{
    const rb_net_norms *norms = norms_of_last(net);
    if (norms->count) return &net->norm[norms->first + norms->count - 1].relu;
    if (net->linears) return &net->layer[net->linears - 1].linear.relu;
    return net->convs ? &net->conv[net->convs - 1].relu : NULL;
}

static void add_norm(rb_net *net, rb_norm_kind kind, const char *name, int channels, int height, int width,
                     bool picture, bool by_pixel, rb_plan *plan)
{
    rb_net_norms *norms = norms_of_last(net);
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
    if (norms->count)
        snprintf(norm->name, sizeof norm->name, "%s.norm%d", name, norms->count + 1);
    else
        snprintf(norm->name, sizeof norm->name, "%s.norm", name);
    if (!norms->count) norms->first = net->norms;
    norms->count++;
    if (!net->linears) {
        add_node(net, -1, net->norms, kind != RB_NORM_NONE);
        net->trunk_norms = net->norms + 1;
    }
    net->norms++;
    rb_norm_take(norm, net->trains, plan);
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
    if (net->norms == RB_NORMS_MAX - 2)
        return refuse(b, i, error, "there are too many normalisations before it");
    char name[24] = "input";
    if (b->affine) snprintf(name, sizeof name, "trunk.%d", b->affine - 1);
    const bool vector = net->linears || (!net->convs && net->spec.height == 1 && net->spec.width == 1);
    add_norm(net,
             word == RB_WORD_RELU         ? RB_NORM_NONE
             : word == RB_WORD_BATCH_NORM ? RB_NORM_BATCH
                                          : RB_NORM_LAYER,
             name, b->channels, b->height, b->width, !vector, word == RB_WORD_CHANNEL_NORM, b->plan);
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

// The window of a first linear layer: the nodes' picture, or the observation as one long vector.
static rb_layout features(const rb_net *net, int per_unit)
{
    if (net->convs) {
        const rb_conv *last = &net->conv[net->convs - 1];
        return (rb_layout){.channels = last->layout.outputs,
                           .stride = last->out_stride,
                           .height = last->out_height,
                           .width = last->out_width};
    }
    if (net->nodes)
        return (rb_layout){.channels = net->spec.planes,
                           .stride = net->input_stride,
                           .height = net->spec.height,
                           .width = net->spec.width};
    return vector_of(net->spec.planes * net->spec.height * net->spec.width, per_unit);
}

// The transposed packs for a stage's input gradient. Layers that read the same activations are side by side
// in each of its panels, so that one product adds them up.
static void take_transposed(rb_net *net, const rb_net_stage *stage, rb_plan *plan)
{
    rb_net_layer *layers = &net->layer[stage->first];
    if (!net->trains || (layers[0].source < 0 && !net->nodes)) return; // it reads the observation
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
        layer->source = before.count == 0 ? -1 : before.count == count ? before.first + i : before.first;
        rb_linear *linear = &layer->linear;
        if (layer->source < 0) {
            linear->layout = features(net, plan->per_unit);
        } else {
            const int inputs = net->layer[layer->source].linear.layout.outputs;
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
    return RB_OK;
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
        add_norm(net, kind, net->layer[i].name, net->layer[i].linear.layout.outputs, 1, 1, false, false,
                 plan);
        net->norm[net->norms - 1].relu = true;
    }
    net->linears = linears;
}

static rb_status build_trunk(rb_net *net, const rb_layer_list *list, rb_plan *plan, rb_error *error)
{
    const rb_net_spec *spec = &net->spec;
    const int per_unit = plan->per_unit,
              unit = list->count && list->line[0].word >= RB_WORD_RELU ? RB_PANEL : per_unit;
    rb_net_input_scale(spec, &net->scale, &net->offset);
    net->input_stride = (spec->planes + unit - 1) / unit * unit;
    builder b = {.net = net,
                 .list = list,
                 .plan = plan,
                 .channels = spec->planes,
                 .height = spec->height,
                 .width = spec->width,
                 .stride = net->input_stride};
    rb_status status = RB_OK;
    for (int i = 0; i < list->count && !status; i++) {
        if (list->line[i].word == RB_WORD_CONV)
            status = add_conv(&b, i, error);
        else if (list->line[i].word == RB_WORD_LINEAR)
            status = add_linear(&b, i);
        else
            status = add_norm_line(&b, i, error);
    }
    return status;
}

rb_status rb_net_build(rb_net *net, rb_plan *plan, rb_error *error)
{
    const rb_net_params *params = &net->spec.params;
    if (params->centre && !net->spec.bytes)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.centre = true: only bytes can be centred, but this environment's observations are "
            "floats; set it to false");
    rb_layer_list list;
    rb_status status = rb_layer_list_make(&list, &net->spec, error);
    if (!status) status = build_trunk(net, &list, plan, error);
    if (status) return status;
    static const char *const one[] = {"head"}, *const two[] = {"advantage", "value"};
    const int streams = params->dueling ? 2 : 1, hidden = (int)params->hidden;
    const char *const *names = params->dueling ? two : one;
    const bool noisy = params->noisy != RB_NOISY_OFF;
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
    *out = net;
    return RB_OK;
}

rb_status rb_tape_create(rb_tape **out, const rb_net *net, int batch, bool backward, rb_arena *arena,
                         rb_error *error)
{
    for (int i = 0; i < net->norms && backward && batch < 2; i++) {
        if (net->norm[i].kind == RB_NORM_BATCH)
            return rb_error_set(error, RB_ERR_USAGE,
                                "agent.batch = %d: batch normalisation needs at least 2 samples", batch);
    }
    rb_tape *tape = RB_TAKE(arena, rb_tape, 1);
    if (!tape) return rb_arena_check(arena, error);
    *tape = (rb_tape){.batch = batch, .backward = backward && net->trains, .norm = -1};
    rb_plan take = {.arena = arena,
                    .per_unit = net->kernels->per_unit,
                    .threads = rb_pool_threads(rb_compute_pool(net->compute))};
    rb_tape_build(tape, net, &take);
    *out = tape;
    return rb_arena_check(arena, error);
}

size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch, int threads)
{
    rb_plan count = {.per_unit = 1, .threads = threads}; // bf16 takes less
    rb_net net = {.spec = *spec, .trains = trains};
    if (rb_net_build(&net, &count, NULL)) return 0; // rb_net_create reports the error
    rb_tape tape = {.batch = batch, .backward = trains};
    rb_tape_build(&tape, &net, &count);
    return count.bytes + sizeof net + sizeof tape;
}
