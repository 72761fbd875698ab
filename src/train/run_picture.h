// A run's own picture, plots/curves.svg: returns, evaluations with their spread, loss, Q-value and epsilon
// over steps, redrawn at every evaluation. The data come from the run's history and its eval.csv: a few
// hundred lines, however long the run is. gnuplot draws while training continues, one picture at a time; a
// picture requested meanwhile is drawn afterwards.
#ifndef RB_TRAIN_RUN_PICTURE_H
#define RB_TRAIN_RUN_PICTURE_H

#include "rainbow/run.h"
#include "results/gnuplot_style.h"

typedef struct rb_run_picture {
    bool on;      // plot.enabled, and drawing has not failed
    bool waiting; // there is new data, and gnuplot is busy
    rb_gnuplot plot;
    double started, looked; // clock times
    bool told_missing;      // warned that gnuplot is missing
} rb_run_picture;

// A fault never ends a run: it is reported once, and no more pictures are drawn. Without gnuplot, the script
// and the data are still kept up to date.
void rb_run_picture_update(rb_run *run);              // after an evaluation
void rb_run_picture_if_due(rb_run *run);              // polls gnuplot, at most ten times per second
void rb_run_picture_end(rb_run *run, double seconds); // waits for the last one, at most `seconds`

#endif
