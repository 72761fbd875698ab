// A run whose directory is deleted while it trains still has all of itself in memory. It is saved beside the
// deleted directory and ends there: the directory may have been deleted on purpose, but nothing is lost.
#ifndef RB_TRAIN_RESCUE_H
#define RB_TRAIN_RESCUE_H

#include "train/run_state.h"

// RB_OK: the directory is where the run says it is (rb_run_directory_follow). RB_ERR_FILE: it was deleted;
// the run then has a new directory with its settings and tables, where the next checkpoint holds everything,
// or a warning gives the reason why not.
rb_status rb_rescue_if_deleted(rb_run *run, rb_error *error);

#endif
