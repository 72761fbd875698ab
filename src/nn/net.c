// Forward and backward. Work is cut into pieces that the shapes alone fix, so any number of threads gives the
// same bits:
//
//     convolutions     forward: a sample a piece, from its bytes through all layers, so that activations stay
//                      in the second cache;
//                      backward: RB_NET_GROUPS groups of samples, each adding to a gradient of its own; then
//                      the groups' sum, in order
//     linear layers    forward: 32 outputs a piece; input gradient: 96 inputs a piece
//
// Several passes, of one network or of two of one shape, run side by side: a piece of a linear layer serves
// all passes of its network, while its weights are near.
#include <assert.h>
#include <string.h>

#include "nn/net_impl.h"

rb_rows rb_tape_source(const rb_tape *tape, int source)
{
    if (source >= 0) return tape->linear[source];
    return tape->net->convs ? tape->conv[tape->net->convs - 1] : tape->input;
}

static int pack_of(const rb_net *net, bool noise)
{
    return noise && net->spec.params.noisy != RB_NOISY_OFF ? RB_PACK_NOISY : RB_PACK_MEANS;
}

bool rb_net_is_noisy(const rb_net *net)
{
    return net->spec.params.noisy != RB_NOISY_OFF;
}

// The weights of which pass are used for `pack` in that layer: one without noise has only means.
static int layer_pack(const rb_linear *linear, int pack)
{
    return linear->noise ? pack : RB_PACK_MEANS;
}

rb_linear_pass rb_net_backward_pass(const rb_net *net, const rb_tape *tape, int i)
{
    const rb_net_layer *layer = &net->layer[i];
    return (rb_linear_pass){
        .linear = (rb_linear *)&layer->linear,
        .kernels = net->kernels,
        .x = rb_tape_source(tape, layer->source),
        .y = tape->linear_gradient[i],
        .pair_x = tape->pair_x[i],
        .pair_y = tape->pair_y[i],
        .count = tape->count,
        .pack = layer_pack(&layer->linear, tape->pack),
        .draw = tape->draw,
        .next = net->draw,
    };
}

// --- forward ---

typedef struct forward {
    const rb_forward *passes;
    int count, stage;
} forward;

// Is this the first pass of its network?
static bool is_first(const forward *f, int pass)
{
    for (int i = 0; i < pass; i++) {
        if (f->passes[i].net == f->passes[pass].net) return false;
    }
    return true;
}

// Panels that are to be packed before the pass can use them.
static int stale_panels(const forward *f, int pass)
{
    const rb_net *net = f->passes[pass].net;
    const int pack = f->passes[pass].tape->pack;
    if (!net->stale[pack] || net->updating) return 0;
    for (int i = 0; i < pass; i++) {
        if (f->passes[i].net == net && f->passes[i].tape->pack == pack) return 0;
    }
    int panels = 0;
    for (int i = 0; i < net->linears; i++) panels += net->layer[i].linear.panels;
    return panels;
}

static void compose_panel(const rb_net *net, int pack, int panel)
{
    int i = 0;
    for (; panel >= net->layer[i].linear.panels; i++) panel -= net->layer[i].linear.panels;
    const rb_linear *linear = &net->layer[i].linear;
    rb_linear_compose(linear, net->kernels, layer_pack(linear, pack), net->draw, panel);
}

static void read_picture(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int pixels = spec->height * spec->width, channels = net->conv[0].layout.stride;
    const ptrdiff_t at = (ptrdiff_t)sample * spec->planes * pixels;
    rb_unit *to = rb_rows_at(pass->tape->input, sample);
    if (spec->bytes) {
        const float scale = net->conv[0].in_scale == 1 ? 1.0f / 255 : 1;
        net->kernels->picture((const uint8_t *)pass->observations + at, spec->planes, channels, pixels, scale,
                              to);
        return;
    }
    float *line = (float *)to; // as many floats as units, or a line at a time
    if (net->kernels->together == 1) {
        rb_picture_floats((const float *)pass->observations + at, spec->planes, channels, pixels, line);
        return;
    }
    for (int i = 0; i < pixels; i++) {
        float pixel[RB_PLANES_MAX];
        for (int c = 0; c < channels; c++)
            pixel[c] =
                c < spec->planes ? ((const float *)pass->observations)[at + (ptrdiff_t)c * pixels + i] : 0;
        net->kernels->round(to + (ptrdiff_t)i * channels / 2, pixel, (size_t)channels);
    }
}

