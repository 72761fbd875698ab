// Where the plugins are: what compute.device means.
#ifndef RB_XLA_FIND_H
#define RB_XLA_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

// The plugin that `device` names, a value of compute.device: "cuda", "rocm", "oneapi", "xla:PATH", "xla:cpu"
// (the processor behind a plugin, for tests), or "auto", the first of these that there is. An empty path: the
// processor itself. RB_ERR_MISSING: scripts/get-accelerator has not fetched it; RB_ERR_USAGE: there is no
// such device.
rb_status rb_xla_find(char *path, size_t bytes, const char *device, rb_error *error);
// The plugins that scripts/get-accelerator fetched, one after the other, from 0; false: there are no more.
bool rb_xla_fetched(int i, char *kind, size_t kind_bytes, char *path, size_t bytes);

#endif
