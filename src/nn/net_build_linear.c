// Builds the linear layers: those of a list, the embedding of fractions, and the streams that end a network.
#include <stdio.h>
#include <string.h>

#include "nn/net_builder.h"

static rb_layout vector_of(int numbers, int per_unit)
{
    return (rb_layout){.channels = numbers,
                       .stride = (numbers + per_unit - 1) / per_unit * per_unit,
                       .height = 1,
                       .width = 1};
}

// The window of a first linear layer: the nodes' picture with the observation's vector behind it, or all of
// the observation as one long vector.
static rb_layout features(const rb_net *net, int per_unit)
{
    const int vector = rb_net_vector(&net->spec);
    if (!net->nodes)
        return vector_of(net->spec.planes * net->spec.height * net->spec.width + vector, per_unit);
    rb_layout made = net->picture;
    made.extra = vector;
    made.extra_stride = (vector + per_unit - 1) / per_unit * per_unit;
    return made;
}

// The transposed packs for a stage's input gradient. Layers that read the same activations are side by side
// in each of its panels, so that one product adds them up.
static void take_transposed(rb_net *net, const rb_net_stage *stage, rb_plan *plan)
{
    rb_net_layer *layers = &net->layer[stage->first];
    if (!net->trains || (layers[0].source < 0 && !net->nodes)) return; // it reads the observation
    if (layers[0].source == RB_SOURCE_COSINES) return;
    int all = 0;
    for (int i = 0; i < stage->count; i++) all += layers[i].linear.panels;
    for (int pack = 0; pack <= (layers[0].linear.noise ? RB_PACK_NOISY : RB_PACK_MEANS); pack++) {
        rb_unit *at = NULL;
        for (int i = 0; i < stage->count; i++) {
            rb_linear *linear = &layers[i].linear;
            const int panels = stage->shared ? all : linear->panels,
                      lines = panels * RB_PANEL / plan->per_unit;
            linear->transposed_panel = (lines | 1) * RB_PANEL;
            if (i == 0 || !stage->shared) {
                const int blocks = (linear->inputs + RB_PANEL - 1) / RB_PANEL;
                at = rb_plan_units(plan, (size_t)blocks * (size_t)linear->transposed_panel);
            }
            linear->transposed[pack] = at;
            if (at) at += linear->panels * RB_PANEL / plan->per_unit * RB_PANEL;
        }
    }
}

// Adds a stage: one layer for each of `count` streams.
void rb_build_stage(rb_net *net, const char *const *names, int number, const int *outputs, int count,
                    bool relu, bool noisy, rb_plan *plan)
{
    const rb_net_stage before = net->stages ? net->stage[net->stages - 1] : (rb_net_stage){0};
    rb_net_stage stage = {.first = net->linears, .count = count};
    for (int i = 0; i < count; i++) {
        rb_net_layer *layer = &net->layer[net->linears++];
        memset(layer, 0, sizeof *layer);
        snprintf(layer->name, sizeof layer->name, "%s.%d", names[i], number);
        layer->source = before.count == 0       ? RB_SOURCE_NODES
                        : before.count == count ? before.first + i
                                                : before.first;
        rb_linear *linear = &layer->linear;
        const int source =
            layer->source >= 0 && layer->source == net->embedding ? net->features : layer->source;
        if (source < 0) {
            linear->layout = features(net, plan->per_unit);
        } else {
            const int inputs = net->layer[source].linear.layout.outputs;
            linear->layout = vector_of(inputs, plan->per_unit);
        }
        linear->layout.outputs = outputs[i];
        linear->relu = relu;
        if (noisy) {
            linear->noise =
                net->spec.params.noisy == RB_NOISY_FACTORISED ? RB_NOISE_FACTORISED : RB_NOISE_INDEPENDENT;
            linear->more = rb_net_draws(net) - 1;
        }
        rb_linear_take(linear, net->trains, plan);
    }
    stage.shared = count == 1 || net->layer[stage.first].source == net->layer[stage.first + 1].source;
    take_transposed(net, &stage, plan);
    net->stage[net->stages++] = stage;
}

void rb_build_scratch(rb_net *net, rb_plan *plan)
{
    if (net->trains) return;
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (rb_linear_scratch(linear) > net->scratch_units) net->scratch_units = rb_linear_scratch(linear);
    }
    if (net->scratch_units) net->scratch = rb_plan_units(plan, (size_t)plan->threads * net->scratch_units);
}

