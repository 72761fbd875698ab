// The nodes of a trunk. A sample goes through them one after the other, from its bytes to the input of the
// linear layers.
#include <string.h>

#include "compute/moments.h"
#include "nn/net_chains.h"

// --- segments ---

static bool cuts(const rb_net *net, int n)
{
    return net->node[n].kind == RB_NODE_NORM && net->norm[net->node[n].index].kind == RB_NORM_BATCH;
}

int rb_net_segments(const rb_net *net)
{
    int segments = 1;
    for (int n = 0; n < net->nodes; n++) segments += cuts(net, n);
    return segments;
}

int rb_net_segment_at(const rb_net *net, int segment)
{
    int n = 0;
    if (segment == 0) return 0;
    for (; n < net->nodes; n++) {
        if (cuts(net, n) && --segment == 0) break;
    }
    return n;
}

// The row of a node's output for a sample; -1: the observation.
static int row_of(const rb_tape *tape, int n, int sample)
{
    const rb_net *net = tape->net;
    const int rows = n == net->nodes - 1                 ? tape->batch
                     : n < 0 || rb_net_node_kept(net, n) ? tape->rows
                                                         : tape->lanes;
    return rows == tape->batch ? sample : rb_pool_thread();
}
static rb_unit *node_sample(const rb_tape *tape, int n, int sample)
{
    return rb_rows_at(rb_tape_node(tape, n), row_of(tape, n, sample));
}

// --- the observation ---

// The factor of a sample's picture, after its bytes were scaled.
static float intensity_of(const rb_forward *pass, int sample)
{
    return pass->intensities ? pass->intensities[sample] : 1;
}

// Converts a planar picture of floats to [pixels][channels] in the kernels' format.
static void read_floats(const rb_net *net, const float *planar, int channels, float intensity, rb_unit *to)
{
    enum { SOME = 64 };
    const int planes = net->spec.planes, height = net->spec.height, width = net->spec.width,
              pixels = height * width;
    const int per_unit = net->kernels->per_unit, border = net->input_border;
    const ptrdiff_t line = (ptrdiff_t)(width + 2 * border) * channels;
    float some[SOME];
    for (int i = 0; i < pixels; i++) {
        const ptrdiff_t at = (border + i / width) * line + (ptrdiff_t)(border + i % width) * channels;
        for (int first = 0; first < channels; first += SOME) {
            const int count = channels - first < SOME ? channels - first : SOME;
            for (int c = 0; c < count; c++)
                some[c] = first + c < planes ? planar[(ptrdiff_t)(first + c) * pixels + i] * intensity : 0;
            net->kernels->round(to + (at + first) / per_unit, some, (size_t)count);
        }
    }
}

static const uint8_t *observation_of(const rb_forward *pass, int sample)
{
    return (const uint8_t *)pass->observations + (size_t)sample * rb_net_observation_bytes(&pass->net->spec);
}

// The bytes of one frame's picture, which its vector follows.
static size_t frame_picture(const rb_net_spec *spec)
{
    return rb_net_observation_bytes(spec) / (size_t)spec->frames - (size_t)spec->vector * sizeof(float);
}

// The planes of all frames, one after the other.
static const void *planes_of(const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &pass->net->spec;
    const uint8_t *from = observation_of(pass, sample);
    if (!spec->vector || spec->frames == 1) return from;
    const size_t picture = frame_picture(spec), frame = picture + (size_t)spec->vector * sizeof(float);
    uint8_t *to = (uint8_t *)rb_rows_at(pass->tape->gathered, rb_pool_thread());
    for (int f = 0; f < spec->frames; f++)
        memcpy(to + (size_t)f * picture, from + (size_t)f * frame, picture);
    return to;
}

// Number `i` of the vectors of all frames, which need not be aligned.
static float vector_at(const rb_net_spec *spec, const uint8_t *observation, int i)
{
    const size_t picture = frame_picture(spec), frame = picture + (size_t)spec->vector * sizeof(float);
    float number;
    memcpy(&number,
           observation + (size_t)(i / spec->vector) * frame + picture +
               (size_t)(i % spec->vector) * sizeof(float),
           sizeof number);
    return number;
}

