// A run that has no checkpoint to continue from: it was killed before its first one, or someone removed them.
// It begins again at step 0, and keeps what it recorded before.
#ifndef RB_TRAIN_BEGIN_AGAIN_H
#define RB_TRAIN_BEGIN_AGAIN_H

#include "train/run_state.h"

// RB_ERR_MISSING: the run has ended, so only its user can want that its steps are made a second time.
rb_status rb_begin_again_check(const char *directory, rb_error *error);
// If the run's table has a game, moves its tables, event files, pictures and videos into a new directory in
// the run's own, before-1, before-2 and so on, with a warning. The best weights so far stay: the same
// evaluation comes again. Needs the run's lock.
rb_status rb_begin_again(const rb_run *run, rb_error *error);

#endif
