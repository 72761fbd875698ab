// The kernels: loops over tensor data, in families for different processors and number formats.
//
//     reference, reference-bf16   scalar C, slow and obvious: tests compare the others with it
//                                 (reference_family.h)
//     plain         f32   16-byte vectors, runs anywhere
//     avx2          f32   32-byte vectors and fused multiply-add
//     avx512        f32   64-byte vectors
//     avx512-bf16   bf16  64-byte vectors and vdpbf16ps
//     wide, wide-bf16     64-byte vectors on processors without them, to test these shapes anywhere
//
// All except the first two are compiled from one source, simd_*.h, with different widths and flags
// (cmake/kernels.cmake).
//
// A *unit* is 4 bytes of operands: one float, or two bf16 that are adjacent terms of a sum, so that both of
// their products are added. Kernels only see units, and strides count units, so f32 and bf16 share one
// source. Activations, their gradients and packed weights are units; sums, biases, noise, weight gradients
// and optimiser state are float in every family.
//
// Layouts, in lines of 16 columns, unused ones zero; T = `per_unit` = numbers in a unit:
//     activations   a picture is [H][W][C], a vector [N]; C and N padded to a multiple of 16, one row per sample
//     pairs         T samples interleaved, [C][T], for sums over samples
//     packs         panels [out/16][in/T][16][T] for products with activations; and transposed, panels
//                   [in/16][out/T][16][T], for products with their gradients. `in` is (y, x, channel) of a
//                   convolution's window or of the whole picture
//     records       panels [out/16][in][vectors][16] of floats: a weight with its optimiser state, vectors
//                   w, v, m; if noisy, mu's three and then sigma's. An update reads and writes one stream
//
// A sum adds its terms in one fixed order that depends only on the shape, never on threads or pieces.
#ifndef RB_COMPUTE_KERNELS_H
#define RB_COMPUTE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RB_PANEL 16

typedef uint32_t __attribute__((may_alias)) rb_unit;

// out[line][r][column] = relu(bias[column] + sum over segment s, position k of a[line][r][s][k] * w[s*length
// + k][column]). A linear layer has samples as rows and one segment; a convolution has pixels of an output
// line as rows and the lines of its window as segments. An input gradient has no relu, but the mask of the
// previous layer's relu.
typedef struct rb_gemm {
    const rb_unit *a;
    ptrdiff_t a_line, a_row, a_segment;
    int lines, rows, segments, length;
    const rb_unit *w; // panels, each [segments*length][16]
    ptrdiff_t w_panel;
    int panels;
    const float *bias;   // [panels*16], or NULL: zeros
    rb_unit *out;        // columns are contiguous
    float *out_f32;      // instead of `out`: unrounded sums
    const rb_unit *mask; // same layout as `out`: the result is 0 if the mask is not above 0; NULL: no mask
    const rb_unit *by;   // added to the result, which was rounded before; NULL: nothing
    rb_unit *positive;   // gets the same as `out`, but 0 unless it is above 0; NULL: not wanted
    ptrdiff_t out_line, out_row, mask_line, mask_row; // in units; for out_f32 in floats
    ptrdiff_t by_line, by_row, positive_line, positive_row;
    bool relu;
    bool add; // add to out_f32; rows may overlap there (a convolution's input gradient)
} rb_gemm;

// out[panel][i][column] (+)= sum over lines and steps of x[line][step][i] * y[line][step][column]: a weight
// gradient. Steps are pairs of samples (linear), or the pixels of an output line of one pair (convolution);
// i and column count units.
typedef struct rb_outer {
    const rb_unit *x, *y;
    ptrdiff_t x_line, x_step, y_line, y_step;
    int lines, steps, inputs, panels;
    float *out;
    ptrdiff_t out_panel;
    bool add;
} rb_outer;

typedef enum rb_rule_kind { RB_RULE_ADAM, RB_RULE_RMSPROP, RB_RULE_RMSPROP_CENTERED } rb_rule_kind;

