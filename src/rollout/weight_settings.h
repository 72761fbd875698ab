// The settings of the network that a file of weights was made for, as far as the file shows them: a file of
// ours has them in its metadata, files of other programs show them in shapes and in the returns of the atoms.
#ifndef RB_ROLLOUT_WEIGHT_SETTINGS_H
#define RB_ROLLOUT_WEIGHT_SETTINGS_H

#include "config/config.h"
#include "rollout/weight_names.h"

// *theirs: `config` with these settings; what the file does not show is as in `config`. The caller destroys
// it. RB_ERR_FORMAT: the atoms are not evenly spaced.
rb_status rb_weight_settings_make(rb_config **theirs, const rb_weight_names *names,
                                  const rb_safetensors *file, const rb_config *config, const char *path,
                                  rb_error *error);
// The differences as options of the command line, "--net.mlp=64 --net.hidden=64"; "" if there are none.
void rb_weight_settings_options(const rb_config *theirs, const rb_config *config, char *out, size_t bytes);
// Weights that fit may still mean something else: other returns of atoms, another scale of bytes, layers
// without a ReLU. `out`: the options that make the meaning theirs, "" if it is.
rb_status rb_weight_settings_meaning(const rb_config *theirs, const rb_config *config,
                                     const rb_net_spec *spec, bool ours, char *out, size_t bytes,
                                     rb_error *error);

#endif
