// Values and operations, with the checks of their types and shapes.
#include "xla/hlo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xla/hlo_impl.h"

const char *const rb_type_names[RB_TYPES] = {"i1", "ui8", "i32", "ui32", "ui64", "f32", "bf16"};
const char *const rb_binary_names[RB_BINARIES] = {
    "add", "subtract",   "multiply",           "divide", "maximum", "minimum", "and", "or",
    "xor", "shift_left", "shift_right_logical"};
const char *const rb_unary_names[RB_UNARIES] = {"negate", "exponential", "log",   "sqrt", "rsqrt",
                                                "cosine", "abs",         "floor", "not",  "is_finite"};
const char *const rb_order_names[RB_ORDERS] = {"EQ", "NE", "LT", "LE", "GT", "GE"};

size_t rb_type_bytes(rb_type type)
{
    static const size_t bytes[RB_TYPES] = {1, 1, 4, 4, 8, 4, 2};
    return bytes[type];
}

size_t rb_hlo_count(rb_sizes sizes)
{
    size_t count = 1;
    for (int d = 0; d < sizes.rank; d++) count *= (size_t)sizes.of[d];
    return count;
}

bool rb_hlo_same(rb_sizes a, rb_sizes b)
{
    if (a.rank != b.rank) return false;
    for (int d = 0; d < a.rank; d++)
        if (a.of[d] != b.of[d]) return false;
    return true;
}

// ---- lists

rb_status rb_hlo_create(rb_hlo **out, rb_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for a device's program");
    rb_hlo_scope(*out, "program");
    rb_hlo_filled(*out, RB_F32, RB_SCALAR, 0); // value 0, which stands for the result of a mistake
    return RB_OK;
}

void rb_hlo_destroy(rb_hlo *h)
{
    if (!h) return;
    for (int i = 0; i < h->node_count; i++) {
        free(h->nodes[i].floats);
        free(h->nodes[i].name);
    }
    for (int i = 0; i < h->scope_count; i++) free(h->scopes[i]);
    for (int i = 0; i < h->end_count; i++) free(h->ends[i].name);
    free(h->nodes), free(h->operands), free(h->scopes), free(h->inputs), free(h->ends);
    free(h);
}

rb_status rb_hlo_check(const rb_hlo *h, rb_error *error)
{
    return h->error.status ? rb_error_set(error, h->error.status, "%s", h->error.message) : RB_OK;
}

rb_value rb_hlo_mistake(rb_hlo *h, const char *format, ...)
{
    char what[512];
    va_list arguments;
    if (h->error.status) return 0;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    rb_error_set(&h->error, RB_ERR_USAGE, "the device's program, %s: %s",
                 h->scope_count ? h->scopes[h->scope_count - 1] : "program", what);
    return 0;
}

rb_value rb_hlo_mistake_of(rb_hlo *h, const char *sentence)
{
    return rb_hlo_mistake(h, "%s", sentence);
}

// Makes room for one more element.
static bool grow(rb_hlo *h, void **list, int count, int *room, size_t bytes)
{
    if (count < *room) return true;
    const int more = *room ? 2 * *room : 64;
    void *grown = realloc(*list, (size_t)more * bytes);
    if (!grown) {
        if (!h->error.status)
            rb_error_set(&h->error, RB_ERR_MEMORY, "not enough memory for a device's program");
        return false;
    }
    *list = grown, *room = more;
    return true;
}

static char *copied(rb_hlo *h, const char *text)
{
    char *copy = strdup(text);
    if (!copy && !h->error.status)
        rb_error_set(&h->error, RB_ERR_MEMORY, "not enough memory for a device's program");
    return copy;
}

void rb_hlo_scope(rb_hlo *h, const char *name)
{
    if (!grow(h, (void **)&h->scopes, h->scope_count, &h->scope_room, sizeof *h->scopes)) return;
    char *copy = copied(h, name);
    if (copy) h->scopes[h->scope_count++] = copy;
}

