// The gradient's norm, and the optimiser step: first convolutions and normalisations, which are small, then
// the linear layers, in one pass over their records, which may continue in the background.
//
// Norm. A linear layer's gradient dY^T X is never stored whole. Its squared norm is the sum of (X X^T) * (dY
// dY^T), entry by entry: two matrices of batch x batch. Factorised noise turns X into X * f(eps_in) and dY
// into dY * f(eps_out), so sigma's part is two more such matrices, with squared noise as weights in their
// sums. If the batch is too large for that to pay, and for independent noise, the gradient is computed tile
// by tile.
#include <assert.h>
#include <math.h>

#include "nn/net_impl.h"

typedef rb_net_update_pass update_pass;

// --- norm ---

static int norm_pieces(const rb_tape *tape, int i)
{
    const rb_linear *linear = &tape->net->layer[i].linear;
    if (!tape->by_gram[i]) return rb_linear_pieces(linear);
    return linear->noise && tape->pack == RB_PACK_NOISY ? 4 : 2;
}

// Whether the inputs' matrix is shared with the layer before, because both read the same activations.
static bool has_gram_of_before(const rb_tape *tape, int i)
{
    const rb_net *net = tape->net;
    return i > 0 && tape->by_gram[i - 1] && net->layer[i].source == net->layer[i - 1].source;
}

static const double *gram_of(const rb_tape *tape, int i, int g)
{
    while (g == 0 && has_gram_of_before(tape, i)) i--;
    return tape->gram[i][g];
}

static void norm_piece(void *context, int piece)
{
    const update_pass *p = context;
    int i = 0;
    for (; piece >= norm_pieces(p->tape, i); i++) piece -= norm_pieces(p->tape, i);
    rb_linear_pass pass = rb_net_backward_pass(p->net, p->tape, i);
    const rb_linear *linear = pass.linear;
    pass.gradient = p->tape->gradient[i];
    pass.summed = p->tape->many[i];
    if (!p->tape->by_gram[i]) {
        p->tape->gram[i][0][piece] = rb_linear_square_sum(&pass, piece);
        return;
    }
    if (piece == 0 && has_gram_of_before(p->tape, i)) return;
    const rb_rows rows = piece % 2 ? pass.y : pass.x;
    const int length =
        piece % 2 ? linear->panels * RB_PANEL : (linear->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
    const rb_draw *draw = &linear->draw[pass.draw];
    const float *weights = piece < 2 ? NULL : piece % 2 ? draw->out2 : draw->in2;
    pass.kernels->gram(rows.data, rows.row, pass.count, length, weights, p->tape->gram[i][piece]);
}

double rb_net_grad_norm(rb_net *net, rb_tape *tape)
{
    assert(tape->backward && tape->net == net);
    if (tape->norm >= 0) return tape->norm;
    update_pass p = {.net = net, .tape = tape};
    rb_job job = {.phase = "norm", .fn = norm_piece, .context = &p};
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        job.pieces += norm_pieces(tape, i);
        const double rows = rb_tape_rows(tape, i);
        job.products += rows * (tape->by_gram[i] ? rows * (linear->inputs + linear->layout.outputs)
                                                 : (double)rb_layout_numbers(&linear->layout, 1));
    }
    rb_compute_for(net->compute, &job);
    double sum =
        net->nodes ? net->kernels->square_sum(tape->group[0].gradient, rb_net_trunk_gradients(net)) : 0;
    if (tape->head_norm_numbers) sum += net->kernels->square_sum(tape->head_norms, tape->head_norm_numbers);
    for (int i = 0; i < net->linears; i++) {
        const rb_linear_pass pass = rb_net_backward_pass(net, tape, i);
        double *const *gram = tape->gram[i];
        const int count = norm_pieces(tape, i);
        sum += rb_linear_bias_square_sum(&pass);
        if (tape->by_gram[i]) {
            for (int g = 0; g < count; g += 2)
                sum +=
                    rb_doubles_dot(gram_of(tape, i, g), gram[g + 1], (size_t)pass.count * (size_t)pass.count);
        } else {
            for (int piece = 0; piece < count; piece++) sum += gram[0][piece];
        }
    }
    return tape->norm = sqrt(sum > 0 || isnan(sum) ? sum : 0);
}

// --- update ---

enum { STEP_PIECE = 4096 };
enum { STEP_PRODUCTS = 8 }; // updating or packing one number costs about as much as this many products

static int conv_pieces(const rb_conv *conv)
{
    return 1 + (int)((conv->weight.count + STEP_PIECE - 1) / STEP_PIECE);
}

static void conv_update(const update_pass *p, int i, int piece)
{
    const rb_net *net = p->net;
    const rb_conv *conv = &net->conv[i];
    const float *gradient = p->tape->group[0].gradient;
    if (piece == 0) {
        rb_weights_step(&conv->bias, net->kernels, &p->bias_rule, 0,
                        gradient + rb_net_conv_gradient_at(net, i, true), conv->bias.count);
        return;
    }
    const size_t at = (size_t)(piece - 1) * STEP_PIECE, left = conv->weight.count - at;
    rb_weights_step(&conv->weight, net->kernels, &p->rule, at,
                    gradient + rb_net_conv_gradient_at(net, i, false) + at,
                    left < STEP_PIECE ? left : STEP_PIECE);
}

