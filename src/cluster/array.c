#include "cluster/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cluster/slurm.h"
#include "cluster/sweep.h"
#include "config/trust.h"

static const char head[] =
    "# rainbow cluster 1: the runs of an array, one per line: its name and its command line";

// ---- runs.txt

rb_status rb_array_list_read(rb_array_list *out, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    size_t bytes;
    *out = (rb_array_list){0};
    rb_status status = rb_path_join(path, sizeof path, directory, "runs.txt", error);
    if (!status) status = rb_file_read(path, &out->text, &bytes, error);
    if (status) return status;
    char *line = out->text, *end;
    if (!rb_text_starts(line, head) || !(line = strchr(line, '\n')) ||
        sscanf(line + 1, "# job %159s runs per task %d at once %d", out->job_name, &out->runs_per_task,
               &out->at_once) != 3 ||
        out->runs_per_task < 1 || out->at_once < 1 || !(line = strchr(line + 1, '\n'))) {
        rb_array_list_free(out);
        return rb_error_set(
            error, RB_ERR_FORMAT,
            "%s: is no list of runs, or of another version; `rainbow cluster slurm` writes it", path);
    }
    out->lines = calloc(bytes / 2 + 1, sizeof *out->lines);
    if (!out->lines) {
        rb_array_list_free(out);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for %s", path);
    }
    for (line++; *line; line = end + 1) {
        if (!(end = strchr(line, '\n'))) break; // cut short: the last line is not whole
        *end = 0;
        if (!*line || *line == '#') continue;
        if (*line == '.' || memchr(line, '/', strcspn(line, "\t"))) { // it would lead out of the group
            const rb_status wrong = rb_error_set(error, RB_ERR_FORMAT, "%s: \"%.*s\" is no name of a run",
                                                 path, (int)strcspn(line, "\t"), line);
            rb_array_list_free(out);
            return wrong;
        }
        out->lines[out->count++] = line;
    }
    return RB_OK;
}

void rb_array_list_free(rb_array_list *list)
{
    free(list->lines);
    free(list->text);
    *list = (rb_array_list){0};
}

int rb_array_tasks(const rb_array_list *list)
{
    return (list->count + list->runs_per_task - 1) / list->runs_per_task;
}

// ---- jobs

int rb_array_jobs(const char *directory, long *jobs, int most)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes;
    int count = 0;
    if (rb_path_join(path, sizeof path, directory, "jobs.txt", NULL) ||
        rb_file_read(path, &text, &bytes, NULL))
        return 0;
    for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const long job = strtol(line, NULL, 10);
        if (job <= 0) continue;
        if (count == most) memmove(jobs, jobs + 1, (size_t)--count * sizeof *jobs);
        jobs[count++] = job;
    }
    free(text);
    return count;
}

enum { JOBS_MOST = 1000 };

static bool is_ours(long job, const long *jobs, int count)
{
    for (int i = 0; i < count; i++)
        if (jobs[i] == job) return true;
    return false;
}

rb_status rb_array_queue(const char *directory, const char *job_name, int tasks, rb_array_place *places,
                         int *queued, long *stranger, rb_error *error)
{
    long jobs[JOBS_MOST];
    const int job_count = rb_array_jobs(directory, jobs, JOBS_MOST);
    char user[32], name[200], *text = NULL;
    int ended;
    *queued = 0;
    *stranger = 0;
    for (int i = 0; i <= tasks; i++) places[i] = RB_NOT_QUEUED;
    snprintf(user, sizeof user, "--user=%ld", (long)getuid());
    snprintf(name, sizeof name, "--name=%s", job_name);
    rb_status status =
        rb_slurm_call((const char *const[]){"squeue", "-h", "-r", user, name, "-o", "%F %K %T", NULL}, NULL,
                      0, &text, &ended, error);
    if (status) return status;
    if (ended) {
        status = rb_error_set(error, RB_ERR_FILE, "squeue failed: %.300s", text);
        free(text);
        return status;
    }
    for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        long job;
        int task;
        char state[32];
        if (sscanf(line, "%ld %d %31s", &job, &task, state) != 3) continue;
        if (!is_ours(job, jobs, job_count)) {
            *stranger = job;
            continue;
        }
        if (task < 1 || task > tasks) continue;
        ++*queued;
        places[task] = !strcmp(state, "PENDING") || !strncmp(state, "REQUEUE", 7) ? RB_QUEUED : RB_ON_NODE;
    }
    free(text);
    return RB_OK;
}

