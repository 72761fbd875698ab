// A plugin that is missing, is no plugin, or has another version is refused with one sentence; and what is
// written for a device is checked while it is written.
#include "xla/xla_kit.h"

#include "xla/pjrt_plugin.h"

static void refused(const char *path, rb_status expected, const char *part)
{
    rb_plugin *plugin;
    rb_error error = {0};
    assert_int_equal(rb_plugin_open(&plugin, path, &error), expected);
    assert_null(plugin);
    if (!strstr(error.message, part) || !strstr(error.message, path)) fail_msg("%s", error.message);
    assert_null(strchr(error.message, '\n'));
}

static void test_bad_files(void **state)
{
    (void)state;
    refused("/no/such/plugin.so", RB_ERR_MISSING, "there is no such file");
    refused(RB_TEST_DATA "/first_defaults.txt", RB_ERR_FORMAT, "can't be opened as a PJRT plugin");
    refused(RB_TEST_DATA, RB_ERR_FORMAT, "can't be opened as a PJRT plugin");
    refused(RB_TEST_OWN "/pjrt_none.so", RB_ERR_FORMAT, "without the symbol GetPjrtApi");
    refused(RB_TEST_OWN "/pjrt_null.so", RB_ERR_FORMAT, "gives no table of functions");
    refused(RB_TEST_OWN "/pjrt_major.so", RB_ERR_FORMAT,
            "version 1.0 of the PJRT interface, but Rainbow needs 0.33 or a later 0.x");
    refused(RB_TEST_OWN "/pjrt_old.so", RB_ERR_FORMAT, "version 0.7 of the PJRT interface");
    refused(RB_TEST_OWN "/pjrt_short.so", RB_ERR_FORMAT, "table of functions has 64 bytes");
    refused(RB_TEST_OWN "/pjrt_deaf.so", RB_ERR_ENV, "the plugin does not start: there is no driver");
    refused(RB_TEST_OWN "/pjrt_empty.so", RB_ERR_MISSING,
            "finds no device that it can use: there is no driver");
}

// What compute.device means without any plugin in the cache.
static void test_names(void **state)
{
    (void)state;
    char path[XLA_PATH];
    rb_error error = {0};
    setenv("XDG_CACHE_HOME", "/no/such/cache", 1);
    assert_int_equal(rb_xla_find(path, sizeof path, "cpu", &error), RB_OK);
    assert_string_equal(path, "");
    assert_int_equal(rb_xla_find(path, sizeof path, "auto", &error), RB_OK);
    assert_string_equal(path, "");
    assert_int_equal(rb_xla_find(path, sizeof path, "xla:/a/b.so", &error), RB_OK);
    assert_string_equal(path, "/a/b.so");
    assert_int_equal(rb_xla_find(path, sizeof path, "cuda", &error), RB_ERR_MISSING);
    assert_string_equal(
        error.message,
        "compute.device = cuda: its plugin is not installed: ./scripts/get-accelerator cuda13");
    assert_int_equal(rb_xla_find(path, sizeof path, "tpu", &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "must be cpu, auto, cuda, rocm, oneapi or xla:PATH"));
    unsetenv("XDG_CACHE_HOME");
}

// ---- the writer

