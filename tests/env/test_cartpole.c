// CartPole: 100 episodes of Gymnasium's CartPole-v1, from the same starts under the same actions, bit for
// bit; starts are within bounds and never repeat; a saved game resumes exactly.
#include "classic_kit.h"

static const rb_env_class *class = &rb_cartpole_class;

// Plays one episode of the golden file; returns its length.
static uint32_t play_again(rb_env *env, const char **at, const char *end)
{
    class->reset(env, NULL);
    tape start = save(env);
    memcpy(start.bytes, take(at, 32), 32);
    assert_int_equal(load(env, &start, NULL), RB_OK);
    uint32_t steps;
    memcpy(&steps, take(at, 4), 4);
    const char *actions = take(at, (steps + 7) / 8);
    assert_true(*at + 40 <= end);

    uint64_t hash = 0xCBF29CE484222325u, expected;
    double state[4];
    for (uint32_t t = 0; t < steps; t++) {
        rb_env_step step;
        assert_int_equal(class->step(env, actions[t / 8] >> t % 8 & 1, &step, NULL), RB_OK);
        assert_int_equal(step.terminated, t + 1 == steps && steps < 500);
        assert_false(step.truncated || step.life_lost);
        float seen[4];
        uint8_t terminated = step.terminated;
        state_of(env, state, 4);
        class->observe(env, seen);
        hash = fnv(hash, state, sizeof state);
        hash = fnv(hash, seen, sizeof seen);
        hash = fnv(hash, &step.reward, sizeof step.reward);
        hash = fnv(hash, &terminated, 1);
    }
    memcpy(&expected, take(at, 8), 8);
    assert_memory_equal(state, take(at, 32), 32);
    assert_true(hash == expected);
    return steps;
}

static void same_as_gymnasium(void **unused)
{
    (void)unused;
    char *file;
    size_t bytes;
    assert_int_equal(rb_file_read(RB_TEST_DATA "/cartpole.bin", &file, &bytes, NULL), RB_OK);
    const char *at = file, *end = file + bytes;
    assert_memory_equal(take(&at, 8), "RBCARTP1", 8);
    uint32_t note, episodes;
    memcpy(&note, take(&at, 4), 4);
    take(&at, note);
    memcpy(&episodes, take(&at, 4), 4);
    assert_int_equal(episodes, 100);

    rb_env *env = make("cartpole", 1);
    int full = 0, shorter = 0;
    for (uint32_t i = 0; i < episodes; i++) {
        uint32_t steps = play_again(env, &at, end);
        full += steps == 500;
        shorter += steps < 100;
    }
    assert_true(at == end);
    assert_true(full >= 10 && shorter >= 30); // the golden file has both kinds
    class->destroy(env);
    free(file);
}

static void starts_differ_and_stay_in_bounds(void **unused)
{
    (void)unused;
    rb_env *env = make("cartpole", 7), *twin = make("cartpole", 7), *other = make("cartpole", 8);
    double before = 0, sum = 0, largest = 0;
    for (int i = 0; i < 1000; i++) {
        double a[4], b[4], c[4];
        state_of(env, a, 4);
        state_of(twin, b, 4);
        state_of(other, c, 4);
        assert_memory_equal(a, b, sizeof a);
        assert_true(a[0] != c[0] && a[0] != before);
        before = a[0];
        for (int k = 0; k < 4; k++) {
            assert_true(a[k] >= -0.05 && a[k] < 0.05);
            sum += a[k];
            if (a[k] > largest) largest = a[k];
        }
        class->reset(env, NULL);
        class->reset(twin, NULL);
        class->reset(other, NULL);
    }
    assert_true(sum / 4000 > -0.002 && sum / 4000 < 0.002 && largest > 0.0495);
    class->destroy(env);
    class->destroy(twin);
    class->destroy(other);
}

static int third(rb_env *env, int i)
{
    (void)env;
    return i % 3 == 0;
}

static void saved_game_goes_on(void **unused)
{
    (void)unused;
    check_saved_game(third);
}

static void limits_by_name(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int limit;
    } cases[] = {{"cartpole", 500}, {"CartPole-v1", 500}, {"CartPole-v0", 200}};
    for (size_t i = 0; i < 3; i++) {
        rb_env *env = make(cases[i].name, 1);
        rb_env_spec spec;
        class->spec(env, &spec);
        assert_int_equal(spec.max_episode_steps, cases[i].limit);
        assert_int_equal(spec.actions, 2);
        assert_int_equal(spec.channels, 4);
        assert_int_equal(spec.kind, RB_OBS_F32);
        class->destroy(env);
    }
}

static void a_step_after_the_fall_earns_nothing(void **unused)
{
    (void)unused;
    rb_env *env = make("cartpole", 1);
    rb_env_step step = {0};
    while (!step.terminated) class->step(env, 1, &step, NULL);
    assert_true(step.reward == 1.0);
    class->step(env, 1, &step, NULL);
    assert_true(step.terminated && step.reward == 0.0);
    class->destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_gymnasium),
        cmocka_unit_test(starts_differ_and_stay_in_bounds),
        cmocka_unit_test(saved_game_goes_on),
        cmocka_unit_test(limits_by_name),
        cmocka_unit_test(a_step_after_the_fall_earns_nothing),
    };
    return cmocka_run_group_tests_name("cartpole", tests, NULL, NULL);
}
