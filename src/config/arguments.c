// Parsing of the command line, and the order of the layers:
//
//     what the configuration holds < preset < what the environment's name stands for < file < short forms <
//     --group.key=value
//
// The words are read twice: the first pass finds environment, preset and file, wherever they stand, and the
// second applies the layers.
#include "config/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"

// ---- short forms

// With noise, the network explores and epsilon is 0 (Rainbow). Without noise, epsilon falls to 0.01 over
// 250,000 frames (Rainbow's ablation), but over at most a tenth of the run.
static void noise_changed(rb_config *config, bool noisy)
{
    rb_params *params = &config->params;
    if (noisy) {
        config->noise_ended_epsilon = params->explore.start > 0;
        params->explore.start = params->explore.end = 0;
    } else if (params->explore.start == 0) {
        config->noise_began_epsilon = true; // its steps depend on what the other words say (schedule)
        params->explore.start = 1;
        params->explore.end = 0.01;
        params->explore.share = 0;
        params->explore.schedule = RB_EXPLORE_LINEAR;
        params->explore.by = RB_EXPLORE_BY_STEPS;
    }
}

// Once all words are known: the length of the run, and which steps the user has named.
static void schedule(rb_config *config)
{
    rb_params *params = &config->params;
    const int64_t tenth = params->run.max_steps / 10;
    if (!config->noise_began_epsilon || rb_config_given(config, "explore.steps")) return;
    params->explore.steps = tenth < 62500 ? tenth : 62500;
}

static rb_status apply_short(rb_config *config, const rb_short_form *form, bool off, const char *value,
                             rb_error *error)
{
    int32_t noise = config->params.net.noisy;
    const char *text = off ? form->off : form->value ? value : form->on;
    // If the preset already has noise on, --noisy keeps its kind (independent stays independent), and ends
    // its random actions, as it always does.
    const bool noisy_again = !strcmp(form->name, "noisy") && !off && noise != RB_NOISY_OFF;
    rb_status status = noisy_again ? RB_OK : rb_config_note(config, form->key, text, "command line", error);
    if (status == RB_OK && (noisy_again || config->params.net.noisy != noise)) noise_changed(config, !off);
    return status;
}

// ---- words

typedef struct option { // one "--name=value" or "--name value" or plain word
    char name[RB_TEXT_MAX];
    const char *value; // NULL: none was given
    const rb_short_form *form;
    bool off, plain;
} option;

static bool takes_value(const option *o)
{
    return !o->form || (o->form->value && !o->off);
}

// The nearest of the options that are no parameters; `no_names` holds the --no-NAME among them.
static const char *nearest_short(const char *name)
{
    enum { FORMS_MOST = 32, NAME_MOST = 24 };
    static _Thread_local char no_names[FORMS_MOST][NAME_MOST];
    const char *names[2 * FORMS_MOST + 2] = {"preset", "config"};
    int count = 2;
    for (int i = 0; i < rb_short_form_count() && i < FORMS_MOST; i++) {
        const rb_short_form *form = rb_short_form_get(i);
        names[count++] = form->name;
        if (!form->off) continue;
        snprintf(no_names[i], NAME_MOST, "no-%s", form->name);
        names[count++] = no_names[i];
    }
    return rb_text_nearest(name, names, count);
}

static rb_status unknown_option(const char *name, rb_error *error)
{
    char elsewhere[RB_KNOWN_NAME_BYTES];
    const char *near = rb_table_same_tail(name); // the group is missing or wrong
    if (near && rb_known_name_means_other(name, near)) near = NULL;
    if (!near && rb_known_name_tell(name, "option --", elsewhere, sizeof elsewhere))
        return rb_error_set(error, RB_ERR_USAGE, "%s", elsewhere);
    if (!near && strchr(name, '.')) near = rb_table_nearest(name);
    if (!near) near = nearest_short(name);
    if (!near) near = rb_table_nearest(name);
    if (near) return rb_error_set(error, RB_ERR_USAGE, "no option --%s; did you mean --%s?", name, near);
    return rb_error_set(error, RB_ERR_USAGE, "no option --%s; `rainbow params` lists the parameters", name);
}

// "-s 3", "-s3" and "-s=3" are "--seed=3".
static rb_status read_letter(option *o, const char *word, rb_error *error)
{
    o->form = rb_short_form_of_letter(word[1]);
    if (!o->form) return rb_error_set(error, RB_ERR_USAGE, "no option %s", word);
    rb_text_copy(o->name, sizeof o->name, o->form->name);
    if (word[2]) o->value = word + 2 + (word[2] == '=');
    return RB_OK;
}

static rb_status read_name(option *o, const char *word, rb_error *error)
{
    const char *equals = strchr(word, '=');
    size_t bytes = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
    if (bytes >= sizeof o->name) return rb_error_set(error, RB_ERR_USAGE, "no option %.60s...", word);
    memcpy(o->name, word + 2, bytes);
    o->value = equals ? equals + 1 : NULL;
    o->form = rb_short_form_find(o->name, &o->off);
    bool known =
        o->form || !strcmp(o->name, "preset") || !strcmp(o->name, "config") || rb_table_find(o->name);
    return known ? RB_OK : unknown_option(o->name, error);
}

// --dueling=false is --no-dueling, and --no-dueling=false is --dueling.
static rb_status read_switch(option *o, rb_error *error)
{
    bool on;
    if (!o->value) return RB_OK;
    if (o->form->value || !rb_text_bool(o->value, &on))
        return rb_error_set(error, RB_ERR_USAGE, "--%s takes no value but true or false", o->name);
    if (!on) o->off = !o->off;
    return RB_OK;
}

