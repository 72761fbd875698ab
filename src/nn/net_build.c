// From a specification to layers: which there are, what fits, how much memory they take.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "nn/net_impl.h"

typedef struct trunk_layer {
    int outputs, window, step;
} trunk_layer;

typedef struct rb_trunk {
    const char *name;
    int layers;
    trunk_layer layer[RB_CONVS_MAX];
} rb_trunk;

static const rb_trunk trunk_nature = {"nature", 3, {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}}}; // Mnih et al. 2015
static const rb_trunk trunk_nature_small = {"nature", 3, {{32, 4, 2}, {64, 4, 2}, {64, 3, 1}}};
static const rb_trunk trunk_nips = {"nips", 2, {{16, 8, 4}, {32, 4, 2}}}; // Mnih et al. 2013
static const rb_trunk trunk_der = {"der", 2, {{32, 5, 5}, {64, 5, 5}}};   // van Hasselt et al. 2019
static const rb_trunk trunk_minatar = {"minatar", 1, {{16, 3, 1}}};       // Young and Tian 2019

enum { nature_least = 18 }; // pixels that trunk_nature_small needs

static const rb_trunk *trunk_of(const rb_net_spec *spec)
{
    const bool picture = spec->height > 1 || spec->width > 1;
    switch (spec->params.trunk) {
    case RB_TRUNK_NIPS:
        return &trunk_nips;
    case RB_TRUNK_DER:
        return &trunk_der;
    case RB_TRUNK_MINATAR:
        return &trunk_minatar;
    case RB_TRUNK_MLP:
        return NULL;
    case RB_TRUNK_AUTO:
        if (!picture) return NULL;
        if (spec->height < nature_least || spec->width < nature_least) return &trunk_minatar;
        break;
    default:
        break;
    }
    return spec->height <= 42 && spec->width <= 42 ? &trunk_nature_small : &trunk_nature;
}

static rb_status add_convs(rb_net *net, const rb_trunk *trunk, rb_taker *taker, rb_error *error)
{
    const int together = taker->together;
    int channels = net->spec.planes, stride = (channels + together - 1) / together * together,
        height = net->spec.height, width = net->spec.width;
    for (int i = 0; i < trunk->layers; i++) {
        const trunk_layer t = trunk->layer[i];
        if (height < t.window || width < t.window) {
            return rb_error_set(
                error, RB_ERR_USAGE,
                "net.trunk = %s: layer %d with its window of %dx%d does not fit its input of %dx%d "
                "(the observation is %dx%d); mlp fits any",
                trunk->name, i + 1, t.window, t.window, height, width, net->spec.height, net->spec.width);
        }
        rb_conv *conv = &net->conv[net->convs++];
        *conv = (rb_conv){
            .layout = {.outputs = t.outputs,
                       .channels = channels,
                       .stride = stride,
                       .height = t.window,
                       .width = t.window},
            .step = t.step,
            .in_height = height,
            .in_width = width,
            .out_height = (height - t.window) / t.step + 1,
            .out_width = (width - t.window) / t.step + 1,
            .out_stride = (t.outputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL,
            // A byte is a bf16 as it is, so its scale can wait until the weights.
            .in_scale = i == 0 && net->spec.bytes && together > 1 ? 1.0f / 255 : 1,
        };
        rb_conv_take(conv, net->trains, i == 0, taker);
        channels = t.outputs, stride = conv->out_stride, height = conv->out_height, width = conv->out_width;
    }
    return RB_OK;
}

static rb_layout vector_of(int numbers, int together)
{
    return (rb_layout){.channels = numbers,
                       .stride = (numbers + together - 1) / together * together,
                       .height = 1,
                       .width = 1};
}

// The window of a first linear layer: the convolutions' picture, or the observation as one long vector.
static rb_layout features(const rb_net *net, int together)
{
    if (net->convs) {
        const rb_conv *last = &net->conv[net->convs - 1];
        return (rb_layout){.channels = last->layout.outputs,
                           .stride = last->out_stride,
                           .height = last->out_height,
                           .width = last->out_width};
    }
    return vector_of(net->spec.planes * net->spec.height * net->spec.width, together);
}

// The transposed packs that a stage's input gradient multiplies with; layers that read the same activations
// stand side by side in each of its panels, so that one product adds them up.
static void take_turned(rb_net *net, const rb_net_stage *stage, rb_taker *taker)
{
    rb_net_layer *layers = &net->layer[stage->first];
    if (!net->trains || (layers[0].source < 0 && !net->convs)) return; // it reads the observation
    int all = 0;
    for (int i = 0; i < stage->count; i++) all += layers[i].linear.panels;
    for (int pack = 0; pack < (layers[0].linear.noise ? RB_PACKS : 1); pack++) {
        rb_unit *at = NULL;
        for (int i = 0; i < stage->count; i++) {
            rb_linear *linear = &layers[i].linear;
            const int panels = stage->shared ? all : linear->panels,
                      lines = panels * RB_PANEL / taker->together;
            linear->turned_panel = (lines | 1) * RB_PANEL;
            if (i == 0 || !stage->shared) {
                const int blocks = (linear->inputs + RB_PANEL - 1) / RB_PANEL;
                at = rb_taker_units(taker, (size_t)blocks * (size_t)linear->turned_panel);
            }
            linear->turned[pack] = at;
            if (at) at += linear->panels * RB_PANEL / taker->together * RB_PANEL;
        }
    }
}

// One layer for each of `count` streams: a stage.
static void add_stage(rb_net *net, const char *const *names, int number, const int *outputs, int count,
                      bool relu, bool noisy, rb_taker *taker)
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
            linear->layout = features(net, taker->together);
        } else {
            const int inputs = net->layer[layer->source].linear.layout.outputs;
            linear->layout = vector_of(inputs, taker->together);
        }
        linear->layout.outputs = outputs[i];
        linear->relu = relu;
        if (noisy)
            linear->noise =
                net->spec.params.noisy == RB_NOISY_FACTORISED ? RB_NOISE_FACTORISED : RB_NOISE_INDEPENDENT;
        rb_linear_take(linear, net->trains, taker);
    }
    stage.shared = count == 1 || net->layer[stage.first].source == net->layer[stage.first + 1].source;
    take_turned(net, &stage, taker);
    net->stage[net->stages++] = stage;
}

