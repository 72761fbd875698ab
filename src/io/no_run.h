// The sentence for a path that is no run, with the run or checkpoint that was probably meant.
#ifndef RB_IO_NO_RUN_H
#define RB_IO_NO_RUN_H

#include "rainbow/error.h"

// Sets `error` and returns RB_ERR_FILE. `what`: what was expected, as in "a run's directory". Suggests
//     the directory, if the path is a file of a run or a checkpoint (its weights);
//     ROOT/GROUP/NAME below the current directory, if the path is only the name of a run there.
rb_status rb_no_run(const char *path, const char *what, rb_error *error);

#endif
