// External failures of a run: each case ends in one sentence that names the cause and the fix, and leaves
// nothing half-written.
#include "train/run_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/text.h"
#include "train/checkpoint.h"
#include "train/memory_plan.h"
#include "train/run_state.h"

static rb_config *tiny(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=300", "--replay.capacity=400",
                     "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=0",
                     "--eval.episodes=1", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                     "--compute.threads=1");
}

static void refuse(const rb_config *config, rb_status status, const char *part)
{
    rb_error error = {0};
    rb_run *run;
    assert_int_equal(rb_run_create(&run, config, NULL, &error), status);
    assert_null(run);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
}

static int entries(const char *path)
{
    char **names;
    int count;
    if (rb_file_list(path, &names, &count, NULL)) return 0;
    rb_file_list_free(names, count);
    return count;
}

static void test_unknown_environment(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.env", "cartpool");
    refuse(config, RB_ERR_USAGE, "cartpole");
    assert_int_equal(entries(root), 0);
    rb_config_destroy(config);
}

static void test_replay_that_does_not_fit(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "replay.capacity", "1000M");
    set(config, "env.stack", "16");
    refuse(config, RB_ERR_MEMORY, "--replay.capacity=");
    assert_int_equal(entries(root), 0);
    rb_config_destroy(config);
}

// The capacity named in the error does fit.
static void test_advised_capacity_fits(void **state)
{
    (void)state;
    rb_replay_spec replay = {.params = {.capacity = 1000000, .prioritized = true},
                             .kind = RB_OBS_U8,
                             .channels = 1,
                             .height = 84,
                             .width = 84,
                             .stack = 4,
                             .streams = 1,
                             .n_step = 3,
                             .gamma = 0.99,
                             .batch = 32};
    rb_memory_plan plan = {.replay_bytes = rb_replay_bytes(&replay), .agent_bytes = 2e8, .env_bytes = 1e7};
    rb_error error = {0};
    double available = 3e9;
    assert_int_equal(rb_memory_plan_check(&plan, &replay, available, &error), RB_ERR_MEMORY);
    const char *advice = strstr(error.message, "--replay.capacity=");
    assert_non_null(advice);
    replay.params.capacity = atoll(advice + strlen("--replay.capacity="));
    assert_true(replay.params.capacity > 300000);
    plan.replay_bytes = rb_replay_bytes(&replay);
    assert_int_equal(rb_memory_plan_check(&plan, &replay, available, &error), RB_OK);
}

