// Code that files name. A run's config.ini may come from someone else, and five of its values name code that
// runs as soon as the run is evaluated, watched or resumed:
//
//     run.env = ./my_env.so          a shared object is loaded
//     gym.python = /there/python     a program is started, if the environment is Gymnasium's
//     gym.import = my_envs           a Python module is imported, likewise
//     gym.wrappers = my_envs:Slow    likewise
//     compute.device = xla:my.so     a shared object is loaded when the run is resumed
//
// Without gym.python, a Gymnasium environment may start .venv/bin/python of the current directory, which may
// be the directory from someone else; so run.env names that program, too.
//
// Such code runs only if this user has chosen it before: typed on a command line (or set by the program that
// uses the library), or confirmed with --trust. What was chosen is remembered for the process and its
// children; once it trains, also in ${XDG_STATE_HOME:-~/.local/state}/rainbow/trusted, one line for each
// file, program or module. So a user's own runs never ask, and a directory from elsewhere asks once. It is
// the code that is trusted and not the run's directory, because who made a directory can't be seen.
#ifndef RB_CONFIG_TRUST_H
#define RB_CONFIG_TRUST_H

#include "rainbow/config.h"

// The parameters that can name code, by position in rb_config.from_file.
enum { RB_TRUST_ENV, RB_TRUST_PYTHON, RB_TRUST_IMPORT, RB_TRUST_WRAPPERS, RB_TRUST_DEVICE, RB_TRUST_KEYS };
int rb_trust_key(const char *key); // -1: the parameter names no code

// RB_ERR_USAGE names the file, the parameter and the code if a file named code that the user has not chosen.
// rb_config_check calls it; code that reads a configuration and does not check it calls it before it makes an
// environment.
rb_status rb_config_check_trust(const rb_config *config, rb_error *error);
// The same for a name of an environment from file `file`, before a configuration is made.
rb_status rb_trust_check_env(const char *env, const char *file, rb_error *error);
// Remembers for later processes all code that this process was allowed to run. A failure only means that the
// next process asks again.
void rb_trust_keep(void);

#endif
