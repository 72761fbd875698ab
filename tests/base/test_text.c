// Text and files: strict parsing of numbers, nearest names, writes that are whole or not at all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"

static void test_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-5", -5},
        {"1_000_000", 1000000},
        {"1e6", 1000000},
        {"50k", 50000},
        {"2.5M", 2500000},
        {"9223372036854775807", INT64_MAX},
    };
    static const char *const bad[] = {"",     " 5", "5 ",   "1.5", "five", "0x10",
                                      "1__0", "_1", "1e30", "nan", "k",    "5kk"};
    int64_t value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(rb_text_i64(good[i].text, &value));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (rb_text_i64(bad[i], &value)) fail_msg("'%s' was read as %lld", bad[i], (long long)value);
}

static void test_reals(void **state)
{
    (void)state;
    double value;
    assert_true(rb_text_f64("6.25e-5", &value) && value == 6.25e-5);
    assert_true(rb_text_f64("-10", &value) && value == -10);
    assert_false(rb_text_f64("inf", &value) || rb_text_f64("nan", &value) || rb_text_f64("1,5", &value) ||
                 rb_text_f64("", &value));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"breakout", "pong", "ms_pacman"};
    assert_string_equal(rb_text_nearest("brekaout", names, 3), "breakout");
    assert_string_equal(rb_text_nearest("mspacman", names, 3), "ms_pacman");
    assert_null(rb_text_nearest("zzzzzzz", names, 3));
    assert_int_equal(rb_text_distance("abcd", "abdc"), 1);
    assert_int_equal(rb_text_distance("", "abc"), 3);
}

static void test_natural_order(void **state)
{
    (void)state;
    static const char *const sorted[] = {"",
                                         "a",
                                         "a-s1",
                                         "a-s2",
                                         "a-s2b",
                                         "a-s10",
                                         "a-s010b",
                                         "a-s99999999999999999999",
                                         "a-s100000000000000000000",
                                         "b1c2",
                                         "b1c10",
                                         "b02",
                                         "b2.0.9",
                                         "b2.0.10",
                                         "b2.5",
                                         "c0.25",
                                         "c0.5",
                                         "c0.50",
                                         "c1.05"};
    enum { COUNT = sizeof sorted / sizeof *sorted };
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++) {
            const int order = rb_text_compare_natural(sorted[i], sorted[k]);
            if ((order > 0) - (order < 0) != (i > k) - (i < k)) fail_msg("%s and %s", sorted[i], sorted[k]);
        }
}

static void test_sizes(void **state)
{
    (void)state;
    char text[32];
    rb_text_bytes(text, sizeof text, 7.056e9);
    assert_string_equal(text, "7.06 GB");
    rb_text_count(text, sizeof text, 12500);
    assert_string_equal(text, "12.5 k");
}

static void test_write_whole_or_not_at_all(void **state)
{
    (void)state;
    char directory[64] = "/tmp/rb_text_XXXXXX", path[128], *data;
    size_t bytes;
    rb_error error;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/a/b", directory);
    assert_int_equal(rb_file_write(path, "x", 1, &error), RB_ERR_FILE); // no such directory
    assert_non_null(strstr(error.message, path));
    snprintf(path, sizeof path, "%s/file", directory);
    assert_int_equal(rb_file_write(path, "one", 3, &error), RB_OK);
    assert_int_equal(rb_file_write(path, "twenty", 6, &error), RB_OK);
    assert_int_equal(rb_file_read(path, &data, &bytes, &error), RB_OK);
    assert_string_equal(data, "twenty");
    free(data);
    char **names;
    int count;
    assert_int_equal(rb_file_list(directory, &names, &count, &error), RB_OK);
    assert_int_equal(count, 1); // nothing was left beside it
    rb_file_list_free(names, count);
    assert_int_equal(rb_file_make_directories(path, &error), RB_ERR_FILE); // a file is in the way
    assert_int_equal(rb_file_remove_tree(directory, &error), RB_OK);
    assert_false(rb_file_exists(directory));
}

static void test_shell(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"runs/a-b_1.5", "runs/a-b_1.5"},
                                           {"my runs/x", "'my runs/x'"},
                                           {"it's", "'it'\\''s'"},
                                           {"", "''"},
                                           {"a;b", "'a;b'"},
                                           {"$HOME", "'$HOME'"}};
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_text_shell(out, sizeof out, cases[i][0]);
        assert_string_equal(out, cases[i][1]);
    }
    rb_text_shell(out, sizeof out, "a name that is longer than the room for it");
    assert_true(strlen(out) < sizeof out);
}

// "é" is c3 a9, "€" e2 82 ac, U+1F600 f0 9f 98 80.
static void test_letters(void **state)
{
    (void)state;
    assert_int_equal(rb_text_letter("ab"), 1);
    assert_int_equal(rb_text_letter("\xc3\xa9x"), 2);
    assert_int_equal(rb_text_letter("\xe2\x82\xac"), 3);
    assert_int_equal(rb_text_letter("\xf0\x9f\x98\x80"), 4);
    assert_int_equal(rb_text_letter("\xe2\x82"), 0);  // cut
    assert_int_equal(rb_text_letter("\xe2\x82x"), 0); // cut, and more follows
    assert_int_equal(rb_text_letter("\xa9"), 0);      // the second half
    assert_int_equal(rb_text_letter("\xff\xff\xff\xff"), 0);
    char text[] = "a\xc3\xa9\xe2\x82|\xac\xc3";
    rb_text_mend(text);
    assert_string_equal(text, "a\xc3\xa9??|??");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell),    cmocka_unit_test(test_letters),
        cmocka_unit_test(test_integers), cmocka_unit_test(test_reals),
        cmocka_unit_test(test_nearest),  cmocka_unit_test(test_natural_order),
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_write_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
