#include "train/begin_again.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

rb_status rb_begin_again_check(const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    const rb_status status = rb_path_join(path, sizeof path, directory, "end.json", error);
    if (status || !rb_file_exists(path)) return status;
    return rb_error_set(error, RB_ERR_MISSING,
                        "%s: this run has ended, and its checkpoints are gone, so it can't be continued: "
                        "train under another run.name, or remove its end.json to begin it again at step 0",
                        directory);
}

// A run may also lack checkpoints because it has only been prepared.
static bool has_trained(const rb_run *run)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes;
    if (rb_path_join(path, sizeof path, run->directory, "train.csv", NULL)) return false;
    if (rb_file_read(path, &text, &bytes, NULL)) return false;
    const char *row = strchr(text, '\n');
    const bool trained = row && row[1];
    free(text);
    return trained;
}

static bool is_recorded(const rb_run *run, const char *name)
{
    static const char *const starts[] = {"train.csv", "eval.csv", "events.out.tfevents."};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (rb_text_starts(name, starts[i])) return true;
    return !strcmp(name, "plots") || !strcmp(name, run->params->record.directory);
}

static rb_status make_place(const rb_run *run, char *place, size_t bytes, rb_error *error)
{
    enum { MOST = 10000 };
    for (int number = 1; number < MOST; number++) {
        char name[32];
        snprintf(name, sizeof name, "before-%d", number);
        const rb_status status = rb_path_join(place, bytes, run->directory, name, error);
        if (status || mkdir(place, 0777) == 0) return status;
        if (errno != EEXIST) return rb_file_fail(error, place, "can't be made");
    }
    return rb_error_set(error, RB_ERR_EXISTS, "%s: exists already", place);
}

static rb_status move(const rb_run *run, const char *name, const char *place, rb_error *error)
{
    char from[RB_PATH_MAX], to[RB_PATH_MAX];
    rb_status status = rb_path_join(from, sizeof from, run->directory, name, error);
    if (!status) status = rb_path_join(to, sizeof to, place, name, error);
    return status ? status : rb_file_rename(from, to, error);
}

rb_status rb_begin_again(const rb_run *run, rb_error *error)
{
    char place[RB_PATH_MAX], **names;
    int count;
    if (!has_trained(run)) return RB_OK;
    rb_status status = rb_file_list(run->directory, &names, &count, error);
    if (status) return status;
    status = make_place(run, place, sizeof place, error);
    for (int i = 0; i < count && !status; i++)
        if (is_recorded(run, names[i])) status = move(run, names[i], place, error);
    rb_file_list_free(names, count);
    if (!status)
        rb_log_write(
            &run->log, RB_LOG_WARNING,
            "%s: no checkpoint is there to continue from, so the run begins again at step 0; what it "
            "had recorded is now in %s",
            run->directory, place);
    return status;
}
