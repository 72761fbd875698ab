// Saving and loading in the middle of a game: the loaded game continues exactly like the saved one, in a new
// instance and in one that has played something else, also for games whose emulator snapshots alone are not
// exact (Yars' Revenge, Tic-Tac-Toe 3D, Seaquest).
#include "atari_tests.h"

#include <stdio.h>
#include <stdlib.h>

enum { AHEAD = 120 };

static rb_env_options played_options(const char *name)
{
    rb_env_options options = atari_options(name);
    options.settings.atari.frame_skip = 4;
    options.settings.atari.sticky = 0.25;
    options.settings.atari.noop_min = 1;
    options.settings.atari.noop_max = 30;
    options.settings.atari.max_frames = 700; // short episodes: resets lie before and after the saved moment
    return options;
}

// Plays random actions across the ends of episodes; returns the checksum of everything observable.
static uint32_t play(rb_env *env, int steps, uint32_t x)
{
    static uint8_t picture[84 * 84 * 3], screen[250 * 160 * 3];
    rb_env_spec spec;
    rb_atari_class.spec(env, &spec);
    const size_t bytes = (size_t)(spec.channels * spec.height * spec.width);
    uint32_t crc = 0;
    for (int i = 0; i < steps; i++) {
        rb_env_step out = atari_step(env, atari_draw(&x, spec.actions));
        crc = crc32_add(crc, &out.reward, sizeof out.reward);
        uint8_t marks[] = {out.terminated, out.truncated, out.life_lost, (uint8_t)out.frames};
        crc = crc32_add(crc, marks, sizeof marks);
        if (out.terminated || out.truncated) atari_reset(env);
        rb_atari_class.observe(env, picture);
        crc = crc32_add(crc, picture, bytes);
        if (i % 16 != 0) continue;
        rb_atari_class.render(env, screen);
        crc = crc32_add(crc, screen, (size_t)(spec.screen_height * spec.screen_width * 3));
    }
    return crc;
}

static void save(rb_env *env, atari_memory *memory)
{
    rb_error error = {0};
    rb_env_stream stream = {atari_memory_write, memory};
    if (rb_atari_class.save(env, &stream, &error)) fail_msg("%s", error.message);
}

static rb_status load(rb_env *env, atari_memory *memory, rb_error *error)
{
    rb_env_stream stream = {atari_memory_read, memory};
    memory->at = 0;
    return rb_atari_class.load(env, &stream, error);
}

static void check_game(const char *name, const rb_env_options *options, int before, uint32_t seed)
{
    rb_error error = {0};
    atari_memory memory = {0}, again = {0};
    rb_env *env = atari_open(options, seed), *fresh = atari_open(options, seed + 100);
    atari_reset(env);
    play(env, before, seed);
    save(env, &memory);
    uint32_t truth = play(env, AHEAD, seed + 1);
    if (load(fresh, &memory, &error)) fail_msg("%s: %s", name, error.message); // a fresh instance
    save(fresh, &again);
    assert_int_equal(memory.bytes, again.bytes);
    assert_memory_equal(memory.data, again.data, memory.bytes);
    if (play(fresh, AHEAD, seed + 1) != truth) fail_msg("%s: a fresh instance goes on differently", name);
    play(env, 57, seed + 2);
    assert_int_equal(load(env, &memory, &error), RB_OK); // the instance that has played on
    if (play(env, AHEAD, seed + 1) != truth) fail_msg("%s: the instance itself goes on differently", name);
    free(memory.data);
    free(again.data);
    rb_atari_class.destroy(env);
    rb_atari_class.destroy(fresh);
}

static void a_saved_game_goes_on_exactly(void **state)
{
    (void)state;
    static const char *const games[] = {"atari/breakout",       "atari/seaquest",  "atari/qbert",
                                        "atari/yars_revenge",   "atari/ms_pacman", "atari/tic_tac_toe_3d",
                                        "atari/journey_escape", "atari/pitfall2"};
    for (size_t i = 0; i < sizeof games / sizeof games[0]; i++) {
        rb_env_options options = played_options(games[i]);
        for (int k = 0; k < 2; k++) // saved at two moments; in the plain run at one of them
            if (k == (int)i % 2 || getenv("RB_LONG"))
                check_game(games[i], &options, 300 + 171 * k, (uint32_t)(5 + 10 * i) + (uint32_t)k);
    }
}

static void a_game_pooled_in_colour_goes_on_exactly(void **state)
{
    (void)state;
    rb_env_options options = played_options("atari/breakout");
    options.settings.atari.pool = RB_POOL_RGB;
    options.settings.atari.fire_on_reset = true;
    options.settings.atari.max_frames = 0;
    check_game("atari/breakout rgb", &options, 311, 3);
}

static void a_game_of_another_mode_seen_in_colours_goes_on_exactly(void **state)
{
    (void)state;
    rb_env_options options = played_options("atari/space_invaders");
    options.settings.atari.mode = 13;
    options.settings.atari.difficulty = 1;
    options.settings.atari.colour = true;
    options.settings.atari.size = 60;
    options.settings.atari.width = 70;
    options.settings.atari.fire_on_life_loss = true;
    check_game("atari/space_invaders mode 13", &options, 311, 3);
    options.settings.atari.pool = RB_POOL_LAST;
    check_game("atari/space_invaders mode 13, last frame", &options, 211, 4);
}

static void a_game_saved_before_its_first_reset_starts_the_same(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_env_options options = played_options("atari/seaquest");
    rb_env *env = atari_open(&options, 8), *other = atari_open(&options, 9);
    atari_memory memory = {0};
    save(env, &memory);
    atari_reset(other);
    play(other, 50, 1);
    assert_int_equal(load(other, &memory, &error), RB_OK);
    atari_reset(env);
    atari_reset(other);
    assert_int_equal(play(env, AHEAD, 4), play(other, AHEAD, 4));
    free(memory.data);
    rb_atari_class.destroy(env);
    rb_atari_class.destroy(other);
}

static void what_is_no_state_of_this_game_is_told(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_env_options options = played_options("atari/breakout"), other_options = played_options("atari/pong");
    rb_env *env = atari_open(&options, 1), *other = atari_open(&other_options, 1);
    atari_memory memory = {0};
    atari_reset(env);
    play(env, 60, 1);
    save(env, &memory);
    assert_int_equal(load(other, &memory, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "belongs to another game"));
    size_t whole = memory.bytes;
    for (size_t cut = 0; cut < whole; cut += whole / 7) {
        memory.bytes = cut;
        assert_int_equal(load(env, &memory, &error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, "cut short"));
    }
    memory.bytes = whole;
    memset(memory.data, 0xff, 24); // its sizes
    assert_int_equal(load(env, &memory, &error), RB_ERR_FORMAT);
    free(memory.data);
    rb_atari_class.destroy(env);
    rb_atari_class.destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_game_goes_on_exactly),
        cmocka_unit_test(a_game_pooled_in_colour_goes_on_exactly),
        cmocka_unit_test(a_game_of_another_mode_seen_in_colours_goes_on_exactly),
        cmocka_unit_test(a_game_saved_before_its_first_reset_starts_the_same),
        cmocka_unit_test(what_is_no_state_of_this_game_is_told),
    };
    return cmocka_run_group_tests(tests, atari_needs_emulator, NULL);
}
