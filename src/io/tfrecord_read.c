// Reading records back: see tfrecord.h. The whole file is in memory. Behind a damaged record, the next one is
// searched byte by byte: two checksums of 32 bits make it certain enough that a match is a record.
#include "io/tfrecord.h"

#include <stdlib.h>

#include "base/file.h"

enum { HEADER = 12, FOOTER = 4 };

struct rb_tfrecord_reader {
    uint8_t *file;
    size_t bytes, start, end; // of the file; of the newest record
    size_t damaged;
    bool torn;
};

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

rb_status rb_tfrecord_open(rb_tfrecord_reader **out, const char *path, rb_error *error)
{
    rb_tfrecord_reader *r = calloc(1, sizeof *r);
    char *file;
    if (!r) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    rb_status status = rb_file_read(path, &file, &r->bytes, error);
    if (status) {
        free(r);
        return status;
    }
    r->file = (uint8_t *)file;
    *out = r;
    return RB_OK;
}

typedef enum found { WHOLE, WRONG, SHORT } found; // SHORT: the file ends within it

static found look_at(const rb_tfrecord_reader *r, size_t at, size_t *length)
{
    const size_t left = r->bytes - at;
    const uint8_t *header = r->file + at;
    if (left < HEADER) return SHORT;
    if (get_u32(header + 8) != rb_crc32c_masked(header, 8)) return WRONG;
    const uint64_t bytes = get_u32(header) | (uint64_t)get_u32(header + 4) << 32;
    if (bytes > INT32_MAX) return WRONG; // no message is that large
    if (left - HEADER < bytes + FOOTER) return SHORT;
    *length = (size_t)bytes;
    const uint8_t *data = header + HEADER;
    return get_u32(data + bytes) == rb_crc32c_masked(data, *length) ? WHOLE : WRONG;
}

bool rb_tfrecord_next(rb_tfrecord_reader *r, const uint8_t **data, size_t *bytes)
{
    if (r->end == r->bytes) return false;
    const found first = look_at(r, r->end, bytes);
    size_t at = r->end;
    found now = first;
    while (now != WHOLE && ++at < r->bytes) now = look_at(r, at, bytes);
    if (now != WHOLE && first == SHORT) {
        r->torn = true;
        return false;
    }
    r->damaged += at - r->end;
    r->start = r->end = at;
    if (now != WHOLE) return false;
    *data = r->file + at + HEADER;
    r->end = at + HEADER + *bytes + FOOTER;
    return true;
}

size_t rb_tfrecord_start(const rb_tfrecord_reader *r)
{
    return r->start;
}

size_t rb_tfrecord_end_of(const rb_tfrecord_reader *r)
{
    return r->end;
}

size_t rb_tfrecord_damaged(const rb_tfrecord_reader *r)
{
    return r->damaged;
}

bool rb_tfrecord_torn(const rb_tfrecord_reader *r)
{
    return r->torn;
}

const uint8_t *rb_tfrecord_file(const rb_tfrecord_reader *r, size_t *bytes)
{
    *bytes = r->bytes;
    return r->file;
}

void rb_tfrecord_reader_close(rb_tfrecord_reader *r)
{
    if (!r) return;
    free(r->file);
    free(r);
}
