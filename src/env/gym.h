// Environments of Gymnasium (gym/LunarLander-v3), stepped by worker processes of the user's Python.
//
//     learner's process                          worker w: python, gym_worker.py
//     +---------------------------+    1 byte    +------------------------------+
//     | environment i: rb_env  ---|--- socket ---|--- seat i: gymnasium's env   |
//     |                        ---|--- memory ---|---                           |
//     | environment i + 1      ---|--- ...    ---|--- seat i + 1                |
//     +---------------------------+              +------------------------------+
//
// The environments of a vector share a *crew* of workers (gym_crew.h), each with an equal stretch of them.
// `begin` hands all actions out before anybody waits, so that workers run beside each other and beside the
// learner, also in a run of one thread. Nothing depends on the number of workers: each environment has its
// own dice.
//
// A worker that dies takes nothing with it but the games it was playing: the step comes back as `cut`, and
// the next reset starts the worker again. What Python raises, and what is not as Gymnasium's rules say, is an
// error with the reason. An environment can't be saved.
#ifndef RB_ENV_GYM_H
#define RB_ENV_GYM_H

#include "base/file.h"
#include "env/registry.h"

#define RB_GYMNASIUM_VERSION "1.4.0" // that scripts/get-gymnasium gets

typedef struct rb_gym_python {
    char path[RB_PATH_MAX]; // of the interpreter; "": there is none
    char version[32];       // "3.11.2"
    char gymnasium[32];     // "1.4.0"; "": not installed
} rb_gym_python;

// The interpreter to use: `named` (gym.python) if it isn't empty; else the first that has gymnasium of
// $VIRTUAL_ENV, .venv in the current directory, python3, and what scripts/get-gymnasium made. RB_ERR_MISSING
// with what to do; `out` then holds what was found all the same.
rb_status rb_gym_probe(const char *named, rb_gym_python *out, rb_error *error);

// The process that steps it.
int rb_gym_worker(const rb_env *env);

extern const rb_env_class rb_gym_class;
extern const rb_env_family rb_gym_family;

#endif
