// A safetensors file. What is accepted can be read in full, and written again with the same contents.
#include "fuzz/fuzz.h"
#include "io/safetensors.h"

static void fill(void *context, int i, void *out)
{
    rb_safetensors_read(context, i, out);
}

static void write_again(rb_safetensors *file)
{
    char path[256];
    snprintf(path, sizeof path, "%s/again", fuzz_directory());
    const int count = rb_safetensors_count(file);
    rb_safetensor *tensors = malloc(sizeof *tensors * (size_t)(count + 1));
    rb_safetensors_note notes[] = {rb_safetensors_checksum};
    rb_safetensors *back;
    rb_error error = {0};
    FUZZ_CHECK(tensors);
    for (int i = 0; i < count; i++) tensors[i] = *rb_safetensors_get(file, i);
    FUZZ_CHECK(!rb_safetensors_write(path, tensors, count, notes, 1, fill, file, &error));
    if (rb_safetensors_open(&back, path, &error)) {
        fprintf(stderr, "%s\n", error.message);
        FUZZ_CHECK(0);
    }
    FUZZ_CHECK(rb_safetensors_count(back) == count);
    for (int i = 0; i < count; i++) {
        const int at = rb_safetensors_find(back, tensors[i].name);
        FUZZ_CHECK(at >= 0 && rb_safetensors_get(back, at)->count == tensors[i].count);
    }
    rb_safetensors_close(back);
    free(tensors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    rb_safetensors *file;
    rb_error error = {0};
    if (rb_safetensors_open(&file, fuzz_file("weights", data, bytes), &error)) {
        FUZZ_CHECK(*error.message);
        return 0;
    }
    for (int i = 0; i < rb_safetensors_count(file); i++) {
        const rb_safetensor *tensor = rb_safetensors_get(file, i);
        FUZZ_CHECK(tensor->count <= bytes / sizeof(float));
        float *values = malloc(tensor->count * sizeof *values + 1);
        FUZZ_CHECK(values);
        rb_safetensors_read(file, i, values);
        free(values);
    }
    for (int i = 0; i < rb_safetensors_note_count(file); i++)
        FUZZ_CHECK(rb_safetensors_note_find(file, rb_safetensors_note_get(file, i).key));
    write_again(file);
    rb_safetensors_close(file);
    return 0;
}
