// Gymnasium environments behind the environment interface: compared with Gymnasium itself, step by step;
// every accepted and every rejected space; the ends of games. Skipped if no interpreter has gymnasium.

#include "env/gym_tests.h"
#include "env/image.h"

// ---- against Gymnasium ----

// Compares one line of tests/env/gym/trajectory.py with the instance's last result.
static void same_line(FILE *oracle, const rb_env_step *step, rb_env *env, int numbers)
{
    double reward;
    int terminated, truncated;
    float *seen = calloc((size_t)numbers, sizeof *seen);
    rb_gym_class.observe(env, seen);
    assert_int_equal(fscanf(oracle, "%lf %d %d", &reward, &terminated, &truncated), 3);
    assert_true(step->reward == reward);
    assert_int_equal(step->terminated, terminated);
    assert_int_equal(step->truncated, truncated);
    for (int i = 0; i < numbers; i++) {
        float wanted;
        assert_int_equal(fscanf(oracle, "%f", &wanted), 1);
        if (seen[i] != wanted)
            fail_msg("number %d is %.9g, in Gymnasium %.9g", i, (double)seen[i], (double)wanted);
    }
    free(seen);
}

static void plays_like_gymnasium(const char *id, int numbers, int actions)
{
    enum { STEPS = 600 };
    char command[4 * RB_PATH_MAX], name[64];
    const uint32_t seed = 4294967295u; // the largest that a run can have
    snprintf(command, sizeof command, "'%s' -I '%s/trajectory.py' %s %u %d", gym_python.path, GYM_MODULES, id,
             seed, STEPS);
    FILE *oracle = popen(command, "r");
    assert_non_null(oracle);
    snprintf(name, sizeof name, "gym/%s", id);
    rb_env *env = gym_open(name, "", seed);
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    assert_int_equal(spec.kind, RB_OBS_F32);
    assert_int_equal(spec.channels, numbers);
    assert_int_equal(spec.height * spec.width * spec.stack, 1);
    assert_int_equal(spec.actions, actions);
    assert_false(spec.can_save);
    assert_true(spec.ends); // Gymnasium's TimeLimit
    rb_env_step step = {0};
    gym_reset(env);
    same_line(oracle, &step, env, numbers);
    uint64_t rng = seed;
    for (int i = 0; i < STEPS; i++) {
        rng = (rng * 1103515245 + 12345) % (1u << 31);
        step = gym_step(env, (int)((rng >> 16) % (uint64_t)actions));
        assert_int_equal(step.frames, 1);
        same_line(oracle, &step, env, numbers);
        if (!step.terminated && !step.truncated) continue;
        step = (rb_env_step){0};
        gym_reset(env);
        same_line(oracle, &step, env, numbers);
    }
    rb_gym_class.destroy(env);
    assert_int_equal(pclose(oracle), 0);
}

static void test_cartpole_is_gymnasiums(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    plays_like_gymnasium("CartPole-v1", 4, 2);
}

// Discrete observations, and an end by Gymnasium's own limit of 200 steps.
static void test_taxi_is_gymnasiums(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    plays_like_gymnasium("Taxi-v4", 500, 6);
}

static void test_lunarlander_is_gymnasiums(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    char command[2 * RB_PATH_MAX];
    snprintf(command, sizeof command, "'%s' -I -c 'import Box2D' 2>/dev/null", gym_python.path);
    if (system(command)) skip(); // get-gymnasium reports it if there is no wheel
    plays_like_gymnasium("LunarLander-v3", 8, 4);
}

// ---- observations ----

static rb_env *show(const char *space, rb_env_spec *spec)
{
    char kwargs[64];
    snprintf(kwargs, sizeof kwargs, "{\"space\": \"%s\"}", space);
    rb_env *env = gym_open("gym/rainbow/Show-v0", kwargs, 1);
    *spec = (rb_env_spec){0};
    rb_gym_class.spec(env, spec);
    gym_reset(env);
    return env;
}

static void shows_numbers(const char *space, const float *first, const float *second, int count)
{
    rb_env_spec spec;
    rb_env *env = show(space, &spec);
    float seen[16];
    assert_int_equal(spec.kind, RB_OBS_F32);
    assert_int_equal(spec.channels, count);
    rb_gym_class.observe(env, seen);
    assert_memory_equal(seen, first, (size_t)count * sizeof *seen);
    gym_step(env, 0);
    rb_gym_class.observe(env, seen);
    assert_memory_equal(seen, second, (size_t)count * sizeof *seen);
    rb_gym_class.destroy(env);
}

