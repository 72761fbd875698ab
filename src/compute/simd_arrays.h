// Kernels that go once over arrays: plain loops without branches, which the compiler turns into vectors of
// the family's width.
#ifndef RB_COMPUTE_SIMD_ARRAYS_H
#define RB_COMPUTE_SIMD_ARRAYS_H

#include "compute/simd_vector.h"

// Denominators are kept off zero, so that an epsilon of 0 and a gradient that was always 0 (as in unused
// columns) give a step of 0 and not NaN.
#define TINY 1e-30f
// Numbers that are fetched while those before them are worked on. It may point behind the arrays: a prefetch
// never faults.
#define AHEAD 512

INLINE float clipped(const rb_rule *rule, float gradient)
{
    const float g = gradient * rule->scale;
    const float low = g < -rule->clip ? -rule->clip : g;
    return low > rule->clip ? rule->clip : low;
}

INLINE void step_adam(const rb_rule *c, float *restrict w, float *restrict m, float *restrict v,
                      const float *restrict gradient, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float g = clipped(c, gradient[i]);
        m[i] += (1 - c->beta1) * (g - m[i]);
        v[i] = c->beta2 * v[i] + (1 - c->beta2) * (g * g);
        w[i] -= c->rate * m[i] / (sqrtf(v[i]) * c->root + c->epsilon + TINY);
    }
}

INLINE void step_rmsprop(const rb_rule *c, float *restrict w, float *restrict v,
                         const float *restrict gradient, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float g = clipped(c, gradient[i]);
        v[i] = c->beta2 * v[i] + (1 - c->beta2) * (g * g);
        w[i] -= c->rate * g / sqrtf(v[i] + c->epsilon + TINY);
    }
}

INLINE void step_centered(const rb_rule *c, float *restrict w, float *restrict m, float *restrict v,
                          const float *restrict gradient, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float g = clipped(c, gradient[i]);
        v[i] = c->beta2 * v[i] + (1 - c->beta2) * (g * g);
        m[i] += (1 - c->beta2) * (g - m[i]);
        const float variance = v[i] - m[i] * m[i];
        w[i] -= c->rate * g / sqrtf((variance > 0 ? variance : 0) + c->epsilon + TINY);
    }
}

INLINE void step_some(const rb_rule *c, float *w, float *m, float *v, const float *gradient, size_t count)
{
    if (c->kind == RB_RULE_ADAM) {
        step_adam(c, w, m, v, gradient, count);
    } else if (c->kind == RB_RULE_RMSPROP) {
        step_rmsprop(c, w, v, gradient, count);
    } else {
        step_centered(c, w, m, v, gradient, count);
    }
}

static void step(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count)
{
    const rb_rule c = *rule;
    size_t i = 0;
    for (; i + RB_PANEL <= count; i += RB_PANEL) {
        __builtin_prefetch(w + i + AHEAD, 1);
        __builtin_prefetch(m + i + AHEAD, 1);
        __builtin_prefetch(v + i + AHEAD, 1);
        step_some(&c, w + i, m + i, v + i, gradient + i, RB_PANEL);
    }
    step_some(&c, w + i, m + i, v + i, gradient + i, count - i);
}

static double square_sum(const float *x, size_t count)
{
    double total = 0;
    for (size_t at = 0; at < count; at += 1024) {
        const size_t end = count - at < 1024 ? count : at + 1024;
        float part[32] = {0};
        size_t i = at;
        for (; i + 32 <= end; i += 32) {
            for (int j = 0; j < 32; j++) part[j] += x[i + j] * x[i + j];
        }
        for (; i < end; i++) part[0] += x[i] * x[i];
        for (int j = 0; j < 32; j++) total += (double)part[j];
    }
    return total;
}

static void sum_rows(const float *y, ptrdiff_t row, int rows, int columns, float *out, bool add)
{
    for (int c = 0; c < columns; c += RB_PANEL) {
        float sum[RB_PANEL] = {0};
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < RB_PANEL; j++) sum[j] += y[r * row + c + j];
        }
        for (int j = 0; j < RB_PANEL; j++) out[c + j] = add ? out[c + j] + sum[j] : sum[j];
    }
}

