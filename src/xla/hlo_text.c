// The text of a program: one line an operation, in the order in which they were added, with a comment where a
// layer begins. Operations that no output needs are left out.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xla/hlo_impl.h"

typedef struct writer {
    const rb_hlo *h;
    char *text;
    size_t used, room;
    bool failed;
    bool *needed;
} writer;

static void put(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(writer *w, const char *format, ...)
{
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        const size_t left = w->room - w->used;
        const int length = w->failed ? -1 : vsnprintf(w->text + w->used, left, format, arguments);
        va_end(arguments);
        if (length < 0) return;
        if ((size_t)length < left) {
            w->used += (size_t)length;
            return;
        }
        const size_t more = 2 * w->room + (size_t)length;
        char *grown = realloc(w->text, more);
        if (!grown) {
            w->failed = true;
            return;
        }
        w->text = grown, w->room = more;
    }
}

static void put_type(writer *w, rb_value v)
{
    const rb_node *node = &w->h->nodes[v];
    put(w, "tensor<");
    for (int d = 0; d < node->sizes.rank; d++) put(w, "%lldx", (long long)node->sizes.of[d]);
    put(w, "%s>", rb_type_names[node->type]);
}

// A value's name: %input or %12. What only cuts a gradient off has none of its own.
static void put_value(writer *w, rb_value v)
{
    while (w->h->nodes[v].op == RB_OP_STOP) v = rb_operand(w->h, &w->h->nodes[v], 0);
    if (w->h->nodes[v].op == RB_OP_INPUT)
        put(w, "%%%s", w->h->nodes[v].name);
    else
        put(w, "%%%d", v);
}

// (tensor<..>, tensor<..>) -> tensor<..>
static void put_signature(writer *w, rb_value v)
{
    const rb_node *node = &w->h->nodes[v];
    put(w, " : (");
    for (int i = 0; i < node->count; i++) {
        if (i) put(w, ", ");
        put_type(w, rb_operand(w->h, node, i));
    }
    put(w, ") -> ");
    put_type(w, v);
}

static void put_operands(writer *w, const rb_node *node)
{
    for (int i = 0; i < node->count; i++) {
        put(w, i ? ", " : " ");
        put_value(w, rb_operand(w->h, node, i));
    }
}

static void put_number(writer *w, rb_type type, double value)
{
    const uint32_t bits = isnan(value) ? 0x7FC00000u : value > 0 ? 0x7F800000u : 0xFF800000u;
    if (type == RB_PRED)
        put(w, value != 0 ? "true" : "false");
    else if (type != RB_F32 && type != RB_BF16)
        put(w, "%.0f", value);
    else if (isfinite(value))
        put(w, "%.9e", value);
    else
        put(w, "0x%0*X", type == RB_F32 ? 8 : 4, type == RB_F32 ? bits : bits >> 16);
}

static void put_list(writer *w, const int64_t *numbers, int count)
{
    put(w, "[");
    for (int i = 0; i < count; i++) put(w, i ? ", %lld" : "%lld", (long long)numbers[i]);
    put(w, "]");
}

static const char *precision(const writer *w, const rb_node *node)
{
    return w->h->nodes[rb_operand(w->h, node, 0)].type == RB_F32 ? "HIGHEST" : "DEFAULT";
}

static void put_conv(writer *w, rb_value v)
{
    static const char *const dims[] = {"[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]",
                                       "[b, f, 0, 1]x[i, o, 0, 1]->[b, f, 0, 1]",
                                       "[f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1]"};
    const rb_node *node = &w->h->nodes[v];
    const rb_conv_window *c = &node->conv;
    const char *exact = precision(w, node), *reverse = c->reverse ? "true" : "false";
    put(w, "stablehlo.convolution(");
    put_value(w, rb_operand(w->h, node, 0));
    put(w, ", ");
    put_value(w, rb_operand(w->h, node, 1));
    put(w, ") dim_numbers = %s, window = {stride = [%lld, %lld], pad = [[%lld, %lld], [%lld, %lld]], ",
        dims[node->kind], (long long)c->stride, (long long)c->stride, (long long)c->low[0],
        (long long)c->high[0], (long long)c->low[1], (long long)c->high[1]);
    put(w, "lhs_dilate = [%lld, %lld], rhs_dilate = [%lld, %lld], reverse = [%s, %s]} ", (long long)c->spread,
        (long long)c->spread, (long long)c->dilate, (long long)c->dilate, reverse, reverse);
    put(w,
        "{batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = "
        "[#stablehlo<precision %s>, #stablehlo<precision %s>]}",
        exact, exact);
    put_signature(w, v);
}

