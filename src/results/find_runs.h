// Runs named by a path: the run itself, or all runs at most two levels below a directory (a group's, or the
// root of groups).
#ifndef RB_RESULTS_FIND_RUNS_H
#define RB_RESULTS_FIND_RUNS_H

#include <stdbool.h>
#include "rainbow/error.h"

// Called for each run. `named`: the path itself is the run; otherwise it was found below the path.
typedef rb_status rb_found(void *to, const char *run, bool named, rb_error *error);

// In natural order of their names: s2 before s10. A run has settings; with `or_tables`, a table is enough.
// RB_ERR_FILE if there are none; otherwise what `found` returns.
rb_status rb_find_runs(const char *path, bool or_tables, rb_found *found, void *to, rb_error *error);

#endif
