// A training that fails saves what it has, between two turns, and can be resumed: an environment that fails
// in a step or between games, one of several, asynchronously; a reward that no float holds; and evaluations
// that can't be made, which only warn.
#include "train/run_fixture.h"

#include <math.h>

#include "env/gym.h"
#include "train/run_state.h"

static rb_gym_python python;

static int prepare(void **state)
{
    rb_error error = {0};
    setenv("PYTHONPATH", RB_TEST_DATA "/../env/gym", 1);
    if (rb_gym_probe("", &python, &error)) print_message("skipped: %s\n", error.message);
    return make_root(state);
}

#define NEEDS_GYMNASIUM()                                                                                    \
    if (!*python.gymnasium) skip()

typedef struct ear {
    char warnings[8][600];
    int count;
} ear;

static void hear(void *context, bool warning, const char *text)
{
    ear *e = context;
    if (warning && e->count < 8) snprintf(e->warnings[e->count++], sizeof e->warnings[0], "%s", text);
}

static bool heard(const ear *e, const char *part)
{
    for (int i = 0; i < e->count; i++)
        if (strstr(e->warnings[i], part)) return true;
    return false;
}

static rb_config *with(const char *env, const char *name)
{
    rb_config *config =
        CONFIGURE(env, "--preset=cartpole", "--run.max_steps=300", "--replay.capacity=400",
                  "--agent.start_steps=50", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                  "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    set(config, "run.name", name);
    return config;
}

// Trains until the run fails; its message holds `part`, and everything is saved.
static void fail_in(const rb_config *config, const char *part, char *directory)
{
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    int64_t step, saved;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    snprintf(directory, RB_PATH_MAX, "%s", rb_run_directory(run));
    assert_int_not_equal(rb_run_train(run, &error), RB_OK);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
    rb_run_unsaved(run, &step, &saved);
    assert_int_equal(step, saved);
    assert_true(heard(&e, "the run is saved at step"));
    rb_run_destroy(run);
}

static void resume(const char *directory, int64_t least_steps)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_true(run->step >= least_steps);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(run->step >= 300);
    rb_run_destroy(run);
}

static void test_an_environment_raises(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *name, *kwargs, *key, *value;
        int64_t least;
    } cases[] = {{"step", "\"at\": 201", "env.count", "1", 200},
                 {"one_of_three", "\"at\": 200", "env.count", "3", 198},
                 {"reset", "\"at\": 7, \"in_reset\": true", "env.count", "1", 120},
                 {"asynchronous", "\"at\": 200", "env.asynchronous", "true", 196}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char kwargs[RB_PATH_MAX + 100], directory[RB_PATH_MAX];
        rb_config *config = with("gym/rainbow/Late-v0", cases[i].name);
        snprintf(kwargs, sizeof kwargs, "{%s, \"what\": \"raise\", \"once\": \"%s/%s.raised\"}",
                 cases[i].kwargs, root, cases[i].name);
        set(config, "gym.import", "rainbow_gym_odd");
        set(config, "gym.kwargs", kwargs);
        if (!strcmp(cases[i].key, "env.asynchronous")) set(config, "env.count", "3");
        set(config, cases[i].key, cases[i].value);
        fail_in(config, "boom, as asked", directory);
        rb_config_destroy(config);
        resume(directory, cases[i].least);
    }
}

// A worker's fault is over when another process resumes; the fault of a shared object is not, but each resume
// goes on with a new game, as far as it comes.
static void test_a_shared_object_fails(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_config *config = with(RB_TEST_OWN "/faulty.so", "object");
    set(config, "env.options", "fails_step"); // in the fifth step of a game
    set(config, "env.count", "2");
    fail_in(config, "step 8: environment 0: ", directory);
    rb_config_destroy(config);
    int64_t before = 0;
    for (int failures = 1; failures < 4; failures++) {
        rb_error error = {0};
        rb_run *run;
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        const int64_t size = rb_replay_size(run->replay); // the steps that failed are not in it
        assert_true(run->step > before && size < run->step && size >= run->step - 2 * failures);
        before = run->step;
        assert_int_equal(rb_run_train(run, &error), RB_ERR_ENV);
        rb_run_destroy(run);
    }
}

// exit() in an environment's code ends the call, not the program, and with any status.
static void test_a_shared_object_exits(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *part;
    } cases[] = {
        {"exits", "step 4: environment 0: " RB_TEST_OWN "/faulty.so: step: called exit(3)"},
        {"quits", "faulty.so: step: called exit(0)"}, // by _exit
        {"exits_err", "faulty.so: step: called exit(0)"},
        {"exits_observe", "step 4: environment 0: " RB_TEST_OWN "/faulty.so: observe: called exit(0)"},
        {"exits_mask", "masked.so: mask: called exit(3)"},
        {"exits_reset", "faulty.so: reset: called exit(4)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char directory[RB_PATH_MAX];
        const bool masked = strstr(cases[i].part, "masked.so");
        rb_config *config =
            with(masked ? RB_TEST_OWN "/masked.so" : RB_TEST_OWN "/faulty.so", cases[i].fault);
        set(config, "env.options", cases[i].fault);
        fail_in(config, cases[i].part, directory);
        rb_config_destroy(config);
        rb_error error = {0};
        rb_run *run;
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        // The step whose observation is missing is not in replay.
        assert_true(rb_replay_size(run->replay) == run->step - (strcmp(cases[i].fault, "exits_reset") != 0));
        rb_run_destroy(run);
    }
}

