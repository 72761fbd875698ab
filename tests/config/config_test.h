// What the tests of the configuration share: a configuration, its values by name, and errors held against
// their whole sentence.
#ifndef RB_TESTS_CONFIG_TEST_H
#define RB_TESTS_CONFIG_TEST_H

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
#include "config/config.h"

static inline rb_config *new_config(void)
{
    rb_config *config = NULL;
    rb_error error = {0};
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    return config;
}

static inline const char *value_of(const rb_config *config, const char *key)
{
    static char text[RB_TEXT_MAX + 8];
    rb_error error = {0};
    assert_int_equal(rb_config_get(config, key, text, sizeof text, &error), RB_OK);
    return text;
}

// A file of the test's own with this text; its path.
static inline const char *written(const char *text)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/rb_config_%d.ini", (int)getpid());
    rb_error error = {0};
    assert_int_equal(rb_file_write(path, text, strlen(text), &error), RB_OK);
    return path;
}

// `sentence` may hold the mark @ where the path of `written` stands.
static inline void expect_error(const rb_error *error, const char *sentence)
{
    char whole[1200] = "", path[64];
    snprintf(path, sizeof path, "/tmp/rb_config_%d.ini", (int)getpid());
    const char *mark = strchr(sentence, '@');
    if (mark)
        snprintf(whole, sizeof whole, "%.*s%s%s", (int)(mark - sentence), sentence, path, mark + 1);
    else
        snprintf(whole, sizeof whole, "%s", sentence);
    assert_string_equal(error->message, whole);
}

#define ARGUMENTS(config, error, ...)                                                                        \
    rb_config_arguments((config), (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),             \
                        (const char *[]){__VA_ARGS__}, (error))

#endif
