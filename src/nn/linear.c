// Linear and noisy layers: products by pieces of two panels (32 outputs), and the pass that makes a tile of
// the weight gradient and applies the optimiser to it while it is in the first cache.
#include <string.h>

#include "nn/layer.h"

#define PIECE         2     // panels
#define DRAW_PIECE    16384 // numbers
#define COMPOSE_BLOCK 128   // inputs

ptrdiff_t rb_row_of(size_t columns)
{
    const size_t units = (columns + RB_PANEL - 1) / RB_PANEL;
    return (ptrdiff_t)((units | 1) * RB_PANEL);
}

float *rb_taker_floats(rb_taker *taker, size_t count)
{
    taker->bytes += count * sizeof(float);
    return taker->arena ? RB_TAKE(taker->arena, float, count) : NULL;
}

double *rb_taker_doubles(rb_taker *taker, size_t count)
{
    taker->bytes += count * sizeof(double);
    return taker->arena ? RB_TAKE(taker->arena, double, count) : NULL;
}

void rb_weights_take(rb_weights *weights, size_t count, bool trains, rb_taker *taker)
{
    weights->count = count;
    weights->value = rb_taker_floats(taker, count);
    if (!trains) return;
    weights->m = rb_taker_floats(taker, count);
    weights->v = rb_taker_floats(taker, count);
}

void rb_weights_step(const rb_weights *w, const rb_kernels *kernels, const rb_rule *rule, size_t at,
                     const float *gradient, size_t count)
{
    kernels->step(rule, w->value + at, w->m + at, w->v + at, gradient, count);
}

void rb_weights_visit(rb_weights *weights, rb_visitor *visitor, const char *name)
{
    if (!weights->count) return;
    rb_visit_open(visitor, name);
    rb_visit_f32s(visitor, "value", weights->value, weights->count);
    if (weights->m) {
        rb_visit_f32s(visitor, "m", weights->m, weights->count);
        rb_visit_f32s(visitor, "v", weights->v, weights->count);
    }
    rb_visit_close(visitor);
}

void rb_linear_take(rb_linear *l, bool trains, rb_taker *taker)
{
    l->inputs = rb_layout_inputs(&l->layout);
    l->panels = rb_layout_panels(&l->layout);
    const size_t numbers = rb_layout_numbers(&l->layout), columns = (size_t)l->panels * RB_PANEL,
                 inputs = (size_t)l->inputs;
    rb_weights_take(&l->weight, numbers, trains, taker);
    rb_weights_take(&l->bias, columns, trains, taker);
    if (!l->noise) return;
    rb_weights_take(&l->sigma, numbers, trains, taker);
    rb_weights_take(&l->bias_sigma, columns, trains, taker);
    l->noise_out = rb_taker_floats(taker, columns);
    l->noise_out2 = rb_taker_floats(taker, columns);
    if (trains) {
        l->composed = rb_taker_floats(taker, numbers);
        l->composed_bias = rb_taker_floats(taker, columns);
    }
    if (l->noise == RB_NOISE_FACTORISED) {
        l->noise_in = rb_taker_floats(
            taker, (size_t)rb_row_of(inputs)); // a Gram matrix reads it up to a multiple of 16
        l->noise_in2 = rb_taker_floats(taker, (size_t)rb_row_of(inputs));
    } else {
        l->noise_all = rb_taker_floats(taker, numbers);
    }
}

int rb_linear_pieces(const rb_linear *l)
{
    return (l->panels + PIECE - 1) / PIECE;
}
int rb_linear_input_pieces(const rb_linear *l)
{
    return (l->inputs + RB_LINEAR_BLOCK - 1) / RB_LINEAR_BLOCK;
}

static int piece_panels(const rb_linear *l, int piece)
{
    return l->panels - piece * PIECE < PIECE ? l->panels - piece * PIECE : PIECE;
}
static size_t panel_at(const rb_linear *l, int panel, int input)
{
    return (size_t)panel * (size_t)rb_layout_panel(&l->layout) + (size_t)input * RB_PANEL;
}

