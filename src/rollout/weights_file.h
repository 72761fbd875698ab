// Tensors of a safetensors file beside those of a network: shapes as text, and the values of all of them set
// at once or not at all.
#ifndef RB_ROLLOUT_WEIGHTS_FILE_H
#define RB_ROLLOUT_WEIGHTS_FILE_H

#include <stdbool.h>

#include "io/safetensors.h"
#include "nn/net.h"
#include "rainbow/error.h"

// A tensor of a network as a file describes it.
rb_safetensor rb_weights_described(const rb_net_tensor *info);
bool rb_weights_same_shape(const rb_safetensor *a, const rb_safetensor *b);
enum { RB_SHAPE_TEXT = 64 };
void rb_weights_shape_text(char out[RB_SHAPE_TEXT], const rb_safetensor *tensor); // "256 x 4"
// Sets every tensor i of the network to the file's tensor at[i], which has its shape. RB_ERR_FORMAT: a value
// is not finite, or a variance or a count is below 0; the network is then as before.
rb_status rb_weights_set(rb_net *net, const rb_safetensors *file, const int *at, const char *path,
                         rb_error *error);

#endif
