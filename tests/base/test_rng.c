// Random streams: Philox against the known answers of its authors (Random123's kat_vectors), the Mersenne
// Twister against std::mt19937, and the distributions drawn from them.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"

static void test_philox_known_answers(void **state)
{
    (void)state;
    rb_rng zero = {0};
    const uint32_t of_zero[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int i = 0; i < 4; i++) assert_int_equal(rb_rng_u32(&zero), of_zero[i]);
}

static void test_mersenne_twister_ten_thousandth(void **state)
{
    (void)state;
    rb_mt19937 mt;
    rb_mt19937_seed(&mt, 5489); // the C++ standard (rand.predef) names the 10,000th value
    uint32_t value = 0;
    for (int i = 0; i < 10000; i++) value = rb_mt19937_u32(&mt);
    assert_int_equal(value, 4123659995u);
}

static void test_streams_differ(void **state)
{
    (void)state;
    rb_rng streams[4] = {rb_rng_stream(1, RB_RNG_EXPLORE, 0), rb_rng_stream(1, RB_RNG_EXPLORE, 1),
                         rb_rng_stream(1, RB_RNG_NOISE, 0), rb_rng_stream(2, RB_RNG_EXPLORE, 0)};
    uint64_t first[4];
    for (int i = 0; i < 4; i++) first[i] = rb_rng_u64(&streams[i]);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++) assert_true(first[i] != first[j]);
}

static void test_below_is_uniform(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
    int counts[6] = {0};
    for (int i = 0; i < 60000; i++) counts[rb_rng_below(&rng, 6)]++;
    double chi = 0;
    for (int i = 0; i < 6; i++) chi += (counts[i] - 10000.0) * (counts[i] - 10000.0) / 10000.0;
    assert_true(chi < 20.5); // 0.1 % of fair generators are worse
}

static void test_normal_moments(void **state)
{
    (void)state;
    static float x[200001];
    size_t n = sizeof x / sizeof *x;
    rb_rng rng = rb_rng_stream(4, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, x, n);
    double sum = 0, squares = 0, fourth = 0, neighbours = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(isfinite(x[i]));
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
        fourth += pow((double)x[i], 4);
        if (i) neighbours += (double)x[i] * (double)x[i - 1];
    }
    assert_true(fabs(sum / (double)n) < 0.01);
    assert_true(fabs(squares / (double)n - 1) < 0.015);
    assert_true(fabs(fourth / (double)n - 3) < 0.15);
    assert_true(fabs(neighbours / (double)n) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox_known_answers), cmocka_unit_test(test_mersenne_twister_ten_thousandth),
        cmocka_unit_test(test_streams_differ),       cmocka_unit_test(test_below_is_uniform),
        cmocka_unit_test(test_normal_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
