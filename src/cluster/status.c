// The state of a group, from the directories of its runs and one question to squeue. Only the ends of tables
// are read, so a thousand runs take a moment.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cluster/array.h"
#include "rainbow/run.h"

const char *rb_cluster_state_name(rb_cluster_state state)
{
    static const char *const names[RB_CLUSTER_STATES] = {"done", "running", "waiting", "failed"};
    return names[state];
}

typedef struct work {
    rb_cluster_status *status;
    rb_array_list list;
    rb_array_place *places; // [tasks + 1]; NULL: squeue was not asked
    bool submitted;
    int capacity;
} work;

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the state of the runs");
}

// ---- one run

// The part of a file's text from at most `most` bytes before its end, or from its beginning. The caller frees
// it.
static char *read_end(const char *path, long most)
{
    FILE *from = rb_file_open(path, NULL);
    if (!from) return NULL;
    char *text = malloc((size_t)most + 1);
    if (!text || fseek(from, 0, SEEK_END)) {
        fclose(from);
        free(text);
        return NULL;
    }
    const long size = ftell(from);
    fseek(from, size > most ? size - most : 0, SEEK_SET);
    text[fread(text, 1, (size_t)most, from)] = 0;
    fclose(from);
    return text;
}

// run.max_steps in a run's config.ini.
static int64_t read_goal(const char *run)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes;
    int64_t goal = -1;
    if (rb_path_join(path, sizeof path, run, "config.ini", NULL) || rb_file_read(path, &text, &bytes, NULL))
        return -1;
    const char *at = strstr(text, "\nmax_steps = ");
    char value[32];
    if (at && sscanf(at, "\nmax_steps = %31s", value) == 1 && !rb_text_i64(value, &goal)) goal = -1;
    free(text);
    return goal;
}

typedef struct table_row {
    double step, seconds;
} table_row;

// A line of train.csv begins with the step and ends with the seconds.
static bool read_row(const char *line, const char *end, table_row *row)
{
    const char *last = end;
    while (last > line && last[-1] != ',') last--;
    if (last == line || !isdigit((unsigned char)*line) || !isdigit((unsigned char)*last)) return false;
    row->step = strtod(line, NULL);
    row->seconds = strtod(last, NULL);
    return true;
}

// The run's step, and its speed over the last rows.
static void read_progress(rb_cluster_run *run, const char *path_of_run)
{
    enum { TAIL = 4096 };
    char path[RB_PATH_MAX], *text;
    table_row first = {0}, last = {0}, row;
    bool any = false;
    if (rb_path_join(path, sizeof path, path_of_run, "train.csv", NULL) || !(text = read_end(path, TAIL)))
        return;
    const char *line = text;
    if (strlen(text) == TAIL)
        line = strchr(text, '\n') ? strchr(text, '\n') + 1 : text; // its first line is cut
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        if (!read_row(line, end, &row)) continue;
        if (!any) first = row;
        last = row;
        any = true;
    }
    free(text);
    if (!any) return;
    run->step = (int64_t)last.step;
    const double seconds = last.seconds - first.seconds;
    if (seconds >= 1)
        run->steps_per_second = (last.step - first.step) / seconds;
    else if (last.seconds > 0)
        run->steps_per_second = last.step / last.seconds;
}

// The last line of a task's log that is not empty.
static void last_line(const char *directory, int task, char *out, size_t bytes)
{
    enum { TAIL = 2048 };
    char path[RB_PATH_MAX], name[40], *text;
    *out = 0;
    snprintf(name, sizeof name, "logs/%d.log", task);
    if (rb_path_join(path, sizeof path, directory, name, NULL) || !(text = read_end(path, TAIL))) return;
    size_t length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1])) text[--length] = 0;
    const char *line = strrchr(text, '\n');
    snprintf(out, bytes, "%s", line ? line + 1 : text);
    for (char *at = out; *at; at++)
        if (iscntrl((unsigned char)*at)) *at = ' ';
    free(text);
}

