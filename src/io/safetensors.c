// Safetensors: see safetensors.h for the format.
#include "io/safetensors.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <xxhash.h>
#include "base/file.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors are little endian; this reader copies values as they are"
#endif

static const char metadata_key[] = "__metadata__";
enum { LENGTH_BYTES = 8, HEADER_MOST = 100000000 }; // the Python package's own limit

// ---- the checksum ----

#define CHECKSUM_KEY  "rainbow_checksum"
#define CHECKSUM_KIND "xxh3_64:"
enum { DIGITS = 16 };

const rb_safetensors_note rb_safetensors_checksum = {CHECKSUM_KEY, CHECKSUM_KIND "0000000000000000"};

static char *find_text(char *in, size_t bytes, const char *text)
{
    return memmem(in, bytes, text, strlen(text));
}

// The digits in a header, or NULL.
static char *checksum_digits(char *header, size_t bytes)
{
    char *kind = find_text(header, bytes, CHECKSUM_KIND);
    char *digits = kind ? kind + strlen(CHECKSUM_KIND) : NULL;
    return digits && (size_t)(header + bytes - digits) >= DIGITS ? digits : NULL;
}

static void digest_text(char out[DIGITS + 1], const char *image, size_t bytes)
{
    snprintf(out, DIGITS + 1, "%016" PRIx64, (uint64_t)XXH3_64bits(image, bytes));
}

// False if the file has a checksum that its bytes do not match. One damaged place can hide the key or the
// kind, but not both, so either makes it a file with a checksum.
static bool checksum_matches(char *image, size_t bytes, size_t header_bytes)
{
    char *header = image + LENGTH_BYTES, found[DIGITS], right[DIGITS + 1];
    char *digits = checksum_digits(header, header_bytes);
    if (!digits)
        return !find_text(header, header_bytes, CHECKSUM_KEY) &&
               !find_text(header, header_bytes, CHECKSUM_KIND);
    memcpy(found, digits, DIGITS);
    memset(digits, '0', DIGITS);
    digest_text(right, image, bytes);
    memcpy(digits, found, DIGITS);
    return !memcmp(found, right, DIGITS);
}

// ---- writing ----

typedef struct order { // a tensor's position in the file
    const rb_safetensor *tensor;
    int index; // in the caller's array
} order;

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [RB_SAFETENSOR_F32] = {"F32", 4}, [RB_SAFETENSOR_I32] = {"I32", 4}, [RB_SAFETENSOR_U8] = {"U8", 1}};

static size_t bytes_of(const rb_safetensor *tensor)
{
    return tensor->count * types[tensor->type].bytes;
}

static int by_type_and_name(const void *a, const void *b)
{
    const rb_safetensor_type x = ((const order *)a)->tensor->type, y = ((const order *)b)->tensor->type;
    if (x != y) return x < y ? -1 : 1;
    return strcmp(((const order *)a)->tensor->name, ((const order *)b)->tensor->name);
}

static bool add_tensor(cJSON *header, const rb_safetensor *tensor, double begin)
{
    cJSON *entry = cJSON_AddObjectToObject(header, tensor->name);
    bool fine = entry && cJSON_AddStringToObject(entry, "dtype", types[tensor->type].name);
    cJSON *shape = fine ? cJSON_AddArrayToObject(entry, "shape") : NULL;
    for (int d = 0; shape && fine && d < tensor->dims; d++)
        fine = cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[d]));
    cJSON *offsets = shape && fine ? cJSON_AddArrayToObject(entry, "data_offsets") : NULL;
    double end = begin + (double)bytes_of(tensor);
    return offsets && cJSON_AddItemToArray(offsets, cJSON_CreateNumber(begin)) &&
           cJSON_AddItemToArray(offsets, cJSON_CreateNumber(end));
}

