// The weights with the highest evaluation so far, kept beside the checkpoints even when those are removed:
//
//     RUN/checkpoints/best -> best_a        a link, replaced atomically
//     RUN/checkpoints/best_a/
//         weights.safetensors, config.ini   as in a checkpoint
//         evaluation.csv                    the evaluation, as in eval.csv
//
// On a file system without symbolic links, and in a copy that turned the link into a directory, `best` is the
// directory itself.
//
// Better weights are written completely into the directory that the link does not name (best_a and best_b
// alternate); then the link is moved, then the old directory is removed. So `best` names complete weights at
// any moment, even if the run is killed. The mean to beat is read from evaluation.csv, not from the run's
// table: a killed run goes back to a checkpoint, and so does its table, but the weights that played so well
// are still there.
#ifndef RB_TRAIN_BEST_H
#define RB_TRAIN_BEST_H

#include "train/run_state.h"

// Reads the mean to beat when a run is resumed.
rb_status rb_best_open(rb_run *run, rb_error *error);
// After an evaluation: keeps the weights if its mean is the highest so far (checkpoint.best).
rb_status rb_best_consider(rb_run *run, const rb_eval_result *result, rb_error *error);

#endif
