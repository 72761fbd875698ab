// The results of a vector's step: stacks, episode ends, limits and scores compared with a direct calculation
// from the script of every game; saving and loading are bit-identical; failures name the environment.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "env/vector_bench.h"

// The learner's reward: the sign of the reward or the reward itself, scaled; -1 if a life was lost and lost
// lives cost.
static void the_learners_reward_is_signed_scaled_and_minus_one_at_a_lost_life(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 8; kind++) {
        bool sign = kind & 1, scaled = kind & 2, costs = kind & 4;
        rb_vector_spec spec = spec_of(3);
        spec.settings.env.reward = sign ? RB_REWARD_SIGN : RB_REWARD_RAW;
        spec.settings.env.reward_scale = scaled ? 0.125 : 1;
        spec.settings.atari.life_loss = costs ? RB_LIFE_PENALTY : RB_LIFE_IGNORE;
        bench b = {0};
        bench_open(&b, &spec, &scripted_class, 1);
        int step[3] = {0}, game[3] = {1, 1, 1}, lives = 0;
        double total[3] = {0};
        for (int t = 0; t < 200; t++) {
            bench_step(&b);
            for (int i = 0; i < 3; i++) {
                rb_vector_result r = rb_vector_results(b.vector)[i];
                double reward = scripted_reward(i + 1, ++step[i]);
                total[i] += reward;
                double expected = (sign ? (reward > 0) - (reward < 0) : reward) * (scaled ? 0.125 : 1);
                if (costs && scripted_life_lost(i + 1, game[i], step[i])) expected = -1, lives++;
                assert_true(r.learner_reward == (float)expected);
                assert_true(r.reward == reward && r.game_return == total[i]); // raw
                assert_int_equal(r.game_over, step[i] == scripted_length(i + 1, game[i]));
                assert_int_equal(r.terminated || r.truncated, r.game_over); // the episode goes on
                if (r.game_over) step[i] = 0, total[i] = 0, game[i]++;
            }
        }
        assert_int_equal(lives > 20, costs);
        bench_close(&b);
    }
}

// The signs of single frames, summed: of every repeated step, or of the step itself.
static void the_learners_reward_can_be_the_signs_of_frames(void **unused)
{
    (void)unused;
    for (int skip = 1; skip <= 3; skip += 2) {
        rb_vector_spec spec = spec_of(2);
        spec.settings.env.reward = RB_REWARD_FRAME_SIGNS;
        spec.settings.env.frame_skip = skip;
        bench b = {0};
        bench_open(&b, &spec, &scripted_class, 1);
        int step[2] = {0}, game[2] = {1, 1}, unlike_sign = 0;
        for (int t = 0; t < 100; t++) {
            bench_step(&b);
            for (int i = 0; i < 2; i++) {
                const rb_vector_result r = rb_vector_results(b.vector)[i];
                double sum = 0;
                int signs = 0;
                for (int k = 0; k < skip && step[i] < scripted_length(i + 1, game[i]); k++) {
                    const double reward = scripted_reward(i + 1, ++step[i]);
                    sum += reward;
                    signs += (reward > 0) - (reward < 0);
                }
                assert_true(r.learner_reward == (float)signs && r.reward == sum);
                unlike_sign += signs != (sum > 0) - (sum < 0);
                if (r.game_over) step[i] = 0, game[i]++;
            }
        }
        assert_int_equal(unlike_sign > 0, skip > 1);
        bench_close(&b);
    }
}

// Over many games of every kind the stack belongs to the current episode, however the one before ended.
// docs/faults.md, 6
static void no_stack_across_an_episode_boundary_or_a_lost_life(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 32; kind++) {
        int depth = kind & 1 ? 4 : 1;
        bool black = kind & 2, life_ends = kind & 4, sign = kind & 8;
        int64_t limit = kind & 16 ? 6 : 0; // 6 is also a step of lost lives
        rb_vector_spec spec = spec_of(5);
        spec.settings.env = (rb_env_params){.stack = depth,
                                            .stack_start = black ? RB_STACK_BLACK : RB_STACK_REPEAT,
                                            .reward = sign ? RB_REWARD_SIGN : RB_REWARD_RAW,
                                            .max_episode_steps = limit};
        spec.settings.atari.life_loss = life_ends ? RB_LIFE_TERMINAL : RB_LIFE_IGNORE;
        bench b = {0};
        bench_open(&b, &spec, &scripted_class, 2);
        assert_int_equal(rb_vector_stack(b.vector), depth);
        twin twins[5] = {0};
        for (int i = 0; i < 5; i++) {
            twins[i].id = i + 1;
            twin_begin(&twins[i]);
            assert_memory_equal(rb_vector_first_frame(b.vector, i), twins[i].frames[0], FRAME);
        }
        for (int t = 0; t < 300; t++) {
            for (int i = 0; i < 5; i++) {
                const uint8_t *all = rb_vector_observations(b.vector);
                check_stack(&twins[i], all + i * depth * FRAME, depth, black);
            }
            bench_step(&b);
            for (int i = 0; i < 5; i++) check_step(&twins[i], &b, i, limit, life_ends, sign);
        }
        bench_close(&b);
    }
}

