// The names of event files, and cutting them back to a step: see tfevents.h.
#include "io/event_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "io/tfevents.h"

static const char head[] = "events.out.tfevents.", tail[] = ".rainbow";

typedef struct listing { // our event files, in order
    char **names;
    int count;
} listing;

static rb_status list(listing *out, const char *directory, rb_error *error)
{
    rb_status status = rb_file_list(directory, &out->names, &out->count, error);
    if (status) return status;
    int kept = 0;
    for (int i = 0; i < out->count; i++) {
        if (rb_text_starts(out->names[i], head) && rb_text_ends(out->names[i], tail))
            out->names[kept++] = out->names[i];
        else
            free(out->names[i]);
    }
    out->count = kept;
    return RB_OK;
}

rb_status rb_event_files_new(char *path, size_t path_bytes, const char *directory, int64_t seconds,
                             rb_error *error)
{
    listing files;
    char name[64];
    rb_status status = list(&files, directory, error);
    if (status) return status;
    for (int i = 0; i < files.count;
         i++) { // the clock may have been set back, or two files made within one second
        const int64_t taken = strtoll(files.names[i] + sizeof head - 1, NULL, 10);
        if (seconds <= taken) seconds = taken + 1;
    }
    rb_file_list_free(files.names, files.count);
    snprintf(name, sizeof name, "%s%010" PRId64 "%s", head, seconds, tail);
    return rb_path_join(path, path_bytes, directory, name, error);
}

typedef struct cut { // the end of the part that stays valid
    int file;        // equal to the number of files: nothing to cut
    int64_t bytes;
} cut;

// Searches one file; `good`: bytes of whole records.
static rb_status look(const char *path, int number, int64_t step, cut *first_later, cut *mark, int64_t *good,
                      rb_error *error)
{
    rb_tfrecord_reader *reader;
    rb_status status = rb_tfrecord_open(&reader, path, error);
    if (status) return status;
    const uint8_t *data;
    size_t bytes;
    rb_event_mark event;
    for (*good = 0; rb_tfrecord_next(reader, &data, &bytes) && rb_event_read(data, bytes, &event);
         *good = rb_tfrecord_tell(reader)) {
        if (event.checkpoint && event.step == step) *mark = (cut){number, rb_tfrecord_tell(reader)};
        if (event.step > step && number < first_later->file) *first_later = (cut){number, *good};
    }
    rb_tfrecord_reader_close(reader);
    return RB_OK;
}

static rb_status shorten(const char *path, int64_t bytes, rb_error *error)
{
    struct stat info;
    if (!stat(path, &info) && info.st_size == bytes) return RB_OK;
    if (bytes ? truncate(path, bytes) : unlink(path))
        return rb_error_set(error, RB_ERR_FILE, "%s: can't be truncated: %s", path, strerror(errno));
    return RB_OK;
}

static rb_status cut_files(const listing *files, const char *directory, int64_t step, bool *found,
                           rb_error *error)
{
    char path[RB_PATH_MAX];
    cut later = {files->count, 0}, mark = later;
    int64_t *good = calloc((size_t)files->count + 1, sizeof *good);
    if (!good) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d event files", files->count);
    rb_status status = RB_OK;
    for (int i = 0; i < files->count && !status; i++) {
        status = rb_path_join(path, sizeof path, directory, files->names[i], error);
        if (!status) status = look(path, i, step, &later, &mark, &good[i], error);
    }
    const cut end = mark.file < files->count ? mark : later;
    for (int i = 0; i < files->count && !status; i++) {
        const int64_t bytes = i < end.file ? good[i] : i == end.file ? end.bytes : 0;
        *found |= bytes > 0;
        status = rb_path_join(path, sizeof path, directory, files->names[i], error);
        if (!status) status = shorten(path, bytes, error);
    }
    free(good);
    return status;
}

rb_status rb_tfevents_cut_back(const char *directory, int64_t step, bool *found, rb_error *error)
{
    listing files;
    *found = false;
    rb_status status = list(&files, directory, error);
    if (status) return status;
    status = cut_files(&files, directory, step, found, error);
    rb_file_list_free(files.names, files.count);
    return status;
}

rb_status rb_tfevents_remove(const char *directory, rb_error *error)
{
    listing files;
    char path[RB_PATH_MAX];
    rb_status status = list(&files, directory, error);
    if (status) return status;
    for (int i = 0; i < files.count && !status; i++) {
        status = rb_path_join(path, sizeof path, directory, files.names[i], error);
        if (!status) status = rb_file_remove_tree(path, error);
    }
    rb_file_list_free(files.names, files.count);
    return status;
}
