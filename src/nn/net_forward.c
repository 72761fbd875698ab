// Forward. The pieces of work depend only on the shapes, so results are bit-identical for any number of
// threads:
//
//     nodes            one sample per piece, from its bytes through all nodes, so that activations stay in the
//                      second-level cache; batch normalisation in an update cuts this into segments
//     linear layers    32 outputs per piece, behind an embedding also at most 128 rows; their normalisations:
//                      one sample or 64 outputs per piece
//
// Several passes, of one network or of two of one shape, run together: a piece of a linear layer serves all
// passes of its network, while its weights are in the cache.
#include <assert.h>
#include <string.h>

#include "nn/net_impl.h"

static int pack_of(const rb_net *net, int noise)
{
    return noise && net->spec.params.noisy != RB_NOISY_OFF ? RB_PACK_NOISY + noise - 1 : RB_PACK_MEANS;
}

typedef struct forward {
    const rb_forward *passes;
    int count, stage, segment, norm;
} forward;

// Whether this is the first pass of its network.
static bool is_first(const forward *f, int pass)
{
    for (int i = 0; i < pass; i++) {
        if (f->passes[i].net == f->passes[pass].net) return false;
    }
    return true;
}

// The number of panels to pack before the pass can use them.
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

static void pack_panel(const rb_net *net, int pack, int panel)
{
    int i = 0;
    for (; panel >= net->layer[i].linear.panels; i++) panel -= net->layer[i].linear.panels;
    const rb_linear *linear = &net->layer[i].linear;
    rb_linear_pack_panel(linear, net->kernels, rb_linear_pack(linear, pack), rb_linear_slot(pack, net->draw),
                         panel);
}

// The samples of a pass that go through a segment.
static int segment_samples(const rb_forward *pass, int segment)
{
    return segment == 0 || (pass->tape->backward && segment < rb_net_segments(pass->net)) ? pass->count : 0;
}

static void trunk_piece(void *context, int piece)
{
    const forward *f = context;
    for (int i = 0; i < f->count && f->segment == 0; i++) {
        const int panels = stale_panels(f, i);
        if (piece < panels) {
            pack_panel(f->passes[i].net, f->passes[i].tape->pack, piece);
            return;
        }
        piece -= panels;
    }
    int i = 0;
    for (; piece >= segment_samples(&f->passes[i], f->segment); i++)
        piece -= segment_samples(&f->passes[i], f->segment);
    rb_net_trunk_sample(&f->passes[i], piece, f->segment);
}

static void later_segments(forward *f)
{
    for (bool more = true; more;) {
        rb_job job = {.phase = "forward, trunk", .fn = trunk_piece, .context = f};
        f->segment++;
        for (int i = 0; i < f->count; i++) {
            const rb_forward *pass = &f->passes[i];
            const int samples = segment_samples(pass, f->segment);
            if (!samples) continue;
            rb_net_trunk_join(pass->tape, f->segment - 1);
            job.pieces += samples;
            job.products += rb_net_trunk_work(pass->net, true, f->segment) * samples;
        }
        more = job.pieces > 0;
        if (more) rb_compute_for(f->passes[0].net->compute, &job);
    }
}

void rb_net_forward_trunk(const rb_forward *passes, int count)
{
    forward f = {.passes = passes, .count = count};
    rb_job job = {.phase = "forward, trunk", .fn = trunk_piece, .context = &f};
    for (int i = 0; i < count; i++) {
        const rb_forward *pass = &passes[i];
        rb_tape *tape = pass->tape;
        assert(tape->net == pass->net && pass->count > 0 && pass->count <= tape->batch);
        assert(pass->noise >= 0 && pass->noise <= (tape->backward ? 1 : rb_net_draws(pass->net)));
        assert(pass->net->embedding < 0 || (pass->each >= 1 && pass->each <= tape->most_each));
        tape->count = pass->count;
        tape->each = pass->net->embedding < 0 ? 1 : pass->each;
        tape->pack = pack_of(pass->net, pass->noise);
        tape->norm = -1;
        if (pass->net->stale[tape->pack]) rb_net_finish(pass->net);
    }
    for (int i = 0; i < count; i++) {
        const int panels = stale_panels(&f, i);
        for (int j = 0; panels && j < passes[i].net->linears; j++)
            job.bytes += rb_linear_pack_bytes(&passes[i].net->layer[j].linear);
        job.pieces += panels + passes[i].count;
        job.products += rb_net_trunk_work(passes[i].net, passes[i].tape->backward, 0) * passes[i].count;
    }
    rb_compute_for(passes[0].net->compute, &job);
    later_segments(&f);
    for (int i = 0; i < count; i++) {
        if (!passes[i].net->updating) passes[i].net->stale[passes[i].tape->pack] = false;
    }
}

