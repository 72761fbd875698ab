#include "rollout/weight_settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "nn/net_layers.h"

// What decides the network and its meaning, in the order in which options are printed. The values that atoms
// stand for matter only with atoms.
static const char *const keys[] = {
    "net.trunk",         "net.width",  "net.mlp",         "net.layers",       "net.norm",
    "net.unscaled",      "net.centre", "net.hidden",      "net.relu_outputs", "net.shared_bias",
    "net.dueling",       "net.noisy",  "net.cosines",     "env.normalise",    "env.normalise_clip",
    "agent.categorical", "agent.head", "agent.quantiles", "agent.atoms",      "agent.v_min",
    "agent.v_max"};
enum { KEYS = sizeof keys / sizeof *keys, OF_ATOMS = 3 }; // the last ones

// ---- what a file of ours says

// The value of `key` in a checkpoint's settings, lines of "key = value", or in an exported file's metadata.
static bool noted(const rb_safetensors *file, const char *key, char *out, size_t bytes)
{
    const size_t length = strlen(key);
    const char *line = rb_safetensors_note_find(file, "settings");
    const char *value = rb_safetensors_note_find(file, key);
    for (; line && *line && !value; line += strcspn(line, "\n"), line += *line == '\n')
        if (!strncmp(line, key, length) && rb_text_starts(line + length, " = ")) value = line + length + 3;
    if (value) snprintf(out, bytes, "%.*s", (int)strcspn(value, "\n"), value);
    return value;
}

// Values that this version does not know are left out.
static bool set_noted(rb_config *theirs, const rb_safetensors *file)
{
    char value[RB_CONFIG_VALUE_MAX];
    bool any = false;
    rb_config_set(theirs, "agent.head", "auto", NULL, NULL); // the only one before it had a name
    // Files of a program that did not have the parameter name neither it nor statistics.
    rb_config_set(theirs, "env.normalise", rb_safetensors_find(file, "normalise.mean") < 0 ? "false" : "true",
                  NULL, NULL);
    for (int k = 0; k < KEYS; k++)
        if (noted(file, keys[k], value, sizeof value))
            any = !rb_config_set(theirs, keys[k], value, NULL, NULL) || any;
    return any;
}

// ---- what shapes show

typedef struct reader {
    rb_config *theirs;
    const rb_safetensors *file;
    const rb_weight_names *names;
} reader;

static void set(const reader *r, const char *key, const char *value)
{
    rb_config_set(r->theirs, key, value, NULL, NULL);
}

static const rb_safetensor *weight_of(const reader *r, rb_weight_part part, int rank)
{
    const rb_weight_layer *layer = rb_weight_names_layer(r->names, part, rank);
    return layer && layer->at[0] >= 0 ? rb_safetensors_get(r->file, layer->at[0]) : NULL;
}

static bool is_conv(const rb_safetensor *weight)
{
    return weight && weight->dims == 4;
}

// Kernels of the trunks that have a name. Strides are not in a file, but follow from a known trunk.
static const struct {
    const char *name;
    int convs, outputs[3], kernel[3];
} trunks[] = {{"nature", 3, {32, 64, 64}, {8, 4, 3}},
              {"nature", 3, {32, 64, 64}, {4, 4, 3}},
              {"nips", 2, {16, 32}, {8, 4}},
              {"der", 2, {32, 64}, {5, 5}},
              {"minatar", 1, {16}, {3}}};

static const char *trunk_named(const reader *r, int convs)
{
    for (size_t t = 0; t < sizeof trunks / sizeof *trunks; t++) {
        bool same = trunks[t].convs == convs;
        for (int i = 0; same && i < convs; i++) {
            const int64_t *shape = weight_of(r, RB_PART_LINE, i)->shape;
            same = shape[0] == trunks[t].outputs[i] && shape[2] == trunks[t].kernel[i];
        }
        if (same) return trunks[t].name;
    }
    return NULL;
}

// Sets net.mlp to the widths of the linear layers from rank 0 to `end`.
static void set_mlp(const reader *r, int end)
{
    char text[256] = "";
    size_t used = 0;
    for (int i = 0; i < end && used < sizeof text; i++) {
        const rb_safetensor *weight = weight_of(r, RB_PART_LINE, i);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i ? "-" : "",
                                 weight && weight->dims ? (long long)weight->shape[0] : 0LL);
    }
    set(r, "net.mlp", text);
}

