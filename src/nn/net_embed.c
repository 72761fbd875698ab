// The embedding of fractions (implicit quantile networks, Dabney et al. 2018). The layers behind it answer
// for several fractions of each sample, so each has several rows per sample:
//
//     observation -> trunk -> features [F] -----------------------+
//     fraction t  -> cos(pi i t), i < cosines -> linear F -> relu -+-- x --> streams
//
//            sample 0                 sample 1
//     rows   t0  t1  t2 ... t(n-1)    t0  t1  t2 ...        features of a sample times each of its rows
//
// The linear layer is one of the net's list, `net->embedding`, whose columns are in the order of the
// features.
#include <assert.h>
#include <math.h>

#include "nn/net_impl.h"

typedef struct embed {
    const rb_forward *passes; // forward
    int count;
    const rb_net *net; // backward
    rb_tape *tape;
} embed;

enum { ROWS_AT_ONCE = 16 };

static int cosine_pieces(const rb_forward *pass)
{
    return (rb_tape_rows(pass->tape, pass->net->embedding) + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

// cos((i + 1) x) = 2 cos x cos(i x) - cos((i - 1) x), in double, for all rows of a piece at once: one row
// alone would wait for each of its cosines.
static void write_cosines(const rb_forward *pass, int first, int rows)
{
    enum { SOME = 64 };
    const rb_net *net = pass->net;
    const int cosines = net->spec.cosines, padded = (cosines + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
    double twice[ROWS_AT_ONCE] = {0}, now[ROWS_AT_ONCE], before[ROWS_AT_ONCE];
    float some[ROWS_AT_ONCE][SOME];
    for (int r = 0; r < rows; r++) twice[r] = 2 * cos(acos(-1) * (double)pass->fractions[first + r]);
    for (int r = 0; r < ROWS_AT_ONCE; r++) now[r] = 1, before[r] = twice[r] / 2;
    for (int at = 0; at < padded; at += SOME) {
        const int count = padded - at < SOME ? padded - at : SOME;
        for (int i = 0; i < count; i++) {
            for (int r = 0; r < ROWS_AT_ONCE; r++) some[r][i] = at + i < cosines ? (float)now[r] : 0;
            for (int r = 0; r < ROWS_AT_ONCE; r++) {
                const double next = twice[r] * now[r] - before[r];
                before[r] = now[r], now[r] = next;
            }
        }
        for (int r = 0; r < rows; r++)
            net->kernels->round(rb_rows_at(pass->tape->cosines, first + r) + at / net->kernels->per_unit,
                                some[r], (size_t)count);
    }
}

static void cosine_piece(void *context, int piece)
{
    const embed *e = context;
    const rb_forward *pass = e->passes;
    for (; piece >= cosine_pieces(pass); pass++) piece -= cosine_pieces(pass);
    const int first = piece * ROWS_AT_ONCE, left = rb_tape_rows(pass->tape, pass->net->embedding) - first;
    write_cosines(pass, first, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
}

void rb_net_write_cosines(const rb_forward *passes, int count)
{
    embed e = {.passes = passes, .count = count};
    rb_job job = {.phase = "fractions", .fn = cosine_piece, .context = &e};
    for (int p = 0; p < count; p++) {
        job.pieces += cosine_pieces(&passes[p]);
        job.products +=
            4.0 * passes[p].net->spec.cosines * rb_tape_rows(passes[p].tape, passes[p].net->embedding);
    }
    rb_compute_for(passes[0].net->compute, &job);
}

// One sample, forward or backward.
static rb_mix mix_of(const rb_net *net, const rb_tape *tape, int sample)
{
    const int first = sample * tape->each;
    const rb_rows x = tape->linear[net->embedding], features = rb_tape_source(tape, net->features);
    return (rb_mix){.rows = tape->each,
                    .columns = net->layer[net->embedding].linear.panels * RB_PANEL,
                    .x = rb_rows_at(x, first),
                    .x_row = x.row,
                    .by = rb_rows_at(features, sample),
                    .out = rb_rows_at(tape->mixed, first),
                    .out_row = tape->mixed.row};
}

static void mix_piece(void *context, int piece)
{
    const embed *e = context;
    const rb_forward *pass = e->passes;
    for (; piece >= pass->count; pass++) piece -= pass->count;
    const rb_mix mix = mix_of(pass->net, pass->tape, piece);
    pass->net->kernels->mix(&mix);
}

static double mix_work(const rb_net *net, const rb_tape *tape)
{
    return 2.0 * net->layer[net->embedding].linear.panels * RB_PANEL * rb_tape_rows(tape, net->embedding);
}

void rb_net_mix(const rb_forward *passes, int count)
{
    embed e = {.passes = passes, .count = count};
    rb_job job = {.phase = "fractions", .fn = mix_piece, .context = &e};
    for (int p = 0; p < count; p++)
        job.pieces += passes[p].count, job.products += mix_work(passes[p].net, passes[p].tape);
    rb_compute_for(passes[0].net->compute, &job);
}

static void mix_back_piece(void *context, int sample)
{
    const embed *e = context;
    const rb_net *net = e->net;
    const rb_tape *tape = e->tape;
    const int source = net->features;
    const rb_rows gradient = tape->linear_gradient[net->embedding];
    const rb_rows features =
        source >= 0 ? tape->linear_gradient[source] : tape->link_gradient[net->last_link];
    rb_mix mix = mix_of(net, tape, sample);
    mix.gradient = rb_rows_at(gradient, sample * tape->each), mix.gradient_row = gradient.row;
    if (source >= 0 || net->nodes) { // else they are the observation
        mix.by_gradient = rb_rows_at(features, sample);
        mix.mask = rb_net_source_relu(net, source);
    }
    net->kernels->mix_back(&mix);
}

void rb_net_mix_back(const rb_net *net, rb_tape *tape)
{
    embed e = {.net = net, .tape = tape};
    rb_compute_for(net->compute, &(rb_job){.phase = "fractions",
                                           .fn = mix_back_piece,
                                           .context = &e,
                                           .pieces = tape->count,
                                           .products = 2 * mix_work(net, tape)});
}

// --- gradients of layers with many rows ---

static int sum_tiles(const rb_tape *tape, int i)
{
    return tape->many[i] ? (tape->net->layer[i].linear.inputs + RB_LINEAR_TILE - 1) / RB_LINEAR_TILE : 0;
}

static void sum_piece(void *context, int piece)
{
    const embed *e = context;
    int i = 0;
    for (; piece >= sum_tiles(e->tape, i); i++) piece -= sum_tiles(e->tape, i);
    rb_linear_pass pass = rb_net_backward_pass(e->net, e->tape, i);
    pass.gradient = e->tape->gradient[i];
    rb_linear_sum_rows(&pass, piece);
}

// The update of any other layer sums its gradient panel by panel on its way. With rows for each fraction that
// would read all inputs of all rows once for every 16 outputs.
void rb_net_sum_rows(const rb_net *net, rb_tape *tape)
{
    embed e = {.net = net, .tape = tape};
    rb_job job = {.phase = "backward, weights", .fn = sum_piece, .context = &e};
    for (int i = 0; i < net->linears; i++) {
        job.pieces += sum_tiles(tape, i);
        if (tape->many[i])
            job.products +=
                (double)rb_layout_numbers(&net->layer[i].linear.layout, 1) * rb_tape_rows(tape, i);
    }
    if (job.pieces) rb_compute_for(net->compute, &job);
}
