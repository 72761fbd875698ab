// `rainbow check` finds each fault of an environment that has only this one, on the line it belongs to, and
// finds none in environments without faults.
#include "config/config.h"
#include "env/gym_tests.h"
#include "rainbow/rainbow.h"

#define FAULTY RB_TEST_OWN "/faulty.so"

static rb_check_result checked(const char *env, const char *options, int steps)
{
    rb_error error = {0};
    rb_config *config;
    rb_check_result result;
    char word[96];
    snprintf(word, sizeof word, "--env.options=%s", options);
    const char *words[] = {env, word};
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    if (rb_config_arguments(config, *options ? 2 : 1, words, &error)) fail_msg("%s", error.message);
    if (rb_check_env(config, steps, &result, &error)) fail_msg("%s %s: %s", env, options, error.message);
    rb_config_destroy(config);
    assert_string_equal(result.doing, "");
    return result;
}

static const rb_check_line *line_of(const rb_check_result *r, const char *what)
{
    for (int i = 0; i < r->count; i++)
        if (!strcmp(r->lines[i].what, what)) return &r->lines[i];
    fail_msg("no line '%s'", what);
    return NULL;
}

static void sound_environments_pass(void **state)
{
    (void)state;
    static const char *const names[] = {FAULTY, "cartpole", "acrobot", "mountaincar"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        rb_check_result r = checked(names[i], "", 1000);
        for (int k = 0; k < r.count; k++)
            if (r.lines[k].verdict == RB_CHECK_FAIL)
                fail_msg("%s: %s: %s", names[i], r.lines[k].what, r.lines[k].found);
        assert_int_equal(r.failures, 0);
        assert_true(r.games > 0 && r.restores >= 8 && r.restores == r.restores_exact);
        assert_int_equal(r.steps, 1000);
        assert_int_equal(line_of(&r, "independent")->verdict, RB_CHECK_PASS);
    }
}

static void each_fault_is_found_where_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *options, *line, *words;
    } cases[] = {
        {"nan_reward", "steps", "the reward is NaN"},
        {"infinite_reward", "steps", "the reward is infinite"},
        {"backward", "steps", "it took -1 frames"},
        {"fails_step", "steps", "the wind broke"},
        {"fails_reset", "steps", "the line is worn out"},
        {"nan_observation", "observation", "NaN or infinite"},
        {"short_observation", "observation", "1 of 4 values are not written"},
        {"long_observation", "observation", "beyond the end"},
        {"changing_observation", "observation", "two calls in a row"},
        {"seedless", "same seed", "two instances with the same seed and actions differ"},
        {"draw_disturbs", "no side effects", "render or save changes the game"},
        {"save_disturbs", "no side effects", "render or save changes the game"},
        {"short_picture", "render", "9 of 240 values are not written"},
        {"saves_little", "save and load", "into an instance with another seed: saved after"},
        {"loads_little", "save and load", "load read"},
        {"ignores_stream", "bad states", "half a state"},
        {"static_state", "independent", "a static or global variable?"},
        {"leaks", "memory", "grows by"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_check_result r = checked(FAULTY, cases[i].options, 1000);
        const rb_check_line *line = line_of(&r, cases[i].line);
        if (line->verdict != RB_CHECK_FAIL || !strstr(line->found, cases[i].words))
            fail_msg("%s: not found: %s: %s", cases[i].options, line->what, line->found);
        assert_true(r.failures >= 1);
    }
}

// Masks: play keeps to them, and each of their faults has its line.
static void masks_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *options, *line, *words;
    } cases[] = {
        {"mask_value", "steps", "step 4, action"},
        {"mask_value", "steps", "its mask has the value 3 for action 1"},
        {"mask_empty", "steps", "its mask allows none of the 2 actions"},
        {"mask_short", "steps", "its mask has the value 255 for action 1"},
        {"mask_long", "masks", "beyond the end of its 2 values"},
        {"mask_changes", "masks", "two calls in a row"},
    };
    rb_check_result r = checked(RB_TEST_OWN "/masked.so", "", 1000);
    assert_int_equal(r.failures, 0);
    const rb_check_line *found = line_of(&r, "masks");
    if (!r.masks || found->verdict != RB_CHECK_PASS ||
        !strstr(found->found, "of 2 actions are allowed on average"))
        fail_msg("%s", found->found);
    r = checked(RB_TEST_OWN "/reversi.so", "", 1000);
    assert_int_equal(r.failures, 0);
    assert_true(r.length_mean > 10); // an illegal move would end a game
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        r = checked(RB_TEST_OWN "/masked.so", cases[i].options, 1000);
        const rb_check_line *line = line_of(&r, cases[i].line);
        if (line->verdict != RB_CHECK_FAIL || !strstr(line->found, cases[i].words))
            fail_msg("%s: not found: %s: %s", cases[i].options, line->what, line->found);
    }
}

