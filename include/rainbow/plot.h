// Learning curves of one or more runs in one picture.
#ifndef RAINBOW_PLOT_H
#define RAINBOW_PLOT_H

#include <stdbool.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_plot_options {
    const char *picture; // a path that ends in .svg or .png; the script (.gp) and data (.dat) are written
                         // beside it
    const char *x;       // "steps" "frames" "seconds" "updates"
    const char *y;       // "return" (of games while training) "eval" (mean of an evaluation) "loss" "q_mean"
    const char *title;   // NULL: none
    // In units of x: each point is the mean of the points in the last `window`, itself included. 0: no
    // smoothing. Negative: a fiftieth of the longest run, rounded, and no smoothing of evaluations.
    double window;
    // Draw one curve, their mean, for runs that are equal in everything that decides the result
    // (rb_param_info.decides) but the seed.
    bool group_seeds;
} rb_plot_options;

typedef struct rb_plot_curve { // one run or one group of seeds
    char label[256];
    int runs, points;
    double last_x, last;        // the curve's end, in units of x
    double last_low, last_high; // 95 % interval of the mean at the end (Student's t over the runs); NaN: one
                                // run
} rb_plot_curve;

typedef struct rb_plot_result {
    int count;
    rb_plot_curve *curves; // [count]
    double window;         // the window used
    int remark_count;
    char (*remarks)[512]; // notes for the reader: runs that are left out or have not ended
    char picture[1300], script[1300], data[1300];
} rb_plot_result;

enum { RB_PLOT_RUNS = 500 };

// Draws with gnuplot. RB_ERR_FILE or RB_ERR_FORMAT if a run's tables are missing, empty or not tables;
// RB_ERR_USAGE for an unknown option; RB_ERR_MISSING without gnuplot, in which case the script and the data
// are written and `out` is filled.
rb_status rb_plot(const char *const *runs, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error);
void rb_plot_result_free(rb_plot_result *result);

#ifdef __cplusplus
}
#endif

#endif