// Writes `count` numbers in the kernels' format, with zeros behind them.
enum { SOME = 1024 };
static void write_some(const rb_net *net, float some[SOME + RB_PANEL], int count, rb_unit *to)
{
    const int per_unit = net->kernels->per_unit, whole = (count + per_unit - 1) / per_unit * per_unit;
    for (int i = count; i < whole; i++) some[i] = 0;
    net->kernels->round(to, some, (size_t)whole);
}

// The vector joins the last node's picture.
static void append_vector(const rb_net *net, const rb_forward *pass, int sample)
{
    const int numbers = rb_net_vector(&net->spec), per_unit = net->kernels->per_unit;
    const rb_layout *picture = &net->picture;
    const uint8_t *from = observation_of(pass, sample);
    rb_unit *to = node_sample(pass->tape, net->nodes - 1, sample) +
                  picture->height * picture->width * picture->stride / per_unit;
    float some[SOME + RB_PANEL];
    for (int at = 0; at < numbers; at += SOME) {
        const int count = numbers - at < SOME ? numbers - at : SOME;
        for (int i = 0; i < count; i++) some[i] = vector_at(&net->spec, from, at + i);
        write_some(net, some, count, to + at / per_unit);
    }
}

static void read_picture(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int pixels = spec->height * spec->width, channels = net->input_stride, border = net->input_border;
    const float intensity = intensity_of(pass, sample);
    const float scale = net->scale * intensity, offset = net->offset * intensity;
    rb_unit *to = node_sample(pass->tape, -1, sample);
    if (!spec->bytes) {
        read_floats(net, planes_of(pass, sample), channels, intensity, to);
        return;
    }
    const uint8_t *bytes = planes_of(pass, sample);
    if (!border) {
        net->kernels->picture(bytes, pixels, spec->planes, channels, pixels, scale, offset, to);
        return;
    }
    const int per_unit = net->kernels->per_unit;
    const ptrdiff_t pixel = channels / per_unit, line = (spec->width + 2 * border) * pixel;
    for (int y = 0; y < spec->height; y++)
        net->kernels->picture(bytes + (ptrdiff_t)y * spec->width, pixels, spec->planes, channels, spec->width,
                              scale, offset, to + (border + y) * line + border * pixel);
}

// A picture and a vector, for a net that begins with a linear layer: the planes of all frames, then their
// vectors.
static void read_both(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int picture = spec->planes * spec->height * spec->width, numbers = picture + rb_net_vector(spec);
    const int each = picture / spec->frames;
    const float intensity = intensity_of(pass, sample);
    const uint8_t *from = observation_of(pass, sample);
    const size_t frame = frame_picture(spec) + (size_t)spec->vector * sizeof(float);
    float some[SOME + RB_PANEL];
    for (int at = 0; at < numbers; at += SOME) {
        const int count = numbers - at < SOME ? numbers - at : SOME;
        for (int i = 0; i < count; i++) {
            const int n = at + i;
            const uint8_t *own = from + (size_t)(n / each) * frame;
            if (n >= picture)
                some[i] = vector_at(spec, from, n - picture);
            else if (spec->bytes)
                some[i] = intensity * (net->scale * (float)own[n % each] + net->offset);
            else
                memcpy(&some[i], own + (size_t)(n % each) * sizeof(float), sizeof(float)),
                    some[i] *= intensity;
        }
        write_some(net, some, count, rb_rows_at(pass->tape->input, sample) + at / net->kernels->per_unit);
    }
}

