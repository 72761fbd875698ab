// The layers of a network. They hold parameters, moments, noise and packed weights; activations and gradients
// come from the tape, and threads from the net. A function here works on one sample or pair of samples
// (convolution) or on one numbered piece (linear), and may run at the same time as others.
//
// The operands of products are in units of the kernels' format (compute/kernels.h); parameters and moments
// are float.
#ifndef RB_NN_LAYER_H
#define RB_NN_LAYER_H

#include "base/arena.h"
#include "base/visit.h"
#include "compute/compute.h"
#include "compute/layout.h"

// Takes memory from an arena, or only counts it if there is none: so the same code makes the memory plan and
// the allocation.
typedef struct rb_plan {
    rb_arena *arena;
    size_t bytes;
    int per_unit; // numbers in a unit of the kernels' format
    int threads;  // threads that will work on it at once
} rb_plan;
float *rb_plan_floats(rb_plan *plan, size_t count);
double *rb_plan_doubles(rb_plan *plan, size_t count);
rb_unit *rb_plan_units(rb_plan *plan, size_t count);

typedef struct rb_rows { // samples of activations or gradients, `row` units apart
    rb_unit *data;
    ptrdiff_t row;
} rb_rows;
// Rows start an odd number of cache lines apart, so that samples do not compete for the same cache sets.
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
void rb_weights_forget(rb_weights *weights); // its moments, which begin at 0 again
void rb_weights_visit(rb_weights *weights, rb_visitor *visitor, const char *name);

// Convolution, with or without a ReLU. Padding is a border of zeros in the input's memory, which is never
// written.
typedef struct rb_conv {
    rb_layout layout; // outputs, channels of the input, window
    int step;         // pixels between windows
    bool relu;
    int pad;                                        // pixels of border
    int in_height, in_width, out_height, out_width; // the input's size with its border, the output's without
    int out_border;                                 // border that the output has for the layer that reads it
    int out_stride;                                 // numbers per pixel: the outputs, padded to a multiple of
                                                    // 16
    float in_scale; // factor for the input, applied to the packed weights instead
    bool spectral;  // its passes use the weights divided by their largest singular value (spectral.c)
    rb_weights weight, bias;
    float *u, *v;               // spectral: [out_stride] and [inputs of a panel], the singular vectors
    rb_unit *pack, *transposed; // transposed: only if the layer passes a gradient on
    rb_unit *flipped;           // and this, if its input gradient is a convolution too
    ptrdiff_t pack_panel, transposed_panel, flipped_panel; // units
} rb_conv;

void rb_conv_take(rb_conv *conv, bool trains, bool first, rb_plan *plan);
size_t rb_conv_scratch(const rb_conv *conv);     // floats that an input gradient needs for sums
size_t rb_conv_in_numbers(const rb_conv *conv);  // numbers in one sample, border included
size_t rb_conv_out_numbers(const rb_conv *conv); // without border, as for gradients
size_t rb_conv_out_padded(const rb_conv *conv);  // with its border
double rb_conv_work(const rb_conv *conv);        // multiplications for one sample
// Where a node's picture goes, and, if a ReLU of its own follows, that one's too (NULL: none). Each has the
// border that its reader needs.
typedef struct rb_outputs {
    rb_unit *out, *positive;
    int border, positive_border;
    int from; // the line that `out` begins with
} rb_outputs;
// Computes some lines. `by`: a picture without a border that is added, the end of a residual block; or NULL.
void rb_conv_forward(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in, const rb_outputs *to,
                     const rb_unit *by, int line, int lines);
// Weight gradient of T samples with interleaved numbers, [..][T] (kernels.h). `add`: add to `weight`.
void rb_conv_weight_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *in,
                             const rb_unit *out_gradient, float *weight, bool add);
void rb_conv_bias_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                           float *bias, bool add); // for one sample
// `sums`: scratch of rb_conv_scratch floats. `mask`: the input is the output of a ReLU, so the gradient is 0
// unless the input is above 0. `by`: is added to it, only if the gradient is a convolution (`flipped`); or
// NULL.
void rb_conv_input_gradient(const rb_conv *conv, const rb_kernels *kernels, const rb_unit *out_gradient,
                            const rb_unit *in, bool mask, const rb_unit *by, float *sums,
                            rb_unit *in_gradient);
void rb_conv_derive(const rb_conv *conv, const rb_kernels *kernels); // call after its weights changed

