// Random shifts against their definition, a window into the padded picture, and the chances of each shift;
// and the distribution of random intensities.
#include <math.h>
#include "replay/replay_model.h"
#include "replay/augment.h"

enum { PLANES = 4, SIDE_MOST = 9 };

static int nearest(int at, int size)
{
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

static void test_a_plane_is_the_definition(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    for (int round = 0; round < 20000; round++) {
        const int height = 1 + (int)rb_rng_below(&rng, SIDE_MOST),
                  width = 1 + (int)rb_rng_below(&rng, SIDE_MOST);
        const int down = (int)rb_rng_below(&rng, 25) - 12, right = (int)rb_rng_below(&rng, 25) - 12;
        uint8_t bytes[SIDE_MOST * SIDE_MOST + 1], was[SIDE_MOST * SIDE_MOST];
        float floats[SIDE_MOST * SIDE_MOST];
        for (int i = 0; i < height * width; i++) {
            was[i] = bytes[i] = (uint8_t)rb_rng_u32(&rng);
            floats[i] = (float)was[i] / 3;
        }
        bytes[height * width] = 77;
        rb_shift_plane(bytes, height, width, 1, down, right);
        rb_shift_plane(floats, height, width, sizeof(float), down, right);
        assert_int_equal(bytes[height * width], 77);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                const uint8_t old = was[nearest(y + down, height) * width + nearest(x + right, width)];
                assert_int_equal(bytes[y * width + x], old);
                assert_true(floats[y * width + x] == (float)old / 3);
            }
    }
}

// Pictures whose pixels tell their place, so that a shift can be read from one.
enum { SIDE = 13, MIDDLE = 6, BATCH = 8 };

static uint8_t states[BATCH][PLANES][SIDE][SIDE], next_states[BATCH][PLANES][SIDE][SIDE];

static rb_batch batch_of(int size)
{
    for (int i = 0; i < BATCH * PLANES * SIDE * SIDE; i++)
        ((uint8_t *)states)[i] = ((uint8_t *)next_states)[i] = (uint8_t)(i % (SIDE * SIDE));
    return (rb_batch){.size = size,
                      .kind = RB_OBS_U8,
                      .planes = PLANES,
                      .height = SIDE,
                      .width = SIDE,
                      .states = states,
                      .next_states = next_states};
}

