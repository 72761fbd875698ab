// Which environments there are, by the names people know, and how an instance is opened.
#ifndef RB_ENV_REGISTRY_H
#define RB_ENV_REGISTRY_H

#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_env_options { // what built-in classes get as `options`; read only while creating
    const char *name;           // as the user wrote it
    rb_atari_params atari;
} rb_env_options;

typedef struct rb_env_entry {
    const char *name;  // "cartpole", "atari/breakout"
    const char *help;  // one line: observation and actions
    const char *needs; // "" or what must be installed first
} rb_env_entry;

// The class of a name; an unknown one is RB_ERR_USAGE with near names. Whether what it needs is installed
// shows only when an instance is created.
rb_status rb_env_find(const char *name, const rb_env_class **out, rb_error *error);
// The default preset for a name and the settings its id stands for ("" where none): see rb_config_env. Static
// memory.
rb_status rb_env_defaults(const char *name, const char **preset, const char **values, rb_error *error);
int rb_env_entry_count(void);
const rb_env_entry *rb_env_entry_get(int i); // 0 <= i < rb_env_entry_count(); static memory

extern const rb_env_class rb_cartpole_class;
extern const rb_env_class rb_atari_class;

#endif