// One panel's weights with noise, for `inputs` inputs from `input` on.
static void compose_rows(const rb_linear *l, const rb_kernels *kernels, int panel, int input, int inputs,
                         float *out)
{
    const size_t at = panel_at(l, panel, input);
    if (l->noise == RB_NOISE_FACTORISED) {
        kernels->compose_outer(out, l->weight.value + at, l->sigma.value + at, l->noise_in + input,
                               l->noise_out + panel * RB_PANEL, inputs);
    } else {
        kernels->compose(out, l->weight.value + at, l->sigma.value + at, l->noise_all + at,
                         (size_t)inputs * RB_PANEL);
    }
}

static void compose_bias(const rb_linear *l, const rb_kernels *kernels, int panel, int panels, float *out)
{
    const size_t at = (size_t)panel * RB_PANEL;
    kernels->compose(out, l->bias.value + at, l->bias_sigma.value + at, l->noise_out + at,
                     (size_t)panels * RB_PANEL);
}

// A network that does not train uses a draw once: its composed weights never leave the first cache.
static void forward_composing(const rb_linear_pass *pass, rb_gemm job, int first)
{
    const rb_linear *l = pass->linear;
    float w[PIECE][COMPOSE_BLOCK * RB_PANEL], bias[PIECE * RB_PANEL];
    compose_bias(l, pass->kernels, first, job.panels, bias);
    job.bias = bias;
    job.w = w[0];
    job.w_panel = COMPOSE_BLOCK * RB_PANEL;
    for (int i = 0; i < l->inputs; i += COMPOSE_BLOCK) {
        job.length = l->inputs - i < COMPOSE_BLOCK ? l->inputs - i : COMPOSE_BLOCK;
        for (int p = 0; p < job.panels; p++) compose_rows(l, pass->kernels, first + p, i, job.length, w[p]);
        job.a = pass->x.data + i;
        job.resume = i > 0;
        job.relu = l->relu && i + job.length == l->inputs;
        const size_t next = panel_at(l, first, i + job.length),
                     then = job.panels > 1 ? panel_at(l, first + 1, i + job.length) : next;
        job.ahead[0] = l->weight.value + next, job.ahead[1] = l->weight.value + then;
        job.ahead[2] = l->sigma.value + next, job.ahead[3] = l->sigma.value + then;
        pass->kernels->gemm(&job);
    }
}

void rb_linear_forward(const rb_linear_pass *pass, int piece)
{
    const rb_linear *l = pass->linear;
    const bool noise = pass->noise && l->noise;
    const int first = piece * PIECE;
    const rb_gemm job = {
        .a = pass->x.data,
        .a_row = pass->x.row,
        .lines = 1,
        .rows = pass->count,
        .segments = 1,
        .length = l->inputs,
        .w = (noise && l->composed ? l->composed : l->weight.value) + panel_at(l, first, 0),
        .w_panel = rb_layout_panel(&l->layout),
        .panels = piece_panels(l, piece),
        .bias = (noise && l->composed ? l->composed_bias : l->bias.value) + first * RB_PANEL,
        .out = pass->y.data + first * RB_PANEL,
        .out_row = pass->y.row,
        .relu = l->relu,
    };
    if (noise && !l->composed) {
        forward_composing(pass, job, first);
    } else {
        pass->kernels->gemm(&job);
    }
}

void rb_linear_input_gradient(const rb_linear_pass *pass, rb_rows in_gradient, bool add, int piece)
{
    const rb_linear *l = pass->linear;
    const int first = piece * RB_LINEAR_BLOCK, left = l->inputs - first;
    pass->kernels->dot(&(rb_dot){
        .y = pass->y.data,
        .y_row = pass->y.row,
        .w = (pass->noise && l->noise ? l->composed : l->weight.value) + panel_at(l, 0, first),
        .w_panel = rb_layout_panel(&l->layout),
        .rows = pass->count,
        .panels = l->panels,
        .inputs = left < RB_LINEAR_BLOCK ? left : RB_LINEAR_BLOCK,
        .out = in_gradient.data + first,
        .out_row = in_gradient.row,
        .add = add,
    });
}

