// Compressed frames: the same replay as with plain ones, bit for bit, in less memory; and if the planned
// memory is too small, a replay with fewer rows.
#include "replay/replay_model.h"
#include "replay_visits.h"
#include "sanitized.h"

static rb_replay_spec packed_spec(int streams, int n_step, int64_t capacity, double ratio)
{
    rb_replay_spec spec = usual_spec(streams, n_step, 4, capacity, 8);
    spec.params.compress = RB_COMPRESS_LZ4;
    spec.params.compress_ratio = ratio;
    spec.params.prioritized = true;
    return spec;
}

static int64_t rows_there(const rb_ring *ring)
{
    return (int64_t)(ring->head - rb_ring_oldest(ring));
}

// Frames of noise in circles that are far too small, compared with the list of all steps; the ring provides
// only the number of rows it holds.
static void test_too_small_a_circle_keeps_fewer_rows_and_is_right(void **state)
{
    (void)state;
    for (int turn = 0; turn < 18; turn += SANITIZED ? 5 : 1) {
        int streams = turn % 2 ? 3 : 1, n = turn % 3 == 2 ? 20 : 3;
        model_noise = turn < 6 ? 1 : turn < 12 ? 2 : 9;
        rb_replay_spec spec = packed_spec(streams, n, 300 * streams, turn % 3 ? 1000 : 2);
        pair p;
        pair_open(&p, &spec);
        p.rng = rb_rng_stream(5, RB_RNG_TEST, (uint64_t)turn);
        int left[3] = {0};
        int64_t least = n + 4 + 1 + 8 / streams;
        for (int tick = 0; tick < 900; tick++) {
            for (int stream = 0; stream < streams; stream++) {
                live(&p, stream, &left[stream], turn % 4 ? 60 : 5);
                const rb_ring *ring = &p.replay->rings[stream];
                int64_t written = (int64_t)ring->head;
                assert_true(rows_there(ring) >= (written < least ? written : least));
                assert_true(ring->packed.top <= ring->packed.capacity);
            }
            assert_int_equal(rb_replay_starts(p.replay), model_starts(&p.list));
            if (tick % 41 == 0) check_all(&p.list, p.replay);
        }
        check_all(&p.list, p.replay);
        if (model_noise == 1) {
            assert_true(rb_replay_evicted_early(p.replay) > 0);
            assert_true(rb_replay_size(p.replay) < 300 * streams - 100);
        }
        pair_close(&p);
    }
    model_noise = 9;
}

// An endless episode of noise can be learned from, even with the smallest planned memory.
static void test_noise_can_be_learned_from(void **state)
{
    (void)state;
    model_noise = 1;
    for (int streams = 1; streams <= 3; streams++) {
        rb_replay_spec spec = packed_spec(streams, 3, 2000, 1000);
        pair p;
        pair_open(&p, &spec);
        for (int stream = 0; stream < streams; stream++) play(&p, stream, 500, GOES_ON);
        for (int i = 0; i < 100; i++)
            assert_true(rb_replay_sample(p.replay, &p.rng, 1, rb_replay_batch(p.replay)));
        pair_close(&p);
    }
    model_noise = 9;
}

// A small game of pictures: a still background for each episode, three moving things, a blinking score.
enum { SIDE = 42, PICTURE = SIDE * SIDE };

static void paint(rb_rng *rng, int episode, int at, uint8_t *out)
{
    for (int i = 0; i < PICTURE; i++) out[i] = (uint8_t)(i / SIDE % 7 * 20 + episode % 5);
    for (int thing = 0; thing < 3; thing++) {
        int x = (at * (thing + 1) + episode * 5) % (SIDE - 6), y = (at + thing * 11) % (SIDE - 6);
        for (int i = 0; i < 36; i++) out[(y + i / 6) * SIDE + x + i % 6] = (uint8_t)(200 + thing);
    }
    if (at % 13 == 5)
        for (int i = 0; i < PICTURE / 2; i++) out[i] = (uint8_t)rb_rng_u32(rng); // an explosion
}

typedef struct player {
    rb_rng rng;
    int episode[2], at[2];
} player;

static void play_tick(player *p, rb_replay *const *replays, int count)
{
    static uint8_t picture[PICTURE];
    for (int stream = 0; stream < 2; stream++) {
        uint32_t explore_rng = rb_rng_below(&p->rng, 60);
        bool begins = p->at[stream] == 0 || explore_rng == 59; // occasionally an episode is cut
        if (begins) p->episode[stream]++, p->at[stream] = 0;
        paint(&p->rng, p->episode[stream], p->at[stream]++, picture);
        for (int i = 0; i < count; i++) {
            if (begins)
                rb_replay_begin(replays[i], stream, picture);
            else
                rb_replay_append(replays[i], stream, (int)explore_rng % 6, (float)explore_rng,
                                 explore_rng == 0, explore_rng == 1, picture);
        }
        if (!begins && explore_rng <= 1) p->at[stream] = 0;
    }
}

