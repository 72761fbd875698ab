// A full disk (run.on_full_disk). Whatever the loop writes either stays in memory until there is room (rows
// of tables, events), or can be written again from the start (checkpoints, the best weights). So training
// waits, and the same is written later; nothing is lost, and no file is half there.
//
//     wait   training pauses with a warning, and looks for room every second; a request to stop ends the wait
//     stop   the run ends with the error; the checkpoint before is whole
#ifndef RB_TRAIN_FULL_DISK_H
#define RB_TRAIN_FULL_DISK_H

#include "train/run_state.h"

typedef rb_status (*rb_disk_fn)(rb_run *run, const void *context, rb_error *error);

// Calls `write` until it returns something else than RB_ERR_FULL, or until the run is to stop. With
// run.on_full_disk = stop: calls it once.
rb_status rb_full_disk_try(rb_run *run, rb_disk_fn write, const void *context, rb_error *error);
// After a function that has added rows to tables or event files and returned `status`: if the disk was full,
// the rows are still in memory, and this waits until they are written.
rb_status rb_full_disk_rows(rb_run *run, rb_status status, rb_error *error);
// Warns once if fewer than `need` bytes are free on the run's disk, and again after there was room. `about`:
// what needs them.
void rb_full_disk_warn(rb_run *run, double need, const char *about);

#endif
