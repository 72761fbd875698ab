// The process's own time: it grows while the process works, and never by more than one thread can use.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/cpu_time.h"

static void test_grows_with_work(void **state)
{
    (void)state;
    const double begin = rb_clock_seconds();
    const rb_cpu_time start = rb_cpu_time_now();
    rb_cpu_time now = start;
    volatile double sum = 0;
    while (now.running - start.running < 0.02) {
        for (int i = 0; i < 10000; i++) sum += i;
        const rb_cpu_time next = rb_cpu_time_now();
        assert_true(next.running >= now.running && next.queued >= now.queued && next.stolen >= now.stolen);
        now = next;
    }
    assert_true(sum >= 0);
    const double wall = rb_clock_seconds() - begin;
    assert_true(now.running - start.running <= wall);
    assert_true(now.queued - start.queued <= wall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grows_with_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
