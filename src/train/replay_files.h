// Replay's old rows in checkpoints. They never change, so they are written once, to files that the states of
// several checkpoints share:
//
//     RUN/checkpoints/replay/step_000000250000_s000_0000.rbz     rows of one stream (replay/chunk.h, io/blocks.h)
//     RUN/checkpoints/step_000000250000/replay_files.txt          the files that this state needs, with
//                                                                their sizes and hashes
//
// A file that no state's list names is removed: after a state was written or removed, and when a run is
// resumed. A state whose file is missing or changed can't be resumed, and the error names the file.
#ifndef RB_TRAIN_REPLAY_FILES_H
#define RB_TRAIN_REPLAY_FILES_H

#include "replay/chunk.h"

typedef struct rb_replay_file { // rows [from, to) of one stream
    char name[48];
    int stream;
    uint64_t from, to, bytes, hash;
} rb_replay_file;

typedef struct rb_replay_files { // of one state; those of a stream are in order and without gaps
    rb_replay_file *file;
    int count;
    uint64_t state_sum; // of the state.rb that they belong to
} rb_replay_files;

void rb_replay_files_free(rb_replay_files *files);
// Reads and writes replay_files.txt in a checkpoint's directory. RB_ERR_FORMAT: it was changed.
rb_status rb_replay_files_read(rb_replay_files *out, const char *checkpoint, rb_error *error);
rb_status rb_replay_files_write(const rb_replay_files *files, const char *checkpoint, rb_error *error);
// The files that a state of this replay needs now: those of `before` that still hold needed rows, and new
// ones for the rest, whose `bytes` are 0. Files of a stream get at most as many rows as keep the number of
// files small; a small last file is written again with the rows after it.
rb_status rb_replay_files_plan(rb_replay_files *out, const rb_replay_files *before, const rb_replay *replay,
                               int64_t step, rb_error *error);
// Restores the rows of a replay that is being loaded.
rb_status rb_replay_files_load(const rb_replay_files *files, const char *run_directory, rb_replay *replay,
                               rb_error *error);
rb_status rb_replay_files_path(char *out, size_t bytes, const char *run_directory, const char *name,
                               rb_error *error); // name "": their directory
// Removes the files that no state of the run names, and what a killed process left of a checkpoint. A file
// that can't be removed is left.
void rb_replay_files_clean(const char *run_directory);

#endif
