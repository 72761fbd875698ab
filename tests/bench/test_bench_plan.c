// The estimate of a training: the run's own length and memory, and a time that follows from the two speeds.
#include "train/run_fixture.h"

#include <math.h>

static rb_bench_plan_result plan(rb_config *config)
{
    rb_error error = {0};
    rb_bench_plan_result p;
    setenv("TMPDIR", root, 1);
    if (rb_bench_plan(config, 0.05, &p, &error)) fail_msg("%s", error.message);
    rb_config_destroy(config);
    return p;
}

static void test_time_follows_from_both_speeds(void **state)
{
    (void)state;
    const rb_bench_plan_result p = plan(
        CONFIGURE("cartpole", "--run.max_steps=90000", "--agent.start_steps=30000", "--compute.threads=1"));
    assert_int_equal(p.steps, 90000);
    assert_int_equal(p.episodes, 0);
    assert_int_equal(p.threads, 1);
    assert_true(p.playing > p.learning && p.learning > 0); // an update costs more than a step of CartPole
    const double expected = 30000 / p.playing + 60000 / p.learning;
    assert_true(fabs(p.seconds - expected) < 1e-6 * expected);
    assert_true(p.busy_share >= 0 && p.busy_share <= 1);
}

static void test_a_run_without_learning_only_plays(void **state)
{
    (void)state;
    const rb_bench_plan_result p = plan(
        CONFIGURE("cartpole", "--run.max_steps=2000", "--agent.start_steps=3000", "--compute.threads=1"));
    assert_true(fabs(p.seconds - 2000 / p.playing) < 1e-6 * p.seconds);
}

// Measured with a small replay, but planned with the whole one.
static void test_memory_is_the_whole_runs(void **state)
{
    (void)state;
    const rb_bench_plan_result small =
        plan(CONFIGURE("minatar/breakout", "--replay.capacity=10000", "--net.hidden=8"));
    const rb_bench_plan_result large =
        plan(CONFIGURE("minatar/breakout", "--replay.capacity=1M", "--net.hidden=8"));
    assert_true(large.bytes - small.bytes > 990000.0 * 400); // frames of 4 x 10 x 10 bytes
}

// What ends the run besides its steps, for the row that `rainbow presets --here` prints.
static void test_other_ends(void **state)
{
    (void)state;
    const rb_bench_plan_result p = plan(CONFIGURE("cartpole", "--run.max_lives=70", "--run.max_minutes=1.5",
                                                  "--run.max_episodes=60", "--compute.threads=1"));
    assert_int_equal(p.lives, 70);
    assert_int_equal(p.episodes, 60);
    assert_true(p.minutes == 1.5);
}

static void test_failures(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_bench_plan_result p;
    rb_config *config = CONFIGURE("--preset=rainbow");
    assert_int_equal(rb_bench_plan(config, 1, &p, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "no environment was named"));
    rb_config_destroy(config);
    config = CONFIGURE("cartpole");
    assert_int_equal(rb_bench_plan(config, 0, &p, &error), RB_ERR_USAGE);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_follows_from_both_speeds),
        cmocka_unit_test(test_a_run_without_learning_only_plays),
        cmocka_unit_test(test_memory_is_the_whole_runs),
        cmocka_unit_test(test_other_ends),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