// The shift that a state got, which all of its planes must share.
static void read_shift(const uint8_t state[PLANES][SIDE][SIDE], int *down, int *right)
{
    const int place = state[0][MIDDLE][MIDDLE];
    *down = place / SIDE - MIDDLE, *right = place % SIDE - MIDDLE;
    for (int p = 0; p < PLANES; p++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                assert_int_equal(state[p][y][x], nearest(y + *down, SIDE) * SIDE + nearest(x + *right, SIDE));
}

static void test_shifts_are_uniform_and_independent(void **state)
{
    (void)state;
    enum { PAD = 2, KINDS = 2 * PAD + 1, UPDATES = 4000, DRAWS = UPDATES * BATCH };
    static int one[4][KINDS], two[6][KINDS][KINDS];
    for (uint64_t update = 0; update < UPDATES; update++) {
        rb_batch batch = batch_of(BATCH);
        rb_shift_batch(&batch, PAD, 5, update);
        for (int i = 0; i < BATCH; i++) {
            int s[4], pairs = 0;
            read_shift(states[i], &s[0], &s[1]);
            read_shift(next_states[i], &s[2], &s[3]);
            for (int a = 0; a < 4; a++) {
                assert_in_range(s[a] + PAD, 0, 2 * PAD);
                one[a][s[a] + PAD]++;
                for (int b = a + 1; b < 4; b++) two[pairs++][s[a] + PAD][s[b] + PAD]++;
            }
        }
    }
    for (int a = 0; a < 4; a++)
        for (int i = 0; i < KINDS; i++) assert_true(fabs(one[a][i] - DRAWS / 5.0) < 6 * sqrt(DRAWS / 5.0));
    for (int a = 0; a < 6; a++)
        for (int i = 0; i < KINDS * KINDS; i++)
            assert_true(fabs(two[a][i / KINDS][i % KINDS] - DRAWS / 25.0) < 6 * sqrt(DRAWS / 25.0));
}

// It depends on the seed, the update and the sample, and not on the others of the batch.
static void test_a_shift_has_its_own_numbers(void **state)
{
    (void)state;
    static uint8_t first[BATCH][PLANES][SIDE][SIDE];
    rb_batch batch = batch_of(BATCH);
    rb_shift_batch(&batch, 4, 5, 9);
    memcpy(first, states, sizeof first);
    batch = batch_of(3);
    rb_shift_batch(&batch, 4, 5, 9);
    assert_memory_equal(first, states, 3 * sizeof first[0]);
    for (int other = 0; other < 2; other++) {
        batch = batch_of(BATCH);
        rb_shift_batch(&batch, 4, other ? 6 : 5, other ? 9 : 10);
        assert_memory_not_equal(first, states, sizeof first);
    }
    batch = batch_of(BATCH);
    memcpy(first, states, sizeof first);
    rb_shift_batch(&batch, 0, 5, 9);
    assert_memory_equal(first, states, sizeof first);
}

// A picture with a vector: each frame's planes move as they would without one, and the vectors stay.
static void test_vectors_stay(void **state)
{
    (void)state;
    enum { FRAMES = 2, VECTOR = 3, PICTURE = PLANES / FRAMES * SIDE * SIDE, FRAME = PICTURE + VECTOR * 4 };
    static uint8_t both[2][BATCH][FRAMES][FRAME];
    _Static_assert(PLANES % FRAMES == 0, "whole frames");
    rb_batch alone = batch_of(BATCH), batch = alone;
    batch.vector = VECTOR, batch.frames = FRAMES, batch.states = both[0], batch.next_states = both[1];
    for (int i = 0; i < 2 * BATCH * FRAMES; i++) {
        uint8_t *frame = (uint8_t *)both + i * FRAME;
        memcpy(frame, (uint8_t *)states + i % (BATCH * FRAMES) * PICTURE, PICTURE);
        memset(frame + PICTURE, 200 + i, VECTOR * 4);
    }
    rb_shift_batch(&alone, 4, 5, 9);
    rb_shift_batch(&batch, 4, 5, 9);
    for (int i = 0; i < 2 * BATCH * FRAMES; i++) {
        const uint8_t *frame = (uint8_t *)both + i * FRAME;
        const uint8_t *picture = (uint8_t *)(i < BATCH * FRAMES ? states : next_states);
        assert_memory_equal(frame, picture + i % (BATCH * FRAMES) * PICTURE, PICTURE);
        for (int k = 0; k < VECTOR * 4; k++) assert_int_equal(frame[PICTURE + k], (uint8_t)(200 + i));
    }
}

// 1 + s z with z normal and cut at -2 and 2: mean 1, variance s^2 times that of such a z, and both ends as
// often as the tails of a normal distribution. A state and its next state have factors of their own.
static void test_intensities_are_normal_and_cut(void **state)
{
    (void)state;
    enum { UPDATES = 4000, DRAWS = 2 * UPDATES * BATCH };
    static float now[BATCH], next[BATCH];
    const double tail = erfc(2 / sqrt(2)) / 2, density = exp(-2) / sqrt(2 * acos(-1));
    const double variance = 1 - 2 * tail - 4 * density + 8 * tail;
    double sum = 0, squares = 0, product = 0;
    int low = 0, high = 0;
    rb_batch batch = batch_of(BATCH);
    batch.intensities = now, batch.next_intensities = next;
    for (uint64_t update = 0; update < UPDATES; update++) {
        rb_intensity_batch(&batch, 0.05, 5, update);
        for (int i = 0; i < 2 * BATCH; i++) {
            const double z = ((double)(i < BATCH ? now[i] : next[i - BATCH]) - 1) / 0.05;
            assert_true(fabs(z) < 2.00001);
            low += z<-1.99999, high += z> 1.99999;
            sum += z, squares += z * z;
            if (i < BATCH) product += z * ((double)next[i] - 1) / 0.05;
        }
    }
    const double error = 5 / sqrt(DRAWS);
    assert_true(fabs(sum / DRAWS) < error && fabs(squares / DRAWS - variance) < 1.2 * error);
    assert_true(fabs(product / (DRAWS / 2)) < 1.5 * error);
    assert_true(fabs(low / (double)DRAWS - tail) < error * sqrt(tail));
    assert_true(fabs(high / (double)DRAWS - tail) < error * sqrt(tail));
}

static void test_intensities_follow_seed_and_update(void **state)
{
    (void)state;
    static float now[2][BATCH], next[2][BATCH];
    for (int other = 0; other < 4; other++) {
        rb_batch batch = batch_of(BATCH);
        batch.intensities = now[other > 0], batch.next_intensities = next[other > 0];
        rb_intensity_batch(&batch, 0.1, other == 1 ? 6 : 5, other == 2 ? 10 : 9);
        if (other == 3)
            assert_memory_equal(now[0], now[1], sizeof now[0]);
        else if (other)
            assert_memory_not_equal(now[0], now[1], sizeof now[0]);
    }
}

static void expect_refusal(rb_replay_params params, const char *part)
{
    rb_arena *arena;
    rb_replay *replay;
    rb_error error = {0};
    rb_replay_spec spec = usual_spec(1, 1, 1, 200, 8);
    spec.kind = RB_OBS_F32, spec.channels = 4, spec.height = spec.width = 1;
    spec.params.shift = params.shift, spec.params.intensity = params.intensity;
    assert_int_equal(rb_arena_create(&arena, &error), RB_OK);
    assert_int_equal(rb_replay_create(&replay, &spec, arena, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, part));
    rb_arena_destroy(arena);
}

static void test_vectors_are_refused(void **state)
{
    (void)state;
    expect_refusal((rb_replay_params){.shift = 4}, "replay.shift = 4");
    expect_refusal((rb_replay_params){.intensity = 0.05}, "replay.intensity = 0.05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plane_is_the_definition),
        cmocka_unit_test(test_shifts_are_uniform_and_independent),
        cmocka_unit_test(test_a_shift_has_its_own_numbers),
        cmocka_unit_test(test_vectors_stay),
        cmocka_unit_test(test_intensities_are_normal_and_cut),
        cmocka_unit_test(test_intensities_follow_seed_and_update),
        cmocka_unit_test(test_vectors_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
