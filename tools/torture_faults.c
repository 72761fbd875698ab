// Preloaded by tools/torture_faults: lets one call of a kind fail, or all from there on, as a full or broken
// disk or a lack of memory does.
//
//     TORTURE_FAULT   "write:17": the 17th write fails; "write:17+": it and all later ones; "none"
//     TORTURE_COUNTS  a file that gets the number of calls of each kind at the end
//
// Only calls from outside libc are counted: its own (the buffers of stdio, the loader) do not come by here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { WRITE, SYNC, RENAME, OPEN, READ, ALLOCATE, KINDS };
static const char *const names[KINDS] = {"write", "sync", "rename", "open", "read", "allocate"};

static int counts[KINDS], failing_kind = -1, failing_from, forever, ready;

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("TORTURE_FAULT");
    for (int i = 0; what && i < KINDS; i++) {
        const size_t bytes = strlen(names[i]);
        if (strncmp(what, names[i], bytes) || what[bytes] != ':') continue;
        failing_kind = i;
        failing_from = atoi(what + bytes + 1);
        forever = what[strlen(what) - 1] == '+';
    }
    unsetenv("LD_PRELOAD"); // for its own children
    ready = 1;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("TORTURE_COUNTS");
    ready = 0;
    FILE *to = path ? fopen(path, "w") : NULL;
    for (int i = 0; to && i < KINDS; i++) fprintf(to, "%s %d\n", names[i], counts[i]);
    if (to) fclose(to);
}

static int fails(enum kind kind, int why)
{
    if (!ready) return 0;
    const int number = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);
    if ((int)kind != failing_kind || number < failing_from || (number > failing_from && !forever)) return 0;
    errno = why;
    return 1;
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int fd, const void *data, size_t bytes)
{
    if (fd > 2 && fails(WRITE, ENOSPC)) return -1; // messages must arrive
    return NEXT(ssize_t(*)(int, const void *, size_t), "write")(fd, data, bytes);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at)
{
    if (fails(WRITE, ENOSPC)) return -1;
    return NEXT(ssize_t(*)(int, const void *, size_t, off_t), "pwrite")(fd, data, bytes, at);
}

int fsync(int fd)
{
    return fails(SYNC, EIO) ? -1 : NEXT(int (*)(int), "fsync")(fd);
}

int fdatasync(int fd)
{
    return fails(SYNC, EIO) ? -1 : NEXT(int (*)(int), "fdatasync")(fd);
}

int rename(const char *from, const char *to)
{
    return fails(RENAME, EIO) ? -1 : NEXT(int (*)(const char *, const char *), "rename")(from, to);
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    const int mode = va_arg(list, int);
    va_end(list);
    return fails(OPEN, EMFILE) ? -1 : NEXT(int (*)(const char *, int, ...), "open")(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    return fails(OPEN, EMFILE) ? NULL : NEXT(FILE * (*)(const char *, const char *), "fopen")(path, mode);
}

ssize_t read(int fd, void *data, size_t bytes)
{
    return fails(READ, EIO) ? -1 : NEXT(ssize_t(*)(int, void *, size_t), "read")(fd, data, bytes);
}

ssize_t pread(int fd, void *data, size_t bytes, off_t at)
{
    return fails(READ, EIO) ? -1 : NEXT(ssize_t(*)(int, void *, size_t, off_t), "pread")(fd, data, bytes, at);
}

void *malloc(size_t bytes)
{
    return fails(ALLOCATE, ENOMEM) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return fails(ALLOCATE, ENOMEM) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
    return fails(ALLOCATE, ENOMEM) ? NULL : __libc_realloc(old, bytes);
}
