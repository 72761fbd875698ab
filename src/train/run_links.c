#include "train/run_links.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "io/run_tables.h"

static bool is_written(const char *name, const char *videos)
{
    static const char *const names[] = {"config.ini", "lock",       "end.json", "checkpoints",
                                        "plots",      RB_TRAIN_CSV, RB_EVAL_CSV};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    return !strcmp(name, videos) || rb_text_starts(name, "events.out.tfevents.");
}

// best.part: a process was killed between making the link and renaming it.
static bool is_own_link(const char *folder, const char *name, const char *target)
{
    return !strcmp(folder, "checkpoints") && (!strcmp(name, "best") || !strcmp(name, "best.part")) &&
           (!strcmp(target, "best_a") || !strcmp(target, "best_b"));
}

// `folder`: a name inside the run's directory, or "" for the directory itself.
static rb_status check(const char *directory, const char *folder, const char *videos, rb_error *error)
{
    char path[RB_PATH_MAX], entry[RB_PATH_MAX], target[RB_PATH_MAX];
    char **names;
    int count;
    rb_status status = rb_path_join(path, sizeof path, directory, folder, error);
    if (status || !rb_file_is_directory(path)) return status;
    status = rb_file_list(path, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) {
        if (!*folder && !is_written(names[i], videos)) continue;
        status = rb_path_join(entry, sizeof entry, path, names[i], error);
        if (status || !rb_file_link_read(entry, target, sizeof target)) continue;
        if (!is_own_link(folder, names[i], target))
            status = rb_error_set(error, RB_ERR_FILE,
                                  "%s: is a symbolic link to %.200s, and a run writes only inside its own "
                                  "directory; put the file or directory itself in its place (to keep runs on "
                                  "another disk, link run.root or move the whole run)",
                                  entry, target);
    }
    rb_file_list_free(names, count);
    return status;
}

rb_status rb_run_links_check(const char *directory, const char *videos, rb_error *error)
{
    const char *const folders[] = {"", "checkpoints", "checkpoints/replay", "plots", videos};
    rb_status status = RB_OK;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !status; i++)
        status = check(directory, folders[i], videos, error);
    return status;
}
