// A sheet for people: the frames of a stack side by side, the oldest first, enlarged, with the rendered
// screen before them where there is one.
//
//     +--------+  +-----+ +-----+ +-----+ +-----+
//     | screen |  | t-3 | | t-2 | | t-1 | |  t  |
//     +--------+  +-----+ +-----+ +-----+ +-----+
//
// How numbers become colours: one plane is grey, three are red, green and blue, of any other number each has
// a colour of its own and the brightest shows (MinAtar's things). Bytes are 0 to 255; floats -1 to 1, so that
// 0 is mid grey: what became brighter and what became darker, of observations that are differences.
#ifndef RB_ROLLOUT_FRAME_SHEET_H
#define RB_ROLLOUT_FRAME_SHEET_H

#include "rainbow/env.h"

// One frame ([channels][height][width] of the spec's kind) in those colours: rgb [height][width][3].
void rb_frame_paint(const rb_env_spec *spec, const void *frame, uint8_t *rgb);

typedef struct rb_frame_sheet {
    int height, width;
    uint8_t *rgb; // [height][width][3]; free it
} rb_frame_sheet;

// `frames`: [stack][channels][height][width] of the spec's kind. `screen`: [screen_height][screen_width][3]
// or NULL. `scale`: pixels of the sheet to one of a frame; 0: so many that a frame is some 250 high.
// RB_ERR_MEMORY.
rb_status rb_frame_sheet_make(rb_frame_sheet *out, const rb_env_spec *spec, int stack, const void *frames,
                              const uint8_t *screen, int scale, rb_error *error);

#endif
