// Replay's memory and its state: it takes as much memory as it announces, and a saved replay continues as if
// it had never stopped.
#include "replay/replay_model.h"
#include "replay_visits.h"

static void test_takes_the_bytes_it_says(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        rb_replay_spec spec = usual_spec(i % 3 + 1, 1 + 3 * i, 1 + i % 4, 3000 + 997 * i, 8 << i % 6);
        spec.kind = i % 2 ? RB_OBS_F32 : RB_OBS_U8;
        if (i % 2 == 0 && rb_packed_available()) {
            spec.params.compress = i >= 6 ? RB_COMPRESS_LZ4 : RB_COMPRESS_NONE;
            spec.params.compress_ratio = i == 6 ? 1 : i == 8 ? 5 : 1000;
        }
        spec.height = 40 + i;
        spec.masked_actions = i % 4 * 9;
        pair p;
        pair_open(&p, &spec);
        double slack = (20 + 5 * spec.streams) * 64.0; // each allocation is rounded up to 64 bytes
        assert_true((double)rb_arena_bytes(p.arena) >= rb_replay_bytes(&spec));
        assert_true((double)rb_arena_bytes(p.arena) <= rb_replay_bytes(&spec) + slack);
        pair_close(&p);
    }
}

static rb_replay_spec atari_spec(int streams)
{
    rb_replay_spec spec = usual_spec(streams, 3, 4, 1000000, 32);
    spec.channels = 1;
    spec.height = spec.width = 84;
    spec.params.prioritized = true;
    return spec;
}

static void test_a_million_atari_steps_take_their_frames_and_little_more(void **state)
{
    (void)state;
    for (int streams = 1; streams <= 64; streams *= 8) {
        rb_replay_spec spec = atari_spec(streams);
        double frames = (double)(1000000 / streams * streams) * 84 * 84;
        assert_true(rb_replay_bytes(&spec) > frames && rb_replay_bytes(&spec) < frames + 35e6);
        assert_true(rb_replay_bytes(&spec) <= 7.2e9);
        spec.params.compress = RB_COMPRESS_LZ4;
        spec.params.compress_ratio = 5;
        assert_true(rb_replay_bytes(&spec) <= 1.5e9);
    }
}

static void test_a_capacity_that_can_not_work_is_refused(void **state)
{
    (void)state;
    rb_arena *arena;
    rb_replay *replay = NULL;
    rb_error error = {0};
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    rb_replay_spec spec = usual_spec(8, 3, 4, 63, 4); // 7 rows each: windows would meet the write head
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "replay.capacity = 63: must be at least 64"));
    spec = usual_spec(1, 3, 4, 100, 94); // an endless episode would never have a batch of starts
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "must be at least 101"));
    spec.batch = 93;
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_OK);
    spec = atari_spec(1);
    spec.height = spec.width = 1 << 30;
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_ERR_MEMORY);
    assert_non_null(strstr(error.message, "replay.capacity"));
    rb_arena_destroy(arena);
}

// The smallest capacity does give a batch in an endless episode.
static void test_the_least_capacity_can_be_learned_from(void **state)
{
    (void)state;
    for (int streams = 1; streams <= 4; streams++) {
        rb_replay_spec spec = usual_spec(streams, 3, 4, 32 + streams * 7, 32);
        pair p;
        pair_open(&p, &spec);
        for (int stream = 0; stream < streams; stream++) play(&p, stream, 200, GOES_ON);
        assert_true(rb_replay_sample(p.replay, &p.rng, 1, rb_replay_batch(p.replay)));
        pair_close(&p);
    }
}

static void test_size_never_passes_the_capacity(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(3, 3, 4, 100, 4);
    pair p;
    pair_open(&p, &spec);
    for (int i = 0; i < 100; i++)
        for (int stream = 0; stream < 3; stream++) {
            play(&p, stream, 1 + i % 7, TERMINAL);
            assert_true(rb_replay_size(p.replay) <= 100);
        }
    assert_int_equal(rb_replay_size(p.replay), 99);
    pair_close(&p);
}

