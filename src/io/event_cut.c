// Cutting event files back to a checkpoint's mark, and repairing damaged ones: see tfevents.h.
//
//     files before the mark's    keep all records
//     the mark's file            keeps the records up to the mark
//     files after it             go: the resumed run writes their events again
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/file.h"
#include "io/event_files.h"
#include "io/tfevents.h"

typedef struct event_file {
    char path[RB_PATH_MAX], aside[RB_PATH_MAX]; // aside: the name of copies, before ".damaged-N"
    rb_tfrecord_reader *reader;                 // at the end; NULL: the file is left alone
    size_t mark;                                // end of the mark's record; 0: no mark
    size_t limit;                               // records up to here are kept
    bool events, later;                         // has some; has some of later steps
} event_file;

// TensorBoard reads every file with "tfevents" in its name, so the name of a copy lacks it.
static rb_status name_it(event_file *f, const char *directory, const char *name, rb_error *error)
{
    static const char word[] = "tfevents.";
    char other[RB_PATH_MAX];
    const char *at = strstr(name, word);
    snprintf(other, sizeof other, "%.*s%s", at ? (int)(at - name) : 0, name,
             at ? at + sizeof word - 1 : name);
    rb_status status = rb_path_join(f->path, sizeof f->path, directory, name, error);
    return status ? status : rb_path_join(f->aside, sizeof f->aside, directory, other, error);
}

static void scan(event_file *f, int64_t step, const rb_log *log)
{
    struct stat info;
    rb_error error = {0};
    if (lstat(f->path, &info) || !S_ISREG(info.st_mode)) {
        rb_log_write(log, RB_LOG_WARNING, "%s: is not a regular file; it is left as it is", f->path);
        return;
    }
    if (rb_tfrecord_open(&f->reader, f->path, &error)) {
        rb_log_write(log, RB_LOG_WARNING, "%s; it is left as it is", error.message);
        return;
    }
    const uint8_t *data;
    size_t bytes;
    rb_event_mark event;
    while (rb_tfrecord_next(f->reader, &data, &bytes)) {
        f->events = true;
        if (!rb_event_read(data, bytes, &event)) continue;
        if (event.checkpoint && event.step == step) f->mark = rb_tfrecord_end_of(f->reader);
        f->later |= event.step > step;
    }
}

// The kept records, one after the other; NULL: no memory.
static uint8_t *collect(const event_file *f, size_t *used)
{
    rb_tfrecord_reader *again;
    const uint8_t *data;
    size_t bytes;
    const uint8_t *file = rb_tfrecord_file(f->reader, &bytes);
    uint8_t *kept = malloc(bytes + 1);
    *used = 0;
    if (!kept || rb_tfrecord_open(&again, f->path, NULL)) {
        free(kept);
        return NULL;
    }
    while (rb_tfrecord_next(again, &data, &bytes) && rb_tfrecord_end_of(again) <= f->limit) {
        const size_t start = rb_tfrecord_start(again), whole = rb_tfrecord_end_of(again) - start;
        memcpy(kept + *used, file + start, whole);
        *used += whole;
    }
    rb_tfrecord_reader_close(again);
    return kept;
}

// Puts the kept records in the file's place. False, with a warning: the file is as it was.
static bool replace(const event_file *f, bool damaged, const rb_log *log)
{
    size_t used, bytes;
    char copy[RB_PATH_MAX + 32];
    rb_error error = {0};
    const uint8_t *file = rb_tfrecord_file(f->reader, &bytes);
    uint8_t *kept = collect(f, &used);
    rb_status status =
        kept ? RB_OK : rb_error_set(&error, RB_ERR_MEMORY, "%s: no memory to repair it", f->path);
    if (!status && damaged) status = rb_file_keep_aside(f->path, f->aside, copy, sizeof copy, &error);
    if (!status && damaged)
        rb_log_write(log, RB_LOG_WARNING,
                     "%s: is damaged; it keeps the events that can still be read, and the file as it was is "
                     "kept as %s",
                     f->path, copy);
    if (!status && used && memcmp(kept, file, used)) {
        status = rb_file_write(f->path, kept, used, &error);
    } else if (!status && used != bytes && (used ? truncate(f->path, (off_t)used) : unlink(f->path))) {
        status = rb_error_set(&error, RB_ERR_FILE, "%s: can't be truncated: %s", f->path, strerror(errno));
    }
    free(kept);
    if (status) rb_log_write(log, RB_LOG_WARNING, "%s; it is left as it is", error.message);
    return !status && used;
}

static void tell_no_mark(int64_t step, bool marked, bool later, const rb_log *log)
{
    if (marked && !later)
        rb_log_write(log, RB_LOG_WARNING,
                     "the event files for TensorBoard hold no mark of the checkpoint at step %" PRId64
                     ", so some of their events are missing",
                     step);
    if (later)
        rb_log_write(
            log, RB_LOG_WARNING,
            "the event files for TensorBoard hold no mark of the checkpoint at step %" PRId64
            ", so nothing was cut: events after that step stay in them, and TensorBoard discards them",
            step);
}

static void cut_all(event_file *files, int count, int64_t step, bool marked, const rb_log *log, bool *found)
{
    int mark = -1;
    bool later = false;
    for (int i = 0; i < count; i++) {
        scan(&files[i], step, log);
        if (files[i].mark) mark = i;
        later |= files[i].later;
    }
    if (mark < 0) tell_no_mark(step, marked, later, log);
    for (int i = 0; i < count; i++) {
        event_file *f = &files[i];
        if (!f->reader) continue;
        const bool last = mark < 0 ? i == count - 1 : i >= mark; // a killed process may have torn it
        const bool damaged = rb_tfrecord_damaged(f->reader) > 0 || (rb_tfrecord_torn(f->reader) && !last);
        f->limit = mark < 0 || i < mark ? SIZE_MAX : i == mark ? f->mark : 0;
        *found |= replace(f, damaged, log);
    }
}

rb_status rb_tfevents_cut_back(const char *directory, int64_t step, bool marked, const rb_log *log,
                               bool *found, rb_error *error)
{
    char **names;
    int count;
    *found = false;
    rb_status status = rb_event_files_list(directory, &names, &count, error);
    if (status) return status;
    event_file *files = calloc((size_t)count + 1, sizeof *files);
    if (!files) status = rb_error_set(error, RB_ERR_MEMORY, "no memory for %d event files", count);
    for (int i = 0; !status && i < count; i++) status = name_it(&files[i], directory, names[i], error);
    if (!status) cut_all(files, count, step, marked, log, found);
    for (int i = 0; files && i < count; i++) rb_tfrecord_reader_close(files[i].reader);
    free(files);
    rb_file_list_free(names, count);
    return status;
}