// The header as text, to be freed with cJSON_free; NULL if memory ran out.
static char *make_header(const order *orders, int count, const rb_safetensors_note *notes, int note_count)
{
    cJSON *header = cJSON_CreateObject();
    bool fine = header != NULL;
    cJSON *metadata = fine && note_count ? cJSON_AddObjectToObject(header, metadata_key) : NULL;
    for (int i = 0; fine && i < note_count; i++)
        fine = metadata && cJSON_AddStringToObject(metadata, notes[i].key, notes[i].value);
    double begin = 0;
    for (int i = 0; fine && i < count; i++) {
        fine = add_tensor(header, orders[i].tensor, begin);
        begin += (double)bytes_of(orders[i].tensor);
    }
    char *text = fine ? cJSON_PrintUnformatted(header) : NULL;
    cJSON_Delete(header);
    return text;
}

rb_status rb_safetensors_make(char **out, size_t *out_bytes, const char *name, const rb_safetensor *tensors,
                              int count, const rb_safetensors_note *notes, int note_count,
                              rb_safetensors_fill fill, void *context, rb_error *error)
{
    order *orders = malloc((size_t)(count ? count : 1) * sizeof *orders);
    size_t values = 0;
    for (int i = 0; orders && i < count; i++) {
        orders[i] = (order){&tensors[i], i};
        values += bytes_of(&tensors[i]);
    }
    if (orders) qsort(orders, (size_t)count, sizeof *orders, by_type_and_name);
    char *header = orders ? make_header(orders, count, notes, note_count) : NULL;
    size_t length = header ? strlen(header) : 0, padded = (length + 7) / 8 * 8;
    size_t bytes = LENGTH_BYTES + padded + values;
    char *image = header ? malloc(bytes) : NULL;
    rb_status status = RB_OK;
    if (image) {
        uint64_t announced = padded;
        memcpy(image, &announced, LENGTH_BYTES);
        memcpy(image + LENGTH_BYTES, header, length);
        memset(image + LENGTH_BYTES + length, ' ', padded - length);
        char *at = image + LENGTH_BYTES + padded; // a multiple of 8 bytes into an aligned block
        for (int i = 0; i < count; i++) {
            fill(context, orders[i].index, at);
            at += bytes_of(orders[i].tensor);
        }
        if (note_count && !strcmp(notes[0].key, CHECKSUM_KEY)) {
            char digest[DIGITS + 1];
            digest_text(digest, image, bytes);
            memcpy(checksum_digits(image + LENGTH_BYTES, padded), digest, DIGITS);
        }
    } else {
        status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write its %zu bytes", name, bytes);
    }
    cJSON_free(header);
    free(orders);
    *out = image;
    *out_bytes = bytes;
    return status;
}

rb_status rb_safetensors_write(const char *path, const rb_safetensor *tensors, int count,
                               const rb_safetensors_note *notes, int note_count, rb_safetensors_fill fill,
                               void *context, rb_error *error)
{
    char *image;
    size_t bytes;
    rb_status status =
        rb_safetensors_make(&image, &bytes, path, tensors, count, notes, note_count, fill, context, error);
    if (!status) status = rb_file_write(path, image, bytes, error);
    free(image);
    return status;
}

// ---- reading ----

typedef struct entry {
    rb_safetensor tensor;
    uint64_t begin, end; // bytes from the start of the values
} entry;

struct rb_safetensors {
    char *bytes;
    const char *values;
    cJSON *header;
    entry *entries;
    rb_safetensors_note *notes;
    int count, note_count;
};

static rb_status broken(const char *path, const char *what, rb_error *error)
{
    return rb_error_set(error, RB_ERR_FORMAT, "%s: not a complete safetensors file: %s", path, what);
}

// A whole number that a double holds exactly.
static bool whole_number(const cJSON *item, uint64_t *out)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53)) return false;
    *out = (uint64_t)item->valuedouble;
    return (double)*out == item->valuedouble;
}

static const char *read_shape(const cJSON *json, rb_safetensor *tensor)
{
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(json, "shape"), *size;
    if (!cJSON_IsArray(shape)) return "it has no shape";
    if (cJSON_GetArraySize(shape) > RB_SAFETENSOR_DIMS_MAX) return "it has more than 8 dimensions";
    tensor->count = 1;
    cJSON_ArrayForEach(size, shape)
    {
        uint64_t n;
        if (!whole_number(size, &n)) return "its shape contains something other than whole numbers";
        if (__builtin_mul_overflow(tensor->count, n, &tensor->count)) return "its shape is too large";
        tensor->shape[tensor->dims++] = (int64_t)n;
    }
    return NULL;
}

