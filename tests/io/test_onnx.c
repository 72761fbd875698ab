// ONNX files: the bytes equal those of the standard's own package (tests/data/make_onnx.py), and models that
// can't be written are rejected.
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
#include "io/onnx.h"

static rb_arena *arena;
static char directory[64], path[128];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(directory, sizeof directory, "/tmp/rb_onnx_XXXXXX");
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/model.onnx", directory);
    return rb_arena_create(&arena, NULL) != RB_OK;
}

static int gone(void **unused)
{
    (void)unused;
    rb_arena_destroy(arena);
    return rb_file_remove_tree(directory, NULL) != RB_OK;
}

static void node(rb_onnx *m, const char *op, const char *output, int count, const char *const *inputs)
{
    rb_onnx_node(m, op, inputs, count, output);
}

// The same model as in make_onnx.py.
static rb_onnx *model_of_everything(void)
{
    rb_onnx *m;
    assert_int_equal(rb_onnx_create(&m, "policy", "a model of all that there is", arena, NULL), RB_OK);
    rb_onnx_input(m, "Image Sequence", RB_ONNX_UINT8, 4, (int64_t[]){0, 2, 3, 5}, "pictures");
    rb_onnx_input(m, "numbers", RB_ONNX_FLOAT, 2, (int64_t[]){0, 7}, "a vector");
    rb_onnx_output(m, "Q-Values", RB_ONNX_FLOAT, 2, (int64_t[]){0, 4}, "of each action");
    float *weight = rb_onnx_tensor(m, "weight", RB_ONNX_FLOAT, 2, (int64_t[]){2, 3});
    for (int i = 0; i < 6; i++) weight[i] = (float)i / 4 - 1;
    *(float *)rb_onnx_tensor(m, "scale", RB_ONNX_FLOAT, 0, NULL) = 0.25f;
    int64_t *shape = rb_onnx_tensor(m, "shape", RB_ONNX_INT64, 1, (int64_t[]){3});
    shape[0] = 0, shape[1] = 4, shape[2] = 300;
    memcpy(rb_onnx_tensor(m, "bytes", RB_ONNX_UINT8, 1, (int64_t[]){3}), (uint8_t[]){1, 2, 255}, 3);
    node(m, "Cast", "floats", 1, (const char *const[]){"Image Sequence"});
    rb_onnx_int(m, "to", RB_ONNX_FLOAT);
    node(m, "Conv", "seen", 3, (const char *const[]){"floats", "weight", "scale"});
    rb_onnx_ints(m, "kernel_shape", 2, (int64_t[]){8, 8});
    rb_onnx_ints(m, "strides", 2, (int64_t[]){4, 4});
    node(m, "LeakyRelu", "Q-Values", 1, (const char *const[]){"seen"});
    rb_onnx_float(m, "alpha", 0.5f);
    rb_onnx_note(m, "env", "atari/breakout");
    rb_onnx_note(m, "preset", "dqn");
    rb_onnx_note(m, "step", "400000");
    return m;
}

static void test_bytes_are_the_packages(void **unused)
{
    (void)unused;
    char *ours, *theirs;
    size_t our_bytes, their_bytes;
    if (!rb_onnx_available()) skip();
    assert_int_equal(rb_onnx_write(model_of_everything(), path, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &ours, &our_bytes, NULL), RB_OK);
    assert_int_equal(rb_file_read(RB_TEST_DATA "/model.onnx", &theirs, &their_bytes, NULL), RB_OK);
    assert_int_equal(our_bytes, their_bytes);
    assert_memory_equal(ours, theirs, our_bytes);
    free(ours);
    free(theirs);
}

static void test_refusals(void **unused)
{
    (void)unused;
    rb_error error = {0};
    rb_onnx *m;
    if (!rb_onnx_available()) {
        assert_int_equal(rb_onnx_create(&m, "policy", "", arena, &error), RB_ERR_MISSING);
        assert_non_null(strstr(error.message, "libprotobuf-c-dev"));
        return;
    }
    m = model_of_everything();
    assert_int_equal(rb_onnx_write(m, "/nowhere/at/all.onnx", &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/at/all.onnx"));
    // Untouched pages take no memory.
    rb_onnx_tensor(m, "large", RB_ONNX_FLOAT, 2, (int64_t[]){1 << 15, 1 << 14});
    assert_int_equal(rb_onnx_write(m, path, &error), RB_ERR_USAGE);
    assert_string_equal(strstr(error.message, ": "),
                        ": the weights take 2.1 GB, but an ONNX file holds 2 GB at most");
    assert_false(rb_file_exists(path));
    // More memory than the system has.
    assert_null(rb_onnx_tensor(m, "larger", RB_ONNX_FLOAT, 1, (int64_t[]){INT64_C(1) << 48}));
    assert_int_equal(rb_onnx_write(m, path, &error), RB_ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bytes_are_the_packages, fresh, gone),
        cmocka_unit_test_setup_teardown(test_refusals, fresh, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