// exit() in threads of the pool, of some environments and not of others.
static void test_an_exit_in_a_thread(void **state)
{
    (void)state;
    for (int asynchronous = 0; asynchronous < 2; asynchronous++) {
        char directory[RB_PATH_MAX];
        rb_config *config = with(RB_TEST_OWN "/faulty.so", asynchronous ? "alone" : "together");
        set(config, "env.options", "exits_slowly");
        set(config, "env.count", "3");
        set(config, "compute.threads", "2");
        set(config, "env.asynchronous", asynchronous ? "true" : "false");
        fail_in(config, "faulty.so: step: called exit(5)", directory);
        rb_config_destroy(config);
    }
}

// Where the end is meant, or harms nothing.
static void test_an_exit_that_ends_nothing(void **state)
{
    (void)state;
    static const char *const faults[] = {"exits_in_child", "exits_destroy", "exits_render"};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        ear e = {0};
        const rb_run_hooks hooks = {.context = &e, .message = hear};
        rb_error error = {0};
        rb_run *run;
        rb_config *config = with(RB_TEST_OWN "/faulty.so", faults[i]);
        set(config, "env.options", faults[i]);
        set(config, "eval.every_steps", "150");
        set(config, "tensorboard.pictures", "4"); // which this environment draws
        if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_int_equal(run->saved_step, 300);
        assert_true(heard(&e, "render: called exit(0)") == !strcmp(faults[i], "exits_render"));
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
    rb_error error = {0};
    rb_run *run = NULL;
    rb_config *config = with(RB_TEST_OWN "/faulty.so", "created");
    set(config, "env.options", "exits_create");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_ENV);
    assert_non_null(strstr(error.message, "create: called exit(2)"));
    rb_config_destroy(config);
}

static void test_a_reward_beyond_floats(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_config *config = with(RB_TEST_OWN "/faulty.so", "reward");
    set(config, "env.options", "huge_reward");
    fail_in(config, "step 4: environment 0: ", directory);
    rb_config_destroy(config);
}

// Evaluations that fail warn, and the run ends with its checkpoint.
static void test_an_evaluation_fails(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    char kwargs[RB_PATH_MAX + 100];
    rb_config *config = with("gym/rainbow/Late-v0", "evaluation");
    // Only the evaluation's worker makes so many resets.
    snprintf(kwargs, sizeof kwargs, "{\"at\": 30, \"in_reset\": true, \"what\": \"raise\"}");
    set(config, "gym.import", "rainbow_gym_odd");
    set(config, "gym.kwargs", kwargs);
    set(config, "eval.episodes", "40");
    set(config, "eval.every_steps", "150");
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, 300);
    assert_int_equal(run->saved_step, 300);
    assert_int_equal(e.count, 2); // at 150 and at 300, once each
    assert_true(heard(&e, "step 150: the evaluation failed, and training continues without it"));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// One that fails is due again after as many games as one that succeeds.
static void test_evaluations_by_games_fail(void **state)
{
    (void)state;
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    rb_config *config = with(RB_TEST_OWN "/faulty.so", "single");
    set(config, "env.options", "single");
    set(config, "eval.every_steps", "0");
    set(config, "eval.every_episodes", "5");
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const int64_t games = rb_metrics_games(run->metrics);
    assert_true(games >= 5);
    assert_true(heard(&e, "there is only one line"));
    assert_in_range(e.count, games / 5, games / 5 + 1); // and once at the end
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// An evaluation that was made after its checkpoint is not made again, and stays in the table.
static void test_an_evaluation_after_its_checkpoint_is_kept(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_run *run;
    char directory[RB_PATH_MAX];
    const char *const more[] = {"--run.max_steps=400"};
    rb_config *config = with("cartpole", "kept");
    set(config, "eval.episodes", "7"); // a mean with more digits than the table has
    rb_run *first = create(config);
    if (rb_run_train(first, &error)) fail_msg("%s", error.message);
    const double best = first->best_mean;
    snprintf(directory, sizeof directory, "%s", rb_run_directory(first));
    const double mean = rb_metrics_now(first->metrics, first).eval_mean;
    rb_run_destroy(first);
    if (rb_run_resume(&run, directory, 1, more, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->evaluated_step, 300);
    assert_true(run->best_mean == best); // to the bit, or a later evaluation would be compared with another
    assert_true(fabs(rb_metrics_now(run->metrics, run).eval_mean - mean) < 1e-9);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_environment_raises),
        cmocka_unit_test(test_a_shared_object_fails),
        cmocka_unit_test(test_a_shared_object_exits),
        cmocka_unit_test(test_an_exit_in_a_thread),
        cmocka_unit_test(test_an_exit_that_ends_nothing),
        cmocka_unit_test(test_a_reward_beyond_floats),
        cmocka_unit_test(test_an_evaluation_fails),
        cmocka_unit_test(test_evaluations_by_games_fail),
        cmocka_unit_test(test_an_evaluation_after_its_checkpoint_is_kept),
    };
    return cmocka_run_group_tests(tests, prepare, drop_root);
}