rb_value rb_hlo_node(rb_hlo *h, rb_node node, const rb_value *operands, int count)
{
    if (h->error.status) return 0;
    if (!grow(h, (void **)&h->nodes, h->node_count, &h->node_room, sizeof *h->nodes)) return 0;
    node.first = h->operand_count, node.count = count, node.scope = h->scope_count - 1;
    for (int i = 0; i < count; i++) {
        if (!grow(h, (void **)&h->operands, h->operand_count, &h->operand_room, sizeof *h->operands))
            return 0;
        h->operands[h->operand_count++] = operands[i];
    }
    h->nodes[h->node_count] = node;
    return h->node_count++;
}

rb_type rb_hlo_type(const rb_hlo *h, rb_value v)
{
    return h->nodes[v].type;
}
rb_sizes rb_hlo_sizes(const rb_hlo *h, rb_value v)
{
    if (h->error.status) return (rb_sizes){4, {1, 1, 1, 1, 1, 1}}; // callers may index it and divide by it
    return h->nodes[v].sizes;
}
int rb_hlo_inputs(const rb_hlo *h)
{
    return h->input_count;
}
int rb_hlo_outputs(const rb_hlo *h)
{
    return h->end_count;
}
rb_value rb_hlo_input_at(const rb_hlo *h, int i)
{
    return h->inputs[i];
}
rb_value rb_hlo_output_at(const rb_hlo *h, int i)
{
    return h->ends[i].value;
}

int rb_hlo_replaced(const rb_hlo *h, int output)
{
    for (int i = 0; i < h->input_count; i++)
        if (h->inputs[i] == h->ends[output].input) return i;
    return -1;
}

const char *rb_hlo_shape_name(const rb_hlo *h, rb_value v, char *text, size_t bytes)
{
    const rb_node *node = &h->nodes[v];
    size_t used = 0;
    text[0] = 0;
    for (int d = 0; d < node->sizes.rank && used < bytes; d++)
        used +=
            (size_t)snprintf(text + used, bytes - used, d ? "x%lld" : "%lld", (long long)node->sizes.of[d]);
    if (used < bytes)
        snprintf(text + used, bytes - used, "%s%s", node->sizes.rank ? " of " : "one ",
                 rb_type_names[node->type]);
    return text;
}

enum { NAME = 96 };

static rb_value misfit(rb_hlo *h, const char *what, rb_value a, rb_value b)
{
    char first[NAME], second[NAME];
    return rb_hlo_mistake(h, "%s: %s and %s do not fit", what, rb_hlo_shape_name(h, a, first, NAME),
                          rb_hlo_shape_name(h, b, second, NAME));
}

static rb_value unfit(rb_hlo *h, const char *what, rb_value a)
{
    char name[NAME];
    return rb_hlo_mistake(h, "%s does not fit %s", what, rb_hlo_shape_name(h, a, name, NAME));
}

static bool is_float(rb_type type)
{
    return type == RB_F32 || type == RB_BF16;
}

// ---- inputs, outputs and constants

rb_value rb_hlo_input(rb_hlo *h, rb_type type, rb_sizes sizes, const char *name)
{
    if (!grow(h, (void **)&h->inputs, h->input_count, &h->input_room, sizeof *h->inputs)) return 0;
    const rb_value v = rb_hlo_node(
        h, (rb_node){.op = RB_OP_INPUT, .type = type, .sizes = sizes, .name = copied(h, name)}, NULL, 0);
    if (!h->error.status) h->inputs[h->input_count++] = v;
    return v;
}

static void add_end(rb_hlo *h, rb_value value, rb_value input, const char *name)
{
    if (h->error.status || !grow(h, (void **)&h->ends, h->end_count, &h->end_room, sizeof *h->ends)) return;
    h->ends[h->end_count++] = (rb_hlo_end){.value = value, .input = input, .name = copied(h, name)};
}

