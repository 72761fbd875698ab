// Holding an environment against its contract (rainbow/env.h) by playing it: what `rainbow check` shows.
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
    RB_CHECK_ABSENT, // optional, and not offered
    RB_CHECK_NOTE,   // allowed, but worth knowing; or a figure
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
    bool can_save;
    int count, failures;
    rb_check_line lines[RB_CHECK_LINES];
    // Random play: games that ended, and the mean and extremes of their raw returns; NaN where none did.
    int64_t steps, frames, games, lives_lost;
    double return_mean, return_min, return_max, length_mean; // steps
    int restores,
        restores_exact; // states that were loaded and played on from, and those that went on exactly
    double step_us, reset_us, create_ms; // medians; a step with its observation
    double bytes_per_reset;              // of memory, at the end of many resets; NaN where it is not known
    // What is being checked right now, also for a process that looks on: if the environment's code ends this
    // one, it says where.
    char doing[64];
} rb_check_result;

// Plays `steps` random actions in the environment that the settings name, with their run.seed, several times
// over and in several instances. RB_OK when the checks were made, whatever they found. An error: it is not
// known, or can't be created.
rb_status rb_check_env(const rb_config *config, int steps, rb_check_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