static int networks(const forward *f)
{
    int count = 0;
    for (int i = 0; i < f->count; i++) count += is_first(f, i);
    return count;
}

enum { ROWS = 128 }; // with many rows, as many as stay in the second-level cache for all outputs

// The blocks of rows of a linear layer: equally many in all networks. A layer whose weights are composed with
// noise for each piece has one.
static int row_blocks(const forward *f, int layer)
{
    int most = 1;
    for (int p = 0; p < f->count; p++) {
        const rb_net *net = f->passes[p].net;
        if (net->embedding < 0 || layer <= net->embedding) return 1;
        if (net->layer[layer].linear.noise && net->scratch) return 1;
        const int blocks = (rb_tape_rows(f->passes[p].tape, layer) + ROWS - 1) / ROWS;
        if (blocks > most) most = blocks;
    }
    return most;
}

static rb_rows rows_from(rb_rows rows, int first)
{
    return (rb_rows){rows.data ? rows.data + first * rows.row : NULL, rows.row};
}

// Networks alternate, so that one thread fetches and composes weights while another multiplies.
static void stage_piece(void *context, int piece)
{
    const forward *f = context;
    const int nets = networks(f);
    int first = 0, turn = piece % nets;
    piece /= nets;
    while (!is_first(f, first) || turn-- > 0) first++;
    const rb_net *net = f->passes[first].net;
    int i = net->stage[f->stage].first;
    const int blocks = row_blocks(f, i);
    for (; piece >= blocks * rb_linear_pieces(&net->layer[i].linear); i++)
        piece -= blocks * rb_linear_pieces(&net->layer[i].linear);
    const int block = piece / rb_linear_pieces(&net->layer[i].linear), from = block * ROWS;
    piece %= rb_linear_pieces(&net->layer[i].linear);
    const bool last = f->stage == net->stages - 1;
    const int stream = i - net->stage[f->stage].first;
    rb_unit *scratch = net->scratch ? net->scratch + (size_t)rb_pool_thread() * net->scratch_units : NULL;
    const rb_unit *weights[RB_PACKS] = {NULL};
    for (int p = first; p < f->count; p++) {
        const rb_forward *pass = &f->passes[p];
        if (pass->net != net) continue;
        const int rows = rb_tape_rows(pass->tape, i) - from;
        if (rows <= 0) continue;
        const rb_linear_pass linear = {
            .linear = &pass->net->layer[i].linear,
            .kernels = net->kernels,
            .x = rows_from(rb_tape_source(pass->tape, net->layer[i].source), from),
            .y = rows_from(pass->tape->linear[i], from),
            .y_f32 = last ? pass->tape->last[stream] + from * pass->tape->last_row[stream] : NULL,
            .y_f32_row = last ? pass->tape->last_row[stream] : 0,
            .count = blocks > 1 && rows > ROWS ? ROWS : rows,
            .pack = rb_linear_pack(&net->layer[i].linear, pass->tape->pack),
            .draw = pass->tape->draw,
        };
        const rb_unit **own = &weights[linear.pack];
        if (!*own) *own = rb_linear_weights(&linear, piece, scratch);
        rb_linear_forward(&linear, piece, *own);
    }
}

