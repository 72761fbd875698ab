// What an agent saw, expected and did in an evaluation, one row per decision, as a safetensors file for NumPy
// and PyTorch:
//
//     observations [T][...]   the network's input: bytes or floats, shaped as by rb_observation_shape
//     vectors      [T][...]   float32: what stands beside a picture, shaped likewise; only if there is a vector
//     q_values     [T][A]     float32
//     actions      [T]        int32: the action taken
//     games        [T]        int32: the number of the game, from 0
//     masks        [T][A]     uint8: the allowed actions, 1 or 0; only if the environment reports them
//
// Games played side by side are interleaved; the rows of one game are in order.
#ifndef RB_ROLLOUT_TRACE_H
#define RB_ROLLOUT_TRACE_H

#include "rollout/evaluator.h"

typedef struct rb_trace rb_trace;

// `steps`: the number of decisions to keep, from the first.
rb_status rb_trace_create(rb_trace **out, int64_t steps, rb_error *error);
void rb_trace_destroy(rb_trace *trace); // NULL is fine
rb_eval_observer rb_trace_watch(rb_trace *trace);
rb_status rb_trace_write(const rb_trace *trace, const char *path, const char *env, int64_t step,
                         rb_error *error);

#endif