static void add(float *restrict out, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] += x[i];
}

static void relu_mask(float *restrict gradient, const float *restrict activation, size_t count)
{
    for (size_t i = 0; i < count; i++) gradient[i] = activation[i] > 0 ? gradient[i] : 0;
}

static void compose_outer(float *out, const float *mu, const float *sigma, const float *rows,
                          const float *columns, int inputs)
{
    vf column[RB_PANEL / LANES];
    UNROLL for (int j = 0; j < RB_PANEL / LANES; j++) column[j] = LOAD(columns + j * LANES);
    for (int i = 0; i < inputs; i++, out += RB_PANEL, mu += RB_PANEL, sigma += RB_PANEL) {
        UNROLL for (int j = 0; j < RB_PANEL / LANES; j++)
        {
            STORE(out + j * LANES, LOAD(mu + j * LANES) + LOAD(sigma + j * LANES) * (rows[i] * column[j]));
        }
    }
}

static void scale_outer(float *out, const float *x, const float *rows, const float *columns,
                        int inputs) // out may be x
{
    vf column[RB_PANEL / LANES];
    UNROLL for (int j = 0; j < RB_PANEL / LANES; j++) column[j] = LOAD(columns + j * LANES);
    for (int i = 0; i < inputs; i++, out += RB_PANEL, x += RB_PANEL) {
        UNROLL for (int j = 0; j < RB_PANEL / LANES; j++)
            STORE(out + j * LANES, LOAD(x + j * LANES) * (rows[i] * column[j]));
    }
}

static void compose(float *restrict out, const float *restrict mu, const float *restrict sigma,
                    const float *restrict noise, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = mu[i] + sigma[i] * noise[i];
}

static void multiply(float *out, const float *x, const float *y, size_t count) // out may be x
{
    for (size_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

static void signed_root(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = copysignf(sqrtf(fabsf(x[i])), x[i]);
}

typedef uint8_t vb_loose __attribute__((vector_size(LANES), aligned(1), may_alias)); // a byte for each lane

#if RB_VECTOR_BYTES == 64
#define ZIP(a, b, at)                                                                                        \
    __builtin_shufflevector(a, b, at, at + 16, at + 1, at + 17, at + 2, at + 18, at + 3, at + 19, at + 4,    \
                            at + 20, at + 5, at + 21, at + 6, at + 22, at + 7, at + 23)
#elif RB_VECTOR_BYTES == 32
#define ZIP(a, b, at)                                                                                        \
    __builtin_shufflevector(a, b, at, at + 8, at + 1, at + 9, at + 2, at + 10, at + 3, at + 11)
#else
#define ZIP(a, b, at) __builtin_shufflevector(a, b, at, at + 4, at + 1, at + 5)
#endif

// The usual stack of four frames: four streams of bytes become one of floats. Returns how many pixels it has
// done.
static int picture_of_4(const uint8_t *planar, int pixels, float scale, float *out)
{
    int i = 0;
    for (; i + LANES <= pixels; i += LANES, out += 4 * LANES) {
        vf plane[4];
        UNROLL for (int p = 0; p < 4; p++)
        {
            plane[p] = __builtin_convertvector(*(const vb_loose *)(planar + p * pixels + i), vf) * scale;
        }
        const vf even0 = ZIP(plane[0], plane[2], 0), odd0 = ZIP(plane[1], plane[3], 0);
        const vf even1 = ZIP(plane[0], plane[2], LANES / 2), odd1 = ZIP(plane[1], plane[3], LANES / 2);
        STORE(out, ZIP(even0, odd0, 0));
        STORE(out + LANES, ZIP(even0, odd0, LANES / 2));
        STORE(out + 2 * LANES, ZIP(even1, odd1, 0));
        STORE(out + 3 * LANES, ZIP(even1, odd1, LANES / 2));
    }
    return i;
}

static void picture(const uint8_t *planar, int planes, int pixels, float scale, float *out)
{
    const int done = planes == 4 ? picture_of_4(planar, pixels, scale, out) : 0;
    for (int plane = 0; plane < planes; plane++) {
        for (int i = done; i < pixels; i++)
            out[i * planes + plane] = scale * (float)planar[plane * pixels + i];
    }
}

#endif
