// Observations of Gymnasium environments: which axis of a picture has the channels, for all small and odd
// shapes, and how bytes of a small range are scaled, compared with Gymnasium's RescaleObservation. Skipped if
// no interpreter has gymnasium.
#include "env/gym_tests.h"

static rb_env_options shape_options(const char *kwargs, int channels)
{
    rb_env_options options = gym_options_of("rainbow_gym_values", "gym/rainbow/Shape-v0", kwargs);
    options.settings.gym.channels = channels;
    return options;
}

static rb_env *shape_open(const char *kwargs, int channels, rb_env_spec *spec)
{
    rb_env_options options = shape_options(kwargs, channels);
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s: %s", kwargs, error.message);
    *spec = (rb_env_spec){0};
    rb_gym_class.spec(env, spec);
    return env;
}

static void shape_is_refused(const char *kwargs, int channels, const char *sentence)
{
    rb_env_options options = shape_options(kwargs, channels);
    rb_error error = {0};
    rb_env *env;
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    if (!strstr(error.message, sentence)) fail_msg("%s\n   should have: %s", error.message, sentence);
}

// ---- channels ----

enum { AUTO = RB_CHANNELS_AUTO, FIRST = RB_CHANNELS_FIRST, LAST = RB_CHANNELS_LAST, NONE = RB_CHANNELS_NONE };

// The number of the module's observation that belongs at channel c, row y, column x.
static int place(const int *shape, int dimensions, bool last, const rb_env_spec *spec, int c, int y, int x)
{
    if (spec->height * spec->width == 1) return c;
    if (dimensions == 2) return y * shape[1] + x;
    return last ? (y * shape[1] + x) * shape[2] + c : (c * shape[1] + y) * shape[2] + x;
}

// Each starts a worker, so most shapes are tried below instead.
static void test_the_axis_of_channels(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *type;
        int channels, dimensions, shape[3];
        bool last, bytes;
        int c, h, w;
    } tries[] = {
        {"uint8", AUTO, 3, {4, 4, 16}, true, true, 16, 4, 4},
        {"uint8", AUTO, 3, {16, 4, 4}, false, true, 16, 4, 4},
        {"bool", AUTO, 3, {10, 10, 12}, true, true, 12, 10, 10},
        {"uint8", AUTO, 3, {2, 2, 5}, false, true, 20, 1, 1},
        {"bool", AUTO, 2, {2, 5}, false, false, 10, 1, 1},
        {"float32", AUTO, 3, {3, 6, 7}, false, false, 126, 1, 1},
        {"uint8", FIRST, 3, {6, 7, 12}, false, true, 6, 7, 12},
        {"uint8", LAST, 2, {2, 5}, true, true, 1, 2, 5},
        {"int8", LAST, 3, {6, 7, 2}, true, false, 2, 6, 7},
        {"float64", FIRST, 2, {5, 6}, false, false, 1, 5, 6},
        {"binary", LAST, 3, {4, 5, 6}, true, false, 6, 4, 5},
        {"bool", NONE, 3, {4, 4, 4}, false, false, 64, 1, 1},
    };
    for (size_t t = 0; t < sizeof tries / sizeof *tries; t++) {
        const int *s = tries[t].shape;
        const bool binary = !strcmp(tries[t].type, "binary"), bits = binary || !strcmp(tries[t].type, "bool");
        const int most = bits ? 1 : tries[t].type[0] == 'u' ? 255 : 100;
        char kwargs[160], depth[16] = "";
        if (tries[t].dimensions == 3) snprintf(depth, sizeof depth, ", %d", s[2]);
        snprintf(kwargs, sizeof kwargs,
                 "{\"shape\": [%d, %d%s], \"high\": %d, \"dtype\": \"%s\", \"binary\": %s}", s[0], s[1],
                 depth, most, binary ? "int8" : tries[t].type, binary ? "true" : "false");
        rb_env_spec spec;
        rb_env *env = shape_open(kwargs, tries[t].channels, &spec);
        if (spec.channels != tries[t].c || spec.height != tries[t].h || spec.width != tries[t].w ||
            (spec.kind == RB_OBS_U8) != tries[t].bytes || spec.stack != (tries[t].h > 1 ? 4 : 1))
            fail_msg("%s: read as %d x %d x %d, kind %d", kwargs, spec.channels, spec.height, spec.width,
                     spec.kind);
        gym_reset(env);
        gym_step(env, 0);
        static union {
            uint8_t byte[210 * 160 * 3];
            float number[210 * 160 * 3];
        } seen;
        rb_gym_class.observe(env, &seen);
        for (int c = 0; c < spec.channels; c++)
            for (int y = 0; y < spec.height; y++)
                for (int x = 0; x < spec.width; x++) {
                    const int at = (c * spec.height + y) * spec.width + x;
                    const int i = place(s, tries[t].dimensions, tries[t].last, &spec, c, y, x);
                    const int value = (7 * i + 3) % (most + 1);
                    if (tries[t].bytes)
                        assert_int_equal(seen.byte[at], bits ? 255 * value : value);
                    else
                        assert_true(seen.number[at] == (float)value);
                }
        rb_gym_class.destroy(env);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *shape;
        int c, h, w;
    } tries[] = {
        // two equal sides are the board
        {"4,4,16", 16, 4, 4},
        {"16,4,4", 16, 4, 4},
        {"8,8,20", 20, 8, 8},
        {"8,8,8", 8, 8, 8},
        {"3,3,2", 2, 3, 3},
        {"2,3,3", 2, 3, 3},
        {"3,3,40", 40, 3, 3},
        {"4,84,84", 4, 84, 84},
        {"84,84,4", 4, 84, 84},
        // few channels are channels
        {"3,20,200", 3, 20, 200},
        {"20,200,3", 3, 20, 200},
        {"2,6,7", 2, 6, 7},
        {"6,7,2", 2, 6, 7},
        {"210,160,3", 3, 210, 160},
        {"3,210,160", 3, 210, 160},
        {"4,84,10", 4, 84, 10},
        {"1,3,5", 1, 3, 5},
        // a guess: similar sides are the board
        {"6,7,12", 12, 6, 7},
        {"10,9,14", 14, 10, 9},
        {"14,10,9", 14, 10, 9},
        {"12,64,96", 12, 64, 96},
        {"64,96,12", 12, 64, 96},
        {"5,10,20", 5, 10, 20},
        {"20,10,5", 5, 20, 10},
        // too small for a window: numbers
        {"1,6", 6, 1, 1},
        {"6,1", 6, 1, 1},
        {"2,5", 10, 1, 1},
        {"1,1,9", 9, 1, 1},
        {"9,1,1", 9, 1, 1},
        {"1,9,1", 9, 1, 1},
        {"2,2,5", 20, 1, 1},
        {"3,5", 1, 3, 5},
        {"7", 7, 1, 1},
    };
    char command[3 * RB_PATH_MAX];
    int used = snprintf(command, sizeof command, "'%s' -I '%s/axes.py' '%s/../src/env/gym_spaces.py'",
                        gym_python.path, GYM_MODULES, RB_TEST_DATA "/..");
    for (size_t t = 0; t < sizeof tries / sizeof *tries; t++)
        used += snprintf(command + used, sizeof command - (size_t)used, " %s", tries[t].shape);
    FILE *guesses = popen(command, "r");
    assert_non_null(guesses);
    for (size_t t = 0; t < sizeof tries / sizeof *tries; t++) {
        int c, h, w;
        assert_int_equal(fscanf(guesses, "%d %d %d", &c, &h, &w), 3);
        if (c != tries[t].c || h != tries[t].h || w != tries[t].w)
            fail_msg("%s: read as %d x %d x %d", tries[t].shape, c, h, w);
    }
    assert_int_equal(pclose(guesses), 0);
}

