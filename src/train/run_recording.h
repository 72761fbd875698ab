// Videos of the agent that a run makes while it trains (group `record`).
#ifndef RB_TRAIN_RUN_RECORDING_H
#define RB_TRAIN_RUN_RECORDING_H

#include "rainbow/record.h"
#include "train/run_state.h"

// Whether this build can do what group `record` asks for; if not, RB_ERR_MISSING with the parameter's name.
rb_status rb_run_recording_check(const rb_params *params, rb_error *error);
// Whether a video is due; `step` and `games` are the values at the previous look.
bool rb_run_recording_is_due(const rb_run *run, int64_t step, int64_t games);
// The video of this step, RUN/videos/step_N.mp4, in a directory that is made.
rb_status rb_run_recording_file(const rb_run *run, char *file, size_t bytes, rb_error *error);
// Makes one video of the run's agent, in a game of its own.
void rb_run_recording_make(rb_run *run);
// Logs a video that was made; or, as a warning, why not: training continues.
void rb_run_recording_tell(const rb_run *run, rb_status status, const char *file,
                           const rb_record_result *result, const rb_error *error);

#endif
