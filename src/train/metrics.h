// What a run records about itself: train.csv (one row per game), eval.csv (one row per evaluation), and the
// progress record for display.
//
// io/run_tables.h names the columns. loss and q_mean are means over the updates made during the game, and
// empty if there were none. seconds counts training time over all resumes.
#ifndef RB_TRAIN_METRICS_H
#define RB_TRAIN_METRICS_H

#include "agent/agent.h"
#include "base/arena.h"
#include "base/visit.h"
#include "env/vector.h"
#include "io/csv.h"
#include "rainbow/evaluate.h"
#include "rainbow/run.h"
#include "train/history.h"

typedef struct rb_metrics rb_metrics;

rb_status rb_metrics_create(rb_metrics **out, int environments, rb_arena *arena, rb_error *error);
void rb_metrics_destroy(rb_metrics *metrics); // closes the tables
// Opens the tables in the run's directory: new ones, or (after a load) the existing ones, cut back to the
// checkpoint's length, or repaired with a warning (io/csv_mend.h).
rb_status rb_metrics_open(rb_metrics *metrics, const rb_run *run, bool resumed, rb_error *error);

// The run's directory was deleted: writes what the tables held to a new one, and continues there.
rb_status rb_metrics_rescue(rb_metrics *metrics, const char *directory, rb_error *error);
void rb_metrics_moved(rb_metrics *metrics, const char *directory); // the run's directory was renamed

void rb_metrics_learned(rb_metrics *metrics, const rb_learned *learned);
void rb_metrics_game(rb_metrics *metrics, const rb_run *run, int environment, const rb_vector_result *result);
void rb_metrics_evaluation_failed(rb_metrics *metrics); // the next one is due as after a good one
rb_status rb_metrics_evaluation(rb_metrics *metrics, const rb_run *run, const rb_eval_result *result,
                                rb_error *error);
int64_t rb_metrics_evaluated(const rb_metrics *metrics);       // step of the newest evaluation; -1: none yet
int64_t rb_metrics_games(const rb_metrics *metrics);           // games ended so far
int64_t rb_metrics_games_evaluated(const rb_metrics *metrics); // games at the newest evaluation; 0: none yet
double rb_metrics_trailing(const rb_metrics *metrics,
                           int64_t count);         // mean of the last `count` evaluations; NaN: fewer so far
double rb_metrics_best(const rb_metrics *metrics); // the highest mean of all evaluations; NaN: none yet
// Writes the evaluation's row to the given table.
void rb_metrics_evaluation_row(const rb_metrics *metrics, const rb_run *run, const rb_eval_result *result,
                               rb_csv *csv);
rb_progress rb_metrics_now(const rb_metrics *metrics, const rb_run *run); // as passed to the hook
// At most ten times per second unless `at_once`: brings the table up to date and calls the hook.
rb_status rb_metrics_progress(rb_metrics *metrics, const rb_run *run, bool at_once, rb_error *error);
typedef struct rb_metrics_total { // since the run began, over all resumes
    double loss, q_mean;          // sums over the updates
    uint64_t updates;
    double seconds; // training time
} rb_metrics_total;
rb_metrics_total rb_metrics_so_far(const rb_metrics *metrics);
// Sets the run's current activity, for display.
void rb_metrics_activity(rb_metrics *metrics, rb_activity activity);
// The same for an evaluation: how many games have ended, the total, the steps of all of them, and the seconds
// since it began.
void rb_metrics_evaluating(rb_metrics *metrics, int games, int of, int64_t steps, double seconds);
void rb_metrics_begin(rb_metrics *metrics,
                      const rb_run *run);                 // starts training time; speed is measured from here
void rb_metrics_clock(rb_metrics *metrics, bool running); // starts or stops training time
bool rb_metrics_first_cut(rb_metrics *metrics);           // true once: for the warning of games that were cut
// Puts every row so far on the disk: a checkpoint stores the tables' lengths, which must never exceed what is
// there.
rb_status rb_metrics_sync(rb_metrics *metrics, rb_error *error);
rb_status rb_metrics_flush(rb_metrics *metrics, rb_error *error); // tries again what a full disk did not take
const rb_history *rb_metrics_history(const rb_metrics *metrics);
void rb_metrics_visit(rb_metrics *metrics, rb_visitor *visitor);

#endif
