// The thread that writes a checkpoint while training goes on. The loop hands over copies of all that changes,
// and the places of replay's old rows, which the rings keep until they are written (base/gate.h). The thread
// touches nothing else of the run, so a run with checkpoints computes what it computes without. Weights that
// live on a device are copied aside there by the loop, and fetched by the thread.
//
//     loop      ... step | capture | step step step step ... | finish
//     thread                  | rows, compressed | list, state, weights | synced, renamed | old states removed |
#ifndef RB_TRAIN_CHECKPOINT_WRITER_H
#define RB_TRAIN_CHECKPOINT_WRITER_H

#include "agent/agent.h"
#include "config/config.h"
#include "replay/chunk.h"
#include "train/replay_files.h"

typedef struct rb_capture { // a checkpoint in memory
    int64_t step;
    bool keeps_all;        // the checkpoints before it stay resumable: it is made because of a failure
    char *state, *weights; // the files' contents
    size_t state_bytes, weights_bytes;
    rb_agent *agent; // its weights come from a device (rb_agent_kept), into the files' contents; NULL: no gap
    rb_replay_files files; // new ones have 0 bytes
    rb_chunk *chunk; // [fresh] the rows of the new files, in the order in which they would be overwritten
    int fresh;
    rb_row *rows;
} rb_capture;

typedef struct rb_written { // what a checkpoint took
    double bytes;           // written: new rows, state and weights
    double seconds, cpu_seconds;
} rb_written;

typedef struct rb_checkpoint_writer rb_checkpoint_writer;

rb_status rb_checkpoint_writer_create(rb_checkpoint_writer **out, const rb_config *config, rb_replay *replay,
                                      rb_error *error);
void rb_checkpoint_writer_destroy(rb_checkpoint_writer *writer); // waits for its thread; NULL is fine
// Begins to write a checkpoint; the writer must be idle. `capture` stays the caller's, who must not touch it
// until the writer is idle again.
rb_status rb_checkpoint_writer_start(rb_checkpoint_writer *writer, const char *run_directory,
                                     rb_capture *capture, rb_error *error);
bool rb_checkpoint_writer_is_idle(const rb_checkpoint_writer *writer);     // nothing to finish
bool rb_checkpoint_writer_is_writing(const rb_checkpoint_writer *writer);  // its thread is at work
bool rb_checkpoint_writer_has_written(const rb_checkpoint_writer *writer); // its checkpoint is whole
// Waits for the thread and returns its status; idle after that. On success, the capture's files have their
// sizes and hashes. After a failure, nothing of the checkpoint is left on the disk.
rb_status rb_checkpoint_writer_finish(rb_checkpoint_writer *writer, rb_written *written, rb_error *error);

void rb_capture_free(rb_capture *capture);
// Keeps only the weights of all but the newest `keep` checkpoints. A state that can't be removed does not end
// the run.
void rb_checkpoint_drop_states(const char *run_directory, int64_t keep);

#endif
