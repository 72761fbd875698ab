// A network as a list of steps in the order of execution, for code that exports it to other programs. A
// step's parameters are tensors of rb_net_tensor_info.
//
// The list ends with the outputs: two steps, advantage [A*Z] and value [Z], if dueling, else one, [A*Z]. The
// spec defines the rest: how streams are joined, and a ReLU after them (params.relu_outputs).
#ifndef RB_NN_NET_GRAPH_H
#define RB_NN_NET_GRAPH_H

#include "nn/net.h"

enum { RB_NET_STEPS_MAX = 112 };

typedef enum rb_net_step_kind {
    RB_NET_CONV,
    RB_NET_LINEAR,
    RB_NET_BATCH_NORM,   // with running statistics: each plane or number by its own mean and variance
    RB_NET_LAYER_NORM,   // each sample on its own
    RB_NET_CHANNEL_NORM, // each pixel of a sample on its own
    RB_NET_RELU,
    RB_NET_MAX_POOL,
    RB_NET_MEAN_POOL,
    RB_NET_ADD,    // the sum of two pictures
    RB_NET_APPEND, // its source's result, flat, and the vectors of all frames behind it
    // Fractions: its source's result, flat, times relu(linear(cos(pi i fraction), i < cosines)), row by row.
    RB_NET_EMBEDDING,
} rb_net_step_kind;

typedef struct rb_net_step {
    rb_net_step_kind kind;
    char name[40]; // "trunk.0", "trunk.0.norm"
    int source;    // the step whose result it reads; -1: the observation
    int other;     // of an addition: the other one
    // Number of its first tensor. The order is: weight and bias (of a noisy layer those of the means; of a
    // normalisation factor and summand), then, for batch normalisation, mean and variance.
    int tensor;
    int stride, pad; // of a convolution: pixels between windows, and pixels of zeros around its input
    rb_windows lines, pixels; // of a pool
    bool picture;             // its result is C x H x W, not a vector
    bool relu;                // a ReLU follows
} rb_net_step;

// Returns the number of steps; they always fit into RB_NET_STEPS_MAX.
int rb_net_steps(const rb_net *net, rb_net_step steps[RB_NET_STEPS_MAX]);

#endif