rb_status rb_build_linear(rb_net_builder *b, int i)
{
    const rb_layer_line *l = &b->list->line[i];
    rb_build_stage(b->net, (const char *const[]){"trunk"}, b->affine++, &l->outputs, 1, false,
                   b->list->noisy_linear && b->net->spec.params.noisy != RB_NOISY_OFF, b->plan);
    b->channels = l->outputs, b->height = b->width = 1;
    b->norms = 0;
    return RB_OK;
}

// The observation's vector joins what the nodes made: no node, but inputs of the next linear layer.
rb_status rb_build_append(rb_net_builder *b, int i, rb_error *error)
{
    if (!rb_net_vector(&b->net->spec))
        return rb_build_refuse(
            b, i, error, "the observation has no vector beside a picture, so there is nothing to append");
    if (b->net->linears)
        return rb_build_refuse(b, i, error,
                               "it must come before the first linear layer, which reads picture and vector");
    b->net->append_at = i + 1;
    return RB_OK;
}

// What may come where, of an observation with a vector.
rb_status rb_build_check_append(const rb_net_builder *b, int i, rb_error *error)
{
    const rb_net *net = b->net;
    const rb_word word = b->list->line[i].word;
    char reason[192];
    if (net->append_at && !net->linears && word != RB_WORD_LINEAR)
        return rb_build_refuse(b, i, error,
                               word == RB_WORD_APPEND
                                   ? "the vector is appended already; once is enough"
                                   : "it follows append, after which only linear can come; put it before "
                                     "append");
    if (!rb_net_vector(&net->spec) || net->append_at || b->list->trunk || word != RB_WORD_LINEAR)
        return RB_OK;
    snprintf(
        reason, sizeof reason,
        "the observation is a picture with a vector of %d numbers, which joins nowhere before it; put append "
        "before it",
        rb_net_vector(&net->spec));
    return rb_build_refuse(b, i, error, reason);
}

rb_status rb_build_check_appended(const rb_net_builder *b, rb_error *error)
{
    const int vector = rb_net_vector(&b->net->spec);
    if (!vector || b->net->append_at || b->list->trunk) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "net.layers: the observation is a picture with a vector of %d numbers, which joins "
                        "nowhere; end the list with append",
                        vector);
}

// Adds the embedding of fractions, with one column for each of the features, in their order.
void rb_build_embedding(rb_net *net, rb_plan *plan)
{
    const int before = net->stages ? net->stage[net->stages - 1].first : RB_SOURCE_NODES;
    rb_layout made = before < 0 ? features(net, plan->per_unit)
                                : vector_of(net->layer[before].linear.layout.outputs, plan->per_unit);
    rb_net_layer *layer = &net->layer[net->linears];
    memset(layer, 0, sizeof *layer);
    snprintf(layer->name, sizeof layer->name, "embedding.0");
    layer->source = RB_SOURCE_COSINES;
    layer->linear.layout = vector_of(net->spec.cosines, plan->per_unit);
    layer->linear.layout.outputs = made.channels;
    if (made.height * made.width > 1 || made.extra) {
        layer->linear.layout.outputs = rb_layout_inputs(&made);
        layer->linear.layout.out_channels = made.channels;
        layer->linear.layout.out_stride = made.stride;
        layer->linear.layout.out_pixels = made.height * made.width;
        layer->linear.layout.out_extra = made.extra;
    }
    layer->linear.relu = true;
    rb_linear_take(&layer->linear, net->trains, plan);
    net->features = before;
    net->embedding = net->linears++;
    net->stage[net->stages++] = (rb_net_stage){.first = net->embedding, .count = 1, .shared = true};
}

// Adds a normalisation after each layer of the hidden stage.
void rb_build_hidden_norms(rb_net *net, int first, int count, rb_plan *plan)
{
    const rb_norm_kind kind = net->spec.params.norm == RB_NET_NORM_BATCH ? RB_NORM_BATCH : RB_NORM_LAYER;
    const int linears = net->linears;
    if (net->spec.params.norm == RB_NET_NORM_NONE) return;
    for (int i = first; i < first + count; i++) {
        net->linears = i + 1; // so that it is added after this layer
        net->layer[i].linear.relu = false;
        rb_build_norm(net, kind, net->layer[i].name, 0, net->layer[i].linear.layout.outputs, 1, 1, false,
                      false, plan);
        net->norm[net->norms - 1].relu = true;
    }
    net->linears = linears;
}
