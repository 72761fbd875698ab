// The layers a network is made of. They hold parameters, moments, noise and packed weights; activations and
// gradients come from the tape, and threads from the net: a function here works on one sample or pair of
// samples (convolution) or one numbered piece (linear) and may run beside others.
//
// What products run on is in units of the kernels' format (compute/kernels.h); what is learned is float.
#ifndef RB_NN_LAYER_H
#define RB_NN_LAYER_H

#include "base/arena.h"
#include "base/visit.h"
#include "compute/compute.h"
#include "compute/layout.h"

// Takes memory from an arena, or only counts it where there is none: so the memory plan and the real thing
// are one piece of code.
typedef struct rb_plan {
    rb_arena *arena;
    size_t bytes;
    int per_unit; // numbers in a unit of the kernels' format
    int threads;  // that will work on it at once
} rb_plan;
float *rb_plan_floats(rb_plan *plan, size_t count);
double *rb_plan_doubles(rb_plan *plan, size_t count);
rb_unit *rb_plan_units(rb_plan *plan, size_t count);

typedef struct rb_rows { // samples of activations or gradients, `row` units apart
    rb_unit *data;
    ptrdiff_t row;
} rb_rows;
// Rows an odd number of cache lines apart, so that samples do not fall on the same ones.
rb_rows rb_plan_rows(rb_plan *plan, int rows, size_t units);
static inline rb_unit *rb_rows_at(rb_rows rows, int row)
{
    return rows.data + row * rows.row;
}

typedef struct rb_weights { // one small trainable array
    float *value, *m, *v;   // moments: NULL in a network that does not train
    size_t count;
} rb_weights;
void rb_weights_take(rb_weights *weights, size_t count, bool trains, rb_plan *plan);
void rb_weights_step(const rb_weights *weights, const rb_kernels *kernels, const rb_rule *rule, size_t at,
                     const float *gradient, size_t count);
void rb_weights_visit(rb_weights *weights, rb_visitor *visitor, const char *name);

// Convolution, then ReLU or not. Padding is a border of zeros that its input has in memory; nobody writes
// there.
typedef struct rb_conv {
    rb_layout layout; // outputs, channels of the input, window
    int step;         // pixels between windows
    bool relu;
    int pad;                                        // pixels of border
    int in_height, in_width, out_height, out_width; // the input's with its border, the output's without
    int out_border;                                 // that the output has for the layer that reads it
    int out_stride;                                 // numbers a pixel: outputs, filled up to 16
    float in_scale; // the input is to be multiplied by this, which the packed weights do
    rb_weights weight, bias;
    rb_unit *pack, *transposed;             // transposed: if the layer hands a gradient on
    ptrdiff_t pack_panel, transposed_panel; // units
} rb_conv;

void rb_conv_take(rb_conv *conv, bool trains, bool first, rb_plan *plan);
size_t rb_conv_in_numbers(const rb_conv *conv);  // of one sample, border included
size_t rb_conv_out_numbers(const rb_conv *conv); // without border, as gradients are
size_t rb_conv_out_padded(const rb_conv *conv);  // with it
double rb_conv_work(const rb_conv *conv);        // multiplications for one sample
void rb_conv_forward(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in, rb_unit *out);
// Of a pair of samples: of T of them side by side, [..][T]. `add`: to what is in the gradient.
void rb_conv_weight_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in,
                             const rb_unit *out_gradient, float *weight, bool add);
void rb_conv_bias_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                           float *bias, bool add); // of one sample
// `sums`: room for the input's floats. `mask`: the input left a ReLU, so 0 where it is not above 0.
void rb_conv_input_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                            const rb_unit *in, bool mask, float *sums, rb_unit *in_gradient);
void rb_conv_derive(const rb_conv *conv, const rb_kernels *kernels); // after its weights changed

typedef enum rb_norm_kind { RB_NORM_NONE, RB_NORM_BATCH, RB_NORM_LAYER } rb_norm_kind;
#define RB_NORM_EPSILON 1e-5f

