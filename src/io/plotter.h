// Drawing with gnuplot, which runs as a program of its own where it is installed.
#ifndef RB_IO_PLOTTER_H
#define RB_IO_PLOTTER_H

#include "rainbow/error.h"

// Runs a script and waits for it. `picture`: the file that it draws, for the sentences. RB_ERR_MISSING
// without gnuplot, RB_ERR_FILE where it failed, with what it said.
rb_status rb_plotter_run(const char *script, const char *picture, rb_error *error);

#endif
