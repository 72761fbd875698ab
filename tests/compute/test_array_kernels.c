// Kernels that make one pass over arrays, and the noise: every fast family against the reference of its
// format.
#include "compute/kernels_kit.h"

// v - m^2 may nearly vanish.
static double rule_tolerance(const rb_rule *rule)
{
    return rule->kind == RB_RULE_RMSPROP_CENTERED ? 1e-4 : 2e-6;
}

static void step(const rb_kernels *kernels)
{
    const size_t count = (size_t)between(1, 3000);
    float *w = numbers(count), *m = numbers(count), *v = numbers(count), *g = numbers(count);
    for (size_t i = 0; i < count + BEHIND; i++) v[i] = fabsf(v[i]) + m[i] * m[i];
    for (size_t i = 0; i < count; i += 17) w[i] = m[i] = v[i] = g[i] = 0; // as in unused columns
    float *w2 = copy(w, count), *m2 = copy(m, count), *v2 = copy(v, count);
    const rb_rule rule = any_rule();
    kernels->step(&rule, w, rule.kind == RB_RULE_RMSPROP ? NULL : m, v, g, count);
    truth_of(kernels)->step(&rule, w2, m2, v2, g, count);
    assert_close(kernels->name, "step w", w, w2, count, rule_tolerance(&rule));
    assert_close(kernels->name, "step m", m, m2, count, 1e-6);
    assert_close(kernels->name, "step v", v, v2, count, 1e-6);
    free(w), free(m), free(v), free(g), free(w2), free(m2), free(v2);
}

// Moves one vector of each record towards that of another network; the other vectors, and the memory after
// them, stay unchanged.
static void blends(const rb_kernels *kernels)
{
    const size_t lines = (size_t)between(1, 80);
    const ptrdiff_t to_line = 16 * between(1, 6), from_line = 16 * between(1, 6);
    const float share = between(0, 2) ? (float)between(1, 999) / 1000 : (float)between(0, 1);
    const size_t floats = lines * (size_t)to_line;
    float *to = numbers(floats), *expected = copy(to, floats), *from = numbers(lines * (size_t)from_line);
    kernels->blend(to, to_line, from, from_line, lines, share);
    truth_of(kernels)->blend(expected, to_line, from, from_line, lines, share);
    assert_close(kernels->name, "blend", to, expected, floats, 4e-7);
    free(to), free(expected), free(from);
}

static void arrays(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, rows = between(1, 40), columns = 16 * between(1, 5);
    const size_t count = (size_t)between(1, 70) * 16, odd = (size_t)between(1, 300) * (size_t)T;
    float *x = numbers(count), *y = numbers(count), *out = numbers(count), *expected = copy(out, count);
    kernels->multiply(out, x, y, count), truth->multiply(expected, x, y, count);
    assert_close(kernels->name, "multiply", out, expected, count, 1e-6);
    kernels->multiply(out, out, y, count), truth->multiply(expected, expected, y, count); // in place
    assert_close(kernels->name, "multiply in place", out, expected, count, 1e-6);
    kernels->add(out, x, count), truth->add(expected, x, count);
    assert_close(kernels->name, "add", out, expected, count, 1e-6);
    kernels->signed_root(out, count), truth->signed_root(expected, count);
    assert_close(kernels->name, "signed_root", out, expected, count,
                 1e-3); // for numbers that differ in the last place, near 0
    assert_true(fabs(kernels->square_sum(x, count) - truth->square_sum(x, count)) < 1e-5 * (double)count);

    float *many = numbers(odd); // rounding has one right answer
    rb_unit *a = units(kernels, odd), *b = copy(a, odd);
    kernels->round(a, many, odd), truth->round(b, many, odd);
    assert_memory_equal(a, b, (odd / (size_t)T + BEHIND) * sizeof *a);
    rb_unit *activation = units(kernels, count), *masked = units(kernels, count),
            *masked2 = copy(masked, count);
    kernels->round_masked(masked, x, activation, count), truth->round_masked(masked2, x, activation, count);
    assert_memory_equal(masked, masked2, (count + BEHIND) * sizeof *a);

    const ptrdiff_t row = columns / T + 3;
    rb_unit *table = units(kernels, (size_t)(rows * row));
    float *sum = numbers((size_t)columns), *sum_expected = copy(sum, (size_t)columns);
    const bool adding = between(0, 1);
    kernels->sum_rows(table, row, rows, columns, sum, adding),
        truth->sum_rows(table, row, rows, columns, sum_expected, adding);
    assert_close(kernels->name, "sum_rows", sum, sum_expected, (size_t)columns, 1e-5);
    free(x), free(y), free(out), free(expected), free(many), free(a), free(b), free(activation), free(masked),
        free(masked2), free(table), free(sum), free(sum_expected);
}

