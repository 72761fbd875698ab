// Tables that a resumed run continues: a sound one is left alone, and of a damaged one nothing readable is
// lost.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "io/csv_mend.h"

static const char header[] = "step,return,loss",
                  whole[] = "step,return,loss\n10,1.5,\n20,-3,0.25\n30,inf,1e-9\n";
static char directory[64], path[128], aside[160], said[4096];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(directory, sizeof directory, "/tmp/rb_mend_XXXXXX");
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/train.csv", directory);
    snprintf(aside, sizeof aside, "%s.damaged-1", path);
    return 0;
}

static int gone(void **unused)
{
    (void)unused;
    return rb_file_remove_tree(directory, NULL) != RB_OK;
}

static void hear(void *context, rb_log_level level, const char *message)
{
    (void)context;
    const size_t used = strlen(said);
    assert_int_equal(level, RB_LOG_WARNING);
    snprintf(said + used, sizeof said - used, "%s\n", message);
}

static void put(const char *text)
{
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

static void expect(const char *file, const char *text)
{
    char *found;
    size_t bytes;
    if (rb_file_read(file, &found, &bytes, NULL)) fail_msg("%s is missing", file);
    assert_string_equal(found, text);
    free(found);
}

// Mends the table of a run whose checkpoint is at step 30, where it had the bytes of `whole`; the length to
// continue at must be that of `left`.
static void mend(const char *left)
{
    const rb_log log = {.fn = hear};
    rb_error error = {0};
    int64_t bytes = (int64_t)strlen(whole);
    *said = 0;
    if (rb_csv_mend(path, header, 30, &bytes, &log, &error)) fail_msg("%s", error.message);
    assert_int_equal(bytes, strlen(left));
}

static void told(const char *part)
{
    if (!strstr(said, part) || !strstr(said, path)) fail_msg("'%s' is not in: %s", part, said);
}

static void a_sound_table_is_left_alone(void **unused)
{
    (void)unused;
    static const char *const ends[] = {"", "40,1,1\n", "40,1,1\n50,", "garbage"};
    for (int i = 0; i < 4; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s%s", whole, ends[i]);
        put(text);
        mend(whole);
        assert_string_equal(said, "");
        expect(path, text); // cutting is the writer's
        assert_false(rb_file_exists(aside));
    }
}

static void one_wrong_byte(void **unused)
{
    (void)unused;
    char text[256];
    for (size_t i = 0; i < strlen(whole); i++) {
        snprintf(text, sizeof text, "%s40,7,7\n", whole);
        text[i] = '?';
        put(text);
        const int line = i < 17 ? 0 : i < 25 ? 1 : i < 36 ? 2 : 3;
        static const char *const rows[] = {"10,1.5,\n", "20,-3,0.25\n", "30,inf,1e-9\n"};
        char left[256];
        snprintf(left, sizeof left, "%s\n", header);
        for (int k = 1; k <= 3; k++) // an end of a line joins it with the next
            if (k != line && !(k == line + 1 && whole[i] == '\n')) strcat(left, rows[k - 1]);
        mend(left);
        expect(path, left);
        expect(aside, text);
        told("1 line can't be read");
        told(aside);
        assert_int_equal(unlink(aside), 0);
    }
}

static void short_tables(void **unused)
{
    (void)unused;
    put("step,return,loss\n10,1.5,\n20,-3,0.25\n"); // at a line's end: nothing is unreadable
    mend("step,return,loss\n10,1.5,\n20,-3,0.25\n");
    told("so rows are missing; it keeps its 2 rows up to step 30");
    assert_false(rb_file_exists(aside));
    put("step,return,loss\n10,1.5,\n20,-3,");
    mend("step,return,loss\n10,1.5,\n");
    expect(path, "step,return,loss\n10,1.5,\n");
    expect(aside, "step,return,loss\n10,1.5,\n20,-3,");
    assert_int_equal(unlink(aside), 0);
    put("");
    mend("step,return,loss\n");
    told("so rows are missing");
    expect(path, "step,return,loss\n");
    assert_int_equal(unlink(path), 0);
    mend("step,return,loss\n");
    told("is missing, so its rows up to step 30 are lost");
    expect(path, "step,return,loss\n");
}

// Another table, other columns, a row taken out: by step, since the length means nothing then.
static void tables_of_others(void **unused)
{
    (void)unused;
    put("step,return,loss\n20,-3,0.25\n30,inf,1e-9\n40,1,1\n50,1,1\n");
    mend("step,return,loss\n20,-3,0.25\n30,inf,1e-9\n");
    expect(aside, "step,return,loss\n20,-3,0.25\n30,inf,1e-9\n40,1,1\n50,1,1\n");
    put("a,b\n1,2\n");
    mend("step,return,loss\n");
    told("2 lines can't be read");
    snprintf(aside, sizeof aside, "%s.damaged-2", path); // the first one stays
    expect(aside, "a,b\n1,2\n");
    put("step,return,loss\n0,1,1\n-5,1,1\nnan,1,1\n1e300,1,1\n,1,1\n 5,1,1\n7,1,1,1\n7,1\n7,x,1\n");
    mend("step,return,loss\n");
    told("9 lines can't be read");
}

static void what_is_no_file(void **unused)
{
    (void)unused;
    int64_t bytes = 20;
    rb_error error = {0};
    char other[128];
    snprintf(other, sizeof other, "%s/precious", directory);
    assert_int_equal(rb_file_write(other, whole, strlen(whole), NULL), RB_OK);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(rb_csv_mend(path, header, 30, &bytes, NULL, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "train.csv: is not a regular file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(rb_csv_mend(path, header, 30, &bytes, NULL, &error), RB_ERR_FILE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_table_is_left_alone),
        TEST(one_wrong_byte),
        TEST(short_tables),
        TEST(tables_of_others),
        TEST(what_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
