// A shared object with an environment in it: found, judged and loaded.
#ifndef RB_ENV_PLUGIN_OBJECT_H
#define RB_ENV_PLUGIN_OBJECT_H

#include "rainbow/env.h"

// Loads the object at `path` (relative ones count from the current directory) and hands out its table, after
// everything was checked that can be checked without running it. It stays loaded for good. RB_ERR_FILE: can't
// be read. RB_ERR_FORMAT: no shared object for this machine, one that does not load, or one without an
// environment. RB_ERR_ENV: its table is made for another version, or not complete. The sentence begins with
// the path.
rb_status rb_plugin_object_load(const rb_env_class **out, const char *path, rb_error *error);

#endif
