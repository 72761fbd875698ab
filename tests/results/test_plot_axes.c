// Plots: axes, captions, layout, columns, and what is refused.
#include "results/plot_kit.h"

// The caption of a picture: what was averaged, in lines that fit. The axis follows the seeds' values: of what
// is never negative it begins at 0 or above, also if a band reaches lower, and it ends near the largest.
static void test_caption(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *header = "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n";
    const char *runs[] = {make_run("n-s1", 1, ""), make_run("n-s2", 2, ""), make_run("n-s3", 3, ""),
                          make_run("n-s4", 4, "")};
    char text[600], name[16];
    for (int i = 0; i < 4; i++) {
        const int loss = i == 3 ? 400 : 1;
        snprintf(text, sizeof text,
                 "%s100,400,1,0,-5,100,0.5,%d,1.5,25,1\n200,800,2,0,-5,100,0.5,%d,1.5,50,2\n%s", header, loss,
                 loss, i ? "" : "900,3600,3,0,-5,100,0.5,9,1.5,99,3\n");
        snprintf(name, sizeof name, "n-s%d", i + 1);
        put(name, "train.csv", text);
    }
    char picture[128];
    rb_plot_options how = plain(picture, sizeof picture, "caption.svg");
    rb_plot_result r;
    rb_error error = {0};
    how.y = "loss";
    how.window = 100;
    how.group_seeds = true;
    if (rb_plot(runs, 4, &how, &r, &error)) fail_msg("%s", error.message);
    assert_true(r.curves[0].last_low < 0 && r.curves[0].last_high > 400);
    assert_true(r.low == 0 && r.high > 400 && r.high < 460);
    char *script = read_text(r.script);
    assert_non_null(strstr(script, "set label 1 'Means of the loss in the last 100 steps; up to where the "
                                   "shortest seed ends;'"));
    assert_non_null(
        strstr(script, "set label 2 'lines: mean of the seeds, bands: its 95 % interval (Student''s t)'"));
    assert_non_null(strstr(script, "set yrange [0:500]"));
    assert_non_null(strstr(script, "'500' 500)"));
    free(script);
    char *drawn = read_text(r.picture);
    assert_non_null(strstr(drawn, "shortest seed ends"));
    assert_null(strstr(drawn, ">-")); // no mark below 0
    free(drawn);
    rb_plot_result_free(&r);
    if (rb_plot(runs, 3, &how, &r, &error)) fail_msg("%s", error.message); // fewer than four: their range
    assert_true(r.low == 1 && r.high == 1);
    assert_string_equal(r.seeds_caption, "lines: mean of the seeds, bands: their range");
    rb_plot_result_free(&r);
}

// One seed that is far above the others does not stretch the axis of their mean and its interval.
static void test_axis_of_intervals(void **state)
{
    (void)state;
    const char *runs[20];
    char names[20][16];
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "v-s%d", i);
        runs[i] = make_run(names[i], i, "");
        if (i == 7)
            put(names[i], "eval.csv",
                "step,frames,episodes,mean,std,min,max,median,seconds\n500,2000,3,900,1,4,6,5,5\n");
    }
    const rb_plot_options how = {.x = "steps", .y = "eval", .window = 0, .group_seeds = true};
    rb_plot_result r;
    rb_error error = {0};
    if (rb_plot(runs, 20, &how, &r, &error)) fail_msg("%s", error.message);
    assert_true(r.count == 1 && r.low == 0 && r.high == r.curves[0].high[0] && r.high < 200);
    rb_plot_result_free(&r);
}

