// The numbers of `rainbow plot` compared with numpy's and scipy's (tests/data/plots.txt), and the pictures:
// what is grouped, what is rejected, and that script and data draw the same picture again.
#include "train/run_fixture.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "rainbow/plot.h"
#include "results/plots.h"

static bool have_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

// ---- numbers

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * (1 + fabs(want)))) fail_msg("%.17g is not %.17g", got, want);
}

static void test_golden(void **state)
{
    (void)state;
    FILE *file = fopen(RB_TEST_DATA "/plots.txt", "r");
    rb_points runs[16];
    int count = 0, points;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*[^\n]"), 0); // versions
    while (fscanf(file, " run %d", &points) == 1) {
        rb_points *p = &runs[count++];
        *p = (rb_points){points, malloc(sizeof(double) * 100), malloc(sizeof(double) * 100)};
        for (int i = 0; i < points; i++) assert_int_equal(fscanf(file, "%lf %lf", &p->x[i], &p->y[i]), 2);
    }
    double window, step;
    assert_int_equal(fscanf(file, "band %lf %lf %d", &window, &step, &points), 3);
    rb_band band;
    rb_error error = {0};
    if (rb_band_make(&band, runs, count, window, step, &error)) fail_msg("%s", error.message);
    assert_int_equal(band.count, points);
    for (int i = 0; i < points; i++) {
        double x, mean, low, high;
        assert_int_equal(fscanf(file, "%lf %lf %lf %lf", &x, &mean, &low, &high), 4);
        near(band.x[i], x);
        near(band.mean[i], mean);
        near(band.low[i], low);
        near(band.high[i], high);
    }
    rb_band_free(&band);
    assert_int_equal(fscanf(file, " student %d", &points), 1);
    for (int i = 0; i < points; i++) {
        int degrees;
        double t;
        assert_int_equal(fscanf(file, "%d %lf", &degrees, &t), 2);
        near(rb_student_95(degrees), t);
    }
    fclose(file);
    for (int i = 0; i < count; i++) rb_points_free(&runs[i]);
}

// Without a window: the points, which have the same x, up to the end of the shortest run.
static void test_as_they_are(void **state)
{
    (void)state;
    double xs[] = {10, 20, 30, 40}, other[] = {10, 21, 30}, a[] = {1, 2, 3, 4}, b[] = {3, 2, 7};
    const rb_points same[] = {{4, xs, a}, {3, xs, b}}, odd[] = {{4, xs, a}, {3, other, b}};
    rb_band band;
    rb_error error = {0};
    assert_int_equal(rb_band_make(&band, same, 2, 0, 1, &error), RB_OK);
    assert_int_equal(band.count, 3);
    assert_true(band.x[2] == 30 && band.mean[2] == 5);
    assert_true(band.low[2] == 3 && band.high[2] == 7); // fewer than four: the range
    assert_true(band.low[1] == 2 && band.high[1] == 2);
    assert_true(band.least == 1 && band.most == 7);
    rb_band_free(&band);
    const rb_points four[] = {{4, xs, a}, {3, xs, b}, {4, xs, a}, {3, xs, b}};
    assert_int_equal(rb_band_make(&band, four, 4, 0, 1, &error), RB_OK);
    near(band.high[2] - 5, 3.182446305284263 * sqrt(16.0 / 3 / 4)); // 3, 7, 3, 7: the interval of the mean
    rb_band_free(&band);
    assert_int_equal(rb_band_make(&band, odd, 2, 0, 1, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "--smooth"));
    assert_int_equal(rb_band_make(&band, odd, 1, 0, 1, &error), RB_OK);
    assert_int_equal(band.count, 4);
    assert_true(isnan(band.low[0]) && isnan(band.high[3]));
    rb_band_free(&band);
}

// ---- pictures

static void put(const char *run, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, run);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/%s/%s", root, run, name);
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

