// rainbow train of several runs: seeds, environments, or runs to resume. All mistakes are reported before the
// first run starts; then the directories are printed, the runs train side by side (jobs.c), and a table lists
// the results.
#include "cli/jobs.h"
#include "cli/left_behind.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/signals.h"

typedef struct plan { // of all runs
    cli_job *jobs;
    rb_config **configs; // of the jobs that can be created, [config_count]
    int count, config_count;
    int most;     // at once
    bool threads; // the user named the number of threads
} plan;

static rb_status plan_make(plan *p, int count, rb_error *error)
{
    *p = (plan){.jobs = calloc((size_t)count, sizeof *p->jobs),
                .configs = calloc((size_t)count, sizeof *p->configs)};
    if (p->jobs && p->configs) return RB_OK;
    return rb_error_set(error, RB_ERR_MEMORY, "out of memory for %d runs", count);
}

static void plan_free(plan *p)
{
    for (int i = 0; i < p->config_count; i++) rb_config_destroy(p->configs[i]);
    for (int i = 0; i < p->count && p->jobs; i++) free(p->jobs[i].changes);
    free(p->configs);
    free(p->jobs);
}

static int read_most(const cli_command *command, const char *text, int count, int *most)
{
    *most = rb_processors() < count ? rb_processors() : count;
    if (!text) return CLI_DONE;
    char *end;
    long value = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value < 1 || value > CLI_RUNS_MOST)
        return cli_usage(command, "--jobs=%s: must be a whole number from 1 to %d", text, CLI_RUNS_MOST);
    *most = value < count ? (int)value : count;
    return CLI_DONE;
}

// Reports if another number of jobs or threads would be faster.
static void hint(const plan *p)
{
    int processors = rb_processors(), could = processors < p->count ? processors : p->count;
    if (p->threads) return;
    if (p->most < could)
        cli_note("rainbow: %d of %d processors will work; more runs at once, one thread each, are faster: "
                 "--jobs=%d",
                 p->most, processors, could);
    else if (processors >= 2 * p->most)
        cli_note("rainbow: %d of %d processors will work; more threads make each run faster: "
                 "--compute.threads=%d",
                 p->most, processors, processors / p->most);
    else if (p->most > processors)
        cli_note("rainbow: %d runs at once share %d processor%s; fewer at once end as soon: --jobs=%d",
                 p->most, processors, processors == 1 ? "" : "s", processors);
}

// The settings in which a run differs from others of the same environment, preset and group, so that no
// reader takes different experiments for seeds of one.
static void differences(const plan *p, int which, char *out, size_t bytes)
{
    static const char *const names[] = {"run.env", "run.preset", "run.group"};
    const rb_config *same[CLI_RUNS_MOST];
    int at = -1, count = 0;
    *out = 0;
    for (int i = 0; i < p->count && p->jobs[which].config; i++) {
        bool equal = p->jobs[i].config != NULL;
        for (int k = 0; equal && k < 3; k++) {
            char mine[RB_CONFIG_VALUE_MAX], other[RB_CONFIG_VALUE_MAX];
            rb_config_get(p->jobs[which].config, names[k], mine, sizeof mine, NULL);
            rb_config_get(p->jobs[i].config, names[k], other, sizeof other, NULL);
            equal = !strcmp(mine, other);
        }
        if (i == which) at = count;
        if (equal) same[count++] = p->jobs[i].config;
    }
    if (at < 0) return;
    snprintf(out, bytes, "  ");
    if (!rb_config_differences(same, count, at, 3, ", ", out + 2, bytes - 2)) *out = 0;
}

