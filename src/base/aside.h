// Damaged files are kept: before a file is replaced by what can still be read of it, it is copied beside.
#ifndef RB_BASE_ASIDE_H
#define RB_BASE_ASIDE_H

#include <stddef.h>
#include "rainbow/error.h"

// Copies the file at `path` to NAME.damaged-N, where NAME is the path `as` and N the first free number. `out`
// gets the copy's path. Nothing is overwritten, and a failure leaves no copy.
rb_status rb_file_keep_aside(const char *path, const char *as, char *out, size_t out_bytes, rb_error *error);

#endif