// A run whose games return its seed, seed + 1, ...
static const char *make_run(const char *name, int seed, const char *change)
{
    static char paths[32][256];
    static int used;
    char text[2000] = "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n",
         config[200];
    for (int i = 1; i <= 10; i++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%d,%d,%d,0,%d,100,0.5,,1.5,%d,%d\n", 100 * i, 400 * i,
                 i, seed + i - 1, 25 * i, i);
    }
    put(name, "train.csv", text);
    put(name, "eval.csv",
        "step,frames,episodes,mean,std,min,max,median,seconds\n500,2000,3,5,1,4,6,5,5\n1000,4000,3,9,1,8,10,"
        "9,10\n");
    snprintf(config, sizeof config, "[run]\nenv = \"cartpole\"\npreset = \"cartpole\"\nseed = %d\n%s", seed,
             change);
    put(name, "config.ini", config);
    put(name, "end.json", "{}");
    char *path = paths[used++ % 32];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static rb_plot_options plain(char *picture, size_t bytes, const char *name)
{
    snprintf(picture, bytes, "%s/%s", root, name);
    return (rb_plot_options){.picture = picture, .x = "steps", .y = "return", .window = 0};
}

static void test_groups(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *runs[] = {make_run("a-s1", 1, ""), make_run("a-s2", 2, ""),
                          make_run("b-s1", 1, "[net]\nhidden = 7\n"),
                          make_run("a-s9", 9, "[checkpoint]\nkeep = 77\n")};
    char picture[128];
    rb_plot_options how = plain(picture, sizeof picture, "groups.svg");
    rb_plot_result r;
    rb_error error = {0};
    how.group_seeds = true;
    if (rb_plot(runs, 4, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 2);
    assert_string_equal(r.curves[0].label, "a, net.hidden=128, seeds 1, 2, 9");
    assert_string_equal(r.curves[1].label, "b, net.hidden=7, seed 1");
    assert_int_equal(r.curves[0].runs, 3);
    near(r.curves[0].last, 13);
    near(r.curves[0].last_x, 1000);
    assert_true(r.curves[0].last_low == 10 && r.curves[0].last_high == 18); // returns 10, 11, 18
    assert_true(isnan(r.curves[1].last_low));
    rb_plot_result_free(&r);
    const char *named[] = {make_run("c-s1", 1, "group = tall\n"), make_run("c-s2", 2, "group = tall\n"),
                           make_run("d-s1", 1, "group = short\n[net]\nhidden = 7\n")};
    if (rb_plot(named, 3, &how, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.curves[0].label, "tall, seeds 1, 2");
    assert_string_equal(r.curves[1].label, "short, seed 1");
    rb_plot_result_free(&r);
    // Names that do not tell the curves apart give way to environment and preset; a long list of settings is
    // cut.
    const char *same[] = {make_run("x/e-s1", 1, ""), make_run("y/e-s1", 1, "[net]\nhidden = 7\n"),
                          make_run("y/e_seed2", 2, "[net]\nhidden = 7\n")};
    if (rb_plot(same, 3, &how, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.curves[0].label, "cartpole, net.hidden=128, seed 1");
    assert_string_equal(r.curves[1].label, "cartpole, net.hidden=7, seeds 1, 2");
    rb_plot_result_free(&r);
    const char *many[] = {
        runs[0], make_run("f12", 2, "max_steps = 2M\n[net]\nhidden = 7\n[agent]\ngamma = 0.5\nbatch = 9\n")};
    if (rb_plot(many, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.curves[1].label,
                        "f12, run.max_steps=2M, net.hidden=7 ..., seed 2"); // no seed: 12 is not 2
    rb_plot_result_free(&r);
    const char *twice[] = {runs[0], make_run("again", 1, "")};
    if (rb_plot(twice, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 1); // not two samples
    assert_int_equal(r.curves[0].runs, 1);
    assert_int_equal(r.remark_count, 1);
    assert_non_null(strstr(r.remarks[0], "again has the same settings and seed as"));
    rb_plot_result_free(&r);
    how.group_seeds = false;
    if (rb_plot(twice, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.curves[0].label, "a-s1");
    assert_string_equal(r.curves[1].label, "again, seed 1");
    rb_plot_result_free(&r);
}

// Settings that change the result are never drawn as one curve with a band.
static void test_what_decides(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    static const char *const changes[][2] = {
        {"max_steps = 777\n", "run.max_steps=777"},
        {"[eval]\nepisodes = 77\n", "eval.episodes=77"},
        {"[atari]\nlife_loss = terminal\n", "atari.life_loss=terminal"},
        {"[agent]\ngamma = 0.5\n", "agent.gamma=0.5"},
        {"note = warm\n[compute]\nthreads = 7\n[record]\nsteps = 7\n", NULL}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char one[32], other[32], picture[128];
        snprintf(one, sizeof one, "w%zu-s1", i);
        snprintf(other, sizeof other, "w%zu-s2", i);
        const char *runs[] = {make_run(one, 1, ""), make_run(other, 2, changes[i][0])};
        rb_plot_options how = plain(picture, sizeof picture, "what.svg");
        rb_plot_result r;
        rb_error error = {0};
        how.group_seeds = true;
        if (rb_plot(runs, 2, &how, &r, &error)) fail_msg("%s", error.message);
        if (r.count != (changes[i][1] ? 2 : 1)) fail_msg("%s: %d curves", changes[i][0], r.count);
        if (changes[i][1]) assert_non_null(strstr(r.curves[1].label, changes[i][1]));
        assert_int_equal(r.remark_count, 0);
        rb_plot_result_free(&r);
    }
}

static void test_resumed(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *runs[] = {make_run("u-s1", 1, ""), make_run("u-s2", 2, "")};
    put("u-s1/checkpoints/step_000000000100", "config.ini",
        "[run]\nenv = cartpole\npreset = cartpole\n[agent]\ngamma = 0.5\n");
    char picture[128];
    rb_plot_options how = plain(picture, sizeof picture, "resumed.svg");
    rb_plot_result r;
    rb_error error = {0};
    how.group_seeds = true;
    if (rb_plot(runs, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 2);
    assert_string_equal(r.curves[0].label, "cartpole, began with agent.gamma=0.5, seed 1");
    assert_string_equal(r.curves[1].label, "cartpole, seed 2");
    assert_non_null(
        strstr(r.remarks[0], "u-s1 was resumed with other settings; it began with agent.gamma=0.5"));
    rb_plot_result_free(&r);
}

// Of two runs with the same settings and seed the longer is drawn, whichever is named first; runs that have
// not ended are marked.
static void test_longer_and_unfinished(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *table = "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n"
                        "100,400,1,0,5,100,0.5,,1.5,25,1\n";
    const char *runs[] = {make_run("t-s1", 1, ""), make_run("t-s1-2", 1, ""), make_run("t-s2", 2, "")};
    put("t-s1", "train.csv", table); // shorter
    char picture[128], path[128];
    rb_plot_options how = plain(picture, sizeof picture, "twins.svg");
    rb_plot_result r;
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/t-s2/end.json", root);
    unlink(path);
    how.group_seeds = true;
    for (int turn = 0; turn < 2; turn++) {
        if (rb_plot(runs, 3, &how, &r, &error)) fail_msg("%s", error.message);
        assert_int_equal(r.count, 1);
        assert_int_equal(r.curves[0].runs, 2);
        near(r.curves[0].last, 10.5); // 10 and 11
        assert_string_equal(r.curves[0].label, "cartpole, seeds 1, 2 (1 not ended)");
        assert_int_equal(r.remark_count, 2);
        assert_non_null(strstr(r.remarks[0], "/t-s1 has the same settings and seed as"));
        assert_non_null(strstr(r.remarks[0], "t-s1-2 and is not drawn"));
        assert_non_null(strstr(r.remarks[0], "the other one is longer"));
        assert_non_null(strstr(r.remarks[1], "t-s2 (unfinished)"));
        rb_plot_result_free(&r);
        const char *swap = runs[0];
        runs[0] = runs[1];
        runs[1] = swap;
    }
    how.group_seeds = false;
    if (rb_plot(runs, 3, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 3);
    assert_string_equal(r.curves[1].label, "t-s2 (unfinished)");
    rb_plot_result_free(&r);
}

// Names that differ in numbers are sorted by them; other names keep the user's order.
static void test_order(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *runs[] = {make_run("z-s1", 1, ""), make_run("z-s10", 10, ""), make_run("y-s3", 3, ""),
                          make_run("z-s2", 2, ""), make_run("g9/h2", 1, ""),  make_run("g5/h1", 1, "")};
    static const char *const labels[] = {"z-s1", "z-s2", "z-s10", "y-s3", "h2, seed 1", "h1, seed 1"};
    char picture[128];
    const rb_plot_options how = plain(picture, sizeof picture, "order.svg");
    rb_plot_result r;
    rb_error error = {0};
    if (rb_plot(runs, 6, &how, &r, &error)) fail_msg("%s", error.message);
    for (int i = 0; i < 6; i++) assert_string_equal(r.curves[i].label, labels[i]);
    rb_plot_result_free(&r);
}

static char *read_text(const char *path)
{
    char *text;
    size_t bytes;
    rb_error error = {0};
    if (rb_file_read(path, &text, &bytes, &error)) fail_msg("%s", error.message);
    return text;
}

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

// A directory stands for its runs; names are the user's, and runs with different names are never averaged.
static void test_directories_and_labels(void **state)
{
    (void)state;
    make_run("study/x/x-s2", 2, "");
    make_run("study/x/x-s10", 10, "");
    make_run("study/y/y-s1", 1, "");
    put("study/x/x-s3", "config.ini", "[run]\nenv = cartpole\npreset = cartpole\nseed = 3\n");
    put("study/x/x-s3", "train.csv",
        "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n");
    char study[96], x[96], y[96];
    snprintf(study, sizeof study, "%s/study", root);
    snprintf(x, sizeof x, "%s/study/x", root);
    snprintf(y, sizeof y, "%s/study/y", root);
    rb_plot_options how = {.x = "steps", .y = "return", .window = 0};
    rb_plot_result r;
    rb_error error = {0};
    if (rb_plot((const char *[]){study}, 1, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 3);
    assert_string_equal(r.curves[0].label, "x-s2");
    assert_string_equal(r.curves[1].label, "x-s10");
    assert_non_null(strstr(r.remarks[0], "left out: "));
    assert_non_null(strstr(r.remarks[0], "x-s3/train.csv: has no value of return yet"));
    assert_string_equal(r.picture, ""); // only the numbers
    assert_true(r.curves[1].points == 10 && r.curves[1].x[9] == 1000 && r.curves[1].mean[9] == 19);
    rb_plot_result_free(&r);
    how.group_seeds = true;
    how.labels = (const char *[]){"Y first", "X"};
    if (rb_plot((const char *[]){y, x}, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_int_equal(r.count, 2); // although their settings are the same
    assert_string_equal(r.curves[0].label, "Y first");
    assert_string_equal(r.curves[1].label, "X");
    assert_int_equal(r.curves[1].runs, 2);
    rb_plot_result_free(&r);
    how.group_seeds = false;
    if (rb_plot((const char *[]){y, x}, 2, &how, &r, &error)) fail_msg("%s", error.message);
    assert_string_equal(r.curves[0].label, "Y first");
    assert_string_equal(r.curves[1].label, "X: x-s2");
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

// The picture's caption explains how it was made, its curves are named, and its script and data draw it
// again.
static void test_picture(void **state)
{
    (void)state;
    if (!have_gnuplot()) skip();
    const char *runs[] = {make_run("it's_s3", 3, ""), make_run("c-s4", 4, "")};
    char picture[128], command[400];
    rb_plot_options how = plain(picture, sizeof picture, "two.svg");
    rb_plot_result r;
    rb_error error = {0};
    how.window = 300;
    how.title = "It's {a} title_with \\marks";
    if (rb_plot(runs, 2, &how, &r, &error)) fail_msg("%s", error.message);
    char *drawn = read_text(r.picture);
    assert_non_null(strstr(drawn, "Mean returns of the games in the last 300 steps"));
    assert_non_null(strstr(drawn, "title_with"));
    assert_non_null(strstr(drawn, "{a}"));
    assert_non_null(strstr(drawn, "s_s3"));
    assert_non_null(strstr(drawn, "c-s4"));
    assert_non_null(strstr(drawn, "return of a game"));
    char *data = read_text(r.data);
    assert_non_null(strstr(data, "\n1000 11\n")); // 10, 11, 12 in the last 300 steps
    snprintf(command, sizeof command, "cd '%s' && rm two.svg && gnuplot two.gp", root);
    assert_int_equal(system(command), 0);
    char *again = read_text(r.picture);
    assert_string_equal(again, drawn);
    free(drawn);
    free(again);
    free(data);
    rb_plot_result_free(&r);
    snprintf(picture, sizeof picture, "%s/two.png", root);
    if (rb_plot(runs, 2, &how, &r, &error)) fail_msg("%s", error.message);
    char *png = read_text(r.picture);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    free(png);
    rb_plot_result_free(&r);
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
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_as_they_are),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_what_decides),
        cmocka_unit_test(test_longer_and_unfinished),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_caption),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_axis_of_intervals),
        cmocka_unit_test(test_directories_and_labels),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_axis),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_gnuplot_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
