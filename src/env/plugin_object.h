// Finding, checking and loading a shared object with an environment in it.
#ifndef RB_ENV_PLUGIN_OBJECT_H
#define RB_ENV_PLUGIN_OBJECT_H

#include "rainbow/env.h"

// Loads the object at `path` (relative to the current directory) and copies its table, after every check
// that is possible without running its code. The object is never unloaded. RB_ERR_FILE: can't be read.
// RB_ERR_FORMAT: not a shared object for this machine, or it does not load, or it has no environment.
// Functions that its version of the table did not have are NULL.
// RB_ERR_ENV: its table is for another version, or incomplete. The message begins with the path.
rb_status rb_plugin_object_load(rb_env_class *out, const char *path, rb_error *error);

#endif
