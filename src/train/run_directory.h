// A run's directory, root/group/name: found a name for, made, locked against a second process.
#ifndef RB_TRAIN_RUN_DIRECTORY_H
#define RB_TRAIN_RUN_DIRECTORY_H

#include "train/run_state.h"

// Chooses run->directory; RB_ERR_EXISTS when it is taken and may not be replaced. Makes nothing.
rb_status rb_run_directory_choose(rb_run *run, rb_error *error);
rb_status rb_run_directory_make(rb_run *run, rb_error *error); // with config.ini in it, and locks it
rb_status rb_run_directory_lock(rb_run *run, rb_error *error); // of a run that is there
void rb_run_directory_unlock(rb_run *run);

#endif
