// Conversions between the kernels' order of numbers and PyTorch's, and other small rearrangements of tensors.
#ifndef RB_COMPUTE_LAYOUT_H
#define RB_COMPUTE_LAYOUT_H

#include "base/rng.h"
#include "compute/kernels.h"

// Weights of a convolution with a window of height x width, or of a linear layer, whose window is the whole
// picture (1 x 1 after a vector). Rainbow: records [out/16][(y, x, channel)][vectors][16], channels padded to
// `stride`. PyTorch: [out][channel][y][x]. The outputs may be those of a picture, too, to be multiplied with
// one number by number: then they are columns (pixel, channel), channels padded to `out_stride`, and in
// PyTorch [channel][pixel].
//
// A linear layer may read a vector behind the picture: `extra` inputs after the window's, in either order,
// padded to `extra_stride`. As outputs they are `out_extra` columns after the picture's.
typedef struct rb_layout {
    int outputs, channels, stride, height, width;
    int extra, extra_stride;
    int out_channels, out_stride, out_pixels, out_extra; // 0: the outputs are a vector
} rb_layout;

int rb_layout_outputs(const rb_layout *layout); // in PyTorch's tensor
int rb_layout_width(const rb_layout *layout);   // inputs of an output in PyTorch's tensor

int rb_layout_panels(const rb_layout *layout);
int rb_layout_inputs(const rb_layout *layout); // rows of a panel: height * width * stride + extra_stride
// Distance from one panel to the next, an odd number of lines so that panels do not compete for the same
// cache sets: for records in floats, for packs in units.
ptrdiff_t rb_layout_panel(const rb_layout *layout, int vectors);
ptrdiff_t rb_layout_pack(const rb_layout *layout, int per_unit);
size_t rb_layout_numbers(const rb_layout *layout, int vectors); // floats in all panels, unused ones included
size_t rb_layout_count(const rb_layout *layout);                // numbers in PyTorch's tensor

// `panels` points to the chosen vector in the first record.
void rb_layout_get(const rb_layout *layout, const float *panels, int vectors, float *torch);
void rb_layout_set(const rb_layout *layout, float *panels, int vectors, const float *torch);
// New numbers; `keep`: the share of the old ones that remains, 0 .. 1. Unused numbers stay 0.
void rb_layout_fill(const rb_layout *layout, float *panels, int vectors, float keep, float value);
void rb_layout_uniform(const rb_layout *layout, float *panels, int vectors, float keep, double low,
                       double high, rb_rng *rng); // drawn in PyTorch's order
// Normal, drawn again beyond two deviations and scaled so that `deviation` is that of what remains.
void rb_layout_normal(const rb_layout *layout, float *panels, int vectors, float keep, double deviation,
                      rb_rng *rng);
void rb_layout_copy(const rb_layout *layout, float *to, int to_vectors, const float *from, int from_vectors);
void rb_layout_get_inputs(const rb_layout *layout, const float *inputs,
                          float *torch); // a vector with one number per input, such as factorised noise
void rb_layout_set_inputs(const rb_layout *layout, float *inputs, const float *torch);

// Copies rows input .. input+count of one panel, [count][16], to their places in PyTorch's tensor.
void rb_layout_scatter(const rb_layout *layout, int panel, int input, int count, const float *rows,
                       float *torch);

void rb_floats_square(const float *x, float *out, size_t count);
void rb_floats_scale(float *x, float factor, size_t count);
double rb_doubles_dot(const double *x, const double *y, size_t count);

// Copies rows that are `row` apart to rows without gaps.
void rb_rows_pack(const float *rows, ptrdiff_t row, int count, int columns, float *packed);
void rb_bytes_scale(const uint8_t *bytes, float scale, float offset, float *out, size_t count);
void rb_floats_relu(float *x, size_t count);
void rb_floats_mask(float *out, const float *x, const float *activation,
                    size_t count); // 0 where the ReLU's output is 0

// Converts between [pixels][columns] in Rainbow and [channels][pixels] in PyTorch.
void rb_planes_get(const float *picture, int channels, int columns, int pixels, float *torch);
void rb_planes_set(float *picture, int channels, int columns, int pixels, const float *torch);

// Dueling (Wang et al. 2015), for each of Z outputs: q[a][z] = value[z] + advantage[a][z] - mean over a of
// advantage[a][z]. Rows are `row` apart; q has no gaps.
void rb_dueling_join(const float *advantage, ptrdiff_t advantage_row, const float *value, ptrdiff_t value_row,
                     int count, int actions, int outputs, float *q);
void rb_dueling_split(const float *q_gradient, int count, int actions, int outputs, float *advantage,
                      ptrdiff_t advantage_row, float *value, ptrdiff_t value_row);

#endif
