// The layers of a configuration, each overriding those before it: a preset, a file, single values.
#include "config/table.h"

#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"

rb_status rb_config_preset(rb_config *config, const char *name, rb_error *error)
{
    const rb_preset_info *preset = rb_preset_find(name, NULL, error);
    if (!preset) return RB_ERR_USAGE;
    char origin[80];
    rb_config made = *config;
    rb_text_copy(origin, sizeof origin, "preset ");
    rb_text_copy(origin + 7, sizeof origin - 7, name);
    rb_status status = rb_lines_apply(&made, preset->values, origin, error);
    if (status == RB_OK) status = rb_config_note(&made, "run.preset", name, NULL, error);
    memcpy(made.given, config->given, sizeof made.given); // values from a preset do not count as chosen
    if (status == RB_OK) *config = made;
    return status;
}

rb_status rb_config_set(rb_config *config, const char *key, const char *value, const char *origin,
                        rb_error *error)
{
    if (!strcmp(key, "run.preset") && *value) {
        if (!rb_preset_find(value, origin, error)) return RB_ERR_USAGE;
        return rb_config_preset(config, value, error);
    }
    return rb_config_note(config, key, value, origin, error);
}

rb_status rb_config_read_text(rb_config *config, const char *text, const char *name, rb_error *error)
{
    rb_config made = *config;
    char preset[RB_TEXT_MAX];
    rb_status status = rb_lines_look_up(text, name, "run.preset", preset, error);
    // An unknown preset is reported below, with its line.
    if (status == RB_OK && *preset && rb_preset_find(preset, NULL, NULL))
        status = rb_config_preset(&made, preset, error);
    if (status == RB_OK) status = rb_lines_apply_chosen(&made, text, name, error);
    if (status == RB_OK) *config = made;
    return status;
}

static const char *python; // instead of the files'; NULL: theirs

void rb_config_use_python(const char *program)
{
    python = program;
}

static rb_status replace_python(rb_config *config, rb_error *error)
{
    const char *env = config->params.run.env;
    if (*env && !rb_text_starts(env, "gym/"))
        return rb_error_set(error, RB_ERR_USAGE, "--python = %s: %s needs no Python; only gym/ID does",
                            python, env);
    return rb_config_set(config, "gym.python", python, "--python", error);
}

rb_status rb_config_read(rb_config *config, const char *path, rb_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    rb_status status = rb_file_read(path, &text, &bytes, error);
    if (status != RB_OK) return status;
    if (memchr(text, 0, bytes))
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: is not a text file", path);
    else
        status = rb_config_read_text(config, text, path, error);
    free(text);
    if (!status && python) status = replace_python(config, error);
    return status;
}
