// The state visitor: saved state loads bit-identically, and a file that was cut, changed or made with other
// settings is reported and changes nothing it should not.
#include <math.h>
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
#include "base/visit.h"

typedef struct thing {
    uint64_t steps;
    bool on;
    double x;
    float weights[1000];
} thing;

static void thing_visit(thing *t, rb_visitor *v, size_t count)
{
    rb_visit_open(v, "thing");
    rb_visit_u64(v, "steps", &t->steps);
    rb_visit_bool(v, "on", &t->on);
    rb_visit_f64(v, "x", &t->x);
    rb_visit_f32s(v, "weights", t->weights, count);
    rb_visit_close(v);
}

static thing example(void)
{
    thing t = {.steps = 12345, .on = true, .x = 0.1};
    for (int i = 0; i < 1000; i++) t.weights[i] = (float)i * 0.37f;
    return t;
}

static char path[64];

static int make_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/rb_visit_%ld", (long)getpid());
    return 0;
}

static int drop_path(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void save(thing *t, size_t count, uint64_t *hash)
{
    rb_error error;
    rb_visitor *v;
    assert_int_equal(rb_visitor_save(&v, path, &error), RB_OK);
    thing_visit(t, v, count);
    assert_int_equal(rb_visitor_finish(v, hash, &error), RB_OK);
}

static rb_status load(thing *t, size_t count, rb_error *error)
{
    rb_visitor *v;
    rb_status status = rb_visitor_load(&v, path, error);
    if (status) return status;
    thing_visit(t, v, count);
    return rb_visitor_finish(v, NULL, error);
}

static void test_round_trip(void **state)
{
    (void)state;
    thing a = example(), b = {0};
    rb_error error;
    save(&a, 1000, NULL);
    assert_int_equal(load(&b, 1000, &error), RB_OK);
    assert_int_equal(b.steps, a.steps);
    assert_true(b.on);
    assert_memory_equal(&a.x, &b.x, sizeof a.x);
    assert_memory_equal(a.weights, b.weights, sizeof a.weights);
}

static void test_hash_moves_with_any_bit(void **state)
{
    (void)state;
    uint64_t hashes[2];
    thing t = example();
    for (int i = 0; i < 2; i++) {
        rb_visitor *v;
        assert_int_equal(rb_visitor_hash(&v, NULL), RB_OK);
        thing_visit(&t, v, 1000);
        assert_int_equal(rb_visitor_finish(v, &hashes[i], NULL), RB_OK);
        uint32_t bits;
        memcpy(&bits, &t.weights[999], 4);
        bits ^= 1;
        memcpy(&t.weights[999], &bits, 4);
    }
    assert_true(hashes[0] != hashes[1]);
}

static void test_cut_short_at_any_length(void **state)
{
    (void)state;
    thing t = example(), before = t;
    rb_error error;
    save(&t, 1000, NULL);
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &data, &bytes, &error), RB_OK);
    for (size_t length = 0; length < bytes; length += length < 64 ? 1 : 97) {
        assert_int_equal(rb_file_write(path, data, length, &error), RB_OK);
        assert_int_equal(load(&t, 1000, &error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, path));
        assert_memory_equal(&t, &before, sizeof t); // nothing half loaded
    }
    free(data);
}

static void test_changed_byte(void **state)
{
    (void)state;
    thing t = example();
    rb_error error;
    save(&t, 1000, NULL);
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &data, &bytes, &error), RB_OK);
    data[bytes / 2] ^= 4;
    assert_int_equal(rb_file_write(path, data, bytes, &error), RB_OK);
    assert_int_equal(load(&t, 1000, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "checksum"));
    free(data);
}

static void test_other_settings_are_named(void **state)
{
    (void)state;
    thing t = example();
    rb_error error;
    save(&t, 1000, NULL);
    assert_int_equal(load(&t, 999, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "thing/weights has 4000 bytes, but these settings expect 3996"));
}

static void test_memory_round_trip(void **state)
{
    (void)state;
    thing a = example(), b = {0};
    rb_error error;
    rb_visitor *v;
    void *data;
    size_t bytes;
    assert_int_equal(rb_visitor_save_memory(&v, &error), RB_OK);
    thing_visit(&a, v, 1000);
    assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, &error), RB_OK);
    assert_int_equal(rb_visitor_load_memory(&v, data, bytes, &error), RB_OK);
    thing_visit(&b, v, 1000);
    assert_int_equal(rb_visitor_finish(v, NULL, &error), RB_OK);
    assert_memory_equal(a.weights, b.weights, sizeof a.weights);
    free(data);
}

// A field that indexes something: the error of a load names it, its value and its limits.
static void limited_visit(rb_visitor *v, int64_t *index, bool *flag, float *number)
{
    rb_visit_open(v, "limited");
    rb_visit_i64(v, "index", index);
    rb_visit_limits(v, "index", *index, 0, 9);
    rb_visit_bool(v, "flag", flag);
    rb_visit_f32s(v, "number", number, 1);
    rb_visit_finite_f32(v, "number", number, 1);
    rb_visit_close(v);
}

static void check_limited(int64_t index, char flag, float number, const char *sentence)
{
    bool on = false;
    void *data;
    size_t bytes;
    rb_visitor *v;
    rb_error error = {0};
    assert_int_equal(rb_visitor_save_memory(&v, NULL), RB_OK);
    limited_visit(v, &index, &on, &number); // saving checks nothing
    assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, NULL), RB_OK);
    ((char *)data)[10 + strlen("limited/index") + 8 + 10 + strlen("limited/flag")] = flag;
    assert_int_equal(rb_visitor_load_memory(&v, data, bytes, NULL), RB_OK);
    limited_visit(v, &index, &on, &number);
    assert_int_equal(rb_visitor_finish(v, NULL, &error), sentence ? RB_ERR_FORMAT : RB_OK);
    if (sentence) assert_non_null(strstr(error.message, sentence));
    free(data);
}

static void test_limits(void **state)
{
    (void)state;
    check_limited(9, 1, 1, NULL);
    check_limited(10, 1, 1, "limited/index is 10, but must be from 0 to 9");
    check_limited(-1, 1, 1, "limited/index is -1, but must be from 0 to 9");
    check_limited(0, 2, 1, "limited/flag is 2, but must be from 0 to 1");
    check_limited(0, 0, INFINITY, "limited/number[0] is inf, but must be finite");
}

static void test_full_disk(void **state)
{
    (void)state;
    thing t = example();
    rb_error error;
    rb_visitor *v;
    assert_int_equal(rb_visitor_save(&v, "/dev/full", &error), RB_OK);
    thing_visit(&t, v, 1000);
    assert_int_equal(rb_visitor_finish(v, NULL, &error), RB_ERR_FULL);
    assert_non_null(strstr(error.message, "/dev/full"));
    assert_non_null(strstr(error.message, "space"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_hash_moves_with_any_bit),
        cmocka_unit_test(test_cut_short_at_any_length),
        cmocka_unit_test(test_changed_byte),
        cmocka_unit_test(test_other_settings_are_named),
        cmocka_unit_test(test_memory_round_trip),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, make_path, drop_path);
}
