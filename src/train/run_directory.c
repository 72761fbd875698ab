#include "train/run_directory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "config/trust.h"

// "atari/ms_pacman" -> "ms_pacman", "ALE/Breakout-v5" -> "breakout-v5", "./snake.so" -> "snake": the name a
// person would give the directory.
static void plain_name(char *out, size_t bytes, const char *env)
{
    const char *slash = strrchr(env, '/');
    size_t used = 0;
    for (const char *at = slash ? slash + 1 : env; *at && strcmp(at, ".so") && used + 1 < bytes; at++)
        out[used++] =
            isalnum((unsigned char)*at) || strchr("-_", *at) ? (char)tolower((unsigned char)*at) : '-';
    out[used] = 0;
}

static rb_status check_name(const char *key, const char *name, rb_error *error)
{
    if (!strchr(name, '/') && strcmp(name, "..") && strcmp(name, ".")) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE, "%s = %s: must be the name of a directory, without '/'", key,
                        name);
}

static rb_status can_not_make(const char *path, rb_error *error)
{
    return rb_error_set(error, RB_ERR_FILE, "%s: can't be created: %s", path, strerror(errno));
}

// Makes run->directory, which no process can do twice; *taken if another one has.
static rb_status make(rb_run *run, const char *parent, bool *taken, rb_error *error)
{
    enum { TRIES = 100 };
    *taken = false;
    for (int i = 0; i < TRIES; i++) {
        rb_status status = rb_file_make_directories(parent, error);
        if (status) return status;
        if (mkdir(run->directory, 0777) == 0) {
            run->made = true;
            return RB_OK;
        }
        *taken = errno == EEXIST;
        if (*taken) return RB_OK;
        if (errno != ENOENT) break; // ENOENT: a run that failed has just removed the empty parent
    }
    return can_not_make(run->directory, error);
}

static bool has_settings(const rb_run *run)
{
    char path[RB_PATH_MAX];
    return !rb_path_join(path, sizeof path, run->directory, "config.ini", NULL) && rb_file_exists(path);
}

bool rb_run_directory_is_remains(const char *directory)
{
    char **names, path[RB_PATH_MAX];
    int count, inside = 0;
    bool remains = true;
    if (rb_file_list(directory, &names, &count, NULL)) return false;
    for (int i = 0; i < count && remains; i++) {
        const bool half = rb_text_starts(names[i], "config.ini.") && rb_text_ends(names[i], ".part");
        remains = half || !strcmp(names[i], "lock") || !strcmp(names[i], "checkpoints");
    }
    rb_file_list_free(names, count);
    if (!remains || rb_path_join(path, sizeof path, directory, "checkpoints", NULL)) return false;
    if (rb_file_list(path, &names, &inside, NULL)) return true;
    rb_file_list_free(names, inside);
    return !inside;
}

static rb_status write_settings(rb_run *run, rb_error *error);

// A directory of the name that the user gave exists.
static rb_status take_over(rb_run *run, rb_error *error)
{
    const bool overwrite = run->params->run.overwrite;
    if (rb_run_directory_is_remains(run->directory)) {
        const rb_status status = rb_run_directory_lock(run, error);
        return status ? status : write_settings(run, error);
    }
    if (!has_settings(run))
        return rb_error_set(error, RB_ERR_EXISTS, "%s: exists but is not a run (it has no config.ini)%s",
                            run->directory,
                            overwrite ? ", so it is not replaced" : "; choose another with --run.name=OTHER");
    if (!overwrite) {
        char word[RB_TEXT_WORD_MAX];
        rb_text_shell(word, sizeof word, run->directory);
        return rb_error_set(
            error, RB_ERR_EXISTS,
            "%s: this run exists already; `rainbow train --resume %s` resumes it, --run.overwrite=true "
            "replaces it, --run.name=OTHER keeps it",
            run->directory, word);
    }
    run->replaces = true;
    const rb_status status = rb_run_directory_lock(run, error);
    if (status || run->lock_works) return status;
    return rb_error_set(
        error, RB_ERR_EXISTS,
        "%s: is not replaced, because this file system has no file locks, so another process may "
        "be training there; choose another name with --run.name=OTHER",
        run->directory);
}