static void norm_update(const update_pass *p, int i)
{
    const rb_norm *norm = &p->net->norm[i];
    if (!rb_norm_has_tensors(norm)) return;
    const float *gradient = rb_tape_norm_gradient(p->tape, i);
    const size_t line = rb_norm_line(norm);
    rb_weights_step(&norm->gamma, p->net->kernels, &p->bias_rule, 0, gradient, line);
    rb_weights_step(&norm->beta, p->net->kernels, &p->bias_rule, 0, gradient + line, line);
}

static void convs_update_piece(void *context, int piece) // and normalisations
{
    const update_pass *p = context;
    int i = 0;
    if (piece < p->net->norms) {
        norm_update(p, piece);
        return;
    }
    piece -= p->net->norms;
    for (; piece >= conv_pieces(&p->net->conv[i]); i++) piece -= conv_pieces(&p->net->conv[i]);
    conv_update(p, i, piece);
}

static void linears_update_piece(void *context, int piece)
{
    const update_pass *p = context;
    int i = 0;
    for (; piece >= p->net->layer[i].linear.panels; i++) piece -= p->net->layer[i].linear.panels;
    rb_linear_update(&p->linear[i], piece);
}

static void derive_piece(void *context, int i)
{
    const rb_net *net = context;
    rb_conv_derive(&net->conv[i], net->kernels);
}

static void derive_updated_piece(void *context, int i)
{
    const rb_net *net = context;
    if (net->conv[i].spectral) rb_spectral_iterate(&net->conv[i]);
    rb_conv_derive(&net->conv[i], net->kernels);
}

static void derive_convs(rb_net *net, bool updated)
{
    rb_compute_for(net->compute, &(rb_job){.phase = "update, trunk",
                                           .fn = updated ? derive_updated_piece : derive_piece,
                                           .context = net,
                                           .pieces = net->convs,
                                           .products = STEP_PRODUCTS * (double)rb_net_trunk_gradients(net)});
}

void rb_net_derive(rb_net *net)
{
    derive_convs(net, false);
    for (int i = 0; i < net->norms; i++) rb_norm_derive(&net->norm[i]);
    for (int pack = 0; pack < RB_PACKS; pack++) net->stale[pack] = true;
}

void rb_net_update_start(rb_net *net, rb_tape *tape, rb_optimiser *optimiser)
{
    assert(tape->backward && tape->net == net && net->draws - tape->draws < RB_DRAWS);
    rb_net_finish(net);
    const double norm = optimiser->params.clip_norm > 0 ? rb_net_grad_norm(net, tape) : 0;
    net->update.net = net;
    net->update.tape = tape;
    net->update.rule = net->update.bias_rule = rb_optimiser_rule(optimiser, norm);
    net->update.bias_rule.keep = 1;
    optimiser->updates++;
    rb_job convs = {.phase = "update, trunk",
                    .fn = convs_update_piece,
                    .context = &net->update,
                    .products = STEP_PRODUCTS * (double)rb_net_trunk_gradients(net)};
    convs.pieces = net->norms;
    for (int i = 0; i < net->convs; i++) convs.pieces += conv_pieces(&net->conv[i]);
    rb_compute_for(net->compute, &convs);
    derive_convs(net, true);
    for (int i = 0; i < net->norms; i++) rb_norm_follow(&net->norm[i], &tape->norm_of[i]);
    rb_job linears = {.phase = "update, linear", .fn = linears_update_piece, .context = &net->update};
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        linears.pieces += linear->panels;
        linears.bytes += rb_linear_update_bytes(linear);
        rb_linear_pass *pass = &net->update.linear[i];
        *pass = rb_net_backward_pass(net, tape, i);
        pass->rule = &net->update.rule;
        pass->bias_rule = &net->update.bias_rule;
        if (tape->norm >= 0 || tape->many[i]) pass->gradient = tape->gradient[i];
        linears.products +=
            (double)rb_layout_numbers(&linear->layout, 1) * (pass->gradient ? STEP_PRODUCTS : pass->count);
    }
    // The update packs the weights it changes, with noise for all current draws; layers without noise have
    // only one pack.
    for (int pack = 0; pack < RB_PACKS; pack++)
        net->stale[pack] = (pack == RB_PACK_MEANS) != (tape->pack == RB_PACK_MEANS);
    net->updating = true;
    rb_compute_start(net->compute, &net->update_group, &linears);
}

void rb_net_finish(rb_net *net)
{
    if (!net->updating) return;
    rb_compute_wait(net->compute, &net->update_group);
    net->updating = false;
}

void rb_net_update(rb_net *net, rb_tape *tape, rb_optimiser *optimiser)
{
    rb_net_update_start(net, tape, optimiser);
    rb_net_finish(net);
}
