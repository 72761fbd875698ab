#include "results/find_runs.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "io/no_run.h"
#include "io/run_tables.h"

typedef struct search {
    rb_found *found;
    void *to;
    bool or_tables;
    int runs;
} search;

static int by_name(const void *a, const void *b)
{
    return rb_text_compare_natural(*(char *const *)a, *(char *const *)b);
}

static rb_status is_run(const search *s, const char *path, bool *out, rb_error *error)
{
    static const char *const files[] = {"config.ini", RB_TRAIN_CSV, RB_EVAL_CSV};
    char file[RB_PATH_MAX];
    rb_status status = RB_OK;
    *out = false;
    for (int i = 0; i < (s->or_tables ? 3 : 1) && !*out && !status; i++) {
        status = rb_path_join(file, sizeof file, path, files[i], error);
        if (!status) *out = rb_file_exists(file);
    }
    return status;
}

static rb_status look(search *s, const char *path, int levels, bool named, rb_error *error)
{
    char **names;
    int count;
    bool run;
    rb_status status = is_run(s, path, &run, error);
    if (status) return status;
    if (run) {
        s->runs++;
        return s->found(s->to, path, named, error);
    }
    if (!levels || !rb_file_is_directory(path)) return RB_OK;
    if ((status = rb_file_list(path, &names, &count, error))) return status;
    if (count) qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 0; i < count && !status; i++) {
        char below[RB_PATH_MAX];
        status = rb_path_join(below, sizeof below, path, names[i], error);
        if (!status) status = look(s, below, levels - 1, false, error);
    }
    rb_file_list_free(names, count);
    return status;
}

rb_status rb_find_runs(const char *path, bool or_tables, rb_found *found, void *to, rb_error *error)
{
    search s = {.found = found, .to = to, .or_tables = or_tables};
    const rb_status status = look(&s, path, 2, true, error);
    if (status || s.runs) return status;
    if (!rb_file_exists(path)) return rb_no_run(path, "a run's directory", error);
    return rb_error_set(error, RB_ERR_FILE,
                        "%s: is not a run's directory (it has no config.ini), and no runs are below it",
                        path);
}
