// Plots: their numbers, groups and order.
#include "results/plot_kit.h"

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
        cmocka_unit_test(test_directories_and_labels),
        cmocka_unit_test(test_picture),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