void rb_hlo_output(rb_hlo *h, rb_value value, const char *name)
{
    add_end(h, value, -1, name);
}

void rb_hlo_replace(rb_hlo *h, rb_value input, rb_value value)
{
    if (h->error.status) return;
    const rb_node *to = &h->nodes[input], *from = &h->nodes[value];
    if (to->op != RB_OP_INPUT || to->type != from->type || !rb_hlo_same(to->sizes, from->sizes))
        misfit(h, "an input and its new value", input, value);
    else
        add_end(h, value, input, to->name);
}

rb_value rb_hlo_filled(rb_hlo *h, rb_type type, rb_sizes sizes, double value)
{
    return rb_hlo_node(h, (rb_node){.op = RB_OP_FILLED, .type = type, .sizes = sizes, .number = value}, NULL,
                       0);
}

rb_value rb_hlo_number(rb_hlo *h, rb_type type, double value)
{
    return rb_hlo_filled(h, type, RB_SCALAR, value);
}

rb_value rb_hlo_floats(rb_hlo *h, rb_sizes sizes, const float *values)
{
    const size_t bytes = rb_hlo_count(sizes) * sizeof(float);
    float *copy = malloc(bytes);
    if (!copy) {
        if (!h->error.status)
            rb_error_set(&h->error, RB_ERR_MEMORY, "not enough memory for a device's program");
        return 0;
    }
    memcpy(copy, values, bytes);
    const int before = h->node_count;
    const rb_value v = rb_hlo_node(
        h, (rb_node){.op = RB_OP_FLOATS, .type = RB_F32, .sizes = sizes, .floats = copy}, NULL, 0);
    if (h->node_count == before) free(copy);
    return v;
}

rb_value rb_hlo_iota(rb_hlo *h, rb_type type, rb_sizes sizes, int dimension)
{
    if (dimension < 0 || dimension >= sizes.rank)
        return rb_hlo_mistake(h, "iota: no dimension %d", dimension);
    return rb_hlo_node(h, (rb_node){.op = RB_OP_IOTA, .type = type, .sizes = sizes, .n = {dimension}}, NULL,
                       0);
}

// ---- element by element

// A scalar as large as the other operand.
static rb_value as_large(rb_hlo *h, rb_value scalar, rb_value other)
{
    return rb_hlo_spread(h, scalar, rb_hlo_sizes(h, other), NULL);
}

static bool match(rb_hlo *h, rb_value *a, rb_value *b)
{
    const rb_sizes first = rb_hlo_sizes(h, *a), second = rb_hlo_sizes(h, *b);
    if (first.rank == 0 && second.rank) *a = as_large(h, *a, *b);
    if (second.rank == 0 && first.rank) *b = as_large(h, *b, *a);
    return rb_hlo_type(h, *a) == rb_hlo_type(h, *b) && rb_hlo_same(rb_hlo_sizes(h, *a), rb_hlo_sizes(h, *b));
}

rb_value rb_hlo_binary(rb_hlo *h, rb_binary op, rb_value a, rb_value b)
{
    if (h->error.status) return 0;
    const bool bits = op >= RB_AND;
    if (!match(h, &a, &b) || (bits && is_float(rb_hlo_type(h, a))))
        return misfit(h, rb_binary_names[op], a, b);
    return rb_hlo_node(
        h, (rb_node){.op = RB_OP_BINARY, .kind = op, .type = rb_hlo_type(h, a), .sizes = rb_hlo_sizes(h, a)},
        (rb_value[]){a, b}, 2);
}

rb_value rb_hlo_unary(rb_hlo *h, rb_unary op, rb_value a)
{
    if (h->error.status) return 0;
    if (op != RB_NOT && op != RB_NEGATE && !is_float(rb_hlo_type(h, a)))
        return unfit(h, rb_unary_names[op], a);
    return rb_hlo_node(h,
                       (rb_node){.op = RB_OP_UNARY,
                                 .kind = op,
                                 .type = op == RB_FINITE ? RB_PRED : rb_hlo_type(h, a),
                                 .sizes = rb_hlo_sizes(h, a)},
                       &a, 1);
}