// Normalisation of what a layer puts out, or of the observation, then ReLU or not; NONE is a ReLU alone.
// Batch: each channel over the samples and pixels of an update's batch, elsewhere by what batches have shown
// so far. Layer: all numbers of a sample, each with a gamma and beta of its own.
typedef struct rb_norm {
    rb_norm_kind kind;
    char name[40]; // of its tensors
    bool relu;
    bool mask;             // what it reads left a ReLU
    bool picture;          // C, H, W; a vector otherwise
    int channels, columns; // those in use, and filled up to 16
    int height, width;
    int border; // of its output, as a convolution's
    rb_weights gamma, beta;
    float *mean, *variance, *rstd; // [columns] batch: running, and 1 / sqrt(variance + epsilon)
    uint64_t batches;              // that they have followed
} rb_norm;

// What a forward pass leaves behind. Samples' own arrays are [batch][columns].
typedef struct rb_norm_tape {
    rb_rows out;
    float *parts;         // [batch][2][columns]: moments of each sample; on the way back its share and slope
    float *mean, *rstd;   // layer: of each sample; batch: [columns]
    float *variance;      // batch: [columns]
    float *share, *slope; // batch: [columns]
} rb_norm_tape;

void rb_norm_take(rb_norm *norm, bool trains, rb_plan *plan);
void rb_norm_tape_take(rb_norm_tape *tape, const rb_norm *norm, int batch, bool backward, rb_plan *plan);
size_t rb_norm_line(const rb_norm *norm); // numbers of gamma
void rb_norm_reset(rb_norm *norm);        // gamma 1, beta 0, nothing seen yet
void rb_norm_copy(rb_norm *to, const rb_norm *from);
// The share of the way to `from`, running statistics too.
void rb_norm_blend(rb_norm *to, const rb_norm *from, const rb_kernels *kernels, float share);
void rb_norm_derive(rb_norm *norm); // after its statistics were set
void rb_norm_visit(rb_norm *norm, rb_visitor *visitor);
void rb_norm_follow(rb_norm *norm, const rb_norm_tape *tape); // the statistics of the tape's batch
static inline int rb_norm_pixels(const rb_norm *norm)
{
    return norm->height * norm->width;
}
// Mean and rstd that a pass normalises a sample with. `learns`: the pass of an update.
const float *rb_norm_mean(const rb_norm *norm, const rb_norm_tape *tape, bool learns, int sample);
const float *rb_norm_rstd(const rb_norm *norm, const rb_norm_tape *tape, bool learns, int sample);

typedef struct rb_norm_pass { // what the functions below work on: one sample's picture
    const rb_norm *norm;
    const rb_norm_tape *tape;
    const rb_kernels *kernels;
    bool learns;
    int sample;
    const rb_unit *x;
    rb_unit *gradient;                     // by the output; and then by the input
    float *gamma_gradient, *beta_gradient; // added to
} rb_norm_pass;
void rb_norm_gather(const rb_norm_pass *pass);  // batch: its moments
void rb_norm_forward(const rb_norm_pass *pass); // layer: with its moments
void rb_norm_sums(const rb_norm_pass *pass);    // the parameters' gradient; layer: and what `back` needs
void rb_norm_back(const rb_norm_pass *pass);    // batch: share and slope of all samples are known by now

// The same of vectors, for all samples of a tape, in pieces.
typedef struct rb_norm_rows {
    const rb_norm *norm;
    const rb_norm_tape *tape;
    const rb_kernels *kernels;
    bool learns;
    int count; // samples
    rb_rows x, gradient;
    float *gamma_gradient, *beta_gradient; // added to
} rb_norm_rows;
int rb_norm_forward_pieces(const rb_norm *norm, int count); // batch: some columns each; layer: a sample each
void rb_norm_forward_rows(const rb_norm_rows *rows, int piece);
// Layer normalisation sums by columns first, and then goes back by samples; batch normalisation does both at
// once.
int rb_norm_sum_pieces(const rb_norm *norm);
void rb_norm_sum_rows(const rb_norm_rows *rows, int piece);
int rb_norm_back_pieces(const rb_norm *norm, int count);
void rb_norm_back_rows(const rb_norm_rows *rows, int piece);

typedef enum rb_noise { RB_NOISE_NONE, RB_NOISE_FACTORISED, RB_NOISE_INDEPENDENT } rb_noise;

typedef struct rb_draw { // of noise, for one layer
    float *in, *out;     // factorised f(epsilon); `out` is the bias's noise, of both kinds
    float *in2, *out2;   // their squares
    float *all;          // independent: one number a weight
} rb_draw;

