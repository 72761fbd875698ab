// run.scratch: checkpoints on a local disk while the run trains, and copied to the run's directory when it
// stops or ends. On a cluster the runs' directories are on a file server, for which the checkpoints of many
// runs are the largest load.
//
//     SCRATCH/NAME-XXXXXX/checkpoints/...        of this process
//     RUN/checkpoints/...                        what earlier processes copied back, and then this one too
//
// A process that is killed loses what it has not copied back: the run resumes from the checkpoint in its own
// directory.
#ifndef RB_TRAIN_SCRATCH_H
#define RB_TRAIN_SCRATCH_H

#include "train/run_state.h"

// Makes the directory, if run.scratch is set. RB_ERR_FILE: it can't be made.
rb_status rb_scratch_open(rb_run *run, rb_error *error);
// The directory in which checkpoints are written now.
const char *rb_scratch_place(rb_run *run);
// Copies the checkpoints back: whole ones only, each complete or absent, and removes older states there as
// checkpoint.keep says, unless the run has failed. On a full disk as run.on_full_disk says.
rb_status rb_scratch_return(rb_run *run, rb_error *error);
// Removes the directory, unless it holds checkpoints that could not be copied back.
void rb_scratch_close(rb_run *run);

#endif