static void run_stage(forward *f, int stage)
{
    rb_job job = {.phase = "forward, linear", .fn = stage_piece, .context = f};
    for (int p = 0; p < f->count; p++) {
        const rb_net *net = f->passes[p].net;
        for (int i = 0; i < net->stage[stage].count; i++) {
            const rb_linear *linear = &net->layer[net->stage[stage].first + i].linear;
            if (is_first(f, p)) {
                job.pieces += rb_linear_pieces(linear) * row_blocks(f, net->stage[stage].first);
                job.bytes += rb_linear_weights_bytes(linear);
            }
            job.products += (double)rb_layout_numbers(&linear->layout, 1) *
                            rb_tape_rows(f->passes[p].tape, net->stage[stage].first);
        }
    }
    f->stage = stage;
    rb_compute_for(f->passes[0].net->compute, &job);
}

// --- normalisation of the stage's vectors ---

static const rb_net_norms *stage_norms(const forward *f, const rb_net *net)
{
    return &net->layer[net->stage[f->stage].first].norms; // equally many in all layers of a stage
}

static void norm_piece(void *context, int piece)
{
    const forward *f = context;
    for (int p = 0; p < f->count; p++) {
        const rb_net_stage *stage = &f->passes[p].net->stage[f->stage];
        for (int i = stage->first; i < stage->first + stage->count; i++) {
            const rb_norm_rows rows = rb_tape_norm_rows(f->passes[p].tape, i, f->norm);
            const int pieces = rb_norm_forward_pieces(rows.norm, rows.count);
            if (piece < pieces) {
                rb_norm_forward_rows(&rows, piece);
                return;
            }
            piece -= pieces;
        }
    }
}

static void run_norm(forward *f, int norm)
{
    rb_job job = {.phase = "forward, linear", .fn = norm_piece, .context = f};
    f->norm = norm;
    for (int p = 0; p < f->count; p++) {
        const rb_net_stage *stage = &f->passes[p].net->stage[f->stage];
        for (int i = stage->first; i < stage->first + stage->count; i++) {
            const rb_norm_rows rows = rb_tape_norm_rows(f->passes[p].tape, i, norm);
            job.pieces += rb_norm_forward_pieces(rows.norm, rows.count);
            job.products += 4 * (double)rows.norm->columns * rows.count;
        }
    }
    rb_compute_for(f->passes[0].net->compute, &job);
}

void rb_net_forward_head(const rb_forward *passes, int count)
{
    forward f = {.passes = passes, .count = count};
    for (int i = 0; i < count; i++) {
        const rb_forward *pass = &passes[i];
        rb_net_finish(pass->net);
        assert(!pass->net->stale[pass->tape->pack]);
        pass->tape->draw = rb_linear_slot(pass->tape->pack, pass->net->draw);
        pass->tape->draws = pass->net->draws;
    }
    for (int i = 0; i < passes[0].net->stages; i++) {
        const bool embeds = passes[0].net->stage[i].first == passes[0].net->embedding;
        if (embeds) rb_net_write_cosines(passes, count);
        run_stage(&f, i);
        if (embeds) rb_net_mix(passes, count);
        for (int norm = 0; norm < stage_norms(&f, passes[0].net)->count; norm++) run_norm(&f, norm);
    }
    for (int i = 0; i < count; i++) {
        const rb_tape *tape = passes[i].tape;
        const rb_net_spec *spec = &passes[i].net->spec;
        const int rows = rb_tape_rows(tape, passes[i].net->linears - 1);
        if (spec->params.dueling) {
            rb_dueling_join(tape->last[0], tape->last_row[0], tape->last[1], tape->last_row[1], rows,
                            spec->actions, spec->outputs, tape->output);
        } else {
            rb_rows_pack(tape->last[0], tape->last_row[0], rows, spec->actions * spec->outputs, tape->output);
        }
        if (spec->params.relu_outputs)
            rb_floats_relu(tape->output, (size_t)rows * (size_t)(spec->actions * spec->outputs));
    }
}

const float *rb_tape_output(const rb_tape *tape)
{
    return tape->output;
}

const float *rb_net_forward(rb_net *net, rb_tape *tape, const void *observations, int count, int noise)
{
    const rb_forward pass = {
        .net = net, .tape = tape, .observations = observations, .count = count, .noise = noise};
    return rb_net_forward_pass(&pass);
}

const float *rb_net_forward_pass(const rb_forward *pass)
{
    rb_net_finish(pass->net);
    rb_net_forward_trunk(pass, 1);
    rb_net_forward_head(pass, 1);
    return pass->tape->output;
}