rb_value rb_hlo_compare(rb_hlo *h, rb_order order, rb_value a, rb_value b)
{
    if (h->error.status) return 0;
    if (!match(h, &a, &b)) return misfit(h, "compare", a, b);
    return rb_hlo_node(
        h, (rb_node){.op = RB_OP_COMPARE, .kind = order, .type = RB_PRED, .sizes = rb_hlo_sizes(h, a)},
        (rb_value[]){a, b}, 2);
}

rb_value rb_hlo_select(rb_hlo *h, rb_value condition, rb_value yes, rb_value no)
{
    if (h->error.status) return 0;
    if (!match(h, &yes, &no)) return misfit(h, "select", yes, no);
    if (rb_hlo_sizes(h, condition).rank == 0) condition = as_large(h, condition, yes);
    if (rb_hlo_sizes(h, yes).rank == 0) yes = as_large(h, yes, condition), no = as_large(h, no, condition);
    if (rb_hlo_type(h, condition) != RB_PRED ||
        !rb_hlo_same(rb_hlo_sizes(h, condition), rb_hlo_sizes(h, yes)))
        return misfit(h, "the condition of select", condition, yes);
    return rb_hlo_node(
        h, (rb_node){.op = RB_OP_SELECT, .type = rb_hlo_type(h, yes), .sizes = rb_hlo_sizes(h, yes)},
        (rb_value[]){condition, yes, no}, 3);
}

rb_value rb_hlo_convert(rb_hlo *h, rb_value a, rb_type type)
{
    if (h->error.status || rb_hlo_type(h, a) == type) return h->error.status ? 0 : a;
    return rb_hlo_node(h, (rb_node){.op = RB_OP_CONVERT, .type = type, .sizes = rb_hlo_sizes(h, a)}, &a, 1);
}

rb_value rb_hlo_bits(rb_hlo *h, rb_value a, rb_type type)
{
    if (h->error.status) return 0;
    if (rb_type_bytes(rb_hlo_type(h, a)) != rb_type_bytes(type)) return unfit(h, "other bits", a);
    return rb_hlo_node(h, (rb_node){.op = RB_OP_BITS, .type = type, .sizes = rb_hlo_sizes(h, a)}, &a, 1);
}

rb_value rb_hlo_constant_of(rb_hlo *h, rb_value a)
{
    if (h->error.status) return 0;
    return rb_hlo_node(h, (rb_node){.op = RB_OP_STOP, .type = rb_hlo_type(h, a), .sizes = rb_hlo_sizes(h, a)},
                       &a, 1);
}

rb_value rb_hlo_barrier(rb_hlo *h, rb_value a)
{
    if (h->error.status) return 0;
    return rb_hlo_node(
        h, (rb_node){.op = RB_OP_BARRIER, .type = rb_hlo_type(h, a), .sizes = rb_hlo_sizes(h, a)}, &a, 1);
}

rb_value rb_hlo_scaled(rb_hlo *h, rb_value a, double factor)
{
    if (h->error.status) return 0;
    return rb_hlo_multiply(h, a, rb_hlo_number(h, rb_hlo_type(h, a), factor));
}

rb_value rb_hlo_plus(rb_hlo *h, rb_value a, double number)
{
    if (h->error.status) return 0;
    return rb_hlo_add(h, a, rb_hlo_number(h, rb_hlo_type(h, a), number));
}

rb_value rb_hlo_relu(rb_hlo *h, rb_value a)
{
    if (h->error.status) return 0;
    return rb_hlo_binary(h, RB_MAXIMUM, a, rb_hlo_number(h, rb_hlo_type(h, a), 0));
}