// Everything stays in the picture: long names and titles are broken into lines, and the axis ends behind the
// last point. Curves beyond the colours differ in their dashes.
static void test_layout(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    char picture[128], name[160];
    rb_plot_options how = plain(picture, sizeof picture, "layout.svg");
    rb_plot_result r;
    rb_error error = {0};
    snprintf(name, sizeof name, "n-%0150d", 7);
    const char *long_name[] = {make_run("short-s1", 1, ""), make_run(name, 7, "")};
    how.title =
        "one title of a picture that is far too long for one line, as it says everything that could be "
        "said of it";
    if (rb_plot(long_name, 2, &how, &r, &error)) fail_msg("%s", error.message);
    char *script = read_text(r.script);
    assert_non_null(strstr(script, "set xrange [0:1012]"));
    assert_non_null(strstr(script, "could be said of it' at graph"));
    assert_null(strstr(script, name));
    assert_non_null(strstr(script, "0007, seed 7' at screen")); // its end, on a line of its own
    free(script);
    rb_plot_result_free(&r);
    const char *nine[9];
    char many[9][16];
    for (int i = 0; i < 9; i++) {
        snprintf(many[i], sizeof many[i], "m-s%d", i);
        nine[i] = make_run(many[i], i, "");
    }
    if (rb_plot(nine, 9, &how, &r, &error)) fail_msg("%s", error.message);
    script = read_text(r.script);
    assert_non_null(strstr(script, "data index 0 using ($1/1):2 with linespoints linewidth 2 dashtype 1 "
                                   "linecolor '#0072B2'"));
    assert_non_null(strstr(script, "data index 7 using ($1/1):2 with linespoints linewidth 2 dashtype 2 "
                                   "linecolor '#0072B2'"));
    free(script);
    rb_plot_result_free(&r);
}

static void test_columns(void **state)
{
    (void)state;
    const char *run = make_run("k-s1", 1, "");
    static const struct {
        const char *y, *title;
        double last;
    } rows[] = {{"length", "steps of a game while training", 100},
                {"median", "median return of an evaluation", 9},
                {"mean", "mean return of an evaluation", 9},
                {"episode", "episode", 10},
                {"seconds", "seconds", 10},
                {"eval.episodes", "episodes", 3},
                {"train.return", "return", 10}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const rb_plot_options how = {.x = "steps", .y = rows[i].y, .window = 0};
        rb_plot_result r;
        rb_error error = {0};
        if (rb_plot(&run, 1, &how, &r, &error)) fail_msg("%s: %s", rows[i].y, error.message);
        assert_string_equal(r.y_title, rows[i].title);
        if (r.curves[0].last != rows[i].last) fail_msg("%s: %g", rows[i].y, r.curves[0].last);
        rb_plot_result_free(&r);
    }
}

