// Who steps a vector's environments, and when: the same on any number of threads; quick environments are the
// caller's, slow ones the pool's; and some at a time, as they are ready.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <cmocka.h>

#include "base/clock.h"
#include "env/vector_bench.h"

static pthread_t caller;
static atomic_int steps_of_the_caller, steps_of_others;

static rb_status watched_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    atomic_fetch_add(pthread_equal(pthread_self(), caller) ? &steps_of_the_caller : &steps_of_others, 1);
    return rb_cartpole_class.step(env, action, out, error);
}

static rb_status laborious_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    const double since = rb_clock_seconds();
    while (rb_clock_seconds() - since < 25e-6) {
    }
    return watched_step(env, action, out, error);
}

// Quick and slow: the caller steps quick environments itself, and slow ones are handed to the pool's threads.
static uint64_t play_hash(int threads, int count, bool slow)
{
    rb_vector_spec spec = spec_of(count);
    spec.settings.env.stack = 2;
    rb_env_class class = rb_cartpole_class;
    class.step = slow ? laborious_step : watched_step;
    caller = pthread_self();
    atomic_store(&steps_of_the_caller, 0);
    atomic_store(&steps_of_others, 0);
    bench b = {0};
    bench_open(&b, &spec, &class, threads);
    rb_rng explore_rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    uint64_t hash = 0;
    for (int t = 0; t < 1000; t++) {
        for (int i = 0; i < count; i++) b.actions[i] = (int32_t)rb_rng_below(&explore_rng, 2);
        bench_step(&b);
        const uint8_t *seen = rb_vector_observations(b.vector);
        for (size_t k = 0; k < (size_t)count * 2 * 16; k++) hash = (hash ^ seen[k]) * 0x100000001B3u;
    }
    hash ^= bench_hash(&b);
    bench_close(&b);
    return hash;
}

static void same_on_1_2_and_4_threads(void **unused)
{
    (void)unused;
    const uint64_t one = play_hash(1, 8, false);
    assert_true(play_hash(2, 8, false) == one);
    assert_true(play_hash(4, 8, false) == one);
    assert_true(play_hash(2, 8, true) == one);
    assert_true(play_hash(4, 8, true) == one);
}

static void slow_environments_are_handed_out_and_quick_ones_are_not(void **unused)
{
    (void)unused;
    play_hash(3, 8, true);
    assert_true(atomic_load(&steps_of_others) > 0);
    assert_int_equal(atomic_load(&steps_of_the_caller) + atomic_load(&steps_of_others), 8000);
    int of_others = 1; // a machine that is busy elsewhere may take a quick step's time for a slow one's
    for (int tries = 0; tries < 5 && of_others; tries++) {
        play_hash(3, 1, false);
        of_others = atomic_load(&steps_of_others);
    }
    assert_int_equal(of_others, 0);
}

static atomic_bool gate_reached, gate_open;

static rb_status gated_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    if (((const scripted *)env)->id == 1) atomic_store(&gate_reached, true);
    while (((const scripted *)env)->id == 1 && !atomic_load(&gate_open)) sched_yield();
    return scripted_step(env, action, out, error);
}

// One environment stands at a gate: the others play on and are what they would be alone, and it is told only
// when it came.
static void some_at_a_time_nobody_waits_for_the_slowest(void **unused)
{
    (void)unused;
    enum { COUNT = 5, STEPS = 40 };
    rb_env_class gated = scripted_class;
    gated.step = gated_step;
    rb_vector_spec spec = spec_of(COUNT);
    spec.settings.env.asynchronous = true;
    bench b = {0};
    assert_int_equal(rb_arena_create(&b.arena, NULL), RB_OK);
    assert_int_equal(rb_pool_create(&b.pool, 3, NULL), RB_OK);
    assert_int_equal(rb_vector_create_with_class(&b.vector, &spec, &gated, &b.script, b.arena, NULL), RB_OK);
    assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
    twin twins[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        twins[i].id = i + 1;
        twin_begin(&twins[i]);
    }
    int which[COUNT] = {0}, count = 1, steps[COUNT] = {0};
    rb_vector_start_some(b.vector, b.pool, b.actions, which, count);
    while (!atomic_load(&gate_reached))
        sched_yield(); // a thread of the pool stands there, not the one that waits below
    for (int i = 1; i < COUNT; i++) which[i - 1] = i;
    count = COUNT - 1;
    while (steps[1] < STEPS || steps[2] < STEPS || steps[3] < STEPS || steps[4] < STEPS) {
        rb_vector_start_some(b.vector, b.pool, b.actions, which, count);
        assert_int_equal(rb_vector_wait_some(b.vector, b.pool, which, &count, NULL), RB_OK);
        assert_true(count >= 1);
        const uint8_t *gathered = rb_vector_observations_of(b.vector, which, count);
        for (int k = 0; k < count; k++) {
            assert_true(which[k] > (k ? which[k - 1] : 0)); // ascending, and the first is at its gate
            steps[which[k]]++;
            check_step(&twins[which[k]], &b, which[k], 0, false, false);
            check_stack(&twins[which[k]], gathered + (size_t)k * 3 * FRAME, 3, false);
        }
    }
    rb_vector_start_some(b.vector, b.pool, b.actions, which, count);
    atomic_store(&gate_open, true);
    bool came = false;
    for (int left = COUNT; left > 0; left -= count) {
        assert_int_equal(rb_vector_wait_some(b.vector, b.pool, which, &count, NULL), RB_OK);
        for (int k = 0; k < count; k++) {
            came = came || which[k] == 0;
            check_step(&twins[which[k]], &b, which[k], 0, false, false);
        }
    }
    assert_true(came);
    assert_int_equal(rb_vector_wait_some(b.vector, b.pool, which, &count, NULL), RB_OK);
    assert_int_equal(count, 0);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_on_1_2_and_4_threads),
        cmocka_unit_test(slow_environments_are_handed_out_and_quick_ones_are_not),
        cmocka_unit_test(some_at_a_time_nobody_waits_for_the_slowest),
    };
    return cmocka_run_group_tests_name("vector, threads", tests, NULL, NULL);
}
