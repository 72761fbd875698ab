// A run writes only inside its directory: before a process trains in an existing one, it looks for symbolic
// links under the names that it will write to. The files themselves are opened without following links, too.
#ifndef RB_TRAIN_RUN_LINKS_H
#define RB_TRAIN_RUN_LINKS_H

#include "rainbow/error.h"

// RB_ERR_FILE names the first link, its target and the remedy. The directory itself may be reached through a
// link, and other entries are not looked at. checkpoints/best may link to best_a or best_b.
// `videos`: record.directory.
rb_status rb_run_links_check(const char *directory, const char *videos, rb_error *error);

#endif
