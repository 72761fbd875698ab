// The structs behind networks and tapes.
//
// Layers are in two lists: convolutions, then linear layers in the order of execution. Linear layers that run
// side by side (the streams of a dueling head) form a stage. All layers of a stage read the same activations,
// or each layer reads its counterpart in the previous stage.
//
// Any number of normalisations may follow each layer, or come before the first. Before the first linear
// layer, a sample goes through convolutions, pools, additions and normalisations as *nodes*, one after the
// other. The addition at the end of a residual block also reads the picture that the block began with. Batch
// normalisation needs all samples at once, so an update's pass is cut into *segments*; each segment except
// the first begins with a batch normalisation:
//
//     conv  relu  conv |batch_norm  relu  conv |batch_norm  relu  -> linear layers
//     ---- segment 0 --|------ segment 1 ------|--- segment 2 ---
#ifndef RB_NN_NET_IMPL_H
#define RB_NN_NET_IMPL_H

#include "nn/layer.h"
#include "nn/net.h"
#include "nn/running.h"

enum { RB_CONVS_MAX = 32 };
enum { RB_POOLS_MAX = 12 };
enum { RB_ADDITIONS_MAX = 12 };
enum { RB_LINKS_MAX = 1 + RB_CONVS_MAX + RB_POOLS_MAX };
enum { RB_LINEARS_MAX = 16 };
enum { RB_STAGES_MAX = 16 };
enum { RB_NORMS_MAX = 32 };
enum { RB_NODES_MAX = RB_CONVS_MAX + RB_POOLS_MAX + RB_ADDITIONS_MAX + RB_NORMS_MAX };
enum { RB_NET_GROUPS = 8 }; // of samples, each with its own gradient of the trunk, for any thread count

typedef struct rb_net_norms { // part of a net's list: the normalisations after one linear layer
    int first, count;
} rb_net_norms;

typedef enum rb_node_kind { RB_NODE_CONV, RB_NODE_POOL, RB_NODE_ADDITION, RB_NODE_NORM } rb_node_kind;

// Each node reads the one before it; an addition reads its block's input too. Its gradient goes to both: down
// through the block, and, at the block's first node, to the block's input.
typedef struct rb_net_node {
    rb_node_kind kind;
    int index; // of the convolution, pool, addition or normalisation
    int link; // the gradient array it works on. A convolution or a pool begins a new one, which the additions
              // and normalisations after it share; 0 is before the first of them
    int block; // addition: its block's first node; a block's first node: its addition; else 0
} rb_net_node;

enum { RB_SOURCE_NODES = -1, RB_SOURCE_COSINES = -2 }; // the nodes' output, or the observation; fractions

typedef struct rb_net_layer { // a linear layer and its place
    rb_linear linear;
    char name[32]; // "trunk.0", "advantage.1"
    int source;    // the linear layer that it reads, or RB_SOURCE_...; the embedding: what the streams read
    rb_net_norms norms;
} rb_net_layer;

// What a group of samples needs for the convolutions' backward pass, in which each pair goes through all
// layers before the next pair.
typedef struct rb_net_scratch {
    float *sums;                            // an input gradient as floats
    rb_unit *out_gradient[RB_LINKS_MAX][2]; // for each link, for each sample of a pair; NULL: the tape
                                            // has it
    rb_unit *pair_in, *pair_gradient;       // NULL if a unit is one number
} rb_net_scratch;
typedef struct rb_net_group {
    float *gradient; // weights and biases, layer after layer; group 0 ends as the sum
    const rb_net_scratch *scratch;
} rb_net_group;

typedef struct rb_net_stage {
    int first, count; // linear layers
    bool shared;      // all read the same activations, so their gradient is one product
} rb_net_stage;

// An update in progress. It holds everything it needs, because the tape may meanwhile get the next batch.
typedef struct rb_net_update_pass {
    const struct rb_net *net;
    const struct rb_tape *tape;
    rb_rule rule, bias_rule; // the latter, without weight decay, is also that of normalisations
    rb_linear_pass linear[RB_LINEARS_MAX];
} rb_net_update_pass;

