// Reading a table of numbers (CSV with a header, as csv.h writes it) into columns.
//
// The table may still be growing, or belong to a run that was killed: an incomplete last line is ignored. An
// empty field is NaN. Text and quotes are not numbers and cause an error that names file and line.
#ifndef RB_IO_CSV_TABLE_H
#define RB_IO_CSV_TABLE_H

#include "rainbow/error.h"

typedef struct rb_csv_table rb_csv_table;

// RB_ERR_FILE if it can't be read, RB_ERR_FORMAT if it is not such a table.
rb_status rb_csv_table_read(rb_csv_table **out, const char *path, rb_error *error);
void rb_csv_table_free(rb_csv_table *table); // NULL is fine
int rb_csv_table_rows(const rb_csv_table *table);
// The name of column i (0 ..); NULL if there are fewer.
const char *rb_csv_table_name(const rb_csv_table *table, int i);
// The values [rows] of the named column; NULL if there is none.
const double *rb_csv_table_column(const rb_csv_table *table, const char *name);

#endif
