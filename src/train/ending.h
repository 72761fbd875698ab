// When a run ends: after a number of steps, games or minutes, or when its evaluations are good enough. The
// first condition that holds ends the run, with an evaluation and a checkpoint; it is reported, and stored as
// end.json in the run's directory.
//
// Schedules over the whole run (optim.anneal; replay.beta_steps = 0; shares of the run) span run.max_steps,
// no matter which condition ends the run: future games and minutes can't be counted in steps.
#ifndef RB_TRAIN_ENDING_H
#define RB_TRAIN_ENDING_H

#include "train/run_state.h"

rb_ending rb_run_ending(const rb_run *run); // RB_GOING: none of the conditions holds
// Stops the run if this process has had its time (run.time_limit_minutes). This is no end of the run.
void rb_run_time_limit(rb_run *run);
// The share of the run done at step `step` after `games` games, 0 .. 1: the largest share among the
// conditions in steps and games, so it depends on no clock.
double rb_run_done(const rb_run *run, int64_t step, int64_t games);
// The same over all conditions, minutes included, for display.
double rb_run_done_now(const rb_run *run, double seconds);
// Seconds of training until the run ends at this speed; NaN if unknown. `lasts`: the speed is also that of
// the steps to come; otherwise it is unknown when the run ends.
double rb_run_seconds_left(const rb_run *run, double seconds, double steps_per_second, bool lasts);

// Logs one sentence and writes end.json. When the run is resumed, end.json is removed.
rb_status rb_ending_tell(rb_run *run, rb_ending ending, rb_error *error);
rb_status rb_ending_forget(const rb_run *run, rb_error *error);

#endif
