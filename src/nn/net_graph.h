// A network as a list of what it does, in the order in which it does it: for whoever writes it down for other
// programs. Its numbers are tensors of rb_net_tensor_info.
//
// Dueling networks end in two steps, advantage [A*Z] and value [Z]; others in one, [A*Z].
#ifndef RB_NN_NET_GRAPH_H
#define RB_NN_NET_GRAPH_H

#include "nn/net.h"

typedef struct rb_net_step {
    enum { RB_NET_CONV, RB_NET_LINEAR } kind; // a convolution without padding
    char name[32];                            // "trunk.0"
    int source;                               // the step whose result it reads; -1: the observation
    int weight, bias;                         // numbers of tensors; of a noisy layer those of the means
    int pixels;                               // of a convolution: between windows
    bool relu;                                // follows it
} rb_net_step;

const rb_net_spec *rb_net_spec_of(const rb_net *net);
int rb_net_step_count(const rb_net *net);
void rb_net_step_get(const rb_net *net, int i, rb_net_step *out);

#endif