// ---- shapes

rb_value rb_hlo_spread(rb_hlo *h, rb_value a, rb_sizes sizes, const int *places)
{
    if (h->error.status) return 0;
    const rb_sizes from = rb_hlo_sizes(h, a);
    rb_node node = {.op = RB_OP_SPREAD, .type = rb_hlo_type(h, a), .sizes = sizes};
    for (int d = 0; d < from.rank; d++) {
        const int to = places[d];
        if (to < 0 || to >= sizes.rank || (d && to <= places[d - 1]) || sizes.of[to] != from.of[d])
            return unfit(h, "spread", a);
        node.n[d] = to;
    }
    return from.rank == sizes.rank ? a : rb_hlo_node(h, node, &a, 1);
}

rb_value rb_hlo_reshape(rb_hlo *h, rb_value a, rb_sizes sizes)
{
    if (h->error.status) return 0;
    if (rb_hlo_count(sizes) != rb_hlo_count(rb_hlo_sizes(h, a))) return unfit(h, "reshape", a);
    if (rb_hlo_same(sizes, rb_hlo_sizes(h, a))) return a;
    return rb_hlo_node(h, (rb_node){.op = RB_OP_RESHAPE, .type = rb_hlo_type(h, a), .sizes = sizes}, &a, 1);
}

rb_value rb_hlo_transpose(rb_hlo *h, rb_value a, const int *order)
{
    if (h->error.status) return 0;
    const rb_sizes from = rb_hlo_sizes(h, a);
    rb_node node = {.op = RB_OP_TRANSPOSE, .type = rb_hlo_type(h, a), .sizes = {.rank = from.rank}};
    unsigned seen = 0;
    for (int d = 0; d < from.rank; d++) {
        if (order[d] < 0 || order[d] >= from.rank || (seen & 1u << order[d])) return unfit(h, "transpose", a);
        seen |= 1u << order[d];
        node.n[d] = order[d], node.sizes.of[d] = from.of[order[d]];
    }
    return rb_hlo_node(h, node, &a, 1);
}

rb_value rb_hlo_slice(rb_hlo *h, rb_value a, int dimension, int64_t from, int64_t to)
{
    if (h->error.status) return 0;
    rb_node node = {.op = RB_OP_SLICE,
                    .type = rb_hlo_type(h, a),
                    .sizes = rb_hlo_sizes(h, a),
                    .n = {dimension, from, to}};
    if (dimension < 0 || dimension >= node.sizes.rank || from < 0 || from >= to ||
        to > node.sizes.of[dimension])
        return unfit(h, "slice", a);
    if (from == 0 && to == node.sizes.of[dimension]) return a;
    node.sizes.of[dimension] = to - from;
    return rb_hlo_node(h, node, &a, 1);
}

rb_value rb_hlo_rows(rb_hlo *h, rb_value a, rb_value indices)
{
    if (h->error.status) return 0;
    const rb_sizes of = rb_hlo_sizes(h, a), count = rb_hlo_sizes(h, indices);
    if (of.rank != 2 || count.rank != 1 || rb_hlo_type(h, indices) != RB_S32) return unfit(h, "rows", a);
    return rb_hlo_node(
        h, (rb_node){.op = RB_OP_ROWS, .type = rb_hlo_type(h, a), .sizes = RB_SIZES(count.of[0], of.of[1])},
        (const rb_value[]){a, indices}, 2);
}

rb_value rb_hlo_place(rb_hlo *h, rb_value a, rb_value row, rb_value index)
{
    const rb_value zero = rb_hlo_number(h, RB_S32, 0);
    if (h->error.status) return 0;
    const rb_sizes of = rb_hlo_sizes(h, a), one = rb_hlo_sizes(h, row);
    if (of.rank != 2 || !rb_hlo_same(one, RB_SIZES(1, of.of[1])) ||
        rb_hlo_type(h, row) != rb_hlo_type(h, a) || rb_hlo_sizes(h, index).rank ||
        rb_hlo_type(h, index) != RB_S32)
        return unfit(h, "place", a);
    return rb_hlo_node(h, (rb_node){.op = RB_OP_PLACE, .type = rb_hlo_type(h, a), .sizes = of},
                       (const rb_value[]){a, row, index, zero}, 4);
}

