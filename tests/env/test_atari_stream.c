// The agent's observations, bit for bit: the pictures, rewards and ends of whole games equal the golden file.
// tests/data/make_atari.py made it with Gymnasium's AtariPreprocessing, with the wrappers of OpenAI Baselines
// and with Gymnasium's environments alone, on ALE's own Python package with ALE's own sticky actions. It
// covers grey and colour, several sizes, and non-default modes and difficulties. Of each game the first 1,000
// steps are played; with RB_LONG=1 all 5,000.
#include "atari_tests.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUMS = 10, CASES = 64, EVERY = 500, SHORT = 1000, PICTURE = 3 * 210 * 160 };

typedef struct stream_case {
    char protocol[8], game[32];
    int size, sticky, seed, idle, max_frames, steps;
    int mode, difficulty, width, colour;
    bool fire_on_reset, fire_on_life_loss;
    uint32_t sums[SUMS];
    char failure[256]; // "" if everything was correct
} stream_case;

static stream_case cases[CASES];
static int case_count;
static atomic_int next_case;

// Reads a case's key=value words; returns the text after them.
static const char *read_settings(stream_case *c, const char *line)
{
    const bool rgb = strcmp(c->protocol, "rgb") == 0;
    c->mode = c->difficulty = -1;
    c->fire_on_reset = c->fire_on_life_loss = rgb;
    char key[32], value[32];
    int more;
    while (sscanf(line, " %31[a-z]=%31s%n", key, value, &more) == 2) {
        if (!strcmp(key, "mode"))
            c->mode = atoi(value);
        else if (!strcmp(key, "difficulty"))
            c->difficulty = atoi(value);
        else if (!strcmp(key, "width"))
            c->width = atoi(value);
        else if (!strcmp(key, "colour"))
            c->colour = atoi(value);
        else if (!strcmp(key, "fire")) {
            c->fire_on_reset = strcmp(value, "life") != 0;
            c->fire_on_life_loss = strcmp(value, "reset") != 0;
        } else
            fail_msg("a case with an unknown key %s", key);
        line += more;
    }
    return line;
}

static void read_cases(void)
{
    FILE *file = fopen(RB_TEST_DATA "/atari.txt", "r");
    assert_non_null(file);
    char line[512];
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#') continue;
        stream_case *c = &cases[case_count];
        int at = 0;
        assert_int_equal(sscanf(line, "%7s %31s %d %d %d %d %d %d%n", c->protocol, c->game, &c->size,
                                &c->sticky, &c->seed, &c->idle, &c->max_frames, &c->steps, &at),
                         8);
        const char *rest = read_settings(c, line + at);
        for (int i = 0; i < c->steps / EVERY; i++) {
            int more = 0;
            assert_int_equal(sscanf(rest, " %x%n", &c->sums[i], &more), 1);
            rest += more;
        }
        if (!getenv("RB_LONG") && c->steps > SHORT) c->steps = SHORT;
        case_count++;
    }
    fclose(file);
    assert_true(case_count >= 36);
}

// No assertions here, because this runs on threads.
static void play_case(stream_case *c)
{
    char name[64];
    snprintf(name, sizeof name, "atari/%s", c->game);
    rb_env_options options = atari_options(name);
    options.settings.atari.frame_skip = 4;
    options.settings.atari.sticky = c->sticky / 100.0;
    options.settings.atari.size = c->size;
    options.settings.atari.noop_min = options.settings.atari.noop_max = c->idle;
    options.settings.atari.max_frames = c->max_frames;
    options.settings.atari.pool = !strcmp(c->protocol, "rgb")    ? RB_POOL_RGB
                                  : !strcmp(c->protocol, "last") ? RB_POOL_LAST
                                                                 : RB_POOL_GREY;
    options.settings.atari.fire_on_reset = c->fire_on_reset;
    options.settings.atari.fire_on_life_loss = c->fire_on_life_loss;
    options.settings.atari.mode = c->mode;
    options.settings.atari.difficulty = c->difficulty;
    options.settings.atari.width = c->width;
    options.settings.atari.colour = c->colour;

    rb_error error = {0};
    rb_env *env;
    static _Thread_local uint8_t picture[PICTURE];
    rb_status status = rb_atari_class.create(&env, &options, (uint64_t)c->seed, &error);
    if (!status) status = rb_atari_class.reset(env, &error);
    if (status) {
        snprintf(c->failure, sizeof c->failure, "%.200s", error.message);
        if (env) rb_atari_class.destroy(env);
        return;
    }
    rb_env_spec spec;
    rb_atari_class.spec(env, &spec);
    rb_atari_class.observe(env, picture);
    const size_t bytes = (size_t)(spec.channels * spec.height * spec.width);
    uint32_t crc = crc32_add(0, picture, bytes), x = (uint32_t)c->seed;
    for (int step = 1; step <= c->steps && !status && !c->failure[0]; step++) {
        rb_env_step out;
        status = rb_atari_class.step(env, atari_draw(&x, spec.actions), &out, &error);
        if (status) break;
        int32_t reward = (int32_t)out.reward;
        uint8_t ends = (uint8_t)(out.terminated + 2 * out.truncated);
        rb_atari_class.observe(env, picture);
        crc = crc32_add(crc32_add(crc32_add(crc, picture, bytes), &reward, 4), &ends, 1);
        if (ends) {
            status = rb_atari_class.reset(env, &error);
            rb_atari_class.observe(env, picture);
            crc = crc32_add(crc, picture, bytes);
        }
        if (step % EVERY == 0 && crc != c->sums[step / EVERY - 1])
            snprintf(c->failure, sizeof c->failure, "differs within the %d steps before step %d", EVERY,
                     step);
    }
    if (status) snprintf(c->failure, sizeof c->failure, "%.200s", error.message);
    rb_atari_class.destroy(env);
}

static void *play_cases(void *context)
{
    (void)context;
    for (int i; (i = atomic_fetch_add(&next_case, 1)) < case_count;) play_case(&cases[i]);
    return NULL;
}

static void pictures_rewards_and_ends_equal_the_wrappers_over_real_games(void **state)
{
    (void)state;
    read_cases();
    crc32_add(0, "", 0); // makes its table
    pthread_t other;     // two at once: emulators in one process must not disturb each other
    assert_int_equal(pthread_create(&other, NULL, play_cases, NULL), 0);
    play_cases(NULL);
    pthread_join(other, NULL);
    int failures = 0;
    for (int i = 0; i < case_count; i++) {
        if (!cases[i].failure[0]) continue;
        print_error("%s %s size %d: %s\n", cases[i].protocol, cases[i].game, cases[i].size, cases[i].failure);
        failures++;
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_rewards_and_ends_equal_the_wrappers_over_real_games),
    };
    return cmocka_run_group_tests(tests, atari_needs_emulator, NULL);
}
