// Gradients, backward from a scalar: each operation between it and the values asked for adds its rule.
#include <stdlib.h>

#include "xla/hlo_impl.h"

typedef struct backward {
    rb_hlo *h;
    bool *leads;    // the value depends on one of those asked for
    rb_value *sums; // the gradient of each value so far; -1: none
} backward;

static void give(backward *b, rb_value to, rb_value gradient)
{
    if (!b->leads[to]) return;
    b->sums[to] = b->sums[to] < 0 ? gradient : rb_hlo_add(b->h, b->sums[to], gradient);
}

// What a broadcast repeated is summed.
static rb_value gather(rb_hlo *h, const rb_node *node, rb_sizes from, rb_value g)
{
    int gone[RB_RANK_MOST], count = 0;
    for (int d = 0; d < node->sizes.rank; d++) {
        bool stays = false;
        for (int i = 0; i < from.rank; i++) stays = stays || node->n[i] == d;
        if (!stays) gone[count++] = d;
    }
    return rb_hlo_reduce(h, RB_SUM, g, gone, count);
}

static void binary_back(backward *b, const rb_node *node, rb_value a, rb_value c, rb_value v, rb_value g)
{
    rb_hlo *h = b->h;
    switch (node->kind) {
    case RB_ADD:
        give(b, a, g);
        give(b, c, g);
        break;
    case RB_SUBTRACT:
        give(b, a, g);
        if (b->leads[c]) give(b, c, rb_hlo_unary(h, RB_NEGATE, g));
        break;
    case RB_MULTIPLY:
        if (b->leads[a]) give(b, a, rb_hlo_multiply(h, g, c));
        if (b->leads[c]) give(b, c, rb_hlo_multiply(h, g, a));
        break;
    case RB_DIVIDE:
        if (b->leads[a]) give(b, a, rb_hlo_divide(h, g, c));
        if (b->leads[c])
            give(b, c, rb_hlo_unary(h, RB_NEGATE, rb_hlo_divide(h, rb_hlo_multiply(h, g, v), c)));
        break;
    case RB_MAXIMUM: // of equal numbers, as of a ReLU at 0, the second gets it
    case RB_MINIMUM: {
        const rb_value first = rb_hlo_compare(h, node->kind == RB_MAXIMUM ? RB_GT : RB_LT, a, c),
                       zero = rb_hlo_number(h, rb_hlo_type(h, g), 0);
        if (b->leads[a]) give(b, a, rb_hlo_select(h, first, g, zero));
        if (b->leads[c]) give(b, c, rb_hlo_select(h, first, zero, g));
        break;
    }
    default:
        break;
    }
}

static void unary_back(backward *b, const rb_node *node, rb_value a, rb_value v, rb_value g)
{
    rb_hlo *h = b->h;
    switch (node->kind) {
    case RB_NEGATE:
        give(b, a, rb_hlo_unary(h, RB_NEGATE, g));
        break;
    case RB_EXP:
        give(b, a, rb_hlo_multiply(h, g, v));
        break;
    case RB_LOG:
        give(b, a, rb_hlo_divide(h, g, a));
        break;
    case RB_SQRT:
        give(b, a, rb_hlo_divide(h, rb_hlo_scaled(h, g, 0.5), v));
        break;
    case RB_RSQRT: // -1/2 v^3
        give(b, a,
             rb_hlo_multiply(h, rb_hlo_scaled(h, g, -0.5), rb_hlo_multiply(h, v, rb_hlo_multiply(h, v, v))));
        break;
    case RB_ABS: {
        const rb_value zero = rb_hlo_number(h, rb_hlo_type(h, a), 0);
        const rb_value down =
            rb_hlo_select(h, rb_hlo_compare(h, RB_LT, a, zero), rb_hlo_unary(h, RB_NEGATE, g), zero);
        give(b, a, rb_hlo_select(h, rb_hlo_compare(h, RB_GT, a, zero), g, down));
        break;
    }
    default: // steps have none
        break;
    }
}

static void join_back(backward *b, const rb_node *node, rb_value g)
{
    int64_t from = 0;
    for (int i = 0; i < node->count; i++) {
        const rb_value part = b->h->operands[node->first + i];
        const int64_t size = rb_hlo_sizes(b->h, part).of[node->n[0]];
        if (b->leads[part]) give(b, part, rb_hlo_slice(b->h, g, (int)node->n[0], from, from + size));
        from += size;
    }
}

