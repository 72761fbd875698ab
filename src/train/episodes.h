// The learner's episodes: games or, if a lost life ends the learner's episode, lives. They are counted for
// run.max_lives, and with run.print_episodes each one that ends is a line of the run's messages:
//
//     life 12, step 1,234: epsilon 0.9979, the learner's reward 3, raw reward 12
//
// The count is part of the ledger: it decides when a run ends, and nothing before.
#ifndef RB_TRAIN_EPISODES_H
#define RB_TRAIN_EPISODES_H

#include "base/arena.h"
#include "base/visit.h"
#include "env/vector.h"
#include "rainbow/run.h"

typedef struct rb_episode_sums { // of the episode and of the game being played
    double life_learner, life_raw, game_learner;
} rb_episode_sums;

typedef struct rb_episodes {
    int64_t lives;         // episodes that have ended
    rb_episode_sums *sums; // [env.count]
} rb_episodes;

void rb_episodes_init(rb_episodes *episodes, int environments, rb_arena *arena);
// Counts a step of environment i. Call it after rb_metrics_game.
void rb_episodes_step(rb_run *run, int i, const rb_vector_result *result);
void rb_episodes_began(rb_run *run, int i); // environment i's game was lost, and a new one begins
// A line for an update of the target network, if episodes have lines and the update is a copy.
void rb_episodes_target(const rb_run *run);
void rb_episodes_visit(rb_run *run, rb_visitor *visitor);

#endif
