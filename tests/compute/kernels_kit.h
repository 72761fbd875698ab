// Shared by the tests of kernels: random arrays, and comparisons of a fast family with the reference of its
// format. Every array has BEHIND numbers after its end, which must stay unwritten.
#ifndef RB_TESTS_KERNELS_KIT_H
#define RB_TESTS_KERNELS_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "compute/kernels.h"

static const char *const names[] = {"plain", "wide", "avx2", "avx512", "wide-bf16", "avx512-bf16"};
#define FAMILIES (int)(sizeof names / sizeof names[0])
#define BEHIND   64 // floats or units after an array, which must stay unwritten

static rb_rng rng;

static inline int between(int low, int high)
{
    return low + (int)rb_rng_below(&rng, (uint32_t)(high - low + 1));
}

static inline float *numbers(size_t count)
{
    float *x = malloc((count + BEHIND) * sizeof(float));
    assert_non_null(x);
    for (size_t i = 0; i < count + BEHIND; i++) x[i] = (float)rb_rng_range(&rng, -1, 1);
    return x;
}

static inline void *copy(const void *x, size_t count)
{
    float *y = aligned_alloc(64, ((count + BEHIND) * sizeof(float) + 63) / 64 * 64);
    assert_non_null(y);
    memcpy(y, x, (count + BEHIND) * sizeof(float));
    return y;
}

static inline const rb_kernels *truth_of(const rb_kernels *kernels)
{
    return kernels->per_unit == 1 ? &rb_kernels_reference : &rb_kernels_reference_bf16;
}

// Units of the family's format with numbers between -1 and 1, exact in the format, so that both sides
// multiply the same numbers.
static inline rb_unit *units(const rb_kernels *kernels, size_t count)
{
    float *x = numbers((count + BEHIND) * 2);
    rb_unit *out = aligned_alloc(64, ((count + BEHIND) * sizeof(rb_unit) + 63) / 64 * 64);
    assert_non_null(out);
    truth_of(kernels)->round(out, x, (count + BEHIND) * (size_t)kernels->per_unit);
    free(x);
    return out;
}

static inline double number(const rb_kernels *kernels, const rb_unit *p, size_t i)
{
    uint32_t bits;
    if (kernels->per_unit == 1)
        bits = p[i];
    else
        bits = (uint32_t)((const uint16_t *)p)[i] << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

// Nearly the same numbers; numbers that the reference did not write must be unwritten.
static inline void assert_close(const char *family, const char *kernel, const float *a, const float *truth,
                                size_t count, double tolerance)
{
    for (size_t i = 0; i < count + BEHIND; i++) {
        if (!(fabs((double)a[i] - truth[i]) <= tolerance)) {
            fail_msg("%s %s: number %zu is %.9g, should be %.9g", family, kernel, i, (double)a[i],
                     (double)truth[i]);
        }
    }
}

// The same for units; a bf16 may be the neighbour of the expected one.
static inline void assert_units(const rb_kernels *kernels, const char *kernel, const rb_unit *a,
                                const rb_unit *truth, size_t count, double tolerance)
{
    for (size_t i = 0; i < (count + BEHIND) * (size_t)kernels->per_unit; i++) {
        const double x = number(kernels, a, i), y = number(kernels, truth, i);
        if (!(fabs(x - y) <= tolerance + (kernels->per_unit == 2 ? fabs(y) / 128 : 0)))
            fail_msg("%s %s: number %zu is %.9g, should be %.9g", kernels->name, kernel, i, x, y);
    }
}

// Calls `test` with each family that this processor runs; the shapes are the same for all.
static inline void each_family(void (*test)(const rb_kernels *), int rounds)
{
    int played = 0;
    for (int f = 0; f < FAMILIES; f++) {
        const rb_kernels *kernels = rb_kernels_find(names[f]);
        if (!kernels) continue;
        rng = rb_rng_stream(7, RB_RNG_TEST, 1);
        for (int i = 0; i < rounds; i++) test(kernels);
        played++;
    }
    assert_true(played >= 3);
}

static inline rb_rule any_rule(void)
{
    return (rb_rule){.kind = (rb_rule_kind)between(0, 2),
                     .scale = between(0, 1) ? 1 : 0.25f,
                     .clip = between(0, 1) ? INFINITY : 0.5f,
                     .rate = 0.01f,
                     .beta1 = 0.9f,
                     .beta2 = 0.95f,
                     .root = 1.7f,
                     .under = between(0, 1) ? 0.01f : 0,
                     .epsilon = between(0, 1) ? 0.01f : 0};
}

#endif
