// A run's directory, root/group/name: claimed before anything else is made, and locked against a second
// process.
//
//     claim      makes the directory: of two runs that start at once and want the same name, one gets it and the other
//                takes the next free name, or, if the user gave the name, ends with an error
//     begin      before the first step: only now a run that the user replaces (run.overwrite) is removed
//     release    after a failure between the two: what the claim made is removed, a replaced run is still whole
#ifndef RB_TRAIN_RUN_DIRECTORY_H
#define RB_TRAIN_RUN_DIRECTORY_H

#include "train/run_state.h"

// Sets run->directory, takes the lock and writes config.ini. RB_ERR_EXISTS: the name is taken and may not be
// replaced.
rb_status rb_run_directory_claim(rb_run *run, rb_error *error);
rb_status rb_run_directory_begin(rb_run *run, rb_error *error);
void rb_run_directory_release(rb_run *run);
// The name of a run that the user gave none; `number`: 1, or the smallest number that makes it free.
void rb_run_directory_name(char *out, size_t bytes, const rb_run_params *p, int number);
// Whether the directory holds only what a process leaves that is killed before it has written config.ini.
bool rb_run_directory_is_remains(const char *directory);
// Looks whether the run's directory is still where it was. If it was renamed, the run goes on at its new
// place; RB_ERR_FILE: it was deleted. After `leave`, it is not looked for any more.
rb_status rb_run_directory_follow(rb_run *run, rb_error *error);
void rb_run_directory_leave(rb_run *run);
// A path that means the run's directory wherever it is renamed to, and nothing once it is deleted. It is
// valid in this process, until the run is unlocked.
const char *rb_run_directory_reach(rb_run *run);
// After the directory was deleted: makes another beside it, NAME-rescued, with the run's settings.
rb_status rb_run_directory_again(rb_run *run, rb_error *error);
// For an existing run. A file system without locks is only a warning.
rb_status rb_run_directory_lock(rb_run *run, rb_error *error);
void rb_run_directory_unlock(rb_run *run);

#endif
