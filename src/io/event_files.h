// The names and the order of the event files in a directory. Private to this room; tfevents.h is the public
// interface.
#ifndef RB_IO_EVENT_FILES_H
#define RB_IO_EVENT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_event_mark { // the fields of an event that cutting back needs
    int64_t step;
    bool checkpoint;
} rb_event_mark;

bool rb_event_read(const uint8_t *data, size_t bytes, rb_event_mark *out); // tfevents_read.c
// Our event files, in order; free with rb_file_list_free.
rb_status rb_event_files_list(const char *directory, char ***names, int *count, rb_error *error);
// A path for a new file, whose name sorts after all that exist.
rb_status rb_event_files_new(char *path, size_t path_bytes, const char *directory, int64_t seconds,
                             rb_error *error);

#endif