static void test_no_pictures(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    shape_is_refused("{\"shape\": [7]}", FIRST,
                     "gym.channels = first: its observations have 1 dimensions ((7,))");
    shape_is_refused("{\"shape\": [4, 30, 40, 3]}", LAST, "gym.channels = last: its observations have 4");
    shape_is_refused("{\"shape\": [4, 30, 40, 3]}", AUTO, "gym.channels = none reads a row of numbers");
    rb_env_options options = gym_options("gym/rainbow/Show-v0", "{\"space\": \"discrete\"}");
    options.settings.gym.channels = FIRST;
    rb_error error = {0};
    rb_env *env;
    assert_int_equal(rb_gym_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "gym.channels = first: its observations are a Discrete, which is"));
    rb_env_spec spec;
    env = shape_open("{\"shape\": [4, 30, 40, 3]}", NONE, &spec);
    assert_int_equal(spec.channels, 4 * 30 * 40 * 3);
    rb_gym_class.destroy(env);
}

// A guess is reported, once per process; a clear shape and a stated order are not.
static void test_a_guess_is_reported(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    const struct {
        const char *kwargs;
        int channels;
    } silent[] = {{"{\"shape\": [4, 4, 16]}", AUTO}, {"{\"shape\": [6, 7, 12]}", LAST}};
    rb_env_spec spec;
    for (int i = 0; i < 2; i++) {
        rb_env *env = shape_open(silent[i].kwargs, silent[i].channels, &spec);
        rb_error error = {0};
        assert_int_equal(rb_gym_class.reset(env, &error), RB_OK);
        assert_string_equal(error.message, "");
        rb_gym_class.destroy(env);
    }
    rb_env *env = shape_open("{\"shape\": [6, 7, 12]}", AUTO, &spec);
    rb_error error = {0};
    assert_int_equal(rb_gym_class.reset(env, &error), RB_OK);
    assert_string_equal(error.message,
                        "gym/rainbow/Shape-v0: its observations of shape (6, 7, 12) are read as 6 x 7 "
                        "pictures with 12 channels; gym.channels = first reads them the other way, last "
                        "confirms");
    rb_gym_class.destroy(env);
}

