// Faults of published implementations (docs/faults.md). Small episodes by hand: rewards and actions are
// 1, 2, 3 ..., so a sum of rewards says which steps are in it.
#include "replay/replay_model.h"

enum { MOST = 256 };

typedef struct sample {
    int number, action; // of the state's newest frame
    int next;           // of the next state's
    double reward, discount;
} sample;

typedef struct drawn {
    sample of[MOST]; // by the number of the state's newest frame; number 0: not drawable
    int count;
} drawn;

// All drawable starts, through the public door: a batch as large as there are starts draws each of them once.
static drawn draw_all(pair *p)
{
    drawn d = {0};
    rb_batch *batch = rb_replay_batch(p->replay);
    size_t bytes = (size_t)p->list.spec.stack * FRAME_BYTES;
    for (int tries = 0; d.count < rb_replay_starts(p->replay) && tries < 20000; tries++) {
        assert_true(rb_replay_sample(p->replay, &p->rng, 1, batch));
        for (int i = 0; i < batch->size; i++) {
            const uint8_t *state = (const uint8_t *)batch->states + (size_t)(i + 1) * bytes - FRAME_BYTES;
            const uint8_t *next = (const uint8_t *)batch->next_states + (size_t)(i + 1) * bytes - FRAME_BYTES;
            int number = frame_number(p->list.spec.kind, state);
            assert_in_range(number, 1, MOST - 1);
            if (d.of[number].number == 0) d.count++;
            d.of[number] = (sample){number, batch->actions[i], frame_number(p->list.spec.kind, next),
                                    (double)batch->returns[i], (double)batch->discounts[i]};
        }
    }
    assert_int_equal(d.count, rb_replay_starts(p->replay));
    return d;
}

static pair open_pair(int streams, int n_step, int stack, int64_t capacity)
{
    rb_replay_spec spec = usual_spec(streams, n_step, stack, capacity, 2);
    spec.gamma = 0.5; // powers are exact
    pair p;
    pair_open(&p, &spec);
    return p;
}

// docs/faults.md, 1
static void test_last_states_of_episode_stored(void **state)
{
    (void)state;
    for (int end = TERMINAL; end <= TRUNCATED; end++) {
        pair p = open_pair(1, 3, 1, 100);
        play(&p, 0, 5, end); // frames 1 .. 6
        drawn d = draw_all(&p);
        assert_int_equal(d.count, 5);
        for (int i = 1; i <= 5; i++) assert_int_equal(d.of[i].number, i);
        assert_true(d.of[5].reward == 5 && d.of[4].reward == 4 + 0.5 * 5);
        check_all(&p.list, p.replay); // and each exactly once
        pair_close(&p);
    }
}

// docs/faults.md, 1
static void test_window_stops_at_a_truncation(void **state)
{
    (void)state;
    pair p = open_pair(1, 3, 1, 100);
    play(&p, 0, 4, TRUNCATED); // frames 1 .. 5
    play(&p, 0, 6, GOES_ON);   // frames 6 .. 12
    drawn d = draw_all(&p);
    assert_true(d.of[2].reward == 2 + 0.5 * 3 + 0.25 * 4);
    assert_true(d.of[3].reward == 3 + 0.5 * 4 && d.of[3].next == 5);
    assert_true(d.of[4].reward == 4 && d.of[4].next == 5);
    pair_close(&p);
}

// docs/faults.md, 2
static void test_terminal_reward_kept_and_its_state_stored_once(void **state)
{
    (void)state;
    pair p = open_pair(1, 3, 4, 200);
    for (int i = 0; i < 10; i++) play(&p, 0, 4, TERMINAL);
    assert_int_equal(rb_replay_size(p.replay), 40);
    assert_int_equal(rb_replay_starts(p.replay), 40); // no copies
    drawn d = draw_all(&p);
    for (int i = 0; i < 10; i++) {
        int last = 5 * i + 4;
        assert_true(d.of[last].reward == 4 && d.of[last].discount == 0);
        assert_true(d.of[last - 1].reward == 3 + 0.5 * 4 && d.of[last - 2].reward == 2 + 0.5 * 3 + 0.25 * 4);
        assert_int_equal(d.of[last + 1].number, 0); // the frame after it is no start
    }
    check_all(&p.list, p.replay); // stacks as they were, none blanked
    pair_close(&p);
}

// docs/faults.md, 3
static void test_discount_is_gamma_to_the_steps_taken(void **state)
{
    (void)state;
    pair p = open_pair(1, 5, 1, 100);
    play(&p, 0, 7, TRUNCATED); // frames 1 .. 8
    play(&p, 0, 7, TERMINAL);  // frames 9 .. 16
    drawn d = draw_all(&p);
    static const double truncated[] = {1 / 32.0, 1 / 32.0, 1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0};
    static const double terminal[] = {1 / 32.0, 1 / 32.0, 0, 0, 0, 0, 0};
    for (int i = 0; i < 7; i++) {
        assert_true(d.of[1 + i].discount == truncated[i]);
        assert_true(d.of[9 + i].discount == terminal[i]);
    }
    pair_close(&p);
}