static rb_status add_mlp(rb_net *net, rb_taker *taker, rb_error *error)
{
    char text[RB_TEXT_MAX];
    rb_text_copy(text, sizeof text, net->spec.params.mlp);
    const char *names[] = {"trunk"};
    int number = 0;
    for (char *at = text; *at;) {
        char *end = at + strcspn(at, "-");
        const bool more = *end == '-';
        *end = 0;
        rb_text_trim(at);
        int64_t width;
        if (!rb_text_i64(at, &width) || width < 1 || width > 65536 || (more && !end[1])) {
            return rb_error_set(
                error, RB_ERR_USAGE,
                "net.mlp = %s: must be widths from 1 to 65536 with - between them, such as 256-256",
                net->spec.params.mlp);
        }
        if (net->linears == RB_LINEARS_MAX - 4) {
            return rb_error_set(error, RB_ERR_USAGE, "net.mlp = %s: at most %d layers", net->spec.params.mlp,
                                RB_LINEARS_MAX - 4);
        }
        add_stage(net, names, number++, &(int){(int)width}, 1, true, false, taker);
        at = end + more;
    }
    return RB_OK;
}

rb_status rb_net_build(rb_net *net, rb_taker *taker, rb_error *error)
{
    const rb_net_params *params = &net->spec.params;
    const rb_trunk *trunk = trunk_of(&net->spec);
    const rb_status status = trunk ? add_convs(net, trunk, taker, error) : add_mlp(net, taker, error);
    if (status) return status;
    static const char *const one[] = {"head"}, *const two[] = {"advantage", "value"};
    const int streams = params->dueling ? 2 : 1, hidden = (int)params->hidden;
    const char *const *names = params->dueling ? two : one;
    const bool noisy = params->noisy != RB_NOISY_OFF;
    // Side by side in a stage means that each layer reads its neighbour; a trunk's last layer is a stage of
    // one, which both streams read.
    if (hidden) add_stage(net, names, 0, (int[]){hidden, hidden}, streams, true, noisy, taker);
    const int q = net->spec.actions * net->spec.outputs;
    add_stage(net, names, hidden ? 1 : 0, (int[]){q, net->spec.outputs}, streams, false, noisy, taker);
    return RB_OK;
}

