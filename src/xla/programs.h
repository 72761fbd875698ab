// The programs of an agent: an update, acting, and the target network's update. What each reads, in this
// order:
//
//     update    the online network's tensors, two moments of each trained tensor, the target network's tensors;
//               states, next states, actions, numbers, masks, intensities; the rule; keys of noise; fractions
//     act       the online network's tensors; observations; keys of noise
//     blend     the online network's tensors, the target network's tensors; the share
//     keep      the tensors of an update
//
// Tensors are those that rb_xla_keeps keeps. Observations with a vector beside the picture are two inputs.
#ifndef RB_XLA_PROGRAMS_H
#define RB_XLA_PROGRAMS_H

#include "agent/agent_impl.h"
#include "xla/forward.h"
#include "xla/hlo.h"
#include "xla/judge.h"

typedef struct rb_xla_shape { // of an agent's programs
    const rb_agent_spec *spec;
    const rb_net *online, *target; // target: NULL with agent.rollout_steps
    bool bf16;
} rb_xla_shape;

enum {
    RB_XLA_RATE,
    RB_XLA_ROOT,
    RB_XLA_EPSILON,
    RB_XLA_UNDER,
    RB_XLA_KEEP,
    RB_XLA_RULE
};                                                                         // numbers of the rule
enum { RB_XLA_RETURNS, RB_XLA_DISCOUNTS, RB_XLA_WEIGHTS, RB_XLA_NUMBERS }; // rows of the batch's

enum { RB_XLA_MASKS = 1, RB_XLA_INTENSITIES = 2 }; // what a batch comes with

// The last output has the facts and then the priorities, [RB_XLA_FACTS + size]; those before it replace
// inputs.
void rb_xla_update_build(rb_hlo *h, const rb_xla_shape *shape, int size, int with);
// The output is Q-values, [size][A]. `noise`: which draw, 1 to rb_net_spec.draws; 0: none.
void rb_xla_act_build(rb_hlo *h, const rb_xla_shape *shape, int size, int noise);
// Outputs replace the target network's tensors; `copies`: the share is 1, and is not an input.
void rb_xla_blend_build(rb_hlo *h, const rb_xla_shape *shape, bool copies);
// Outputs are copies of all tensors of an update.
void rb_xla_keep_build(rb_hlo *h, const rb_xla_shape *shape);
// The copy of replay's frames, [spec.slots + 2][numbers of a frame]: the last slot but one stays black, and
// the last is for what fills up a call. What makes it; what writes `count` frames: the copy, slots, frames;
// and what assembles a batch: the copy, slots [2][size][frames] -> states, next states.
rb_sizes rb_xla_frames_sizes(const rb_agent_spec *spec);
void rb_xla_frames_build(rb_hlo *h, const rb_xla_shape *shape);
void rb_xla_store_build(rb_hlo *h, const rb_xla_shape *shape, int count);
void rb_xla_gather_build(rb_hlo *h, const rb_xla_shape *shape, int size);
// The rows of the keys' input: those of the online network's layers, each with its draws, then the target's.
int rb_xla_key_rows(const rb_xla_shape *shape, bool update);

// One step of the optimiser for a tensor of RB_F32; `m` and `v` get their new values. `rule` [RB_XLA_RULE].
rb_value rb_xla_step(rb_hlo *h, const rb_optim_params *optim, rb_value rule, bool decays, rb_value w,
                     rb_value gradient, rb_value *m, rb_value *v);

#endif
