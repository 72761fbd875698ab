#include "nn/net_layers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { LINEARS_LISTED = 12 };
enum { CONVS_LISTED = 12 };

// --- names ---

typedef struct rb_trunk {
    const char *name;
    int layers;
    struct {
        int outputs, window, step;
    } layer[3];
} rb_trunk;

static const rb_trunk trunk_nature = {"nature", 3, {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}}}; // Mnih et al. 2015
static const rb_trunk trunk_nature_small = {"nature", 3, {{32, 4, 2}, {64, 4, 2}, {64, 3, 1}}};
static const rb_trunk trunk_nips = {"nips", 2, {{16, 8, 4}, {32, 4, 2}}}; // Mnih et al. 2013
static const rb_trunk trunk_der = {"der", 2, {{32, 5, 5}, {64, 5, 5}}};   // van Hasselt et al. 2019
static const rb_trunk trunk_minatar = {"minatar", 1, {{16, 3, 1}}};       // Young and Tian 2019

enum { NATURE_LEAST = 18 }; // pixels that trunk_nature_small needs

static const rb_trunk *trunk_of(const rb_net_spec *spec)
{
    const bool picture = spec->height > 1 || spec->width > 1;
    switch (spec->params.trunk) {
    case RB_TRUNK_NIPS:
        return &trunk_nips;
    case RB_TRUNK_DER:
        return &trunk_der;
    case RB_TRUNK_MINATAR:
        return &trunk_minatar;
    case RB_TRUNK_MLP:
        return NULL;
    case RB_TRUNK_AUTO:
        if (!picture) return NULL;
        if (spec->height < NATURE_LEAST || spec->width < NATURE_LEAST) return &trunk_minatar;
        break;
    default:
        break;
    }
    return spec->height <= 42 && spec->width <= 42 ? &trunk_nature_small : &trunk_nature;
}

// Adds a layer of a named trunk, then its normalisation, then its ReLU.
static void add_with_relu(rb_layer_list *list, const rb_net_spec *spec, rb_layer_line line)
{
    static const rb_word norms[] = {[RB_NET_NORM_BATCH] = RB_WORD_BATCH_NORM,
                                    [RB_NET_NORM_LAYER] = RB_WORD_LAYER_NORM,
                                    [RB_NET_NORM_CHANNEL] = RB_WORD_CHANNEL_NORM};
    const int32_t norm = spec->params.norm;
    list->line[list->count++] = line;
    if (norm != RB_NET_NORM_NONE) list->line[list->count++].word = norms[norm];
    list->line[list->count++].word = RB_WORD_RELU;
}

static rb_status make_mlp(rb_layer_list *list, const rb_net_spec *spec, rb_error *error)
{
    char text[RB_TEXT_MAX];
    rb_text_copy(text, sizeof text, spec->params.mlp);
    list->trunk = "mlp";
    int layers = 0;
    for (char *at = text; *at;) {
        char *end = at + strcspn(at, "-");
        const bool more = *end == '-';
        *end = 0;
        rb_text_trim(at);
        int64_t width;
        if (!rb_text_i64(at, &width) || width < 1 || width > 65536 || (more && !end[1])) {
            return rb_error_set(
                error, RB_ERR_USAGE,
                "net.mlp = %s: must be widths from 1 to 65536 with - between them, such as 256-256",
                spec->params.mlp);
        }
        if (layers++ == LINEARS_LISTED) {
            return rb_error_set(error, RB_ERR_USAGE, "net.mlp = %s: at most %d layers", spec->params.mlp,
                                LINEARS_LISTED);
        }
        add_with_relu(list, spec, (rb_layer_line){.word = RB_WORD_LINEAR, .outputs = (int)width});
        at = end + more;
    }
    return RB_OK;
}

// --- lists ---

static const struct {
    const char *name, *other, *third; // accepted names, in lower case without _
    int least, most;                  // count of numbers after the name
    const char *form;
} words[] = {
    [RB_WORD_CONV] = {"conv", "conv2d", "", 3, 4,
                      "conv OUTPUTS KERNEL STRIDE [PADDING], such as conv 32 8 4"},
    [RB_WORD_LINEAR] = {"linear", "", "", 1, 1, "linear OUTPUTS, such as linear 512"},
    [RB_WORD_RELU] = {"relu", "", "", 0, 0, "relu, without numbers"},
    [RB_WORD_BATCH_NORM] = {"batch_norm", "batchnorm2d", "batchnorm1d", 0, 0, "batch_norm, without numbers"},
    [RB_WORD_LAYER_NORM] = {"layer_norm", "layernorm", "", 0, 0, "layer_norm, without numbers"},
    [RB_WORD_CHANNEL_NORM] = {"channel_norm", "", "", 0, 0, "channel_norm, without numbers"},
};
enum { WORDS = sizeof words / sizeof *words };

static int word_named(const char *name)
{
    char small[32] = "";
    size_t used = 0;
    for (const char *at = name; *at; at++) {
        if (*at != '_' && used + 1 < sizeof small) small[used++] = (char)tolower((unsigned char)*at);
    }
    for (int w = 0; w < WORDS; w++) {
        char own[32] = "";
        used = 0;
        for (const char *at = words[w].name; *at; at++) {
            if (*at != '_') own[used++] = *at;
        }
        if (!strcmp(small, own) || !strcmp(small, words[w].other) || !strcmp(small, words[w].third)) return w;
    }
    return -1;
}

