// Shrinking colour pictures bit-identically to Pillow (and to torchvision's Resize on a Pillow picture):
// bilinear with antialiasing.
//
// Each new pixel is the mean of the old pixels, weighted by a triangle as wide as two new pixels, so that no
// pixel is skipped. Rows come first, then columns, each rounded to bytes, with weights of 22 fraction bits.
// (image.h has OpenCV's area interpolation for grey pictures.) Nothing allocates after create.
#ifndef RB_ENV_SHRINK_H
#define RB_ENV_SHRINK_H

#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_shrink rb_shrink; // one thread at a time: it holds scratch memory

// Makes the tables for one pair of sizes of RGB pictures; can't enlarge.
rb_status rb_shrink_create(rb_shrink **out, int height, int width, int new_height, int new_width,
                           rb_error *error);
void rb_shrink_destroy(rb_shrink *shrink); // NULL is fine
// rgb: [height][width][3]; out: planes, [3][new_height][new_width].
void rb_shrink_run(rb_shrink *shrink, const uint8_t *rgb, uint8_t *out);

#endif
