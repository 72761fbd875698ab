// The kernels: loops over tensor data, in families that differ only in the processor they are made for.
//
//     reference   scalar C, slow and obvious: the truth that tests hold the others against (kernels_reference.c)
//     plain       16-byte vectors, runs anywhere
//     avx2        32-byte vectors and fused multiply-add
//     avx512      64-byte vectors
//     wide        64-byte vectors on processors without them: shows anywhere that the shape of avx512 is right
//
// All but the first are one source, simd_*.h, compiled with other widths and flags (cmake/kernels.cmake).
//
// Layouts. Everything is float, in units of 16 columns, unused ones zero:
//     activations   a picture is [H][W][C], a vector [N]; C and N filled up to 16, and samples a row apart
//                   that is an odd number of 16s
//     weights       panels [out/16][in][16], an odd number of rows apart; `in` is (y, x, channel) of a
//                   convolution's window or of the whole picture
//
// A sum runs over its terms in one fixed order that depends on the shape only, never on threads or pieces.
#ifndef RB_COMPUTE_KERNELS_H
#define RB_COMPUTE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RB_PANEL 16

// out[line][r][column] = relu(bias[column] + sum over segment s, position k of a[line][r][s][k] * w[s*length
// + k][column]). A linear layer has samples as rows and one segment; a convolution has pixels of an output
// line as rows and the lines of its window as segments.
typedef struct rb_gemm {
    const float *a;
    ptrdiff_t a_line, a_row, a_segment;
    int lines, rows, segments, length;
    const float *w; // panels, each [segments*length][16]
    ptrdiff_t w_panel;
    int panels;
    const float *bias; // [panels*16], or NULL: zeros
    float *out;        // columns are contiguous
    ptrdiff_t out_line, out_row;
    const float *ahead[4]; // brought nearer meanwhile, as many numbers as a panel has; NULL: nothing
    bool relu;
    bool resume; // start from what is in `out`, not from the bias: a sum in several calls gives the bits of
                 // one call
    bool add; // add to `out` at the end: rows may overlap there (a convolution's input gradient); no relu, no
              // resume
} rb_gemm;

// out[r][i] (+)= sum over columns o of y[r][o] * w[o/16][i][o%16]: a linear layer's input gradient, without
// transposing its weights.
typedef struct rb_dot {
    const float *y;
    ptrdiff_t y_row;
    const float *w;
    ptrdiff_t w_panel;
    int rows, panels, inputs;
    float *out;
    ptrdiff_t out_row;
    bool add;
} rb_dot;

// out[panel][i][column] (+)= sum over lines and steps of x[line][step][i] * y[line][step][column]: a weight
// gradient. Steps are samples (linear), or the pixels of an output line (convolution).
typedef struct rb_outer {
    const float *x, *y;
    ptrdiff_t x_line, x_step, y_line, y_step;
    int lines, steps, inputs, panels;
    float *out;
    ptrdiff_t out_panel;
    bool add;
} rb_outer;

typedef enum rb_rule_kind { RB_RULE_ADAM, RB_RULE_RMSPROP, RB_RULE_RMSPROP_CENTERED } rb_rule_kind;

// One optimiser step, its constants worked out. A gradient g becomes clamp(g * scale, -clip, clip) first.
//     Adam      m += (1-beta1)(g - m);  v += (1-beta2)(g^2 - v);  w -= rate * m / (sqrt(v) * root + epsilon)
//               with the bias corrections in rate and root
//     RMSProp   v += (1-beta2)(g^2 - v);  w -= rate * g / sqrt(v + epsilon)
//               centred: m as in Adam, and v - m^2 in place of v
typedef struct rb_rule {
    rb_rule_kind kind;
    float scale, clip, rate, beta1, beta2, root, epsilon;
} rb_rule;

typedef struct rb_kernels {
    const char *name;
    void (*gemm)(const rb_gemm *job);
    void (*dot)(const rb_dot *job);
    void (*outer)(const rb_outer *job);
    // out[r][c] = sum over i < length of x[r][i] x[c][i] weights[i] (NULL: ones), for a gradient's norm;
    // length is a multiple of 16.
    void (*gram)(const float *x, ptrdiff_t row, int rows, int length, const float *weights, double *out);
    double (*square_sum)(const float *x, size_t count);
    // Moments that the rule does not use may be NULL.
    void (*step)(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count);
    void (*sum_rows)(const float *y, ptrdiff_t row, int rows, int columns, float *out,
                     bool add); // out[c] (+)= sum over r of y[r][c]
    void (*add)(float *out, const float *x, size_t count);
    void (*relu_mask)(float *gradient, const float *activation,
                      size_t count); // gradient 0 where the activation is not above 0
    // Noise. A panel's rows times columns, out[i][c] = mu[i][c] + sigma[i][c] rows[i] columns[c]; one number
    // a weight; and the products alone (there `out` may be `x`).
    void (*compose_outer)(float *out, const float *mu, const float *sigma, const float *rows,
                          const float *columns, int inputs);
    void (*compose)(float *out, const float *mu, const float *sigma, const float *noise, size_t count);
    void (*scale_outer)(float *out, const float *x, const float *rows, const float *columns, int inputs);
    void (*multiply)(float *out, const float *x, const float *y, size_t count);
    // Standard normal numbers first .. first+count of the stream that `key` names; `first` is a multiple
    // of 32.
    void (*normal)(const uint32_t key[2], uint64_t first, float *out, size_t count);
    void (*signed_root)(float *x, size_t count); // sgn(x) sqrt|x|
    // Planar [planes][pixels] to interleaved [pixels][planes] times `scale`.
    void (*picture)(const uint8_t *planar, int planes, int pixels, float scale, float *out);
} rb_kernels;

// The family of that name, or NULL when there is none or this processor does not run it.
const rb_kernels *rb_kernels_find(const char *name);
const rb_kernels *rb_kernels_fastest(void);

extern const rb_kernels rb_kernels_reference, rb_kernels_plain, rb_kernels_wide;
#if defined(__x86_64__)
extern const rb_kernels rb_kernels_avx2, rb_kernels_avx512;
#endif

#endif