static void pairs(const rb_kernels *kernels)
{
    const size_t count = 16 * (size_t)between(1, 40);
    const bool alone = between(0, 2) == 0;
    rb_unit *a = units(kernels, count), *b = units(kernels, count), *out = units(kernels, count),
            *expected = copy(out, count);
    kernels->pair(out, a, alone ? NULL : b, count);
    truth_of(kernels)->pair(expected, a, alone ? NULL : b, count);
    assert_memory_equal(out, expected, (count + BEHIND) * sizeof *out);
    free(a), free(b), free(out), free(expected);
}

static void normal(const rb_kernels *kernels)
{
    const uint32_t key[2] = {(uint32_t)between(0, 1 << 30), (uint32_t)between(0, 1 << 30)};
    const uint64_t first = 32 * (uint64_t)between(0, 1 << 26);
    const size_t count = (size_t)between(1, 2000);
    float *out = numbers(count), *expected = copy(out, count);
    kernels->normal(key, first, out, count), truth_of(kernels)->normal(key, first, expected, count);
    assert_close(kernels->name, "normal", out, expected, count, 3e-6);
    float part[32];
    kernels->normal(key, first, part, count < 32 ? count : 32); // a number depends only on key and place
    assert_memory_equal(part, out, (count < 32 ? count : 32) * sizeof(float));
    free(out), free(expected);
}

static void test_step(void **state)
{
    (void)state, each_family(step, 60);
}

static void test_pairs(void **state)
{
    (void)state, each_family(pairs, 30);
}

static void picture(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, planes = between(0, 1) ? 4 : between(1, 40),
              channels = (planes + T - 1) / T * T, pixels = between(1, 200);
    const float scale = between(0, 1) ? 1.0f / 255 : 1, offset = between(0, 1) ? 0
                                                                 : scale == 1  ? -127.5f
                                                                               : -1; // centred, or not
    const ptrdiff_t plane = pixels + between(0, 50);
    const size_t count = (size_t)(channels * pixels / T);
    uint8_t *bytes = malloc((size_t)(planes * plane));
    for (int i = 0; i < planes * plane; i++) bytes[i] = (uint8_t)between(0, 255);
    rb_unit *out = units(kernels, count), *expected = copy(out, count);
    kernels->picture(bytes, plane, planes, channels, pixels, scale, offset, out),
        truth_of(kernels)->picture(bytes, plane, planes, channels, pixels, scale, offset, expected);
    assert_units(kernels, "picture", out, expected, count, 2e-7);
    // Bytes, unscaled or around zero, are the same in both formats.
    if (scale == 1) assert_memory_equal(out, expected, (count + BEHIND) * sizeof *out);
    for (int i = 0; i < planes * pixels && scale == 1; i++) {
        const int p = i % planes, at = i / planes;
        assert_true(number(kernels, out, (size_t)(at * channels + p)) ==
                    (double)bytes[p * plane + at] + (double)offset);
    }
    free(bytes), free(out), free(expected);
}

static void test_picture(void **state)
{
    (void)state, each_family(picture, 60);
}

static void test_arrays(void **state)
{
    (void)state, each_family(arrays, 40);
}

static void test_blends(void **state)
{
    (void)state, each_family(blends, 40);
}

static void test_normal(void **state)
{
    (void)state, each_family(normal, 20);
}

// Philox 2x32-10's published answer for counter and key 0 is ff1dae59 6cd10df2; number 0 of key {0, 0} is
// computed from these two words.
static void test_normal_is_philox(void **state)
{
    (void)state;
    float x[32];
    rb_kernels_reference.normal((const uint32_t[2]){0, 0}, 0, x, 32);
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
    rb_kernels_fastest(false)->normal((const uint32_t[2]){11, 22}, 0, x, N);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_blends),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_is_philox),
        cmocka_unit_test(test_normal_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