static void print_table(const plan *p)
{
    int width = 3;
    for (int i = 0; i < p->count; i++)
        if ((int)strlen(p->jobs[i].directory) > width) width = (int)strlen(p->jobs[i].directory);
    printf("%-*s  %10s  %15s  %10s  %10s\n", width, "run", "seed", "steps", "evaluation", "steps/s");
    for (int i = 0; i < p->count; i++) {
        static const char *const ends[] = {"  not started", "", "", "  interrupted", "  failed"};
        const cli_job *job = &p->jobs[i];
        char steps[32] = "-", evaluation[32] = "-", speed[32] = "-", settings[256];
        differences(p, i, settings, sizeof settings);
        if (job->any) {
            rb_text_thousands(steps, sizeof steps, job->last.step);
            if (!isnan(job->last.eval_mean))
                snprintf(evaluation, sizeof evaluation, "%.2f", job->last.eval_mean);
            if (job->last.seconds > 0)
                rb_text_thousands(speed, sizeof speed, (int64_t)((double)job->last.step / job->last.seconds));
        }
        printf("%-*s  %10s  %15s  %10s  %10s%s%s\n", width, job->directory, job->seed, steps, evaluation,
               speed, ends[job->state], settings);
    }
}

static void print_how_to_resume(const plan *p)
{
    int left = 0;
    for (int i = 0; i < p->count; i++)
        left += p->jobs[i].state == CLI_JOB_INTERRUPTED || p->jobs[i].state == CLI_JOB_WAITING;
    if (!left || cli_talks == CLI_QUIET) return;
    fprintf(stderr, "rainbow: interrupted; `rainbow train --resume");
    for (int i = 0; i < p->count; i++) {
        char word[RB_TEXT_WORD_MAX];
        if (p->jobs[i].state != CLI_JOB_INTERRUPTED && p->jobs[i].state != CLI_JOB_WAITING) continue;
        rb_text_shell(word, sizeof word, p->jobs[i].directory);
        fprintf(stderr, " %s", word);
    }
    if (left > 1) fprintf(stderr, " --jobs %d", p->most);
    fprintf(stderr, "` resumes\n");
}

static int train_all(plan *p, int change_count, const char *const *changes)
{
    signal(SIGPIPE, SIG_IGN); // a closed reader (`| head -1`) must not end runs
    for (int i = 0; i < p->count; i++)
        if (p->jobs[i].state == CLI_JOB_WAITING || p->jobs[i].state == CLI_JOB_DONE)
            printf("%s\n", p->jobs[i].directory);
    fflush(stdout);
    cli_jobs_train(p->jobs, p->count, p->most, change_count, changes);
    print_how_to_resume(p);
    print_table(p);
    bool failed = false, interrupted = false;
    cli_left_behind left = {0};
    for (int i = 0; i < p->count; i++)
        if (p->jobs[i].state == CLI_JOB_DONE) cli_left_behind_add(&left, p->jobs[i].directory);
    cli_left_behind_note(&left);
    for (int i = 0; i < p->count; i++) {
        failed |= p->jobs[i].state == CLI_JOB_FAILED;
        interrupted |= p->jobs[i].state == CLI_JOB_INTERRUPTED || p->jobs[i].state == CLI_JOB_WAITING;
    }
    return failed ? CLI_FAILED : interrupted ? cli_stop_status() : CLI_DONE;
}

// Prints what the runs need together, and compares it with the machine.
static rb_status check(const plan *p, rb_error *error)
{
    char text[256];
    if (!p->config_count) return RB_OK;
    rb_status status =
        rb_jobs_check(p->configs, p->config_count, p->most < p->config_count ? p->most : p->config_count,
                      text, sizeof text, error);
    if (status == RB_OK) cli_note("%s", text);
    return status;
}

// True if the settings leave the number of threads open.
static bool threads_are_open(const rb_config *config)
{
    char text[32] = "";
    return rb_config_get(config, "compute.threads", text, sizeof text, NULL) == RB_OK && !strcmp(text, "0");
}

// ---- new runs

static bool is_named(const char *word, const char *name)
{
    size_t bytes = strlen(name);
    return !strncmp(word, name, bytes) && (!word[bytes] || word[bytes] == '=');
}

