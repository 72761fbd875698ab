// Evaluations: whole games with all lives, on separate environments, with raw scores and without noise in the
// network. Every evaluation opens its environments anew, with random streams made from (seed, number). So its
// result depends only on the weights and its number, and it never moves the training's random streams.
#ifndef RB_ROLLOUT_EVALUATOR_H
#define RB_ROLLOUT_EVALUATOR_H

#include <signal.h>

#include "agent/agent.h"
#include "base/log.h"
#include "base/pool.h"
#include "config/params.h"
#include "env/vector.h"
#include "rainbow/evaluate.h"

// An observer watches an evaluation play, and changes nothing.
typedef struct rb_eval_observer {
    void *context;
    // Called once, after the environments were made: allocate everything here. May be NULL.
    rb_status (*begin)(void *context, rb_vector *envs, rb_error *error);
    // Called before each step. Environment i plays game number game[i] (-1: it is idle), the vector holds its
    // observation, the network's Q-values are q [count][A], and actions[i] will be taken.
    void (*decision)(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions);
    // Called when environment i has ended a game, with its results in the vector. May be NULL.
    void (*ended)(void *context, rb_vector *envs, int i, int game);
} rb_eval_observer;

typedef struct rb_evaluation {
    const rb_params *params;
    rb_agent *agent;
    rb_pool *pool;
    int episodes;
    double epsilon;
    uint64_t seed;
    int64_t number;
    const rb_log *log;                 // notices from its environments; NULL: silent
    const volatile sig_atomic_t *stop; // checked regularly; NULL: never
    const rb_eval_observer *watches;   // [watch_count]
    int watch_count;
    bool screens;           // the observers render the environments
    bool last_screens;      // and look at the last screens of games
    rb_eval_count_fn count; // called at every vector step; may be NULL
    void *counter;
} rb_evaluation;

// The time limit of a game, in steps, if nothing else limits it: as many as an Atari game may have (108,000
// frames).
enum { RB_EVAL_FALLBACK_LIMIT_STEPS = 27000 };
// The number of environments that an evaluation of `episodes` games steps side by side; the agent must be
// made for that many observations.
int rb_evaluator_width(int64_t episodes);
// Fills all fields of `out` except step and checkpoint. RB_INTERRUPTED if asked to stop.
rb_status rb_evaluator_play(const rb_evaluation *evaluation, rb_eval_result *out, rb_error *error);

#endif
