// Histograms against a plain count of the same values over the buckets they ended with.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "base/rng.h"
#include "io/histogram.h"

enum { MOST = 20000 };
static double values[MOST];

static void check(int count)
{
    static rb_histogram h;
    h = (rb_histogram){0};
    double sum = 0, squares = 0, least = values[0], most = values[0];
    for (int i = 0; i < count; i++) {
        rb_histogram_add(&h, values[i]);
        sum += values[i];
        squares += values[i] * values[i];
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
    }
    assert_int_equal(h.count, count);
    assert_true(h.sum == sum && h.sum_squares == squares && h.min == least && h.max == most);
    int first, last;
    assert_true(rb_histogram_range(&h, &first, &last));
    for (int i = 0; i < RB_HISTOGRAM_BUCKETS; i++) {
        const double left = rb_histogram_edge(&h, i), right = rb_histogram_edge(&h, i + 1);
        int64_t inside = 0;
        for (int k = 0; k < count; k++) inside += values[k] >= left && values[k] < right;
        assert_int_equal(h.buckets[i], inside);
        assert_true(h.buckets[i] == 0 || (i >= first && i <= last));
    }
    assert_true(h.buckets[first] && h.buckets[last]);
    // As fine as promised, but for what is nearly all the same.
    if (most - least > 1e-3 * fmax(fabs(least), fabs(most)))
        assert_true(last - first + 1 > RB_HISTOGRAM_BUCKETS / 4);
}

static void test_random_values(void **unused)
{
    (void)unused;
    rb_rng rng = rb_rng_stream(7, RB_RNG_EVAL, 0);
    const double scales[] = {1e-9, 0.3, 1, 21, 1e4, 1e12}, moves[] = {0, -0.5, 3, -1e6, 1e3};
    for (int s = 0; s < 6; s++)
        for (int m = 0; m < 5; m++) {
            for (int i = 0; i < 300; i++) values[i] = moves[m] + scales[s] * (rb_rng_double(&rng) - 0.5);
            check(300);
        }
}

// From small to large, down again, integers, and numbers of very different sizes.
static void test_orders(void **unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) values[i] = i;
    check(500);
    for (int i = 0; i < 500; i++) values[i] = -i * 0.1;
    check(500);
    for (int i = 0; i < 60; i++) values[i] = ldexp(i % 2 ? -1 : 1, 10 * i - 300);
    check(60);
    for (int i = 0; i < 60; i++) values[i] = ldexp(1, 300 - 10 * i);
    check(60);
    for (int i = 0; i < 4; i++) values[i] = (double[]){0, 500, -21, 1e9}[i];
    check(4);
    values[0] = 0;
    check(1);
    for (int i = 0; i < 10; i++) values[i] = 500;
    check(10);
}

static void test_nothing(void **unused)
{
    (void)unused;
    rb_histogram h = {0};
    int first, last;
    rb_histogram_add(&h, (double)NAN);
    rb_histogram_add(&h, (double)INFINITY);
    assert_int_equal(h.count, 0);
    assert_false(rb_histogram_range(&h, &first, &last));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_values), cmocka_unit_test(test_orders),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
