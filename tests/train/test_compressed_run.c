// replay.compress in whole runs of Breakout, around the end of the ring: training is bit-identical to
// training with plain frames, also after a stop; frames that can't be compressed are reported.
#include "train/run_fixture.h"

#include "replay/packed.h"
#include "train/run_state.h"

static rb_config *breakout(const char *compress, const char *environments)
{
    rb_config *config =
        CONFIGURE("atari/breakout", "--preset=der", "--replay.capacity=600", "--agent.start_steps=300",
                  "--agent.update_every_steps=60", "--agent.batch=8", "--net.hidden=64",
                  "--eval.every_steps=0", "--eval.episodes=1", "--checkpoint.every_steps=0",
                  "--run.max_steps=1200", "--atari.life_loss=terminal");
    set(config, "replay.compress", compress);
    set(config, "env.count", environments);
    return config;
}

static uint64_t loop_hash(const rb_config *config, int64_t *evicted_early)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    uint64_t hash = hash_of(run);
    *evicted_early = rb_replay_evicted_early(run->replay);
    rb_run_destroy(run);
    return hash;
}

static void test_trains_as_plain_frames_do(void **state)
{
    (void)state;
    if (!rb_packed_available()) skip();
    for (int i = 0; i < 2; i++) {
        int64_t evicted_early;
        rb_config *plain = breakout("none", i ? "3" : "1"), *packed = breakout("lz4", i ? "3" : "1");
        assert_true(loop_hash(packed, &evicted_early) == loop_hash(plain, &evicted_early));
        assert_int_equal(evicted_early, 0);
        rb_config_destroy(plain);
        rb_config_destroy(packed);
    }
}

static void test_stopped_and_resumed_equals_never_stopped(void **state)
{
    (void)state;
    if (!rb_packed_available()) skip();
    rb_error error = {0};
    char directory[RB_PATH_MAX];
    int64_t evicted_early;
    rb_config *config = breakout("lz4", "2");
    uint64_t expected = loop_hash(config, &evicted_early);
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    for (int64_t stop = 250; stop < 1200; stop += 450) { // before the ring is full, and after
        if (rb_loop(run, stop, &error)) fail_msg("%s", error.message);
        rb_run_stop(run);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    }
    if (rb_loop(run, 1200, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == expected);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void count_warnings(void *context, bool warning, const char *text)
{
    if (warning && strstr(text, "replay.compress_ratio")) ++*(int *)context;
}

// Far too little memory was planned: the run reports it once, and finishes.
static void test_says_once_that_less_is_kept(void **state)
{
    (void)state;
    if (!rb_packed_available()) skip();
    rb_error error = {0};
    int told = 0;
    const rb_run_hooks hooks = {.context = &told, .message = count_warnings};
    rb_config *config = breakout("lz4", "1");
    set(config, "run.env", "atari/krull");
    set(config, "replay.capacity", "3000");
    set(config, "replay.compress_ratio", "1000");
    set(config, "run.max_steps", "1800");
    set(config, "agent.batch", "4"); // what must always fit is small
    set(config, "agent.n_step", "1");
    set(config, "eval.enabled", "false");
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(told, 1);
    assert_true(rb_replay_size(run->replay) < 1700);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_numbers_are_refused(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_run *run;
    rb_config *config = CONFIGURE("cartpole", "--replay.compress=lz4", "--replay.capacity=1000");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "only pictures (bytes) can be compressed"));
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trains_as_plain_frames_do),
        cmocka_unit_test(test_stopped_and_resumed_equals_never_stopped),
        cmocka_unit_test(test_says_once_that_less_is_kept),
        cmocka_unit_test(test_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
