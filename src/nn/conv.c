// Convolution as matrix products without copying windows. One line of a window, window * channels numbers, is
// contiguous in an [H][W][C] picture. So an output line is a product whose rows are the line's pixels and
// whose sum runs over the window's lines as segments.
//
// Input gradient: each output pixel's gradient times the transposed weights, one line of the window at a
// time, added in floats to the input's pixels that the window covered. If input and output have one size (a
// stride of 1, padded by half the window), it is a convolution of the gradient with the window turned around,
// which writes each number once.
#include <string.h>

#include "nn/layer.h"

static bool keeps_size(const rb_conv *c)
{
    return c->step == 1 && c->pad && c->layout.height == 2 * c->pad + 1 && c->layout.width == 2 * c->pad + 1;
}

void rb_conv_take(rb_conv *conv, bool trains, bool first, rb_plan *plan)
{
    const rb_layout *l = &conv->layout;
    rb_weights_take(&conv->weight, rb_layout_numbers(l, 1), trains, plan);
    rb_weights_take(&conv->bias, (size_t)conv->out_stride, trains, plan);
    if (conv->spectral) rb_spectral_take(conv, plan);
    conv->pack_panel = rb_layout_pack(l, plan->per_unit);
    conv->pack = rb_plan_units(plan, (size_t)rb_layout_panels(l) * (size_t)conv->pack_panel);
    if (!trains || first) return;
    conv->transposed_panel = (ptrdiff_t)conv->out_stride / plan->per_unit * RB_PANEL;
    conv->transposed =
        rb_plan_units(plan, (size_t)rb_layout_inputs(l) / RB_PANEL * (size_t)conv->transposed_panel);
    if (!keeps_size(conv)) return;
    conv->flipped_panel =
        ((ptrdiff_t)l->height * l->width * conv->out_stride / plan->per_unit | 1) * RB_PANEL;
    conv->flipped = rb_plan_units(plan, (size_t)l->stride / RB_PANEL * (size_t)conv->flipped_panel);
}

size_t rb_conv_scratch(const rb_conv *c)
{
    const size_t numbers = rb_conv_in_numbers(c), pixels = (size_t)c->in_height * (size_t)c->in_width;
    return keeps_size(c) && pixels * (size_t)c->out_stride > numbers ? pixels * (size_t)c->out_stride
                                                                     : numbers;
}
size_t rb_conv_in_numbers(const rb_conv *c)
{
    return (size_t)c->in_height * (size_t)c->in_width * (size_t)c->layout.stride;
}
size_t rb_conv_out_numbers(const rb_conv *c)
{
    return (size_t)c->out_height * (size_t)c->out_width * (size_t)c->out_stride;
}
size_t rb_conv_out_padded(const rb_conv *c)
{
    return (size_t)(c->out_height + 2 * c->out_border) * (size_t)(c->out_width + 2 * c->out_border) *
           (size_t)c->out_stride;
}
double rb_conv_work(const rb_conv *c)
{
    return (double)rb_layout_numbers(&c->layout, 1) * c->out_height * c->out_width;
}

void rb_conv_forward(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in, const rb_outputs *to,
                     const rb_unit *by, int line, int lines)
{
    const rb_layout *l = &conv->layout;
    const int pixel = l->stride / kernels->per_unit, out_pixel = conv->out_stride / kernels->per_unit;
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * pixel,
                    out_line = (ptrdiff_t)(conv->out_width + 2 * to->border) * out_pixel,
                    by_line = (ptrdiff_t)conv->out_width * out_pixel,
                    positive_line = by_line + 2 * (ptrdiff_t)to->positive_border * out_pixel;
    kernels->gemm(&(rb_gemm){
        .a = in + line * conv->step * in_line,
        .a_line = conv->step * in_line,
        .a_row = (ptrdiff_t)conv->step * pixel,
        .a_segment = in_line,
        .lines = lines,
        .rows = conv->out_width,
        .segments = l->height,
        .length = l->width * pixel,
        .w = conv->pack,
        .w_panel = conv->pack_panel,
        .panels = rb_layout_panels(l),
        .bias = conv->bias.value,
        .by = by ? by + line * by_line : NULL,
        .out = to->out + (to->border + line - to->from) * out_line + to->border * out_pixel,
        .positive = to->positive ? to->positive + (to->positive_border + line) * positive_line +
                                       to->positive_border * out_pixel
                                 : NULL,
        .out_line = out_line,
        .out_row = out_pixel,
        .by_line = by_line,
        .by_row = out_pixel,
        .positive_line = positive_line,
        .positive_row = out_pixel,
        .relu = conv->relu,
    });
}

