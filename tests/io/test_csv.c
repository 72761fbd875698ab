// CSV: the text of rows, continuing at a saved length, whole lines after a kill and on a full disk.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "io/csv.h"

static char path[64];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(path, sizeof path, "/tmp/rb_csv_%ld", (long)getpid());
    unlink(path);
    return 0;
}

static int gone(void **unused)
{
    (void)unused;
    unlink(path);
    return 0;
}

static void assert_file(const char *expected)
{
    char *text;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    assert_int_equal(bytes, strlen(expected));
    assert_string_equal(text, expected);
    free(text);
}

static void row(rb_csv *csv, int64_t step, double value, const char *text)
{
    rb_csv_i64(csv, step);
    rb_csv_f64(csv, value);
    rb_csv_text(csv, text);
    rb_csv_end(csv);
}

static void rows_read_as_they_should(void **unused)
{
    (void)unused;
    rb_csv *csv;
    assert_int_equal(rb_csv_create(&csv, path, "step,value,text", NULL), RB_OK);
    assert_file("step,value,text\n");
    row(csv, INT64_MIN, 0.1, "plain");
    row(csv, 0, NAN, "");
    row(csv, 3, -INFINITY, "a,b");
    row(csv, 4, 1.0 / 3, "say \"no\"");
    row(csv, 5, 123456789.25, "two\nlines");
    assert_file("step,value,text\n"); // nothing before a flush
    const char *all = "step,value,text\n-9223372036854775808,0.1,plain\n0,,\n3,-inf,\"a,b\"\n"
                      "4,0.3333333333333333,\"say \"\"no\"\"\"\n5,123456789.25,\"two\nlines\"\n";
    assert_int_equal(rb_csv_tell(csv), strlen(all));
    assert_int_equal(rb_csv_flush(csv, NULL), RB_OK);
    assert_file(all);
    assert_int_equal(rb_csv_tell(csv), strlen(all));
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_file(all);
}

static void doubles_come_back(void **unused)
{
    (void)unused;
    rb_csv *csv;
    assert_int_equal(rb_csv_create(&csv, path, "x", NULL), RB_OK);
    double values[500];
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 500; i++) {
        do {
            bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
            memcpy(&values[i], &bits, 8);
        } while (!isfinite(values[i]));
        rb_csv_f64(csv, values[i]);
        rb_csv_end(csv);
    }
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    char *text, *at;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    at = strchr(text, '\n') + 1;
    for (int i = 0; i < 500; i++, at++) assert_true(strtod(at, &at) == values[i]);
    free(text);
}

static void more_rows_than_the_buffer_holds(void **unused)
{
    (void)unused;
    rb_csv *csv;
    char word[1000], *text;
    size_t bytes;
    assert_int_equal(rb_csv_create(&csv, path, "step,value,text", NULL), RB_OK);
    for (int i = 0; i < 500; i++) {
        memset(word, 'a' + i % 26, sizeof word);
        word[i * 7 % 999] = 0;
        row(csv, i, i, word);
    }
    int64_t end = rb_csv_tell(csv);
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    assert_int_equal(bytes, end);
    char *at = strchr(text, '\n') + 1;
    for (int i = 0; i < 500; i++) {
        char expected[32];
        int length = snprintf(expected, sizeof expected, "%d,%d,", i, i);
        assert_memory_equal(at, expected, (size_t)length);
        for (int k = 0; k < i * 7 % 999; k++) assert_int_equal(at[length + k], 'a' + i % 26);
        at += length + i * 7 % 999;
        assert_int_equal(*at++, '\n');
    }
    assert_true(at == text + bytes);
    free(text);
}

static void goes_on_at_a_saved_length(void **unused)
{
    (void)unused;
    rb_csv *csv;
    rb_error error;
    assert_int_equal(rb_csv_create(&csv, path, "a,b,c", NULL), RB_OK);
    row(csv, 1, 1, "x");
    assert_int_equal(rb_csv_sync(csv, NULL), RB_OK);
    int64_t saved = rb_csv_tell(csv);
    row(csv, 2, 2, "lost");
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_file("a,b,c\n1,1,x\n2,2,lost\n");

    assert_int_equal(rb_csv_append(&csv, path, "a,b,d", saved, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "the first line is not 'a,b,d'"));
    assert_int_equal(rb_csv_append(&csv, path, "a,b,c", saved - 1, &error), RB_ERR_FORMAT);
    assert_int_equal(rb_csv_append(&csv, path, "a,b,c", 0, &error), RB_ERR_FORMAT);
    assert_int_equal(rb_csv_append(&csv, path, "a,b,c", 1000, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "has 21 bytes, but had 1000 when the run was saved"));
    assert_non_null(strstr(error.message, path));
    assert_file("a,b,c\n1,1,x\n2,2,lost\n"); // refused: untouched

    assert_int_equal(rb_csv_append(&csv, path, "a,b,c", saved, NULL), RB_OK);
    assert_int_equal(rb_csv_tell(csv), saved);
    row(csv, 2, 3, "again");
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_file("a,b,c\n1,1,x\n2,3,again\n");
}

