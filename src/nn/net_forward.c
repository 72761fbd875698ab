// Forward. Work is cut into pieces that the shapes alone fix, so any number of threads gives the same bits:
//
//     convolutions     a sample a piece, from its bytes through all layers, so that activations stay in the
//                      second cache
//     linear layers    32 outputs a piece
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
    rb_linear_compose(linear, net->kernels, rb_linear_pack(linear, pack), net->draw, panel);
}

// A picture of floats, planar, to [pixels][channels] in the format of the kernels.
static void read_floats(const rb_net *net, const float *planar, int channels, rb_unit *to)
{
    enum { SOME = 64 };
    const int planes = net->spec.planes, pixels = net->spec.height * net->spec.width;
    const int together = net->kernels->together;
    float some[SOME];
    for (int i = 0; i < pixels; i++) {
        for (int first = 0; first < channels; first += SOME) {
            const int count = channels - first < SOME ? channels - first : SOME;
            for (int c = 0; c < count; c++)
                some[c] = first + c < planes ? planar[(ptrdiff_t)(first + c) * pixels + i] : 0;
            net->kernels->round(to + ((ptrdiff_t)i * channels + first) / together, some, (size_t)count);
        }
    }
}

static void read_picture(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int pixels = spec->height * spec->width, channels = net->conv[0].layout.stride;
    const ptrdiff_t at = (ptrdiff_t)sample * spec->planes * pixels;
    rb_unit *to = rb_rows_at(pass->tape->input, sample);
    if (!spec->bytes) {
        read_floats(net, (const float *)pass->observations + at, channels, to);
        return;
    }
    const float scale = net->conv[0].in_scale == 1 ? 1.0f / 255 : 1; // or the weights have it
    net->kernels->picture((const uint8_t *)pass->observations + at, spec->planes, channels, pixels, scale,
                          to);
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
            .pack = rb_linear_pack(&net->layer[i].linear, pass->tape->pack),
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
