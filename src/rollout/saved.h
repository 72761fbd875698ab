// What a path given by a user refers to: the directory of a run, or of one checkpoint.
#ifndef RB_ROLLOUT_SAVED_H
#define RB_ROLLOUT_SAVED_H

#include "base/file.h"
#include "rainbow/config.h"

// The directory of the checkpoint that `path` refers to: itself, or the run's newest. `with_state`: it must
// hold a state, not only weights. RB_ERR_MISSING: the run has no checkpoint yet; RB_ERR_FORMAT: neither a run
// nor a checkpoint, or one that holds only weights.
rb_status rb_checkpoint_find(char *out, size_t out_bytes, const char *path, bool with_state, rb_error *error);
// The names of a run's checkpoints, oldest first, and the directory that holds them. Free with
// rb_file_list_free.
rb_status rb_checkpoint_list(const char *run_directory, char *parent, size_t bytes, char ***names, int *count,
                             rb_error *error);
// Reads the config.ini of a run or of a checkpoint. RB_ERR_FORMAT: it does not name an environment.
rb_status rb_run_config_read(rb_config *config, const char *path, rb_error *error);

#endif
