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
        break;
    default:
        break;
    }
    return spec->height <= 42 && spec->width <= 42 ? &trunk_nature_small : &trunk_nature;
}

static rb_status add_convs(rb_net *net, const rb_trunk *trunk, rb_taker *taker, rb_error *error)
{
    int channels = net->spec.planes, stride = channels, height = net->spec.height, width = net->spec.width;
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
        };
        rb_conv_take(conv, net->trains, i == 0, taker);
        channels = t.outputs, stride = conv->out_stride, height = conv->out_height, width = conv->out_width;
    }
    return RB_OK;
}

// The window of a first linear layer: the convolutions' picture, or the observation as one long vector.
static rb_layout features(const rb_net *net)
{
    if (net->convs) {
        const rb_conv *last = &net->conv[net->convs - 1];
        return (rb_layout){.channels = last->layout.outputs,
                           .stride = last->out_stride,
                           .height = last->out_height,
                           .width = last->out_width};
    }
    const int numbers = net->spec.planes * net->spec.height * net->spec.width;
    return (rb_layout){.channels = numbers, .stride = numbers, .height = 1, .width = 1};
}

// One layer for each of `count` streams: a stage.
static void add_stage(rb_net *net, const char *const *names, int number, const int *outputs, int count,
                      bool relu, bool noisy, rb_taker *taker)
{
    const rb_net_stage before = net->stages ? net->stage[net->stages - 1] : (rb_net_stage){0};
    const rb_net_stage stage = {.first = net->linears, .count = count};
    for (int i = 0; i < count; i++) {
        rb_net_layer *layer = &net->layer[net->linears++];
        memset(layer, 0, sizeof *layer);
        snprintf(layer->name, sizeof layer->name, "%s.%d", names[i], number);
        layer->source = before.count == 0 ? -1 : before.count == count ? before.first + i : before.first;
        rb_linear *linear = &layer->linear;
        if (layer->source < 0) {
            linear->layout = features(net);
        } else {
            const int inputs = net->layer[layer->source].linear.layout.outputs;
            linear->layout = (rb_layout){.channels = inputs, .stride = inputs, .height = 1, .width = 1};
        }
        linear->layout.outputs = outputs[i];
        linear->relu = relu;
        if (noisy)
            linear->noise =
                net->spec.params.noisy == RB_NOISY_FACTORISED ? RB_NOISE_FACTORISED : RB_NOISE_INDEPENDENT;
        rb_linear_take(linear, net->trains, taker);
    }
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

static rb_rows take_rows(rb_taker *taker, int batch, ptrdiff_t row)
{
    return (rb_rows){.data = rb_taker_floats(taker, (size_t)batch * (size_t)row), .row = row};
}

void rb_tape_build(rb_tape *tape, const rb_net *net, rb_taker *taker)
{
    const int batch = tape->batch;
    const rb_net_spec *spec = &net->spec;
    tape->net = net;
    tape->input =
        take_rows(taker, batch, rb_row_of((size_t)spec->planes * (size_t)spec->height * (size_t)spec->width));
    for (int i = 0; i < net->convs; i++) {
        const ptrdiff_t row = rb_row_of(rb_conv_out_numbers(&net->conv[i]));
        tape->conv[i] = take_rows(taker, batch, row);
        if (tape->backward) tape->conv_gradient[i] = take_rows(taker, batch, row);
    }
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        const ptrdiff_t row = rb_row_of((size_t)linear->layout.outputs);
        tape->linear[i] = take_rows(taker, batch, row);
        if (!tape->backward) continue;
        tape->linear_gradient[i] = take_rows(taker, batch, row);
        // Gram matrices cost batch^2 (inputs + outputs), the gradient itself batch * inputs * outputs.
        // Independent noise has no such short cut.
        const double inputs = linear->inputs, outputs = linear->layout.outputs;
        tape->by_gram[i] =
            linear->noise != RB_NOISE_INDEPENDENT && batch * (inputs + outputs) < inputs * outputs;
        if (tape->by_gram[i]) {
            for (int g = 0; g < (linear->noise ? 4 : 2); g++)
                tape->gram[i][g] = rb_taker_doubles(taker, (size_t)batch * (size_t)batch);
        } else {
            tape->gram[i][0] = rb_taker_doubles(taker, (size_t)rb_linear_pieces(linear));
        }
    }
    tape->output = rb_taker_floats(taker, (size_t)batch * (size_t)spec->actions * (size_t)spec->outputs);
    for (int g = 0; tape->backward && net->convs && g < RB_NET_GROUPS && g < batch; g++) {
        tape->group[g] = rb_taker_floats(taker, rb_net_conv_gradients(net));
    }
}

rb_status rb_net_create(rb_net **out, const rb_net_spec *spec, bool trains, rb_compute *compute,
                        rb_arena *arena, rb_error *error)
{
    rb_net *net = RB_TAKE(arena, rb_net, 1);
    if (!net) return rb_arena_check(arena, error);
    *net = (rb_net){.spec = *spec, .compute = compute, .trains = trains, .stale = true};
    rb_taker count = {0}, take = {.arena = arena};
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
    rb_taker take = {.arena = arena};
    rb_tape_build(tape, net, &take);
    *out = tape;
    return rb_arena_check(arena, error);
}

size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch)
{
    rb_taker count = {0};
    rb_net net = {.spec = *spec, .trains = trains};
    if (rb_net_build(&net, &count, NULL)) return 0; // creating it will say why
    rb_tape tape = {.batch = batch, .backward = trains};
    rb_tape_build(&tape, &net, &count);
    return count.bytes + sizeof net + sizeof tape;
}
