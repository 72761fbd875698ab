// Convolution as matrix products without copying windows: a window's line, window * channels floats, lies
// contiguously in an [H][W][C] picture, so an output line is a product whose rows are its pixels and whose
// sum runs over the window's lines as segments.
//
// Input gradient: each output pixel's gradient times the transposed weights, one line of the window at a
// time, added where that window lay.
#include <string.h>

#include "nn/layer.h"

void rb_conv_take(rb_conv *conv, bool trains, bool first, rb_taker *taker)
{
    const rb_layout *l = &conv->layout;
    rb_weights_take(&conv->weight, rb_layout_numbers(l), trains, taker);
    rb_weights_take(&conv->bias, (size_t)conv->out_stride, trains, taker);
    if (trains && !first) conv->transposed = rb_taker_floats(taker, rb_layout_numbers(l));
}

size_t rb_conv_in_numbers(const rb_conv *c)
{
    return (size_t)c->in_height * (size_t)c->in_width * (size_t)c->layout.stride;
}
size_t rb_conv_out_numbers(const rb_conv *c)
{
    return (size_t)c->out_height * (size_t)c->out_width * (size_t)c->out_stride;
}
double rb_conv_work(const rb_conv *c)
{
    return (double)rb_layout_numbers(&c->layout) * c->out_height * c->out_width;
}

void rb_conv_forward(const rb_conv *conv, const rb_kernels *kernels, const float *in, float *out)
{
    const rb_layout *l = &conv->layout;
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * l->stride;
    kernels->gemm(&(rb_gemm){
        .a = in,
        .a_line = conv->step * in_line,
        .a_row = (ptrdiff_t)conv->step * l->stride,
        .a_segment = in_line,
        .lines = conv->out_height,
        .rows = conv->out_width,
        .segments = l->height,
        .length = l->width * l->stride,
        .w = conv->weight.value,
        .w_panel = rb_layout_panel(l),
        .panels = rb_layout_panels(l),
        .bias = conv->bias.value,
        .out = out,
        .out_line = (ptrdiff_t)conv->out_width * conv->out_stride,
        .out_row = conv->out_stride,
        .relu = true,
    });
}

void rb_conv_weight_gradient(const rb_conv *conv, const rb_kernels *kernels, const float *in,
                             const float *out_gradient, float *weight, float *bias, bool add)
{
    const rb_layout *l = &conv->layout;
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * l->stride;
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
            .inputs = l->width * l->stride,
            .panels = rb_layout_panels(l),
            .out = weight + (ptrdiff_t)y * l->width * l->stride * RB_PANEL,
            .out_panel = rb_layout_panel(l),
            .add = add,
        });
    }
    kernels->sum_rows(out_gradient, conv->out_stride, conv->out_height * conv->out_width, conv->out_stride,
                      bias, add);
}

void rb_conv_input_gradient(const rb_conv *conv, const rb_kernels *kernels, const float *out_gradient,
                            float *in_gradient)
{
    const rb_layout *l = &conv->layout;
    const ptrdiff_t in_line = (ptrdiff_t)conv->in_width * l->stride,
                    window_line = (ptrdiff_t)l->width * l->stride;
    memset(in_gradient, 0, rb_conv_in_numbers(conv) * sizeof(float));
    for (int y = 0; y < l->height; y++) {
        kernels->gemm(&(rb_gemm){
            .a = out_gradient,
            .a_line = (ptrdiff_t)conv->out_width * conv->out_stride,
            .a_row = conv->out_stride,
            .lines = conv->out_height,
            .rows = conv->out_width,
            .segments = 1,
            .length = conv->out_stride,
            .w = conv->transposed + y * window_line * conv->out_stride,
            .w_panel = (ptrdiff_t)conv->out_stride * RB_PANEL,
            .panels = (int)(window_line / RB_PANEL),
            .out = in_gradient + y * in_line,
            .out_line = conv->step * in_line,
            .out_row = (ptrdiff_t)conv->step * l->stride,
            .add = true,
        });
    }
}

void rb_conv_derive(rb_conv *conv)
{
    if (conv->transposed) rb_layout_transpose(&conv->layout, conv->weight.value, conv->transposed);
}
