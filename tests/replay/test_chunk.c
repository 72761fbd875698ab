// Settled rows in blocks of their own: a state without them, and the blocks of many checkpoints, are the
// whole replay, bit for bit; and blocks that are made while the replay goes on are those of the moment
// before.
#include "replay/replay_model.h"
#include "replay_visits.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/task.h"
#include "replay/chunk.h"

enum { STREAMS_MOST = 3, BLOCKS_MOST = 4000, PIECE = 13 };
static char path[] = "/tmp/rb_chunk_XXXXXX";

typedef struct block {
    int stream;
    uint64_t from, to;
    uint8_t *image;
    size_t bytes;
} block;

typedef struct shelf { // all blocks so far
    block block[BLOCKS_MOST];
    int count;
    uint64_t next[STREAMS_MOST]; // serials
} shelf;

// The kinds of replay: plain bytes, plain floats, compressed in a circle that suffices, in one that does not;
// bytes and compressed with masks.
enum { KINDS = 6 };

static bool is_compressed(int kind)
{
    return kind >= 2 && kind != 4;
}

static rb_replay_spec spec_of(int kind, int streams)
{
    rb_replay_spec spec = usual_spec(streams, 3, 4, 100 * streams, 8);
    spec.params.prioritized = true;
    if (kind == 1) {
        spec.kind = RB_OBS_F32;
        spec.width = 2;
    }
    if (is_compressed(kind)) spec.params.compress = RB_COMPRESS_LZ4;
    if (kind >= 4) spec.masked_actions = 19;
    if (kind == 3 || kind == 5) spec.params.compress_ratio = 30;
    return spec;
}

static void learn_once(pair *p)
{
    rb_batch *batch = rb_replay_batch(p->replay);
    if (!rb_replay_sample(p->replay, &p->rng, 0.4, batch)) return;
    for (int i = 0; i < batch->size; i++) batch->priorities[i] = 3 * rb_rng_float(&p->rng);
    rb_replay_update(p->replay, batch);
}

static void tick(pair *p, int *left, int longest)
{
    for (int stream = 0; stream < p->list.spec.streams; stream++) live(p, stream, &left[stream], longest);
    learn_once(p);
}

static uint8_t *make_image(const rb_replay *replay, const rb_chunk *chunk, uint64_t from, uint64_t to,
                           size_t *bytes)
{
    uint8_t *image = malloc(rb_chunk_most_bytes(replay));
    assert_non_null(image);
    *bytes = rb_chunk_image(chunk, replay, from, to, image);
    assert_true(*bytes <= rb_chunk_most_bytes(replay));
    return image;
}

// Adds the rows that are new since the last call, a few in a block.
static void put_new_rows(shelf *s, const rb_replay *replay)
{
    rb_row row[200];
    for (int stream = 0; stream < rb_replay_streams(replay); stream++) {
        uint64_t reach, settled;
        rb_replay_settled(replay, stream, &reach, &settled);
        uint64_t from = s->next[stream] > reach ? s->next[stream] : reach;
        rb_chunk chunk;
        assert_true(settled - from <= 200);
        rb_chunk_take(&chunk, replay, stream, from, settled, row);
        for (uint64_t to; from < settled; from = to) {
            assert_true(s->count < BLOCKS_MOST);
            to = settled - from > PIECE ? from + PIECE : settled;
            block *b = &s->block[s->count++];
            *b = (block){.stream = stream, .from = from, .to = to};
            b->image = make_image(replay, &chunk, from, to, &b->bytes);
        }
        s->next[stream] = settled;
    }
}

static void clear(shelf *s)
{
    for (int i = 0; i < s->count; i++) free(s->block[i].image);
    memset(s, 0, sizeof *s);
}

static void save_without_rows(rb_replay *replay)
{
    rb_visitor *v;
    void *data;
    size_t bytes;
    assert_int_equal(rb_visitor_save_image(&v, NULL, 0, NULL), RB_OK);
    rb_replay_visit(replay, v);
    assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, NULL), RB_OK);
    assert_int_equal(rb_file_write(path, data, bytes, NULL), RB_OK);
    free(data);
}

