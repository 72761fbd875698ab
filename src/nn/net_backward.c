// Backward: from the gradient with respect to the outputs to the arrays from which the parameters' gradients
// are summed. The pieces depend only on the shapes:
//
//     linear layers    input gradient: 96 inputs per piece; their normalisations: one sample or 64 outputs
//                      per piece
//     nodes            RB_NET_GROUPS groups of samples, each with its own gradient; then the sum of the groups,
//                      in order. Segments run from last to first (net_impl.h): batch normalisation needs its
//                      sums over all samples before any sample can go further back
#include <assert.h>
#include <string.h>

#include "compute/moments.h"
#include "nn/net_chains.h"

typedef struct backward {
    const rb_net *net;
    rb_tape *tape;
    int stage, segment, norm;
} backward;

enum { INPUT_BLOCKS = 6 }; // of 16 inputs: a piece of an input gradient

static int input_pieces(const rb_linear *linear)
{
    const int block = INPUT_BLOCKS * RB_PANEL;
    return (linear->inputs + block - 1) / block;
}

// The gradient of the activations that this stage reads, for a block of them. Streams that read the same
// activations are side by side in gradients and weights, so that one product adds them up.
static void input_gradient_piece(void *context, int piece)
{
    const backward *b = context;
    const rb_net *net = b->net;
    const rb_tape *tape = b->tape;
    const rb_net_stage *stage = &net->stage[b->stage];
    const int pieces = input_pieces(&net->layer[stage->first].linear), stream = piece / pieces;
    const int i = stage->first + stream, per_unit = net->kernels->per_unit;
    const rb_linear *linear = &net->layer[i].linear;
    const int source = net->layer[i].source, block = piece % pieces * INPUT_BLOCKS;
    const int left = (linear->inputs + RB_PANEL - 1) / RB_PANEL - block;
    int panels = linear->panels;
    for (int other = 1; stage->shared && other < stage->count; other++)
        panels += net->layer[i + other].linear.panels;
    const rb_rows to = source >= 0 ? tape->linear_gradient[source] : tape->link_gradient[net->last_link];
    const rb_rows activation = rb_tape_source(tape, source);
    net->kernels->gemm(&(rb_gemm){
        .a = tape->linear_gradient[i].data,
        .a_row = tape->linear_gradient[i].row,
        .lines = 1,
        .rows = rb_tape_rows(tape, i),
        .segments = 1,
        .length = panels * RB_PANEL / per_unit,
        .w = linear->transposed[rb_linear_pack(linear, tape->pack)] + block * linear->transposed_panel,
        .w_panel = linear->transposed_panel,
        .panels = left < INPUT_BLOCKS ? left : INPUT_BLOCKS,
        .out = to.data + block * RB_PANEL / per_unit,
        .out_row = to.row,
        .mask = rb_net_source_relu(net, source) ? activation.data + block * RB_PANEL / per_unit : NULL,
        .mask_row = activation.row,
    });
}

static void stage_backward(backward *b, int stage)
{
    const rb_net *net = b->net;
    const rb_net_stage s = net->stage[stage];
    const rb_net_layer *layers = &net->layer[s.first];
    if (s.first == net->embedding) {
        rb_net_mix_back(net, b->tape);
        return;
    }
    if (layers[0].source < 0 && !net->nodes) return; // it reads the observation
    rb_job job = {.phase = "backward, linear",
                  .fn = input_gradient_piece,
                  .context = b,
                  .pieces = input_pieces(&layers[0].linear) * (s.shared ? 1 : s.count)};
    for (int i = 0; i < s.count; i++)
        job.products +=
            (double)rb_layout_numbers(&layers[i].linear.layout, 1) * rb_tape_rows(b->tape, s.first);
    b->stage = stage;
    rb_compute_for(net->compute, &job);
}

// --- normalisation of a stage's vectors ---