// Names of a run that the user gave none: the environment, the preset and the seed, then a number.
void rb_run_directory_name(char *out, size_t bytes, const rb_run_params *p, int number)
{
    char env[64], end[16] = "";
    plain_name(env, sizeof env, p->env);
    const bool named_after_env =
        rb_text_starts(p->preset, env); // "cartpole-dqn" names the environment already
    const char *parts[2] = {named_after_env ? "" : env, p->preset};
    const char *between = *parts[0] && *parts[1] ? "-" : "";
    if (number > 1) snprintf(end, sizeof end, "-%d", number);
    snprintf(out, bytes, "%s%s%s-s%lld%s", parts[0], between, parts[1], (long long)p->seed, end);
}

static rb_status make_unnamed(rb_run *run, const char *parent, rb_error *error)
{
    enum { MOST = 100000 };
    for (int i = 1; i < MOST; i++) {
        char name[160];
        bool taken;
        rb_run_directory_name(name, sizeof name, &run->params->run, i);
        rb_status status = rb_path_join(run->directory, sizeof run->directory, parent, name, error);
        if (!status) status = make(run, parent, &taken, error);
        if (status || !taken) return status;
    }
    return rb_error_set(error, RB_ERR_EXISTS,
                        "%s: no free name found for another run; set one with --run.name", parent);
}

static rb_status write_settings(rb_run *run, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, run->directory, "checkpoints", error);
    if (!status) status = rb_file_make_directories(path, error);
    if (!status) status = rb_path_join(path, sizeof path, run->directory, "config.ini", error);
    run->config->params.run.overwrite = false; // so that --config with this file replaces nothing
    rb_trust_keep();                           // what config.ini names was chosen by this user
    return status ? status : rb_config_write(run->config, path, error);
}

rb_status rb_run_directory_claim(rb_run *run, rb_error *error)
{
    const rb_run_params *p = &run->params->run;
    char parent[RB_PATH_MAX];
    bool taken = false;
    rb_status status = check_name("run.group", p->group, error);
    if (!status) status = check_name("run.name", p->name, error);
    if (!status) status = rb_path_join(parent, sizeof parent, p->root, p->group, error);
    if (status) return status;
    run->new_parents = rb_file_exists(p->root) ? !rb_file_exists(parent) : 2;
    if (*p->name) {
        status = rb_path_join(run->directory, sizeof run->directory, parent, p->name, error);
        if (!status) status = make(run, parent, &taken, error);
        if (!status && taken) return take_over(run, error);
    } else {
        status = make_unnamed(run, parent, error);
    }
    if (!status) status = rb_run_directory_lock(run, error);
    if (status == RB_ERR_EXISTS) run->made = false; // another run of this name was quicker
    return status ? status : write_settings(run, error);
}

// Removes what the replaced run left. Its config.ini stays until the new one takes its place, so that the
// directory is a run at any moment.
rb_status rb_run_directory_begin(rb_run *run, rb_error *error)
{
    char **names, path[RB_PATH_MAX];
    int count;
    if (!run->replaces) return RB_OK;
    rb_status status = rb_file_list(run->directory, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) {
        if (!strcmp(names[i], "lock") || !strcmp(names[i], "config.ini")) continue;
        status = rb_path_join(path, sizeof path, run->directory, names[i], error);
        if (!status) status = rb_file_remove_tree(path, error);
    }
    rb_file_list_free(names, count);
    return status ? status : write_settings(run, error);
}

void rb_run_directory_release(rb_run *run)
{
    char parent[RB_PATH_MAX];
    if (!run || !run->made) return;
    rb_file_remove_tree(run->directory, NULL);
    run->made = false;
    if (rb_path_join(parent, sizeof parent, run->params->run.root, run->params->run.group, NULL)) return;
    // Both fail, as they should, if another run is there by now.
    if (run->new_parents > 0) rmdir(parent);
    if (run->new_parents > 1) rmdir(run->params->run.root);
}

// Another process that trains holds an exclusive lock. A report that looks whether the run is training holds
// a shared one for a moment, which must not fail a start. Sets errno.
static bool take_lock(int file)
{
    enum { TRIES = 1000 };
    for (int i = 0; i < TRIES; i++) {
        if (!flock(file, LOCK_EX | LOCK_NB)) return true;
        if (errno != EWOULDBLOCK || flock(file, LOCK_SH | LOCK_NB)) return false;
        poll(NULL, 0, 1);
    }
    errno = EWOULDBLOCK;
    return false;
}

