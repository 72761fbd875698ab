// The lambda-returns of rollouts against a direct sum, over thousands of random episodes with terminals,
// truncations and episodes that are cut; each step once in each epoch, with its own state, action and mask; a
// rollout saved and loaded anywhere.
//
// The truth is the definition, written out: for a step t whose episode, or rollout, goes on for K more steps,
//
//     G = (1 - lambda) sum_{n=1}^{K-1} lambda^{n-1} G^(n) + lambda^{K-1} G^(K)
//
// where G^(n) is the n-step return: n rewards and gamma^n V of the state after them, which is 0 after a
// terminal.
#include <math.h>
#include <unistd.h>
#include "base/arena.h"
#include "replay/replay_model.h"
#include "replay/rollout.h"

enum { STREAMS = 3, STEPS = 17, MINIBATCHES = 5, EPOCHS = 3, ACTIONS = 5, MASK_ROOM = 64, MOST = 4096 };
static const double gamma_ = 0.9, lambda_ = 0.7;

typedef struct step { // of the list that the truth is computed from
    int number, next; // the state's number and that of the state after it
    int action, end;
    float reward;
    bool first; // of an episode
} step;

typedef struct fixture {
    rb_arena *arena;
    rb_replay *replay;
    rb_rollout *rollout;
    rb_rng rng, draws;
    int numbers;               // states made so far
    int state[STREAMS];        // number of the present one
    bool began[STREAMS];       // the next step is the first of its episode
    step steps[STREAMS][MOST]; // of the rollout that is being played
    int count[STREAMS];
    bool notes; // values are noted as an agent does
} fixture;

static float value_of_state(int number)
{
    return (float)((int64_t)number * 7919 % 1009) / 100 - 5;
}

static void see(fixture *f, int stream, bool begins, int action, float reward, int end)
{
    uint8_t frame[FRAME_BYTES], mask[MASK_ROOM];
    const int number = ++f->numbers;
    frame_fill(RB_OBS_U8, number, frame);
    mask_fill(&f->replay->spec, number, mask);
    if (begins)
        rb_replay_begin(f->replay, stream, frame);
    else
        rb_replay_append(f->replay, stream, action, reward, end == TERMINAL, end == TRUNCATED, frame);
    if (begins || end != TERMINAL) rb_replay_allow(f->replay, stream, mask);
    if (begins) f->state[stream] = number, f->began[stream] = true;
}

static void open_fixture(fixture *f, uint64_t seed)
{
    *f =
        (fixture){.rng = rb_rng_stream(seed, RB_RNG_TEST, 0), .draws = rb_rng_stream(seed, RB_RNG_SAMPLE, 0)};
    const rb_rollout_spec spec = {STREAMS, STEPS, MINIBATCHES, EPOCHS, gamma_, lambda_};
    rb_replay_spec replay =
        usual_spec(STREAMS, 1, MODEL_STACK, rb_rollout_capacity(&spec, MODEL_STACK), rb_rollout_batch(&spec));
    replay.masked_actions = ACTIONS;
    replay.whole = true;
    replay.params.compress = RB_COMPRESS_NONE;
    assert_int_equal(rb_arena_create(&f->arena, NULL), RB_OK);
    assert_int_equal(rb_replay_create(&f->replay, &replay, f->arena, NULL), RB_OK);
    assert_int_equal(rb_rollout_create(&f->rollout, &spec, f->replay, f->arena, NULL), RB_OK);
    for (int i = 0; i < STREAMS; i++) see(f, i, true, 0, 0, GOES_ON);
}

static void close_fixture(fixture *f)
{
    rb_arena_destroy(f->arena);
}

