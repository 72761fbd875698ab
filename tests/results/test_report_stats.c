// The statistics of reports compared with the rliable package (tests/data/make_report.py): estimates and,
// with the same random draws, intervals match to the last digits; rliable's own intervals match except for
// chance. Also properties for games with different numbers of runs, which rliable does not support.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "results/published.h"
#include "results/report_stats.h"

enum { MOST = 200, RUNS = 20, CASES = 5 };

static FILE *golden;

// Reads the numbers of the next line, which must have that name.
static int read_line(const char *name, double out[MOST])
{
    static char line[1 << 14];
    int count = 0, used;
    do assert_non_null(fgets(line, sizeof line, golden));
    while (*line == '#');
    char *at = line + strcspn(line, " ");
    *at++ = 0;
    assert_string_equal(line, name);
    while (count < MOST && sscanf(at, "%lf%n", &out[count], &used) == 1) {
        count++;
        at += used;
    }
    return count;
}

static void set_first(int *first, int games, int runs)
{
    for (int g = 0; g <= games; g++) first[g] = g * runs;
}

static void assert_near(double a, double b, double by)
{
    if (!(fabs(a - b) <= by)) fail_msg("%.17g is not %.17g within %g", a, b, by);
}

// Compares `got` and, with many resamples, `many` [count] with the lines NAME, NAME_same and NAME_own.
// Figures of a few runs take few distinct values, and two random streams may fall on either side of a `gap`
// between them.
static void compare(const char *name, const rb_interval *got, const rb_interval *many, int count, double gap)
{
    double value[MOST], same[MOST], own[MOST];
    char text[64];
    assert_int_equal(read_line(name, value), count);
    snprintf(text, sizeof text, "%s_same", name);
    assert_int_equal(read_line(text, same), 2 * count);
    snprintf(text, sizeof text, "%s_own", name);
    assert_int_equal(read_line(text, own), 2 * count);
    for (int i = 0; i < count; i++) {
        assert_near(got[i].value, value[i], 1e-12);
        assert_near(got[i].low, same[i], 1e-12);
        assert_near(got[i].high, same[count + i], 1e-12);
        const double width = own[count + i] - own[i];
        assert_near(many[i].low, own[i], 0.1 * width + gap);
        assert_near(many[i].high, own[count + i], 0.1 * width + gap);
    }
}

static void test_rliable(void **state)
{
    (void)state;
    golden = fopen(RB_TEST_DATA "/report.txt", "r");
    assert_non_null(golden);
    double n[MOST], x[MOST], y[MOST], above[MOST];
    assert_int_equal(read_line("seed", n), 1); // "resamples" follows the numbers
    const rb_bootstrap how = {.seed = (uint64_t)n[0], .resamples = 200}, more = {how.seed, 5000};
    for (int c = 0; c < CASES; c++) {
        assert_int_equal(read_line("case", n), 3);
        const int games = (int)n[0], runs = (int)n[1], runs_y = (int)n[2];
        int first[MOST], first_y[MOST];
        set_first(first, games, runs);
        set_first(first_y, games, runs_y);
        assert_int_equal(read_line("x", x), games * runs);
        assert_int_equal(read_line("y", y), games * runs_y);
        const rb_scores of_x = {games, first, x}, of_y = {games, first_y, y};
        rb_interval got[MOST], many[MOST];
        assert_int_equal(rb_scores_aggregate(&of_x, &how, got, NULL), RB_OK);
        assert_int_equal(rb_scores_aggregate(&of_x, &more, many, NULL), RB_OK);
        compare("aggregates", got, many, RB_AGGREGATES, 0);
        const int points = read_line("above", above);
        assert_int_equal(points, 5);
        assert_int_equal(rb_scores_profile(&of_x, &how, above, points, got, NULL), RB_OK);
        assert_int_equal(rb_scores_profile(&of_x, &more, above, points, many, NULL), RB_OK);
        compare("profile", got, many, points, 1.001 / (runs * games));
        assert_int_equal(rb_scores_improvement(&of_x, &of_y, &how, got, NULL), RB_OK);
        assert_int_equal(rb_scores_improvement(&of_x, &of_y, &more, many, NULL), RB_OK);
        compare("improvement", got, many, 1, 0);
    }
    fclose(golden);
}

