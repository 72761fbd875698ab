// What an agent saw, expected and did in an evaluation, decision by decision, as a safetensors file that
// NumPy and PyTorch read:
//
//     observations [T][...]   what the network was given: bytes or floats, shaped as rb_observation_shape says
//     q_values     [T][A]     float32
//     actions      [T]        int32: what was done
//     games        [T]        int32: of which game, from 0
//
// Games that were played side by side are mixed; the rows of one game are in its order.
#ifndef RB_ROLLOUT_TRACE_H
#define RB_ROLLOUT_TRACE_H

#include "rollout/evaluator.h"

typedef struct rb_trace rb_trace;

// `steps`: decisions that are kept, the first ones.
rb_status rb_trace_create(rb_trace **out, int64_t steps, rb_error *error);
void rb_trace_destroy(rb_trace *trace); // NULL is fine
rb_eval_observer rb_trace_watch(rb_trace *trace);
rb_status rb_trace_write(const rb_trace *trace, const char *path, const char *env, int64_t step,
                         rb_error *error);

#endif
