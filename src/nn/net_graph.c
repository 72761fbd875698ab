// See net_graph.h: convolutions, each of which reads the one before, then linear layers.
#include "nn/net_graph.h"

#include <stdio.h>
#include "base/text.h"
#include "nn/net_impl.h"

const rb_net_spec *rb_net_spec_of(const rb_net *net)
{
    return &net->spec;
}

int rb_net_step_count(const rb_net *net)
{
    return net->convs + net->linears;
}

void rb_net_step_get(const rb_net *net, int i, rb_net_step *out)
{
    if (i < net->convs) {
        *out = (rb_net_step){.kind = RB_NET_CONV,
                             .source = i - 1,
                             .weight = 2 * i,
                             .bias = 2 * i + 1,
                             .pixels = net->conv[i].step,
                             .relu = true};
        snprintf(out->name, sizeof out->name, "trunk.%d", i);
        return;
    }
    const int at = i - net->convs;
    const rb_net_layer *layer = &net->layer[at];
    int weight = 2 * net->convs;
    for (int l = 0; l < at; l++) weight += net->layer[l].linear.noise ? 4 : 2;
    *out = (rb_net_step){.kind = RB_NET_LINEAR,
                         .source = net->convs + layer->source, // -1: the last convolution, if there is one
                         .weight = weight,
                         .bias = weight + 1,
                         .relu = layer->linear.relu};
    rb_text_copy(out->name, sizeof out->name, layer->name);
}
