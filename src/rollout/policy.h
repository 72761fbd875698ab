// What it takes to play with saved weights: the settings of a checkpoint, and an agent that holds its
// weights.
#ifndef RB_ROLLOUT_POLICY_H
#define RB_ROLLOUT_POLICY_H

#include "agent/agent.h"
#include "base/arena.h"
#include "base/pool.h"
#include "config/config.h"

typedef struct rb_policy {
    rb_config *config;
    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;
    rb_agent *agent;
    char checkpoint[1024];  // where the weights came from
    int64_t step;           // that they were saved at
    int stack;              // frames of an observation
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty where they have none
    // Laid over the checkpoint's settings: "--atari.sticky=0", of the environment's groups only.
    const char *const *changes;
    int change_count;
} rb_policy;

// `path`: a run's directory (its newest checkpoint) or one checkpoint. `threads`: 0: one for each processor.
// `width`: environments that the agent acts for at once. Zero the struct before, but for the changes; close
// it also after an error. RB_ERR_USAGE: a change that can't be.
rb_status rb_policy_open(rb_policy *policy, const char *path, int threads, int width, rb_error *error);
void rb_policy_close(rb_policy *policy);
// Takes the weights of `path`'s newest checkpoint in place of those it has, for a run that goes on. `newer`:
// whether there was one. After an error it plays with those it had.
rb_status rb_policy_renew(rb_policy *policy, const char *path, bool *newer, rb_error *error);

#endif
