// Pools, their gradients and sums of pictures: every fast family against the reference of its format, and the
// reference against PyTorch's rules in small cases that can be checked by eye.
#include "compute/kernels_kit.h"

static rb_windows windows(int size)
{
    rb_windows w = {.adaptive = between(0, 1), .size = size};
    if (w.adaptive) {
        w.count = between(1, size);
        return w;
    }
    w.kernel = between(1, size), w.step = between(1, 4), w.pad = between(0, w.kernel / 2);
    w.count = (size + 2 * w.pad - w.kernel) / w.step + 1;
    return w;
}

// The places of the largest numbers, and the gradient from them, which is pool_back's to the last bit.
static void places(const rb_kernels *kernels, const rb_pooling *made, size_t ins, size_t outs)
{
    const rb_kernels *truth = truth_of(kernels);
    const size_t T = (size_t)kernels->per_unit;
    rb_pooling job = *made, other = *made;
    rb_unit *back = units(kernels, ins / T), *expected = copy(back, ins / T), *round = copy(back, ins / T),
            *where = units(kernels, outs / 4), *where_expected = copy(where, outs / 4);
    float *sums = numbers(ins);
    job.where = (uint8_t *)where, other.where = (uint8_t *)where_expected;
    job.mask = other.mask = between(0, 1);
    kernels->pool(&job), truth->pool(&other);
    assert_memory_equal(where, where_expected, (outs / 4 + BEHIND) * sizeof *where);
    job.back = back, other.back = expected;
    kernels->pool_spread(&job), truth->pool_spread(&other);
    assert_units(kernels, "pool_spread", back, expected, ins / T, 1e-6);
    for (size_t i = 0; i < ins; i++) sums[i] = 0;
    job.sums = sums;
    kernels->pool_back(&job);
    if (job.mask)
        kernels->round_masked(round, sums, job.x, ins);
    else
        kernels->round(round, sums, ins);
    assert_memory_equal(back, round, ins / T * sizeof *back);
    free(back), free(expected), free(round), free(where), free(where_expected), free(sums);
}

static void pool(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, columns = 16 * between(1, 3);
    rb_pooling job = {.lines = windows(between(1, 12)),
                      .pixels = windows(between(1, 12)),
                      .mean = between(0, 1),
                      .columns = columns};
    job.begin = between(0, job.lines.count - 1), job.end = between(job.begin, job.lines.count);
    const size_t ins = (size_t)(job.lines.size * job.pixels.size * columns),
                 outs = (size_t)(job.lines.count * job.pixels.count * columns);
    const int border = between(0, 2);
    job.out_line = (ptrdiff_t)(job.pixels.count + border) * columns / T;
    const size_t all = (size_t)(job.lines.count * job.out_line);
    rb_unit *x = units(kernels, ins / (size_t)T), *out = units(kernels, all), *expected = copy(out, all),
            *gradient = units(kernels, outs / (size_t)T);
    // Zeros, as after a ReLU, so that windows have equal numbers.
    for (size_t i = 0; i < ins / (size_t)T; i++) x[i] = between(0, 1) ? x[i] : 0;
    float *sums = numbers(ins), *sums_expected = copy(sums, ins);
    rb_unit *positive = units(kernels, all), *positive_expected = copy(positive, all);
    rb_pooling other = job;
    job.x = other.x = x, job.gradient = other.gradient = gradient;
    job.out = out, other.out = expected, job.sums = sums, other.sums = sums_expected;
    if (between(0, 1)) job.positive = positive, other.positive = positive_expected;
    job.positive_line = other.positive_line = job.out_line;
    kernels->pool(&job), truth->pool(&other);
    assert_units(kernels, "pool", out, expected, all, job.mean ? 1e-6 : 0);
    assert_units(kernels, "pool, above 0", positive, positive_expected, all, job.mean ? 1e-6 : 0);
    job.begin = other.begin = 0, job.end = other.end = job.lines.count;
    kernels->pool(&job), truth->pool(&other);
    assert_units(kernels, "pool, all", out, expected, all, job.mean ? 1e-6 : 0);
    // Only the lines that the last one reads.
    rb_pooling last = job;
    last.begin = job.lines.count - 1, last.x_from = rb_window_from(&job.lines, last.begin);
    last.x += last.x_from * job.pixels.size * columns / T;
    kernels->pool(&last);
    assert_units(kernels, "pool, last line", out, expected, all, job.mean ? 1e-6 : 0);
    last.out = expected, last.positive = other.positive;
    truth->pool(&last);
    assert_units(kernels, "pool, last line's truth", out, expected, all, job.mean ? 1e-6 : 0);
    kernels->pool_back(&job), truth->pool_back(&other);
    assert_close(kernels->name, "pool_back", sums, sums_expected, ins, 1e-5);
    if (!job.mean && !job.lines.adaptive && !job.pixels.adaptive) places(kernels, &job, ins, outs);
    free(x), free(out), free(expected), free(gradient), free(sums), free(sums_expected);
    free(positive), free(positive_expected);
}

