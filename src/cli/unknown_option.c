// Which option was meant by a word that is none: the nearest one, or the only one that begins like it.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

enum { NAME_BYTES = 128, SETTINGS_MOST = 64, BEGINNING_LEAST = 3 };

// A word without its dashes and its value: "verbos" of "--verbos=1" and of "-verbos".
static void name_of(const char *word, char *out)
{
    word += strspn(word, "-");
    snprintf(out, NAME_BYTES, "%.*s", (int)strcspn(word, "="), word);
}

static const char *same(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name)) return names[i];
    return NULL;
}

// --eval.epsilon may be meant as --epsilon, and --max_steps as --max-steps.
static const char *same_tail(const char *name, const char *const *names, int count)
{
    char tail[NAME_BYTES];
    const char *dot = strrchr(name, '.');
    snprintf(tail, sizeof tail, "%s", dot ? dot + 1 : name);
    for (char *c = tail; *c; c++)
        if (*c == '_') *c = '-';
    return same(tail, names, count);
}

static const char *begun(const char *name, const char *const *names, int count)
{
    const char *found = NULL;
    const size_t bytes = strlen(name);
    if (bytes < BEGINNING_LEAST) return NULL;
    for (int i = 0; i < count; i++)
        if (!strncmp(names[i], name, bytes)) {
            if (found) return NULL; // any one would be a guess
            found = names[i];
        }
    return found;
}

static const char *meant(const char *name, const char *const *names, int count)
{
    const char *near = rb_text_nearest(name, names, count);
    if (!near) near = same_tail(name, names, count);
    return near ? near : begun(name, names, count);
}

static bool is_setting(const char *key)
{
    const rb_param_info *param;
    for (int i = 0; (param = rb_param_get(i)); i++)
        if (!strcmp(param->key, key)) return true;
    return false;
}

static bool is_known_elsewhere(const char *name)
{
    for (int i = 0, count = rb_known_name_count(); i < count; i++)
        if (!strcmp(rb_known_name_get(i).theirs, name)) return true;
    return false;
}

static int own_names(const cli_command *command, const char **names)
{
    int count = 0;
    for (; command->options[count].name; count++) names[count] = command->options[count].name;
    names[count++] = "help"; // of every command
    return count;
}

int cli_unknown_option(const cli_command *command, const char *word)
{
    char name[NAME_BYTES];
    const char *names[CLI_OPTIONS_MOST];
    name_of(word, name);
    const char *near = meant(name, names, own_names(command, names));
    if (near) return cli_usage(command, "no option %s; did you mean --%s?", word, near);
    if (is_setting(name))
        return cli_usage(command, "no option --%s: it is a setting of `rainbow train`", name);
    return cli_usage(command, "no option %s", word);
}

// The option of a command that takes settings too, if it is nearer than every setting. NULL: none is.
static const char *nearest_own(const cli_command *command, const char *word)
{
    char name[NAME_BYTES];
    const char *names[CLI_OPTIONS_MOST + SETTINGS_MOST];
    const int own = own_names(command, names);
    int all = own;
    const cli_option *settings = cli_setting_options();
    for (int i = 0; settings[i].name && i < SETTINGS_MOST; i++) names[all++] = settings[i].name;
    name_of(word, name);
    if (word[1] != '-') return same(name, names, all); // "-verbose"
    if (strchr(name, '.') || same(name, names, all) || is_known_elsewhere(name)) return NULL;
    const char *near = rb_text_nearest(name, names, all);
    return near ? same(near, names, own) : begun(name, names, own);
}

int cli_misspelt(const cli_command *command, int count, const char *const *words)
{
    for (int i = 0; i < count; i++) {
        const char *near = *words[i] == '-' ? nearest_own(command, words[i]) : NULL;
        if (near) return cli_usage(command, "no option %s; did you mean --%s?", words[i], near);
    }
    return CLI_DONE;
}
