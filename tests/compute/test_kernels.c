// Every fast family against the reference, over random shapes, odd sizes and batches of 1 to 256.
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

static const char *const names[] = {"plain", "wide", "avx2", "avx512"};
#define FAMILIES 4

static rb_rng rng;

static int between(int low, int high)
{
    return low + (int)rb_rng_below(&rng, (uint32_t)(high - low + 1));
}

static float *numbers(size_t count)
{
    float *x = malloc((count + 64) * sizeof(float));
    assert_non_null(x);
    for (size_t i = 0; i < count + 64; i++) x[i] = (float)rb_rng_range(&rng, -1, 1);
    return x;
}

static float *copy(const float *x, size_t count)
{
    float *y = malloc((count + 64) * sizeof(float));
    assert_non_null(y);
    memcpy(y, x, (count + 64) * sizeof(float));
    return y;
}

// Nearly the same, and where the reference wrote nothing, nothing.
static void assert_close(const char *family, const char *kernel, const float *a, const float *truth,
                         size_t count, double tolerance)
{
    for (size_t i = 0; i < count + 64; i++) {
        if (!(fabs((double)a[i] - truth[i]) <= tolerance)) {
            fail_msg("%s %s: number %zu is %.9g, should be %.9g", family, kernel, i, (double)a[i],
                     (double)truth[i]);
        }
    }
}

// Calls `test` with each family that this processor runs; the shapes are the same for all.
static void each_family(void (*test)(const rb_kernels *), int rounds)
{
    int played = 0;
    for (int f = 0; f < FAMILIES; f++) {
        const rb_kernels *kernels = rb_kernels_find(names[f]);
        if (!kernels) continue;
        rng = rb_rng_stream(7, RB_RNG_TEST, 1);
        for (int i = 0; i < rounds; i++) test(kernels);
        played++;
    }
    assert_true(played >= 2);
}

static const rb_kernels *const truth = &rb_kernels_reference;

static void gemm_linear(const rb_kernels *kernels)
{
    const int rows = between(1, 4) == 1 ? between(1, 256) : between(1, 40), inputs = between(1, 300),
              panels = between(1, 7);
    const ptrdiff_t x_row = inputs + between(0, 20), y_row = panels * 16 + between(0, 20);
    float *x = numbers((size_t)(rows * x_row)), *w = numbers((size_t)(inputs * panels * 16)),
          *bias = numbers((size_t)panels * 16);
    float *out = numbers((size_t)(rows * y_row)), *expected = copy(out, (size_t)(rows * y_row));
    const int kind = between(0, 4);
    rb_gemm job = {.a = x,
                   .a_row = x_row,
                   .lines = 1,
                   .rows = rows,
                   .segments = 1,
                   .length = inputs,
                   .w = w,
                   .w_panel = (ptrdiff_t)inputs * 16,
                   .panels = panels,
                   .bias = kind == 2 ? NULL : bias,
                   .out = out,
                   .out_row = y_row,
                   .relu = kind == 1,
                   .add = kind == 3,
                   .resume = kind == 4};
    kernels->gemm(&job);
    job.out = expected;
    truth->gemm(&job);
    assert_close(kernels->name, "gemm (linear)", out, expected, (size_t)(rows * y_row), 2e-6 * inputs);
    free(x), free(w), free(bias), free(out), free(expected);
}

