// Child processes for Gymnasium environments: started without copying this process, ended together with their
// own children.
#ifndef RB_ENV_GYM_PROCESS_H
#define RB_ENV_GYM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "rainbow/error.h"

typedef struct rb_gym_spawn {
    const char *const *words; // program and arguments, then NULL; a program without '/' is searched in $PATH
    int input;                // becomes standard input
    int output;               // becomes standard output; -1: goes to standard error
    bool silent;              // standard error is discarded
    const int *keep;          // descriptors to inherit under the same numbers; all others are close-on-exec
    int keep_count;
} rb_gym_spawn;

// Starts the process in its own session, so that a terminal's Ctrl-C is not sent to it, with
// OMP_NUM_THREADS=1 and no CUDA device. RB_ERR_MISSING: it can't be started.
rb_status rb_gym_process_start(pid_t *pid, const rb_gym_spawn *spawn, rb_error *error);
// Waits until the process has ended, or kills it after `seconds`; then kills its own children. `how`
// describes the end for people: "was killed by signal 9 (Killed)"; it may be NULL.
void rb_gym_process_end(pid_t pid, double seconds, char *how, size_t how_bytes);

// Returns a close-on-exec descriptor above the standard streams': the same one, or a duplicate (the old one
// is then closed). Negative ones are returned unchanged.
int rb_gym_descriptor(int fd);

#endif
