// What Gymnasium environments draw for people: that it arrives, that it changes nothing, and what comes of
// drawing that fails. Skipped where no interpreter has gymnasium.

#include "env/gym_tests.h"

enum { HEIGHT = 4, WIDTH = 5, BYTES = 3 * HEIGHT * WIDTH };

static rb_env *open_screen(const char *name, const char *kwargs, rb_env_spec *spec)
{
    rb_env_options options = gym_options(name, kwargs);
    rb_error error = {0};
    rb_env *env = NULL;
    options.screens = true;
    if (rb_gym_class.create(&env, &options, 7, &error)) fail_msg("%s: %s", name, error.message);
    *spec = (rb_env_spec){0};
    rb_gym_class.spec(env, spec);
    return env;
}

// As `pixel` of the module has it.
static void draws(rb_env *env, int game, int step)
{
    uint8_t screen[BYTES + 1], wanted[BYTES + 1];
    memset(screen, 99, sizeof screen);
    memset(wanted, 99, sizeof wanted);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                wanted[(y * WIDTH + x) * 3 + c] = (uint8_t)(game * 31 + step * 7 + c * 50 + y * 3 + x * 5);
    rb_gym_class.render(env, screen);
    assert_memory_equal(screen, wanted, sizeof wanted);
}

static void is_black(rb_env *env)
{
    uint8_t screen[BYTES];
    memset(screen, 99, sizeof screen);
    rb_gym_class.render(env, screen);
    for (int i = 0; i < BYTES; i++) assert_int_equal(screen[i], 0);
}

static void reset_says(rb_env *env, const char *what)
{
    rb_error error = {0};
    if (rb_gym_class.reset(env, &error)) fail_msg("%s", error.message);
    if (!strstr(error.message, what)) fail_msg("'%s' is not in '%s'", what, error.message);
    if (!*what) assert_string_equal(error.message, "");
}

// The game before the first is the one that told how large the pictures are.
static void plays_and_draws(const char *name, const char *kwargs)
{
    rb_env_spec spec;
    rb_env *env = open_screen(name, kwargs, &spec);
    assert_int_equal(spec.screen_height, HEIGHT);
    assert_int_equal(spec.screen_width, WIDTH);
    assert_int_equal(spec.channels, 4);
    reset_says(env, "");
    draws(env, 2, 0);
    for (int i = 1; i < 4; i++) {
        gym_step(env, PLAY);
        draws(env, 2, i);
        draws(env, 2, i);
    }
    float seen[4];
    rb_gym_class.observe(env, seen);
    assert_memory_equal(seen, ((float[]){7, 2, 3, 7}), sizeof seen);
    gym_step(env, TERMINATE);
    draws(env, 2, 4);
    gym_reset(env);
    draws(env, 3, 0);
    rb_gym_class.destroy(env);
}

static void test_it_draws(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    plays_and_draws("gym/rainbow/Draw-v0", "");
    plays_and_draws("gym/rainbow/Draw-v0", "{\"render_mode\": \"rgb_array\"}");
    plays_and_draws("gym/rainbow/DrawByFunction-v0", ""); // which does not say what it can
}

static void has_no_screen(const char *name, const char *kwargs)
{
    rb_env_spec spec;
    rb_env *env = open_screen(name, kwargs, &spec);
    assert_int_equal(spec.screen_height, 0);
    assert_int_equal(spec.screen_width, 0);
    reset_says(env, "");
    rb_gym_class.destroy(env);
}

static void test_what_draws_nothing_has_no_screen(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    has_no_screen("gym/rainbow/Odd-v0", "");                              // takes no render_mode
    has_no_screen("gym/rainbow/Draw-v0", "{\"render_mode\": \"human\"}"); // was asked for another
    rb_env *env = gym_open("gym/rainbow/Draw-v0", "", 7);                 // nobody asked
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    assert_int_equal(spec.screen_height, 0);
    rb_gym_class.destroy(env);
}

