// The weights of the highest evaluation so far, kept beside the checkpoints whatever becomes of those:
//
//     RUN/checkpoints/best -> best_a        a link, replaced in one go
//     RUN/checkpoints/best_a/
//         weights.safetensors, config.ini   as a checkpoint has them
//         evaluation.csv                    the evaluation, as in eval.csv
//
// A better one is written whole into the directory that the link does not name (best_a, best_b in turns),
// then the link is moved, then the old directory goes. So `best` names whole weights at any moment, also of a
// killed run. The mean to beat is read from evaluation.csv, not from the run's table: a run that was killed
// goes back to a checkpoint, and its table with it, but the weights that played so well are still there.
#ifndef RB_TRAIN_BEST_H
#define RB_TRAIN_BEST_H

#include "train/run_state.h"

// Reads what is to be beaten, of a run that goes on.
rb_status rb_best_open(rb_run *run, rb_error *error);
// After an evaluation: keeps the weights where it beats all before (checkpoint.best).
rb_status rb_best_consider(rb_run *run, const rb_eval_result *result, rb_error *error);

#endif
