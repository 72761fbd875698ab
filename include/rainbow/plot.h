// Learning curves of one or more runs in one picture.
#ifndef RAINBOW_PLOT_H
#define RAINBOW_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_plot_options {
    const char *picture; // a path that ends in .svg or .png; the script (.gp) and data (.dat) are written
                         // beside it. NULL: only the numbers, without files and gnuplot
    // "steps" "frames" "episodes" "updates" "seconds" "hours"; evaluations count neither episodes nor
    // updates.
    const char *x;
    // "return" (of games while training), "eval" (mean of an evaluation), or any column of train.csv or
    // eval.csv; "train.NAME" and "eval.NAME" if both tables have it.
    const char *y;
    const char *title;         // NULL: none
    const char *const *labels; // [count of the paths], each NULL or the name of its curve; NULL: none
    // In units of x: each point is the mean of the points in the last `window`, itself included. 0: no
    // smoothing. Negative: a fiftieth of the longest run, or five of its longest games if that
    // is more (at most a fifth of the run), rounded; no smoothing of evaluations.
    double window;
    // Draw one curve, their mean, for runs that are equal in everything that decides the result
    // (rb_param_info.decides) but the seed. Runs with different labels are never in one curve.
    bool group_seeds;
} rb_plot_options;

enum { RB_PLOT_INTERVAL_RUNS = 4 }; // with fewer seeds, a band is their range

typedef struct rb_plot_curve { // one run or one group of seeds
    char label[256];
    int runs, points;
    // [points], x in its unit. Low and high bound the band: from RB_PLOT_INTERVAL_RUNS seeds on, the 95 %
    // interval of their mean (Student's t), with fewer their lowest and highest value; NaN for one run.
    const double *x, *mean, *low, *high;
    double last_x, last, last_low, last_high; // the curve's end
} rb_plot_curve;

typedef struct rb_plot_result {
    int count;
    rb_plot_curve *curves; // [count]
    double window;         // the window used
    // The axis of values: around the curves, and around bands as far as they are near the seeds' own values.
    double low, high;
    char caption[300];       // how the curves were made
    char seeds_caption[150]; // what lines and bands are if a curve has several seeds, otherwise ""
    char y_title[80];
    int remark_count;
    char (*remarks)[512]; // notes for the reader: runs that are left out or have not ended
    char picture[1300], script[1300], data[1300];
    void *bands; // the memory of the curves' points
} rb_plot_result;

enum { RB_PLOT_RUNS = 10000 };

// `paths`: runs, or directories of runs (a group's, or the root of groups). Draws with gnuplot. RB_ERR_FILE
// or RB_ERR_FORMAT if a named run's tables are missing, empty or not tables (such a run below a directory is
// left out with a remark); RB_ERR_USAGE for an unknown option; RB_ERR_MISSING without gnuplot, in which case
// the script and the data are written and `out` is filled.
rb_status rb_plot(const char *const *paths, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error);
void rb_plot_result_free(rb_plot_result *result);

// ---- axes with round marks

typedef struct rb_plot_axis {
    double low, high, step; // marks are multiples of the step
} rb_plot_axis;

// 1, 2 or 5 times a power of ten, so that at most `most` steps fit into the range.
double rb_plot_step(double range, int most);
// Around values from low to high: from mark to mark, with at most `marks` steps between them if the values
// lie on marks. It begins at 0 if all values are positive and the smallest is nearer to 0 than to the
// largest.
rb_plot_axis rb_plot_axis_around(double low, double high, int marks);
// Of steps or seconds, from 0 to `end` with some room behind it, in which the last point is drawn whole.
rb_plot_axis rb_plot_axis_to(double end, int marks);
// Mark i (0 ..) and its text, such as "10,000". False: there are fewer.
bool rb_plot_axis_mark(const rb_plot_axis *axis, int i, double *value, char *out, size_t bytes);
// "thousand steps" and 1e3, for axes that end at `most`; x: an axis' name in rb_plot_options.
const char *rb_plot_unit(double most, const char *x, double *scale);

#ifdef __cplusplus
}
#endif

#endif
