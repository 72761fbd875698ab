// Shared by the tests of plots.
#ifndef RB_TESTS_PLOT_KIT_H
#define RB_TESTS_PLOT_KIT_H

#include "train/run_fixture.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "rainbow/plot.h"
#include "results/plots.h"

static inline bool have_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static inline void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * (1 + fabs(want)))) fail_msg("%.17g is not %.17g", got, want);
}

static inline void put(const char *run, const char *name, const char *text)
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

static inline rb_plot_options plain(char *picture, size_t bytes, const char *name)
{
    snprintf(picture, bytes, "%s/%s", root, name);
    return (rb_plot_options){.picture = picture, .x = "steps", .y = "return", .window = 0};
}

static inline char *read_text(const char *path)
{
    char *text;
    size_t bytes;
    rb_error error = {0};
    if (rb_file_read(path, &text, &bytes, &error)) fail_msg("%s", error.message);
    return text;
}

#endif
