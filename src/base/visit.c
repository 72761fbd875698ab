#include "base/visit.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"

typedef enum { SAVE_FILE, LOAD_FILE, SAVE_MEMORY, LOAD_MEMORY, HASH } mode;

struct rb_visitor {
    mode mode;
    FILE *file;
    char *source;                  // the file's name in errors
    char beside[RB_PATH_MAX + 64]; // what `file` is called while it is written
    XXH3_state_t *hash;
    uint64_t left; // bytes of records not yet read
    unsigned char *memory;
    size_t memory_bytes, memory_capacity, memory_at;
    char path[256];
    size_t levels[16];
    int depth;
    bool outside; // RBSTATE2
    rb_outside_fn load_outside;
    void *outside_context;
    bool image; // memory gets a whole file: with the magic and the hash at its end
    bool part;  // memory is the caller's, and has no more room
    rb_error error;
    uint64_t size; // bytes saved or hashed so far
};

static const char magic[8] = {'R', 'B', 'S', 'T', 'A', 'T', 'E', '1'};
static const char magic_outside[8] = {'R', 'B', 'S', 'T', 'A', 'T', 'E', '2'};
enum { RECORD_HEAD_BYTES = 10, TRAILER_BYTES = RECORD_HEAD_BYTES + 8 };

static rb_status visitor_create(rb_visitor **out, mode kind, const char *source, rb_error *error)
{
    rb_visitor *v = calloc(1, sizeof *v);
    if (v) {
        v->mode = kind;
        v->source = strdup(source);
        v->hash = XXH3_createState();
    }
    if (!v || !v->source || !v->hash) {
        if (v) {
            free(v->source);
            XXH3_freeState(v->hash);
        }
        free(v);
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to visit the state", source);
    }
    XXH3_64bits_reset(v->hash);
    *out = v;
    return RB_OK;
}

static void visitor_free(rb_visitor *v)
{
    if (v->file && v->mode == SAVE_FILE)
        rb_file_end(v->file, v->source, v->beside, false, NULL);
    else if (v->file)
        fclose(v->file);
    if (v->mode == SAVE_MEMORY && !v->part) free(v->memory);
    free(v->source);
    XXH3_freeState(v->hash);
    free(v);
}

bool rb_visitor_loading(const rb_visitor *v)
{
    return v->mode == LOAD_FILE || v->mode == LOAD_MEMORY;
}
bool rb_visitor_hashing(const rb_visitor *v)
{
    return v->mode == HASH;
}
bool rb_visitor_failed(const rb_visitor *v)
{
    return v->error.status != RB_OK;
}
bool rb_visitor_outside(const rb_visitor *v)
{
    return v->outside;
}
bool rb_visitor_imaging(const rb_visitor *v)
{
    return v->image;
}
const char *rb_visitor_path(const rb_visitor *v)
{
    return v->path;
}
void rb_visitor_set_outside(rb_visitor *v, rb_outside_fn load, void *context)
{
    v->load_outside = load;
    v->outside_context = context;
}

void rb_visit_outside(rb_visitor *v)
{
    if (!v->outside || v->error.status) return;
    if (!v->load_outside)
        rb_visitor_fail(v, RB_ERR_FORMAT, "a part of this state is in other files");
    else if (v->load_outside(v->outside_context, &v->error) && !v->error.status)
        rb_visitor_fail(v, RB_ERR_FORMAT, "a part of this state could not be loaded");
}

uint64_t rb_visitor_sum(const rb_visitor *v)
{
    return XXH3_64bits_digest(v->hash);
}

uint64_t rb_visitor_size(const rb_visitor *v)
{
    return v->size;
}

uint64_t rb_visitor_left(const rb_visitor *v)
{
    return v->left;
}

void rb_visitor_fail(rb_visitor *v, rb_status status, const char *format, ...)
{
    if (v->error.status) return; // only the first fault explains the failure
    char text[900];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rb_error_set(&v->error, status, "%s: %s", v->source, text);
}

