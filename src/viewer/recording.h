// Recordings: an agent plays games (rollout/game.h), and each moment is drawn (viewer/view.h) and written as
// a frame of a video (io/video.h). `rainbow record` makes one from a checkpoint; a run can make some while it
// trains.
//
// During training they disturb nothing: they have their own environment and random streams, they evaluate the
// network without noise and with their own tape, and their time does not count as training time.
#ifndef RB_VIEWER_RECORDING_H
#define RB_VIEWER_RECORDING_H

#include "rainbow/record.h"
#include "rollout/game.h"
#include "viewer/view.h"

typedef struct rb_recording {
    rb_game_spec game; // its `stop` also ends the recording
    int32_t view;      // RB_VIEW_OVERLAY, RB_VIEW_PLAIN, RB_VIEW_PIXELS
    int frames_per_second;
    int64_t agent_step; // step of the weights, for display; negative: not shown
    int episodes;
    int64_t most_steps;
} rb_recording;

// Fills all fields of `out` except checkpoint and checkpoint_step. RB_INTERRUPTED if asked to stop: then no
// file is written.
rb_status rb_recording_make(const rb_recording *recording, const char *file, rb_record_result *out,
                            rb_error *error);

#endif