static void test_seed(void **state)
{
    (void)state;
    const double values[] = {0.1, 0.9, 0.4, 0.2, 1.5, 0.3, 0.7};
    const rb_scores scores = {2, (int[]){0, 3, 7}, values};
    rb_interval a[RB_AGGREGATES], b[RB_AGGREGATES], c[RB_AGGREGATES];
    assert_int_equal(rb_scores_aggregate(&scores, &(rb_bootstrap){1, 50}, a, NULL), RB_OK);
    assert_int_equal(rb_scores_aggregate(&scores, &(rb_bootstrap){1, 50}, b, NULL), RB_OK);
    assert_int_equal(rb_scores_aggregate(&scores, &(rb_bootstrap){2, 50}, c, NULL), RB_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_true(a[RB_MEAN].value == c[RB_MEAN].value);
    assert_true(a[RB_MEAN].low != c[RB_MEAN].low || a[RB_MEAN].high != c[RB_MEAN].high);
}

// 3 and 4 runs: each game has the same weight, except in the interquartile mean, which covers all scores.
static void test_uneven(void **state)
{
    (void)state;
    const double values[] = {0.1, 0.9, 0.4, 0.2, 1.5, 0.3, 0.7}, above[] = {0.35};
    const rb_scores scores = {2, (int[]){0, 3, 7}, values};
    const rb_bootstrap how = {1, 10};
    rb_interval out[RB_AGGREGATES];
    assert_int_equal(rb_scores_aggregate(&scores, &how, out, NULL), RB_OK);
    assert_near(out[RB_MEAN].value, (1.4 / 3 + 2.7 / 4) / 2, 1e-12);
    assert_near(out[RB_MEDIAN].value, (1.4 / 3 + 2.7 / 4) / 2, 1e-12);
    assert_near(out[RB_GAP].value, 1 - (1.4 / 3 + 2.2 / 4) / 2, 1e-12);
    assert_near(out[RB_IQM].value, (0.2 + 0.3 + 0.4 + 0.7 + 0.9) / 5, 1e-12);
    assert_int_equal(rb_scores_profile(&scores, &how, above, 1, out, NULL), RB_OK);
    assert_near(out[0].value, (2. / 3 + 2. / 4) / 2, 1e-12);
}

// One run per game: every resample is that run.
static void test_one_run(void **state)
{
    (void)state;
    const double values[] = {0.25};
    const rb_scores scores = {1, (int[]){0, 1}, values};
    rb_interval out[RB_AGGREGATES];
    assert_int_equal(rb_scores_aggregate(&scores, &(rb_bootstrap){1, 7}, out, NULL), RB_OK);
    for (int a = 0; a < RB_AGGREGATES; a++) {
        assert_true(out[a].value == (a == RB_GAP ? 0.75 : 0.25));
        assert_true(out[a].low == out[a].value && out[a].high == out[a].value);
    }
}

static void test_published(void **state)
{
    (void)state;
    rb_published p;
    assert_true(rb_published_find("breakout", &p));
    assert_true(p.random == 1.7 && p.human == 30.5);
    assert_true(p.dopamine[RB_DOPAMINE_DQN][0].value == 1.81 && p.dopamine[RB_DOPAMINE_DQN][0].high == 1.92);
    assert_true(rb_published_find("boxing", &p));
    assert_true(p.dopamine[RB_DOPAMINE_C51][1].low == -40.64);
    assert_true(p.dopamine[RB_DOPAMINE_RAINBOW][5].value == 98.5);
    assert_true(rb_published_find("surround", &p));
    assert_true(p.human == 6.5 && isnan(p.dopamine[RB_DOPAMINE_RAINBOW][5].value));
    assert_true(rb_published_find("zaxxon", &p));
    assert_false(rb_published_find("game", &p));
    assert_false(rb_published_find("", &p));
    assert_false(rb_published_find("break", &p));
    assert_int_equal(rb_published_nearest(0), 0);
    assert_int_equal(rb_published_nearest(4e6), 2);
    assert_int_equal(rb_published_nearest(1e9), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rliable), cmocka_unit_test(test_seed),      cmocka_unit_test(test_uneven),
        cmocka_unit_test(test_one_run), cmocka_unit_test(test_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