static bool make_room(rb_visitor *v, size_t bytes)
{
    if (v->memory_bytes + bytes <= v->memory_capacity) return true;
    // A file is large and little larger than the one before it; a part is doubled.
    size_t least = v->memory_bytes + bytes, room = v->image ? least + least / 8 : 2 * least;
    void *grown = v->part ? NULL : realloc(v->memory, room);
    if (!grown) {
        rb_visitor_fail(v, RB_ERR_MEMORY, "no memory for %zu bytes of state", room);
        return false;
    }
    v->memory = grown;
    v->memory_capacity = room;
    return true;
}

// The raw transfer. Written data is hashed on the way; data being read was hashed before (check_whole).
static void put(rb_visitor *v, const void *data, size_t bytes)
{
    if (v->error.status) return;
    XXH3_64bits_update(v->hash, data, bytes);
    v->size += bytes;
    if (v->mode == SAVE_FILE) {
        if (fwrite(data, 1, bytes, v->file) != bytes)
            rb_visitor_fail(v, errno == ENOSPC || errno == EDQUOT ? RB_ERR_FULL : RB_ERR_FILE,
                            "can't write: %s", strerror(errno));
    } else if (v->mode == SAVE_MEMORY) {
        if (!make_room(v, bytes)) return;
        memcpy(v->memory + v->memory_bytes, data, bytes);
        v->memory_bytes += bytes;
    }
}

static void get(rb_visitor *v, void *data, size_t bytes)
{
    if (v->error.status) return;
    if (bytes > v->left) {
        rb_visitor_fail(v, RB_ERR_FORMAT, "ends too early: %s is missing", v->path);
        return;
    }
    v->left -= bytes;
    if (v->mode == LOAD_FILE) {
        if (fread(data, 1, bytes, v->file) != bytes)
            rb_visitor_fail(v, RB_ERR_FILE, "can't read: %s", strerror(errno));
    } else {
        memcpy(data, v->memory + v->memory_at, bytes);
        v->memory_at += bytes;
    }
}

static void encode_head(unsigned char head[RECORD_HEAD_BYTES], size_t path_bytes, uint64_t data_bytes)
{
    for (int i = 0; i < 2; i++) head[i] = (unsigned char)(path_bytes >> (8 * i));
    for (int i = 0; i < 8; i++) head[2 + i] = (unsigned char)(data_bytes >> (8 * i));
}

static uint64_t decode(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

rb_status rb_visitor_save(rb_visitor **out, const char *path, rb_error *error)
{
    rb_status status = visitor_create(out, SAVE_FILE, path, error);
    if (status) return status;
    (*out)->file = rb_file_begin(path, (*out)->beside, sizeof(*out)->beside, error);
    if (!(*out)->file) {
        visitor_free(*out);
        *out = NULL;
        return error ? error->status : RB_ERR_FILE;
    }
    setvbuf((*out)->file, NULL, _IOFBF, 1 << 20);
    put(*out, magic, sizeof magic);
    return RB_OK;
}

// Reads the whole file once, so that nothing is loaded from a truncated or changed file.
static rb_status check_whole(rb_visitor *v, rb_error *error)
{
    enum { CHUNK_BYTES = 1 << 20 };
    if (fseeko(v->file, 0, SEEK_END))
        return rb_error_set(error, RB_ERR_FILE, "%s: %s", v->source, strerror(errno));
    off_t size = ftello(v->file);
    rewind(v->file);
    char head[sizeof magic];
    if (size < (off_t)(sizeof magic + TRAILER_BYTES) || fread(head, 1, sizeof head, v->file) != sizeof head ||
        (memcmp(head, magic, sizeof magic) && memcmp(head, magic_outside, sizeof magic)))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: is not a saved state, or was cut short", v->source);
    const rb_status status = rb_visit_check_end(v->file, v->source, error);
    if (status || fseeko(v->file, sizeof head, SEEK_SET)) return status ? status : RB_ERR_FILE;

    v->outside = !memcmp(head, magic_outside, sizeof magic);
    unsigned char *chunk = malloc(CHUNK_BYTES);
    if (!chunk) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", v->source);
    XXH3_64bits_update(v->hash, head, sizeof head);
    uint64_t left = (uint64_t)size - sizeof magic - TRAILER_BYTES;
    v->left = left;
    bool read_all = true;
    while (left && read_all) {
        size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        read_all = fread(chunk, 1, want, v->file) == want;
        XXH3_64bits_update(v->hash, chunk, want);
        left -= want;
    }
    free(chunk);
    unsigned char trailer[TRAILER_BYTES], expected[RECORD_HEAD_BYTES];
    encode_head(expected, 0, 8);
    if (!read_all || fread(trailer, 1, sizeof trailer, v->file) != sizeof trailer)
        return rb_error_set(error, RB_ERR_FILE, "%s: can't be read: %s", v->source, strerror(errno));
    if (memcmp(trailer, expected, sizeof expected) ||
        decode(trailer + RECORD_HEAD_BYTES, 8) != XXH3_64bits_digest(v->hash))
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: was cut short or changed: its contents do not match its checksum",
                            v->source);
    if (fseeko(v->file, sizeof magic, SEEK_SET))
        return rb_error_set(error, RB_ERR_FILE, "%s: %s", v->source, strerror(errno));
    return RB_OK;
}