static void put_window(writer *w, const rb_pool_window *p)
{
    const long long pad = (long long)p->pad;
    put(w,
        "{window_dimensions = array<i64: 1, 1, %lld, %lld>, window_strides = array<i64: 1, 1, %lld, %lld>, "
        "padding = dense<[[0, 0], [0, 0], [%lld, %lld], [%lld, %lld]]> : tensor<4x2xi64>}",
        (long long)p->size[0], (long long)p->size[1], (long long)p->stride, (long long)p->stride, pad, pad,
        pad, pad);
}

// A function of two scalars, written inside an operation.
static void put_inner(writer *w, const char *operation, const char *tail, const char *result)
{
    put(w, "({\n    ^bb0(%%a: tensor<f32>, %%b: tensor<f32>):\n      %%r = stablehlo.%s%s\n", operation,
        tail);
    put(w, "      stablehlo.return %%r : tensor<%s>\n  }", result);
}

static void put_pool(writer *w, rb_value v)
{
    const rb_node *node = &w->h->nodes[v];
    const bool back = node->op == RB_OP_UNPOOL;
    put(w, back ? "\"stablehlo.select_and_scatter\"(" : "\"stablehlo.reduce_window\"(");
    for (int i = 0; i < node->count; i++) {
        if (i) put(w, ", ");
        put_value(w, rb_operand(w->h, node, i));
    }
    put(w, ") ");
    if (back) { // of equal numbers the first is the largest
        put_inner(w, "compare", " GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>", "i1");
        put(w, ", {\n    ^bb0(%%a: tensor<f32>, %%b: tensor<f32>):\n      %%r = stablehlo.add %%a, %%b : "
               "tensor<f32>\n      stablehlo.return %%r : tensor<f32>\n  }) ");
    } else {
        put_inner(w, "maximum", " %a, %b : tensor<f32>", "f32");
        put(w, ") ");
    }
    put_window(w, &node->pool);
    put_signature(w, v);
}

static void put_slice(writer *w, const rb_node *node)
{
    const rb_sizes from = w->h->nodes[rb_operand(w->h, node, 0)].sizes;
    put(w, "stablehlo.slice");
    put_operands(w, node);
    put(w, " [");
    for (int d = 0; d < from.rank; d++) {
        const bool this = d == node->n[0];
        put(w, "%s%lld:%lld", d ? ", " : "", this ? (long long)node->n[1] : 0,
            this ? (long long)node->n[2] : (long long)from.of[d]);
    }
    put(w, "]");
}

static void put_rows(writer *w, const rb_node *node)
{
    put(w, "\"stablehlo.gather\"(");
    put_value(w, rb_operand(w->h, node, 0));
    put(w, ", ");
    put_value(w, rb_operand(w->h, node, 1));
    put(w,
        ") {dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], "
        "start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, %lld>}",
        (long long)node->sizes.of[1]);
}

static void put_pad(writer *w, const rb_node *node)
{
    int64_t low[RB_RANK_MOST] = {0}, high[RB_RANK_MOST] = {0}, none[RB_RANK_MOST] = {0};
    low[node->n[0]] = node->n[1], high[node->n[0]] = node->n[2];
    put(w, "stablehlo.pad");
    put_operands(w, node);
    put(w, ", low = ");
    put_list(w, low, node->sizes.rank);
    put(w, ", high = ");
    put_list(w, high, node->sizes.rank);
    put(w, ", interior = ");
    put_list(w, none, node->sizes.rank);
}

