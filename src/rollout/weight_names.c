#include "rollout/weight_names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

// A name is a prefix, then "NUMBER.KIND". The longest prefix that fits decides. Group: its place within the
// part; below 0: these tensors are ignored, whatever follows the prefix.
static const struct {
    const char *program, *prefix;
    rb_weight_part part;
    int group;
} rules[] = {
    {"Rainbow", "trunk.", RB_PART_LINE, 0},
    {"Rainbow", "head.", RB_PART_LINE, 1},
    {"Rainbow", "advantage.", RB_PART_ADVANTAGE, 0},
    {"Rainbow", "value.", RB_PART_VALUE, 0},
    {"Stable-Baselines3", "q_net.features_extractor.cnn.", RB_PART_LINE, 0},
    {"Stable-Baselines3", "q_net.features_extractor.linear.", RB_PART_LINE, 1},
    {"Stable-Baselines3", "q_net.q_net.", RB_PART_LINE, 2},
    {"Stable-Baselines3", "q_net_target.", RB_PART_LINE, -1},
    {"CleanRL", "network.", RB_PART_LINE, 0},
    {"CleanRL", "advantage_head.", RB_PART_ADVANTAGE, 0},
    {"CleanRL", "value_head.", RB_PART_VALUE, 0},
};
enum { RULES = sizeof rules / sizeof *rules };

enum { TENSORS_MOST = 4096 }; // far above any network; searches are linear

static const char *const supports[] = {"atoms", "support"}; // CleanRL's C51, its Rainbow

static const char *const kinds[][RB_WEIGHT_KINDS] = {{"weight", "bias", NULL, NULL},
                                                     {"weight_mu", "bias_mu", "weight_sigma", "bias_sigma"}};

static int rule_of(const char *name)
{
    int best = -1;
    for (int r = 0; r < RULES; r++)
        if (rb_text_starts(name, rules[r].prefix) &&
            (best < 0 || strlen(rules[r].prefix) > strlen(rules[best].prefix)))
            best = r;
    return best;
}

// "NUMBER.KIND". False: it is something else.
static bool parse(const char *text, int *number, int *kind)
{
    enum { DIGITS_MOST = 6 };
    int digits = 0;
    *number = 0;
    for (; isdigit((unsigned char)*text) && digits < DIGITS_MOST; digits++)
        *number = *number * 10 + (*text++ - '0');
    if (!digits || *text++ != '.') return false;
    for (int form = 0; form < 2; form++)
        for (*kind = 0; *kind < RB_WEIGHT_KINDS; ++*kind)
            if (kinds[form][*kind] && !strcmp(text, kinds[form][*kind])) return true;
    return false;
}

static rb_weight_layer *layer_at(rb_weight_names *n, rb_weight_part part, int group, int number)
{
    for (int i = 0; i < n->layers; i++) {
        rb_weight_layer *layer = &n->layer[i];
        if (layer->part == part && layer->group == group && layer->number == number) return layer;
    }
    rb_weight_layer *layer = &n->layer[n->layers++];
    *layer = (rb_weight_layer){.part = part, .group = group, .number = number, .at = {-1, -1, -1, -1}};
    return layer;
}

static bool is_support(const char *name)
{
    for (size_t i = 0; i < sizeof supports / sizeof *supports; i++)
        if (!strcmp(name, supports[i])) return true;
    return false;
}

// A tensor of the program whose names the file has. One that is neither of a layer nor ignored stays without
// a place, and the caller reports it.
static void take(rb_weight_names *n, const char *name, int i)
{
    int number, kind;
    const int rule = rule_of(name);
    if (!n->ours && is_support(name)) {
        n->support = i;
        n->ignored[i] = true;
    }
    if (rule < 0 || strcmp(rules[rule].program, n->program)) return;
    if (rules[rule].group < 0 ||
        (!n->ours && (rb_text_ends(name, ".weight_epsilon") || rb_text_ends(name, ".bias_epsilon"))))
        n->ignored[i] = true;
    else if (parse(name + strlen(rules[rule].prefix), &number, &kind))
        layer_at(n, rules[rule].part, rules[rule].group, number)->at[kind] = i;
}

static int by_place(const void *a, const void *b)
{
    const rb_weight_layer *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return x->group != y->group ? x->group - y->group : x->number - y->number;
}

rb_status rb_weight_names_read(rb_weight_names *out, const rb_safetensors *file, const char *path,
                               rb_error *error)
{
    const int count = rb_safetensors_count(file);
    *out = (rb_weight_names){.support = -1};
    for (int i = 0; i < count && !out->program; i++) {
        const int rule = rule_of(rb_safetensors_get(file, i)->name);
        if (rule >= 0) out->program = rules[rule].program;
    }
    if (!out->program)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: its tensors%s%.80s%s are named as in no network known here: Rainbow's, the "
                            "DQN of Stable-Baselines3, CleanRL's DQN, C51 and Rainbow",
                            path, count ? " (such as " : "", count ? rb_safetensors_get(file, 0)->name : "",
                            count ? ")" : "");
    if (count > TENSORS_MOST)
        return rb_error_set(error, RB_ERR_FORMAT, "%s: has %d tensors, but no network here has more than %d",
                            path, count, TENSORS_MOST);
    out->ours = !strcmp(out->program, rules[0].program);
    out->layer = calloc((size_t)count + 1, sizeof *out->layer);
    out->ignored = calloc((size_t)count + 1, sizeof *out->ignored);
    if (!out->layer || !out->ignored)
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    for (int i = 0; i < count; i++) take(out, rb_safetensors_get(file, i)->name, i);
    qsort(out->layer, (size_t)out->layers, sizeof *out->layer, by_place);
    for (int i = out->layers - 1; i >= 0; i--) {
        out->first[out->layer[i].part] = i;
        out->count[out->layer[i].part]++;
    }
    return RB_OK;
}

void rb_weight_names_free(rb_weight_names *names)
{
    free(names->layer);
    free(names->ignored);
    *names = (rb_weight_names){0};
}

const rb_weight_layer *rb_weight_names_layer(const rb_weight_names *names, rb_weight_part part, int rank)
{
    return rank >= 0 && rank < names->count[part] ? &names->layer[names->first[part] + rank] : NULL;
}

// The place of one of our tensors among the parts: "head.0.bias" follows the trunk's layers.
static int match(const rb_weight_names *names, const char *name, int trunk_layers)
{
    int number, kind;
    const int rule = rule_of(name);
    if (rule < 0 || !parse(name + strlen(rules[rule].prefix), &number, &kind)) return -1;
    const int rank = number + (rules[rule].group ? trunk_layers : 0);
    const rb_weight_layer *layer = rb_weight_names_layer(names, rules[rule].part, rank);
    return layer ? layer->at[kind] : -1;
}

void rb_weight_names_match(const rb_weight_names *names, const rb_safetensors *file, const rb_net *net,
                           int *at)
{
    int trunk_layers = 0, number, kind;
    rb_net_tensor info;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, &info);
        const int rule = rule_of(info.name);
        if (rule == 0 && parse(info.name + strlen(rules[0].prefix), &number, &kind) && number >= trunk_layers)
            trunk_layers = number + 1;
    }
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, &info);
        // No other program names statistics of observations; scripts/torch-to-safetensors adds them by our
        // names.
        const bool same = names->ours || rb_text_starts(info.name, "normalise.");
        at[i] = same ? rb_safetensors_find(file, info.name) : match(names, info.name, trunk_layers);
    }
}