// The gradient has the type that the operand was multiplied in.
static rb_value as_operand(rb_hlo *h, rb_value g, rb_value operand)
{
    return rb_hlo_convert(h, g, rb_hlo_type(h, operand));
}

// [batch][rows of a][columns of b] from a and b, whose dimensions ka and kb were summed over. The gradient of
// a is the product of g and b over b's columns; its dimensions come out as batch, rows, k.
static void dot_back(backward *b, const rb_node *node, rb_value a, rb_value c, rb_value g)
{
    rb_hlo *h = b->h;
    const int batch = (int)node->n[0], rank = batch + 2, ka = (int)node->n[1], kb = (int)node->n[2];
    if (rb_hlo_sizes(h, a).rank != rank || rb_hlo_sizes(h, c).rank != rank) {
        rb_hlo_mistake(h, "there is no gradient of a product of more than rows and columns");
        return;
    }
    int swap[RB_RANK_MOST] = {0, 1, 2, 3, 4, 5};
    swap[rank - 2] = rank - 1, swap[rank - 1] = rank - 2;
    if (b->leads[a]) {
        const rb_value d =
            rb_hlo_dot(h, as_operand(h, g, c), c, batch, rank - 1, kb == rank - 1 ? rank - 2 : rank - 1);
        give(b, a, rb_hlo_convert(h, ka == rank - 1 ? d : rb_hlo_transpose(h, d, swap), rb_hlo_type(h, a)));
    }
    if (b->leads[c]) {
        const rb_value d =
            rb_hlo_dot(h, as_operand(h, g, a), a, batch, rank - 2, ka == rank - 1 ? rank - 2 : rank - 1);
        give(b, c, rb_hlo_convert(h, kb == rank - 1 ? d : rb_hlo_transpose(h, d, swap), rb_hlo_type(h, c)));
    }
}

static void conv_back(backward *b, const rb_node *node, rb_value x, rb_value k, rb_value g)
{
    rb_hlo *h = b->h;
    const rb_conv_window *w = &node->conv;
    const rb_sizes in = rb_hlo_sizes(h, x), kernel = rb_hlo_sizes(h, k);
    if (node->kind != RB_CONV_FORWARD || w->dilate != 1 || w->spread != 1) {
        rb_hlo_mistake(h, "there is no gradient of a convolution's gradient");
        return;
    }
    rb_conv_window input = {.stride = 1, .dilate = 1, .spread = w->stride, .reverse = true},
                   weight = {.stride = 1, .dilate = w->stride, .spread = 1};
    for (int d = 0; d < 2; d++) {
        const int64_t spread = (node->sizes.of[2 + d] - 1) * w->stride + 1, size = kernel.of[2 + d];
        input.low[d] = size - 1 - w->low[d];
        input.high[d] = in.of[2 + d] - spread + w->low[d];
        weight.low[d] = w->low[d];
        weight.high[d] = size - 1 + spread - in.of[2 + d] - w->low[d];
    }
    if (b->leads[x])
        give(b, x,
             rb_hlo_convert(h, rb_hlo_conv(h, RB_CONV_INPUT, as_operand(h, g, k), k, &input),
                            rb_hlo_type(h, x)));
    if (b->leads[k])
        give(b, k,
             rb_hlo_convert(h, rb_hlo_conv(h, RB_CONV_KERNEL, x, as_operand(h, g, x), &weight),
                            rb_hlo_type(h, k)));
}

static void pool_back(backward *b, const rb_node *node, rb_value x, rb_value g)
{
    rb_node back = {.op = RB_OP_UNPOOL, .type = RB_F32, .sizes = rb_hlo_sizes(b->h, x), .pool = node->pool};
    give(b, x, rb_hlo_node(b->h, back, (rb_value[]){x, g, rb_hlo_number(b->h, RB_F32, 0)}, 3));
}

static void reduce_back(backward *b, const rb_node *node, rb_value a, rb_value g)
{
    const rb_sizes from = rb_hlo_sizes(b->h, a);
    int places[RB_RANK_MOST], count = 0;
    if (node->kind != RB_SUM) return; // a largest number is used where its gradient cancels out
    for (int d = 0; d < from.rank; d++)
        if (!node->n[d]) places[count++] = d;
    give(b, a, rb_hlo_spread(b->h, g, from, places));
}

