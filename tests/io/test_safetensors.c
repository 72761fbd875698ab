// Safetensors: a file of the Python package is read, and written again byte for byte; broken files are
// rejected with a message that names them.
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
#include "io/safetensors.h"

static const char golden[] = RB_TEST_DATA "/small.safetensors";
static char path[64];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(path, sizeof path, "/tmp/rb_safetensors_%ld", (long)getpid());
    unlink(path);
    return 0;
}

static int gone(void **unused)
{
    (void)unused;
    unlink(path);
    return 0;
}

static void the_packages_file_is_read(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int dims;
        int64_t shape[4];
    } expected[] = {{"advantage.0.bias", 1, {3}}, {"advantage.0.weight", 2, {3, 5}},
                    {"nothing", 2, {0, 4}},       {"odd \"name\"\n\xc3\xbc", 2, {1, 1}},
                    {"single", 0, {0}},           {"trunk.0.weight", 4, {2, 3, 2, 2}}};
    rb_safetensors *file;
    assert_int_equal(rb_safetensors_open(&file, golden, NULL), RB_OK);
    assert_int_equal(rb_safetensors_count(file), 6);
    for (int i = 0; i < 6; i++) {
        int at = rb_safetensors_find(file, expected[i].name);
        assert_true(at >= 0);
        const rb_safetensor *tensor = rb_safetensors_get(file, at);
        assert_string_equal(tensor->name, expected[i].name);
        assert_int_equal(tensor->dims, expected[i].dims);
        size_t count = 1;
        for (int d = 0; d < tensor->dims; d++) {
            assert_int_equal(tensor->shape[d], expected[i].shape[d]);
            count *= (size_t)tensor->shape[d];
        }
        assert_int_equal(tensor->count, count);
        float values[24];
        rb_safetensors_read(file, at, values);
        for (size_t k = 0; k < count; k++) assert_true(values[k] == 0.5f * (float)k - (float)i);
    }
    assert_int_equal(rb_safetensors_find(file, "trunk.0"), -1);
    assert_int_equal(rb_safetensors_note_count(file), 1);
    assert_string_equal(rb_safetensors_note_get(file, 0).key, "made by");
    assert_memory_equal(rb_safetensors_note_find(file, "made by"), "safetensors ", 12);
    assert_null(rb_safetensors_note_find(file, "made"));
    rb_safetensors_close(file);
}

static void from_file(void *context, int i, void *out)
{
    const rb_safetensors *file = context;
    rb_safetensors_read(file, rb_safetensors_count(file) - 1 - i, out);
}

static void written_again_it_is_the_same_file(void **unused)
{
    (void)unused;
    rb_safetensors *file;
    rb_safetensor tensors[6];
    assert_int_equal(rb_safetensors_open(&file, golden, NULL), RB_OK);
    for (int i = 0; i < 6; i++) tensors[i] = *rb_safetensors_get(file, 5 - i); // in any order
    rb_safetensors_note note = rb_safetensors_note_get(file, 0);
    assert_int_equal(rb_safetensors_write(path, tensors, 6, &note, 1, from_file, file, NULL), RB_OK);
    char *a, *b;
    size_t a_bytes, b_bytes;
    assert_int_equal(rb_file_read(golden, &a, &a_bytes, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &b, &b_bytes, NULL), RB_OK);
    assert_int_equal(a_bytes, b_bytes);
    assert_memory_equal(a, b, a_bytes);
    free(a);
    free(b);
    rb_safetensors_close(file);
}

static void whole_numbers(void *context, int i, void *out)
{
    const rb_safetensor *t = (const rb_safetensor *)context + i;
    for (size_t k = 0; k < t->count; k++) {
        if (t->type == RB_SAFETENSOR_U8)
            ((uint8_t *)out)[k] = (uint8_t)(200 + k);
        else if (t->type == RB_SAFETENSOR_I32)
            ((int32_t *)out)[k] = 70000 - (int32_t)k;
        else
            ((float *)out)[k] = 0.5f * (float)k;
    }
}

// mixed.safetensors, also made by make_safetensors.py.
static void other_types_are_written_as_the_package_does(void **unused)
{
    (void)unused;
    const rb_safetensor tensors[] = {
        {.name = "a bytes", .dims = 2, .shape = {3, 3}, .count = 9, .type = RB_SAFETENSOR_U8},
        {.name = "b whole", .dims = 1, .shape = {5}, .count = 5, .type = RB_SAFETENSOR_I32},
        {.name = "d floats", .dims = 1, .shape = {3}, .count = 3},
        {.name = "c bytes", .dims = 1, .shape = {2}, .count = 2, .type = RB_SAFETENSOR_U8},
    };
    char *a, *b;
    size_t a_bytes, b_bytes;
    assert_int_equal(rb_safetensors_write(path, tensors, 4, NULL, 0, whole_numbers, (void *)tensors, NULL),
                     RB_OK);
    assert_int_equal(rb_file_read(RB_TEST_DATA "/mixed.safetensors", &a, &a_bytes, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &b, &b_bytes, NULL), RB_OK);
    assert_int_equal(a_bytes, b_bytes);
    assert_memory_equal(a, b, a_bytes);
    free(a);
    free(b);
}