// Splits "a,b" in place into *count parts. CLI_DONE or CLI_USAGE.
static int split(const cli_command *command, char *text, const char **parts, int *count)
{
    *count = 0;
    for (char *at = text; at;) {
        char *comma = strchr(at, ',');
        if (comma) *comma++ = 0;
        if (!*at) return cli_usage(command, "an environment is missing beside a comma");
        if (*count == CLI_RUNS_MOST)
            return cli_usage(command, "more than %d environments are given", CLI_RUNS_MOST);
        for (int i = 0; i < *count; i++)
            if (!strcmp(parts[i], at)) return cli_usage(command, "%s is given twice", at);
        parts[(*count)++] = at;
        at = comma;
    }
    return CLI_DONE;
}

static rb_status make_config(rb_config **out, bool *threads, int count, const char *const *words,
                             rb_error *error)
{
    rb_status status = rb_config_create(out, error);
    if (status == RB_OK) status = rb_config_arguments(*out, count, words, error);
    if (status != RB_OK) return status;
    if (!threads_are_open(*out))
        *threads = true;
    else
        status = rb_config_set(*out, "compute.threads", "1", NULL, error);
    return status;
}

// One configuration per environment and seed. words[env_at] is the environment, if there is one.
static rb_status make_configs(plan *p, const char **envs, int env_count, const int64_t *seeds, int seed_count,
                              const char **words, int count, int env_at, rb_error *error)
{
    rb_status status = RB_OK;
    for (int e = 0; status == RB_OK && e < env_count; e++) {
        if (env_at < count) words[env_at] = envs[e];
        for (int s = 0; status == RB_OK && s < seed_count; s++) {
            char seed[48];
            if (seeds) snprintf(seed, sizeof seed, "--run.seed=%lld", (long long)seeds[s]);
            words[count] = seed;
            status = make_config(&p->configs[p->config_count++], &p->threads, count + (seeds != NULL), words,
                                 error);
        }
    }
    p->count = p->config_count;
    return status;
}

static void claim(plan *p, bool present)
{
    for (int i = 0; i < p->count; i++) {
        cli_job *job = &p->jobs[i];
        rb_error error = {0};
        job->config = p->configs[i];
        rb_config_get(p->configs[i], "run.seed", job->seed, sizeof job->seed, NULL);
        if (present ? cli_job_find(job, p->configs[i], &error) == RB_OK
                    : rb_run_claim(p->configs[i], job->directory, sizeof job->directory, &error) == RB_OK)
            continue;
        job->state = CLI_JOB_FAILED;
        fprintf(stderr, "rainbow: %s\n", error.message);
    }
}

typedef struct printed {
    char text[4096];
} printed;

static void print_warning(void *context, const char *sentence)
{
    printed *s = context;
    const size_t used = strlen(s->text);
    if (strstr(s->text, sentence)) return;
    snprintf(s->text + used, sizeof s->text - used, "%s\n", sentence);
    fprintf(stderr, "rainbow: warning: %s\n", sentence);
}

// Warns of settings without effect once, not for each environment and seed.
static void advise(const plan *p)
{
    printed s = {0};
    char env[RB_CONFIG_VALUE_MAX], before[RB_CONFIG_VALUE_MAX] = "";
    for (int i = 0; i < p->count; i++) {
        rb_config_get(p->configs[i], "run.env", env, sizeof env, NULL);
        if (strcmp(env, before)) rb_run_advice(p->configs[i], print_warning, &s);
        snprintf(before, sizeof before, "%s", env);
    }
}

static int train_configs(const cli_command *command, plan *p, const char *most, bool present)
{
    rb_error error = {0};
    char name[RB_CONFIG_VALUE_MAX] = "";
    int status = read_most(command, most, p->count, &p->most);
    if (status != CLI_DONE) return status;
    rb_config_get(p->configs[0], "run.name", name, sizeof name, NULL);
    if (p->count > 1 && strcmp(name, "\"\"") && *name)
        return cli_usage(
            command,
            "run.name = %s: %d runs need a directory each; name their group instead: --run.group=NAME", name,
            p->count);
    if (check(p, &error) != RB_OK) return cli_fail(&error);
    advise(p);
    hint(p);
    if (present) cli_signals_patient();
    claim(p, present);
    return train_all(p, 0, NULL);
}

