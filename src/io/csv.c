// CSV files that grow during a run: see csv.h.
//
//     buffer  [ ended rows ............ | the row being assembled | free ]
//             0                      ended                         used
#include "io/csv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "io/csv_sum.h"

enum { BUFFER_BYTES = 1 << 16, ROW_BYTES = 1 << 12 };

struct rb_csv {
    int fd;
    int columns, fields; // in the header; in the row so far
    int64_t written;     // the file's length
    size_t ended, used;
    XXH3_state_t *sum; // of the written bytes; NULL: not kept
    int64_t sum_bytes; // as far as the checksum's file goes; -1: there is none
    rb_error error;    // the newest fault; status RB_OK: none
    bool lasting;      // it is not tried again: rows are lost, or may be
    char path[1024];
    char buffer[BUFFER_BYTES];
};

static rb_status fault(rb_csv *csv, const char *what)
{
    return rb_file_fail(&csv->error, csv->path, what);
}

static rb_status told(const rb_csv *csv, rb_error *error)
{
    if (csv->error.status == RB_OK) return RB_OK;
    // RB_ERR_FULL is for those who wait and try again.
    const rb_status status =
        csv->lasting && csv->error.status == RB_ERR_FULL ? RB_ERR_FILE : csv->error.status;
    return rb_error_set(error, status, "%s", csv->error.message);
}

static int count_columns(const char *header)
{
    int columns = 1;
    for (; *header; header++) columns += *header == ',';
    return columns;
}

static rb_status open_file(rb_csv **out, const char *path, const char *header, int flags, rb_error *error)
{
    rb_csv *csv = malloc(sizeof *csv);
    if (!csv) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write it", path);
    csv->columns = count_columns(header);
    csv->fields = 0;
    csv->written = 0;
    csv->ended = csv->used = 0;
    csv->sum = NULL;
    csv->sum_bytes = -1;
    csv->error = (rb_error){0};
    csv->lasting = false;
    snprintf(csv->path, sizeof csv->path, "%s", path);
    csv->fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (csv->fd < 0) {
        rb_status status = errno == EEXIST ? RB_ERR_EXISTS : RB_ERR_FILE;
        rb_error_set(error, status, "%s: can't be written: %s", path, strerror(errno));
        free(csv);
        return status;
    }
    *out = csv;
    return RB_OK;
}

// Writes the ended rows with one call. If only part of them fits on the disk, that part is removed again, so
// that the file ends with a whole line.
static void write_rows(rb_csv *csv)
{
    if (csv->lasting) return;
    csv->error = (rb_error){0};
    if (csv->ended == 0) return;
    ssize_t done;
    do done = write(csv->fd, csv->buffer, csv->ended);
    while (done < 0 && errno == EINTR);
    if (done != (ssize_t)csv->ended) {
        if (done >= 0) errno = ENOSPC;
        fault(csv, "can't be written");
        if (done > 0 && ftruncate(csv->fd, csv->written)) {
            fault(csv, "its incomplete last line can't be removed");
            csv->lasting = true;
        }
        return;
    }
    csv->written += done;
    if (csv->sum) XXH3_64bits_update(csv->sum, csv->buffer, csv->ended);
    csv->used -= csv->ended;
    memmove(csv->buffer, csv->buffer + csv->ended, csv->used);
    csv->ended = 0;
}

rb_status rb_csv_create(rb_csv **out, const char *path, const char *header, rb_error *error)
{
    rb_csv *csv;
    assert(strlen(header) < ROW_BYTES);
    rb_status status = open_file(&csv, path, header, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, error);
    if (status != RB_OK) return status;
    csv->used = csv->ended = (size_t)snprintf(csv->buffer, sizeof csv->buffer, "%s\n", header);
    write_rows(csv);
    status = told(csv, error);
    if (status != RB_OK) {
        close(csv->fd);
        free(csv);
        unlink(path);
        return status;
    }
    *out = csv;
    return RB_OK;
}

