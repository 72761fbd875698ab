// A network as a list of what it does, in the order in which it does it: for whoever writes it down for other
// programs. Its numbers are tensors of rb_net_tensor_info.
//
// The list ends in the outputs: dueling ones in two steps, advantage [A*Z] and value [Z], others in one,
// [A*Z]. What follows is the spec's: how streams are joined, a ReLU behind them (params.relu_outputs).
#ifndef RB_NN_NET_GRAPH_H
#define RB_NN_NET_GRAPH_H

#include "nn/net.h"

enum { RB_NET_STEPS_MAX = 96 };

typedef enum rb_net_step_kind {
    RB_NET_CONV,
    RB_NET_LINEAR,
    RB_NET_BATCH_NORM, // with its running statistics: a plane, or a number, by its own mean and variance
    RB_NET_LAYER_NORM, // each sample by itself
    RB_NET_RELU,
} rb_net_step_kind;

typedef struct rb_net_step {
    rb_net_step_kind kind;
    char name[40]; // "trunk.0", "trunk.0.norm"
    int source;    // the step whose result it reads; -1: the observation
    // Number of its first tensor. In order: weight and bias (of a noisy layer those of the means, of a
    // normalisation factor and summand), of a batch normalisation mean and variance.
    int tensor;
    int stride, pad; // of a convolution: pixels between windows, and of zeros around its input
    bool picture;    // its result is C x H x W, not a vector
    bool relu;       // follows it
} rb_net_step;

extern const float rb_net_norm_epsilon; // under the root, beside a variance

// How many; all of them fit into RB_NET_STEPS_MAX.
int rb_net_steps(const rb_net *net, rb_net_step steps[RB_NET_STEPS_MAX]);

#endif
