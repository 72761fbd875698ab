#include "config/older.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/table.h"

// Defaults that have changed since: the first one of each.
static const struct {
    const char *key, *value;
} changed[] = {{"optim.epsilon", "0.01"}, {"env.masks", "false"}};

void rb_param_first_default(int i, char out[RB_TEXT_MAX + 16])
{
    const rb_param *param = rb_table_get(i);
    rb_params params = {0};
    rb_value_default(param, &params);
    for (size_t k = 0; k < sizeof changed / sizeof *changed; k++)
        if (!strcmp(changed[k].key, param->key)) rb_value_parse(param, changed[k].value, &params, NULL, 0);
    rb_value_format(param, &params, out, RB_VALUE_MAX);
}

typedef struct names {
    bool named[RB_PARAMS_MOST];
    int count;
} names;

static rb_status note_name(void *context, const char *key, const char *value, int line, rb_error *error)
{
    names *found = context;
    const rb_param *param = rb_table_find(key);
    (void)value, (void)line, (void)error;
    if (!param || found->named[param - rb_table_get(0)]) return RB_OK;
    found->named[param - rb_table_get(0)] = true;
    found->count++;
    return RB_OK;
}

// False: the text was written by hand, or can't be read.
static bool find_names(const char *text, names *found)
{
    *found = (names){0};
    return !rb_lines_parse(text, "", note_name, found, NULL) && 2 * found->count > rb_table_count();
}

int rb_config_next_unknown(const char *text, int from)
{
    names found;
    if (!find_names(text, &found)) return -1;
    for (int i = from; i < rb_table_count(); i++)
        if (!found.named[i]) return i;
    return -1;
}

static rb_status fill(rb_config *config, const char *text, const char *name, rb_error *error)
{
    char value[RB_TEXT_MAX + 16];
    rb_status status = RB_OK;
    rb_config made = *config;
    for (int i = rb_config_next_unknown(text, 0); i >= 0 && !status;
         i = rb_config_next_unknown(text, i + 1)) {
        rb_param_first_default(i, value);
        status = rb_config_note(&made, rb_table_get(i)->key, value, name, error);
    }
    memcpy(made.given, config->given, sizeof made.given); // nobody chose these values
    if (!status) *config = made;
    return status;
}

rb_status rb_config_read_record_text(rb_config *config, const char *text, const char *name, rb_error *error)
{
    const rb_status status = rb_config_read_text(config, text, name, error);
    return status ? status : fill(config, text, name, error);
}

rb_status rb_config_read_record(rb_config *config, const char *path, rb_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    rb_status status = rb_config_read(config, path, error);
    if (!status) status = rb_file_read(path, &text, &bytes, error);
    if (!status) status = fill(config, text, path, error);
    free(text);
    return status;
}