enum { RB_PACK_MEANS, RB_PACK_NOISY, RB_PACKS }; // which weights a pass uses
#define RB_DRAWS 2                               // the one in use, and the one the last backward pass was of

// Linear layer y = W x + b, where noisy (Fortunato et al. 2017) with W = mu + sigma * epsilon. Its weight
// gradient is never stored: update makes it tile by tile and applies it; sigma's gradient is mu's times the
// noise. Where it trains the update leaves the noisy pack behind. Where it does not (a target network)
// weights stay for long and each draw serves a product or two: it keeps mu and sigma packed, and composes
// from them what a piece needs, which stays in a cache.
typedef struct rb_linear {
    rb_layout layout;
    int inputs, panels; // rows and number of weight panels
    bool relu;
    rb_noise noise;
    int moments, vectors; // of a record: none or two for each of mu and sigma
    float *record;
    rb_weights bias, bias_sigma;                    // bias is mu where noisy; bias_sigma noisy only
    rb_draw draw[RB_DRAWS];                         // noisy only
    rb_unit *pack[RB_PACKS], *transposed[RB_PACKS]; // the noisy one only where it trains,
    rb_unit *sigma_pack;                            // and this where it does not
    float *packed_bias[RB_PACKS];
    ptrdiff_t pack_panel, transposed_panel; // units
} rb_linear;

typedef struct rb_linear_pass { // what a piece works on
    rb_linear *linear;
    const rb_kernels *kernels;
    rb_rows x, y;           // inputs and outputs, or the output's gradient
    float *y_f32;           // instead of y, of a last layer: its outputs as they are
    ptrdiff_t y_f32_row;    // floats
    rb_rows pair_x, pair_y; // the same inputs and gradients by pairs of samples
    int count;              // samples
    int pack;               // which weights
    int draw, next;         // of noise: of this pass, and of what is packed after an update
    float *gradient; // where rb_linear_square_sum leaves mu's gradient for the update, [out/16][in][16];
                     // NULL: nowhere, the update makes it itself
    const rb_rule *rule;
} rb_linear_pass;

#define RB_LINEAR_TILE 64 // inputs of a weight-gradient tile

void rb_linear_take(rb_linear *linear, bool trains, rb_plan *plan);
int rb_linear_pieces(const rb_linear *linear); // of forward and square sum: two panels each
void rb_linear_forward(const rb_linear_pass *pass, int piece, const rb_unit *weights);
// The weights of a piece: packed already, or composed in `scratch`, which has rb_linear_scratch units.
const rb_unit *rb_linear_weights(const rb_linear_pass *pass, int piece, rb_unit *scratch);
size_t rb_linear_scratch(const rb_linear *linear);            // 0: nothing is composed there
double rb_linear_weights_bytes(const rb_linear *linear);      // that composing a layer there moves
void rb_linear_update(const rb_linear_pass *pass, int panel); // a piece a panel
// Packs what passes that use `pack` need.
void rb_linear_pack_panel(const rb_linear *linear, const rb_kernels *kernels, int pack, int draw, int panel);
double rb_linear_pack_bytes(const rb_linear *linear); // that this moves
double rb_linear_update_bytes(const rb_linear *linear);
double rb_linear_square_sum(const rb_linear_pass *pass,
                            int piece);                       // of the piece's gradients, weights only
double rb_linear_bias_square_sum(const rb_linear_pass *pass); // of the biases
// The gradient of the tensor (0 weight or mu, 1 bias, 2 sigma, 3 bias_sigma) in PyTorch's order.
void rb_linear_gradient(const rb_linear_pass *pass, int tensor, float *out);
void rb_linear_draw(rb_linear *linear, const rb_kernels *kernels, int draw, const uint32_t key[2],
                    int piece); // piece < rb_linear_draw_pieces
int rb_linear_draw_pieces(const rb_linear *linear);
void rb_linear_square_noise(const rb_linear *linear, int draw); // after `in` and `out` were set
// Which of its weights serve a pass that uses `pack`: a layer without noise has only means.
static inline int rb_linear_pack(const rb_linear *linear, int pack)
{
    return linear->noise ? pack : RB_PACK_MEANS;
}
static inline float *rb_linear_sigma(const rb_linear *linear) // in the first record
{
    return linear->record + (1 + linear->moments) * RB_PANEL;
}

#endif