void rb_spectral_take(rb_conv *conv, rb_plan *plan);
void rb_spectral_iterate(const rb_conv *conv); // one step of the power iteration for u and v
// The divisor of the weights: s, or 1 if s is 0 because all weights are.
double rb_spectral_sigma(const rb_conv *conv);
// Turns the gradient with respect to the divided weights into that with respect to the weights, in place.
void rb_spectral_gradient(const rb_conv *conv, float *gradient);
void rb_spectral_copy(const rb_conv *to, const rb_conv *from);

// A pool of a picture, without parameters.
typedef struct rb_pool_layer {
    rb_windows lines, pixels;
    bool mean;
    int channels, columns; // used, and padded to a multiple of 16
    int border;            // of its output, as for a convolution
} rb_pool_layer;
size_t rb_pool_in_numbers(const rb_pool_layer *pool);  // numbers in one sample
size_t rb_pool_out_numbers(const rb_pool_layer *pool); // without border, as for gradients
size_t rb_pool_out_padded(const rb_pool_layer *pool);  // with its border
double rb_pool_work(const rb_pool_layer *pool);        // numbers read for one sample
// Computes some lines; `in` begins with line `in_from`. `where`: gets the places of the largest numbers, for
// rb_pool_spread; or NULL. `mask`: the input is the output of a ReLU.
void rb_pool_forward(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *in, int in_from,
                     const rb_outputs *to, uint8_t *where, bool mask, int line, int lines);
// Whether its gradient needs no more than `where`.
bool rb_pool_has_places(const rb_pool_layer *pool);
void rb_pool_spread(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *out_gradient,
                    const uint8_t *where, rb_unit *in_gradient);
// `sums` and `mask` as in rb_conv_input_gradient.
void rb_pool_input_gradient(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *out_gradient,
                            const rb_unit *in, const rb_unit *out, bool mask, float *sums,
                            rb_unit *in_gradient);

// The sum of two pictures of one shape: the end of a residual block. The convolution before it adds it up.
typedef struct rb_addition {
    int height, width, columns; // numbers per pixel, a multiple of 16
    int border;                 // of its output, as for a convolution
} rb_addition;
size_t rb_addition_padded(const rb_addition *add); // numbers of its output with its border

typedef enum rb_norm_kind { RB_NORM_NONE, RB_NORM_BATCH, RB_NORM_LAYER } rb_norm_kind;

// Normalisation of a layer's output or of the observation, with or without a ReLU; NONE is a ReLU alone.
// Batch: each channel over the samples and pixels of an update's batch; in other passes by the running
// statistics. Layer: all numbers of a sample, each with its own gamma and beta; or, by pixel, the channels of
// each pixel, with one gamma and beta per channel.
typedef struct rb_norm {
    rb_norm_kind kind;
    char name[40]; // of the tensors
    bool relu;
    bool mask;             // its input is the output of a ReLU
    bool picture;          // C, H, W; else a vector
    bool by_pixel;         // layer, of a picture: each pixel on its own
    int channels, columns; // used, and padded to a multiple of 16
    int height, width;
    int border; // of its output, as for a convolution
    float epsilon;
    rb_weights gamma, beta;
    float *mean, *variance, *rstd; // [columns] batch: running statistics, and 1 / sqrt(variance + epsilon)
    uint64_t batches;              // number of batches seen by the running statistics
} rb_norm;

// What a forward pass stores for the backward pass. Arrays per sample are [batch][columns].
typedef struct rb_norm_tape {
    rb_rows out;
    float *parts;         // [batch][2][columns]: moments of each sample; in the backward pass its share and
                          // slope
    float *mean, *rstd;   // layer: for each sample; batch: [columns]
    float *pixels;        // layer, by pixel, and then all that is stored: [batch][2][pixels], mean and rstd
    float *variance;      // batch: [columns]
    float *share, *slope; // batch: [columns]
} rb_norm_tape;

void rb_norm_take(rb_norm *norm, bool trains, rb_plan *plan);
// `more`: numbers that each row has behind the output.
void rb_norm_tape_take(rb_norm_tape *tape, const rb_norm *norm, int batch, size_t more, bool backward,
                       rb_plan *plan);