rb_status rb_visitor_load(rb_visitor **out, const char *path, rb_error *error)
{
    rb_status status = visitor_create(out, LOAD_FILE, path, error);
    if (status) return status;
    rb_error why = {0};
    (*out)->file = rb_file_open(path, &why);
    if (!(*out)->file)
        status = rb_error_set(error, why.status, "%s", why.message);
    else
        status = check_whole(*out, error);
    if (status) {
        visitor_free(*out);
        *out = NULL;
    }
    return status;
}

rb_status rb_visitor_hash(rb_visitor **out, rb_error *error)
{
    return visitor_create(out, HASH, "state", error);
}

rb_status rb_visitor_save_memory(rb_visitor **out, rb_error *error)
{
    return visitor_create(out, SAVE_MEMORY, "state in memory", error);
}

rb_status rb_visitor_save_image(rb_visitor **out, void *buffer, size_t room, rb_error *error)
{
    rb_status status = visitor_create(out, SAVE_MEMORY, "state in memory", error);
    if (status) {
        free(buffer);
        return status;
    }
    (*out)->outside = (*out)->image = true;
    (*out)->memory = buffer;
    (*out)->memory_capacity = buffer ? room : 0;
    put(*out, magic_outside, sizeof magic_outside);
    return RB_OK;
}

void rb_visit_gap(rb_visitor *v, size_t bytes)
{
    if (v->error.status || !make_room(v, bytes)) return;
    v->memory_bytes += bytes;
    v->size += bytes;
}

rb_status rb_visitor_save_part(rb_visitor **out, void *gap, size_t bytes, rb_error *error)
{
    rb_status status = visitor_create(out, SAVE_MEMORY, "state in memory", error);
    if (status) return status;
    (*out)->part = true;
    (*out)->memory = gap;
    (*out)->memory_capacity = bytes;
    return RB_OK;
}

rb_status rb_visitor_load_memory(rb_visitor **out, const void *data, size_t bytes, rb_error *error)
{
    rb_status status = visitor_create(out, LOAD_MEMORY, "state in memory", error);
    if (status) return status;
    (*out)->memory = (unsigned char *)data;
    (*out)->left = bytes;
    return RB_OK;
}

static void put_trailer(rb_visitor *v)
{
    unsigned char trailer[TRAILER_BYTES];
    uint64_t digest = XXH3_64bits_digest(v->hash);
    encode_head(trailer, 0, 8);
    for (int i = 0; i < 8; i++) trailer[RECORD_HEAD_BYTES + i] = (unsigned char)(digest >> (8 * i));
    put(v, trailer, sizeof trailer);
}