// In game 1: step 0, step 1.
static void test_numbers_of_every_kind(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    shows_numbers("discrete", (float[]){0, 1, 0, 0, 0}, (float[]){0, 0, 1, 0, 0}, 5);
    shows_numbers("multi_discrete", (float[]){0, 1, 0, 1, 0, 0, 0}, (float[]){0, 1, 0, 0, 1, 0, 0}, 7);
    shows_numbers("multi_binary", (float[]){0, 0, 0, 0, 0, 0}, (float[]){1, 0, 0, 0, 0, 0}, 6);
    shows_numbers(
        "float64",
        (float[]){0, (float)(1 / 7.), (float)(2 / 7.), (float)(3 / 7.), (float)(4 / 7.), (float)(5 / 7.)},
        (float[]){(float)(1 / 7.), (float)(2 / 7.), (float)(3 / 7.), (float)(4 / 7.), (float)(5 / 7.),
                  (float)(6 / 7.)},
        6);
    shows_numbers("integers", (float[]){-1, 0, 100}, (float[]){-1, 1, 100}, 3);
}

static uint8_t pixel(int game, int step, int c, int y, int x)
{
    return (uint8_t)((game * 31 + step * 7 + c * 50 + y * 3 + x * 5) % 256);
}

// A picture becomes planar for any order of its axes.
static void test_pictures_become_planar(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        const char *space;
        int c, h, w;
    } pictures[] = {{"bytes", 7, 1, 1}, {"grey", 1, 30, 40},   {"grey1", 1, 30, 40},
                    {"rgb", 3, 30, 40}, {"planar", 3, 30, 40}, {"bits", 4, 10, 10}};
    for (size_t p = 0; p < sizeof pictures / sizeof *pictures; p++) {
        const int c_count = pictures[p].c, h = pictures[p].h, w = pictures[p].w;
        rb_env_spec spec;
        rb_env *env = show(pictures[p].space, &spec);
        assert_int_equal(spec.kind, RB_OBS_U8);
        assert_int_equal(spec.channels, c_count);
        assert_int_equal(spec.height, h);
        assert_int_equal(spec.width, w);
        assert_int_equal(spec.stack, h > 1 ? 4 : 1);
        for (int step = 0; step < 2; step++) {
            uint8_t seen[3 * 30 * 40];
            rb_gym_class.observe(env, seen);
            for (int c = 0; c < c_count; c++)
                for (int y = 0; y < h; y++)
                    for (int x = 0; x < w; x++) {
                        int wanted = h == 1 ? pixel(1, step, 0, 0, c) : pixel(1, step, c, y, x);
                        if (!strcmp(pictures[p].space, "bits")) wanted = wanted % 2 * 255;
                        assert_int_equal(seen[(c * h + y) * w + x], wanted);
                    }
            gym_step(env, 1);
        }
        rb_gym_class.destroy(env);
    }
}

// A simple reference: the maximum of the two frames, grey, area interpolation.
static void expect_small(const uint8_t *seen, int channels, int game, int earlier, int later, bool rgb_first)
{
    uint8_t pooled[30 * 40], small[20 * 20];
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            int a[3], b[3], most[3];
            for (int c = 0; c < 3; c++) {
                a[c] = pixel(game, earlier, channels == 3 ? c : 0, y, x);
                b[c] = pixel(game, later, channels == 3 ? c : 0, y, x);
                most[c] = a[c] > b[c] ? a[c] : b[c];
            }
            int grey_a = rb_grey_of_rgb(a[0], a[1], a[2]), grey_b = rb_grey_of_rgb(b[0], b[1], b[2]);
            int grey_first = grey_a > grey_b ? grey_a : grey_b;
            pooled[y * 40 + x] = (uint8_t)(channels == 1 ? most[0]
                                           : rgb_first   ? rb_grey_of_rgb(most[0], most[1], most[2])
                                                         : grey_first);
        }
    rb_area *area;
    assert_int_equal(rb_area_create(&area, 30, 40, 20, 20, NULL), RB_OK);
    rb_area_resize(area, pooled, small);
    rb_area_destroy(area);
    assert_memory_equal(seen, small, sizeof small);
}

