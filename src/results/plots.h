// The numbers behind `rainbow plot`: the points of runs, smoothed by a trailing window and combined over
// seeds.
//
//     smoothed(x) = mean of the points in (x - window, x]; if there are none, the newest point before
//     mean        = mean of the runs' smoothed values at the same x
//     95 %        = mean -+ t(n-1) s / sqrt(n), s with n - 1: Student's t interval for the mean of n seeds
//     range       = the lowest and the highest smoothed value, instead of 95 % for fewer than four seeds: t(1) is
//                   12.7, so that the interval of two seeds says little but fills the picture
//
// A group ends with its shortest run, so every value covers all its seeds.
#ifndef RB_RESULTS_PLOTS_H
#define RB_RESULTS_PLOTS_H

#include "rainbow/error.h"
#include "rainbow/plot.h"

typedef struct rb_points { // x never decreases
    int count;
    double *x, *y;
} rb_points;

// Reads two columns of a run's table, without rows that have no y. `file`: "train.csv".
rb_status rb_points_read(rb_points *out, const char *run, const char *file, const char *x, const char *y,
                         rb_error *error);
void rb_points_free(rb_points *points);

// at[count], increasing: out[i] is the smoothed value there; NaN before the first point.
void rb_points_smooth(const rb_points *points, double window, int count, const double *at, double *out);

typedef struct rb_band {
    int count;
    double *x, *mean, *low, *high; // [count]; low and high are NaN for a single run
    double least, most;            // of all runs' smoothed values
} rb_band;

// window 0: one run's points unchanged; the points of several runs must have the same x, or RB_ERR_USAGE.
// Otherwise: values at every `step` of x, and at the end.
rb_status rb_band_make(rb_band *out, const rb_points *runs, int count, double window, double step,
                       rb_error *error);
void rb_band_free(rb_band *band);

double rb_student_95(int degrees); // for `degrees` degrees of freedom: t is exceeded with probability 2.5 %

#endif
