// Configuration files, presets and the values that an environment's name implies all have one text format:
//
//     # a comment                     ; so is this
//     [agent]
//     gamma = 0.99                    # needs a space before it
//     replay.capacity = 100k          a key with a group of its own, in any section
//     note = "said in \"quotes\", with # and ; and a \\"
//
// Later lines win. inih is not used, because its packaged build reports no line numbers, ends lines at 200
// bytes, cuts values at " ;" and joins an indented line to the one above; a run's config.ini must restore
// every value bit for bit.
#include "config/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 4 * RB_TEXT_MAX };

// Removes the quotes around a value, or a comment after it; false if the quotes are wrong.
static bool unquote(char *value)
{
    if (*value != '"') {
        for (char *c = value; *c; c++)
            if ((*c == '#' || *c == ';') && (c == value || c[-1] == ' ' || c[-1] == '\t')) {
                *c = 0;
                break;
            }
        rb_text_trim(value);
        return true;
    }
    char *to = value;
    const char *from = value + 1;
    for (; *from && *from != '"'; from++) {
        if (*from == '\\' && !*++from) return false;
        *to++ = *from;
    }
    if (*from != '"') return false;
    from++;
    *to = 0;
    from += strspn(from, " \t");
    return !*from || *from == '#' || *from == ';';
}

static rb_status read_section(char *text, const char *name, int line, char *section, rb_error *error)
{
    char *end = strchr(text, ']');
    if (!end)
        return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: a section's name must end with ']'", name, line);
    *end = 0;
    unquote(end + 1);
    if (end[1])
        return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: nothing may follow [%s]", name, line, text + 1);
    rb_text_trim(text + 1);
    for (int i = 0; i < rb_table_count(); i++)
        if (!strcmp(rb_table_get(i)->group, text + 1)) {
            rb_text_copy(section, 64, text + 1);
            return RB_OK;
        }
    const char *groups[64];
    int count = 0;
    for (int i = 0; i < rb_table_count() && count < 64; i++)
        if (rb_table_group_help(i)) groups[count++] = rb_table_get(i)->group;
    const char *near = rb_text_nearest(text + 1, groups, count);
    return rb_error_set(error, RB_ERR_USAGE, "%s:%d: no group [%s]%s%s%s", name, line, text + 1,
                        near ? "; did you mean [" : "; `rainbow params` lists them", near ? near : "",
                        near ? "]?" : "");
}

static rb_status read_pair(char *text, const char *name, int line, const char *section, rb_pair_fn pair,
                           void *context, rb_error *error)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: '%.80s' is neither a [group] nor a key = value",
                            name, line, text);
    *equals = 0;
    char *value = equals + 1;
    rb_text_trim(text);
    rb_text_trim(value);
    if (!unquote(value))
        return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: the quotes around the value of %s are not closed",
                            name, line, text);
    char key[160];
    if (strlen(text) > 80)
        return rb_error_set(error, RB_ERR_USAGE, "%s:%d: no parameter %.80s...", name, line, text);
    if (!*text) return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: no key before '='", name, line);
    if (strchr(text, '.') || !*section)
        snprintf(key, sizeof key, "%s", text);
    else
        snprintf(key, sizeof key, "%s.%s", section, text);
    return pair(context, key, value, line, error);
}

rb_status rb_lines_parse(const char *text, const char *name, rb_pair_fn pair, void *context, rb_error *error)
{
    char section[64] = "", line[LINE_MAX_BYTES];
    if (!strncmp(text, "\xef\xbb\xbf", 3)) text += 3; // a byte order mark
    for (int number = 1; *text; number++) {
        size_t bytes = strcspn(text, "\n");
        if (bytes >= sizeof line)
            return rb_error_set(error, RB_ERR_FORMAT, "%s:%d: the line is longer than %d bytes", name, number,
                                LINE_MAX_BYTES - 1);
        memcpy(line, text, bytes);
        line[bytes] = 0;
        text += bytes + (text[bytes] == '\n');
        rb_text_trim(line);
        rb_status status = RB_OK;
        if (*line == '[')
            status = read_section(line, name, number, section, error);
        else if (*line && *line != '#' && *line != ';')
            status = read_pair(line, name, number, section, pair, context, error);
        if (status != RB_OK) return status;
    }
    return RB_OK;
}