// A step of one stream: as an agent, which first looks at the state.
static void play_step(fixture *f, int stream)
{
    if (f->notes) rb_rollout_note(f->rollout, stream, value_of_state(f->state[stream]));
    const uint32_t chance = rb_rng_below(&f->rng, 20);
    uint8_t mask[MASK_ROOM];
    step *s = &f->steps[stream][f->count[stream]];
    mask_fill(&f->replay->spec, f->state[stream], mask);
    *s = (step){.number = f->state[stream],
                .action = (int)rb_rng_below(&f->rng, ACTIONS),
                .reward = (float)rb_rng_below(&f->rng, 9) - 4,
                .end = chance == 0   ? TERMINAL
                       : chance == 1 ? TRUNCATED
                                     : GOES_ON,
                .first = f->began[stream]};
    while (!mask[s->action]) s->action = (s->action + 1) % ACTIONS;
    see(f, stream, false, s->action, s->reward, s->end);
    s->next = f->state[stream] = f->numbers;
    f->began[stream] = false;
    f->count[stream]++;
    if (s->end != GOES_ON) {
        see(f, stream, true, 0, 0, GOES_ON);
    } else if (chance == 2) { // the game was lost: its last step counts as a truncation
        see(f, stream, true, 0, 0, GOES_ON);
        s->end = TRUNCATED;
    }
}

// The definition above.
static double direct(const fixture *f, int stream, int t)
{
    const step *s = f->steps[stream];
    int length = 1; // K
    while (s[t + length - 1].end == GOES_ON && t + length < f->count[stream]) length++;
    double total = 0;
    for (int n = 1; n <= length; n++) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += pow(gamma_, i) * (double)s[t + i].reward;
        const step *last = &s[t + n - 1];
        if (last->end != TERMINAL) sum += pow(gamma_, n) * (double)value_of_state(last->next);
        total += (n < length ? (1 - lambda_) : 1) * pow(lambda_, n - 1) * sum;
    }
    return total;
}

static int closing(fixture *f) // returns the number of values that were missing
{
    static uint8_t states[8 * MODEL_STACK * FRAME_BYTES], masks[8 * ACTIONS];
    uint8_t mask[MASK_ROOM];
    int missing = 0;
    for (int count; (count = rb_rollout_missing(f->rollout, states, masks, 8));) {
        float values[8];
        for (int i = 0; i < count; i++) {
            const int number =
                frame_number(RB_OBS_U8, states + ((size_t)i * MODEL_STACK + MODEL_STACK - 1) * FRAME_BYTES);
            mask_fill(&f->replay->spec, number, mask);
            assert_memory_equal(masks + i * ACTIONS, mask, ACTIONS);
            values[i] = value_of_state(number);
        }
        rb_rollout_supply(f->rollout, values);
        missing += count;
    }
    rb_rollout_close(f->rollout, &f->draws);
    return missing;
}

static const step *step_of(const fixture *f, int number, int *stream, int *t)
{
    for (*stream = 0; *stream < STREAMS; ++*stream)
        for (*t = 0; *t < f->count[*stream]; ++*t)
            if (f->steps[*stream][*t].number == number) return &f->steps[*stream][*t];
    return NULL;
}

// One minibatch: states, actions and masks belong together, and the return is the direct sum.
static void check_batch(const fixture *f, const rb_batch *batch, int *seen)
{
    uint8_t mask[MASK_ROOM];
    for (int i = 0; i < batch->size; i++) {
        const uint8_t *stack = (const uint8_t *)batch->states + (size_t)i * MODEL_STACK * FRAME_BYTES;
        const int number = frame_number(RB_OBS_U8, stack + (MODEL_STACK - 1) * FRAME_BYTES);
        int stream, t;
        const step *s = step_of(f, number, &stream, &t);
        assert_non_null(s);
        if (s->first) // a stack that begins with its episode
            assert_int_equal(frame_number(RB_OBS_U8, stack), f->replay->spec.black_start ? 0 : number);
        mask_fill(&f->replay->spec, number, mask);
        assert_memory_equal(batch->masks + i * ACTIONS, mask, ACTIONS);
        assert_int_equal(batch->actions[i], s->action);
        assert_true(batch->discounts[i] == 0 && batch->weights[i] == 1);
        const double truth = direct(f, stream, t);
        if (!(fabs((double)batch->returns[i] - truth) < 1e-5 * fmax(1, fabs(truth))))
            fail_msg("stream %d, step %d: the return is %.9g, the direct sum %.9g", stream, t,
                     (double)batch->returns[i], truth);
        seen[stream * MOST + t]++;
    }
}

