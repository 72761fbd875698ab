// The names of event files: see tfevents.h.
#include "io/event_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "io/tfevents.h"

static const char head[] = "events.out.tfevents.", tail[] = ".rainbow";

rb_status rb_event_files_list(const char *directory, char ***names, int *count, rb_error *error)
{
    rb_status status = rb_file_list(directory, names, count, error);
    if (status) return status;
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        char *name = (*names)[i];
        if (rb_text_starts(name, head) && rb_text_ends(name, tail))
            (*names)[kept++] = name;
        else
            free(name);
    }
    *count = kept;
    return RB_OK;
}

rb_status rb_event_files_new(char *path, size_t path_bytes, const char *directory, int64_t seconds,
                             rb_error *error)
{
    char **names;
    int count;
    char name[64];
    rb_status status = rb_event_files_list(directory, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count; i++) { // the clock may have been set back, or two files made within one second
        const int64_t taken = strtoll(names[i] + sizeof head - 1, NULL, 10);
        if (seconds <= taken) seconds = taken + 1;
    }
    rb_file_list_free(names, count);
    snprintf(name, sizeof name, "%s%010" PRId64 "%s", head, seconds, tail);
    return rb_path_join(path, path_bytes, directory, name, error);
}

rb_status rb_tfevents_remove(const char *directory, rb_error *error)
{
    char **names;
    int count;
    char path[RB_PATH_MAX];
    rb_status status = rb_event_files_list(directory, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) {
        status = rb_path_join(path, sizeof path, directory, names[i], error);
        if (!status) status = rb_file_remove_tree(path, error);
    }
    rb_file_list_free(names, count);
    return status;
}