static void learn_once(pair *p)
{
    rb_batch *batch = rb_replay_batch(p->replay);
    if (!rb_replay_sample(p->replay, &p->rng, 0.4, batch)) return;
    for (int i = 0; i < batch->size; i++) batch->priorities[i] = 3 * rb_rng_float(&p->rng);
    rb_replay_update(p->replay, batch);
}

static uint64_t checksum(uint64_t sum, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) sum = (sum ^ ((const uint8_t *)data)[i]) * 1099511628211u;
    return sum;
}

// A replay is saved after any number of ticks and loaded into a new replay and into one with another history.
// All continue with the same batches, bit for bit.
static void test_what_is_loaded_goes_on_bit_for_bit(void **state)
{
    (void)state;
    static const int ticks[] = {0, 1, 5, 59, 60, 61, 200, 333};
    for (int turn = 0; turn < 32; turn++) {
        rb_replay_spec spec = usual_spec(2, 3, 4, 120, 8);
        spec.params.prioritized = turn % 2;
        spec.masked_actions = turn < 16 ? 0 : 19;
        pair a, b, used;
        pair_open(&a, &spec);
        pair_open(&b, &spec);
        pair_open(&used, &spec);
        used.rng = rb_rng_stream(8, RB_RNG_TEST, 1);
        int left[2] = {0}, other[2] = {0};
        for (int tick = 0; tick < ticks[turn % 16 / 2]; tick++, learn_once(&a))
            for (int stream = 0; stream < 2; stream++) live(&a, stream, &left[stream], 25);
        for (int tick = 0; tick < 177; tick++, learn_once(&used))
            for (int stream = 0; stream < 2; stream++) live(&used, stream, &other[stream], 9);
        uint64_t before = hash_of(a.replay);
        void *data;
        size_t bytes;
        save(a.replay, &data, &bytes);
        pair *others[] = {&b, &used};
        const rb_rng start = a.rng;
        for (int which = 0; which < 2; which++) {
            rb_replay *copy = others[which]->replay;
            rb_error error = {0};
            if (load(copy, data, bytes, &error) != RB_OK) fail_msg("%s", error.message);
            assert_true(hash_of(copy) == before);
            assert_memory_equal(copy->tree.level[0], a.replay->tree.level[0],
                                rb_sum_tree_bytes(copy->tree.size));
            assert_true(copy->tree.total == a.replay->tree.total);
            assert_true(copy->max_priority == a.replay->max_priority);
            assert_int_equal(rb_replay_starts(copy), rb_replay_starts(a.replay));
            assert_int_equal(rb_replay_size(copy), rb_replay_size(a.replay));
        }
        // All three get the same frames, from the list of the first.
        uint64_t after[3], sums[3] = {0};
        for (int which = 0; which < 3; which++) {
            rb_replay *replay = which == 0 ? a.replay : others[which - 1]->replay;
            rb_rng rng = start;
            uint8_t frame[FRAME_BYTES];
            for (int tick = 0; tick < 150; tick++) {
                for (int stream = 0; stream < 2; stream++) {
                    frame_fill(RB_OBS_U8, 100000 + 2 * tick + stream, frame);
                    if (tick % 7 == 0)
                        rb_replay_begin(replay, stream, frame);
                    else
                        rb_replay_append(replay, stream, tick % 5, (float)tick, tick % 7 == 6 && tick % 2,
                                         tick % 7 == 6, frame);
                }
                rb_batch *batch = rb_replay_batch(replay);
                if (!rb_replay_sample(replay, &rng, 0.4, batch)) continue;
                size_t observations = 8 * 4 * FRAME_BYTES;
                sums[which] = checksum(sums[which], batch->states, observations);
                sums[which] = checksum(sums[which], batch->next_states, observations);
                for (int i = 0; i < batch->size; i++) batch->priorities[i] = 4 * rb_rng_float(&rng);
                rb_replay_update(replay, batch);
            }
            after[which] = hash_of(replay);
        }
        assert_true(sums[0] == sums[1] && sums[0] == sums[2] && sums[0] != 0);
        assert_true(after[0] == after[1] && after[0] == after[2] && after[0] != before);
        free(data);
        pair_close(&a);
        pair_close(&b);
        pair_close(&used);
    }
}