static const char wrong_type[] = "only dtype F32 can be read; save it as float32: tensor.float() in PyTorch, "
                                 "array.astype('float32') in NumPy";

// Reads one tensor's entry in the header; returns NULL or what is wrong with it.
static const char *read_entry(const cJSON *json, entry *out)
{
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(json, "dtype");
    if (!cJSON_IsObject(json) || !cJSON_IsString(dtype)) return "it has no dtype";
    if (strcmp(dtype->valuestring, types[RB_SAFETENSOR_F32].name)) return wrong_type;
    out->tensor.name = json->string;
    const char *wrong = read_shape(json, &out->tensor);
    if (wrong) return wrong;
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(json, "data_offsets");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !whole_number(cJSON_GetArrayItem(offsets, 0), &out->begin) ||
        !whole_number(cJSON_GetArrayItem(offsets, 1), &out->end))
        return "its data_offsets are not two whole numbers";
    uint64_t bytes;
    if (__builtin_mul_overflow(out->tensor.count, types[out->tensor.type].bytes, &bytes) ||
        out->end < out->begin || out->end - out->begin != bytes)
        return "its shape and its data_offsets do not match";
    return NULL;
}

static int by_place(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); // empty tensors first
}

static int by_entry_name(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    return strcmp(x->tensor.name, y->tensor.name);
}

// Checks that the tensors together cover the values exactly once, without overlaps or gaps, and that no name
// appears twice.
static rb_status check_places(const rb_safetensors *file, uint64_t value_bytes, const char *path,
                              rb_error *error)
{
    const entry **sorted = malloc((size_t)(file->count ? file->count : 1) * sizeof *sorted);
    if (!sorted) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    for (int i = 0; i < file->count; i++) sorted[i] = &file->entries[i];
    uint64_t end = 0;
    rb_status status = RB_OK;
    qsort(sorted, (size_t)file->count, sizeof *sorted, by_entry_name);
    for (int i = 1; i < file->count && status == RB_OK; i++)
        if (!strcmp(sorted[i]->tensor.name, sorted[i - 1]->tensor.name))
            status = rb_error_set(error, RB_ERR_FORMAT, "%s: tensor '%s' appears twice", path,
                                  sorted[i]->tensor.name);
    qsort(sorted, (size_t)file->count, sizeof *sorted, by_place);
    for (int i = 0; i < file->count && status == RB_OK; i++) {
        if (sorted[i]->begin != end)
            status = rb_error_set(error, RB_ERR_FORMAT, "%s: tensor '%s' %s the one before it", path,
                                  sorted[i]->tensor.name,
                                  sorted[i]->begin < end ? "overlaps" : "leaves a gap after");
        end = sorted[i]->end;
    }
    free(sorted);
    if (status != RB_OK || end == value_bytes) return status;
    return rb_error_set(error, RB_ERR_FORMAT, "%s: %s: its tensors take %llu bytes, but it has %llu", path,
                        end > value_bytes ? "the file was cut short" : "there is data after the tensors",
                        (unsigned long long)end, (unsigned long long)value_bytes);
}

static rb_status read_notes(rb_safetensors *file, const cJSON *metadata, const char *path, rb_error *error)
{
    if (!cJSON_IsObject(metadata)) return broken(path, "its metadata is not an object", error);
    if (file->notes) return broken(path, "its metadata appears twice", error);
    file->notes = calloc((size_t)cJSON_GetArraySize(metadata) + 1, sizeof *file->notes);
    if (!file->notes) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    const cJSON *note;
    cJSON_ArrayForEach(note, metadata)
    {
        if (!cJSON_IsString(note))
            return broken(path, "its metadata contains a value that is not text", error);
        file->notes[file->note_count++] = (rb_safetensors_note){note->string, note->valuestring};
    }
    return RB_OK;
}