// docs/faults.md, 4
static void a_finished_environment_cuts_no_other(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(4);
    bench b = {0};
    bench_open(&b, &spec, &scripted_class, 1);
    int alone = 0;
    for (int t = 0; t < 50; t++) {
        uint8_t before[4 * 3 * FRAME];
        memcpy(before, rb_vector_observations(b.vector), sizeof before);
        bench_step(&b);
        const uint8_t *after = rb_vector_observations(b.vector);
        int ended = 0;
        for (int i = 0; i < 4; i++) {
            bool over = rb_vector_results(b.vector)[i].game_over;
            ended += over;
            // the newest two frames before are the oldest two after if and only if the game continues
            const uint8_t *old = before + i * 3 * FRAME, *new = after + i * 3 * FRAME;
            assert_int_equal(memcmp(old + FRAME, new, 2 * FRAME) == 0, !over);
        }
        alone += ended == 1;
    }
    assert_true(alone > 5);
    bench_close(&b);
}

// docs/faults.md, 5
static void next_frame_of_a_truncated_episode_is_its_own_last(void **unused)
{
    (void)unused;
    for (int64_t limit = 0; limit <= 4; limit += 4) {
        rb_vector_spec spec = spec_of(3);
        spec.settings.env.max_episode_steps = limit;
        bench b = {0};
        bench_open(&b, &spec, &scripted_class, 2);
        int seen = 0, game[3] = {1, 1, 1};
        for (int t = 0; t < 100; t++) {
            bench_step(&b);
            for (int i = 0; i < 3; i++) {
                rb_vector_result r = rb_vector_results(b.vector)[i];
                uint8_t last[FRAME], first[FRAME];
                scripted_frame(last, i + 1, game[i], (int)r.game_steps);
                assert_memory_equal(rb_vector_next_frame(b.vector, i), last, FRAME);
                game[i] += r.game_over;
                if (!r.truncated) continue;
                scripted_frame(first, i + 1, game[i], 0);
                assert_memory_equal(rb_vector_first_frame(b.vector, i), first, FRAME);
                seen++;
            }
        }
        assert_true(seen > 5);
        bench_close(&b);
    }
}

// docs/faults.md, 13
static void starts_differ_all_run_long(void **unused)
{
    (void)unused;
    enum { ENVS = 4, STARTS = 200 };
    rb_vector_spec spec = spec_of(ENVS);
    bench b = {0};
    bench_open(&b, &spec, &rb_cartpole_class, 1);
    static float starts[STARTS][4];
    int count = 0;
    for (int i = 0; i < ENVS; i++)
        memcpy(starts[count++], rb_vector_first_frame(b.vector, i), sizeof *starts);
    while (count + ENVS <= STARTS) {
        bench_step(&b); // always left: games of about ten steps
        for (int i = 0; i < ENVS; i++)
            if (rb_vector_results(b.vector)[i].game_over)
                memcpy(starts[count++], rb_vector_first_frame(b.vector, i), sizeof *starts);
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++) assert_true(memcmp(starts[i], starts[k], sizeof *starts) != 0);
    bench_close(&b);
}

