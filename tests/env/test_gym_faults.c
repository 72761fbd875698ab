// Faults of a Gymnasium environment, an id, a parameter or an interpreter: each gives one message, and none
// hangs. Skipped if no interpreter has gymnasium, except for the messages about that.
#include <sys/stat.h>
#include <time.h>

#include "env/gym_tests.h"

// ---- while playing: one worker, one fault after the other ----

static void test_what_an_environment_may_not_give(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        int action;
        rb_status status;
        const char *sentence;
    } faults[] = {
        {OTHER_SHAPE, RB_ERR_ENV, "returned an observation of shape (3,), but its space has (4,)"},
        {OTHER_DTYPE, RB_ERR_ENV, "returned an observation of complex128, but its space has float32"},
        {GIVE_TEXT, RB_ERR_ENV, "returned an observation of shape (), but its space has (4,)"},
        {WORSE, RB_ERR_ENV, "returned data that can't be read: ValueError"},
        {RAISE, RB_ERR_ENV, "raise ValueError(\"boom, as asked\")\n  ValueError: boom, as asked"},
        {QUIT, RB_ERR_ENV, "SystemExit: enough"},
        {GIVE_FOUR, RB_ERR_ENV,
         "step() did not return observation, reward, terminated, truncated and info, as Gymnasium's "
         "environments do, but 4 values"},
        {NONE_REWARD, RB_ERR_ENV, "step() gave None (NoneType) as its reward"},
    };
    rb_env *env = gym_open("gym/rainbow/Odd-v0", "", 1);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        rb_error error = {0};
        rb_env_step step = {0};
        gym_reset(env);
        assert_int_equal(rb_gym_class.step(env, faults[i].action, &step, &error), faults[i].status);
        if (!strstr(error.message, faults[i].sentence) || !strstr(error.message, "gym/rainbow/Odd-v0: "))
            fail_msg("%s\n   should have: %s", error.message, faults[i].sentence);
    }
    gym_reset(env); // the worker has survived all of it
    gym_step(env, PLAY);
    rb_gym_class.destroy(env);
}

static void observation_is_refused(const char *kwargs, const char *sentence)
{
    rb_env *env = gym_open("gym/rainbow/Show-v0", kwargs, 1);
    rb_error error = {0};
    assert_int_equal(rb_gym_class.reset(env, &error), RB_ERR_ENV);
    if (!strstr(error.message, sentence)) fail_msg("%s\n   should have: %s", error.message, sentence);
    rb_gym_class.destroy(env);
}

static void test_observations_outside_their_space(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    observation_is_refused("{\"space\": \"rgb\", \"wrong\": true}",
                           "returned an observation of float32, but its space has uint8");
    observation_is_refused("{\"space\": \"integers\", \"wrong\": true}",
                           "returned an observation of float64, but its space has int64");
    observation_is_refused("{\"space\": \"discrete\", \"wrong\": true}",
                           "returned the observation 9, which is outside its space Discrete(5, start=-2)");
}

static void test_a_reset_that_raises(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env *env = gym_open("gym/rainbow/Odd-v0", "{\"reset_does\": \"raise\"}", 1);
    gym_reset(env);
    rb_error error = {0};
    assert_int_equal(rb_gym_class.reset(env, &error), RB_ERR_ENV);
    assert_non_null(strstr(error.message, "reset() raised ValueError:"));
    assert_non_null(strstr(error.message, "rainbow_gym_odd.py")); // the file of the fault
    assert_non_null(strstr(error.message, "boom, as asked"));
    rb_gym_class.destroy(env);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void test_no_answer_in_time(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env *env = gym_open("gym/rainbow/Odd-v0", "", 1);
    rb_gym_class.destroy(env); // so that the interpreter's files are in memory
    rb_env_options options = gym_options("gym/rainbow/Never-v0", "{\"how\": \"hang\"}");
    options.settings.gym.timeout_seconds = 1;
    rb_error error = {0};
    const double start = seconds();
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_ENV);
    assert_non_null(strstr(
        error.message, "rainbow/Never-v0: no answer to gymnasium.make() within 1 s (gym.timeout_seconds)"));
    assert_true(seconds() - start < 60); // its worker was killed too
}

