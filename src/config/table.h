// The parameter table as data: each entry of params.def, with the offset of its field in rb_params. Private
// to this room.
#ifndef RB_CONFIG_TABLE_H
#define RB_CONFIG_TABLE_H

#include <stddef.h>
#include "config/config.h"

enum { RB_VALUE_MAX = RB_TEXT_MAX + 8 }; // any value as text
_Static_assert((int)RB_VALUE_MAX == (int)RB_CONFIG_VALUE_MAX, "rainbow/config.h");

typedef enum rb_param_kind {
    RB_KIND_INT,
    RB_KIND_REAL,
    RB_KIND_BOOL,
    RB_KIND_CHOICE,
    RB_KIND_TEXT
} rb_param_kind;

typedef struct rb_param {
    const char *key, *group, *unit, *help;
    rb_param_kind kind;
    size_t offset; // of the field in rb_params
    bool resume;
    int64_t int_default, int_least, int_most; // also of bool
    double real_default, real_least, real_most;
    const char *choices;      // "a|b|c"
    const char *text_default; // also of a choice
} rb_param;

// A parameter that takes effect only if others have certain values (effects.c).
typedef enum rb_effect_rule {
    RB_ACTS_WHERE,      // `of` is one of the values "a|b"
    RB_ACTS_UNLESS,     // `of` is not the value
    RB_ACTS_ABOVE,      // `of` is above the value
    RB_ACTS_WHERE_OTHER // `of` differs from the parameter that `value` names
} rb_effect_rule;

typedef struct rb_effect {
    const char *key, *of; // of: "a.b|c.d": one of them is enough
    rb_effect_rule rule;
    const char *value;
    const char *off; // a value of `key` that requests nothing and needs no warning; NULL: none
    const char *why; // more of the reason, or NULL
} rb_effect;

int rb_effect_count(void);
const rb_effect *rb_effect_get(int i); // those of one key stand together
bool rb_effect_acts(const rb_config *config, const rb_effect *effect);

int rb_table_count(void);
const rb_param *rb_table_get(int i);
const rb_param *rb_table_find(const char *key); // NULL when unknown
const char *rb_table_nearest(const char *key);  // the known key that was meant, or NULL
// The key that has the last part of `key`, and another group or none at all; NULL: there is none.
const char *rb_table_same_tail(const char *key);
// False if the parameter changes neither what a run learns nor how it is scored (experiment.c).
bool rb_table_decides(int i);
// The help of the group that begins with parameter i; NULL if i belongs to the same group as i - 1.
const char *rb_table_group_help(int i);

void rb_value_default(const rb_param *param, rb_params *params);
// `why`, [why_bytes], gets what was expected ("must be between 0 and 1") when false comes back.
bool rb_value_parse(const rb_param *param, const char *text, rb_params *params, char *why, size_t why_bytes);
void rb_value_format(const rb_param *param, const rb_params *params, char *out,
                     size_t bytes);                                                 // RB_VALUE_MAX is enough
void rb_value_limits(const rb_param *param, char *least, char *most, size_t bytes); // of a number, for people
bool rb_value_equal(const rb_param *param, const rb_params *a, const rb_params *b);

// Reads lines of "[group]", "key = value" and "group.key = value" (config_file.c). Each pair is passed to
// `pair` with its line number; an error from `pair` ends the reading. `name` begins errors: "atari.ini:12:
// ...".
typedef rb_status (*rb_pair_fn)(void *context, const char *key, const char *value, int line, rb_error *error);
rb_status rb_lines_parse(const char *text, const char *name, rb_pair_fn pair, void *context, rb_error *error);
// Sets every pair; run.preset is only noted, not applied.
rb_status rb_lines_apply(rb_config *config, const char *text, const char *name, rb_error *error);
// The same for a user's file: see rb_config's `given`.
rb_status rb_lines_apply_chosen(rb_config *config, const char *text, const char *name, rb_error *error);
// The last value of `key` in the text; "" when it isn't there. `out` has RB_TEXT_MAX bytes.
rb_status rb_lines_look_up(const char *text, const char *name, const char *key, char *out, rb_error *error);

// Sets one value without applying what run.preset names.
rb_status rb_config_note(rb_config *config, const char *key, const char *value, const char *origin,
                         rb_error *error);
// *off: the name is --no-NAME. NULL: no such form.
const rb_short_form *rb_short_form_find(const char *name, bool *off);
const rb_short_form *rb_short_form_of_letter(char letter);

enum { RB_KNOWN_NAME_BYTES = 480 };
// A sentence for an unknown key or option `name`, if other programs have it: its name here, or why there is
// none. `what`: "option --" or "parameter ". False: no program that is known has the name.
// A name with several meanings gets the first three.
bool rb_known_name_tell(const char *name, const char *what, char *out, size_t bytes);
// Whether one of the sources has this very name for another parameter than `key`: ALPHA is a step size there.
bool rb_known_name_means_other(const char *name, const char *key);
const rb_preset_info *rb_preset_find(const char *name, const char *origin,
                                     rb_error *error); // NULL with an error

#endif
