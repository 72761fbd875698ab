// A run's directory, root/group/name: choosing its name, creating it, locking it against a second process.
#ifndef RB_TRAIN_RUN_DIRECTORY_H
#define RB_TRAIN_RUN_DIRECTORY_H

#include "train/run_state.h"

// Chooses run->directory; RB_ERR_EXISTS if it exists and may not be replaced. Creates nothing.
rb_status rb_run_directory_choose(rb_run *run, rb_error *error);
rb_status rb_run_directory_make(rb_run *run, rb_error *error); // writes config.ini and takes the lock
rb_status rb_run_directory_lock(rb_run *run, rb_error *error); // for an existing run
void rb_run_directory_unlock(rb_run *run);

#endif
