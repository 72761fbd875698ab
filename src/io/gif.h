// Animated GIF files (GIF89a), made with giflib. In a build without giflib, rb_gif_create fails with a
// message.
//
// All pictures share one table of up to 256 colours. Each colour is kept exactly until the table is full;
// after that, new colours become the nearest one in the table. Games have a few dozen colours. For each
// picture, only the box that differs from the picture before is written.
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
void rb_gif_halve(rb_gif *gif); // drops every second picture, starting with the second
// The file's bytes, which the caller frees. Each picture is shown for `hundredths` of a second, in an endless
// loop.
rb_status rb_gif_encode(const rb_gif *gif, int hundredths, uint8_t **out, size_t *bytes, rb_error *error);

#endif
