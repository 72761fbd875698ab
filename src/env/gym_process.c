// posix_spawn, not fork: a learner holds gigabytes, whose page tables a fork would copy. posix_spawn can't
// request a signal at this process's death; the worker's program does that first (gym_worker.py).
#include "env/gym_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/text.h"

extern char **environ;

static const char *const settings[] = {"OMP_NUM_THREADS=1",
                                       "CUDA_VISIBLE_DEVICES=", "PYGAME_HIDE_SUPPORT_PROMPT=1"};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

// This process's environment variables, with ours replaced; the caller frees the list.
static char **make_environment(void)
{
    size_t count = 0, used = 0;
    while (environ && environ[count]) count++;
    char **list = malloc((count + SETTINGS + 1) * sizeof *list);
    if (!list) return NULL;
    for (int s = 0; s < SETTINGS; s++) list[used++] = (char *)settings[s];
    for (size_t i = 0; i < count; i++) {
        bool ours = false;
        for (int s = 0; s < SETTINGS; s++) {
            size_t name = strcspn(settings[s], "=") + 1;
            ours = ours || !strncmp(environ[i], settings[s], name);
        }
        if (!ours) list[used++] = environ[i];
    }
    list[used] = NULL;
    return list;
}

static int lay_descriptors(posix_spawn_file_actions_t *actions, const rb_gym_spawn *spawn)
{
    int failed = posix_spawn_file_actions_adddup2(actions, spawn->input, 0);
    if (!failed && spawn->silent)
        failed = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(actions, spawn->output < 0 ? 2 : spawn->output, 1);
    for (int i = 0; !failed && i < spawn->keep_count; i++) // onto itself: clears close-on-exec
        failed = posix_spawn_file_actions_adddup2(actions, spawn->keep[i], spawn->keep[i]);
    return failed;
}

rb_status rb_gym_process_start(pid_t *pid, const rb_gym_spawn *spawn, rb_error *error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, every;
    sigemptyset(&none);
    sigfillset(&every);
    char **environment = make_environment();
    if (!environment || posix_spawn_file_actions_init(&actions)) {
        free(environment);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to start %s", spawn->words[0]);
    }
    posix_spawnattr_init(&attributes); // does not allocate
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &every); // also those that we ignore, such as SIGPIPE
    int failed = lay_descriptors(&actions, spawn);
    if (!failed)
        failed = posix_spawnp(pid, spawn->words[0], &actions, &attributes, (char *const *)spawn->words,
                              environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    if (failed)
        return rb_error_set(error, RB_ERR_MISSING, "%s can't be started: %s", spawn->words[0],
                            strerror(failed));
    return RB_OK;
}

static void describe(const siginfo_t *info, char *how, size_t bytes)
{
    if (info->si_code == CLD_EXITED)
        snprintf(how, bytes, "ended with exit status %d", info->si_status);
    else
        snprintf(how, bytes, "was killed by signal %d (%s)", info->si_status, strsignal(info->si_status));
}

void rb_gym_process_end(pid_t pid, double seconds, char *how, size_t how_bytes)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    const double start = rb_clock_seconds();
    siginfo_t info = {0};
    bool late = false;
    // Not reaped at first, so that no other process can get its id, which is also its group's.
    while (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid && !late) {
        nanosleep(&moment, NULL);
        late = rb_clock_seconds() - start > seconds;
    }
    kill(-pid, SIGKILL);
    if (how && late)
        rb_text_copy(how, how_bytes, "did not end when asked to");
    else if (how)
        describe(&info, how, how_bytes);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

int rb_gym_descriptor(int fd)
{
    if (fd < 0 || fd > 2) return fd;
    int above = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return above;
}