size_t rb_norm_line(const rb_norm *norm); // the numbers in gamma
void rb_norm_reset(rb_norm *norm);        // gamma 1, beta 0, no statistics yet
// Moves gamma and beta back towards 1 and 0, `keep` of the old ones remains, and forgets their moments; the
// statistics begin again if nothing is kept.
void rb_norm_renew(rb_norm *norm, float keep);
void rb_norm_copy(rb_norm *to, const rb_norm *from);
// Moves `to` by the fraction `share` towards `from`, running statistics too.
void rb_norm_blend(rb_norm *to, const rb_norm *from, const rb_kernels *kernels, float share);
void rb_norm_derive(rb_norm *norm); // call after its statistics were set
void rb_norm_visit(rb_norm *norm, rb_visitor *visitor);
void rb_norm_follow(rb_norm *norm, const rb_norm_tape *tape); // adds the statistics of the tape's batch
static inline int rb_norm_pixels(const rb_norm *norm)
{
    return norm->height * norm->width;
}
// The mean and rstd with which a pass normalises a sample. `learns`: the pass of an update.
const float *rb_norm_mean(const rb_norm *norm, const rb_norm_tape *tape, bool learns, int sample);
const float *rb_norm_rstd(const rb_norm *norm, const rb_norm_tape *tape, bool learns, int sample);

typedef struct rb_norm_pass { // the argument of the functions below: one sample's picture
    const rb_norm *norm;
    const rb_norm_tape *tape;
    const rb_kernels *kernels;
    bool learns;
    int sample;
    const rb_unit *x;
    rb_unit *gradient;                     // with respect to the output, then replaced by the one with
                                           // respect to the input
    float *gamma_gradient, *beta_gradient; // added to
} rb_norm_pass;
void rb_norm_gather(const rb_norm_pass *pass);  // batch: the sample's moments
void rb_norm_forward(const rb_norm_pass *pass); // layer: computes its moments too
void rb_norm_sums(const rb_norm_pass *pass);    // the parameters' gradient; layer: also what rb_norm_back
                                                // needs; by pixel: all that rb_norm_back does
void rb_norm_back(const rb_norm_pass *pass);    // batch: needs the share and slope of all samples

// The same for vectors, for all samples of a tape, in pieces.
typedef struct rb_norm_rows {
    const rb_norm *norm;
    const rb_norm_tape *tape;
    const rb_kernels *kernels;
    bool learns;
    int count; // samples
    rb_rows x, gradient;
    float *gamma_gradient, *beta_gradient; // added to
} rb_norm_rows;
int rb_norm_forward_pieces(const rb_norm *norm, int count); // batch: a block of columns per piece; layer: one
                                                            // sample per piece
void rb_norm_forward_rows(const rb_norm_rows *rows, int piece);
// Layer normalisation first sums by columns, then goes backward by samples; batch normalisation does both at
// once.
int rb_norm_sum_pieces(const rb_norm *norm);
void rb_norm_sum_rows(const rb_norm_rows *rows, int piece);
int rb_norm_back_pieces(const rb_norm *norm, int count);
void rb_norm_back_rows(const rb_norm_rows *rows, int piece);

typedef enum rb_noise { RB_NOISE_NONE, RB_NOISE_FACTORISED, RB_NOISE_INDEPENDENT } rb_noise;

typedef struct rb_draw { // noise for one layer
    float *in, *out;     // factorised f(epsilon); `out` is also the bias's noise, for both kinds
    float *in2, *out2;   // their squares
    float *all;          // independent: one number per weight
} rb_draw;

// The weights that a pass uses: without noise, with the first of the current draws, with the others.
enum { RB_PACK_MEANS, RB_PACK_NOISY, RB_PACK_NOISY_MORE, RB_PACKS = RB_PACK_NOISY_MORE + RB_PANEL_MORE_MOST };
// The draws in memory: the first one twice, the current and the last backward pass's, because the update
// needs both; then the others.
enum { RB_DRAWS = 2, RB_DRAW_SLOTS = RB_DRAWS + RB_PANEL_MORE_MOST };

