// Forward and backward. Work is cut into pieces that the shapes alone fix, so any number of threads gives the
// same bits:
//
//     convolutions     forward: a sample a piece, from its bytes through all layers, so that activations stay
//                      in the second cache;
//                      backward: RB_NET_GROUPS groups of samples, each adding to a gradient of its own; then
//                      the groups' sum, in order
//     linear layers    forward: 32 outputs a piece; input gradient: 96 inputs a piece
#include <assert.h>
#include <string.h>

#include "nn/net_impl.h"

typedef struct pass {
    rb_net *net;
    rb_tape *tape;
    const rb_kernels *kernels;
    const uint8_t *bytes;
    const float *floats;
    int stage;
} pass;

static pass pass_of(rb_net *net, rb_tape *tape)
{
    return (pass){.net = net, .tape = tape, .kernels = rb_compute_family(net->compute)};
}

rb_rows rb_tape_source(const rb_tape *tape, int source)
{
    if (source >= 0) return tape->linear[source];
    return tape->net->convs ? tape->conv[tape->net->convs - 1] : tape->input;
}

static rb_linear_pass linear_pass(const pass *p, int i, bool backward)
{
    rb_net_layer *layer = &p->net->layer[i];
    return (rb_linear_pass){
        .linear = &layer->linear,
        .kernels = p->kernels,
        .x = rb_tape_source(p->tape, layer->source),
        .y = backward ? p->tape->linear_gradient[i] : p->tape->linear[i],
        .count = p->tape->count,
        .noise = p->tape->noise,
    };
}

// Which linear layer of the stage, and which of its pieces, is piece number *piece of the stage.
static int layer_of_piece(const pass *p, int *piece)
{
    int i = p->net->stage[p->stage].first;
    while (*piece >= rb_linear_pieces(&p->net->layer[i].linear))
        *piece -= rb_linear_pieces(&p->net->layer[i++].linear);
    return i;
}

// --- forward ---

static void compose_piece(void *context, int piece)
{
    const pass *p = context;
    int i = 0;
    for (;; i++) {
        const rb_linear *linear = &p->net->layer[i].linear;
        const int pieces = linear->noise ? rb_linear_pieces(linear) : 0;
        if (piece < pieces) break;
        piece -= pieces;
    }
    rb_linear_compose(&p->net->layer[i].linear, p->kernels, piece);
}

static void compose(pass *p)
{
    int pieces = 0;
    double numbers = 0;
    for (int i = 0; i < p->net->linears; i++) {
        const rb_linear *linear = &p->net->layer[i].linear;
        if (!linear->noise) continue;
        pieces += rb_linear_pieces(linear);
        numbers += (double)linear->weight.count;
    }
    rb_compute_for(p->net->compute, compose_piece, p, pieces, numbers);
    p->net->stale = false;
}

static void convs_piece(void *context, int sample)
{
    const pass *p = context;
    const rb_net_spec *spec = &p->net->spec;
    const int pixels = spec->height * spec->width;
    const ptrdiff_t at = (ptrdiff_t)sample * spec->planes * pixels;
    const float *in = p->tape->input.data + sample * p->tape->input.row;
    if (p->bytes) {
        p->kernels->picture(p->bytes + at, spec->planes, pixels, 1.0f / 255, (float *)in);
    } else {
        rb_picture_floats(p->floats + at, spec->planes, pixels, (float *)in);
    }
    for (int i = 0; i < p->net->convs; i++) {
        float *out = p->tape->conv[i].data + sample * p->tape->conv[i].row;
        rb_conv_forward(&p->net->conv[i], p->kernels, in, out);
        in = out;
    }
}

static void stage_piece(void *context, int piece)
{
    const pass *p = context;
    const int i = layer_of_piece(p, &piece);
    const rb_linear_pass linear = linear_pass(p, i, false);
    rb_linear_forward(&linear, piece);
}

static void read_vectors(const pass *p)
{
    const rb_net_spec *spec = &p->net->spec;
    const rb_rows to = p->tape->input;
    const int numbers = spec->planes * spec->height * spec->width;
    if (p->bytes) {
        rb_rows_spread_bytes(p->bytes, p->tape->count, numbers, 1.0f / 255, to.data, to.row);
    } else {
        rb_rows_spread(p->floats, p->tape->count, numbers, to.data, to.row);
    }
}

