// What is needed to play with saved weights: the settings of a checkpoint, and an agent that holds its
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
    char checkpoint[1024];  // the weights' checkpoint, or their file
    int64_t step;           // step at which they were saved; -1: unknown
    int stack;              // frames per observation
    bool masks;             // its environment reports action masks
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty if they have no names
    // Override the checkpoint's settings: "--atari.sticky=0", only for the environment's groups.
    const char *const *changes;
    int change_count;
} rb_policy;

// `path`: a run's directory (its newest checkpoint) or one checkpoint. `threads`: 0: one per processor.
// `width`: the number of environments that the agent acts for at once. Set the struct to zero first, except
// for the changes; close it even after an error. RB_ERR_USAGE: a change that is not possible.
rb_status rb_policy_open(rb_policy *policy, const char *path, int threads, int width, rb_error *error);
// The same with the weights of a file, config->params.run.init_weights, and without a run: the settings are
// those of `config`. `checkpoint` becomes the file's path, `step` that of ours or -1.
rb_status rb_policy_open_file(rb_policy *policy, const rb_config *config, int threads, int width,
                              rb_error *error);
// Whether a run with these settings could begin with run.init_weights; makes the network for a moment. RB_OK
// if no file is named.
rb_status rb_policy_check_file(const rb_config *config, rb_error *error);
void rb_policy_close(rb_policy *policy);
// For a run that is still training: replaces the weights with those of `path`'s newest checkpoint. `newer`:
// whether there was one. After an error, the policy keeps its old weights.
rb_status rb_policy_renew(rb_policy *policy, const char *path, bool *newer, rb_error *error);

#endif