static void test_pictures_as_atari_shows_them(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    for (int kind = 0; kind < 3; kind++) {
        int channels = kind ? 3 : 1;
        rb_env_options options =
            gym_options("gym/rainbow/Show-v0",
                        kind ? "{\"space\": \"rgb\", \"last\": 6}" : "{\"space\": \"grey\", \"last\": 6}");
        options.settings.gym.pictures = RB_PICTURES_ATARI;
        options.settings.atari.pool = kind == 1 ? RB_POOL_RGB : RB_POOL_GREY;
        rb_env *env;
        rb_error error = {0};
        if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s", error.message);
        rb_env_spec spec = {0};
        rb_gym_class.spec(env, &spec);
        assert_int_equal(spec.channels, 1);
        assert_int_equal(spec.height, 20);
        assert_int_equal(spec.width, 20);
        assert_int_equal(spec.stack, 4);
        assert_int_equal(spec.frames_per_step, 4);
        uint8_t seen[20 * 20];
        gym_reset(env);
        rb_gym_class.observe(env, seen);
        expect_small(seen, channels, 1, 0, 0, kind == 1);
        rb_env_step step = gym_step(env, 0);
        assert_int_equal(step.frames, 4);
        assert_true(step.reward == 1 + 2 + 3 + 4 && rb_gym_frames.signs(env) == 4);
        rb_gym_class.observe(env, seen);
        expect_small(seen, channels, 1, 3, 4, kind == 1);
        step = gym_step(env, 0); // ends in its second frame, and shows that one
        assert_true(step.terminated);
        assert_int_equal(step.frames, 2);
        assert_true(step.reward == 5 + 6 && rb_gym_frames.signs(env) == 2);
        rb_gym_class.observe(env, seen);
        expect_small(seen, channels, 1, 6, 6, kind == 1);
        rb_gym_class.destroy(env);
    }
}

// The signs of the frames' rewards are summed one by one: gains, losses and frames without a reward.
static void test_signs_of_frames(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env_options options = gym_options(
        "gym/rainbow/Show-v0", "{\"space\": \"grey\", \"last\": 6, \"rewards\": [1, -2, 0, -3, 5, -1]}");
    options.settings.gym.pictures = RB_PICTURES_ATARI;
    rb_env *env;
    rb_error error = {0};
    if (rb_gym_class.create(&env, &options, 1, &error)) fail_msg("%s", error.message);
    gym_reset(env);
    rb_env_step step = gym_step(env, 0);
    assert_true(step.reward == -4 && rb_gym_frames.signs(env) == -1);
    step = gym_step(env, 0);
    assert_true(step.terminated && step.reward == 4 && rb_gym_frames.signs(env) == 0);
    rb_gym_class.destroy(env);
}

// ---- its description and results ----

static void test_ends_arrive_as_they_are(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env *env = gym_open("gym/rainbow/Odd-v0", "{\"max_episode_steps\": 3}", 7);
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    assert_int_equal(spec.actions, WORSE + 1);
    assert_string_equal(spec.action_names[PLAY], "play");
    assert_string_equal(spec.action_names[WORSE], "worse");
    assert_int_equal(spec.max_episode_steps, 0); // its limit is Gymnasium's
    assert_true(spec.ends);
    static const struct {
        int action;
        bool terminated, truncated;
    } ends[] = {{TERMINATE, true, false}, {TRUNCATE, false, true}, {BOTH, true, false}};
    for (int i = 0; i < 3; i++) {
        gym_reset(env);
        rb_env_step step = gym_step(env, ends[i].action);
        assert_int_equal(step.terminated, ends[i].terminated);
        assert_int_equal(step.truncated, ends[i].truncated);
        assert_true(step.reward == 0.1); // as a double
    }
    gym_reset(env);
    for (int i = 1; i <= 3; i++) {
        rb_env_step step = gym_step(env, i == 2 ? PRINT : PLAY); // printing does no harm
        assert_false(step.terminated);
        assert_int_equal(step.truncated, i == 3); // Gymnasium's TimeLimit
    }
    float seen[4];
    rb_gym_class.observe(env, seen);
    assert_memory_equal(seen, ((float[]){7, 4, 3, 7}), sizeof seen);
    rb_gym_class.destroy(env);
}

// Begun, asked whether it is done, and waited for.
static void test_a_step_can_be_begun(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env *env = gym_open("gym/rainbow/Odd-v0", "", 7);
    gym_reset(env);
    assert_false(rb_gym_class.ready(env));
    rb_gym_class.begin(env, TERMINATE);
    for (int i = 0; i < 20000 && !rb_gym_class.ready(env); i++) usleep(1000);
    assert_true(rb_gym_class.ready(env));
    assert_true(gym_step(env, TERMINATE).terminated);
    assert_false(rb_gym_class.ready(env));
    gym_reset(env);
    rb_gym_class.begin(env, TERMINATE);
    gym_reset(env); // the pending answer is discarded
    assert_false(gym_step(env, PLAY).terminated);
    rb_gym_class.destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cartpole_is_gymnasiums),    cmocka_unit_test(test_taxi_is_gymnasiums),
        cmocka_unit_test(test_lunarlander_is_gymnasiums), cmocka_unit_test(test_numbers_of_every_kind),
        cmocka_unit_test(test_pictures_become_planar),    cmocka_unit_test(test_pictures_as_atari_shows_them),
        cmocka_unit_test(test_signs_of_frames),           cmocka_unit_test(test_ends_arrive_as_they_are),
        cmocka_unit_test(test_a_step_can_be_begun),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