static void an_environments_dice_depend_on_seed_purpose_and_index_only(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(4), last = spec_of(1), other = spec_of(4), seed = spec_of(4);
    last.first_index = 3;
    other.purpose = RB_RNG_EVAL_ENV;
    seed.seed = 6;
    bench a = {0}, b = {0}, c = {0}, d = {0};
    bench_open(&a, &spec, &rb_cartpole_class, 1);
    bench_open(&b, &last, &rb_cartpole_class, 1);
    bench_open(&c, &other, &rb_cartpole_class, 1);
    bench_open(&d, &seed, &rb_cartpole_class, 1);
    assert_memory_equal(rb_vector_first_frame(a.vector, 3), rb_vector_first_frame(b.vector, 0), 16);
    // Two runs with neighbouring seeds have no environment in common, nor has an evaluation with its
    // training.
    rb_vector *const vectors[] = {a.vector, c.vector, d.vector};
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(rb_vector_first_frame(vectors[i / 4], i % 4),
                                    rb_vector_first_frame(vectors[j / 4], j % 4), 16);
    // The first environment has the seed itself, as an instance alone.
    rb_env *alone;
    float frame[4];
    assert_int_equal(rb_cartpole_class.create(&alone, NULL, 5, NULL), RB_OK);
    assert_int_equal(rb_cartpole_class.reset(alone, NULL), RB_OK);
    rb_cartpole_class.observe(alone, frame);
    assert_memory_equal(rb_vector_first_frame(a.vector, 0), frame, sizeof frame);
    rb_cartpole_class.destroy(alone);
    bench_close(&a);
    bench_close(&b);
    bench_close(&c);
    bench_close(&d);
}

static void load_into(rb_vector *vector, const void *data, size_t bytes, rb_status expected)
{
    rb_visitor *v;
    assert_int_equal(rb_visitor_load_memory(&v, data, bytes, NULL), RB_OK);
    rb_vector_visit(vector, v);
    assert_int_equal(rb_visitor_finish(v, NULL, NULL), expected);
}

static void save_from(rb_vector *vector, void **data, size_t *bytes)
{
    rb_visitor *v;
    assert_int_equal(rb_visitor_save_memory(&v, NULL), RB_OK);
    rb_vector_visit(vector, v);
    assert_int_equal(rb_visitor_finish_memory(v, data, bytes, NULL), RB_OK);
}

static void resumed_equals_never_stopped(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(3);
    spec.settings.env.stack = 4;
    for (int stop = 0; stop < 40; stop += 3) {
        bench a = {0}, b = {0};
        bench_open(&a, &spec, &rb_cartpole_class, 1);
        spec.seed = 1234; // all that counts is loaded
        bench_open(&b, &spec, &rb_cartpole_class, 1);
        spec.seed = 5;
        assert_true(rb_vector_resumes(a.vector));
        for (int t = 0; t < stop; t++) bench_step(&a);
        void *data;
        size_t bytes;
        save_from(a.vector, &data, &bytes);
        load_into(b.vector, data, bytes, RB_OK);
        assert_true(bench_hash(&a) == bench_hash(&b));
        for (int t = 0; t < 60; t++) {
            a.actions[t % 3] = b.actions[t % 3] = t % 7 < 3;
            bench_step(&a);
            bench_step(&b);
            assert_memory_equal(rb_vector_observations(a.vector), rb_vector_observations(b.vector),
                                3 * 4 * 16);
            for (int i = 0; i < 3; i++) {
                rb_vector_result x = rb_vector_results(a.vector)[i], y = rb_vector_results(b.vector)[i];
                assert_true(x.game_return == y.game_return && x.game_steps == y.game_steps);
                assert_true(x.game_over == y.game_over);
            }
        }
        assert_true(bench_hash(&a) == bench_hash(&b));
        free(data);
        bench_close(&a);
        bench_close(&b);
    }
}

static void state_of_other_settings_does_not_load(void **unused)
{
    (void)unused;
    rb_vector_spec three = spec_of(3), four = spec_of(4), deep = spec_of(3);
    deep.settings.env.stack = 2;
    bench a = {0}, b = {0}, c = {0};
    bench_open(&a, &three, &rb_cartpole_class, 1);
    bench_open(&b, &four, &rb_cartpole_class, 1);
    bench_open(&c, &deep, &rb_cartpole_class, 1);
    void *data;
    size_t bytes;
    save_from(a.vector, &data, &bytes);
    load_into(b.vector, data, bytes, RB_ERR_FORMAT);
    load_into(c.vector, data, bytes, RB_ERR_FORMAT);
    free(data);
    bench_close(&a);
    bench_close(&b);
    bench_close(&c);
}