size_t rb_net_conv_gradient_at(const rb_net *net, int conv, bool bias)
{
    size_t at = 0;
    for (int i = 0; i < conv; i++) at += net->conv[i].weight.count + net->conv[i].bias.count;
    return at + (bias ? net->conv[conv].weight.count : 0);
}

size_t rb_net_conv_gradients(const rb_net *net)
{
    return rb_net_conv_gradient_at(net, net->convs, false);
}

static rb_rows part_of(rb_rows rows, int units)
{
    if (rows.data) rows.data += units;
    return rows;
}

static void take_groups(rb_tape *tape, const rb_net *net, rb_taker *taker)
{
    const int together = taker->together;
    size_t in = 0, sums = 0, out = 0;
    for (int i = 0; i < net->convs; i++) {
        const size_t numbers = rb_conv_in_numbers(&net->conv[i]), outs = rb_conv_out_numbers(&net->conv[i]);
        if (numbers > in) in = numbers;
        if (i && numbers > sums) sums = numbers;
        if (outs > out) out = outs;
    }
    for (int g = 0; g < RB_NET_GROUPS && g < tape->batch; g++) {
        rb_net_group *group = &tape->group[g];
        group->gradient = rb_taker_floats(taker, rb_net_conv_gradients(net));
        group->sums = rb_taker_floats(taker, sums);
        for (int i = 0; i < net->convs - 1; i++) {
            for (int t = 0; t < together; t++)
                group->out_gradient[i][t] =
                    rb_taker_units(taker, rb_conv_out_numbers(&net->conv[i]) / (size_t)together);
        }
        if (together == 1) continue;
        group->pair_in = rb_taker_units(taker, in);
        group->pair_gradient = rb_taker_units(taker, out);
    }
}

#define GRADIENT_KEPT (1u << 17) // numbers, which the second cache holds

// Where the norm comes from. A small layer's gradient is made once, for norm and update. For a large one Gram
// matrices cost batch^2 (inputs + outputs), the gradient itself batch * inputs * outputs a second time.
// Independent noise has no such short cut.
static void take_norm(rb_tape *tape, int i, const rb_linear *linear, rb_taker *taker)
{
    const double inputs = linear->inputs, outputs = linear->layout.outputs;
    const size_t batch = (size_t)tape->batch, numbers = rb_layout_numbers(&linear->layout, 1);
    if (numbers <= GRADIENT_KEPT) tape->gradient[i] = rb_taker_floats(taker, numbers);
    tape->by_gram[i] = numbers > GRADIENT_KEPT && linear->noise != RB_NOISE_INDEPENDENT &&
                       tape->batch * (inputs + outputs) < inputs * outputs;
    if (!tape->by_gram[i]) {
        tape->gram[i][0] = rb_taker_doubles(taker, (size_t)rb_linear_pieces(linear));
        return;
    }
    for (int g = 0; g < (linear->noise ? 4 : 2); g++)
        tape->gram[i][g] = rb_taker_doubles(taker, batch * batch);
}

