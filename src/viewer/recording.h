// Recordings: games an agent plays (rollout/game.h), each moment drawn (viewer/view.h) and written as a frame
// of a video (io/video.h). `rainbow record` makes one from a checkpoint, a run makes some while it trains.
//
// While training they disturb nothing: their environment and dice are their own, they ask the network without
// noise and through a tape of its own, and their time is not the training's.
#ifndef RB_VIEWER_RECORDING_H
#define RB_VIEWER_RECORDING_H

#include <signal.h>

#include "rainbow/record.h"
#include "rollout/game.h"
#include "viewer/view.h"

typedef struct rb_recording {
    rb_game_spec game;
    int32_t view;       // RB_VIEW_OVERLAY, RB_VIEW_PLAIN
    int64_t agent_step; // that the weights are of: shown; negative: not
    int episodes;
    int64_t most_steps;
    const volatile sig_atomic_t *stop; // looked at now and then; NULL: never
} rb_recording;

// Fills everything of `out` but checkpoint and checkpoint_step. RB_INTERRUPTED when told to stop: no file
// then.
rb_status rb_recording_make(const rb_recording *recording, const char *file, rb_record_result *out,
                            rb_error *error);

#endif
