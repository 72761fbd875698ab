#include "results/seen.h"

#include <stdlib.h>
#include <sys/stat.h>

rb_status rb_seen_add(rb_seen *seen, const char *path, bool *twice, rb_error *error)
{
    struct stat facts;
    *twice = false;
    if (stat(path, &facts)) return RB_OK;
    for (int i = 0; i < seen->count && !*twice; i++)
        *twice = seen->places[i].inode == facts.st_ino && seen->places[i].device == facts.st_dev;
    if (*twice) return RB_OK;
    if (seen->count == seen->room) {
        const int room = seen->room ? 2 * seen->room : 64;
        struct rb_seen_place *places = realloc(seen->places, (size_t)room * sizeof *places);
        if (!places) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", room);
        seen->places = places;
        seen->room = room;
    }
    seen->places[seen->count++] = (struct rb_seen_place){.device = facts.st_dev, .inode = facts.st_ino};
    return RB_OK;
}

void rb_seen_free(rb_seen *seen)
{
    free(seen->places);
    *seen = (rb_seen){0};
}
