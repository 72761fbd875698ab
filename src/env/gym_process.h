// Child processes for Gymnasium environments: started without copying this one, ended together with what they
// started.
#ifndef RB_ENV_GYM_PROCESS_H
#define RB_ENV_GYM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "rainbow/error.h"

typedef struct rb_gym_spawn {
    const char *const
        *words;      // program and arguments, NULL at the end; a name without '/' is looked for in $PATH
    int input;       // becomes standard input
    int output;      // becomes standard output; -1: what is written there goes to standard error
    bool silent;     // standard error is thrown away
    const int *keep; // descriptors that it gets under their own numbers, all others being close-on-exec
    int keep_count;
} rb_gym_spawn;

// In a session of its own, so that a terminal's Ctrl-C is not sent to it; with OMP_NUM_THREADS=1 and no CUDA
// device. RB_ERR_MISSING: it can't be started.
rb_status rb_gym_process_start(pid_t *pid, const rb_gym_spawn *spawn, rb_error *error);
// Waits until it has ended, or kills it after `seconds`; then kills what it has started itself. `how`, for
// people: "was killed by signal 9 (Killed)"; may be NULL.
void rb_gym_process_end(pid_t pid, double seconds, char *how, size_t how_bytes);

// A descriptor above those of the standard streams, closed on exec: the same one, or another for it (the old
// one is closed then). Negative ones stay.
int rb_gym_descriptor(int fd);

#endif
