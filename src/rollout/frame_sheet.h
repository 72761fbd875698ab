// A sheet for people to look at: the frames of a stack side by side, enlarged, the oldest first, after the
// rendered screen if there is one.
//
//        screen       t-3      t-2      t-1       t
//     +----------+  +------+ +------+ +------+ +------+
//     |          |  |      | |      | |      | |      |
//     +----------+  +------+ +------+ +------+ +------+
//
// Titles are left out where frames are too narrow for them.
//
// How numbers become colours: one plane is grey, and three planes are red, green and blue. With any other
// number of planes, each has its own colour and the brightest one shows (as for MinAtar). Bytes range from 0
// to 255. Floats range from -1 to 1, so that 0 is mid grey: in observations that are differences, one sees
// what became brighter and what became darker.
#ifndef RB_ROLLOUT_FRAME_SHEET_H
#define RB_ROLLOUT_FRAME_SHEET_H

#include "rainbow/env.h"

// Paints one frame ([channels][height][width], of the spec's kind) in those colours: rgb [height][width][3].
void rb_frame_paint(const rb_env_spec *spec, const void *frame, uint8_t *rgb);

typedef struct rb_frame_sheet {
    int height, width;
    uint8_t *rgb; // [height][width][3]; free it
} rb_frame_sheet;

// `frames`: [stack][channels][height][width], of the spec's kind. `screen`: [screen_height][screen_width][3]
// or NULL. `scale`: the sheet's pixels per pixel of a frame; 0: a frame becomes about 250 pixels high.
// RB_ERR_MEMORY.
rb_status rb_frame_sheet_make(rb_frame_sheet *out, const rb_env_spec *spec, int stack, const void *frames,
                              const uint8_t *screen, int scale, rb_error *error);

#endif
