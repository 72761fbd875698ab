// The plan of a group's array: the line of each run, and how they are divided among tasks.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cluster/script.h"
#include "cluster/slurm.h"
#include "cluster/sweep.h"
#include "config/config.h"
#include "rainbow/run.h"
#include "train/run_directory.h"

typedef struct work {
    const rb_cluster_request *request;
    rb_cluster_plan *plan;
    rb_sweep sweep;
    char group[160]; // run.group
    int threads;     // of a run
} work;

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the list of runs");
}

static rb_status configure(rb_config **out, const work *w, const int *at, int64_t seed, rb_error *error)
{
    char room[8192], number[32];
    const char **words = malloc((size_t)w->sweep.word_count * sizeof *words);
    if (!words) return no_memory(error);
    rb_sweep_words(&w->sweep, at, words, room, sizeof room);
    rb_status status = rb_config_create(out, error);
    if (!status) status = rb_config_arguments(*out, w->sweep.word_count, words, error);
    free(words);
    if (status) return status;
    rb_params *p = &(*out)->params;
    if (*w->group) rb_text_copy(p->run.group, sizeof p->run.group, w->group);
    if (!p->compute.threads) p->compute.threads = 1; // runs side by side: one thread each
    snprintf(number, sizeof number, "%lld", (long long)seed);
    return w->request->seed_count ? rb_config_set(*out, "run.seed", number, NULL, error) : RB_OK;
}

// A group that the user gave no name: after its environments and swept parameters, so that the same command
// means the same group.
static void name_group(work *w, const rb_config *first)
{
    const rb_sweep *s = &w->sweep;
    enum { NAMED = 3 };
    if (rb_config_given(first, "run.group")) {
        rb_text_copy(w->group, sizeof w->group, first->params.run.group);
        return;
    }
    size_t used = 0;
    for (int i = 0; i < s->keys[0].count && i < NAMED; i++) {
        const char *slash = strrchr(s->keys[0].values[i], '/');
        used += (size_t)snprintf(w->group + used, sizeof w->group - used, "%s%s", i ? "-" : "",
                                 slash ? slash + 1 : s->keys[0].values[i]);
        if (used >= sizeof w->group) used = sizeof w->group - 1;
    }
    if (s->keys[0].count > NAMED)
        used += (size_t)snprintf(w->group + used, sizeof w->group - used, "-and-%d-more",
                                 s->keys[0].count - NAMED);
    for (int k = 1; k < s->key_count && used < sizeof w->group; k++) {
        const char *dot = strrchr(s->keys[k].name, '.');
        used +=
            (size_t)snprintf(w->group + used, sizeof w->group - used, "-%s", dot ? dot + 1 : s->keys[k].name);
    }
    for (char *at = w->group; *at; at++)
        *at = isalnum((unsigned char)*at) || strchr("-_", *at) ? (char)tolower((unsigned char)*at) : '-';
}

// "cartpole-learning_rate_1e-4-s1"
static rb_status name_run(const work *w, rb_config *config, const int *at, rb_error *error)
{
    char base[RB_PATH_MAX], swept[512], seed[32];
    rb_run_params *p = &config->params.run;
    rb_run_directory_name(base, sizeof base, p, 1);
    snprintf(seed, sizeof seed, "-s%lld", (long long)p->seed);
    if (rb_text_ends(base, seed)) base[strlen(base) - strlen(seed)] = 0;
    rb_sweep_name(&w->sweep, at, swept, sizeof swept);
    const int length = snprintf(p->name, sizeof p->name, "%s%s%s", base, swept, seed);
    if (length > 200) // names of files end at 255 bytes, and others are made of this one
        return rb_error_set(error, RB_ERR_USAGE,
                            "%.80s...: the name of this run is too long; sweep fewer parameters", p->name);
    return RB_OK;
}

// The name of a planned run: the first word of its line.
static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    const size_t x_length = strcspn(x, "\t"), y_length = strcspn(y, "\t");
    const int order = strncmp(x, y, x_length < y_length ? x_length : y_length);
    return order ? order : (x_length > y_length) - (x_length < y_length);
}