static void an_environment_that_cannot_save_begins_a_new_game(void **unused)
{
    (void)unused;
    for (int saves = 0; saves < 2; saves++) {
        rb_vector_spec spec = spec_of(2);
        bench a = {.script.saves = saves}, b = {.script.saves = saves};
        bench_open(&a, &spec, &scripted_class, 1);
        bench_open(&b, &spec, &scripted_class, 1);
        assert_int_equal(rb_vector_resumes(a.vector), saves);
        for (int t = 0; t < 8; t++) bench_step(&a);
        void *data;
        size_t bytes;
        save_from(a.vector, &data, &bytes);
        load_into(b.vector, data, bytes, RB_OK);
        const scripted *env = (const scripted *)rb_vector_env(b.vector, 0);
        if (saves) {
            assert_true(bench_hash(&a) == bench_hash(&b));
        } else { // not one of the earlier games: the saved part prevents repeats
            const int next = ((const scripted *)rb_vector_env(a.vector, 0))->game + 1;
            uint8_t first[FRAME];
            scripted_frame(first, 1, next, 0);
            assert_int_equal(env->game, next);
            assert_memory_equal(rb_vector_first_frame(b.vector, 0), first, FRAME);
            for (int k = 0; k < 3; k++)
                assert_memory_equal((const char *)rb_vector_observations(b.vector) + k * FRAME, first, FRAME);
            bench_step(&b);
            assert_int_equal(rb_vector_results(b.vector)[0].game_steps, 1);
        }
        free(data);
        bench_close(&a);
        bench_close(&b);
    }
}

static void a_failing_environment_is_named_and_the_first_one_counts(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(4);
    rb_error error = {0};
    bench b = {.script.fail_step = 2};
    bench_open(&b, &spec, &scripted_class, 4);
    bench_step(&b);
    for (int again = 0; again < 2; again++) { // and it stays so
        rb_vector_start(b.vector, b.pool, b.actions);
        assert_int_equal(rb_vector_wait(b.vector, b.pool, &error), RB_ERR_ENV);
        assert_string_equal(error.message, "environment 1: instance 2 broke");
    }
    b.script.fail_step = 0;
    assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
    bench_step(&b);
    bench_close(&b);

    bench c = {.script.fail_reset = 2};
    bench_open(&c, &spec, &scripted_class, 2);
    rb_status status = RB_OK;
    for (int t = 0; t < 20 && status == RB_OK; t++) {
        rb_vector_start(c.vector, c.pool, c.actions);
        status = rb_vector_wait(c.vector, c.pool, &error);
    }
    assert_int_equal(status, RB_ERR_ENV);
    assert_non_null(strstr(error.message, ": game 2 does not begin"));
    assert_int_equal(rb_vector_reset(c.vector, &error), RB_ERR_ENV);
    bench_close(&c);
}

static void an_environment_that_rests_stays_where_it_is(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(2);
    bench b = {0};
    bench_open(&b, &spec, &scripted_class, 2);
    while (!rb_vector_results(b.vector)[0].game_over) bench_step(&b);
    b.actions[0] = RB_VECTOR_REST;
    uint8_t before[2][3][FRAME], after[2][3][FRAME];
    memcpy(before, rb_vector_observations(b.vector), sizeof before);
    bench_step(&b);
    memcpy(after, rb_vector_observations(b.vector), sizeof after);
    assert_memory_equal(before[0], after[0], sizeof before[0]);
    assert_memory_not_equal(before[1], after[1], sizeof before[1]);
    assert_false(rb_vector_results(b.vector)[0].game_over);
    assert_int_equal(((const scripted *)rb_vector_env(b.vector, 0))->step, 0);
    b.actions[0] = 0;
    bench_step(&b);
    assert_int_equal(rb_vector_results(b.vector)[0].game_steps, 1);
    bench_close(&b);
}

static void a_reward_that_is_no_number_is_told(void **unused)
{
    (void)unused;
    rb_vector_spec spec = spec_of(2);
    rb_error error = {0};
    bench b = {.script.poison = NAN};
    bench_open(&b, &spec, &scripted_class, 1);
    rb_vector_start(b.vector, b.pool, b.actions);
    assert_int_equal(rb_vector_wait(b.vector, b.pool, &error), RB_ERR_NUMBER);
    assert_string_equal(error.message,
                        "environment 0: scripted returned a reward that is not a finite number");
    bench_close(&b);
}

