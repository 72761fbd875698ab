// Reading: only regular files, and pipes that were handed over. Writing: never through a link.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/aside.h"
#include "base/file.h"
#include "base/visit.h"

static char directory[64], path[128], other[128];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(directory, sizeof directory, "/tmp/rb_file_XXXXXX");
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(other, sizeof other, "%s/other", directory);
    alarm(20); // reading a named pipe waits for ever
    return 0;
}

static int gone(void **unused)
{
    (void)unused;
    alarm(0);
    return rb_file_remove_tree(directory, NULL) != RB_OK;
}

static void refused(const char *file, const char *part)
{
    char *data;
    size_t bytes;
    rb_visitor *v;
    rb_error error = {0};
    assert_int_equal(rb_file_read(file, &data, &bytes, &error), RB_ERR_FILE);
    if (!strstr(error.message, part) || !strstr(error.message, file)) fail_msg("%s", error.message);
    assert_int_equal(rb_visitor_load(&v, file, &error), RB_ERR_FILE);
    assert_int_equal(rb_visit_head(file, (char[8]){0}, 8, 100, &data, &bytes, &error), RB_ERR_FILE);
    assert_int_equal(rb_file_keep_aside(file, other, (char[256]){0}, 256, &error), RB_ERR_FILE);
    assert_false(rb_file_is_locked(file));
}

static void only_regular_files_are_read(void **unused)
{
    (void)unused;
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(path, "is not a regular file");
    refused("/dev/zero", "is not a regular file");
    refused(directory, "can't be read");
    refused("/no/such/file", "can't be read");
    assert_int_equal(symlink(path, other), 0); // a link to a pipe
    refused(other, "is not a regular file");
}

static void devices_stay(void **unused)
{
    (void)unused;
    struct stat info;
    assert_int_equal(symlink("/dev/null", path), 0); // not the device's own name: a fault would replace it
    assert_int_equal(rb_file_write(path, "abc", 3, NULL), RB_OK);
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void larger_than_memory(void **unused)
{
    (void)unused;
    char *data;
    size_t bytes;
    rb_error error = {0};
    assert_int_equal(rb_file_write(path, "", 0, NULL), RB_OK);
    if (truncate(path, (off_t)1 << 43)) skip(); // a sparse file of 8 TiB; not every file system has them
    assert_int_equal(rb_file_read(path, &data, &bytes, &error), RB_ERR_MEMORY);
    assert_non_null(strstr(error.message, "larger than the machine's free memory"));
}

static void pipes_that_were_handed_over(void **unused)
{
    (void)unused;
    int ends[2];
    char name[32], *data;
    size_t bytes;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(rb_file_read(name, &data, &bytes, NULL), RB_OK);
    assert_string_equal(data, "hello");
    free(data);
    close(ends[0]);
}

static void writing_follows_no_link(void **unused)
{
    (void)unused;
    char beside[256], node[32] = "", *data;
    size_t bytes;
    gethostname(node, sizeof node - 1);
    assert_int_equal(rb_file_write(other, "precious", 8, NULL), RB_OK);
    assert_int_equal(symlink(other, path), 0);
    snprintf(beside, sizeof beside, "%s.%s.%ld.part", path, node, (long)getpid());
    assert_int_equal(symlink(other, beside), 0);
    assert_int_equal(rb_file_write(path, "new", 3, NULL), RB_OK);
    assert_int_equal(rb_file_read(other, &data, &bytes, NULL), RB_OK);
    assert_string_equal(data, "precious");
    free(data);
    assert_int_equal(rb_file_read(path, &data, &bytes, NULL), RB_OK);
    assert_string_equal(data, "new");
    free(data);
}

static void aside(void **unused)
{
    (void)unused;
    char copy[256], *data;
    size_t bytes;
    assert_int_equal(rb_file_write(path, "one", 3, NULL), RB_OK);
    assert_int_equal(rb_file_keep_aside(path, other, copy, sizeof copy, NULL), RB_OK);
    assert_non_null(strstr(copy, "/other.damaged-1"));
    assert_int_equal(rb_file_write(path, "two", 3, NULL), RB_OK);
    assert_int_equal(rb_file_keep_aside(path, other, copy, sizeof copy, NULL), RB_OK);
    assert_non_null(strstr(copy, "/other.damaged-2"));
    snprintf(copy, sizeof copy, "%s.damaged-1", other);
    assert_int_equal(rb_file_read(copy, &data, &bytes, NULL), RB_OK);
    assert_string_equal(data, "one"); // nothing is overwritten
    free(data);
}

// The new directory takes the place of the old one, with what is in it; a missing one takes nothing away.
static void a_directory_is_replaced(void **unused)
{
    (void)unused;
    char inside[400], *text;
    size_t bytes;
    const char *const places[] = {path, other};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rb_file_make_directories(places[i], NULL), RB_OK);
        snprintf(inside, sizeof inside, "%s/which", places[i]);
        assert_int_equal(rb_file_write(inside, i ? "new" : "old", 3, NULL), RB_OK);
    }
    assert_int_equal(rb_file_replace_directory(other, path, NULL), RB_OK);
    assert_false(rb_file_exists(other));
    assert_int_not_equal(rb_file_replace_directory(other, path, NULL), RB_OK);
    snprintf(inside, sizeof inside, "%s/which", path);
    assert_int_equal(rb_file_read(inside, &text, &bytes, NULL), RB_OK);
    assert_string_equal(text, "new");
    free(text);
    assert_int_equal(rb_file_replace_directory(path, other, NULL), RB_OK); // none was there
    assert_true(rb_file_is_directory(other) && !rb_file_exists(path));
    assert_int_equal(rb_file_remove_tree(other, NULL), RB_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_directory_is_replaced),
        TEST(only_regular_files_are_read),
        TEST(devices_stay),
        TEST(larger_than_memory),
        TEST(pipes_that_were_handed_over),
        TEST(writing_follows_no_link),
        TEST(aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
