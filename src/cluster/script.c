#include "cluster/script.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

const char *rb_script_option(int count, const char *const *options, const char *name, char letter)
{
    const size_t bytes = strlen(name);
    for (int i = 0; i < count; i++) {
        const char *word = options[i],
                   *next = i + 1 < count && options[i + 1][0] != '-' ? options[i + 1] : "";
        if (rb_text_starts(word, "--") && !strncmp(word + 2, name, bytes)) {
            if (word[2 + bytes] == '=') return word + 3 + bytes;
            if (!word[2 + bytes]) return next;
        }
        if (letter && word[0] == '-' && word[1] == letter) return word[2] ? word + 2 : next;
    }
    return NULL;
}

// Slurm's "minutes", "minutes:seconds", "hours:minutes:seconds", "days-hours" with minutes and seconds; 0:
// none of them, or no limit.
static double read_time(const char *text)
{
    double parts[3] = {0}, days = 0;
    int count = 0;
    char *end;
    const char *dash = strchr(text, '-');
    if (dash) {
        days = strtod(text, &end);
        if (end != dash) return 0;
        text = dash + 1;
    }
    for (; count < 3; text = end + 1) {
        parts[count++] = strtod(text, &end);
        if (end == text || (*end && *end != ':')) return 0;
        if (!*end) break;
    }
    if (dash) return 86400 * days + 3600 * parts[0] + 60 * parts[1] + parts[2];
    return count == 3 ? 3600 * parts[0] + 60 * parts[1] + parts[2] : 60 * parts[0] + parts[1];
}

// A task that is asked to save as soon as it starts would be requeued for ever. Slurm may ask up to a minute
// early.
static rb_status check_time(const rb_cluster_request *r, rb_error *error)
{
    const char *limit = rb_script_option(r->option_count, r->options, "time", 't');
    const double seconds = limit ? read_time(limit) : 0;
    if (seconds <= 0 || seconds >= 2 * RB_SCRIPT_WARNING_SECONDS ||
        rb_script_option(r->option_count, r->options, "signal", 0))
        return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "-- --time=%s: is %.0f seconds, and a task saves its runs %d seconds before its "
                        "limit, so it would have no time to train; give it more (--time=30:00 is half an "
                        "hour), or another warning, such as -- --time=%s --signal=B:USR1@%.0f",
                        limit, seconds, RB_SCRIPT_WARNING_SECONDS, limit, ceil(seconds / 4));
}

rb_status rb_script_check_options(const rb_cluster_request *request, rb_error *error)
{
    static const struct {
        const char *name;
        char letter;
        const char *why;
    } ours[] = {
        {"array", 'a', "the tasks of the array follow from the runs; --runs-per-task changes their number"},
        {"ntasks", 'n', "a task of the array is one process that starts its runs; --jobs=N trains N at once"},
        {"wrap", 0, "the script is written by this command"},
        {"export", 0, "the tasks need the environment of the command that submits them"},
        {"job-name", 'J',
         "`rainbow cluster status` finds the tasks by this name; --run.group=NAME changes it"},
        {"clusters", 'M', "squeue must ask the same cluster; set SLURM_CLUSTERS in the environment instead"},
    };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        const char *value =
            rb_script_option(request->option_count, request->options, ours[i].name, ours[i].letter);
        if (!value || (!strcmp(ours[i].name, "ntasks") && !strcmp(value, "1"))) continue;
        return rb_error_set(error, RB_ERR_USAGE, "-- --%s: is not possible here: %s", ours[i].name,
                            ours[i].why);
    }
    for (int i = 0; i < request->option_count; i++)
        if (strpbrk(request->options[i], "\n\"") || (!i && request->options[i][0] != '-'))
            return rb_error_set(
                error, RB_ERR_USAGE,
                "%.100s: what follows -- must be options of sbatch, such as -- --partition=long",
                request->options[i]);
    return check_time(request, error);
}

// 'text', for a shell.
static void put_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", to);
        else
            fputc(*text, to);
    fputc('\'', to);
}

