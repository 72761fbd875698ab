// Replay against a direct calculation from the list of all steps, over thousands of random episodes: after
// every step the number of drawable starts, and repeatedly the whole set with every state, next state, return
// and discount.
#include "replay/replay_model.h"
#include "sanitized.h"

typedef struct scene {
    int streams, n_step, stack, masked_actions;
    bool black, prioritized, annealed;
    rb_obs_kind kind;
} scene;

// Keeps in the list only what the ring can still hold, so that counting by definition stays cheap.
static void forget(model *m)
{
    for (int stream = 0; stream < m->spec.streams; stream++) {
        model_stream *s = &m->streams[stream];
        for (int i = 0; i < s->count; i++)
            if (!frame_is_there(m, number_at(m, stream, &s->episodes[i], 0)) &&
                s->episodes[i].end != GOES_ON && i + 1 < s->count &&
                !frame_is_there(m, number_at(m, stream, &s->episodes[i + 1], 0)))
                s->episodes[i].length = 0;
    }
}

static int play_scene(const scene *sc, int longest, int ticks)
{
    rb_replay_spec spec = usual_spec(sc->streams, sc->n_step, sc->stack, 61 * sc->streams, 8);
    spec.params.prioritized = sc->prioritized;
    spec.black_start = sc->black;
    spec.kind = sc->kind;
    spec.masked_actions = sc->masked_actions;
    if (sc->kind == RB_OBS_F32) spec.channels = FRAME_BYTES / 4, spec.height = spec.width = 1;
    pair p;
    pair_open(&p, &spec);
    p.rng = rb_rng_stream(11, RB_RNG_TEST,
                          (uint64_t)(sc->streams * 1000 + sc->n_step * 10 + sc->stack + longest));
    int *left = calloc((size_t)sc->streams, sizeof *left);
    rb_batch *batch = rb_replay_batch(p.replay);
    for (int tick = 0; tick < ticks; tick++) {
        for (int stream = 0; stream < sc->streams; stream++) live(&p, stream, &left[stream], longest);
        if (tick % 50 == 0) forget(&p.list);
        if (sc->annealed && tick % 7 == 0) {
            p.list.window = 1 + (int)rb_rng_below(&p.rng, (uint32_t)sc->n_step);
            p.list.gamma = rb_rng_double(&p.rng);
            rb_replay_window(p.replay, p.list.window, p.list.gamma);
        }
        assert_int_equal(rb_replay_starts(p.replay), model_starts(&p.list));
        if (rb_replay_sample(p.replay, &p.rng, 0.5, batch))
            for (int i = 0; i < batch->size; i++) {
                check_sample(&p.list, batch, i);
                batch->priorities[i] = rb_rng_float(&p.rng);
            }
        else
            assert_true(rb_replay_starts(p.replay) < batch->size);
        if (batch->tickets[0]) rb_replay_update(p.replay, batch);
        if (tick % 23 == 0 || tick < 70) check_all(&p.list, p.replay);
    }
    check_all(&p.list, p.replay);
    int episodes = 0;
    for (int stream = 0; stream < sc->streams; stream++) {
        episodes += p.list.streams[stream].count;
        assert_true(p.list.streams[stream].writes > 2 * p.list.rows); // the ring wrapped around
    }
    free(left);
    pair_close(&p);
    return episodes;
}

static void test_every_scene_equals_the_direct_calculation(void **state)
{
    (void)state;
    static const int streams[] = {1, 8}, n_steps[] = {1, 3, 5, 20}, stacks[] = {1, 4},
                     longest[] = {6, 40, 150};
    int episodes = 0, turn = 0;
    for (int s = 0; s < 2; s++)
        for (int n = 0; n < 4; n++)
            for (int k = 0; k < 2; k++)
                for (int l = 0; l < 3; l++)
                    for (int black = 0; black < 2; black++, turn++) {
                        if (SANITIZED && turn % 7) continue;
                        scene sc = {.streams = streams[s],
                                    .n_step = n_steps[n],
                                    .stack = stacks[k],
                                    .masked_actions = turn % 5 < 2 ? 18 + turn % 5 : 0,
                                    .black = black,
                                    .prioritized = turn % 3 == 1,
                                    .annealed = turn % 7 < 3,
                                    .kind = (turn / 2) % 2 && !model_compress ? RB_OBS_F32 : RB_OBS_U8};
                        episodes += play_scene(&sc, longest[l], s == 0 ? 1200 : 300);
                    }
    assert_true(episodes > (SANITIZED ? 500 : 5000));
}

// The smallest allowed ring: the write head is always near.
static void test_the_smallest_ring_is_right_too(void **state)
{
    (void)state;
    for (int n = 1; n <= 7; n++)
        for (int stack = 1; stack <= 5; stack++) {
            rb_replay_spec spec = usual_spec(2, n, stack, 2 * (n + stack + 1), 1);
            pair p;
            pair_open(&p, &spec);
            int left[2] = {0};
            for (int tick = 0; tick < 200; tick++)
                for (int stream = 0; stream < 2; stream++) {
                    live(&p, stream, &left[stream], 3 + n);
                    check_all(&p.list, p.replay);
                }
            pair_close(&p);
        }
}

// The same with compressed frames, if all fit (a ratio of 1) and if most do not.
static void test_compressed_frames_are_right_too(void **state)
{
    if (!rb_packed_available()) skip();
    model_compress = RB_COMPRESS_LZ4;
    test_every_scene_equals_the_direct_calculation(state);
    test_the_smallest_ring_is_right_too(state);
    model_compress = RB_COMPRESS_NONE;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scene_equals_the_direct_calculation),
        cmocka_unit_test(test_the_smallest_ring_is_right_too),
        cmocka_unit_test(test_compressed_frames_are_right_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