static void test_existing_directory(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.name", "mine");
    rb_run_destroy(create(config));
    refuse(config, RB_ERR_EXISTS, "--run.overwrite");
    set(config, "run.overwrite", "true");
    rb_run *run = create(config);
    rb_config_destroy(config);

    // run.overwrite applied to that start only: the run's config.ini, used for another run, replaces nothing.
    char path[RB_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/config.ini", rb_run_directory(run));
    rb_run_destroy(run);
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    assert_int_equal(rb_config_read(config, path, NULL), RB_OK);
    refuse(config, RB_ERR_EXISTS, "--run.overwrite");
    rb_config_destroy(config);
}

// Overwriting is for runs: any other directory is left alone.
static void test_overwrite_only_runs(void **state)
{
    (void)state;
    rb_config *config = tiny();
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/default/papers/thesis", root);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    set(config, "run.name", "papers");
    refuse(config, RB_ERR_EXISTS,
           "exists but is not a run (it has no config.ini); choose another with --run.name=OTHER");
    set(config, "run.overwrite", "true");
    refuse(config, RB_ERR_EXISTS, "is not a run");
    assert_true(rb_file_exists(path));
    rb_config_destroy(config);
}

static void test_names_are_not_numbered_over_another(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.group", "numbered");
    rb_run *one = create(config), *two = create(config);
    assert_string_not_equal(rb_run_directory(one), rb_run_directory(two));
    assert_true(rb_text_ends(rb_run_directory(two), "-2"));
    rb_run_destroy(one);
    rb_run_destroy(two);
    rb_config_destroy(config);
}

// Trains a run to its end and returns the path of its newest state.
static void finished(const char *name, char *directory, char *file)
{
    rb_config *config = tiny();
    set(config, "run.name", name);
    rb_run *run = create(config);
    rb_error error = {0};
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(directory, RB_PATH_MAX, "%s", rb_run_directory(run));
    snprintf(file, 2 * RB_PATH_MAX, "%s/checkpoints/step_000000000300/state.rb", directory);
    assert_true(rb_file_exists(file));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void refuse_resume(const char *directory, int count, const char *const *changes, rb_status status,
                          const char *part)
{
    rb_error error = {0};
    rb_run *run;
    assert_int_equal(rb_run_resume(&run, directory, count, changes, NULL, &error), status);
    assert_null(run);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
}

static void test_checkpoint_cut_short(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], file[2 * RB_PATH_MAX];
    finished("cut", directory, file);
    assert_int_equal(truncate(file, 5000), 0);
    refuse_resume(directory, 0, NULL, RB_ERR_FORMAT, "state.rb");
}

static void test_changes_that_would_be_another_run(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], file[2 * RB_PATH_MAX];
    finished("change", directory, file);
    refuse_resume(directory, 1, (const char *[]){"--agent.gamma=0.9"}, RB_ERR_USAGE, "agent.gamma");
    refuse_resume(directory, 1, (const char *[]){"--agent.gama=0.9"}, RB_ERR_USAGE, "agent.gamma");
    rb_run *run;
    rb_error error = {0};
    const char *more = "--run.max_steps=350";
    if (rb_run_resume(&run, directory, 1, &more, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_int_equal(run->step, 350);
    rb_run_destroy(run);
}

static void test_no_run_at_all(void **state)
{
    (void)state;
    refuse_resume("/no/such/run", 0, NULL, RB_ERR_FILE, "/no/such/run");
    rb_eval_result result;
    rb_error error = {0};
    assert_int_equal(rb_evaluate("/no/such/run", &(rb_eval_options){.episodes = 1}, &result, &error),
                     RB_ERR_FILE);
    assert_int_equal(rb_evaluate("/usr", &(rb_eval_options){.episodes = 1}, &result, &error), RB_ERR_FORMAT);
}

// Paths that a user may confuse with the run, and the remains of an interrupted copy.
static void test_near_a_run(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], file[2 * RB_PATH_MAX], checkpoint[2 * RB_PATH_MAX];
    finished("near", directory, file);
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/step_000000000300", directory);
    refuse_resume(checkpoint, 0, NULL, RB_ERR_USAGE, "is a checkpoint; --resume takes the run's directory");
    snprintf(file, sizeof file, "%s/lock", checkpoint);
    assert_false(rb_file_exists(file));
    refuse_resume(directory, 1, (const char *[]){"--run.root=elsewhere"}, RB_ERR_USAGE,
                  "run.root = elsewhere");

    snprintf(file, sizeof file, "%s/config.ini", directory);
    assert_int_equal(rb_file_write(file, "", 0, NULL), RB_OK);
    refuse_resume(directory, 0, NULL, RB_ERR_FORMAT, "config.ini: has no run.env");
    snprintf(file, sizeof file, "%s/config.ini", checkpoint);
    assert_int_equal(rb_file_write(file, "", 0, NULL), RB_OK);
    rb_eval_result result;
    rb_error error = {0};
    assert_int_equal(rb_evaluate(directory, &(rb_eval_options){.episodes = 1}, &result, &error),
                     RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "step_000000000300/config.ini: has no run.env"));
}

static void test_two_processes_in_one_directory(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.name", "shared");
    rb_run *run = create(config);
    rb_error error = {0};
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    refuse_resume(rb_run_directory(run), 0, NULL, RB_ERR_EXISTS, "another process");
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The disk becomes full in the middle of a checkpoint, simulated by a limit on the size of files: the run
// ends with an error message, and the previous checkpoint is complete.
static void test_full_disk(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.name", "full");
    set(config, "run.max_steps",
        "2600"); // files of rows at step 1200; no room for the state at 2400
    set(config, "replay.capacity", "4000");
    set(config, "checkpoint.every_steps", "1200");
    rb_run *run = create(config);
    rb_error error = {0};
    assert_int_equal(rb_loop(run, 1220, &error), RB_OK);
    assert_int_equal(rb_checkpoint_finish(run, &error), RB_OK);
    char checkpoints[RB_PATH_MAX + 32], rows[RB_PATH_MAX + 32], directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", directory);
    snprintf(rows, sizeof rows, "%s/checkpoints/replay", directory);
    const int files = entries(rows);
    assert_true(files > 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 20000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    rb_status status = rb_run_train(run, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, RB_ERR_FILE);
    if (!strstr(error.message, "(the newest is of step 1200)")) fail_msg("%s", error.message);
    assert_int_equal(entries(checkpoints), 2); // step 1200 and its rows, and nothing half-written
    assert_int_equal(entries(rows), files);
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, 1200);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_root_that_is_a_file(void **state)
{
    (void)state;
    rb_config *config = tiny();
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/file", root);
    assert_int_equal(rb_file_write(path, "x", 1, NULL), RB_OK);
    set(config, "run.root", path);
    refuse(config, RB_ERR_FILE, path);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_environment),
        cmocka_unit_test(test_replay_that_does_not_fit),
        cmocka_unit_test(test_advised_capacity_fits),
        cmocka_unit_test(test_existing_directory),
        cmocka_unit_test(test_overwrite_only_runs),
        cmocka_unit_test(test_near_a_run),
        cmocka_unit_test(test_names_are_not_numbered_over_another),
        cmocka_unit_test(test_checkpoint_cut_short),
        cmocka_unit_test(test_changes_that_would_be_another_run),
        cmocka_unit_test(test_no_run_at_all),
        cmocka_unit_test(test_two_processes_in_one_directory),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_root_that_is_a_file),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
