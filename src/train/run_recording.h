// Videos of the agent that a run makes while it trains (group `record`).
#ifndef RB_TRAIN_RUN_RECORDING_H
#define RB_TRAIN_RUN_RECORDING_H

#include "train/run_state.h"

// Whether this build can do what group `record` asks for; if not, RB_ERR_MISSING with the parameter's name.
rb_status rb_run_recording_check(const rb_params *params, rb_error *error);
// Makes one video of the run's agent, RUN/videos/step_N.mp4, if one is due. `step` and `games` are the values
// at the previous call. A failure is logged as a warning, and training continues.
void rb_run_recording_if_due(rb_run *run, int64_t step, int64_t games);

#endif