// A picture, a window, a stride: forward, weight gradient and input gradient as src/nn/conv.c calls them.
static void convolution(const rb_kernels *kernels)
{
    const int channels = between(0, 1) ? between(1, 5) : 16 * between(1, 3), window = between(1, 6),
              stride = between(1, 4);
    const int height = window + between(0, 20), width = window + between(0, 20), panels = between(1, 5),
              out_c = panels * 16;
    const int oh = (height - window) / stride + 1, ow = (width - window) / stride + 1,
              inputs = window * window * channels;
    const size_t in_count = (size_t)(height * width * channels), out_count = (size_t)(oh * ow * out_c),
                 w_count = (size_t)(inputs * out_c);
    float *in = numbers(in_count), *w = numbers(w_count), *bias = numbers((size_t)out_c);
    float *out = numbers(out_count), *out_expected = copy(out, out_count);
    rb_gemm job = {.a = in,
                   .a_line = (ptrdiff_t)stride * width * channels,
                   .a_row = (ptrdiff_t)stride * channels,
                   .a_segment = (ptrdiff_t)width * channels,
                   .lines = oh,
                   .rows = ow,
                   .segments = window,
                   .length = window * channels,
                   .w = w,
                   .w_panel = (ptrdiff_t)inputs * 16,
                   .panels = panels,
                   .bias = bias,
                   .out = out,
                   .out_line = (ptrdiff_t)ow * out_c,
                   .out_row = out_c,
                   .relu = true};
    kernels->gemm(&job);
    job.out = out_expected;
    truth->gemm(&job);
    assert_close(kernels->name, "gemm (convolution)", out, out_expected, out_count, 2e-6 * inputs);

    float *gradient = numbers(w_count), *gradient_expected = copy(gradient, w_count);
    const bool add = between(0, 1);
    for (int y = 0; y < window; y++) {
        rb_outer outer = {.x = in + y * width * channels,
                          .y = out_expected,
                          .x_line = job.a_line,
                          .x_step = job.a_row,
                          .y_line = job.out_line,
                          .y_step = out_c,
                          .lines = oh,
                          .steps = ow,
                          .inputs = window * channels,
                          .panels = panels,
                          .out = gradient + y * window * channels * 16,
                          .out_panel = job.w_panel,
                          .add = add};
        kernels->outer(&outer);
        outer.out = gradient_expected + y * window * channels * 16;
        truth->outer(&outer);
    }
    assert_close(kernels->name, "outer (convolution)", gradient, gradient_expected, w_count, 3e-5 * oh * ow);

    if (channels % 16 == 0) { // rows that overlap, added up
        float *dx = numbers(in_count), *dx_expected = copy(dx, in_count);
        rb_gemm back = {.a = out_expected,
                        .a_line = job.out_line,
                        .a_row = out_c,
                        .lines = oh,
                        .rows = ow,
                        .segments = 1,
                        .length = out_c,
                        .w = w,
                        .w_panel = (ptrdiff_t)out_c * 16,
                        .panels = window * channels / 16,
                        .out = dx,
                        .out_line = job.a_line,
                        .out_row = job.a_row,
                        .add = true};
        kernels->gemm(&back);
        back.out = dx_expected;
        truth->gemm(&back);
        assert_close(kernels->name, "gemm (adding)", dx, dx_expected, in_count, 1e-5 * out_c * window * 4);
        free(dx), free(dx_expected);
    }
    free(in), free(w), free(bias), free(out), free(out_expected), free(gradient), free(gradient_expected);
}

static void dot(const rb_kernels *kernels)
{
    const int rows = between(1, 4) == 1 ? between(1, 256) : between(1, 40), inputs = between(1, 100),
              panels = between(1, 9);
    const ptrdiff_t y_row = panels * 16 + between(0, 20), x_row = inputs + between(0, 20);
    float *y = numbers((size_t)(rows * y_row)), *w = numbers((size_t)(inputs * panels * 16));
    float *out = numbers((size_t)(rows * x_row)), *expected = copy(out, (size_t)(rows * x_row));
    rb_dot job = {.y = y,
                  .y_row = y_row,
                  .w = w,
                  .w_panel = (ptrdiff_t)inputs * 16,
                  .rows = rows,
                  .panels = panels,
                  .inputs = inputs,
                  .out = out,
                  .out_row = x_row,
                  .add = between(0, 1)};
    kernels->dot(&job);
    job.out = expected;
    truth->dot(&job);
    assert_close(kernels->name, "dot", out, expected, (size_t)(rows * x_row), 3e-5 * panels);
    free(y), free(w), free(out), free(expected);
}

static void outer_linear(const rb_kernels *kernels)
{
    const int samples = between(1, 4) == 1 ? between(1, 256) : between(1, 40), inputs = between(1, 64),
              panels = between(1, 2);
    const ptrdiff_t x_row = inputs + between(0, 20), y_row = panels * 16 + between(0, 20);
    float *x = numbers((size_t)(samples * x_row)), *y = numbers((size_t)(samples * y_row));
    float *out = numbers(2 * 64 * 16), *expected = copy(out, 2 * 64 * 16);
    rb_outer job = {.x = x,
                    .y = y,
                    .x_step = x_row,
                    .y_step = y_row,
                    .lines = 1,
                    .steps = samples,
                    .inputs = inputs,
                    .panels = panels,
                    .out = out,
                    .out_panel = 64 * 16,
                    .add = between(0, 1)};
    kernels->outer(&job);
    job.out = expected;
    truth->outer(&job);
    assert_close(kernels->name, "outer (linear)", out, expected, 2 * 64 * 16, 2e-6 * samples);
    free(x), free(y), free(out), free(expected);
}

static void gram(const rb_kernels *kernels)
{
    const int rows = between(1, 35), length = 16 * between(1, 120);
    const ptrdiff_t row = length + 16 * between(0, 2);
    float *x = numbers((size_t)(rows * row)), *weights = numbers((size_t)length);
    double *out = malloc((size_t)(rows * rows) * sizeof(double)),
           *expected = malloc((size_t)(rows * rows) * sizeof(double));
    for (int weighted = 0; weighted < 2; weighted++) {
        kernels->gram(x, row, rows, length, weighted ? weights : NULL, out);
        truth->gram(x, row, rows, length, weighted ? weights : NULL, expected);
        for (int i = 0; i < rows * rows; i++) assert_true(fabs(out[i] - expected[i]) <= 1e-5 * sqrt(length));
    }
    free(x), free(weights), free(out), free(expected);
}

