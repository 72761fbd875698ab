#include "io/csv_sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"

enum { LINE_MAX_BYTES = 64 };

static rb_status name_it(char out[RB_PATH_MAX], const char *table, rb_error *error)
{
    if (snprintf(out, RB_PATH_MAX, "%s" RB_CSV_SUM, table) < RB_PATH_MAX) return RB_OK;
    return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", table);
}

static int line_of(char line[LINE_MAX_BYTES], const rb_csv_sum *sum)
{
    return snprintf(line, LINE_MAX_BYTES, "xxh3_64:%016" PRIx64 " %" PRId64 "%s\n", sum->hash, sum->bytes,
                    sum->closed ? " closed" : "");
}

rb_status rb_csv_sum_write(const char *table, const rb_csv_sum *sum, rb_error *error)
{
    char path[RB_PATH_MAX], line[LINE_MAX_BYTES];
    rb_status status = name_it(path, table, error);
    return status ? status : rb_file_write(path, line, (size_t)line_of(line, sum), error);
}

void rb_csv_sum_remove(const char *table)
{
    char path[RB_PATH_MAX];
    if (!name_it(path, table, NULL)) unlink(path);
}

rb_status rb_csv_sum_read(const char *table, rb_csv_sum *out, rb_error *error)
{
    char path[RB_PATH_MAX], again[LINE_MAX_BYTES] = "", *line;
    size_t size;
    *out = (rb_csv_sum){.bytes = -1};
    rb_status status = name_it(path, table, error);
    if (status || !rb_file_exists(path)) return status;
    status = rb_file_read(path, &line, &size, error);
    if (status) return status;
    // Written again, it must be the same line: nothing else is a checksum.
    bool whole =
        sscanf(line, "xxh3_64:%16" SCNx64 " %" SCNd64, &out->hash, &out->bytes) == 2 && out->bytes >= 0;
    out->closed = strstr(line, " closed");
    whole = whole && (size_t)line_of(again, out) == size && !memcmp(line, again, size);
    free(line);
    if (whole) return RB_OK;
    return rb_error_set(
        error, RB_ERR_FORMAT,
        "%s: is damaged, so %s can't be compared with its checksum; remove it to read the table as "
        "it is",
        path, table);
}

rb_status rb_csv_sum_check(const char *table, const rb_csv_sum *sum, const char *text, size_t bytes,
                           rb_error *error)
{
    if (sum->bytes < 0) return RB_OK;
    const bool fits = sum->closed ? (uint64_t)sum->bytes == bytes : (uint64_t)sum->bytes <= bytes;
    if (fits && XXH3_64bits(text, (size_t)sum->bytes) == sum->hash) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT,
                        "%s: was cut short or changed: %s %" PRId64
                        " bytes do not match the checksum in %s" RB_CSV_SUM
                        "; remove that file to read the table as it is",
                        table, sum->closed ? "its" : "its first", sum->bytes, table);
}
