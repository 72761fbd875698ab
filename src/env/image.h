// Pictures for the learner: two screens pooled to grey, then shrunk by area interpolation.
//
// Both are bit-identical to the field's standard (grey: ALE's palette and OpenCV's RGB2GRAY; size: OpenCV's
// INTER_AREA), so that agents trained elsewhere see the same pictures here. Nothing allocates after create. A
// picture is [height][width] bytes.
#ifndef RB_ENV_IMAGE_H
#define RB_ENV_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

// The grey value of two pooled palette indices a and b is at [a * 256 + b]: one lookup per pixel for every
// way of pooling.
typedef struct rb_pool_table {
    uint8_t grey[256 * 256];
} rb_pool_table;

// Grey first, then the maximum (Gymnasium's AtariPreprocessing). `grey` is [256], by palette index.
void rb_pool_table_grey(rb_pool_table *table, const uint8_t *grey);
// The maximum of each colour first, then grey (Baselines). `rgb` is [256][3].
void rb_pool_table_rgb(rb_pool_table *table, const uint8_t *rgb);
// out[i] = table[a[i]][b[i]], for pictures [height][width].
void rb_pool_screens(const rb_pool_table *table, const uint8_t *a, const uint8_t *b, uint8_t *out, int height,
                     int width);
// out[i] = max(out[i], grey[screen[i]])
void rb_pool_into(const uint8_t *grey, const uint8_t *screen, uint8_t *out, size_t count);

// OpenCV's RGB2GRAY for one pixel: fixed point with 15 fraction bits, the weights of ITU-R BT.601.
uint8_t rb_grey_of_rgb(int red, int green, int blue);

typedef struct rb_area rb_area; // one thread at a time: it holds scratch memory

// Makes the tables for one pair of sizes. Enlarging would need another formula and is rejected
// (RB_ERR_USAGE).
rb_status rb_area_create(rb_area **out, int height, int width, int new_height, int new_width,
                         rb_error *error);
void rb_area_destroy(rb_area *area); // NULL is fine
void rb_area_resize(rb_area *area, const uint8_t *picture, uint8_t *out);

#endif
