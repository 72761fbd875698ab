// Action masks of a vector, compared with a direct calculation from the script of every game: those of the
// present observations, those of the states that a step led to, saved ones; and masks that are refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "env/vector_bench.h"

enum { ALL_FINE, VALUE, NOTHING, UNWRITTEN }; // faults
static int fault, fault_step, asked;
static bool after_terminal;

// The mask of a state of the scripted environment: one or both of its two actions.
static void expected_mask(uint8_t mask[2], int id, int game, int step)
{
    const int kind = (id * 7 + game * 3 + step * 5) % 3;
    mask[0] = kind != 1;
    mask[1] = kind != 2;
}

static void scripted_mask(const rb_env *env, uint8_t *allowed)
{
    const scripted *e = (const scripted *)env;
    asked++;
    if (e->step >= scripted_length(e->id, e->game) && !scripted_truncates(e->id, e->game))
        after_terminal = true;
    expected_mask(allowed, e->id, e->game, e->step);
    if (!fault || e->step != fault_step || e->id != 2) return;
    if (fault == VALUE) allowed[1] = 7;
    if (fault == NOTHING) allowed[0] = allowed[1] = 0;
    if (fault == UNWRITTEN) allowed[0] = 0xff;
}

static void masked_spec(const rb_env *env, rb_env_spec *out)
{
    scripted_spec(env, out);
    out->masks = true;
}

static rb_env_class masked_class(void)
{
    rb_env_class class = scripted_class;
    class.spec = masked_spec;
    class.mask = scripted_mask;
    return class;
}

static rb_vector_spec masked_spec_of(int count)
{
    rb_vector_spec spec = spec_of(count);
    spec.settings.env.masks = true;
    return spec;
}

static void open_masked(bench *b, const rb_vector_spec *spec, const rb_env_class *class)
{
    rb_error error = {0};
    assert_int_equal(rb_arena_create(&b->arena, NULL), RB_OK);
    assert_int_equal(rb_pool_create(&b->pool, 2, NULL), RB_OK);
    if (rb_vector_create_with_class(&b->vector, spec, class, &b->script, b->arena, &error))
        fail_msg("%s", error.message);
}

// docs/faults.md, 18
static void masks_belong_to_their_states(void **unused)
{
    (void)unused;
    const rb_env_class class = masked_class();
    for (int kind = 0; kind < 4; kind++) {
        rb_vector_spec spec = masked_spec_of(5);
        spec.settings.env.max_episode_steps = kind & 1 ? 6 : 0;
        spec.settings.atari.life_loss = kind & 2 ? RB_LIFE_TERMINAL : RB_LIFE_IGNORE;
        bench b = {0};
        open_masked(&b, &spec, &class);
        assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
        assert_true(rb_vector_env_spec(b.vector)->masks);
        int game[5] = {1, 1, 1, 1, 1}, step[5] = {0}, truncated = 0, lost = 0;
        after_terminal = false;
        for (int t = 0; t < 300; t++) {
            uint8_t mask[2];
            for (int i = 0; i < 5; i++) {
                expected_mask(mask, i + 1, game[i], step[i]);
                assert_memory_equal(rb_vector_masks(b.vector) + 2 * i, mask, 2);
                assert_memory_equal(rb_vector_mask(b.vector, i), mask, 2);
            }
            bench_step(&b);
            for (int i = 0; i < 5; i++) {
                const rb_vector_result r = rb_vector_results(b.vector)[i];
                step[i]++;
                expected_mask(mask, i + 1, game[i], step[i]);
                // Of a truncated episode it is the mask of its own last state.
                if (!r.game_over || r.truncated)
                    assert_memory_equal(rb_vector_next_mask(b.vector, i), mask, 2);
                truncated += r.truncated;
                lost += r.terminated && !r.game_over;
                if (r.game_over) game[i]++, step[i] = 0;
            }
        }
        assert_true(truncated > 20);
        assert_int_equal(lost > 20, kind >= 2);
        assert_false(after_terminal); // an environment is not asked when its game has terminated
        bench_close(&b);
    }
}

// With env.masks = false, or without the spec's promise, no environment is asked.
static void masks_can_be_ignored(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 2; kind++) {
        rb_env_class class = masked_class();
        rb_vector_spec spec = masked_spec_of(3);
        if (kind) class.spec = scripted_spec;
        if (!kind) spec.settings.env.masks = false;
        bench b = {0};
        open_masked(&b, &spec, &class);
        asked = 0;
        assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
        for (int t = 0; t < 30; t++) bench_step(&b);
        assert_int_equal(asked, 0);
        assert_false(rb_vector_env_spec(b.vector)->masks);
        assert_null(rb_vector_masks(b.vector));
        assert_null(rb_vector_mask(b.vector, 1));
        assert_null(rb_vector_next_mask(b.vector, 1));
        assert_null(rb_vector_masks_of(b.vector, (int[]){0}, 1));
        bench plain = {0}; // the same state as that of an environment without masks
        rb_vector_spec other = spec_of(3);
        bench_open(&plain, &other, &scripted_class, 1);
        for (int t = 0; t < 30; t++) bench_step(&plain);
        assert_true(bench_hash(&plain) == bench_hash(&b));
        bench_close(&plain);
        bench_close(&b);
    }
}

