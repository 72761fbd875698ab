// The inside of a program: its operations.
#ifndef RB_XLA_HLO_IMPL_H
#define RB_XLA_HLO_IMPL_H

#include "xla/hlo.h"

typedef enum rb_hlo_op {
    RB_OP_INPUT,
    RB_OP_FILLED, // `number`
    RB_OP_FLOATS, // `floats`
    RB_OP_IOTA,   // n[0]: the dimension
    RB_OP_BINARY, // `kind`, like the next ones
    RB_OP_UNARY,
    RB_OP_COMPARE,
    RB_OP_SELECT,
    RB_OP_CONVERT,
    RB_OP_BITS,
    RB_OP_STOP,    // no operation: only its gradient is cut off
    RB_OP_BARRIER, // the same value, computed once and for all that read it
    RB_OP_SPREAD,  // n: places
    RB_OP_RESHAPE,
    RB_OP_TRANSPOSE, // n: order
    RB_OP_SLICE,     // n: dimension, from, to
    RB_OP_JOIN,      // n: dimension
    RB_OP_ROWS,
    RB_OP_PLACE,
    RB_OP_PAD,    // n: dimension, before, after
    RB_OP_REDUCE, // kind; n: whether each dimension goes
    RB_OP_DOT,    // n: batch, ka, kb
    RB_OP_CONV,   // kind; conv
    RB_OP_POOL,   // pool
    RB_OP_UNPOOL, // pool: operand, gradient of the pool -> gradient of the operand
} rb_hlo_op;

typedef struct rb_node {
    rb_hlo_op op;
    int kind;
    rb_type type;
    rb_sizes sizes;
    int first, count; // operands, in h->operands
    int64_t n[RB_RANK_MOST];
    double number;
    float *floats;
    rb_conv_window conv;
    rb_pool_window pool;
    int scope; // in h->scopes
    char *name;
} rb_node;

typedef struct rb_hlo_end { // an output
    rb_value value, input;  // input: the one that it replaces, or -1
    char *name;
} rb_hlo_end;

struct rb_hlo {
    rb_error error;
    rb_node *nodes;
    rb_value *operands;
    char **scopes;
    rb_value *inputs;
    rb_hlo_end *ends;
    int node_count, operand_count, scope_count, input_count, end_count;
    int node_room, operand_room, scope_room, input_room, end_room;
};

// A new operation, on operands that fit it.
rb_value rb_hlo_node(rb_hlo *h, rb_node node, const rb_value *operands, int count);
// Keeps the first mistake: "trunk.0: add: 32x4 of f32 and 32x5 of f32 have different shapes".
rb_value rb_hlo_mistake(rb_hlo *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *rb_hlo_shape_name(const rb_hlo *h, rb_value v, char *text, size_t bytes);
extern const char *const rb_type_names[RB_TYPES]; // as in the text
extern const char *const rb_binary_names[RB_BINARIES], *const rb_unary_names[RB_UNARIES],
                                                           *const rb_order_names[RB_ORDERS];
static inline rb_value rb_operand(const rb_hlo *h, const rb_node *node, int i)
{
    return h->operands[node->first + i];
}

#endif
