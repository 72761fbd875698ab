// A trunk as a list of layers, either written out by the user (net.layers) or defined by a name (net.trunk).
//
//     conv 32 8 4, relu, conv 64 4 2, batch_norm, relu, linear 512
//
// A word begins a layer, and the numbers after it belong to that layer; spaces, commas and brackets only
// separate.
//     conv OUTPUTS KERNEL STRIDE [PADDING]    residual    spectral_norm    linear OUTPUTS
//     max_pool KERNEL [STRIDE [PADDING]]    adaptive_max_pool SIZE    adaptive_average_pool SIZE
//     global_average_pool    relu    batch_norm    layer_norm    channel_norm    append
#ifndef RB_NN_NET_LAYERS_H
#define RB_NN_NET_LAYERS_H

#include "nn/layer.h"
#include "nn/net.h"

enum { RB_LAYERS_MAX = 96 };

typedef enum rb_word {
    RB_WORD_CONV,
    RB_WORD_LINEAR,
    RB_WORD_RELU,
    RB_WORD_BATCH_NORM,
    RB_WORD_LAYER_NORM,
    RB_WORD_CHANNEL_NORM,
    RB_WORD_APPEND, // the vector that comes with a picture
    RB_WORD_RESIDUAL,
    RB_WORD_MAX_POOL,
    RB_WORD_ADAPTIVE_MAX,
    RB_WORD_ADAPTIVE_MEAN,
    RB_WORD_GLOBAL_POOL,
    RB_WORD_SPECTRAL, // never in a list: the convolutions of the layer before it are `spectral`
} rb_word;

typedef struct rb_layer_line {
    rb_word word;
    int outputs, kernel, stride, pad; // of an adaptive pool, kernel: the output's size
    bool spectral;
} rb_layer_line;

static inline bool rb_word_has_weights(rb_word word)
{
    return word == RB_WORD_CONV || word == RB_WORD_LINEAR;
}

typedef struct rb_layer_list {
    int count;
    rb_layer_line line[RB_LAYERS_MAX];
    const char *trunk; // the trunk's name; NULL: written out
    bool noisy_linear; // its linear layers follow convolutions, so they are noisy if the network is
} rb_layer_list;

rb_status rb_layer_list_make(rb_layer_list *out, const rb_net_spec *spec, rb_error *error);
// "layer 3, conv 64 4 2", for messages.
const char *rb_layer_list_name(const rb_layer_list *list, int i, char *text, size_t bytes);

#endif
