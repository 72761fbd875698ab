// Runs of older programs: a parameter that a run's config.ini does not name has its first default, whatever
// its preset and today's default are; and that first default is written down for every parameter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "config/older.h"
#include "config/table.h"

// A new parameter needs a line in tests/data/first_defaults.txt; a default that changes, a row in older.c.
static void test_first_defaults(void **state)
{
    (void)state;
    char *text, *line, *rest = NULL, value[RB_TEXT_MAX + 16];
    size_t bytes;
    int seen = 0;
    assert_int_equal(rb_file_read(RB_TEST_DATA "/first_defaults.txt", &text, &bytes, NULL), RB_OK);
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (*line == '#') continue;
        char *equals = strstr(line, " =");
        assert_non_null(equals);
        *equals = 0;
        const char *expected = equals[2] ? equals + 3 : "";
        const rb_param *param = rb_table_find(line);
        if (!param) fail_msg("first_defaults.txt: %s is no parameter", line);
        rb_param_first_default((int)(param - rb_table_get(0)), value);
        if (strcmp(value, expected)) fail_msg("%s: %s, but its first default was %s", line, value, expected);
        seen++;
    }
    free(text);
    assert_int_equal(seen, rb_table_count());
}

// Comments a parameter out, as if the program that wrote the text had not known it.
static void forget(char *text, const char *line)
{
    char *at = strstr(text, line);
    assert_non_null(at);
    *at = '#';
}

static void assert_value(const rb_config *config, const char *key, const char *expected)
{
    char value[RB_CONFIG_VALUE_MAX];
    assert_int_equal(rb_config_get(config, key, value, sizeof value, NULL), RB_OK);
    if (strcmp(value, expected)) fail_msg("%s is %s, not %s", key, value, expected);
}

// Neither today's default nor the preset's value takes the place of what the program did.
static void test_unknown_parameters(void **state)
{
    (void)state;
    rb_config *config, *read, *user;
    char *text;
    size_t bytes;
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    assert_int_equal(rb_config_preset(config, "dqn", NULL), RB_OK);
    assert_value(config, "explore.after_start", "true"); // otherwise this test shows nothing
    assert_value(config, "optim.epsilon", "9.765625e-06");
    assert_int_equal(rb_config_text(config, &text, &bytes, NULL), RB_OK);
    forget(text, "after_start = ");
    forget(text, "epsilon = 9.765625e-06");
    assert_int_equal(rb_config_create(&read, NULL), RB_OK);
    assert_int_equal(rb_config_read_record_text(read, text, "old", NULL), RB_OK);
    assert_value(read, "explore.after_start", "false");
    assert_value(read, "optim.epsilon", "0.01");
    assert_value(read, "run.preset", "dqn");
    assert_false(rb_config_given(read, "explore.after_start"));
    const int first = rb_config_next_unknown(text, 0), second = rb_config_next_unknown(text, first + 1);
    assert_string_equal(rb_table_get(first)->key, "explore.after_start");
    assert_string_equal(rb_table_get(second)->key, "optim.epsilon");
    assert_int_equal(rb_config_next_unknown(text, second + 1), -1);

    // For a new run the same text is a user's file, and so is a short one for any run.
    assert_int_equal(rb_config_create(&user, NULL), RB_OK);
    assert_int_equal(rb_config_read_text(user, text, "mine", NULL), RB_OK);
    assert_value(user, "explore.after_start", "true");
    assert_int_equal(rb_config_read_record_text(user, "[run]\npreset = dqn\n", "short", NULL), RB_OK);
    assert_value(user, "explore.after_start", "true");
    free(text);
    rb_config_destroy(user);
    rb_config_destroy(read);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_defaults),
        cmocka_unit_test(test_unknown_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
