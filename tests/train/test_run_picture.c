// A run's own picture: it exists after an evaluation, with script and data, and shows the run's own numbers;
// it is absent if not wanted; a missing gnuplot is reported once; never more than one gnuplot runs, and none
// is left behind.
#include "train/run_fixture.h"

#include <math.h>
#include <sys/stat.h>

#include "train/checkpoint.h"
#include "train/run_state.h"

typedef struct heard {
    int warnings, details;
    char last[1200];
} heard;

static void hear(void *context, bool warning, const char *text)
{
    heard *h = context;
    h->warnings += warning;
    if (warning) snprintf(h->last, sizeof h->last, "%s", text);
}

static void hear_detail(void *context, const char *text)
{
    heard *h = context;
    h->details += strstr(text, "curves.svg") != NULL;
}

static void train_heard(rb_config *config, heard *h, char *directory, size_t bytes)
{
    const rb_run_hooks hooks = {.context = h, .message = hear, .detail = hear_detail};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(directory, bytes, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static rb_config *small(const char *enabled)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=1200", "--replay.capacity=500",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=200", "--eval.episodes=2",
                  "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                  "--tensorboard.enabled=false");
    set(config, "plot.enabled", enabled);
    return config;
}

static bool has(const char *directory, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return rb_file_exists(path);
}

// Not inlined: gcc 12 takes its local pointer for what it points to.
__attribute__((noinline)) static char *text_of(const char *directory, const char *name)
{
    char path[400], *text = NULL;
    size_t bytes;
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (rb_file_read(path, &text, &bytes, &error)) fail_msg("%s", error.message);
    return text;
}

static void test_picture(void **state)
{
    (void)state;
    if (system("gnuplot --version >/dev/null 2>&1")) skip();
    heard h = {0};
    char directory[300];
    train_heard(small("true"), &h, directory, sizeof directory);
    assert_int_equal(h.warnings, 0);
    char *svg = text_of(directory, "plots/curves.svg"), *data = text_of(directory, "plots/curves.dat"),
         *table = text_of(directory, "eval.csv");
    assert_non_null(strstr(svg, "</svg>"));
    assert_non_null(strstr(svg, "evaluations of 2 games"));
    assert_true(has(directory, "plots/curves.gp"));
    assert_false(has(directory, "plots/curves.part"));
    // The last evaluation, and all games that were played.
    const char *last = strstr(table, "\n1200,");
    double mean = NAN;
    assert_non_null(last);
    assert_int_equal(sscanf(last, "%*f,%*f,%*f,%lf", &mean), 1);
    char line[64];
    snprintf(line, sizeof line, "\n1200 %.6g ", mean);
    assert_non_null(strstr(strstr(data, "# evaluations"), line));
    int games = 0, all = -1;
    char *rest = data, *row;
    while ((row = strsep(&rest, "\n")) && !strstr(row, "evaluations")) {
        int some;
        if (*row != '#' && sscanf(row, "%*s %*s %*s %*s %*s %d", &some) == 1) games += some;
    }
    char *train = text_of(directory, "train.csv");
    for (const char *at = train; *at; at++) all += *at == '\n';
    assert_true(all > 10);
    assert_int_equal(games, all);
    free(svg);
    free(data);
    free(table);
    free(train);
}

// Bars of evaluations may reach below 0, but an axis of returns that are never negative does not follow them.
static void test_axis(void **state)
{
    (void)state;
    if (system("gnuplot --version >/dev/null 2>&1")) skip();
    rb_config *config = small("true");
    set(config, "run.env", "minatar/asterix");
    set(config, "net.trunk", "minatar");
    set(config, "run.name", "axis");
    set(config, "run.max_steps", "600");
    set(config, "eval.episodes", "10");
    set(config, "eval.epsilon", "1"); // most games return 0 or 1
    heard h = {0};
    char directory[300];
    train_heard(config, &h, directory, sizeof directory);
    char *script = text_of(directory, "plots/curves.gp"), *data = text_of(directory, "plots/curves.dat"),
         *row = strstr(data, "# step mean std"), *next;
    double mean, std, lowest = 0, low, high;
    assert_non_null(row);
    while ((next = strchr(row, '\n')) && sscanf(next, "%*f %lf %lf", &mean, &std) == 2) {
        lowest = fmin(lowest, mean - std);
        row = next + 1;
    }
    assert_true(lowest < 0);
    const char *range = strstr(script, "set yrange ["), *marks = strstr(script, "set ytics ");
    assert_int_equal(sscanf(range, "set yrange [%lf:%lf]", &low, &high), 2);
    assert_true(low == 0 && high > 0); // although the bars reach below it
    assert_memory_equal(marks, "set ytics ('0' 0,", strlen("set ytics ('0' 0,"));
    free(script);
    free(data);
}

static void test_not_wanted(void **state)
{
    (void)state;
    heard h = {0};
    char directory[300];
    train_heard(small("false"), &h, directory, sizeof directory);
    assert_false(has(directory, "plots"));
}

// Puts a substitute for gnuplot first in the path.
static void with_program(const char *program, heard *h, char *directory, size_t bytes)
{
    char path[128], *before = strdup(getenv("PATH")), both[4096];
    snprintf(path, sizeof path, "%s/gnuplot", root);
    snprintf(both, sizeof both, "%s:%s", root, before);
    unlink(path);
    if (program) {
        assert_int_equal(rb_file_write(path, program, strlen(program), NULL), RB_OK);
        chmod(path, 0755);
    }
    setenv("PATH", program ? both : root, 1);
    train_heard(small("true"), h, directory, bytes);
    setenv("PATH", before, 1);
    unlink(path);
    free(before);
}

static void test_missing(void **state)
{
    (void)state;
    heard h = {0};
    char directory[300];
    with_program(NULL, &h, directory, sizeof directory);
    assert_int_equal(h.warnings, 1);
    assert_non_null(strstr(h.last, "gnuplot is not installed"));
    assert_true(has(directory, "plots/curves.gp"));
    char *data = text_of(directory, "plots/curves.dat");
    assert_non_null(strstr(data, "\n1200 ")); // up to date
    free(data);
}

static void test_failing(void **state)
{
    (void)state;
    heard h = {0};
    char directory[300];
    with_program("#!/bin/sh\necho no >&2\nexit 1\n", &h, directory, sizeof directory);
    assert_int_equal(h.warnings, 1);
    assert_non_null(strstr(h.last, "gnuplot failed: no"));
}

// A slow gnuplot: evaluations come faster than it draws. There are never two at once, and the last picture
// has the last evaluation.
static void test_one_at_a_time(void **state)
{
    (void)state;
    heard h = {0};
    char directory[300];
    with_program("#!/bin/sh\nmkdir busy || echo two >> ../two\nsleep 0.2\n"
                 "cp curves.dat curves.part\nrmdir busy\n",
                 &h, directory, sizeof directory);
    assert_int_equal(h.warnings, 0);
    assert_false(has(directory, "two"));
    char *picture = text_of(directory, "plots/curves.svg");
    assert_non_null(strstr(picture, "\n1200 "));
    free(picture);
}

// The parts of history that a resumed run rebuilds equal those of an uninterrupted run.
static void test_resumed(void **state)
{
    (void)state;
    rb_config *config = small("false");
    rb_error error = {0};

    rb_run *run = create(config);
    assert_int_equal(rb_loop(run, 700, &error), RB_OK);
    assert_int_equal(rb_checkpoint_write(run, &error), RB_OK);
    char directory[300];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    rb_run *whole = create(config);
    assert_int_equal(rb_run_train(whole, &error), RB_OK);
    const rb_history *a = rb_metrics_history(run->metrics), *b = rb_metrics_history(whole->metrics);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->used, b->used);
    assert_memory_equal(a->parts, b->parts, sizeof a->parts);
    rb_run_destroy(run);
    rb_run_destroy(whole);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picture), cmocka_unit_test(test_axis),    cmocka_unit_test(test_not_wanted),
        cmocka_unit_test(test_missing), cmocka_unit_test(test_failing), cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_resumed),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