// ---- writing

// `directory`: GROUP/slurm.
static rb_status check_unsubmitted(const char *directory, rb_error *error)
{
    long job;
    char group[RB_PATH_MAX];
    if (!rb_array_jobs(directory, &job, 1)) return RB_OK;
    rb_text_copy(group, sizeof group, directory);
    if (rb_text_ends(group, "/slurm")) group[strlen(group) - strlen("/slurm")] = 0;
    return rb_error_set(
        error, RB_ERR_EXISTS,
        "%s: was submitted already, as job %ld, and is not submitted again; `rainbow cluster status "
        "%s` shows its runs, --retry-failed there submits failed ones, and --run.group=OTHER names "
        "another group",
        group, job, group);
}

// One of the runs trains now, started by another array or by hand.
static rb_status check_idle(const rb_cluster_plan *plan, rb_error *error)
{
    char path[RB_PATH_MAX], name[300];
    for (int i = 0; i < plan->runs; i++) {
        snprintf(name, sizeof name, "%.*s/lock", (int)strcspn(plan->lines[i], "\t"), plan->lines[i]);
        if (rb_path_join(path, sizeof path, plan->group, name, NULL) || !rb_file_is_locked(path)) continue;
        path[strlen(path) - strlen("/lock")] = 0;
        return rb_error_set(
            error, RB_ERR_EXISTS,
            "%s: a process is training in this directory now; wait until it ends, or name another "
            "group: --run.group=OTHER",
            path);
    }
    return RB_OK;
}

static rb_status write_list(const rb_cluster_plan *plan, rb_error *error)
{
    char path[RB_PATH_MAX], *text = NULL;
    size_t bytes;
    rb_status status = rb_path_join(path, sizeof path, plan->directory, "runs.txt", error);
    if (status) return status;
    FILE *to = open_memstream(&text, &bytes);
    if (!to) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %s", path);
    fprintf(to, "%s, separated by tabs\n# job %s runs per task %d at once %d\n", head, plan->job_name,
            plan->runs_per_task, plan->at_once);
    for (int i = 0; i < plan->runs; i++) fprintf(to, "%s\n", plan->lines[i]);
    fclose(to);
    status = rb_file_write(path, text, bytes, error);
    free(text);
    return status;
}

rb_status rb_cluster_plan_write(const rb_cluster_plan *plan, rb_error *error)
{
    char logs[RB_PATH_MAX];
    rb_status status = check_unsubmitted(plan->directory, error);
    if (!status) status = check_idle(plan, error);
    if (!status) status = rb_path_join(logs, sizeof logs, plan->directory, "logs", error);
    if (!status) status = rb_file_make_directories(logs, error); // sbatch makes none
    if (!status) status = write_list(plan, error);
    if (!status) rb_trust_keep(); // the tasks are this user's own processes
    return status ? status : rb_file_write(plan->script, plan->script_text, strlen(plan->script_text), error);
}

// ---- submitting

