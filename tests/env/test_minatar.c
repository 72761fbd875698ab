// MinAtar: every picture, reward, end and ramp equals the published package's, random numbers included: 100
// seeds of 20,000 random actions per game, other settings, and tapes that go far into the games
// (tests/data/make_minatar.py); saved games resume exactly, and invalid states are rejected; names, sets of
// actions, sticky actions, pictures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/rng.h"
#include "env/minatar.h"
#include "sanitized.h"

static const rb_env_class *const class = &rb_minatar_class;

enum { GAMES = 5, RANDOM_ROWS = 100, STATE_BYTES = 8192 };
static const char *const names[GAMES] = {"minatar/asterix", "minatar/breakout", "minatar/freeway",
                                         "minatar/seaquest", "minatar/space_invaders"};
static const int channels[GAMES] = {4, 4, 7, 10, 6}, minimal[GAMES] = {5, 3, 3, 6, 4};

enum { EVERY = SANITIZED ? 10 : 1 }; // of the seeds: all of them take a minute under a sanitizer

static rb_env *make(const char *name, uint64_t seed, double sticky, bool ramping, bool full)
{
    rb_env *env;
    rb_env_options options = {
        .settings.name = name,
        .settings.minatar = {.sticky = sticky, .ramping = ramping, .full_actions = full}};
    assert_int_equal(class->create(&env, &options, seed, NULL), RB_OK);
    return env;
}

static rb_env *make_usual(const char *name, uint64_t seed)
{
    rb_env *env = make(name, seed, 0.1, true, true);
    assert_int_equal(class->reset(env, NULL), RB_OK);
    return env;
}

static rb_env_spec spec_of(const rb_env *env)
{
    rb_env_spec spec;
    class->spec(env, &spec);
    return spec;
}

static rb_env_step act(rb_env *env, int action)
{
    rb_env_step step;
    assert_int_equal(class->step(env, action, &step, NULL), RB_OK);
    return step;
}

// ---- against the package ----

typedef struct tally {
    uint64_t hash;
    int total, ends, ramp;
} tally;

// One record: the picture as bits, then `tail` (see make_minatar.py).
static void record(tally *t, const rb_env *env, int planes, uint64_t tail)
{
    static const uint64_t factor = 0x9E3779B97F4A7C15u, ones = 0x0101010101010101u;
    uint8_t cells[MINATAR_CHANNELS_MOST * MINATAR_CELLS + 64];
    const int bytes = planes * MINATAR_CELLS;
    class->observe(env, cells);
    memset(cells + bytes, 0, 64);
    for (int at = 0; at < bytes; at += 64) {
        uint64_t word = 0;
        for (int k = 0; k < 8; k++) { // eight cells to eight bits, the first the lowest
            uint64_t eight = 0;
            for (int i = 7; i >= 0; i--) eight = eight << 8 | cells[at + 8 * k + i];
            word |= (eight & ones) * 0x0102040810204080u >> 56 << 8 * k;
        }
        t->hash = t->hash * factor + word;
    }
    t->hash = t->hash * factor + tail;
}

static int random_action(uint64_t seed, uint64_t step, int actions)
{
    uint64_t x = (seed << 32) + step;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    return (int)((x >> 32) % (uint64_t)actions);
}

// Plays `steps` actions: the tape's, or random ones if it is NULL.
static tally play(rb_env *env, uint64_t seed, int steps, const char *tape)
{
    const rb_env_spec spec = spec_of(env);
    const uint64_t start = UINT64_C(1) << 32;
    tally t = {0};
    bool over = false;
    class->reset(env, NULL);
    record(&t, env, spec.channels, start);
    for (int i = 0; i < steps; i++) {
        const int action = tape ? tape[i] - '0' : random_action(seed, (uint64_t)i, spec.actions);
        const rb_env_step step = act(env, action);
        const int ramp = rb_minatar_ramp(env);
        record(&t, env, spec.channels,
               (uint64_t)step.reward + 256u * step.terminated + 65536u * (uint64_t)ramp);
        t.total += (int)step.reward;
        if (ramp > t.ramp) t.ramp = ramp;
        if (over) {
            assert_true(step.terminated && step.reward == 0);
            class->reset(env, NULL);
            record(&t, env, spec.channels, start);
            t.ends++;
        }
        over = step.terminated && !over;
    }
    return t;
}

