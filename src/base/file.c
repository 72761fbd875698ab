#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cpu.h"

rb_status rb_file_fail(rb_error *error, const char *path, const char *what)
{
    const rb_status status = errno == ENOSPC || errno == EDQUOT ? RB_ERR_FULL : RB_ERR_FILE;
    return rb_error_set(error, status, "%s: %s: %s", path, what, strerror(errno));
}

// Pipes that a shell or a caller has opened for this process, such as bash's <(...).
static bool is_handed_over(const char *path)
{
    return !strncmp(path, "/dev/fd/", 8) || !strcmp(path, "/dev/stdin");
}

FILE *rb_file_open(const char *path, rb_error *error)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info)) {
        rb_file_fail(error, path, "can't be read");
    } else if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        rb_file_fail(error, path, "can't be read");
    } else if (!S_ISREG(info.st_mode) && !is_handed_over(path)) {
        rb_error_set(error, RB_ERR_FILE, "%s: is not a regular file, so it is not read", path);
    } else {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        FILE *file = fdopen(fd, "rb");
        if (file) return file;
        rb_file_fail(error, path, "can't be read");
    }
    if (fd >= 0) close(fd);
    return NULL;
}

rb_status rb_file_read(const char *path, char **data, size_t *bytes, rb_error *error)
{
    rb_error why = {0};
    FILE *file = rb_file_open(path, &why);
    if (!file) return rb_error_set(error, why.status, "%s", why.message);
    struct stat info;
    if (!fstat(fileno(file), &info) && (double)info.st_size > rb_cpu_memory_available()) {
        fclose(file);
        return rb_error_set(error, RB_ERR_MEMORY, "%s: is larger than the machine's free memory", path);
    }
    size_t room = 1 << 16, used = 0;
    char *buffer = malloc(room);
    while (buffer) {
        used += fread(buffer + used, 1, room - used - 1, file);
        if (used < room - 1) break;
        char *grown = realloc(buffer, room *= 2);
        if (!grown) free(buffer);
        buffer = grown;
    }
    rb_status status = RB_OK;
    if (!buffer)
        status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    else if (ferror(file))
        status = rb_file_fail(error, path, "can't be read");
    fclose(file);
    if (status) {
        free(buffer);
        return status;
    }
    buffer[used] = 0;
    *data = buffer;
    *bytes = used;
    return RB_OK;
}

// A renamed file is on disk only once its directory entry is.
static void sync_directory_of(const char *path)
{
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == directory)
        slash[1] = 0;
    else if (slash)
        *slash = 0;
    else
        snprintf(directory, sizeof directory, ".");
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static rb_status write_all(int fd, const char *path, const void *data, size_t bytes, rb_error *error)
{
    const char *from = data;
    size_t left = bytes;
    rb_status status = RB_OK;
    while (left && !status) {
        ssize_t written = write(fd, from, left);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            status = rb_file_fail(error, path, "can't be written");
        } else {
            from += written;
            left -= (size_t)written;
        }
    }
    if (!status && fsync(fd) && errno != EINVAL) // EINVAL: not a file
        status = rb_file_fail(error, path, "can't be written");
    if (close(fd) && !status) status = rb_file_fail(error, path, "can't be written");
    return status;
}

static int open_new(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

// A file must not take the place of /dev/null. It does of a pipe, which would wait for its reader.
static bool is_device(const char *path)
{
    struct stat info;
    return !stat(path, &info) && S_ISCHR(info.st_mode);
}

// Processes of two nodes can have one number and write into one directory, and a process has threads.
// `beside` is "" if the path itself was opened.
static int open_beside(const char *path, char *beside, size_t bytes)
{
    static atomic_uint files;
    char node[32] = "";
    *beside = 0;
    if (is_device(path)) return open(path, O_WRONLY | O_CLOEXEC);
    gethostname(node, sizeof node - 1);
    const unsigned number = atomic_fetch_add(&files, 1);
    if ((size_t)snprintf(beside, bytes, "%s.%s.%ld.%u.part", path, node, (long)getpid(), number) >= bytes) {
        errno = ENAMETOOLONG;
        return -1;
    }
    unlink(beside); // left by a killed process of this number
    return open_new(beside);
}

FILE *rb_file_begin(const char *path, char *beside, size_t bytes, rb_error *error)
{
    const int fd = open_beside(path, beside, bytes);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!file) rb_file_fail(error, path, "can't be written");
    if (!file && fd >= 0) {
        close(fd);
        if (*beside) unlink(beside);
    }
    return file;
}

rb_status rb_file_end(FILE *file, const char *path, const char *beside, bool keep, rb_error *error)
{
    rb_status status = RB_OK;
    const bool syncs = *beside; // a device has no more to do than to take the bytes
    if (keep && (fflush(file) || (syncs && fsync(fileno(file)))))
        status = rb_file_fail(error, path, "can't be written");
    if (fclose(file) && keep && !status) status = rb_file_fail(error, path, "can't be written");
    if (keep && !status && *beside) status = rb_file_rename(beside, path, error);
    if ((!keep || status) && *beside) unlink(beside);
    return status;
}

