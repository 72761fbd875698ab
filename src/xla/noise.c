// Noise drawn on the device, from the same streams and with the same polynomials as on the processor
// (compute/simd_noise.h), so that both give the same numbers but for rounding.
#include "xla/forward.h"

static rb_value u32(rb_hlo *h, uint32_t number)
{
    return rb_hlo_number(h, RB_U32, (double)number);
}

static rb_value low(rb_hlo *h, rb_value x) // half of an RB_U64
{
    return rb_hlo_convert(h, rb_hlo_binary(h, RB_AND, x, rb_hlo_number(h, RB_U64, 4294967295.0)), RB_U32);
}

// Ten rounds of Philox 2x32 on counters [blocks][16], with a key for each.
static void words(rb_hlo *h, rb_value k, rb_value y, rb_value x, rb_value *first, rb_value *second)
{
    for (int round = 0; round < 10; round++) {
        const rb_value product = rb_hlo_multiply(h, rb_hlo_convert(h, x, RB_U64),
                                                 rb_hlo_number(h, RB_U64, 3528905107.0)); // D256D193
        const rb_value high = rb_hlo_convert(
            h, rb_hlo_binary(h, RB_SHIFT_RIGHT, product, rb_hlo_number(h, RB_U64, 32)), RB_U32);
        x = rb_hlo_binary(h, RB_XOR, rb_hlo_binary(h, RB_XOR, high, k), y);
        y = low(h, product);
        k = rb_hlo_add(h, k, u32(h, 0x9E3779B9u));
    }
    *first = x, *second = y;
}

// a + b x + c x^2 + d x^3 + e x^4
static rb_value polynomial(rb_hlo *h, rb_value x, const double c[5])
{
    rb_value sum = rb_hlo_scaled(h, x, c[4]);
    for (int i = 3; i > 0; i--) sum = rb_hlo_multiply(h, rb_hlo_plus(h, sum, c[i]), x);
    return rb_hlo_plus(h, sum, c[0]);
}

// Whether a bit of an RB_U32 is 1.
static rb_value has_bit(rb_hlo *h, rb_value x, uint32_t bit)
{
    return rb_hlo_compare(h, RB_NE, rb_hlo_binary(h, RB_AND, x, u32(h, bit)), u32(h, 0));
}

// What is drawn at once: streams one behind the other, each in whole blocks of 32 numbers.
enum { STREAMS = 2 * RB_XLA_DRAWS * RB_NET_NOISE_MOST };
typedef struct streams {
    int count;
    int64_t blocks, at[STREAMS];
    rb_value counters[STREAMS], keys[2][STREAMS]; // [blocks] of each
} streams;

static void add_stream(rb_hlo *h, streams *s, rb_value key, uint64_t first, int64_t count)
{
    const int64_t blocks = (count + 31) / 32;
    const rb_sizes sizes = RB_SIZES(blocks);
    s->counters[s->count] = rb_hlo_add(h, rb_hlo_iota(h, RB_U32, sizes, 0), u32(h, (uint32_t)(first / 32)));
    for (int half = 0; half < 2; half++)
        s->keys[half][s->count] = rb_hlo_spread(
            h, rb_hlo_reshape(h, rb_hlo_slice(h, key, 0, half, half + 1), RB_SCALAR), sizes, NULL);
    s->at[s->count++] = 32 * s->blocks;
    s->blocks += blocks;
}

// The streams' numbers, one after the other.
static rb_value normal(rb_hlo *h, const streams *s)
{
    static const double sines[] = {1, -0.166666667, 8.33333333e-3, -1.98412698e-4, 2.75573192e-6},
                        cosines[] = {1, -0.5, 4.16666667e-2, -1.38888889e-3, 2.48015873e-5};
    static const int blocks[] = {0};
    const rb_sizes sizes = RB_SIZES(s->blocks, 16);
    const rb_value block = rb_hlo_spread(h, rb_hlo_join(h, s->counters, s->count, 0), sizes, blocks);
    rb_value u, a;
    words(h, rb_hlo_spread(h, rb_hlo_join(h, s->keys[0], s->count, 0), sizes, blocks),
          rb_hlo_spread(h, rb_hlo_join(h, s->keys[1], s->count, 0), sizes, blocks),
          rb_hlo_add(h, rb_hlo_multiply(h, block, u32(h, 16)), rb_hlo_iota(h, RB_U32, sizes, 1)), &u, &a);
    const rb_value uniform = rb_hlo_scaled(
        h,
        rb_hlo_convert(h, rb_hlo_add(h, rb_hlo_binary(h, RB_SHIFT_RIGHT, u, u32(h, 8)), u32(h, 1)), RB_F32),
        0x1p-24);
    rb_value radius =
        rb_hlo_unary(h, RB_SQRT, rb_hlo_relu(h, rb_hlo_scaled(h, rb_hlo_unary(h, RB_LOG, uniform), -2)));
    // Two bits choose the quadrant; the others, as a signed number, the angle in it.
    rb_value r = rb_hlo_bits(h, rb_hlo_binary(h, RB_SHIFT_LEFT, a, u32(h, 2)), RB_S32);
    const rb_value turned =
        rb_hlo_binary(h, RB_AND, r, rb_hlo_number(h, RB_S32, -256)); // without the low 8 bits
    r = rb_hlo_scaled(h, rb_hlo_scaled(h, rb_hlo_convert(h, turned, RB_F32), 0x1p-8), 0x1p-24 * 1.57079633);
    const rb_value q = rb_hlo_multiply(h, r, r), sine = rb_hlo_multiply(h, r, polynomial(h, q, sines)),
                   cosine = polynomial(h, q, cosines), odd = has_bit(h, a, 1u << 30);
    const rb_value x = rb_hlo_select(h, odd, rb_hlo_unary(h, RB_NEGATE, sine), cosine),
                   y = rb_hlo_select(h, odd, cosine, sine);
    radius = rb_hlo_select(h, has_bit(h, a, 1u << 31), rb_hlo_unary(h, RB_NEGATE, radius), radius);
    const rb_value both[] = {rb_hlo_multiply(h, radius, x), rb_hlo_multiply(h, radius, y)};
    return rb_hlo_reshape(h, rb_hlo_join(h, both, 2, 1), RB_SIZES(s->blocks * 32));
}

