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

static void compose_outer(float *restrict out, const float *restrict mu, const float *restrict sigma,
                          const float *restrict rows, const float *restrict columns, int inputs)
{
    float column[RB_PANEL];
    memcpy(column, columns, sizeof(column));
    for (int i = 0; i < inputs; i++, out += RB_PANEL, mu += RB_PANEL, sigma += RB_PANEL) {
        const float row = rows[i];
        for (int j = 0; j < RB_PANEL; j++) out[j] = mu[j] + sigma[j] * (row * column[j]);
    }
}

static void scale_outer(float *out, const float *x, const float *rows, const float *columns,
                        int inputs) // out may be x
{
    float column[RB_PANEL];
    memcpy(column, columns, sizeof(column));
    for (int i = 0; i < inputs; i++, out += RB_PANEL, x += RB_PANEL) {
        const float row = rows[i];
        for (int j = 0; j < RB_PANEL; j++) out[j] = x[j] * (row * column[j]);
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

static void picture(const uint8_t *restrict planar, int planes, int pixels, float scale, float *restrict out)
{
    if (planes == 4) { // the usual stack: four streams of bytes become one of floats
        const uint8_t *p0 = planar, *p1 = p0 + pixels, *p2 = p1 + pixels, *p3 = p2 + pixels;
        for (int i = 0; i < pixels; i++) {
            out[4 * i] = scale * (float)p0[i];
            out[4 * i + 1] = scale * (float)p1[i];
            out[4 * i + 2] = scale * (float)p2[i];
            out[4 * i + 3] = scale * (float)p3[i];
        }
        return;
    }
    for (int plane = 0; plane < planes; plane++) {
        for (int i = 0; i < pixels; i++) out[i * planes + plane] = scale * (float)planar[plane * pixels + i];
    }
}

#endif
