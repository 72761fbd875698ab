// The process and its files: see gnuplot.h. gnuplot_style.c has the look.
#include "results/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

extern char **environ;

enum { MOST_CPU_SECONDS = 60 };

rb_status rb_gnuplot_init(rb_gnuplot *plot, const char *picture, rb_error *error)
{
    const char *slash = strrchr(picture, '/'), *file = slash ? slash + 1 : picture;
    size_t bytes = strlen(file);
    *plot = (rb_gnuplot){.complaints = -1, .png = rb_text_ends(picture, ".png")};
    if (bytes < 5 || (!plot->png && !rb_text_ends(picture, ".svg")))
        return rb_error_set(error, RB_ERR_USAGE, "%s: a picture's name must end in .svg or .png", picture);
    if (bytes >= sizeof plot->name || (size_t)(file - picture) >= sizeof plot->directory)
        return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", picture);
    snprintf(plot->name, sizeof plot->name, "%.*s", (int)(bytes - 4), file);
    snprintf(plot->directory, sizeof plot->directory, "%.*s", (int)(file - picture), picture);
    if (!slash) snprintf(plot->directory, sizeof plot->directory, "./");
    return RB_OK;
}

const char *rb_gnuplot_end(const rb_gnuplot *plot)
{
    return plot->png ? ".png" : ".svg";
}

void rb_gnuplot_path(const rb_gnuplot *plot, const char *end, char *out, size_t bytes)
{
    const bool here = !strcmp(plot->directory, "./"); // no prefix if none was given
    snprintf(out, bytes, "%s%s%s", here ? "" : plot->directory, plot->name, end);
}

void rb_gnuplot_quote(FILE *script, const char *text)
{
    fputc('\'', script);
    for (int bytes; *text; text += bytes ? bytes : 1) {
        bytes = rb_text_letter(text);
        if (*text == '\'') fputc('\'', script);
        if (bytes > 1)
            fprintf(script, "%.*s", bytes, text);
        else // an SVG with half a letter is not well-formed
            fputc(!bytes ? '?' : (unsigned char)*text < 32 ? ' ' : *text, script);
    }
    fputc('\'', script);
}

// ---- files

// Not synced: if the machine fails, the picture can be made again.
static rb_status write_file(const char *path, const char *text, size_t bytes, rb_error *error)
{
    char part[RB_PATH_MAX + 264];
    snprintf(part, sizeof part, "%s.part", path);
    const rb_status status = rb_file_renew(part, path, error);
    if (status) return status;
    FILE *file = fopen(part, "we");
    bool good = file && fwrite(text, 1, bytes, file) == bytes;
    int why = errno;
    if (file && fclose(file) && good) {
        good = false;
        why = errno;
    }
    if (good && rename(part, path)) {
        good = false;
        why = errno;
    }
    if (good) return RB_OK;
    if (file) unlink(part);
    return rb_error_set(error, RB_ERR_FILE, "%s: can't be written: %s", path, strerror(why));
}

rb_status rb_gnuplot_write(const rb_gnuplot *plot, const char *script, size_t script_bytes, const char *data,
                           size_t data_bytes, rb_error *error)
{
    char path[RB_PATH_MAX + 260];
    rb_gnuplot_path(plot, ".dat", path, sizeof path);
    rb_status status = write_file(path, data, data_bytes, error);
    rb_gnuplot_path(plot, ".gp", path, sizeof path);
    return status ? status : write_file(path, script, script_bytes, error);
}

// ---- the process

bool rb_gnuplot_available(void)
{
    char path[RB_PATH_MAX];
    const char *folders = getenv("PATH");
    for (; folders && *folders; folders += *folders == ':') {
        const int length = (int)strcspn(folders, ":");
        snprintf(path, sizeof path, "%.*s/gnuplot", length, folders);
        if (!access(path, X_OK)) return true;
        folders += length;
    }
    return false;
}

rb_status rb_gnuplot_start(rb_gnuplot *plot, rb_error *error)
{
    char script[300], out[320], part[RB_PATH_MAX + 260], picture[RB_PATH_MAX + 260];
    rb_gnuplot_path(plot, ".part", part, sizeof part);
    rb_gnuplot_path(plot, rb_gnuplot_end(plot), picture, sizeof picture);
    const rb_status status = rb_file_renew(part, picture, error);
    if (status) return status;
    snprintf(script, sizeof script, "%s.gp", plot->name);
    FILE *words = fmemopen(out, sizeof out, "w");
    if (!words) unlink(part);
    if (!words) return rb_error_set(error, RB_ERR_MEMORY, "no memory to start gnuplot");
    fprintf(words, "out=");
    snprintf(script, sizeof script, "%s.part", plot->name);
    rb_gnuplot_quote(words, script);
    fclose(words);
    snprintf(script, sizeof script, "%s.gp", plot->name);

    const char *argv[] = {"gnuplot", "-d", "-e", out, script, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigfillset(&usual);
    plot->complaints = memfd_create("gnuplot", MFD_CLOEXEC);
    if (plot->complaints < 0 || posix_spawn_file_actions_init(&actions)) {
        if (plot->complaints >= 0) close(plot->complaints);
        plot->complaints = -1;
        unlink(part);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to start gnuplot");
    }
    posix_spawnattr_init(&attributes); // allocates no memory
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    int failed = posix_spawn_file_actions_addchdir_np(&actions, plot->directory);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, plot->complaints, 1);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, plot->complaints, 2);
    if (!failed)
        failed = posix_spawnp(&plot->pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        unlink(part);
        plot->pid = 0;
        close(plot->complaints);
        plot->complaints = -1;
        if (failed == ENOENT)
            return rb_error_set(error, RB_ERR_MISSING,
                                "gnuplot is not installed (on Debian: apt-get install gnuplot-nox)");
        return rb_error_set(error, RB_ERR_MISSING, "gnuplot can't be started: %s", strerror(failed));
    }
    const struct rlimit most = {MOST_CPU_SECONDS, MOST_CPU_SECONDS};
    prlimit(plot->pid, RLIMIT_CPU, &most, NULL);
    setpriority(PRIO_PROCESS, (id_t)plot->pid, 10);
    return RB_OK;
}