// One optimiser step, with its constants precomputed. A gradient g first becomes clamp(g * scale, -clip,
// clip).
//     Adam      m += (1-beta1)(g - m);  v += (1-beta2)(g^2 - v);
//               w = keep * w - rate * m / (sqrt(v) * root + epsilon)
//               with the bias corrections in rate and root; keep is 1 without weight decay
//     RMSProp   v += (1-beta2)(g^2 - v);  w -= rate * g / (sqrt(v + under) + epsilon)
//               centred: m as in Adam, and v - m^2 in place of v
typedef struct rb_rule {
    rb_rule_kind kind;
    float scale, clip, rate, beta1, beta2, root, under, epsilon, keep;
} rb_rule;

// Noise of one panel's weights: rows[in] times columns[16], or one number per weight in `all`, [in][16]; all
// NULL: no noise.
typedef struct rb_panel_noise {
    const float *rows, *columns, *all;
} rb_panel_noise;

// The arrays of a panel's weights: the master records and the packs for products.
typedef struct rb_panel_place {
    int inputs;          // number of inputs, a multiple of T; the first one is at a multiple of 16
    float *record;       // [inputs][vectors][16]
    int moments;         // 0 to 2: vectors per trainable number, minus one
    bool noisy;          // twice as many vectors: for mu and sigma
    rb_unit *pack;       // [inputs/T][16][T], or NULL
    rb_unit *transposed; // this panel's 16 outputs of the transposed pack: [in/16][16/T][16][T], or NULL
    ptrdiff_t transposed_panel; // units from one block of 16 inputs to the next
    bool past_caches; // the packs would leave the caches anyway, so an update writes past them; they are
                      // aligned to 64 bytes
} rb_panel_place;

// A further pack of a panel's new weights, composed with noise of its own; without a transposed pack.
typedef struct rb_panel_more {
    rb_unit *pack;
    rb_panel_noise noise;
} rb_panel_more;

enum { RB_PANEL_MORE_MOST = 2 };

// The gradient of a panel, sum over steps of x[step][i] * y[step][column], and its optimiser step.
typedef struct rb_panel_step {
    const rb_unit *x, *y;
    ptrdiff_t x_step, y_step;
    int steps;
    const float *gradient; // [inputs][16], if already known; NULL: computed from x and y
    rb_panel_noise noise;  // of the pass that made the gradient: sigma's gradient is mu's times it; none:
                           // sigma is unchanged
    const rb_rule *rule;
    const rb_panel_more *more; // written if `noise` and `next` are noise
    int more_count;            // 0 .. RB_PANEL_MORE_MOST
} rb_panel_step;

// Normalisation of rows, the pixels of a picture or the vectors of a batch: y = gamma * n + beta with n = (x
// - mean) * rstd. Columns count numbers and are a multiple of 16; in unused columns rstd, gamma and beta are
// 0, and therefore y and the gradient with respect to x too.
typedef struct rb_normalise {
    int rows, columns;
    const rb_unit *x;
    ptrdiff_t x_row;          // units
    const float *mean, *rstd; // [columns]
    const float *gamma, *beta;
    ptrdiff_t gamma_row; // floats from one row's gamma and beta to the next; 0: the same for all rows
    rb_unit *out;        // y
    ptrdiff_t out_row;
    bool relu;
    rb_unit *gradient; // with respect to y; normalise_back replaces it by the one with respect to x
    ptrdiff_t gradient_row;
    float *gamma_gradient, *beta_gradient; // accumulated, gamma_row apart; both NULL: not wanted
    float *sum, *product;       // [columns]: sums over the rows of g = gradient * gamma and of g * n; both
                                // NULL: not wanted
    const float *share, *slope; // [columns], both means over everything normalised together: the gradient
                                // with respect to x is rstd * (g - share - n * slope)
    bool mask;                  // x is the output of a ReLU: its gradient is 0 unless x is above 0
} rb_normalise;

// Normalisation of short rows, each on its own: mean and rstd = 1 / sqrt(variance + epsilon) are over the
// `used` columns of one row, and y = gamma * n + beta with n = (x - mean) * rstd. Columns as above; in unused
// ones y and the gradient with respect to x are 0, whatever x and the gradient have there.
typedef struct rb_row_norm {
    int rows, columns, used;
    const rb_unit *x;
    ptrdiff_t x_row;
    const float *gamma, *beta; // [columns]
    float epsilon;
    float *mean, *rstd; // [rows]: normalise_rows writes them, normalise_rows_back reads them
    rb_unit *out;       // y, in lines of `width` rows
    int width;
    ptrdiff_t out_row, out_line;
    bool relu;
    rb_unit *gradient; // with respect to y; normalise_rows_back replaces it by the one with respect to x
    ptrdiff_t gradient_row;
    float *gamma_gradient, *beta_gradient; // [columns], added to
    bool mask;                             // x is the output of a ReLU: its gradient is 0 unless x is above 0
} rb_row_norm;

