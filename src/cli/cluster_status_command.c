// rainbow cluster status: what has become of a group's runs.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cjson/cJSON.h>

#include "base/text.h"
#include "cli/cluster.h"
#include "cli/signals.h"

enum { WATCH, ALL, RETRY, JSON };

static const cli_option options[] = {
    [WATCH] =
        CLI_FLAG("watch", "print the state again every ten seconds, until no run is running or waiting"),
    [ALL] = CLI_FLAG("all", "list every run; default: at most 20 of each state"),
    [RETRY] = CLI_FLAG("retry-failed", "submit the failed runs again"),
    [JSON] = CLI_FLAG("json",
                      "print one object: group, array, counts, steps_per_second, seconds_left, runs (each: "
                      "name, task, state, reason, step, max_steps, steps_per_second, seconds_left)"),
    {0},
};

static void put_steps(char *out, size_t bytes, int64_t steps)
{
    if (steps < 0)
        snprintf(out, bytes, "-");
    else
        rb_text_thousands(out, bytes, steps);
}

static void print_run(const rb_cluster_run *run, int width)
{
    char step[32], goal[32], speed[32] = "-", left[32] = "";
    put_steps(step, sizeof step, run->step);
    put_steps(goal, sizeof goal, run->max_steps);
    if (!isnan(run->steps_per_second)) rb_text_thousands(speed, sizeof speed, (int64_t)run->steps_per_second);
    if (!isnan(run->seconds_left)) cli_clock(left, sizeof left, run->seconds_left);
    printf("%-8s  %-*s  %14s  %14s  %9s  %s%s\n", rb_cluster_state_name(run->state), width, run->name, step,
           goal, speed, left, run->reason);
}

// In the order of what needs attention.
static void print_runs(const rb_cluster_status *s, bool all)
{
    static const rb_cluster_state order[] = {RB_CLUSTER_FAILED, RB_CLUSTER_RUNNING, RB_CLUSTER_WAITING,
                                             RB_CLUSTER_DONE};
    enum { LISTED = 20 };
    int width = 3;
    for (int i = 0; i < s->count; i++)
        if ((int)strlen(s->runs[i].name) > width) width = (int)strlen(s->runs[i].name);
    printf("%-8s  %-*s  %14s  %14s  %9s  %s\n", "state", width, "run", "step", "of", "steps/s",
           "left, or the reason");
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        int listed = 0;
        for (int i = 0; i < s->count; i++) {
            if (s->runs[i].state != order[k] || (!all && listed++ >= LISTED)) continue;
            print_run(&s->runs[i], width);
        }
        if (!all && listed > LISTED)
            printf("%-8s  and %d more (--all lists them)\n", rb_cluster_state_name(order[k]),
                   listed - LISTED);
    }
}

static void print_sum(const rb_cluster_status *s)
{
    char speed[32], left[32];
    printf("%d run%s: %d done, %d running, %d waiting, %d failed", s->count, s->count == 1 ? "" : "s",
           s->counts[RB_CLUSTER_DONE], s->counts[RB_CLUSTER_RUNNING], s->counts[RB_CLUSTER_WAITING],
           s->counts[RB_CLUSTER_FAILED]);
    if (s->counts[RB_CLUSTER_RUNNING] && s->steps_per_second > 0) {
        rb_text_thousands(speed, sizeof speed, (int64_t)s->steps_per_second);
        printf("; %s steps/s", speed);
        if (!isnan(s->seconds_left)) {
            cli_clock(left, sizeof left, s->seconds_left);
            printf("; at this speed all end in %s", left);
        }
    }
    printf("\n");
    if (*s->unasked)
        fprintf(
            stderr,
            "rainbow: warning: the queue is unknown, so a run whose task was lost counts as waiting: %s\n",
            s->unasked);
}

static void put_number(cJSON *object, const char *name, double value)
{
    if (isnan(value))
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddNumberToObject(object, name, value);
}

