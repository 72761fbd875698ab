// The benchmark of whole trainings: it counts what the run counts, leaves nothing behind, and reports why it
// can't run.
#include "train/run_fixture.h"

static void bench(rb_config *config, rb_bench_train_result *out, const char *complaint)
{
    rb_error error = {0};
    rb_bench_train_options options = {.seconds = 0.05, .warmup_seconds = 0};
    rb_status status = rb_bench_train(config, &options, out, &error);
    if (!complaint && status) fail_msg("%s", error.message);
    if (complaint && (!status || !strstr(error.message, complaint))) fail_msg("said: %s", error.message);
    rb_config_destroy(config);
}

static void nothing_is_left(void)
{
    char **names;
    int count;
    assert_int_equal(rb_file_list(root, &names, &count, NULL), RB_OK);
    rb_file_list_free(names, count);
    assert_int_equal(count, 0);
}

static void test_counts(void **state)
{
    (void)state;
    setenv("TMPDIR", root, 1);
    rb_bench_train_result r;
    bench(CONFIGURE("cartpole", "--preset=cartpole-dqn", "--net.mlp=8", "--net.hidden=8", "--env.count=4",
                    "--agent.start_steps=50", "--agent.update_every_steps=6", "--agent.updates=5",
                    "--agent.batch=4", "--replay.capacity=1000", "--compute.threads=2"),
          &r, NULL);
    assert_string_equal(r.env, "cartpole");
    assert_int_equal(r.environments, 4);
    assert_int_equal(r.threads, 2);
    assert_true(r.steps > 0 && r.steps % 12 == 0); // whole turns of whole vector steps
    assert_int_equal(r.updates * 6, r.steps * 5);
    assert_true(r.steps_per_second > 0 && r.median_steps_per_second > 0);
    assert_true(r.fastest_steps_per_second >= r.median_steps_per_second);
    assert_true(r.running_share > 0 && r.waiting_share >= 0 && r.waiting_share < 1);
    nothing_is_left();
}

static void test_failures(void **state)
{
    (void)state;
    setenv("TMPDIR", root, 1);
    rb_bench_train_result r;
    bench(CONFIGURE("--preset=rainbow"), &r, "no environment was named");
    rb_config *small = CONFIGURE("cartpole", "--replay.capacity=1100");
    set(small, "agent.batch", "2000");
    bench(small, &r, "agent.batch = 2000");
    nothing_is_left();
    setenv("TMPDIR", "/nowhere/at/all", 1);
    bench(CONFIGURE("cartpole"), &r, "/nowhere/at/all");
    rb_error error = {0};
    rb_config *config = CONFIGURE("cartpole");
    assert_int_equal(rb_bench_train(config, &(rb_bench_train_options){0}, &r, &error), RB_ERR_USAGE);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
