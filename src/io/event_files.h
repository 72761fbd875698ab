// The event files of a directory as files: their names and their order. Private to this room; tfevents.h
// offers what others need.
#ifndef RB_IO_EVENT_FILES_H
#define RB_IO_EVENT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_event_mark { // what going back has to know of an event
    int64_t step;
    bool checkpoint;
} rb_event_mark;

bool rb_event_read(const uint8_t *data, size_t bytes, rb_event_mark *out); // tfevents_read.c
// The path of a file that is not there, and whose name comes after all that are.
rb_status rb_event_files_new(char *path, size_t path_bytes, const char *directory, int64_t seconds,
                             rb_error *error);

#endif
