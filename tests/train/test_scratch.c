// run.scratch: checkpoints on another disk while a process trains, and in the run's directory when it has
// stopped.
#include "train/run_fixture.h"

#include <sys/stat.h>

#include "train/stop_and_resume.h"

static char disk[RB_PATH_MAX];

static rb_config *small(const char *name, bool scratch)
{
    rb_config *config = CONFIGURE(
        "gridworld", "--run.max_steps=900", "--replay.capacity=600", "--agent.start_steps=100",
        "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1", "--eval.max_episode_steps=20",
        "--checkpoint.every_steps=100", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    snprintf(disk, sizeof disk, "%s/disk", root);
    set(config, "run.name", name);
    if (scratch) set(config, "run.scratch", disk);
    return config;
}

static int count_in(const char *directory, const char *below)
{
    char path[RB_PATH_MAX + 64], **names;
    int count = 0;
    snprintf(path, sizeof path, "%s/%s", directory, below);
    if (rb_file_list(path, &names, &count, NULL)) return -1;
    rb_file_list_free(names, count);
    return count;
}

static bool has_state(const char *directory, int step)
{
    char path[RB_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/checkpoints/step_%012d/state.rb", directory, step);
    return rb_file_exists(path);
}

static void test_same_run(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_config *config = small("plain", false);
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    const uint64_t plain = hash_of(run);
    rb_run_destroy(run);
    rb_config_destroy(config);

    config = small("scratch", true);
    run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 450, &error)) fail_msg("%s", error.message);
    assert_int_equal(count_in(disk, ""), 1);
    assert_int_equal(count_in(directory, "checkpoints"), 0); // all are on the other disk
    int64_t step, saved;
    rb_run_unsaved(run, &step, &saved);
    assert_int_equal(saved, -1); // a kill now would lose them
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    rb_run_unsaved(run, &step, &saved);
    assert_int_equal(saved, 450);
    rb_run_destroy(run);
    assert_int_equal(count_in(disk, ""), 0);
    assert_true(has_state(directory, 450) && has_state(directory, 400) && !has_state(directory, 300));

    for (int64_t until = 600; until <= 750;
         until += 150) { // states share rows that an earlier process copied
        assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_OK);
        if (rb_loop(run, until, &error)) fail_msg("%s", error.message);
        rb_run_stop(run);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        rb_run_destroy(run);
        assert_true(has_state(directory, (int)until));
    }
    assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_OK);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == plain);
    rb_run_destroy(run);
    assert_int_equal(count_in(disk, ""), 0);
    assert_true(has_state(directory, 900) && has_state(directory, 800) && !has_state(directory, 700));
    rb_config_destroy(config);
}

// A process that ends without copying back leaves the run at its own newest checkpoint.
static void test_lost(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_config *config = small("lost", true);
    rb_run *run = stop_and_resume(config, 250);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 700, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run); // as if it were killed
    assert_true(has_state(directory, 250) && !has_state(directory, 700));
    assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_OK);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    const uint64_t resumed = hash_of(run);
    rb_run_destroy(run);
    rb_config_destroy(config);

    config = small("whole", false);
    run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == resumed);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_bad_place(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_run *run;
    rb_config *config = small("bad", false);
    set(config, "run.scratch", "/proc/nowhere");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_FILE);
    assert_true(strstr(error.message, "run.scratch: /proc/nowhere") != NULL);
    rb_config_destroy(config);
    assert_int_equal(count_in(root, "default"), -1); // nothing is left behind
}

// A batch system names the directory in a variable of the process.
static void test_variable(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_run *run;
    rb_config *config = small("variable", false);
    set(config, "run.scratch", "$RAINBOW_TEST_ROOT/disk");
    unsetenv("RAINBOW_TEST_ROOT");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
    assert_true(strstr(error.message, "run.scratch: $RAINBOW_TEST_ROOT/disk: the environment has no variable "
                                      "\"RAINBOW_TEST_ROOT\"") != NULL);
    setenv("RAINBOW_TEST_ROOT", root, 1);
    run = create(config);
    assert_int_equal(count_in(disk, ""), 1);
    rb_run_destroy(run);
    assert_int_equal(count_in(disk, ""), 0);
    unsetenv("RAINBOW_TEST_ROOT");
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_run, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_lost, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_bad_place, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_variable, make_root, drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