typedef struct apply_context {
    rb_config *config;
    const char *name;
} apply_context;

static rb_status apply_pair(void *context, const char *key, const char *value, int line, rb_error *error)
{
    const apply_context *apply = context;
    char origin[280];
    snprintf(origin, sizeof origin, "%.256s:%d", apply->name, line);
    if (!strcmp(key, "run.preset") && *value && !rb_preset_find(value, origin, error)) return RB_ERR_USAGE;
    return rb_config_note(apply->config, key, value, origin, error);
}

rb_status rb_lines_apply(rb_config *config, const char *text, const char *name, rb_error *error)
{
    apply_context context = {config, name};
    return rb_lines_parse(text, name, apply_pair, &context, error);
}

rb_status rb_lines_apply_chosen(rb_config *config, const char *text, const char *name, rb_error *error)
{
    rb_config below = *config;
    memset(config->given, 0, sizeof config->given);
    rb_status status = rb_lines_apply(config, text, name, error);
    int named = 0;
    for (int i = 0; i < rb_table_count(); i++) named += config->given[i];
    const bool record = 2 * named > rb_table_count();
    for (int i = 0; i < rb_table_count(); i++) {
        const int code = rb_trust_key(rb_table_get(i)->key);
        if (code >= 0 && config->given[i]) {
            config->from_file[code] = true;
            rb_text_copy(config->file, sizeof config->file, name);
        }
        if (record && rb_value_equal(rb_table_get(i), &below.params, &config->params))
            config->given[i] = false;
        config->given[i] |= below.given[i];
    }
    return status;
}

typedef struct look_up_context {
    const char *key;
    char *out;
} look_up_context;

static rb_status look_up_pair(void *context, const char *key, const char *value, int line, rb_error *error)
{
    (void)line, (void)error;
    const look_up_context *look_up = context;
    if (!strcmp(key, look_up->key)) rb_text_copy(look_up->out, RB_TEXT_MAX, value);
    return RB_OK;
}

rb_status rb_lines_look_up(const char *text, const char *name, const char *key, char *out, rb_error *error)
{
    *out = 0;
    look_up_context context = {key, out};
    return rb_lines_parse(text, name, look_up_pair, &context, error);
}

static void quote(const char *value, char *out)
{
    *out++ = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') *out++ = '\\';
        *out++ = *value;
    }
    *out++ = '"';
    *out = 0;
}

rb_status rb_config_text(const rb_config *config, char **text, size_t *bytes, rb_error *error)
{
    FILE *out = open_memstream(text, bytes);
    if (!out) return rb_error_set(error, RB_ERR_MEMORY, "no memory to write the settings");
    fprintf(out, "# Every value of the run. `rainbow params` explains each one.\n");
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *param = rb_table_get(i);
        const char *help = rb_table_group_help(i);
        if (help) fprintf(out, "\n# %s\n[%s]\n", help, param->group);
        char value[RB_VALUE_MAX], quoted[2 * RB_VALUE_MAX];
        rb_value_format(param, &config->params, value, sizeof value);
        if (param->kind == RB_KIND_TEXT) quote(value, quoted);
        fprintf(out, "%s = %s\n", strchr(param->key, '.') + 1, param->kind == RB_KIND_TEXT ? quoted : value);
    }
    if (!fclose(out)) return RB_OK;
    free(*text);
    *text = NULL;
    return rb_error_set(error, RB_ERR_MEMORY, "no memory to write the settings");
}

rb_status rb_config_write(const rb_config *config, const char *path, rb_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    rb_status status = rb_config_text(config, &text, &bytes, error);
    if (status) return rb_error_context(error, status, "%s", path);
    status = rb_file_write(path, text, bytes, error);
    free(text);
    return status;
}
