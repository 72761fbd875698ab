// The names that programs give to the tensors of a Q-network: which program wrote a file, and which of its
// tensors is which of ours.
//
//     Rainbow              trunk.0.weight ..., then head.0.weight ..., or advantage.0 ... and value.0 ...
//     Stable-Baselines3    q_net.features_extractor.cnn.0.weight, .linear.0.weight, q_net.q_net.0.weight ...
//     CleanRL              network.0.weight ..., and in its Rainbow advantage_head.0 ... and value_head.0 ...
//
// The other programs number the modules of a Sequential, so activations leave gaps. A layer is known by its
// rank among the layers of its part, whatever its number is.
#ifndef RB_ROLLOUT_WEIGHT_NAMES_H
#define RB_ROLLOUT_WEIGHT_NAMES_H

#include <stdbool.h>

#include "io/safetensors.h"
#include "nn/net.h"
#include "rainbow/error.h"

typedef enum rb_weight_part {
    RB_PART_LINE, // the trunk, and without streams also what follows it
    RB_PART_ADVANTAGE,
    RB_PART_VALUE,
    RB_PARTS
} rb_weight_part;

enum { RB_WEIGHT_KINDS = 4 }; // weight or mu, bias, sigma of the weight, sigma of the bias

typedef struct rb_weight_layer {
    rb_weight_part part;
    int group, number;       // its place within the part
    int at[RB_WEIGHT_KINDS]; // its tensors in the file; -1: none
} rb_weight_layer;

typedef struct rb_weight_names {
    const char *program; // "Stable-Baselines3"; NULL: no known one
    bool ours;
    rb_weight_layer *layer; // sorted by part and place
    int layers;
    int first[RB_PARTS], count[RB_PARTS]; // of each part, in `layer`
    int support;                          // the returns of the atoms; -1: none
    bool *ignored; // [tensors] not part of the network: a target network, a draw of noise, the support
} rb_weight_names;

// Free it also after an error.
rb_status rb_weight_names_read(rb_weight_names *out, const rb_safetensors *file, const char *path,
                               rb_error *error);
void rb_weight_names_free(rb_weight_names *names);
const rb_weight_layer *rb_weight_names_layer(const rb_weight_names *names, rb_weight_part part,
                                             int rank); // or NULL
// at[i]: the place in the file of the network's tensor i; -1: the file has none.
void rb_weight_names_match(const rb_weight_names *names, const rb_safetensors *file, const rb_net *net,
                           int *at);

#endif
