// The benchmark of environments alone: it counts what the vector plays, and reports why it can't run.
#include "train/run_fixture.h"

static rb_status bench(rb_config *config, double seconds, rb_bench_env_result *out, rb_error *error)
{
    const rb_bench_env_options options = {.seconds = seconds, .warmup_seconds = 0};
    *error = (rb_error){0};
    rb_status status = rb_bench_env(config, &options, out, error);
    rb_config_destroy(config);
    return status;
}

static void test_counts(void **state)
{
    (void)state;
    rb_error error;
    rb_bench_env_result r;
    for (int threads = 1; threads <= 2; threads++) {
        rb_config *config = CONFIGURE("cartpole", "--env.count=3", "--env.max_episode_steps=5");
        set(config, "compute.threads", threads == 1 ? "1" : "2");
        if (bench(config, 0.02, &r, &error)) fail_msg("%s", error.message);
        assert_string_equal(r.env, "cartpole");
        assert_int_equal(r.environments, 3);
        assert_int_equal(r.threads, threads);
        assert_true(r.steps > 0 && r.steps % 3 == 0);
        assert_true(r.frames == r.steps);
        assert_true(r.games * 5 <= r.steps + 15 &&
                    r.games * 5 + 15 >= r.steps); // five steps each, except for games that end
        assert_true(r.seconds >= 0.02 && r.steps_per_second > 0 && r.frames_per_second == r.steps_per_second);
        assert_true(r.median_steps_per_second > 0 && r.fastest_steps_per_second >= r.median_steps_per_second);
        assert_true(r.running_share > 0 && r.waiting_share >= 0 && r.waiting_share < 1);
    }
}

static void test_failures(void **state)
{
    (void)state;
    rb_error error;
    rb_bench_env_result r;
    assert_int_equal(bench(CONFIGURE("--preset=rainbow"), 1, &r, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "no environment was named");
    assert_int_equal(bench(CONFIGURE("cartpole"), 0, &r, &error), RB_ERR_USAGE);
    assert_int_equal(bench(CONFIGURE("atari/breakout", "--atari.rom_dir=/nowhere"), 1, &r, &error),
                     RB_ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
