// Evaluation: play games with saved weights, and draw pictures of the network's input.
#ifndef RAINBOW_EVALUATE_H
#define RAINBOW_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Reports how far an evaluation is: games ended, games in all, steps of all games so far, seconds since it
// began.
typedef void (*rb_eval_count_fn)(void *counter, int ended, int episodes, int64_t steps, double seconds);

typedef struct rb_eval_options {
    int episodes;
    double epsilon;
    uint64_t seed;
    int threads; // 0: one for each processor
    // A safetensors file to write, with the agent's input, Q-values and action at every decision:
    // observations [T][...], q_values [T][actions], actions [T], games [T]; and masks
    // [T][actions] if the environment reports which are allowed. NULL: none.
    const char *trace;
    int64_t trace_steps;       // the largest T: the first decisions are kept
    int64_t max_episode_steps; // time limit of a game; 0: that of the run's settings
    rb_eval_count_fn count;    // called at every step; NULL: none
    void *counter;
} rb_eval_options;

typedef struct rb_eval_result {
    int episodes;
    double mean, std, min, max, median; // over the games' raw returns; std divides by N
    double *returns;                    // [episodes], free with rb_eval_result_free
    int64_t *lengths;                   // [episodes] steps
    int64_t step;                       // the run's step at which the weights were saved; -1: unknown
    char checkpoint[1024];              // the checkpoint or the file they came from
    double seconds;
    int64_t limit_steps; // the time limit of a game; 0: the environment's own
    bool fallback;       // nothing limits the games, so that limit was assumed
    int cut;             // games that ended only by such an assumed limit
} rb_eval_result;

// Plays games with the weights of `path`, a run's directory (its newest checkpoint) or one checkpoint.
// RB_ERR_USAGE: fewer than 1 episode; RB_ERR_FILE: no such directory; RB_ERR_FORMAT: neither a run nor a
// checkpoint, or weights that do not fit the settings' network; RB_ERR_MISSING: the run has no checkpoint
// yet.
rb_status rb_evaluate(const char *path, const rb_eval_options *options, rb_eval_result *out, rb_error *error);
// Plays games with the weights of a file that run.init_weights of `config` names, without a run: environment,
// network and everything else are those of `config`. The result's checkpoint is the file, its step -1 if the
// file has none. RB_ERR_USAGE: no environment or no file is named; RB_ERR_FORMAT: the weights do not fit.
rb_status rb_evaluate_file(const rb_config *config, const rb_eval_options *options, rb_eval_result *out,
                           rb_error *error);
void rb_eval_result_free(rb_eval_result *result);

// Draws the network's input: plays some steps, then writes the frames of the stack that it would act on next,
// side by side, as a PNG file. The steps are random actions in the environment that `config` names; if `run`
// is not NULL, they are those of its agent (`run` as `path` in rb_evaluate). RB_ERR_USAGE: the environment's
// observations are not pictures. RB_ERR_MISSING: built without libpng.
typedef struct rb_frames_options {
    int64_t steps;
    uint64_t seed;
    double epsilon; // share of random actions, for a run's agent
    int scale;      // pixels per pixel of a frame; 0: chosen so that a frame is about 250 pixels high
} rb_frames_options;
typedef struct rb_frames_result {
    char env[128];
    int64_t steps, games; // games that ended
    int stack, channels, height, width;
} rb_frames_result;
rb_status rb_frames(const rb_config *config, const char *run, const char *file,
                    const rb_frames_options *options, rb_frames_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
