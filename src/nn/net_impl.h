// The inside of networks and tapes.
//
// Layers stand in two lists: convolutions, then linear ones in the order in which they run. Linear layers
// that run side by side (the streams of a dueling head) form a stage; all read the same activations, or each
// those of its neighbour in the stage before.
#ifndef RB_NN_NET_IMPL_H
#define RB_NN_NET_IMPL_H

#include "nn/layer.h"
#include "nn/net.h"

#define RB_CONVS_MAX   4
#define RB_LINEARS_MAX 16
#define RB_STAGES_MAX  16
#define RB_NET_GROUPS  8 // of samples: each has a private convolution gradient, whatever the number of threads

typedef struct rb_net_layer { // a linear layer and its place
    rb_linear linear;
    char name[32]; // "trunk.0", "advantage.1"
    int source;    // linear layer that it reads; -1: the convolutions' output, or the observation
} rb_net_layer;

typedef struct rb_net_stage {
    int first, count; // linear layers
} rb_net_stage;

struct rb_net {
    rb_net_spec spec;
    rb_compute *compute;
    bool trains;
    int convs, linears, stages;
    rb_conv conv[RB_CONVS_MAX];
    rb_net_layer layer[RB_LINEARS_MAX];
    rb_net_stage stage[RB_STAGES_MAX];
    // The noise in use, by name: it is drawn again when a state is loaded.
    bool drawn;
    uint64_t draw_seed, draw;
    uint32_t draw_purpose;
    bool stale; // composed weights are older than weights or noise
};

struct rb_tape {
    const rb_net *net;
    int batch;
    bool backward;
    // of the last forward
    int count;
    bool noise;
    double norm; // of the last backward; negative: not worked out yet
    rb_rows input;
    rb_rows conv[RB_CONVS_MAX], conv_gradient[RB_CONVS_MAX];
    rb_rows linear[RB_LINEARS_MAX], linear_gradient[RB_LINEARS_MAX];
    float *output;                // [batch][A][Z]
    float *group[RB_NET_GROUPS];  // convolution gradients: weights and biases of one layer after the other;
                                  // group 0 ends as the sum
    bool by_gram[RB_LINEARS_MAX]; // how its square sum is found
    double *gram[RB_LINEARS_MAX]
                [4]; // [batch][batch] of x, y, and both with the noise; or square sums of pieces in [0]
};

rb_status rb_net_build(rb_net *net, rb_taker *taker, rb_error *error); // from its spec
void rb_tape_build(rb_tape *tape, const rb_net *net, rb_taker *taker);
size_t rb_net_conv_gradient_at(const rb_net *net, int conv, bool bias); // where in a group
size_t rb_net_conv_gradients(const rb_net *net);
rb_rows rb_tape_source(const rb_tape *tape, int source); // activations that a linear layer reads
void rb_net_derive(rb_net *net);                         // after weights were set

#endif
