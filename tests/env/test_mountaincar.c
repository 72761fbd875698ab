// MountainCar: 100 episodes of Gymnasium's MountainCar-v0 from the same starts under the same actions; starts
// are within bounds and never repeat; a saved game resumes exactly.
#include "classic_kit.h"

static const rb_env_class *class = &rb_mountaincar_class;

static void same_as_gymnasium(void **unused)
{
    (void)unused;
    golden g = replay_gymnasium(RB_TEST_DATA "/mountaincar.bin");
    assert_true(g.ended >= 30 && g.full >= 30); // the golden file has both kinds
    print_message("%d of 100 episodes to the bit\n", g.exact);
}

static void starts_differ_and_stay_in_bounds(void **unused)
{
    (void)unused;
    rb_env *env = make("mountaincar", 7), *twin = make("mountaincar", 7), *other = make("mountaincar", 8);
    double before = 0, sum = 0, least = 0, most = -1;
    for (int i = 0; i < 1000; i++) {
        double a[2], b[2], c[2];
        state_of(env, a, 2);
        state_of(twin, b, 2);
        state_of(other, c, 2);
        assert_memory_equal(a, b, sizeof a);
        assert_true(a[0] != c[0] && a[0] != before);
        before = a[0];
        assert_true(a[0] >= -0.6 && a[0] < -0.4 && a[1] == 0);
        sum += a[0];
        if (a[0] < least) least = a[0];
        if (a[0] > most) most = a[0];
        class->reset(env, NULL);
        class->reset(twin, NULL);
        class->reset(other, NULL);
    }
    assert_true(fabs(sum / 1000 + 0.5) < 0.008 && least < -0.599 && most > -0.401);
    class->destroy(env);
    class->destroy(twin);
    class->destroy(other);
}

// Pushes in the direction of motion, which gets the car out of the valley.
static int pump(rb_env *env, int i)
{
    (void)i;
    double state[2];
    state_of(env, state, 2);
    return state[1] < 0 ? 0 : 2;
}

static void saved_game_goes_on(void **unused)
{
    (void)unused;
    check_saved_game(pump);
}

// The golden file seldom touches the left wall: a car that runs into it stops.
static void the_wall_stops_the_car(void **unused)
{
    (void)unused;
    rb_env *env = make("mountaincar", 1);
    double state[2] = {-1.19, -0.06};
    set_state(env, state, 2);
    rb_env_step step;
    class->step(env, 0, &step, NULL);
    state_of(env, state, 2);
    assert_true(state[0] == -1.2 && state[1] == 0 && !step.terminated && step.reward == -1);
    state[0] = 0.59, state[1] = 0.07; // and beyond the flag the world ends
    set_state(env, state, 2);
    class->step(env, 2, &step, NULL);
    state_of(env, state, 2);
    assert_true(state[0] == 0.6 && step.terminated && step.reward == -1);
    class->destroy(env);
}

static void what_it_is(void **unused)
{
    (void)unused;
    const char *const names[] = {"mountaincar", "MountainCar-v0"};
    for (int i = 0; i < 2; i++) {
        rb_env *env = make(names[i], 1);
        const rb_env_spec spec = spec_of(env);
        assert_int_equal(spec.max_episode_steps, 200);
        assert_int_equal(spec.actions, 3);
        assert_int_equal(spec.channels, 2);
        assert_int_equal(spec.kind, RB_OBS_F32);
        assert_string_equal(spec.action_names[0], "left");
        class->destroy(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_gymnasium),  cmocka_unit_test(starts_differ_and_stay_in_bounds),
        cmocka_unit_test(saved_game_goes_on), cmocka_unit_test(the_wall_stops_the_car),
        cmocka_unit_test(what_it_is),
    };
    return cmocka_run_group_tests_name("mountaincar", tests, NULL, NULL);
}
