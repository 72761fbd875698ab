#include "io/no_run.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

static bool is_run(const char *directory)
{
    char path[RB_PATH_MAX];
    return !rb_path_join(path, sizeof path, directory, "config.ini", NULL) && rb_file_exists(path);
}

// The directory of a file, if that is a run or a checkpoint.
static bool around(const char *path, char *out, size_t bytes)
{
    const char *slash = strrchr(path, '/');
    if (!slash || rb_file_is_directory(path)) return false;
    snprintf(out, bytes, "%.*s", (int)(slash - path), path);
    return is_run(out);
}

// The only run with this name, two levels below the current directory; of several, any one would be a guess.
static bool named(const char *name, char *out, size_t bytes)
{
    char pattern[RB_PATH_MAX];
    glob_t found = {0};
    if (!*name || strpbrk(name, "/*?[\\") ||
        (size_t)snprintf(pattern, sizeof pattern, "*/*/%s", name) >= sizeof pattern)
        return false;
    const bool one = !glob(pattern, 0, NULL, &found) && found.gl_pathc == 1 && is_run(found.gl_pathv[0]);
    if (one) snprintf(out, bytes, "%s", found.gl_pathv[0]);
    globfree(&found);
    return one;
}

rb_status rb_no_run(const char *path, const char *what, rb_error *error)
{
    char meant[RB_PATH_MAX];
    const bool hint = around(path, meant, sizeof meant) || named(path, meant, sizeof meant);
    const char *begin = hint ? "; did you mean " : "", *is = hint ? meant : "", *end = hint ? "?" : "";
    if (!rb_file_exists(path))
        return rb_error_set(error, RB_ERR_FILE, "%s: there is no such run%s%s%s", path, begin, is, end);
    return rb_error_set(error, RB_ERR_FILE, "%s: is not %s: it has no config.ini%s%s%s", path, what, begin,
                        is, end);
}