static rb_replay_spec picture_spec(int compress, int64_t capacity)
{
    rb_replay_spec spec = packed_spec(2, 3, capacity, 3);
    spec.params.compress = compress;
    spec.channels = 1;
    spec.height = spec.width = SIDE;
    return spec;
}

// Samples from each with the same random stream; the batches must be equal.
static void draw_and_compare(rb_replay *const *replays, int count, uint64_t turn)
{
    size_t observations = 8 * 4 * PICTURE;
    rb_batch *first = rb_replay_batch(replays[0]);
    for (int i = 0; i < count; i++) {
        rb_rng rng = rb_rng_stream(9, RB_RNG_TEST, turn);
        rb_batch *batch = rb_replay_batch(replays[i]);
        if (!rb_replay_sample(replays[i], &rng, 0.5, batch)) return;
        assert_memory_equal(batch->states, first->states, observations);
        assert_memory_equal(batch->next_states, first->next_states, observations);
        assert_memory_equal(batch->actions, first->actions, 8 * sizeof *batch->actions);
        assert_memory_equal(batch->weights, first->weights, 8 * sizeof *batch->weights);
        assert_memory_equal(batch->returns, first->returns, 8 * sizeof *batch->returns);
        for (int k = 0; k < 8; k++) batch->priorities[k] = 2 * rb_rng_float(&rng);
        rb_replay_update(replays[i], batch);
    }
}

static void test_plain_and_compressed_give_the_same_batches_and_hashes(void **state)
{
    (void)state;
    rb_replay_spec plain = picture_spec(RB_COMPRESS_NONE, 400), packed = picture_spec(RB_COMPRESS_LZ4, 400);
    pair a, b;
    pair_open(&a, &plain);
    pair_open(&b, &packed);
    rb_replay *both[] = {a.replay, b.replay};
    player p = {.rng = rb_rng_stream(2, RB_RNG_TEST, 0)};
    for (int tick = 0; tick < 1500; tick++) {
        play_tick(&p, both, 2);
        draw_and_compare(both, 2, (uint64_t)tick);
        if (tick % 100 == 0) assert_true(hash_of(a.replay) == hash_of(b.replay));
    }
    assert_true(hash_of(a.replay) == hash_of(b.replay));
    assert_int_equal(rb_replay_evicted_early(b.replay), 0);
    pair_close(&a);
    pair_close(&b);
}

// A replay is saved at any time and loaded into a new replay and into one with another history. All continue
// alike, in a circle that suffices and in one that does not.
static void test_what_is_loaded_goes_on_bit_for_bit(void **state)
{
    (void)state;
    for (int turn = 0; turn < 12; turn += SANITIZED ? 5 : 1) {
        rb_replay_spec spec = picture_spec(RB_COMPRESS_LZ4, turn % 2 ? 2400 : 400);
        if (turn % 2) spec.params.compress_ratio = 30;
        pair a, b, used;
        pair_open(&a, &spec);
        pair_open(&b, &spec);
        pair_open(&used, &spec);
        player p = {.rng = rb_rng_stream(2, RB_RNG_TEST, (uint64_t)turn)}, other = p;
        other.rng.index++;
        int ticks = turn < 2 ? 0 : turn < 4 ? 1 : turn * 97;
        for (int tick = 0; tick < ticks; tick++) {
            play_tick(&p, &a.replay, 1);
            draw_and_compare(&a.replay, 1, (uint64_t)tick);
        }
        for (int tick = 0; tick < 300; tick++) play_tick(&other, &used.replay, 1);
        void *data, *again;
        size_t bytes, again_bytes;
        save(a.replay, &data, &bytes);
        rb_replay *all[] = {a.replay, b.replay, used.replay};
        for (int i = 1; i < 3; i++) {
            rb_error error = {0};
            if (load(all[i], data, bytes, &error) != RB_OK) fail_msg("%s", error.message);
            assert_true(hash_of(all[i]) == hash_of(a.replay));
            assert_int_equal(rb_replay_size(all[i]), rb_replay_size(a.replay));
            assert_int_equal(rb_replay_starts(all[i]), rb_replay_starts(a.replay));
            save(all[i], &again, &again_bytes);
            assert_int_equal(again_bytes, bytes);
            assert_memory_equal(again, data, bytes);
            free(again);
        }
        for (int tick = 0; tick < 400; tick++) {
            play_tick(&p, all, 3);
            draw_and_compare(all, 3, (uint64_t)(1000 + tick));
        }
        for (int i = 1; i < 3; i++) assert_true(hash_of(all[i]) == hash_of(a.replay));
        if (turn % 2 && turn > 4)
            assert_true(rb_replay_evicted_early(a.replay) > 0);
        else if (turn % 2 == 0)
            assert_int_equal(rb_replay_evicted_early(a.replay), 0);
        free(data);
        pair_close(&a);
        pair_close(&b);
        pair_close(&used);
    }
}

