// Targets as operations of a device's program: the same as agent/targets_*.c, munchausen.c and quantiles.c.
#ifndef RB_XLA_XLA_TARGETS_H
#define RB_XLA_XLA_TARGETS_H

#include "agent/agent_impl.h"
#include "xla/hlo.h"

typedef struct rb_xla_next { // what targets are made from
    rb_value base;           // [B] returns, with Munchausen's bonus
    rb_value discounts;      // [B]
    rb_value outputs; // [B][A][Z] of s'; -1: there is no target network, and the returns are the targets
    rb_value values;  // [B][A] the Q-values of `outputs`
    rb_value best;    // [B] the action in s', or -1: the policy
    rb_value policy, entropy; // [B][A]
} rb_xla_next;

typedef struct rb_xla_atoms {
    rb_value targets;        // [B][Z]
    rb_value expected;       // [B] the targets' means, before they are fitted to the support
    rb_value clipped, above; // scalars, as in rb_c51_summary
} rb_xla_atoms;

rb_value rb_xla_targets_scalar(rb_hlo *h, const rb_xla_next *next);   // [B]
rb_value rb_xla_targets_quantile(rb_hlo *h, const rb_xla_next *next); // [B][Z]
rb_xla_atoms rb_xla_targets_atoms(rb_hlo *h, const rb_agent_spec *spec, const rb_xla_next *next);

#endif