static void test_axis(void **state)
{
    (void)state;
    static const struct {
        double low, high, from, to, step;
    } rows[] = {{0, 487, 0, 500, 100},  {130, 490, 0, 500, 100},         {400, 490, 400, 500, 20},
                {-21, 19, -30, 20, 10}, {0.002, 0.031, 0, 0.035, 0.005}, {7, 7, 6.4, 7.6, 0.2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const rb_plot_axis axis = rb_plot_axis_around(rows[i].low, rows[i].high, 7);
        if (fabs(axis.step - rows[i].step) > 1e-9 || fabs(axis.low - rows[i].from) > 1e-9 ||
            fabs(axis.high - rows[i].to) > 1e-9)
            fail_msg("%g to %g: %g to %g by %g", rows[i].low, rows[i].high, axis.low, axis.high, axis.step);
        char mark[40];
        double value;
        int count = 0;
        while (rb_plot_axis_mark(&axis, count, &value, mark, sizeof mark)) count++;
        assert_true(fabs(value - axis.high) < 1e-9); // the last mark is the end
    }
    double scale;
    assert_string_equal(rb_plot_unit(20000, "steps", &scale), "thousand steps");
    assert_string_equal(rb_plot_unit(19500, "steps", &scale), "thousand steps"); // of the same run's games
    assert_string_equal(rb_plot_unit(10000, "steps", &scale), "steps");
    assert_string_equal(rb_plot_unit(1.95e6, "frames", &scale), "million frames");
    assert_true(rb_plot_axis_to(7900, 8).high == 8000 && rb_plot_axis_to(8000, 8).high > 8000);
}

static void refuse(const char *run, const rb_plot_options *how, rb_status status, const char *sentence)
{
    rb_plot_result r;
    rb_error error = {0};
    assert_int_equal(rb_plot(&run, 1, how, &r, &error), status);
    rb_plot_result_free(&r); // if only gnuplot is missing, there is a result
    if (!strstr(error.message, sentence)) fail_msg("'%s' is not in: %s", sentence, error.message);
}

static void test_refusals(void **state)
{
    (void)state;
    char picture[128], path[96];
    const rb_plot_options good = plain(picture, sizeof picture, "none.svg");
    const char *run = make_run("d-s1", 1, "");
    rb_plot_options how = good;
    snprintf(path, sizeof path, "%s/nothing", root);
    refuse(path, &how, RB_ERR_FILE, "no such run");
    snprintf(path, sizeof path, "%s/bare/deeper", root);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    refuse(path, &how, RB_ERR_FILE, "no runs are below it");
    put("evals", "eval.csv", "step,mean\n1,2\n");
    snprintf(path, sizeof path, "%s/evals", root);
    refuse(path, &how, RB_ERR_FILE, "has no train.csv");
    put("empty", "train.csv", "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n");
    snprintf(path, sizeof path, "%s/empty", root);
    refuse(path, &how, RB_ERR_FORMAT, "has no value of return yet");
    put("empty", "train.csv", "step,return\n1,2\n2,x\n");
    refuse(path, &how, RB_ERR_FORMAT, "train.csv:3: x: is not a number");
    put("empty", "train.csv", "step,score\n1,2\n");
    refuse(path, &how, RB_ERR_FORMAT, "has no column return");
    how.y = "loss";
    refuse(run, &how, RB_ERR_FORMAT, "has no value of loss yet");
    how.y = "score";
    refuse(run, &how, RB_ERR_USAGE, "y = score: no table of ");
    refuse(run, &how, RB_ERR_USAGE,
           "step, frames, episodes, mean, std, min, max, median, seconds (eval.csv)");
    how = good;
    how.x = "days";
    refuse(run, &how, RB_ERR_USAGE, "x = days: must be steps, frames, episodes, updates, seconds or hours");
    how.x = "updates", how.y = "eval";
    refuse(run, &how, RB_ERR_USAGE, "does not count updates");
    how.x = "episodes";
    refuse(run, &how, RB_ERR_USAGE, "x = episodes: eval.csv does not count games");
    how = good;
    how.picture = "a.gif";
    refuse(run, &how, RB_ERR_USAGE, "must end in .svg or .png");
    how.picture = "/nowhere/at/all.svg";
    refuse(run, &how, RB_ERR_FILE, "/nowhere/at/all.dat: can't be written");
}

// If gnuplot is missing, script and data exist, and the message explains how to install it; if gnuplot fails,
// our message contains its own.
static void test_gnuplot_is_not_there(void **state)
{
    (void)state;
    char picture[128], path[300], program[128], *before = strdup(getenv("PATH"));
    const rb_plot_options how = plain(picture, sizeof picture, "later.svg");
    const char *run = make_run("e-s1", 1, "");
    setenv("PATH", root, 1);
    refuse(run, &how, RB_ERR_MISSING, "apt-get install gnuplot-nox");
    snprintf(path, sizeof path, "%s/later.gp", root);
    assert_true(rb_file_exists(path));
    snprintf(program, sizeof program, "%s/gnuplot", root);
    const char *fails = "#!/bin/sh\necho 'line 7: it has had enough' >&2\nexit 1\n";
    assert_int_equal(rb_file_write(program, fails, strlen(fails), NULL), RB_OK);
    chmod(program, 0755);
    refuse(run, &how, RB_ERR_FILE, "gnuplot failed: line 7: it has had enough");
    assert_false(rb_file_exists(picture));
    unlink(program);
    setenv("PATH", before, 1);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caption),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_axis_of_intervals),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_axis),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_gnuplot_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