// With drawing, every step of a game is what it is without.
static void test_drawing_changes_nothing(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env *envs[] = {open_screen("gym/CartPole-v1", "", &spec), gym_open("gym/CartPole-v1", "", 7)};
    if (!spec.screen_height) {
        rb_gym_class.destroy(envs[0]);
        rb_gym_class.destroy(envs[1]);
        skip(); // no pygame
    }
    assert_int_equal(spec.screen_height, 400);
    assert_int_equal(spec.screen_width, 600);
    uint8_t *screen = malloc(3 * 400 * 600), *before = calloc(3 * 400 * 600, 1);
    bool over = true;
    for (int i = 0; i < 100; i++) {
        float seen[2][4];
        for (int e = 0; e < 2; e++) {
            bool ends = over;
            if (ends)
                gym_reset(envs[e]);
            else
                ends = gym_step(envs[e], i % 3 == 0).terminated;
            rb_gym_class.observe(envs[e], seen[e]);
            if (e) over = !over && ends;
        }
        assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
        rb_gym_class.render(envs[0], screen);
        if (i % 10 == 0) {
            assert_memory_not_equal(screen, before, 3 * 400 * 600);
            memcpy(before, screen, 3 * 400 * 600);
        }
    }
    free(screen);
    free(before);
    for (int e = 0; e < 2; e++) rb_gym_class.destroy(envs[e]);
}

// A picture that can't be had is black, the game goes on, and the next reset says why.
static void test_a_picture_that_fails_is_black(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *draws, *says;
    } faults[] = {
        {"small", "render() gave a picture of shape (4, 4, 3), the first was (4, 5, 3)"},
        {"grey", "ValueError: render() gave uint8 of shape (4, 5), not bytes of HxWx3"},
        {"floats", "render() gave float64 of shape (4, 5, 3), not bytes of HxWx3"},
        {"nothing", "render() gave object of shape (), not bytes of HxWx3"},
        {"raise", "ValueError: boom, as asked"},
        {"quit", "SystemExit: enough"},
    };
    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
        char kwargs[64];
        rb_env_spec spec;
        snprintf(kwargs, sizeof kwargs, "{\"draws\": \"%s\"}", faults[f].draws);
        rb_env *env = open_screen("gym/rainbow/Draw-v0", kwargs, &spec);
        reset_says(env, "");
        draws(env, 2, 0);
        gym_step(env, PLAY);
        is_black(env);
        gym_step(env, PLAY);
        draws(env, 2, 2);
        reset_says(env, faults[f].says);
        draws(env, 3, 0);
        reset_says(env, "");
        rb_gym_class.destroy(env);
    }
}

// The game that a worker takes with it is lost, as when it dies in a step.
static void test_a_worker_that_dies_drawing(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_spec spec;
    rb_env *env = open_screen("gym/rainbow/Draw-v0", "{\"draws\": \"die\"}", &spec);
    reset_says(env, "");
    gym_step(env, PLAY);
    is_black(env);
    is_black(env);
    assert_true(gym_step(env, PLAY).cut);
    reset_says(env, "was killed by signal 9 (Killed); another one was started");
    draws(env, 2, 0);
    gym_step(env, PLAY);
    is_black(env);
    rb_gym_class.begin(env, PLAY);
    assert_true(rb_gym_class.ready(env));
    gym_reset(env); // while a step is on its way to nobody
    draws(env, 2, 0);
    rb_gym_class.destroy(env);
}

// One that does not come back with its picture is ended.
static void test_a_worker_that_hangs_drawing(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_options options = gym_options("gym/rainbow/Draw-v0", "{\"draws\": \"hang\"}");
    rb_env *env = NULL;
    options.screens = true;
    options.settings.gym.timeout_seconds = 10; // to start in
    assert_int_equal(rb_gym_class.create(&env, &options, 7, NULL), RB_OK);
    gym_reset(env);
    gym_step(env, PLAY);
    is_black(env);
    assert_true(gym_step(env, PLAY).cut);
    reset_says(env, "another one was started");
    draws(env, 2, 0);
    rb_gym_class.destroy(env);
}

// Said of the first such environment, and not again by one that every evaluation makes anew.
static void test_why_there_are_no_pictures_is_said_once(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    for (int i = 0; i < 2; i++) {
        rb_env_spec spec;
        rb_env *env = open_screen("gym/rainbow/Draw-v0", "{\"draws\": \"raise\", \"always\": true}", &spec);
        assert_int_equal(spec.screen_height, 0);
        assert_string_equal(spec.action_names[PLAY], "play");
        reset_says(
            env, i ? "" : "gym/rainbow/Draw-v0: no pictures of it can be shown: ValueError: boom, as asked");
        gym_step(env, PLAY);
        rb_gym_class.destroy(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_draws),
        cmocka_unit_test(test_what_draws_nothing_has_no_screen),
        cmocka_unit_test(test_drawing_changes_nothing),
        cmocka_unit_test(test_a_picture_that_fails_is_black),
        cmocka_unit_test(test_a_worker_that_dies_drawing),
        cmocka_unit_test(test_a_worker_that_hangs_drawing),
        cmocka_unit_test(test_why_there_are_no_pictures_is_said_once),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