static void node_back(backward *b, rb_value v, rb_value g)
{
    rb_hlo *h = b->h;
    const rb_node node = h->nodes[v]; // a copy: the list may move while it grows
    const rb_value a = node.count > 0 ? h->operands[node.first] : -1,
                   c = node.count > 1 ? h->operands[node.first + 1] : -1;
    switch (node.op) {
    case RB_OP_BINARY:
        binary_back(b, &node, a, c, v, g);
        break;
    case RB_OP_UNARY:
        unary_back(b, &node, a, v, g);
        break;
    case RB_OP_SELECT: {
        const rb_value no = h->operands[node.first + 2], zero = rb_hlo_number(h, node.type, 0);
        if (b->leads[c]) give(b, c, rb_hlo_select(h, a, g, zero));
        if (b->leads[no]) give(b, no, rb_hlo_select(h, a, zero, g));
        break;
    }
    case RB_OP_CONVERT:
        give(b, a, rb_hlo_convert(h, g, rb_hlo_type(h, a)));
        break;
    case RB_OP_BARRIER:
        give(b, a, g);
        break;
    case RB_OP_SPREAD:
        give(b, a, gather(h, &node, rb_hlo_sizes(h, a), g));
        break;
    case RB_OP_RESHAPE:
        give(b, a, rb_hlo_reshape(h, g, rb_hlo_sizes(h, a)));
        break;
    case RB_OP_TRANSPOSE: {
        int back[RB_RANK_MOST];
        for (int d = 0; d < node.sizes.rank; d++) back[node.n[d]] = d;
        give(b, a, rb_hlo_transpose(h, g, back));
        break;
    }
    case RB_OP_SLICE:
        give(b, a, rb_hlo_pad(h, g, (int)node.n[0], node.n[1], rb_hlo_sizes(h, a).of[node.n[0]] - node.n[2]));
        break;
    case RB_OP_PAD:
        give(b, a, rb_hlo_slice(h, g, (int)node.n[0], node.n[1], node.sizes.of[node.n[0]] - node.n[2]));
        break;
    case RB_OP_JOIN:
        join_back(b, &node, g);
        break;
    case RB_OP_REDUCE:
        reduce_back(b, &node, a, g);
        break;
    case RB_OP_DOT:
        dot_back(b, &node, a, c, g);
        break;
    case RB_OP_CONV:
        conv_back(b, &node, a, c, g);
        break;
    case RB_OP_POOL:
        pool_back(b, &node, a, g);
        break;
    default:
        break;
    }
}

void rb_hlo_gradients(rb_hlo *h, rb_value loss, const rb_value *of, int count, rb_value *out)
{
    const int nodes = h->node_count;
    backward b = {.h = h,
                  .leads = calloc((size_t)nodes, sizeof(bool)),
                  .sums = malloc((size_t)nodes * sizeof(rb_value))};
    for (int i = 0; i < count; i++) out[i] = 0;
    if (!b.leads || !b.sums)
        rb_error_set(&h->error, RB_ERR_MEMORY, "not enough memory for a device's program");
    if (!h->error.status && rb_hlo_sizes(h, loss).rank)
        rb_hlo_mistake(h, "gradients are those of one number");
    for (int v = 0; v < nodes && !h->error.status; v++) b.sums[v] = -1;
    for (int i = 0; i < count && !h->error.status; i++) b.leads[of[i]] = true;
    for (int v = 0; v < nodes && !h->error.status; v++)
        for (int i = 0; i < h->nodes[v].count && h->nodes[v].op != RB_OP_STOP; i++)
            b.leads[v] = b.leads[v] || b.leads[rb_operand(h, &h->nodes[v], i)];
    if (!h->error.status) b.sums[loss] = rb_hlo_number(h, RB_F32, 1);
    for (int v = loss; v >= 0 && !h->error.status; v--)
        if (b.leads[v] && b.sums[v] >= 0) node_back(&b, v, b.sums[v]);
    for (int i = 0; i < count && !h->error.status; i++)
        out[i] = b.sums[of[i]] >= 0 ? b.sums[of[i]] : rb_hlo_filled(h, RB_F32, rb_hlo_sizes(h, of[i]), 0);
    free(b.leads), free(b.sums);
}