static void read_vector(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int numbers = spec->planes * spec->height * spec->width;
    enum { SOME = 1024 };
    float some[SOME];
    for (int at = 0; at < numbers; at += SOME) {
        const int count = numbers - at < SOME ? numbers - at : SOME, even = count + count % 2;
        const ptrdiff_t from = (ptrdiff_t)sample * numbers + at;
        some[even - 1] = 0;
        if (spec->bytes)
            rb_bytes_scale((const uint8_t *)pass->observations + from, 1.0f / 255, some, (size_t)count);
        else
            memcpy(some, (const float *)pass->observations + from, (size_t)count * sizeof(float));
        net->kernels->round(rb_rows_at(pass->tape->input, sample) + at / net->kernels->together, some,
                            (size_t)(net->kernels->together == 1 ? count : even));
    }
}

static void sample_through_trunk(const rb_forward *pass, int sample)
{
    const rb_net *net = pass->net;
    if (!net->convs) {
        read_vector(net, pass, sample);
        return;
    }
    read_picture(net, pass, sample);
    const rb_unit *in = rb_rows_at(pass->tape->input, sample);
    for (int i = 0; i < net->convs; i++) {
        rb_unit *out = rb_rows_at(pass->tape->conv[i], sample);
        rb_conv_forward(&net->conv[i], net->kernels, in, out);
        in = out;
    }
}

static void trunk_piece(void *context, int piece)
{
    const forward *f = context;
    for (int i = 0; i < f->count; i++) {
        const int panels = stale_panels(f, i);
        if (piece < panels) {
            compose_panel(f->passes[i].net, f->passes[i].tape->pack, piece);
            return;
        }
        piece -= panels;
    }
    int i = 0;
    for (; piece >= f->passes[i].count; i++) piece -= f->passes[i].count;
    sample_through_trunk(&f->passes[i], piece);
}

static double trunk_work(const rb_net *net)
{
    double work = 0;
    for (int i = 0; i < net->convs; i++) work += rb_conv_work(&net->conv[i]);
    return work;
}

void rb_net_forward_trunk(const rb_forward *passes, int count)
{
    const forward f = {.passes = passes, .count = count};
    rb_job job = {.phase = "forward, trunk", .fn = trunk_piece, .context = (void *)&f};
    for (int i = 0; i < count; i++) {
        const rb_forward *pass = &passes[i];
        rb_tape *tape = pass->tape;
        assert(tape->net == pass->net && pass->count > 0 && pass->count <= tape->batch);
        tape->count = pass->count;
        tape->pack = pack_of(pass->net, pass->noise);
        tape->norm = -1;
        if (pass->net->stale[tape->pack]) rb_net_finish(pass->net);
    }
    for (int i = 0; i < count; i++) {
        const int panels = stale_panels(&f, i);
        for (int j = 0; panels && j < passes[i].net->linears; j++)
            job.bytes += rb_linear_compose_bytes(&passes[i].net->layer[j].linear);
        job.pieces += panels + passes[i].count;
        job.products += trunk_work(passes[i].net) * passes[i].count;
    }
    rb_compute_for(passes[0].net->compute, &job);
    for (int i = 0; i < count; i++) {
        if (!passes[i].net->updating) passes[i].net->stale[passes[i].tape->pack] = false;
    }
}

static void stage_piece(void *context, int piece)
{
    const forward *f = context;
    int first = 0, i;
    const rb_net *net;
    for (;; first++) { // the network whose piece it is, and the layer
        if (!is_first(f, first)) continue;
        net = f->passes[first].net;
        const rb_net_stage *stage = &net->stage[f->stage];
        for (i = stage->first; i < stage->first + stage->count; i++) {
            const int pieces = rb_linear_pieces(&net->layer[i].linear);
            if (piece < pieces) break;
            piece -= pieces;
        }
        if (i < stage->first + stage->count) break;
    }
    const bool last = f->stage == net->stages - 1;
    const int stream = i - net->stage[f->stage].first;
    for (int p = first; p < f->count; p++) {
        const rb_forward *pass = &f->passes[p];
        if (pass->net != net) continue;
        const rb_linear_pass linear = {
            .linear = &pass->net->layer[i].linear,
            .kernels = net->kernels,
            .x = rb_tape_source(pass->tape, net->layer[i].source),
            .y = pass->tape->linear[i],
            .y_f32 = last ? pass->tape->last[stream] : NULL,
            .y_f32_row = last ? pass->tape->last_row[stream] : 0,
            .count = pass->count,
            .pack = layer_pack(&net->layer[i].linear, pass->tape->pack),
        };
        rb_linear_forward(&linear, piece);
    }
}