// ---- bytes ----

enum { STEPS = 20 };

static void scales_like_gymnasium(const char *kwargs, int numbers)
{
    char command[3 * RB_PATH_MAX];
    snprintf(command, sizeof command, "'%s' -I '%s/scaled.py' '%s' '%s' %d", gym_python.path, GYM_MODULES,
             GYM_MODULES, kwargs, STEPS);
    FILE *oracle = popen(command, "r");
    assert_non_null(oracle);
    rb_env_spec spec;
    rb_env *env = shape_open(kwargs, NONE, &spec);
    assert_int_equal(spec.kind, RB_OBS_U8);
    assert_int_equal(spec.channels, numbers);
    gym_reset(env);
    for (int t = 0; t < STEPS; t++) {
        uint8_t seen[64];
        rb_gym_class.observe(env, seen);
        for (int i = 0; i < numbers; i++) {
            int wanted = -1;
            assert_int_equal(fscanf(oracle, "%d", &wanted), 1);
            if (seen[i] != wanted)
                fail_msg("%s: number %d of step %d is %d, in Gymnasium %d", kwargs, i, t, seen[i], wanted);
        }
        gym_step(env, 0);
    }
    rb_gym_class.destroy(env);
    assert_int_equal(pclose(oracle), 0);
}

// Ranges that divide 255 and others, with low = 0 and above, and bounds of each number.
static void test_bytes_of_a_small_range(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const char *const bounds[] = {
        "\"high\": 1",
        "\"high\": 4",
        "\"high\": 200",
        "\"low\": 1, \"high\": 6",
        "\"low\": [0, 0, 2, 250], \"high\": [1, 255, 7, 254]",
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        char kwargs[160];
        snprintf(kwargs, sizeof kwargs, "{\"shape\": [8, 5], %s}", bounds[i]);
        scales_like_gymnasium(kwargs, 40);
    }
}

static void sees(const char *kwargs, const uint8_t *wanted, int count)
{
    rb_env_spec spec;
    uint8_t seen[64];
    rb_env *env = shape_open(kwargs, AUTO, &spec);
    gym_reset(env);
    rb_gym_class.observe(env, seen);
    assert_memory_equal(seen, wanted, (size_t)count);
    rb_gym_class.destroy(env);
}

// Bytes up to 255 stay as they are, whatever their least value; a number that never changes is 0.
static void test_bytes_that_stay(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    sees("{\"shape\": [4]}", (uint8_t[]){0, 7, 14, 21}, 4);
    sees("{\"shape\": [4], \"low\": 100}", (uint8_t[]){100, 107, 114, 121}, 4);
    sees("{\"shape\": [4], \"low\": [0, 9], \"high\": [255, 9]}", (uint8_t[]){0, 0, 14, 0}, 4);
    sees("{\"shape\": [4], \"low\": 9, \"high\": 9}", (uint8_t[]){0, 0, 0, 0}, 4);
}

static void test_bytes_outside_their_space(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *kwargs, *sentence;
    } faults[] = {
        {"{\"shape\": [8], \"high\": 1, \"outside\": 2}",
         "returned an observation with the value 2, which is outside its space Box(0, 1, (8,), uint8); "
         "bytes are scaled by the bounds of the space"},
        {"{\"shape\": [8], \"low\": 1, \"high\": 6, \"outside\": 0}", "with the value 0, which is outside"},
        {"{\"shape\": [4], \"high\": [1, 2, 3, 4], \"outside\": 5}", "with the value 5, which is outside"},
        {"{\"shape\": [4], \"low\": [1, 2, 3, 4], \"high\": 9, \"outside\": 3}", "with the value 3, which"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        rb_env_spec spec;
        rb_env *env = shape_open(faults[i].kwargs, AUTO, &spec);
        rb_error error = {0};
        rb_env_step step = {0};
        gym_reset(env);
        assert_int_equal(rb_gym_class.step(env, 0, &step, &error), RB_ERR_ENV);
        if (!strstr(error.message, faults[i].sentence))
            fail_msg("%s\n   should have: %s", error.message, faults[i].sentence);
        rb_gym_class.destroy(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_guess_is_reported), // first: once per process
        cmocka_unit_test(test_the_axis_of_channels), cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_no_pictures),          cmocka_unit_test(test_bytes_of_a_small_range),
        cmocka_unit_test(test_bytes_that_stay),      cmocka_unit_test(test_bytes_outside_their_space),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
