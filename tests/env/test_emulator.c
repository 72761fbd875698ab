// Finding and loading the emulator and its ROMs, the messages if something is missing or wrong, and the
// shim's own functions.
#include "atari_tests.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"

static char directory[RB_PATH_MAX]; // for this run's files

static char *path_of(const char *name)
{
    static char path[RB_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t bytes)
{
    rb_error error;
    assert_int_equal(rb_file_write(path_of(name), data, bytes, &error), RB_OK);
}

static rb_status rom_of(const char *game, const char *rom_dir, char *out, rb_error *error)
{
    return rb_emulator_rom(out, RB_PATH_MAX, game, rom_dir, error);
}

static void no_emulator_names_the_command_that_gets_it(void **state)
{
    (void)state;
    rb_error error = {0};
    const rb_emulator *emulator;
    setenv("RAINBOW_ALE_LIB", path_of("nothing.so"), 1);
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_ERR_MISSING);
    assert_null(emulator);
    assert_non_null(strstr(error.message, "nothing.so"));
    assert_non_null(strstr(error.message, "./scripts/get-atari"));

    rb_env_options options = atari_options("atari/breakout"); // and through the environment's class
    rb_env *env;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_MISSING);
    assert_null(env);
    assert_non_null(strstr(error.message, "./scripts/get-atari"));

    write_file("junk.so", "not a shared object", 19);
    setenv("RAINBOW_ALE_LIB", path_of("junk.so"), 1);
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_ERR_MISSING);
    assert_non_null(strstr(error.message, "./scripts/get-atari"));
    unsetenv("RAINBOW_ALE_LIB");
}

static void an_object_of_another_version_names_the_command_that_renews_it(void **state)
{
    (void)state;
    rb_error error = {0};
    const rb_emulator *emulator;
    char expected[RB_PATH_MAX];
    setenv("RAINBOW_ALE_LIB", RB_TEST_OWN "/stale_emulator.so", 1);
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_ERR_MISSING);
    assert_null(emulator);
    snprintf(expected, sizeof expected,
             "the Atari emulator %s has another version (its interface is 999, this program's is %d): "
             "./scripts/get-atari installs it",
             RB_TEST_OWN "/stale_emulator.so", RB_ALE_ABI);
    assert_string_equal(error.message, expected);

    setenv("RAINBOW_ALE_LIB", RB_TEST_OWN "/faulty.so", 1); // some other shared object
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_ERR_MISSING);
    assert_non_null(
        strstr(error.message, "is not Rainbow's Atari emulator: ./scripts/get-atari installs it"));
    unsetenv("RAINBOW_ALE_LIB");
}

static void the_object_is_looked_for_in_the_cache(void **state)
{
    (void)state;
    char path[RB_PATH_MAX], *kept = getenv("XDG_CACHE_HOME");
    kept = kept ? strdup(kept) : NULL;
    rb_error error = {0};
    setenv("XDG_CACHE_HOME", directory, 1);
    assert_int_equal(rb_emulator_path(path, sizeof path, &error), RB_OK);
    assert_string_equal(path, path_of("rainbow/ale-0.12.1/librainbow_ale.so"));
    if (kept)
        setenv("XDG_CACHE_HOME", kept, 1);
    else
        unsetenv("XDG_CACHE_HOME");
    free(kept);
}

static void roms_are_looked_for_in_order(void **state)
{
    (void)state;
    char rom[RB_PATH_MAX];
    rb_error error = {0};
    static uint8_t cartridge[4096];
    for (size_t i = 0; i < sizeof cartridge; i++) cartridge[i] = (uint8_t)(i * 37);
    write_file("pong.bin", cartridge, sizeof cartridge);

    unsetenv("ALE_ROMS_DIR");
    assert_int_equal(rom_of("pong", "", rom, &error), RB_OK);
    assert_non_null(strstr(rom, "/ale-0.12.1/roms/pong.bin"));
    setenv("ALE_ROMS_DIR", directory, 1);
    assert_int_equal(rom_of("pong", "", rom, &error), RB_OK);
    assert_string_equal(rom, path_of("pong.bin"));
    assert_int_equal(rom_of("breakout", "", rom, &error), RB_OK); // not found there: the emulator's own ROM
    assert_non_null(strstr(rom, "/ale-0.12.1/roms/breakout.bin"));
    unsetenv("ALE_ROMS_DIR");

    assert_int_equal(rom_of("pong", directory, rom, &error), RB_OK);
    assert_string_equal(rom, path_of("pong.bin"));
    assert_int_equal(rom_of("breakout", directory, rom, &error),
                     RB_ERR_MISSING); // a named directory is the only one searched
    assert_non_null(strstr(error.message, "atari.rom_dir"));
    assert_non_null(strstr(error.message, "breakout.bin"));
}

static void a_file_that_is_no_rom_is_told(void **state)
{
    (void)state;
    char rom[RB_PATH_MAX];
    rb_error error = {0};
    static char text[4096];
    memset(text, 'x', sizeof text);
    write_file("alien.bin", text, sizeof text); // a size that cartridges have
    write_file("amidar.bin", "\x01\x02\x03", 3);
    write_file("assault.bin", "", 0);
    const char *const games[] = {"alien", "amidar", "assault"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rom_of(games[i], directory, rom, &error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, "not the ROM of an Atari cartridge"));
    }
    rb_env_options options = atari_options("atari/alien");
    strcpy(options.settings.atari.rom_dir, directory);
    rb_env *env;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_FORMAT);
    assert_null(env);
    assert_int_equal(mkdir(path_of("asterix.bin"), 0755), 0);
    assert_int_not_equal(rom_of("asterix", directory, rom, &error), RB_OK); // a directory of that name
}

