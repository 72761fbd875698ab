// Benchmarks of the learner, a whole training run, environments and replay, each timed alone on this machine.
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

// Times one update of the learner with a preset's settings on made-up observations. RB_ERR_USAGE for options
// out of range, here and in the other benchmarks.
typedef struct rb_bench_shape {
    int planes, height, width, actions;
} rb_bench_shape;
typedef struct rb_bench_learner_options {
    int threads, updates, warmup; // threads 0: compute.threads of the settings
    const char *kernels;          // NULL: compute.kernels and compute.precision of the settings
    rb_bench_shape shape; // for byte observations, if the settings name no environment; all 0: an Atari
                          // game's
    bool profile;         // also time the same number of updates phase by phase, and measure this machine's
                          // ceilings
} rb_bench_learner_options;
// One phase of an update, timed alone. The shares are fractions of the machine's ceilings with these kernels
// and threads.
typedef struct rb_bench_phase {
    char name[48];
    double median_ms, min_ms;
    double arithmetic_share, memory_share; // from the median time; 0 if the phase has next to none
} rb_bench_phase;
enum { RB_BENCH_PHASES = 24 };
typedef struct rb_bench_learner_result {
    char kernels[32], network[128];
    int threads, updates;
    int64_t parameters;
    double median_ms, min_ms, max_ms;
    // With `profile`: the ceilings, measured in the same call; the least time an update can take, as its
    // arithmetic at the first ceiling plus its memory traffic at the second; and its phases. The last phase
    // is the time that no other phase covers.
    double peak_gflops, memory_gbytes, arithmetic_ms, memory_ms;
    // Updates and the ceiling of arithmetic, measured alternately: the time of an update over that least
    // time, which drifts with the machine as the update does. Median, lowest and highest of `turns`.
    int turns;
    double times_floor, times_floor_least, times_floor_most;
    int phases;
    rb_bench_phase phase[RB_BENCH_PHASES];
} rb_bench_learner_result;
rb_status rb_bench_learner(const rb_config *config, const rb_bench_learner_options *options,
                           rb_bench_learner_result *out, rb_error *error);

// Times a training run with these settings, once learning has begun. The run gets a temporary directory,
// which is removed afterwards. It makes no evaluations and no checkpoints.
typedef struct rb_bench_train_options {
    double seconds, warmup_seconds;
} rb_bench_train_options;
typedef struct rb_bench_train_result {
    char env[128], kernels[32];
    int environments, threads;
    int64_t steps, updates;
    double seconds, steps_per_second, updates_per_second;
    // Over pieces of half a second.
    double median_steps_per_second, fastest_steps_per_second;
    // Shares of the total time of `threads` threads. Running: a thread had a core. Queued: it could have run,
    // but another program had the core. Stolen: the host had given the core to another guest. Waiting: the
    // rest, in which it waited for work. If the system does not report queued and stolen time, they count as
    // waiting.
    double running_share, queued_share, stolen_share, waiting_share;
} rb_bench_train_result;
rb_status rb_bench_train(const rb_config *config, const rb_bench_train_options *options,
                         rb_bench_train_result *out, rb_error *error);

// What a training with these settings will take on this machine, from measurements of about 1.6 x `seconds`.
// Evaluations, checkpoints and videos are not counted; conditions that end a run early are not known.
typedef struct rb_bench_plan_result {
    int64_t steps, episodes, lives; // run.max_steps; run.max_episodes and run.max_lives, 0: no limit
    double minutes;                 // run.max_minutes, 0: no limit
    int threads;
    double playing, learning; // steps per second, until learning begins and from then on
    double seconds;           // for all steps
    double bytes;             // memory
    double busy_share;        // of the measured time, in which other programs had the cores
} rb_bench_plan_result;
rb_status rb_bench_plan(const rb_config *config, double seconds, rb_bench_plan_result *out, rb_error *error);

// Times environments alone, with random actions: the same vector as in training, on compute.threads threads,
// without acting and learning.
typedef struct rb_bench_env_options {
    double seconds, warmup_seconds;
} rb_bench_env_options;
typedef struct rb_bench_env_result {
    char env[128];
    int environments, threads;
    int64_t steps, frames, games; // games that ended
    double seconds, steps_per_second, frames_per_second;
    // Over pieces of a quarter of a second.
    double median_steps_per_second, fastest_steps_per_second;
    // As in rb_bench_train_result.
    double running_share, queued_share, stolen_share, waiting_share;
} rb_bench_env_result;
rb_status rb_bench_env(const rb_config *config, const rb_bench_env_options *options, rb_bench_env_result *out,
                       rb_error *error);

// Times replay alone: sampling a batch with its frames, updating priorities, and appending steps. It
// alternates between a full replay of replay.capacity steps and one of 10,000. The frames are a few thousand
// frames of the settings' environment under random actions, used over and over; without an environment,
// made-up 84 x 84 frames.
typedef struct rb_bench_replay_options {
    int rounds;
} rb_bench_replay_options;
typedef struct rb_bench_replay_times { // microseconds; medians, and the fastest
    double sample, sample_min, update, update_min, append, append_min;
} rb_bench_replay_times;
typedef struct rb_bench_replay_result {
    char env[128];           // the source of the frames
    char compress[16];       // replay.compress
    char skipped[128];       // why nothing was measured (not enough memory); otherwise empty
    int64_t capacity, steps; // planned, and stored at the end
    int batch, n_step, rounds;
    bool prioritized;
    double planned_bytes;                  // memory
    double frame_bytes, bytes_per_frame;   // an uncompressed frame, and one as stored
    rb_bench_replay_times times, of_10000; // at `capacity`, and with 10,000 steps
    // The ratio of the time of sample plus update, `capacity` to 10,000 steps, per round: median and
    // quartiles.
    double ratio, ratio_low, ratio_high;
} rb_bench_replay_result;
rb_status rb_bench_replay(const rb_config *config, const rb_bench_replay_options *options,
                          rb_bench_replay_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