// The weight gradient of `panels` panels and at most RB_LINEAR_TILE inputs.
static void tile_gradient(const rb_linear_pass *pass, int panel, int panels, int input, int inputs,
                          float *out)
{
    pass->kernels->outer(&(rb_outer){
        .x = pass->x.data + input,
        .y = pass->y.data + panel * RB_PANEL,
        .x_step = pass->x.row,
        .y_step = pass->y.row,
        .lines = 1,
        .steps = pass->count,
        .inputs = inputs,
        .panels = panels,
        .out = out,
        .out_panel = (ptrdiff_t)RB_LINEAR_TILE * RB_PANEL,
    });
}

// Sigma's gradient from mu's: times the noise.
static void tile_sigma(const rb_linear_pass *pass, int panel, int input, int inputs, const float *gradient,
                       float *out)
{
    const rb_linear *l = pass->linear;
    if (l->noise == RB_NOISE_FACTORISED) {
        pass->kernels->scale_outer(out, gradient, l->noise_in + input, l->noise_out + panel * RB_PANEL,
                                   inputs);
    } else {
        pass->kernels->multiply(out, gradient, l->noise_all + panel_at(l, panel, input),
                                (size_t)inputs * RB_PANEL);
    }
}

static bool sigma_learns(const rb_linear_pass *pass)
{
    return pass->noise && pass->linear->noise;
}

void rb_linear_update(const rb_linear_pass *pass, int piece)
{
    const rb_linear *l = pass->linear;
    const rb_kernels *kernels = pass->kernels;
    const int first = piece * PIECE, panels = piece_panels(l, piece);
    float gradient[PIECE][RB_LINEAR_TILE * RB_PANEL], sigma[RB_LINEAR_TILE * RB_PANEL];
    for (int i = 0; i < l->inputs; i += RB_LINEAR_TILE) {
        const int inputs = l->inputs - i < RB_LINEAR_TILE ? l->inputs - i : RB_LINEAR_TILE;
        tile_gradient(pass, first, panels, i, inputs, gradient[0]);
        for (int p = 0; p < panels; p++) {
            const size_t at = panel_at(l, first + p, i), count = (size_t)inputs * RB_PANEL;
            rb_weights_step(&l->weight, kernels, pass->rule, at, gradient[p], count);
            if (!sigma_learns(pass)) continue;
            tile_sigma(pass, first + p, i, inputs, gradient[p], sigma);
            rb_weights_step(&l->sigma, kernels, pass->rule, at, sigma, count);
        }
    }
    const size_t column = (size_t)first * RB_PANEL, columns = (size_t)panels * RB_PANEL;
    float bias[PIECE * RB_PANEL];
    kernels->sum_rows(pass->y.data + column, pass->y.row, pass->count, (int)columns, bias, false);
    rb_weights_step(&l->bias, kernels, pass->rule, column, bias, columns);
    if (!sigma_learns(pass)) return;
    kernels->multiply(bias, bias, l->noise_out + column, columns);
    rb_weights_step(&l->bias_sigma, kernels, pass->rule, column, bias, columns);
}

double rb_linear_bias_square_sum(const rb_linear_pass *pass)
{
    const rb_linear *l = pass->linear;
    double sum = 0;
    for (int panel = 0; panel < l->panels; panel++) {
        float bias[RB_PANEL];
        pass->kernels->sum_rows(pass->y.data + panel * RB_PANEL, pass->y.row, pass->count, RB_PANEL, bias,
                                false);
        sum += pass->kernels->square_sum(bias, RB_PANEL);
        if (!sigma_learns(pass)) continue;
        pass->kernels->multiply(bias, bias, l->noise_out + panel * RB_PANEL, RB_PANEL);
        sum += pass->kernels->square_sum(bias, RB_PANEL);
    }
    return sum;
}

