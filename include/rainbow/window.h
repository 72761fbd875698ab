// Windows: watch and steer a playing agent, or play an environment yourself.
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
    int episodes;   // the window closes after this many games; 0: when the user closes it
    double epsilon; // share of random actions; negative: the run's eval.epsilon
    uint64_t seed;  // seeds the starts and the random actions
    // Changes to the run's settings, such as "--atari.sticky=0"; only the environment's groups can change.
    const char *const *changes;
    int change_count;
} rb_watch_options;

typedef struct rb_watch_result {
    char env[128];
    char checkpoint[1024]; // the last source of the weights
    int64_t checkpoint_step;
    int64_t steps;
    int games;          // games that ended
    int games_by_hand;  // games of these in which the user chose an action
    double return_mean; // mean raw return of the games; NaN if none ended
} rb_watch_result;

// Opens a window in which the weights of `path`, a run's directory (its newest checkpoint) or one checkpoint,
// play. Returns when the window is closed. RB_ERR_MISSING: built without SDL2, or there is no display.
rb_status rb_watch(const char *path, const rb_watch_options *options, rb_watch_result *out, rb_error *error);

typedef struct rb_play_options {
    uint64_t seed; // seeds the environment
} rb_play_options;

typedef struct rb_play_result {
    char env[128];
    int64_t steps;
    int games;                       // games that ended
    double return_mean, return_best; // over their raw returns; NaN if none ended
    char kept[1100];                 // the file with the scores; "" if none was written
} rb_play_result;

// Opens a window in which the user plays the environment that `config` names. It shows the scores of the
// agents in run.root and of the user's earlier games (run.root/play.csv, to which these games are added).
// Errors as in rb_watch.
rb_status rb_play(const rb_config *config, const rb_play_options *options, rb_play_result *out,
                  rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