// All epochs, or those up to a minibatch; each step was in each.
static void check_epochs(fixture *f)
{
    static int seen[STREAMS * MOST];
    rb_batch *batch = rb_replay_batch(f->replay);
    memset(seen, 0, sizeof seen);
    assert_int_equal(rb_rollout_left(f->rollout), MINIBATCHES * EPOCHS);
    for (int k = 0; rb_rollout_left(f->rollout); k++) {
        assert_int_equal(rb_rollout_left(f->rollout), MINIBATCHES * EPOCHS - k);
        rb_rollout_gather(f->rollout, batch, 0);
        check_batch(f, batch, seen);
        rb_rollout_learned(f->rollout, &f->draws);
        for (int i = 0; (k + 1) % MINIBATCHES == 0 && i < STREAMS; i++)
            for (int t = 0; t < f->count[i]; t++) assert_int_equal(seen[i * MOST + t], (k + 1) / MINIBATCHES);
    }
    for (int i = 0; i < STREAMS; i++) f->count[i] = 0;
}

static void test_returns_are_direct_sums(void **state)
{
    (void)state;
    for (int notes = 0; notes < 2; notes++) {
        fixture f;
        open_fixture(&f, 5);
        f.notes = notes;
        int episodes = 0, missing = 0, steps = 0;
        for (int rollout = 0; rollout < 600; rollout++) {
            for (int t = 0; t < STEPS; t++)
                for (int i = 0; i < STREAMS; i++) play_step(&f, i);
            for (int i = 0; i < STREAMS; i++) {
                assert_true(rb_rollout_has_room(f.rollout, i));
                if (f.notes) rb_rollout_note(f.rollout, i, value_of_state(f.state[i]));
                for (int t = 0; t < f.count[i]; t++) episodes += f.steps[i][t].end != GOES_ON, steps++;
            }
            missing += closing(&f);
            check_epochs(&f);
        }
        assert_true(episodes > 4000);
        // With notes only the last states of truncated episodes are missing.
        if (notes) assert_true(missing < steps / 8);
        if (!notes) assert_true(missing > steps * 9 / 10);
        close_fixture(&f);
    }
}

// After the rollout was closed, a step of each stream is appended before it has been learned from: the loop
// acts first, and learns while the environments step.
static void test_a_step_may_come_before_the_epochs(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, 6);
    for (int rollout = 0; rollout < 50; rollout++) {
        for (int t = f.count[0]; t < STEPS; t++)
            for (int i = 0; i < STREAMS; i++) play_step(&f, i);
        closing(&f);
        fixture late = f; // its lists; replay is the same
        for (int i = 0; i < STREAMS; i++) late.count[i] = 0;
        for (int i = 0; i < STREAMS; i++) play_step(&late, i);
        check_epochs(&f);
        f.rng = late.rng, f.numbers = late.numbers;
        for (int i = 0; i < STREAMS; i++) {
            f.steps[i][0] = late.steps[i][0];
            f.count[i] = 1;
            f.state[i] = late.state[i];
            f.began[i] = late.began[i];
        }
    }
    close_fixture(&f);
}