// From [outer][inputs of the stream] to [outer][inputs in PyTorch's order].
static rb_value in_order(rb_hlo *h, const rb_net_noise *n, rb_value x)
{
    const int64_t outer = rb_hlo_sizes(h, x).of[0], pixels = (int64_t)n->height * n->width;
    const int64_t picture = pixels * n->stride;
    rb_value parts[2];
    rb_value p = rb_hlo_reshape(h, rb_hlo_slice(h, x, 1, 0, picture), RB_SIZES(outer, pixels, n->stride));
    p = rb_hlo_transpose(h, rb_hlo_slice(h, p, 2, 0, n->channels), (const int[]){0, 2, 1});
    parts[0] = rb_hlo_reshape(h, p, RB_SIZES(outer, pixels * n->channels));
    if (!n->extra) return parts[0];
    parts[1] = rb_hlo_slice(h, x, 1, picture, picture + n->extra);
    return rb_hlo_join(h, parts, 2, 1);
}

static rb_value signed_root(rb_hlo *h, rb_value x)
{
    const rb_value root = rb_hlo_unary(h, RB_SQRT, rb_hlo_unary(h, RB_ABS, x));
    return rb_hlo_select(h, rb_hlo_compare(h, RB_LT, x, rb_hlo_number(h, RB_F32, 0)),
                         rb_hlo_unary(h, RB_NEGATE, root), root);
}

static void draw_layer(rb_hlo *h, const rb_net_noise *n, rb_value in, rb_value out, rb_value *weights,
                       rb_value *biases)
{
    const int64_t columns = (int64_t)n->panels * 16;
    if (n->independent) {
        rb_value all = rb_hlo_reshape(h, in, RB_SIZES(n->panels, n->panel_numbers));
        all = rb_hlo_reshape(h, rb_hlo_slice(h, all, 1, 0, (int64_t)n->inputs * 16),
                             RB_SIZES(n->panels, n->inputs, 16));
        all =
            rb_hlo_reshape(h, rb_hlo_transpose(h, all, (const int[]){0, 2, 1}), RB_SIZES(columns, n->inputs));
        *weights = in_order(h, n, rb_hlo_slice(h, all, 0, 0, n->outputs));
    } else {
        in = signed_root(h, in_order(h, n, rb_hlo_reshape(h, in, RB_SIZES(1, n->inputs))));
        out = signed_root(h, out);
        const int64_t inputs = rb_hlo_sizes(h, in).of[1];
        const rb_sizes sizes = RB_SIZES(n->outputs, inputs);
        *weights = rb_hlo_multiply(
            h, rb_hlo_spread(h, rb_hlo_reshape(h, in, RB_SIZES(inputs)), sizes, (const int[]){1}),
            rb_hlo_spread(h, out, sizes, (const int[]){0}));
    }
    *biases = out;
}

// The numbers of a layer's inputs, or of its weights.
static int64_t in_numbers(const rb_net_noise *n)
{
    return n->independent ? (int64_t)n->panel_numbers * n->panels : n->inputs;
}

static void add_streams(rb_hlo *h, streams *s, const rb_xla_draw_of *d, rb_value keys)
{
    for (int i = 0; i < d->net->noise_layers; i++) {
        const rb_net_noise *n = &d->net->noise[i];
        const int at = d->row + i * d->row_step;
        const rb_value key = rb_hlo_reshape(h, rb_hlo_slice(h, keys, 0, at, at + 1), RB_SIZES(2));
        add_stream(h, s, key, 0, in_numbers(n));
        add_stream(h, s, key, UINT64_C(1) << 32, n->outputs);
    }
}

void rb_xla_draw(rb_hlo *h, rb_value keys, const rb_xla_draw_of *draws, int count)
{
    streams s = {0};
    rb_hlo_scope(h, "noise");
    for (int k = 0; k < count; k++) add_streams(h, &s, &draws[k], keys);
    const int64_t *at = s.at;
    if (!s.count) return;
    const rb_value all = rb_hlo_barrier(h, normal(h, &s));
    for (int k = 0; k < count; k++)
        for (int i = 0; i < draws[k].net->noise_layers; i++, at += 2) {
            const rb_net_noise *n = &draws[k].net->noise[i];
            draw_layer(h, n, rb_hlo_slice(h, all, 0, at[0], at[0] + in_numbers(n)),
                       rb_hlo_slice(h, all, 0, at[1], at[1] + n->outputs), &draws[k].out->weights[i],
                       &draws[k].out->biases[i]);
        }
}
