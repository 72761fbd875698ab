// Evaluation: games played with saved weights, and pictures of what the network sees.
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

typedef struct rb_eval_options {
    int episodes;
    double epsilon;
    uint64_t seed;
    int threads; // 0: one for each processor
    // A safetensors file of what the agent saw, expected and did, decision by decision: observations
    // [T][...], q_values [T][actions], actions [T], games [T]. NULL: none.
    const char *trace;
    int64_t trace_steps; // T at most: the first ones
} rb_eval_options;

typedef struct rb_eval_result {
    int episodes;
    double mean, std, min, max, median; // of raw returns; std of the games (divided by N)
    double *returns;                    // [episodes], free with rb_eval_result_free
    int64_t *lengths;                   // [episodes] steps
    int64_t step;                       // that the weights were saved at
    char checkpoint[1024];              // where they came from
    double seconds;
} rb_eval_result;

// `path`: a run's directory (its newest checkpoint) or one checkpoint.
rb_status rb_evaluate(const char *path, const rb_eval_options *options, rb_eval_result *out, rb_error *error);
void rb_eval_result_free(rb_eval_result *result);

// A picture of what the network sees: plays some steps, then writes the frames of the stack that it would act
// on next, side by side, as a PNG file. Random steps of the environment that `config` names; or, where `run`
// is not NULL, those of its agent, `path` as in rb_evaluate. RB_ERR_USAGE: the environment shows no pictures.
// RB_ERR_MISSING: built without libpng.
typedef struct rb_frames_options {
    int64_t steps;
    uint64_t seed;
    double epsilon; // share of random actions of a run's agent
    int scale;      // pixels to one of a frame; 0: so many that a frame is some 250 high
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
