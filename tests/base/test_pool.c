// The pool: every piece is done exactly once, in fork-join and in the background at the same time, for any
// number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sched.h>
#include <stdatomic.h>
#include <cmocka.h>

#include "base/pool.h"

enum { pieces = 97 };

static void count_piece(void *context, int piece)
{
    ((int *)context)[piece]++;
}

static void test_every_piece_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        rb_pool *pool;
        assert_int_equal(rb_pool_create(&pool, threads, NULL), RB_OK);
        assert_int_equal(rb_pool_threads(pool), threads);
        rb_pool_group group = {0};
        for (int round = 0; round < 500; round++) {
            int behind[pieces] = {0}, before[pieces] = {0};
            rb_pool_start(pool, &group, count_piece, behind, pieces);
            for (int i = 0; i < 4; i++) rb_pool_for(pool, count_piece, before, 1 + round % pieces);
            rb_pool_wait(pool, &group);
            for (int i = 0; i < pieces; i++) {
                assert_int_equal(behind[i], 1);
                assert_int_equal(before[i], i < 1 + round % pieces ? 4 : 0);
            }
        }
        rb_pool_destroy(pool);
    }
}

static void test_two_groups_in_the_background(void **state)
{
    (void)state;
    rb_pool *pool;
    assert_int_equal(rb_pool_create(&pool, 3, NULL), RB_OK);
    for (int round = 0; round < 500; round++) {
        rb_pool_group a = {0}, b = {0};
        int in_a[pieces] = {0}, in_b[pieces] = {0};
        rb_pool_start(pool, &a, count_piece, in_a, pieces);
        rb_pool_start(pool, &b, count_piece, in_b, pieces);
        rb_pool_wait(pool, &a);
        rb_pool_wait(pool, &b);
        for (int i = 0; i < pieces; i++) assert_true(in_a[i] == 1 && in_b[i] == 1);
    }
    rb_pool_destroy(pool);
}

typedef struct meeting {
    int threads;
    atomic_int arrived, seen[8];
} meeting;

static void meet(void *context, int piece)
{
    meeting *m = context;
    (void)piece;
    atomic_fetch_add(&m->seen[rb_pool_thread()], 1);
    atomic_fetch_add(&m->arrived, 1);
    while (atomic_load(&m->arrived) < m->threads) sched_yield(); // so that each thread has one piece
}

static void test_threads_have_numbers(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        rb_pool *pool;
        meeting m = {.threads = threads};
        assert_int_equal(rb_pool_create(&pool, threads, NULL), RB_OK);
        rb_pool_for(pool, meet, &m, threads);
        for (int i = 0; i < 8; i++) assert_int_equal(atomic_load(&m.seen[i]), i < threads);
        assert_int_equal(rb_pool_thread(), 0);
        rb_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_piece_once),
        cmocka_unit_test(test_two_groups_in_the_background),
        cmocka_unit_test(test_threads_have_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
