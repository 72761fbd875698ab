// Checkpoints: the whole run, written completely or not at all.
//
//     RUN/checkpoints/step_000000250000/
//         state.rb              the visited state and ledger (base/visit.h)
//         weights.safetensors   the online network, in PyTorch's names and shapes
//         config.ini            so that a copied checkpoint still explains itself
//
// A checkpoint is written to a temporary directory next to its final place, then renamed. The newest
// checkpoint.keep checkpoints keep their state, older ones only their weights.
#ifndef RB_TRAIN_CHECKPOINT_H
#define RB_TRAIN_CHECKPOINT_H

#include "train/run_state.h"

rb_status rb_checkpoint_write(rb_run *run, rb_error *error);
rb_status rb_checkpoint_load(rb_run *run,
                             rb_error *error); // the newest one of the run's directory that has a state

#endif