static double convs_work(const rb_net *net)
{
    double work = 0;
    for (int i = 0; i < net->convs; i++) work += rb_conv_work(&net->conv[i]);
    return work;
}

static void run_stage(pass *p, int stage)
{
    int pieces = 0;
    double work = 0;
    for (int i = 0; i < p->net->stage[stage].count; i++) {
        const rb_linear *linear = &p->net->layer[p->net->stage[stage].first + i].linear;
        pieces += rb_linear_pieces(linear);
        work += (double)linear->weight.count * p->tape->count;
    }
    p->stage = stage;
    rb_compute_for(p->net->compute, stage_piece, p, pieces, work);
}

static bool any_noisy(const rb_net *net)
{
    return net->spec.params.noisy != RB_NOISY_OFF;
}

const float *rb_net_forward(rb_net *net, rb_tape *tape, const void *observations, int count, bool noise)
{
    assert(tape->net == net && count > 0 && count <= tape->batch);
    pass p = pass_of(net, tape);
    if (net->spec.bytes) {
        p.bytes = observations;
    } else {
        p.floats = observations;
    }
    tape->count = count;
    tape->noise = noise && any_noisy(net);
    tape->norm = -1;
    if (tape->noise && net->trains && net->stale) compose(&p);
    if (net->convs) {
        rb_compute_for(net->compute, convs_piece, &p, count, convs_work(net) * count);
    } else {
        read_vectors(&p);
    }
    for (int i = 0; i < net->stages; i++) run_stage(&p, i);

    const rb_rows *last = &tape->linear[net->stage[net->stages - 1].first];
    const int actions = net->spec.actions, outputs = net->spec.outputs;
    if (net->spec.params.dueling) {
        rb_dueling_join(last[0].data, last[0].row, last[1].data, last[1].row, count, actions, outputs,
                        tape->output);
    } else {
        rb_rows_pack(last[0].data, last[0].row, count, actions * outputs, tape->output);
    }
    return tape->output;
}

// --- backward ---

// Gradient of the activations that this stage reads, for a block of them. Streams that read the same ones add
// up, in their order.
static void input_gradient_piece(void *context, int piece)
{
    const pass *p = context;
    const rb_net_stage stage = p->net->stage[p->stage];
    const rb_net_layer *layers = &p->net->layer[stage.first];
    const int blocks = rb_linear_input_pieces(&layers[0].linear);
    const bool shared = stage.count == 1 || layers[0].source == layers[1].source;
    const int first = shared ? 0 : piece / blocks, last = shared ? stage.count - 1 : first;
    const int block = piece % blocks, source = layers[first].source;
    const rb_rows to =
        source >= 0 ? p->tape->linear_gradient[source] : p->tape->conv_gradient[p->net->convs - 1];
    for (int i = first; i <= last; i++) {
        const rb_linear_pass linear = linear_pass(p, stage.first + i, true);
        rb_linear_input_gradient(&linear, to, i > first, block);
    }
    // Everything before a linear layer ends in a ReLU.
    const rb_rows activation = rb_tape_source(p->tape, source);
    const int at = block * RB_LINEAR_BLOCK, left = layers[first].linear.inputs - at;
    const size_t count = (size_t)(left < RB_LINEAR_BLOCK ? left : RB_LINEAR_BLOCK);
    for (int b = 0; b < p->tape->count; b++) {
        p->kernels->relu_mask(to.data + b * to.row + at, activation.data + b * activation.row + at, count);
    }
}

static void stage_backward(pass *p, int stage)
{
    const rb_net_stage s = p->net->stage[stage];
    const rb_net_layer *layers = &p->net->layer[s.first];
    if (layers[0].source < 0 && !p->net->convs) return; // it reads the observation
    const bool shared = s.count == 1 || layers[0].source == layers[1].source;
    double work = 0;
    for (int i = 0; i < s.count; i++) work += (double)layers[i].linear.weight.count * p->tape->count;
    p->stage = stage;
    rb_compute_for(p->net->compute, input_gradient_piece, p,
                   rb_linear_input_pieces(&layers[0].linear) * (shared ? 1 : s.count), work);
}

static int groups_of(const rb_tape *tape)
{
    return tape->count < RB_NET_GROUPS ? tape->count : RB_NET_GROUPS;
}