static void expect_mistake(rb_hlo *h, const char *sentence)
{
    rb_error error = {0};
    assert_int_equal(rb_hlo_check(h, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, sentence);
    rb_hlo_destroy(h);
}

static rb_hlo *begin(void)
{
    rb_hlo *h;
    assert_int_equal(rb_hlo_create(&h, NULL), RB_OK);
    rb_hlo_scope(h, "head.0");
    return h;
}

static void test_shapes_are_checked(void **state)
{
    (void)state;
    rb_hlo *h = begin();
    const rb_value x = rb_hlo_input(h, RB_F32, RB_SIZES(2, 3), "x");
    rb_hlo_add(h, x, rb_hlo_input(h, RB_F32, RB_SIZES(3, 2), "y"));
    rb_hlo_sum(h, x, 7); // the first mistake counts
    expect_mistake(h, "the device's program, head.0: add: 2x3 of f32 and 3x2 of f32 do not fit");
    h = begin();
    rb_hlo_dot(h, rb_hlo_input(h, RB_F32, RB_SIZES(2, 3), "x"), rb_hlo_input(h, RB_F32, RB_SIZES(4, 5), "w"),
               0, 1, 1);
    expect_mistake(h, "the device's program, head.0: dot: 2x3 of f32 and 4x5 of f32 do not fit");
    h = begin();
    rb_hlo_add(h, rb_hlo_input(h, RB_U8, RB_SIZES(2), "x"), rb_hlo_input(h, RB_F32, RB_SIZES(2), "y"));
    expect_mistake(h, "the device's program, head.0: add: 2 of ui8 and 2 of f32 do not fit");
    h = begin();
    rb_hlo_slice(h, rb_hlo_input(h, RB_F32, RB_SIZES(2), "x"), 0, 1, 3);
    expect_mistake(h, "the device's program, head.0: slice does not fit 2 of f32");
    h = begin();
    rb_hlo_replace(h, rb_hlo_input(h, RB_F32, RB_SIZES(2), "x"), rb_hlo_number(h, RB_F32, 1));
    expect_mistake(
        h, "the device's program, head.0: an input and its new value: 2 of f32 and one f32 do not fit");
}

static void test_text(void **state)
{
    (void)state;
    rb_hlo *h = begin();
    char *text;
    size_t bytes;
    const rb_value x = rb_hlo_input(h, RB_F32, RB_SIZES(2, 3), "x"),
                   w = rb_hlo_input(h, RB_F32, RB_SIZES(4, 3), "w");
    rb_hlo_unary(h, RB_EXP, x); // needed by nothing
    const rb_value loss = rb_hlo_sum_all(h, rb_hlo_relu(h, rb_hlo_dot(h, x, w, 0, 1, 1)));
    rb_value gradient;
    rb_hlo_gradients(h, loss, &w, 1, &gradient);
    rb_hlo_replace(h, w, gradient);
    rb_hlo_output(h, loss, "loss");
    rb_error error = {0};
    if (rb_hlo_text(h, "small", &text, &bytes, &error)) fail_msg("%s", error.message);
    assert_int_equal(bytes, strlen(text));
    const char *const parts[] = {
        "module @small {", "%w: tensor<4x3xf32> {tf.aliasing_output = 0 : i32}", "    // head.0\n",
        ("stablehlo.dot_general %x, %w, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : "
         "(tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>"),
        "-> (tensor<4x3xf32>, tensor<f32>) {"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(text, parts[i])) fail_msg("without %s:\n%s", parts[i], text);
    assert_null(strstr(text, "exponential"));
    free(text);
    rb_hlo_destroy(h);
}

// ---- with the plugin

// A gradient by the rules and by differences of a function that uses all that networks and losses do.
static rb_value function(rb_hlo *h, rb_value x, rb_value k)
{
    const rb_conv_window window = {.stride = 2, .dilate = 1, .spread = 1, .low = {1, 1}, .high = {1, 1}};
    rb_value y = rb_hlo_conv(h, RB_CONV_FORWARD, x, k, &window); // [2][3][4][4]
    y = rb_hlo_max_pool(h, y, &(rb_pool_window){.size = {3, 3}, .stride = 1, .pad = 1});
    const rb_value parts[] = {rb_hlo_slice(h, y, 1, 0, 1),
                              rb_hlo_pad(h, rb_hlo_slice(h, y, 1, 1, 2), 1, 0, 1)};
    y = rb_hlo_join(h, parts, 2, 1);
    y = rb_hlo_reshape(h, rb_hlo_transpose(h, y, (const int[]){0, 2, 3, 1}), RB_SIZES(2, 48));
    const rb_value size = rb_hlo_plus(h, rb_hlo_unary(h, RB_ABS, y), 1);
    const rb_value some = rb_hlo_select(h, rb_hlo_compare(h, RB_GT, y, rb_hlo_number(h, RB_F32, 0.1)),
                                        rb_hlo_multiply(h, y, y), rb_hlo_unary(h, RB_NEGATE, y));
    y = rb_hlo_divide(h, rb_hlo_add(h, some, rb_hlo_unary(h, RB_LOG, size)), rb_hlo_unary(h, RB_SQRT, size));
    y = rb_hlo_subtract(h, y, rb_hlo_unary(h, RB_RSQRT, size));
    const rb_value all = rb_hlo_dot(h, y, y, 0, 1, 1); // [2][2]
    return rb_hlo_sum_all(h, rb_hlo_unary(h, RB_EXP, rb_hlo_scaled(h, all, 0.01)));
}

enum { X = 2 * 2 * 8 * 8, K = 3 * 2 * 4 * 4 };

static float value_at(rb_program *program, rb_plugin *plugin, const float *x, const float *k,
                      float *gradients)
{
    rb_buffer *in[2], *out[3];
    float value;
    assert_int_equal(rb_buffer_upload(&in[0], plugin, RB_F32, RB_SIZES(2, 2, 8, 8), x, NULL), RB_OK);
    assert_int_equal(rb_buffer_upload(&in[1], plugin, RB_F32, RB_SIZES(3, 2, 4, 4), k, NULL), RB_OK);
    assert_int_equal(rb_program_run(program, in, 2, out, 3, NULL), RB_OK);
    assert_int_equal(rb_buffer_download(out[0], plugin, &value, sizeof value, NULL), RB_OK);
    if (gradients) {
        assert_int_equal(rb_buffer_download(out[1], plugin, gradients, X * sizeof(float), NULL), RB_OK);
        assert_int_equal(rb_buffer_download(out[2], plugin, gradients + X, K * sizeof(float), NULL), RB_OK);
    }
    for (int i = 0; i < 2; i++) rb_buffer_free(in[i], plugin);
    for (int i = 0; i < 3; i++) rb_buffer_free(out[i], plugin);
    return value;
}

static void test_gradients(void **state)
{
    char path[XLA_PATH];
    rb_plugin *plugin;
    rb_program *program;
    rb_error error = {0};
    (void)state;
    if (!xla_plugin(path)) skip();
    if (rb_plugin_open(&plugin, path, &error)) fail_msg("%s", error.message);
    rb_hlo *h = begin();
    const rb_value in[] = {rb_hlo_input(h, RB_F32, RB_SIZES(2, 2, 8, 8), "x"),
                           rb_hlo_input(h, RB_F32, RB_SIZES(3, 2, 4, 4), "k")};
    rb_value gradient[2];
    const rb_value loss = function(h, in[0], in[1]);
    rb_hlo_gradients(h, loss, in, 2, gradient);
    rb_hlo_output(h, loss, "loss");
    for (int i = 0; i < 2; i++) rb_hlo_output(h, gradient[i], "gradient");
    if (rb_program_compile(&program, plugin, h, "gradients", NULL, &error)) fail_msg("%s", error.message);
    rb_hlo_destroy(h);
    float values[X + K], gradients[X + K];
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, values, X + K);
    for (int i = X; i < X + K; i++) values[i] *= 0.2f;
    value_at(program, plugin, values, values + X, gradients);
    int close = 0;
    for (int i = 0; i < X + K; i++) {
        const float kept = values[i], by = 2e-3f;
        values[i] = kept + by;
        const float more = value_at(program, plugin, values, values + X, NULL);
        values[i] = kept - by;
        const float less = value_at(program, plugin, values, values + X, NULL);
        values[i] = kept;
        const float slope = (more - less) / (2 * by);
        close += fabsf(slope - gradients[i]) < 0.02f * (fabsf(slope) + 0.05f);
    }
    assert_true(close > (X + K) * 95 / 100); // a difference may cross a corner
    rb_program_destroy(program);
    rb_plugin_close(plugin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_files), cmocka_unit_test(test_shapes_are_checked),
        cmocka_unit_test(test_text),      cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
