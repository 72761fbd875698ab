// Finds parameters by any word in their names, in their help, or in the names that other systems use.
#include "cli/params_search.h"

#include <ctype.h>
#include <string.h>

#include "base/scripts.h"
#include "base/text.h"

static int plain(char c)
{
    return c == '-' ? '_' : tolower((unsigned char)c);
}

// Ignores case, and takes - and _ for the same.
static bool holds(const char *text, const char *word)
{
    for (; *text; text++) {
        size_t i = 0;
        while (word[i] && plain(text[i]) == plain(word[i])) i++;
        if (!word[i]) return true;
    }
    return !*word;
}

// The next key of the list at *at, which moves behind it; NULL after the last.
static const char *next_key(const char **at, char *key, size_t bytes)
{
    *at += strspn(*at, " ");
    const size_t length = strcspn(*at, " ");
    if (!length || length >= bytes) return NULL;
    memcpy(key, *at, length);
    key[length] = 0;
    *at += length;
    return key;
}

static bool is_among(const char *list, const char *wanted)
{
    char key[64];
    while (next_key(&list, key, sizeof key))
        if (!strcmp(key, wanted)) return true;
    return false;
}

void cli_params_elsewhere(const rb_param_info *param, char *out, size_t bytes)
{
    size_t used = 0;
    *out = 0;
    for (int s = 0; s < rb_source_count(); s++) {
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++)
            if (row->is_name && is_among(row->ours, param->key) && used < bytes)
                used += (size_t)snprintf(out + used, bytes - used, "%s`%s`", used ? ", " : "", row->theirs);
        if (used && used < bytes && !strstr(out, " in "))
            used += (size_t)snprintf(out + used, bytes - used, " in %s", rb_source_get(s)->preset);
    }
}

// Prints the names in the sources that contain the word.
static void print_names(const rb_param_info *param, const char *word)
{
    for (int s = 0; s < rb_source_count(); s++) {
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++)
            if (holds(row->theirs, word) && is_among(row->ours, param->key))
                printf("      %s: %s%s%s\n", rb_source_get(s)->preset, row->theirs, *row->value ? " = " : "",
                       row->value);
    }
    for (int i = 0, count = rb_known_name_count(); i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        if (!known.is_source && holds(known.theirs, word) && is_among(known.ours, param->key))
            printf("      %s: %s%s%s\n", known.program, known.theirs, *known.remark ? ": " : "",
                   known.remark);
    }
}

static bool has_name(const rb_param_info *param, const char *word)
{
    for (int s = 0; s < rb_source_count(); s++) {
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++)
            if (holds(row->theirs, word) && is_among(row->ours, param->key)) return true;
    }
    for (int i = 0, count = rb_known_name_count(); i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        if (holds(known.theirs, word) && is_among(known.ours, param->key)) return true;
    }
    return false;
}

// Parameters of the sources that have no counterpart here.
static int print_others(const char *word)
{
    int shown = 0;
    for (int s = 0; s < rb_source_count(); s++) {
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++)
            if (!*row->ours && holds(row->theirs, word) && ++shown)
                printf("  %s: %s: %s\n", rb_source_get(s)->preset, row->theirs, rb_scripts_in(row->remark));
    }
    for (int i = 0, count = rb_known_name_count(); i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        if (!known.is_source && !*known.ours && holds(known.theirs, word) && ++shown)
            printf("  %s: %s: %s\n", known.program, known.theirs, known.remark);
    }
    return shown;
}

void cli_params_print(const rb_param_info *p)
{
    printf("  --%s=%s  [%s%s%s%s%s]%s\n      %s\n", p->key, p->by_default, p->kind, *p->range ? " " : "",
           p->range, *p->unit ? " " : "", p->unit, p->resume ? " may change on resume" : "", p->help);
}

int cli_params_search(const char *word)
{
    int shown = 0;
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        if (!holds(p->key, word) && !holds(p->help, word) && !has_name(p, word)) continue;
        cli_params_print(p);
        print_names(p, word);
        shown++;
    }
    return shown + print_others(word);
}

// ---- docs/sources/

static void print_keys(const char *keys)
{
    char key[64];
    const char *at = keys;
    for (int i = 0; next_key(&at, key, sizeof key); i++) printf("%s`%s`", i ? ", " : "", key);
}

static void print_values(const rb_source_row *row, const rb_config *config)
{
    char key[64], value[RB_CONFIG_VALUE_MAX];
    const char *at = row->ours;
    for (int i = 0; next_key(&at, key, sizeof key);)
        if (!rb_config_get(config, key, value, sizeof value, NULL) && *value)
            printf("%s`%s`", i++ ? ", " : "", value);
}

int cli_params_source(const cli_command *command, const char *preset)
{
    const char *names[16];
    int source = -1, count = 0;
    for (; count < rb_source_count() && count < 16; count++) {
        names[count] = rb_source_get(count)->preset;
        if (!strcmp(names[count], preset)) source = count;
    }
    if (source < 0) {
        const char *near = rb_text_nearest(preset, names, count);
        if (near) return cli_usage(command, "no source %s; did you mean %s?", preset, near);
        char all[RB_CONFIG_VALUE_MAX] = "";
        for (int s = 0; s < count; s++) {
            const size_t used = strlen(all);
            snprintf(all + used, sizeof all - used, "%s%s", s ? ", " : "", names[s]);
        }
        return cli_usage(command, "no source %s; the sources are %s", preset, all);
    }
    rb_config *config = NULL;
    rb_error error = {0};
    rb_status status = rb_config_create(&config, &error);
    if (status == RB_OK) status = rb_config_preset(config, preset, &error);
    if (status == RB_OK) {
        const rb_source_row *row;
        printf("| there | its value | ours | `%s` | remark |\n|---|---|---|---|---|\n", preset);
        for (int i = 0; (row = rb_source_row_get(source, i)); i++) {
            const char *quote = row->is_name ? "`" : "";
            printf("| %s%s%s | %s | ", quote, row->theirs, quote, row->value);
            print_keys(row->ours);
            printf(" | ");
            print_values(row, config);
            printf(" | %s |\n", row->remark);
        }
    }
    rb_config_destroy(config);
    return status == RB_OK ? CLI_DONE : cli_fail(&error);
}

void cli_params_names(void)
{
    const char *program = "";
    printf(
        "# The names of well-known libraries\n\n"
        "`rainbow params --names` prints this page: every name that the program recognises, and ours.\n"
        "[migration.md](migration.md) goes by commands instead: what to type here, other defaults, and words "
        "that differ "
        "in meaning.\n"
        "An option or a key with one of these names is an error that names ours, and `rainbow params WORD` "
        "finds "
        "it.\n"
        "Names match in any case, with `-` and `_` alike, and behind the class that a gin file puts before "
        "them.\n");
    for (int i = 0, count = rb_known_name_count(); i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        if (known.is_source) continue;
        if (strcmp(program, known.program))
            printf("\n## %s\n\n| there | ours | remark |\n|---|---|---|\n", known.program);
        program = known.program;
        printf("| `%s` | ", known.theirs);
        print_keys(known.ours);
        printf(" | %s |\n", known.remark);
    }
}
