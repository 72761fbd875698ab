// The weights that a run begins with (run.init_weights): a safetensors file of Rainbow, or one with the names
// of Stable-Baselines3 or CleanRL (weight_names.h, docs/weights.md).
//
// The file must hold exactly the network of these settings: each tensor, with its shape, and no other. It
// must also mean the same, as far as it shows that: the returns of atoms, and in files of ours the scale of
// bytes. One error names the tensors that differ, and the settings that make the network theirs.
#ifndef RB_ROLLOUT_INIT_WEIGHTS_H
#define RB_ROLLOUT_INIT_WEIGHTS_H

#include "agent/agent.h"
#include "base/log.h"
#include "config/config.h"
#include "nn/net.h"
#include "rainbow/error.h"

typedef struct rb_init_weights {
    const char *program; // whose names the file has: "Rainbow"
    int tensors;         // of the network
    int64_t step;        // of ours: the step at which they were saved; -1: unknown
} rb_init_weights;

// Reads config->params.run.init_weights into the network. After an error the network is as before.
// RB_ERR_FILE: it can't be read; RB_ERR_FORMAT: it is not such a file, or does not fit.
rb_status rb_init_weights_read(rb_net *net, const rb_config *config, rb_init_weights *out, rb_error *error);
// The same for an agent that begins to learn: its target network becomes equal, and the log names the file.
// Does nothing if the settings name no file.
rb_status rb_init_weights_begin(rb_agent *agent, const rb_config *config, const rb_log *log, rb_error *error);

#endif
