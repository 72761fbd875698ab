#include "io/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#ifdef RB_HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/file.h"

enum { HEAD_BYTES = 8, BLOCK_HEAD_BYTES = 8 };
static const char magic[HEAD_BYTES] = {'R', 'B', 'L', 'O', 'C', 'K', 'S', '1'};

#ifdef RB_HAVE_ZSTD
// The fastest level: differences of frames are nearly all zeros, and a higher level finds little more in them
// (measured, bench/RESULTS.md).
enum { LEVEL = 1 };
typedef ZSTD_CCtx compressor;

bool rb_blocks_compress(void)
{
    return true;
}

static size_t bound(size_t bytes)
{
    return ZSTD_compressBound(bytes);
}

static compressor *make_compressor(void)
{
    return ZSTD_createCCtx();
}

static void free_compressor(compressor *c)
{
    ZSTD_freeCCtx(c);
}

// 0: not smaller.
static size_t compress(compressor *c, void *out, size_t room, const void *in, size_t bytes)
{
    const size_t made = ZSTD_compressCCtx(c, out, room, in, bytes, LEVEL);
    return ZSTD_isError(made) || made >= bytes ? 0 : made;
}

static bool decompress(void *out, size_t bytes, const void *in, size_t in_bytes)
{
    return ZSTD_decompress(out, bytes, in, in_bytes) == bytes;
}
#else
typedef char compressor;

bool rb_blocks_compress(void)
{
    return false;
}

static size_t bound(size_t bytes)
{
    return bytes;
}

static compressor *make_compressor(void)
{
    return malloc(1);
}

static void free_compressor(compressor *c)
{
    free(c);
}

static size_t compress(compressor *c, void *out, size_t room, const void *in, size_t bytes)
{
    (void)c, (void)out, (void)room, (void)in, (void)bytes;
    return 0;
}

static bool decompress(void *out, size_t bytes, const void *in, size_t in_bytes)
{
    (void)out, (void)bytes, (void)in, (void)in_bytes;
    return false;
}
#endif

struct rb_blocks_writer {
    compressor *compressor;
    XXH3_state_t *hash;
    char *out; // [room] a block's head, then the block
    size_t room;
    int fd; // -1: no file is open
    uint64_t bytes;
    char path[RB_PATH_MAX];
};

rb_status rb_blocks_writer_create(rb_blocks_writer **out, size_t most_bytes, rb_error *error)
{
    rb_blocks_writer *w = calloc(1, sizeof *w);
    if (w) {
        w->fd = -1;
        w->room = BLOCK_HEAD_BYTES + bound(most_bytes);
        w->compressor = make_compressor();
        w->hash = XXH3_createState();
        w->out = malloc(w->room);
    }
    if (!w || !w->compressor || !w->hash || !w->out) {
        rb_blocks_writer_destroy(w);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to write blocks of %zu bytes", most_bytes);
    }
    *out = w;
    return RB_OK;
}

void rb_blocks_writer_destroy(rb_blocks_writer *w)
{
    if (!w) return;
    if (w->fd >= 0) {
        close(w->fd);
        unlink(w->path);
    }
    free_compressor(w->compressor);
    XXH3_freeState(w->hash);
    free(w->out);
    free(w);
}

static rb_status put(rb_blocks_writer *w, const char *data, size_t bytes, rb_error *error)
{
    XXH3_64bits_update(w->hash, data, bytes);
    for (size_t done = 0; done < bytes;) {
        const ssize_t now = write(w->fd, data + done, bytes - done);
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) return rb_file_fail(error, w->path, "can't be written");
        done += (size_t)now;
    }
    w->bytes += bytes;
    return RB_OK;
}

rb_status rb_blocks_begin(rb_blocks_writer *w, const char *path, rb_error *error)
{
    snprintf(w->path, sizeof w->path, "%s", path);
    unlink(path); // left by a killed process
    w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (w->fd < 0) return rb_file_fail(error, path, "can't be written");
    w->bytes = 0;
    XXH3_64bits_reset(w->hash);
    return put(w, magic, sizeof magic, error);
}