// Checks that the file can be continued after `bytes`, without changing it.
static rb_status check_file(rb_csv *csv, const char *header, int64_t bytes, rb_error *error)
{
    struct stat info;
    size_t length = strlen(header);
    char last = 0;
    if (fstat(csv->fd, &info)) return fault(csv, "can't be read"), told(csv, error);
    if (info.st_size < bytes)
        return rb_error_set(error, RB_ERR_FORMAT, "%s: has %lld bytes, but had %lld when the run was saved",
                            csv->path, (long long)info.st_size, (long long)bytes);
    ssize_t got = pread(csv->fd, csv->buffer, length + 1, 0);
    if (got != (ssize_t)length + 1 || memcmp(csv->buffer, header, length) || csv->buffer[length] != '\n')
        return rb_error_set(error, RB_ERR_FORMAT, "%s: the first line is not '%s'", csv->path, header);
    if (bytes < (int64_t)length + 1 || pread(csv->fd, &last, 1, bytes - 1) != 1 || last != '\n')
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: no line ends after %lld bytes, the length when the run was saved", csv->path,
                            (long long)bytes);
    return RB_OK;
}

rb_status rb_csv_append(rb_csv **out, const char *path, const char *header, int64_t bytes, rb_error *error)
{
    rb_csv *csv;
    assert(strlen(header) < ROW_BYTES);
    rb_status status = open_file(&csv, path, header, O_RDWR | O_APPEND, error);
    if (status != RB_OK) return status;
    status = check_file(csv, header, bytes, error);
    if (status == RB_OK) rb_csv_sum_remove(path);
    if (status == RB_OK && ftruncate(csv->fd, bytes)) {
        fault(csv, "can't be truncated");
        status = told(csv, error);
    }
    if (status != RB_OK) {
        close(csv->fd);
        free(csv);
        return status;
    }
    csv->written = bytes;
    *out = csv;
    return RB_OK;
}

// The rows are on the disk before their checksum is.
static void write_sum(rb_csv *csv, bool closed)
{
    rb_error error = {0};
    if (!csv->sum || csv->error.status != RB_OK || (csv->sum_bytes == csv->written && !closed)) return;
    const rb_csv_sum sum = {XXH3_64bits_digest(csv->sum), csv->written, closed};
    rb_status status = rb_csv_sum_write(csv->path, &sum, &error);
    if (status)
        csv->error = error; // the next sync tries again
    else
        csv->sum_bytes = csv->written;
}

enum { CHUNK_BYTES = 1 << 14 };

rb_status rb_csv_keep_sum(rb_csv *csv, rb_error *error)
{
    char chunk[CHUNK_BYTES];
    csv->sum = XXH3_createState();
    if (!csv->sum) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory for its checksum", csv->path);
    XXH3_64bits_reset(csv->sum);
    const int fd = open(csv->path, O_RDONLY | O_CLOEXEC); // a new file's own descriptor can't read
    int64_t at = 0;
    for (ssize_t got = 1; fd >= 0 && at < csv->written && got > 0; at += got > 0 ? got : 0) {
        const int64_t left = csv->written - at;
        got = pread(fd, chunk, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, at);
        if (got > 0) XXH3_64bits_update(csv->sum, chunk, (size_t)got);
    }
    if (at != csv->written) fault(csv, "can't be read");
    if (fd >= 0) close(fd);
    write_sum(csv, false);
    return told(csv, error);
}

rb_status rb_csv_close(rb_csv *csv, rb_error *error)
{
    if (!csv) return RB_OK;
    write_rows(csv);
    write_sum(csv, true);
    if (close(csv->fd) && csv->error.status == RB_OK) fault(csv, "can't be written");
    rb_status status = told(csv, error);
    XXH3_freeState(csv->sum);
    free(csv);
    return status;
}

