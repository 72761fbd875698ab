// Gymnasium environments (gym/LunarLander-v3), stepped by worker processes that run the user's Python.
//
//     learner's process                          worker w: python, gym_worker.py
//     +---------------------------+    1 byte    +------------------------------+
//     | environment i: rb_env  ---|--- socket ---|--- seat i: gymnasium's env   |
//     |                        ---|--- memory ---|---                           |
//     | environment i + 1      ---|--- ...    ---|--- seat i + 1                |
//     +---------------------------+              +------------------------------+
//
// The environments of a vector share a *crew* of workers (gym_crew.h), each with an equal share of
// consecutive environments. `begin` sends all actions before any result is waited for, so that workers run in
// parallel with each other and with the learner, even in a run with one thread. Results do not depend on the
// number of workers: each environment has its own random numbers.
//
// If a worker dies, or does not answer within gym.timeout_seconds, only the games it was playing are lost:
// the step returns `cut`, and the next reset replaces the worker (gym.restarts). A Python exception, or a
// violation of Gymnasium's rules, is an error with the reason. An environment can't be saved.
//
// Whether an environment reports action masks (info["action_mask"], or a method action_masks()) is known
// after its first reset only, but memory depends on it. So, unless env.masks is false, `create` makes the
// first reset and keeps its outcome for the first call of `reset`.
#ifndef RB_ENV_GYM_H
#define RB_ENV_GYM_H

#include "base/file.h"
#include "env/registry.h"

#define RB_GYMNASIUM_VERSION "1.4.0" // installed by scripts/get-gymnasium

typedef struct rb_gym_python {
    char path[RB_PATH_MAX]; // the interpreter; "": none
    char version[32];       // "3.11.2"
    char gymnasium[32];     // "1.4.0"; "": not installed
} rb_gym_python;

// Finds the interpreter to use: `named` (gym.python) if it isn't empty; else the first one that has
// gymnasium, among $VIRTUAL_ENV, .venv in the current directory, python3, and the one that
// scripts/get-gymnasium installs. RB_ERR_MISSING if there is none, with the remedy; `out` then still holds
// the interpreter that was found.
rb_status rb_gym_probe(const char *named, rb_gym_python *out, rb_error *error);

// The process id of the worker that steps `env`.
int rb_gym_worker(const rb_env *env);

extern const rb_env_class rb_gym_class;
extern const rb_env_family rb_gym_family;

#endif
