#include "nn/net_layers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { LINEARS_LISTED = 12 };
enum { CONVS_LISTED = 32, RESIDUALS_LISTED = 12, POOLS_LISTED = 12 };

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

// The residual network of IMPALA (Espeholt et al. 2018, figure 3, the large one) with its channels times
// net.width; Impoola (Trumpp et al. 2025) takes the mean of each channel in place of the picture.
static void make_impala(rb_layer_list *list, const rb_net_spec *spec)
{
    static const int channels[] = {16, 32, 32};
    const bool means = spec->params.trunk == RB_TRUNK_IMPOOLA;
    list->trunk = means ? "impoola" : "impala";
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        list->line[list->count++] = (rb_layer_line){.word = RB_WORD_CONV,
                                                    .outputs = channels[i] * (int)spec->params.width,
                                                    .kernel = 3,
                                                    .stride = 1,
                                                    .pad = 1};
        list->line[list->count++] =
            (rb_layer_line){.word = RB_WORD_MAX_POOL, .kernel = 3, .stride = 2, .pad = 1};
        list->line[list->count++].word = RB_WORD_RESIDUAL;
        list->line[list->count++].word = RB_WORD_RESIDUAL;
    }
    list->line[list->count++].word = RB_WORD_RELU;
    if (means) list->line[list->count++].word = RB_WORD_GLOBAL_POOL;
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

typedef enum size { OUTPUTS, KERNEL, STRIDE, PADDING, SIDE, WIDTH } size; // what a number of a layer means

static const struct {
    const char *what;
    int least, most;
} sizes[] = {
    [OUTPUTS] = {"outputs", 1, 4096},   [KERNEL] = {"the kernel", 1, 255}, [STRIDE] = {"the stride", 1, 255},
    [PADDING] = {"the padding", 0, 64}, [SIDE] = {"the size", 1, 32},      [WIDTH] = {"outputs", 1, 65536}};

static const struct {
    const char *name, *other, *third; // accepted names; those after the first in lower case without _
    int least, most;                  // count of numbers after the name
    size number[4];
    const char *form;
} words[] = {
    [RB_WORD_CONV] = {"conv",
                      "conv2d",
                      "",
                      3,
                      4,
                      {OUTPUTS, KERNEL, STRIDE, PADDING},
                      "conv OUTPUTS KERNEL STRIDE [PADDING], such as conv 32 8 4"},
    [RB_WORD_LINEAR] = {"linear", "", "", 1, 1, {WIDTH}, "linear OUTPUTS, such as linear 512"},
    [RB_WORD_RELU] = {"relu", "", "", 0, 0, {0}, "relu, without numbers"},
    [RB_WORD_BATCH_NORM] =
        {"batch_norm", "batchnorm2d", "batchnorm1d", 0, 0, {0}, "batch_norm, without numbers"},
    [RB_WORD_LAYER_NORM] = {"layer_norm", "layernorm", "", 0, 0, {0}, "layer_norm, without numbers"},
    [RB_WORD_RESIDUAL] = {"residual", "residualblock", "", 0, 0, {0}, "residual, without numbers"},
    [RB_WORD_MAX_POOL] = {"max_pool",
                          "maxpool2d",
                          "",
                          1,
                          3,
                          {KERNEL, STRIDE, PADDING},
                          "max_pool KERNEL [STRIDE [PADDING]], such as max_pool 3 2 1"},
    [RB_WORD_ADAPTIVE_MAX] = {"adaptive_max_pool",
                              "adaptivemaxpool2d",
                              "",
                              1,
                              1,
                              {SIDE},
                              "adaptive_max_pool SIZE, such as adaptive_max_pool 6"},
    [RB_WORD_ADAPTIVE_MEAN] = {"adaptive_average_pool",
                               "adaptiveavgpool2d",
                               "adaptiveavgpool",
                               1,
                               1,
                               {SIDE},
                               "adaptive_average_pool SIZE, such as adaptive_average_pool 6"},
    [RB_WORD_GLOBAL_POOL] = {"global_average_pool",
                             "globalavgpool",
                             "globalaveragepool2d",
                             0,
                             0,
                             {0},
                             "global_average_pool, without numbers"},
    [RB_WORD_SPECTRAL] = {"spectral_norm", "", "", 0, 0, {0}, "spectral_norm, without numbers"},
    [RB_WORD_CHANNEL_NORM] = {"channel_norm", "", "", 0, 0, {0}, "channel_norm, without numbers"},
    [RB_WORD_APPEND] = {"append", "", "", 0, 0, {0}, "append, without numbers"},
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
    const bool sized = l->word == RB_WORD_ADAPTIVE_MAX || l->word == RB_WORD_ADAPTIVE_MEAN;
    if (l->word == RB_WORD_LINEAR) snprintf(numbers, sizeof numbers, " %d", l->outputs);
    if (l->word == RB_WORD_CONV)
        snprintf(numbers, sizeof numbers, l->pad ? " %d %d %d %d" : " %d %d %d", l->outputs, l->kernel,
                 l->stride, l->pad);
    if (l->word == RB_WORD_MAX_POOL)
        snprintf(numbers, sizeof numbers, l->pad ? " %d %d %d" : " %d %d", l->kernel, l->stride, l->pad);
    if (sized) snprintf(numbers, sizeof numbers, " %d", l->kernel);
    snprintf(text, bytes, "layer %d, %s%s", i + 1, words[l->word].name, numbers);
    return text;
}