uint64_t rb_visit_seal(void *image, size_t bytes)
{
    const uint64_t digest = XXH3_64bits(image, bytes - TRAILER_BYTES);
    unsigned char *end = (unsigned char *)image + bytes;
    for (int i = 0; i < 8; i++) end[i - 8] = (unsigned char)(digest >> (8 * i));
    return digest;
}

rb_status rb_visitor_finish(rb_visitor *v, uint64_t *hash, rb_error *error)
{
    if (hash) *hash = XXH3_64bits_digest(v->hash);
    if (v->mode == SAVE_FILE && !v->error.status) {
        put_trailer(v);
        FILE *file = v->file;
        v->file = NULL;
        rb_file_end(file, v->source, v->beside, !v->error.status, v->error.status ? NULL : &v->error);
    }
    if (v->part && v->memory_bytes != v->memory_capacity)
        rb_visitor_fail(v, RB_ERR_FORMAT, "a part of it has another size than its gap");
    if (rb_visitor_loading(v) && v->left)
        rb_visitor_fail(v, RB_ERR_FORMAT, "has %" PRIu64 " more bytes than these settings expect", v->left);
    rb_status status = v->error.status;
    if (status && error) *error = v->error;
    visitor_free(v);
    return status;
}

rb_status rb_visitor_finish_memory(rb_visitor *v, void **data, size_t *bytes, rb_error *error)
{
    if (v->image) put_trailer(v);
    rb_status status = v->error.status;
    if (status && error) *error = v->error;
    *data = status ? NULL : v->memory;
    *bytes = status ? 0 : v->memory_bytes;
    if (!status) v->memory = NULL;
    visitor_free(v);
    return status;
}

void rb_visit_open(rb_visitor *v, const char *name)
{
    size_t at = strlen(v->path);
    if (v->depth == 16 || at + strlen(name) + 2 > sizeof v->path) {
        rb_visitor_fail(v, RB_ERR_FORMAT, "state nested too deeply at %s/%s", v->path, name);
        return;
    }
    v->levels[v->depth++] = at;
    snprintf(v->path + at, sizeof v->path - at, "%s%s", at ? "/" : "", name);
}

void rb_visit_close(rb_visitor *v)
{
    if (v->depth) v->path[v->levels[--v->depth]] = 0;
}

static void put_head(rb_visitor *v, size_t bytes)
{
    unsigned char head[RECORD_HEAD_BYTES];
    size_t path_bytes = strlen(v->path);
    encode_head(head, path_bytes, bytes);
    put(v, head, sizeof head);
    put(v, v->path, path_bytes);
}

void rb_visit_pieces(rb_visitor *v, const char *name, size_t bytes)
{
    rb_visit_open(v, name);
    if (v->error.status) return;
    put_head(v, bytes);
    rb_visit_close(v);
}

void rb_visit_piece(rb_visitor *v, const void *data, size_t bytes)
{
    if (!v->error.status) put(v, data, bytes);
}

void rb_visit_bytes(rb_visitor *v, const char *name, void *data, size_t bytes)
{
    rb_visit_open(v, name);
    if (v->error.status) return;
    if (!rb_visitor_loading(v)) {
        put_head(v, bytes);
        put(v, data, bytes);
    } else {
        unsigned char head[RECORD_HEAD_BYTES];
        get(v, head, sizeof head);
        char found[sizeof v->path] = "";
        size_t found_bytes = v->error.status ? 0 : decode(head, 2);
        if (!v->error.status && found_bytes >= sizeof found)
            rb_visitor_fail(v, RB_ERR_FORMAT, "the record at %s has an invalid name", v->path);
        get(v, found, found_bytes);
        if (!v->error.status && strcmp(found, v->path))
            rb_visitor_fail(v, RB_ERR_FORMAT, "has %s, but these settings expect %s", found, v->path);
        else if (!v->error.status && decode(head + 2, 8) != bytes)
            rb_visitor_fail(v, RB_ERR_FORMAT, "%s has %" PRIu64 " bytes, but these settings expect %zu",
                            v->path, decode(head + 2, 8), bytes);
        get(v, data, bytes);
    }
    rb_visit_close(v);
}

