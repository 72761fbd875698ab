// A run is the same on any number of threads, and the same if it is stopped anywhere and resumed: weights,
// moments, replay, tree, environments and random streams, bit-identical.
#include "train/stop_and_resume.h"

#include "base/rng.h"
#include "train/run_state.h"

// All of Rainbow, small enough for a run to take a moment.
static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=500",
                     "--agent.start_steps=100", "--agent.batch=16", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=150", "--eval.every_steps=300", "--eval.episodes=3",
                     "--eval.max_episode_steps=60", "--checkpoint.every_steps=0", "--net.hidden=32",
                     "--net.mlp=32");
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    for (int count = 1; count <= 4; count += 3) {
        uint64_t hashes[3];
        for (int i = 0; i < 3; i++) {
            rb_config *config = small();
            set(config, "compute.threads", (const char *[]){"1", "2", "4"}[i]);
            set(config, "env.count", count == 1 ? "1" : "4");
            hashes[i] = train(config);
            rb_config_destroy(config);
        }
        assert_true(hashes[0] == hashes[1] && hashes[0] == hashes[2]);
    }
}

static void test_seeds_differ(void **state)
{
    (void)state;
    rb_config *config = small();
    uint64_t one = train(config), again = train(config);
    set(config, "run.seed", "2");
    uint64_t two = train(config);
    assert_true(one == again);
    assert_true(one != two);
    rb_config_destroy(config);
}

// Evaluations and checkpoints do not disturb training.
static void test_looking_does_not_disturb(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "eval.every_steps", "0");
    uint64_t quiet = train(config);
    set(config, "eval.every_steps", "100");
    set(config, "checkpoint.every_steps", "70");
    uint64_t watched = train(config);
    assert_true(quiet == watched);
    rb_config_destroy(config);
}

static char stop_root[2 * RB_PATH_MAX];

static size_t rows(const char *directory, const char *file, char **text)
{
    char path[RB_PATH_MAX];
    size_t bytes, lines = 0;
    assert_int_equal(rb_path_join(path, sizeof path, directory, file, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, text, &bytes, NULL), RB_OK);
    for (size_t i = 0; i < bytes; i++) lines += (*text)[i] == '\n';
    return lines;
}

static void test_resume_equals_never_stopped(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *straight = create(config);
    assert_int_equal(rb_run_train(straight, &error), RB_OK);
    uint64_t expected = hash_of(straight);
    char *table, *resumed_table;
    size_t expected_rows = rows(rb_run_directory(straight), "train.csv", &table);
    rb_run_destroy(straight);
    rb_rng rng = rb_rng_stream(7, RB_RNG_TEST, 0);
    for (int i = 0; i < (SANITIZED ? 2 : 10); i++) {
        rb_run *run = stop_and_resume(
            config, i == 0 ? 300 : 1 + rb_rng_below(&rng, 899)); // 300: an evaluation is due there
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        assert_int_equal(rows(rb_run_directory(run), "train.csv", &resumed_table),
                         expected_rows); // none lost, none twice
        free(resumed_table);
        assert_int_equal(rows(rb_run_directory(run), "eval.csv", &resumed_table), 4);
        free(resumed_table);
        rb_run_destroy(run);
    }
    free(table);
    rb_config_destroy(config);
}

// PQN: rollouts of 4 environments x 40 steps, 2 epochs of 5 batches. Games of at most 60 steps are truncated.
static rb_config *rolling(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole-pqn", "--run.max_steps=1200", "--env.count=4",
                     "--agent.rollout_steps=40", "--agent.minibatches=5", "--agent.epochs=2",
                     "--env.max_episode_steps=60", "--eval.every_steps=300", "--eval.episodes=3",
                     "--checkpoint.every_steps=0", "--net.hidden=32", "--net.mlp=32");
}

static void test_threads_do_not_matter_to_rollouts(void **state)
{
    (void)state;
    uint64_t hashes[3];
    for (int picture = 0; picture < 2; picture++) {
        for (int i = 0; i < 3; i++) {
            rb_config *config = rolling();
            if (picture) set(config, "run.env", "minatar/breakout");
            if (picture) set(config, "net.trunk", "minatar");
            set(config, "compute.threads", (const char *[]){"1", "2", "4"}[i]);
            hashes[i] = train(config);
            rb_config_destroy(config);
        }
        assert_true(hashes[0] == hashes[1] && hashes[0] == hashes[2]);
    }
}

// Stopped in the middle of a rollout, at its end, and in the middle of its epochs.
static void test_resume_of_rollouts(void **state)
{
    (void)state;
    rb_error error = {0};
    for (int picture = 0; picture < 2; picture++) {
        rb_config *config = rolling();
        if (picture) set(config, "run.env", "minatar/breakout"); // a stack of one frame, convolution
        if (picture) set(config, "env.stack", "3");
        if (picture) set(config, "net.trunk", "minatar");
        const uint64_t expected = train(config);
        static const int64_t steps[] = {4, 100, 160, 164, 480, 500, 900, 1196};
        for (int i = 0; i < (SANITIZED ? 3 : 8); i++) {
            rb_run *run = stop_and_resume(config, steps[i]);
            if (rb_run_train(run, &error)) fail_msg("%s", error.message);
            assert_true(hash_of(run) == expected);
            rb_run_destroy(run);
        }
        rb_config_destroy(config);
    }
}