static void read_vector(const rb_net *net, const rb_forward *pass, int sample)
{
    const rb_net_spec *spec = &net->spec;
    const int numbers = spec->planes * spec->height * spec->width;
    if (spec->vector) {
        read_both(net, pass, sample);
        return;
    }
    const float intensity = intensity_of(pass, sample);
    float some[SOME];
    for (int at = 0; at < numbers; at += SOME) {
        const int count = numbers - at < SOME ? numbers - at : SOME, even = count + count % 2;
        const ptrdiff_t from = (ptrdiff_t)sample * numbers + at;
        some[even - 1] = 0;
        if (spec->bytes)
            rb_bytes_scale((const uint8_t *)pass->observations + from, net->scale * intensity,
                           net->offset * intensity, some, (size_t)count);
        else
            memcpy(some, (const float *)pass->observations + from, (size_t)count * sizeof(float));
        if (!spec->bytes && pass->intensities) rb_floats_scale(some, intensity, (size_t)count);
        net->kernels->round(rb_rows_at(pass->tape->input, sample) + at / net->kernels->per_unit, some,
                            (size_t)(net->kernels->per_unit == 1 ? count : even));
    }
}

// --- through the nodes ---

rb_norm_pass rb_tape_norm_pass(const rb_tape *tape, int n, int sample)
{
    const rb_net *net = tape->net;
    const int norm = net->node[n].index;
    return (rb_norm_pass){.norm = &net->norm[norm],
                          .tape = &tape->norm_of[norm],
                          .kernels = net->kernels,
                          .learns = tape->backward,
                          .sample = row_of(tape, n, sample),
                          .x = node_sample(tape, n - 1, sample)};
}

static int border_of(const rb_net *net, int n)
{
    const int i = net->node[n].index;
    switch (net->node[n].kind) {
    case RB_NODE_CONV:
        return net->conv[i].out_border;
    case RB_NODE_POOL:
        return net->pool[i].border;
    case RB_NODE_ADDITION:
        return net->addition[i].border;
    default:
        return net->norm[i].border;
    }
}

static rb_outputs outputs_of(const rb_tape *tape, int n, int relu, int sample)
{
    rb_outputs to = {.out = node_sample(tape, n, sample), .border = border_of(tape->net, n)};
    if (relu < 0) return to;
    to.positive = node_sample(tape, relu, sample), to.positive_border = border_of(tape->net, relu);
    return to;
}

// The pool's lines, as soon as the convolution's lines that they read are there. Those exist only as long as
// lines of the pool read them, so that they stay in the first-level cache.
static void conv_and_pool(const rb_tape *tape, const rb_net_chain *chain, int sample)
{
    const rb_net *net = tape->net;
    const rb_conv *conv = &net->conv[net->node[chain->first].index];
    const int pool_index = net->node[chain->pool].index, per_unit = net->kernels->per_unit;
    const rb_pool_layer *pool = &net->pool[pool_index];
    const rb_unit *in = node_sample(tape, chain->first - 1, sample);
    const size_t units = (size_t)(conv->out_width * conv->out_stride / per_unit);
    rb_outputs some = outputs_of(tape, chain->first, -1, sample);
    const rb_outputs to = outputs_of(tape, chain->pool, chain->relu, sample);
    const rb_rows where = tape->where[pool_index];
    uint8_t *places = where.data ? (uint8_t *)rb_rows_at(where, sample) : NULL;
    for (int line = 0, done = 0; line < pool->lines.count; line += RB_POOL_LINES) {
        const int left = pool->lines.count - line, lines = left < RB_POOL_LINES ? left : RB_POOL_LINES;
        const int from = rb_window_from(&pool->lines, line),
                  need = rb_window_to(&pool->lines, line + lines - 1);
        if (done > from)
            memmove(some.out, some.out + (size_t)(from - some.from) * units,
                    (size_t)(done - from) * units * sizeof *some.out);
        else
            done = from;
        some.from = from;
        if (need > done) rb_conv_forward(conv, net->kernels, in, &some, NULL, done, need - done);
        done = need > done ? need : done;
        rb_pool_forward(pool, net->kernels, some.out, from, &to, places, conv->relu, line, lines);
    }
}

