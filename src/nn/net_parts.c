// What a network is made of, part by part, for whoever writes it down in another form.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "nn/net_impl.h"

typedef struct walk {
    const rb_net *net;
    int want; // the part that is asked for
    int next; // number of the part that comes next
    rb_net_part *out;
} walk;

// Passes one part, and writes it down where it is the one meant. Returns its number.
static int put(walk *w, const rb_net_part *part)
{
    if (w->next == w->want) *w->out = *part;
    return w->next++;
}

static int put_relu(walk *w, const int shape[3], int source)
{
    rb_net_part part = {.kind = RB_PART_RELU, .source = source};
    memcpy(part.in, shape, sizeof part.in);
    memcpy(part.out, shape, sizeof part.out);
    return put(w, &part);
}

static int put_norms(walk *w, const rb_net_norms *norms, int source)
{
    for (int i = norms->first; i < norms->first + norms->count; i++) {
        const rb_norm *norm = &w->net->norm[i];
        rb_net_part part = {.kind = norm->kind == RB_NORM_BATCH ? RB_PART_BATCH_NORM : RB_PART_LAYER_NORM,
                            .source = source,
                            .in = {norm->channels, norm->height, norm->width},
                            .out = {norm->channels, norm->height, norm->width},
                            .epsilon = RB_NORM_EPSILON};
        snprintf(part.name, sizeof part.name, "%s", norm->name);
        if (rb_norm_has_tensors(norm)) source = put(w, &part);
        if (norm->relu) source = put_relu(w, part.out, source);
    }
    return source;
}

static int put_conv(walk *w, int i, int source)
{
    const rb_conv *conv = &w->net->conv[i];
    rb_net_part part = {
        .kind = RB_PART_CONV,
        .source = source,
        .in = {conv->layout.channels, conv->in_height - 2 * conv->pad, conv->in_width - 2 * conv->pad},
        .out = {conv->layout.outputs, conv->out_height, conv->out_width},
        .kernel = conv->layout.height,
        .stride = conv->step,
        .pad = conv->pad};
    snprintf(part.name, sizeof part.name, "trunk.%d", i);
    source = put(w, &part);
    if (conv->relu) source = put_relu(w, part.out, source);
    return put_norms(w, &w->net->conv_norms[i], source);
}

static int put_linear(walk *w, int i, int source)
{
    const rb_net_layer *layer = &w->net->layer[i];
    const rb_layout *layout = &layer->linear.layout;
    rb_net_part part = {.kind = RB_PART_LINEAR,
                        .source = source,
                        .in = {layout->channels, layout->height, layout->width},
                        .out = {layout->outputs, 1, 1},
                        .noisy = layer->linear.noise != RB_NOISE_NONE};
    if (layer->source < 0 && !w->net->nodes) // the observation as a vector
        part.in[0] = w->net->spec.planes, part.in[1] = w->net->spec.height, part.in[2] = w->net->spec.width;
    snprintf(part.name, sizeof part.name, "%s", layer->name);
    source = put(w, &part);
    if (layer->linear.relu) source = put_relu(w, part.out, source);
    return put_norms(w, &layer->norms, source);
}

// All parts in order; the last of each linear layer in `ends`. Returns how many there are.
static int all(const rb_net *net, int want, rb_net_part *out, int ends[RB_LINEARS_MAX])
{
    walk w = {.net = net, .want = want, .out = out};
    int trunk = put_norms(&w, &net->entry, -1);
    for (int i = 0; i < net->convs; i++) trunk = put_conv(&w, i, trunk);
    for (int i = 0; i < net->linears; i++) {
        const int source = net->layer[i].source;
        ends[i] = put_linear(&w, i, source < 0 ? trunk : ends[source]);
    }
    return w.next;
}

int rb_net_part_count(const rb_net *net)
{
    int ends[RB_LINEARS_MAX];
    return all(net, -1, NULL, ends);
}

void rb_net_part_info(const rb_net *net, int i, rb_net_part *out)
{
    int ends[RB_LINEARS_MAX];
    const int count = all(net, i, out, ends);
    assert(i >= 0 && i < count);
    (void)count;
}

int rb_net_part_output(const rb_net *net, int stream)
{
    int ends[RB_LINEARS_MAX];
    const rb_net_stage *last = &net->stage[net->stages - 1];
    all(net, -1, NULL, ends);
    return stream < last->count ? ends[last->first + stream] : -1;
}

const rb_net_spec *rb_net_spec_of(const rb_net *net)
{
    return &net->spec;
}

void rb_net_input_scale(const rb_net *net, float *scale, float *offset)
{
    const bool bytes = net->spec.bytes, centre = net->spec.params.centre;
    *scale = !bytes ? 1 : centre ? 2.0f / 255 : 1.0f / 255;
    *offset = bytes && centre ? -1 : 0;
}
