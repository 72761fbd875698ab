// A program for a device, written as StableHLO text.
//
// A program is a list of values, each the result of one operation on values before it, with a type and a
// shape that are checked when the operation is added. So a mistake is found here, where it is made, and not
// by a plugin's compiler. Gradients are operations like all others (hlo_grad.c), and what no output needs is
// left out of the text (hlo_text.c).
//
//     rb_value x = rb_hlo_input(h, RB_F32, (rb_sizes){2, {32, 512}}, "x");
//     rb_value y = rb_hlo_add(h, x, rb_hlo_number(h, RB_F32, 1));
//     rb_hlo_output(h, y, "y");
//
// After the first mistake all further operations give value 0, and rb_hlo_check tells what it was.
#ifndef RB_XLA_HLO_H
#define RB_XLA_HLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef enum rb_type { RB_PRED, RB_U8, RB_S32, RB_U32, RB_U64, RB_F32, RB_BF16, RB_TYPES } rb_type;

enum { RB_RANK_MOST = 6 };
typedef struct rb_sizes {
    int rank;
    int64_t of[RB_RANK_MOST];
} rb_sizes;
#define RB_SIZES(...) ((rb_sizes){sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), {__VA_ARGS__}})
#define RB_SCALAR     ((rb_sizes){0})

typedef int rb_value; // its number in the program
typedef struct rb_hlo rb_hlo;

rb_status rb_hlo_create(rb_hlo **out, rb_error *error);
void rb_hlo_destroy(rb_hlo *h);
// RB_ERR_USAGE: an operation did not fit its operands; the error tells which and where. RB_ERR_MEMORY.
rb_status rb_hlo_check(const rb_hlo *h, rb_error *error);
// A mistake of the caller's own, in place of a result.
rb_value rb_hlo_mistake_of(rb_hlo *h, const char *sentence);
// A name for the operations that follow, as a comment in the text: "trunk.0".
void rb_hlo_scope(rb_hlo *h, const char *name);

// Inputs and outputs are numbered in the order in which they are added. An output that replaces an input gets
// its memory (the input is donated).
rb_value rb_hlo_input(rb_hlo *h, rb_type type, rb_sizes sizes, const char *name);
void rb_hlo_output(rb_hlo *h, rb_value value, const char *name);
void rb_hlo_replace(rb_hlo *h, rb_value input, rb_value value); // an output that replaces `input`
rb_type rb_hlo_type(const rb_hlo *h, rb_value v);
rb_sizes rb_hlo_sizes(const rb_hlo *h, rb_value v);
size_t rb_hlo_count(rb_sizes sizes);
bool rb_hlo_same(rb_sizes a, rb_sizes b);
size_t rb_type_bytes(rb_type type);
int rb_hlo_inputs(const rb_hlo *h);
int rb_hlo_outputs(const rb_hlo *h);
rb_value rb_hlo_input_at(const rb_hlo *h, int i);
rb_value rb_hlo_output_at(const rb_hlo *h, int i);
int rb_hlo_replaced(const rb_hlo *h, int output); // the number of the input that it replaces; -1: none

// ---- constants

rb_value rb_hlo_number(rb_hlo *h, rb_type type, double value);                 // a scalar
rb_value rb_hlo_filled(rb_hlo *h, rb_type type, rb_sizes sizes, double value); // the same number everywhere
rb_value rb_hlo_floats(rb_hlo *h, rb_sizes sizes, const float *values);
rb_value rb_hlo_iota(rb_hlo *h, rb_type type, rb_sizes sizes, int dimension); // 0, 1, 2 ... along it

// ---- element by element; a scalar fits any shape

typedef enum rb_binary {
    RB_ADD,
    RB_SUBTRACT,
    RB_MULTIPLY,
    RB_DIVIDE,
    RB_MAXIMUM,
    RB_MINIMUM,
    RB_AND,
    RB_OR,
    RB_XOR,
    RB_SHIFT_LEFT,
    RB_SHIFT_RIGHT, // logical
    RB_BINARIES,
} rb_binary;
typedef enum rb_unary {
    RB_NEGATE,
    RB_EXP,
    RB_LOG,
    RB_SQRT,
    RB_RSQRT,
    RB_COSINE,
    RB_ABS,
    RB_FLOOR,
    RB_NOT,
    RB_FINITE, // gives RB_PRED
    RB_UNARIES,
} rb_unary;
typedef enum rb_order { RB_EQ, RB_NE, RB_LT, RB_LE, RB_GT, RB_GE, RB_ORDERS } rb_order;

rb_value rb_hlo_binary(rb_hlo *h, rb_binary op, rb_value a, rb_value b);
rb_value rb_hlo_unary(rb_hlo *h, rb_unary op, rb_value a);
rb_value rb_hlo_compare(rb_hlo *h, rb_order order, rb_value a, rb_value b); // gives RB_PRED
rb_value rb_hlo_select(rb_hlo *h, rb_value condition, rb_value yes, rb_value no);
rb_value rb_hlo_convert(rb_hlo *h, rb_value a, rb_type type); // itself, if it has that type
rb_value rb_hlo_bits(rb_hlo *h, rb_value a, rb_type type);    // the same bits as another type of that size

