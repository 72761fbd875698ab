// Runs: train, go on, evaluate. What the command line offers, for a program of one's own.
#ifndef RAINBOW_RUN_H
#define RAINBOW_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_run rb_run;

// What ended a run: the first of these that holds.
typedef enum rb_ending {
    RB_GOING,
    RB_ENDED_STEPS,
    RB_ENDED_EPISODES,
    RB_ENDED_MINUTES,
    RB_ENDED_SCORE
} rb_ending;
const char *rb_ending_name(rb_ending ending); // "run.max_steps" and so on; RB_GOING: ""

typedef enum rb_activity { RB_TRAINING, RB_EVALUATING, RB_SAVING } rb_activity;
enum { RB_CURVE_POINTS = 96 };

typedef struct rb_progress { // where a run stands
    int64_t step, max_steps, frames, updates, games;
    int64_t max_episodes;       // 0: no games end it
    double done;                // share of the run, 0 .. 1, by whatever will end it first as it looks now
    rb_ending ended;            // RB_GOING until it has
    double return_mean;         // of the last 100 games or fewer; NaN before the first one ended
    double eval_mean;           // of the last evaluation; NaN before the first
    double eval_std, eval_best; // its games' deviation; the highest mean of all evaluations; NaN before
    int64_t eval_step;          // when it was; -1 before the first
    double epsilon, loss, q_mean;
    int64_t replay_size, replay_capacity;
    double steps_per_second, seconds, seconds_left;
    double frames_per_second;
    double process_bytes, machine_free_bytes, machine_bytes; // of memory
    rb_activity activity;
    int eval_games, eval_games_of; // while RB_EVALUATING: how many have ended, of how many
    // Mean returns in equal pieces of the steps 0 .. curve_steps, which is run.max_steps halved as long as
    // the run fits into it, so that what was drawn once stays where it is. NaN where no game ended.
    int64_t curve_steps;
    float curve[RB_CURVE_POINTS];
} rb_progress;

typedef struct rb_run_hooks {
    void *context;
    void (*progress)(void *context, const rb_progress *progress);   // about ten times a second
    void (*message)(void *context, bool warning, const char *text); // one sentence
    void (*detail)(void *context, const char *text);                // one for those who want to know more
} rb_run_hooks;

// Makes the run's directory and everything in memory; nothing is left behind on an error. `hooks` may be
// NULL.
rb_status rb_run_create(rb_run **out, const rb_config *config, const rb_run_hooks *hooks, rb_error *error);
// One sentence for each setting that the user chose and that does nothing in such a run, with the reason and
// the way out. rb_run_create tells these as warnings by itself; rb_run_claim does not.
void rb_run_advice(const rb_config *config, void (*say)(void *context, const char *sentence), void *context);
// Only the directory, with the settings in it, so that the run's name is taken and rb_run_resume can begin it
// later. `directory`: where that is.
rb_status rb_run_claim(const rb_config *config, char *directory, size_t bytes, rb_error *error);
// Goes on from the newest checkpoint of a run's directory, or begins the run where it has none yet.
// `changes`: command line words such as --run.max_steps=2M, only where a parameter allows it.
rb_status rb_run_resume(rb_run **out, const char *directory, int change_count, const char *const *changes,
                        const rb_run_hooks *hooks, rb_error *error);
// The settings that rb_run_resume would go on with; the caller destroys them.
rb_status rb_run_settings(rb_config **out, const char *directory, int change_count,
                          const char *const *changes, rb_error *error);
void rb_run_destroy(rb_run *run);

const char *rb_run_directory(const rb_run *run);
const char *rb_run_plan(const rb_run *run); // network and memory in lines for a person
// RB_INTERRUPTED after rb_run_stop, with a checkpoint written.
rb_status rb_run_train(rb_run *run, rb_error *error);
void rb_run_stop(rb_run *run); // may be called from a signal handler
// Weights, moments, replay, tree, environments, random streams.
rb_status rb_run_hash(rb_run *run, uint64_t *hash, rb_error *error);

// Several runs at once, each in a process of its own.
int rb_processors(void); // that this process may use
// Whether each of the runs can be made at all, and `jobs` of them fit into the machine's memory side by side;
// makes nothing. `plan`: a line for a person.
rb_status rb_jobs_check(rb_config *const *configs, int count, int jobs, char *plan, size_t plan_bytes,
                        rb_error *error);

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

// What environments there are, and what this machine has.
typedef struct rb_env_info {
    const char *name, *help, *needs;
} rb_env_info;
int rb_env_count(void);
rb_env_info rb_env_get(int i);
// An environment as it is with its usual settings, from an instance that is made for it: RB_ERR_MISSING where
// what it needs is not installed.
typedef struct rb_env_details {
    bool floats; // or bytes
    int channels, height, width, stack, actions, max_episode_steps, screen_height, screen_width;
    bool can_save;
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty where they have none
} rb_env_details;
rb_status rb_env_describe(const char *name, rb_env_details *out, rb_error *error);

typedef struct rb_doctor_line {
    bool ok;
    char what[64], found[512], remedy[512];
} rb_doctor_line;
int rb_doctor(rb_doctor_line *lines, int most); // how many lines were filled

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

// Ready to read rb_config_arguments with the environments' own defaults; called by a program once, at its
// start.
void rb_rainbow_init(void);
const char *rb_rainbow_version(void);

#ifdef __cplusplus
}
#endif

#endif