double rb_linear_square_sum(const rb_linear_pass *pass, int piece)
{
    const rb_linear *l = pass->linear;
    const int first = piece * PIECE, panels = piece_panels(l, piece);
    float gradient[PIECE][RB_LINEAR_TILE * RB_PANEL], sigma[RB_LINEAR_TILE * RB_PANEL];
    double sum = 0;
    for (int i = 0; i < l->inputs; i += RB_LINEAR_TILE) {
        const int inputs = l->inputs - i < RB_LINEAR_TILE ? l->inputs - i : RB_LINEAR_TILE;
        tile_gradient(pass, first, panels, i, inputs, gradient[0]);
        for (int p = 0; p < panels; p++) {
            sum += pass->kernels->square_sum(gradient[p], (size_t)inputs * RB_PANEL);
            if (!sigma_learns(pass)) continue;
            tile_sigma(pass, first + p, i, inputs, gradient[p], sigma);
            sum += pass->kernels->square_sum(sigma, (size_t)inputs * RB_PANEL);
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
            pass->kernels->sum_rows(pass->y.data + panel * RB_PANEL, pass->y.row, pass->count, RB_PANEL,
                                    gradient, false);
            if (of_sigma)
                pass->kernels->multiply(gradient, gradient, l->noise_out + panel * RB_PANEL, RB_PANEL);
            const int left = l->layout.outputs - panel * RB_PANEL,
                      columns = left < RB_PANEL ? left : RB_PANEL;
            if (none) memset(gradient, 0, sizeof gradient);
            memcpy(out + panel * RB_PANEL, gradient, (size_t)columns * sizeof(float));
            continue;
        }
        for (int i = 0; i < l->inputs; i += RB_LINEAR_TILE) {
            const int inputs = l->inputs - i < RB_LINEAR_TILE ? l->inputs - i : RB_LINEAR_TILE;
            tile_gradient(pass, panel, 1, i, inputs, gradient);
            if (of_sigma && !none) tile_sigma(pass, panel, i, inputs, gradient, gradient);
            if (none) memset(gradient, 0, sizeof gradient);
            rb_layout_scatter(&l->layout, panel, i, inputs, gradient, out);
        }
    }
}

int rb_linear_draw_pieces(const rb_linear *l)
{
    return l->noise == RB_NOISE_INDEPENDENT ? 1 + (int)((l->weight.count + DRAW_PIECE - 1) / DRAW_PIECE) : 1;
}

void rb_linear_draw(rb_linear *l, const rb_kernels *kernels, const uint32_t key[2], int piece)
{
    const size_t columns = (size_t)l->panels * RB_PANEL;
    if (piece > 0) {
        const size_t at = (size_t)(piece - 1) * DRAW_PIECE, left = l->weight.count - at;
        kernels->normal(key, at, l->noise_all + at, left < DRAW_PIECE ? left : DRAW_PIECE);
        return;
    }
    // The outputs' numbers lie behind all that the inputs or the weights can take from the stream.
    kernels->normal(key, UINT64_C(1) << 32, l->noise_out, columns);
    if (l->noise == RB_NOISE_FACTORISED) {
        kernels->normal(key, 0, l->noise_in, (size_t)l->inputs);
        kernels->signed_root(l->noise_in, (size_t)l->inputs);
        kernels->signed_root(l->noise_out, columns);
    }
    rb_linear_square_noise(l);
}

void rb_linear_square_noise(rb_linear *l)
{
    rb_floats_square(l->noise_out, l->noise_out2, (size_t)l->panels * RB_PANEL);
    if (l->noise == RB_NOISE_FACTORISED) rb_floats_square(l->noise_in, l->noise_in2, (size_t)l->inputs);
}

void rb_linear_compose(const rb_linear *l, const rb_kernels *kernels, int piece)
{
    const int first = piece * PIECE, panels = piece_panels(l, piece);
    for (int panel = first; panel < first + panels; panel++) {
        compose_rows(l, kernels, panel, 0, l->inputs, l->composed + panel_at(l, panel, 0));
    }
    compose_bias(l, kernels, first, panels, l->composed_bias + first * RB_PANEL);
}
