#include "base/aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"

static bool is_there(const char *path) // also a broken link
{
    struct stat info;
    return lstat(path, &info) == 0;
}

rb_status rb_file_keep_aside(const char *path, const char *as, char *out, size_t out_bytes, rb_error *error)
{
    enum { MOST = 10000 };
    char *data;
    size_t bytes;
    int number = 0;
    do {
        if ((size_t)snprintf(out, out_bytes, "%s.damaged-%d", as, ++number) >= out_bytes)
            return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", as);
    } while (is_there(out) && number < MOST);
    if (is_there(out)) return rb_error_set(error, RB_ERR_EXISTS, "%s: exists already", out);
    rb_status status = rb_file_read(path, &data, &bytes, error);
    if (status) return status;
    status = rb_file_write(out, data, bytes, error);
    free(data);
    return status;
}