static char *golden(void)
{
    char *text;
    size_t bytes;
    assert_int_equal(rb_file_read(RB_TEST_DATA "/minatar.txt", &text, &bytes, NULL), RB_OK);
    return text;
}

static void same_as_the_package_at_random(void **unused)
{
    (void)unused;
    char *text = golden(), *rest = text, *line;
    int rows[GAMES] = {0}, others[GAMES] = {0};
    while ((line = strtok_r(rest, "\n", &rest))) {
        char game[32], name[64];
        unsigned seed;
        int steps, ramping, full;
        double sticky;
        unsigned long long expected;
        if (sscanf(line, "play %31s %u %d %lf %d %d %llx", game, &seed, &steps, &sticky, &ramping, &full,
                   &expected) != 7)
            continue;
        snprintf(name, sizeof name, "minatar/%s", game);
        int g = 0;
        while (g < GAMES && strcmp(name, names[g])) g++;
        assert_true(g < GAMES && steps == 20000);
        if (sticky == 0.1 && ramping && full)
            rows[g]++;
        else
            others[g]++;
        if (seed % EVERY) continue;
        rb_env *env = make(name, seed, sticky, ramping, full);
        const tally t = play(env, seed, steps, NULL);
        if (t.hash != expected) fail_msg("%s, seed %u: not as the package plays it", name, seed);
        class->destroy(env);
    }
    for (int g = 0; g < GAMES; g++) assert_true(rows[g] == RANDOM_ROWS && others[g] >= 3);
    free(text);
}

static void same_as_the_package_far_into_games(void **unused)
{
    (void)unused;
    char *text = golden(), *rest = text, *line;
    int tapes = 0, ramp = 0, total = 0;
    while ((line = strtok_r(rest, "\n", &rest))) {
        char game[32], name[64];
        unsigned seed;
        int from = 0;
        tally expected;
        unsigned long long hash;
        if (sscanf(line, "tape %31s %u %d %d %d %llx %n", game, &seed, &expected.total, &expected.ends,
                   &expected.ramp, &hash, &from) != 6)
            continue;
        snprintf(name, sizeof name, "minatar/%s", game);
        rb_env *env = make(name, seed, 0.1, true, true);
        const tally t = play(env, seed, (int)strlen(line + from), line + from);
        if (t.hash != hash) fail_msg("%s, tape %u: not as the package plays it", name, seed);
        assert_true(t.total == expected.total && t.ends == expected.ends && t.ramp == expected.ramp);
        class->destroy(env);
        tapes++;
        ramp += t.ramp;
        total += t.total;
    }
    assert_true(tapes == 2 * GAMES && ramp >= 40 && total >= 800); // they do go far
    free(text);
}

// ---- saved games ----

typedef struct tape { // a saved state
    unsigned char bytes[STATE_BYTES];
    size_t used, size;
} tape;

static bool put(rb_env_stream *stream, void *data, size_t bytes)
{
    tape *t = stream->context;
    assert_true(t->used + bytes <= sizeof t->bytes);
    memcpy(t->bytes + t->used, data, bytes);
    t->size = t->used += bytes;
    return true;
}

static bool get(rb_env_stream *stream, void *data, size_t bytes)
{
    tape *t = stream->context;
    if (bytes > t->size - t->used) return false;
    memcpy(data, t->bytes + t->used, bytes);
    t->used += bytes;
    return true;
}

static tape save(rb_env *env)
{
    tape t = {0};
    rb_env_stream stream = {put, &t};
    assert_int_equal(class->save(env, &stream, NULL), RB_OK);
    return t;
}

static rb_status load(rb_env *env, tape t, rb_error *error)
{
    t.used = 0;
    rb_env_stream stream = {get, &t};
    return class->load(env, &stream, error);
}

static void step_or_reset(rb_env *env, int action, bool *over)
{
    if (*over) class->reset(env, NULL);
    *over = !*over && act(env, action).terminated;
}

