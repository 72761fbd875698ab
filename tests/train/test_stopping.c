// A run that is asked to stop while a Gymnasium worker does not answer: in a step, in a reset, in an
// evaluation, at the start. It stops at once, not after gym.timeout_seconds, and what was trained is saved.
// Skipped if no interpreter has gymnasium. (tests/cli/signals.t sends the signals themselves.)
#include "train/run_fixture.h"

#include <signal.h>
#include <sys/time.h>

#include "env/gym.h"
#include "train/run_state.h"

static rb_gym_python python;
static volatile sig_atomic_t stop;

static char hung[RB_PATH_MAX]; // a file that the environment makes right before it hangs

// Asks to stop a little after the environment began to hang, like a signal from outside.
static void ask_to_stop(int number)
{
    static int rings;
    (void)number;
    rings = access(hung, F_OK) ? 0 : rings + 1;
    if (rings > 2) stop = 1;
}

// The environment's modules are found, and the alarm rings 20 times a second.
static int prepare(void **state)
{
    rb_error error = {0};
    setenv("PYTHONPATH", RB_TEST_DATA "/../env/gym", 1);
    if (rb_gym_probe("", &python, &error)) print_message("skipped: %s\n", error.message);
    const struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval often = {{0, 50000}, {0, 50000}};
    setitimer(ITIMER_REAL, &often, NULL);
    return make_root(state);
}

#define NEEDS_GYMNASIUM()                                                                                    \
    if (!*python.gymnasium) skip()

static rb_config *late(const char *kwargs, const char *name)
{
    rb_config *config =
        CONFIGURE("gym/rainbow/Late-v0", "--preset=cartpole", "--gym.import=rainbow_gym_odd",
                  "--run.max_steps=300", "--replay.capacity=400", "--agent.start_steps=50", "--agent.batch=8",
                  "--eval.every_steps=0", "--eval.episodes=1", "--checkpoint.every_steps=0",
                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=1", "--env.count=2");
    set(config, "gym.kwargs", kwargs);
    set(config, "run.name", name);
    stop = 0;
    return config;
}

// Trains until it hangs and is stopped; the directory.
static void stop_in(rb_config *config, int64_t least_steps, char *directory)
{
    const rb_run_hooks hooks = {.stop = &stop};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    snprintf(directory, RB_PATH_MAX, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    int64_t step, saved;
    rb_run_unsaved(run, &step, &saved);
    assert_true(step >= least_steps);
    assert_true(step == saved || run->fresh);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// What was saved is resumed by an environment that hangs no more, to the end.
static void resume_and_end(const char *directory, int64_t least_steps)
{
    rb_error error = {0};
    rb_run *run;
    stop = 0;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_true(run->step >= least_steps);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(run->step >= 300); // an asynchronous run may end a step later
    rb_run_destroy(run);
}

static void test_in_each_kind_of_wait(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *name, *kwargs, *key, *value;
        int64_t least; // steps that were trained before
    } cases[] = {{"step", "\"at\": 201", "eval.episodes", "1", 200},
                 {"reset", "\"at\": 7, \"in_reset\": true", "eval.episodes", "1", 80},
                 {"first", "\"at\": 1, \"in_reset\": true", "eval.episodes", "1", 0},
                 {"asynchronous", "\"at\": 101", "env.asynchronous", "true", 98},
                 // The worker of the evaluation counts its own resets; the other one never makes as many.
                 {"evaluation", "\"at\": 30, \"in_reset\": true", "eval.episodes", "40", 300}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char kwargs[RB_PATH_MAX + 100], directory[RB_PATH_MAX];
        snprintf(hung, sizeof hung, "%s/%s.hung", root, cases[i].name);
        snprintf(kwargs, sizeof kwargs, "{%s, \"what\": \"hang\", \"once\": \"%s\"}", cases[i].kwargs, hung);
        rb_config *config = late(kwargs, cases[i].name);
        set(config, cases[i].key, cases[i].value);
        stop_in(config, cases[i].least, directory);
        resume_and_end(directory, cases[i].least);
    }
}

// While it is being made: nothing is left of a new run.
static void test_while_it_is_made(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_config *config = late("{\"how\": \"hang\"}", "made");
    const rb_run_hooks hooks = {.stop = &stop};
    rb_error error = {0};
    rb_run *run;
    set(config, "run.env", "gym/rainbow/Never-v0");
    snprintf(hung, sizeof hung, "%s", root); // it hangs from the beginning
    assert_int_equal(rb_run_create(&run, config, &hooks, &error), RB_INTERRUPTED);
    assert_null(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_each_kind_of_wait),
        cmocka_unit_test(test_while_it_is_made),
    };
    return cmocka_run_group_tests(tests, prepare, drop_root);
}
