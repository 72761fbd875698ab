// The benchmark of replay: the sizes it reports are right, and a replay that does not fit is skipped with a
// message.
#include <math.h>
#include "replay/packed.h"
#include "train/run_fixture.h"

static rb_status bench(rb_config *config, int rounds, rb_bench_replay_result *out, rb_error *error)
{
    const rb_bench_replay_options options = {.rounds = rounds};
    *error = (rb_error){0};
    rb_status status = rb_bench_replay(config, &options, out, error);
    rb_config_destroy(config);
    return status;
}

static void test_plain(void **state)
{
    (void)state;
    rb_error error;
    rb_bench_replay_result r;
    rb_config *config =
        CONFIGURE("--preset=rainbow", "--agent.start_steps=0", "--replay.capacity=1000", "--agent.n_step=5");
    if (bench(config, 5, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.env, "made up");
    assert_string_equal(r.compress, "none");
    assert_string_equal(r.skipped, "");
    assert_true(r.capacity == 1000 && r.steps > 990 && r.steps <= 1000);
    assert_true(r.batch == 32 && r.n_step == 5 && r.rounds == 5 && r.prioritized);
    assert_true(r.frame_bytes == 7056 && r.bytes_per_frame >= 7056 && r.bytes_per_frame < 7140);
    assert_true(r.planned_bytes > 7056e3);
    assert_true(r.times.sample > 0 && r.times.sample_min <= r.times.sample && r.times.update > 0 &&
                r.times.append > 0 && r.of_10000.sample > 0);
    assert_true(r.ratio > 0 && r.ratio_low <= r.ratio && r.ratio <= r.ratio_high);
}

static void test_compressed(void **state)
{
    (void)state;
    if (!rb_packed_available()) skip();
    rb_error error;
    rb_bench_replay_result r;
    rb_config *config = CONFIGURE("--preset=rainbow", "--agent.start_steps=0", "--replay.capacity=1000",
                                  "--replay.compress=lz4");
    if (bench(config, 3, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.compress, "lz4");
    assert_true(r.steps > 990 && r.bytes_per_frame > 50 && r.bytes_per_frame < 700);
}

static void test_numbers(void **state)
{
    (void)state;
    rb_error error;
    rb_bench_replay_result r;
    if (bench(CONFIGURE("cartpole", "--replay.capacity=2000"), 3, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.env, "cartpole");
    assert_true(r.frame_bytes == 16);
    assert_int_equal(bench(CONFIGURE("cartpole", "--replay.compress=lz4"), 3, &r, &error), RB_ERR_USAGE);
    assert_int_equal(bench(CONFIGURE("cartpole"), 0, &r, &error), RB_ERR_USAGE);
}

static void test_what_does_not_fit_is_skipped(void **state)
{
    (void)state;
    rb_error error;
    rb_bench_replay_result r;
    if (bench(CONFIGURE("--preset=rainbow", "--replay.capacity=1000000000"), 3, &r, &error))
        fail_msg("%s", error.message);
    assert_non_null(strstr(r.skipped, "needs 7"));
    assert_true(r.times.sample == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_does_not_fit_is_skipped),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