static void put_reduce(writer *w, const rb_node *node)
{
    static const char *const names[] = {"add", "maximum", "minimum", "and"};
    int64_t gone[RB_RANK_MOST];
    int count = 0;
    for (int d = 0; d < w->h->nodes[rb_operand(w->h, node, 0)].sizes.rank; d++)
        if (node->n[d]) gone[count++] = d;
    put(w, "stablehlo.reduce(");
    put_value(w, rb_operand(w->h, node, 0));
    put(w, " init: ");
    put_value(w, rb_operand(w->h, node, 1));
    put(w, ") applies stablehlo.%s across dimensions = ", names[node->kind]);
    put_list(w, gone, count);
}

static void put_dot(writer *w, const rb_node *node)
{
    const int64_t batch[RB_RANK_MOST] = {0, 1, 2, 3, 4, 5};
    const char *exact = precision(w, node);
    put(w, "stablehlo.dot_general");
    put_operands(w, node);
    if (node->n[0]) {
        put(w, ", batching_dims = ");
        put_list(w, batch, (int)node->n[0]);
        put(w, " x ");
        put_list(w, batch, (int)node->n[0]);
    }
    put(w, ", contracting_dims = [%lld] x [%lld], precision = [%s, %s]", (long long)node->n[1],
        (long long)node->n[2], exact, exact);
}

static void put_constant(writer *w, const rb_node *node)
{
    put(w, "stablehlo.constant dense<");
    if (node->op == RB_OP_FILLED) {
        put_number(w, node->type, node->number);
    } else { // of one dimension, or of rows
        const size_t count = rb_hlo_count(node->sizes);
        const size_t row = node->sizes.rank == 2 ? (size_t)node->sizes.of[1] : count;
        put(w, node->sizes.rank == 2 ? "[[" : "[");
        for (size_t i = 0; i < count; i++) {
            if (i) put(w, i % row ? ", " : "], [");
            put_number(w, RB_F32, (double)node->floats[i]);
        }
        put(w, node->sizes.rank == 2 ? "]]" : "]");
    }
    put(w, ">");
}

// What a comparison takes its operands for.
static const char *compare_as(rb_type type)
{
    return type == RB_F32 || type == RB_BF16 ? "FLOAT" : type == RB_S32 ? "SIGNED" : "UNSIGNED";
}

static void put_node(writer *w, rb_value v)
{
    const rb_node *node = &w->h->nodes[v];
    bool alike = false, done = false; // operands and result have one type; the types are written already
    put(w, "    %%%d = ", v);
    switch (node->op) {
    case RB_OP_FILLED:
    case RB_OP_FLOATS:
        put_constant(w, node);
        alike = true;
        break;
    case RB_OP_IOTA:
        put(w, "stablehlo.iota dim = %lld", (long long)node->n[0]);
        alike = true;
        break;
    case RB_OP_BINARY:
        put(w, "stablehlo.%s", rb_binary_names[node->kind]);
        put_operands(w, node);
        alike = true;
        break;
    case RB_OP_UNARY:
        put(w, "stablehlo.%s", rb_unary_names[node->kind]);
        put_operands(w, node);
        alike = node->kind != RB_FINITE;
        break;
    case RB_OP_COMPARE:
        put(w, "stablehlo.compare %s,", rb_order_names[node->kind]);
        put_operands(w, node);
        put(w, ", %s", compare_as(w->h->nodes[rb_operand(w->h, node, 0)].type));
        break;
    case RB_OP_SELECT:
        put(w, "stablehlo.select");
        put_operands(w, node);
        put(w, " : ");
        put_type(w, rb_operand(w->h, node, 0));
        put(w, ", ");
        put_type(w, v);
        done = true;
        break;
    case RB_OP_CONVERT:
        put(w, "stablehlo.convert");
        put_operands(w, node);
        break;
    case RB_OP_BITS:
        put(w, "stablehlo.bitcast_convert");
        put_operands(w, node);
        break;
    case RB_OP_BARRIER:
        put(w, "stablehlo.optimization_barrier");
        put_operands(w, node);
        alike = true;
        break;
    case RB_OP_SPREAD:
        put(w, "stablehlo.broadcast_in_dim");
        put_operands(w, node);
        put(w, ", dims = ");
        put_list(w, node->n, w->h->nodes[rb_operand(w->h, node, 0)].sizes.rank);
        break;
    case RB_OP_RESHAPE:
        put(w, "stablehlo.reshape");
        put_operands(w, node);
        break;
    case RB_OP_TRANSPOSE:
        put(w, "stablehlo.transpose");
        put_operands(w, node);
        put(w, ", dims = ");
        put_list(w, node->n, node->sizes.rank);
        break;
    case RB_OP_SLICE:
        put_slice(w, node);
        break;
    case RB_OP_JOIN:
        put(w, "stablehlo.concatenate");
        put_operands(w, node);
        put(w, ", dim = %lld", (long long)node->n[0]);
        break;
    case RB_OP_ROWS:
        put_rows(w, node);
        break;
    case RB_OP_PLACE:
        put(w, "stablehlo.dynamic_update_slice");
        put_operands(w, node);
        break;
    case RB_OP_PAD:
        put_pad(w, node);
        break;
    case RB_OP_REDUCE:
        put_reduce(w, node);
        break;
    case RB_OP_DOT:
        put_dot(w, node);
        break;
    case RB_OP_CONV:
        put_conv(w, v);
        done = true;
        break;
    case RB_OP_POOL:
    case RB_OP_UNPOOL:
        put_pool(w, v);
        done = true;
        break;
    case RB_OP_INPUT:
    case RB_OP_STOP:
        break;
    }
    if (alike) {
        put(w, " : ");
        put_type(w, v);
    } else if (!done) {
        put_signature(w, v);
    }
    put(w, "\n");
}