// docs/faults.md, 8
static void test_largest_priority_survives_a_resume(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(1, 1, 1, 100, 4);
    spec.params.prioritized = true;
    spec.params.alpha = 1;
    spec.params.priority_epsilon = 0;
    pair a, b;
    pair_open(&a, &spec);
    pair_open(&b, &spec);
    play(&a, 0, 4, TERMINAL);
    rb_batch *batch = rb_replay_batch(a.replay);
    assert_true(rb_replay_sample(a.replay, &a.rng, 1, batch));
    for (int i = 0; i < 4; i++) batch->priorities[i] = 9;
    rb_replay_update(a.replay, batch);
    for (int round = 0; round < 20; round++) { // no priority is that large any more
        assert_true(rb_replay_sample(a.replay, &a.rng, 1, batch));
        for (int i = 0; i < 4; i++) batch->priorities[i] = 0.5f;
        rb_replay_update(a.replay, batch);
    }
    void *data;
    size_t bytes;
    save(a.replay, &data, &bytes);
    assert_int_equal(load(b.replay, data, bytes, NULL), RB_OK);
    uint8_t frame[FRAME_BYTES];
    frame_fill(RB_OBS_U8, 50, frame);
    rb_replay_begin(b.replay, 0, frame);
    rb_replay_append(b.replay, 0, 0, 0, true, false, NULL); // nothing is read after a terminal
    assert_true(rb_sum_tree_get(&b.replay->tree, 4) == 9);
    assert_true(rb_sum_tree_get(&b.replay->tree, 3) == 0.5);
    free(data);
    pair_close(&a);
    pair_close(&b);
}

// A large replay with few steps in it makes a small file.
static void test_saves_filled_rows_only(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(2, 3, 4, 1000000, 4);
    spec.params.prioritized = true;
    pair p;
    pair_open(&p, &spec);
    play(&p, 0, 100, GOES_ON);
    void *data;
    size_t bytes;
    save(p.replay, &data, &bytes);
    assert_in_range(bytes, 101 * (FRAME_BYTES + sizeof(rb_row) + 8),
                    101 * (FRAME_BYTES + sizeof(rb_row) + 8) + 2000);
    free(data);
    pair_close(&p);
}

static void test_a_checkpoint_of_other_settings_is_refused(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(2, 3, 4, 120, 8);
    pair a;
    pair_open(&a, &spec);
    play(&a, 0, 30, GOES_ON);
    void *data;
    size_t bytes;
    save(a.replay, &data, &bytes);
    for (int which = 0; which < 6; which++) {
        rb_replay_spec other = spec;
        if (which == 0) other.params.capacity = 140;
        if (which == 1) other.n_step = 4;
        if (which == 2) other.stack = 3;
        if (which == 3) other.streams = 3, other.params.capacity = 180;
        if (which == 4) other.params.prioritized = true;
        if (which == 5) other.height = 3;
        pair b;
        pair_open(&b, &other);
        rb_error error = {0};
        assert_int_not_equal(load(b.replay, data, bytes, &error), RB_OK);
        assert_non_null(strstr(error.message, "replay"));
        pair_close(&b);
    }
    assert_int_not_equal(load(a.replay, data, bytes - 20, NULL), RB_OK);
    free(data);
    pair_close(&a);
}