void rb_conv_weight_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in,
                             const rb_unit *out_gradient, float *weight, bool add)
{
    const rb_layout *l = &conv->layout;
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * l->stride;
    const int window_line = l->width * l->stride;
    for (int y = 0; y < l->height; y++) {
        kernels->outer(&(rb_outer){
            .x = in + y * in_line,
            .y = out_gradient,
            .x_line = conv->step * in_line,
            .x_step = (ptrdiff_t)conv->step * l->stride,
            .y_line = (ptrdiff_t)conv->out_width * conv->out_stride,
            .y_step = conv->out_stride,
            .lines = conv->out_height,
            .steps = conv->out_width,
            .inputs = window_line,
            .panels = rb_layout_panels(l),
            .out = weight + (ptrdiff_t)y * window_line * RB_PANEL,
            .out_panel = rb_layout_panel(l, 1),
            .add = add,
        });
    }
}

void rb_conv_bias_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                           float *bias, bool add)
{
    kernels->sum_rows(out_gradient, conv->out_stride / kernels->per_unit, conv->out_height * conv->out_width,
                      conv->out_stride, bias, add);
}

// The gradient with a border of zeros: [H + 2 pad][W + 2 pad][out_pixel] units.
static void pad_gradient(const rb_conv *c, const rb_unit *gradient, int out_pixel, rb_unit *to)
{
    const ptrdiff_t side = (ptrdiff_t)c->pad * out_pixel, inner = (ptrdiff_t)c->out_width * out_pixel,
                    line = inner + 2 * side;
    memset(to, 0, (size_t)(c->pad * line) * sizeof *to);
    to += c->pad * line;
    for (int y = 0; y < c->out_height; y++, to += line, gradient += inner) {
        memset(to, 0, (size_t)side * sizeof *to);
        memcpy(to + side, gradient, (size_t)inner * sizeof *to);
        memset(to + side + inner, 0, (size_t)side * sizeof *to);
    }
    memset(to, 0, (size_t)(c->pad * line) * sizeof *to);
}

static void convolve_gradient(const rb_conv *c, const rb_kernels *kernels, const rb_unit *out_gradient,
                              const rb_unit *in, bool mask, const rb_unit *by, rb_unit *padded,
                              rb_unit *in_gradient)
{
    const rb_layout *l = &c->layout;
    const int out_pixel = c->out_stride / kernels->per_unit, pixel = l->stride / kernels->per_unit;
    const ptrdiff_t line = (ptrdiff_t)c->in_width * out_pixel, in_line = (ptrdiff_t)c->in_width * pixel;
    pad_gradient(c, out_gradient, out_pixel, padded);
    kernels->gemm(&(rb_gemm){
        .a = padded,
        .a_line = line,
        .a_row = out_pixel,
        .a_segment = line,
        .lines = c->out_height,
        .rows = c->out_width,
        .segments = l->height,
        .length = l->width * out_pixel,
        .w = c->flipped,
        .w_panel = c->flipped_panel,
        .panels = l->stride / RB_PANEL,
        .out = in_gradient,
        .out_line = (ptrdiff_t)c->out_width * pixel,
        .out_row = pixel,
        .mask = mask ? in + c->pad * (in_line + pixel) : NULL,
        .by = by,
        .mask_line = in_line,
        .mask_row = pixel,
        .by_line = (ptrdiff_t)c->out_width * pixel,
        .by_row = pixel,
    });
}

