// One task of an array: its runs, and what is noted of those that failed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cluster/array.h"
#include "cluster/slurm.h"

static rb_status split(rb_cluster_task *task, int i, char *line, rb_error *error)
{
    int most = 1;
    for (const char *at = line; *at; at++) most += *at == '\t';
    if (!(task->words[i] = calloc((size_t)most, sizeof **task->words)))
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the runs of the task");
    task->names[i] = line;
    for (char *at = strchr(line, '\t'); at;) {
        *at++ = 0;
        task->words[i][task->word_counts[i]++] = at;
        at = strchr(at, '\t');
    }
    if (!task->word_counts[i])
        return rb_error_set(error, RB_ERR_FORMAT, "%s/runs.txt: \"%.100s\" is no run", task->directory, line);
    return RB_OK;
}

rb_status rb_cluster_task_read(rb_cluster_task **out, const char *directory, int number, rb_error *error)
{
    rb_array_list list;
    *out = NULL;
    rb_status status = rb_array_list_read(&list, directory, error);
    if (status) return status;
    const int tasks = rb_array_tasks(&list);
    const int64_t first = ((int64_t)number - 1) * list.runs_per_task;
    rb_cluster_task *task = calloc(1, sizeof *task);
    if (number < 1 || number > tasks)
        status = rb_error_set(error, RB_ERR_USAGE, "task %d: %s/runs.txt has tasks 1 to %d", number,
                              directory, tasks);
    const int count = status                                    ? 0
                      : first + list.runs_per_task < list.count ? list.runs_per_task
                                                                : list.count - (int)first;
    if (!status && task) {
        task->names = calloc((size_t)count, sizeof *task->names);
        task->words = calloc((size_t)count, sizeof *task->words);
        task->word_counts = calloc((size_t)count, sizeof *task->word_counts);
    }
    if (!status && (!task || !task->names || !task->words || !task->word_counts))
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for the runs of the task");
    if (!status) {
        rb_text_copy(task->directory, sizeof task->directory, directory);
        task->at_once = list.at_once;
        task->text = list.text;
        list.text = NULL;
        for (int i = 0; i < count && !status; i++) {
            task->count++;
            status = split(task, i, list.lines[first + i], error);
        }
    }
    rb_array_list_free(&list);
    if (status)
        rb_cluster_task_free(task);
    else
        *out = task;
    return status;
}

void rb_cluster_task_free(rb_cluster_task *task)
{
    if (!task) return;
    for (int i = 0; i < task->count; i++) free(task->words[i]);
    free(task->names);
    free(task->words);
    free(task->word_counts);
    free(task->text);
    free(task);
}

static rb_status note_path(const rb_cluster_task *task, const char *name, char *out, size_t bytes,
                           rb_error *error)
{
    char failed[RB_PATH_MAX];
    rb_status status = rb_path_join(failed, sizeof failed, task->directory, "failed", error);
    return status ? status : rb_path_join(out, bytes, failed, name, error);
}

rb_status rb_cluster_task_note(const rb_cluster_task *task, const char *name, const char *reason,
                               rb_error *error)
{
    char failed[RB_PATH_MAX], path[RB_PATH_MAX];
    rb_status status = note_path(task, name, path, sizeof path, error);
    if (!status && !reason) return rb_file_remove_tree(path, error);
    if (!status) status = rb_path_join(failed, sizeof failed, task->directory, "failed", error);
    if (!status) status = rb_file_make_directories(failed, error);
    return status ? status : rb_file_write(path, reason, strlen(reason), error);
}

bool rb_cluster_task_failed(const rb_cluster_task *task, const char *name)
{
    char path[RB_PATH_MAX];
    return !note_path(task, name, path, sizeof path, NULL) && rb_file_exists(path);
}

bool rb_cluster_requeue(int number)
{
    const char *array = getenv("SLURM_ARRAY_JOB_ID"), *task = getenv("SLURM_ARRAY_TASK_ID");
    char job[64], state[64];
    int64_t own;
    int ended = 1;
    if (!array || !*array || !task || !rb_text_i64(task, &own) || own != number) return false;
    // Not by SLURM_JOB_ID: the number of an array's last task is that of the array, so it would mean all of
    // them.
    snprintf(job, sizeof job, "%.30s_%d", array, number);
    // COMPLETING: Slurm ends this job already. It starts it again itself if that is what was wanted.
    if (rb_slurm_call((const char *const[]){"squeue", "-h", "-j", job, "-o", "%T", NULL}, state, sizeof state,
                      NULL, &ended, NULL) ||
        ended || strcmp(state, "RUNNING") != 0)
        return false;
    return !rb_slurm_call((const char *const[]){"scontrol", "requeue", job, NULL}, state, sizeof state, NULL,
                          &ended, NULL) &&
           !ended;
}
