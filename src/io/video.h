// Videos of pictures, one after the other: MP4 with H.264 (yuv420p, BT.709), through FFmpeg's libraries.
//
// A video is written to PATH.part and gets its name when it is whole, its index moved to the front, so that
// players and browsers begin at once ("faststart"). A process that is killed leaves PATH.part, which no
// player opens, and nothing under the name. Encoding is done by one thread with fixed settings and without
// dates: the same pictures give the same bytes with the same libraries.
#ifndef RB_IO_VIDEO_H
#define RB_IO_VIDEO_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_video rb_video;

// Whether this build has FFmpeg's libraries with a way to write H.264; RB_ERR_MISSING with what to install.
rb_status rb_video_check(rb_error *error);
// Width and height are even. RB_ERR_USAGE: a name without ".mp4"; RB_ERR_FILE: can't be written;
// RB_ERR_MISSING.
rb_status rb_video_create(rb_video **out, const char *path, int width, int height, int frames_per_second,
                          rb_error *error);
rb_status rb_video_add(rb_video *video, const uint8_t *rgb, rb_error *error); // [height][width][3]
// Writes what is left and puts the file in its place; the video is gone, whether or not that worked. At least
// one picture must have been added.
rb_status rb_video_finish(rb_video *video, rb_error *error);
void rb_video_abandon(rb_video *video); // removes what was written; NULL is fine

#endif