// The order of samples is uniform: each is equally often first.
static void test_orders_are_random(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, 7);
    int first[STREAMS * STEPS] = {0};
    const int rounds = 4000;
    for (int round = 0; round < rounds; round++) {
        for (int t = 0; t < STEPS; t++)
            for (int i = 0; i < STREAMS; i++) play_step(&f, i);
        closing(&f);
        rb_batch *batch = rb_replay_batch(f.replay);
        rb_rollout_gather(f.rollout, batch, 0);
        int stream, t;
        const uint8_t *newest = (const uint8_t *)batch->states + (MODEL_STACK - 1) * FRAME_BYTES;
        assert_non_null(step_of(&f, frame_number(RB_OBS_U8, newest), &stream, &t));
        first[stream * STEPS + t]++;
        while (rb_rollout_left(f.rollout)) rb_rollout_learned(f.rollout, &f.draws);
        for (int i = 0; i < STREAMS; i++) f.count[i] = 0;
    }
    const double expected = (double)rounds / (STREAMS * STEPS);
    double chi2 = 0;
    for (int i = 0; i < STREAMS * STEPS; i++) chi2 += pow(first[i] - expected, 2) / expected;
    const int cells = STREAMS * STEPS - 1;
    if (chi2 > cells + 6 * sqrt(2.0 * cells)) fail_msg("chi^2 = %g over %d cells", chi2, cells);
    close_fixture(&f);
}

static void visit(fixture *f, rb_visitor *v)
{
    rb_replay_visit(f->replay, v);
    rb_rollout_visit(f->rollout, v);
    rb_rng_visit(&f->draws, v, "draws");
}

static uint64_t hash_of_fixture(fixture *f)
{
    rb_visitor *v;
    uint64_t hash = 0;
    assert_int_equal(rb_visitor_hash(&v, NULL), RB_OK);
    visit(f, v);
    assert_int_equal(rb_visitor_finish(v, &hash, NULL), RB_OK);
    return hash;
}

// Saved in the middle of a rollout, and of its epochs, and loaded elsewhere: what follows is the same,
// whichever values were known.
static void test_saved_and_loaded_anywhere(void **state)
{
    (void)state;
    const char *path = "/tmp/rb_test_rollout.state";
    for (int at = 0; at < MINIBATCHES * EPOCHS; at += 4) {
        fixture f, other;
        rb_visitor *v;
        open_fixture(&f, 8);
        f.notes = true;
        for (int t = 0; t < STEPS; t++) {
            for (int i = 0; i < STREAMS; i++) play_step(&f, i);
            if (at == 0 && t == STEPS / 2) break; // in the middle of the rollout
        }
        if (at) closing(&f);
        for (int k = 0; k < at; k++) rb_rollout_learned(f.rollout, &f.draws);
        assert_int_equal(rb_visitor_save(&v, path, NULL), RB_OK);
        visit(&f, v);
        assert_int_equal(rb_visitor_finish(v, NULL, NULL), RB_OK);
        open_fixture(&other, 9);
        rb_error error = {0};
        assert_int_equal(rb_visitor_load(&v, path, &error), RB_OK);
        visit(&other, v);
        if (rb_visitor_finish(v, NULL, &error)) fail_msg("%s", error.message);
        assert_true(hash_of_fixture(&f) == hash_of_fixture(&other));
        other.rng = f.rng, other.numbers = f.numbers;
        memcpy(other.state, f.state, sizeof f.state);
        memcpy(other.began, f.began, sizeof f.began);
        memcpy(other.steps, f.steps, sizeof f.steps);
        memcpy(other.count, f.count, sizeof f.count);
        while (at == 0 && f.count[0] < STEPS)
            for (int i = 0; i < STREAMS; i++) play_step(&f, i), play_step(&other, i);
        if (at == 0) closing(&f), closing(&other);
        while (rb_rollout_left(f.rollout)) {
            assert_true(hash_of_fixture(&f) == hash_of_fixture(&other));
            rb_rollout_learned(f.rollout, &f.draws);
            rb_rollout_learned(other.rollout, &other.draws);
        }
        assert_true(hash_of_fixture(&f) == hash_of_fixture(&other));
        assert_int_equal(rb_rollout_left(other.rollout), 0);
        close_fixture(&f);
        close_fixture(&other);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_returns_are_direct_sums),
        cmocka_unit_test(test_a_step_may_come_before_the_epochs),
        cmocka_unit_test(test_orders_are_random),
        cmocka_unit_test(test_saved_and_loaded_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
