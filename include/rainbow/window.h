// Windows: an agent at play to look at and to interfere with, and environments to play oneself.
#ifndef RAINBOW_WINDOW_H
#define RAINBOW_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_watch_options {
    int episodes;   // games, then the window closes; 0: as long as the user likes
    double epsilon; // share of random actions; negative: the run's eval.epsilon
    uint64_t seed;  // of starts and random actions
    // Laid over the run's settings, "--atari.sticky=0": of the environment's groups only.
    const char *const *changes;
    int change_count;
} rb_watch_options;

typedef struct rb_watch_result {
    char env[128];
    char checkpoint[1024]; // where the weights came from, in the end
    int64_t checkpoint_step;
    int64_t steps;
    int games;          // that ended
    int games_by_hand;  // of them those in which the user chose an action
    double return_mean; // of games, raw; NaN where none ended
} rb_watch_result;

// Opens a window in which the weights of `path`, a run's directory (its newest checkpoint) or one checkpoint,
// play; returns when it is closed. RB_ERR_MISSING: built without SDL2, or there is no display.
rb_status rb_watch(const char *path, const rb_watch_options *options, rb_watch_result *out, rb_error *error);

typedef struct rb_play_options {
    uint64_t seed; // of the environment
} rb_play_options;

typedef struct rb_play_result {
    char env[128];
    int64_t steps;
    int games;                       // that ended
    double return_mean, return_best; // of them, raw; NaN where none ended
    char kept[1100];                 // the file that holds the scores; "" where none was written
} rb_play_result;

// Opens a window in which the user plays the environment that `config` names, beside the scores of the agents
// of run.root, and of the user's own games before (run.root/play.csv, where this one's are added). Errors as
// of rb_watch.
rb_status rb_play(const rb_config *config, const rb_play_options *options, rb_play_result *out,
                  rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
