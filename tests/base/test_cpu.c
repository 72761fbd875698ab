// Denormal numbers: zero within a block that says so, and numbers again for the caller.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>

#include "base/cpu.h"

static volatile float smallest = FLT_MIN;

static float half(void)
{
    return smallest / 2;
}

static float half_within(void)
{
    RB_CPU_FLUSH_DENORMALS;
    return half();
}

static void test_a_block_restores_the_mode(void **state)
{
    (void)state;
    assert_true(half() > 0);
#if defined(__x86_64__) || defined(__aarch64__)
    assert_true(half_within() == 0);
#endif
    assert_true(half() > 0);
    rb_cpu_flush_denormals(); // a caller who wants them to be zero
    const float before = half();
    half_within();
    assert_true(half() == before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_block_restores_the_mode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
