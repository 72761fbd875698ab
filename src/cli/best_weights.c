// --best: the weights of a run's highest evaluation, for every command that plays or exports trained weights.
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

static bool has(const char *directory, const char *name, char *path, size_t bytes)
{
    snprintf(path, bytes, "%s/%s", directory, name);
    return !access(path, F_OK);
}

int cli_best_weights(const char **path, const char *best, char *kept, size_t bytes)
{
    rb_error error = {0};
    if (!best) return CLI_DONE;
    if (rb_run_check(*path, &error) != RB_OK) return cli_fail(&error);
    if (has(*path, "weights.safetensors", kept, bytes)) {
        rb_error_set(&error, RB_ERR_USAGE,
                     "%s: is a checkpoint, which has only its own weights; --best needs the run's directory",
                     *path);
        return cli_fail(&error);
    }
    if (!has(*path, "checkpoints/best", kept, bytes)) {
        rb_error_set(&error, RB_ERR_FILE,
                     "%s: has no best weights: either the run has not evaluated yet, or checkpoint.best is "
                     "false",
                     *path);
        return cli_fail(&error);
    }
    *path = kept;
    return CLI_DONE;
}
