// The inside of rb_metrics, shared by metrics.c (tables and means) and run_progress.c (the progress record).
#ifndef RB_TRAIN_METRICS_IMPL_H
#define RB_TRAIN_METRICS_IMPL_H

#include "io/csv.h"
#include "train/metrics.h"

enum {
    RB_METRICS_RECENT = 100,      // games averaged in the progress line's mean return
    RB_METRICS_EVALUATIONS = 1000 // largest value of run.stop_evaluations
};

typedef struct rb_totals { // over all updates so far
    double loss, q;
    uint64_t updates;
} rb_totals;

// What `speed` measures: steps before the first update, nothing yet since the first update, or both.
typedef enum rb_speed_kind { RB_SPEED_WITHOUT_UPDATES, RB_SPEED_BEGINS, RB_SPEED_WITH_UPDATES } rb_speed_kind;

struct rb_metrics {
    rb_csv *train, *eval;
    int environments;
    rb_totals now;
    rb_totals *game_start; // [environments]
    double returns[RB_METRICS_RECENT];
    int64_t games;
    double eval_mean;           // NaN before the first
    double eval_std, eval_best; // the same
    int64_t eval_step;          // -1 before the first
    int64_t eval_games;         // games of the training at that evaluation
    int64_t evaluations;
    double eval_means[RB_METRICS_EVALUATIONS];      // the newest, rounded as in the table
    double loss_ema, q_ema;                         // for the progress line; NaN before the first update
    double seconds, running_since;                  // the clock runs if running_since >= 0
    double shown_at, reported_at, measured_seconds; // below 0: not yet
    double flushed_at;                              // when the table of games was written; -1: never
    int64_t measured_step, measured_frames;
    double speed, frame_speed; // steps and frames per second, smoothed
    rb_speed_kind speed_kind;
    bool old_eval_table; // made by an earlier version, without a trailing mean
    rb_activity activity;
    int eval_ended, eval_ended_of;                                        // games of the current evaluation
    int64_t eval_steps;                                                   // steps of them
    double eval_seconds;                                                  // since it began
    double measured_at, process_bytes, machine_free_bytes, machine_bytes; // memory, measured once per second
    rb_history history;                                                   // rebuilt from the table on resume
    bool told_full;                   // warned that the table can't be written
    bool told_evicted;                // warned that compressed frames take more than planned
    bool told_cut;                    // warned that evaluations cut games
    uint64_t train_bytes, eval_bytes; // lengths of the tables at the checkpoint
};

double rb_metrics_seconds(const rb_metrics *metrics); // training time so far, over all resumes

#endif