static void norm_sums_piece(void *context, int piece)
{
    const backward *b = context;
    for (int i = b->net->stage[b->stage].first;; i++) {
        const rb_norm_rows rows = rb_tape_norm_rows(b->tape, i, b->norm);
        const int pieces = rb_norm_sum_pieces(rows.norm);
        if (piece < pieces) {
            rb_norm_sum_rows(&rows, piece);
            return;
        }
        piece -= pieces;
    }
}

static void norm_back_piece(void *context, int piece)
{
    const backward *b = context;
    for (int i = b->net->stage[b->stage].first;; i++) {
        const rb_norm_rows rows = rb_tape_norm_rows(b->tape, i, b->norm);
        const int pieces = rb_norm_back_pieces(rows.norm, rows.count);
        if (piece < pieces) {
            rb_norm_back_rows(&rows, piece);
            return;
        }
        piece -= pieces;
    }
}

// Turns the gradient of a stage's normalised outputs into the gradient of its layers' outputs, in place.
static void norms_backward(backward *b, int stage)
{
    const rb_net_stage *s = &b->net->stage[stage];
    b->stage = stage;
    for (b->norm = b->net->layer[s->first].norms.count - 1; b->norm >= 0; b->norm--) {
        rb_job sums = {.phase = "backward, linear", .fn = norm_sums_piece, .context = b}, back = sums;
        back.fn = norm_back_piece;
        for (int i = s->first; i < s->first + s->count; i++) {
            const rb_norm_rows rows = rb_tape_norm_rows(b->tape, i, b->norm);
            sums.pieces += rb_norm_sum_pieces(rows.norm);
            back.pieces += rb_norm_back_pieces(rows.norm, rows.count);
            sums.products += 8 * (double)rows.norm->columns * rows.count;
        }
        back.products = sums.products;
        rb_compute_for(b->net->compute, &sums);
        if (back.pieces) rb_compute_for(b->net->compute, &back);
    }
}

// --- nodes ---

int rb_net_groups(const rb_tape *tape)
{
    return tape->count < RB_NET_GROUPS ? tape->count : RB_NET_GROUPS;
}

// The first sample of group g, at a pair boundary, so that no pair is split.
static int group_start(const rb_tape *tape, int per_unit, int g)
{
    const int pairs = (tape->count + per_unit - 1) / per_unit, groups = rb_net_groups(tape);
    const int sample = (int)((int64_t)g * pairs / groups) * per_unit;
    return sample < tape->count ? sample : tape->count;
}

static rb_unit *link_gradient_at(const backward *b, const rb_net_group *group, int link, int sample, int t)
{
    const rb_rows whole = b->tape->link_gradient[link];
    return whole.data ? rb_rows_at(whole, sample) : group->scratch->out_gradient[link][t];
}