// Two runs with one name would share a directory, so the second would never be trained.
static rb_status check_names(const rb_cluster_plan *plan, rb_error *error)
{
    rb_status status = RB_OK;
    char **sorted = malloc((size_t)plan->runs * sizeof *sorted);
    if (!sorted) return no_memory(error);
    memcpy(sorted, plan->lines, (size_t)plan->runs * sizeof *sorted);
    qsort(sorted, (size_t)plan->runs, sizeof *sorted, by_name);
    for (int i = 1; i < plan->runs && !status; i++)
        if (!by_name(&sorted[i - 1], &sorted[i]))
            status =
                rb_error_set(error, RB_ERR_USAGE,
                             "two of these runs would be called %.*s: a run's name has the file name of its "
                             "environment, letters and digits of the swept values, and the seed; plan them "
                             "in two arrays, with another --run.group each",
                             (int)strcspn(sorted[i], "\t"), sorted[i]);
    free(sorted);
    return status;
}

// The line of runs.txt. `config` is complete.
static rb_status add_line(work *w, const rb_config *config, const int *at, rb_error *error)
{
    char room[8192], *text = NULL;
    size_t bytes;
    const rb_run_params *p = &config->params.run;
    const char **words = malloc((size_t)w->sweep.word_count * sizeof *words);
    FILE *to = words ? open_memstream(&text, &bytes) : NULL;
    if (!to) {
        free(words);
        return no_memory(error);
    }
    rb_sweep_words(&w->sweep, at, words, room, sizeof room);
    fprintf(to, "%s", p->name);
    for (int i = 0; i < w->sweep.word_count; i++) fprintf(to, "\t%s", words[i]);
    fprintf(to, "\t--run.seed=%lld\t--run.group=%s\t--run.name=%s\t--compute.threads=%lld",
            (long long)p->seed, p->group, p->name, (long long)config->params.compute.threads);
    fclose(to);
    free(words);
    w->plan->lines[w->plan->runs++] = text;
    return RB_OK;
}

static rb_status add_runs(work *w, rb_error *error)
{
    static const int64_t own_seed[1];
    const rb_cluster_request *r = w->request;
    int at[RB_SWEEP_KEYS] = {0};
    char changes[4096], directory[RB_PATH_MAX];
    rb_status status = RB_OK;
    do
        for (int s = 0; s < (r->seed_count ? r->seed_count : 1) && !status; s++) {
            rb_config *config = NULL;
            rb_presence presence;
            status = configure(&config, w, at, r->seed_count ? r->seeds[s] : own_seed[0], error);
            if (!status) status = name_run(w, config, at, error);
            if (!status)
                status = rb_run_find(config, &presence, directory, sizeof directory, changes, sizeof changes,
                                     error);
            if (!status) status = add_line(w, config, at, error);
            rb_config_destroy(config);
        }
    while (!status && rb_sweep_next(&w->sweep, at));
    return status ? status : check_names(w->plan, error);
}

static rb_status memory_of(const work *w, const int *at, double *bytes, rb_error *error)
{
    rb_config *config = NULL;
    rb_status status = configure(&config, w, at, w->request->seed_count ? w->request->seeds[0] : 1, error);
    if (!status) status = rb_run_memory(config, bytes, error);
    rb_config_destroy(config);
    return status;
}

// The memory of the largest run: for each environment, the values that need most, each found alone. An
// environment is made for each, so not all combinations are tried.
static rb_status find_memory(work *w, rb_error *error)
{
    const rb_sweep *s = &w->sweep;
    for (int e = 0; e < s->keys[0].count; e++) {
        int at[RB_SWEEP_KEYS] = {e}, most[RB_SWEEP_KEYS] = {e};
        double bytes = 0;
        for (int k = 1; k < s->key_count; k++) {
            double largest = 0;
            for (at[k] = 0; at[k] < s->keys[k].count; at[k]++) {
                const rb_status status = memory_of(w, at, &bytes, error);
                if (status) return status;
                if (bytes > largest) most[k] = at[k];
                if (bytes > largest) largest = bytes;
            }
            at[k] = 0;
        }
        const rb_status status = memory_of(w, most, &bytes, error);
        if (status) return status;
        w->plan->run_bytes = fmax(w->plan->run_bytes, bytes);
    }
    return RB_OK;
}

