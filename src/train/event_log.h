// The run's output for TensorBoard: an event file in the run's directory (io/tfevents.h; parameter group
// `tensorboard`). It is written along with the tables, from the same numbers:
//
//     train/return train/length                one point per game, at the step that ended it
//     train/loss train/q_mean                  means over the updates since the last point
//     train/epsilon train/updates train/steps_per_second
//     eval/mean eval/std eval/min eval/max eval/median        one point per evaluation
//     eval/returns eval/q_values               histograms: each game; each action of each state it met
//     eval/game eval/frames                    pictures of its first game
//     run/note                                 run.note as text
//     _hparams_/...                            the parameters, and that the run came to its end
//
// Points are written every tensorboard.every_steps steps and at each checkpoint. So no point spans a moment
// at which a run can be resumed, and a resumed run writes what a run that never stopped writes.
#ifndef RB_TRAIN_EVENT_LOG_H
#define RB_TRAIN_EVENT_LOG_H

#include "env/vector.h"
#include "rainbow/evaluate.h"
#include "rainbow/run.h"
#include "rollout/eval_pictures.h"

typedef struct rb_event_log rb_event_log;

// *out is NULL, which all other functions accept, if tensorboard.enabled is off or the program can't write
// event files (a message gives the reason). On resume, the existing file is first cut back to the run's step.
rb_status rb_event_log_open(rb_event_log **out, const rb_run *run, bool resumed, rb_error *error);
void rb_event_log_close(rb_event_log *log);

// `k`: the game's position among the steps of this turn.
void rb_event_log_game(rb_event_log *log, const rb_run *run, int k, const rb_vector_result *result);
rb_status rb_event_log_if_due(rb_event_log *log, const rb_run *run, rb_error *error); // each turn
// Before an evaluation: whether this evaluation gets pictures.
bool rb_event_log_wants_pictures(const rb_event_log *log, const rb_run *run);
rb_status rb_event_log_evaluation(rb_event_log *log, const rb_run *run, const rb_eval_result *result,
                                  const rb_eval_pictures *pictures, rb_error *error);
// Before a checkpoint is written: puts everything logged so far on the disk, and makes it findable from this
// step.
rb_status rb_event_log_checkpoint(rb_event_log *log, const rb_run *run, rb_error *error);
// Tries again what a full disk did not take.
rb_status rb_event_log_flush(rb_event_log *log, const rb_run *run, rb_error *error);
rb_status rb_event_log_finished(rb_event_log *log, const rb_run *run, rb_error *error);

#endif
