// A device behind a PJRT plugin, for an agent (agent/device.h).
#ifndef RB_XLA_XLA_H
#define RB_XLA_XLA_H

#include "agent/device.h"
#include "xla/pjrt_plugin.h"

typedef struct rb_xla_options {
    bool bf16; // products of bf16 numbers; sums, weights and moments are always f32
} rb_xla_options;

// The programs' texts go to the directory that RAINBOW_XLA_DUMP names, if it does. Destroy it with its class,
// after the agent.
rb_status rb_xla_create(rb_device **out, const char *path, const rb_xla_options *options, rb_error *error);

#endif
