// A video being made of moments: each is drawn (view.h) and becomes frames of the file (io/video.h).
#ifndef RB_VIEWER_STUDIO_H
#define RB_VIEWER_STUDIO_H

#include "io/video.h"
#include "rainbow/record.h"
#include "viewer/view.h"

typedef struct rb_studio {
    rb_view *view;
    rb_video *video;
    char caption[64];
    int frames_per_second;
} rb_studio;

// Zero the struct first; close it even after an error. `view`: all but the caption, which shows `agent_step`,
// the step of the weights; negative: not shown. Sets width and height of `out`.
rb_status rb_studio_open(rb_studio *studio, const rb_view_spec *view, int64_t agent_step, const char *file,
                         int frames_per_second, rb_record_result *out, rb_error *error);
// Adds one frame, or one second of the end of a game. Counts out->frames.
rb_status rb_studio_show(rb_studio *studio, const rb_moment *moment, rb_record_result *out, rb_error *error);
// Finishes the file if `status` is RB_OK, removes it otherwise. Returns the first failure.
rb_status rb_studio_close(rb_studio *studio, rb_status status, rb_error *error);

#endif