void rb_visit_bool(rb_visitor *v, const char *name, bool *value)
{
    unsigned char byte = *value;
    rb_visit_bytes(v, name, &byte, 1);
    rb_visit_limits(v, name, byte, 0, 1);
    *value = byte != 0;
}

void rb_visit_i32(rb_visitor *v, const char *name, int32_t *value)
{
    rb_visit_bytes(v, name, value, sizeof *value);
}
void rb_visit_u32(rb_visitor *v, const char *name, uint32_t *value)
{
    rb_visit_bytes(v, name, value, sizeof *value);
}
void rb_visit_i64(rb_visitor *v, const char *name, int64_t *value)
{
    rb_visit_bytes(v, name, value, sizeof *value);
}
void rb_visit_u64(rb_visitor *v, const char *name, uint64_t *value)
{
    rb_visit_bytes(v, name, value, sizeof *value);
}
void rb_visit_f64(rb_visitor *v, const char *name, double *value)
{
    rb_visit_bytes(v, name, value, sizeof *value);
}

void rb_visit_f32s(rb_visitor *v, const char *name, float *values, size_t count)
{
    rb_visit_bytes(v, name, values, count * sizeof *values);
}

void rb_visit_f64s(rb_visitor *v, const char *name, double *values, size_t count)
{
    rb_visit_bytes(v, name, values, count * sizeof *values);
}

void rb_visit_expect(rb_visitor *v, const char *name, uint64_t value)
{
    uint64_t found = value;
    rb_visit_u64(v, name, &found);
    if (!v->error.status && found != value)
        rb_visitor_fail(v, RB_ERR_FORMAT, "%s/%s is %" PRIu64 ", but these settings expect %" PRIu64, v->path,
                        name, found, value);
}

static bool checks(const rb_visitor *v)
{
    return rb_visitor_loading(v) && !v->error.status;
}

void rb_visit_limits(rb_visitor *v, const char *name, int64_t value, int64_t least, int64_t most)
{
    if (checks(v) && (value < least || value > most))
        rb_visitor_fail(v, RB_ERR_FORMAT, "%s/%s is %" PRId64 ", but must be from %" PRId64 " to %" PRId64,
                        v->path, name, value, least, most);
}

void rb_visit_limit_f64(rb_visitor *v, const char *name, double value, double least, double most)
{
    if (checks(v) && !(value >= least && value <= most))
        rb_visitor_fail(v, RB_ERR_FORMAT, "%s/%s is %g, but must be from %g to %g", v->path, name, value,
                        least, most);
}

static void not_finite(rb_visitor *v, const char *name, size_t i, double value)
{
    rb_visitor_fail(v, RB_ERR_FORMAT, "%s/%s[%zu] is %g, but must be finite", v->path, name, i, value);
}

void rb_visit_finite_f32(rb_visitor *v, const char *name, const float *values, size_t count)
{
    for (size_t i = 0; checks(v) && i < count; i++)
        if (!isfinite(values[i])) not_finite(v, name, i, (double)values[i]);
}

void rb_visit_finite_floats(rb_visitor *v, const char *name, const void *floats, size_t count)
{
    for (size_t i = 0; checks(v) && i < count; i++) {
        float value;
        memcpy(&value, (const char *)floats + i * sizeof value, sizeof value);
        if (!isfinite(value)) not_finite(v, name, i, (double)value);
    }
}

void rb_visit_finite_f64(rb_visitor *v, const char *name, const double *values, size_t count)
{
    for (size_t i = 0; checks(v) && i < count; i++)
        if (!isfinite(values[i])) not_finite(v, name, i, values[i]);
}
