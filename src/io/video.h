// Videos made of a sequence of pictures: MP4 with H.264 (yuv420p, BT.709), through FFmpeg's libraries.
//
// A video is written to PATH.part and renamed when it is complete. Its index is at the front, so that players
// and browsers start at once ("faststart"). A killed process leaves PATH.part, which no player opens, and no
// file at PATH. One thread encodes with fixed settings and without dates: the same pictures give the same
// bytes with the same libraries.
#ifndef RB_IO_VIDEO_H
#define RB_IO_VIDEO_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_video rb_video;

// Checks that this build has FFmpeg's libraries with an H.264 encoder; RB_ERR_MISSING names what to install.
rb_status rb_video_check(rb_error *error);
// Width and height must be even. RB_ERR_USAGE: the name does not end in ".mp4"; RB_ERR_FILE: can't be
// written; RB_ERR_MISSING.
rb_status rb_video_create(rb_video **out, const char *path, int width, int height, int frames_per_second,
                          rb_error *error);
rb_status rb_video_add(rb_video *video, const uint8_t *rgb, rb_error *error); // [height][width][3]
// Writes what is buffered and renames the file into place; frees the video in any case. At least one picture
// must have been added.
rb_status rb_video_finish(rb_video *video, rb_error *error);
void rb_video_abandon(rb_video *video); // removes the unfinished file; NULL is fine

#endif
