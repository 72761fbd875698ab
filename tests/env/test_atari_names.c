// The names of Atari games, and the settings that ids imply.
#include "atari_tests.h"

#include <stdio.h>

static void every_form_leads_to_its_game(void **state)
{
    (void)state;
    rb_error error = {0};
    char game[RB_ATARI_GAME_MAX];
    static const char *const known[][2] = {
        {"atari/breakout", "breakout"},
        {"atari/ms_pacman", "ms_pacman"},
        {"atari/MsPacman", "ms_pacman"},
        {"ALE/Breakout-v5", "breakout"},
        {"ALE/BankHeist-v5", "bank_heist"},
        {"ALE/TicTacToe3D-v5", "tic_tac_toe_3d"},
        {"ALE/Qbert-v5", "qbert"},
        {"BreakoutNoFrameskip-v4", "breakout"},
        {"YarsRevengeNoFrameskip-v0", "yars_revenge"},
        {"MontezumaRevengeDeterministic-v4", "montezuma_revenge"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(rb_atari_match(known[i][0]));
        if (rb_atari_game(known[i][0], game, &error)) fail_msg("%s", error.message);
        assert_string_equal(game, known[i][1]);
    }
    for (int i = 0; i < rb_atari_game_count(); i++) { // each game by each form
        const char *name = rb_atari_game_name(i);
        char camel[RB_ATARI_GAME_MAX], id[4][64];
        rb_atari_camel_case(camel, name);
        snprintf(id[0], sizeof id[0], "atari/%s", name);
        snprintf(id[1], sizeof id[1], "ALE/%s-v5", camel);
        snprintf(id[2], sizeof id[2], "%sNoFrameskip-v4", camel);
        snprintf(id[3], sizeof id[3], "%sDeterministic-v4", camel);
        for (int k = 0; k < 4; k++) {
            assert_true(rb_atari_match(id[k]));
            assert_int_equal(rb_atari_game(id[k], game, &error), RB_OK);
            assert_string_equal(game, name);
        }
    }
    static const char *const others[] = {
        "cartpole", "CartPole-v0",     "CartPole-v1",   "gym/LunarLander-v3", "",
        "atari",    "breakout",        "atari/brekout", "ALE/Breakout-v4",    "ALE/Brekout-v5",
        "./own.so", "minatar/asterix", "NoFrameskip-v4"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (rb_atari_match(others[i])) fail_msg("%s", others[i]);
}

static void an_unknown_game_gives_the_nearest_name(void **state)
{
    (void)state;
    rb_error error = {0};
    char game[RB_ATARI_GAME_MAX];
    static const char *const wrong[][2] = {
        {"atari/brekout", "breakout"},
        {"ALE/Brekout-v5", "Breakout"},
        {"SpaceInvaderNoFrameskip-v4", "SpaceInvaders"},
        {"ALE/Breakout-v4", "ALE/Breakout-v5"},
        {"Breakout-v4", "BreakoutNoFrameskip-v4"},
        {"Pong-v0", "ALE/Pong-v5"},
        {"atari/xyzxyzxyzxyz", "no such Atari game"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(rb_atari_game(wrong[i][0], game, &error), RB_ERR_USAGE);
        if (!strstr(error.message, wrong[i][1]) || !strstr(error.message, wrong[i][0]))
            fail_msg("%s: %s", wrong[i][0], error.message);
    }
}

static void ids_stand_for_their_own_protocol(void **state)
{
    (void)state;
    const char *v5 = rb_atari_id_settings("ALE/Breakout-v5");
    assert_non_null(strstr(v5, "atari.sticky = 0.25\n"));
    assert_non_null(strstr(v5, "atari.frame_skip = 4\n"));
    assert_non_null(strstr(v5, "atari.full_actions = false\n"));
    assert_non_null(strstr(v5, "atari.max_frames = 108000\n"));
    assert_non_null(strstr(v5, "atari.life_loss = ignore\n"));
    const char *bare = rb_atari_id_settings("BreakoutNoFrameskip-v4");
    assert_non_null(strstr(bare, "atari.sticky = 0\n"));
    assert_null(strstr(bare, "frame_skip")); // the wrapper's, so the user's
    const char *skip = rb_atari_id_settings("BreakoutDeterministic-v4");
    assert_non_null(strstr(skip, "atari.sticky = 0\n"));
    assert_non_null(strstr(skip, "atari.frame_skip = 4\n"));
    assert_non_null(strstr(skip, "atari.pool = last\n")); // it skips frames itself, and does not pool
    assert_null(strstr(bare, "pool"));
    assert_null(strstr(v5, "pool"));
    assert_non_null(strstr(rb_atari_id_settings("BreakoutNoFrameskip-v0"), "atari.sticky = 0.25\n"));
    assert_string_equal(rb_atari_id_settings("atari/breakout"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_leads_to_its_game),
        cmocka_unit_test(an_unknown_game_gives_the_nearest_name),
        cmocka_unit_test(ids_stand_for_their_own_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
