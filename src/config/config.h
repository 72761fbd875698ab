// The inside of rb_config: the parameters themselves, which `train` passes on, and the settings that
// environments provide.
#ifndef RB_CONFIG_CONFIG_H
#define RB_CONFIG_CONFIG_H

#include "config/params.h"
#include "config/trust.h"
#include "rainbow/config.h"

enum { RB_PARAMS_MOST = 256 };

struct rb_config {
    rb_params params;
    // By position in the table: true for values that the user chose, on the command line, in a file or by
    // rb_config_set, but not for values from presets or the environment's name. A file that names most
    // parameters, such as a run's config.ini, is a record: only its values that differ from the layers below
    // count as chosen.
    bool given[RB_PARAMS_MOST];
    bool from_file[RB_TRUST_KEYS]; // the values that can name code: taken from a file (trust.h)
    char file[RB_TEXT_MAX];        // the newest such file
    bool noise_began_epsilon;      // --no-noisy began a schedule of random actions
    bool noise_ended_epsilon;      // --noisy set the probability of random actions to 0
};

bool rb_config_given(const rb_config *config, const char *key);

// Calls `say` with one sentence for each of the user's settings that has no effect beside the others, with
// the reason and a remedy.
typedef void (*rb_advice_fn)(void *context, const char *sentence);
void rb_config_unused(const rb_config *config, rb_advice_fn say, void *context);

// An environment provides a default preset and the settings that its name implies. The registry is in another
// room, so `train` passes this struct before rb_config_arguments is called. Preset and settings may be "".
// NULL: environments provide nothing.
typedef struct rb_config_env {
    rb_status (*look_up)(const char *env, const char **preset, const char **values,
                         rb_error *error); // values: "group.key = value\n..."
    bool (*is_file)(const char *env);      // the name is the path of a file with code
} rb_config_env;
void rb_config_use_environments(const rb_config_env *environments);
const rb_config_env *rb_config_environments(void);
bool rb_config_env_is_file(const char *env); // without environments: whether it holds a '/'

// Values that are valid alone may be wrong together (v_min above v_max, a replay smaller than a batch):
// RB_ERR_USAGE naming them. rb_config_arguments ends with it; code that makes a configuration in another way
// calls it before using the configuration.
rb_status rb_config_check(const rb_config *config, rb_error *error);

// The text of rb_config_write; the caller frees *text.
rb_status rb_config_text(const rb_config *config, char **text, size_t *bytes, rb_error *error);
// rb_config_read of a text in memory, which errors call `name`.
rb_status rb_config_read_text(rb_config *config, const char *text, const char *name, rb_error *error);

// Compares two configurations: the next parameter, at or after place `from` of the table, whose values
// differ; NULL: there is none. Both values as text.
typedef struct rb_config_change {
    const char *key;
    bool resume; // may be changed when a run is resumed
    int next;    // where to continue the search
    char was[RB_TEXT_MAX + 16], is[RB_TEXT_MAX + 16];
} rb_config_change;
bool rb_config_next_change(const rb_config *then, const rb_config *now, int from, rb_config_change *out);

// RB_ERR_USAGE naming the first changed key (`now` compared with `then`) that must not change on resume.
rb_status rb_config_check_resume(const rb_config *then, const rb_config *now, rb_error *error);

#endif