static void set_trunk(const reader *r, int convs, int end)
{
    const rb_params *p = &r->theirs->params;
    const char *name = convs ? trunk_named(r, convs) : NULL;
    if (!convs) {
        set_mlp(r, end);
        if (p->net.trunk != RB_TRUNK_AUTO) set(r, "net.trunk", "mlp");
        set(r, "net.layers", "");
    } else if (name && end == convs) {
        if (p->net.trunk != RB_TRUNK_AUTO || strcmp(name, "nature")) set(r, "net.trunk", name);
        set(r, "net.layers", "");
    }
}

// Without streams the line holds the hidden layer and the outputs, too.
static void set_shapes(const reader *r)
{
    const rb_weight_names *names = r->names;
    const bool streams = names->count[RB_PART_ADVANTAGE] > 0;
    const rb_weight_part last = streams ? RB_PART_ADVANTAGE : RB_PART_LINE;
    int convs = 0, end = names->count[RB_PART_LINE], hidden = streams ? names->count[last] - 2 : end - 2;
    const rb_weight_layer *output = rb_weight_names_layer(names, last, names->count[last] - 1);
    char width[24] = "0";
    while (is_conv(weight_of(r, RB_PART_LINE, convs))) convs++;
    const rb_safetensor *weight = hidden >= 0 ? weight_of(r, last, hidden) : NULL;
    // One layer before the outputs may be either; as a trunk of its own it needs no empty net.mlp.
    const bool is_hidden = weight && weight->dims == 2 && (streams || convs || hidden > 0);
    if (is_hidden) snprintf(width, sizeof width, "%lld", (long long)weight->shape[0]);
    if (!streams) end -= is_hidden ? 2 : 1;
    set_trunk(r, convs, end > 0 ? end : 0);
    set(r, "net.hidden", width);
    set(r, "net.dueling", streams ? "true" : "false");
    const bool noisy = output && output->at[2] >= 0;
    if (!noisy) set(r, "net.noisy", "off");
    if (noisy && r->theirs->params.net.noisy == RB_NOISY_OFF) set(r, "net.noisy", "factorised");
    set(r, "env.normalise", rb_safetensors_find(r->file, "normalise.mean") < 0 ? "false" : "true");
    if (names->ours) return;
    set(r, "net.norm", "none"); // and what no other program has
    set(r, "net.centre", "false");
    set(r, "net.relu_outputs", "false");
}

// The returns of the atoms, from which C51 computes Q-values.
static rb_status set_support(const reader *r, const char *path, rb_error *error)
{
    static const double share_most = 1e-4; // of the range; float32 rounds by less
    const int at = r->names->support;
    if (r->names->ours) return RB_OK;
    set(r, "agent.categorical", at >= 0 ? "true" : "false");
    set(r, "agent.head", "auto");
    if (at < 0) return RB_OK;
    const rb_safetensor *tensor = rb_safetensors_get(r->file, at);
    const size_t count = tensor->count;
    float *values = malloc(sizeof *values * (count + 1));
    if (!values) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    rb_safetensors_read(r->file, at, values);
    const double low = count ? (double)values[0] : 0, high = count ? (double)values[count - 1] : 0;
    bool even = count > 1 && isfinite(low) && isfinite(high) && high > low;
    for (size_t i = 0; i < count && even; i++)
        even = fabs((double)values[i] - (low + (high - low) * (double)i / (double)(count - 1))) <=
               share_most * (high - low);
    free(values);
    if (!even)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: %s must be at least 2 numbers that rise in equal steps, the returns of the "
                            "atoms (agent.v_min, agent.v_max)",
                            path, tensor->name);
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    set(r, "agent.atoms", text);
    snprintf(text, sizeof text, "%.7g", low);
    set(r, "agent.v_min", text);
    snprintf(text, sizeof text, "%.7g", high);
    set(r, "agent.v_max", text);
    return RB_OK;
}

// Of two ways to name a head, the one that `config` uses, so that only different heads differ.
static void name_head(rb_config *theirs, const rb_config *config)
{
    rb_agent_params *p = &theirs->params.agent;
    const rb_agent_params *own = &config->params.agent;
    const int head = rb_head_of(p);
    const bool older = head == RB_HEAD_SCALAR || head == RB_HEAD_CATEGORICAL;
    p->head = own->head == RB_HEAD_AUTO && older ? RB_HEAD_AUTO : head;
    p->categorical = p->head == RB_HEAD_AUTO ? head == RB_HEAD_CATEGORICAL : own->categorical;
}

rb_status rb_weight_settings_make(rb_config **theirs, const rb_weight_names *names,
                                  const rb_safetensors *file, const rb_config *config, const char *path,
                                  rb_error *error)
{
    rb_status status = rb_config_copy(theirs, config, error);
    if (status) return status;
    const reader r = {*theirs, file, names};
    if (!names->ours || !set_noted(*theirs, file)) {
        set_shapes(&r);
        status = set_support(&r, path, error);
    }
    name_head(*theirs, config);
    return status;
}