// The windows of a pool along one axis: `count` of them over `size` pixels. Window i begins at i * step - pad
// and has `kernel` pixels, cut at the edges; or, adaptive, they share the pixels as evenly as PyTorch's
// adaptive pools do, and neighbours may overlap by one pixel.
typedef struct rb_windows {
    bool adaptive;
    int size, count;
    int kernel, step, pad; // if not adaptive
} rb_windows;
static inline int rb_window_from(const rb_windows *w, int i)
{
    const int from = w->adaptive ? (int)((int64_t)i * w->size / w->count) : i * w->step - w->pad;
    return from > 0 ? from : 0;
}
static inline int rb_window_to(const rb_windows *w, int i)
{
    const int to = w->adaptive ? (int)(((int64_t)(i + 1) * w->size + w->count - 1) / w->count)
                               : i * w->step - w->pad + w->kernel;
    return to < w->size ? to : w->size;
}

// A pool over one picture: each column by itself, the largest number of a window or the mean of its numbers.
typedef struct rb_pooling {
    rb_windows lines, pixels;
    bool mean;
    int columns;      // numbers per pixel, a multiple of 16
    int begin, end;   // pool: these lines of `out`
    const rb_unit *x; // [lines.size][pixels.size][columns]; pool: from line `x_from` on
    int x_from;
    rb_unit *out;       // [lines.count][pixels.count][columns]
    ptrdiff_t out_line; // units from one line to the next; pixels have no gaps
    rb_unit *positive;  // gets the same as `out`, but 0 unless it is above 0; NULL: not wanted
    ptrdiff_t positive_line;
    // pool writes it, pool_spread reads it, with windows that are not adaptive: the place of the largest
    // number in its window, line by line, counted with the pixels that were cut. RB_POOL_NOWHERE if its
    // gradient does not matter: it is no number, or x comes from a ReLU (`mask`) and it is not above 0. NULL:
    // not wanted.
    uint8_t *where; // [lines.count][pixels.count][columns]
    bool mask;
    // pool_back: adds the gradient with respect to `out` to that with respect to x. Of equal numbers the
    // first one, line by line, is the largest, as in PyTorch.
    const rb_unit *gradient; // like `out`, without gaps
    float *sums;             // like x
    rb_unit *back;           // pool_spread: the gradient with respect to x, like x
} rb_pooling;
enum { RB_POOL_PLACES = 255, RB_POOL_NOWHERE = 255 }; // the most pixels of a window with `where`
// Rows of fractions' embeddings times the features of one sample (nn/net_embed.c). Columns count numbers, a
// multiple of 16; rows are in units.
typedef struct rb_mix {
    int rows, columns;
    const rb_unit *x; // [rows] the embeddings, which come from a ReLU
    ptrdiff_t x_row;
    const rb_unit *by; // the features
    rb_unit *out;      // mix: [rows] x * by
    ptrdiff_t out_row;
    rb_unit *gradient; // mix_back: [rows] with respect to `out`, replaced by the one before the ReLU of x
    ptrdiff_t gradient_row;
    rb_unit *by_gradient; // mix_back: with respect to `by`, summed over the rows; NULL: not wanted
    bool mask;            // `by` comes from a ReLU too
} rb_mix;

