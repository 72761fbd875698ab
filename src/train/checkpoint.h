// Checkpoints: the whole run, written completely or not at all.
//
//     RUN/checkpoints/step_000000250000/
//         state.rb              the visited state and ledger (base/visit.h), without replay's old rows
//         replay_files.txt      the files in RUN/checkpoints/replay/ that hold those (replay_files.h)
//         weights.safetensors   the online network, in PyTorch's names and shapes
//         config.ini            so that a copied checkpoint still explains itself
//
// The loop only copies the run into memory; a thread writes it (checkpoint_writer.h): to a temporary
// directory next to its final place, which is renamed once everything is on the disk. The newest
// checkpoint.keep checkpoints keep their state, older ones only their weights.
#ifndef RB_TRAIN_CHECKPOINT_H
#define RB_TRAIN_CHECKPOINT_H

#include "train/run_state.h"

// Begins a checkpoint of this step. If the one before is still being written, waits for it and returns its
// error.
rb_status rb_checkpoint_write(rb_run *run, rb_error *error);
// Waits until nothing is being written. An error is of the newest checkpoint, which then does not exist.
rb_status rb_checkpoint_finish(rb_run *run, rb_error *error);
int64_t rb_checkpoint_whole_step(const rb_run *run);         // of the newest complete one; -1: none
bool rb_checkpoint_is_writing(const rb_run *run);            // its thread is at work
rb_status rb_checkpoint_whole(rb_run *run, rb_error *error); // both; on a full disk as run.on_full_disk says
rb_status rb_checkpoint_turn(rb_run *run, rb_error *error);  // each turn: the same, but never waits
void rb_checkpoint_end(rb_run *run);                         // after the last one: says what they took
// The run's directory was deleted, and with it all checkpoints: the next one is written whole.
void rb_checkpoint_forget(rb_run *run);
void rb_checkpoint_close(rb_run *run); // waits, and frees everything

// Loads the newest one of the run's directory that has a state. A directory that a killed process left is
// cleaned.
rb_status rb_checkpoint_load(rb_run *run, rb_error *error);

#endif
