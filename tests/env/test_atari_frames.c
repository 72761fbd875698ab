// Rules of Atari games that look at single frames: FIRE before the idle frames, idle frames between two
// episodes, and the signs of the frames' rewards. Each is compared with a game that is played frame by frame.
#include "atari_tests.h"

#include "env/vector.h"

static void expect_same_picture(rb_env *one, rb_env *other)
{
    static uint8_t pictures[2][84 * 84];
    rb_atari_class.observe(one, pictures[0]);
    rb_atari_class.observe(other, pictures[1]);
    assert_memory_equal(pictures[0], pictures[1], sizeof pictures[0]);
}

// FIRE and the third action for a frame each, then the idle frames: as if an agent had pressed them.
static void fire_can_come_first_for_one_frame(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/breakout");
    rb_env *by_hand = atari_open(&options, 1);
    options.settings.atari.fire_on_reset = options.settings.atari.fire_first = true;
    options.settings.atari.noop_min = options.settings.atari.noop_max = 7;
    rb_env *env = atari_open(&options, 1);
    for (int game = 0; game < 2; game++) {
        atari_reset(env);
        atari_reset(by_hand);
        atari_step(by_hand, 1);
        atari_step(by_hand, 2);
        for (int i = 0; i < 7; i++) atari_step(by_hand, 0);
        expect_same_picture(env, by_hand);
        int lost = 0;
        for (int i = 0; i < 400; i++) {
            const int action = i / 20 % 2 ? 0 : 2; // never FIRE
            const rb_env_step a = atari_step(env, action), b = atari_step(by_hand, action);
            assert_true(a.reward == b.reward && a.life_lost == b.life_lost);
            expect_same_picture(env, by_hand);
            lost += a.life_lost;
        }
        assert_true(lost > 0); // the ball is in play
    }
    rb_atari_class.destroy(env);
    rb_atari_class.destroy(by_hand);
}

// One sign for each frame with a reward; compared with single frames.
static void signs_are_of_single_frames(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/ms_pacman");
    rb_env *single = atari_open(&options, 1);
    options.settings.atari.frame_skip = 24;
    rb_env *env = atari_open(&options, 1);
    atari_reset(single);
    atari_reset(env);
    int several = 0;
    for (int i = 0; i < 120; i++) {
        const rb_env_step step = atari_step(env, i % 5);
        const double signs = rb_atari_frames.signs(env);
        double sum = 0, sum_signs = 0;
        for (int k = 0; k < step.frames; k++) {
            const double reward = atari_step(single, i % 5).reward;
            sum += reward;
            sum_signs += reward > 0;
        }
        assert_true(step.reward == sum && signs == sum_signs);
        several += signs > 1;
        if (step.terminated) break;
    }
    assert_true(several > 3);
    rb_atari_class.destroy(single);
    rb_atari_class.destroy(env);
}

// Idle frames part two episodes of a game: the next one begins with the picture after them.
static void idle_frames_follow_a_lost_life(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/breakout");
    options.settings.atari.fire_on_life_loss = true; // so that balls are lost again and again
    options.settings.atari.frame_skip = 4;
    rb_env *twin = atari_open(&options, 5);
    rb_vector_spec spec = {.settings = options.settings, .seed = 5, .purpose = RB_RNG_ENV, .count = 1};
    spec.settings.atari.life_loss = RB_LIFE_TERMINAL;
    spec.settings.atari.noop_after_life = 6;
    rb_arena *arena;
    rb_pool *pool;
    rb_vector *vector;
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    assert_int_equal(rb_pool_create(&pool, 1, NULL), RB_OK);
    assert_int_equal(rb_vector_create(&vector, &spec, arena, NULL), RB_OK);
    assert_int_equal(rb_vector_reset(vector, NULL), RB_OK);
    atari_reset(twin);
    static uint8_t seen[84 * 84];
    int lost = 0;
    for (int t = 0; t < 2000 && lost < 4; t++) {
        const int32_t action = t < 2 ? t + 1 : 0;
        rb_vector_start(vector, pool, &action);
        assert_int_equal(rb_vector_wait(vector, pool, NULL), RB_OK);
        const rb_vector_result *r = rb_vector_results(vector);
        const rb_env_step step = atari_step(twin, action);
        assert_int_equal(r->terminated, step.life_lost);
        rb_atari_class.observe(twin, seen);
        assert_memory_equal(rb_vector_next_frame(vector, 0), seen, sizeof seen); // the episode's last picture
        if (!step.life_lost) continue;
        lost++;
        if (step.terminated) break;
        rb_env_step idle;
        assert_int_equal(rb_atari_frames.idle(twin, 6, &idle, NULL), RB_OK);
        assert_int_equal(idle.frames, 6);
        assert_int_equal(r->frames, step.frames + 6);
        assert_true(r->reward == step.reward + idle.reward && r->learner_reward == (float)step.reward);
        rb_atari_class.observe(twin, seen);
        assert_memory_not_equal(rb_vector_next_frame(vector, 0), seen, sizeof seen);
        assert_memory_equal(rb_vector_first_frame(vector, 0), seen, sizeof seen);
        for (int k = 0; k < 4; k++)
            assert_memory_equal((const uint8_t *)rb_vector_observations(vector) + (size_t)k * sizeof seen,
                                seen, sizeof seen);
    }
    assert_int_equal(lost, 4);
    rb_vector_destroy(vector);
    rb_pool_destroy(pool);
    rb_arena_destroy(arena);
    rb_atari_class.destroy(twin);
}

// An idle frame is a frame of the action NOOP, and the game may end in one.
static void idle_frames_are_frames_of_noop(void **state)
{
    (void)state;
    rb_env_options options = atari_options("atari/breakout");
    options.settings.atari.max_frames = 50;
    rb_env *env = atari_open(&options, 2), *twin = atari_open(&options, 2);
    rb_env_step idle;
    atari_reset(env);
    atari_reset(twin);
    for (int i = 0; i < 30; i++) atari_step(env, i % 4), atari_step(twin, i % 4);
    assert_int_equal(rb_atari_frames.idle(env, 9, &idle, NULL), RB_OK);
    for (int i = 0; i < 9; i++) atari_step(twin, 0);
    expect_same_picture(env, twin);
    assert_true(idle.frames == 9 && !idle.truncated);
    assert_int_equal(rb_atari_frames.idle(env, 20, &idle, NULL), RB_OK);
    assert_true(idle.frames == 11 && idle.truncated && !idle.terminated);
    rb_atari_class.destroy(env);
    rb_atari_class.destroy(twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fire_can_come_first_for_one_frame),
        cmocka_unit_test(signs_are_of_single_frames),
        cmocka_unit_test(idle_frames_follow_a_lost_life),
        cmocka_unit_test(idle_frames_are_frames_of_noop),
    };
    return cmocka_run_group_tests(tests, atari_needs_emulator, NULL);
}
