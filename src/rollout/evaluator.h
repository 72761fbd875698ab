// Evaluations: whole games on environments of their own, all lives, raw scores, no noise in the network.
// Every evaluation opens its environments anew, with streams made from (seed, number), so its result depends
// on the weights and its number alone, and training's dice never move.
#ifndef RB_ROLLOUT_EVALUATOR_H
#define RB_ROLLOUT_EVALUATOR_H

#include <signal.h>

#include "agent/agent.h"
#include "base/log.h"
#include "base/pool.h"
#include "config/params.h"
#include "env/vector.h"
#include "rainbow/evaluate.h"

// Someone who looks on while an evaluation plays, and changes nothing.
typedef struct rb_eval_observer {
    void *context;
    // Once, after the environments were made: what will be needed is taken now. NULL: nothing.
    rb_status (*begin)(void *context, rb_vector *envs, rb_error *error);
    // Before each step: environment i plays game number game[i] (-1: it rests), sees what the vector shows,
    // thinks q [count][A] of it and is told actions[i].
    void (*decision)(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions);
} rb_eval_observer;

typedef struct rb_evaluation {
    const rb_params *params;
    rb_agent *agent;
    rb_pool *pool;
    int episodes;
    double epsilon;
    uint64_t seed;
    int64_t number;
    const rb_log *log;                 // notices of its environments; NULL: silent
    const volatile sig_atomic_t *stop; // looked at now and then; NULL: never
    const rb_eval_observer *watches;   // [watch_count]
    int watch_count;
    bool screens;                                          // they render the environments
    void (*count)(void *counter, int ended, int episodes); // called at every vector step; may be NULL
    void *counter;
} rb_evaluation;

// Environments that an evaluation of so many games steps side by side; the agent must be made for that many
// observations.
int rb_evaluator_width(int64_t episodes);
// Fills everything of `out` but step and checkpoint. RB_INTERRUPTED when told to stop.
rb_status rb_evaluator_play(const rb_evaluation *evaluation, rb_eval_result *out, rb_error *error);

#endif
