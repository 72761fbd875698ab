// Runs: train and resume, as the command line does it, for custom programs.
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

#ifdef __cplusplus
}
#endif

#endif