static void nothing_is_overwritten_and_no_directory_is_told(void **unused)
{
    (void)unused;
    rb_csv *csv;
    rb_error error;
    assert_int_equal(rb_file_write(path, "old", 3, NULL), RB_OK);
    assert_int_equal(rb_csv_create(&csv, path, "a", &error), RB_ERR_EXISTS);
    assert_file("old");
    assert_int_equal(rb_csv_create(&csv, "/nowhere/at/all.csv", "a", &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/at/all.csv: can't be written"));
    assert_int_equal(rb_csv_append(&csv, "/nowhere/at/all.csv", "a", 2, &error), RB_ERR_FILE);
}

// A limit on file sizes stands in for a full disk: the write that crosses it is cut short.
static void a_full_disk_leaves_whole_lines(void **unused)
{
    (void)unused;
    struct rlimit before, small;
    rb_csv *csv;
    rb_error error = {0};
    assert_int_equal(rb_csv_create(&csv, path, "a,b,c", NULL), RB_OK);
    row(csv, 1, 1, "fits");
    assert_int_equal(rb_csv_flush(csv, NULL), RB_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 30;
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 10; i++) row(csv, i, i, "does not fit");
    rb_status status = rb_csv_flush(csv, &error);
    assert_int_equal(status, RB_ERR_FULL);
    assert_non_null(strstr(error.message, path));
    assert_file("a,b,c\n1,1,fits\n");
    for (int i = 0; i < 100000; i++) row(csv, i, i, "more than the buffer holds");
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(rb_csv_sync(csv, &error), RB_ERR_FILE); // rows are lost, so the fault stays
    assert_int_equal(rb_csv_close(csv, &error), RB_ERR_FILE);
    assert_file("a,b,c\n1,1,fits\n");
}

// Rows that could not be written are kept until they can.
static void a_disk_that_is_full_for_a_while_loses_no_row(void **unused)
{
    (void)unused;
    struct rlimit before, small;
    rb_csv *csv;
    assert_int_equal(rb_csv_create(&csv, path, "a,b,c", NULL), RB_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 10;
    setrlimit(RLIMIT_FSIZE, &small);
    row(csv, 1, 1, "kept");
    assert_int_equal(rb_csv_flush(csv, NULL), RB_ERR_FULL);
    row(csv, 2, 2, "too");
    assert_int_equal(rb_csv_flush(csv, NULL), RB_ERR_FULL);
    setrlimit(RLIMIT_FSIZE, &before);
    row(csv, 3, 3, "written");
    assert_int_equal(rb_csv_sync(csv, NULL), RB_OK);
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_file("a,b,c\n1,1,kept\n2,2,too\n3,3,written\n");
}

static void a_killed_program_leaves_whole_lines(void **unused)
{
    (void)unused;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        rb_csv *csv;
        if (rb_csv_create(&csv, path, "a,b,c", NULL) != RB_OK) _exit(1);
        for (int i = 0; i < 20000; i++) row(csv, i, i * 0.5, "text"); // the buffer was full many times
        rb_csv_i64(csv, 1);
        rb_csv_f64(csv, 2);
        raise(SIGKILL);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    char *text;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    assert_true(bytes > 100000);
    char *at = text + strlen("a,b,c\n");
    for (int i = 0; at < text + bytes; i++) {
        char expected[64];
        int length = snprintf(expected, sizeof expected, "%d,%g,text\n", i, i * 0.5);
        assert_memory_equal(at, expected, (size_t)length);
        at += length;
    }
    assert_true(at == text + bytes);
    free(text);
}

static void a_row_that_is_too_long_is_told(void **unused)
{
    (void)unused;
    rb_csv *csv;
    rb_error error;
    static char word[5000];
    memset(word, 'x', sizeof word - 1);
    assert_int_equal(rb_csv_create(&csv, path, "a", NULL), RB_OK);
    rb_csv_text(csv, word);
    rb_csv_end(csv);
    assert_int_equal(rb_csv_close(csv, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "longer than 4096 bytes"));
    assert_file("a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_read_as_they_should, fresh, gone),
        cmocka_unit_test_setup_teardown(doubles_come_back, fresh, gone),
        cmocka_unit_test_setup_teardown(more_rows_than_the_buffer_holds, fresh, gone),
        cmocka_unit_test_setup_teardown(goes_on_at_a_saved_length, fresh, gone),
        cmocka_unit_test_setup_teardown(nothing_is_overwritten_and_no_directory_is_told, fresh, gone),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_whole_lines, fresh, gone),
        cmocka_unit_test_setup_teardown(a_disk_that_is_full_for_a_while_loses_no_row, fresh, gone),
        cmocka_unit_test_setup_teardown(a_killed_program_leaves_whole_lines, fresh, gone),
        cmocka_unit_test_setup_teardown(a_row_that_is_too_long_is_told, fresh, gone),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
