// Which environments there are, by the names people know, and how an instance is opened.
//
// Environments come in families, each with names of a form of its own: the small tasks (cartpole), the Atari
// games (atari/breakout, ALE/Breakout-v5 ...), shared objects of the user's own (./my_env.so). A family is
// one name in RB_ENV_FAMILIES.
#ifndef RB_ENV_REGISTRY_H
#define RB_ENV_REGISTRY_H

#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_env_options { // what built-in classes get as `options`; read only while creating
    rb_env_settings settings;
    // Of gym/ID:
    int count, workers; // environments that will be created with these options, on so many processes; 0: 1
    bool screens;       // they will be rendered; otherwise they may say that they can't be
    struct rb_gym_crew **crew; // where they find each other, NULL at first; without it each is alone
} rb_env_options;

typedef struct rb_env_entry {
    const char *name;  // "cartpole", "atari/breakout"
    const char *help;  // one line: observation and actions
    const char *needs; // "" or what must be installed first
} rb_env_entry;

enum { RB_ENV_NAME_MAX = 64 }; // bytes of a name that a family offers

typedef struct rb_env_family {
    // The names it lists; a family may know more than these (an id for each game).
    int (*count)(void);
    const rb_env_entry *(*entry)(int i); // static memory
    // Whether a name is this family's, rightly spelled or not: a wrong one is best told by those who know it.
    bool (*has_form)(const char *name);
    // The class of a name in its form; RB_ERR_USAGE with near names.
    rb_status (*find)(const char *name, const rb_env_class **out, rb_error *error);
    // For a name that was found: the default preset, and the settings that the name stands for, lines of
    // "group.key = value", "" where none. Static memory.
    void (*defaults)(const char *name, const char **preset, const char **values);
    // A name of this family that is much like `name`, which has no family's form; false where there is none.
    bool (*near)(const char *name, char out[RB_ENV_NAME_MAX]);
    const char *group; // parameters that only this family reads: "minatar"; NULL: none
    const char *kind;  // what its members are called: "a MinAtar game"
} rb_env_family;

// The family that reads a parameter group of its own; NULL: no family does.
const rb_env_family *rb_env_family_of_group(const char *group);

// The class of a name; an unknown one is RB_ERR_USAGE with near names. Whether what it needs is installed
// shows only when an instance is created.
rb_status rb_env_find(const char *name, const rb_env_class **out, rb_error *error);
// The default preset for a name and the settings its id stands for ("" where none): see rb_config_env. Static
// memory.
rb_status rb_env_defaults(const char *name, const char **preset, const char **values, rb_error *error);
int rb_env_entry_count(void);
const rb_env_entry *rb_env_entry_get(int i); // 0 <= i < rb_env_entry_count(); static memory

// All families, in the order in which `rainbow envs` lists them. The shared objects come last, for any path
// that exists has their form.
#define RB_ENV_FAMILIES(X) X(classic) X(minatar) X(atari) X(gym) X(plugin)
#define X(name)            extern const rb_env_family rb_##name##_family;
RB_ENV_FAMILIES(X)
#undef X

// Whether environments of this class take env.options: those of shared objects.
bool rb_env_takes_text(const rb_env_class *class);

extern const rb_env_class rb_cartpole_class;
extern const rb_env_class rb_cartpole_pixels_class;
extern const rb_env_class rb_acrobot_class;
extern const rb_env_class rb_mountaincar_class;
extern const rb_env_class rb_minatar_class;
extern const rb_env_class rb_atari_class;

#endif