// Finite, but beyond what the learner's floats can square; a scale or the sign brings it back.
static void a_reward_that_is_too_large_is_told(void **unused)
{
    (void)unused;
    static const double poisons[] = {-1e40, 1e300, 1e300, -1e17};
    for (int which = 0; which < 4; which++) {
        rb_vector_spec spec = spec_of(2);
        rb_error error = {0};
        if (which == 1) spec.settings.env.reward_scale = 1e-300;
        if (which == 2) spec.settings.env.reward = RB_REWARD_SIGN;
        bench b = {.script.poison = poisons[which]};
        bench_open(&b, &spec, &scripted_class, 1);
        rb_vector_start(b.vector, b.pool, b.actions);
        assert_int_equal(rb_vector_wait(b.vector, b.pool, &error), which == 0 ? RB_ERR_NUMBER : RB_OK);
        if (which == 0)
            assert_string_equal(
                error.message,
                "environment 0: scripted returned the reward -1e+40 in step 1 of a game; the "
                "learner's reward must be within +-1e+18, whose square a float holds: a smaller "
                "env.reward_scale, or env.reward = sign, makes it so");
        bench_close(&b);
    }
}

static void odd_spec(const rb_env *env, rb_env_spec *out)
{
    scripted_spec(env, out);
    if (((const scripted *)env)->id == 2) out->width = 3;
}

static void no_spec(const rb_env *env, rb_env_spec *out)
{
    scripted_spec(env, out);
    out->actions = 0;
}

static void what_cannot_be_created_leaves_nothing(void **unused)
{
    (void)unused;
    rb_arena *arena;
    rb_vector *vector;
    rb_error error;
    rb_vector_spec spec = spec_of(4);
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);

    script s = {.fail_create = 3};
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &scripted_class, &s, arena, &error),
                     RB_ERR_MISSING);
    assert_string_equal(error.message, "no more of these");
    assert_int_equal(s.created, 3);
    assert_int_equal(s.alive, 0);

    rb_env_class class = scripted_class;
    s = (script){0};
    class.spec = odd_spec;
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &class, &s, arena, &error), RB_ERR_ENV);
    assert_string_equal(error.message, "scripted: environment 1 has a different shape from the first");
    class.spec = no_spec;
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &class, &s, arena, &error), RB_ERR_ENV);
    class = scripted_class;
    class.save = NULL;
    s.saves = true;
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &class, &s, arena, &error), RB_ERR_ENV);
    class.abi = RB_ENV_ABI + 1;
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &class, &s, arena, &error), RB_ERR_ENV);
    assert_int_equal(s.alive, 0);
    rb_arena_destroy(arena);
}

static void names_reach_the_registry(void **unused)
{
    (void)unused;
    rb_arena *arena;
    rb_vector *vector;
    rb_error error;
    rb_vector_spec spec = spec_of(1);
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    spec.settings.name = "CartPole-v0";
    assert_int_equal(rb_vector_create(&vector, &spec, arena, &error), RB_OK);
    assert_int_equal(rb_vector_env_spec(vector)->max_episode_steps, 200);
    assert_int_equal(rb_vector_stack(vector), 1);
    assert_int_equal(rb_vector_count(vector), 1);
    assert_ptr_equal(rb_vector_class(vector), &rb_cartpole_class);
    rb_vector_destroy(vector);
    spec.settings.name = "cartpool";
    assert_int_equal(rb_vector_create(&vector, &spec, arena, &error), RB_ERR_USAGE);
    rb_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_learners_reward_is_signed_scaled_and_minus_one_at_a_lost_life),
        cmocka_unit_test(the_learners_reward_can_be_the_signs_of_frames),
        cmocka_unit_test(no_stack_across_an_episode_boundary_or_a_lost_life),
        cmocka_unit_test(a_finished_environment_cuts_no_other),
        cmocka_unit_test(next_frame_of_a_truncated_episode_is_its_own_last),
        cmocka_unit_test(starts_differ_all_run_long),
        cmocka_unit_test(an_environments_dice_depend_on_seed_purpose_and_index_only),
        cmocka_unit_test(resumed_equals_never_stopped),
        cmocka_unit_test(state_of_other_settings_does_not_load),
        cmocka_unit_test(an_environment_that_cannot_save_begins_a_new_game),
        cmocka_unit_test(a_failing_environment_is_named_and_the_first_one_counts),
        cmocka_unit_test(an_environment_that_rests_stays_where_it_is),
        cmocka_unit_test(a_reward_that_is_no_number_is_told),
        cmocka_unit_test(a_reward_that_is_too_large_is_told),
        cmocka_unit_test(what_cannot_be_created_leaves_nothing),
        cmocka_unit_test(names_reach_the_registry),
    };
    return cmocka_run_group_tests_name("vector", tests, NULL, NULL);
}
