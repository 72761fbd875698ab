// Linear and noisy layers: products by pieces of two panels (32 outputs), and the pass over a panel's records
// that computes the weight gradient, applies the optimiser and packs the result.
#include <string.h>

#include "nn/layer.h"

enum { PIECE = 2 };                 // panels
enum { DRAW_PIECE = 16384 };        // numbers
enum { PACK_THAT_STAYS = 4 << 20 }; // bytes: a larger pack leaves the caches before the next pass reads it

static size_t inputs_in_lines(const rb_linear *l) // a Gram matrix reads noise up to a multiple of 16
{
    return (size_t)(l->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
}

void rb_linear_take(rb_linear *l, bool trains, rb_plan *plan)
{
    const size_t columns = (size_t)rb_layout_panels(&l->layout) * RB_PANEL;
    l->inputs = rb_layout_inputs(&l->layout);
    l->panels = rb_layout_panels(&l->layout);
    l->moments = trains ? 2 : 0;
    l->vectors = (l->noise ? 2 : 1) * (1 + l->moments);
    l->record = rb_plan_floats(plan, rb_layout_numbers(&l->layout, l->vectors));
    rb_weights_take(&l->bias, columns, trains, plan);
    l->pack_panel = rb_layout_pack(&l->layout, plan->per_unit);
    const size_t pack = (size_t)l->panels * (size_t)l->pack_panel;
    l->pack[RB_PACK_MEANS] = rb_plan_units(plan, pack);
    l->packed_bias[RB_PACK_MEANS] = l->bias.value;
    if (!l->noise) return;
    *(trains ? &l->pack[RB_PACK_NOISY] : &l->sigma_pack) = rb_plan_units(plan, pack);
    l->packed_bias[RB_PACK_NOISY] = rb_plan_floats(plan, columns);
    for (int i = RB_PACK_NOISY_MORE; i < RB_PACK_NOISY_MORE + l->more; i++) {
        l->pack[i] = rb_plan_units(plan, pack);
        l->packed_bias[i] = rb_plan_floats(plan, columns);
    }
    rb_weights_take(&l->bias_sigma, columns, trains, plan);
    for (int i = 0; i < RB_DRAWS + l->more; i++) {
        rb_draw *draw = &l->draw[i];
        draw->out = rb_plan_floats(plan, columns);
        draw->out2 = rb_plan_floats(plan, columns);
        if (l->noise == RB_NOISE_FACTORISED) {
            draw->in = rb_plan_floats(plan, inputs_in_lines(l));
            draw->in2 = rb_plan_floats(plan, inputs_in_lines(l));
        } else {
            draw->all = rb_plan_floats(plan, rb_layout_numbers(&l->layout, 1));
        }
    }
}

int rb_linear_pieces(const rb_linear *l)
{
    return (l->panels + PIECE - 1) / PIECE;
}

static int piece_panels(const rb_linear *l, int piece)
{
    return l->panels - piece * PIECE < PIECE ? l->panels - piece * PIECE : PIECE;
}

void rb_linear_forward(const rb_linear_pass *pass, int piece, const rb_unit *weights)
{
    const rb_linear *l = pass->linear;
    const int first = piece * PIECE, column = first * RB_PANEL;
    pass->kernels->gemm(&(rb_gemm){
        .a = pass->x.data,
        .a_row = pass->x.row,
        .lines = 1,
        .rows = pass->count,
        .segments = 1,
        .length = l->inputs / pass->kernels->per_unit,
        .w = weights,
        .w_panel = l->pack_panel,
        .panels = piece_panels(l, piece),
        .bias = l->packed_bias[pass->pack] + column,
        .out = pass->y_f32 ? NULL : pass->y.data + column / pass->kernels->per_unit,
        .out_f32 = pass->y_f32 ? pass->y_f32 + column : NULL,
        .out_row = pass->y_f32 ? pass->y_f32_row : pass->y.row,
        .relu = l->relu,
    });
}

// --- noise and packs ---

static rb_panel_noise panel_noise(const rb_linear *l, int pack, int draw, int panel)
{
    const rb_draw *d = &l->draw[draw];
    if (pack == RB_PACK_MEANS) return (rb_panel_noise){0};
    if (l->noise == RB_NOISE_FACTORISED)
        return (rb_panel_noise){.rows = d->in, .columns = d->out + panel * RB_PANEL};
    return (rb_panel_noise){.all = d->all + panel * rb_layout_panel(&l->layout, 1)};
}

static rb_panel_place panel_place(const rb_linear *l, int per_unit, int pack, int panel)
{
    const ptrdiff_t transposed_at = (ptrdiff_t)panel * RB_PANEL / per_unit * RB_PANEL;
    return (rb_panel_place){
        .inputs = l->inputs,
        .record = l->record + panel * rb_layout_panel(&l->layout, l->vectors),
        .moments = l->moments,
        .noisy = l->noise != RB_NOISE_NONE,
        .pack = l->pack[pack] + panel * l->pack_panel,
        .transposed = l->transposed[pack] ? l->transposed[pack] + transposed_at : NULL,
        .transposed_panel = l->transposed_panel,
        .past_caches = (size_t)l->panels * (size_t)l->pack_panel * sizeof(rb_unit) > PACK_THAT_STAYS,
    };
}

static void compose_bias(const rb_linear *l, const rb_kernels *kernels, int pack, int draw, int panel)
{
    const size_t at = (size_t)panel * RB_PANEL;
    float *out = l->packed_bias[pack] + at;
    kernels->multiply(out, l->bias_sigma.value + at, l->draw[draw].out + at, RB_PANEL);
    kernels->add(out, l->bias.value + at, RB_PANEL);
}

void rb_linear_pack_panel(const rb_linear *l, const rb_kernels *kernels, int pack, int draw, int panel)
{
    const bool apart = pack != RB_PACK_MEANS && l->sigma_pack;
    const int own = apart ? RB_PACK_MEANS : pack;
    const rb_panel_noise noise = panel_noise(l, own, draw, panel);
    rb_panel_place place = panel_place(l, kernels->per_unit, own, panel);
    kernels->compose(&place, &noise, 1);
    if (own != RB_PACK_MEANS) compose_bias(l, kernels, own, draw, panel);
    if (!apart) return;
    place.record += (1 + l->moments) * RB_PANEL; // sigma's part of the record
    place.pack = l->sigma_pack + panel * l->pack_panel;
    kernels->compose(&place, &noise, 1);
}

size_t rb_linear_scratch(const rb_linear *l)
{
    return l->noise && !l->moments ? (size_t)PIECE * (size_t)l->pack_panel : 0;
}

const rb_unit *rb_linear_weights(const rb_linear_pass *pass, int piece, rb_unit *scratch)
{
    const rb_linear *l = pass->linear;
    const int first = piece * PIECE;
    if (l->pack[pass->pack]) return l->pack[pass->pack] + first * l->pack_panel;
    for (int panel = first; panel < first + piece_panels(l, piece); panel++) {
        const rb_panel_noise noise = panel_noise(l, pass->pack, pass->draw, panel);
        const ptrdiff_t at = panel * l->pack_panel;
        pass->kernels->compose_packs(l->pack[RB_PACK_MEANS] + at, l->sigma_pack + at, l->inputs, &noise,
                                     scratch + (panel - first) * l->pack_panel);
        compose_bias(l, pass->kernels, pass->pack, pass->draw, panel);
    }
    return scratch;
}

static double pack_bytes(const rb_linear *l) // written
{
    const double units = (double)l->panels * (double)l->pack_panel;
    return units * sizeof(rb_unit) * (l->transposed[RB_PACK_MEANS] ? 2 : 1);
}

// A small layer's records stay in the caches.
static double from_memory(double bytes)
{
    return bytes > PACK_THAT_STAYS ? bytes : 0;
}

double rb_linear_pack_bytes(const rb_linear *l)
{
    const int vectors = l->noise ? 2 : 1;
    return from_memory((double)rb_layout_numbers(&l->layout, vectors) * sizeof(float) + pack_bytes(l));
}

double rb_linear_weights_bytes(const rb_linear *l)
{
    return l->sigma_pack ? from_memory(2 * pack_bytes(l)) : 0;
}

double rb_linear_update_bytes(const rb_linear *l)
{
    const double more = (double)l->more * (double)l->panels * (double)l->pack_panel * sizeof(rb_unit);
    return from_memory(2 * (double)rb_layout_numbers(&l->layout, l->vectors) * sizeof(float) + pack_bytes(l) +
                       more);
}

int rb_linear_draw_pieces(const rb_linear *l)
{
    if (l->noise != RB_NOISE_INDEPENDENT) return 1;
    return 1 + (int)((rb_layout_numbers(&l->layout, 1) + DRAW_PIECE - 1) / DRAW_PIECE);
}

void rb_linear_draw(rb_linear *l, const rb_kernels *kernels, int draw, const uint32_t key[2], int piece)
{
    const size_t columns = (size_t)l->panels * RB_PANEL;
    const rb_draw *d = &l->draw[draw];
    if (piece > 0) {
        const size_t at = (size_t)(piece - 1) * DRAW_PIECE, left = rb_layout_numbers(&l->layout, 1) - at;
        kernels->normal(key, at, d->all + at, left < DRAW_PIECE ? left : DRAW_PIECE);
        return;
    }
    // The outputs' numbers come from a part of the stream that the inputs and the weights never reach.
    kernels->normal(key, UINT64_C(1) << 32, d->out, columns);
    if (l->noise == RB_NOISE_FACTORISED) {
        kernels->normal(key, 0, d->in, (size_t)l->inputs);
        kernels->signed_root(d->in, (size_t)l->inputs);
        kernels->signed_root(d->out, columns);
    }
    rb_linear_square_noise(l, draw);
}

void rb_linear_square_noise(const rb_linear *l, int draw)
{
    const rb_draw *d = &l->draw[draw];
    rb_floats_square(d->out, d->out2, (size_t)l->panels * RB_PANEL);
    if (l->noise == RB_NOISE_FACTORISED) rb_floats_square(d->in, d->in2, (size_t)l->inputs);
}

// --- gradients ---

static bool sigma_learns(const rb_linear_pass *pass)
{
    return pass->linear->noise && pass->pack != RB_PACK_MEANS;
}

static int pairs(const rb_linear_pass *pass)
{
    return (pass->count + pass->kernels->per_unit - 1) / pass->kernels->per_unit;
}

static void column_sums(const rb_linear_pass *pass, int panel, float out[RB_PANEL])
{
    const rb_unit *y = pass->y.data + panel * RB_PANEL / pass->kernels->per_unit;
    pass->kernels->sum_rows(y, pass->y.row, pass->count, RB_PANEL, out, false);
}

// Biases that outputs share have one gradient, the sum over these outputs. Each panel computes it, so that
// all copies of a bias take the same steps.
static void tied_gradient(const rb_linear_pass *pass, int panel, float out[RB_PANEL])
{
    const rb_linear *l = pass->linear;
    memset(out, 0, RB_PANEL * sizeof *out);
    for (int from = 0; from < l->panels; from++) {
        float sums[RB_PANEL];
        column_sums(pass, from, sums);
        for (int i = 0; i < RB_PANEL && from * RB_PANEL + i < l->layout.outputs; i++)
            for (int j = 0; j < RB_PANEL && panel * RB_PANEL + j < l->layout.outputs; j++)
                if ((from * RB_PANEL + i) % l->tied == (panel * RB_PANEL + j) % l->tied) out[j] += sums[i];
    }
}

static void bias_gradient(const rb_linear_pass *pass, int panel, float out[RB_PANEL])
{
    pass->linear->tied ? tied_gradient(pass, panel, out) : column_sums(pass, panel, out);
}

static void bias_sigma_gradient(const rb_linear_pass *pass, int panel, float gradient[RB_PANEL])
{
    const float *noise = pass->linear->draw[pass->draw].out + panel * RB_PANEL;
    pass->kernels->multiply(gradient, gradient, noise, RB_PANEL);
}

// The weight gradient of one or more panels, out_panel apart, and at most RB_LINEAR_TILE inputs.
static void tile_gradient(const rb_linear_pass *pass, int panel, int panels, int input, int inputs,
                          float *out, ptrdiff_t out_panel)
{
    pass->kernels->outer(&(rb_outer){
        .x = pass->pair_x.data + input,
        .y = pass->pair_y.data + panel * RB_PANEL,
        .x_step = pass->pair_x.row,
        .y_step = pass->pair_y.row,
        .lines = 1,
        .steps = pairs(pass),
        .inputs = inputs,
        .panels = panels,
        .out = out,
        .out_panel = out_panel,
    });
}

// Turns mu's gradient into sigma's by multiplying with the noise.
static void tile_sigma(const rb_linear_pass *pass, int panel, int input, int inputs, float *restrict gradient)
{
    const rb_panel_noise noise = panel_noise(pass->linear, pass->pack, pass->draw, panel);
    const size_t count = (size_t)inputs * RB_PANEL;
    if (noise.all) {
        pass->kernels->multiply(gradient, gradient, noise.all + (size_t)input * RB_PANEL, count);
        return;
    }
    for (int i = 0; i < inputs; i++, gradient += RB_PANEL) {
        for (int c = 0; c < RB_PANEL; c++)
            gradient[c] = gradient[c] * noise.columns[c] * noise.rows[input + i];
    }
}

static int tile_inputs(const rb_linear *l, int input)
{
    return l->inputs - input < RB_LINEAR_TILE ? l->inputs - input : RB_LINEAR_TILE;
}

void rb_linear_update(const rb_linear_pass *pass, int panel)
{
    const rb_linear *l = pass->linear;
    const rb_kernels *kernels = pass->kernels;
    const rb_panel_place place = panel_place(l, kernels->per_unit, pass->pack, panel);
    const rb_panel_noise next = panel_noise(l, pass->pack, pass->next, panel);
    rb_panel_more more[RB_PANEL_MORE_MOST];
    for (int i = 0; i < l->more; i++) {
        const int pack = RB_PACK_NOISY_MORE + i;
        more[i] = (rb_panel_more){.pack = l->pack[pack] + panel * l->pack_panel,
                                  .noise = panel_noise(l, pack, rb_linear_slot(pack, 0), panel)};
    }
    kernels->update(
        &place,
        &(rb_panel_step){
            .x = pass->pair_x.data,
            .y = pass->pair_y.data + panel * RB_PANEL,
            .x_step = pass->pair_x.row,
            .y_step = pass->pair_y.row,
            .steps = pairs(pass),
            .gradient = pass->gradient ? pass->gradient + panel * rb_layout_panel(&l->layout, 1) : NULL,
            .noise = panel_noise(l, pass->pack, pass->draw, panel),
            .rule = pass->rule,
            .more = more,
            .more_count = l->more,
        },
        &next);
    const size_t column = (size_t)panel * RB_PANEL;
    float bias[RB_PANEL];
    bias_gradient(pass, panel, bias);
    rb_weights_step(&l->bias, kernels, pass->bias_rule, column, bias, RB_PANEL);
    if (!sigma_learns(pass)) return;
    bias_sigma_gradient(pass, panel, bias);
    rb_weights_step(&l->bias_sigma, kernels, pass->bias_rule, column, bias, RB_PANEL);
    compose_bias(l, kernels, pass->pack, pass->next, panel);
    for (int i = 0; i < l->more; i++) {
        const int pack = RB_PACK_NOISY_MORE + i;
        compose_bias(l, kernels, pack, rb_linear_slot(pack, 0), panel);
    }
}

double rb_linear_bias_square_sum(const rb_linear_pass *pass)
{
    double sum = 0;
    for (int panel = 0; panel < pass->linear->panels; panel++) {
        float bias[RB_PANEL];
        bias_gradient(pass, panel, bias);
        for (int i = 0; pass->linear->tied && i < RB_PANEL; i++)
            if (panel * RB_PANEL + i >= pass->linear->tied) bias[i] = 0; // a shared bias counts once
        sum += pass->kernels->square_sum(bias, RB_PANEL);
        if (!sigma_learns(pass)) continue;
        bias_sigma_gradient(pass, panel, bias);
        sum += pass->kernels->square_sum(bias, RB_PANEL);
    }
    return sum;
}

// The sum over many rows goes in blocks whose outputs' gradients stay in a cache.
void rb_linear_sum_rows(const rb_linear_pass *pass, int tile)
{
    enum { STEPS = 128 };
    const rb_linear *l = pass->linear;
    const int input = tile * RB_LINEAR_TILE, steps = pairs(pass);
    for (int step = 0; step < steps; step += STEPS)
        pass->kernels->outer(&(rb_outer){
            .x = pass->pair_x.data + step * pass->pair_x.row + input,
            .y = pass->pair_y.data + step * pass->pair_y.row,
            .x_step = pass->pair_x.row,
            .y_step = pass->pair_y.row,
            .lines = 1,
            .steps = steps - step < STEPS ? steps - step : STEPS,
            .inputs = tile_inputs(l, input),
            .panels = l->panels,
            .out = pass->gradient + (ptrdiff_t)input * RB_PANEL,
            .out_panel = rb_layout_panel(&l->layout, 1),
            .add = step > 0,
        });
}

double rb_linear_square_sum(const rb_linear_pass *pass, int piece)
{
    const rb_linear *l = pass->linear;
    const int first = piece * PIECE, panels = piece_panels(l, piece);
    const ptrdiff_t kept_panel = rb_layout_panel(&l->layout, 1);
    float tile[RB_LINEAR_TILE * RB_PANEL];
    double sum = 0;
    for (int i = 0; pass->gradient && !pass->summed && i < l->inputs; i += RB_LINEAR_TILE)
        tile_gradient(pass, first, panels, i, tile_inputs(l, i),
                      pass->gradient + first * kept_panel + (ptrdiff_t)i * RB_PANEL, kept_panel);
    for (int panel = first; panel < first + panels; panel++) {
        const float *kept = pass->gradient ? pass->gradient + panel * kept_panel : NULL;
        for (int i = 0; i < l->inputs; i += RB_LINEAR_TILE) {
            const int inputs = tile_inputs(l, i);
            const size_t count = (size_t)inputs * RB_PANEL;
            const float *gradient = kept ? kept + (size_t)i * RB_PANEL : tile;
            if (!kept) tile_gradient(pass, panel, 1, i, inputs, tile, 0);
            sum += pass->kernels->square_sum(gradient, count);
            if (!sigma_learns(pass)) continue;
            if (kept) memcpy(tile, gradient, count * sizeof(float));
            tile_sigma(pass, panel, i, inputs, tile);
            sum += pass->kernels->square_sum(tile, count);
        }
    }
    return sum;
}

void rb_linear_gradient(const rb_linear_pass *pass, int tensor, float *out)
{
    const rb_linear *l = pass->linear;
    const bool of_sigma = tensor >= 2, none = of_sigma && !sigma_learns(pass);
    float gradient[RB_LINEAR_TILE * RB_PANEL];
    for (int panel = 0; panel < l->panels; panel++) {
        if (tensor % 2) {
            bias_gradient(pass, panel, gradient);
            if (of_sigma) bias_sigma_gradient(pass, panel, gradient);
            rb_layout bias = l->layout;
            bias.channels = bias.stride = bias.height = bias.width = 1;
            bias.extra = bias.extra_stride = 0;
            if (none) memset(gradient, 0, sizeof gradient);
            rb_layout_scatter(&bias, panel, 0, 1, gradient, out);
            continue;
        }
        for (int i = 0; i < l->inputs; i += RB_LINEAR_TILE) {
            const int inputs = tile_inputs(l, i);
            tile_gradient(pass, panel, 1, i, inputs, gradient, 0);
            if (none)
                memset(gradient, 0, sizeof gradient);
            else if (of_sigma)
                tile_sigma(pass, panel, i, inputs, gradient);
            rb_layout_scatter(&l->layout, panel, i, inputs, gradient, out);
        }
    }
}
