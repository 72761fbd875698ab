// rainbow cluster task: what a task of an array does. It starts, resumes or leaves each of its runs, side by
// side (jobs.c), and is requeued if it was stopped.
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cluster.h"
#include "cli/jobs.h"
#include "cli/signals.h"

static const cli_option options[] = {CLI_TRUST, {0}};

static rb_status find(cli_job *job, rb_config **config, const rb_cluster_task *task, int i, rb_error *error)
{
    rb_status status = rb_config_create(config, error);
    if (status == RB_OK)
        status =
            rb_config_arguments(*config, task->word_counts[i], (const char *const *)task->words[i], error);
    return status == RB_OK ? cli_job_find(job, *config, error) : status;
}

static void fail(cli_job *job, const char *name, const char *sentence)
{
    job->state = CLI_JOB_FAILED;
    snprintf(job->reason, sizeof job->reason, "%s", sentence);
    fprintf(stderr, "rainbow: %s: %s\n", name, sentence);
}

// A restart leaves runs alone that failed in this submission: they wait for `cluster status --retry-failed`.
static bool is_restart(void)
{
    const char *count = getenv("SLURM_RESTART_COUNT");
    return count && atoi(count) > 0;
}

static void find_all(const rb_cluster_task *task, cli_job *jobs, rb_config **configs)
{
    for (int i = 0; i < task->count; i++) {
        rb_error error = {0};
        cli_job *job = &jobs[i];
        job->patient = true;
        if (is_restart() && rb_cluster_task_failed(task, task->names[i])) {
            job->state = CLI_JOB_FAILED;
            job->old_failure = true;
            cli_note("rainbow: %s: failed before; `rainbow cluster status --retry-failed` tries it again",
                     task->names[i]);
        } else if (find(job, &configs[i], task, i, &error) != RB_OK) {
            fail(job, task->names[i], error.message);
        } else if (job->state == CLI_JOB_DONE) {
            cli_note("rainbow: %s: has ended already", task->names[i]);
        }
    }
}

static int note_all(const rb_cluster_task *task, const cli_job *jobs)
{
    int failed = 0;
    for (int i = 0; i < task->count; i++) {
        rb_error error = {0};
        const cli_job *job = &jobs[i];
        failed += job->state == CLI_JOB_FAILED;
        if (job->old_failure) continue;
        const char *reason = job->state != CLI_JOB_FAILED ? NULL : *job->reason ? job->reason : "it failed";
        if (rb_cluster_task_note(task, task->names[i], reason, &error))
            fprintf(stderr, "rainbow: warning: %s\n", error.message);
    }
    return failed;
}

// Asks for a restart, and waits for the end that comes with it: a job that ends by itself is not started
// again.
static void requeue(int number)
{
    enum { WAIT_SECONDS = 60 };
    if (!rb_cluster_requeue(number)) return;
    cli_note("rainbow: asked Slurm to start this task again");
    cli_signals_release();
    for (unsigned left = WAIT_SECONDS; left;) left = sleep(left);
}

static int train_task(const rb_cluster_task *task, int number)
{
    cli_job *jobs = calloc((size_t)task->count, sizeof *jobs);
    rb_config **configs = calloc((size_t)task->count, sizeof *configs);
    if (!jobs || !configs) {
        free(jobs);
        free(configs);
        return cli_no_memory();
    }
    signal(SIGPIPE, SIG_IGN);
    find_all(task, jobs, configs);
    int open = 0, stopped = 0;
    for (int i = 0; i < task->count; i++) open += jobs[i].state == CLI_JOB_WAITING;
    if (open) cli_jobs_train(jobs, task->count, task->at_once, 0, NULL);
    for (int i = 0; i < task->count; i++) {
        stopped += jobs[i].state == CLI_JOB_INTERRUPTED || jobs[i].state == CLI_JOB_WAITING;
        if (jobs[i].state == CLI_JOB_DONE && jobs[i].process) printf("%s\n", jobs[i].directory);
    }
    fflush(stdout);
    const int failed = note_all(task, jobs);
    for (int i = 0; i < task->count; i++) {
        free(jobs[i].changes);
        rb_config_destroy(configs[i]);
    }
    free(jobs);
    free(configs);
    if (stopped && cli_stop_signal != SIGINT) requeue(number); // Ctrl-C is a person, who wants it to end
    return stopped ? cli_stop_status() : failed ? CLI_FAILED : CLI_DONE;
}

static int run_task(const cli_command *command, cli_words *words)
{
    rb_error error = {0};
    rb_cluster_task *task = NULL;
    int64_t number = 0;
    if (words->count != 2) return cli_usage(command, "DIRECTORY and TASK are needed");
    if (!rb_text_i64(words->rest[1], &number) || number < 1 || number > INT_MAX)
        return cli_usage(command, "TASK %s: must be a whole number, 1 or more", words->rest[1]);
    cli_signals_patient();
    cli_signals_catch(NULL, NULL);
    if (rb_cluster_task_read(&task, words->rest[0], (int)number, &error)) return cli_fail(&error);
    const char *restarts = getenv("SLURM_RESTART_COUNT"), *node = getenv("SLURMD_NODENAME");
    cli_note("rainbow: task %lld of %s: %d run%s, process %ld%s%s%s%s", (long long)number, words->rest[0],
             task->count, task->count == 1 ? "" : "s", (long)getpid(), node ? ", node " : "",
             node ? node : "", restarts ? ", restart " : "", restarts ? restarts : "");
    const int status = train_task(task, (int)number);
    rb_cluster_task_free(task);
    return status;
}

const cli_command cli_cluster_task = {
    .name = "cluster task",
    .usage = "DIRECTORY TASK",
    .help = "train the runs of one task of an array, as its job script does",
    .details =
        "Each run is started, resumed, or left alone if it has ended. A run that fails leaves the "
        "others alone, "
        "and its reason is noted for `rainbow cluster status`. A signal stops all of them after a "
        "checkpoint; "
        "within its own task of a Slurm array, if that is not ending anyway, it then asks to be "
        "requeued, but not after Ctrl-C. The exit status is that of `rainbow train` with several runs.",
    .options = options,
    .examples = {{"rainbow cluster task runs/first/slurm 3", "Trains task 3 of an array here, without Slurm"},
                 {"rainbow cluster task runs/first/slurm 4", "Trains the next one"}},
    .words = 2,
    .run = run_task,
};