void rb_conv_input_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                            const rb_unit *in, bool mask, const rb_unit *by, float *sums,
                            rb_unit *in_gradient)
{
    const rb_layout *l = &conv->layout;
    if (conv->flipped) {
        convolve_gradient(conv, kernels, out_gradient, in, mask, by, (rb_unit *)sums, in_gradient);
        return;
    }
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * l->stride; // floats of `sums`
    const int panels = l->width * l->stride / RB_PANEL, out_pixel = conv->out_stride / kernels->per_unit;
    memset(sums, 0, rb_conv_in_numbers(conv) * sizeof(float));
    for (int y = 0; y < l->height; y++) {
        kernels->gemm(&(rb_gemm){
            .a = out_gradient,
            .a_line = (ptrdiff_t)conv->out_width * out_pixel,
            .a_row = out_pixel,
            .lines = conv->out_height,
            .rows = conv->out_width,
            .segments = 1,
            .length = out_pixel,
            .w = conv->transposed + y * panels * conv->transposed_panel,
            .w_panel = conv->transposed_panel,
            .panels = panels,
            .out_f32 = sums + y * in_line,
            .out_line = conv->step * in_line,
            .out_row = (ptrdiff_t)conv->step * l->stride,
            .add = true,
        });
    }
    // The lines inside the border; without a border, everything at once.
    const int lines = conv->pad ? conv->in_height - 2 * conv->pad : 1;
    const size_t numbers =
        conv->pad ? (size_t)((conv->in_width - 2 * conv->pad) * l->stride) : rb_conv_in_numbers(conv);
    for (int y = 0; y < lines; y++) {
        const ptrdiff_t from = (conv->pad + y) * in_line + (ptrdiff_t)conv->pad * l->stride;
        rb_unit *to = in_gradient + (size_t)y * numbers / (size_t)kernels->per_unit;
        if (mask)
            kernels->round_masked(to, sums + from, in + from / kernels->per_unit, numbers);
        else
            kernels->round(to, sums + from, numbers);
    }
}

// The transposed weights in the order of a window that is turned around, for each 16 channels of the input.
static void flip(const rb_conv *c, int per_unit)
{
    const rb_layout *l = &c->layout;
    const size_t units = (size_t)(c->out_stride / per_unit) * RB_PANEL;
    const int places = l->height * l->width, blocks = l->stride / RB_PANEL;
    for (int place = 0; place < places; place++) {
        for (int block = 0; block < blocks; block++)
            memcpy(c->flipped + block * c->flipped_panel + (ptrdiff_t)(places - 1 - place) * (ptrdiff_t)units,
                   c->transposed + (place * blocks + block) * c->transposed_panel, units * sizeof(rb_unit));
    }
}

void rb_conv_derive(const rb_conv *conv, const rb_kernels *kernels)
{
    const rb_layout *l = &conv->layout;
    const double sigma = conv->spectral ? rb_spectral_sigma(conv) : 1;
    const float scale = (float)((double)conv->in_scale / sigma);
    for (int panel = 0; panel < rb_layout_panels(l); panel++) {
        const ptrdiff_t transposed_at = (ptrdiff_t)panel * RB_PANEL / kernels->per_unit * RB_PANEL;
        kernels->compose(
            &(rb_panel_place){
                .inputs = rb_layout_inputs(l),
                .record = conv->weight.value + panel * rb_layout_panel(l, 1),
                .pack = conv->pack + panel * conv->pack_panel,
                .transposed = conv->transposed ? conv->transposed + transposed_at : NULL,
                .transposed_panel = conv->transposed_panel,
            },
            &(rb_panel_noise){0}, scale);
    }
    if (conv->flipped) flip(conv, kernels->per_unit);
}