static void take_stage_gradients(rb_tape *tape, const rb_net *net, int s, rb_taker *taker)
{
    const rb_net_stage *stage = &net->stage[s];
    const int batch = tape->batch, together = taker->together, pairs = (batch + together - 1) / together;
    int columns = 0;
    for (int i = 0; i < stage->count; i++) columns += net->layer[stage->first + i].linear.panels * RB_PANEL;
    const rb_rows rows = rb_taker_rows(taker, batch, (size_t)(columns / together));
    const rb_rows paired = together > 1 ? rb_taker_rows(taker, pairs, (size_t)columns) : rows;
    for (int i = 0, column = 0; i < stage->count; i++) {
        const int at = stage->first + i, source = net->layer[at].source;
        const rb_linear *linear = &net->layer[at].linear;
        tape->linear_gradient[at] = part_of(rows, column / together);
        tape->pair_y[at] = part_of(paired, column);
        column += linear->panels * RB_PANEL;
        const size_t inputs = (size_t)(linear->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
        if (together == 1 && source >= 0)
            tape->pair_x[at] = tape->linear[source];
        else
            tape->pair_x[at] =
                i && stage->shared ? tape->pair_x[at - 1] : rb_taker_rows(taker, pairs, inputs);
        take_norm(tape, at, linear, taker);
    }
    if (s == net->stages - 1) tape->last_gradient = rb_taker_floats(taker, (size_t)batch * (size_t)columns);
}

void rb_tape_build(rb_tape *tape, const rb_net *net, rb_taker *taker)
{
    const int batch = tape->batch, together = taker->together;
    const rb_net_spec *spec = &net->spec;
    tape->net = net;
    const size_t in = net->convs ? rb_conv_in_numbers(&net->conv[0])
                                 : (size_t)(net->layer[0].linear.inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
    tape->input = rb_taker_rows(taker, batch, in / (size_t)together);
    for (int i = 0; i < net->convs; i++)
        tape->conv[i] = rb_taker_rows(taker, batch, rb_conv_out_numbers(&net->conv[i]) / (size_t)together);
    if (tape->backward && net->convs)
        tape->features_gradient =
            rb_taker_rows(taker, batch, rb_conv_out_numbers(&net->conv[net->convs - 1]) / (size_t)together);
    const rb_net_stage *last = &net->stage[net->stages - 1];
    for (int i = 0; i < net->linears; i++) {
        const int columns = net->layer[i].linear.panels * RB_PANEL;
        if (i < last->first) {
            tape->linear[i] = rb_taker_rows(taker, batch, (size_t)(columns / together));
            continue;
        }
        tape->last[i - last->first] = rb_taker_floats(taker, (size_t)batch * (size_t)columns);
        tape->last_row[i - last->first] = columns;
    }
    tape->output = rb_taker_floats(taker, (size_t)batch * (size_t)spec->actions * (size_t)spec->outputs);
    if (!tape->backward) return;
    for (int s = 0; s < net->stages; s++) take_stage_gradients(tape, net, s, taker);
    if (net->convs) take_groups(tape, net, taker);
}

rb_status rb_net_create(rb_net **out, const rb_net_spec *spec, bool trains, rb_compute *compute,
                        rb_arena *arena, rb_error *error)
{
    rb_net *net = RB_TAKE(arena, rb_net, 1);
    if (!net) return rb_arena_check(arena, error);
    *net = (rb_net){.spec = *spec,
                    .compute = compute,
                    .kernels = rb_compute_family(compute),
                    .trains = trains,
                    .stale = {true, true}};
    rb_taker count = {.together = net->kernels->together}, take = {arena, 0, net->kernels->together};
    rb_net plan = *net;
    rb_status status =
        rb_net_build(&plan, &count, error); // whatever is wrong with the settings, before any memory is taken
    if (!status) status = rb_net_build(net, &take, error);
    if (!status) status = rb_arena_check(arena, error);
    if (status) return status;
    *out = net;
    return RB_OK;
}

rb_status rb_tape_create(rb_tape **out, const rb_net *net, int batch, bool backward, rb_arena *arena,
                         rb_error *error)
{
    rb_tape *tape = RB_TAKE(arena, rb_tape, 1);
    if (!tape) return rb_arena_check(arena, error);
    *tape = (rb_tape){.batch = batch, .backward = backward && net->trains, .norm = -1};
    rb_taker take = {.arena = arena, .together = net->kernels->together};
    rb_tape_build(tape, net, &take);
    *out = tape;
    return rb_arena_check(arena, error);
}

size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch)
{
    rb_taker count = {.together = 1}; // bf16 takes less
    rb_net net = {.spec = *spec, .trains = trains};
    if (rb_net_build(&net, &count, NULL)) return 0; // creating it will say why
    rb_tape tape = {.batch = batch, .backward = trains};
    rb_tape_build(&tape, &net, &count);
    return count.bytes + sizeof net + sizeof tape;
}