// ---- differences

static bool differs(const rb_config *theirs, const rb_config *config, const char *key,
                    char value[RB_CONFIG_VALUE_MAX])
{
    char now[RB_CONFIG_VALUE_MAX];
    return !rb_config_get(theirs, key, value, RB_CONFIG_VALUE_MAX, NULL) &&
           !rb_config_get(config, key, now, sizeof now, NULL) && strcmp(value, now);
}

static void add_option(const char *key, const char *value, char *out, size_t bytes)
{
    const size_t used = strlen(out);
    const char *quote = !*value || strpbrk(value, " ,") ? "\"" : "";
    snprintf(out + used, bytes - used, "%s--%s=%s%.120s%s", used ? " " : "", key, quote, value, quote);
}

void rb_weight_settings_options(const rb_config *theirs, const rb_config *config, char *out, size_t bytes)
{
    char value[RB_CONFIG_VALUE_MAX];
    const rb_net_params *net = &theirs->params.net;
    out[0] = 0;
    for (int k = 0; k < KEYS - ((rb_head_of(&theirs->params.agent) == RB_HEAD_CATEGORICAL) ? 0 : OF_ATOMS);
         k++) {
        const bool named = !strcmp(keys[k], "net.trunk") || !strcmp(keys[k], "net.mlp");
        if (named && *net->layers) continue; // the list replaces both
        if (!strcmp(keys[k], "net.mlp") && net->trunk != RB_TRUNK_AUTO && net->trunk != RB_TRUNK_MLP)
            continue;
        if (!strcmp(keys[k], "env.normalise_clip") && !theirs->params.env.normalise) continue;
        if (differs(theirs, config, keys[k], value)) add_option(keys[k], value, out, bytes);
    }
}

// The lists of both trunks; false: the layers differ in a stride, in padding or in a ReLU, which no shape
// shows.
static rb_status same_layers(bool *same, const rb_config *theirs, const rb_net_spec *spec, bool ours,
                             rb_error *error)
{
    rb_net_spec other = *spec;
    rb_layer_list *lists = calloc(2, sizeof *lists);
    *same = false;
    if (!lists) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a list of layers");
    other.params = theirs->params.net;
    rb_status status = rb_layer_list_make(&lists[0], spec, error);
    const rb_layer_list *l = &lists[0];
    *same = !status;
    for (int i = 0; *same && !ours && i < l->count; i++) // a ReLU follows each layer
        *same = (l->line[i].word == RB_WORD_RELU) == (i % 2 == 1) && (i + 1 < l->count || i % 2);
    if (*same && ours && !rb_layer_list_make(&lists[1], &other, NULL))
        *same =
            l->count == lists[1].count && !memcmp(l->line, lists[1].line, sizeof *l->line * (size_t)l->count);
    free(lists);
    return status;
}

rb_status rb_weight_settings_meaning(const rb_config *theirs, const rb_config *config,
                                     const rb_net_spec *spec, bool ours, char *out, size_t bytes,
                                     rb_error *error)
{
    static const char *const meanings[] = {"net.unscaled",      "net.centre",        "net.relu_outputs",
                                           "agent.categorical", "agent.head",        "agent.v_min",
                                           "agent.v_max",       "env.normalise_clip"};
    char value[RB_CONFIG_VALUE_MAX];
    bool same;
    out[0] = 0;
    for (size_t k = 0; k < sizeof meanings / sizeof *meanings; k++) {
        if (rb_text_starts(meanings[k], "agent.v_") &&
            !(rb_head_of(&theirs->params.agent) == RB_HEAD_CATEGORICAL))
            continue;
        if (rb_text_ends(meanings[k], "centre") && !spec->bytes) continue;
        if (rb_text_ends(meanings[k], "_clip") && !theirs->params.env.normalise) continue;
        if (differs(theirs, config, meanings[k], value)) add_option(meanings[k], value, out, bytes);
    }
    const rb_status status = same_layers(&same, theirs, spec, ours, error);
    if (status || same) return status;
    if (!ours) // the layers of the user's own list
        snprintf(value, sizeof value, "LAYER, relu, LAYER, relu, ...");
    else if (!rb_config_get(theirs, "net.layers", value, sizeof value, NULL) && !*value)
        rb_config_get(theirs, "net.trunk", value, sizeof value, NULL);
    add_option(!ours || *theirs->params.net.layers ? "net.layers" : "net.trunk", value, out, bytes);
    return RB_OK;
}
