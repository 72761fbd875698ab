#include "train/scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "rollout/saved.h"
#include "train/checkpoint_writer.h"
#include "train/full_disk.h"
#include "train/replay_files.h"
#include "train/run_directory.h"

// "$TMPDIR/rainbow": a batch system chooses the directory, and only the process on the node knows it.
static rb_status expand(char *out, size_t bytes, const char *text, rb_error *error)
{
    char name[64];
    if (*text != '$')
        return rb_text_copy(out, bytes, text)
                   ? RB_OK
                   : rb_error_set(error, RB_ERR_USAGE, "%.100s...: the path is too long", text);
    const size_t length = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    snprintf(name, sizeof name, "%.*s", (int)length, text + 1);
    const char *value = getenv(name);
    if (!value || !*value)
        return rb_error_set(error, RB_ERR_USAGE, "%s: the environment has no variable \"%s\"", text, name);
    return (size_t)snprintf(out, bytes, "%s%s", value, text + 1 + length) < bytes
               ? RB_OK
               : rb_error_set(error, RB_ERR_USAGE, "%.100s...: the path is too long", value);
}

rb_status rb_scratch_open(rb_run *run, rb_error *error)
{
    char root[RB_PATH_MAX], path[RB_PATH_MAX], name[RB_PATH_MAX];
    if (!*run->params->run.scratch) return RB_OK;
    const char *slash = strrchr(run->directory, '/');
    snprintf(name, sizeof name, "%.200s-XXXXXX", slash ? slash + 1 : run->directory);
    rb_status status = expand(root, sizeof root, run->params->run.scratch, error);
    if (!status) status = rb_file_make_directories(root, error);
    if (!status) status = rb_path_join(path, sizeof path, root, name, error);
    if (status) return rb_error_context(error, status, "run.scratch");
    if (!mkdtemp(path))
        return rb_error_context(error, rb_file_fail(error, path, "can't be created"), "run.scratch");
    rb_text_copy(run->scratch, sizeof run->scratch, path);
    return RB_OK;
}

const char *rb_scratch_place(rb_run *run)
{
    return *run->scratch ? run->scratch : rb_run_directory_reach(run);
}

// ---- copying

static rb_status copy_file(const char *from, const char *to, rb_error *error)
{
    enum { PIECE = 1 << 20 };
    char *piece = malloc(PIECE);
    FILE *in = piece ? rb_file_open(from, error) : NULL, *out = in ? fopen(to, "wbx") : NULL;
    rb_status status = !piece ? rb_error_set(error, RB_ERR_MEMORY, "no memory to copy %s", from)
                       : !in  ? RB_ERR_FILE
                       : !out ? rb_file_fail(error, to, "can't be created")
                              : RB_OK;
    while (!status) {
        const size_t got = fread(piece, 1, PIECE, in);
        if (got && fwrite(piece, 1, got, out) != got) status = rb_file_fail(error, to, "can't be written");
        if (got < PIECE) break;
    }
    if (!status && ferror(in)) status = rb_file_fail(error, from, "can't be read");
    if (out && fclose(out) && !status) status = rb_file_fail(error, to, "can't be written");
    if (in) fclose(in);
    free(piece);
    return status ? status : rb_file_sync(to, error);
}

// Copies all files of a directory to `part`, a new one.
static rb_status copy_files(const char *from, const char *part, rb_error *error)
{
    char **names, source[RB_PATH_MAX], target[RB_PATH_MAX];
    int count;
    rb_status status = rb_file_remove_tree(part, error);
    if (!status) status = rb_file_make_directories(part, error);
    if (!status) status = rb_file_list(from, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) {
        status = rb_path_join(source, sizeof source, from, names[i], error);
        if (!status) status = rb_path_join(target, sizeof target, part, names[i], error);
        if (!status) status = copy_file(source, target, error);
    }
    rb_file_list_free(names, count);
    return status;
}

// Replay's rows come first: a state is never there without them. A name of this form is removed if it is left
// behind (replay_files.c).
static rb_status copy_rows(const char *from, const char *parent, const char *directory, rb_error *error)
{
    char part[RB_PATH_MAX], source[RB_PATH_MAX], target[RB_PATH_MAX], **names;
    int count;
    rb_status status = rb_replay_files_path(source, sizeof source, from, "", error);
    if (status || !rb_file_is_directory(source)) return status;
    status = rb_path_join(part, sizeof part, parent, "step_rows.part", error);
    if (!status) status = copy_files(source, part, error);
    if (!status) status = rb_replay_files_path(target, sizeof target, directory, "", error);
    if (!status) status = rb_file_make_directories(target, error);
    if (!status) status = rb_file_list(part, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) {
        status = rb_path_join(source, sizeof source, part, names[i], error);
        if (!status) status = rb_replay_files_path(target, sizeof target, directory, names[i], error);
        if (!status) status = rb_file_rename(source, target, error);
    }
    rb_file_list_free(names, count);
    return status ? status : rb_file_remove_tree(part, error);
}

static rb_status copy_checkpoint(const char *from, const char *parent, const char *name, rb_error *error)
{
    char source[RB_PATH_MAX], target[RB_PATH_MAX], part[RB_PATH_MAX + 8];
    rb_status status = rb_path_join(source, sizeof source, from, name, error);
    if (!status) status = rb_path_join(target, sizeof target, parent, name, error);
    if (status) return status;
    snprintf(part, sizeof part, "%s.part", target);
    status = copy_files(source, part, error);
    return status ? status : rb_file_replace_directory(part, target, error);
}

static rb_status copy_back(rb_run *run, const void *context, rb_error *error)
{
    char from[RB_PATH_MAX], parent[RB_PATH_MAX], **names;
    int count;
    (void)context;
    rb_status status = rb_path_join(parent, sizeof parent, run->directory, "checkpoints", error);
    if (!status) status = rb_file_make_directories(parent, error);
    if (!status) status = copy_rows(run->scratch, parent, run->directory, error);
    if (!status) status = rb_checkpoint_list(run->scratch, from, sizeof from, &names, &count, error);
    if (status) return status;
    for (int i = 0; i < count && !status; i++) status = copy_checkpoint(from, parent, names[i], error);
    rb_file_list_free(names, count);
    if (!status && !run->failed) rb_checkpoint_drop_states(run->directory, run->params->checkpoint.keep);
    return status;
}

rb_status rb_scratch_return(rb_run *run, rb_error *error)
{
    char checkpoints[RB_PATH_MAX];
    if (!*run->scratch) return RB_OK;
    rb_status status = rb_path_join(checkpoints, sizeof checkpoints, run->scratch, "checkpoints", error);
    if (status || !rb_file_is_directory(checkpoints)) return status;
    status = rb_full_disk_try(run, copy_back, NULL, error);
    run->scratch_stays = status != RB_OK;
    return status ? rb_error_context(error, status,
                                     "the checkpoints in %s could not be copied back, and stay there",
                                     run->scratch)
                  : RB_OK;
}

void rb_scratch_close(rb_run *run)
{
    if (*run->scratch && !run->scratch_stays) rb_file_remove_tree(run->scratch, NULL);
    *run->scratch = 0;
}
