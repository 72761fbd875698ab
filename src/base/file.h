// Files and directories. Whatever replaces a file is written beside it, synced and renamed: a reader sees the
// old or the new, never half.
#ifndef RB_BASE_FILE_H
#define RB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

#define RB_PATH_MAX 1024

// NUL after the data; the caller frees.
rb_status rb_file_read(const char *path, char **data, size_t *bytes, rb_error *error);
// Whole or not at all.
rb_status rb_file_write(const char *path, const void *data, size_t bytes, rb_error *error);
bool rb_file_exists(const char *path);
bool rb_file_is_directory(const char *path);
rb_status rb_file_make_directories(const char *path, rb_error *error); // as mkdir -p
// As rm -r; nothing there is no error.
rb_status rb_file_remove_tree(const char *path, rb_error *error);
rb_status rb_file_rename(const char *from, const char *to, rb_error *error); // and syncs the directory
// A symbolic link at `path` to `target`, as it is written (relative to the link's directory); one that is
// there is replaced in one go.
rb_status rb_file_link(const char *path, const char *target, rb_error *error);
bool rb_file_link_read(const char *path, char *out, size_t bytes); // where it points; false: there is none
// Sorted, without . and ..; free with rb_file_list_free.
rb_status rb_file_list(const char *path, char ***names, int *count, rb_error *error);
void rb_file_list_free(char **names, int count);
rb_status rb_path_join(char *out, size_t bytes, const char *a, const char *b, rb_error *error);
double rb_file_free_bytes(const char *path); // room on that file system; negative when unknown

#endif
