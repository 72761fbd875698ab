// See net_graph.h. Order: normalisations of the observation, convolutions, linear layers, each followed by
// its normalisations.
#include "nn/net_graph.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "nn/net_impl.h"

static_assert(RB_CONVS_MAX + RB_LINEARS_MAX + RB_NORMS_MAX <= RB_NET_STEPS_MAX, "there is room for all");

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

static bool last_relu(const rb_net *net, const rb_net_norms *norms, bool own)
{
    return norms->count ? net->norm[norms->first + norms->count - 1].relu : own;
}

bool rb_net_link_relu(const rb_net *net, int link)
{
    if (link == 0) return last_relu(net, &net->entry, false);
    return last_relu(net, &net->conv_norms[link - 1], net->conv[link - 1].relu);
}

bool rb_net_source_relu(const rb_net *net, int source)
{
    if (source < 0) return rb_net_link_relu(net, net->convs);
    return last_relu(net, &net->layer[source].norms, net->layer[source].linear.relu);
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

static void add_norms(writer *w, const rb_net_norms *norms, int source)
{
    static const rb_net_step_kind kinds[] = {[RB_NORM_NONE] = RB_NET_RELU,
                                             [RB_NORM_BATCH] = RB_NET_BATCH_NORM,
                                             [RB_NORM_LAYER] = RB_NET_LAYER_NORM};
    for (int i = norms->first; i < norms->first + norms->count; i++) {
        const rb_norm *norm = &w->net->norm[i];
        const rb_net_step_kind kind = norm->by_pixel ? RB_NET_CHANNEL_NORM : kinds[norm->kind];
        rb_net_step *step = add(w, kind, norm->name, source);
        step->tensor = w->norm_tensor[i];
        step->picture = norm->picture;
        step->relu = norm->kind != RB_NORM_NONE && norm->relu;
        source = w->count - 1;
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
    add_norms(&w, &net->entry, -1);
    for (int i = 0; i < net->convs; i++, w.tensor += 2) {
        const rb_conv *conv = &net->conv[i];
        char name[32];
        snprintf(name, sizeof name, "trunk.%d", i);
        rb_net_step *step = add(&w, RB_NET_CONV, name, w.count - 1);
        step->tensor = w.tensor;
        step->stride = conv->step, step->pad = conv->pad;
        step->picture = true, step->relu = conv->relu;
        add_norms(&w, &net->conv_norms[i], w.count - 1);
    }
    const int trunk = w.count - 1;
    for (int i = 0; i < net->linears; i++) {
        const rb_net_layer *layer = &net->layer[i];
        rb_net_step *step =
            add(&w, RB_NET_LINEAR, layer->name, layer->source < 0 ? trunk : last[layer->source]);
        step->tensor = w.tensor, w.tensor += layer->linear.noise ? 4 : 2;
        step->relu = layer->linear.relu;
        add_norms(&w, &layer->norms, w.count - 1);
        last[i] = w.count - 1;
    }
    return w.count;
}