typedef struct listed { // a layer while it is being read
    int word, count;
    int number[4];
    char text[64]; // as written
} listed;

// How many layers of a kind a list has: convolutions with those of the residual blocks.
static int count_of(const rb_layer_list *list, int word)
{
    int count = 0;
    for (int i = 0; i < list->count; i++) {
        const int own = (int)list->line[i].word;
        const bool pools = word >= RB_WORD_MAX_POOL && own >= RB_WORD_MAX_POOL;
        count += own == word || pools;
        if (word == RB_WORD_CONV && own == RB_WORD_RESIDUAL) count += 2;
    }
    return count;
}

static rb_status too_many(const rb_layer_list *list, const listed *l, rb_error *error)
{
    static const struct {
        int word, most;
        const char *what;
    } limits[] = {{RB_WORD_CONV, CONVS_LISTED, "convolutions (a residual block has two)"},
                  {RB_WORD_LINEAR, LINEARS_LISTED, "linear layers"},
                  {RB_WORD_RESIDUAL, RESIDUALS_LISTED, "residual blocks"},
                  {RB_WORD_MAX_POOL, POOLS_LISTED, "pools"}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const int more =
            l->word == limits[i].word || (limits[i].word == RB_WORD_MAX_POOL && l->word > RB_WORD_MAX_POOL)
                ? 1
            : limits[i].word == RB_WORD_CONV && l->word == RB_WORD_RESIDUAL ? 2
                                                                            : 0;
        if (more && count_of(list, limits[i].word) + more > limits[i].most)
            return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: at most %d %s",
                                list->count + 1, l->text, limits[i].most, limits[i].what);
    }
    return RB_OK;
}

static rb_status finish_spectral(rb_layer_list *list, rb_error *error)
{
    rb_layer_line *last = list->count ? &list->line[list->count - 1] : NULL;
    if (!last || (last->word != RB_WORD_CONV && last->word != RB_WORD_RESIDUAL))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.layers: spectral_norm follows %s: it must follow a conv or a residual, whose "
            "convolutions it normalises",
            last ? words[last->word].name : "nothing");
    last->spectral = true;
    return RB_OK;
}

static rb_status check_numbers(const listed *l, int at, rb_error *error)
{
    if (l->count < words[l->word].least || l->count > words[l->word].most)
        return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: must be %s", at, l->text,
                            words[l->word].form);
    for (int i = 0; i < l->count; i++) {
        const size kind = words[l->word].number[i];
        if (l->number[i] < sizes[kind].least || l->number[i] > sizes[kind].most)
            return rb_error_set(error, RB_ERR_USAGE, "net.layers: layer %d, %s: %s must be from %d to %d", at,
                                l->text, sizes[kind].what, sizes[kind].least, sizes[kind].most);
    }
    if (l->word == RB_WORD_MAX_POOL && l->count == 3 && 2 * l->number[2] > l->number[0])
        return rb_error_set(error, RB_ERR_USAGE,
                            "net.layers: layer %d, %s: the padding must be at most half of the kernel", at,
                            l->text);
    return RB_OK;
}

static rb_status finish_line(rb_layer_list *list, const listed *l, rb_error *error)
{
    if (l->word < 0) return RB_OK;
    rb_status status = check_numbers(l, list->count + 1, error);
    if (!status && l->word == RB_WORD_SPECTRAL) return finish_spectral(list, error);
    if (!status && list->count == RB_LAYERS_MAX)
        status = rb_error_set(error, RB_ERR_USAGE, "net.layers: at most %d layers", RB_LAYERS_MAX);
    if (!status) status = too_many(list, l, error);
    if (status) return status;
    rb_layer_line line = {.word = (rb_word)l->word};
    for (int i = 0; i < l->count; i++) {
        const size kind = words[l->word].number[i];
        int *to = kind == OUTPUTS || kind == WIDTH ? &line.outputs
                  : kind == STRIDE                 ? &line.stride
                  : kind == PADDING                ? &line.pad
                                                   : &line.kernel;
        *to = l->number[i];
    }
    if (l->word == RB_WORD_MAX_POOL && l->count == 1) line.stride = line.kernel; // as in PyTorch
    list->line[list->count++] = line;
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
        return rb_error_set(error, RB_ERR_USAGE,
                            "net.layers: layer %d, '%s': there is no such layer%s%s%s; known are conv, "
                            "residual, spectral_norm, "
                            "max_pool, adaptive_max_pool, adaptive_average_pool, global_average_pool, "
                            "linear, append, relu, batch_norm, layer_norm and "
                            "channel_norm",
                            list->count + 1, token, near ? " (did you mean " : "", near ? near : "",
                            near ? "?)" : "");
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
    for (int i = 0; i < list->count; i++)
        list->noisy_linear |= list->line[i].word == RB_WORD_CONV || list->line[i].word == RB_WORD_RESIDUAL;
    return status;
}

rb_status rb_layer_list_make(rb_layer_list *out, const rb_net_spec *spec, rb_error *error)
{
    *out = (rb_layer_list){0};
    if (*spec->params.layers) return make_listed(out, spec->params.layers, error);
    if (spec->params.trunk == RB_TRUNK_IMPALA || spec->params.trunk == RB_TRUNK_IMPOOLA) {
        make_impala(out, spec);
        return RB_OK;
    }
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
