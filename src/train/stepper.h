// Which environments act next: those that wait for an action. In lockstep, that is all of them, every time.
// In an asynchronous run (env.asynchronous), it is those that are ready first: the agent acts for these while
// the others are still stepping.
//
//     lockstep        act 0 1 2 3 | wait 0 1 2 3 | act 0 1 2 3 | wait 0 1 2 3
//     asynchronous    act 0 1 2 3 | wait 1 2     | act 1 2     | wait 0 2     | act 0 2 ...
//
// Which environment is ready first depends on the machine, so an asynchronous run is not bit-reproducible.
#ifndef RB_TRAIN_STEPPER_H
#define RB_TRAIN_STEPPER_H

#include <stdint.h>
#include "base/arena.h"
#include "base/rng.h"
#include "rainbow/error.h"
#include "rainbow/run.h"

typedef struct rb_stepper {
    bool asynchronous;
    int count;           // environments that wait for an action, or whose results have not been read yet
    int *which;          // [env.count] their indices, ascending
    int32_t *chosen;     // [env.count] the action for each, in this order
    rb_rng *explore_rng; // [env.count] in this order
    double *epsilon;     // [env.count] in this order
    float *q;            // [env.count][actions] in this order; NULL: not needed
    int64_t *played;     // [env.count] in this order: steps of its game before this one
    int away;            // environments that are stepping
} rb_stepper;

void rb_stepper_init(rb_stepper *stepper, const rb_run *run, rb_arena *arena);
void rb_stepper_begin(rb_run *run); // all of them wait
// The epsilon of environment i's next action. With explore.by = episodes it is that of its game's start.
double rb_stepper_epsilon(const rb_run *run, int i);
// Chooses an action for each that waits, and starts their steps; but not if a device failed to choose.
rb_status rb_stepper_act(rb_run *run, rb_error *error);
rb_status rb_stepper_wait(rb_run *run,
                          rb_error *error); // until some have finished, or all; sets `which`

#endif
