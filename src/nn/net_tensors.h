// Shared by the files that work on a network's parameters one by one (net_tensors.c, net_values.c).
#ifndef RB_NN_NET_TENSORS_H
#define RB_NN_NET_TENSORS_H

#include "nn/net_impl.h"

typedef struct rb_tensor {
    const rb_conv *conv;
    const rb_net_layer *layer;
    rb_norm *norm; // kind: 0 weight, 1 bias; batch: 2 running_mean, 3 running_var, 4 num_batches_tracked
    bool vector;   // of a spectral normalisation; kind: 0 weight_u, 1 weight_v
    int index;     // of the convolution, linear layer or normalisation
    int kind;      // 0 weight or mu, 1 bias, 2 sigma, 3 bias_sigma
    const rb_layout *layout;
    float *value;
    int vectors;         // vectors in a record of `value`
    rb_running *running; // `kind`: its tensor
} rb_tensor;

// 0 <= i < rb_net_tensor_count. Those of layers come first.
rb_tensor rb_tensor_of(const rb_net *net, int i);
int rb_net_layer_tensors(const rb_net *net);

// Of layers' tensors:
bool rb_tensor_is_bias(const rb_tensor *t);
size_t rb_tensor_count(const rb_tensor *t);
rb_layout rb_tensor_bias_layout(const rb_tensor *t); // a bias as the weights of one input

#endif
