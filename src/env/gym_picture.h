// Pictures of any source as Atari's are shown to the learner: the maximum of two frames, grey, small. Planar
// bytes [channels][height][width] in, [size][size] grey out.
#ifndef RB_ENV_GYM_PICTURE_H
#define RB_ENV_GYM_PICTURE_H

#include <stdint.h>
#include "config/params.h"
#include "rainbow/error.h"

typedef struct rb_gym_picture rb_gym_picture;

// 1 channel (grey already) or 3 (red, green, blue). Of `params`, size and pool are read.
rb_status rb_gym_picture_create(rb_gym_picture **out, int channels, int height, int width,
                                const rb_atari_params *params, rb_error *error);
void rb_gym_picture_destroy(rb_gym_picture *picture); // NULL is fine
int rb_gym_picture_size(const rb_gym_picture *picture);
void rb_gym_picture_make(rb_gym_picture *picture, const void *earlier, const void *later);
void rb_gym_picture_copy(const rb_gym_picture *picture, void *out);

#endif