// Linear layer y = W x + b. If noisy (Fortunato et al. 2017), W = mu + sigma * epsilon. Its weight gradient
// is never stored: the update computes and applies it tile by tile; sigma's gradient is mu's times the noise.
// In a network that trains, the update also writes the noisy pack. In one that does not (a target network),
// weights stay unchanged for long and each draw serves one or two products: it keeps mu and sigma packed
// separately, and each piece composes the weights it needs, which stay in a cache.
typedef struct rb_linear {
    rb_layout layout;
    int inputs, panels; // rows and number of weight panels
    bool relu;
    rb_noise noise;
    int more;             // draws held besides the first one
    int tied;             // if not 0, outputs that are a multiple of it apart share a bias
    int moments, vectors; // of a record: none, or two each for mu and sigma
    float *record;
    rb_weights bias, bias_sigma;                    // bias is mu if noisy; bias_sigma only if noisy
    rb_draw draw[RB_DRAW_SLOTS];                    // only if noisy
    rb_unit *pack[RB_PACKS], *transposed[RB_PACKS]; // the noisy packs only if it trains,
    rb_unit *sigma_pack;                            // and this only if it does not
    float *packed_bias[RB_PACKS];
    ptrdiff_t pack_panel, transposed_panel; // units
} rb_linear;

typedef struct rb_linear_pass { // the argument of a piece
    rb_linear *linear;
    const rb_kernels *kernels;
    rb_rows x, y;           // inputs and outputs, or the output's gradient
    float *y_f32;           // instead of y, for a last layer: its outputs, not rounded
    ptrdiff_t y_f32_row;    // floats
    rb_rows pair_x, pair_y; // the same inputs and gradients, interleaved by pairs of samples
    int count;              // samples
    int pack;               // the weights used
    int draw, next;         // noise draws: this pass's, and the one packed after an update
    float *gradient; // rb_linear_square_sum stores mu's gradient here for the update, [out/16][in][16]; NULL:
                     // not stored, the update computes it itself
    bool summed;     // `gradient` is complete already
    const rb_rule *rule, *bias_rule;
} rb_linear_pass;

enum { RB_LINEAR_TILE = 64 }; // inputs of a weight-gradient tile

void rb_linear_take(rb_linear *linear, bool trains, rb_plan *plan);
int rb_linear_pieces(const rb_linear *linear); // pieces of forward and square sum: two panels each
void rb_linear_forward(const rb_linear_pass *pass, int piece, const rb_unit *weights);
// The weights of a piece: already packed, or composed in `scratch`, which has rb_linear_scratch units.
const rb_unit *rb_linear_weights(const rb_linear_pass *pass, int piece, rb_unit *scratch);
size_t rb_linear_scratch(const rb_linear *linear);            // 0: no scratch needed
double rb_linear_weights_bytes(const rb_linear *linear);      // memory traffic of composing a layer
void rb_linear_update(const rb_linear_pass *pass, int panel); // one piece per panel
// Packs the weights for passes that use `pack`.
void rb_linear_pack_panel(const rb_linear *linear, const rb_kernels *kernels, int pack, int draw, int panel);
double rb_linear_pack_bytes(const rb_linear *linear); // memory traffic of packing all panels
double rb_linear_update_bytes(const rb_linear *linear);
// Sums mu's gradient of 64 inputs, RB_LINEAR_TILE, for all outputs into pass->gradient.
void rb_linear_sum_rows(const rb_linear_pass *pass, int tile);
double rb_linear_square_sum(const rb_linear_pass *pass,
                            int piece);                       // over the piece's gradients, weights only
double rb_linear_bias_square_sum(const rb_linear_pass *pass); // over the biases
// Writes the gradient of a tensor (0 weight or mu, 1 bias, 2 sigma, 3 bias_sigma) in PyTorch's order.
void rb_linear_gradient(const rb_linear_pass *pass, int tensor, float *out);
void rb_linear_draw(rb_linear *linear, const rb_kernels *kernels, int draw, const uint32_t key[2],
                    int piece); // piece < rb_linear_draw_pieces
int rb_linear_draw_pieces(const rb_linear *linear);
void rb_linear_square_noise(const rb_linear *linear, int draw); // call after `in` and `out` were set
// The layer's weights for a pass that uses `pack`: a layer without noise has only means.
static inline int rb_linear_pack(const rb_linear *linear, int pack)
{
    return linear->noise ? pack : RB_PACK_MEANS;
}
// The slot of the draw that a pack is composed with; `first` is that of the first draw.
static inline int rb_linear_slot(int pack, int first)
{
    return pack < RB_PACK_NOISY_MORE ? first : RB_DRAWS + pack - RB_PACK_NOISY_MORE;
}
static inline float *rb_linear_sigma(const rb_linear *linear) // in the first record
{
    return linear->record + (1 + linear->moments) * RB_PANEL;
}

#endif