// How the runs are divided. A run has one thread, so a task of one run and one processor wastes nothing and
// can start as soon as one processor is free. Where jobs get whole nodes, a task fills its node. If an array
// would have more tasks than the cluster allows, a task trains several runs, one after the other.
static rb_status divide(work *w, rb_error *error)
{
    const rb_cluster_request *r = w->request;
    rb_cluster_plan *p = w->plan;
    const rb_slurm_cluster about =
        rb_slurm_describe(rb_script_option(r->option_count, r->options, "partition", 'p'));
    const char *cpus = rb_script_option(r->option_count, r->options, "cpus-per-task", 'c');
    p->array_most = about.array_most;
    p->at_once = r->at_once                                 ? r->at_once
                 : cpus && atoi(cpus) > 0                   ? atoi(cpus) / w->threads
                 : about.whole_nodes && about.node_cpus > 0 ? about.node_cpus / w->threads
                                                            : 1;
    if (p->at_once < 1) p->at_once = 1;
    if (p->at_once > p->runs) p->at_once = p->runs;
    const int least = (p->runs + about.array_most - 1) / about.array_most; // runs of a task
    p->runs_per_task = r->runs_per_task ? r->runs_per_task : least > p->at_once ? least : p->at_once;
    if (p->at_once > p->runs_per_task) p->at_once = p->runs_per_task;
    p->tasks = (p->runs + p->runs_per_task - 1) / p->runs_per_task;
    p->cpus = p->at_once * w->threads;
    if (p->tasks > about.array_most)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "--runs-per-task=%d: %d runs would be %d tasks, and an array of this cluster has at most "
            "%d (MaxArraySize); --runs-per-task=%d or more fits",
            p->runs_per_task, p->runs, p->tasks, about.array_most, least);
    const double mb = 1 << 20, reserve = 64 * mb;
    p->task_bytes = ceil(p->at_once * (1.1 * p->run_bytes + reserve) / mb / 10) * 10 * mb;
    return RB_OK;
}

static rb_status name_places(work *w, const rb_config *first, rb_error *error)
{
    rb_cluster_plan *p = w->plan;
    rb_status status = rb_path_join(p->group, sizeof p->group, first->params.run.root, w->group, error);
    if (!status) status = rb_path_join(p->directory, sizeof p->directory, p->group, "slurm", error);
    if (!status) status = rb_path_join(p->script, sizeof p->script, p->directory, "array.sh", error);
    snprintf(p->job_name, sizeof p->job_name, "rainbow-%.140s", w->group);
    for (char *at = p->job_name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at)) *at = '-';
    if (!status && (strpbrk(w->group, "/ \t\n\"'\\") || !*w->group || *w->group == '.'))
        status = rb_error_set(
            error, RB_ERR_USAGE,
            "run.group = %s: must be a name without spaces, quotes and '/', because it is also the "
            "name of a job",
            w->group);
    return status;
}

static rb_status make(work *w, rb_error *error)
{
    const rb_cluster_request *r = w->request;
    rb_cluster_plan *p = w->plan;
    int at[RB_SWEEP_KEYS] = {0};
    rb_config *first = NULL;
    const int64_t runs = w->sweep.combinations * (r->seed_count ? r->seed_count : 1);
    if (runs > RB_CLUSTER_RUNS)
        return rb_error_set(error, RB_ERR_USAGE, "%lld runs are more than the limit of %d", (long long)runs,
                            RB_CLUSTER_RUNS);
    if (!(p->lines = calloc((size_t)runs, sizeof *p->lines))) return no_memory(error);
    rb_status status = configure(&first, w, at, r->seed_count ? r->seeds[0] : 1, error);
    if (!status) {
        w->threads = (int)first->params.compute.threads;
        name_group(w, first);
        status = name_places(w, first, error);
    }
    if (!status) status = add_runs(w, error);
    if (!status) status = find_memory(w, error);
    if (!status) status = divide(w, error);
    if (!status) status = rb_script_make(&p->script_text, p, r, error);
    rb_config_destroy(first);
    return status;
}

rb_status rb_cluster_plan_make(rb_cluster_plan **out, const rb_cluster_request *request, rb_error *error)
{
    *out = NULL;
    work w = {.request = request, .plan = calloc(1, sizeof *w.plan)};
    if (!w.plan) return no_memory(error);
    rb_status status = rb_script_check_options(request, error);
    if (!status) status = rb_sweep_read(&w.sweep, request->count, request->words, error);
    if (!status) {
        status = make(&w, error);
        rb_sweep_free(&w.sweep);
    }
    if (status)
        rb_cluster_plan_free(w.plan);
    else
        *out = w.plan;
    return status;
}

void rb_cluster_plan_free(rb_cluster_plan *plan)
{
    if (!plan) return;
    for (int i = 0; i < plan->runs; i++) free(plan->lines[i]);
    free(plan->lines);
    free(plan->script_text);
    free(plan);
}
