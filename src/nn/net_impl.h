// The inside of networks and tapes.
//
// Layers stand in two lists: convolutions, then linear ones in the order in which they run. Linear layers
// that run side by side (the streams of a dueling head) form a stage; all read the same activations, or each
// those of its neighbour in the stage before.
//
// Behind each layer, and before the first, any number of normalisations may stand. Up to the first linear
// layer a sample goes through convolutions and normalisations as *nodes*, one after the other; but batch
// normalisation has to know all samples, so an update's pass is cut into *segments*, each of which but the
// first begins with one:
//
//     conv  relu  conv |batch_norm  relu  conv |batch_norm  relu  -> linear layers
//     ---- segment 0 --|------ segment 1 ------|--- segment 2 ---
#ifndef RB_NN_NET_IMPL_H
#define RB_NN_NET_IMPL_H

#include "nn/layer.h"
#include "nn/net.h"

#define RB_CONVS_MAX   12
#define RB_LINEARS_MAX 16
#define RB_STAGES_MAX  16
#define RB_NORMS_MAX   32
#define RB_NODES_MAX   (RB_CONVS_MAX + RB_NORMS_MAX)
#define RB_NET_GROUPS  8 // of samples: each has a private convolution gradient, whatever the number of threads

typedef struct rb_net_norms { // of a net's list, behind one layer
    int first, count;
} rb_net_norms;

typedef struct rb_net_node { // one of them; the other is -1
    int conv, norm;
    int link; // whose gradient it works on: a layer's and that of the normalisations behind it are one array;
              // 0 is before the first layer, 1 belongs to the first convolution
} rb_net_node;

typedef struct rb_net_layer { // a linear layer and its place
    rb_linear linear;
    char name[32]; // "trunk.0", "advantage.1"
    int source;    // linear layer that it reads; -1: the nodes' output, or the observation
    rb_net_norms norms;
} rb_net_layer;

// What a group of samples needs for the convolutions' backward pass: it goes pair by pair, depth first.
typedef struct rb_net_group {
    float *gradient; // weights and biases of one layer after the other; group 0 ends as the sum
    float *sums;     // an input gradient as floats
    rb_unit *out_gradient[RB_CONVS_MAX + 1][2]; // of a link, of each sample of a pair; NULL: it is the tape's
    rb_unit *pair_in, *pair_gradient;           // NULL where a unit is one number
} rb_net_group;

typedef struct rb_net_stage {
    int first, count; // linear layers
    bool shared;      // all read the same activations, whose gradient is one product then
} rb_net_stage;

// An update under way. It holds all it needs: the tape may meanwhile be given the next batch.
typedef struct rb_net_update_pass {
    const struct rb_net *net;
    const struct rb_tape *tape;
    rb_rule rule;
    rb_linear_pass linear[RB_LINEARS_MAX];
} rb_net_update_pass;

struct rb_net {
    rb_net_spec spec;
    rb_compute *compute;
    const rb_kernels *kernels;
    bool trains;
    float scale, offset; // of the observation's numbers, as they are read
    int input_stride;    // numbers a pixel, where there are nodes
    int input_border;
    int convs, linears, stages, norms, nodes;
    int learned;     // first node with something to learn; `nodes`: there is none
    int trunk_norms; // that are nodes; the others follow
    rb_net_norms entry, conv_norms[RB_CONVS_MAX];
    rb_norm norm[RB_NORMS_MAX];
    rb_net_node node[RB_NODES_MAX];
    rb_conv conv[RB_CONVS_MAX];
    rb_net_layer layer[RB_LINEARS_MAX];
    rb_net_stage stage[RB_STAGES_MAX];
    rb_unit *scratch; // of each thread: a piece of noisy weights, where the network does not train; or NULL
    size_t scratch_units;
    // The noise in use, by name: it is drawn again when a state is loaded.
    bool drawn;
    uint64_t draw_seed, draw_number;
    uint32_t draw_purpose;
    int draw;             // which of a layer's draws it is
    uint64_t draws;       // made so far: a tape's own must not be overwritten before its update
    bool stale[RB_PACKS]; // packed weights are older than weights or noise
    bool updating;        // the linear layers' update may still be under way
    rb_net_update_pass update;
    rb_pool_group update_group;
};