typedef struct rb_kernels {
    const char *name;
    int per_unit; // T: 1 for f32, 2 for bf16
    void (*gemm)(const rb_gemm *job);
    void (*outer)(const rb_outer *job);
    // out[r][c] = sum over i < length of x[r][i] x[c][i] weights[i] (NULL: ones), for a gradient's norm;
    // length counts numbers and is a multiple of 16, row counts units.
    void (*gram)(const rb_unit *x, ptrdiff_t row, int rows, int length, const float *weights, double *out);
    // Packs weights composed with noise: w, or mu + sigma * noise; times `scale`.
    void (*compose)(const rb_panel_place *place, const rb_panel_noise *noise, float scale);
    // The same for one panel whose mu and sigma are already packs, [inputs/T][16][T] like `out`.
    void (*compose_packs)(const rb_unit *mu, const rb_unit *sigma, int inputs, const rb_panel_noise *noise,
                          rb_unit *out);
    // One pass over a panel's records: computes the gradient, applies the optimiser, and packs the results,
    // composed with `next`, and again with the noise of each of step->more.
    void (*update)(const rb_panel_place *place, const rb_panel_step *step, const rb_panel_noise *next);
    double (*square_sum)(const float *x, size_t count);
    // Moments unused by the rule may be NULL.
    void (*step)(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count);
    void (*sum_rows)(const rb_unit *y, ptrdiff_t row, int rows, int columns, float *out,
                     bool add); // out[c] (+)= sum over r of y[r][c]; columns are numbers, a multiple of 16
    void (*add)(float *out, const float *x, size_t count);
    // to += share * (from - to), for lines of 16 that are to_line and from_line floats apart: one vector of
    // each record.
    void (*blend)(float *to, ptrdiff_t to_line, const float *from, ptrdiff_t from_line, size_t lines,
                  float share);
    void (*multiply)(float *out, const float *x, const float *y, size_t count); // out may be x
    void (*round)(rb_unit *out, const float *x, size_t count); // to the family's format; count is even
    // The same, but 0 unless `activation` is above 0; count is a multiple of 16.
    void (*round_masked)(rb_unit *out, const float *x, const rb_unit *activation, size_t count);
    // Interleaves the numbers of two samples: out[i] = (a[i], b[i]); b NULL: zeros; count numbers, a multiple
    // of 16. If T is 1, copies a alone.
    void (*pair)(rb_unit *out, const rb_unit *a, const rb_unit *b, size_t count);
    // Standard normal numbers first .. first+count of the stream with this `key`; `first` is a multiple of
    // 32.
    void (*normal)(const uint32_t key[2], uint64_t first, float *out, size_t count);
    void (*signed_root)(float *x, size_t count); // sgn(x) sqrt|x|
    // Converts planar [planes][pixels], `plane` bytes apart, to interleaved [pixels][channels], times `scale`
    // plus `offset`; channels after the planes are 0.
    void (*picture)(const uint8_t *planar, ptrdiff_t plane, int planes, int channels, int pixels, float scale,
                    float offset, rb_unit *out);
    // mean[c] of x[r][c] over the rows, and the sum of squared deviations from it.
    void (*moments)(const rb_unit *x, ptrdiff_t row, int rows, int columns, float *mean, float *squares);
    void (*normalise)(const rb_normalise *job);      // x to out
    void (*normalise_sums)(const rb_normalise *job); // x and gradient to the sums
    void (*normalise_back)(const rb_normalise *job); // x, gradient, share and slope to gradient
    void (*normalise_rows)(const rb_row_norm *job);
    void (*normalise_rows_back)(const rb_row_norm *job);
    void (*pool)(const rb_pooling *job);
    void (*pool_back)(const rb_pooling *job);
    void (*pool_spread)(const rb_pooling *job); // the same from `where`, and written instead of added
    // out[i] = x[i] + y[i], but without y[i] unless mask[i] is above 0 (NULL: always with it); out may be x;
    // count is a multiple of 16.
    void (*join)(rb_unit *out, const rb_unit *x, const rb_unit *y, const rb_unit *mask, size_t count);
    void (*mix)(const rb_mix *job);
    void (*mix_back)(const rb_mix *job);
    // Ceilings: `spin` does this many rounds of a full tile's multiplications in registers and returns their
    // number; `touch` reads and writes numbers in memory.
    double (*spin)(int rounds);
    void (*touch)(float *x, size_t count);
} rb_kernels;

// The family of that name, or NULL if there is none or this processor cannot run it.
const rb_kernels *rb_kernels_find(const char *name);
const rb_kernels *rb_kernels_fastest(bool bf16); // NULL: this processor has no bf16

extern const rb_kernels rb_kernels_reference, rb_kernels_plain, rb_kernels_wide, rb_kernels_reference_bf16,
    rb_kernels_wide_bf16;
#if defined(__x86_64__)
extern const rb_kernels rb_kernels_avx2, rb_kernels_avx512, rb_kernels_avx512_bf16;
#endif

#endif