// Room for a field's bytes; NULL after a fault, or if the row would be too long. The row stays below
// ROW_BYTES, so that it fits once the rows before it are written.
static char *field(rb_csv *csv, size_t bytes)
{
    if (csv->lasting) return NULL;
    assert(csv->fields < csv->columns);
    size_t row = csv->used - csv->ended;
    if (row + bytes + 2 > ROW_BYTES) { // a comma and the end of the line
        rb_error_set(&csv->error, RB_ERR_FILE, "%s: a row is longer than %d bytes", csv->path, ROW_BYTES);
        csv->lasting = true;
        return NULL;
    }
    if (csv->used + bytes + 2 > BUFFER_BYTES) write_rows(csv);
    csv->lasting = csv->used + bytes + 2 > BUFFER_BYTES; // no room for rows that could not be written so far
    if (csv->lasting) return NULL;
    if (csv->fields++) csv->buffer[csv->used++] = ',';
    char *at = csv->buffer + csv->used;
    csv->used += bytes;
    return at;
}

static void put(rb_csv *csv, const char *text, size_t bytes)
{
    char *at = field(csv, bytes);
    if (at) memcpy(at, text, bytes);
}

void rb_csv_i64(rb_csv *csv, int64_t value)
{
    char text[32];
    put(csv, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void rb_csv_f64(rb_csv *csv, double value)
{
    char text[40] = "";
    int length = 0;
    for (int digits = 6; digits <= 17 && !isnan(value); digits++) {
        length = snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    char *comma = strchr(text, ','); // the program's locale may use it as the decimal point
    if (comma) *comma = '.';
    put(csv, text, (size_t)length);
}

void rb_csv_text(rb_csv *csv, const char *value)
{
    size_t length = strlen(value), quotes = 0;
    for (const char *c = value; *c; c++) quotes += *c == '"';
    if (!value[strcspn(value, ",\"\r\n")]) {
        put(csv, value, length);
        return;
    }
    char *at = field(csv, length + quotes + 2);
    if (!at) return;
    *at++ = '"';
    for (; *value; value++) {
        if (*value == '"') *at++ = '"';
        *at++ = *value;
    }
    *at = '"';
}

void rb_csv_end(rb_csv *csv)
{
    if (csv->lasting) return;
    assert(csv->fields == csv->columns);
    csv->fields = 0;
    csv->buffer[csv->used++] = '\n'; // field() left room
    csv->ended = csv->used;
}

void rb_csv_moved(rb_csv *csv, const char *path)
{
    snprintf(csv->path, sizeof csv->path, "%s", path);
}

// A file without a name can still be opened through its descriptor.
static bool copy_rows(const rb_csv *csv, int to)
{
    char chunk[CHUNK_BYTES], link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", csv->fd);
    const int from = open(link, O_RDONLY | O_CLOEXEC);
    int64_t at = 0;
    ssize_t got = 1;
    while (from >= 0 && at < csv->written && got > 0) {
        const int64_t left = csv->written - at;
        got = pread(from, chunk, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, at);
        if (got > 0) got = write(to, chunk, (size_t)got);
        at += got > 0 ? got : 0;
    }
    if (from >= 0) close(from);
    return at == csv->written;
}

rb_status rb_csv_rescue(rb_csv *csv, const char *path, rb_error *error)
{
    const int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (to < 0 || !copy_rows(csv, to)) {
        const rb_status status = rb_file_fail(error, path, "can't be written");
        if (to >= 0) close(to), unlink(path);
        return status;
    }
    close(csv->fd);
    csv->fd = to;
    csv->sum_bytes = -1;
    if (!csv->lasting) csv->error = (rb_error){0};
    rb_csv_moved(csv, path);
    return RB_OK;
}

rb_status rb_csv_flush(rb_csv *csv, rb_error *error)
{
    write_rows(csv);
    return told(csv, error);
}

rb_status rb_csv_sync(rb_csv *csv, rb_error *error)
{
    write_rows(csv);
    if (csv->error.status == RB_OK && fdatasync(csv->fd)) {
        fault(csv, "can't be written");
        csv->lasting = true; // the system may have dropped what it could not write
    }
    write_sum(csv, false);
    return told(csv, error);
}

int64_t rb_csv_tell(const rb_csv *csv)
{
    return csv->written + (int64_t)csv->ended;
}