static rb_status read_header(rb_safetensors *file, uint64_t value_bytes, const char *path, rb_error *error)
{
    file->entries = calloc((size_t)cJSON_GetArraySize(file->header) + 1, sizeof *file->entries);
    if (!file->entries) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    const cJSON *json;
    cJSON_ArrayForEach(json, file->header)
    {
        if (!strcmp(json->string, metadata_key)) {
            rb_status status = read_notes(file, json, path, error);
            if (status != RB_OK) return status;
            continue;
        }
        const char *wrong = read_entry(json, &file->entries[file->count++]);
        if (wrong)
            return rb_error_set(error, RB_ERR_FORMAT, "%s: tensor '%s': %s", path, json->string, wrong);
    }
    return check_places(file, value_bytes, path, error);
}

// Finds the header and the values in the file's bytes, and parses the header.
static rb_status parse(rb_safetensors *file, size_t bytes, const char *path, rb_error *error)
{
    uint64_t length = 0;
    if (bytes < LENGTH_BYTES) return broken(path, "it is too short", error);
    memcpy(&length, file->bytes, LENGTH_BYTES);
    if (length > HEADER_MOST) return broken(path, "its header's length is out of range", error);
    if (length > bytes - LENGTH_BYTES) return broken(path, "it ends within its header", error);
    if (!checksum_matches(file->bytes, bytes, (size_t)length))
        return rb_error_set(
            error, RB_ERR_FORMAT,
            "%s: was cut short or changed: its contents do not match its checksum (a program that "
            "changes the file on purpose must remove " CHECKSUM_KEY " from its metadata)",
            path);
    const char *text = file->bytes + LENGTH_BYTES, *end = text;
    file->values = text + length;
    if (length && *text == '{') file->header = cJSON_ParseWithLengthOpts(text, (size_t)length, &end, false);
    while (end < file->values && *end == ' ') end++;
    if (!cJSON_IsObject(file->header) || end != file->values)
        return broken(path, "its header is not a JSON object", error);
    return read_header(file, bytes - LENGTH_BYTES - (size_t)length, path, error);
}

rb_status rb_safetensors_open(rb_safetensors **out, const char *path, rb_error *error)
{
    rb_safetensors *file = calloc(1, sizeof *file);
    if (!file) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    size_t bytes = 0;
    rb_status status = rb_file_read(path, &file->bytes, &bytes, error);
    if (status == RB_OK) status = parse(file, bytes, path, error);
    if (status != RB_OK) {
        rb_safetensors_close(file);
        return status;
    }
    *out = file;
    return RB_OK;
}

void rb_safetensors_close(rb_safetensors *file)
{
    if (!file) return;
    cJSON_Delete(file->header);
    free(file->entries);
    free(file->notes);
    free(file->bytes);
    free(file);
}

int rb_safetensors_count(const rb_safetensors *file)
{
    return file->count;
}

const rb_safetensor *rb_safetensors_get(const rb_safetensors *file, int i)
{
    assert(i >= 0 && i < file->count);
    return &file->entries[i].tensor;
}

int rb_safetensors_find(const rb_safetensors *file, const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (!strcmp(file->entries[i].tensor.name, name)) return i;
    return -1;
}

void rb_safetensors_read(const rb_safetensors *file, int i, float *out)
{
    assert(i >= 0 && i < file->count && file->entries[i].tensor.type == RB_SAFETENSOR_F32);
    memcpy(out, file->values + file->entries[i].begin, bytes_of(&file->entries[i].tensor));
}

int rb_safetensors_note_count(const rb_safetensors *file)
{
    return file->note_count;
}
rb_safetensors_note rb_safetensors_note_get(const rb_safetensors *file, int i)
{
    return file->notes[i];
}

const char *rb_safetensors_note_find(const rb_safetensors *file, const char *key)
{
    for (int i = 0; i < file->note_count; i++)
        if (!strcmp(file->notes[i].key, key)) return file->notes[i].value;
    return NULL;
}
