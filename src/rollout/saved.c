#include "rollout/saved.h"

#include <stdlib.h>

#include "base/text.h"
#include "config/config.h"
#include "config/older.h"
#include "io/no_run.h"
#include "rainbow/run.h"

// Lists checkpoints by step: their names, step_%012d, sort in that order.
rb_status rb_checkpoint_list(const char *run_directory, char *parent, size_t bytes, char ***names, int *count,
                             rb_error *error)
{
    rb_status status = rb_path_join(parent, bytes, run_directory, "checkpoints", error);
    if (!status) status = rb_file_list(parent, names, count, error);
    if (status) return status;
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        if (rb_text_starts((*names)[i], "step_") && !rb_text_ends((*names)[i], ".part"))
            (*names)[kept++] = (*names)[i];
        else
            free((*names)[i]);
    }
    *count = kept;
    return RB_OK;
}

static bool has_file(const char *directory, const char *name)
{
    char path[RB_PATH_MAX];
    return !rb_path_join(path, sizeof path, directory, name, NULL) && rb_file_exists(path);
}

rb_status rb_run_check(const char *path, rb_error *error)
{
    return has_file(path, "config.ini") ? RB_OK : rb_no_run(path, "a run's directory or a checkpoint", error);
}

rb_status rb_checkpoint_find(char *out, size_t out_bytes, const char *path, bool with_state, rb_error *error)
{
    if (!rb_file_is_directory(path)) return rb_no_run(path, "a run's directory or a checkpoint", error);
    if (has_file(path, "weights.safetensors")) {
        if (!with_state || has_file(path, "state.rb"))
            return rb_text_copy(out, out_bytes, path)
                       ? RB_OK
                       : rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", path);
        return rb_error_set(error, RB_ERR_FORMAT, "%s: holds only weights and can't be resumed", path);
    }
    char parent[RB_PATH_MAX];
    char **names;
    int count;
    if (!has_file(path, "config.ini") || (!has_file(path, "checkpoints") && !has_file(path, "train.csv")))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: is neither a run's directory nor a checkpoint", path);
    if (!has_file(path, "checkpoints")) // a run whose user removed them
        return rb_error_set(error, RB_ERR_MISSING,
                            "%s: has no checkpoints: its directory checkpoints/ is missing", path);
    rb_status status = rb_checkpoint_list(path, parent, sizeof parent, &names, &count, error);
    if (status) return status;
    if (count) // so that it is not taken for a run that has not begun
        status = rb_error_set(error, RB_ERR_FORMAT,
                              "%s: its checkpoints hold only weights and can't be resumed", path);
    else
        status = rb_error_set(error, RB_ERR_MISSING, "%s: has no checkpoint yet", path);
    for (int i = count - 1; i >= 0 && status; i--) {
        char candidate[RB_PATH_MAX];
        if (rb_path_join(candidate, sizeof candidate, parent, names[i], NULL)) continue;
        if (has_file(candidate, with_state ? "state.rb" : "weights.safetensors"))
            status = rb_path_join(out, out_bytes, parent, names[i], error);
    }
    rb_file_list_free(names, count);
    return status;
}

rb_status rb_run_config_read(rb_config *config, const char *path, rb_error *error)
{
    rb_status status = rb_config_read_record(config, path, error);
    if (!status && !*config->params.run.env)
        status =
            rb_error_set(error, RB_ERR_FORMAT,
                         "%s: has no run.env, so it was emptied or truncated; every checkpoint of the run "
                         "(checkpoints/step_...) has a copy of it",
                         path);
    return status;
}
