// The course of a run in parts: for any number of games, the sums of the parts are the sums of the games, and
// a piece of the curve is the mean of the games that ended in it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "train/history.h"

enum { GAMES = 20000 };
static int64_t steps[GAMES];
static double returns[GAMES];

static void play(rb_history *h, int games, int longest)
{
    rb_rng rng = rb_rng_stream(1, RB_RNG_ENV, 0);
    int64_t step = 0;
    *h = (rb_history){0};
    for (int i = 0; i < games; i++) {
        steps[i] = step += 1 + (int64_t)rb_rng_below(&rng, (uint32_t)longest);
        returns[i] = (double)rb_rng_below(&rng, 100);
        const bool learned = i > 10;
        rb_history_add(h, step, returns[i], 1.0 / (1 + i), learned ? returns[i] / 7 : NAN, learned ? i : NAN);
    }
}

// Each part compared with the plain definition.
static void test_parts(void **state)
{
    (void)state;
    static rb_history h;
    for (int games = 1; games <= GAMES; games = games * 3 + 1)
        for (int longest = 1; longest < 3000; longest *= 13) {
            play(&h, games, longest);
            int game = 0;
            assert_true(h.used * h.width >= steps[games - 1]);
            for (int p = 0; p < RB_HISTORY_PARTS; p++) {
                rb_history_part want = {0};
                for (; game < games && steps[game] <= (p + 1) * h.width; game++) {
                    want.games++;
                    want.returns += returns[game];
                    want.epsilon = 1.0 / (1 + game);
                    if (game <= 10) continue;
                    want.learned++;
                    want.loss += returns[game] / 7;
                    want.q += game;
                }
                assert_int_equal(h.parts[p].games, want.games);
                assert_int_equal(h.parts[p].learned, want.learned);
                assert_true(h.parts[p].returns == want.returns); // whole numbers
                assert_true(h.parts[p].q == want.q);
                assert_true(fabs(h.parts[p].loss - want.loss) <= 1e-9 * (1 + want.loss));
                assert_true(h.parts[p].epsilon == want.epsilon);
            }
            assert_int_equal(game, games);
        }
}

// If the pieces are whole parts, their means are those of the games.
static void test_curve(void **state)
{
    (void)state;
    static rb_history h;
    float curve[64];
    play(&h, 3000, 40);
    const int64_t end = h.width * RB_HISTORY_PARTS;
    rb_history_returns(&h, end, 64, curve);
    for (int i = 0, game = 0; i < 64; i++) {
        double sum = 0;
        int games = 0;
        for (; game < 3000 && steps[game] <= end / 64 * (i + 1); game++, games++) sum += returns[game];
        if (games)
            assert_true(fabs((double)curve[i] - sum / games) < 1e-3);
        else
            assert_true(isnan(curve[i]));
    }
}

// One game at step 13 and one at step 40: pieces in between repeat the value before; pieces before and after
// are NaN.
static void test_gaps(void **state)
{
    (void)state;
    rb_history h = {0};
    float curve[10];
    rb_history_returns(&h, 100, 10, curve);
    for (int i = 0; i < 10; i++) assert_true(isnan(curve[i]));
    rb_history_add(&h, 13, 5, 1, NAN, NAN);
    rb_history_add(&h, 40, 7, 1, NAN, NAN);
    rb_history_returns(&h, 100, 10, curve);
    const float want[10] = {NAN, 5, 5, 7, NAN, NAN, NAN, NAN, NAN, NAN};
    for (int i = 0; i < 10; i++) assert_true(isnan(want[i]) ? isnan(curve[i]) : curve[i] == want[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts), cmocka_unit_test(test_curve),
                                       cmocka_unit_test(test_gaps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
