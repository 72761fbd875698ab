// The layers a network is made of. They hold parameters, moments, noise and derived weights; activations and
// gradients come from the tape, and threads from the net: a function here works on one sample (convolution)
// or one numbered piece (linear) and may run beside others.
#ifndef RB_NN_LAYER_H
#define RB_NN_LAYER_H

#include "base/arena.h"
#include "base/visit.h"
#include "compute/compute.h"
#include "compute/layout.h"

// Takes memory from an arena, or only counts it where there is none: so the memory plan and the real thing
// are one piece of code.
typedef struct rb_taker {
    rb_arena *arena;
    size_t bytes;
} rb_taker;
float *rb_taker_floats(rb_taker *taker, size_t count);
double *rb_taker_doubles(rb_taker *taker, size_t count);
ptrdiff_t rb_row_of(size_t columns); // floats from one sample to the next: an odd number of 16s, so that
                                     // samples do not fall on the same cache lines

typedef struct rb_weights { // one trainable array in the kernels' order
    float *value, *m, *v;   // moments: NULL in a network that does not train
    size_t count;
} rb_weights;
void rb_weights_take(rb_weights *weights, size_t count, bool trains, rb_taker *taker);
void rb_weights_step(const rb_weights *weights, const rb_kernels *kernels, const rb_rule *rule, size_t at,
                     const float *gradient, size_t count);
void rb_weights_visit(rb_weights *weights, rb_visitor *visitor, const char *name);

// Convolution without padding, then ReLU.
typedef struct rb_conv {
    rb_layout layout; // outputs, channels of the input, window
    int step;         // pixels between windows
    int in_height, in_width, out_height, out_width;
    int out_stride; // floats a pixel: outputs, filled up to 16
    rb_weights weight, bias;
    float *transposed; // of a layer that hands a gradient on
} rb_conv;

void rb_conv_take(rb_conv *conv, bool trains, bool first, rb_taker *taker);
size_t rb_conv_in_numbers(const rb_conv *conv); // of one sample
size_t rb_conv_out_numbers(const rb_conv *conv);
double rb_conv_work(const rb_conv *conv); // multiplications for one sample
void rb_conv_forward(const rb_conv *conv, const rb_kernels *kernels, const float *in, float *out);
// `add`: to what is in the gradients. Weight gradient in panels.
void rb_conv_weight_gradient(const rb_conv *conv, const rb_kernels *kernels, const float *in,
                             const float *out_gradient, float *weight, float *bias, bool add);
void rb_conv_input_gradient(const rb_conv *conv, const rb_kernels *kernels, const float *out_gradient,
                            float *in_gradient);
void rb_conv_derive(rb_conv *conv); // after its weights changed

typedef enum rb_noise { RB_NOISE_NONE, RB_NOISE_FACTORISED, RB_NOISE_INDEPENDENT } rb_noise;

// Linear layer y = W x + b, where noisy (Fortunato et al. 2017) with W = mu + sigma * epsilon. Its weight
// gradient is never stored: update makes it tile by tile and applies it; sigma's gradient is mu's times the
// noise.
typedef struct rb_linear {
    rb_layout layout;
    int inputs, panels; // rows and number of weight panels
    bool relu;
    rb_noise noise;
    rb_weights weight, bias;         // mu where noisy
    rb_weights sigma, bias_sigma;    // noisy only
    float *noise_in, *noise_out;     // factorised f(epsilon); noise_out is the bias's noise, of both kinds
    float *noise_in2, *noise_out2;   // their squares
    float *noise_all;                // independent: one number a weight
    float *composed, *composed_bias; // mu + sigma * epsilon, in a network that trains
} rb_linear;

typedef struct rb_rows { // samples of activations or gradients, `row` floats apart
    float *data;
    ptrdiff_t row;
} rb_rows;

typedef struct rb_linear_pass { // what a piece works on
    rb_linear *linear;
    const rb_kernels *kernels;
    rb_rows x, y; // inputs and outputs, or the output's gradient
    int count;    // samples
    bool noise;   // the composed weights were used
    const rb_rule *rule;
} rb_linear_pass;

#define RB_LINEAR_TILE  64 // inputs of a weight-gradient tile
#define RB_LINEAR_BLOCK 96 // inputs of a piece of the input gradient

void rb_linear_take(rb_linear *linear, bool trains, rb_taker *taker);
int rb_linear_pieces(const rb_linear *linear); // of forward, update, compose and square sum: two panels each
int rb_linear_input_pieces(const rb_linear *linear);
void rb_linear_forward(const rb_linear_pass *pass, int piece);
void rb_linear_input_gradient(const rb_linear_pass *pass, rb_rows in_gradient, bool add,
                              int piece); // pass.y is the output's gradient
void rb_linear_update(const rb_linear_pass *pass, int piece);
double rb_linear_square_sum(const rb_linear_pass *pass,
                            int piece);                       // of the piece's gradients, weights and biases
double rb_linear_bias_square_sum(const rb_linear_pass *pass); // of the biases alone
// The gradient of the tensor (0 weight or mu, 1 bias, 2 sigma, 3 bias_sigma) in PyTorch's order.
void rb_linear_gradient(const rb_linear_pass *pass, int tensor, float *out);
void rb_linear_draw(rb_linear *linear, const rb_kernels *kernels, const uint32_t key[2],
                    int piece); // piece < rb_linear_draw_pieces
int rb_linear_draw_pieces(const rb_linear *linear);
void rb_linear_square_noise(rb_linear *linear); // after noise_in and noise_out were set
void rb_linear_compose(const rb_linear *linear, const rb_kernels *kernels, int piece);

#endif
