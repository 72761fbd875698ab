// The Atari protocol, rule by rule, compared with a bare console that plays the same actions.
#include "atari_tests.h"

#include <stdio.h>
#include "base/file.h"
#include "base/text.h"
#include "env/atari_console.h"
#include "sanitized.h"

// ---- counting allocations ----

#if !SANITIZED // a sanitizer has its own allocator; without one, every malloc of the process, even the
               // emulator's, is counted here
static long allocations;
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}
void *realloc(void *old, size_t bytes)
{
    allocations++;
    return __libc_realloc(old, bytes);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/seaquest");
    options.settings.atari.frame_skip = 4;
    options.settings.atari.sticky = 0.25;
    rb_env *env = atari_open(&options, 1);
    assert_true(allocations > 0); // the count works
    atari_reset(env);
    static uint8_t picture[84 * 84];
    uint32_t x = 1;
    long before = allocations;
    for (int i = 0; i < 200; i++) {
        rb_env_step out = atari_step(env, atari_draw(&x, 18));
        rb_atari_class.observe(env, picture);
        if (out.terminated) {
            atari_reset(env); // a reset may allocate
            before = allocations;
        }
        assert_int_equal(allocations, before);
    }
    rb_atari_class.destroy(env);
}
#endif

// ---- a bare console beside the environment ----

typedef struct pair {
    rb_env *env;
    rb_env_spec spec;
    rb_console bare;
    int actions[RB_ALE_ACTIONS];
} pair;

static void open_pair(pair *p, const rb_env_options *options, uint32_t seed)
{
    rb_error error = {0};
    char game[RB_ATARI_GAME_MAX], rom[RB_PATH_MAX];
    memset(p, 0, sizeof *p);
    p->env = atari_open(options, seed);
    rb_atari_class.spec(p->env, &p->spec);
    assert_int_equal(rb_atari_game(options->settings.name, game, &error), RB_OK);
    assert_int_equal(rb_emulator_rom(rom, sizeof rom, game, options->settings.atari.rom_dir, &error), RB_OK);
    assert_int_equal(rb_console_open(&p->bare, rom, seed, options->settings.atari.sticky,
                                     options->settings.atari.max_frames, &error),
                     RB_OK);
    p->bare.emulator->actions(p->bare.ale, !options->settings.atari.full_actions, p->actions);
}

static void close_pair(pair *p)
{
    rb_atari_class.destroy(p->env);
    rb_console_close(&p->bare);
}

static void reset_pair(pair *p)
{
    rb_error error = {0};
    atari_reset(p->env);
    assert_int_equal(rb_console_reset(&p->bare, &error), RB_OK);
}

static double bare_frame(pair *p, int action)
{
    rb_error error = {0};
    double reward = 0;
    assert_int_equal(rb_console_frame(&p->bare, p->actions[action], &reward, &error), RB_OK);
    return reward;
}

static void expect_same_screen(const pair *p)
{
    static uint8_t rgb[250 * 160 * 3], palette[256 * 3], grey[256];
    rb_atari_class.render(p->env, rgb);
    p->bare.emulator->palette(p->bare.ale, palette, grey);
    const uint8_t *screen = rb_console_screen(&p->bare);
    for (int i = 0; i < p->bare.height * p->bare.width; i++)
        if (memcmp(rgb + 3 * i, palette + 3 * screen[i], 3) != 0)
            fail_msg("the screens differ at pixel %d", i);
}

// Plays whole games frame by frame on both, and compares every life_lost with the bare console's count of
// lives.
typedef struct tally {
    int games, lost, drops, frames_at_zero;
} tally;

static tally play_games(const char *name, const char *rom_dir, int games, uint32_t seed)
{
    rb_env_options options = atari_options(name);
    rb_text_copy(options.settings.atari.rom_dir, sizeof options.settings.atari.rom_dir, rom_dir);
    pair p;
    tally t = {0};
    open_pair(&p, &options, seed);
    reset_pair(&p);
    uint32_t x = seed;
    int before = rb_console_lives(&p.bare);
    for (int i = 0; i < 60000 && t.games < games; i++) {
        int action = atari_draw(&x, p.spec.actions);
        rb_env_step out = atari_step(p.env, action);
        double reward = bare_frame(&p, action);
        int lives = rb_console_lives(&p.bare);
        bool over = rb_console_over(&p.bare);
        assert_true(out.reward == reward);
        assert_int_equal(out.terminated, over);
        assert_false(out.truncated);
        assert_int_equal(out.frames, 1);
        assert_int_equal(out.life_lost,
                         over || (lives > 0 && lives < before)); // the last life is lost with the end
        if (i % 16 == 0 || out.life_lost) expect_same_screen(&p);
        t.lost += out.life_lost && !over;
        t.drops += lives < before;
        t.frames_at_zero += !over && lives == 0;
        before = lives;
        if (over) {
            t.games++;
            reset_pair(&p);
            before = rb_console_lives(&p.bare);
        }
    }
    close_pair(&p);
    assert_int_equal(t.games, games);
    return t;
}