static void saved_games_go_on(void **unused)
{
    (void)unused;
    for (int g = 0; g < GAMES; g++) {
        rb_env *env = make_usual(names[g], 3), *copy = make(names[g], 99, 0.1, true, true);
        assert_int_equal(load(copy, save(copy), NULL), RB_OK); // before the first reset too
        bool over = false;
        for (int t = 0; t < 2000; t++) {
            step_or_reset(env, random_action(1, (uint64_t)t, 6), &over);
            if (t % 97) continue;
            bool twin_over = over;
            tape here = save(env);
            assert_int_equal(load(copy, here, NULL), RB_OK);
            for (int k = 0; k < 300; k++) {
                step_or_reset(env, random_action(2, (uint64_t)(t + k), 6), &over);
                step_or_reset(copy, random_action(2, (uint64_t)(t + k), 6), &twin_over);
                tape a = save(env), b = save(copy);
                assert_true(over == twin_over && a.size == b.size);
                assert_memory_equal(a.bytes, b.bytes, a.size);
            }
        }
        class->destroy(env);
        class->destroy(copy);
    }
}

// Any loaded bytes are either rejected or played without harm (the sanitizers check), and a rejection leaves
// the game unchanged.
static void what_is_no_state_is_refused(void **unused)
{
    (void)unused;
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    for (int g = 0; g < GAMES; g++) {
        rb_env *env = make_usual(names[g], 5);
        rb_error error = {0};
        tape whole = save(env), shorter = whole;
        shorter.size--;
        assert_int_equal(load(env, shorter, &error), RB_ERR_FORMAT);
        assert_string_equal(error.message, "MinAtar's state could not be read");
        int refused = 0;
        const size_t generator = 624 * 4;
        for (int i = 0; i < 1000; i++) {
            bool over = false;
            assert_int_equal(load(env, whole, NULL), RB_OK);
            for (int k = 0; k < 60; k++) step_or_reset(env, random_action(3, (uint64_t)(i + k), 6), &over);
            tape before = save(env), bent = before;
            // Half of them early in the state: Seaquest's lists are mostly empty.
            const uint32_t span = i % 2 ? (uint32_t)(bent.size - generator) : 60;
            bent.bytes[generator + rb_rng_below(&rng, span)] = (unsigned char)rb_rng_u32(&rng);
            over = false;
            if (load(env, bent, &error) != RB_OK) {
                tape after = save(env);
                assert_memory_equal(before.bytes, after.bytes, before.size);
                assert_non_null(strstr(error.message, strchr(names[g], '/') + 1));
                refused++;
                continue;
            }
            uint8_t cells[MINATAR_CHANNELS_MOST * MINATAR_CELLS];
            for (int k = 0; k < 50; k++) {
                step_or_reset(env, k % 6, &over);
                class->observe(env, cells);
            }
        }
        assert_true(refused > 100);
        class->destroy(env);
    }
}

// ---- the settings that a name implies ----

static void shapes_and_sets_of_actions(void **unused)
{
    (void)unused;
    static const char *const ids[GAMES] = {"MinAtar/Asterix", "MinAtar/Breakout", "MinAtar/Freeway",
                                           "MinAtar/Seaquest", "MinAtar/SpaceInvaders"};
    for (int g = 0; g < GAMES; g++) {
        for (int version = -1; version <= 1; version++) {
            char name[64];
            snprintf(name, sizeof name, version < 0 ? "%s" : "%s-v%d", version < 0 ? names[g] : ids[g],
                     version);
            const rb_env_class *found;
            const char *preset, *values;
            assert_int_equal(rb_env_find(name, &found, NULL), RB_OK);
            assert_ptr_equal(found, class);
            assert_int_equal(rb_env_defaults(name, &preset, &values, NULL), RB_OK);
            assert_string_equal(preset, "minatar-rainbow");
            assert_string_equal(values, version < 0    ? ""
                                        : version == 0 ? "minatar.full_actions = true\n"
                                                       : "minatar.full_actions = false\n");
            rb_env *env = make(name, 1, 0.1, true, version != 1);
            const rb_env_spec spec = spec_of(env);
            assert_true(spec.kind == RB_OBS_U8 && spec.channels == channels[g]);
            assert_true(spec.height == 10 && spec.width == 10 && spec.stack == 1 && spec.can_save);
            assert_int_equal(spec.actions, version == 1 ? minimal[g] : 6);
            assert_string_equal(spec.action_names[0], "none");
            assert_int_equal(spec.max_episode_steps, 0);
            class->destroy(env);
        }
    }
    rb_env *env = make("MinAtar/SpaceInvaders-v1", 1, 0, true, false);
    assert_string_equal(spec_of(env).action_names[2], "right");
    assert_string_equal(spec_of(env).action_names[3], "fire");
    class->destroy(env);
}

