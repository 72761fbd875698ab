// Acrobot: 100 episodes of Gymnasium's Acrobot-v1 from the same starts under the same actions; starts are
// within bounds and never repeat; a saved game resumes exactly.
#include "classic_kit.h"

static const rb_env_class *class = &rb_acrobot_class;

static void same_as_gymnasium(void **unused)
{
    (void)unused;
    golden g = replay_gymnasium(RB_TEST_DATA "/acrobot.bin");
    assert_true(g.ended >= 50 && g.full >= 10); // the golden file has both kinds
    // Bit-identical; 1e-12 allows for a C library that rounds cosines differently.
    print_message("%d of 100 episodes to the bit\n", g.exact);
}

static void starts_differ_and_stay_in_bounds(void **unused)
{
    (void)unused;
    rb_env *env = make("acrobot", 7), *twin = make("acrobot", 7), *other = make("acrobot", 8);
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
            assert_true(fabs(a[k]) <= (double)0.1f && a[k] == (double)(float)a[k]);
            sum += a[k];
            if (a[k] > largest) largest = a[k];
        }
        class->reset(env, NULL);
        class->reset(twin, NULL);
        class->reset(other, NULL);
    }
    assert_true(fabs(sum) / 4000 < 0.004 && largest > 0.099);
    class->destroy(env);
    class->destroy(twin);
    class->destroy(other);
}

// Pushes in the second link's direction of motion, which swings up in about a hundred steps.
static int pump(rb_env *env, int i)
{
    (void)i;
    double state[4];
    state_of(env, state, 4);
    return state[3] > 0 ? 2 : 0;
}

static void saved_game_goes_on(void **unused)
{
    (void)unused;
    check_saved_game(pump);
}

// An angle that takes 10^300 turns to wrap, a speed that leads to one, and NaN.
static void impossible_states_are_refused(void **unused)
{
    (void)unused;
    rb_env *env = make("acrobot", 1);
    const double wrong[] = {1e300, -4, 30, NAN};
    for (int i = 0; i < 4; i++) {
        tape t = save(env);
        memcpy(t.bytes + 8 * i, &wrong[i], 8);
        rb_error error = {0};
        if (i == 3) memcpy(t.bytes, &wrong[i], 8);
        assert_int_equal(load(env, &t, &error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, "Acrobot"));
    }
    class->destroy(env);
}

static void what_it_is(void **unused)
{
    (void)unused;
    const char *const names[] = {"acrobot", "Acrobot-v1"};
    for (int i = 0; i < 2; i++) {
        rb_env *env = make(names[i], 1);
        const rb_env_spec spec = spec_of(env);
        assert_int_equal(spec.max_episode_steps, 500);
        assert_int_equal(spec.actions, 3);
        assert_int_equal(spec.channels, 6);
        assert_int_equal(spec.kind, RB_OBS_F32);
        assert_string_equal(spec.action_names[2], "torque +1");
        class->destroy(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_gymnasium),  cmocka_unit_test(starts_differ_and_stay_in_bounds),
        cmocka_unit_test(saved_game_goes_on), cmocka_unit_test(impossible_states_are_refused),
        cmocka_unit_test(what_it_is),
    };
    return cmocka_run_group_tests_name("acrobot", tests, NULL, NULL);
}
