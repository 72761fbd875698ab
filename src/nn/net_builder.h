// Shared by the files that build a network (net_build.c): the list of layers as far as it has come.
#ifndef RB_NN_NET_BUILDER_H
#define RB_NN_NET_BUILDER_H

#include "nn/net_impl.h"
#include "nn/net_layers.h"

typedef struct rb_net_builder {
    rb_net *net;
    const rb_layer_list *list;
    rb_plan *plan;
    int channels, height, width, stride; // of the last layer's output
    int affine;                          // layers with weights so far, in the trunk
    int norms;                           // normalisations since the last of them
} rb_net_builder;

// RB_ERR_USAGE: line `i` of the list and why it cannot be.
rb_status rb_build_refuse(const rb_net_builder *b, int i, rb_error *error, const char *reason);

// Line `i` of the list, checked and added: net_build_nodes.c
rb_status rb_build_conv(rb_net_builder *b, int i, rb_error *error);
rb_status rb_build_pool(rb_net_builder *b, int i, rb_error *error);
rb_status rb_build_residual(rb_net_builder *b, int i, rb_error *error);
rb_status rb_build_norm_line(rb_net_builder *b, int i, rb_error *error); // and a ReLU
// `before`: the normalisations since the layer called `name`.
void rb_build_norm(rb_net *net, rb_norm_kind kind, const char *name, int before, int channels, int height,
                   int width, bool picture, bool by_pixel, rb_plan *plan);

// The same for what reads vectors: net_build_linear.c
rb_status rb_build_linear(rb_net_builder *b, int i);
rb_status rb_build_append(rb_net_builder *b, int i, rb_error *error);
rb_status rb_build_check_append(const rb_net_builder *b, int i, rb_error *error);
rb_status rb_build_check_appended(const rb_net_builder *b, rb_error *error);

// Behind the trunk. A stage is one layer for each of `count` streams.
void rb_build_embedding(rb_net *net, rb_plan *plan);
void rb_build_stage(rb_net *net, const char *const *names, int number, const int *outputs, int count,
                    bool relu, bool noisy, rb_plan *plan);
void rb_build_hidden_norms(rb_net *net, int first, int count, rb_plan *plan);
void rb_build_scratch(rb_net *net, rb_plan *plan);

#endif
