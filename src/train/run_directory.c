#include "train/run_directory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"

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

rb_status rb_run_directory_choose(rb_run *run, rb_error *error)
{
    const rb_run_params *p = &run->params->run;
    char parent[RB_PATH_MAX], name[128];
    rb_status status = check_name("run.group", p->group, error);
    if (!status) status = check_name("run.name", p->name, error);
    if (!status) status = rb_path_join(parent, sizeof parent, p->root, p->group, error);
    if (status) return status;
    if (*p->name) {
        status = rb_path_join(run->directory, sizeof run->directory, parent, p->name, error);
        if (status || !rb_file_exists(run->directory)) return status;
        char config[RB_PATH_MAX];
        status = rb_path_join(config, sizeof config, run->directory, "config.ini", error);
        if (status) return status;
        if (p->overwrite && rb_file_exists(config)) return RB_OK;
        if (p->overwrite)
            return rb_error_set(error, RB_ERR_EXISTS,
                                "%s: exists but is not a run (it has no config.ini), so it is not replaced",
                                run->directory);
        if (!rb_file_exists(config))
            return rb_error_set(
                error, RB_ERR_EXISTS,
                "%s: exists but is not a run (it has no config.ini); choose another with --run.name=OTHER",
                run->directory);
        return rb_error_set(
            error, RB_ERR_EXISTS,
            "%s: this run exists already; `rainbow train --resume %s` resumes it, --run.overwrite=true "
            "replaces it, --run.name=OTHER keeps it",
            run->directory, run->directory);
    }
    char env[64];
    plain_name(env, sizeof env, p->env);
    bool named_after_env = rb_text_starts(p->preset, env); // "cartpole-dqn" names the environment already
    const char *parts[2] = {named_after_env ? "" : env, p->preset};
    const char *between = *parts[0] && *parts[1] ? "-" : "";
    for (int i = 1; i < 100000; i++) { // the first name that is free
        int length =
            snprintf(name, sizeof name, "%s%s%s-s%lld", parts[0], between, parts[1], (long long)p->seed);
        if (i > 1) snprintf(name + length, sizeof name - (size_t)length, "-%d", i);
        status = rb_path_join(run->directory, sizeof run->directory, parent, name, error);
        if (status || !rb_file_exists(run->directory)) return status;
    }
    return rb_error_set(error, RB_ERR_EXISTS,
                        "%s: no free name found for another run; set one with --run.name", parent);
}

rb_status rb_run_directory_make(rb_run *run, rb_error *error)
{
    rb_status status = RB_OK;
    if (rb_file_exists(run->directory)) { // allowed by run.overwrite, but not while that run is active
        status = rb_run_directory_lock(run, error);
        if (!status) status = rb_file_remove_tree(run->directory, error);
        rb_run_directory_unlock(run);
    }
    char path[RB_PATH_MAX];
    if (!status) status = rb_path_join(path, sizeof path, run->directory, "checkpoints", error);
    if (!status) status = rb_file_make_directories(path, error);
    if (!status) status = rb_path_join(path, sizeof path, run->directory, "config.ini", error);
    run->config->params.run.overwrite = false; // so that --config with this file replaces nothing
    if (!status) status = rb_config_write(run->config, path, error);
    if (!status) status = rb_run_directory_lock(run, error);
    return status;
}

// The lock is taken on a separate file: config.ini may be replaced on resume.
rb_status rb_run_directory_lock(rb_run *run, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, run->directory, "lock", error);
    if (status) return status;
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (run->lock < 0)
        return rb_error_set(error, RB_ERR_FILE, "%s: can't be created: %s", path, strerror(errno));
    if (flock(run->lock, LOCK_EX | LOCK_NB) == 0) return RB_OK;
    rb_run_directory_unlock(run);
    return rb_error_set(error, RB_ERR_EXISTS, "%s: another process is training in this directory",
                        run->directory);
}

void rb_run_directory_unlock(rb_run *run)
{
    if (run->lock >= 0) close(run->lock);
    run->lock = -1;
}