// The other heads and targets: on any number of threads, and stopped in the middle.
static void test_heads(void **state)
{
    (void)state;
    static const char *const heads[][3] = {
        {"quantile", "false", "project"},    {"quantile", "true", "project"},
        {"implicit", "false", "project"},    {"implicit", "true", "project"},
        {"scalar", "true", "project"},       {"categorical", "true", "project"},
        {"categorical", "false", "hl_gauss"}};
    rb_error error = {0};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        rb_config *config = small();
        set(config, "run.max_steps", "360");
        set(config, "agent.head", heads[i][0]);
        set(config, "agent.munchausen", heads[i][1]);
        set(config, "agent.categorical_target", heads[i][2]);
        set(config, "agent.quantiles", "21");
        set(config, "agent.tau_samples", "6");
        set(config, "agent.tau_targets", "5");
        set(config, "agent.tau_values", "4");
        set(config, "compute.threads", "1");
        const uint64_t one = train(config);
        set(config, "compute.threads", "3");
        assert_true(train(config) == one);
        for (int stop = 210; stop < 214; stop++) { // at, and between updates
            rb_run *run = stop_and_resume(config, stop);
            if (rb_run_train(run, &error)) fail_msg("%s", error.message);
            if (hash_of(run) != one) fail_msg("%s: resumed from step %d it differs", heads[i][0], stop);
            rb_run_destroy(run);
        }
        rb_config_destroy(config);
    }
}

// ---- a stop between two updates of an epoch

static struct {
    rb_run *run;
    void (*learned)(void *context, const rb_learned *learned);
    uint64_t at;
} stopper;

static void stop_after(void *context, const rb_learned *learned)
{
    stopper.learned(context, learned);
    if (rb_agent_updates(stopper.run->agent) == stopper.at) rb_run_stop(stopper.run);
}

static void test_resume_inside_epochs(void **state)
{
    (void)state;
    rb_config *config = rolling();
    rb_error error = {0};
    const uint64_t expected = train(config);
    for (uint64_t at = 1; at < 35; at += SANITIZED ? 13 : 3) {
        char directory[RB_PATH_MAX];
        rb_run *run = create(config);
        stopper.run = run;
        stopper.learned = run->learning.learned;
        stopper.at = at;
        run->learning.learned = stop_after;
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        assert_int_equal(rb_agent_updates(run->agent), at);
        assert_int_equal(rb_rollout_left(run->learning.rollout), at % 10 ? 10 - at % 10 : 0);
        const uint64_t stopped = hash_of(run);
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == stopped);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        char *table;
        assert_int_equal(rows(rb_run_directory(run), "eval.csv", &table), 5);
        free(table);
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

// Without replay a checkpoint holds the network, the games and at most one rollout: no files of rows.
static void test_checkpoints_of_rollouts_are_small(void **state)
{
    (void)state;
    rb_config *config = rolling();
    rb_error error = {0};
    char path[2 * RB_PATH_MAX], *text;
    size_t bytes;
    rb_run *run = create(config);
    run->config->params.checkpoint.every_steps = 100;
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(path, sizeof path, "%s/checkpoints/replay", rb_run_directory(run));
    char **names;
    int count;
    assert_int_equal(rb_file_list(path, &names, &count, NULL), RB_OK);
    assert_int_equal(count, 0);
    rb_file_list_free(names, count);
    snprintf(path, sizeof path, "%s/checkpoints/step_%012d/state.rb", rb_run_directory(run), 1200);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    free(text);
    assert_true(bytes < 200000);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// If a killed run goes back to a checkpoint, rows written after it are removed.
static void test_killed_run_goes_back(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *run = create(config);
    run->config->params.checkpoint.every_steps = 400;
    assert_int_equal(rb_loop(run, 750, &error), RB_OK); // no orderly end: the process is gone
    snprintf(stop_root, sizeof stop_root, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, stop_root, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, 400);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    uint64_t resumed = hash_of(run);
    char *text;
    size_t resumed_rows = rows(rb_run_directory(run), "train.csv", &text);
    free(text);
    rb_run_destroy(run);
    run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == resumed);
    assert_int_equal(rows(rb_run_directory(run), "train.csv", &text), resumed_rows);
    free(text);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_looking_does_not_disturb),
        cmocka_unit_test(test_resume_equals_never_stopped),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_killed_run_goes_back),
        cmocka_unit_test(test_threads_do_not_matter_to_rollouts),
        cmocka_unit_test(test_resume_of_rollouts),
        cmocka_unit_test(test_resume_inside_epochs),
        cmocka_unit_test(test_checkpoints_of_rollouts_are_small),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