// The batch of the next update is part of a checkpoint; a batch that this replay could not have sampled is
// rejected.
static void test_a_drawn_batch_is_saved_and_an_impossible_one_refused(void **state)
{
    (void)state;
    const rb_replay_spec spec = usual_spec(2, 3, 4, 120, 8);
    rb_replay_spec smaller = spec;
    smaller.batch = 4;
    pair a, b, c;
    pair_open(&a, &spec), pair_open(&b, &spec), pair_open(&c, &smaller);
    play(&a, 0, 60, GOES_ON);
    rb_batch *drawn = rb_replay_batch(a.replay), *loaded = rb_replay_batch(b.replay);
    drawn->size = 7;
    assert_true(rb_replay_sample(a.replay, &a.rng, 1, drawn));
    void *data;
    size_t bytes;
    rb_visitor *visitor;
    rb_error error = {0};
    assert_int_equal(rb_visitor_save_memory(&visitor, NULL), RB_OK);
    rb_replay_visit_batch(a.replay, visitor);
    assert_int_equal(rb_visitor_finish_memory(visitor, &data, &bytes, NULL), RB_OK);

    assert_int_equal(rb_visitor_load_memory(&visitor, data, bytes, NULL), RB_OK);
    rb_replay_visit_batch(b.replay, visitor);
    assert_int_equal(rb_visitor_finish(visitor, NULL, NULL), RB_OK);
    assert_int_equal(loaded->size, 7);
    assert_memory_equal(loaded->states, drawn->states, 7 * 4 * FRAME_BYTES);
    assert_memory_equal(loaded->next_states, drawn->next_states, 7 * 4 * FRAME_BYTES);
    assert_memory_equal(loaded->returns, drawn->returns, 7 * sizeof *drawn->returns);
    assert_memory_equal(loaded->tickets, drawn->tickets, 7 * sizeof *drawn->tickets);

    assert_int_equal(rb_visitor_load_memory(&visitor, data, bytes, NULL), RB_OK);
    rb_replay_visit_batch(c.replay, visitor);
    assert_int_equal(rb_visitor_finish(visitor, NULL, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "replay: a batch has 7 samples"));
    free(data);
    pair_close(&a), pair_close(&b), pair_close(&c);
}

static void test_the_hash_sees_every_part(void **state)
{
    (void)state;
    rb_replay_spec spec = usual_spec(1, 3, 4, 100, 4);
    spec.params.prioritized = true;
    pair p;
    pair_open(&p, &spec);
    play(&p, 0, 150, GOES_ON);
    uint64_t whole = hash_of(p.replay);
    rb_ring *ring = &p.replay->rings[0];
    ring->frames[57 * FRAME_BYTES] ^= 1;
    assert_true(hash_of(p.replay) != whole);
    ring->frames[57 * FRAME_BYTES] ^= 1;
    ring->row[3].reward += 1;
    assert_true(hash_of(p.replay) != whole);
    ring->row[3].reward -= 1;
    p.replay->max_priority += 1;
    assert_true(hash_of(p.replay) != whole);
    p.replay->max_priority -= 1;
    assert_true(hash_of(p.replay) == whole);
    rb_sum_tree_set(&p.replay->tree, 20, 0.75);
    assert_true(hash_of(p.replay) != whole);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_the_bytes_it_says),
        cmocka_unit_test(test_a_million_atari_steps_take_their_frames_and_little_more),
        cmocka_unit_test(test_a_capacity_that_can_not_work_is_refused),
        cmocka_unit_test(test_the_least_capacity_can_be_learned_from),
        cmocka_unit_test(test_size_never_passes_the_capacity),
        cmocka_unit_test(test_what_is_loaded_goes_on_bit_for_bit),
        cmocka_unit_test(test_largest_priority_survives_a_resume),
        cmocka_unit_test(test_saves_filled_rows_only),
        cmocka_unit_test(test_a_checkpoint_of_other_settings_is_refused),
        cmocka_unit_test(test_a_drawn_batch_is_saved_and_an_impossible_one_refused),
        cmocka_unit_test(test_the_hash_sees_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
