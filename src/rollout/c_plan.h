// What an exported C file computes: a network's steps (nn/net_graph.h) as a list of loops over plain arrays,
// with their weights and their places in one scratch array. The file is written from it (c_source.h), and it
// can be run here (c_run.h).
//
// Beside the network's own steps:
//   the scale of bytes     is in the first layer's weights, and an offset in its biases; only before a
//                          normalisation, and before a padded convolution with an offset, are bytes scaled
//                          first
//   noise                  has mean 0: a noisy layer is a linear layer with its means
//   batch normalisation    is a factor and a summand per plane
//   an implicit head       answers for K fractions, which never change, so their embedding is a constant table
//                          [K][features]; the layers from the product with it on run once per fraction, and a
//                          Q-value is the mean over them
#ifndef RB_ROLLOUT_C_PLAN_H
#define RB_ROLLOUT_C_PLAN_H

#include "base/arena.h"
#include "nn/net_graph.h"
#include "rollout/c_shape.h"

typedef enum rb_c_kind {
    RB_C_LOAD,      // bytes to floats
    RB_C_NORMALISE, // observations by running statistics
    RB_C_LINEAR,
    RB_C_CONV,
    RB_C_AFFINE,
    RB_C_LAYER_NORM,
    RB_C_CHANNEL_NORM,
    RB_C_RELU,
    RB_C_MAX_POOL,
    RB_C_MEAN_POOL,
    RB_C_ADD,
    RB_C_EMBED, // the product with a fraction's embedding
} rb_c_kind;

typedef enum rb_c_type { RB_C_FLOAT, RB_C_INT8, RB_C_INT16 } rb_c_type;

enum { RB_C_LAYERS_MAX = 2 * RB_NET_STEPS_MAX, RB_C_OBSERVATION = -1 };

typedef struct rb_c_layer {
    rb_c_kind kind;
    char name[40];
    int source;         // the layer whose result it reads, or RB_C_OBSERVATION
    int other;          // of an addition: the other layer whose result it reads
    int inputs;         // numbers that it reads
    int planes, pixels; // of its result; a vector: its numbers, 1
    int height, width;  // of its result, if that is a picture
    agent_shape shape;  // of a convolution or a pool
    bool relu;          // the layer applies it itself: linear and conv
    rb_c_type type;     // of the weights of linear and conv, [outputs][...], of which one array is there
    int weights;        // numbers in it
    const float *weight;
    const int8_t *int8; // c_quantise.h
    const int16_t *int16;
    const float *scale;            // [outputs], of integers
    const float *bias;             // [outputs]
    const float *factor, *summand; // of normalisations: [planes], or [numbers] in layer normalisation
    const float *mean;             // of observations that are normalised: [planes]
    float clip;                    // of the normalised numbers
    const float *embedding;        // [fractions][inputs]
    int64_t at;                    // the place of its result in scratch
} rb_c_layer;

typedef struct rb_c_plan {
    bool bytes;                       // the observation's type; else floats
    int planes, height, width, stack; // planes: of all frames together
    bool black_start;                 // frames before a game's first are 0, not that frame
    float scale, offset, norm_epsilon;
    bool int8, dueling, relu_outputs;
    int actions, atoms;   // atoms: numbers of an action; quantiles if there are several without a support
    const float *support; // [atoms]; NULL without atoms
    int fractions;        // of an implicit head: K; otherwise 0
    int embed;            // the layer that begins what runs once per fraction; without fractions `count`
    int count;
    rb_c_layer layer[RB_C_LAYERS_MAX];
    int advantage, value; // the layers that end the network; value: -1 without a dueling head
    int64_t scratch;      // floats
} rb_c_plan;

// `support`: [outputs] of the network's spec, or NULL. `fractions`: K of an implicit head, (k + 1/2) / K; not
// read without one. RB_ERR_MEMORY; RB_ERR_USAGE: the network is too large for the file's `int` sizes.
rb_status rb_c_plan_make(rb_c_plan *plan, const rb_net *net, int stack, const float *support, int fractions,
                         rb_arena *arena, rb_error *error);
int64_t rb_c_plan_observation(const rb_c_plan *plan);   // its numbers
double rb_c_plan_constant_bytes(const rb_c_plan *plan); // weights and all other numbers, in memory

#endif