// A custom cartridge under Q*bert's name, which keeps the game's count of lives at $88 and reproduces the
// trap: after a bonus life the emulator's count, which ignores the bonus, is 0 while the game continues. The
// table gives a new value every 16 frames.
static void write_bonus_rom(const char *path)
{
    static const uint8_t program[] = {
        0x78, 0xd8, 0xa2, 0xff, 0x9a,                   // F000 sei, cld, ldx #$ff, txs
        0xa9, 0x00, 0x85, 0x80, 0xa9, 0x02, 0x85, 0x88, // F005 lda #0, sta $80 (frames), lda #2, sta $88
                                                        // (lives)
        0xa9, 0x02, 0x85, 0x00,                         // F00D frame: lda #2, sta VSYNC
        0x85, 0x02, 0x85, 0x02, 0x85, 0x02,             // F011 sta WSYNC, three times
        0xa9, 0x00, 0x85, 0x00, 0xa2, 0xff,             // F017 lda #0, sta VSYNC, ldx #255
        0x85, 0x02, 0xca, 0xd0, 0xfb,                   // F01D line: sta WSYNC, dex, bne line
        0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, // F022 sta WSYNC, four times: 262 lines
        0xe6, 0x80, 0xa5, 0x80, 0x4a, 0x4a, 0x4a, 0x4a, // F02A inc $80, lda $80, lsr four times
        0xaa, 0xbd, 0x3b, 0xf0, 0x85, 0x88,             // F032 tax, lda table,x, sta $88
        0x4c, 0x0d, 0xf0,                               // F038 jmp frame
        2, 2, 2, 2, 2, 1, 0, 1, 0, 0xff, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe,
        0xfe, // F03B table; a game's reset ends within the fifth
    };
    static uint8_t rom[4096];
    memcpy(rom, program, sizeof program);
    rom[0xffd] = rom[0xfff] = 0xf0; // the reset and break vectors: F000
    rb_error error;
    assert_int_equal(rb_file_write(path, rom, sizeof rom, &error), RB_OK);
}

// docs/faults.md, 16
static void qberts_lives_at_zero_are_no_lost_life(void **state)
{
    (void)state;
    tally t = play_games("atari/qbert", "", 3, 3); // the real game: four lives; losing the last one ends it
    assert_int_equal(t.lost, 3 * t.games);

    char directory[] = "/tmp/rainbow-atari-XXXXXX", rom[64];
    rb_error error;
    assert_non_null(mkdtemp(directory));
    snprintf(rom, sizeof rom, "%s/qbert.bin", directory);
    write_bonus_rom(rom);
    t = play_games("atari/qbert", directory, 3, 3);
    assert_int_equal(rb_file_remove_tree(directory, &error), RB_OK);
    assert_int_equal(t.frames_at_zero, 16 * t.games); // the trap occurs
    assert_int_equal(t.lost, 3 * t.games);            // and the environment avoids it
    assert_true(t.drops > t.lost);
}

// docs/faults.md, 17
static void a_lost_life_never_resets_the_game(void **state)
{
    (void)state;
    tally t = play_games("atari/breakout", "", 3,
                         5); // equal to a console that is not reset before its game is over
    assert_int_equal(t.lost, 4 * t.games);
}

// ---- starts ----

static uint32_t start_of(rb_env *env) // identifies the first pictures of an episode, with idle actions only
{
    static uint8_t picture[84 * 84];
    uint32_t crc = 0;
    atari_reset(env);
    for (int i = 0; i < 12; i++) {
        atari_step(env, 0);
        rb_atari_class.observe(env, picture);
        crc = crc32_add(crc, picture, sizeof picture);
    }
    return crc;
}

enum { STARTS = 12 };

static void starts_of(uint64_t seed, uint32_t crcs[STARTS])
{
    rb_env_options options = atari_options("atari/freeway");
    options.settings.atari.frame_skip = 4;
    options.settings.atari.noop_min = 1;
    options.settings.atari.noop_max = 30;
    rb_env *env = atari_open(&options, seed);
    for (int i = 0; i < STARTS; i++) crcs[i] = start_of(env);
    rb_atari_class.destroy(env);
}

