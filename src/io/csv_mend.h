// A table of numbers that a resumed run continues (csv.h): checked against its length at the checkpoint, and
// repaired if it was damaged since.
//
// Sound is a table whose first *bytes bytes are rows of steps up to the checkpoint's: what follows them will
// be written again. Of any other table, the rows that can still be read are kept, and the file as it was is
// kept beside it.
#ifndef RB_IO_CSV_MEND_H
#define RB_IO_CSV_MEND_H

#include <stdint.h>
#include "base/log.h"
#include "rainbow/error.h"

// The first column of `header` is the step. *bytes: the table's length at the checkpoint; it becomes the
// length to continue at. `log` gets a warning that names the table if rows are lost. Errors: the file can't
// be read or replaced, or is not a regular file.
rb_status rb_csv_mend(const char *path, const char *header, int64_t step, int64_t *bytes, const rb_log *log,
                      rb_error *error);

#endif
