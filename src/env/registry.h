// The available environments by their common names, and how an instance is created.
//
// Environments come in families, each with its own form of names: the small tasks (cartpole), the Atari games
// (atari/breakout, ALE/Breakout-v5 ...), the user's shared objects (./my_env.so). A family is one name in
// RB_ENV_FAMILIES.
#ifndef RB_ENV_REGISTRY_H
#define RB_ENV_REGISTRY_H

#include <signal.h>

#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_env_options { // the `options` of built-in classes; read only during create
    rb_env_settings settings;
    // For gym/ID:
    int count, workers; // environments to be created with these options; their worker processes; 0: 1
    bool screens;       // they will be rendered; otherwise they may report that they can't be
    struct rb_gym_crew *
        *crew; // shared by these environments, *crew NULL at first; NULL: each has its own worker
    const volatile sig_atomic_t *stop; // set: waiting for a worker ends with RB_INTERRUPTED; may be NULL
} rb_env_options;

typedef struct rb_env_entry {
    const char *name;  // "cartpole", "atari/breakout"
    const char *help;  // one line: observation and actions
    const char *needs; // "", or the software that must be installed first
} rb_env_entry;

enum { RB_ENV_NAME_MAX = 64 }; // bytes per name that a family offers

typedef struct rb_env_family {
    // The names it lists; a family may accept more names (an id for each game).
    int (*count)(void);
    const rb_env_entry *(*entry)(int i); // static memory
    // Whether a name has this family's form, even if misspelled: the family can report a wrong name best.
    bool (*has_form)(const char *name);
    // The class of a name in its form; RB_ERR_USAGE suggests similar names.
    rb_status (*find)(const char *name, const rb_env_class **out, rb_error *error);
    // For a name that was found: the default preset, and the settings that the name implies, lines of
    // "group.key = value", "" if none. Static memory.
    void (*defaults)(const char *name, const char **preset, const char **values);
    // A name of this family similar to `name`, which has no family's form; false if there is none.
    bool (*near)(const char *name, char out[RB_ENV_NAME_MAX]);
    const char *group; // parameters that only this family reads: "minatar"; NULL: none
    const char *kind;  // what its members are called: "a MinAtar game"
} rb_env_family;

// The family that reads a parameter group of its own; NULL: no family does.
const rb_env_family *rb_env_family_of_group(const char *group);

// The class of a name; an unknown name is RB_ERR_USAGE and suggests similar names. Missing software is
// reported only when an instance is created.
rb_status rb_env_find(const char *name, const rb_env_class **out, rb_error *error);
// The default preset for a name and the settings that its id implies ("" if none): see rb_config_env. Static
// memory.
rb_status rb_env_defaults(const char *name, const char **preset, const char **values, rb_error *error);
// Whether the name is the path of a shared object: finding such an environment runs its code.
bool rb_env_is_file(const char *name);
int rb_env_entry_count(void);
const rb_env_entry *rb_env_entry_get(int i); // 0 <= i < rb_env_entry_count(); static memory

// All families, in the order in which `rainbow envs` lists them. Shared objects come last, because any
// existing path has their form.
#define RB_ENV_FAMILIES(X) X(classic) X(gridworld) X(minatar) X(atari) X(gym) X(plugin)
#define X(name)            extern const rb_env_family rb_##name##_family;
RB_ENV_FAMILIES(X)
#undef X

// What some built-in classes offer besides rb_env_class, for rules that look inside a step.
typedef struct rb_env_frames {
    // The signs of the rewards of the last step's frames, summed.
    double (*signs)(const rb_env *env);
    // Plays idle frames after a lost life, and changes the observation. `out` as for a step. NULL: lives are
    // unknown.
    rb_status (*idle)(rb_env *env, int frames, rb_env_step *out, rb_error *error);
} rb_env_frames;
const rb_env_frames *rb_env_frames_of(const rb_env_class *class); // NULL: each step is one frame
extern const rb_env_frames rb_atari_frames, rb_gym_frames;

// Whether environments of this class take env.options: only those in shared objects do.
bool rb_env_takes_text(const rb_env_class *class);
// observe and mask can't fail, but those of a shared object may call exit() (plugin_call.h). Returns that
// failure of the newest of them in this thread; an observation is then all zero.
rb_status rb_env_check_observed(rb_error *error);

extern const rb_env_class rb_cartpole_class;
extern const rb_env_class rb_cartpole_pixels_class;
extern const rb_env_class rb_acrobot_class;
extern const rb_env_class rb_mountaincar_class;
extern const rb_env_class rb_gridworld_class;
extern const rb_env_class rb_minatar_class;
extern const rb_env_class rb_atari_class;

#endif