static void test_a_step_that_hangs(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_options options = gym_options("gym/rainbow/Odd-v0", "");
    options.settings.gym.timeout_seconds = 10; // to start in
    rb_error error = {0};
    rb_env *env;
    if (rb_gym_class.create(&env, &options, 1, &error)) skip(); // on a machine that is slower than that
    gym_reset(env);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", rb_gym_worker(env));
    assert_true(gym_step(env, HANG).cut);
    assert_int_equal(access(path, F_OK), 0);
    if (rb_gym_class.reset(env, &error)) fail_msg("%s", error.message);
    assert_non_null(
        strstr(error.message,
               "did not answer to step() within 10 s (gym.timeout_seconds); another one was started"));
    assert_int_not_equal(access(path, F_OK), 0); // the one before was killed
    gym_step(env, PLAY);
    rb_gym_class.destroy(env);
}

// ---- while making ----

static void is_refused(const rb_env_options *options, rb_status status, const char *sentence)
{
    rb_error error = {0};
    rb_env *env = NULL;
    assert_int_equal(rb_gym_class.create(&env, options, 1, &error), status);
    assert_null(env);
    if (!strstr(error.message, sentence)) fail_msg("%s\n   should have: %s", error.message, sentence);
}

static void test_what_can_not_be_made(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *name, *kwargs, *sentence;
        rb_status status;
    } faults[] = {
        {"gym/CartPoel-v1", "", "Did you mean: `CartPole`?", RB_ERR_USAGE},
        {"gym/CartPole-v7", "", "It provides versioned environments: [ `v0`, `v1` ]", RB_ERR_USAGE},
        {"gym/nowhere/CartPole-v1", "", "Namespace nowhere not found", RB_ERR_USAGE},
        {"gym/no_such_module:CartPole-v1", "", "--gym.import=no_such_module finds it", RB_ERR_USAGE},
        {"gym/CartPole-v1", "{\"a\": ", "gym.kwargs = {\"a\": : is not JSON", RB_ERR_USAGE},
        {"gym/CartPole-v1", "[1, 2]", "gym.kwargs = [1, 2]: must be a JSON object", RB_ERR_USAGE},
        {"gym/CartPole-v1", "{\"colour\": 1}", "gym.kwargs: ", RB_ERR_USAGE},
        {"gym/rainbow/Take-v0", "{\"space\": \"continuous\"}",
         "gymnasium.wrappers.DiscretizeAction numbers them", RB_ERR_USAGE},
        {"gym/rainbow/Take-v0", "{\"space\": \"multi_binary\"}",
         "a gymnasium.ActionWrapper can number the combinations", RB_ERR_USAGE},
        {"gym/rainbow/Take-v0", "{\"space\": \"tuple\"}", "its actions are a Tuple", RB_ERR_USAGE},
        {"gym/rainbow/Show-v0", "{\"space\": \"text\"}", "its observations are a Text", RB_ERR_USAGE},
        {"gym/rainbow/Show-v0", "{\"space\": \"stacked\"}", "bytes of shape (4, 30, 40, 3)", RB_ERR_USAGE},
        {"gym/rainbow/Never-v0", "{\"how\": \"raise\"}", "making it raised ValueError:", RB_ERR_ENV},
        {"gym/rainbow/Never-v0", "{\"how\": \"quit\"}", "SystemExit: enough", RB_ERR_ENV},
        {"gym/rainbow/Never-v0", "{\"how\": \"exit\"}",
         "ended with exit status 3, 3 times before its first step", RB_ERR_ENV},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        rb_env_options options = gym_options(faults[i].name, faults[i].kwargs);
        is_refused(&options, faults[i].status, faults[i].sentence);
    }
    rb_env_options options = gym_options("gym/CartPole-v1", "");
    snprintf(options.settings.gym.import, sizeof options.settings.gym.import,
             "rainbow_gym_odd, no_such_module");
    is_refused(&options, RB_ERR_USAGE, "has no module no_such_module");
    snprintf(options.settings.gym.import, sizeof options.settings.gym.import, "rainbow_gym_broken");
    is_refused(&options, RB_ERR_ENV, "importing rainbow_gym_broken raised ZeroDivisionError:");
}

static void test_pictures_that_are_none(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_options options = gym_options("gym/CartPole-v1", "");
    options.settings.gym.pictures = RB_PICTURES_ATARI;
    is_refused(&options, RB_ERR_USAGE,
               "gym.pictures = atari: gym/CartPole-v1 does not observe byte pictures");
    options = gym_options("gym/rainbow/Show-v0", "{\"space\": \"bits\"}");
    options.settings.gym.pictures = RB_PICTURES_ATARI;
    is_refused(&options, RB_ERR_USAGE, "does not observe byte pictures in grey or RGB");
    options = gym_options("gym/rainbow/Show-v0", "{\"space\": \"rgb\"}");
    options.settings.gym.pictures = RB_PICTURES_ATARI;
    options.settings.atari.size = 84;
    is_refused(&options, RB_ERR_USAGE, "atari.size = 84: ");
}

