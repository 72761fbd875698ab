// Configuration: every setting of a run by its name "group.key", read from presets, files and command lines.
//
// Later layers win: defaults < preset < environment id < file < command line. A value is checked when it is
// set; the error names where it came from, the key, the value and what was expected, and for an unknown key
// the nearest known one.
#ifndef RAINBOW_CONFIG_H
#define RAINBOW_CONFIG_H

#include <stdbool.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_config rb_config;

rb_status rb_config_create(rb_config **out, rb_error *error); // all defaults
void rb_config_destroy(rb_config *config);
rb_status rb_config_copy(rb_config **out, const rb_config *config, rb_error *error);

// Sets one value; `origin` says where it came from ("command line", "atari.ini:12") and begins the error;
// NULL: nowhere. Setting run.preset applies that preset.
rb_status rb_config_set(rb_config *config, const char *key, const char *value, const char *origin,
                        rb_error *error);
// The value as text, as a file would hold it. RB_ERR_USAGE for an unknown key.
rb_status rb_config_get(const rb_config *config, const char *key, char *out, int out_bytes, rb_error *error);
rb_status rb_config_preset(rb_config *config, const char *name, rb_error *error);
// A file of [group] and key = value lines, or group.key = value. If it names a preset (run.preset), that is
// applied before its other values. RB_ERR_FILE, RB_ERR_FORMAT (a line that is none of these) or RB_ERR_USAGE,
// with file and line.
rb_status rb_config_read(rb_config *config, const char *path, rb_error *error);
// Every value; whole or not at all.
rb_status rb_config_write(const rb_config *config, const char *path, rb_error *error);

// What a command line asks for: `rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]`
// without program and command. Layers are applied in their order whatever the order of words. Also the short
// forms --double --dueling --per --categorical --noisy
// --n-step=N, --seed=N, and --no-double and so on. "--key value" is as good as "--key=value". Words it does
// not know are an error.
//
// The layers are laid over what `config` holds. Without --preset the preset is the one that the file names
// (run.preset), or else the environment's own; where neither an environment nor a preset is named, as with
// the changes of a resumed run, none is applied.
// --noisy also sets explore.start and explore.end to 0, for the noise explores; --no-noisy, where they are 0,
// sets 1 and 0.01. Values named themselves win over short forms. On an error `config` is left as it was.
rb_status rb_config_arguments(rb_config *config, int count, const char *const *words, rb_error *error);
// The first of these words, from `from` on, that is no option and no option's value, so an environment's
// name; `count` where there is none.
int rb_config_plain_word(int count, const char *const *words, int from);

// What there is.
typedef struct rb_param_info {
    const char *key;        // "agent.gamma"
    const char *kind;       // "int" "real" "bool" "choice" "text"
    const char *by_default; // as text
    const char *range;      // "0 .. 1", "adam|rmsprop", ""
    const char *unit;
    const char *help;
    const char *group_help; // of the group, with its first parameter; NULL with the others
    bool resume;            // may be changed when a run is resumed
} rb_param_info;
int rb_param_count(void);
const rb_param_info *rb_param_get(int i);

typedef struct rb_preset_info {
    const char *name;
    const char *help;   // one line, with the source
    const char *values; // lines of "group.key = value"
} rb_preset_info;
int rb_preset_count(void);
const rb_preset_info *rb_preset_get(int i);

// Systems that people may come from: each parameter of theirs beside ours.
typedef struct rb_source_info {
    const char *preset; // with its values
    const char *page;   // docs/sources/PAGE.md
    const char *help;
} rb_source_info;
typedef struct rb_source_row {
    const char *theirs; // its name there, or what it is in words
    const char *value;  // theirs; "": not stated
    const char *ours;   // keys with spaces between; "": none, and `remark` says why
    const char *remark; // or ""
    bool is_name;
} rb_source_row;
int rb_source_count(void);
const rb_source_info *rb_source_get(int i);                  // NULL: there is none
const rb_source_row *rb_source_row_get(int source, int row); // NULL: it has no such row

#ifdef __cplusplus
}
#endif

#endif
