// Tables of numbers: see csv_table.h. One block holds the columns one after the other: values[column * rows +
// row].
#include "io/csv_table.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "io/csv_sum.h"

struct rb_csv_table {
    int columns, rows;
    char *text;     // the file's text, with the first line split into names
    char **names;   // [columns] in `text`
    double *values; // [columns][rows]
};

void rb_csv_table_free(rb_csv_table *table)
{
    if (!table) return;
    free(table->text);
    free(table->names);
    free(table->values);
    free(table);
}

int rb_csv_table_rows(const rb_csv_table *table)
{
    return table->rows;
}

const char *rb_csv_table_name(const rb_csv_table *table, int i)
{
    return i < table->columns ? table->names[i] : NULL;
}

const double *rb_csv_table_column(const rb_csv_table *table, const char *name)
{
    for (int i = 0; i < table->columns; i++)
        if (!strcmp(table->names[i], name)) return table->values + (size_t)i * (size_t)table->rows;
    return NULL;
}

// Splits the header into names; its line end is already a NUL.
static bool cut_names(rb_csv_table *table)
{
    table->columns = 1;
    for (const char *at = table->text; *at; at++) table->columns += *at == ',';
    table->names = malloc((size_t)table->columns * sizeof *table->names);
    if (!table->names) return false;
    char *at = table->text;
    for (int i = 0; i < table->columns; i++) {
        table->names[i] = at;
        at += strcspn(at, ",");
        if (*at) *at++ = 0;
    }
    return true;
}

// Reads one field, a number or nothing, and moves `*at` behind it.
static bool read_number(char **at, double *value)
{
    *value = NAN;
    if (**at == ',' || **at == '\n') return true;
    char *end;
    errno = 0;
    *value = strtod(*at, &end);
    if (end == *at || (*end != ',' && *end != '\n')) return false;
    *at = end;
    return true;
}

static rb_status read_rows(rb_csv_table *table, char *at, const char *path, rb_error *error)
{
    for (int row = 0; row < table->rows; row++) {
        for (int i = 0; i < table->columns; i++) {
            if (!read_number(&at, &table->values[(size_t)i * (size_t)table->rows + (size_t)row]))
                return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: %.*s: is not a number (column %s)", path,
                                    row + 2, (int)strcspn(at, ",\n") < 40 ? (int)strcspn(at, ",\n") : 40, at,
                                    table->names[i]);
            if (*at != (i + 1 < table->columns ? ',' : '\n'))
                return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: does not have %d fields as the header has",
                                    path, row + 2, table->columns);
            at++;
        }
    }
    return RB_OK;
}

static rb_status parse(rb_csv_table *table, size_t bytes, const char *path, rb_error *error)
{
    char *line_end = memchr(table->text, '\n', bytes);
    if (!line_end || memchr(table->text, 0, bytes))
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: is not a table: it has no header line with column names", path);
    *line_end = 0;
    char *rows = line_end + 1, *last = memrchr(rows, '\n', bytes - (size_t)(rows - table->text));
    if (last) last[1] = 0; // an incomplete line may follow
    for (const char *at = rows; last && at <= last; at++) table->rows += *at == '\n';
    if (!cut_names(table)) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    table->values = malloc((size_t)table->rows * (size_t)table->columns * sizeof *table->values + 1);
    if (!table->values) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    return read_rows(table, rows, path, error);
}

rb_status rb_csv_table_read(rb_csv_table **out, const char *path, rb_error *error)
{
    *out = NULL;
    rb_csv_table *table = calloc(1, sizeof *table);
    if (!table) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    size_t bytes;
    rb_csv_sum sum;
    rb_status status = rb_csv_sum_read(path, &sum, error);
    if (!status) status = rb_file_read(path, &table->text, &bytes, error);
    if (!status) status = rb_csv_sum_check(path, &sum, table->text, bytes, error);
    if (!status) status = parse(table, bytes, path, error);
    if (status)
        rb_csv_table_free(table);
    else
        *out = table;
    return status;
}
