// Runs: train and resume from a custom program, as the command line does.
#ifndef RAINBOW_RUN_H
#define RAINBOW_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_run rb_run;

// The condition that ended a run: the first of these that holds.
typedef enum rb_ending {
    RB_GOING,
    RB_ENDED_STEPS,
    RB_ENDED_EPISODES,
    RB_ENDED_LIVES,
    RB_ENDED_MINUTES,
    RB_ENDED_SCORE
} rb_ending;
const char *rb_ending_name(rb_ending ending); // "run.max_steps" and so on; RB_GOING: ""

typedef enum rb_activity { RB_TRAINING, RB_EVALUATING, RB_SAVING } rb_activity;
enum { RB_CURVE_POINTS = 96 };

typedef struct rb_progress { // the state of a run
    int64_t step, max_steps, frames, updates, games;
    int64_t max_episodes;     // 0: no limit
    int64_t lives, max_lives; // the learner's episodes, and their limit, 0: none
    double done;              // share of the run done, 0 .. 1, by the limit that is expected to end it
                              // first
    rb_ending ended;          // RB_GOING until it ends
    double return_mean;       // mean return of the last 100 games or fewer; NaN before the first one ends
    double eval_mean;         // mean of the last evaluation; NaN before the first
    // Mean of the last stop_evaluations evaluations, which ends the run at stop_score; NaN before there are
    // as many, or if stop_evaluations is 0.
    double eval_trailing, stop_score;
    int64_t stop_evaluations;
    double eval_std, eval_best; // standard deviation of its games; highest mean of all evaluations; NaN
                                // before the first
    int64_t eval_step;          // step of the last evaluation; -1 before the first
    double epsilon, loss, q_mean;
    int64_t replay_size, replay_capacity;
    double steps_per_second, seconds;
    double seconds_left;  // of training, at the speed so far; NaN before that is known: at the start, and as
                          // long as updates are still to come whose cost no update has shown yet
    bool warming_up;      // seconds_left is NaN for the second reason
    double every_seconds; // progress.every_seconds
    double frames_per_second;
    double process_bytes, machine_free_bytes, machine_bytes; // memory
    rb_activity activity;
    int eval_games, eval_games_of; // while RB_EVALUATING: games ended, and games in all
    int64_t eval_steps;            // while RB_EVALUATING: steps of these games so far
    double eval_seconds;           // while RB_EVALUATING: since it began
    // Mean returns in equal pieces of the steps 0 .. curve_steps; NaN for a piece in which no game ended.
    // curve_steps is run.max_steps, halved as long as the run so far still fits, so that a drawn point keeps
    // its place.
    int64_t curve_steps;
    float curve[RB_CURVE_POINTS];
} rb_progress;

typedef struct rb_run_hooks {
    void *context;
    void (*progress)(void *context,
                     const rb_progress *progress); // ten times a second, or every progress.every_seconds
    void (*message)(void *context, bool warning, const char *text); // one sentence
    void (*detail)(void *context, const char *text);                // one sentence for users who want details
    // Optional: a flag of the caller's that stops the run as rb_run_stop does once it is not 0, also while
    // the run is being made. A signal handler may set it; run.time_limit_minutes sets it to
    // RB_STOP_TIME_LIMIT.
    volatile sig_atomic_t *stop;
} rb_run_hooks;

enum { RB_STOP_TIME_LIMIT = 1000 };

