// The memory of a tape: activations, their gradients, and scratch for the sums over them.
#include <string.h>

#include "nn/net_chains.h"

size_t rb_net_conv_gradient_at(const rb_net *net, int conv, bool bias)
{
    size_t at = 0;
    for (int i = 0; i < conv; i++) at += net->conv[i].weight.count + net->conv[i].bias.count;
    return at + (bias ? net->conv[conv].weight.count : 0);
}

size_t rb_net_norm_gradient_at(const rb_net *net, int norm)
{
    const bool trunk = norm < net->trunk_norms;
    size_t at = trunk ? rb_net_conv_gradient_at(net, net->convs, false) : 0;
    for (int i = trunk ? 0 : net->trunk_norms; i < norm; i++) at += 2 * rb_norm_line(&net->norm[i]);
    return at;
}

size_t rb_net_trunk_gradients(const rb_net *net)
{
    size_t numbers = rb_net_conv_gradient_at(net, net->convs, false);
    for (int i = 0; i < net->trunk_norms; i++) numbers += 2 * rb_norm_line(&net->norm[i]);
    return numbers;
}

float *rb_tape_norm_gradient(const rb_tape *tape, int norm)
{
    float *base = norm < tape->net->trunk_norms ? tape->group[0].gradient : tape->head_norms;
    return base + rb_net_norm_gradient_at(tape->net, norm);
}

rb_rows rb_tape_node(const rb_tape *tape, int n)
{
    if (n < 0) return tape->input;
    const rb_net_node *node = &tape->net->node[n];
    switch (node->kind) {
    case RB_NODE_CONV:
        return tape->conv[node->index];
    case RB_NODE_POOL:
        return tape->pool[node->index];
    case RB_NODE_ADDITION:
        return tape->addition[node->index];
    default:
        return tape->norm_of[node->index].out;
    }
}

rb_rows rb_tape_source(const rb_tape *tape, int source)
{
    const rb_net *net = tape->net;
    if (source == RB_SOURCE_COSINES) return tape->cosines;
    if (source < 0) return rb_tape_node(tape, net->nodes - 1);
    if (source == net->embedding) return tape->mixed;
    const rb_net_norms *norms = &net->layer[source].norms;
    return norms->count ? tape->norm_of[norms->first + norms->count - 1].out : tape->linear[source];
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
        .count = rb_tape_rows(tape, i),
        .pack = rb_linear_pack(&layer->linear, tape->pack),
        .draw = tape->draw,
        .next = net->draw,
    };
}

static rb_rows part_of(rb_rows rows, int units)
{
    if (rows.data) rows.data += units;
    return rows;
}

static bool has_batch_norm(const rb_net *net, int link)
{
    for (int n = 0; n < net->nodes; n++) {
        const rb_net_node *node = &net->node[n];
        if (node->link == link && node->kind == RB_NODE_NORM && net->norm[node->index].kind == RB_NORM_BATCH)
            return true;
    }
    return false;
}

static bool has_gradient(const rb_net *net, int link)
{
    return net->learned < net->nodes && net->node[net->learned].link <= link;
}

// Takes the gradients that are needed for all samples at once: the last link's, and those that batch
// normalisation works on.
static void take_links(rb_tape *tape, const rb_net *net, rb_plan *plan)
{
    for (int link = 0; link <= net->last_link; link++) {
        // The linear layers' backward pass writes the vector's gradient behind the last link's; nothing reads
        // it.
        const size_t more = link == net->last_link ? rb_net_appended(net) : 0;
        if (link == net->last_link || has_batch_norm(net, link))
            tape->link_gradient[link] =
                rb_plan_rows(plan, tape->batch, (net->link_numbers[link] + more) / (size_t)plan->per_unit);
    }
}