// docs/faults.md, 13
static void episodes_do_not_start_alike_all_run_long(void **state)
{
    (void)state;
    uint32_t one[STARTS], same[STARTS], other[STARTS];
    starts_of(1, one);
    starts_of(1, same);
    starts_of(2, other);
    assert_memory_equal(one, same, sizeof one); // the seed determines everything
    assert_memory_not_equal(one, other, sizeof one);
    int different = 0;
    for (int i = 0; i < STARTS; i++) {
        bool seen = false;
        for (int k = 0; k < i; k++) seen = seen || one[k] == one[i];
        different += !seen;
    }
    assert_true(different >= STARTS / 2);
}

static void idle_frames_lie_between_their_bounds(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/pong");
    options.settings.atari.noop_min = 4;
    options.settings.atari.noop_max = 7;
    options.settings.atari.max_frames = 40;
    bool seen[8] = {false};
    rb_env *env = atari_open(&options, 3);
    for (int i = 0; i < 40; i++) { // the limit counts idle frames: the rest shows how many there were
        atari_reset(env);
        int left = 0;
        while (!atari_step(env, 0).truncated) left++;
        int idle = 40 - (left + 1);
        assert_true(idle >= 4 && idle <= 7);
        seen[idle] = true;
    }
    for (int idle = 4; idle <= 7; idle++) assert_true(seen[idle]);
    rb_atari_class.destroy(env);
}

static void fire_starts_the_game_and_starts_it_again_after_a_lost_life(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/breakout");
    options.settings.atari.frame_skip = 4;
    int moved[4] = {0}, lost[4] = {0};
    for (int fires = 0; fires < 4; fires++) { // bit 0: at resets, bit 1: after lost lives
        options.settings.atari.fire_on_reset = fires & 1;
        options.settings.atari.fire_on_life_loss = fires & 2;
        rb_env *env = atari_open(&options, 1);
        atari_reset(env);
        for (int i = 0; i < 600; i++) { // only the protocol presses FIRE
            rb_env_step out = atari_step(env, 0);
            lost[fires] += out.life_lost;
            moved[fires] += out.reward > 0;
            if (out.life_lost && !out.terminated) assert_int_equal(out.frames, fires & 2 ? 12 : 4);
            if (out.terminated) break;
        }
        rb_atari_class.destroy(env);
    }
    const int expected[4] = {0, 1, 0, 5}; // the ball never comes, once, never, every time
    assert_memory_equal(lost, expected, sizeof lost);
    assert_true(moved[0] == 0 && moved[2] == 0);
    options.settings.name = "atari/freeway"; // has no FIRE: the switches do nothing
    rb_env *env = atari_open(&options, 1);
    atari_reset(env);
    assert_int_equal(atari_step(env, 0).frames, 4);
    rb_atari_class.destroy(env);
}

// ---- the rest ----

static void the_frame_cap_truncates(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/pong");
    options.settings.atari.frame_skip = 4;
    options.settings.atari.max_frames = 102;
    rb_env *env = atari_open(&options, 1);
    for (int episode = 0; episode < 3; episode++) {
        atari_reset(env);
        for (int i = 1; i <= 26; i++) {
            rb_env_step out = atari_step(env, 0);
            assert_false(out.terminated);
            assert_int_equal(out.truncated, i == 26);
            assert_int_equal(out.frames, i == 26 ? 2 : 4); // 25 * 4 + 2
        }
        rb_env_step out;
        rb_error error = {0};
        rb_status status = RB_OK;
        for (int i = 0; i < 4 && !status; i++) status = rb_atari_class.step(env, 0, &out, &error);
        assert_int_equal(status, RB_ERR_ENV); // not beyond it
    }
    rb_atari_class.destroy(env);
}

static void action_sets_are_minimal_or_full(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/breakout");
    rb_env_spec spec;
    rb_env *env = atari_open(&options, 1);
    rb_atari_class.spec(env, &spec);
    assert_int_equal(spec.actions, 4);
    const char *const names[] = {"NOOP", "FIRE", "RIGHT", "LEFT"};
    for (int i = 0; i < 4; i++) assert_string_equal(spec.action_names[i], names[i]);
    assert_true(spec.can_save && spec.stack == 4 && spec.channels == 1 && spec.height == 84 &&
                spec.width == 84);
    assert_true(spec.screen_height == 210 && spec.screen_width == 160 && spec.frames_per_step == 1);
    rb_atari_class.destroy(env);
    options.settings.atari.full_actions = true;
    options.settings.atari.size = 42;
    env = atari_open(&options, 1);
    rb_atari_class.spec(env, &spec);
    assert_int_equal(spec.actions, 18);
    assert_string_equal(spec.action_names[17], "DOWNLEFTFIRE");
    assert_int_equal(spec.height, 42);
    rb_atari_class.destroy(env);
}