static void run_stage(forward *f, int stage)
{
    rb_job job = {.phase = "forward, linear", .fn = stage_piece, .context = f};
    for (int p = 0; p < f->count; p++) {
        const rb_net *net = f->passes[p].net;
        for (int i = 0; i < net->stage[stage].count; i++) {
            const rb_linear *linear = &net->layer[net->stage[stage].first + i].linear;
            if (is_first(f, p)) job.pieces += rb_linear_pieces(linear);
            job.products += (double)rb_layout_numbers(&linear->layout, 1) * f->passes[p].count;
        }
    }
    f->stage = stage;
    rb_compute_for(f->passes[0].net->compute, &job);
}

void rb_net_forward_head(const rb_forward *passes, int count)
{
    forward f = {.passes = passes, .count = count};
    for (int i = 0; i < count; i++) {
        const rb_forward *pass = &passes[i];
        rb_net_finish(pass->net);
        assert(!pass->net->stale[pass->tape->pack]);
        pass->tape->draw = pass->net->draw;
        pass->tape->draws = pass->net->draws;
    }
    for (int i = 0; i < passes[0].net->stages; i++) run_stage(&f, i);
    for (int i = 0; i < count; i++) {
        const rb_tape *tape = passes[i].tape;
        const rb_net_spec *spec = &passes[i].net->spec;
        if (spec->params.dueling) {
            rb_dueling_join(tape->last[0], tape->last_row[0], tape->last[1], tape->last_row[1], tape->count,
                            spec->actions, spec->outputs, tape->output);
        } else {
            rb_rows_pack(tape->last[0], tape->last_row[0], tape->count, spec->actions * spec->outputs,
                         tape->output);
        }
    }
}

const float *rb_tape_output(const rb_tape *tape)
{
    return tape->output;
}

const float *rb_net_forward(rb_net *net, rb_tape *tape, const void *observations, int count, bool noise)
{
    const rb_forward pass = {net, tape, observations, count, noise};
    rb_net_finish(net);
    rb_net_forward_trunk(&pass, 1);
    rb_net_forward_head(&pass, 1);
    return tape->output;
}

// --- backward ---

typedef struct backward {
    const rb_net *net;
    rb_tape *tape;
    int stage;
} backward;

#define INPUT_BLOCKS 6 // of 16 inputs: a piece of an input gradient

static int input_pieces(const rb_linear *linear)
{
    const int block = INPUT_BLOCKS * RB_PANEL;
    return (linear->inputs + block - 1) / block;
}

// Gradient of the activations that this stage reads, for a block of them. Streams that read the same ones
// stand side by side in gradients and weights, so one product adds them up. Everything before a linear layer
// ends in a ReLU.
static void input_gradient_piece(void *context, int piece)
{
    const backward *b = context;
    const rb_net *net = b->net;
    const rb_tape *tape = b->tape;
    const rb_net_stage *stage = &net->stage[b->stage];
    const int pieces = input_pieces(&net->layer[stage->first].linear), stream = piece / pieces;
    const int i = stage->first + stream, together = net->kernels->together;
    const rb_linear *linear = &net->layer[i].linear;
    const int source = net->layer[i].source, block = piece % pieces * INPUT_BLOCKS;
    const int left = (linear->inputs + RB_PANEL - 1) / RB_PANEL - block;
    int panels = linear->panels;
    for (int other = 1; stage->shared && other < stage->count; other++)
        panels += net->layer[i + other].linear.panels;
    const rb_rows to = source >= 0 ? tape->linear_gradient[source] : tape->features_gradient;
    const rb_rows activation = rb_tape_source(tape, source);
    net->kernels->gemm(&(rb_gemm){
        .a = tape->linear_gradient[i].data,
        .a_row = tape->linear_gradient[i].row,
        .lines = 1,
        .rows = tape->count,
        .segments = 1,
        .length = panels * RB_PANEL / together,
        .w = linear->turned[layer_pack(linear, tape->pack)] + block * linear->turned_panel,
        .w_panel = linear->turned_panel,
        .panels = left < INPUT_BLOCKS ? left : INPUT_BLOCKS,
        .out = to.data + block * RB_PANEL / together,
        .out_row = to.row,
        .mask = activation.data + block * RB_PANEL / together,
        .mask_row = activation.row,
    });
}

static void stage_backward(backward *b, int stage)
{
    const rb_net *net = b->net;
    const rb_net_stage s = net->stage[stage];
    const rb_net_layer *layers = &net->layer[s.first];
    if (layers[0].source < 0 && !net->convs) return; // it reads the observation
    rb_job job = {.phase = "backward, linear",
                  .fn = input_gradient_piece,
                  .context = b,
                  .pieces = input_pieces(&layers[0].linear) * (s.shared ? 1 : s.count)};
    for (int i = 0; i < s.count; i++)
        job.products += (double)rb_layout_numbers(&layers[i].linear.layout, 1) * b->tape->count;
    b->stage = stage;
    rb_compute_for(net->compute, &job);
}