static void test_a_checkpoint_is_as_small_as_the_memory(void **state)
{
    (void)state;
    rb_replay_spec spec = picture_spec(RB_COMPRESS_LZ4, 2000);
    pair a;
    pair_open(&a, &spec);
    player p = {.rng = rb_rng_stream(2, RB_RNG_TEST, 0)};
    for (int tick = 0; tick < 1200; tick++) play_tick(&p, &a.replay, 1);
    void *data;
    size_t bytes;
    save(a.replay, &data, &bytes);
    assert_true((double)bytes < rb_replay_bytes(&spec) && bytes < (size_t)2000 * PICTURE / 3 + 2100 * 40);
    free(data);
    pair_close(&a);
}

// With any byte of a checkpoint changed, it is rejected, or it is a replay with readable frames; nothing
// else.
static void test_a_damaged_checkpoint_does_no_harm(void **state)
{
    (void)state;
    rb_replay_spec spec = packed_spec(1, 3, 60, 3);
    pair a, b;
    pair_open(&a, &spec);
    pair_open(&b, &spec);
    for (int i = 0; i < 20; i++) play(&a, 0, 1 + i, i % 3);
    void *data;
    size_t bytes;
    save(a.replay, &data, &bytes);
    int refused = 0;
    for (size_t at = 0; at < bytes; at++) {
        uint8_t *byte = (uint8_t *)data + at, was = *byte;
        *byte ^= (uint8_t)(1 << at % 8);
        if (load(b.replay, data, bytes, NULL) != RB_OK)
            refused++;
        else
            hash_of(b.replay);
        *byte = was;
    }
    assert_true(refused > 500);
    assert_int_equal(load(b.replay, data, bytes, NULL), RB_OK);
    assert_true(hash_of(b.replay) == hash_of(a.replay));
    rb_replay_spec plain = spec;
    plain.params.compress = RB_COMPRESS_NONE;
    pair c;
    pair_open(&c, &plain);
    assert_int_equal(load(c.replay, data, bytes, NULL), RB_ERR_FORMAT);
    pair_close(&c);
    free(data);
    pair_close(&a);
    pair_close(&b);
}

static void test_numbers_are_refused(void **state)
{
    (void)state;
    rb_arena *arena;
    rb_replay *replay;
    rb_error error = {0};
    rb_replay_spec spec = packed_spec(1, 3, 1000, 5);
    spec.kind = RB_OBS_F32;
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "replay.compress: only pictures"));
    rb_arena_destroy(arena);
}

static void test_without_lz4_it_says_what_is_missing(void **state)
{
    (void)state;
    rb_arena *arena;
    rb_replay *replay;
    rb_error error = {0};
    rb_replay_spec spec = packed_spec(1, 3, 1000, 5);
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    rb_status status = rb_replay_create(&replay, &spec, arena, &error);
    assert_int_equal(status, rb_packed_available() ? RB_OK : RB_ERR_MISSING);
    assert_true(rb_packed_available() || strstr(error.message, "liblz4-dev"));
    rb_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest always[] = {
        cmocka_unit_test(test_numbers_are_refused),
        cmocka_unit_test(test_without_lz4_it_says_what_is_missing),
    };
    const struct CMUnitTest with_lz4[] = {
        cmocka_unit_test(test_too_small_a_circle_keeps_fewer_rows_and_is_right),
        cmocka_unit_test(test_noise_can_be_learned_from),
        cmocka_unit_test(test_plain_and_compressed_give_the_same_batches_and_hashes),
        cmocka_unit_test(test_what_is_loaded_goes_on_bit_for_bit),
        cmocka_unit_test(test_a_checkpoint_is_as_small_as_the_memory),
        cmocka_unit_test(test_a_damaged_checkpoint_does_no_harm),
    };
    int failed = cmocka_run_group_tests(always, NULL, NULL);
    return rb_packed_available() ? failed + cmocka_run_group_tests(with_lz4, NULL, NULL) : failed;
}
