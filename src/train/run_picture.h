// A run's own picture, plots/curves.svg: returns, evaluations with their spread, loss, Q-value and epsilon
// against steps, brought up to date at every evaluation. What it shows comes from the run's history and its
// eval.csv, a few hundred lines however long the run is; drawing is gnuplot's, beside the training, one
// picture at a time. One that is asked for while another is being drawn comes after it.
#ifndef RB_TRAIN_RUN_PICTURE_H
#define RB_TRAIN_RUN_PICTURE_H

#include "rainbow/run.h"
#include "results/gnuplot.h"

typedef struct rb_run_picture {
    bool on;      // plot.enabled, and nothing is in the way
    bool waiting; // there is something new to show, and gnuplot is busy
    rb_gnuplot plot;
    double started, looked; // by the clock
    bool told_missing;      // that there is no gnuplot
} rb_run_picture;

// A fault never ends a run: it is told once, and there are no pictures from then on. Without gnuplot the
// script and the data still are brought up to date.
void rb_run_picture_update(rb_run *run);              // after an evaluation
void rb_run_picture_if_due(rb_run *run);              // now and then
void rb_run_picture_end(rb_run *run, double seconds); // waits for the last one, at most so long

#endif