static void mark_needed(writer *w)
{
    const rb_hlo *h = w->h;
    for (int i = 0; i < h->end_count; i++) w->needed[h->ends[i].value] = true;
    for (int v = h->node_count - 1; v >= 0; v--)
        for (int i = 0; w->needed[v] && i < h->nodes[v].count; i++)
            w->needed[rb_operand(h, &h->nodes[v], i)] = true;
}

static void put_inputs(writer *w)
{
    const rb_hlo *h = w->h;
    for (int i = 0; i < h->input_count; i++) {
        put(w, "%s\n    ", i ? "," : "");
        put_value(w, h->inputs[i]);
        put(w, ": ");
        put_type(w, h->inputs[i]);
        for (int end = 0; end < h->end_count; end++)
            if (h->ends[end].input == h->inputs[i]) put(w, " {tf.aliasing_output = %d : i32}", end);
    }
}

static void put_program(writer *w, const char *name)
{
    const rb_hlo *h = w->h;
    int scope = -1;
    put(w, "module @%s {\n  func.func public @main(", name);
    put_inputs(w);
    put(w, ") -> (");
    for (int i = 0; i < h->end_count; i++) {
        if (i) put(w, ", ");
        put_type(w, h->ends[i].value);
    }
    put(w, ") {\n");
    for (int v = 0; v < h->node_count; v++) {
        const rb_node *node = &h->nodes[v];
        if (!w->needed[v] || node->op == RB_OP_INPUT || node->op == RB_OP_STOP) continue;
        if (node->scope != scope) put(w, "    // %s\n", h->scopes[scope = node->scope]);
        put_node(w, v);
    }
    put(w, "    return");
    for (int i = 0; i < h->end_count; i++) {
        put(w, i ? ", " : " ");
        put_value(w, h->ends[i].value);
    }
    put(w, " : ");
    for (int i = 0; i < h->end_count; i++) {
        if (i) put(w, ", ");
        put_type(w, h->ends[i].value);
    }
    put(w, "\n  }\n}\n");
}

rb_status rb_hlo_text(rb_hlo *h, const char *name, char **out, size_t *bytes, rb_error *error)
{
    writer w = {.h = h, .room = 1 << 16};
    rb_status status = rb_hlo_check(h, error);
    if (status) return status;
    w.text = malloc(w.room);
    w.needed = calloc((size_t)h->node_count, sizeof *w.needed);
    w.failed = !w.text || !w.needed;
    if (!w.failed) mark_needed(&w), put_program(&w, name);
    free(w.needed);
    if (w.failed) {
        free(w.text);
        return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for the text of a device's program");
    }
    *out = w.text, *bytes = w.used;
    return RB_OK;
}