int rb_net_groups(const rb_tape *tape)
{
    return tape->count < RB_NET_GROUPS ? tape->count : RB_NET_GROUPS;
}

// Where group g's samples begin: at pairs, so that no pair is cut.
static int group_start(const rb_tape *tape, int together, int g)
{
    const int pairs = (tape->count + together - 1) / together, groups = rb_net_groups(tape);
    const int sample = (int)((int64_t)g * pairs / groups) * together;
    return sample < tape->count ? sample : tape->count;
}

static rb_unit *conv_gradient_at(const backward *b, const rb_net_group *group, int conv, int sample, int t)
{
    if (conv == b->net->convs - 1) return rb_rows_at(b->tape->features_gradient, sample);
    return group->out_gradient[conv][t];
}

// One pair through one layer: adds its weight gradient, and hands the gradient on.
static void pair_through_conv(const backward *b, rb_net_group *group, int i, int sample, int samples,
                              bool add)
{
    const rb_net *net = b->net;
    const rb_kernels *kernels = net->kernels;
    const rb_conv *conv = &net->conv[i];
    const rb_rows in = i ? b->tape->conv[i - 1] : b->tape->input;
    float *weight = group->gradient + rb_net_conv_gradient_at(net, i, false),
          *bias = group->gradient + rb_net_conv_gradient_at(net, i, true);
    const rb_unit *x = rb_rows_at(in, sample), *y = conv_gradient_at(b, group, i, sample, 0);
    for (int t = 0; t < samples; t++) {
        const rb_unit *gradient = conv_gradient_at(b, group, i, sample + t, t);
        rb_conv_bias_gradient(conv, kernels, gradient, bias, add || t > 0);
        if (i > 0) {
            rb_conv_input_gradient(conv, kernels, gradient, rb_rows_at(in, sample + t), group->sums,
                                   group->out_gradient[i - 1][t]);
        }
    }
    if (kernels->together == 2) {
        const bool both = samples == 2;
        kernels->pair(group->pair_in, x, both ? rb_rows_at(in, sample + 1) : NULL, rb_conv_in_numbers(conv));
        kernels->pair(group->pair_gradient, y, both ? conv_gradient_at(b, group, i, sample + 1, 1) : NULL,
                      rb_conv_out_numbers(conv));
        x = group->pair_in, y = group->pair_gradient;
    }
    rb_conv_weight_gradient(conv, kernels, x, y, weight, add);
}

static void group_through_convs(backward *b, int g)
{
    const int together = b->net->kernels->together;
    const int first = group_start(b->tape, together, g), end = group_start(b->tape, together, g + 1);
    rb_net_group *group = &b->tape->group[g];
    if (first == end) memset(group->gradient, 0, rb_net_conv_gradients(b->net) * sizeof(float));
    for (int sample = first; sample < end; sample += together) {
        const int samples = end - sample < together ? end - sample : together;
        for (int i = b->net->convs - 1; i >= 0; i--)
            pair_through_conv(b, group, i, sample, samples, sample > first);
    }
}

