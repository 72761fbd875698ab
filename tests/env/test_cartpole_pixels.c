// CartPole from pixels: the cart moves like CartPole's; the observation is the difference of two small
// pictures, black at the first and the last state; the pole may lean 160 degrees; a saved game resumes
// exactly.
#include "classic_kit.h"

#include "env/cart.h"
#include "env/shrink.h"

static const rb_env_class *class = &rb_cartpole_pixels_class;

enum { HEIGHT = 40, WIDTH = 90, NUMBERS = 3 * HEIGHT * WIDTH };

static int swing(rb_env *env, int i)
{
    (void)env;
    return i / 3 % 2;
}

// A simple reference: the whole picture, cropped, shrunk, as floats.
static void plain_picture(const double state[4], float *out)
{
    static uint8_t rgb[400 * 600 * 3], small[NUMBERS];
    rb_shrink *shrink;
    rb_cart_draw(state, &(rb_drawing){rgb, 600, 400, 0, 400});
    assert_int_equal(rb_shrink_create(&shrink, 160, 600, HEIGHT, WIDTH, NULL), RB_OK);
    rb_shrink_run(shrink, rgb + 160 * 600 * 3, small);
    rb_shrink_destroy(shrink);
    for (int i = 0; i < NUMBERS; i++) out[i] = (float)small[i] / 255;
}

static bool is_black(const float *seen)
{
    for (int i = 0; i < NUMBERS; i++)
        if (seen[i] != 0) return false;
    return true;
}

static void sees_what_changed(void **unused)
{
    (void)unused;
    static float now[NUMBERS], before[NUMBERS], seen[NUMBERS];
    rb_env *env = make("cartpole-pixels", 5);
    int games = 0, changes = 0;
    for (int i = 0; games < 3; i++) {
        double state[4], next[4];
        rb_env_step step;
        state_of(env, state, 4);
        class->step(env, swing(env, i), &step, NULL);
        assert_true(step.reward == 1);
        state_of(env, next, 4);
        class->observe(env, seen);
        if (step.terminated) {
            assert_true(is_black(seen));
            assert_true(fabs(next[0]) > 2.4 || fabs(next[2]) > 160 * 2 * acos(-1) / 360);
            assert_true(fabs(state[0]) <= 2.4 && fabs(state[2]) <= 160 * 2 * acos(-1) / 360);
            assert_true(i > 40); // the 12 degrees of CartPole are long past
            class->reset(env, NULL);
            class->observe(env, seen);
            assert_true(is_black(seen));
            games++;
            i = 0;
            continue;
        }
        plain_picture(state, before);
        plain_picture(next, now);
        for (int k = 0; k < NUMBERS; k++) assert_true(seen[k] == now[k] - before[k]);
        changes += !is_black(seen); // a slow cart stays within its pixels
    }
    assert_true(changes > 100);
    class->destroy(env);
}

// The same starts and steps as CartPole's from the same seed, until CartPole's pole has fallen.
static void moves_as_cartpole(void **unused)
{
    (void)unused;
    const rb_env_class *plain = &rb_cartpole_class;
    rb_env *seen = make("cartpole-pixels", 11), *twin;
    assert_int_equal(plain->create(&twin, NULL, 11, NULL), RB_OK);
    plain->reset(twin, NULL);
    rb_env_step a = {0}, b = {0};
    for (int i = 0; !b.terminated; i++) {
        double state[4];
        float four[4];
        class->step(seen, i % 2, &a, NULL);
        plain->step(twin, i % 2, &b, NULL);
        state_of(seen, state, 4);
        plain->observe(twin, four);
        for (int k = 0; k < 4; k++) assert_true((float)state[k] == four[k]);
    }
    assert_false(a.terminated);
    plain->destroy(twin);
    class->destroy(seen);
}

static void saved_game_goes_on(void **unused)
{
    (void)unused;
    check_saved_game(swing);
}

static void what_it_is(void **unused)
{
    (void)unused;
    rb_env *env = make("cartpole-pixels", 1);
    const rb_env_spec spec = spec_of(env);
    assert_int_equal(spec.max_episode_steps, 0);
    assert_int_equal(spec.actions, 2);
    assert_int_equal(spec.channels, 3);
    assert_int_equal(spec.height, HEIGHT);
    assert_int_equal(spec.width, WIDTH);
    assert_int_equal(spec.stack, 1);
    assert_int_equal(spec.kind, RB_OBS_F32);
    assert_int_equal(spec.screen_height, 400);
    assert_int_equal(spec.screen_width, 600);
    class->destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_what_changed),
        cmocka_unit_test(moves_as_cartpole),
        cmocka_unit_test(saved_game_goes_on),
        cmocka_unit_test(what_it_is),
    };
    return cmocka_run_group_tests_name("cartpole-pixels", tests, NULL, NULL);
}