// Whether the reason of a failure is noted.
static bool read_failure(const work *w, rb_cluster_run *run)
{
    char path[RB_PATH_MAX], name[300], *text;
    if (!*w->status->directory) return false;
    snprintf(name, sizeof name, "failed/%s", run->name);
    if (rb_path_join(path, sizeof path, w->status->directory, name, NULL) || !rb_file_exists(path))
        return false;
    snprintf(run->reason, sizeof run->reason, "it failed");
    if (!(text = read_end(path, sizeof run->reason - 1))) return true;
    rb_text_copy(run->reason, sizeof run->reason, text);
    free(text);
    return true;
}

// Of a run that neither trains nor has ended nor failed by itself.
static void judge_by_queue(const work *w, rb_cluster_run *run)
{
    char line[200];
    static const char *const places[] = {
        [RB_QUEUED] = "in the queue", [RB_ON_NODE] = "its task is on a node, and starts it or trains others"};
    run->state = RB_CLUSTER_WAITING;
    if (!run->task || !w->submitted) {
        snprintf(run->reason, sizeof run->reason, "%s", run->step > 0 ? "stopped" : "not submitted");
    } else if (!w->status->asked) {
        snprintf(run->reason, sizeof run->reason, "%s", run->step > 0 ? "stopped" : "");
    } else if (w->places[run->task] == RB_NOT_QUEUED) {
        last_line(w->status->directory, run->task, line, sizeof line);
        run->state = RB_CLUSTER_FAILED;
        snprintf(run->reason, sizeof run->reason, "its task left the queue before the run had ended%s%s",
                 *line ? "; its log ends with: " : "", line);
    } else {
        rb_text_copy(run->reason, sizeof run->reason, places[w->places[run->task]]);
    }
}

static void judge(const work *w, rb_cluster_run *run)
{
    char path[RB_PATH_MAX], file[RB_PATH_MAX];
    rb_run_numbers numbers;
    run->step = run->max_steps = -1;
    run->steps_per_second = run->seconds_left = NAN;
    run->state = RB_CLUSTER_WAITING;
    if (rb_path_join(path, sizeof path, w->status->group, run->name, NULL)) return;
    if (!rb_run_numbers_read(&numbers, path, NULL)) {
        run->state = RB_CLUSTER_DONE;
        run->step = run->max_steps = (int64_t)numbers.step;
        if (numbers.seconds > 0) run->steps_per_second = numbers.step / numbers.seconds;
        return;
    }
    run->max_steps = read_goal(path);
    read_progress(run, path);
    if (!rb_path_join(file, sizeof file, path, "lock", NULL) && rb_file_is_locked(file)) {
        run->state = RB_CLUSTER_RUNNING;
        run->seconds_left = (double)(run->max_steps - run->step) / run->steps_per_second;
        if (run->max_steps < 0 || run->step < 0 || !(run->seconds_left >= 0)) run->seconds_left = NAN;
        return;
    }
    if (read_failure(w, run))
        run->state = RB_CLUSTER_FAILED;
    else
        judge_by_queue(w, run);
}

// ---- the group

static rb_status add(work *w, const char *name, size_t bytes, int task, rb_error *error)
{
    rb_cluster_status *s = w->status;
    if (s->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 64;
        rb_cluster_run *more = realloc(s->runs, (size_t)w->capacity * sizeof *more);
        if (!more) return no_memory(error);
        s->runs = more;
    }
    rb_cluster_run *run = &s->runs[s->count++];
    *run = (rb_cluster_run){.task = task};
    snprintf(run->name, sizeof run->name, "%.*s", (int)bytes, name);
    return RB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const rb_cluster_run *)a)->name, ((const rb_cluster_run *)b)->name);
}

