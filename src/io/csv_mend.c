#include "io/csv_mend.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/aside.h"
#include "base/file.h"
#include "io/csv_sum.h"

typedef struct mend {
    const char *path, *header;
    int64_t step;
    char *text; // the file's
    size_t bytes;
    char *kept; // header and readable rows up to the step
    size_t kept_bytes;
    int64_t rows, unreadable; // kept; lines that are no rows
} mend;

static int columns_of(const char *header)
{
    int columns = 1;
    for (; *header; header++) columns += *header == ',';
    return columns;
}

// One line, with its '\n' at `end`: as many numbers or empty fields as the header has columns, the first one
// a step.
static bool read_row(char *line, char *end, int columns, double *step)
{
    char *at = line;
    for (int i = 0; i < columns; i++) {
        const char last = i + 1 < columns ? ',' : '\n';
        char *next = at;
        if (*at != ',' && *at != '\n') {
            const double value = strtod(at, &next);
            if (next == at || strchr(" \t\v\f\r", *at)) return false;
            if (i == 0) *step = value;
        } else if (i == 0) {
            return false;
        }
        if (next > end || *next != last) return false;
        at = next + 1;
    }
    return at == end + 1 && *step >= 1 && *step <= 1e15;
}

static void collect(mend *m)
{
    const int columns = columns_of(m->header);
    m->kept_bytes = (size_t)sprintf(m->kept, "%s\n", m->header);
    bool first = true;
    for (char *at = m->text, *stop = m->text + m->bytes; at < stop; first = false) {
        char *end = memchr(at, '\n', (size_t)(stop - at));
        const size_t bytes = (size_t)((end ? end + 1 : stop) - at);
        double step = 0;
        const bool is_header = first && bytes == m->kept_bytes && !memcmp(at, m->kept, bytes);
        const bool is_row = !is_header && end && read_row(at, end, columns, &step);
        if (is_row && step <= (double)m->step) {
            memcpy(m->kept + m->kept_bytes, at, bytes);
            m->kept_bytes += bytes;
            m->rows++;
        }
        m->unreadable += !is_header && !is_row;
        at += bytes;
    }
}

static rb_status replace(const mend *m, int64_t bytes_then, const rb_log *log, rb_error *error)
{
    char copy[RB_PATH_MAX + 32];
    const bool loses = m->unreadable || m->kept_bytes < m->bytes;
    rb_status status = loses ? rb_file_keep_aside(m->path, m->path, copy, sizeof copy, error) : RB_OK;
    if (!status) status = rb_file_write(m->path, m->kept, m->kept_bytes, error);
    if (status) return status;
    if (loses)
        rb_log_write(log, RB_LOG_WARNING,
                     "%s: is damaged: %" PRId64 " line%s can't be read; it keeps the %" PRId64
                     " rows that can, up to step %" PRId64 ", and the file as it was is kept as %s",
                     m->path, m->unreadable, m->unreadable == 1 ? "" : "s", m->rows, m->step, copy);
    else
        rb_log_write(log, RB_LOG_WARNING,
                     "%s: has %zu bytes, but had %" PRId64 " when the checkpoint was written, so rows are "
                     "missing; it keeps its %" PRId64 " rows up to step %" PRId64,
                     m->path, m->bytes, bytes_then, m->rows, m->step);
    return RB_OK;
}

static rb_status check_file(const char *path, bool *missing, rb_error *error)
{
    struct stat info = {0};
    *missing = lstat(path, &info) && errno == ENOENT;
    if (*missing || S_ISREG(info.st_mode)) return RB_OK;
    return rb_error_set(error, RB_ERR_FILE, "%s: is not a regular file, so the run can't continue it", path);
}

static rb_status begin_again(const char *path, const char *header, int64_t step, int64_t *bytes,
                             const rb_log *log, rb_error *error)
{
    char line[1024];
    const int length = snprintf(line, sizeof line, "%s\n", header);
    rb_status status = rb_file_write(path, line, (size_t)length, error);
    if (!status)
        rb_log_write(log, RB_LOG_WARNING,
                     "%s: is missing, so its rows up to step %" PRId64 " are lost; a new one begins", path,
                     step);
    *bytes = length;
    return status;
}

// Rows that can all be read, but are not what was written.
static void tell_changed(const mend *m, const rb_log *log)
{
    rb_csv_sum sum;
    rb_error why = {0};
    if (rb_csv_sum_read(m->path, &sum, &why) || rb_csv_sum_check(m->path, &sum, m->text, m->bytes, &why))
        rb_log_write(log, RB_LOG_WARNING, "%s; the run continues with the rows as they are", why.message);
}

rb_status rb_csv_mend(const char *path, const char *header, int64_t step, int64_t *bytes, const rb_log *log,
                      rb_error *error)
{
    bool missing;
    rb_status status = check_file(path, &missing, error);
    if (status) return status;
    if (missing) return begin_again(path, header, step, bytes, log, error);
    mend m = {.path = path, .header = header, .step = step};
    status = rb_file_read(path, &m.text, &m.bytes, error);
    if (status) return status;
    m.kept = malloc(m.bytes + strlen(header) + 2);
    if (!m.kept) status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    if (!status) collect(&m);
    // An evaluation may have been written after the checkpoint of its step.
    const bool sound = !status && *bytes <= (int64_t)m.kept_bytes && m.kept_bytes <= m.bytes &&
                       !memcmp(m.kept, m.text, m.kept_bytes);
    if (!status && sound) tell_changed(&m, log);
    if (!status && !sound) status = replace(&m, *bytes, log, error);
    *bytes = (int64_t)m.kept_bytes;
    free(m.kept);
    free(m.text);
    return status;
}
