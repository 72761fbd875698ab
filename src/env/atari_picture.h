// The observation of an Atari game: the last two screens of a step pooled, in grey or in colour, and shrunk.
// Every plane (grey alone, or red, green and blue) is made the same way:
//
//     screens [height][width], palette indices -> pooled [height][width] -> frame [out_height][out_width]
//
// The way two screens are pooled, and the picture of a game that ends inside the skip, depend on whose
// wrappers are followed: see rb_atari_picture_end. One thread at a time; nothing allocates after open.
#ifndef RB_ENV_ATARI_PICTURE_H
#define RB_ENV_ATARI_PICTURE_H

#include "config/params.h"
#include "env/emulator.h"
#include "env/image.h"
#include "rainbow/env.h"

enum { RB_ATARI_PLANES = 3 }; // at most

typedef struct rb_atari_picture {
    int pool;   // atari.pool
    int planes; // 1: grey; 3: red, green, blue
    int height, width, out_height, out_width;
    size_t pixels, out_pixels;              // per screen; per plane of the frame
    uint8_t rgb[256 * 3];                   // colours of palette indices
    uint8_t values[RB_ATARI_PLANES][256];   // each plane's value for a palette index
    rb_pool_table *tables[RB_ATARI_PLANES]; // two indices pooled
    uint8_t *earlier, *later;               // the last two screens that were kept
    int kept;                               // in the current step: 1: `earlier`, 2: `later` too
    uint8_t *pooled;                        // [planes][height][width]
    uint8_t *frame;                         // [planes][out_height][out_width]: the observation
    rb_area *area;
} rb_atari_picture;

// Zero the struct first; close it even after an error.
rb_status rb_atari_picture_open(rb_atari_picture *picture, const rb_atari_params *params,
                                const rb_emulator *emulator, rb_ale *ale, rb_error *error);
void rb_atari_picture_close(rb_atari_picture *picture);

// For a step of `skip` frames, call begin, then keep with the screen after each frame (i in 0 .. skip - 1),
// then end.
static inline void rb_atari_picture_begin(rb_atari_picture *picture)
{
    picture->kept = 0;
}
void rb_atari_picture_keep(rb_atari_picture *picture, int64_t i, int64_t skip, bool game_ended,
                           const uint8_t *screen);
void rb_atari_picture_end(rb_atari_picture *picture, int64_t skip, const uint8_t *screen);
// Pools a single screen, as after a reset.
void rb_atari_picture_show(rb_atari_picture *picture, const uint8_t *screen);
// Makes the frame from the pooled planes.
void rb_atari_picture_finish(rb_atari_picture *picture);

// Saves or loads the data that the next pictures depend on; false: the stream failed.
bool rb_atari_picture_transfer(rb_atari_picture *picture, rb_env_stream *stream);

#endif
