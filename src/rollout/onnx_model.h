// A network as an ONNX model.
#ifndef RB_ROLLOUT_ONNX_MODEL_H
#define RB_ROLLOUT_ONNX_MODEL_H

#include "io/onnx.h"
#include "nn/net.h"

typedef struct rb_onnx_input_shape { // shape of "Image Sequence"
    int dims;
    int64_t shape[4]; // the first is 0: N observations
    bool floats;      // floats; otherwise bytes
    bool masked;      // there is a second input of the same type, "Action Mask" [N][A]
} rb_onnx_input_shape;

// N observations, each shaped as by rb_observation_shape.
rb_onnx_input_shape rb_onnx_input_shape_of(const rb_net_spec *spec, int stack, bool floats);

// `support` [Z]: the atoms' returns, NULL without atoms. `quantiles`: how many the model gives for each
// action, 0 without; an implicit head answers for the fractions (j + 1/2) / quantiles. `doc`: describes the
// input.
void rb_onnx_add_network(rb_onnx *model, const rb_net *net, const rb_onnx_input_shape *input, const char *doc,
                         const float *support, int quantiles);

#endif