static void nothing_to_fill(void *context, int i, void *out)
{
    (void)context, (void)i, (void)out;
    fail();
}

static void ramp(void *context, int i, void *out)
{
    const rb_safetensor *tensors = context;
    float *values = out;
    for (size_t k = 0; k < tensors[i].count; k++) values[k] = (float)k + 0.25f;
}

static void files_of_every_size_come_back(void **unused)
{
    (void)unused;
    rb_safetensors *file;
    assert_int_equal(rb_safetensors_write(path, NULL, 0, NULL, 0, nothing_to_fill, NULL, NULL), RB_OK);
    assert_int_equal(rb_safetensors_open(&file, path, NULL), RB_OK);
    assert_int_equal(rb_safetensors_count(file), 0);
    assert_int_equal(rb_safetensors_note_count(file), 0);
    rb_safetensors_close(file);

    rb_safetensor large = {.name = "large", .dims = 2, .shape = {1000, 777}, .count = 777000};
    float *values = malloc(large.count * sizeof *values);
    for (int length = 0; length < 9; length++) { // every amount of padding in the header
        char key[16] = "";
        memset(key, 'k', (size_t)length);
        rb_safetensors_note notes[] = {{key, "1"}, {"step", "250000"}};
        assert_int_equal(rb_safetensors_write(path, &large, 1, notes, 2, ramp, &large, NULL), RB_OK);
        assert_int_equal(rb_safetensors_open(&file, path, NULL), RB_OK);
        assert_string_equal(rb_safetensors_note_find(file, "step"), "250000");
        assert_string_equal(rb_safetensors_note_find(file, key), "1");
        rb_safetensors_read(file, 0, values);
        for (size_t k = 0; k < large.count; k++) assert_true(values[k] == (float)k + 0.25f);
        rb_safetensors_close(file);
    }
    free(values);
}

static void what_cannot_be_written_leaves_nothing(void **unused)
{
    (void)unused;
    rb_safetensor one = {.name = "one", .count = 1};
    rb_error error;
    assert_int_equal(rb_safetensors_write("/nowhere/at/all", &one, 1, NULL, 0, ramp, &one, &error),
                     RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/at/all"));
}

static rb_status open_bytes(const void *bytes, size_t size, rb_error *error)
{
    rb_safetensors *file = NULL;
    FILE *out = fopen(path, "wb"); // thousands of them: not synced
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
    rb_status status = rb_safetensors_open(&file, path, error);
    if (status == RB_OK) rb_safetensors_close(file);
    return status;
}

static void cut_or_longer_files_are_refused(void **unused)
{
    (void)unused;
    char *whole;
    size_t bytes;
    rb_error error;
    assert_int_equal(rb_file_read(golden, &whole, &bytes, NULL), RB_OK);
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_int_equal(open_bytes(whole, cut, &error), RB_ERR_FORMAT);
        assert_memory_equal(error.message, path, strlen(path));
    }
    assert_non_null(
        strstr(error.message, "the file was cut short: its tensors take 176 bytes, but it has 175"));
    assert_int_equal(open_bytes(whole, bytes + 1, &error), RB_ERR_FORMAT); // rb_file_read puts a NUL there
    assert_non_null(strstr(error.message, "there is data after the tensors"));
    assert_int_equal(open_bytes(whole, bytes, &error), RB_OK);
    free(whole);
}

// A file with a checksum: no byte can change, not even one of the checksum's own name and digits.
static void any_changed_byte_is_found(void **unused)
{
    (void)unused;
    rb_safetensor one = {.name = "one", .dims = 1, .shape = {3}, .count = 3};
    const rb_safetensors_note notes[] = {rb_safetensors_checksum, {"step", "5"}};
    char *whole;
    size_t bytes;
    rb_error error;
    assert_int_equal(rb_safetensors_write(path, &one, 1, notes, 2, ramp, &one, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &whole, &bytes, NULL), RB_OK);
    assert_int_equal(open_bytes(whole, bytes, NULL), RB_OK);
    for (size_t at = 0; at < bytes; at++) {
        const char kept = whole[at];
        for (int bit = 0; bit < 8; bit++) {
            whole[at] = (char)(kept ^ 1 << bit);
            assert_int_equal(open_bytes(whole, bytes, &error), RB_ERR_FORMAT);
        }
        whole[at] = kept;
    }
    whole[bytes - 1] ^= 1;
    open_bytes(whole, bytes, &error);
    assert_non_null(strstr(error.message, "its contents do not match its checksum"));
    free(whole);
}