// Three environments side by side; one of them ends all the time, another only once.
// docs/faults.md, 4
static void test_one_finished_environment_cuts_nobody_elses_sum(void **state)
{
    (void)state;
    pair p = open_pair(3, 4, 1, 300);
    for (int stream = 0; stream < 3; stream++) both_begin(&p.list, p.replay, stream);
    for (int tick = 0; tick < 20; tick++)
        for (int stream = 0; stream < 3; stream++) {
            bool ends = stream == 1 || (stream == 2 && tick == 9);
            both_append(&p.list, p.replay, stream, 0, 1, !ends ? GOES_ON : tick % 2 ? TRUNCATED : TERMINAL);
            if (ends) both_begin(&p.list, p.replay, stream);
        }
    drawn d = draw_all(&p);
    int whole = 0;
    for (int i = 1; i < MOST; i++) {
        if (d.of[i].number == 0) continue;
        int stream = p.list.frames[i].stream;
        if (stream == 0) assert_true(d.of[i].reward == 1.875 && d.of[i].discount == 1 / 16.0);
        if (stream == 1) assert_true(d.of[i].reward == 1);
        whole += stream == 0;
    }
    assert_int_equal(whole, 17);
    pair_close(&p);
}

// docs/faults.md, 5
static void test_truncation_bootstraps_from_its_true_last_frame(void **state)
{
    (void)state;
    pair p = open_pair(1, 1, 1, 100);
    play(&p, 0, 3, TRUNCATED); // frames 1 .. 4
    play(&p, 0, 3, TRUNCATED); // frames 5 .. 8
    drawn d = draw_all(&p);
    assert_int_equal(d.of[3].next, 4);
    assert_true(d.of[3].discount == 0.5);
    assert_int_equal(d.of[7].next, 8);
    assert_int_equal(d.of[4].number, 0); // last frames are nobody's start
    assert_int_equal(d.of[8].number, 0);
    pair_close(&p);
}

// The stack an agent acts on, kept the way a player keeps it, against the one replay rebuilds, through lost
// lives (a terminal, and the game goes on with the very next frame), truncations and the wrap.
// docs/faults.md, 6
static void test_replay_stack_is_the_acting_stack(void **state)
{
    (void)state;
    enum { STACK = 4, BYTES = STACK * FRAME_BYTES, STEPS = 2000 };
    for (int black = 0; black < 2; black++) {
        rb_replay_spec spec = usual_spec(1, 2, STACK, 90, 8);
        spec.black_start = black;
        pair p;
        pair_open(&p, &spec);
        uint8_t acted_on[STEPS + 1][BYTES], frame[FRAME_BYTES];
        int number = 1;
        bool fresh = true;
        for (int step = 0; step < STEPS; step++) {
            uint8_t *now = acted_on[step], *before = step ? acted_on[step - 1] : now;
            frame_fill(RB_OBS_U8, number, frame);
            if (fresh) {
                for (int i = 0; i < STACK; i++) {
                    if (black)
                        memset(now + i * FRAME_BYTES, 0, FRAME_BYTES);
                    else
                        memcpy(now + i * FRAME_BYTES, frame, FRAME_BYTES);
                }
                rb_replay_begin(p.replay, 0, frame);
            } else {
                memcpy(now, before + FRAME_BYTES, BYTES - FRAME_BYTES);
            }
            memcpy(now + BYTES - FRAME_BYTES, frame, FRAME_BYTES);
            uint32_t rng = rb_rng_below(&p.rng, 8);
            frame_fill(RB_OBS_U8, ++number, frame);
            rb_replay_append(p.replay, 0, step, 0, rng == 0, rng == 1, frame); // the action tells the step
            fresh = rng < 2;
            rb_batch *batch = rb_replay_batch(p.replay);
            if (!rb_replay_sample(p.replay, &p.rng, 1, batch)) continue;
            for (int i = 0; i < batch->size; i++)
                assert_memory_equal((uint8_t *)batch->states + i * BYTES, acted_on[batch->actions[i]], BYTES);
        }
        pair_close(&p);
    }
}

// docs/faults.md, 6
static void test_no_stack_across_the_write_head(void **state)
{
    (void)state;
    pair p = open_pair(1, 1, 4, 20);
    play(&p, 0, 50, GOES_ON); // 51 rows went into 20: 32 .. 51 are there, the stacks of 32, 33, 34 are not
    drawn d = draw_all(&p);
    for (int i = 1; i <= 51; i++) assert_int_equal(d.of[i].number, i >= 35 && i <= 50 ? i : 0);
    pair_close(&p);
}

