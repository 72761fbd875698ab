// Which keys play which action: every action is reachable by the keys listed for it, and only by them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "io/window.h"
#include "viewer/keyboard.h"

static const char *const all_names[] = {
    "NOOP",     "FIRE",     "UP",          "RIGHT",      "LEFT",          "DOWN",
    "UPRIGHT",  "UPLEFT",   "DOWNRIGHT",   "DOWNLEFT",   "UPFIRE",        "RIGHTFIRE",
    "LEFTFIRE", "DOWNFIRE", "UPRIGHTFIRE", "UPLEFTFIRE", "DOWNRIGHTFIRE", "DOWNLEFTFIRE"};

static rb_keyboard *keyboard_of(const char *env, int actions, const char *const *names)
{
    const rb_env_spec spec = {.actions = actions, .action_names = names};
    rb_error error = {0};
    rb_keyboard *keyboard;
    if (rb_keyboard_create(&keyboard, env, &spec, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_keyboard_count(keyboard), actions);
    return keyboard;
}

static void keys_are(const rb_keyboard *keyboard, int action, const char *keys)
{
    char text[RB_KEYBOARD_KEYS_TEXT];
    rb_keyboard_keys(keyboard, action, text);
    assert_string_equal(text, keys);
}

// Presses or releases the keys in the list ("Up+Left+Space").
static void press(rb_keyboard *keyboard, const char *keys, bool down)
{
    static const struct {
        const char *name;
        int key;
    } names[] = {{"Up", RB_KEY_UP},       {"Down", RB_KEY_DOWN},   {"Left", RB_KEY_LEFT},
                 {"Right", RB_KEY_RIGHT}, {"Space", RB_KEY_SPACE}, {"Enter", RB_KEY_ENTER}};
    char copy[RB_KEYBOARD_KEYS_TEXT], *rest = copy, *word;
    snprintf(copy, sizeof copy, "%s", keys);
    while ((word = strsep(&rest, "+"))) {
        int key = strlen(word) == 1 ? (word[0] | 32) : 0;
        if (*word >= '0' && *word <= '9') key = *word;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (!strcmp(word, names[i].name)) key = names[i].key;
        assert_true(key && rb_keyboard_key(keyboard, key, down));
    }
}

// Every action is played by the keys that the list names for it, and by no other action's keys.
static void each_is_reached(rb_keyboard *keyboard)
{
    char keys[RB_KEYBOARD_KEYS_TEXT];
    const int count = rb_keyboard_count(keyboard), idle = rb_keyboard_action(keyboard, false);
    for (int a = 0; a < count; a++) {
        rb_keyboard_keys(keyboard, a, keys);
        if (!strcmp(keys, "no key")) {
            assert_int_equal(idle, a);
            continue;
        }
        for (int most = count; !strcmp(keys, "Enter") && rb_keyboard_chosen(keyboard) != a; most--) {
            assert_true(most > 0);
            rb_keyboard_choose(keyboard, 1);
        }
        press(keyboard, keys, true);
        assert_int_equal(rb_keyboard_action(keyboard, true), a);
        if (!rb_keyboard_by_turns(keyboard))
            assert_int_equal(rb_keyboard_action(keyboard, true), a); // as long as it is held
        press(keyboard, keys, false);
        if (rb_keyboard_by_turns(keyboard))
            assert_int_equal(rb_keyboard_action(keyboard, true), RB_KEYBOARD_WAIT);
        if (idle >= 0 && !rb_keyboard_in_turn(keyboard))
            assert_int_equal(rb_keyboard_action(keyboard, true), idle);
    }
}

static void test_all_actions_of_a_console(void **state)
{
    (void)state;
    rb_keyboard *keyboard = keyboard_of("atari/alien", 18, all_names);
    keys_are(keyboard, 0, "no key");
    keys_are(keyboard, 1, "Space");
    keys_are(keyboard, 15, "Up+Left+Space");
    keys_are(keyboard, 16, "Down+Right+Space");
    each_is_reached(keyboard);
    rb_keyboard_destroy(keyboard);
}

// If no action uses all of the pressed keys: the one that uses most of them, then the newest of them.
static void test_part_of_the_keys(void **state)
{
    (void)state;
    static const char *const breakout[] = {"NOOP", "FIRE", "RIGHT", "LEFT"};
    rb_keyboard *keyboard = keyboard_of("atari/breakout", 4, breakout);
    each_is_reached(keyboard);
    press(keyboard, "Up", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0); // means nothing here
    press(keyboard, "Right", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 2);
    press(keyboard, "Left", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 3); // the newer one
    press(keyboard, "Space", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 1);
    press(keyboard, "Space", false);
    assert_int_equal(rb_keyboard_action(keyboard, true), 3);
    press(keyboard, "Left", false);
    assert_int_equal(rb_keyboard_action(keyboard, true), 2);
    rb_keyboard_let_go(keyboard);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    rb_keyboard_destroy(keyboard);
    static const char *const some[] = {"NOOP", "UP", "LEFT", "UPLEFT"};
    keyboard = keyboard_of("atari/some", 4, some);
    press(keyboard, "Up+Left+Space", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 3);
    rb_keyboard_destroy(keyboard);
}

static void test_a_tap_counts_once(void **state)
{
    (void)state;
    rb_keyboard *keyboard = keyboard_of("atari/alien", 18, all_names);
    press(keyboard, "Left", true);
    press(keyboard, "Left", false);
    assert_int_equal(rb_keyboard_action(keyboard, false), 4);
    assert_int_equal(rb_keyboard_action(keyboard, true), 4);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    assert_false(rb_keyboard_key(keyboard, 'q', true)); // not a key of the game
    assert_false(rb_keyboard_key(keyboard, RB_KEY_ENTER, true));
    rb_keyboard_destroy(keyboard);
}

static void test_small_tasks(void **state)
{
    (void)state;
    static const char *const cart[] = {"left", "right"}, *const car[] = {"left", "none", "right"},
                             *const acrobot[] = {"torque -1", "torque 0", "torque +1"},
                             *const minatar[] = {"none", "left", "up", "right", "down", "fire"};
    rb_keyboard *keyboard = keyboard_of("cartpole", 2, cart);
    assert_true(rb_keyboard_in_turn(keyboard));
    const int first = rb_keyboard_action(keyboard, true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 1 - first);
    assert_int_equal(rb_keyboard_action(keyboard, true), first);
    press(keyboard, "Left", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    rb_keyboard_destroy(keyboard);
    keyboard = keyboard_of("mountaincar", 3, car);
    each_is_reached(keyboard);
    assert_int_equal(rb_keyboard_action(keyboard, true), 1);
    rb_keyboard_destroy(keyboard);
    keyboard = keyboard_of("acrobot", 3, acrobot);
    keys_are(keyboard, 0, "Left");
    keys_are(keyboard, 1, "no key");
    keys_are(keyboard, 2, "Right");
    each_is_reached(keyboard);
    rb_keyboard_destroy(keyboard);
    keyboard = keyboard_of("minatar/seaquest", 6, minatar);
    keys_are(keyboard, 5, "Space");
    each_is_reached(keyboard);
    rb_keyboard_destroy(keyboard);
}

// Gymnasium gives the names of actions for only some environments.
static void test_names_that_are_known(void **state)
{
    (void)state;
    rb_keyboard *keyboard = keyboard_of("gym/LunarLander-v3", 4, NULL);
    assert_string_equal(rb_keyboard_names(keyboard)[2], "main engine");
    keys_are(keyboard, 0, "no key");
    keys_are(keyboard, 1, "Left");
    keys_are(keyboard, 2, "Up");
    each_is_reached(keyboard);
    rb_keyboard_destroy(keyboard);
    keyboard = keyboard_of("gym/FrozenLake-v1", 4, NULL);
    assert_true(rb_keyboard_by_turns(keyboard));
    assert_int_equal(rb_keyboard_action(keyboard, true), RB_KEYBOARD_WAIT);
    each_is_reached(keyboard);
    press(keyboard, "Left", true);
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    assert_int_equal(rb_keyboard_action(keyboard, true), RB_KEYBOARD_WAIT); // only once while it is held
    press(keyboard, "Left", true);                                          // until it repeats
    assert_int_equal(rb_keyboard_action(keyboard, true), 0);
    rb_keyboard_destroy(keyboard);
}

static void test_names_without_directions(void **state)
{
    (void)state;
    static const char *const odd[] = {"left", "LEFT", "kick left", "noop", "", "updraught"};
    rb_keyboard *keyboard = keyboard_of("./odd.so", 6, odd);
    keys_are(keyboard, 0, "Left");
    keys_are(keyboard, 1, "1"); // the same keys twice would reach only the first one
    keys_are(keyboard, 2, "2");
    keys_are(keyboard, 3, "no key");
    keys_are(keyboard, 4, "3");
    keys_are(keyboard, 5, "4");
    assert_string_equal(rb_keyboard_names(keyboard)[4], "action 4");
    each_is_reached(keyboard);
    rb_keyboard_destroy(keyboard);
}

static void test_more_actions_than_keys(void **state)
{
    (void)state;
    rb_keyboard *keyboard = keyboard_of("./many.so", 60, NULL);
    assert_true(rb_keyboard_by_turns(keyboard));
    keys_are(keyboard, 0, "1");
    keys_are(keyboard, 10, "A");
    keys_are(keyboard, 59, "Enter");
    for (const char *command = "defhmnpqrst+-."; *command; command++) // these are the window's own
        assert_false(rb_keyboard_key(keyboard, *command, true));
    each_is_reached(keyboard);
    const int chosen = rb_keyboard_chosen(keyboard);
    rb_keyboard_choose(keyboard, -1);
    assert_int_not_equal(rb_keyboard_chosen(keyboard), chosen);
    rb_keyboard_choose(keyboard, 1);
    assert_int_equal(rb_keyboard_chosen(keyboard), chosen);
    rb_keyboard_destroy(keyboard);
    rb_keyboard_destroy(NULL);
}

// A key for a forbidden action does nothing and is named; without a key, the game waits or plays what is
// allowed.
static void test_forbidden_actions(void **state)
{
    (void)state;
    const char *refused;
    const uint8_t no_fire[18] = {1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                  no_noop[18] = {0, 1, 1, 1};
    rb_keyboard *console = keyboard_of("atari/x", 18, all_names);
    press(console, "Space", true);
    assert_int_equal(rb_keyboard_allowed(console, NULL, false, &refused), 1);
    assert_null(refused);
    assert_int_equal(rb_keyboard_allowed(console, no_fire, true, &refused), RB_KEYBOARD_WAIT);
    assert_string_equal(refused, "FIRE");
    press(console, "Space", false);
    assert_int_equal(rb_keyboard_allowed(console, no_fire, true, &refused), 0);
    assert_int_equal(rb_keyboard_allowed(console, no_noop, true, &refused), RB_KEYBOARD_WAIT);
    assert_null(refused);
    rb_keyboard_destroy(console);

    rb_keyboard *turns = keyboard_of("./cards.so", 3, (const char *const[]){"ace", "king", "queen"});
    const uint8_t no_king[3] = {1, 0, 1};
    press(turns, "2", true);
    assert_int_equal(rb_keyboard_allowed(turns, no_king, true, &refused), RB_KEYBOARD_WAIT);
    assert_string_equal(refused, "king");
    assert_int_equal(rb_keyboard_allowed(turns, no_king, true, &refused),
                     RB_KEYBOARD_WAIT); // said once per press
    assert_null(refused);
    press(turns, "3", true);
    assert_int_equal(rb_keyboard_allowed(turns, no_king, true, &refused), 2);
    rb_keyboard_destroy(turns);

    rb_keyboard *sides = keyboard_of("cartpole", 2, NULL);
    for (int i = 0; i < 4; i++) // left and right alternate, but only right is allowed
        assert_int_equal(rb_keyboard_allowed(sides, (uint8_t[]){0, 1}, true, &refused), 1);
    rb_keyboard_destroy(sides);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_actions_of_a_console), cmocka_unit_test(test_part_of_the_keys),
        cmocka_unit_test(test_a_tap_counts_once),        cmocka_unit_test(test_small_tasks),
        cmocka_unit_test(test_names_that_are_known),     cmocka_unit_test(test_names_without_directions),
        cmocka_unit_test(test_more_actions_than_keys),   cmocka_unit_test(test_forbidden_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
