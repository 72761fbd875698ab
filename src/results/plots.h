// The numbers behind `rainbow plot`: points of runs, smoothed by a trailing window, and put together over
// seeds.
//
//     smoothed(x) = mean of the points in (x - window, x]; where there is none, of the newest point before
//     mean        = of the runs' smoothed values at the same x
//     95 %        = mean -+ t(n-1) s / sqrt(n), s with n - 1: Student's t interval of the mean of n seeds
//
// A group ends where its shortest run ends: every value is of all its seeds.
#ifndef RB_RESULTS_PLOTS_H
#define RB_RESULTS_PLOTS_H

#include "rainbow/error.h"
#include "rainbow/plot.h"

typedef struct rb_points { // x never falls
    int count;
    double *x, *y;
} rb_points;

// The columns of a run's table, rows without a y left out. `file`: "train.csv".
rb_status rb_points_read(rb_points *out, const char *run, const char *file, const char *x, const char *y,
                         rb_error *error);
void rb_points_free(rb_points *points);

// at[count], rising: out[i] is the smoothed value there; NaN before the first point.
void rb_points_smooth(const rb_points *points, double window, int count, const double *at, double *out);

typedef struct rb_band {
    int count;
    double *x, *mean, *low, *high; // [count]; low and high are NaN where there is one run
} rb_band;

// window 0: one run's points as they are; of several runs the points must lie at the same x, or RB_ERR_USAGE.
// A window: values at every `step` of x, and at the end.
rb_status rb_band_make(rb_band *out, const rb_points *runs, int count, double window, double step,
                       rb_error *error);
void rb_band_free(rb_band *band);

double rb_student_95(int degrees); // of freedom: t that is exceeded with probability 2.5 %

#endif
