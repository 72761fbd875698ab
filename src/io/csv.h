// CSV files that grow during a run (RFC 4180: commas, quotes doubled; lines end with LF, not CRLF).
//
// Rows are assembled in a buffer and written as whole lines with one write(), so a killed run leaves whole
// lines. The file's length is part of a checkpoint: resuming removes the rows written after it. If the
// rows can't be written, they are kept, and each flush tries again (RB_ERR_FULL: the disk is full); once the
// buffer is full too, the fault stays: later rows do nothing, and every flush, sync and close returns it.
#ifndef RB_IO_CSV_H
#define RB_IO_CSV_H

#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_csv rb_csv;

// Creates a file with `header` ("step,frames,loss") as its first line. RB_ERR_EXISTS if it already exists.
rb_status rb_csv_create(rb_csv **out, const char *path, const char *header, rb_error *error);
// Continues a file written with the same header after its first `bytes` bytes, and removes the rest and its
// checksum.
// RB_ERR_FORMAT if the file is shorter, has another header, or has no line end at that place.
rb_status rb_csv_append(rb_csv **out, const char *path, const char *header, int64_t bytes, rb_error *error);
// From now on, each sync and the close leave the table's checksum beside it (csv_sum.h).
rb_status rb_csv_keep_sum(rb_csv *csv, rb_error *error);
// Writes the buffered rows and frees everything, even after a fault, which it returns. NULL is fine.
rb_status rb_csv_close(rb_csv *csv, rb_error *error);

// A row is as many fields as the header has columns, then rb_csv_end. These do not allocate; rows are written
// when the buffer is full or at a flush.
void rb_csv_i64(rb_csv *csv, int64_t value);
void rb_csv_f64(rb_csv *csv,
                double value); // the fewest digits that read back as the same double; NaN: empty
void rb_csv_text(rb_csv *csv, const char *value); // quoted if necessary
void rb_csv_end(rb_csv *csv);

void rb_csv_moved(rb_csv *csv, const char *path); // the file was renamed while it was open
// The file was deleted while it was open: writes what it held to a new file at `path`, and continues there.
rb_status rb_csv_rescue(rb_csv *csv, const char *path, rb_error *error);
rb_status rb_csv_flush(rb_csv *csv, rb_error *error); // all ended rows are then in the file
rb_status rb_csv_sync(rb_csv *csv, rb_error *error);  // and on the disk
int64_t rb_csv_tell(const rb_csv *csv);               // the file's length once all ended rows are in it

#endif