// docs/faults.md, 7
static void test_no_window_across_the_write_head(void **state)
{
    (void)state;
    for (int n = 1; n <= 6; n++) {
        pair p = open_pair(1, n, 2, 20);
        both_begin(&p.list, p.replay, 0);
        for (int step = 1; step <= 100; step++) {
            both_append(&p.list, p.replay, 0, 0, (float)step, GOES_ON);
            if (step < n + 2) continue;
            drawn d = draw_all(&p);
            for (int i = 1; i <= step + 1; i++) {
                bool there = i >= step + 1 - 18 && i + n <= step + 1;
                if (i == 1) there = step <= 19 && 1 + n <= step + 1; // a first frame needs none before it
                assert_int_equal(d.of[i].number, there ? i : 0);
                if (there) assert_int_equal(d.of[i].next, i + n);
            }
        }
        pair_close(&p);
    }
}

// Episodes of one step that are all truncated take two rows a step: nothing may be overwritten that can still
// be drawn.
// docs/faults.md, 7
static void test_live_frames_are_never_overwritten(void **state)
{
    (void)state;
    for (int end = TERMINAL; end <= TRUNCATED; end++) {
        pair p = open_pair(1, 3, 4, 40);
        for (int i = 0; i < 100; i++) {
            play(&p, 0, 1, end);
            check_all(&p.list, p.replay);
        }
        assert_int_equal(rb_replay_starts(p.replay), end == TERMINAL ? 40 : 20);
        pair_close(&p);
    }
}

// docs/faults.md, 12
static void test_action_is_the_one_of_the_windows_first_step(void **state)
{
    (void)state;
    pair p = open_pair(1, 3, 1, 100);
    play(&p, 0, 9, TERMINAL);
    play(&p, 0, 9, TRUNCATED);
    drawn d = draw_all(&p);
    for (int i = 1; i <= 9; i++) {
        assert_int_equal(d.of[i].action, i);
        assert_int_equal(d.of[10 + i].action, i);
    }
    pair_close(&p);
}

// An environment that can't be saved begins a new episode when its run goes on: what was played stays good,
// bootstrapped from its newest frame.
static void test_an_episode_that_is_cut_counts_as_truncated(void **state)
{
    (void)state;
    pair p = open_pair(1, 3, 1, 100);
    play(&p, 0, 4, GOES_ON);  // frames 1 .. 5
    play(&p, 0, 2, TERMINAL); // frames 6 .. 8
    drawn d = draw_all(&p);
    assert_int_equal(d.count, 6);
    assert_true(d.of[4].reward == 4 && d.of[4].discount == 0.5 && d.of[4].next == 5);
    assert_true(d.of[3].discount == 0.25 && d.of[3].next == 5);
    assert_int_equal(d.of[5].number, 0);
    pair_close(&p);
}

// The last step of a time limit that also ends the task: terminal, nothing is bootstrapped.
static void test_a_step_that_is_both_terminal_and_truncated_is_terminal(void **state)
{
    (void)state;
    pair p = open_pair(1, 3, 1, 100);
    uint8_t frame[FRAME_BYTES];
    for (int episode = 0; episode < 3; episode++) {
        frame_fill(RB_OBS_U8, 3 * episode + 1, frame);
        rb_replay_begin(p.replay, 0, frame);
        frame_fill(RB_OBS_U8, 3 * episode + 2, frame);
        rb_replay_append(p.replay, 0, 1, 1, false, false, frame);
        frame_fill(RB_OBS_U8, 3 * episode + 3, frame);
        rb_replay_append(p.replay, 0, 2, 2, true, true, frame);
    }
    assert_int_equal(rb_replay_starts(p.replay), 6);
    drawn d = draw_all(&p);
    for (int i = 0; i < 9; i += 3) {
        assert_true(d.of[i + 1].reward == 2 && d.of[i + 1].discount == 0);
        assert_true(d.of[i + 2].reward == 2 && d.of[i + 2].discount == 0);
        assert_int_equal(d.of[i + 3].number, 0);
    }
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_states_of_episode_stored),
        cmocka_unit_test(test_window_stops_at_a_truncation),
        cmocka_unit_test(test_terminal_reward_kept_and_its_state_stored_once),
        cmocka_unit_test(test_discount_is_gamma_to_the_steps_taken),
        cmocka_unit_test(test_one_finished_environment_cuts_nobody_elses_sum),
        cmocka_unit_test(test_truncation_bootstraps_from_its_true_last_frame),
        cmocka_unit_test(test_replay_stack_is_the_acting_stack),
        cmocka_unit_test(test_no_stack_across_the_write_head),
        cmocka_unit_test(test_no_window_across_the_write_head),
        cmocka_unit_test(test_live_frames_are_never_overwritten),
        cmocka_unit_test(test_action_is_the_one_of_the_windows_first_step),
        cmocka_unit_test(test_a_step_that_is_both_terminal_and_truncated_is_terminal),
        cmocka_unit_test(test_an_episode_that_is_cut_counts_as_truncated),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (!rb_packed_available()) return failed;
    model_compress = RB_COMPRESS_LZ4;
    return failed + cmocka_run_group_tests_name("compressed", tests, NULL, NULL);
}