typedef struct load_context { // into a replay, from a shelf
    rb_replay *replay;
    const shelf *from;
} load_context;

static rb_status load_rows(void *context, rb_error *error)
{
    const load_context *l = context;
    uint8_t image[1 << 16];
    (void)error;
    for (int i = 0; i < l->from->count; i++) {
        const block *b = &l->from->block[i];
        uint64_t reach, settled;
        rb_replay_settled(l->replay, b->stream, &reach, &settled);
        if (b->to <= reach) continue; // such a file would be gone
        assert_true(b->bytes <= sizeof image);
        memcpy(image, b->image, b->bytes);
        assert_int_equal(rb_chunk_restore(l->replay, b->stream, b->from, image, b->bytes), b->to - b->from);
    }
    return RB_OK;
}

static void load_with_rows(rb_replay *replay, const shelf *s)
{
    rb_visitor *v;
    rb_error error = {0};
    load_context context = {replay, s};
    if (rb_visitor_load(&v, path, &error)) fail_msg("%s", error.message);
    rb_visitor_set_outside(v, load_rows, &context);
    rb_replay_visit(replay, v);
    if (rb_visitor_finish(v, NULL, &error)) fail_msg("%s", error.message);
}

// The same step and the same update for two replays.
static void step_both(pair *a, pair *b, int number)
{
    b->rng = a->rng;
    for (int which = 0; which < 2; which++) {
        pair *p = which ? b : a;
        for (int stream = 0; stream < p->list.spec.streams; stream++) {
            uint8_t frame[FRAME_BYTES];
            frame_fill(p->list.spec.kind, 1000000 + number, frame);
            if (number % 19 == 0)
                rb_replay_begin(p->replay, stream, frame); // a cut, or after an end
            else
                rb_replay_append(p->replay, stream, number % 5, (float)number, number % 19 == 18, false,
                                 frame);
            uint8_t mask[64];
            mask_fill(&p->list.spec, number, mask);
            rb_replay_allow(p->replay, stream, mask);
        }
        learn_once(p);
    }
}

// Saved at any number of ticks, with the rows of earlier savings reused, and loaded into a new replay and
// into one with another history.
static void test_what_is_loaded_goes_on_bit_for_bit(void **state)
{
    (void)state;
    static shelf s;
    static const int pauses[] = {0, 1, 2, 30, 60, 7, 1, 95, 160, 31};
    for (int kind = 0; kind < KINDS; kind++)
        for (int streams = 1; streams <= STREAMS_MOST; streams += 2) {
            rb_replay_spec spec = spec_of(kind, streams);
            if (is_compressed(kind) && !rb_packed_available()) continue;
            pair a;
            pair_open(&a, &spec);
            int left[STREAMS_MOST] = {0};
            for (size_t save = 0; save < sizeof pauses / sizeof *pauses; save++) {
                for (int i = 0; i < pauses[save]; i++) tick(&a, left, 25);
                save_without_rows(a.replay);
                put_new_rows(&s, a.replay);
                for (int used = 0; used < 2; used++) {
                    pair b;
                    int other[STREAMS_MOST] = {0};
                    pair_open(&b, &spec);
                    b.rng = rb_rng_stream(8, RB_RNG_TEST, save);
                    for (int i = 0; i < 170 * used; i++) tick(&b, other, 9);
                    load_with_rows(b.replay, &s);
                    assert_true(hash_of(b.replay) == hash_of(a.replay));
                    assert_int_equal(rb_replay_size(b.replay), rb_replay_size(a.replay));
                    pair_close(&b);
                }
            }
            // and both go on alike
            pair b;
            pair_open(&b, &spec);
            load_with_rows(b.replay, &s);
            for (int i = 0; i < 250; i++) {
                step_both(&a, &b, i);
                assert_true(rb_replay_starts(a.replay) == rb_replay_starts(b.replay));
            }
            assert_true(hash_of(a.replay) == hash_of(b.replay));
            pair_close(&b);
            pair_close(&a);
            clear(&s);
        }
}