// ---- interpreters ----

// Programs that stand in for interpreters, in a separate directory.
static char place[] = "/tmp/rb_gym_XXXXXX";

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place, name);
    *strrchr(path, '/') = 0;
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/%s", place, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static const char *at(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", place, name);
    return path;
}

static void answers(const char *name, const char *gymnasium)
{
    char text[600];
    snprintf(text, sizeof text,
             "#!/bin/sh\necho a package talks at the start\necho\necho rainbow-finds 3.9.9 %s %s/%s\n",
             gymnasium, place, name);
    put(name, text);
}

static void finds(const char *wanted)
{
    rb_gym_python python;
    rb_error error = {0};
    if (rb_gym_probe("", &python, &error)) fail_msg("%s", error.message);
    assert_string_equal(python.path, at(wanted));
}

static void says(const char *named, const char *sentence)
{
    rb_gym_python python;
    rb_error error = {0};
    assert_int_equal(rb_gym_probe(named, &python, &error), RB_ERR_MISSING);
    if (!strstr(error.message, sentence)) fail_msg("%s\n   should have: %s", error.message, sentence);
}

// Searched in order; each is used only if it has gymnasium.
static void test_which_interpreter(void **state)
{
    (void)state;
    char here[1024], path[256];
    assert_non_null(getcwd(here, sizeof here));
    assert_non_null(mkdtemp(place));
    mkdir(at("work"), 0700);
    mkdir(at("path"), 0700);
    assert_int_equal(chdir(at("work")), 0);
    setenv("PATH", at("path"), 1); // these scripts name their shell by its full path
    setenv("XDG_CACHE_HOME", at("cache"), 1);
    unsetenv("VIRTUAL_ENV");

    says("", "there is no python3: ./scripts/get-gymnasium installs both; --python=PATH names another");
    answers("cache/rainbow/gymnasium-" RB_GYMNASIUM_VERSION "/bin/python", "1.4.0");
    finds("cache/rainbow/gymnasium-" RB_GYMNASIUM_VERSION "/bin/python");
    answers("path/python3", "-");
    finds("cache/rainbow/gymnasium-" RB_GYMNASIUM_VERSION "/bin/python");
    unlink(at("cache/rainbow/gymnasium-" RB_GYMNASIUM_VERSION "/bin/python"));
    snprintf(path, sizeof path, "%s has no gymnasium: ./scripts/get-gymnasium installs it",
             at("path/python3"));
    says("", path);
    answers("path/python3", "1.2.0");
    finds("path/python3");
    answers("work/.venv/bin/python", "-");
    finds("path/python3");
    answers("work/.venv/bin/python", "1.0.0");
    finds("work/.venv/bin/python");
    answers("active/bin/python", "1.1.0");
    setenv("VIRTUAL_ENV", at("active"), 1);
    finds("active/bin/python");

    // A named interpreter is used or fails with the reason; another one never replaces it.
    answers("mine", "0.29.1");
    rb_gym_python python;
    assert_int_equal(rb_gym_probe(at("mine"), &python, NULL), RB_OK);
    assert_string_equal(python.path, at("mine"));
    assert_string_equal(python.version, "3.9.9");
    assert_string_equal(python.gymnasium, "0.29.1");
    answers("mine", "-");
    snprintf(path, sizeof path, "has no gymnasium: `%s -m pip install gymnasium` installs it", at("mine"));
    says(at("mine"), path);
    says(at("nobody"), "can't be started: No such file or directory");
    put("mine", "#!/bin/sh\nexit 7\n");
    says(at("mine"), "is not a usable Python: it ended with exit status 7");
    put("mine", "#!/bin/sh\nkill -9 $$\n");
    says(at("mine"), "it was killed by signal 9 (Killed)");

    assert_int_equal(chdir(here), 0);
    assert_int_equal(rb_file_remove_tree(place, NULL), RB_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_an_environment_may_not_give),
        cmocka_unit_test(test_observations_outside_their_space),
        cmocka_unit_test(test_a_reset_that_raises),
        cmocka_unit_test(test_no_answer_in_time),
        cmocka_unit_test(test_a_step_that_hangs),
        cmocka_unit_test(test_what_can_not_be_made),
        cmocka_unit_test(test_pictures_that_are_none),
        cmocka_unit_test(test_which_interpreter), // last: PATH
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