static void put_u32(char *at, size_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (char)(value >> 8 * i);
}

static size_t get_u32(const char *at)
{
    size_t value = 0;
    for (int i = 3; i >= 0; i--) value = value << 8 | (unsigned char)at[i];
    return value;
}

rb_status rb_blocks_add(rb_blocks_writer *w, const void *block, size_t bytes, rb_error *error)
{
    size_t made =
        compress(w->compressor, w->out + BLOCK_HEAD_BYTES, w->room - BLOCK_HEAD_BYTES, block, bytes);
    if (!made) {
        memcpy(w->out + BLOCK_HEAD_BYTES, block, bytes);
        made = bytes;
    }
    put_u32(w->out, bytes);
    put_u32(w->out + 4, made);
    return put(w, w->out, BLOCK_HEAD_BYTES + made, error);
}

rb_status rb_blocks_end(rb_blocks_writer *w, uint64_t *bytes, uint64_t *hash, rb_error *error)
{
    const int fd = w->fd;
    w->fd = -1;
    *bytes = w->bytes;
    *hash = XXH3_64bits_digest(w->hash);
    if (!close(fd)) return RB_OK;
    rb_file_fail(error, w->path, "can't be written");
    unlink(w->path);
    return error ? error->status : RB_ERR_FILE;
}

struct rb_blocks {
    char *data;
    size_t bytes, at;
    char path[RB_PATH_MAX];
};

rb_status rb_blocks_open(rb_blocks **out, const char *path, uint64_t bytes, uint64_t hash, rb_error *error)
{
    rb_blocks *file = calloc(1, sizeof *file);
    if (!file) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    snprintf(file->path, sizeof file->path, "%s", path);
    rb_status status = rb_file_read(path, &file->data, &file->bytes, error);
    if (!status && (file->bytes != bytes || XXH3_64bits(file->data, file->bytes) != hash))
        status = rb_error_set(error, RB_ERR_FORMAT,
                              "%s: was cut short or changed: it does not match the checksum that its "
                              "checkpoint has of it",
                              path);
    if (!status && (bytes < sizeof magic || memcmp(file->data, magic, sizeof magic)))
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: is not a file of blocks", path);
    file->at = sizeof magic;
    *out = file;
    if (!status) return RB_OK;
    rb_blocks_close(file);
    *out = NULL;
    return status;
}

void rb_blocks_close(rb_blocks *file)
{
    if (!file) return;
    free(file->data);
    free(file);
}

rb_status rb_blocks_next(rb_blocks *file, void *out, size_t room, size_t *bytes, rb_error *error)
{
    const size_t left = file->bytes - file->at;
    const char *head = file->data + file->at;
    *bytes = 0;
    if (!left) return RB_OK;
    const size_t raw = left < BLOCK_HEAD_BYTES ? 0 : get_u32(head);
    const size_t stored = left < BLOCK_HEAD_BYTES ? 0 : get_u32(head + 4);
    if (!raw || raw > room || stored > raw || stored > left - BLOCK_HEAD_BYTES)
        return rb_error_set(error, RB_ERR_FORMAT, "%s: has a block of %zu bytes that can't be read",
                            file->path, raw);
    if (stored < raw && !rb_blocks_compress())
        return rb_error_set(error, RB_ERR_MISSING,
                            "%s: is compressed, and this program was built without Zstandard (install "
                            "libzstd-dev, then build again)",
                            file->path);
    if (stored == raw)
        memcpy(out, head + BLOCK_HEAD_BYTES, raw);
    else if (!decompress(out, raw, head + BLOCK_HEAD_BYTES, stored))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: has a block that can't be uncompressed", file->path);
    file->at += BLOCK_HEAD_BYTES + stored;
    *bytes = raw;
    return RB_OK;
}