// A directive, unless the user gave another one of the same meaning.
static void put_ours(FILE *to, const rb_cluster_request *r, const char *names, char letter,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

static void put_ours(FILE *to, const rb_cluster_request *r, const char *names, char letter,
                     const char *format, ...)
{
    char name[32];
    for (const char *at = names; *at;) {
        const size_t bytes = strcspn(at, "|");
        snprintf(name, sizeof name, "%.*s", (int)bytes, at);
        if (rb_script_option(r->option_count, r->options, name, letter)) return;
        at += bytes + (at[bytes] == '|');
    }
    va_list list;
    va_start(list, format);
    fprintf(to, "#SBATCH ");
    vfprintf(to, format, list);
    fprintf(to, "\n");
    va_end(list);
}

static void put_users(FILE *to, const rb_cluster_request *r)
{
    for (int i = 0; i < r->option_count; i++) {
        const char *word = r->options[i], *quote = strpbrk(word, " \t#") ? "\"" : "";
        fprintf(to, "%s%s%s%s", word[0] == '-' ? (i ? "\n#SBATCH " : "#SBATCH ") : " ", quote, word, quote);
    }
    if (r->option_count) fprintf(to, "\n");
}

static void put_head(FILE *to, const rb_cluster_plan *p)
{
    char memory[32];
    rb_text_bytes(memory, sizeof memory, p->run_bytes);
    fprintf(
        to,
        "#!/bin/bash\n"
        "# %d run%s of the group %s as a job array. Written by `rainbow cluster slurm`; edit it as you "
        "like.\n"
        "#\n"
        "#     rainbow cluster slurm ... --submit, or    sbatch %s\n"
        "#     rainbow cluster status %s\n"
        "#\n"
        "# Task N trains %s of runs.txt, beside this file.\n"
        "# A task that is stopped, by a signal, a preemption or its time limit, saves its runs and starts\n"
        "# again; runs that have ended are left alone.\n"
        "#\n"
        "# Memory: the largest run needs %s; a tenth and 64 MB more are asked for, for each run at once.\n\n",
        p->runs, p->runs == 1 ? "" : "s", p->group, p->script, p->group,
        p->runs_per_task == 1 ? "the N-th run" : "its share of the runs", memory);
}

// sbatch replaces %j, %x and others in a path; %% is a percent sign.
static void double_percents(char *text, size_t bytes)
{
    for (char *at = text; (at = strchr(at, '%')) && strlen(text) + 2 <= bytes; at += 2)
        memmove(at + 1, at, strlen(at) + 1);
}

rb_status rb_script_make(char **text, const rb_cluster_plan *p, const rb_cluster_request *r, rb_error *error)
{
    size_t bytes;
    char here[PATH_MAX];
    *text = NULL;
    if (!getcwd(here, sizeof here))
        return rb_error_set(error, RB_ERR_FILE, "the working directory can't be found: %s", strerror(errno));
    const char *const paths[] = {here, p->directory};
    for (int i = 0; i < 2; i++)
        if (strpbrk(paths[i], "\n\"\\"))
            return rb_error_set(
                error, RB_ERR_USAGE,
                "%.300s: this path holds a quote, a backslash or a line end, which sbatch can't read",
                paths[i]);
    FILE *to = open_memstream(text, &bytes);
    if (!to) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the script");
    const bool absolute = p->directory[0] == '/';
    char logs[4 * PATH_MAX];
    snprintf(logs, sizeof logs, "%s%s%s", absolute ? "" : here, absolute ? "" : "/", p->directory);
    double_percents(logs, sizeof logs);
    put_head(to, p);
    put_ours(to, r, "job-name", 'J', "--job-name=%s", p->job_name);
    put_ours(to, r, "array", 0, "--array=1-%d", p->tasks);
    put_ours(to, r, "cpus-per-task", 'c', "--cpus-per-task=%d", p->cpus);
    put_ours(to, r, "mem|mem-per-cpu|mem-per-gpu", 0, "--mem=%.0fM", p->task_bytes / (1 << 20));
    put_ours(to, r, "requeue|no-requeue", 0, "--requeue");
    put_ours(to, r, "open-mode", 0, "--open-mode=append");
    put_ours(to, r, "signal", 0, "--signal=B:USR1@%d", RB_SCRIPT_WARNING_SECONDS);
    put_ours(to, r, "output", 'o', "--output=\"%s/logs/%%a.log\"", logs);
    put_users(to, r);
    fprintf(to, "\ncd ");
    put_quoted(to, here);
    fprintf(to, " || exit 1\nexec ");
    put_quoted(to, r->program);
    fprintf(to, " cluster task %s", r->trusted ? "--trust " : "");
    put_quoted(to, p->directory);
    fprintf(to, " \"$SLURM_ARRAY_TASK_ID\"\n");
    fclose(to);
    return *text ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory for the script");
}