// The lock is taken on a separate file: config.ini may be replaced on resume.
rb_status rb_run_directory_lock(rb_run *run, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, run->directory, "lock", error);
    if (status) return status;
    struct stat info;
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (run->lock < 0) return can_not_make(path, error);
    if (!fstat(run->lock, &info) && !S_ISREG(info.st_mode)) {
        rb_run_directory_unlock(run);
        return rb_error_set(error, RB_ERR_FILE, "%s: is not a regular file; remove it", path);
    }
    if (run->home < 0) run->home = open(run->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    run->lock_works = take_lock(run->lock);
    if (run->lock_works) return RB_OK;
    if (errno != EWOULDBLOCK) { // ENOSYS, ENOLCK: network file systems that are mounted without locks
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s: can't be locked (%s), so nothing keeps a second process from training in this "
                     "directory",
                     run->directory, strerror(errno));
        return RB_OK;
    }
    rb_run_directory_unlock(run);
    return rb_error_set(error, RB_ERR_EXISTS, "%s: another process is training in this directory",
                        run->directory);
}

rb_status rb_run_directory_follow(rb_run *run, rb_error *error)
{
    static const char gone[] = " (deleted)"; // Linux writes this behind the path
    struct stat held, named;
    char link[64], now[RB_PATH_MAX], then[PATH_MAX];
    if (run->home < 0 || fstat(run->home, &held)) return RB_OK;
    if (!stat(run->directory, &named) && named.st_ino == held.st_ino && named.st_dev == held.st_dev)
        return RB_OK;
    snprintf(link, sizeof link, "/proc/self/fd/%d", run->home);
    const ssize_t bytes = readlink(link, now, sizeof now);
    if (bytes < 0) return RB_OK;
    if (bytes == (ssize_t)sizeof now)
        return rb_error_set(error, RB_ERR_FILE, "%s: was renamed, and its new path is too long",
                            run->directory);
    now[bytes] = 0;
    if (rb_text_ends(now, gone))
        return rb_error_set(error, RB_ERR_FILE, "%s: was deleted while the run trained in it",
                            run->directory);
    if (realpath(run->directory, then) && !strcmp(now, then))
        return RB_OK; // inodes that change their numbers
    rb_log_write(&run->log, RB_LOG_WARNING, "%s: was renamed; the run goes on in %s", run->directory, now);
    rb_text_copy(run->directory, sizeof run->directory, now);
    rb_metrics_moved(run->metrics, run->directory);
    return RB_OK;
}

const char *rb_run_directory_reach(rb_run *run)
{
    if (run->home < 0) return run->directory;
    snprintf(run->reach, sizeof run->reach, "/proc/self/fd/%d", run->home);
    return rb_file_is_directory(run->reach) ? run->reach : run->directory; // not every system has /proc
}

// Makes a directory beside the one that was deleted: its name may be wanted for something else.
static rb_status make_beside(rb_run *run, rb_error *error)
{
    enum { MOST = 1000 };
    char deleted[RB_PATH_MAX], parent[RB_PATH_MAX];
    bool taken = true;
    snprintf(deleted, sizeof deleted, "%s", run->directory);
    snprintf(parent, sizeof parent, "%s", run->directory);
    char *slash = strrchr(parent, '/');
    snprintf(slash ? slash : parent, 3, "%s", slash == parent ? "/" : slash ? "" : ".");
    rb_status status = RB_OK;
    for (int i = 1; i < MOST && taken && !status; i++) {
        char number[16] = "";
        if (i > 1) snprintf(number, sizeof number, "-%d", i);
        if ((size_t)snprintf(run->directory, sizeof run->directory, "%s-rescued%s", deleted, number) >=
            sizeof run->directory)
            status = rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", deleted);
        if (!status) status = make(run, parent, &taken, error);
    }
    run->made = false; // it stays, whatever happens
    if (status) snprintf(run->directory, sizeof run->directory, "%s", deleted);
    return status;
}

rb_status rb_run_directory_again(rb_run *run, rb_error *error)
{
    rb_status status = make_beside(run, error);
    if (status) return status;
    rb_run_directory_unlock(run);
    status = rb_run_directory_lock(run, error);
    return status ? status : write_settings(run, error);
}

void rb_run_directory_leave(rb_run *run)
{
    if (run->home >= 0) close(run->home);
    run->home = -1;
}

void rb_run_directory_unlock(rb_run *run)
{
    rb_run_directory_leave(run);
    if (run->lock >= 0) close(run->lock);
    run->lock = -1;
}