static void step(const rb_kernels *kernels)
{
    const size_t count = (size_t)between(1, 3000);
    float *w = numbers(count), *m = numbers(count), *v = numbers(count), *g = numbers(count);
    for (size_t i = 0; i < count + 64; i++) v[i] = fabsf(v[i]) + m[i] * m[i];
    for (size_t i = 0; i < count; i += 17) w[i] = m[i] = v[i] = g[i] = 0; // as unused columns
    float *w2 = copy(w, count), *m2 = copy(m, count), *v2 = copy(v, count);
    rb_rule rule = {.kind = (rb_rule_kind)between(0, 2),
                    .scale = between(0, 1) ? 1 : 0.25f,
                    .clip = between(0, 1) ? INFINITY : 0.5f,
                    .rate = 0.01f,
                    .beta1 = 0.9f,
                    .beta2 = 0.95f,
                    .root = 1.7f,
                    .epsilon = between(0, 1) ? 0.01f : 0};
    kernels->step(&rule, w, m, v, g, count);
    truth->step(&rule, w2, m2, v2, g, count);
    const double tolerance = rule.kind == RB_RULE_RMSPROP_CENTERED ? 1e-4 : 2e-6; // v - m^2 may nearly vanish
    assert_close(kernels->name, "step w", w, w2, count, tolerance);
    assert_close(kernels->name, "step m", m, m2, count, 1e-6);
    assert_close(kernels->name, "step v", v, v2, count, 1e-6);
    free(w), free(m), free(v), free(g), free(w2), free(m2), free(v2);
}

static void arrays(const rb_kernels *kernels)
{
    const int inputs = between(1, 70), rows = between(1, 40), columns = 16 * between(1, 5);
    const size_t count = (size_t)inputs * 16;
    float *x = numbers(count), *y = numbers(count), *noise = numbers(count), *row = numbers((size_t)inputs),
          *column = numbers(16);
    float *out = numbers(count), *expected = copy(out, count);
    kernels->compose_outer(out, x, y, row, column, inputs),
        truth->compose_outer(expected, x, y, row, column, inputs);
    assert_close(kernels->name, "compose_outer", out, expected, count, 1e-6);
    kernels->compose(out, x, y, noise, count), truth->compose(expected, x, y, noise, count);
    assert_close(kernels->name, "compose", out, expected, count, 1e-6);
    kernels->scale_outer(out, x, row, column, inputs), truth->scale_outer(expected, x, row, column, inputs);
    assert_close(kernels->name, "scale_outer", out, expected, count, 1e-6);
    kernels->multiply(out, x, y, count), truth->multiply(expected, x, y, count);
    assert_close(kernels->name, "multiply", out, expected, count, 1e-6);
    kernels->multiply(out, out, y, count), truth->multiply(expected, expected, y, count); // in place
    assert_close(kernels->name, "multiply in place", out, expected, count, 1e-6);
    kernels->add(out, x, count), truth->add(expected, x, count);
    assert_close(kernels->name, "add", out, expected, count, 1e-6);
    kernels->relu_mask(out, y, count), truth->relu_mask(expected, y, count);
    assert_close(kernels->name, "relu_mask", out, expected, count, 1e-6);
    kernels->signed_root(out, count), truth->signed_root(expected, count);
    assert_close(kernels->name, "signed_root", out, expected, count,
                 1e-3); // of numbers that differ in the last place, near 0
    assert_true(fabs(kernels->square_sum(x, count) - truth->square_sum(x, count)) < 1e-5 * (double)count);

    float *table = numbers((size_t)(rows * (columns + 3))), *sum = numbers((size_t)columns),
          *sum_expected = copy(sum, (size_t)columns);
    const bool adding = between(0, 1);
    kernels->sum_rows(table, columns + 3, rows, columns, sum, adding),
        truth->sum_rows(table, columns + 3, rows, columns, sum_expected, adding);
    assert_close(kernels->name, "sum_rows", sum, sum_expected, (size_t)columns, 1e-5);

    const int planes = between(0, 1) ? 4 : between(1, 6), pixels = between(1, 200);
    uint8_t *bytes = malloc((size_t)(planes * pixels));
    for (int i = 0; i < planes * pixels; i++) bytes[i] = (uint8_t)between(0, 255);
    float *picture = numbers((size_t)(planes * pixels)),
          *picture_expected = copy(picture, (size_t)(planes * pixels));
    kernels->picture(bytes, planes, pixels, 1.0f / 255, picture),
        truth->picture(bytes, planes, pixels, 1.0f / 255, picture_expected);
    assert_close(kernels->name, "picture", picture, picture_expected, (size_t)(planes * pixels), 1e-7);
    free(x), free(y), free(noise), free(row), free(column), free(out), free(expected), free(table), free(sum),
        free(sum_expected);
    free(bytes), free(picture), free(picture_expected);
}

