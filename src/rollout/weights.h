// A network's weights as a safetensors file, a checkpoint's weights.safetensors: PyTorch's names and shapes,
// with the step and the settings that decide a result in the metadata. So weights are never played with
// settings that they were not trained with, such as those of a damaged config.ini.
#ifndef RB_ROLLOUT_WEIGHTS_H
#define RB_ROLLOUT_WEIGHTS_H

#include "config/config.h"
#include "io/safetensors.h"
#include "nn/net.h"
#include "rainbow/error.h"

static const char rb_weights_file_name[] = "weights.safetensors";

rb_status rb_weights_save(const rb_net *net, const char *directory, const rb_config *config, int64_t step,
                          rb_error *error);
// Makes the same file in memory, to be written later; the caller frees *image.
rb_status rb_weights_make(const rb_net *net, const rb_config *config, int64_t step, char **image,
                          size_t *bytes, rb_error *error);
// The same with any file name and any metadata. RB_ERR_NUMBER: a weight is not finite, and nothing is
// written.
rb_status rb_weights_write(const rb_net *net, const char *path, const rb_safetensors_note *notes,
                           int note_count, rb_error *error);
// Every tensor of the network must be in the file with the right shape and finite values, and the file's
// checksum must match if it has one; the error names the first fault, and the network is as before. `config`:
// as read from the config.ini beside the weights, which must agree with the settings in their metadata, if
// they have any; NULL: not compared.
rb_status rb_weights_load(rb_net *net, const char *directory, const rb_config *config, int64_t *step,
                          rb_error *error);

#endif
