// Learning curves of one run or of many, laid over each other in one picture.
#ifndef RAINBOW_PLOT_H
#define RAINBOW_PLOT_H

#include <stdbool.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_plot_options {
    const char *picture; // a path that ends in .svg or .png; its script (.gp) and data (.dat) stay beside it
    const char *x;       // "steps" "frames" "seconds" "updates"
    const char *y;       // "return" (of games while training) "eval" (mean of an evaluation) "loss" "q_mean"
    const char *title;   // NULL: none
    // In units of x: a point is the mean of those in the last `window`, itself included. 0: every point as it
    // is. Negative: a fiftieth of the longest run, rounded; evaluations as they are.
    double window;
    bool group_seeds; // runs whose settings differ in their seed alone: one curve, their mean
} rb_plot_options;

typedef struct rb_plot_curve { // one run or one group of seeds
    char label[256];
    int runs, points;
    double last_x, last;        // where it ends, in units of x
    double last_low, last_high; // 95 % interval of the mean there (Student's t over the runs); NaN: one run
} rb_plot_curve;

typedef struct rb_plot_result {
    int count;
    rb_plot_curve *curves; // [count]
    double window;         // that was taken
    char picture[1300], script[1300], data[1300];
} rb_plot_result;

enum { RB_PLOT_RUNS = 500 };

// Draws through gnuplot. RB_ERR_FILE or RB_ERR_FORMAT where a run's tables are not there, are empty or are no
// tables; RB_ERR_USAGE for words it does not know; RB_ERR_MISSING without gnuplot: script and data are there
// then, and `out` is filled.
rb_status rb_plot(const char *const *runs, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error);
void rb_plot_result_free(rb_plot_result *result);

#ifdef __cplusplus
}
#endif

#endif
