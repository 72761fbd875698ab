// Benchmarks: the learner, a whole training, environments and replay, each timed alone on this machine.
#ifndef RAINBOW_BENCH_H
#define RAINBOW_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Times one update of the learner with a preset's settings on made-up observations.
typedef struct rb_bench_shape {
    int planes, height, width, actions;
} rb_bench_shape;
typedef struct rb_bench_learner_options {
    int threads, updates, warmup;
    const char *kernels;
    rb_bench_shape shape; // of bytes, where the settings name no environment; all 0: an Atari game's
    bool profile;         // as many updates again, phase by phase, and what the machine could do at best
} rb_bench_learner_options;
// One phase of an update, run alone. Shares are of the machine's ceilings with these kernels and threads.
typedef struct rb_bench_phase {
    char name[48];
    double median_ms, min_ms;
    double arithmetic_share, memory_share; // of the median; 0 where the phase has none to speak of
} rb_bench_phase;
enum { RB_BENCH_PHASES = 24 };
typedef struct rb_bench_learner_result {
    char kernels[32], network[128];
    int threads, updates;
    int64_t parameters;
    double median_ms, min_ms, max_ms;
    // With `profile`: the ceilings, measured in the same go; the update's least time, which is its arithmetic
    // at the first and its memory traffic at the second, one after the other; and its phases, of which the
    // last is what no phase covers.
    double peak_gflops, memory_gbytes, arithmetic_ms, memory_ms;
    int phases;
    rb_bench_phase phase[RB_BENCH_PHASES];
} rb_bench_learner_result;
rb_status rb_bench_learner(const rb_config *config, const rb_bench_learner_options *options,
                           rb_bench_learner_result *out, rb_error *error);

// Times a training with these settings after learning began, in a directory of its own that is removed again.
// Evaluations and checkpoints are left out.
typedef struct rb_bench_train_options {
    double seconds, warmup_seconds;
} rb_bench_train_options;
typedef struct rb_bench_train_result {
    char env[128], kernels[32];
    int environments, threads;
    int64_t steps, updates;
    double seconds, steps_per_second, updates_per_second;
    // Of pieces of half a second.
    double median_steps_per_second, fastest_steps_per_second;
    // Of all the time of `threads` threads: they ran; they wanted to, and another program had the core; the
    // host had given the core to another guest; the rest, in which they waited for work. Where the system
    // does not tell of queued and stolen time, it is part of waiting.
    double running_share, queued_share, stolen_share, waiting_share;
} rb_bench_train_result;
rb_status rb_bench_train(const rb_config *config, const rb_bench_train_options *options,
                         rb_bench_train_result *out, rb_error *error);

// Times environments alone, under random actions: the vector as a training has it, on compute.threads
// threads, without acting and learning.
typedef struct rb_bench_env_options {
    double seconds, warmup_seconds;
} rb_bench_env_options;
typedef struct rb_bench_env_result {
    char env[128];
    int environments, threads;
    int64_t steps, frames, games; // games that ended
    double seconds, steps_per_second, frames_per_second;
    // Of pieces of a quarter of a second.
    double median_steps_per_second, fastest_steps_per_second;
    // As in rb_bench_train_result.
    double running_share, queued_share, stolen_share, waiting_share;
} rb_bench_env_result;
rb_status rb_bench_env(const rb_config *config, const rb_bench_env_options *options, rb_bench_env_result *out,
                       rb_error *error);

// Times replay alone: draws of a batch with its frames, priorities handed back, and steps appended, on a full
// replay of replay.capacity steps and, in turns with it, on one of 10,000. Frames are those of the settings'
// environment under random actions, some thousands over and over; without one, a made-up game's of 84 x 84.
typedef struct rb_bench_replay_options {
    int rounds;
} rb_bench_replay_options;
typedef struct rb_bench_replay_times { // microseconds; medians, and the fastest
    double sample, sample_min, update, update_min, append, append_min;
} rb_bench_replay_times;
typedef struct rb_bench_replay_result {
    char env[128];           // whose frames
    char compress[16];       // replay.compress
    char skipped[128];       // why nothing was measured (the machine has not got the memory); otherwise empty
    int64_t capacity, steps; // planned for, and held in the end
    int batch, n_step, rounds;
    bool prioritized;
    double planned_bytes;                  // of memory
    double frame_bytes, bytes_per_frame;   // of a frame as it is, and as it is stored
    rb_bench_replay_times times, of_10000; // steps
    // Sample and update together, of `capacity` over 10,000, round by round: the median and the quartiles.
    double ratio, ratio_low, ratio_high;
} rb_bench_replay_result;
rb_status rb_bench_replay(const rb_config *config, const rb_bench_replay_options *options,
                          rb_bench_replay_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