static void convs_backward_piece(void *context, int group)
{
    const pass *p = context;
    const rb_net *net = p->net;
    const rb_tape *tape = p->tape;
    const int groups = groups_of(tape), first = group * tape->count / groups,
              end = (group + 1) * tape->count / groups;
    for (int sample = first; sample < end; sample++) {
        for (int i = net->convs - 1; i >= 0; i--) {
            const rb_conv *conv = &net->conv[i];
            const rb_rows in = i ? tape->conv[i - 1] : tape->input;
            const float *out_gradient = tape->conv_gradient[i].data + sample * tape->conv_gradient[i].row;
            float *gradient = tape->group[group];
            rb_conv_weight_gradient(conv, p->kernels, in.data + sample * in.row, out_gradient,
                                    gradient + rb_net_conv_gradient_at(net, i, false),
                                    gradient + rb_net_conv_gradient_at(net, i, true), sample > first);
            if (i == 0) continue;
            float *in_gradient = tape->conv_gradient[i - 1].data + sample * tape->conv_gradient[i - 1].row;
            rb_conv_input_gradient(conv, p->kernels, out_gradient, in_gradient);
            p->kernels->relu_mask(in_gradient, in.data + sample * in.row, rb_conv_in_numbers(conv));
        }
    }
}

#define SUM_PIECE 4096

static void sum_groups_piece(void *context, int piece)
{
    const pass *p = context;
    const size_t total = rb_net_conv_gradients(p->net), at = (size_t)piece * SUM_PIECE, left = total - at;
    for (int g = 1; g < groups_of(p->tape); g++) {
        p->kernels->add(p->tape->group[0] + at, p->tape->group[g] + at, left < SUM_PIECE ? left : SUM_PIECE);
    }
}

void rb_net_backward(rb_net *net, rb_tape *tape, const float *output_gradient)
{
    assert(tape->backward && tape->count > 0);
    pass p = pass_of(net, tape);
    tape->norm = -1;
    const rb_rows *last = &tape->linear_gradient[net->stage[net->stages - 1].first];
    const int actions = net->spec.actions, outputs = net->spec.outputs;
    if (net->spec.params.dueling) {
        rb_dueling_split(output_gradient, tape->count, actions, outputs, last[0].data, last[0].row,
                         last[1].data, last[1].row);
    } else {
        rb_rows_spread(output_gradient, tape->count, actions * outputs, last[0].data, last[0].row);
    }
    for (int i = net->stages - 1; i >= 0; i--) stage_backward(&p, i);
    if (!net->convs) return;
    rb_compute_for(net->compute, convs_backward_piece, &p, groups_of(tape),
                   2 * convs_work(net) * tape->count);
    const size_t numbers = rb_net_conv_gradients(net);
    rb_compute_for(net->compute, sum_groups_piece, &p, (int)((numbers + SUM_PIECE - 1) / SUM_PIECE),
                   (double)numbers * groups_of(tape));
}

// --- noise ---

typedef struct draw_pass {
    rb_net *net;
    const rb_kernels *kernels;
    uint32_t key[RB_LINEARS_MAX][2];
} draw_pass;

static void draw_piece(void *context, int piece)
{
    const draw_pass *p = context;
    int i = 0;
    for (;; i++) {
        const rb_linear *linear = &p->net->layer[i].linear;
        const int pieces = linear->noise ? rb_linear_draw_pieces(linear) : 0;
        if (piece < pieces) break;
        piece -= pieces;
    }
    rb_linear_draw(&p->net->layer[i].linear, p->kernels, p->key[i], piece);
}

void rb_net_draw_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw)
{
    draw_pass p = {.net = net, .kernels = rb_compute_family(net->compute)};
    int pieces = 0;
    double numbers = 0;
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (!linear->noise) continue;
        rb_rng rng = rb_rng_stream(seed, purpose, draw * RB_LINEARS_MAX + (uint64_t)i);
        p.key[i][0] = rb_rng_u32(&rng);
        p.key[i][1] = rb_rng_u32(&rng);
        pieces += rb_linear_draw_pieces(linear);
        numbers += linear->noise == RB_NOISE_INDEPENDENT ? (double)linear->weight.count : linear->inputs;
    }
    if (!pieces) return;
    rb_compute_for(net->compute, draw_piece, &p, pieces, 8 * numbers);
    net->drawn = net->stale = true;
    net->draw_seed = seed, net->draw = draw, net->draw_purpose = (uint32_t)purpose;
}

bool rb_net_is_noisy(const rb_net *net)
{
    return any_noisy(net);
}