static void wrong_names_get_near_ones(void **unused)
{
    (void)unused;
    static const struct {
        const char *name, *near;
    } cases[] = {
        {"minatar/brekout", "minatar/breakout"},
        {"minatar/SpaceInvaders", "minatar/space_invaders"},
        {"MinAtar/Breakout", "MinAtar/Breakout-v"},
        {"MinAtar/Breakout-v2", "MinAtar/Breakout-v"},
        {"Minatar/Asterix-v0", "MinAtar/Asterix-v0"},
        {"minatar-freeway", "minatar/freeway"},
        {"MinAtar/Sea-quest-v1", "MinAtar/Seaquest-v1"},
        {"minatar/qqqqqqqqqqqq", "no such MinAtar game"},
        {"minatar/", "no such MinAtar game"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rb_env_class *found;
        rb_error error = {0};
        assert_int_equal(rb_env_find(cases[i].name, &found, &error), RB_ERR_USAGE);
        assert_non_null(strstr(error.message, cases[i].name));
        if (!strstr(error.message, cases[i].near)) fail_msg("%s: %s", cases[i].name, error.message);
    }
}

// ---- the rest ----

// With probability 1 the first game's first action, none, repeats for ever; with 0 the paddle obeys.
static void sticky_actions_stick(void **unused)
{
    (void)unused;
    for (int sticky = 0; sticky <= 1; sticky++) {
        rb_env *env = make("minatar/breakout", 1, sticky, true, true);
        class->reset(env, NULL);
        for (int i = 0; i < 4; i++) act(env, 1);
        uint8_t cells[400];
        class->observe(env, cells);
        assert_int_equal(cells[90 + (sticky ? 4 : 0)], 255);
        class->destroy(env);
    }
}

// Only the seed's low 32 bits count; reset continues the random numbers.
static void seeds_and_starts(void **unused)
{
    (void)unused;
    uint8_t a[700], b[700], c[700];
    rb_env *one = make_usual("minatar/freeway", 7),
           *same = make_usual("minatar/freeway", 7 + (UINT64_C(1) << 32)),
           *other = make_usual("minatar/freeway", 8);
    class->observe(one, a);
    class->observe(same, b);
    class->observe(other, c);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
    class->reset(one, NULL);
    class->observe(one, b);
    assert_memory_not_equal(a, b, sizeof a);
    class->destroy(one);
    class->destroy(same);
    class->destroy(other);
}

// A cell of the screen has one colour within its edge; different objects have different colours, and cells
// that are off in all channels are dark.
static void screens_show_the_cells(void **unused)
{
    (void)unused;
    for (int g = 0; g < GAMES; g++) {
        rb_env *env = make_usual(names[g], 2);
        for (int i = 0; i < 30; i++) act(env, 0);
        const rb_env_spec spec = spec_of(env);
        assert_true(spec.screen_height == 160 && spec.screen_width == 160);
        static uint8_t rgb[160][160][3];
        uint8_t cells[10][10][10] = {0};
        class->render(env, &rgb[0][0][0]);
        class->observe(env, cells);
        int colour_of[11];
        memset(colour_of, -1, sizeof colour_of);
        for (int y = 0; y < 160; y++) {
            for (int x = 0; x < 160; x++) {
                if (x % 16 == 15 || y % 16 == 15) continue;
                int front = 0;
                for (int k = 0; k < spec.channels; k++)
                    if (cells[k][y / 16][x / 16]) front = k + 1;
                const int colour = rgb[y][x][0] << 16 | rgb[y][x][1] << 8 | rgb[y][x][2];
                if (colour_of[front] < 0) colour_of[front] = colour;
                assert_int_equal(colour_of[front], colour);
            }
        }
        for (int k = 0; k < 11; k++)
            for (int i = 0; i < k; i++) assert_true(colour_of[k] < 0 || colour_of[k] != colour_of[i]);
        class->destroy(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_the_package_at_random),
        cmocka_unit_test(same_as_the_package_far_into_games),
        cmocka_unit_test(saved_games_go_on),
        cmocka_unit_test(what_is_no_state_is_refused),
        cmocka_unit_test(shapes_and_sets_of_actions),
        cmocka_unit_test(wrong_names_get_near_ones),
        cmocka_unit_test(sticky_actions_stick),
        cmocka_unit_test(seeds_and_starts),
        cmocka_unit_test(screens_show_the_cells),
    };
    return cmocka_run_group_tests_name("minatar", tests, NULL, NULL);
}
