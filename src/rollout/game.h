// A game played by an agent step by step, with everything that can be shown of it: what it sees, what it
// expects of each action, what it does, what it gets. Videos (train/record.h) and windows are made of it.
//
//     look -> moment -> (show it) -> step -> look -> moment -> ...
//
// Games are whole, with all lives and raw scores, as an evaluation's (rollout/evaluator.h), on one
// environment with dice of its own. One thread owns a game.
#ifndef RB_ROLLOUT_GAME_H
#define RB_ROLLOUT_GAME_H

#include "agent/agent.h"
#include "base/log.h"
#include "base/pool.h"
#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_game_spec {
    const rb_params *params; // stay the caller's, as do agent and pool
    rb_agent *agent;         // NULL: somebody else chooses the actions, and moments have no Q-values
    rb_pool *pool;
    double epsilon;
    uint64_t seed;
    uint64_t number;   // of this row of games: others are other games
    const rb_log *log; // notices; NULL: silent
} rb_game_spec;

// What stands before the agent now, and what it makes of it. Pointers hold until the next step.
typedef struct rb_moment {
    const void *observation;    // [stack][C][H][W], oldest frame first: what the network is given
    const float *q;             // [A]; NULL without an agent
    const float *probabilities; // [A][Z], of the returns rb_game_support says; NULL without atoms
    int greedy;                 // the action of the largest Q-value
    int action;                 // the one that will be taken: the greedy one, or by epsilon's coin another
    bool random;                // the coin said so
    const uint8_t *screen;      // [screen_height][screen_width][3]; NULL where there is none to render
    int64_t game;               // number of this game, from 1
    int64_t step;               // steps made in this game
    int64_t total_steps;        // and in all games
    double reward;              // raw, of the last step
    double game_return;         // raw, so far
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

// The moment; asks the network and tosses the coin once a step, however often it is called. (After a step
// that ended a game: that moment, which is `over`.)
const rb_moment *rb_game_look(rb_game *game);
// The last moment that was made, without a new look: after a step, what came of it.
const rb_moment *rb_game_now(const rb_game *game);
// Takes the moment's action, or another one. After a game's end it does not step but goes on to the new game.
// RB_ERR_ENV and others: the environment failed.
enum { RB_GAME_OWN = -1 };
rb_status rb_game_step(rb_game *game, int action, rb_error *error);
// The agent has other weights now: the moment that stands, as they see it. The coin is not tossed again.
void rb_game_ask_again(rb_game *game);
void rb_game_set_epsilon(rb_game *game, double epsilon);   // from the next step on
rb_status rb_game_restart(rb_game *game, rb_error *error); // gives the game up and begins a new one

#endif