rb_value rb_hlo_join(rb_hlo *h, const rb_value *parts, int count, int dimension)
{
    if (h->error.status) return 0;
    rb_node node = {.op = RB_OP_JOIN,
                    .type = rb_hlo_type(h, parts[0]),
                    .sizes = rb_hlo_sizes(h, parts[0]),
                    .n = {dimension}};
    if (dimension < 0 || dimension >= node.sizes.rank) return unfit(h, "join", parts[0]);
    if (count == 1) return parts[0];
    node.sizes.of[dimension] = 0;
    for (int i = 0; i < count; i++) {
        rb_sizes part = rb_hlo_sizes(h, parts[i]), whole = node.sizes;
        if (part.rank != whole.rank) return misfit(h, "join", parts[0], parts[i]);
        whole.of[dimension] = part.of[dimension];
        if (rb_hlo_type(h, parts[i]) != node.type || !rb_hlo_same(part, whole))
            return misfit(h, "join", parts[0], parts[i]);
        node.sizes.of[dimension] += part.of[dimension];
    }
    return rb_hlo_node(h, node, parts, count);
}

rb_value rb_hlo_pad(rb_hlo *h, rb_value a, int dimension, int64_t before, int64_t after)
{
    if (h->error.status) return 0;
    rb_node node = {.op = RB_OP_PAD,
                    .type = rb_hlo_type(h, a),
                    .sizes = rb_hlo_sizes(h, a),
                    .n = {dimension, before, after}};
    if (dimension < 0 || dimension >= node.sizes.rank || before < 0 || after < 0) return unfit(h, "pad", a);
    node.sizes.of[dimension] += before + after;
    return rb_hlo_node(h, node, (rb_value[]){a, rb_hlo_number(h, node.type, 0)}, 2);
}

// ---- sums and products

rb_value rb_hlo_reduce(rb_hlo *h, rb_reduction kind, rb_value a, const int *dimensions, int count)
{
    static const double starts[] = {0, -1.0 / 0.0, 1.0 / 0.0, 1};
    if (h->error.status) return 0;
    const rb_sizes from = rb_hlo_sizes(h, a);
    const rb_type type = rb_hlo_type(h, a);
    rb_node node = {.op = RB_OP_REDUCE, .kind = kind, .type = type};
    for (int i = 0; i < count; i++) {
        if (dimensions[i] < 0 || dimensions[i] >= from.rank || node.n[dimensions[i]])
            return unfit(h, "reduce", a);
        node.n[dimensions[i]] = 1;
    }
    if ((kind == RB_ALL) != (type == RB_PRED)) return unfit(h, "reduce", a);
    for (int d = 0; d < from.rank; d++)
        if (!node.n[d]) node.sizes.of[node.sizes.rank++] = from.of[d];
    const double start = kind == RB_SMALLEST && type == RB_S32 ? 2147483647.0 : starts[kind];
    return count ? rb_hlo_node(h, node, (rb_value[]){a, rb_hlo_number(h, type, start)}, 2) : a;
}

rb_value rb_hlo_sum(rb_hlo *h, rb_value a, int dimension)
{
    return rb_hlo_reduce(h, RB_SUM, a, &dimension, 1);
}

rb_value rb_hlo_sum_all(rb_hlo *h, rb_value a)
{
    static const int all[RB_RANK_MOST] = {0, 1, 2, 3, 4, 5};
    return rb_hlo_reduce(h, RB_SUM, a, all, h->error.status ? 0 : rb_hlo_sizes(h, a).rank);
}