rb_status rb_file_write(const char *path, const void *data, size_t bytes, rb_error *error)
{
    char beside[RB_PATH_MAX + 64];
    const int fd = open_beside(path, beside, sizeof beside);
    if (fd < 0) return rb_file_fail(error, path, "can't be written");
    rb_status status = write_all(fd, path, data, bytes, error);
    if (!status && *beside) status = rb_file_rename(beside, path, error);
    if (status && *beside) unlink(beside);
    return status;
}

rb_status rb_file_write_new(const char *path, const void *data, size_t bytes, rb_error *error)
{
    const int fd = open_new(path);
    if (fd < 0) return rb_file_fail(error, path, "can't be written");
    const rb_status status = write_all(fd, path, data, bytes, error);
    if (status) unlink(path);
    return status;
}

rb_status rb_file_renew(const char *part, const char *path, rb_error *error)
{
    if (unlink(part) && errno != ENOENT) return rb_file_fail(error, path, "can't be written");
    const int fd = open_new(part);
    if (fd < 0) return rb_file_fail(error, path, "can't be written");
    close(fd);
    return RB_OK;
}

bool rb_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool rb_file_is_locked(const char *path)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    const bool locked = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

bool rb_file_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

rb_status rb_file_make_directories(const char *path, rb_error *error)
{
    char part[RB_PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", path);
    for (char *at = part + 1;; at++) {
        if (*at && *at != '/') continue;
        char kept = *at;
        *at = 0;
        if (mkdir(part, 0755) && errno != EEXIST)
            return rb_file_fail(error, part, "the directory can't be created");
        if (!rb_file_is_directory(part))
            return rb_error_set(error, RB_ERR_FILE, "%s: exists, but is not a directory", part);
        *at = kept;
        if (!kept) return RB_OK;
    }
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

rb_status rb_file_remove_tree(const char *path, rb_error *error)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        return rb_file_fail(error, path, "can't be removed");
    return RB_OK;
}

rb_status rb_file_rename(const char *from, const char *to, rb_error *error)
{
    if (rename(from, to)) return rb_file_fail(error, to, "can't be renamed into place");
    sync_directory_of(to);
    return RB_OK;
}

rb_status rb_file_replace_directory(const char *from, const char *to, rb_error *error)
{
    if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE)) {
        sync_directory_of(to);
        return rb_file_remove_tree(from, error); // the old one
    }
    rb_status status =
        rb_file_exists(from) ? RB_OK : rb_file_fail(error, from, "can't be renamed into place");
    if (!status) status = rb_file_remove_tree(to, error);
    return status ? status : rb_file_rename(from, to, error);
}

rb_status rb_file_link(const char *path, const char *target, rb_error *error)
{
    char beside[RB_PATH_MAX + 32];
    snprintf(beside, sizeof beside, "%s.part", path);
    unlink(beside);
    if (symlink(target, beside)) return rb_file_fail(error, path, "the link can't be created");
    return rb_file_rename(beside, path, error);
}

bool rb_file_link_read(const char *path, char *out, size_t bytes)
{
    const ssize_t length = readlink(path, out, bytes);
    if (length < 0 || (size_t)length >= bytes) return false;
    out[length] = 0;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

rb_status rb_file_list(const char *path, char ***names, int *count, rb_error *error)
{
    DIR *directory = opendir(path);
    if (!directory) return rb_file_fail(error, path, "can't be listed");
    char **list = NULL;
    int used = 0, room = 0;
    bool enough = true;
    for (struct dirent *entry; enough && (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (used == room) {
            char **grown = realloc(list, sizeof *list * (size_t)(room = room ? 2 * room : 16));
            enough = grown != NULL;
            if (grown) list = grown;
        }
        if (enough) enough = (list[used] = strdup(entry->d_name)) != NULL;
        if (enough) used++;
    }
    closedir(directory);
    if (!enough) {
        rb_file_list_free(list, used);
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to list it", path);
    }
    if (used) qsort(list, (size_t)used, sizeof *list, by_name);
    *names = list;
    *count = used;
    return RB_OK;
}

void rb_file_list_free(char **names, int count)
{
    for (int i = 0; i < count; i++) free(names[i]);
    free(names);
}

rb_status rb_path_join(char *out, size_t bytes, const char *a, const char *b, rb_error *error)
{
    size_t length = strlen(a);
    const char *between = length && a[length - 1] != '/' ? "/" : "";
    if ((size_t)snprintf(out, bytes, "%s%s%s", a, between, b) < bytes) return RB_OK;
    return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", a);
}

rb_status rb_file_sync(const char *path, rb_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return rb_file_fail(error, path, "can't be put on the disk");
    const bool failed = fsync(fd) != 0;
    const rb_status status = failed ? rb_file_fail(error, path, "can't be put on the disk") : RB_OK;
    close(fd);
    return status;
}

double rb_file_free_bytes(const char *path)
{
    struct statvfs info;
    return statvfs(path, &info) ? -1 : (double)info.f_bavail * (double)info.f_frsize;
}