// Held from the look at jobs.txt until the job is in it, so that two commands do not both submit. -1: another
// process has it. sbatch inherits it (no O_CLOEXEC): a full cluster makes sbatch wait and try again for
// minutes, and if this process is killed meanwhile, nothing else may submit until sbatch has ended.
static int lock(const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    if (rb_path_join(path, sizeof path, directory, "lock", error)) return -1;
    const int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0644);
    if (file < 0) {
        rb_file_fail(error, path, "can't be created");
        return -1;
    }
    if (!flock(file, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
        return file; // without locks: jobs.txt decides
    close(file);
    rb_error_set(
        error, RB_ERR_EXISTS,
        "%s: another command submits this group at this moment, or an sbatch that it left behind; wait "
        "for its end",
        directory);
    return -1;
}

// Appends by writing the file anew: its reader never finds half a line.
static rb_status note_job(const char *directory, const char *job, const char *tasks, rb_error *error)
{
    char path[RB_PATH_MAX], *before = NULL, *text = NULL;
    size_t bytes;
    rb_status status = rb_path_join(path, sizeof path, directory, "jobs.txt", error);
    if (status) return status;
    if (rb_file_exists(path)) status = rb_file_read(path, &before, &bytes, error);
    FILE *to = status ? NULL : open_memstream(&text, &bytes);
    if (to) {
        fprintf(to, "%s%s %s %.0f\n", before ? before : "", job, tasks ? tasks : "all", rb_clock_calendar());
        fclose(to);
        status = rb_file_write(path, text, bytes, error);
    }
    free(before);
    free(text);
    return status;
}

// Before sbatch is called, jobs.txt is known to be writable: a submitted job that is not noted could be
// submitted again.
static rb_status try_note(const char *directory, rb_error *error)
{
    static const char room[1024] = "room for a line of jobs.txt\n";
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, "jobs.try", error);
    if (!status) status = rb_file_write(path, room, sizeof room, error);
    return status ? status : rb_file_remove_tree(path, error);
}

static rb_status check_strangers(const char *directory, rb_error *error)
{
    rb_array_list list;
    rb_array_place places[1];
    int queued;
    long stranger = 0;
    rb_status status = rb_array_list_read(&list, directory, error);
    if (status) return status;
    status = rb_array_queue(directory, list.job_name, 0, places, &queued, &stranger, error);
    if (!status && stranger)
        status = rb_error_set(
            error, RB_ERR_EXISTS,
            "job %ld in the queue has the name of this group, %s, and %s/jobs.txt does not know it: it "
            "may be this array, submitted by hand or by a command that was killed. End it (scancel "
            "%ld), or add the line \"%ld all\" to that file",
            stranger, list.job_name, directory, stranger, stranger);
    rb_array_list_free(&list);
    return status;
}

static rb_status submit(const char *directory, const char *tasks, char *job, size_t bytes, rb_error *error)
{
    char script[RB_PATH_MAX], array[8192 + 16], answer[1200];
    int ended;
    rb_status status = rb_path_join(script, sizeof script, directory, "array.sh", error);
    if (!status)
        status = rb_slurm_call((const char *const[]){"sbatch", "--version", NULL}, answer, sizeof answer,
                               NULL, &ended, error);
    if (!status) status = check_strangers(directory, error);
    if (!status) status = try_note(directory, error);
    if (status) return status;
    snprintf(array, sizeof array, "--array=%s", tasks ? tasks : "");
    const char *all[] = {"sbatch", "--parsable", script, NULL},
               *some[] = {"sbatch", "--parsable", array, script, NULL};
    status = rb_slurm_call(tasks ? some : all, answer, sizeof answer, NULL, &ended, error);
    if (status) return status;
    const char *line = answer; // warnings may come before the number
    for (const char *at = answer; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (*at >= '0' && *at <= '9') line = at;
    if (ended < 0)
        return rb_error_set(error, RB_ERR_FILE,
                            "sbatch was ended by signal %d, maybe after it had submitted the array; the same "
                            "command again finds out",
                            -ended);
    if (ended || *line < '0' || *line > '9')
        return rb_error_set(error, RB_ERR_FILE, "nothing was submitted, because sbatch refused %s: %.600s",
                            script, answer);
    snprintf(job, bytes, "%.*s", (int)strspn(line, "0123456789"), line);
    status = note_job(directory, job, tasks, error);
    return status ? rb_error_context(error, status,
                                     "job %s was submitted, but it could not be noted; keep its number", job)
                  : RB_OK;
}

rb_status rb_cluster_submit(const char *directory, const char *tasks, char *job, size_t bytes,
                            rb_error *error)
{
    rb_error why = {0};
    const int held = lock(directory, &why);
    if (held < 0) return rb_error_set(error, why.status, "%s", why.message);
    rb_status status = tasks ? RB_OK : check_unsubmitted(directory, error);
    if (!status) status = submit(directory, tasks, job, bytes, error);
    close(held);
    return status;
}
