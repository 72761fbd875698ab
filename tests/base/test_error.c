// Errors: the sentence, its context, and the status that comes back, with a record and without one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "rainbow/error.h"

static void test_context_stands_before_the_sentence(void **state)
{
    (void)state;
    rb_error error = {0};
    assert_int_equal(rb_error_set(&error, RB_ERR_FORMAT, "gamma = %d: must be below 1", 2), RB_ERR_FORMAT);
    assert_int_equal(rb_error_context(&error, RB_ERR_FORMAT, "%s:%d", "a.ini", 3), RB_ERR_FORMAT);
    assert_string_equal(error.message, "a.ini:3: gamma = 2: must be below 1");
    assert_int_equal(error.status, RB_ERR_FORMAT);
}

static void test_without_a_record_the_status_is_the_same(void **state)
{
    (void)state;
    for (int status = RB_ERR_USAGE; status <= RB_INTERRUPTED; status++) {
        assert_int_equal(rb_error_set(NULL, (rb_status)status, "why"), status);
        assert_int_equal(rb_error_context(NULL, (rb_status)status, "where"), status);
    }
}

static void test_what_is_too_long_is_cut(void **state)
{
    (void)state;
    rb_error error = {0};
    char context[2 * sizeof error.message];
    memset(context, 'x', sizeof context);
    context[sizeof context - 1] = 0;
    rb_error_set(&error, RB_ERR_FILE, "why");
    rb_error_context(&error, RB_ERR_FILE, "%s", context);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_context_stands_before_the_sentence),
        cmocka_unit_test(test_without_a_record_the_status_is_the_same),
        cmocka_unit_test(test_what_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
