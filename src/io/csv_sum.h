// The checksum of a table, in a file beside it, so that a table in which a digit changed is not mistaken for
// the one that was written. Tables of other programs have no such file. eval.csv.sum holds one line:
//
//     xxh3_64:0123456789abcdef 1234           the XXH3-64 (seed 0) of the first 1234 bytes of eval.csv; rows that were
//                                             appended since are not covered
//     xxh3_64:0123456789abcdef 1234 closed    of the whole table: its writer has closed it
#ifndef RB_IO_CSV_SUM_H
#define RB_IO_CSV_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

#define RB_CSV_SUM ".sum" // what its name has after the table's

typedef struct rb_csv_sum { // of the table's first `bytes` bytes; -1: the table has no checksum
    uint64_t hash;
    int64_t bytes;
    bool closed;
} rb_csv_sum;

rb_status rb_csv_sum_write(const char *table, const rb_csv_sum *sum, rb_error *error);
void rb_csv_sum_remove(const char *table); // before the table is changed in any way but by appending

// Reads it, before the table is read: rows may be appended meanwhile. RB_ERR_FORMAT: it is damaged itself.
rb_status rb_csv_sum_read(const char *table, rb_csv_sum *out, rb_error *error);
// Compares it with the table's `text`. RB_ERR_FORMAT: they do not match.
rb_status rb_csv_sum_check(const char *table, const rb_csv_sum *sum, const char *text, size_t bytes,
                           rb_error *error);

#endif