static void take_groups(rb_tape *tape, const rb_net *net, rb_plan *plan)
{
    const int per_unit = plan->per_unit;
    size_t in = 0, sums = 0, out = 0;
    for (int i = 0; i < net->convs; i++) {
        const size_t numbers = rb_conv_in_numbers(&net->conv[i]), outs = rb_conv_out_numbers(&net->conv[i]),
                     scratch = rb_conv_scratch(&net->conv[i]);
        if (numbers > in) in = (numbers + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
        if ((i || has_gradient(net, 0)) && scratch > sums) sums = scratch;
        if (outs > out) out = outs;
    }
    for (int i = 0; i < net->pools; i++) {
        const size_t numbers = rb_pool_in_numbers(&net->pool[i]);
        if (numbers > sums) sums = numbers;
    }
    const int groups = tape->batch < RB_NET_GROUPS ? tape->batch : RB_NET_GROUPS;
    for (int g = 0; g < groups; g++)
        tape->group[g].gradient = rb_plan_floats(plan, rb_net_trunk_gradients(net));
    tape->scratches = plan->threads < groups ? plan->threads : groups;
    for (int i = 0; i < tape->scratches; i++) {
        rb_net_scratch *group = &tape->scratch[i];
        group->sums = rb_plan_floats(plan, sums);
        for (int link = 0; link < net->last_link; link++) {
            if (tape->link_gradient[link].data || !has_gradient(net, link)) continue;
            for (int t = 0; t < per_unit; t++)
                group->out_gradient[link][t] =
                    rb_plan_units(plan, net->link_numbers[link] / (size_t)per_unit);
        }
        if (per_unit == 1 || !net->convs) continue;
        group->pair_in = rb_plan_units(plan, in);
        group->pair_gradient = rb_plan_units(plan, out);
    }
}

enum { GRADIENT_KEPT = 1 << 17 }; // numbers; that many fit in the second-level cache
enum { ROWS_KEPT = 64 };          // from so many rows on, reading a number is cheaper than summing it again

// Chooses how to compute the norm. The gradient of a small layer is computed once, for norm and update. For a
// large layer, Gram matrices cost batch^2 (inputs + outputs); the gradient itself would cost batch * inputs *
// outputs a second time, unless it is kept. Independent noise has no such shortcut.
static void take_norm(rb_tape *tape, int i, const rb_linear *linear, rb_plan *plan)
{
    const double inputs = linear->inputs, outputs = linear->layout.outputs;
    const int rows = rb_tape_room(tape, i);
    const size_t numbers = rb_layout_numbers(&linear->layout, 1);
    tape->many[i] = tape->net->embedding >= 0 && i >= tape->net->embedding;
    tape->by_gram[i] = numbers > GRADIENT_KEPT && !tape->many[i] && linear->noise != RB_NOISE_INDEPENDENT &&
                       rows * (inputs + outputs) < inputs * outputs;
    const bool kept = numbers <= GRADIENT_KEPT || (!tape->by_gram[i] && rows >= ROWS_KEPT);
    if (kept || tape->many[i]) tape->gradient[i] = rb_plan_floats(plan, numbers);
    if (!tape->by_gram[i]) {
        tape->gram[i][0] = rb_plan_doubles(plan, (size_t)rb_linear_pieces(linear));
        return;
    }
    for (int g = 0; g < (linear->noise ? 4 : 2); g++)
        tape->gram[i][g] = rb_plan_doubles(plan, (size_t)rows * (size_t)rows);
}

static void take_stage_gradients(rb_tape *tape, const rb_net *net, int s, rb_plan *plan)
{
    const rb_net_stage *stage = &net->stage[s];
    const int batch = rb_tape_room(tape, stage->first), per_unit = plan->per_unit;
    const int pairs = (batch + per_unit - 1) / per_unit;
    int columns = 0;
    for (int i = 0; i < stage->count; i++) columns += net->layer[stage->first + i].linear.panels * RB_PANEL;
    const rb_rows rows = rb_plan_rows(plan, batch, (size_t)(columns / per_unit));
    const rb_rows paired = per_unit > 1 ? rb_plan_rows(plan, pairs, (size_t)columns) : rows;
    for (int i = 0, column = 0; i < stage->count; i++) {
        const int at = stage->first + i, source = net->layer[at].source;
        const rb_linear *linear = &net->layer[at].linear;
        tape->linear_gradient[at] = part_of(rows, column / per_unit);
        tape->pair_y[at] = part_of(paired, column);
        column += linear->panels * RB_PANEL;
        const size_t inputs = (size_t)(linear->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
        if (per_unit == 1 && source != RB_SOURCE_NODES)
            tape->pair_x[at] = rb_tape_source(tape, source);
        else
            tape->pair_x[at] = i && stage->shared ? tape->pair_x[at - 1] : rb_plan_rows(plan, pairs, inputs);
        take_norm(tape, at, linear, plan);
    }
    if (s == net->stages - 1) tape->last_gradient = rb_plan_floats(plan, (size_t)batch * (size_t)columns);
}

// Whether a normalisation in the trunk keeps something for each sample; a ReLU alone does not.
static bool has_statistics(const rb_net *net)
{
    bool any = false;
    for (int i = 0; i < net->trunk_norms; i++) any |= net->norm[i].kind != RB_NORM_NONE;
    return any;
}

static void take_node(rb_tape *tape, const rb_net *net, int n, rb_plan *plan)
{
    const int i = net->node[n].index;
    const int rows = n == net->nodes - 1 ? tape->batch : rb_net_node_kept(net, n) ? tape->rows : tape->lanes;
    size_t numbers;
    if (!rb_net_node_exists(net, n)) return;
    const size_t per_unit = (size_t)plan->per_unit, more = n == net->nodes - 1 ? rb_net_appended(net) : 0;
    switch (net->node[n].kind) {
    case RB_NODE_CONV:
        numbers = rb_conv_out_padded(&net->conv[i]) + more;
        if (rb_net_pool_in_chain(net, n + 1))
            numbers = (size_t)rb_net_lines_kept(&net->pool[net->node[n + 1].index]) *
                      (size_t)(net->conv[i].out_width * net->conv[i].out_stride);
        tape->conv[i] = rb_plan_rows(plan, rows, numbers / per_unit);
        break;
    case RB_NODE_POOL:
        tape->pool[i] = rb_plan_rows(plan, rows, (rb_pool_out_padded(&net->pool[i]) + more) / per_unit);
        if (tape->backward && rb_net_pool_in_chain(net, n))
            tape->where[i] =
                rb_plan_rows(plan, tape->batch, rb_pool_out_numbers(&net->pool[i]) / sizeof(rb_unit));
        break;
    case RB_NODE_ADDITION:
        tape->addition[i] =
            rb_plan_rows(plan, rows, (rb_addition_padded(&net->addition[i]) + more) / per_unit);
        break;
    case RB_NODE_NORM:
        rb_norm_tape_take(&tape->norm_of[i], &net->norm[i], rows, more, tape->backward, plan);
        break;
    }
}

// The numbers of a sample as the first node or layer reads it. An embedding that comes first multiplies it.
static size_t input_numbers(const rb_net *net)
{
    const rb_net_spec *spec = &net->spec;
    const int border = 2 * net->input_border;
    const rb_linear *first = &net->layer[0].linear;
    if (net->nodes)
        return (size_t)(spec->height + border) * (size_t)(spec->width + border) * (size_t)net->input_stride;
    if (net->embedding == 0) return (size_t)first->panels * RB_PANEL;
    return (size_t)(first->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
}

void rb_tape_build(rb_tape *tape, const rb_net *net, rb_plan *plan)
{
    const int batch = tape->batch, per_unit = plan->per_unit;
    const rb_net_spec *spec = &net->spec;
    tape->net = net;
    const size_t in = input_numbers(net);
    tape->lanes = batch < plan->threads ? batch : plan->threads;
    tape->rows = tape->backward || has_statistics(net) ? batch : tape->lanes;
    tape->input = rb_plan_rows(plan, net->nodes ? tape->rows : batch, in / (size_t)per_unit);
    if (net->nodes && spec->vector && spec->frames > 1)
        tape->gathered =
            rb_plan_rows(plan, plan->threads, rb_net_observation_bytes(spec) / sizeof(rb_unit) + 1);
    for (int n = 0; n < net->nodes; n++) take_node(tape, net, n, plan);
    for (int l = 0; l < net->linears; l++)
        for (int i = net->layer[l].norms.first; i < net->layer[l].norms.first + net->layer[l].norms.count;
             i++)
            rb_norm_tape_take(&tape->norm_of[i], &net->norm[i], rb_tape_room(tape, l), 0, tape->backward,
                              plan);
    if (tape->backward && net->nodes) take_links(tape, net, plan);
    const rb_net_stage *last = &net->stage[net->stages - 1];
    for (int i = 0; i < net->linears; i++) {
        const int columns = net->layer[i].linear.panels * RB_PANEL, rows = rb_tape_room(tape, i);
        if (i == net->embedding) {
            const int padded = (spec->cosines + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
            tape->cosines = rb_plan_rows(plan, rows, (size_t)(padded / per_unit));
            if (tape->backward) tape->mixed = rb_plan_rows(plan, rows, (size_t)(columns / per_unit));
        }
        if (i < last->first) {
            tape->linear[i] = rb_plan_rows(plan, rows, (size_t)(columns / per_unit));
            if (i == net->embedding && !tape->backward) tape->mixed = tape->linear[i];
            continue;
        }
        tape->last[i - last->first] = rb_plan_floats(plan, (size_t)rows * (size_t)columns);
        tape->last_row[i - last->first] = columns;
    }
    const size_t outputs =
        (size_t)rb_tape_room(tape, net->linears - 1) * (size_t)spec->actions * (size_t)spec->outputs;
    tape->output = rb_plan_floats(plan, outputs);
    if (!tape->backward) return;
    if (spec->params.relu_outputs) tape->output_gradient = rb_plan_floats(plan, outputs);
    for (int s = 0; s < net->stages; s++) take_stage_gradients(tape, net, s, plan);
    if (net->nodes) take_groups(tape, net, plan);
    for (int i = net->trunk_norms; i < net->norms; i++)
        tape->head_norm_numbers += 2 * rb_norm_line(&net->norm[i]);
    tape->head_norms = rb_plan_floats(plan, tape->head_norm_numbers);
}
