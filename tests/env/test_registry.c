// The registry: it finds every name it lists, ids set their settings, and a wrong name suggests the right
// one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "env/gym.h"
#include "env/registry.h"
#include "rainbow/config.h"

static void every_entry_is_found_once(void **unused)
{
    (void)unused;
    int atari = 0;
    for (int i = 0; i < rb_env_entry_count(); i++) {
        const rb_env_entry *entry = rb_env_entry_get(i);
        const rb_env_class *class = NULL;
        assert_int_equal(rb_env_find(entry->name, &class, NULL), RB_OK);
        assert_non_null(class);
        assert_int_equal(class == &rb_atari_class, strncmp(entry->name, "atari/", 6) == 0);
        assert_int_equal(class == &rb_gym_class, strncmp(entry->name, "gym/", 4) == 0);
        assert_int_equal(class == &rb_atari_class || class == &rb_gym_class, *entry->needs != 0);
        assert_int_equal(class->abi, RB_ENV_ABI);
        assert_true(*entry->help != 0);
        atari += class == &rb_atari_class;
        for (int k = 0; k < i; k++) assert_string_not_equal(entry->name, rb_env_entry_get(k)->name);
    }
    assert_int_equal(atari, 104);
}

static void ids_of_games_are_found(void **unused)
{
    (void)unused;
    static const char *const names[] = {"ALE/Breakout-v5", "ALE/MsPacman-v5", "BreakoutNoFrameskip-v4",
                                        "SpaceInvadersDeterministic-v4", "atari/up_n_down"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const rb_env_class *class = NULL;
        assert_int_equal(rb_env_find(names[i], &class, NULL), RB_OK);
        assert_ptr_equal(class, &rb_atari_class);
    }
}

