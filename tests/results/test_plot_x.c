// The horizontal axis of `rainbow plot`: what it may count, and the window that is chosen if the user names
// none.
#include "train/run_fixture.h"

#include <math.h>

#include "rainbow/plot.h"

// A run whose games take `length` steps each from step `from` on and 10 steps before that.
static const char *make_run(const char *name, int from, int length, int end)
{
    static char path[300];
    char file[400];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(file, sizeof file, "%s/train.csv", path);
    FILE *to = fopen(file, "w");
    assert_non_null(to);
    fprintf(to, "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n");
    for (int step = 0, game = 1; step < end; game++) {
        const int own = step < from ? 10 : length;
        step += own;
        fprintf(to, "%d,%d,%d,0,%d,%d,0.5,,1.5,%d,%d\n", step, 4 * step, game, game, own, step / 4,
                36 * game);
    }
    fclose(to);
    snprintf(file, sizeof file, "%s/eval.csv", path);
    to = fopen(file, "w");
    assert_non_null(to);
    fprintf(to, "step,frames,episodes,mean,std,min,max,median,seconds\n500,2000,3,5,1,4,6,5,1800\n"
                "1000,4000,3,9,1,8,10,9,5400\n");
    fclose(to);
    return path;
}

static rb_plot_result plot(const char *run, rb_plot_options how)
{
    rb_plot_result r;
    rb_error error = {0};
    if (rb_plot(&run, 1, &how, &r, &error)) fail_msg("%s", error.message);
    return r;
}

static void test_units(void **state)
{
    (void)state;
    const char *run = make_run("units", 0, 100, 1000);
    static const struct {
        const char *x;
        double last;
        const char *unit;
    } rows[] = {{"steps", 1000, "steps"},
                {"frames", 4000, "frames"},
                {"episodes", 10, "games"},
                {"updates", 250, "updates"},
                {"seconds", 360, "minutes of training"},
                {"hours", 0.1, "hours of training"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_plot_result r = plot(run, (rb_plot_options){.x = rows[i].x, .y = "return", .window = 0});
        double scale;
        assert_true(fabs(r.curves[0].last_x - rows[i].last) < 1e-9 && r.curves[0].last == 10);
        assert_string_equal(rb_plot_unit(r.curves[0].last_x, rows[i].x, &scale), rows[i].unit);
        rb_plot_result_free(&r);
    }
    rb_plot_result r = plot(run, (rb_plot_options){.x = "hours", .y = "eval", .window = -1});
    assert_true(fabs(r.curves[0].last_x - 1.5) < 1e-9 && r.window == 0);
    rb_plot_result_free(&r);
    r = plot(run, (rb_plot_options){.x = "episodes", .y = "return", .window = 2});
    assert_string_equal(r.caption, "Mean returns of the games in the last 2 episodes");
    assert_true(r.curves[0].last == 9.5); // of games 9 and 10
    rb_plot_result_free(&r);
}

// The window that is chosen spans several games, also where they are long, and stays a part of the picture.
static void test_default_window(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int from, length, end;
        double window;
    } rows[] = {{"short", 0, 10, 10000, 200},     // a fiftieth is 20 games
                {"late", 5000, 400, 50000, 2000}, // five games of the second kind, not of the first
                {"long", 2000, 900, 20000, 4000}, // a fifth of the run, rounded
                {"few", 0, 1000, 3000, 600}};     // fewer games than that
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *run = make_run(rows[i].name, rows[i].from, rows[i].length, rows[i].end);
        rb_plot_result r = plot(run, (rb_plot_options){.x = "steps", .y = "return", .window = -1});
        if (r.window != rows[i].window) fail_msg("%s: %g", rows[i].name, r.window);
        rb_plot_result_free(&r);
    }
    const char *run = make_run("games", 2000, 400, 20000);
    rb_plot_result r = plot(run, (rb_plot_options){.x = "episodes", .y = "return", .window = -1});
    assert_true(r.window == 5); // games are as long as each other there; a fiftieth of 245 rounded is 5
    rb_plot_result_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_default_window),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