static void some_masks_are_gathered(void **unused)
{
    (void)unused;
    const rb_env_class class = masked_class();
    rb_vector_spec spec = masked_spec_of(6);
    spec.settings.env.asynchronous = true;
    bench b = {0};
    open_masked(&b, &spec, &class);
    assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
    for (int t = 0; t < 20; t++) {
        const int which[] = {1, 3, 4};
        const uint8_t *some = rb_vector_masks_of(b.vector, which, 3);
        for (int k = 0; k < 3; k++) assert_memory_equal(some + 2 * k, rb_vector_mask(b.vector, which[k]), 2);
        bench_step(&b);
    }
    bench_close(&b);
}

static void masks_are_part_of_the_state(void **unused)
{
    (void)unused;
    const rb_env_class class = masked_class();
    rb_vector_spec spec = masked_spec_of(4);
    bench a = {.script.saves = true}, b = {.script.saves = true};
    open_masked(&a, &spec, &class);
    open_masked(&b, &spec, &class);
    assert_int_equal(rb_vector_reset(a.vector, NULL), RB_OK);
    for (int t = 0; t < 37; t++) bench_step(&a);
    rb_visitor *v;
    void *data;
    size_t bytes;
    rb_error error = {0};
    assert_int_equal(rb_visitor_save_memory(&v, NULL), RB_OK);
    rb_vector_visit(a.vector, v);
    assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, NULL), RB_OK);
    assert_int_equal(rb_visitor_load_memory(&v, data, bytes, NULL), RB_OK);
    rb_vector_visit(b.vector, v);
    if (rb_visitor_finish(v, NULL, &error)) fail_msg("%s", error.message);
    assert_memory_equal(rb_vector_masks(a.vector), rb_vector_masks(b.vector), 8);
    assert_true(bench_hash(&a) == bench_hash(&b));
    free(data);
    bench_close(&a);
    bench_close(&b);
}

static void only_allowed_actions_are_drawn(void **unused)
{
    (void)unused;
    const rb_env_class class = masked_class();
    rb_vector_spec spec = masked_spec_of(5);
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    bench b = {0};
    int drawn[2] = {0};
    open_masked(&b, &spec, &class);
    assert_int_equal(rb_vector_reset(b.vector, NULL), RB_OK);
    for (int t = 0; t < 200; t++, bench_step(&b))
        for (int i = 0; i < 5; i++) {
            const int action = rb_vector_random_action(b.vector, i, &rng);
            assert_true(rb_vector_mask(b.vector, i)[action]);
            drawn[action]++;
        }
    assert_true(drawn[0] > 300 && drawn[1] > 300);
    bench_close(&b);
}

// Every fault names the environment and the step; the game's others go on.
static void odd_masks_are_refused(void **unused)
{
    (void)unused;
    static const char *const words[] = {
        [VALUE] = "its mask has the value 7 for action 1: must be 1 (allowed) or 0 (forbidden)",
        [NOTHING] =
            "its mask allows none of the 2 actions: must allow at least one until the game has terminated",
        [UNWRITTEN] = "its mask has the value 255 for action 0: must be 1 (allowed) or 0 (forbidden)"};
    const rb_env_class class = masked_class();
    for (fault = VALUE; fault <= UNWRITTEN; fault++)
        for (fault_step = 0; fault_step < 3; fault_step++) {
            rb_vector_spec spec = masked_spec_of(3);
            bench b = {0};
            rb_error error = {0};
            char expected[200];
            open_masked(&b, &spec, &class);
            rb_status status = rb_vector_reset(b.vector, &error);
            for (int t = 0; t < fault_step; t++) {
                assert_int_equal(status, RB_OK);
                rb_vector_start(b.vector, b.pool, b.actions);
                status = rb_vector_wait(b.vector, b.pool, &error);
            }
            assert_int_equal(status, RB_ERR_ENV);
            snprintf(expected, sizeof expected, "environment 1: scripted: step %d of a game: %s", fault_step,
                     words[fault]);
            assert_string_equal(error.message, expected);
            if (fault_step)
                assert_true(rb_vector_results(b.vector)[1].cut && !rb_vector_results(b.vector)[2].cut);
            bench_close(&b);
        }
    fault = ALL_FINE;
}

static void a_promise_without_the_function_is_refused(void **unused)
{
    (void)unused;
    rb_env_class class = masked_class();
    rb_vector_spec spec = masked_spec_of(1);
    rb_arena *arena;
    rb_vector *vector;
    rb_error error = {0};
    script s = {0};
    class.mask = NULL;
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    assert_int_equal(rb_vector_create_with_class(&vector, &spec, &class, &s, arena, &error), RB_ERR_ENV);
    assert_string_equal(error.message, "scripted sets masks in its spec, but has no function mask");
    rb_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_belong_to_their_states),
        cmocka_unit_test(masks_can_be_ignored),
        cmocka_unit_test(some_masks_are_gathered),
        cmocka_unit_test(masks_are_part_of_the_state),
        cmocka_unit_test(only_allowed_actions_are_drawn),
        cmocka_unit_test(odd_masks_are_refused),
        cmocka_unit_test(a_promise_without_the_function_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
