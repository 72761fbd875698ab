// Whose turn it is: the environments that wait for an action. In step with each other that is all of them,
// every time. Asynchronous (env.asynchronous), it is whichever are ready first: the agent acts for these, and
// the others are still on their way meanwhile.
//
//     in step         act 0 1 2 3 | wait 0 1 2 3 | act 0 1 2 3 | wait 0 1 2 3
//     asynchronous    act 0 1 2 3 | wait 1 2     | act 1 2     | wait 0 2     | act 0 2 ...
//
// Which environment is ready first depends on the machine, so an asynchronous run can't be repeated to the
// bit.
#ifndef RB_TRAIN_STEPPER_H
#define RB_TRAIN_STEPPER_H

#include <stdint.h>
#include "base/arena.h"
#include "base/rng.h"
#include "rainbow/error.h"
#include "rainbow/run.h"

typedef struct rb_stepper {
    bool asynchronous;
    int count;           // of the environments that wait for an action, or whose results wait to be looked at
    int *which;          // [env.count] their numbers, ascending
    int32_t *chosen;     // [env.count] for each of them, in this order
    rb_rng *explore_rng; // the same
    int64_t *played;     // the same: steps that its game had before this one
    int away;            // environments that are on their way
} rb_stepper;

void rb_stepper_init(rb_stepper *stepper, const rb_run *run, rb_arena *arena);
void rb_stepper_begin(rb_run *run); // all of them wait
void rb_stepper_act(rb_run *run);   // chooses an action for each that waits, and starts their steps
rb_status rb_stepper_wait(rb_run *run,
                          rb_error *error); // until some are back, or all: whoever `which` then names
rb_status rb_stepper_abandon(rb_run *run);  // after a failure: until nobody is on their way

#endif
