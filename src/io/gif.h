// Moving pictures as GIF files (GIF89a), by giflib. A build without it says so when asked.
//
// Pictures are gathered with one table of up to 256 colours for all of them: each colour is kept exactly
// until the table is full, and is then the nearest that is there. Games have a few dozen. Of each picture
// only the box in which it differs from the one before is written.
#ifndef RB_IO_GIF_H
#define RB_IO_GIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_gif rb_gif;

bool rb_gif_available(void);
// Room for `most` pictures of this size. RB_ERR_MEMORY; RB_ERR_MISSING: built without giflib.
rb_status rb_gif_create(rb_gif **out, int height, int width, int most, rb_error *error);
void rb_gif_destroy(rb_gif *gif); // NULL is fine

void rb_gif_add(rb_gif *gif, const uint8_t *rgb); // [height][width][3]; there must be room
int rb_gif_count(const rb_gif *gif);
void rb_gif_halve(rb_gif *gif); // forgets every second picture, from the second on
// The file, which the caller frees: each picture is shown for `hundredths` of a second, over and over.
rb_status rb_gif_encode(const rb_gif *gif, int hundredths, uint8_t **out, size_t *bytes, rb_error *error);

#endif