rb_value rb_hlo_dot(rb_hlo *h, rb_value a, rb_value b, int batch, int ka, int kb)
{
    if (h->error.status) return 0;
    const rb_sizes x = rb_hlo_sizes(h, a), y = rb_hlo_sizes(h, b);
    rb_node node = {.op = RB_OP_DOT, .type = RB_F32, .n = {batch, ka, kb}};
    if (batch < 0 || ka < batch || kb < batch || ka >= x.rank || kb >= y.rank || x.of[ka] != y.of[kb] ||
        rb_hlo_type(h, a) != rb_hlo_type(h, b) || !is_float(rb_hlo_type(h, a)) ||
        x.rank + y.rank - batch - 2 > RB_RANK_MOST)
        return misfit(h, "dot", a, b);
    for (int d = 0; d < batch; d++)
        if (x.of[d] != y.of[d]) return misfit(h, "dot", a, b);
    for (int d = 0; d < x.rank; d++)
        if (d != ka) node.sizes.of[node.sizes.rank++] = x.of[d];
    for (int d = batch; d < y.rank; d++)
        if (d != kb) node.sizes.of[node.sizes.rank++] = y.of[d];
    return rb_hlo_node(h, node, (rb_value[]){a, b}, 2);
}

rb_value rb_hlo_conv(rb_hlo *h, rb_conv_kind kind, rb_value a, rb_value b, const rb_conv_window *w)
{
    // Of each operand: the dimension that is summed over, and the one that stays.
    static const int summed[3][2] = {{1, 1}, {1, 0}, {0, 0}}, kept[3][2] = {{0, 0}, {0, 1}, {1, 1}};
    if (h->error.status) return 0;
    const rb_sizes x = rb_hlo_sizes(h, a), y = rb_hlo_sizes(h, b);
    rb_node node = {.op = RB_OP_CONV, .kind = kind, .type = RB_F32, .sizes = {.rank = 4}, .conv = *w};
    if (x.rank != 4 || y.rank != 4 || rb_hlo_type(h, a) != rb_hlo_type(h, b) ||
        !is_float(rb_hlo_type(h, a)) || x.of[summed[kind][0]] != y.of[summed[kind][1]])
        return misfit(h, "convolution", a, b);
    const int64_t outer = x.of[kept[kind][0]], inner = y.of[kept[kind][1]];
    node.sizes.of[0] = kind == RB_CONV_KERNEL ? inner : outer;
    node.sizes.of[1] = kind == RB_CONV_KERNEL ? outer : inner;
    for (int d = 0; d < 2; d++) {
        const int64_t picture = (x.of[2 + d] - 1) * w->spread + 1 + w->low[d] + w->high[d],
                      window = (y.of[2 + d] - 1) * w->dilate + 1;
        if (picture < window) return misfit(h, "convolution", a, b);
        node.sizes.of[2 + d] = (picture - window) / w->stride + 1;
    }
    return rb_hlo_node(h, node, (rb_value[]){a, b}, 2);
}

rb_value rb_hlo_max_pool(rb_hlo *h, rb_value a, const rb_pool_window *w)
{
    if (h->error.status) return 0;
    rb_node node = {.op = RB_OP_POOL, .type = rb_hlo_type(h, a), .sizes = rb_hlo_sizes(h, a), .pool = *w};
    if (node.sizes.rank != 4 || !is_float(node.type)) return unfit(h, "pool", a);
    for (int d = 0; d < 2; d++) {
        const int64_t padded = node.sizes.of[2 + d] + 2 * w->pad;
        if (padded < w->size[d]) return unfit(h, "pool", a);
        node.sizes.of[2 + d] = (padded - w->size[d]) / w->stride + 1;
    }
    return rb_hlo_node(h, node, (rb_value[]){a, rb_hlo_number(h, node.type, -1.0 / 0.0)}, 2);
}