static inline rb_value rb_hlo_add(rb_hlo *h, rb_value a, rb_value b)
{
    return rb_hlo_binary(h, RB_ADD, a, b);
}
static inline rb_value rb_hlo_subtract(rb_hlo *h, rb_value a, rb_value b)
{
    return rb_hlo_binary(h, RB_SUBTRACT, a, b);
}
static inline rb_value rb_hlo_multiply(rb_hlo *h, rb_value a, rb_value b)
{
    return rb_hlo_binary(h, RB_MULTIPLY, a, b);
}
static inline rb_value rb_hlo_divide(rb_hlo *h, rb_value a, rb_value b)
{
    return rb_hlo_binary(h, RB_DIVIDE, a, b);
}
rb_value rb_hlo_scaled(rb_hlo *h, rb_value a, double factor); // a * factor
rb_value rb_hlo_plus(rb_hlo *h, rb_value a, double number);   // a + number
rb_value rb_hlo_relu(rb_hlo *h, rb_value a);

// Itself, but computed once: a compiler may otherwise repeat its operations in each that reads it.
rb_value rb_hlo_barrier(rb_hlo *h, rb_value a);

// ---- shapes

// The dimensions of `a` become the dimensions `places` (ascending) of `sizes`; it is repeated along all
// others.
rb_value rb_hlo_spread(rb_hlo *h, rb_value a, rb_sizes sizes, const int *places);
rb_value rb_hlo_reshape(rb_hlo *h, rb_value a, rb_sizes sizes);
rb_value rb_hlo_transpose(rb_hlo *h, rb_value a, const int *order); // dimension i comes from order[i]
rb_value rb_hlo_slice(rb_hlo *h, rb_value a, int dimension, int64_t from, int64_t to);
rb_value rb_hlo_join(rb_hlo *h, const rb_value *parts, int count, int dimension);
// The rows `indices` [n] of a matrix, and the matrix with one row [1][..] replaced; `index`: a scalar.
rb_value rb_hlo_rows(rb_hlo *h, rb_value a, rb_value indices);
rb_value rb_hlo_place(rb_hlo *h, rb_value a, rb_value row, rb_value index);
rb_value rb_hlo_pad(rb_hlo *h, rb_value a, int dimension, int64_t before, int64_t after); // with zeros

// ---- sums and products

typedef enum rb_reduction { RB_SUM, RB_LARGEST, RB_SMALLEST, RB_ALL } rb_reduction;
rb_value rb_hlo_reduce(rb_hlo *h, rb_reduction kind, rb_value a, const int *dimensions, int count);
rb_value rb_hlo_sum(rb_hlo *h, rb_value a, int dimension);
rb_value rb_hlo_sum_all(rb_hlo *h, rb_value a);

// A product of [..rows][k] with [..columns][k] over the dimensions `ka` and `kb`, after the first `batch`
// dimensions, which both have: the result is batch, then what is left of a, then of b. Sums are RB_F32 for
// both types of floats.
rb_value rb_hlo_dot(rb_hlo *h, rb_value a, rb_value b, int batch, int ka, int kb);

typedef struct rb_conv_window {
    int64_t stride, dilate, spread; // of windows; of the kernel's pixels; of the picture's
    int64_t low[2], high[2];        // zeros around the picture, of lines and of pixels
    bool reverse;                   // the kernel
} rb_conv_window;
// Which dimensions of the operands and the result are what; pictures are [N][C][H][W], kernels [O][C][H][W].
typedef enum rb_conv_kind {
    RB_CONV_FORWARD, // pictures, kernels -> pictures
    RB_CONV_INPUT,   // gradient of pictures, kernels -> gradient of the input
    RB_CONV_KERNEL,  // input, gradient of pictures -> gradient of the kernels
} rb_conv_kind;
rb_value rb_hlo_conv(rb_hlo *h, rb_conv_kind kind, rb_value a, rb_value b, const rb_conv_window *window);

typedef struct rb_pool_window {
    int64_t size[2], stride, pad;
} rb_pool_window;
rb_value rb_hlo_max_pool(rb_hlo *h, rb_value a, const rb_pool_window *window); // of [N][C][H][W]

// ---- gradients

// The gradients of the scalar `loss` with respect to `count` values, each RB_F32, into `out`.
void rb_hlo_gradients(rb_hlo *h, rb_value loss, const rb_value *of, int count, rb_value *out);
rb_value rb_hlo_constant_of(rb_hlo *h, rb_value a); // itself, but without a gradient

// ---- text

// The program as text, which the caller frees; *bytes without its NUL.
rb_status rb_hlo_text(rb_hlo *h, const char *name, char **out, size_t *bytes, rb_error *error);

#endif
