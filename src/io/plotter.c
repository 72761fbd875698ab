// Drawing with gnuplot: see plotter.h.
#include "io/plotter.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// The first line that says something.
static void first_line(int fd, char *out, size_t bytes)
{
    size_t used = 0;
    char chunk[512];
    for (ssize_t got; (got = read(fd, chunk, sizeof chunk)) > 0 || (got < 0 && errno == EINTR);)
        for (ssize_t i = 0; i < got; i++)
            if (used + 1 < bytes) out[used++] = chunk[i];
    out[used] = 0;
    const size_t blank = strspn(out, " \t\r\n");
    memmove(out, out + blank, used - blank + 1);
    out[strcspn(out, "\r\n")] = 0;
}

static bool start(const char *script, int output, pid_t *child, int *why)
{
    char *const words[] = {(char[]){"gnuplot"}, (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    if ((*why = posix_spawn_file_actions_init(&actions))) return false;
    *why = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!*why) *why = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!*why) *why = posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!*why) *why = posix_spawnp(child, "gnuplot", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return !*why;
}

rb_status rb_plotter_run(const char *script, const char *picture, rb_error *error)
{
    int ends[2], why, how = 0;
    pid_t child;
    char said[300];
    if (pipe2(ends, O_CLOEXEC))
        return rb_error_set(error, RB_ERR_FILE, "%s: can't be drawn: %s", picture, strerror(errno));
    const bool started = start(script, ends[1], &child, &why);
    close(ends[1]);
    if (started) first_line(ends[0], said, sizeof said);
    close(ends[0]);
    if (!started && why == ENOENT)
        return rb_error_set(
            error, RB_ERR_MISSING,
            "%s: needs gnuplot, which is not installed: apt-get install gnuplot-nox; its script "
            "is %s",
            picture, script);
    if (!started) return rb_error_set(error, RB_ERR_FILE, "%s: gnuplot: %s", picture, strerror(why));
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(how) && !WEXITSTATUS(how)) return RB_OK;
    return rb_error_set(error, RB_ERR_FILE, "%s: gnuplot could not draw it: %s", picture,
                        *said ? said : "it said nothing");
}
