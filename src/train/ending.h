// When a run ends: after so many steps, games or minutes, or when its evaluations are good enough. Whichever
// comes first ends it, with an evaluation and a checkpoint, and is named: told, and kept in the run's
// directory as end.json.
//
// What goes "over the whole run" (optim.anneal; replay.beta_steps = 0; shares of the run) goes over
// run.max_steps, whatever ends the run: games and minutes to come can't be counted in steps.
#ifndef RB_TRAIN_ENDING_H
#define RB_TRAIN_ENDING_H

#include "train/run_state.h"

rb_ending rb_run_ending(const rb_run *run); // RB_GOING: none of the conditions holds
// The share of the run that lies behind step `step` and `games` games, 0 .. 1: the furthest of its conditions
// in steps and games, so that it depends on no clock.
double rb_run_done(const rb_run *run, int64_t step, int64_t games);
// The same by all conditions, minutes too, for people.
double rb_run_done_now(const rb_run *run, double seconds);
// Seconds of training until it ends at this speed; NaN: nobody knows.
double rb_run_seconds_left(const rb_run *run, double seconds, double steps_per_second);

// A sentence to whoever watches, and end.json; before it goes on, end.json is taken away.
rb_status rb_ending_tell(const rb_run *run, rb_ending ending, rb_error *error);
rb_status rb_ending_forget(const rb_run *run, rb_error *error);

#endif