// The runs in the group's directory that the array does not name.
static rb_status add_others(work *w, rb_error *error)
{
    rb_cluster_status *s = w->status;
    const int listed = s->count;
    char **names, path[RB_PATH_MAX], config[RB_PATH_MAX];
    int count;
    if (!rb_file_is_directory(s->group)) return RB_OK;
    rb_cluster_run *sorted = malloc(((size_t)listed + 1) * sizeof *sorted);
    if (!sorted) return no_memory(error);
    if (listed) memcpy(sorted, s->runs, (size_t)listed * sizeof *sorted);
    qsort(sorted, (size_t)listed, sizeof *sorted, by_name);
    rb_status status = rb_file_list(s->group, &names, &count, error);
    for (int i = 0; i < count && !status; i++) {
        rb_cluster_run key;
        if (!rb_text_copy(key.name, sizeof key.name, names[i]) ||
            bsearch(&key, sorted, (size_t)listed, sizeof *sorted, by_name))
            continue;
        if (!rb_path_join(path, sizeof path, s->group, names[i], NULL) &&
            !rb_path_join(config, sizeof config, path, "config.ini", NULL) && rb_file_exists(config))
            status = add(w, names[i], strlen(names[i]), 0, error);
    }
    if (!status || count) rb_file_list_free(names, count);
    free(sorted);
    return status;
}

static rb_status ask(work *w, rb_error *error)
{
    rb_cluster_status *s = w->status;
    const int tasks = rb_array_tasks(&w->list);
    long job, stranger;
    int queued;
    rb_error why = {0};
    w->submitted = rb_array_jobs(s->directory, &job, 1) > 0;
    if (!w->submitted) return RB_OK;
    w->places = calloc((size_t)tasks + 1, sizeof *w->places);
    if (!w->places) return no_memory(error);
    s->asked = !rb_array_queue(s->directory, w->list.job_name, tasks, w->places, &queued, &stranger, &why);
    if (!s->asked) rb_text_copy(s->unasked, sizeof s->unasked, why.message);
    return RB_OK;
}

static void sum_up(rb_cluster_status *s)
{
    double goals = 0, left = 0, longest = 0;
    int known = 0, open = 0;
    for (int i = 0; i < s->count; i++) {
        const rb_cluster_run *run = &s->runs[i];
        s->counts[run->state]++;
        if (run->max_steps > 0) goals += (double)run->max_steps;
        known += run->max_steps > 0;
        if (run->state != RB_CLUSTER_RUNNING) continue;
        if (!isnan(run->steps_per_second)) s->steps_per_second += run->steps_per_second;
        longest = fmax(longest, run->seconds_left);
    }
    for (int i = 0; i < s->count; i++) {
        const rb_cluster_run *run = &s->runs[i];
        if (run->state != RB_CLUSTER_RUNNING && run->state != RB_CLUSTER_WAITING) continue;
        open++;
        left += (run->max_steps > 0 ? (double)run->max_steps
                 : known            ? goals / known
                                    : 0) -
                (run->step > 0 ? (double)run->step : 0);
    }
    s->seconds_left = !open                              ? 0
                      : s->steps_per_second > 0 && known ? fmax(longest, left / s->steps_per_second)
                                                         : NAN;
}

static rb_status find_group(rb_cluster_status *s, const char *group, rb_error *error)
{
    char below[RB_PATH_MAX];
    if (!rb_text_copy(s->group, sizeof s->group, group))
        return rb_error_set(error, RB_ERR_USAGE, "%.100s...: the path is too long", group);
    for (size_t n = strlen(s->group); n > 1 && s->group[n - 1] == '/'; n--) s->group[n - 1] = 0;
    if (rb_file_is_directory(s->group)) return RB_OK;
    if (!strchr(s->group, '/') && !rb_path_join(below, sizeof below, "runs", s->group, NULL) &&
        rb_file_is_directory(below)) {
        rb_text_copy(s->group, sizeof s->group, below);
        return RB_OK;
    }
    return rb_error_set(error, RB_ERR_FILE,
                        "%s: there is no such group: neither the directory %s nor runs/%s", group, group,
                        group);
}