const char *rb_layer_list_name(const rb_layer_list *list, int i, char *text, size_t bytes)
{
    const rb_layer_line *l = &list->line[i];
    char numbers[64] = "";
    if (l->word == RB_WORD_LINEAR) snprintf(numbers, sizeof numbers, " %d", l->outputs);
    if (l->word == RB_WORD_CONV)
        snprintf(numbers, sizeof numbers, l->pad ? " %d %d %d %d" : " %d %d %d", l->outputs, l->kernel,
                 l->stride, l->pad);
    snprintf(text, bytes, "layer %d, %s%s", i + 1, words[l->word].name, numbers);
    return text;
}

typedef struct listed { // a layer while it is being read
    int word, count;
    int number[4];
    char text[64]; // as written
} listed;

static rb_status finish_line(rb_layer_list *list, const listed *l, rb_error *error)
{
    static const struct {
        const char *what;
        int least, most;
    } limits[] = {
        {"outputs", 1, 4096}, {"the kernel", 1, 255}, {"the stride", 1, 255}, {"the padding", 0, 64}};
    const int at = list->count + 1;
    if (l->word < 0) return RB_OK;
    if (l->count < words[l->word].least || l->count > words[l->word].most)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: must be %s", at, l->text,
                            words[l->word].form);
    for (int i = 0; i < l->count; i++) {
        const int most = l->word == RB_WORD_LINEAR ? 65536 : limits[i].most;
        if (l->number[i] < limits[i].least || l->number[i] > most)
            return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: %s must be from %d to %d", at,
                                l->text, limits[i].what, limits[i].least, most);
    }
    if (list->count == RB_LAYERS_MAX)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: at most %d layers", RB_LAYERS_MAX);
    int of_kind = 0;
    for (int i = 0; i < list->count; i++) of_kind += (int)list->line[i].word == l->word;
    if (of_kind == (l->word == RB_WORD_CONV ? CONVS_LISTED : LINEARS_LISTED) && l->word <= RB_WORD_LINEAR)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: at most %d %s", at, l->text,
                            of_kind, l->word == RB_WORD_CONV ? "convolutions" : "linear layers");
    list->line[list->count++] = (rb_layer_line){.word = (rb_word)l->word,
                                                .outputs = l->number[0],
                                                .kernel = l->number[1],
                                                .stride = l->number[2],
                                                .pad = l->number[3]};
    return RB_OK;
}

static rb_status add_number(const rb_layer_list *list, listed *l, const char *token, rb_error *error)
{
    int64_t value;
    const bool fine = rb_text_i64(token, &value) && value >= 0 && value <= 1000000;
    if (l->word < 0)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: '%s' comes before the first layer's name",
                            token);
    const size_t used = strlen(l->text);
    snprintf(l->text + used, sizeof l->text - used, " %s", token);
    if (!fine)
        return rb_error_set(error, RB_ERR_USAGE,
                            "net.layers: layer %d, %s: '%s' is not a valid number; the layer must be %s",
                            list->count + 1, l->text, token, words[l->word].form);
    if (l->count == 4)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: must be %s", list->count + 1,
                            l->text, words[l->word].form);
    l->number[l->count++] = (int)value;
    return RB_OK;
}

static rb_status begin_line(const rb_layer_list *list, listed *l, const char *token, rb_error *error)
{
    *l = (listed){.word = word_named(token)};
    if (l->word < 0) {
        const char *names[WORDS];
        for (int w = 0; w < WORDS; w++) names[w] = words[w].name;
        const char *near = rb_text_nearest(token, names, WORDS);
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.layers: layer %d, '%s': there is no such layer%s%s%s; known are conv, linear, relu, "
            "batch_norm and layer_norm",
            list->count + 1, token, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    }
    rb_text_copy(l->text, sizeof l->text, words[l->word].name);
    return RB_OK;
}

static rb_status make_listed(rb_layer_list *list, const char *layers, rb_error *error)
{
    char text[RB_TEXT_MAX];
    rb_text_copy(text, sizeof text, layers);
    listed l = {.word = -1};
    rb_status status = RB_OK;
    char *rest = text, *token;
    while (!status && (token = strtok_r(rest, " \t,;()[]", &rest))) {
        if (isalpha((unsigned char)*token) || *token == '_') {
            status = finish_line(list, &l, error);
            if (!status) status = begin_line(list, &l, token, error);
        } else {
            status = add_number(list, &l, token, error);
        }
    }
    if (!status) status = finish_line(list, &l, error);
    if (!status && !list->count) {
        status = rb_error_set(error, RB_ERR_USAGE,
                              "net.layers = %s: has no layer; an example is conv 32 8 4, relu, linear 512",
                              layers);
    }
    for (int i = 0; i < list->count; i++) list->noisy_linear |= list->line[i].word == RB_WORD_CONV;
    return status;
}

rb_status rb_layer_list_make(rb_layer_list *out, const rb_net_spec *spec, rb_error *error)
{
    *out = (rb_layer_list){0};
    if (*spec->params.layers) return make_listed(out, spec->params.layers, error);
    const rb_trunk *trunk = trunk_of(spec);
    if (!trunk) return make_mlp(out, spec, error);
    out->trunk = trunk->name;
    for (int i = 0; i < trunk->layers; i++)
        add_with_relu(out, spec,
                      (rb_layer_line){.word = RB_WORD_CONV,
                                      .outputs = trunk->layer[i].outputs,
                                      .kernel = trunk->layer[i].window,
                                      .stride = trunk->layer[i].step});
    return RB_OK;
}
