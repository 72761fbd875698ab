// The real emulator in whole runs: 2,400 steps of Breakout with all of Rainbow give the same state on 1, 2
// and 4 threads; a run stopped in the middle of games continues bit-identically.
#include "train/loop_fixture.h"

#include "base/rng.h"

static rb_config *breakout(const char *steps)
{
    rb_config *config = CONFIGURE(
        "atari/breakout", "--preset=der", "--replay.capacity=800", "--agent.start_steps=200",
        "--agent.update_every_steps=16", "--eval.every_steps=0", "--eval.episodes=1", "--agent.batch=8",
        "--net.hidden=64", "--checkpoint.every_steps=0", "--env.count=2", "--atari.sticky=0.25");
    set(config, "run.max_steps", steps);
    return config;
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    rb_config *config = breakout("1200");
    uint64_t hashes[3];
    for (int i = 0; i < 3; i++) {
        set(config, "compute.threads", (const char *[]){"1", "2", "4"}[i]);
        hashes[i] = loop_hash(config);
    }
    assert_true(hashes[0] == hashes[1] && hashes[0] == hashes[2]);
    set(config, "run.seed", "2");
    assert_true(loop_hash(config) != hashes[0]);
    rb_config_destroy(config);
}

// Stopped ten times at arbitrary steps, each time destroyed and restored from its files.
static void test_stopped_ten_times_equals_never_stopped(void **state)
{
    (void)state;
    rb_config *config = breakout("1200");
    uint64_t expected = loop_hash(config);
    rb_rng rng = rb_rng_stream(11, RB_RNG_TEST, 0);
    rb_error error = {0};
    char directory[RB_PATH_MAX];
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    for (int stops = 0; stops < 10; stops++) {
        if (rb_loop(run, stops * 120 + 2 + rb_rng_below(&rng, 115), &error)) fail_msg("%s", error.message);
        rb_run_stop(run);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    }
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == expected);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_stopped_ten_times_equals_never_stopped),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