struct rb_net {
    rb_net_spec spec;
    rb_compute *compute;
    const rb_kernels *kernels;
    bool trains;
    float scale, offset; // applied to the observation's numbers when they are read
    int input_stride;    // numbers per pixel, if there are nodes
    int input_border;
    int convs, pools, additions, linears, stages, norms, nodes;
    int learned;     // first node with parameters; `nodes`: there is none
    int trunk_norms; // normalisations that are nodes; the others follow
    int last_link;
    size_t link_numbers[RB_LINKS_MAX]; // in one sample's gradient
    rb_layout picture;                 // the last node's, or the observation
    int append_at; // the layer's number in the list, from 1; 0: no vector, or a named trunk
    int embedding; // the linear layer of the fractions' cosines; -1: none
    int features;  // the source that it is multiplied with
    rb_norm norm[RB_NORMS_MAX];
    rb_running running; // of the observations; without numbers: none
    rb_net_node node[RB_NODES_MAX];
    rb_conv conv[RB_CONVS_MAX];
    rb_pool_layer pool[RB_POOLS_MAX];
    rb_addition addition[RB_ADDITIONS_MAX];
    rb_net_layer layer[RB_LINEARS_MAX];
    rb_net_stage stage[RB_STAGES_MAX];
    rb_unit *scratch; // per thread, a piece of noisy weights, if the network does not train; else NULL
    size_t scratch_units;
    // Identifies the current noise, which is drawn again when a state is loaded.
    bool drawn;
    uint64_t draw_seed, draw_number;
    uint32_t draw_purpose;
    int draw;             // slot of the current first draw in a layer's draws
    uint64_t draws;       // draws so far: a tape's draw must not be overwritten before its update
    bool stale[RB_PACKS]; // packed weights are older than the weights or the noise
    bool updating;        // the linear layers' update may still be running
    rb_net_update_pass update;
    rb_pool_group update_group;
};

struct rb_tape {
    const rb_net *net;
    int batch;
    bool backward;
    int most_each;
    int rows; // rows of each node's output except the last: one per sample; or, if there is no backward pass,
              // one per thread, which is reused for sample after sample
    int lanes; // the same for outputs that no backward pass reads (net_chains.h): never more than threads
    // from the last forward
    int count, pack, draw;
    int each; // rows of a sample in the embedding and the layers behind it
    uint64_t draws;
    double norm;                 // of the last backward; negative: not computed yet
    rb_rows where[RB_POOLS_MAX]; // bytes, of pools in a chain (net_chains.h)
    rb_rows input, conv[RB_CONVS_MAX], pool[RB_POOLS_MAX], addition[RB_ADDITIONS_MAX], linear[RB_LINEARS_MAX];
    rb_norm_tape norm_of[RB_NORMS_MAX];
    rb_rows cosines, mixed; // with an embedding: its input, and its output times the features, in place if
                            // there is no backward pass
    rb_rows gathered;       // for each thread, with vectors between the frames: the planes of all frames
    float *last[2];         // outputs of the last stage's layers, not rounded
    ptrdiff_t last_row[2];
    float *output; // [rows][A][Z]

    rb_rows link_gradient[RB_LINKS_MAX]; // for links at which all samples are needed at once; the last
                                         // one is what the linear layers' backward pass writes for the
                                         // nodes
    float *head_norms;                   // gradients of the normalisations after linear layers
    size_t head_norm_numbers;
    rb_rows linear_gradient[RB_LINEARS_MAX]; // those of a shared stage are side by side in one row
    float *output_gradient;                  // [rows][A][Z] after the mask for a ReLU on the outputs
    float *last_gradient;                    // [rows][row] of the last stage, before rounding
    rb_rows pair_x[RB_LINEARS_MAX], pair_y[RB_LINEARS_MAX]; // y: the same arrays if a unit is one number
    rb_net_group group[RB_NET_GROUPS];
    rb_net_scratch scratch[RB_NET_GROUPS]; // for each thread, or, with more threads, for each group
    int scratches;
    bool by_gram[RB_LINEARS_MAX];    // its square sum comes from Gram matrices
    bool many[RB_LINEARS_MAX];       // behind an embedding: its gradient is summed in the backward pass
    float *gradient[RB_LINEARS_MAX]; // of such a layer, or of a small one if the norm came before the update
    double *gram[RB_LINEARS_MAX]
                [4]; // [rows][rows] for x, y, and both with the noise; or square sums of pieces in [0]
};

