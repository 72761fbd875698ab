// Recordings: games an agent plays (train/game.h), each moment drawn (train/view.h) and written as a frame of
// a video (io/video.h). `rainbow record` makes one from a checkpoint, a run makes some while it trains.
//
// While training they disturb nothing: their environment and dice are their own, they ask the network without
// noise and through a tape of its own, and their time is not the training's.
#ifndef RB_TRAIN_RECORDING_H
#define RB_TRAIN_RECORDING_H

#include <signal.h>

#include "rainbow/record.h"
#include "rainbow/run.h"
#include "train/game.h"
#include "train/view.h"

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

// Whether a run can do what its group `record` asks for: RB_ERR_MISSING with the parameter's name.
rb_status rb_recording_check(const rb_params *params, rb_error *error);
// One video of the run's agent, RUN/videos/step_N.mp4, where one is due: `step` and `games` are those when it
// was last asked. What goes wrong is told as a warning, and the training goes on.
void rb_recording_look(rb_run *run, int64_t step, int64_t games);

#endif