static void pictures_have_their_shape(void **state)
{
    (void)state;
    static const struct {
        int size, width, colour, shape[3];
    } cases[] = {{84, 0, 0, {1, 84, 84}},
                 {42, 0, 1, {3, 42, 42}},
                 {210, 160, 0, {1, 210, 160}},
                 {60, 90, 1, {3, 60, 90}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rb_env_options options = atari_options("atari/pong");
        options.settings.atari.size = cases[i].size;
        options.settings.atari.width = cases[i].width;
        options.settings.atari.colour = cases[i].colour;
        rb_env_spec spec = {0};
        rb_env *env = atari_open(&options, 1);
        rb_atari_class.spec(env, &spec);
        const int shape[3] = {spec.channels, spec.height, spec.width};
        assert_memory_equal(shape, cases[i].shape, sizeof shape);
        rb_atari_class.destroy(env);
    }
}

// In grey and full size, the picture without pooling is the screen itself.
static void without_pooling_the_last_frame_alone_is_seen(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/space_invaders");
    options.settings.atari.frame_skip = 3; // its shots blink
    options.settings.atari.size = 210;
    options.settings.atari.width = 160;
    options.settings.atari.colour = true;
    int differ[3] = {0};
    for (int pool = 0; pool < 3; pool++) {
        options.settings.atari.pool = pool;
        rb_env *env = atari_open(&options, 1);
        atari_reset(env);
        uint32_t x = 2;
        for (int i = 0; i < 200; i++) {
            static uint8_t picture[3][210 * 160], screen[210 * 160][3];
            atari_step(env, atari_draw(&x, 6));
            rb_atari_class.observe(env, picture);
            rb_atari_class.render(env, &screen[0][0]);
            bool same = true;
            for (int k = 0; k < 210 * 160; k++)
                for (int plane = 0; plane < 3; plane++) same = same && picture[plane][k] == screen[k][plane];
            differ[pool] += !same;
        }
        rb_atari_class.destroy(env);
    }
    assert_int_equal(differ[RB_POOL_LAST], 0);
    assert_true(differ[RB_POOL_GREY] > 20 && differ[RB_POOL_RGB] > 20);
}

static void settings_that_contradict_are_told(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_env *env;
    rb_env_options options = atari_options("atari/breakout");
    options.settings.atari.noop_min = 31;
    options.settings.atari.noop_max = 30;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_null(env);
    assert_string_equal(error.message, "atari.noop_min = 31: must be at most atari.noop_max, which is 30");
    options = atari_options("atari/breakout");
    options.settings.atari.size = 200;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_true(strncmp(error.message, "atari.size = 200: ", 18) == 0);
    options.settings.atari.size = 240;
    options.settings.atari.width = 100;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "atari.size = 240, atari.width = 100: pictures of 160 x 210 can't be "
                                       "resized to 100 x 240: they can only be made smaller");
    options = atari_options("atari/breakout");
    options.settings.atari.mode = 5;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "atari.mode = 5: breakout has the modes 0, 4, 8, 12, 16, 20, 24, 28, "
                                       "32, 36, 40, 44");
    options = atari_options("atari/pooyan");
    options.settings.atari.difficulty = 1;
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, "atari.difficulty = 1: pooyan has only the difficulty 0");
    options = atari_options("atari/brekout");
    assert_int_equal(rb_atari_class.create(&env, &options, 1, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "breakout"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if !SANITIZED
        cmocka_unit_test(a_step_allocates_nothing),
#endif
        cmocka_unit_test(episodes_do_not_start_alike_all_run_long),
        cmocka_unit_test(qberts_lives_at_zero_are_no_lost_life),
        cmocka_unit_test(a_lost_life_never_resets_the_game),
        cmocka_unit_test(idle_frames_lie_between_their_bounds),
        cmocka_unit_test(fire_starts_the_game_and_starts_it_again_after_a_lost_life),
        cmocka_unit_test(the_frame_cap_truncates),
        cmocka_unit_test(action_sets_are_minimal_or_full),
        cmocka_unit_test(pictures_have_their_shape),
        cmocka_unit_test(without_pooling_the_last_frame_alone_is_seen),
        cmocka_unit_test(settings_that_contradict_are_told),
    };
    return cmocka_run_group_tests(tests, atari_needs_emulator, NULL);
}
