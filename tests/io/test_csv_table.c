// Tables of numbers: the reader returns what csv.h writes, reads growing and killed files up to the last
// whole line, and rejects anything else with its line number.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <math.h>

#include "base/file.h"
#include "io/csv.h"
#include "io/csv_table.h"

static char directory[] = "/tmp/rb_table_XXXXXX";
static char path[64];

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/t.csv", directory);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    return rb_file_remove_tree(directory, NULL) != RB_OK;
}

static void put(const char *text)
{
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

static void test_what_was_written(void **state)
{
    (void)state;
    rb_csv *csv;
    rb_error error = {0};
    unlink(path);
    assert_int_equal(rb_csv_create(&csv, path, "step,loss,x", &error), RB_OK);
    for (int i = 0; i < 10000; i++) {
        rb_csv_i64(csv, INT64_C(1000000007) * i);
        rb_csv_f64(csv, i % 7 ? sin(i) * 1e-9 : NAN);
        rb_csv_f64(csv, -i / 3.0);
        rb_csv_end(csv);
    }
    assert_int_equal(rb_csv_close(csv, &error), RB_OK);
    rb_csv_table *table;
    assert_int_equal(rb_csv_table_read(&table, path, &error), RB_OK);
    assert_int_equal(rb_csv_table_rows(table), 10000);
    const double *step = rb_csv_table_column(table, "step"), *loss = rb_csv_table_column(table, "loss"),
                 *x = rb_csv_table_column(table, "x");
    assert_null(rb_csv_table_column(table, "los"));
    for (int i = 0; i < 10000; i++) {
        assert_true(step[i] == 1000000007.0 * i);
        assert_true(i % 7 ? loss[i] == sin(i) * 1e-9 : isnan(loss[i]));
        assert_true(x[i] == -i / 3.0);
    }
    rb_csv_table_free(table);
}

static void expect_rows(const char *text, int rows)
{
    rb_csv_table *table;
    rb_error error = {0};
    put(text);
    if (rb_csv_table_read(&table, path, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_csv_table_rows(table), rows);
    rb_csv_table_free(table);
}

static void test_half_a_line(void **state)
{
    (void)state;
    expect_rows("a,b\n", 0);
    expect_rows("a,b\n1,2", 0);
    expect_rows("a,b\n1,2\n", 1);
    expect_rows("a,b\n1,2\n3", 1);
    expect_rows("a,b\n1,2\n3,\n,4", 2);
    expect_rows("a\n\n\n", 2); // one column of empty fields
}

static void expect_fault(const char *text, const char *sentence)
{
    rb_csv_table *table;
    rb_error error = {0};
    if (text) put(text);
    assert_int_equal(rb_csv_table_read(&table, path, &error), text ? RB_ERR_FORMAT : RB_ERR_FILE);
    assert_null(table);
    if (!strstr(error.message, sentence)) fail_msg("'%s' is not in: %s", sentence, error.message);
}

static void test_no_table(void **state)
{
    (void)state;
    expect_fault("", "it has no header line");
    expect_fault("a,b", "it has no header line");
    expect_fault("a,b\n1,2\n3,x\n", "t.csv:3: x: is not a number (column b)");
    expect_fault("a,b\n1 ,2\n", "t.csv:2: 1 : is not a number (column a)");
    expect_fault("a,b\n1,2\n3\n", "t.csv:3: does not have 2 fields as the header has");
    expect_fault("a,b\n1,2,3\n", "t.csv:2: does not have 2 fields as the header has");
    unlink(path);
    expect_fault(NULL, "t.csv");
}

static void row(rb_csv *csv, int step)
{
    rb_csv_i64(csv, step);
    rb_csv_f64(csv, 0.5 * step);
    rb_csv_end(csv);
}

// A table with its checksum beside it: rows may follow, but no byte of it, or of the checksum, can change.
static void test_checksum(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", ".sum"};
    rb_csv *csv;
    unlink(path);
    assert_int_equal(rb_csv_create(&csv, path, "step,mean", NULL), RB_OK);
    assert_int_equal(rb_csv_keep_sum(csv, NULL), RB_OK);
    for (int i = 0; i < 3; i++) row(csv, i);
    assert_int_equal(rb_csv_sync(csv, NULL), RB_OK);
    row(csv, 3);
    assert_int_equal(rb_csv_flush(csv, NULL), RB_OK); // not in the checksum yet
    rb_csv_table *table;
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    assert_int_equal(rb_csv_table_rows(table), 4);
    rb_csv_table_free(table);
    const int64_t length = rb_csv_tell(csv);
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);

    for (int f = 0; f < 2; f++) {
        char file[80], *bytes;
        size_t size;
        snprintf(file, sizeof file, "%s%s", path, suffixes[f]);
        assert_int_equal(rb_file_read(file, &bytes, &size, NULL), RB_OK);
        for (size_t at = 0; at < size; at++) {
            rb_error error = {0};
            bytes[at] ^= 1;
            assert_int_equal(rb_file_write(file, bytes, size, NULL), RB_OK);
            assert_int_equal(rb_csv_table_read(&table, path, &error), RB_ERR_FORMAT);
            assert_non_null(strstr(error.message, "t.csv"));
            bytes[at] ^= 1;
        }
        assert_int_equal(rb_file_write(file, bytes, size, NULL), RB_OK);
        free(bytes);
    }
    FILE *more = fopen(path, "a"); // the writer has closed it, so nothing may follow
    fputs("4,2\n", more);
    fclose(more);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_ERR_FORMAT);
    assert_int_equal(truncate(path, length), 0);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    rb_csv_table_free(table);
    assert_int_equal(truncate(path, length - 2), 0);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_ERR_FORMAT);
}

// What continues it keeps the checksum of the whole table.
static void test_checksum_of_a_continued_table(void **state)
{
    (void)state;
    const char text[] = "step,mean\n1,0.5\n2,1\n3,1.5\n";
    rb_csv *csv;
    rb_csv_table *table;
    put(text);
    assert_int_equal(rb_csv_append(&csv, path, "step,mean", (int64_t)strlen(text) - 6, NULL), RB_OK);
    assert_int_equal(rb_csv_keep_sum(csv, NULL), RB_OK);
    row(csv, 30);
    assert_int_equal(rb_csv_close(csv, NULL), RB_OK);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    assert_int_equal(rb_csv_table_rows(table), 3);
    assert_true(rb_csv_table_column(table, "step")[2] == 30);
    rb_csv_table_free(table);
    put("step,mean\n1,0.6\n2,1\n30,15\n");
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_ERR_FORMAT);
    char sum[80];
    snprintf(sum, sizeof sum, "%s.sum", path);
    unlink(sum);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    rb_csv_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_was_written),
                                       cmocka_unit_test(test_half_a_line), cmocka_unit_test(test_no_table),
                                       cmocka_unit_test(test_checksum),
                                       cmocka_unit_test(test_checksum_of_a_continued_table)};
    return cmocka_run_group_tests(tests, make, drop);
}
