// Gymnasium environments whose observations have parts (Dict, Tuple), compared bit by bit with Gymnasium's
// FlattenObservation, and whose actions are several choices at once (MultiDiscrete). Skipped if no
// interpreter has gymnasium.
#include "env/contract.h"
#include "env/gym_tests.h"
#include "env/known_actions.h"

static rb_env_options parts_options(const char *name, const char *kwargs)
{
    rb_env_options options = gym_options_of("rainbow_gym_parts", name, kwargs);
    options.settings.env.masks = true;
    return options;
}

static rb_env *parts_open(const char *name, const char *kwargs, rb_env_spec *spec)
{
    rb_env_options options = parts_options(name, kwargs);
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s: %s", kwargs, error.message);
    *spec = (rb_env_spec){0};
    rb_gym_class.spec(env, spec);
    return env;
}

static void parts_are_refused(const char *name, const char *kwargs, const char *sentence)
{
    rb_env_options options = parts_options(name, kwargs);
    rb_error error = {0};
    rb_env *env;
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    if (!strstr(error.message, sentence)) fail_msg("%s\n   should have: %s", error.message, sentence);
}

// ---- observations ----

enum { STEPS = 30, NUMBERS_MOST = 64 };

static void flattens_like_gymnasium(const char *kwargs, int numbers)
{
    char command[3 * RB_PATH_MAX];
    snprintf(command, sizeof command, "'%s' -I '%s/flattened.py' '%s' '%s' %d", gym_python.path, GYM_MODULES,
             GYM_MODULES, kwargs, STEPS);
    FILE *oracle = popen(command, "r");
    int count = -1;
    assert_non_null(oracle);
    assert_int_equal(fscanf(oracle, "%d", &count), 1);
    assert_int_equal(count, numbers);
    rb_env_spec spec;
    rb_env *env = parts_open("gym/rainbow/Parts-v0", kwargs, &spec);
    assert_int_equal(spec.kind, RB_OBS_F32);
    assert_int_equal(spec.channels, numbers);
    assert_int_equal(spec.height * spec.width * spec.stack, 1);
    gym_reset(env);
    for (int t = 0; t < STEPS; t++) {
        uint32_t seen[NUMBERS_MOST];
        rb_gym_class.observe(env, seen);
        for (int i = 0; i < numbers; i++) {
            unsigned wanted = 1;
            assert_int_equal(fscanf(oracle, "%u", &wanted), 1);
            if (seen[i] != wanted)
                fail_msg("%s: number %d of step %d is %08x, in Gymnasium %08x", kwargs, i, t, seen[i],
                         wanted);
        }
        gym_step(env, 0);
    }
    rb_gym_class.destroy(env);
    assert_int_equal(pclose(oracle), 0);
}

static void test_parts_are_flattened(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    flattens_like_gymnasium("{\"space\": \"dict\"}", 4 + 4 + 6);
    flattens_like_gymnasium("{\"space\": \"tuple\"}", 3 + 1 + 11);
    flattens_like_gymnasium("{\"space\": \"nested\"}", 8 + 9 + 2 + 2 + 6 + 3 + 5);
}

static void says(const char *kwargs, const char *notice)
{
    rb_env_spec spec;
    rb_env *env = parts_open("gym/rainbow/Parts-v0", kwargs, &spec);
    rb_error error = {0};
    assert_int_equal(rb_gym_class.reset(env, &error), RB_OK);
    assert_string_equal(error.message, notice);
    rb_gym_class.destroy(env);
}

// Once per process, so the second one is silent.
static void test_the_notice(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    says("{\"space\": \"many\"}",
         "gym/rainbow/Parts-v0: its observations, a Dict, are read as one vector of 22 numbers, as "
         "gymnasium.wrappers.FlattenObservation makes it: part00 2, part01 2, part02 2, part03 2, part04 2, "
         "part05 2, part06 2, part07 2 and 3 more parts");
    says("{\"space\": \"tuple\"}", "");
}

