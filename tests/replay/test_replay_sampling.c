// How often each start is sampled, with which weight, and the effect of updated priorities.
#include <math.h>
#include "replay/replay_model.h"

// Pearson's statistic of observed against expected counts is near its degrees of freedom, d +- sqrt(2 d); six
// deviations away is no accident.
static void check_counts(const double *observed, const double *expected, int cells)
{
    double chi2 = 0;
    for (int i = 0; i < cells; i++) {
        if (expected[i] == 0) {
            assert_true(observed[i] == 0);
            continue;
        }
        assert_true(expected[i] > 5);
        chi2 += (observed[i] - expected[i]) * (observed[i] - expected[i]) / expected[i];
    }
    if (chi2 > cells + 6 * sqrt(2.0 * cells)) fail_msg("chi^2 = %g over %d cells", chi2, cells);
}

static int64_t leaf_of(const rb_replay *replay, uint64_t ticket)
{
    int stream;
    uint64_t serial;
    assert_true(rb_replay_ticket(replay, ticket, &stream, &serial));
    return stream * replay->rows + rb_ring_slot(&replay->rings[stream], serial);
}

static void open_full(pair *p, bool prioritized, double alpha, int streams, int64_t capacity, int batch)
{
    rb_replay_spec spec = usual_spec(streams, 3, 1, capacity, batch);
    spec.params.prioritized = prioritized;
    spec.params.alpha = alpha;
    pair_open(p, &spec);
    int left[8] = {0};
    for (int tick = 0; tick < 2 * (int)(capacity / streams); tick++)
        for (int stream = 0; stream < streams; stream++) live(p, stream, &left[stream], 20);
}

// Gives a priority to every start, as if each had been learned from.
static void prioritise_all(rb_replay *replay, float (*priority)(int64_t leaf))
{
    rb_batch *batch = rb_replay_batch(replay);
    for (int64_t leaf = 0; leaf < replay->tree.size; leaf++) {
        if (rb_sum_tree_get(&replay->tree, leaf) == 0) continue;
        for (int i = 0; i < batch->size; i++) {
            batch->tickets[i] = rb_replay_ticket_of(replay, leaf);
            batch->priorities[i] = priority(leaf);
        }
        rb_replay_update(replay, batch);
    }
}

static float sloped(int64_t leaf)
{
    return 0.1f + (float)(leaf % 17);
}

