// PNG files (ISO 15948), made with libpng. In a build without libpng, writing fails with a message.
#ifndef RB_IO_PICTURE_H
#define RB_IO_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

bool rb_picture_available(void);
// Writes [height][width][3], red, green and blue; the file is written whole or not at all. RB_ERR_MISSING:
// built without libpng. RB_ERR_FILE: can't be written.
rb_status rb_picture_write_png(const char *path, const uint8_t *rgb, int height, int width, rb_error *error);
// The same in memory that the caller frees; also RB_ERR_MEMORY.
rb_status rb_picture_make_png(uint8_t **out, size_t *bytes, const uint8_t *rgb, int height, int width,
                              rb_error *error);

#endif
