// What was learned, for other programs: ONNX, which runs anywhere, and safetensors, the weights alone.
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
    int64_t step;           // that they were saved at
    int actions, atoms;     // atoms: 1 where Q-values are all there is
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty where they have none
    int64_t numbers;        // of weights in the file
    double bytes;           // of the file
    // ONNX's input: its sizes, the first of which is free, and what it is made of.
    int dims, shape[RB_EXPORT_DIMS_MAX];
    bool floats; // or bytes
} rb_export_result;

// `path`: a run's directory (its newest checkpoint) or one checkpoint. The files are there as a whole or not
// at all.
//
// The network without noise as an ONNX model: input "Image Sequence", N observations as the environment gives
// them (the scaling is in the graph), output "Q-Values" [N][actions]; with atoms also "Probabilities"
// [N][actions][atoms]. Settings that make up an observation are in its metadata. RB_ERR_USAGE: observations
// are floats where bytes were asked for. RB_ERR_MISSING: built without protobuf-c.
typedef enum rb_export_input {
    RB_EXPORT_AS_OBSERVED, // bytes or floats, as the environment has them
    RB_EXPORT_UINT8,
    RB_EXPORT_FLOAT32, // bytes as 0 .. 255
} rb_export_input;
rb_status rb_export_onnx(const char *path, const char *file, rb_export_input input, rb_export_result *out,
                         rb_error *error);
// All weights of the online network in PyTorch's names and shapes, those of the noise too, with the same
// metadata.
rb_status rb_export_safetensors(const char *path, const char *file, rb_export_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
