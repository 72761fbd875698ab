#include "cluster/slurm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { DEFAULT_ARRAY_MOST = 1000 };

// Reads until the program has closed its output.
static char *read_all(int from, size_t *length)
{
    size_t capacity = 4096;
    char *text = malloc(capacity);
    *length = 0;
    while (text) {
        if (*length + 1 == capacity) {
            char *more = realloc(text, capacity *= 2);
            if (!more) free(text);
            if (!(text = more)) break;
        }
        const ssize_t got = read(from, text + *length, capacity - *length - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        *length += (size_t)got;
    }
    if (text) text[*length] = 0;
    return text;
}

// The program gets the signals' own handling, and none of them blocked: it must not inherit a training's.
static int start(pid_t *process, const char *const *words, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int failed = posix_spawnp(process, words[0], &files, &attributes, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

rb_status rb_slurm_call(const char *const *words, char *out, size_t bytes, char **all, int *ended,
                        rb_error *error)
{
    int ends[2], status = 0;
    pid_t process;
    size_t length;
    if (pipe2(ends, O_CLOEXEC))
        return rb_error_set(error, RB_ERR_FILE, "%s can't be started: %s", words[0], strerror(errno));
    const int failed = start(&process, words, ends[1]);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return failed == ENOENT
                   ? rb_error_set(
                         error, RB_ERR_MISSING,
                         "%s is not in PATH: this machine has no Slurm; on a cluster, log in to a node "
                         "from which jobs are submitted",
                         words[0])
                   : rb_error_set(error, RB_ERR_FILE, "%s can't be started: %s", words[0], strerror(failed));
    }
    char *text = read_all(ends[0], &length);
    close(ends[0]);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    *ended = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (!text) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the output of %s", words[0]);
    while (length && (text[length - 1] == '\n' || text[length - 1] == ' ')) text[--length] = 0;
    if (out) snprintf(out, bytes, "%s", text);
    if (all)
        *all = text;
    else
        free(text);
    return RB_OK;
}

rb_slurm_cluster rb_slurm_describe(const char *partition)
{
    rb_slurm_cluster about = {.array_most = DEFAULT_ARRAY_MOST};
    char *text = NULL, cpus[4096];
    int ended;
    if (rb_slurm_call((const char *const[]){"scontrol", "show", "config", NULL}, NULL, 0, &text, &ended,
                      NULL))
        return about;
    const char *size = strstr(text, "MaxArraySize"), *select = strstr(text, "SelectType ");
    if (ended == 0 && size && (size = strchr(size, '=')) && atoi(size + 1) > 1)
        about.array_most = atoi(size + 1) - 1; // indices are below it, and ours begin at 1
    if (ended == 0 && select) about.whole_nodes = strstr(select, "select/linear") != NULL;
    free(text);
    if (ended) return about;
    if (!rb_slurm_call((const char *const[]){"scontrol", "-o", "show", "partition", partition, NULL}, NULL, 0,
                       &text, &ended, NULL)) {
        for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
            char *end = strchr(line, '\n');
            if (end) *end = 0;
            if ((partition || strstr(line, " Default=YES")) && strstr(line, "OverSubscribe=EXCLUSIVE"))
                about.whole_nodes = true;
            if (end) *end = '\n';
        }
        free(text);
    }
    if (rb_slurm_call(
            (const char *const[]){"sinfo", "-h", "-o", "%c", partition ? "-p" : NULL, partition, NULL}, cpus,
            sizeof cpus, NULL, &ended, NULL) == RB_OK &&
        ended == 0)
        for (const char *at = cpus; *at;) {
            const int n = atoi(at);
            if (n > 0 && (!about.node_cpus || n < about.node_cpus)) about.node_cpus = n;
            at += strcspn(at, "\n");
            at += strspn(at, "\n");
        }
    return about;
}
