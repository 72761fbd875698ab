// A video of an evaluation's first game, made while it is played: it watches the evaluation as an observer
// (rollout/evaluator.h), so the game that is shown is a game that is counted. The video ends with the game or
// after most_steps steps; the evaluation continues.
#ifndef RB_VIEWER_EVAL_RECORDING_H
#define RB_VIEWER_EVAL_RECORDING_H

#include "rollout/evaluator.h"
#include "viewer/studio.h"

typedef struct rb_eval_recording {
    const char *file; // set by the caller, like
    const rb_params *params;
    rb_agent *agent;
    int64_t agent_step;
    rb_record_result result; // valid after rb_eval_recording_finish
    // The rest is private.
    rb_studio studio;
    rb_moment moment;
    rb_env_spec spec;
    const rb_env_class *class;
    int64_t most_steps;
    size_t observation_bytes;
    void *observation; // [stack][C][H][W]: copies, because the vector's are those of the next game at the end
    float *q, *spread; // [A]; of each action its probabilities or quantiles
    int quantiles;
    uint8_t *allowed; // [A]; NULL without masks
    uint8_t *screen;
    bool over; // no more frames
    double seconds;
    rb_status status; // the first failure
    rb_error error;
} rb_eval_recording;

// `recording`: zero except for what the caller sets. The evaluation must keep last screens.
rb_eval_observer rb_eval_recording_observer(rb_eval_recording *recording);
// After the evaluation: completes the video. RB_INTERRUPTED or another status of a failed evaluation: no file
// is written. Frees everything.
rb_status rb_eval_recording_finish(rb_eval_recording *recording, rb_status evaluated, rb_error *error);

#endif