static void normal(const rb_kernels *kernels)
{
    const uint32_t key[2] = {(uint32_t)between(0, 1 << 30), (uint32_t)between(0, 1 << 30)};
    const uint64_t first = 32 * (uint64_t)between(0, 1 << 26);
    const size_t count = (size_t)between(1, 2000);
    float *out = numbers(count), *expected = copy(out, count);
    kernels->normal(key, first, out, count), truth->normal(key, first, expected, count);
    assert_close(kernels->name, "normal", out, expected, count, 3e-6);
    float part[32];
    kernels->normal(key, first, part, count < 32 ? count : 32); // a number depends on key and place only
    assert_memory_equal(part, out, (count < 32 ? count : 32) * sizeof(float));
    free(out), free(expected);
}

static void test_gemm_linear(void **state)
{
    (void)state, each_family(gemm_linear, 60);
}
static void test_convolution(void **state)
{
    (void)state, each_family(convolution, 40);
}
static void test_dot(void **state)
{
    (void)state, each_family(dot, 60);
}
static void test_outer_linear(void **state)
{
    (void)state, each_family(outer_linear, 60);
}
static void test_gram(void **state)
{
    (void)state, each_family(gram, 20);
}
static void test_step(void **state)
{
    (void)state, each_family(step, 60);
}
static void test_arrays(void **state)
{
    (void)state, each_family(arrays, 40);
}
static void test_normal(void **state)
{
    (void)state, each_family(normal, 20);
}

// Philox 2x32-10's published answer for counter and key 0 is ff1dae59 6cd10df2; number 0 of key {0, 0} is
// made of these two words.
static void test_normal_is_philox(void **state)
{
    (void)state;
    float x[32];
    truth->normal((const uint32_t[2]){0, 0}, 0, x, 32);
    const double radius = sqrt(-2 * log(((0xff1dae59u >> 8) + 1) / 16777216.0));
    const double pi = 3.14159265358979323846,
                 angle =
                     (0x6cd10df2u >> 30) * pi / 2 + ((int32_t)(0x6cd10df2u << 2) >> 8) / 16777216.0 * pi / 2;
    assert_true(fabs(x[0] - radius * cos(angle)) < 1e-6 && fabs(x[16] - radius * sin(angle)) < 1e-6);
}

static void test_normal_moments(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    float *x = malloc(N * sizeof(float));
    rb_kernels_fastest()->normal((const uint32_t[2]){11, 22}, 0, x, N);
    double sum[5] = {0}, pairs = 0;
    int beyond = 0;
    for (int i = 0; i < N; i++) {
        double power = 1;
        for (int k = 1; k < 5; k++) sum[k] += power *= x[i];
        if (i >= 16) pairs += (double)x[i] * x[i - 16];
        beyond += fabsf(x[i]) > 1.959964f;
    }
    assert_true(fabs(sum[1] / N) < 5 / sqrt(N));
    assert_true(fabs(sum[2] / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(sum[3] / N) < 5 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] / N - 3) < 5 * sqrt(96.0 / N));
    assert_true(fabs(pairs / N) < 5 / sqrt(N));
    assert_true(fabs((double)beyond / N - 0.05) < 5 * sqrt(0.05 * 0.95 / N));
    free(x);
}

static void test_nan_stays_visible(void **state)
{
    (void)state;
    for (int f = 0; f < FAMILIES; f++) {
        const rb_kernels *kernels = rb_kernels_find(names[f]);
        if (!kernels) continue;
        float a = NAN, w[16] = {1, 1, 1}, out[16];
        kernels->gemm(&(rb_gemm){.a = &a,
                                 .lines = 1,
                                 .rows = 1,
                                 .segments = 1,
                                 .length = 1,
                                 .w = w,
                                 .panels = 1,
                                 .out = out,
                                 .relu = true});
        assert_true(isnan(out[0]));
    }
}

static void test_unknown_name(void **state)
{
    (void)state;
    assert_null(rb_kernels_find("sse9"));
    assert_ptr_equal(rb_kernels_find("reference"), &rb_kernels_reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gemm_linear),
        cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_outer_linear),
        cmocka_unit_test(test_gram),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_is_philox),
        cmocka_unit_test(test_normal_moments),
        cmocka_unit_test(test_nan_stays_visible),
        cmocka_unit_test(test_unknown_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