// Another game's ROM is refused, one that the emulator does not know is a notice of the first reset.
static void roms_are_known_by_their_content(void **state)
{
    (void)state;
    char rom[RB_PATH_MAX], notice[600], *data;
    size_t bytes;
    rb_error error = {0};
    assert_int_equal(rom_of("breakout", "", rom, &error), RB_OK);
    assert_int_equal(rb_emulator_rom_check(rom, "breakout", notice, sizeof notice, &error), RB_OK);
    assert_string_equal(notice, "");
    assert_int_equal(rb_file_read(rom, &data, &bytes, &error), RB_OK);
    write_file("pong.bin", data, bytes);
    rb_env_options options = atari_options("atari/pong");
    strcpy(options.settings.atari.rom_dir, directory);
    rb_env *env;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "/pong.bin: is the ROM of breakout, not of pong"));

    data[0x123] ^= 1;
    write_file("breakout.bin", data, bytes);
    free(data);
    options = atari_options("atari/breakout");
    strcpy(options.settings.atari.rom_dir, directory);
    for (int i = 0; i < 2; i++) { // once per process
        error = (rb_error){0};
        assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_OK);
        assert_int_equal(rb_atari_class.reset(env, &error), RB_OK);
        if (i == 0)
            assert_non_null(
                strstr(error.message, "/breakout.bin: is not the ROM of breakout that the emulator"));
        if (i == 0) assert_non_null(strstr(error.message, "that one's f34f08e5eb96e500e851a80be3277a56"));
        if (i == 1) assert_string_equal(error.message, "");
        rb_atari_class.destroy(env);
    }
    unlink(path_of("breakout.bin"));
}

static void every_game_has_a_rom_and_loads(void **state)
{
    (void)state;
    const rb_emulator *emulator;
    rb_error error = {0};
    char rom[RB_PATH_MAX];
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_OK);
    assert_int_equal(rb_atari_game_count(), 104);
    char notice[600];
    for (int i = 0; i < rb_atari_game_count(); i++)
        if (rom_of(rb_atari_game_name(i), "", rom, &error) ||
            rb_emulator_rom_check(rom, rb_atari_game_name(i), notice, sizeof notice, &error) || *notice)
            fail_msg("%s%s", error.message, notice);
    const char *const games[] = {"journey_escape", "pooyan", "star_gunner"};
    const int heights[] = {230, 220, 210};
    for (int i = 0; i < 3; i++) {
        char message[256];
        int height, width, actions[RB_ALE_ACTIONS];
        assert_int_equal(rom_of(games[i], "", rom, &error), RB_OK);
        rb_ale *ale = emulator->create(rom, 1, message, sizeof message);
        assert_non_null(ale);
        emulator->size(ale, &height, &width);
        assert_int_equal(height, heights[i]);
        assert_int_equal(width, 160);
        assert_int_equal(emulator->actions(ale, false, actions), 18);
        for (int a = 0; a < 18; a++) assert_int_equal(actions[a], a);
        int minimal = emulator->actions(ale, true, actions);
        assert_true(minimal >= 3 && minimal <= 18);
        for (int a = 1; a < minimal; a++) assert_true(actions[a] > actions[a - 1]);
        emulator->destroy(ale);
    }
}

static void modes_and_difficulties_are_the_games_own(void **state)
{
    (void)state;
    const rb_emulator *emulator;
    rb_error error = {0};
    char rom[RB_PATH_MAX], message[256];
    assert_int_equal(rb_emulator_open(&emulator, &error), RB_OK);
    assert_string_equal(emulator->version(), "0.12.1");
    assert_int_equal(rom_of("space_invaders", "", rom, &error), RB_OK);
    rb_ale *ale = emulator->create(rom, 1, message, sizeof message);
    assert_non_null(ale);
    int modes[32], difficulties[8];
    assert_int_equal(emulator->modes(ale, modes, 32), 16);
    assert_int_equal(modes[15], 15);
    assert_int_equal(emulator->difficulties(ale, difficulties, 8), 2);
    assert_true(emulator->set_mode(ale, 1) && emulator->set_difficulty(ale, 1));
    assert_true(emulator->reset(ale));
    uint8_t ram[RB_ALE_RAM_BYTES];
    emulator->ram(ale, ram);
    assert_int_equal(ram[0x5c], 1);             // the address of this game's mode
    assert_false(emulator->set_mode(ale, 999)); // an exception inside, a message here
    assert_string_equal(emulator->message(ale), "Invalid game mode requested");
    assert_false(emulator->set_difficulty(ale, 7));
    double reward = 0;
    assert_false(emulator->act(ale, 18, &reward));
    assert_false(emulator->act(ale, -1, &reward));
    assert_false(emulator->load(ale, "no state", 8));
    emulator->destroy(ale);
}

static int make_directory(void **state)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/rainbow-emulator-XXXXXX",
             temporary && temporary[0] ? temporary : "/tmp");
    if (!mkdtemp(directory)) return -1;
    return atari_needs_emulator(state);
}

static int remove_directory(void **state)
{
    (void)state;
    rb_error error;
    return rb_file_remove_tree(directory, &error) ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_emulator_names_the_command_that_gets_it),
        cmocka_unit_test(an_object_of_another_version_names_the_command_that_renews_it),
        cmocka_unit_test(the_object_is_looked_for_in_the_cache),
        cmocka_unit_test(roms_are_looked_for_in_order),
        cmocka_unit_test(a_file_that_is_no_rom_is_told),
        cmocka_unit_test(roms_are_known_by_their_content),
        cmocka_unit_test(every_game_has_a_rom_and_loads),
        cmocka_unit_test(modes_and_difficulties_are_the_games_own),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
