// Kernels that make one pass over arrays: vector code, or plain loops without branches, which the compiler
// vectorises to the family's width.
#ifndef RB_COMPUTE_SIMD_ARRAYS_H
#define RB_COMPUTE_SIMD_ARRAYS_H

#include "compute/simd_rule.h"

// Prefetch distance in numbers. The address may be past the end of the arrays: a prefetch never faults.
#define AHEAD 512

INLINE void step_vector(const rb_rule *rule, float *w, float *m, float *v, const float *gradient)
{
    const bool has_m = rule->kind != RB_RULE_RMSPROP;
    vf m0 = has_m ? LOAD(m) : (vf){0}, v0 = LOAD(v);
    const vf w0 = LOAD(w), g = LOAD(gradient);
    const vf stepped = rule->kind == RB_RULE_ADAM ? rule_step(RB_RULE_ADAM, rule, w0, &m0, &v0, g)
                       : has_m                    ? rule_step(RB_RULE_RMSPROP_CENTERED, rule, w0, &m0, &v0, g)
                                                  : rule_step(RB_RULE_RMSPROP, rule, w0, &m0, &v0, g);
    STORE(w, stepped);
    STORE(v, v0);
    if (has_m) STORE(m, m0);
}

static void step(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count)
{
    const rb_rule c = *rule;
    const bool has_m = c.kind != RB_RULE_RMSPROP;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        __builtin_prefetch(w + i + AHEAD, 1);
        __builtin_prefetch(v + i + AHEAD, 1);
        step_vector(&c, w + i, has_m ? m + i : NULL, v + i, gradient + i);
    }
    if (i == count) return;
    float last[4][LANES] = {{0}};
    float *const arrays[4] = {w + i, has_m ? m + i : NULL, v + i, NULL};
    const size_t bytes = (count - i) * sizeof(float);
    memcpy(last[3], gradient + i, bytes);
    for (int k = 0; k < 3; k++) {
        if (arrays[k]) memcpy(last[k], arrays[k], bytes);
    }
    step_vector(&c, last[0], last[1], last[2], last[3]);
    for (int k = 0; k < 3; k++) {
        if (arrays[k]) memcpy(arrays[k], last[k], bytes);
    }
}

static double square_sum(const float *x, size_t count)
{
    double total = 0;
    for (size_t at = 0; at < count; at += 1024) {
        const size_t end = count - at < 1024 ? count : at + 1024;
        float part[32] = {0};
        size_t i = at;
        for (; i + 32 <= end; i += 32) {
            for (int j = 0; j < 32; j++) part[j] = multiply_add_1(part[j], x[i + j], x[i + j]);
        }
        for (; i < end; i++) part[0] = multiply_add_1(part[0], x[i], x[i]);
        for (int j = 0; j < 32; j++) total += (double)part[j];
    }
    return total;
}

static void sum_rows(const rb_unit *y, ptrdiff_t row, int rows, int columns, float *out, bool add)
{
    for (int c = 0; c < columns; c += LANES) {
        vf sum = {0};
        for (int r = 0; r < rows; r++) sum += load_numbers(y + r * row + UNITS(c));
        STORE(out + c, add ? LOAD(out + c) + sum : sum);
    }
}

static void add(float *restrict out, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] += x[i];
}

// Both streams are prefetched a few lines ahead: each record is longer than the one line needed from it, a
// pattern that the processor's own prefetching does not follow well.
static void blend(float *restrict to, ptrdiff_t to_line, const float *restrict from, ptrdiff_t from_line,
                  size_t lines, float share)
{
    for (size_t l = 0; l < lines; l++, to += to_line, from += from_line) {
        __builtin_prefetch(to + 8 * to_line, 1);
        __builtin_prefetch(from + 8 * from_line);
        for (int i = 0; i < RB_PANEL; i += LANES) {
            const vf old = LOAD(to + i);
            STORE(to + i, old + share * (LOAD(from + i) - old));
        }
    }
}