// Steps are begun and waited for, as in training.
static void begun_steps_are_checked(void **state)
{
    (void)state;
    rb_check_result r = checked(RB_TEST_OWN "/begins.so", "", 1000);
    assert_int_equal(r.failures, 0);
    assert_int_equal(line_of(&r, "begin and ready")->verdict, RB_CHECK_PASS);
    r = checked(RB_TEST_OWN "/begins.so", "begin_disturbs", 1000);
    const rb_check_line *line = line_of(&r, "no side effects");
    assert_int_equal(line->verdict, RB_CHECK_FAIL);
    assert_non_null(strstr(line->found, "render, save or begin changes the game"));
    if (!getenv("RB_LONG")) return; // it waits for some seconds
    r = checked(RB_TEST_OWN "/begins.so", "never_ready", 1000);
    line = line_of(&r, "same seed");
    assert_int_equal(line->verdict, RB_CHECK_FAIL);
    assert_non_null(strstr(line->found, "ready was still false"));
}

// An environment that can only begin other games after a load is not held to more than that.
static void states_for_other_games_are_checked(void **state)
{
    (void)state;
    rb_check_result r = checked(FAULTY, "new_games", 1000);
    assert_int_equal(r.failures, 0);
    assert_int_equal(line_of(&r, "save and load")->verdict, RB_CHECK_PASS);
    assert_int_equal(line_of(&r, "bad states")->verdict, RB_CHECK_PASS);
    r = checked(FAULTY, "no_new_games", 1000);
    const rb_check_line *line = line_of(&r, "save and load");
    assert_int_equal(line->verdict, RB_CHECK_FAIL);
    assert_non_null(strstr(line->found, "the line is elsewhere"));
}

static void memory_of_a_worker_is_measured(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_error error = {0};
    rb_config *config;
    rb_check_result r;
    char python[RB_PATH_MAX];
    snprintf(python, sizeof python, "--gym.python=%s", gym_python.path);
    const char *words[] = {"gym/rainbow/Leaks-v0", "--gym.import=rainbow_gym_odd", python};
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    if (rb_config_arguments(config, 3, words, &error)) fail_msg("%s", error.message);
    if (rb_check_env(config, 200, &r, &error)) fail_msg("%s", error.message);
    rb_config_destroy(config);
    const rb_check_line *line = line_of(&r, "memory");
    assert_int_equal(line->verdict, RB_CHECK_FAIL);
    assert_non_null(strstr(line->found, "that of the environment's own process grows by"));
    assert_true(r.bytes_per_reset > 6000 && r.bytes_per_reset < 12000);
}

static void the_saves_alone_are_blamed_for_what_they_lose(void **state)
{
    (void)state;
    rb_check_result r = checked(FAULTY, "saves_little", 1000);
    assert_int_equal(r.failures, 1);
    assert_true(r.restores_exact < r.restores);
    r = checked(FAULTY, "short_picture", 1000);
    assert_int_equal(r.failures, 1);
}

static void few_steps_are_enough_to_say_something(void **state)
{
    (void)state;
    rb_check_result r = checked(FAULTY, "", 1);
    assert_int_equal(r.failures, 0);
    assert_int_equal(r.steps, 1);
    assert_int_equal(line_of(&r, "save and load")->verdict, RB_CHECK_NOTE);
    assert_int_equal(line_of(&r, "reset")->verdict, RB_CHECK_NOTE);
}

static void what_can_not_be_made_is_an_error(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config;
    rb_check_result result;
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    assert_int_equal(rb_check_env(config, 10, &result, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "no environment was named");
    assert_int_equal(rb_config_set(config, "run.env", FAULTY, NULL, &error), RB_OK);
    assert_int_equal(rb_check_env(config, 0, &result, &error), RB_ERR_USAGE);
    assert_int_equal(rb_config_set(config, "env.options", "no_actions", NULL, &error), RB_OK);
    assert_int_equal(rb_check_env(config, 10, &result, &error), RB_ERR_ENV);
    assert_non_null(strstr(error.message, FAULTY ": spec: it has 0 actions"));
    rb_config_destroy(config);
}

// Random play, summed up by hand: CartPole's return is its length.
static void figures_are_of_the_play(void **state)
{
    (void)state;
    rb_check_result r = checked("cartpole", "", 2000);
    assert_true(r.return_mean == r.length_mean && r.return_mean > 10 && r.return_mean < 40);
    assert_true(r.return_min >= 8 && r.return_max < 200 && r.return_min <= r.return_max);
    assert_int_equal(r.frames, 2000);
    assert_int_equal(r.actions, 2);
    assert_string_equal(r.kind, "floats");
    assert_int_equal(line_of(&r, "render")->verdict, r.screen_height ? RB_CHECK_PASS : RB_CHECK_ABSENT);
}

static int init(void **state)
{
    rb_rainbow_init();
    find_gymnasium(state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_environments_pass),
        cmocka_unit_test(each_fault_is_found_where_it_is),
        cmocka_unit_test(masks_are_checked),
        cmocka_unit_test(begun_steps_are_checked),
        cmocka_unit_test(memory_of_a_worker_is_measured),
        cmocka_unit_test(states_for_other_games_are_checked),
        cmocka_unit_test(the_saves_alone_are_blamed_for_what_they_lose),
        cmocka_unit_test(few_steps_are_enough_to_say_something),
        cmocka_unit_test(what_can_not_be_made_is_an_error),
        cmocka_unit_test(figures_are_of_the_play),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
