// Checks whether an environment keeps its contract (rainbow/env.h) by playing it: the results that `rainbow
// check` shows.
#ifndef RAINBOW_CHECK_H
#define RAINBOW_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rb_check_verdict {
    RB_CHECK_PASS,
    RB_CHECK_FAIL,   // breaks the contract
    RB_CHECK_ABSENT, // optional, and not implemented
    RB_CHECK_NOTE,   // allowed, but worth knowing; or a measured number
} rb_check_verdict;

typedef struct rb_check_line {
    char what[24];
    rb_check_verdict verdict;
    char found[320]; // one sentence
} rb_check_line;

enum { RB_CHECK_LINES = 24 };
typedef struct rb_check_result {
    char env[128], kind[8]; // "bytes" "floats"
    int channels, height, width, stack, actions, max_episode_steps, screen_height, screen_width;
    int vector; // floats beside the picture; 0: none
    bool can_save, masks;
    int count, failures;
    rb_check_line lines[RB_CHECK_LINES];
    // Random play: games that ended, and the mean and extremes of their raw returns; NaN if none ended.
    int64_t steps, frames, games, lives_lost;
    double return_mean, return_min, return_max, length_mean; // steps
    int restores,
        restores_exact; // states from which play continued after a load; those in which it continued exactly
    double step_us, reset_us, create_ms; // medians; a step with its observation
    double bytes_per_reset;              // memory growth per reset, at the end of many resets; NaN if unknown
    // The check in progress, readable by another process too: if the environment's code ends this process, it
    // names the place.
    char doing[64];
} rb_check_result;

// Plays `steps` random actions, of those that are allowed, in the environment that the settings name, several
// times and in several instances; the seed is run.seed. Returns RB_OK if the checks were made, even if some
// failed; an error if the environment is unknown or cannot be created.
rb_status rb_check_env(const rb_config *config, int steps, rb_check_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
