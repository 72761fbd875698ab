// Configuration: every setting of a run by its name "group.key", read from presets, files and command lines.
//
// Later layers win: defaults < preset < environment id < file < command line. A value is checked when it is
// set. The error gives its origin, the key, the value and what was expected; for an unknown key also the
// nearest known one.
#ifndef RAINBOW_CONFIG_H
#define RAINBOW_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_config rb_config;

rb_status rb_config_create(rb_config **out, rb_error *error); // all defaults
void rb_config_destroy(rb_config *config);
rb_status rb_config_copy(rb_config **out, const rb_config *config, rb_error *error);

// Sets one value. `origin` names the source ("command line", "atari.ini:12") and begins the error message;
// NULL: none. Setting run.preset applies that preset.
rb_status rb_config_set(rb_config *config, const char *key, const char *value, const char *origin,
                        rb_error *error);
// Writes the value as text, in the form used in files. RB_ERR_USAGE for an unknown key.
enum { RB_CONFIG_VALUE_MAX = 4104 }; // bytes that hold any value
rb_status rb_config_get(const rb_config *config, const char *key, char *out, int out_bytes, rb_error *error);
rb_status rb_config_preset(rb_config *config, const char *name, rb_error *error);
// Reads a file with lines of the form [group] and key = value, or group.key = value. If the file sets
// run.preset, that preset is applied before the file's other values. Errors: RB_ERR_FILE, RB_ERR_FORMAT (a
// line of neither form) or RB_ERR_USAGE, with file and line.
rb_status rb_config_read(rb_config *config, const char *path, rb_error *error);
// Writes every value. A failure leaves no partial file.
rb_status rb_config_write(const rb_config *config, const char *path, rb_error *error);

// Applies the words of a command line: `rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE
// ...]` without the program and the command. The layers are applied in their fixed order, independent of
// the order of the words. The short forms (rb_short_form) work too, such as --double, --no-double, --seed=N
// or -s N; --double=false equals --no-double. "--key value" equals "--key=value". An unknown word is an
// error.
//
// The layers are applied on top of the values in `config`. Without --preset, the preset is the one named in
// the file (run.preset), or else the environment's default. If neither an environment nor a preset is named
// (the changes of a resumed run, for example), no preset is applied.
//
// --noisy also sets explore.start and explore.end to 0, because the noise explores. --no-noisy sets them to 1
// and 0.01 if they are 0. Explicit values win over short forms. On an error `config` is unchanged.
rb_status rb_config_arguments(rb_config *config, int count, const char *const *words, rb_error *error);
// From now on, any file may name code to run: an environment's shared object, gym.python, gym.import or
// gym.wrappers.
// Without this call, rb_config_arguments (--config), rb_evaluate, rb_run_resume and others return
// RB_ERR_USAGE if a file names code that the user has not chosen before (docs/runs.md).
void rb_config_trust_files(void);
// From now on, this Python interpreter replaces the gym.python of any file that is read; the caller keeps the
// text. Reading a file whose environment is not Gymnasium's is then RB_ERR_USAGE.
void rb_config_use_python(const char *program);
// Returns the index of the first word, at or after `from`, that is neither an option nor an option's value,
// and so names an environment; `count` if there is none.
int rb_config_plain_word(int count, const char *const *words, int from);

// The short forms, which set one parameter each: --NAME, and --no-NAME if `off` is not NULL.
typedef struct rb_short_form {
    const char *name;
    const char *key;     // "agent.double_q"
    const char *value;   // kind of the value that --NAME takes, such as "N"; NULL: none
    const char *on;      // what --NAME sets if it takes no value
    const char *off;     // what --no-NAME sets; NULL: there is no such option
    const char *help;    // a phrase
    const char *no_help; // the same of --no-NAME
    char letter;         // 's': -s VALUE is the same; 0: none
} rb_short_form;
int rb_short_form_count(void);
const rb_short_form *rb_short_form_get(int i); // NULL: no such form

// The known parameters and presets.
typedef struct rb_param_info {
    const char *key;        // "agent.gamma"
    const char *kind;       // "int" "real" "bool" "choice" "text"
    const char *by_default; // as text
    const char *range;      // "0 .. 1", "adam|rmsprop", ""
    const char *unit;
    const char *help;
    const char *group_help; // the group's help, given with its first parameter; NULL for the others
    bool resume;            // may be changed when a run is resumed
    bool decides;           // decides the result; false also for run.seed, which tells samples apart
} rb_param_info;
int rb_param_count(void);
const rb_param_info *rb_param_get(int i);

// True if the two settings agree in every parameter that decides the result, so that runs of the same
// environment with them are samples of one experiment. run.env is not compared: one environment can have
// several names.
bool rb_config_same_experiment(const rb_config *a, const rb_config *b);
// Writes "key=value" of configs[which] for each deciding parameter in which the `count` configurations are
// not all equal: at most `most` of them, with `between` between two. Returns their number, which may be more
// than `most`. NULL in `configs` is skipped, and so are run.env, run.preset and run.group.
int rb_config_differences(const rb_config *const *configs, int count, int which, int most,
                          const char *between, char *out, size_t bytes);

typedef struct rb_preset_info {
    const char *name;
    const char *help;   // one line, with the source
    const char *env;    // an environment that it is made for
    const char *values; // lines of "group.key = value"
} rb_preset_info;
int rb_preset_count(void);
const rb_preset_info *rb_preset_get(int i);

// Other programs: each of their parameters beside the matching ones of Rainbow.
typedef struct rb_source_info {
    const char *preset; // the preset with that program's values
    const char *page;   // docs/sources/PAGE.md
    const char *help;
} rb_source_info;
typedef struct rb_source_row {
    const char *theirs; // the name in that program, or a description
    const char *value;  // the value in that program; "": not stated
    const char *ours;   // keys of Rainbow separated by spaces; "": none, `remark` gives the reason
    const char *remark; // or ""
    bool is_name;
} rb_source_row;
int rb_source_count(void);
const rb_source_info *rb_source_get(int i);                  // NULL: no such source
const rb_source_row *rb_source_row_get(int source, int row); // NULL: no such row

// What other programs call a parameter: the names of the sources above, and those of well-known libraries.
typedef struct rb_known_name {
    const char *program; // "Stable-Baselines3"
    const char *theirs;  // "buffer_size"
    const char *ours;    // keys of Rainbow separated by spaces; "": none, `remark` gives the reason
    const char *remark;  // or ""
    bool is_source;      // one of the sources above
} rb_known_name;
int rb_known_name_count(void);
rb_known_name rb_known_name_get(int i); // 0 <= i < rb_known_name_count()

#ifdef __cplusplus
}
#endif

#endif