static void multiply(float *out, const float *x, const float *y, size_t count) // out may be x
{
    for (size_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

static void touch(float *x, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        __builtin_prefetch(x + i + 4 * AHEAD, 1);
        STORE(x + i, LOAD(x + i) + 1);
    }
}

static void signed_root(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = copysignf(sqrtf(fabsf(x[i])), x[i]);
}

static void round_numbers(rb_unit *out, const float *x, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store_numbers(out + UNITS(i), LOAD(x + i));
    if (i == count) return;
    float last[LANES] = {0};
    rb_unit rounded[LANES];
    memcpy(last, x + i, (count - i) * sizeof(float));
    store_numbers(rounded, LOAD(last));
    memcpy(out + UNITS(i), rounded, UNITS(count - i) * sizeof(rb_unit));
}

static void round_masked(rb_unit *out, const float *x, const rb_unit *activation, size_t count)
{
    for (size_t i = 0; i < count; i += LANES)
        store_numbers(out + UNITS(i), where_positive(load_numbers(activation + UNITS(i)), LOAD(x + i)));
}

static void pair(rb_unit *out, const rb_unit *a, const rb_unit *b, size_t count)
{
    for (size_t i = 0; i < count; i += LANES)
        store_units(out + i, load_pair(a + UNITS(i), b ? b + UNITS(i) : NULL));
}

static void mix(const rb_mix *job)
{
    const rb_mix j = *job;
    for (int r = 0; r < j.rows; r++) {
        const rb_unit *x = j.x + r * j.x_row;
        rb_unit *out = j.out + r * j.out_row;
        for (int c = 0; c < j.columns; c += LANES)
            store_numbers(out + UNITS(c), load_numbers(x + UNITS(c)) * load_numbers(j.by + UNITS(c)));
    }
}

static void mix_back(const rb_mix *job)
{
    const rb_mix j = *job;
    for (int c = 0; c < j.columns; c += LANES) {
        const vf by = load_numbers(j.by + UNITS(c));
        vf sum = {0};
        for (int r = 0; r < j.rows; r++) {
            const vf x = load_numbers(j.x + r * j.x_row + UNITS(c));
            rb_unit *gradient = j.gradient + r * j.gradient_row + UNITS(c);
            const vf g = load_numbers(gradient);
            sum = multiply_add(sum, g, x);
            store_numbers(gradient, where_positive(x, g * by));
        }
        if (j.by_gradient) store_numbers(j.by_gradient + UNITS(c), j.mask ? where_positive(by, sum) : sum);
    }
}

#define RB_PLANES_AT_ONCE 16

typedef uint8_t bytes_16 __attribute__((vector_size(16)));
typedef uint8_t bytes_16_loose __attribute__((vector_size(16), aligned(1), may_alias));
#define ZIP(a, b, at)                                                                                        \
    __builtin_shufflevector(a, b, at, at + 16, at + 1, at + 17, at + 2, at + 18, at + 3, at + 19, at + 4,    \
                            at + 20, at + 5, at + 21, at + 6, at + 22, at + 7, at + 23)

INLINE vf widen(const uint8_t *bytes) // LANES bytes
{
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (vf)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)bytes)));
#elif RB_VECTOR_BYTES == 32 && defined(__AVX2__)
    return (vf)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes)));
#else
    int32_t wide[LANES];
    for (int i = 0; i < LANES; i++) wide[i] = bytes[i];
    vi x;
    memcpy(&x, wide, sizeof x);
    return __builtin_convertvector(x, vf);
#endif
}

// The usual stack of four frames: sixteen pixels of each become 64 bytes in interleaved order, then numbers.
// Returns the number of pixels done.
static int picture_of_4(const uint8_t *planar, ptrdiff_t apart, int pixels, float scale, float offset,
                        rb_unit *out)
{
    int i = 0;
    for (; i + 16 <= pixels; i += 16) {
        bytes_16 plane[4], mixed[4];
        UNROLL for (int p = 0; p < 4; p++) plane[p] = *(const bytes_16_loose *)(planar + p * apart + i);
        const bytes_16 even0 = ZIP(plane[0], plane[2], 0), odd0 = ZIP(plane[1], plane[3], 0),
                       even1 = ZIP(plane[0], plane[2], 8), odd1 = ZIP(plane[1], plane[3], 8);
        mixed[0] = ZIP(even0, odd0, 0), mixed[1] = ZIP(even0, odd0, 8);
        mixed[2] = ZIP(even1, odd1, 0), mixed[3] = ZIP(even1, odd1, 8);
        UNROLL for (int at = 0; at < 64; at += LANES, out += UNITS(LANES))
            store_numbers(out, widen((const uint8_t *)mixed + at) * scale + offset);
    }
    return i;
}

// Any other number of planes: a few pixels at a time, through floats.
static void picture_of_any(const uint8_t *planar, ptrdiff_t apart, int planes, int channels, int pixels,
                           float scale, float offset, int done, rb_unit *out)
{
    float some[LANES * RB_PLANES_AT_ONCE];
    for (int i = done; i < pixels; i += LANES) {
        const int count = pixels - i < LANES ? pixels - i : LANES;
        for (int first = 0; first < channels; first += RB_PLANES_AT_ONCE) {
            const int some_channels =
                channels - first < RB_PLANES_AT_ONCE ? channels - first : RB_PLANES_AT_ONCE;
            for (int p = 0; p < count; p++) {
                for (int c = 0; c < some_channels; c++) {
                    const int plane = first + c;
                    some[p * some_channels + c] =
                        plane < planes ? scale * (float)planar[plane * apart + i + p] + offset : 0;
                }
            }
            for (int p = 0; p < count; p++) {
                round_numbers(out + UNITS((ptrdiff_t)(i + p) * channels + first), some + p * some_channels,
                              (size_t)some_channels);
            }
        }
    }
}

static void picture(const uint8_t *planar, ptrdiff_t plane, int planes, int channels, int pixels, float scale,
                    float offset, rb_unit *out)
{
    const bool usual = planes == 4 && channels == 4;
    const int done = usual ? picture_of_4(planar, plane, pixels, scale, offset, out) : 0;
    const int last = pixels - 16; // the last sixteen again, if some are left
    if (usual && done < pixels && last >= 0)
        picture_of_4(planar + last, plane, 16, scale, offset, out + UNITS(4 * (ptrdiff_t)last));
    else
        picture_of_any(planar, plane, planes, channels, pixels, scale, offset, done, out);
}

#endif
