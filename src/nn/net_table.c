// A network as a table for a person: one row per layer with parameters, in the order of a forward pass.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "nn/net_impl.h"

typedef struct table {
    char *out;
    size_t bytes, used;
} table;

static void add(table *t, const char *name, const char *kind, const char *output, const char *weights,
                int64_t parameters)
{
    char count[32] = "";
    rb_text_thousands(count, sizeof count, parameters);
    if (t->used >= t->bytes) return;
    t->used += (size_t)snprintf(t->out + t->used, t->bytes - t->used, "\n  %-16s %-23s %-12s %-16s %12s",
                                name, kind, output, weights, count);
}

static void add_norm(table *t, const rb_norm *norm)
{
    char output[48];
    if (norm->kind == RB_NORM_NONE) return; // a ReLU alone
    if (norm->picture)
        snprintf(output, sizeof output, "%dx%dx%d", norm->channels, norm->height, norm->width);
    else
        snprintf(output, sizeof output, "%d", norm->channels);
    add(t, norm->name,
        norm->kind == RB_NORM_BATCH ? "batch norm"
        : norm->by_pixel            ? "channel norm"
                                    : "layer norm",
        output, "", 2 * (int64_t)rb_norm_line(norm));
}

static void add_conv(table *t, const rb_net *net, int i)
{
    const rb_conv *conv = &net->conv[i];
    const rb_layout *l = &conv->layout;
    char name[32], kind[64], output[48], weights[48];
    snprintf(name, sizeof name, "trunk.%d", i);
    snprintf(kind, sizeof kind, "%sconv, stride %d", conv->spectral ? "spectral " : "", conv->step);
    snprintf(output, sizeof output, "%dx%dx%d", l->outputs, conv->out_height, conv->out_width);
    snprintf(weights, sizeof weights, "%dx%dx%dx%d", l->outputs, l->channels, l->height, l->width);
    add(t, name, kind, output, weights, (int64_t)rb_layout_count(l) + l->outputs);
}

static void add_pool(table *t, const rb_pool_layer *p)
{
    char kind[64], output[48];
    if (p->lines.adaptive)
        snprintf(kind, sizeof kind, "%s, adaptive", p->mean ? "average pool" : "max pool");
    else
        snprintf(kind, sizeof kind, "max pool %d, stride %d", p->lines.kernel, p->lines.step);
    snprintf(output, sizeof output, "%dx%dx%d", p->channels, p->lines.count, p->pixels.count);
    add(t, "", kind, output, "", 0);
}

static void add_addition(table *t, const rb_net *net, const rb_net_node *node)
{
    const rb_addition *a = &net->addition[node->index];
    char output[48];
    snprintf(output, sizeof output, "%dx%dx%d", net->conv[net->node[node->block + 1].index].layout.outputs,
             a->height, a->width);
    add(t, "", "+ block's input", output, "", 0);
}

static void add_node(table *t, const rb_net *net, const rb_net_node *node)
{
    switch (node->kind) {
    case RB_NODE_CONV:
        add_conv(t, net, node->index);
        break;
    case RB_NODE_POOL:
        add_pool(t, &net->pool[node->index]);
        break;
    case RB_NODE_ADDITION:
        add_addition(t, net, node);
        break;
    case RB_NODE_NORM:
        add_norm(t, &net->norm[node->index]);
        break;
    }
}

static void add_linear(table *t, const rb_net_layer *layer)
{
    const rb_linear *linear = &layer->linear;
    const rb_layout *l = &linear->layout;
    const int biases = linear->tied ? linear->tied : rb_layout_outputs(l);
    char output[24], weights[48];
    const int outputs = rb_layout_outputs(l);
    const bool embeds = layer->source == RB_SOURCE_COSINES;
    snprintf(output, sizeof output, "%d", outputs);
    snprintf(weights, sizeof weights, "%dx%d", outputs, rb_layout_width(l));
    add(t, layer->name,
        embeds          ? "embedding"
        : linear->noise ? "noisy linear"
                        : "linear",
        output, weights, ((int64_t)rb_layout_count(l) + biases) * (linear->noise ? 2 : 1));
}

void rb_net_table(const rb_net *net, char *out, size_t bytes)
{
    const rb_net_spec *spec = &net->spec;
    table t = {.out = out, .bytes = bytes};
    char input[48];
    snprintf(input, sizeof input, "%dx%dx%d", spec->planes, spec->height, spec->width);
    if (spec->height == 1 && spec->width == 1) snprintf(input, sizeof input, "%d", spec->planes);
    t.used = (size_t)snprintf(out, bytes, "  %-16s %-23s %-12s %-16s %12s", "layer", "kind", "output",
                              "weights", "parameters");
    if (t.used < bytes)
        t.used += (size_t)snprintf(out + t.used, bytes - t.used, "\n  %-16s %-23s %s", "input",
                                   spec->bytes        ? "bytes"
                                   : spec->normalised ? "normalised floats"
                                                      : "floats",
                                   input);
    for (int n = 0; n < net->nodes; n++) add_node(&t, net, &net->node[n]);
    if (spec->vector) {
        const rb_layout *l = &net->layer[0].linear.layout;
        snprintf(input, sizeof input, "%d", net->embedding == 0 ? rb_layout_outputs(l) : rb_layout_width(l));
        add(&t, "", "append vector", input, "", 0);
    }
    for (int i = 0; i < net->linears; i++) {
        const rb_net_norms *norms = &net->layer[i].norms;
        add_linear(&t, &net->layer[i]);
        for (int norm = 0; norm < norms->count; norm++) add_norm(&t, &net->norm[norms->first + norm]);
    }
    add(&t, "all", "", "", "", rb_net_parameters(net));
}