static void test_prioritised_frequencies_follow_p_to_the_alpha(void **state)
{
    (void)state;
    static const double alphas[] = {0, 0.5, 0.6, 1};
    enum { CAPACITY = 150, BATCH = 8, DRAWS = 20000 };
    for (int a = 0; a < 4; a++) {
        pair p;
        open_full(&p, true, alphas[a], 2, CAPACITY, BATCH);
        prioritise_all(p.replay, sloped);
        double observed[CAPACITY] = {0}, expected[CAPACITY] = {0}, sum = 0;
        for (int64_t leaf = 0; leaf < CAPACITY; leaf++)
            if (rb_sum_tree_get(&p.replay->tree, leaf) > 0)
                sum += expected[leaf] = pow((double)sloped(leaf) + 1e-6, alphas[a]);
        rb_batch *batch = rb_replay_batch(p.replay);
        for (int draw = 0; draw < DRAWS; draw++) {
            assert_true(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
            for (int i = 0; i < BATCH; i++) observed[leaf_of(p.replay, batch->tickets[i])]++;
        }
        for (int i = 0; i < CAPACITY; i++) expected[i] *= (double)DRAWS * BATCH / sum;
        check_counts(observed, expected, CAPACITY);
        pair_close(&p);
    }
}

// One sample in each of B equal segments of the running sum.
static void test_prioritised_draws_are_stratified(void **state)
{
    (void)state;
    pair p;
    open_full(&p, true, 1, 1, 200, 10);
    prioritise_all(p.replay, sloped);
    rb_batch *batch = rb_replay_batch(p.replay);
    double total = rb_sum_tree_total(&p.replay->tree);
    for (int draw = 0; draw < 500; draw++) {
        assert_true(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
        for (int i = 0; i < 10; i++) {
            int64_t leaf = leaf_of(p.replay, batch->tickets[i]);
            double from = 0;
            for (int64_t l = 0; l < leaf; l++) from += rb_sum_tree_get(&p.replay->tree, l);
            assert_true(from < (i + 1) * total / 10 + 1e-9);
            assert_true(from + rb_sum_tree_get(&p.replay->tree, leaf) > i * total / 10 - 1e-9);
        }
    }
    pair_close(&p);
}

// Each sample comes from the whole of the running sum, with the same frequencies; pairs of samples are
// independent.
static void test_prioritised_draws_can_be_independent(void **state)
{
    (void)state;
    enum { CAPACITY = 150, BATCH = 8, DRAWS = 20000 };
    pair p;
    open_full(&p, true, 0.6, 2, CAPACITY, BATCH);
    p.replay->spec.params.draws = RB_DRAWS_INDEPENDENT;
    prioritise_all(p.replay, sloped);
    double observed[CAPACITY] = {0}, expected[CAPACITY] = {0}, sum = 0, quarters[16] = {0}, even[16];
    for (int64_t leaf = 0; leaf < CAPACITY; leaf++)
        sum += expected[leaf] = rb_sum_tree_get(&p.replay->tree, leaf);
    rb_batch *batch = rb_replay_batch(p.replay);
    for (int draw = 0; draw < DRAWS; draw++) {
        int first = 0;
        assert_true(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
        for (int i = 0; i < BATCH; i++) {
            const int64_t leaf = leaf_of(p.replay, batch->tickets[i]);
            const int quarter = (int)(p.replay->places[i] / rb_sum_tree_total(&p.replay->tree) * 4);
            observed[leaf]++;
            if (i == 0) first = quarter;
            if (i == 1) quarters[first * 4 + quarter]++;
        }
    }
    for (int i = 0; i < CAPACITY; i++) expected[i] *= (double)DRAWS * BATCH / sum;
    for (int i = 0; i < 16; i++) even[i] = DRAWS / 16.0;
    check_counts(observed, expected, CAPACITY);
    check_counts(quarters, even, 16);
    pair_close(&p);
}

static void test_weights_are_the_papers(void **state)
{
    (void)state;
    static const double betas[] = {0, 0.4, 1};
    pair p;
    open_full(&p, true, 0.6, 2, 200, 16);
    prioritise_all(p.replay, sloped);
    rb_batch *batch = rb_replay_batch(p.replay);
    double n = (double)rb_replay_starts(p.replay), sum = rb_sum_tree_total(&p.replay->tree);
    for (int b = 0; b < 3; b++) {
        assert_true(rb_replay_sample(p.replay, &p.rng, betas[b], batch));
        double weights[16], largest = 0;
        for (int i = 0; i < 16; i++) {
            double share = pow((double)sloped(leaf_of(p.replay, batch->tickets[i])) + 1e-6, 0.6) / sum;
            weights[i] = pow(n * share, -betas[b]);
            if (weights[i] > largest) largest = weights[i];
        }
        for (int i = 0; i < 16; i++) assert_float_equal(batch->weights[i], weights[i] / largest, 1e-6);
    }
    pair_close(&p);
}

static void test_uniform_draws_are_uniform_and_without_replacement(void **state)
{
    (void)state;
    enum { CAPACITY = 120, BATCH = 20, DRAWS = 10000 };
    pair p;
    open_full(&p, false, 0.5, 3, CAPACITY, BATCH);
    rb_batch *batch = rb_replay_batch(p.replay);
    double observed[CAPACITY] = {0}, expected[CAPACITY] = {0};
    for (int draw = 0; draw < DRAWS; draw++) {
        assert_true(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
        bool met[CAPACITY] = {false};
        for (int i = 0; i < BATCH; i++) {
            int64_t leaf = leaf_of(p.replay, batch->tickets[i]);
            assert_false(met[leaf]);
            met[leaf] = true;
            observed[leaf]++;
            assert_true(batch->weights[i] == 1);
        }
    }
    for (int i = 0; i < CAPACITY; i++)
        if (rb_sum_tree_get(&p.replay->tree, i) > 0)
            expected[i] = (double)DRAWS * BATCH / (double)rb_replay_starts(p.replay);
    check_counts(observed, expected, CAPACITY);
    pair_close(&p);
}

// Exactly one batch of starts, in a ring of ten thousand rows: each is sampled, and the number of random
// numbers used equals the number of starts.
static void test_uniform_takes_bounded_work_when_few_starts_are_there(void **state)
{
    (void)state;
    for (int prioritized = 0; prioritized < 2; prioritized++) {
        rb_replay_spec spec = usual_spec(1, 1, 1, 10000, 16);
        spec.params.prioritized = prioritized;
        pair p;
        pair_open(&p, &spec);
        rb_batch *batch = rb_replay_batch(p.replay);
        play(&p, 0, 15, TERMINAL);
        assert_false(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
        play(&p, 0, 1, TERMINAL);
        uint64_t before = p.rng.position;
        assert_true(rb_replay_sample(p.replay, &p.rng, 0.4, batch));
        assert_in_range(p.rng.position - before, 16, 40);
        bool met[18] = {false};
        for (int i = 0; i < 16; i++) met[check_sample(&p.list, batch, i)] = true;
        for (int i = 1; i < 18; i++)
            assert_true(met[i] == (i != 16)); // frame 16 would follow the first terminal
        pair_close(&p);
    }
}

static double leaf_at(const pair *p, uint64_t serial)
{
    return rb_sum_tree_get(&p->replay->tree, rb_ring_slot(&p->replay->rings[0], serial));
}

static void open_simple(pair *p, int steps)
{
    rb_replay_spec spec = usual_spec(1, 1, 1, 100, 4);
    spec.params.prioritized = true;
    spec.params.alpha = 1;
    spec.params.priority_epsilon = 0.125;
    pair_open(p, &spec);
    play(p, 0, steps, TERMINAL);
}

static void hand_in(pair *p, const uint64_t tickets[4], const float priorities[4])
{
    rb_batch *batch = rb_replay_batch(p->replay);
    memcpy(batch->tickets, tickets, 4 * sizeof *tickets);
    memcpy(batch->priorities, priorities, 4 * sizeof *priorities);
    rb_replay_update(p->replay, batch);
}

static void test_an_index_twice_in_a_batch_is_updated_once(void **state)
{
    (void)state;
    pair p;
    open_simple(&p, 20);
    hand_in(&p, (uint64_t[]){5, 6, 5, 7}, (float[]){2, 3, 9, 4});
    assert_true(leaf_at(&p, 5) == 2.125 && leaf_at(&p, 6) == 3.125 && leaf_at(&p, 7) == 4.125);
    assert_true(p.replay->max_priority == 4.125); // the second one has no effect
    hand_in(&p, (uint64_t[]){5, 8, 9, 10}, (float[]){1, 1, 1, 1});
    assert_true(leaf_at(&p, 5) == 1.125); // and the next batch may update it again
    pair_close(&p);
}

static void test_a_slot_overwritten_since_it_was_sampled_is_not_updated(void **state)
{
    (void)state;
    pair p;
    open_simple(&p, 20);
    play(&p, 0, 85, TERMINAL); // serials 0 .. 104: 0 .. 4 are overwritten by 100 .. 104
    double kept = leaf_at(&p, 102);
    hand_in(&p, (uint64_t[]){2, 3, 4, 5}, (float[]){77, 77, 77, 7});
    assert_true(leaf_at(&p, 102) == kept && leaf_at(&p, 103) == kept && leaf_at(&p, 104) == kept);
    assert_true(leaf_at(&p, 5) == 7.125 && p.replay->max_priority == 7.125);
    assert_int_equal(rb_replay_starts(p.replay), 100);
    pair_close(&p);
}

// An episode that is cut makes its last starts drawable, and leaves the priorities that others have learned.
static void test_a_cut_keeps_learned_priorities(void **state)
{
    (void)state;
    for (int n_step = 1; n_step <= 4; n_step++) {
        rb_replay_spec spec = usual_spec(1, n_step, 1, 100, 4);
        spec.params.prioritized = true;
        spec.params.alpha = 1;
        spec.params.priority_epsilon = 0.125;
        pair p;
        pair_open(&p, &spec);
        play(&p, 0, 8, GOES_ON); // serials 0 .. 8; drawable: 0 .. 8 - n
        const int drawable = 8 - n_step + 1;
        assert_int_equal(rb_replay_starts(p.replay), drawable);
        for (uint64_t s = 0; s < (uint64_t)drawable; s++)
            hand_in(&p, (uint64_t[]){s, s, s, s}, (float[]){20 - (float)s, 1, 1, 1});
        play(&p, 0, 1, GOES_ON); // begins another episode
        assert_int_equal(rb_replay_starts(p.replay), 8 + (n_step == 1));
        for (uint64_t s = 0; s < 8; s++)
            assert_true(leaf_at(&p, s) == (s < (uint64_t)drawable ? 20.125 - (double)s : 20.125));
        pair_close(&p);
    }
}

// With stacks of 4 a row can be stored and still no longer be drawable: a late priority does not make it
// drawable again. Steps after an episode's end do not change the priorities of its last starts.
static void test_the_next_episode_changes_no_priority(void **state)
{
    (void)state;
    for (int end = TERMINAL; end <= TRUNCATED; end++) {
        rb_replay_spec spec = usual_spec(1, 3, 1, 100, 4);
        spec.params.prioritized = true;
        spec.params.alpha = 1;
        pair p;
        pair_open(&p, &spec);
        play(&p, 0, 4, end);
        hand_in(&p, (uint64_t[]){0, 1, 2, 3}, (float[]){2, 3, 4, 5});
        double total = rb_sum_tree_total(&p.replay->tree);
        both_begin(&p.list, p.replay, 0);
        assert_true(rb_sum_tree_total(&p.replay->tree) == total);
        pair_close(&p);
    }
}

static void test_a_row_without_its_stack_is_not_brought_back(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(1, 1, 4, 30, 4);
    spec.params.prioritized = true;
    pair p;
    pair_open(&p, &spec);
    play(&p, 0, 30, TERMINAL); // 0 .. 29, all stored
    assert_int_equal(rb_replay_starts(p.replay), 30);
    play(&p, 0, 1, TERMINAL); // 0 is overwritten, and with it the stacks of 1, 2 and 3
    assert_int_equal(rb_replay_starts(p.replay), 27);
    hand_in(&p, (uint64_t[]){0, 1, 2, 3}, (float[]){5, 5, 5, 5});
    assert_int_equal(rb_replay_starts(p.replay), 27);
    assert_true(leaf_at(&p, 1) == 0 && leaf_at(&p, 3) == 0 && p.replay->max_priority == 1);
    check_all(&p.list, p.replay);
    pair_close(&p);
}

static void test_priorities_that_are_no_number_are_ignored(void **state)
{
    (void)state;
    pair p;
    open_simple(&p, 20);
    hand_in(&p, (uint64_t[]){1, 2, 3, 4}, (float[]){2, 2, 2, 2});
    hand_in(&p, (uint64_t[]){1, 2, 3, 4}, (float[]){NAN, INFINITY, -INFINITY, -3});
    assert_true(leaf_at(&p, 1) == 2.125 && leaf_at(&p, 2) == 2.125 && leaf_at(&p, 3) == 2.125);
    assert_true(leaf_at(&p, 4) == 0.125); // below 0 counts as 0, not by its absolute value
    assert_true(p.replay->max_priority == 2.125 && isfinite(rb_sum_tree_total(&p.replay->tree)));
    pair_close(&p);
}

static void test_a_priority_of_zero_keeps_its_start_drawable(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(1, 1, 1, 100, 4);
    spec.params.prioritized = true;
    spec.params.priority_epsilon = 0;
    pair p;
    pair_open(&p, &spec);
    play(&p, 0, 4, TERMINAL);
    hand_in(&p, (uint64_t[]){0, 1, 2, 3}, (float[]){0, 0, 0, 0});
    assert_int_equal(rb_replay_starts(p.replay), 4);
    assert_true(rb_replay_sample(p.replay, &p.rng, 1, rb_replay_batch(p.replay)));
    for (int i = 0; i < 4; i++) assert_true(rb_replay_batch(p.replay)->weights[i] == 1);
    pair_close(&p);
}

static void test_new_starts_come_in_at_the_largest_priority_ever_seen(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(1, 1, 1, 100, 4);
    spec.params.prioritized = true;
    pair p;
    pair_open(&p, &spec);
    play(&p, 0, 10, TERMINAL);
    assert_true(leaf_at(&p, 9) == 1); // before any priority is known
    hand_in(&p, (uint64_t[]){0, 1, 2, 3}, (float[]){0.5f, 0.25f, 0.125f, 9});
    hand_in(&p, (uint64_t[]){0, 1, 2, 3},
            (float[]){0.5f, 0.25f, 0.125f, 0.5f}); // no priority is that large any more
    play(&p, 0, 1, TERMINAL);
    assert_float_equal(leaf_at(&p, 10), sqrt(9 + 1e-6), 1e-12);
    pair_close(&p);
}

// docs/faults.md, 10
static void test_beta_rises_linearly(void **state)
{
    (void)state;
    pair p;
    rb_replay_spec spec = usual_spec(1, 1, 1, 100, 4);
    pair_open(&p, &spec);
    assert_float_equal(rb_replay_beta(p.replay, 0), 0.4, 1e-12);
    assert_float_equal(rb_replay_beta(p.replay, 250), 0.55, 1e-12);
    assert_float_equal(rb_replay_beta(p.replay, 500), 0.7, 1e-12);
    assert_float_equal(rb_replay_beta(p.replay, 750), 0.85, 1e-12);
    assert_true(rb_replay_beta(p.replay, 1000) == 1 && rb_replay_beta(p.replay, 1000000) == 1);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prioritised_frequencies_follow_p_to_the_alpha),
        cmocka_unit_test(test_prioritised_draws_are_stratified),
        cmocka_unit_test(test_prioritised_draws_can_be_independent),
        cmocka_unit_test(test_weights_are_the_papers),
        cmocka_unit_test(test_uniform_draws_are_uniform_and_without_replacement),
        cmocka_unit_test(test_uniform_takes_bounded_work_when_few_starts_are_there),
        cmocka_unit_test(test_an_index_twice_in_a_batch_is_updated_once),
        cmocka_unit_test(test_a_slot_overwritten_since_it_was_sampled_is_not_updated),
        cmocka_unit_test(test_a_cut_keeps_learned_priorities),
        cmocka_unit_test(test_the_next_episode_changes_no_priority),
        cmocka_unit_test(test_a_row_without_its_stack_is_not_brought_back),
        cmocka_unit_test(test_priorities_that_are_no_number_are_ignored),
        cmocka_unit_test(test_a_priority_of_zero_keeps_its_start_drawable),
        cmocka_unit_test(test_new_starts_come_in_at_the_largest_priority_ever_seen),
        cmocka_unit_test(test_beta_rises_linearly),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (!rb_packed_available()) return failed;
    model_compress = RB_COMPRESS_LZ4;
    return failed + cmocka_run_group_tests_name("compressed", tests, NULL, NULL);
}