// Reads the option at words[*at] and advances *at past it.
static rb_status read_option(option *o, int count, const char *const *words, int *at, rb_error *error)
{
    *o = (option){0};
    const char *word = words[(*at)++];
    if (*word != '-') {
        o->plain = true;
        o->value = word;
        return RB_OK;
    }
    rb_status status = word[1] == '-' ? read_name(o, word, error) : read_letter(o, word, error);
    if (status != RB_OK || !takes_value(o)) return status != RB_OK ? status : read_switch(o, error);
    // "--key value": a boolean needs its value too, so that the next word is never taken for one by a guess.
    if (!o->value) {
        if (*at >= count || !strncmp(words[*at], "--", 2)) {
            const rb_param *param = rb_table_find(o->name);
            const bool truth = param && param->kind == RB_KIND_BOOL;
            return rb_error_set(error, RB_ERR_USAGE, "--%s needs a value: --%s=%s", o->name, o->name,
                                truth ? "true or =false" : "VALUE");
        }
        o->value = words[(*at)++];
    }
    return RB_OK;
}

int rb_config_plain_word(int count, const char *const *words, int from)
{
    for (int at = 0; at < count;) {
        option o;
        int next = at;
        bool plain = read_option(&o, count, words, &next, NULL) == RB_OK && o.plain;
        if (plain && at >= from) return at;
        at = next;
    }
    return count;
}

typedef struct named { // environment, preset and file, as named by the words and the file
    const char *env, *preset, *path;
    char *text; // of the file
    char file_env[RB_TEXT_MAX], file_preset[RB_TEXT_MAX];
} named;

static rb_status find_named(named *n, int count, const char *const *words, rb_error *error)
{
    const char *plain = NULL;
    for (int at = 0; at < count;) {
        option o;
        rb_status status = read_option(&o, count, words, &at, error);
        if (status != RB_OK) return status;
        if (o.plain) {
            if (plain)
                return rb_error_set(error, RB_ERR_USAGE,
                                    "only one environment may be named, not two: %s and %s", plain, o.value);
            n->env = plain = o.value;
        } else if (!strcmp(o.name, "run.env") && !plain) {
            n->env = o.value;
        } else if (!strcmp(o.name, "preset") || !strcmp(o.name, "run.preset")) {
            n->preset = *o.value ? o.value : NULL; // empty: the file's, or the environment's own
        } else if (!strcmp(o.name, "config")) {
            if (n->path) return rb_error_set(error, RB_ERR_USAGE, "only one --config is allowed");
            n->path = o.value;
        }
    }
    if (!n->path) return RB_OK;
    size_t bytes;
    rb_status status = rb_file_read(n->path, &n->text, &bytes, error);
    if (status == RB_OK && memchr(n->text, 0, bytes))
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: is not a text file", n->path);
    if (status == RB_OK) status = rb_lines_look_up(n->text, n->path, "run.env", n->file_env, error);
    if (status == RB_OK) status = rb_lines_look_up(n->text, n->path, "run.preset", n->file_preset, error);
    return status;
}

// ---- layers

static rb_status apply_words(rb_config *config, int count, const char *const *words, bool shorts,
                             rb_error *error)
{
    for (int at = 0; at < count;) {
        option o;
        rb_status status = read_option(&o, count, words, &at, error);
        if (status == RB_OK && o.form && shorts)
            status = apply_short(config, o.form, o.off, o.value, error);
        else if (status == RB_OK && !o.form && !shorts && !o.plain && strcmp(o.name, "preset") &&
                 strcmp(o.name, "config"))
            status = rb_config_note(config, o.name, o.value, "command line", error);
        if (status != RB_OK) return status;
    }
    return RB_OK;
}

static rb_status apply_layers(rb_config *config, const named *n, int count, const char *const *words,
                              rb_error *error)
{
    const char *env = n->env ? n->env : n->file_env;
    const char *env_preset = "", *env_values = "";
    rb_status status = *env && !n->env ? rb_trust_check_env(env, n->path, error) : RB_OK;
    const rb_config_env *environments = rb_config_environments();
    if (!status && *env && environments) status = environments->look_up(env, &env_preset, &env_values, error);
    if (status != RB_OK) return status;

    const char *preset = n->preset ? n->preset : *n->file_preset ? n->file_preset : env_preset;
    bool from_file = !n->preset && *n->file_preset;
    if (*preset && rb_preset_find(preset, n->preset ? "command line" : env, error))
        status = rb_config_preset(config, preset, error);
    else if (*preset && !from_file) // an unknown preset in the file is reported below, with its line
        return RB_ERR_USAGE;
    bool given[RB_PARAMS_MOST];
    memcpy(given, config->given, sizeof given);
    if (status == RB_OK) status = rb_lines_apply(config, env_values, env, error);
    memcpy(config->given, given, sizeof given);
    if (status == RB_OK && n->text) status = rb_lines_apply_chosen(config, n->text, n->path, error);
    if (status == RB_OK) status = apply_words(config, count, words, true, error);
    if (status == RB_OK) status = apply_words(config, count, words, false, error);
    if (status == RB_OK) schedule(config);
    if (config->params.explore.start > 0) config->noise_ended_epsilon = false; // a named value won
    if (status == RB_OK && n->env) status = rb_config_note(config, "run.env", n->env, "command line", error);
    if (status == RB_OK && *preset) status = rb_config_note(config, "run.preset", preset, NULL, error);
    return status == RB_OK ? rb_config_check(config, error) : status;
}

rb_status rb_config_arguments(rb_config *config, int count, const char *const *words, rb_error *error)
{
    named n = {0};
    rb_config made = *config;
    rb_status status = find_named(&n, count, words, error);
    if (status == RB_OK) status = apply_layers(&made, &n, count, words, error);
    if (status == RB_OK) *config = made;
    free(n.text);
    return status;
}