// Takes one pair through one layer: adds its weight gradient, and passes the gradient on.
static void pair_through_conv(const backward *b, const rb_net_group *group, int n, int sample, int samples,
                              bool add)
{
    const rb_net *net = b->net;
    const rb_kernels *kernels = net->kernels;
    const int i = net->node[n].index, link = net->node[n].link;
    const rb_conv *conv = &net->conv[i];
    const rb_rows in = rb_tape_node(b->tape, n - 1);
    float *weight = group->gradient + rb_net_conv_gradient_at(net, i, false),
          *bias = group->gradient + rb_net_conv_gradient_at(net, i, true);
    const rb_unit *x = rb_rows_at(in, sample), *y = link_gradient_at(b, group, link, sample, 0);
    const bool joins = n - 1 > net->learned && rb_net_joins_block(net, n);
    const int by = joins ? net->node[net->node[n - 1].block].link : 0;
    for (int t = 0; t < samples; t++) {
        const rb_unit *gradient = link_gradient_at(b, group, link, sample + t, t);
        rb_conv_bias_gradient(conv, kernels, gradient, bias, add || t > 0);
        if (n > net->learned) {
            rb_conv_input_gradient(conv, kernels, gradient, rb_rows_at(in, sample + t),
                                   rb_net_link_relu(net, link - 1),
                                   joins ? link_gradient_at(b, group, by, sample + t, t) : NULL,
                                   group->scratch->sums, link_gradient_at(b, group, link - 1, sample + t, t));
        }
    }
    if (kernels->per_unit == 2) {
        const bool both = samples == 2;
        const size_t lines = (rb_conv_in_numbers(conv) + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
        kernels->pair(group->scratch->pair_in, x, both ? rb_rows_at(in, sample + 1) : NULL, lines);
        kernels->pair(group->scratch->pair_gradient, y,
                      both ? link_gradient_at(b, group, link, sample + 1, 1) : NULL,
                      rb_conv_out_numbers(conv));
        x = group->scratch->pair_in, y = group->scratch->pair_gradient;
    }
    rb_conv_weight_gradient(conv, kernels, x, y, weight, add);
}

static void pair_through_pool(const backward *b, const rb_net_group *group, int n, int sample, int samples)
{
    const rb_net *net = b->net;
    const int link = net->node[n].link;
    const rb_rows in = rb_tape_node(b->tape, n - 1), out = rb_tape_node(b->tape, n);
    const rb_rows where = b->tape->where[net->node[n].index];
    for (int t = 0; t < samples && n > net->learned; t++) {
        if (where.data) {
            rb_pool_spread(&net->pool[net->node[n].index], net->kernels,
                           link_gradient_at(b, group, link, sample + t, t),
                           (const uint8_t *)rb_rows_at(where, sample + t),
                           link_gradient_at(b, group, link - 1, sample + t, t));
            continue;
        }
        rb_pool_input_gradient(&net->pool[net->node[n].index], net->kernels,
                               link_gradient_at(b, group, link, sample + t, t), rb_rows_at(in, sample + t),
                               rb_rows_at(out, sample + t), rb_net_link_relu(net, link - 1),
                               group->scratch->sums, link_gradient_at(b, group, link - 1, sample + t, t));
    }
}

// At the first node of a residual block: the gradient that came down through the block joins the one that
// passes it by, if the block's first convolution did not add it yet.
static void join_block(const backward *b, const rb_net_group *group, int n, int sample, int t)
{
    const rb_net *net = b->net;
    const int link = net->node[n].link, by = net->node[net->node[n].block].link;
    rb_unit *gradient = link_gradient_at(b, group, link, sample + t, t);
    const rb_unit *input = rb_rows_at(rb_tape_node(b->tape, n - 1), sample + t);
    net->kernels->join(gradient, gradient, link_gradient_at(b, group, by, sample + t, t),
                       rb_net_node_relu(net, n - 1) ? input : NULL, net->link_numbers[link]);
}

static rb_norm_pass norm_pass(const backward *b, const rb_net_group *group, int n, int sample, int t)
{
    rb_norm_pass pass = rb_tape_norm_pass(b->tape, n, sample + t);
    pass.gradient = link_gradient_at(b, group, b->net->node[n].link, sample + t, t);
    pass.gamma_gradient = group->gradient + rb_net_norm_gradient_at(b->net, b->net->node[n].index);
    pass.beta_gradient = pass.gamma_gradient + rb_norm_line(pass.norm);
    return pass;
}

// Takes a pair through the nodes of a segment, last node first. It starts with the second half of the batch
// normalisation that begins the next segment, and ends with the first half of the one that begins this
// segment, whose sums it adds to.
static void pair_through_segment(const backward *b, const rb_net_group *group, int sample, int samples,
                                 bool add)
{
    const rb_net *net = b->net;
    const int begin = rb_net_segment_at(net, b->segment), end = rb_net_segment_at(net, b->segment + 1);
    for (int n = end; n >= begin && n >= net->learned; n--) {
        if (n == net->nodes) continue;
        const bool cut = n == end || (b->segment > 0 && n == begin);
        const rb_node_kind kind = net->node[n].kind;
        if (kind == RB_NODE_CONV) pair_through_conv(b, group, n, sample, samples, add);
        if (kind == RB_NODE_POOL) pair_through_pool(b, group, n, sample, samples);
        for (int t = 0; t < samples && kind == RB_NODE_NORM; t++) {
            const rb_norm_pass pass = norm_pass(b, group, n, sample, t);
            if (!cut || n == begin) rb_norm_sums(&pass);
            if (n > net->learned && (!cut || n == end)) rb_norm_back(&pass);
            if (n > net->learned && net->node[n].block && !rb_net_joins_block(net, n + 1))
                join_block(b, group, n, sample, t);
        }
    }
}

static void group_through_segment(backward *b, int g)
{
    const rb_net *net = b->net;
    const int per_unit = net->kernels->per_unit;
    const int first = group_start(b->tape, per_unit, g), end = group_start(b->tape, per_unit, g + 1);
    const bool by_group = b->tape->scratches >= rb_net_groups(b->tape);
    rb_net_group *group = &b->tape->group[g];
    group->scratch = &b->tape->scratch[by_group ? g : rb_pool_thread()];
    const size_t convs = rb_net_conv_gradient_at(net, net->convs, false), all = rb_net_trunk_gradients(net),
                 from = first == end ? 0 : convs; // convolutions overwrite at the first sample
    if (b->segment == rb_net_segments(net) - 1 && from < all)
        memset(group->gradient + from, 0, (all - from) * sizeof(float));
    for (int sample = first; sample < end; sample += per_unit) {
        const int samples = end - sample < per_unit ? end - sample : per_unit;
        pair_through_segment(b, group, sample, samples, sample > first);
    }
}

// Prepares the arrays that the update sums over, one pair of samples per piece. If a unit is two numbers, it
// interleaves the inputs and gradients of linear layers. In any format it copies the trunk's features,
// because the next batch may overwrite them while the update runs.
static void pair_rows(const backward *b, int pair)
{
    const rb_tape *tape = b->tape;
    const rb_kernels *kernels = b->net->kernels;
    const int per_unit = kernels->per_unit, first = pair * per_unit;
    for (int i = 0; i < b->net->linears; i++) {
        const bool both = first + 1 < rb_tape_rows(tape, i) && per_unit == 2;
        if (first >= rb_tape_rows(tape, i)) continue;
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
    const int groups = b->net->nodes ? rb_net_groups(b->tape) : 0;
    if (piece < groups)
        group_through_segment(b, piece);
    else
        pair_rows(b, piece - groups);
}

enum { SUM_PIECE = 4096 };

static void sum_groups_piece(void *context, int piece)
{
    const backward *b = context;
    const size_t total = rb_net_trunk_gradients(b->net), at = (size_t)piece * SUM_PIECE, left = total - at;
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
    const int rows = rb_tape_rows(tape, net->linears - 1);
    float *at = tape->last_gradient;
    int columns = 0;
    if (net->spec.params.relu_outputs) {
        rb_floats_mask(tape->output_gradient, output_gradient, tape->output, (size_t)rows * (size_t)q);
        output_gradient = tape->output_gradient;
    }
    for (int i = 0; i < stage->count; i++) columns += net->layer[stage->first + i].linear.panels * RB_PANEL;
    const int value_at = net->layer[stage->first].linear.panels * RB_PANEL;
    if (net->spec.params.dueling) {
        rb_dueling_split(output_gradient, rows, actions, outputs, at, columns, at + value_at, columns);
    } else {
        for (int s = 0; s < rows; s++)
            memcpy(at + (ptrdiff_t)s * columns, output_gradient + (ptrdiff_t)s * q,
                   (size_t)q * sizeof(float));
    }
    for (int s = 0; s < rows; s++)
        net->kernels->round(rb_rows_at(tape->linear_gradient[stage->first], s), at + (ptrdiff_t)s * columns,
                            (size_t)columns);
}

// Joins the sums over all samples that batch normalisation needs, once the groups have summed.
static void join_norm(const backward *b)
{
    const rb_net *net = b->net;
    const rb_net_node *node = &net->node[rb_net_segment_at(net, b->segment)];
    const rb_norm *norm = &net->norm[node->index];
    const rb_norm_tape *tape = &b->tape->norm_of[node->index];
    const size_t at = rb_net_norm_gradient_at(net, node->index), columns = (size_t)norm->columns;
    memset(tape->share, 0, columns * sizeof(float));
    memset(tape->slope, 0, columns * sizeof(float));
    for (int g = 0; g < rb_net_groups(b->tape); g++) {
        net->kernels->add(tape->slope, b->tape->group[g].gradient + at, columns);
        net->kernels->add(tape->share, b->tape->group[g].gradient + at + columns, columns);
    }
    rb_shares_of_batch(norm->gamma.value, tape->slope, tape->share,
                       (double)b->tape->count * rb_norm_pixels(norm), norm->columns, tape->share,
                       tape->slope);
}

static double segment_work(const rb_net *net, int segment)
{
    double products = 0; // for the weights' gradients, and for the inputs' except in the first layer
    const int begin = rb_net_segment_at(net, segment), end = rb_net_segment_at(net, segment + 1);
    for (int n = begin; n < end; n++) {
        const int times = net->node[n].kind == RB_NODE_NORM ? 4 : n > net->learned ? 2 : 1;
        products += times * rb_net_node_work(net, n);
    }
    return products;
}

void rb_net_backward_head(rb_net *net, rb_tape *tape, const float *output_gradient)
{
    assert(tape->backward && tape->count > 0);
    backward b = {.net = net, .tape = tape};
    tape->norm = -1;
    if (tape->head_norm_numbers) memset(tape->head_norms, 0, tape->head_norm_numbers * sizeof(float));
    read_output_gradient(&b, output_gradient);
    for (int i = net->stages - 1; i >= 0; i--) {
        norms_backward(&b, i);
        stage_backward(&b, i);
    }
}

void rb_net_backward_trunk(rb_net *net, rb_tape *tape)
{
    backward b = {.net = net, .tape = tape};
    const int per_unit = net->kernels->per_unit;
    const int pairs = (rb_tape_rows(tape, net->linears - 1) + per_unit - 1) / per_unit; // of the most rows
    const int last = rb_net_segments(net) - 1;
    for (b.segment = last; b.segment >= 0; b.segment--) {
        if (b.segment < last && rb_net_segment_at(net, b.segment + 1) <= net->learned)
            break; // nothing to learn
        rb_compute_for(net->compute, &(rb_job){.phase = "backward, trunk",
                                               .fn = trunk_backward_piece,
                                               .context = &b,
                                               .pieces = (net->nodes ? rb_net_groups(tape) : 0) +
                                                         (b.segment == last ? pairs : 0),
                                               .products = segment_work(net, b.segment) * tape->count});
        if (b.segment > 0) join_norm(&b);
    }
    rb_net_sum_rows(net, tape);
    if (!net->nodes) return;
    const size_t numbers = rb_net_trunk_gradients(net);
    rb_compute_for(net->compute, &(rb_job){.phase = "backward, sums of groups",
                                           .fn = sum_groups_piece,
                                           .context = &b,
                                           .pieces = (int)((numbers + SUM_PIECE - 1) / SUM_PIECE),
                                           .products = (double)numbers * rb_net_groups(tape)});
    if (net->convs && net->conv[0].in_scale != 1)
        rb_floats_scale(tape->group[0].gradient, net->conv[0].in_scale, net->conv[0].weight.count);
    for (int i = 0; i < net->convs; i++) {
        if (net->conv[i].spectral)
            rb_spectral_gradient(&net->conv[i],
                                 tape->group[0].gradient + rb_net_conv_gradient_at(net, i, false));
    }
}

void rb_net_backward(rb_net *net, rb_tape *tape, const float *output_gradient)
{
    rb_net_backward_head(net, tape, output_gradient);
    rb_net_backward_trunk(net, tape);
}
