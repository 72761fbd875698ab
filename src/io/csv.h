// CSV files that grow while a run goes on (RFC 4180: commas, CRLF not used, quotes doubled).
//
// Rows are put together in a buffer and reach the file as whole lines with one write(), so that a killed run
// leaves whole lines. The file's length is part of a checkpoint: going on cuts off what was written after it.
// A fault (a full disk) is kept: later rows do nothing, and whoever asks next (flush, sync, close) is told.
#ifndef RB_IO_CSV_H
#define RB_IO_CSV_H

#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_csv rb_csv;

// A new file with `header` ("step,frames,loss") as its first line. RB_ERR_EXISTS where there is one already.
rb_status rb_csv_create(rb_csv **out, const char *path, const char *header, rb_error *error);
// Goes on after the first `bytes` of a file that was written with the same header; what follows is cut off.
// RB_ERR_FORMAT where the file is shorter, has another header or has no end of a line there.
rb_status rb_csv_append(rb_csv **out, const char *path, const char *header, int64_t bytes, rb_error *error);
// Writes what is left and frees everything, also after a fault, which it hands back. NULL is fine.
rb_status rb_csv_close(rb_csv *csv, rb_error *error);

// A row: as many fields as the header has columns, then the end. No allocation; written when the buffer is
// full or at a flush.
void rb_csv_i64(rb_csv *csv, int64_t value);
void rb_csv_f64(rb_csv *csv,
                double value); // as few digits as give the same double again; NaN is an empty field
void rb_csv_text(rb_csv *csv, const char *value); // quoted where it has to be
void rb_csv_end(rb_csv *csv);

rb_status rb_csv_flush(rb_csv *csv, rb_error *error); // all ended rows are in the file
rb_status rb_csv_sync(rb_csv *csv, rb_error *error);  // and on the disk
int64_t rb_csv_tell(const rb_csv *csv);               // the file's length once all ended rows are in it

#endif
