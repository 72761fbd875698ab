// The values that Gymnasium environments give to a step: numbers of every type, what is no number, and the
// actions that they receive. Skipped if no interpreter has gymnasium.
#include "env/gym_tests.h"

static rb_env_options values_options(const char *name, const char *kwargs)
{
    return gym_options_of("rainbow_gym_values", name, kwargs);
}

static rb_env *values_open(const char *name, const char *kwargs)
{
    rb_env_options options = values_options(name, kwargs);
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s: %s", name, error.message);
    return env;
}

enum { FLOATS = 10, READ = 16 }; // of VALUES in the module: rewards of 1.5; all that are read

// The module also checks that an action has the type that its space samples.
static void test_numbers_of_every_type(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        double reward;
        bool terminated, truncated;
    } others[] = {{-3, true, false}, {-3, true, false},
                  {-3, true, false}, {-1180591620717411303424.0, false, true},
                  {1, false, true},  {1, false, true}};
    rb_env *env = values_open("gym/rainbow/Values-v0", "");
    for (int i = 0; i < READ; i++) {
        gym_reset(env);
        rb_env_step step = gym_step(env, i);
        assert_true(step.reward == (i < FLOATS ? 1.5 : others[i - FLOATS].reward));
        assert_int_equal(step.terminated, i < FLOATS ? 0 : others[i - FLOATS].terminated);
        assert_int_equal(step.truncated, i < FLOATS ? 0 : others[i - FLOATS].truncated);
    }
    rb_gym_class.destroy(env);
}

static void test_no_numbers(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const char *const sentences[] = {
        "step() gave None (NoneType) as its reward; a reward is one number",
        "step() gave '1.5' (str) as its reward; a reward is one number",
        "step() gave b'1.5' (bytes) as its reward; a reward is one number",
        "step() gave [1.5] (list) as its reward; a reward is one number",
        "step() gave array([1., 2.]) (numpy.ndarray of shape (2,)) as its reward; a reward is one number",
        "step() gave array([], dtype=float64) (numpy.ndarray of shape (0,)) as its reward",
        "step() gave 1j (complex) as its reward; a reward is one number",
        "... (int) as its reward, which is beyond the range of floating-point numbers",
        "step() gave a value (int) as its reward, which is beyond the range",
        "step() gave None (NoneType) as terminated; it must be True or False",
        "step() gave None (NoneType) as truncated; it must be True or False",
        "step() gave 'False' (str) as terminated; it must be True or False",
        "step() gave {} (dict) as truncated; it must be True or False",
        "step() gave array([ True, False]) (numpy.ndarray of shape (2,)) as terminated",
    };
    rb_env *env = values_open("gym/rainbow/Values-v0", "");
    for (int i = 0; i < (int)(sizeof sentences / sizeof *sentences); i++) {
        rb_error error = {0};
        rb_env_step step = {0};
        gym_reset(env);
        rb_status status = rb_gym_class.step(env, READ + i, &step, &error);
        assert_int_equal(status, strstr(sentences[i], "range") ? RB_ERR_NUMBER : RB_ERR_ENV);
        if (!strstr(error.message, sentences[i]))
            fail_msg("%s\n   should have: %s", error.message, sentences[i]);
    }
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    assert_false(spec.ends); // nothing limits its games
    gym_reset(env);          // the worker has survived all of it
    rb_gym_class.destroy(env);
}

static void test_too_many_actions(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const char *const counts[] = {"65537", "2147483647", "2147483648", "4611686018427387904"};
    rb_error error = {0};
    for (int i = 0; i < 4; i++) {
        char kwargs[64];
        snprintf(kwargs, sizeof kwargs, "{\"actions\": %s}", counts[i]);
        rb_env_options options = values_options("gym/rainbow/Many-v0", kwargs);
        rb_env *env;
        assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
        assert_non_null(strstr(error.message, " actions; at most 65,536 can be learned"));
    }
    assert_non_null(strstr(error.message, "it has 4,611,686,018,427,387,904 actions"));
    rb_env *env = values_open("gym/rainbow/Many-v0", "{\"actions\": 65536}");
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    assert_int_equal(spec.actions, 65536);
    rb_gym_class.destroy(env);
}

