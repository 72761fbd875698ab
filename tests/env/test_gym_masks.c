// Action masks of Gymnasium environments: from info and from a method, in vectors with several workers; every
// fault gives one message; and the first reset, which decides, is made once.
#include "env/gym_tests.h"

#include "base/arena.h"
#include "base/pool.h"
#include "env/vector.h"

enum { A = 6, STEPS = 5 };

static void expected_mask(uint8_t mask[A], int game, int step)
{
    for (int a = 0; a < A; a++) mask[a] = (a + game + step) % 3 != 0;
}

static rb_env *open_env(const char *name, const char *kwargs, bool masks)
{
    rb_env_options options = gym_options_of("rainbow_gym_masks", name, kwargs);
    rb_error error = {0};
    rb_env *env = NULL;
    options.settings.env.masks = masks;
    if (rb_gym_class.create(&env, &options, 7, &error)) fail_msg("%s: %s", name, error.message);
    return env;
}

static bool has_masks(const rb_env *env)
{
    rb_env_spec spec = {0};
    rb_gym_class.spec(env, &spec);
    return spec.masks;
}

static void plays_with_its_masks(const char *name, const char *kwargs)
{
    rb_env *env = open_env(name, kwargs, true);
    assert_true(has_masks(env));
    for (int game = 1; game <= 3; game++) {
        uint8_t mask[A], expected[A];
        float seen[4];
        gym_reset(env);
        for (int step = 0; step < STEPS; step++) {
            rb_gym_class.observe(env, seen);
            assert_true((int)seen[0] == game && (int)seen[1] == step); // one reset per game
            assert_true(seen[3] == 7);                                 // with the seed
            rb_gym_class.mask(env, mask);
            expected_mask(expected, game, step);
            assert_memory_equal(mask, expected, A);
            int action = 0;
            while (!mask[action]) action++;
            gym_step(env, action);
        }
        rb_gym_class.observe(env, seen);
        assert_true(seen[2] == 0); // the masks belong to the actions' numbers
    }
    rb_gym_class.destroy(env);
}

static void test_where_masks_come_from(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    plays_with_its_masks("gym/rainbow/Mask-v0", "");
    plays_with_its_masks("gym/rainbow/Mask-v0", "{\"how\": \"method\", \"ends\": \"truncated\"}");
    plays_with_its_masks("gym/rainbow/Mask-v0", "{\"how\": \"both\", \"start\": 3}");
    plays_with_its_masks("gym/rainbow/WrappedMask-v0", "");
    plays_with_its_masks("gym/rainbow/Mask-v0", "{\"what\": \"bool\"}");
    plays_with_its_masks("gym/rainbow/Mask-v0", "{\"what\": \"uint8\"}");
    plays_with_its_masks("gym/rainbow/Mask-v0", "{\"what\": \"list\"}");
}

static void test_without_masks(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_env *none = open_env("gym/rainbow/Mask-v0", "{\"how\": \"none\"}", true),
           *ignored = open_env("gym/rainbow/Mask-v0", "{\"what\": \"nothing\"}", false);
    assert_false(has_masks(none));
    assert_false(has_masks(ignored));
    for (int game = 0; game < 2; game++) {
        gym_reset(none);
        gym_reset(ignored); // its mask would be refused
        for (int step = 0; step < STEPS; step++) gym_step(none, 0), gym_step(ignored, 0);
    }
    rb_gym_class.destroy(none);
    rb_gym_class.destroy(ignored);
}

// A fault in the first reset is reported by the first call of reset, and so is a later one by its own call.
static void refused(const char *kwargs, int game, int at, const char *sentence)
{
    char all[160];
    snprintf(all, sizeof all, "{%s, \"game\": %d, \"at\": %d, \"ends\": \"truncated\"}", kwargs, game, at);
    rb_env *env = open_env("gym/rainbow/Mask-v0", all, true);
    rb_error error = {0};
    rb_env_step step = {0};
    rb_status status = RB_OK;
    for (int g = 1; !status && g <= game; g++) {
        status = rb_gym_class.reset(env, &error);
        for (int s = 0; !status && s < (g < game ? STEPS : at); s++)
            status = rb_gym_class.step(env, 0, &step, &error);
    }
    assert_int_equal(status, RB_ERR_ENV);
    if (!strstr(error.message, sentence) || strncmp(error.message, "gym/rainbow/Mask-v0: ", 21))
        fail_msg("%s\n   should have: %s", error.message, sentence);
    rb_gym_class.destroy(env);
}