rb_status rb_cluster_status_read(rb_cluster_status **out, const char *group, rb_error *error)
{
    char directory[RB_PATH_MAX], path[RB_PATH_MAX];
    work w = {.status = calloc(1, sizeof *w.status)};
    *out = NULL;
    if (!w.status) return no_memory(error);
    rb_cluster_status *s = w.status;
    rb_status status = find_group(s, group, error);
    if (!status) status = rb_path_join(directory, sizeof directory, s->group, "slurm", error);
    if (!status) status = rb_path_join(path, sizeof path, directory, "runs.txt", error);
    if (!status && rb_file_exists(path)) {
        status = rb_array_list_read(&w.list, directory, error);
        if (!status) rb_text_copy(s->directory, sizeof s->directory, directory);
        if (!status) status = ask(&w, error); // before the directories: a run that ends meanwhile has ended
        for (int i = 0; i < w.list.count && !status; i++)
            status =
                add(&w, w.list.lines[i], strcspn(w.list.lines[i], "\t"), 1 + i / w.list.runs_per_task, error);
    }
    if (!status) status = add_others(&w, error);
    for (int i = 0; i < s->count && !status; i++) judge(&w, &s->runs[i]);
    if (!status && !s->count)
        status = rb_error_set(error, RB_ERR_FILE, "%s: holds no runs and no array of runs", s->group);
    if (!status) sum_up(s);
    rb_array_list_free(&w.list);
    free(w.places);
    if (status)
        rb_cluster_status_free(s);
    else
        *out = s;
    return status;
}

void rb_cluster_status_free(rb_cluster_status *status)
{
    if (!status) return;
    free(status->runs);
    free(status);
}

// ---- failed runs, again

// "1,4-7"
static rb_status list_tasks(const bool *wanted, int tasks, char *out, size_t bytes, rb_error *error)
{
    size_t used = 0;
    *out = 0;
    for (int i = 1; i <= tasks; i++) {
        int last = i;
        if (!wanted[i]) continue;
        while (last < tasks && wanted[last + 1]) last++;
        used += (size_t)snprintf(out + used, bytes - used, last > i ? "%s%d-%d" : "%s%d", used ? "," : "", i,
                                 last);
        if (used >= bytes)
            return rb_error_set(error, RB_ERR_USAGE,
                                "the failed runs are in too many tasks for one submission");
        i = last;
    }
    return RB_OK;
}

rb_status rb_cluster_retry(const rb_cluster_status *s, char *tasks, size_t task_bytes, char *job,
                           size_t job_bytes, int *held, rb_error *error)
{
    rb_array_list list;
    *tasks = *job = 0;
    *held = 0;
    if (!*s->directory)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "%s: has no array, so there is nothing to submit; `rainbow train --resume RUN` resumes a run",
            s->group);
    rb_status status = rb_array_list_read(&list, s->directory, error);
    if (status) return status;
    const int count = rb_array_tasks(&list);
    bool *wanted = calloc((size_t)count + 2, sizeof *wanted);
    rb_array_place *places = calloc((size_t)count + 1, sizeof *places);
    int queued;
    long stranger;
    if (!wanted || !places) status = no_memory(error);
    // Asked again: the state may have been read a while ago.
    if (!status)
        status = rb_array_queue(s->directory, list.job_name, count, places, &queued, &stranger, error);
    for (int i = 0; i < s->count && !status; i++) {
        const rb_cluster_run *run = &s->runs[i];
        if (run->state != RB_CLUSTER_FAILED || !run->task) continue;
        *held += places[run->task] != RB_NOT_QUEUED;
        wanted[run->task] = wanted[run->task] || places[run->task] == RB_NOT_QUEUED;
    }
    if (!status) status = list_tasks(wanted, count, tasks, task_bytes, error);
    if (!status && *tasks) status = rb_cluster_submit(s->directory, tasks, job, job_bytes, error);
    for (int i = 0; i < s->count && !status && *tasks; i++) {
        char path[RB_PATH_MAX], name[300];
        if (s->runs[i].state != RB_CLUSTER_FAILED || !wanted[s->runs[i].task]) continue;
        snprintf(name, sizeof name, "failed/%s", s->runs[i].name);
        if (!rb_path_join(path, sizeof path, s->directory, name, NULL))
            status = rb_file_remove_tree(path, error);
    }
    free(wanted);
    free(places);
    rb_array_list_free(&list);
    return status;
}