static void join(const rb_kernels *kernels)
{
    const size_t count = 16 * (size_t)between(1, 40), some = count / (size_t)kernels->per_unit;
    rb_unit *x = units(kernels, some), *y = units(kernels, some), *mask = units(kernels, some),
            *out = units(kernels, some), *expected = copy(out, some);
    const rb_unit *masked = between(0, 1) ? mask : NULL;
    kernels->join(out, x, y, masked, count), truth_of(kernels)->join(expected, x, y, masked, count);
    assert_units(kernels, "join", out, expected, some, 1e-6);
    kernels->join(x, x, y, masked, count); // in place
    assert_memory_equal(x, out, some * sizeof *x);
    free(x), free(y), free(mask), free(out), free(expected);
}

static void test_pools(void **state)
{
    (void)state, each_family(pool, 160);
}
static void test_joins(void **state)
{
    (void)state, each_family(join, 40);
}

// PyTorch 2: AdaptiveMaxPool2d(6) over 11 pixels has these windows; MaxPool2d(3, 2, 1) over 5 has 3.
static void test_windows(void **state)
{
    (void)state;
    const rb_windows adaptive = {.adaptive = true, .size = 11, .count = 6},
                     padded = {.size = 5, .count = 3, .kernel = 3, .step = 2, .pad = 1};
    const int from[] = {0, 1, 3, 5, 7, 9}, to[] = {2, 4, 6, 8, 10, 11};
    for (int i = 0; i < 6; i++) {
        assert_int_equal(rb_window_from(&adaptive, i), from[i]);
        assert_int_equal(rb_window_to(&adaptive, i), to[i]);
    }
    const int begins[] = {0, 1, 3}, ends[] = {2, 4, 5};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rb_window_from(&padded, i), begins[i]);
        assert_int_equal(rb_window_to(&padded, i), ends[i]);
    }
}

static void test_equal_and_no_numbers(void **state)
{
    (void)state;
    for (int f = 0; f < FAMILIES; f++) {
        const rb_kernels *kernels = rb_kernels_find(names[f]);
        if (!kernels) continue;
        float rows[64] = {0}, ones[16], sums[64] = {0};
        for (int c = 0; c < 16; c++) {
            rows[c] = 0.5f, rows[16 + c] = 1, rows[32 + c] = 1, rows[48 + c] = c == 3 ? NAN : 0;
            ones[c] = 1;
        }
        rb_unit x[64], out[16], gradient[16];
        kernels->round(x, rows, 64), kernels->round(gradient, ones, 16);
        rb_pooling job = {.lines = {.adaptive = true, .size = 2, .count = 1},
                          .pixels = {.adaptive = true, .size = 2, .count = 1},
                          .columns = 16,
                          .end = 1,
                          .x = x,
                          .out = out,
                          .gradient = gradient,
                          .sums = sums};
        kernels->pool(&job), kernels->pool_back(&job);
        for (int c = 0; c < 16; c++) {
            if (c == 3) continue;
            assert_true(number(kernels, out, (size_t)c) == 1);
            assert_true(sums[16 + c] == 1 && sums[32 + c] == 0); // the first of two equal numbers
        }
        assert_true(isnan(number(kernels, out, 3)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pools), cmocka_unit_test(test_joins),
                                       cmocka_unit_test(test_windows),
                                       cmocka_unit_test(test_equal_and_no_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
