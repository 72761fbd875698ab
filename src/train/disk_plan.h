// The disk that a run's first checkpoint will need, estimated before training: a run that can't be saved must
// be reported before hours are spent on it. Once a checkpoint is written, its size foretells the next one's
// (checkpoint.c).
#ifndef RB_TRAIN_DISK_PLAN_H
#define RB_TRAIN_DISK_PLAN_H

#include "train/run_state.h"

typedef struct rb_disk_plan {
    int64_t step;       // of the next checkpoint, if games do not bring it earlier
    double least_bytes; // state and weights
    double most_bytes;  // and replay's new rows, if they do not compress at all
} rb_disk_plan;

rb_disk_plan rb_disk_plan_make(rb_run *run);
// Warns if the disk has less room.
void rb_disk_plan_warn(rb_run *run);

#endif