static void test_actions_that_an_argument_numbers(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_options options = values_options("gym/rainbow/Steering-v0", "");
    rb_error error = {0};
    rb_env *env;
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "--gym.kwargs='{\"continuous\": false}' makes them numbered"));
    rb_gym_class.destroy(values_open("gym/rainbow/Steering-v0", "{\"continuous\": false}"));
}

// An environment's own frame skip, as ALE's games have, and gym.pictures = atari.
static void test_frames_are_skipped_once(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *name, *kwargs;
        int pictures, skip;
        int reward, frames;   // of a step
        const char *sentence; // or this
    } tries[] = {
        {"Skips", "", RB_PICTURES_RAW, 4, 4, 1, NULL}, // its own
        {"Skips", "", RB_PICTURES_ATARI, 4, 4, 4, NULL},
        {"Skips", "", RB_PICTURES_ATARI, 3, 3, 3, NULL},
        {"Skips", "", RB_PICTURES_ATARI, 1, 4, 1, NULL}, // its own
        {"Skips", "{\"frameskip\": 1}", RB_PICTURES_ATARI, 4, 4, 4, NULL},
        {"Skips", "{\"frameskip\": 2}", RB_PICTURES_ATARI, 4, 0, 0,
         "gym.kwargs has frameskip 2, and gym.pictures = atari holds an action for atari.frame_skip = 4 "
         "frames, 4 "
         "x 2 together"},
        {"SkipsUnregistered", "", RB_PICTURES_ATARI, 4, 0, 0, "its own frameskip is 5, and gym.pictures"},
        {"SkipsTwice", "", RB_PICTURES_ATARI, 4, 0, 0, "its wrapper MaxAndSkipObservation has a skip of 3"},
        {"SkipsTwice", "", RB_PICTURES_ATARI, 1, 3, 1, NULL},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char name[64];
        snprintf(name, sizeof name, "gym/rainbow/%s-v0", tries[i].name);
        rb_env_options options = values_options(name, tries[i].kwargs);
        options.settings.gym.pictures = tries[i].pictures;
        options.settings.atari.frame_skip = tries[i].skip;
        rb_error error = {0};
        rb_env *env;
        const rb_status status = rb_gym_class.create(&env, &options, 1, &error);
        if (tries[i].sentence) {
            assert_int_equal(status, RB_ERR_USAGE);
            if (!strstr(error.message, tries[i].sentence)) fail_msg("%s", error.message);
            continue;
        }
        if (status) fail_msg("%s", error.message);
        gym_reset(env);
        rb_env_step step = gym_step(env, 0);
        assert_true(step.reward == tries[i].reward);
        assert_int_equal(step.frames, tries[i].frames);
        rb_gym_class.destroy(env);
    }
}

// Keyword arguments of some KB reach gymnasium.make whole.
static void test_long_keyword_arguments(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    enum { NUMBERS = 1000 };
    char kwargs[RB_TEXT_MAX];
    int used = snprintf(kwargs, sizeof kwargs, "{\"shape\": [%d], \"high\": [", NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        used += snprintf(kwargs + used, sizeof kwargs - (size_t)used, "%s%d", i ? "," : "", i % 2 ? 255 : 15);
    used += snprintf(kwargs + used, sizeof kwargs - (size_t)used, "]}");
    assert_in_range(used, 3000, RB_TEXT_MAX - 1);
    rb_env *env = values_open("gym/rainbow/Shape-v0", kwargs);
    uint8_t seen[NUMBERS];
    gym_reset(env);
    rb_gym_class.observe(env, seen);
    for (int i = 0; i < NUMBERS; i++) assert_int_equal(seen[i], i % 2 ? 7 * i % 256 : 17 * (7 * i % 16));
    rb_gym_class.destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_every_type),
        cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_too_many_actions),
        cmocka_unit_test(test_actions_that_an_argument_numbers),
        cmocka_unit_test(test_frames_are_skipped_once),
        cmocka_unit_test(test_long_keyword_arguments),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
