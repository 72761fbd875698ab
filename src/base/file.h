// Files and directories. A replacement is written beside the old file, synced and renamed: a reader sees the
// old file or the new one, never half of one.
#ifndef RB_BASE_FILE_H
#define RB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "rainbow/error.h"

enum { RB_PATH_MAX = 1024 };

// Opens a regular file for reading. NULL with an error: it can't be read, or it is not a regular file: a
// named pipe would wait for its writer, and a device may do anything. Pipes that were handed to this process
// (/dev/fd/N, /dev/stdin) can be read.
FILE *rb_file_open(const char *path, rb_error *error);
// Reads the whole file and appends a NUL; the caller frees *data.
rb_status rb_file_read(const char *path, char **data, size_t *bytes, rb_error *error);
// Writes the file whole or not at all. A character device, such as /dev/null,
// is written to as it is.
rb_status rb_file_write(const char *path, const void *data, size_t bytes, rb_error *error);
// The same in pieces: opens a new file beside `path`, whose name is written to `beside`; `end` syncs it,
// closes it and gives it its name, or removes it if `keep` is false, which is no error.
FILE *rb_file_begin(const char *path, char *beside, size_t bytes, rb_error *error);
rb_status rb_file_end(FILE *file, const char *path, const char *beside, bool keep, rb_error *error);
// Writes a file that does not exist yet, in a directory that is renamed once it is complete: no file beside
// it.
rb_status rb_file_write_new(const char *path, const void *data, size_t bytes, rb_error *error);
// Makes `part`, the .part file of the output `path` that another library or program opens by its name: a new,
// empty file. What was there goes: half a file, or a link or a pipe that someone put there, which must not be
// written to.
rb_status rb_file_renew(const char *part, const char *path, rb_error *error);
bool rb_file_exists(const char *path);
// True if a process holds an exclusive lock (flock) on the file; false if nothing can be known.
bool rb_file_is_locked(const char *path);
bool rb_file_is_directory(const char *path);
rb_status rb_file_make_directories(const char *path, rb_error *error); // like mkdir -p
// Like rm -r; a missing path is not an error.
rb_status rb_file_remove_tree(const char *path, rb_error *error);
rb_status rb_file_rename(const char *from, const char *to, rb_error *error); // and syncs the directory
// The same for a directory, also if `to` is one already, which is then removed. Where the file system can do
// it, either the old or the new one is there at any moment.
rb_status rb_file_replace_directory(const char *from, const char *to, rb_error *error);
// Makes a symbolic link at `path` that holds `target` verbatim (relative to the link's directory); an
// existing link is replaced atomically.
rb_status rb_file_link(const char *path, const char *target, rb_error *error);
bool rb_file_link_read(const char *path, char *out,
                       size_t bytes); // the link's target; false: there is no link
// Sorted, without . and ..; free with rb_file_list_free.
rb_status rb_file_list(const char *path, char ***names, int *count, rb_error *error);
void rb_file_list_free(char **names, int count);
rb_status rb_path_join(char *out, size_t bytes, const char *a, const char *b, rb_error *error);
// After a system call on `path` failed: "path: what: reason", from errno. RB_ERR_FULL if the disk or the
// user's share of it is full, otherwise RB_ERR_FILE.
rb_status rb_file_fail(rb_error *error, const char *path, const char *what);
rb_status rb_file_sync(const char *path, rb_error *error); // puts a file or a directory on the disk
double rb_file_free_bytes(const char *path); // free space on that file system; negative if unknown

#endif
