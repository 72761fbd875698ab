// What outputs mean, and what they learn, as operations of a device's program: the same as agent/heads.c and
// the files that it names. Legend: B samples, A actions, Z atoms or quantiles.
#ifndef RB_XLA_JUDGE_H
#define RB_XLA_JUDGE_H

#include "agent/agent_impl.h"
#include "xla/hlo.h"

typedef struct rb_xla_batch {             // a batch's values in a program
    rb_value actions;                     // [B] of RB_S32
    rb_value returns, discounts, weights; // [B]
    rb_value masks, next_masks;           // [B][A] of RB_PRED; -1: every action is allowed
} rb_xla_batch;

typedef struct rb_xla_outputs { // of the passes; -1: there is none
    rb_value state, next_online, next_target, state_target;
    rb_value fractions; // of the loss, implicit head: [B][each]
} rb_xla_outputs;

typedef struct rb_xla_verdict {
    rb_value loss;       // a scalar, whose gradient is learned
    rb_value priorities; // [B]
    rb_value facts;      // [RB_XLA_FACTS]
    rb_value fine;       // RB_PRED: loss and targets are finite
} rb_xla_verdict;

enum { RB_XLA_LOSS, RB_XLA_Q_MEAN, RB_XLA_CLIPPED, RB_XLA_ABOVE, RB_XLA_LARGEST, RB_XLA_FACTS };

// Q-values [N][A] from outputs; with an implicit head from the last `values` fractions of each sample.
rb_value rb_xla_values(rb_hlo *h, const rb_agent_spec *spec, rb_value outputs, int values);
rb_xla_verdict rb_xla_judge(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_batch *batch,
                            const rb_xla_outputs *outputs);

#endif