// A picture and a vector: the frame has the picture's planes and then the other parts' floats, in their
// order. The parts are compared with samples of the space, which the environment shows, read by a program of
// our own.
static void test_a_picture_beside_numbers(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *space;
        int32_t channels;
        rb_obs_kind kind;
        int planes, height, width, vector;
        const char *planar; // of the sample, in Python
    } cases[] = {
        {"bytes", RB_CHANNELS_AUTO, RB_OBS_U8, 3, 4, 5, 2,
         "s['picture'].transpose(2, 0, 1).tobytes() + f(np.eye(2)[s['flag']])"},
        {"alone", RB_CHANNELS_AUTO, RB_OBS_U8, 3, 4, 5, 0, "s['eye'].transpose(2, 0, 1).tobytes()"},
        {"scaled", RB_CHANNELS_AUTO, RB_OBS_U8, 4, 3, 3, 5,
         "np.array([0, 128, 255], 'u1')[s['board']].tobytes() + f(s['bit']) + f(s['when'])"},
        {"cube", RB_CHANNELS_FIRST, RB_OBS_F32, 3, 4, 6, 3, "f(s['cube']) + f(np.eye(3)[s['count']])"},
        {"cube", RB_CHANNELS_LAST, RB_OBS_F32, 6, 3, 4, 3,
         "f(s['cube'].transpose(2, 0, 1)) + f(np.eye(3)[s['count']])"},
        {"cube", RB_CHANNELS_AUTO, RB_OBS_F32, 75, 1, 1, 0, "f(np.eye(3)[s['count']]) + f(s['cube'])"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char kwargs[64], command[3 * RB_PATH_MAX];
        snprintf(kwargs, sizeof kwargs, "{\"space\": \"%s\"}", cases[i].space);
        rb_env_options options = parts_options("gym/rainbow/Parts-v0", kwargs);
        options.settings.gym.channels = cases[i].channels;
        rb_error error = {0};
        rb_env *env;
        rb_env_spec spec = {0};
        if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s", error.message);
        rb_gym_class.spec(env, &spec);
        assert_int_equal(spec.kind, cases[i].kind);
        assert_int_equal(spec.vector, cases[i].vector);
        if (spec.channels != cases[i].planes || spec.height != cases[i].height ||
            spec.width != cases[i].width)
            fail_msg("%s: %d x %d x %d", cases[i].space, spec.channels, spec.height, spec.width);
        assert_int_equal(spec.stack, spec.height > 1 ? 4 : 1);
        snprintf(command, sizeof command,
                 "PYTHONPATH=%s '%s' -c \"import sys, numpy as np, rainbow_gym_parts as g; "
                 "f = lambda x: np.asarray(x, 'f4').tobytes(); space = g.SPACES['%s']; space.seed(3); "
                 "draw = lambda: [sys.stdout.buffer.write(%s) for s in [space.sample()]]; [draw() for _ in "
                 "range(3)]\"",
                 GYM_MODULES, gym_python.path, cases[i].space, cases[i].planar);
        FILE *oracle = popen(command, "r");
        const size_t bytes = rb_env_frame_bytes(&spec);
        char *seen = malloc(bytes), *wanted = malloc(bytes);
        assert_int_equal(rb_gym_class.reset(env, &error), RB_OK);
        for (int t = 0; t < 3; t++) {
            rb_gym_class.observe(env, seen);
            assert_int_equal(fread(wanted, 1, bytes, oracle), bytes);
            if (memcmp(seen, wanted, bytes)) fail_msg("%s, case %zu: step %d differs", cases[i].space, i, t);
            gym_step(env, 0);
        }
        assert_int_equal(pclose(oracle), 0);
        free(seen), free(wanted);
        rb_gym_class.destroy(env);
    }
}