static void test_masks_that_are_refused(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    refused("\"what\": \"short\"", 1, 0,
            "reset() gave an action_mask of shape (5,); a mask has one value for each of the 6 actions, "
            "shape (6,)");
    refused("\"what\": \"square\"", 1, 2, "step 2 of a game gave an action_mask of shape (2, 6)");
    refused("\"what\": \"floats\"", 2, 1, "step 1 of a game gave array(");
    refused("\"what\": \"floats\"", 2, 1, "as an action_mask; a mask is an array of bool, int8 or uint8");
    refused("\"what\": \"text\"", 1, 0, "reset() gave '110110' (str) as an action_mask");
    refused("\"what\": \"nothing\"", 1, 3,
            "step 3 of a game gave an action_mask that allows no action; it must allow at least one until "
            "the game has "
            "terminated");
    refused("\"what\": \"two\"", 1, 1,
            "with the value 2 for action 0; it must be 1 (allowed) or 0 (forbidden)");
    refused("\"what\": \"missing\"", 1, 4,
            "step 4 of a game gave no action_mask in its info, but the first reset() did");
    refused("\"what\": \"missing\"", 2, 0,
            "reset() gave no action_mask in its info, but the first reset() did");
    refused("\"what\": \"nothing\"", 1, STEPS, "step 5 of a game gave an action_mask that allows no action");
    refused("\"how\": \"method\", \"what\": \"short\"", 1, 2,
            "action_masks() after step 2 of a game gave a mask of shape (5,)");
    refused("\"how\": \"method\", \"what\": \"raise\"", 1, 1,
            "action_masks() after step 1 of a game raised ValueError");
}

// Through a vector, whose environments share workers; any number of workers gives the same.
static void test_a_vector_of_them(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    enum { COUNT = 3 };
    for (int workers = 1; workers <= 2; workers++) {
        rb_arena *arena;
        rb_pool *pool;
        rb_vector *vector;
        rb_error error = {0};
        int32_t actions[COUNT];
        rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
        rb_vector_spec spec = {.count = COUNT, .threads = 1, .purpose = RB_RNG_ENV, .seed = 7};
        spec.settings =
            gym_options_of("rainbow_gym_masks", "gym/rainbow/Mask-v0", "{\"ends\": \"truncated\"}").settings;
        spec.settings.env.masks = true;
        spec.settings.env.workers = workers;
        assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
        assert_int_equal(rb_pool_create(&pool, 1, NULL), RB_OK);
        if (rb_vector_create(&vector, &spec, arena, &error) || rb_vector_reset(vector, &error))
            fail_msg("%s", error.message);
        assert_true(rb_vector_env_spec(vector)->masks);
        for (int t = 0; t < 3 * STEPS; t++) {
            uint8_t mask[A];
            for (int i = 0; i < COUNT; i++) {
                expected_mask(mask, 1 + t / STEPS, t % STEPS);
                assert_memory_equal(rb_vector_mask(vector, i), mask, A);
                actions[i] = rb_vector_random_action(vector, i, &rng);
            }
            rb_vector_start(vector, pool, actions);
            if (rb_vector_wait(vector, pool, &error)) fail_msg("%s", error.message);
            for (int i = 0; i < COUNT; i++) {
                expected_mask(mask, 1 + t / STEPS, t % STEPS + 1);
                assert_memory_equal(rb_vector_next_mask(vector, i), mask, A);
                assert_true(((const float *)rb_vector_next_frame(vector, i))[2] == 0);
            }
        }
        rb_vector_destroy(vector);
        rb_pool_destroy(pool);
        rb_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_masks_come_from),
        cmocka_unit_test(test_without_masks),
        cmocka_unit_test(test_masks_that_are_refused),
        cmocka_unit_test(test_a_vector_of_them),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
