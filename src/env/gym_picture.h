// Processes any source's pictures like Atari's: the maximum of two frames or the last one alone, grey or in
// colour, shrunk. Planar bytes [channels][height][width] in, [planes][height][width] out.
#ifndef RB_ENV_GYM_PICTURE_H
#define RB_ENV_GYM_PICTURE_H

#include <stdint.h>
#include "config/params.h"
#include "rainbow/error.h"

typedef struct rb_gym_picture rb_gym_picture;

// 1 channel (already grey) or 3 (red, green, blue). Only size, width, colour and pool of `params` are read.
rb_status rb_gym_picture_create(rb_gym_picture **out, int channels, int height, int width,
                                const rb_atari_params *params, rb_error *error);
void rb_gym_picture_destroy(rb_gym_picture *picture); // NULL is fine
void rb_gym_picture_shape(const rb_gym_picture *picture, int *planes, int *height, int *width);
void rb_gym_picture_make(rb_gym_picture *picture, const void *earlier, const void *later);
void rb_gym_picture_copy(const rb_gym_picture *picture, void *out);

#endif