static void test_parts_that_can_not_be_read(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *space, *sentence;
    } faults[] = {
        {"pair",
         "its observations are a Tuple with 2 pictures ([0], [1].map); at most one can be learned from; "
         "gymnasium.wrappers.TransformObservation selects one (see docs/gymnasium.md), gym.channels = none "
         "makes one vector of all numbers"},
        {"deep",
         "are a Tuple whose part [0].picture is a picture of bytes of shape (2, 4, 5, 3); pictures are "
         "HxWxC or CxHxW; "},
        {"words", "are a Dict whose part said is a Text; the parts of a Dict or a Tuple must be Box, "
                  "Discrete, MultiDiscrete or MultiBinary; gymnasium.wrappers.TransformObservation selects a "
                  "part, FlattenObservation makes one vector of all"},
        {"graph", "are a Tuple whose part [0] is a Graph; the parts of a Dict or a Tuple must be Box, "
                  "Discrete, MultiDiscrete or MultiBinary; gymnasium.wrappers.TransformObservation can turn "
                  "them into one of these"},
        {"empty", "one of its observations would have 0 numbers"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char kwargs[64];
        snprintf(kwargs, sizeof kwargs, "{\"space\": \"%s\"}", faults[i].space);
        parts_are_refused("gym/rainbow/Parts-v0", kwargs, faults[i].sentence);
    }
    // Stated to be numbers.
    rb_env_options options = parts_options("gym/rainbow/Parts-v0", "{\"space\": \"bytes\"}");
    options.settings.gym.channels = RB_CHANNELS_NONE;
    rb_error error = {0};
    rb_env *env;
    rb_env_spec spec = {0};
    if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s", error.message);
    rb_gym_class.spec(env, &spec);
    assert_int_equal(spec.channels, 60 + 2);
    rb_gym_class.destroy(env);
    options = parts_options("gym/rainbow/Parts-v0", "{\"space\": \"dict\"}");
    options.settings.gym.channels = RB_CHANNELS_LAST;
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_non_null(
        strstr(error.message,
               "gym.channels = last: its observations are a Dict without a box of three dimensions, so "
               "none is a picture"));
}

static void test_observations_without_their_parts(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *wrong, *sentence;
    } faults[] = {
        {"missing", "returned an observation without the part goal of its space: {"},
        {"array", "returned an observation without the part bits of its space: array([0., 0., 0.])"},
        {"inner", "returned an observation without the part robot.legs[1] of its space: {"},
        {"shape", "of shape (3,), but its space has (2,) (in its part goal)"},
        {"value",
         "returned the observation 2, which is outside its space Discrete(2) (in its part robot.arm)"},
    };
    for (size_t i = 0; i <= sizeof faults / sizeof *faults; i++) {
        const bool good = i == sizeof faults / sizeof *faults; // more parts than the space has, as Gymnasium
        char kwargs[64];
        rb_env_spec spec;
        rb_error error = {0};
        rb_env_step step = {0};
        snprintf(kwargs, sizeof kwargs, "{\"space\": \"nested\", \"wrong\": \"%s\"}",
                 good ? "more" : faults[i].wrong);
        rb_env *env = parts_open("gym/rainbow/Parts-v0", kwargs, &spec);
        gym_reset(env);
        assert_int_equal(rb_gym_class.step(env, 0, &step, &error), good ? RB_OK : RB_ERR_ENV);
        if (!good && !strstr(error.message, faults[i].sentence))
            fail_msg("%s\n   should have: %s", error.message, faults[i].sentence);
        rb_gym_class.destroy(env);
    }
}

// ---- actions ----

static void test_choices_are_numbered(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *kwargs;
        int start;
    } tries[] = {{"{\"sizes\": [2, 3, 4]}", 0},
                 {"{\"sizes\": [2, 3, 4], \"start\": -1}", -1},
                 {"{\"sizes\": [2, 3, 4], \"shape\": [3, 1]}", 0}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        rb_env_spec spec;
        rb_env *env = parts_open("gym/rainbow/Combine-v0", tries[i].kwargs, &spec);
        assert_int_equal(spec.actions, 24);
        gym_reset(env);
        for (int action = 0; action < 2 * 24; action++) { // twice: the environment changes what it gets
            float seen[3];
            char name[24];
            const int a = action % 24, s = tries[i].start, wanted[] = {a / 12 + s, a / 4 % 3 + s, a % 4 + s};
            gym_step(env, a);
            rb_gym_class.observe(env, seen);
            for (int c = 0; c < 3; c++) assert_true(seen[c] == (float)wanted[c]);
            snprintf(name, sizeof name, "%d,%d,%d", wanted[0], wanted[1], wanted[2]);
            assert_string_equal(spec.action_names[a], name);
        }
        rb_gym_class.destroy(env);
    }
}

