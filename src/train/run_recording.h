// The videos a run makes of its agent while it trains (group `record`).
#ifndef RB_TRAIN_RUN_RECORDING_H
#define RB_TRAIN_RUN_RECORDING_H

#include "train/run_state.h"

// Whether a run can do what its group `record` asks for: RB_ERR_MISSING with the parameter's name.
rb_status rb_run_recording_check(const rb_params *params, rb_error *error);
// One video of the run's agent, RUN/videos/step_N.mp4, where one is due: `step` and `games` are those when it
// was last asked. What goes wrong is told as a warning, and the training goes on.
void rb_run_recording_if_due(rb_run *run, int64_t step, int64_t games);

#endif
