// Exports a trained network for other programs: ONNX, which runs anywhere, and safetensors, the weights
// alone.
#ifndef RAINBOW_EXPORT_H
#define RAINBOW_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RB_EXPORT_DIMS_MAX = 4 };

typedef struct rb_export_result {
    char env[128];
    char checkpoint[1024];  // where the weights came from
    int64_t step;           // the run's step at which they were saved
    int actions, atoms;     // atoms: 1 if the network gives Q-values only
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty if the actions have no names
    int64_t numbers;        // weights in the file
    double bytes;           // the file's size
    // The ONNX input: its sizes, of which the first is free, and its type.
    int dims, shape[RB_EXPORT_DIMS_MAX];
    bool floats; // else bytes
    bool masked; // a second input of the same type: "Action Mask", N x actions
} rb_export_result;

// `path`: a run's directory (its newest checkpoint) or one checkpoint. A failure leaves no partial file.
//
// Writes the network without noise as an ONNX model: input "Image Sequence", N observations as the
// environment gives them (the scaling is in the graph); output "Q-Values" [N][actions]; with atoms also
// "Probabilities" [N][actions][atoms]. If the environment reports action masks, there is a second input,
// "Action Mask" [N][actions], 1 for each allowed action and 0 for the others, and the Q-value of an action
// that is not allowed is -infinity. The metadata hold the settings that define an observation. RB_ERR_USAGE:
// bytes were requested, but observations are floats. RB_ERR_MISSING: built without protobuf-c.
typedef enum rb_export_input {
    RB_EXPORT_AS_OBSERVED, // bytes or floats, as the environment has them
    RB_EXPORT_UINT8,
    RB_EXPORT_FLOAT32, // bytes as 0 .. 255
} rb_export_input;
rb_status rb_export_onnx(const char *path, const char *file, rb_export_input input, rb_export_result *out,
                         rb_error *error);
// Writes all weights of the online network, the noise parameters too, with PyTorch's names and shapes and the
// same metadata.
rb_status rb_export_safetensors(const char *path, const char *file, rb_export_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