rb_status rb_net_build(rb_net *net, rb_plan *plan, rb_error *error); // builds the layers from net->spec
void rb_tape_build(rb_tape *tape, const rb_net *net, rb_plan *plan);
size_t rb_net_conv_gradient_at(const rb_net *net, int conv, bool bias); // offset in a group's gradient
size_t rb_net_trunk_gradients(const rb_net *net);                       // numbers in a group's gradient
size_t rb_net_norm_gradient_at(const rb_net *net, int norm); // offset of gamma's gradient, followed by
                                                             // beta's, in a group or in head_norms
float *rb_tape_norm_gradient(const rb_tape *tape, int norm);
bool rb_net_node_relu(const rb_net *net, int node); // whether its output comes from a ReLU; -1: observation
bool rb_net_link_relu(const rb_net *net, int link); // the same for the last node of a link
bool rb_net_source_relu(const rb_net *net, int source); // the same for a linear layer's source
rb_rows rb_tape_node(const rb_tape *tape, int node);    // its output; -1: the observation
int rb_net_segments(const rb_net *net);
int rb_net_segment_at(const rb_net *net, int segment); // its first node; for segment == `segments`, the end
rb_norm_pass rb_tape_norm_pass(const rb_tape *tape, int node, int sample);
void rb_net_trunk_sample(const rb_forward *pass, int sample, int segment);
void rb_net_trunk_join(const rb_tape *tape, int segment); // call after all samples went through it
double rb_net_node_work(const rb_net *net,
                        int node); // its forward pass for one sample, about so many products
double rb_net_trunk_work(const rb_net *net, bool learns, int segment);
rb_norm_rows rb_tape_norm_rows(const rb_tape *tape, int layer, int norm); // for a linear layer's
                                                                          // normalisation
rb_rows rb_tape_source(const rb_tape *tape, int source);        // the activations that a linear layer reads
void rb_net_write_cosines(const rb_forward *passes, int count); // from their fractions
void rb_net_mix(const rb_forward *passes, int count);           // the embedding's output with the features
void rb_net_sum_rows(const rb_net *net, rb_tape *tape);         // the gradients of layers with many rows
void rb_net_mix_back(const rb_net *net, rb_tape *tape);         // from the gradient of the products to the
                                                                // embedding's and the features'
// The rows that a linear layer's activations have in the last forward, and room for.
static inline int rb_tape_rows(const rb_tape *tape, int layer)
{
    const int embedding = tape->net->embedding;
    return embedding >= 0 && layer >= embedding ? tape->count * tape->each : tape->count;
}
static inline int rb_tape_room(const rb_tape *tape, int layer)
{
    const int embedding = tape->net->embedding;
    return embedding >= 0 && layer >= embedding ? tape->batch * tape->most_each : tape->batch;
}
int rb_net_groups(const rb_tape *tape); // the number of sample groups
// Numbers that the last node's rows have behind its picture, for the vector: padded to a multiple of 16.
static inline size_t rb_net_appended(const rb_net *net)
{
    return ((size_t)rb_net_vector(&net->spec) + RB_PANEL - 1) / RB_PANEL * RB_PANEL;
}
rb_linear_pass rb_net_backward_pass(const rb_net *net, const rb_tape *tape, int layer);
void rb_net_derive(rb_net *net); // call after weights were set
// The key of a linear layer's noise in one of the draws made at once (net_noise.c).
void rb_net_noise_key(uint64_t seed, rb_rng_purpose purpose, uint64_t draw, int layer, int which,
                      uint32_t key[2]);
// The draws of noise that it holds at once.
static inline int rb_net_draws(const rb_net *net)
{
    return net->trains && net->spec.draws ? net->spec.draws : 1;
}
static inline bool rb_norm_has_tensors(const rb_norm *norm)
{
    return norm->kind != RB_NORM_NONE;
}

#endif