int cli_train_many(const cli_command *command, const char *seed_list, const char *most, bool present,
                   int count, const char *const *words)
{
    static int64_t seeds[CLI_RUNS_MOST];
    static const char *envs[CLI_RUNS_MOST];
    int seed_count = 1, env_count = 1, status = CLI_DONE;
    for (int i = 0; seed_list && i < count; i++)
        if (is_named(words[i], "--seed") || is_named(words[i], "--run.seed") || !strncmp(words[i], "-s", 2))
            return cli_usage(command, "--seeds gives every seed, so %s is not allowed", words[i]);
    if (seed_list) status = cli_read_seeds(command, seed_list, seeds, &seed_count);
    if (status != CLI_DONE) return status;

    int env_at = rb_config_plain_word(count, words, 0);
    char *list = strdup(env_at < count ? words[env_at] : "");
    const char **line = malloc((size_t)(count + 1) * sizeof *line);
    if (!list || !line) {
        free(list);
        free(line);
        return cli_no_memory();
    }
    for (int i = 0; i < count; i++) line[i] = words[i];
    plan p = {0};
    rb_error error = {0};
    if (env_at < count) status = split(command, list, envs, &env_count);
    if (status == CLI_DONE && env_count * seed_count > CLI_RUNS_MOST)
        status = cli_usage(command, "%d runs are more than the limit of %d", env_count * seed_count,
                           CLI_RUNS_MOST);
    if (status == CLI_DONE) {
        rb_status made = plan_make(&p, env_count * seed_count, &error);
        if (made == RB_OK)
            made = make_configs(&p, envs, env_count, seed_list ? seeds : NULL, seed_count, line, count,
                                env_at, &error);
        status = made == RB_OK ? train_configs(command, &p, most, present) : cli_fail(&error);
    }
    plan_free(&p);
    free(line);
    free(list);
    return status;
}

// ---- runs to resume

int cli_resume_many(const cli_command *command, const char *most, int run_count, const char *const *runs,
                    int change_count, const char *const *changes)
{
    plan p = {0};
    rb_error error = {0};
    if (run_count < 1 || run_count > CLI_RUNS_MOST)
        return cli_usage(command, "%d runs: only 1 to %d can be resumed at once", run_count, CLI_RUNS_MOST);
    for (int i = 0; i < run_count; i++)
        for (int j = 0; j < i; j++)
            if (!strcmp(runs[i], runs[j])) return cli_usage(command, "%s is given twice", runs[i]);
    rb_status status = plan_make(&p, run_count, &error);
    p.count = status == RB_OK ? run_count : 0;
    for (int i = 0; status == RB_OK && i < run_count; i++) {
        cli_job *job = &p.jobs[i];
        rb_config *config = NULL;
        snprintf(job->directory, sizeof job->directory, "%s", runs[i]);
        snprintf(job->seed, sizeof job->seed, "-");
        rb_status found = rb_run_settings(&config, runs[i], change_count, changes, &error);
        if (found == RB_ERR_USAGE) { // a mistake in the words, and so in all runs
            status = found;
        } else if (found != RB_OK) { // in this run alone
            job->state = CLI_JOB_FAILED;
            fprintf(stderr, "rainbow: %s\n", error.message);
        } else {
            rb_config_get(config, "run.seed", job->seed, sizeof job->seed, NULL);
            job->one_thread = threads_are_open(config);
            p.threads |= !job->one_thread;
            job->config = p.configs[p.config_count++] = config;
        }
    }
    int ended = status == RB_OK ? read_most(command, most, run_count, &p.most) : cli_fail(&error);
    if (status == RB_OK && ended == CLI_DONE) {
        status = check(&p, &error);
        if (status == RB_OK) hint(&p);
        ended = status == RB_OK ? train_all(&p, change_count, changes) : cli_fail(&error);
    }
    plan_free(&p);
    return ended;
}
