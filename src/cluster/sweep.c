#include "cluster/sweep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const rb_short_form *find_form(const char *name)
{
    for (int i = 0; i < rb_short_form_count(); i++)
        if (rb_short_form_get(i) && !strcmp(rb_short_form_get(i)->name, name)) return rb_short_form_get(i);
    return NULL;
}

static const rb_param_info *find_param(const char *key)
{
    for (int i = 0; i < rb_param_count(); i++)
        if (!strcmp(rb_param_get(i)->key, key)) return rb_param_get(i);
    return NULL;
}

static bool is_preset(const char *name)
{
    return !strcmp(name, "preset") || !strcmp(name, "run.preset");
}

// Whether the option's value may be the next word.
static bool takes_value(const char *name)
{
    const rb_short_form *form = find_form(name);
    return form ? form->value != NULL
                : is_preset(name) || !strcmp(name, "config") || find_param(name) != NULL;
}

// A text may hold a comma itself.
static bool can_be_swept(const char *name)
{
    const rb_short_form *form = find_form(name);
    const rb_param_info *param = find_param(form ? form->key : name);
    return is_preset(name) || (param && strcmp(param->kind, "text") != 0);
}

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the list of runs");
}

// Cuts "a,b" in place.
static rb_status cut(rb_sweep_key *key, char *text, const char *what, rb_error *error)
{
    for (char *at = text; at;) {
        char *comma = strchr(at, ',');
        if (comma) *comma++ = 0;
        if (!*at) return rb_error_set(error, RB_ERR_USAGE, "%s: a value is missing beside a comma", what);
        for (int i = 0; i < key->count; i++)
            if (!strcmp(key->values[i], at))
                return rb_error_set(error, RB_ERR_USAGE, "%s: %s is given twice", what, at);
        if (key->count == RB_SWEEP_VALUES)
            return rb_error_set(error, RB_ERR_USAGE, "%s: more than %d values", what, RB_SWEEP_VALUES);
        key->values[key->count++] = at;
        at = comma;
    }
    return RB_OK;
}

static rb_status add_key(rb_sweep *s, const char *word, int word_at, rb_error *error)
{
    if (s->key_count == RB_SWEEP_KEYS)
        return rb_error_set(error, RB_ERR_USAGE, "more than %d parameters are swept", RB_SWEEP_KEYS - 1);
    rb_sweep_key *key = &s->keys[s->key_count++];
    *key = (rb_sweep_key){.word = strdup(word), .word_at = word_at};
    if (!key->word) return no_memory(error);
    char *equals = rb_text_starts(key->word, "--") ? strchr(key->word, '=') : NULL;
    if (equals) *equals = 0;
    key->name = equals ? key->word + 2 : "";
    return cut(key, equals ? equals + 1 : key->word, equals ? key->word : "environments", error);
}

static rb_status read_word(rb_sweep *s, int count, const char *const *words, int *at, rb_error *error)
{
    const char *word = words[*at];
    char joined[RB_CONFIG_VALUE_MAX + 100];
    if (rb_text_starts(word, "--") && !strchr(word, '=') && *at + 1 < count && words[*at + 1][0] != '-' &&
        takes_value(word + 2)) {
        snprintf(joined, sizeof joined, "%s=%s", word, words[++*at]);
        word = joined;
    }
    if (strpbrk(word, "\t\n"))
        return rb_error_set(error, RB_ERR_USAGE,
                            "%.100s: holds a tab or a line end, which runs.txt can't hold", word);
    char name[128];
    const char *equals = rb_text_starts(word, "--") ? strchr(word, '=') : NULL;
    snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - word - 2) : 0, equals ? word + 2 : "");
    if (!strcmp(name, "run.seed") || !strcmp(name, "seed")) {
        if (strchr(equals, ','))
            return rb_error_set(error, RB_ERR_USAGE,
                                "%s: several seeds are given by --seeds, such as --seeds 1..5", word);
    }
    if (!strcmp(name, "run.name") || !strcmp(name, "name"))
        return rb_error_set(error, RB_ERR_USAGE,
                            "%s: the runs of a group are named after their settings; name the group: "
                            "--run.group=NAME",
                            word);
    rb_status status = RB_OK;
    if (equals && strchr(equals, ',') && can_be_swept(name)) status = add_key(s, word, s->word_count, error);
    if (!status && !(s->words[s->word_count++] = strdup(word))) status = no_memory(error);
    ++*at;
    return status;
}

rb_status rb_sweep_read(rb_sweep *out, int count, const char *const *words, rb_error *error)
{
    *out = (rb_sweep){.combinations = 1, .words = calloc((size_t)count + 1, sizeof *out->words)};
    const int env_at = rb_config_plain_word(count, words, 0);
    if (!out->words) return no_memory(error);
    if (env_at == count)
        return rb_error_set(error, RB_ERR_USAGE, "no environment is named; `rainbow envs` lists them");
    rb_status status = add_key(out, words[env_at], 0, error);
    for (int at = 0; at < count && !status;) {
        if (at == env_at) out->env_at = out->keys[0].word_at = out->word_count;
        status = read_word(out, count, words, &at, error);
    }
    for (int k = 0; k < out->key_count && !status; k++)
        if ((out->combinations *= out->keys[k].count) > RB_CLUSTER_RUNS)
            status = rb_error_set(error, RB_ERR_USAGE, "more than %d runs are named", RB_CLUSTER_RUNS);
    if (status) rb_sweep_free(out);
    return status;
}

void rb_sweep_free(rb_sweep *sweep)
{
    for (int k = 0; k < sweep->key_count; k++) free(sweep->keys[k].word);
    for (int i = 0; i < sweep->word_count; i++) free(sweep->words[i]);
    free(sweep->words);
    *sweep = (rb_sweep){0};
}

void rb_sweep_words(const rb_sweep *sweep, const int *at, const char **out, char *room, size_t bytes)
{
    size_t used = 0;
    for (int i = 0; i < sweep->word_count; i++) out[i] = sweep->words[i];
    for (int k = 0; k < sweep->key_count && used < bytes; k++) {
        const rb_sweep_key *key = &sweep->keys[k];
        out[key->word_at] = room + used;
        used += 1 + (size_t)snprintf(room + used, bytes - used, *key->name ? "--%s=%s" : "%s%s", key->name,
                                     key->values[at[k]]);
    }
}

static const char *tail_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

void rb_sweep_name(const rb_sweep *sweep, const int *at, char *out, size_t bytes)
{
    size_t used = 0;
    *out = 0;
    for (int k = 1; k < sweep->key_count && used < bytes; k++) {
        const rb_sweep_key *key = &sweep->keys[k];
        if (is_preset(key->name)) continue; // names hold the preset already
        bool alone = true;
        for (int other = 1; other < sweep->key_count; other++)
            alone =
                alone && (other == k || strcmp(tail_of(sweep->keys[other].name), tail_of(key->name)) != 0);
        const size_t from = used;
        used += (size_t)snprintf(out + used, bytes - used, "-%s_%s", alone ? tail_of(key->name) : key->name,
                                 key->values[at[k]]);
        for (size_t i = from; i < used && i < bytes; i++)
            if (!isalnum((unsigned char)out[i]) && !strchr("-_.+", out[i])) out[i] = '-';
    }
}

bool rb_sweep_next(const rb_sweep *sweep, int *at)
{
    for (int k = sweep->key_count - 1; k >= 0; k--) {
        if (++at[k] < sweep->keys[k].count) return true;
        at[k] = 0;
    }
    return false;
}
