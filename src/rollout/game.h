// A game played by an agent step by step, with everything that can be shown of it: what the agent sees, what
// it expects of each action, what it does, what it gets. Videos (viewer/recording.h) and windows are built on
// it.
//
//     look -> moment -> (show it) -> step -> look -> moment -> ...
//
// Games are whole, with all lives and raw scores, as in an evaluation (rollout/evaluator.h), on one
// environment with its own random streams. One thread owns a game.
#ifndef RB_ROLLOUT_GAME_H
#define RB_ROLLOUT_GAME_H

#include <signal.h>

#include "agent/agent.h"
#include "base/log.h"
#include "base/pool.h"
#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_game_spec {
    const rb_params *params; // params, agent and pool stay the caller's
    rb_agent *agent;         // NULL: the caller chooses the actions, and moments have no Q-values
    rb_pool *pool;
    double epsilon;
    uint64_t seed;
    uint64_t number;   // different numbers give different games
    const rb_log *log; // notices; NULL: silent
    const volatile sig_atomic_t
        *stop; // set: waiting for a worker process ends with RB_INTERRUPTED; NULL: never
} rb_game_spec;

// What the agent faces now, and its estimates. Pointers are valid until the next step.
typedef struct rb_moment {
    const void *observation;    // [stack][C][H][W], oldest frame first: the network's input
    const float *q;             // [A]; NULL without an agent
    const float *probabilities; // [A][Z], of the returns in rb_game_support; NULL without atoms
    const float *quantiles;     // [A][rb_game_quantiles] of the return; NULL without quantiles
    const uint8_t *allowed;     // [A] the allowed actions, 1 or 0; NULL: all are
    int greedy;                 // the allowed action of the largest Q-value
    int action;            // the action to be taken: the greedy one, or a random one with probability epsilon
    bool random;           // the action was chosen at random
    const uint8_t *screen; // [screen_height][screen_width][3]; NULL if there is none
    int64_t game;          // number of this game, from 1
    int64_t step;          // steps made in this game
    int64_t total_steps;   // steps made in all games
    double reward;         // raw reward of the last step
    double game_return;    // raw return so far
    bool over; // the game has just ended: screen, step, reward and game_return are its last; observation and
               // Q-values are still those of the last decision. The next look is the new game's first.
} rb_moment;

typedef struct rb_game rb_game;

// RB_ERR_ENV and others: the environment can't be created or reset.
rb_status rb_game_create(rb_game **out, const rb_game_spec *spec, rb_error *error);
void rb_game_destroy(rb_game *game); // NULL is fine

const rb_env_spec *rb_game_env(const rb_game *game);
int rb_game_stack(const rb_game *game);
const float *rb_game_support(const rb_game *game, int *atoms); // [Z] returns; NULL, 1 without atoms
int rb_game_quantiles(const rb_game *game);                    // of each action; 0: none

// The moment. However often this is called, it evaluates the network and draws from epsilon's random stream
// once per step. After a step that ended a game, it returns that game's last moment, which is `over`.
const rb_moment *rb_game_look(rb_game *game);
// The newest moment, without a new look: after a step, its outcome.
const rb_moment *rb_game_now(const rb_game *game);
// Takes the moment's action, or the given one. After the end of a game, it takes no step but begins the new
// game. RB_ERR_ENV and others: the environment failed.
enum { RB_GAME_OWN = -1 };
rb_status rb_game_step(rb_game *game, int action, rb_error *error);
// Call this after the agent's weights have changed: updates the current moment without a new random draw.
void rb_game_ask_again(rb_game *game);
void rb_game_set_epsilon(rb_game *game, double epsilon);   // from the next step on
rb_status rb_game_restart(rb_game *game, rb_error *error); // abandons the game and begins a new one

#endif
