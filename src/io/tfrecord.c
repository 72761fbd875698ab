// See tfrecord.h.
//
//     buffer  [ ended records ............ | header, data, footer being filled | free ]
//             0                          ended                             open
#include "io/tfrecord.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { BUFFER_BYTES = 1 << 16, HEADER = 12, FOOTER = 4 };

struct rb_tfrecord {
    int fd;
    int64_t written; // the file's length
    uint8_t *buffer;
    size_t room, ended, open;
    rb_error error;     // a fault that no later try mends; status RB_OK: none
    rb_error unwritten; // why the last try failed: the records are still in the buffer
    char path[1024];
};

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static void fault(rb_tfrecord *f, const char *what)
{
    if (f->error.status == RB_OK)
        rb_error_set(&f->error, RB_ERR_FILE, "%s: %s: %s", f->path, what, strerror(errno));
}

static rb_status told(const rb_tfrecord *f, rb_error *error)
{
    const rb_error *why = f->error.status ? &f->error : &f->unwritten;
    if (why->status == RB_OK) return RB_OK;
    return rb_error_set(error, why->status, "%s", why->message);
}

rb_status rb_tfrecord_create(rb_tfrecord **out, const char *path, rb_error *error)
{
    rb_tfrecord *f = calloc(1, sizeof *f);
    uint8_t *buffer = malloc(BUFFER_BYTES);
    if (!f || !buffer) {
        free(f);
        free(buffer);
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write it", path);
    }
    f->buffer = buffer;
    f->room = BUFFER_BYTES;
    snprintf(f->path, sizeof f->path, "%s", path);
    f->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (f->fd < 0) {
        rb_status status = errno == EEXIST ? RB_ERR_EXISTS : RB_ERR_FILE;
        rb_error_set(error, status, "%s: can't be written: %s", path, strerror(errno));
        free(buffer);
        free(f);
        return status;
    }
    *out = f;
    return RB_OK;
}

// Writes the ended records. If only part of them fits on the disk, that part is removed again, so that the
// file ends with a whole record.
static void write_records(rb_tfrecord *f)
{
    size_t done = 0;
    f->unwritten = (rb_error){0};
    while (f->error.status == RB_OK && done < f->ended) {
        ssize_t now = write(f->fd, f->buffer + done, f->ended - done);
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) {
            rb_file_fail(&f->unwritten, f->path, "can't be written");
            if (done && ftruncate(f->fd, f->written)) fault(f, "its incomplete last record can't be removed");
            return;
        }
        done += (size_t)now;
    }
    f->written += (int64_t)done;
    f->ended = 0;
}

uint8_t *rb_tfrecord_room(rb_tfrecord *f, size_t bytes)
{
    assert(!f->open);
    const size_t whole = HEADER + bytes + FOOTER;
    if (f->ended + whole > f->room) write_records(f);
    const size_t least = f->ended + whole; // records that could not be written stay in front
    if (f->error.status == RB_OK && least > f->room) {
        uint8_t *grown = realloc(f->buffer, least);
        if (!grown) {
            rb_error_set(&f->error, RB_ERR_MEMORY, "%s: no memory for a record of %zu bytes", f->path, bytes);
            return NULL;
        }
        f->buffer = grown;
        f->room = least;
    }
    if (f->error.status != RB_OK) return NULL;
    f->open = whole;
    uint8_t *at = f->buffer + f->ended;
    put_u32(at, (uint32_t)bytes);
    put_u32(at + 4, (uint32_t)((uint64_t)bytes >> 32));
    put_u32(at + 8, rb_crc32c_masked(at, 8));
    return at + HEADER;
}

void rb_tfrecord_end(rb_tfrecord *f)
{
    if (!f->open) return; // after a fault
    uint8_t *data = f->buffer + f->ended + HEADER;
    const size_t bytes = f->open - HEADER - FOOTER;
    put_u32(data + bytes, rb_crc32c_masked(data, bytes));
    f->ended += f->open;
    f->open = 0;
}

rb_status rb_tfrecord_flush(rb_tfrecord *f, rb_error *error)
{
    write_records(f);
    return told(f, error);
}

rb_status rb_tfrecord_sync(rb_tfrecord *f, rb_error *error)
{
    write_records(f);
    if (told(f, NULL) == RB_OK && fdatasync(f->fd)) rb_file_fail(&f->unwritten, f->path, "can't be written");
    return told(f, error);
}

rb_status rb_tfrecord_close(rb_tfrecord *f, rb_error *error)
{
    if (!f) return RB_OK;
    write_records(f);
    if (close(f->fd)) fault(f, "can't be written");
    rb_status status = told(f, error);
    free(f->buffer);
    free(f);
    return status;
}
