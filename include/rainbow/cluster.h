// Many trainings on a cluster: a group of runs as one Slurm job array, and what has become of them. Nothing
// is linked to Slurm: its programs sbatch, squeue and scontrol are called.
//
// A group's array is described in ROOT/GROUP/slurm:
//
//     runs.txt            one line per run: its name, and the words of its command line, separated by tabs
//     array.sh            the job script
//     jobs.txt            one line per submission: the job's number and its tasks
//     logs/TASK.log       the output of each task, over all restarts
//     failed/NAME         the reason why a run failed, until it is retried
#ifndef RAINBOW_CLUSTER_H
#define RAINBOW_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_cluster_request {
    int count; // words: environments separated by commas, and settings. A value with commas is swept, unless
               // the parameter is a text.
    const char *const *words;
    int seed_count; // 0: the seed of the settings
    const int64_t *seeds;
    int at_once;       // runs side by side in a task; 0: chosen
    int runs_per_task; // 0: chosen
    int option_count;  // for sbatch
    const char *const *options;
    const char *program; // path of `rainbow`
    bool trusted;        // the tasks get --trust, too
} rb_cluster_request;

typedef struct rb_cluster_plan {
    char group[1024];     // ROOT/GROUP
    char directory[1024]; // ROOT/GROUP/slurm
    char script[1100];    // the job script
    char job_name[160];
    int runs, tasks, runs_per_task, at_once, cpus; // cpus: of a task
    int array_most;                                // tasks that an array of this cluster may have
    double run_bytes, task_bytes;                  // memory of the largest run, and of a task
    char **lines;                                  // [runs] of runs.txt
    char *script_text;
} rb_cluster_plan;

// Reads the words, checks the settings of every run, and plans the array. Writes nothing. RB_ERR_USAGE: the
// words are wrong, or a run of the group exists with other settings.
rb_status rb_cluster_plan_make(rb_cluster_plan **out, const rb_cluster_request *request, rb_error *error);
void rb_cluster_plan_free(rb_cluster_plan *plan); // NULL is fine
// Writes runs.txt and array.sh. RB_ERR_EXISTS: the group was submitted already, or one of its runs trains
// now.
rb_status rb_cluster_plan_write(const rb_cluster_plan *plan, rb_error *error);
// Submits the array with sbatch, and notes it in jobs.txt. `tasks`: "1,4-7", or NULL for all. `job`: its
// number. RB_ERR_EXISTS: it was submitted already (if `tasks` is NULL), or another process submits it now;
// RB_ERR_MISSING: there is no sbatch; RB_ERR_FILE: sbatch refused.
rb_status rb_cluster_submit(const char *directory, const char *tasks, char *job, size_t bytes,
                            rb_error *error);

// The runs of a task, as their lines in runs.txt.
typedef struct rb_cluster_task {
    int count, at_once;
    char **names;     // [count]
    char ***words;    // [count][word_counts[i]]
    int *word_counts; // [count]
    char *text;       // the memory of names and words
    char directory[1024];
} rb_cluster_task;
rb_status rb_cluster_task_read(rb_cluster_task **out, const char *directory, int task, rb_error *error);
void rb_cluster_task_free(rb_cluster_task *task); // NULL is fine
// Notes that a run failed, or, with `reason` NULL, that it did not.
rb_status rb_cluster_task_note(const rb_cluster_task *task, const char *name, const char *reason,
                               rb_error *error);
bool rb_cluster_task_failed(const rb_cluster_task *task, const char *name);
// Within task `task` of a Slurm array that has stopped: asks Slurm to start it again later, unless Slurm ends
// it for a reason of its own (a requeue, scancel). True if it was asked. A job that is not this task of an
// array, such as one whose terminal or notebook this process was started in, is left alone.
bool rb_cluster_requeue(int task);

typedef enum rb_cluster_state {
    RB_CLUSTER_DONE,
    RB_CLUSTER_RUNNING,
    RB_CLUSTER_WAITING,
    RB_CLUSTER_FAILED,
    RB_CLUSTER_STATES
} rb_cluster_state;
const char *rb_cluster_state_name(rb_cluster_state state); // "done", "running", "waiting" or "failed"

typedef struct rb_cluster_run {
    char name[256];
    int task; // 0: the run belongs to no array
    rb_cluster_state state;
    char reason[400];        // why it failed, or what it waits for; ""
    int64_t step, max_steps; // -1: unknown
    double steps_per_second; // NaN: unknown
    double seconds_left;     // NaN: unknown
} rb_cluster_run;

typedef struct rb_cluster_status {
    char group[1024];
    char directory[1024]; // its array; "": it has none
    int count, counts[RB_CLUSTER_STATES];
    rb_cluster_run *runs;
    bool asked;              // squeue answered
    char unasked[200];       // why it did not
    double steps_per_second; // of the running runs together
    double seconds_left;     // until all runs have ended, at this speed; NaN: unknown
} rb_cluster_status;

// `group`: a directory of runs, or the name of one in "runs". Reads the directories of the runs, and asks
// squeue if the group has an array.
rb_status rb_cluster_status_read(rb_cluster_status **out, const char *group, rb_error *error);
void rb_cluster_status_free(rb_cluster_status *status); // NULL is fine
// Submits the tasks of failed runs again. `tasks`: their list; "" and job "" if there is none to submit.
// `held`: failed runs whose task is still in the queue.
rb_status rb_cluster_retry(const rb_cluster_status *status, char *tasks, size_t task_bytes, char *job,
                           size_t job_bytes, int *held, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
