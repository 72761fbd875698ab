// Which runs were found already: the same directory may be named twice, in two ways.
#ifndef RB_RESULTS_SEEN_H
#define RB_RESULTS_SEEN_H

#include <stdbool.h>
#include <sys/types.h>
#include "rainbow/error.h"

typedef struct rb_seen {
    struct rb_seen_place {
        dev_t device;
        ino_t inode;
    } * places;
    int count, room;
} rb_seen;

// *twice: it was seen before. A path that can't be looked at counts as new.
rb_status rb_seen_add(rb_seen *seen, const char *path, bool *twice, rb_error *error);
void rb_seen_free(rb_seen *seen);

#endif