static void wrong_names_get_near_ones(void **unused)
{
    (void)unused;
    static const struct {
        const char *name, *near;
    } cases[] = {
        {"cartpol", "'cartpole'"},
        {"CartPole-v2", "'CartPole-v"},
        {"cart-pole", "'cartpole'"},
        {"breakout", "'atari/breakout'"},
        {"Breakout-v5", "'atari/breakout'"},
        {"mspacman", "'atari/ms_pacman'"},
        {"acrobat", "'acrobot'"},
        {"mountain-car", "'mountaincar'"},
        {"MountainCar-v1", "MountainCar-v0"},
        {"Acrobot-v0", "Acrobot-v1"},
        {"grid-world", "'gridworld'"},
        {"atari/brekout", "breakout"},
        {"ALE/Brekout-v5", "Breakout"},
        {"LunarLander-v3", "'gym/LunarLander-v3'"},
        {"LunarLander-v2", "'gym/LunarLander-v3'"}, // Gymnasium has no v2 any more
        {"lunarlander", "'gym/LunarLander-v3'"},
        {"Taxi-v2", "'gym/Taxi-v4'"},
        {"gymnasium/FrozenLake-v0", "'gym/FrozenLake-v1'"},
        {"BipedalWalker-v2", "'gym/BipedalWalker-v3'"},
        {"Taxi-v5", "'gym/Taxi-v5'"}, // a newer Gymnasium may have it
        {"MiniGrid-Empty-5x5-v0", "'gym/MiniGrid-Empty-5x5-v0'"},
        {"gymnasium/Taxi-v4", "'gym/Taxi-v4'"},
        {"my_package:MyEnv-v12", "'gym/my_package:MyEnv-v12'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rb_env_class *class;
        const char *preset, *values;
        rb_error error = {0}, again = {0};
        assert_int_equal(rb_env_find(cases[i].name, &class, &error), RB_ERR_USAGE);
        assert_non_null(strstr(error.message, cases[i].name));
        assert_non_null(strstr(error.message, cases[i].near));
        assert_non_null(strstr(error.message, "`rainbow envs`"));
        assert_int_equal(rb_env_defaults(cases[i].name, &preset, &values, &again), RB_ERR_USAGE);
        assert_string_equal(again.message, error.message);
    }
    const rb_env_class *class;
    rb_error error;
    assert_int_equal(rb_env_find("Breakout-v4", &class, &error),
                     RB_ERR_USAGE); // random skips are not offered
    assert_non_null(strstr(error.message, "BreakoutNoFrameskip-v4"));
    assert_int_equal(rb_env_find("breakout", &class, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "unknown environment 'breakout': did you mean 'atari/breakout'? "
                                       "(`rainbow envs` lists all)");
    static const char *const written[][2] = {{"BreakoutNoFrameSkip-v4", "BreakoutNoFrameskip-v4"},
                                             {"mspacmannoframeskip-V0", "MsPacmanNoFrameskip-v0"},
                                             {"pongdeterministic-v4", "PongDeterministic-v4"},
                                             {"ale/breakout-v5", "ALE/Breakout-v5"}};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        char wanted[100];
        snprintf(wanted, sizeof wanted, "did you mean '%s'?", written[i][1]);
        assert_int_equal(rb_env_find(written[i][0], &class, &error), RB_ERR_USAGE);
        assert_non_null(strstr(error.message, wanted));
    }
    assert_int_equal(rb_env_find("something else altogether", &class, &error), RB_ERR_USAGE);
    assert_string_equal(error.message,
                        "unknown environment 'something else altogether' (`rainbow envs` lists all)");
    // Old names of tasks that are built in stay.
    assert_int_equal(rb_env_find("CartPole-v0", &class, &error), RB_OK);
    assert_int_equal(rb_env_find("", &class, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "no environment given (`rainbow envs` lists all)");
}

// Sets every line of `values`, as parsing a command line does: the keys and values must be valid in the
// table.
static void apply(rb_config *config, const char *values)
{
    while (*values) {
        char key[64], value[64], line[160];
        size_t length = strcspn(values, "\n");
        assert_true(length < sizeof line);
        memcpy(line, values, length);
        line[length] = 0;
        assert_int_equal(sscanf(line, "%63s = %63s", key, value), 2);
        assert_int_equal(rb_config_set(config, key, value, "id", NULL), RB_OK);
        values += length + (values[length] == '\n');
    }
}

static void ids_bring_their_protocol(void **unused)
{
    (void)unused;
    static const struct {
        const char *name, *preset, *key, *value;
    } cases[] = {
        {"cartpole", "cartpole", "atari.sticky", "0.5"},
        {"CartPole-v0", "cartpole", "atari.frame_skip", "7"},
        {"cartpole-pixels", "cartpole-pixels", "env.max_episode_steps", "500"},
        {"acrobot", "acrobot", "agent.v_min", "-100"},
        {"Acrobot-v1", "acrobot", "agent.v_max", "0"},
        {"mountaincar", "mountaincar", "agent.v_min", "-100"},
        {"MountainCar-v0", "mountaincar", "agent.v_max", "0"},
        {"gridworld", "gridworld", "agent.gamma", "0.9"},
        {"atari/pong", "rainbow", "atari.sticky", "0.5"},
        {"ALE/Pong-v5", "rainbow", "atari.sticky", "0.25"},
        {"ALE/Pong-v5", "rainbow", "atari.frame_skip", "4"},
        {"PongNoFrameskip-v4", "rainbow", "atari.sticky", "0"},
        {"PongDeterministic-v4", "rainbow", "atari.sticky", "0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_config *config;
        const char *preset, *values;
        char text[64];
        assert_int_equal(rb_config_create(&config, NULL), RB_OK);
        assert_int_equal(rb_env_defaults(cases[i].name, &preset, &values, NULL), RB_OK);
        assert_string_equal(preset, cases[i].preset);
        assert_int_equal(rb_config_preset(config, preset, NULL), RB_OK); // there is such a preset
        assert_int_equal(rb_config_set(config, "atari.sticky", "0.5", "test", NULL), RB_OK);
        assert_int_equal(rb_config_set(config, "atari.frame_skip", "7", "test", NULL), RB_OK);
        apply(config, values);
        assert_int_equal(rb_config_get(config, cases[i].key, text, sizeof text, NULL), RB_OK);
        assert_string_equal(text, cases[i].value);
        rb_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_found_once),
        cmocka_unit_test(ids_of_games_are_found),
        cmocka_unit_test(wrong_names_get_near_ones),
        cmocka_unit_test(ids_bring_their_protocol),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