// The last line of gnuplot's errors that is not empty.
static void read_complaint(const rb_gnuplot *plot, char *out, size_t bytes)
{
    char text[4096];
    ssize_t got = pread(plot->complaints, text, sizeof text - 1, 0);
    text[got > 0 ? got : 0] = 0;
    *out = 0;
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest));) {
        rb_text_trim(line);
        // gnuplot shows the position on a separate line with a caret; its message comes last.
        if (strcmp(line, "^") && *line) rb_text_copy(out, bytes, line);
    }
    if (!*out) rb_text_copy(out, bytes, "it gave no message");
}

static rb_status settle(rb_gnuplot *plot, int status, rb_error *error)
{
    char part[RB_PATH_MAX + 260], picture[RB_PATH_MAX + 260], complaint[400];
    read_complaint(plot, complaint, sizeof complaint);
    close(plot->complaints);
    plot->complaints = -1;
    plot->pid = 0;
    rb_gnuplot_path(plot, ".part", part, sizeof part);
    rb_gnuplot_path(plot, rb_gnuplot_end(plot), picture, sizeof picture);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !rename(part, picture)) return RB_OK;
    unlink(part);
    if (WIFSIGNALED(status))
        return rb_error_set(error, RB_ERR_FILE, "%s: gnuplot was killed by signal %d (%s)", picture,
                            WTERMSIG(status), strsignal(WTERMSIG(status)));
    return rb_error_set(error, RB_ERR_FILE, "%s: gnuplot failed: %s", picture, complaint);
}

rb_status rb_gnuplot_poll(rb_gnuplot *plot, rb_error *error)
{
    int status = 0;
    if (!plot->pid) return RB_OK;
    pid_t ended = waitpid(plot->pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return RB_OK;
    return settle(plot, ended < 0 ? SIGKILL : status, error); // below 0: it was already waited for elsewhere
}

rb_status rb_gnuplot_wait(rb_gnuplot *plot, double seconds, rb_error *error)
{
    const double until = rb_clock_seconds() + seconds;
    rb_status status = rb_gnuplot_poll(plot, error);
    while (plot->pid && rb_clock_seconds() < until) {
        rb_clock_nap(0.002);
        status = rb_gnuplot_poll(plot, error);
    }
    if (!plot->pid) return status;
    rb_gnuplot_stop(plot);
    return rb_error_set(error, RB_ERR_FILE, "%s%s%s: gnuplot took longer than %.0f s", plot->directory,
                        plot->name, rb_gnuplot_end(plot), seconds);
}

void rb_gnuplot_stop(rb_gnuplot *plot)
{
    int status = 0;
    if (!plot->pid) return;
    kill(plot->pid, SIGKILL);
    while (waitpid(plot->pid, &status, 0) < 0 && errno == EINTR) {
    }
    settle(plot, SIGKILL, NULL);
}

// ---- for a command

static char *written(rb_gnuplot_writer *writer, const void *what, size_t *bytes)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, bytes);
    if (!to) return NULL;
    writer(what, to);
    if (!fclose(to)) return text;
    free(text);
    return NULL;
}

rb_status rb_gnuplot_draw(rb_gnuplot *plot, rb_gnuplot_writer *script, rb_gnuplot_writer *data,
                          const void *what, rb_error *error)
{
    char file[RB_PATH_MAX + 260], picture[RB_PATH_MAX + 260];
    size_t script_bytes = 0, data_bytes = 0;
    char *script_text = written(script, what, &script_bytes);
    char *data_text = written(data, what, &data_bytes);
    rb_status status = script_text && data_text
                           ? rb_gnuplot_write(plot, script_text, script_bytes, data_text, data_bytes, error)
                           : rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    free(script_text);
    free(data_text);
    if (!status) status = rb_gnuplot_start(plot, error);
    if (status != RB_ERR_MISSING) return status ? status : rb_gnuplot_wait(plot, 120, error);
    rb_gnuplot_path(plot, ".gp", file, sizeof file);
    rb_gnuplot_path(plot, rb_gnuplot_end(plot), picture, sizeof picture);
    return rb_error_set(error, status,
                        "%s was not drawn: gnuplot is not installed (on Debian: apt-get install "
                        "gnuplot-nox); its script and data were written, and gnuplot draws it from %s",
                        picture, file);
}