typedef struct reading { // of all rows of a replay, slowly
    rb_replay *replay;
    rb_chunk chunk[STREAMS_MOST];
    const shelf *expected;
    bool equal;
} reading;

static void read_slowly(void *context)
{
    reading *r = context;
    static uint8_t image[1 << 16];
    r->equal = true;
    for (int i = 0; i < r->expected->count; i++) {
        const block *b = &r->expected->block[i];
        const size_t bytes = rb_chunk_image(&r->chunk[b->stream], r->replay, b->from, b->to, image);
        r->equal = r->equal && bytes == b->bytes && !memcmp(image, b->image, bytes);
        rb_gate_set(rb_replay_gate(r->replay, b->stream), b->to);
        rb_clock_nap(0.0002);
    }
    for (int i = 0; i < rb_replay_streams(r->replay); i++) rb_gate_open(rb_replay_gate(r->replay, i));
}

static void test_rows_wait_for_a_slow_reader(void **state)
{
    (void)state;
    static shelf s;
    static rb_row rows[STREAMS_MOST][200];
    for (int kind = 0; kind < KINDS; kind++) {
        if (is_compressed(kind) && !rb_packed_available()) continue;
        rb_replay_spec spec = spec_of(kind, STREAMS_MOST);
        pair a;
        pair_open(&a, &spec);
        int left[STREAMS_MOST] = {0};
        for (int i = 0; i < 150; i++) tick(&a, left, 25);
        for (int turn = 0; turn < 3; turn++) {
            reading r = {.replay = a.replay, .expected = &s};
            put_new_rows(&s, a.replay);
            for (int stream = 0; stream < STREAMS_MOST; stream++) {
                uint64_t reach, settled;
                rb_replay_settled(a.replay, stream, &reach, &settled);
                rb_chunk_take(&r.chunk[stream], a.replay, stream, reach, settled, rows[stream]);
                rb_gate_set(rb_replay_gate(a.replay, stream), reach);
            }
            rb_task *task;
            assert_int_equal(rb_task_start(&task, read_slowly, &r, NULL), RB_OK);
            for (int i = 0; i < 250; i++) tick(&a, left, 25); // every row is overwritten
            rb_task_finish(task);
            assert_true(r.equal);
            clear(&s);
        }
        check_all(&a.list, a.replay);
        pair_close(&a);
    }
}

// An image is refused if its size or its number of rows is wrong; memory is never touched outside (asan).
static void test_damaged_images(void **state)
{
    (void)state;
    static shelf s;
    for (int kind = 0; kind < KINDS; kind++) {
        if (is_compressed(kind) && !rb_packed_available()) continue;
        rb_replay_spec spec = spec_of(kind, 1);
        pair a;
        pair_open(&a, &spec);
        int left[STREAMS_MOST] = {0};
        rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
        for (int i = 0; i < 60; i++) tick(&a, left, 25);
        put_new_rows(&s, a.replay);
        for (int i = 0; i < 2000; i++) {
            const block *b = &s.block[i % s.count];
            uint8_t *image = malloc(b->bytes);
            size_t bytes = b->bytes;
            memcpy(image, b->image, bytes);
            if (i % 3 == 0)
                bytes = rb_rng_below(&rng, (uint32_t)bytes);
            else
                image[rb_rng_below(&rng, i % 3 == 1 ? 4 : (uint32_t)bytes)] ^=
                    (uint8_t)(1 + rb_rng_below(&rng, 255));
            const int64_t got = rb_chunk_restore(a.replay, 0, b->from, image, bytes);
            if (i % 3 < 2) assert_int_equal(got, 0);
            free(image);
        }
        clear(&s);
        pair_close(&a);
    }
}

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_loaded_goes_on_bit_for_bit),
        cmocka_unit_test(test_rows_wait_for_a_slow_reader),
        cmocka_unit_test(test_damaged_images),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