static void chain_forward(const rb_tape *tape, const rb_net_chain *chain, int sample)
{
    const rb_net *net = tape->net;
    const rb_net_node *node = &net->node[chain->first];
    const rb_unit *in = node_sample(tape, chain->first - 1, sample);
    if (chain->pool >= 0) {
        conv_and_pool(tape, chain, sample);
    } else if (node->kind == RB_NODE_NORM) {
        const rb_norm_pass norm = rb_tape_norm_pass(tape, chain->first, sample);
        rb_norm_forward(&norm);
    } else if (node->kind == RB_NODE_POOL) {
        const rb_outputs to = outputs_of(tape, chain->first, chain->relu, sample);
        const rb_pool_layer *pool = &net->pool[node->index];
        rb_pool_forward(pool, net->kernels, in, 0, &to, NULL, false, 0, pool->lines.count);
    } else {
        const bool ends = chain->addition >= 0;
        const rb_conv *conv = &net->conv[node->index];
        const rb_outputs to = outputs_of(tape, ends ? chain->addition : chain->first, chain->relu, sample);
        const rb_unit *by = ends ? node_sample(tape, net->node[chain->addition].block - 1, sample) : NULL;
        rb_conv_forward(conv, net->kernels, in, &to, by, 0, conv->out_height);
    }
}

void rb_net_trunk_sample(const rb_forward *pass, int sample, int segment)
{
    const rb_net *net = pass->net;
    const rb_tape *tape = pass->tape;
    if (!net->nodes) {
        read_vector(net, pass, sample);
        return;
    }
    const bool cut = tape->backward;
    const int end = cut ? rb_net_segment_at(net, segment + 1) : net->nodes;
    if (segment == 0) read_picture(net, pass, sample);
    for (int n = rb_net_segment_at(net, segment); n < end;) {
        const rb_net_chain chain = rb_net_chain_at(net, n);
        chain_forward(tape, &chain, sample);
        n = chain.last + 1;
    }
    if (end == net->nodes) {
        append_vector(net, pass, sample);
        return;
    }
    const rb_norm_pass next = rb_tape_norm_pass(tape, end, sample);
    rb_norm_gather(&next);
}

void rb_net_trunk_join(const rb_tape *tape, int segment)
{
    const rb_net *net = tape->net;
    const int n = rb_net_segment_at(net, segment + 1);
    if (n == net->nodes) return;
    const rb_norm *norm = &net->norm[net->node[n].index];
    const rb_norm_tape *out = &tape->norm_of[net->node[n].index];
    rb_moments_of_batch(out->parts, tape->count, rb_norm_pixels(norm), norm->columns, norm->channels,
                        norm->epsilon,
                        &(rb_moments){.mean = out->mean, .rstd = out->rstd, .variance = out->variance});
}

double rb_net_node_work(const rb_net *net, int n)
{
    const rb_net_node *node = &net->node[n];
    switch (node->kind) {
    case RB_NODE_CONV:
        return rb_conv_work(&net->conv[node->index]);
    case RB_NODE_POOL:
        return rb_pool_work(&net->pool[node->index]);
    case RB_NODE_ADDITION:
        return (double)rb_addition_padded(&net->addition[node->index]);
    default:
        return (double)rb_norm_line(&net->norm[node->index]);
    }
}

double rb_net_trunk_work(const rb_net *net, bool learns, int segment)
{
    double work = 0;
    const int end = learns ? rb_net_segment_at(net, segment + 1) : net->nodes;
    for (int n = rb_net_segment_at(net, segment); n < end; n++) work += rb_net_node_work(net, n);
    return work;
}

rb_norm_rows rb_tape_norm_rows(const rb_tape *tape, int layer, int number)
{
    const rb_net *net = tape->net;
    const rb_net_norms *norms = &net->layer[layer].norms;
    const int at = norms->first + number;
    rb_norm_rows rows = {.norm = &net->norm[at],
                         .tape = &tape->norm_of[at],
                         .kernels = net->kernels,
                         .learns = tape->backward,
                         .count = rb_tape_rows(tape, layer),
                         .x = number ? tape->norm_of[at - 1].out : tape->linear[layer]};
    if (!tape->backward) return rows;
    rows.gradient = tape->linear_gradient[layer];
    rows.gamma_gradient = rb_tape_norm_gradient(tape, at);
    rows.beta_gradient = rows.gamma_gradient + rb_norm_line(rows.norm);
    return rows;
}