struct rb_tape {
    const rb_net *net;
    int batch;
    bool backward;
    int rows; // of what nodes put out, but the last one: a sample each; or a thread each, which reuses it for
              // one sample after the other, where nothing goes backward
    // of the last forward
    int count, pack, draw;
    uint64_t draws;
    double norm; // of the last backward; negative: not worked out yet
    rb_rows input, conv[RB_CONVS_MAX], linear[RB_LINEARS_MAX];
    rb_norm_tape norm_of[RB_NORMS_MAX];
    float *last[2]; // outputs of the last stage's layers, as they are
    ptrdiff_t last_row[2];
    float *output; // [batch][A][Z]

    rb_rows link_gradient[RB_CONVS_MAX + 1]; // of a link, where all samples' are needed at once; the last
                                             // one's is what the nodes hand to the linear layers
    float *head_norms;                       // gradients of the normalisations behind linear layers
    size_t head_norm_numbers;
    rb_rows linear_gradient[RB_LINEARS_MAX]; // those of a shared stage side by side in one row
    float *output_gradient;                  // [batch][A][Z] behind a ReLU of the outputs
    float *last_gradient;                    // [batch][row] of the last stage, before it is rounded
    rb_rows pair_x[RB_LINEARS_MAX], pair_y[RB_LINEARS_MAX]; // the same arrays where a unit is one number
    rb_net_group group[RB_NET_GROUPS];
    bool by_gram[RB_LINEARS_MAX];    // how its square sum is found
    float *gradient[RB_LINEARS_MAX]; // of a small layer, where the norm was worked out before the update
    double *gram[RB_LINEARS_MAX]
                [4]; // [batch][batch] of x, y, and both with the noise; or square sums of pieces in [0]
};

rb_status rb_net_build(rb_net *net, rb_plan *plan, rb_error *error); // from its spec
void rb_tape_build(rb_tape *tape, const rb_net *net, rb_plan *plan);
size_t rb_net_conv_gradient_at(const rb_net *net, int conv, bool bias); // where in a group
size_t rb_net_trunk_gradients(const rb_net *net);                       // numbers of a group's gradient
size_t rb_net_norm_gradient_at(const rb_net *net, int norm); // where its gamma's stands, and beta's behind
                                                             // it: in a group, or in head_norms
float *rb_tape_norm_gradient(const rb_tape *tape, int norm);
bool rb_net_link_relu(const rb_net *net, int link);     // does what it hands on leave a ReLU?
bool rb_net_source_relu(const rb_net *net, int source); // the same of a linear layer's source
rb_rows rb_tape_node(const rb_tape *tape, int node);    // what it put out; -1: the observation
int rb_net_segments(const rb_net *net);
int rb_net_segment_at(const rb_net *net, int segment); // its first node; of all `segments`: the end
rb_norm_pass rb_tape_norm_pass(const rb_tape *tape, int node, int sample);
void rb_net_trunk_sample(const rb_forward *pass, int sample, int segment);
void rb_net_trunk_join(const rb_tape *tape, int segment); // after all samples went through it
double rb_net_trunk_work(const rb_net *net, bool learns, int segment);
rb_norm_rows rb_tape_norm_rows(const rb_tape *tape, int layer, int norm); // of a linear layer's
rb_rows rb_tape_source(const rb_tape *tape, int source); // activations that a linear layer reads
int rb_net_groups(const rb_tape *tape);                  // of its samples
rb_linear_pass rb_net_backward_pass(const rb_net *net, const rb_tape *tape, int layer);
void rb_net_derive(rb_net *net); // after weights were set
static inline bool rb_norm_has_tensors(const rb_norm *norm)
{
    return norm->kind != RB_NORM_NONE;
}

#endif