// As written by another program: the checksum was computed with Python's xxhash.
static void the_checksum_is_the_documented_one(void **unused)
{
    (void)unused;
    static const char header[] = "{\"__metadata__\":{\"rainbow_checksum\":\"xxh3_64:DIGITS__________\"},"
                                 "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    char bytes[256] = {0};
    const uint64_t length = strlen(header);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    memcpy(strstr(bytes + 8, "DIGITS"), "34de41ecbf268166", 16);
    memcpy(bytes + 8 + length, "\0\0\x80?", 4);
    assert_int_equal(open_bytes(bytes, 8 + length + 4, NULL), RB_OK);
}

static void no_changed_header_breaks_the_reader(void **unused)
{
    (void)unused;
    char *whole;
    size_t bytes;
    int refused = 0;
    assert_int_equal(rb_file_read(golden, &whole, &bytes, NULL), RB_OK);
    static const char into[] = {0, '"', '9', '-', (char)0xff, '{', ']', ','};
    for (size_t at = 0; at < bytes - 176; at += 3) {
        char kept = whole[at];
        whole[at] = into[at % sizeof into];
        rb_error error = {0};
        rb_status status = open_bytes(whole, bytes, &error);
        assert_true(status == RB_OK || status == RB_ERR_FORMAT);
        refused += status == RB_ERR_FORMAT;
        whole[at] = kept;
    }
    assert_true(refused > 80);
    free(whole);
}

static void each_fault_has_its_sentence(void **unused)
{
    (void)unused;
    static const struct {
        const char *header;
        size_t values;
        const char *sentence;
    } cases[] = {
        {"", 0, "its header is not a JSON object"},
        {"[]", 0, "its header is not a JSON object"},
        {"{} x", 0, "its header is not a JSON object"},
        {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
         "tensor 'a': only dtype F32 can be read"},
        {"{\"a\":1}", 0, "tensor 'a': it has no dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "tensor 'a': it has no shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4,
         "tensor 'a': its shape contains something other than whole numbers"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
         "tensor 'a': its shape contains something other than whole numbers"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[9007199254740992,9007199254740992],\"data_offsets\":[0,4]}}",
         4, "tensor 'a': its shape is too large"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
         "tensor 'a': it has more than 8 dimensions"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4,
         "tensor 'a': its data_offsets are not two whole numbers"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
         "tensor 'a': its shape and its data_offsets do not match"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
         "tensor 'a': its shape and its data_offsets do not match"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
         8, "tensor 'b' overlaps the one before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
         12, "tensor 'b' leaves a gap after the one before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         8, "tensor 'a' appears twice"},
        {"{\"__metadata__\":{\"step\":5}}", 0, "its metadata contains a value that is not text"},
        {"{\"__metadata__\":5}", 0, "its metadata is not an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[512] = {0};
        uint64_t length = strlen(cases[i].header);
        memcpy(bytes, &length, 8);
        memcpy(bytes + 8, cases[i].header, length);
        rb_error error = {0};
        assert_int_equal(open_bytes(bytes, 8 + length + cases[i].values, &error), RB_ERR_FORMAT);
        assert_memory_equal(error.message, path, strlen(path));
        assert_non_null(strstr(error.message, cases[i].sentence));
    }
    static const uint64_t lengths[] = {1, 100000001, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < 4; i++) assert_int_equal(open_bytes(&lengths[i], 8, NULL), RB_ERR_FORMAT);
    rb_safetensors *file;
    assert_int_equal(rb_safetensors_open(&file, "/nowhere/at/all", NULL), RB_ERR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_packages_file_is_read),
        cmocka_unit_test_setup_teardown(written_again_it_is_the_same_file, fresh, gone),
        cmocka_unit_test_setup_teardown(other_types_are_written_as_the_package_does, fresh, gone),
        cmocka_unit_test_setup_teardown(files_of_every_size_come_back, fresh, gone),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
        cmocka_unit_test_setup_teardown(cut_or_longer_files_are_refused, fresh, gone),
        cmocka_unit_test_setup_teardown(any_changed_byte_is_found, fresh, gone),
        cmocka_unit_test_setup_teardown(the_checksum_is_the_documented_one, fresh, gone),
        cmocka_unit_test_setup_teardown(no_changed_header_breaks_the_reader, fresh, gone),
        cmocka_unit_test_setup_teardown(each_fault_has_its_sentence, fresh, gone),
    };
    return cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
}
