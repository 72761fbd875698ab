// See net_graph.h. Order: the nodes, then the linear layers, each followed by its normalisations.
#include "nn/net_graph.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "nn/net_impl.h"

static_assert(RB_NODES_MAX + 1 + RB_LINEARS_MAX <= RB_NET_STEPS_MAX, "there is room for all");

const rb_net_spec *rb_net_spec_of(const rb_net *net)
{
    return &net->spec;
}

void rb_net_input_scale(const rb_net_spec *spec, float *scale, float *offset)
{
    const bool bytes = spec->bytes, centre = spec->params.centre;
    *scale = !bytes || spec->params.unscaled ? 1 : centre ? 2.0f / 255 : 1.0f / 255;
    *offset = bytes && centre ? -1 : 0;
}

bool rb_net_node_relu(const rb_net *net, int n)
{
    if (n < 0) return false;
    const rb_net_node *node = &net->node[n];
    if (node->kind == RB_NODE_CONV) return net->conv[node->index].relu;
    return node->kind == RB_NODE_NORM && net->norm[node->index].relu;
}

bool rb_net_link_relu(const rb_net *net, int link)
{
    int n = net->nodes - 1;
    while (n >= 0 && net->node[n].link > link) n--;
    return rb_net_node_relu(net, n);
}

bool rb_net_source_relu(const rb_net *net, int source)
{
    if (source < 0) return rb_net_node_relu(net, net->nodes - 1);
    if (source == net->embedding) return false; // its product with the features
    const rb_net_norms *norms = &net->layer[source].norms;
    return norms->count ? net->norm[norms->first + norms->count - 1].relu : net->layer[source].linear.relu;
}

typedef struct writer {
    const rb_net *net;
    rb_net_step *steps;
    int count, tensor; // steps and layers' tensors so far
    int norm_tensor[RB_NORMS_MAX];
} writer;

static rb_net_step *add(writer *w, rb_net_step_kind kind, const char *name, int source)
{
    rb_net_step *step = &w->steps[w->count++];
    *step = (rb_net_step){.kind = kind, .source = source};
    rb_text_copy(step->name, sizeof step->name, name);
    return step;
}

static void add_norm(writer *w, int i)
{
    static const rb_net_step_kind kinds[] = {[RB_NORM_NONE] = RB_NET_RELU,
                                             [RB_NORM_BATCH] = RB_NET_BATCH_NORM,
                                             [RB_NORM_LAYER] = RB_NET_LAYER_NORM};
    const rb_norm *norm = &w->net->norm[i];
    const rb_net_step_kind kind = norm->by_pixel ? RB_NET_CHANNEL_NORM : kinds[norm->kind];
    rb_net_step *step = add(w, kind, norm->name, w->count - 1);
    step->tensor = w->norm_tensor[i];
    step->picture = norm->picture;
    step->relu = norm->kind != RB_NORM_NONE && norm->relu;
}

static void add_conv(writer *w, int i)
{
    const rb_conv *conv = &w->net->conv[i];
    char name[32];
    snprintf(name, sizeof name, "trunk.%d", i);
    rb_net_step *step = add(w, RB_NET_CONV, name, w->count - 1);
    step->tensor = 2 * i;
    step->stride = conv->step, step->pad = conv->pad;
    step->picture = true, step->relu = conv->relu;
}

static void add_pool(writer *w, int i)
{
    const rb_pool_layer *pool = &w->net->pool[i];
    char name[32];
    snprintf(name, sizeof name, "pool.%d", i);
    rb_net_step *step = add(w, pool->mean ? RB_NET_MEAN_POOL : RB_NET_MAX_POOL, name, w->count - 1);
    step->lines = pool->lines, step->pixels = pool->pixels;
    step->picture = true;
}

static void add_addition(writer *w, const rb_net_node *node, const int *step_of)
{
    char name[32];
    snprintf(name, sizeof name, "residual.%d", node->index);
    rb_net_step *step = add(w, RB_NET_ADD, name, w->count - 1);
    step->other = node->block ? step_of[node->block - 1] : -1;
    step->picture = true;
}

// Each node is one step.
static void add_nodes(writer *w)
{
    int step_of[RB_NODES_MAX];
    for (int n = 0; n < w->net->nodes; n++) {
        const rb_net_node *node = &w->net->node[n];
        switch (node->kind) {
        case RB_NODE_CONV:
            add_conv(w, node->index);
            break;
        case RB_NODE_POOL:
            add_pool(w, node->index);
            break;
        case RB_NODE_ADDITION:
            add_addition(w, node, step_of);
            break;
        case RB_NODE_NORM:
            add_norm(w, node->index);
            break;
        }
        step_of[n] = w->count - 1;
    }
}

// Numbers the tensors of normalisations, which come after those of all layers.
static void number_norms(writer *w)
{
    int at = 2 * w->net->convs;
    for (int i = 0; i < w->net->linears; i++) at += w->net->layer[i].linear.noise ? 4 : 2;
    for (int i = 0; i < w->net->norms; i++) {
        const rb_norm_kind kind = w->net->norm[i].kind;
        w->norm_tensor[i] = at;
        at += kind == RB_NORM_BATCH ? 5 : kind == RB_NORM_LAYER ? 2 : 0;
    }
}

int rb_net_steps(const rb_net *net, rb_net_step steps[RB_NET_STEPS_MAX])
{
    writer w = {.net = net, .steps = steps};
    int last[RB_LINEARS_MAX]; // the last step of each linear layer, which later layers read
    number_norms(&w);
    add_nodes(&w);
    w.tensor = 2 * net->convs;
    if (rb_net_vector(&net->spec)) add(&w, RB_NET_APPEND, "append", w.count - 1);
    const int trunk = w.count - 1;
    for (int i = 0; i < net->linears; i++) {
        const rb_net_layer *layer = &net->layer[i];
        const bool embeds = i == net->embedding;
        const int source = embeds ? net->features : layer->source;
        rb_net_step *step = add(&w, embeds ? RB_NET_EMBEDDING : RB_NET_LINEAR, layer->name,
                                source < 0 ? trunk : last[source]);
        step->tensor = w.tensor, w.tensor += layer->linear.noise ? 4 : 2;
        step->relu = layer->linear.relu && !embeds;
        for (int norm = 0; norm < layer->norms.count; norm++) add_norm(&w, layer->norms.first + norm);
        last[i] = w.count - 1;
    }
    return w.count;
}