// Creates the run's directory and everything in memory; an error leaves nothing behind. `hooks` may be NULL.
// RB_ERR_USAGE: invalid settings, such as no environment; RB_ERR_EXISTS: the run exists already.
rb_status rb_run_create(rb_run **out, const rb_config *config, const rb_run_hooks *hooks, rb_error *error);
// Calls `say` with one sentence for each setting that the user chose but that has no effect in this run; the
// sentence gives the reason and the remedy. rb_run_create itself reports these as warnings; rb_run_claim does
// not.
void rb_run_advice(const rb_config *config, void (*say)(void *context, const char *sentence), void *context);
// Creates only the directory with the settings in it, so that the run's name is taken and rb_run_resume can
// begin it later. Writes the directory's path to `directory`.
rb_status rb_run_claim(const rb_config *config, char *directory, size_t bytes, rb_error *error);
// What is in the directory of the run that some settings name.
typedef enum rb_presence {
    RB_ABSENT,    // nothing, or only what a process left that was killed before it had begun
    RB_RESUMABLE, // a run that has not ended
    RB_COMPLETE   // a run that has ended
} rb_presence;
// For a command that starts, resumes or leaves a run as needed. Without run.name, the name is the first that
// rb_run_create would choose; run.name is set to it. `changes`: the settings that must be passed to
// rb_run_resume because they differ from the run's, as words ("--run.note=x"), one per line. RB_ERR_USAGE:
// the run has other settings, which decide its result or can't change on resume.
rb_status rb_run_find(rb_config *config, rb_presence *presence, char *directory, size_t directory_bytes,
                      char *changes, size_t change_bytes, rb_error *error);
typedef struct rb_run_numbers { // of end.json
    char ended_by[32];          // "run.max_steps"
    double step, frames, games, updates, seconds;
    double return_mean, eval_mean, eval_best; // NaN: none
} rb_run_numbers;
// RB_ERR_FILE, RB_ERR_FORMAT: there is none, or it is damaged.
rb_status rb_run_numbers_read(rb_run_numbers *out, const char *directory, rb_error *error);
// Whether a path is a run's directory or a checkpoint, as far as its config.ini shows. RB_ERR_FILE: it is
// not; the sentence suggests the run or the checkpoint that was probably meant.
rb_status rb_run_check(const char *path, rb_error *error);
// Resumes from the newest checkpoint of a run's directory, or begins the run if it has none yet. `changes`:
// command line words such as --run.max_steps=2M; only parameters that allow it can change
// (RB_ERR_USAGE otherwise). RB_ERR_FILE: not a run's directory; RB_ERR_EXISTS: another process trains there.
rb_status rb_run_resume(rb_run **out, const char *directory, int change_count, const char *const *changes,
                        const rb_run_hooks *hooks, rb_error *error);
// The settings that rb_run_resume would use; the caller destroys them.
rb_status rb_run_settings(rb_config **out, const char *directory, int change_count,
                          const char *const *changes, rb_error *error);
void rb_run_destroy(rb_run *run);

const char *rb_run_directory(const rb_run *run);
const char *rb_run_plan(const rb_run *run); // the network and its memory, in lines for a person
// The network as a table of its layers: names as in weights.safetensors, sizes, numbers of parameters.
const char *rb_run_network(const rb_run *run);
// Returns RB_INTERRUPTED after rb_run_stop or hooks.stop, once a checkpoint is written.
rb_status rb_run_train(rb_run *run, rb_error *error);
void rb_run_stop(rb_run *run); // may be called from a signal handler
// The run's step, and the step of its newest checkpoint (-1: none). May be called from a signal handler.
void rb_run_unsaved(const rb_run *run, int64_t *step, int64_t *saved);
// Whether a checkpoint is being written, by a thread of its own. May be called from a signal handler.
bool rb_run_saving(const rb_run *run);
// The path of the custom environment's shared object, and the function of it, that the calling thread is in;
// NULL: it is in none. May be called from a signal handler.
const char *rb_env_running(const char **function);
// A custom environment that calls exit() ends the process, unless the program defines exit, _exit and the
// like itself and calls this function in them, as `rainbow` does (src/cli/exits.c). It leaves the call of the
// environment that the calling thread is in, which then fails with the sentence "called exit(STATUS)"; it
// returns if the thread is in none.
void rb_env_leave(int status);
// Hashes the weights, moments, replay, sum tree, environments and random streams.
rb_status rb_run_hash(rb_run *run, uint64_t *hash, rb_error *error);

// Several runs at once, each in its own process.
int rb_processors(void); // the number this process may use
// The memory of a run with these settings, in bytes; creates one environment for a moment, and no run.
rb_status rb_run_memory(const rb_config *config, double *bytes, rb_error *error);
// Checks that each run can be created and that `jobs` of them fit in memory side by side; creates nothing.
// `plan`: a line for a person.
rb_status rb_jobs_check(rb_config *const *configs, int count, int jobs, char *plan, size_t plan_bytes,
                        rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