// Gymnasium's own games name no actions, but this program knows their names; a wrapper may change their
// order.
static void test_names_of_known_games(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env *env = parts_open("gym/Taxi-v4", "", &spec);
    assert_non_null(spec.action_names);
    assert_string_equal(spec.action_names[4], "pick up");
    rb_gym_class.destroy(env);
    rb_env_options options = parts_options("gym/Taxi-v4", "");
    snprintf(options.settings.gym.wrappers, sizeof options.settings.gym.wrappers,
             "gymnasium.wrappers:PassiveEnvChecker");
    assert_int_equal(rb_gym_class.create(&env, &options, 1, NULL), RB_OK);
    spec = (rb_env_spec){0};
    rb_gym_class.spec(env, &spec);
    assert_null(spec.action_names);
    rb_gym_class.destroy(env);
    // Another environment, other numbers of actions, and other games have no names.
    assert_string_equal(rb_known_actions_of_id("LunarLander-v3", 4)[2], "main engine");
    assert_string_equal(rb_known_actions_of_id("FrozenLake8x8-v1", 4)[0], "left");
    assert_null(rb_known_actions_of_id("LunarLander-v3", 5));
    assert_null(rb_known_actions_of_id("LunarLanderContinuous-v3", 4));
    assert_null(rb_known_actions_of_id("mine/LunarLander-v3", 4));
    assert_null(rb_known_actions_of_id("TaxiFleet-v0", 6));
}

static void test_too_many_combinations(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env *env = parts_open("gym/rainbow/Combine-v0", "{\"sizes\": [16, 16, 16]}", &spec);
    assert_int_equal(spec.actions, 4096);
    assert_null(spec.action_names); // too long together
    float seen[3];
    gym_reset(env);
    gym_step(env, 4095);
    rb_gym_class.observe(env, seen);
    assert_true(seen[0] == 15 && seen[1] == 15 && seen[2] == 15);
    rb_gym_class.destroy(env);
    parts_are_refused("gym/rainbow/Combine-v0", "{\"sizes\": [17, 241]}",
                      "its actions are 2 choices at once (MultiDiscrete([ 17 241])), 4,097 combinations; "
                      "at most 4,096 can be learned, because each is an output of the network; "
                      "a gymnasium.ActionWrapper can number some of them (see docs/gymnasium.md)");
    parts_are_refused("gym/rainbow/Combine-v0", "{\"sizes\": [99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99]}",
                      "8,953,382,542,587,164,451,099 combinations");
}

static void test_masks_of_combinations(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env *env = parts_open("gym/rainbow/Combine-v0", "{\"sizes\": [2, 3], \"masks\": 6}", &spec);
    assert_true(spec.masks);
    gym_reset(env);
    for (int step = 0; step < 12; step++) {
        uint8_t mask[6];
        rb_gym_class.mask(env, mask);
        for (int a = 0; a < 6; a++) assert_int_equal(mask[a], a == step % 6);
        gym_step(env, step % 6);
    }
    rb_gym_class.destroy(env);
    env = parts_open("gym/rainbow/Combine-v0", "{\"sizes\": [2, 3], \"masks\": 5}", &spec);
    rb_error error = {0};
    assert_int_equal(rb_gym_class.reset(env, &error), RB_ERR_ENV);
    assert_non_null(strstr(error.message,
                           "an action_mask of shape (5,); a mask has one value for each of the "
                           "6 actions, shape (6,)"));
    rb_gym_class.destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_notice), // first: once per process
        cmocka_unit_test(test_parts_are_flattened),
        cmocka_unit_test(test_a_picture_beside_numbers),
        cmocka_unit_test(test_parts_that_can_not_be_read),
        cmocka_unit_test(test_observations_without_their_parts),
        cmocka_unit_test(test_choices_are_numbered),
        cmocka_unit_test(test_names_of_known_games),
        cmocka_unit_test(test_too_many_combinations),
        cmocka_unit_test(test_masks_of_combinations),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