static int print_json(const rb_cluster_status *s)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "group", s->group);
    cJSON_AddStringToObject(object, "array", s->directory);
    cJSON *counts = cJSON_AddObjectToObject(object, "counts");
    for (int k = 0; k < RB_CLUSTER_STATES; k++)
        cJSON_AddNumberToObject(counts, rb_cluster_state_name(k), s->counts[k]);
    put_number(object, "steps_per_second", s->steps_per_second);
    put_number(object, "seconds_left", s->seconds_left);
    cJSON *runs = cJSON_AddArrayToObject(object, "runs");
    for (int i = 0; i < s->count; i++) {
        const rb_cluster_run *run = &s->runs[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", run->name);
        cJSON_AddNumberToObject(item, "task", run->task);
        cJSON_AddStringToObject(item, "state", rb_cluster_state_name(run->state));
        cJSON_AddStringToObject(item, "reason", run->reason);
        put_number(item, "step", run->step < 0 ? (double)NAN : (double)run->step);
        put_number(item, "max_steps", run->max_steps < 0 ? (double)NAN : (double)run->max_steps);
        put_number(item, "steps_per_second", run->steps_per_second);
        put_number(item, "seconds_left", run->seconds_left);
        cJSON_AddItemToArray(runs, item);
    }
    return cli_print_json(object);
}

static int retry(const rb_cluster_status *s)
{
    static char tasks[8192];
    rb_error error = {0};
    char job[64];
    int held;
    sigset_t before;
    cli_signals_block(&before); // what sbatch has submitted is noted first
    const rb_status failed = rb_cluster_retry(s, tasks, sizeof tasks, job, sizeof job, &held, &error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (failed) return cli_fail(&error);
    if (held)
        cli_note(held == 1 ? "rainbow: %d failed run waits: its task still trains others; repeat the command "
                             "once it has ended"
                           : "rainbow: %d failed runs wait: their tasks still train others; repeat the "
                             "command once those have ended",
                 held);
    if (*job)
        printf("submitted again as job %s: task%s %s\n", job, strpbrk(tasks, ",-") ? "s" : "", tasks);
    else if (!held)
        printf("no run has failed\n");
    return CLI_DONE;
}

static int print_once(const char *group, const char *const *given, bool *open)
{
    rb_error error = {0};
    rb_cluster_status *s = NULL;
    if (rb_cluster_status_read(&s, group, &error)) return cli_fail(&error);
    int status = CLI_DONE;
    *open = s->counts[RB_CLUSTER_RUNNING] || s->counts[RB_CLUSTER_WAITING];
    if (given[JSON]) {
        status = print_json(s);
    } else if (given[RETRY]) {
        status = retry(s);
    } else {
        print_runs(s, given[ALL] != NULL);
        print_sum(s);
    }
    rb_cluster_status_free(s);
    return status;
}

static int watch(const char *group, const char *const *given)
{
    enum { EVERY_SECONDS = 10 };
    bool open = true;
    for (;;) {
        if (isatty(STDOUT_FILENO)) printf("\033[H\033[2J"); // an empty screen
        const int status = print_once(group, given, &open);
        fflush(stdout);
        if (status != CLI_DONE || !open || ferror(stdout)) return status;
        sleep(EVERY_SECONDS);
    }
}

static int show(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    bool open;
    if (words->count != 1)
        return cli_usage(command, "one GROUP is needed: a directory of runs, or the name of one in runs");
    if (!!given[WATCH] + !!given[JSON] + !!given[RETRY] > 1)
        return cli_usage(command, "choose one of --watch, --json and --retry-failed");
    return given[WATCH] ? watch(words->rest[0], given) : print_once(words->rest[0], given, &open);
}

const cli_command cli_cluster_status = {
    .name = "cluster status",
    .usage = "GROUP [--watch | --retry-failed | --json]",
    .help = "list the runs of a group: done, running, waiting, or failed and why",
    .details = "GROUP is a directory of runs, or the name of one in runs. The state is read from the "
               "directories of the "
               "runs; no process has to run for it. If the group has an array, squeue is asked for its tasks "
               "too: a run "
               "whose task has left the queue before the run had ended counts as failed.",
    .options = options,
    .examples = {{"rainbow cluster status first", "Lists the runs of runs/first"},
                 {"rainbow cluster status runs/first --retry-failed", "Submits those that failed again"}},
    .words = 1,
    .run = show,
};