// What the update sums over, a pair of samples a piece: where a unit is two numbers, linear layers' inputs
// and gradients side by side; and in any format the features of the trunk, since the next batch may write its
// own there while the update is under way.
static void pair_rows(const backward *b, int pair)
{
    const rb_tape *tape = b->tape;
    const rb_kernels *kernels = b->net->kernels;
    const int together = kernels->together, first = pair * together;
    const bool both = first + 1 < tape->count && together == 2;
    for (int i = 0; i < b->net->linears; i++) {
        const rb_linear *linear = &b->net->layer[i].linear;
        const rb_rows x = rb_tape_source(tape, b->net->layer[i].source), y = tape->linear_gradient[i];
        const bool done = i > 0 && tape->pair_x[i].data == tape->pair_x[i - 1].data;
        if (tape->pair_x[i].data != x.data && !done) {
            kernels->pair(rb_rows_at(tape->pair_x[i], pair), rb_rows_at(x, first),
                          both ? rb_rows_at(x, first + 1) : NULL,
                          (size_t)(linear->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL);
        }
        if (tape->pair_y[i].data == y.data) continue;
        kernels->pair(rb_rows_at(tape->pair_y[i], pair), rb_rows_at(y, first),
                      both ? rb_rows_at(y, first + 1) : NULL, (size_t)linear->panels * RB_PANEL);
    }
}

static void trunk_backward_piece(void *context, int piece)
{
    backward *b = context;
    const int groups = b->net->convs ? rb_net_groups(b->tape) : 0;
    if (piece < groups)
        group_through_convs(b, piece);
    else
        pair_rows(b, piece - groups);
}

#define SUM_PIECE 4096

static void sum_groups_piece(void *context, int piece)
{
    const backward *b = context;
    const size_t total = rb_net_conv_gradients(b->net), at = (size_t)piece * SUM_PIECE, left = total - at;
    for (int g = 1; g < rb_net_groups(b->tape); g++) {
        b->net->kernels->add(b->tape->group[0].gradient + at, b->tape->group[g].gradient + at,
                             left < SUM_PIECE ? left : SUM_PIECE);
    }
}

static void read_output_gradient(const backward *b, const float *output_gradient)
{
    const rb_net *net = b->net;
    const rb_tape *tape = b->tape;
    const rb_net_stage *stage = &net->stage[net->stages - 1];
    const int actions = net->spec.actions, outputs = net->spec.outputs, q = actions * outputs;
    float *at = tape->last_gradient;
    int columns = 0;
    for (int i = 0; i < stage->count; i++) columns += net->layer[stage->first + i].linear.panels * RB_PANEL;
    const int value_at = net->layer[stage->first].linear.panels * RB_PANEL;
    if (net->spec.params.dueling) {
        rb_dueling_split(output_gradient, tape->count, actions, outputs, at, columns, at + value_at, columns);
    } else {
        for (int s = 0; s < tape->count; s++)
            memcpy(at + s * columns, output_gradient + (ptrdiff_t)s * q, (size_t)q * sizeof(float));
    }
    for (int s = 0; s < tape->count; s++)
        net->kernels->round(rb_rows_at(tape->linear_gradient[stage->first], s), at + s * columns,
                            (size_t)columns);
}

void rb_net_backward(rb_net *net, rb_tape *tape, const float *output_gradient)
{
    assert(tape->backward && tape->count > 0);
    backward b = {.net = net, .tape = tape};
    tape->norm = -1;
    read_output_gradient(&b, output_gradient);
    for (int i = net->stages - 1; i >= 0; i--) stage_backward(&b, i);
    const int together = net->kernels->together, pairs = (tape->count + together - 1) / together;
    double products = 0; // of the weights' gradients, and of the inputs' but for the first layer
    for (int i = 0; i < net->convs; i++) products += (i ? 2 : 1) * rb_conv_work(&net->conv[i]) * tape->count;
    rb_compute_for(net->compute, &(rb_job){.phase = "backward, trunk",
                                           .fn = trunk_backward_piece,
                                           .context = &b,
                                           .pieces = (net->convs ? rb_net_groups(tape) : 0) + pairs,
                                           .products = products});
    if (!net->convs) return;
    const size_t numbers = rb_net_conv_gradients(net);
    rb_compute_for(net->compute, &(rb_job){.phase = "backward, sums of groups",
                                           .fn = sum_groups_piece,
                                           .context = &b,
                                           .pieces = (int)((numbers + SUM_PIECE - 1) / SUM_PIECE),
                                           .products = (double)numbers * rb_net_groups(tape)});
    if (net->conv[0].in_scale != 1)
        rb_floats_scale(tape->group[0].gradient, net->conv[0].in_scale, net->conv[0].weight.count);
}

// --- noise ---

typedef struct draw_pass {
    rb_net *net;
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
    rb_linear_draw(&p->net->layer[i].linear, p->net->kernels, p->net->draw, p->key[i], piece);
}

void rb_net_draw_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw)
{
    draw_pass p = {.net = net};
    rb_job job = {.phase = "noise", .fn = draw_piece, .context = &p};
    rb_net_finish(net);
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (!linear->noise) continue;
        rb_rng rng = rb_rng_stream(seed, purpose, draw * RB_LINEARS_MAX + (uint64_t)i);
        p.key[i][0] = rb_rng_u32(&rng);
        p.key[i][1] = rb_rng_u32(&rng);
        job.pieces += rb_linear_draw_pieces(linear);
        job.products +=
            8 * (linear->noise == RB_NOISE_INDEPENDENT ? (double)rb_layout_numbers(&linear->layout, 1)
                                                       : linear->inputs);
    }
    if (!job.pieces) return;
    net->draw = (net->draw + 1) % RB_DRAWS;
    net->draws++;
    rb_compute_for(net->compute, &job);
    net->drawn = net->stale[RB_PACK_NOISY] = true;
    net->draw_seed = seed, net->draw_number = draw, net->draw_purpose = (uint32_t)purpose;
}
