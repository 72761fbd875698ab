// gym.wrappers: classes around a Gymnasium environment, in their order, from packages and from the current
// directory; every fault gives one sentence. Skipped if no interpreter has gymnasium.
#include "env/gym_tests.h"

#define MODULE "rainbow_gym_wrappers"

static rb_env_options wrapped_options(const char *wrappers)
{
    rb_env_options options = gym_options_of(MODULE, "gym/rainbow/Counter-v0", "");
    options.settings.env.masks = true;
    snprintf(options.settings.gym.wrappers, sizeof options.settings.gym.wrappers, "%s", wrappers);
    return options;
}

static rb_env *open_options(const rb_env_options *options, rb_env_spec *spec)
{
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_gym_class.create(&env, options, 7, &error))
        fail_msg("%s: %s", options->settings.gym.wrappers, error.message);
    *spec = (rb_env_spec){0};
    rb_gym_class.spec(env, spec);
    return env;
}

static void sees(const char *wrappers, float first, float second)
{
    rb_env_options options = wrapped_options(wrappers);
    rb_env_spec spec;
    rb_env *env = open_options(&options, &spec);
    float seen[2];
    gym_reset(env);
    gym_step(env, 2);
    rb_gym_class.observe(env, seen);
    if (seen[0] != first || seen[1] != second)
        fail_msg("%s: %g %g", wrappers, (double)seen[0], (double)seen[1]);
    rb_gym_class.destroy(env);
}

static void test_wrappers_in_their_order(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    sees("", 1, 2);
    sees(MODULE ":Plus", 2, 3);
    sees(MODULE ":Plus," MODULE ":Times", 20, 30);
    sees(" " MODULE ":Times, " MODULE ":Plus ,", 11, 21);
    sees(MODULE ":Plus," MODULE ":Plus," MODULE ":Plus", 4, 5);
}

// Spaces and masks are the outermost wrapper's.
static void test_what_wrappers_change(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env_options options = wrapped_options(MODULE ":Masks," MODULE ":Plus");
    rb_env *env = open_options(&options, &spec);
    uint8_t mask[3];
    assert_true(spec.masks);
    gym_reset(env);
    rb_gym_class.mask(env, mask);
    assert_memory_equal(mask, ((uint8_t[]){1, 0, 1}), 3);
    rb_gym_class.destroy(env);
    options = gym_options_of("rainbow_gym_parts", "gym/rainbow/Parts-v0", "{\"space\": \"words\"}");
    snprintf(options.settings.gym.wrappers, sizeof options.settings.gym.wrappers,
             "gymnasium.wrappers:FlattenObservation");
    env = open_options(&options, &spec);
    assert_int_equal(spec.channels, 5 + 2);
    rb_gym_class.destroy(env);
    // A limit of time is not hidden by them.
    options = gym_options("gym/CartPole-v1", "");
    snprintf(options.settings.gym.wrappers, sizeof options.settings.gym.wrappers, "%s", MODULE ":Plus");
    env = open_options(&options, &spec);
    assert_true(spec.ends);
    rb_gym_class.destroy(env);
}

static void test_wrappers_that_can_not_be_used(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *wrappers, *sentence;
        rb_status status;
    } faults[] = {
        {"Plus", "gym.wrappers: Plus has not the form module:Class, such as gymnasium.wrappers:FlattenOb",
         RB_ERR_USAGE},
        {"rainbow_gym_wrappers:", "rainbow_gym_wrappers: has not the form", RB_ERR_USAGE},
        {"rainbow_gym_wrappers:Plus(3)", "rainbow_gym_wrappers:Plus(3) has not the form", RB_ERR_USAGE},
        {"no_such_module:Plus", " has no module no_such_module", RB_ERR_USAGE},
        {"gymnasium.no_such:Plus", " has no module gymnasium.no_such", RB_ERR_USAGE},
        {"rainbow_gym_broken:Plus",
         "gym.wrappers: importing rainbow_gym_broken raised ZeroDivisionError: division by zero "
         "(rainbow_gym_broken.py, line 1)",
         RB_ERR_ENV},
        {"gymnasium.wrappers:FlattenObservations",
         "gym.wrappers: the module gymnasium.wrappers has no class FlattenObservations; did you mean "
         "FlattenObservation?",
         RB_ERR_USAGE},
        {"rainbow_gym_wrappers:Plain", "gym.wrappers: rainbow_gym_wrappers:Plain is no gymnasium.Wrapper",
         RB_ERR_USAGE},
        {"rainbow_gym_wrappers:function", "rainbow_gym_wrappers:function is no gymnasium.Wrapper",
         RB_ERR_USAGE},
        {"gymnasium.wrappers.vector:RecordEpisodeStatistics", "is no gymnasium.Wrapper", RB_ERR_USAGE},
        {"rainbow_gym_wrappers:Needs",
         "gym.wrappers: rainbow_gym_wrappers:Needs can't be made from the environment alone: "
         "Needs.__init__() missing 1 required positional argument: 'number'; a class derived from it can "
         "give the other arguments",
         RB_ERR_USAGE},
        {"rainbow_gym_wrappers:Plus,rainbow_gym_wrappers:Raises",
         "gym.wrappers: rainbow_gym_wrappers:Raises raised ValueError: not this one "
         "(rainbow_gym_wrappers.py, line 42)",
         RB_ERR_ENV},
        {"rainbow_gym_wrappers:Asserts",
         "rainbow_gym_wrappers:Asserts raised AssertionError (rainbow_gym_wrappers.py, line ", RB_ERR_ENV},
        {"rainbow_gym_wrappers:Late",
         "gym.wrappers: rainbow_gym_wrappers:Late raised NotImplementedError (rainbow_gym_wrappers.py, line",
         RB_ERR_ENV},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        rb_env_options options = wrapped_options(faults[i].wrappers);
        rb_error error = {0};
        rb_env *env = NULL;
        assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), faults[i].status);
        assert_null(env);
        if (!strstr(error.message, faults[i].sentence) || strchr(error.message, '\n'))
            fail_msg("%s\n   should have: %s", error.message, faults[i].sentence);
    }
}

// Without PYTHONPATH and without gym.import.
static void test_a_file_in_the_current_directory(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    char directory[] = "/tmp/rainbow-wrappers-XXXXXX", before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    FILE *file = fopen("mine.py", "w");
    assert_non_null(file);
    fputs("import gymnasium\nclass Half(gymnasium.RewardWrapper):\n    def reward(self, reward):\n"
          "        return reward / 2\n",
          file);
    fclose(file);
    unsetenv("PYTHONPATH");
    rb_env_options options = gym_options("gym/CartPole-v1", "");
    *options.settings.gym.import = 0;
    snprintf(options.settings.gym.wrappers, sizeof options.settings.gym.wrappers, "mine:Half");
    rb_env_spec spec;
    rb_env *env = open_options(&options, &spec);
    gym_reset(env);
    assert_true(gym_step(env, 0).reward == 0.5);
    rb_gym_class.destroy(env);
    setenv("PYTHONPATH", GYM_MODULES, 1);
    assert_int_equal(unlink("mine.py"), 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(rmdir(directory), 0); // nothing was written beside it
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrappers_in_their_order),
        cmocka_unit_test(test_what_wrappers_change),
        cmocka_unit_test(test_wrappers_that_can_not_be_used),
        cmocka_unit_test(test_a_file_in_the_current_directory),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
