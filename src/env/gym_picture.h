// Pictures of any source as Atari's are shown to the learner: the maximum of two frames or the last one
// alone, grey or in colours, small. Planar bytes [channels][height][width] in, [planes][height][width] out.
#ifndef RB_ENV_GYM_PICTURE_H
#define RB_ENV_GYM_PICTURE_H

#include <stdint.h>
#include "config/params.h"
#include "rainbow/error.h"

typedef struct rb_gym_picture rb_gym_picture;

// 1 channel (grey already) or 3 (red, green, blue). Of `params`, size, width, colour and pool are read.
rb_status rb_gym_picture_create(rb_gym_picture **out, int channels, int height, int width,
                                const rb_atari_params *params, rb_error *error);
void rb_gym_picture_destroy(rb_gym_picture *picture); // NULL is fine
void rb_gym_picture_shape(const rb_gym_picture *picture, int *planes, int *height, int *width);
void rb_gym_picture_make(rb_gym_picture *picture, const void *earlier, const void *later);
void rb_gym_picture_copy(const rb_gym_picture *picture, void *out);

#endif
