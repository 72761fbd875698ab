// Reads event files back for tests without any of the code that writes them: its own bitwise checksum, its
// own parser for protobuf's wire format. Any violation of the format fails the test.
#ifndef RB_TEST_EVENTS_KIT_H
#define RB_TEST_EVENTS_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"

typedef struct kit_bytes {
    const uint8_t *at;
    size_t count;
} kit_bytes;

typedef struct kit_event { // field numbers and messages are TensorBoard's
    double wall;
    int64_t step;
    char version[32], tag[64];
    int session; // status; 0: none
    char checkpoint[64];
    bool has_scalar, has_image, has_histogram;
    float scalar;
    int64_t height, width, colours;
    kit_bytes image;
    double min, max, num, sum, squares;
    kit_bytes limits, counts; // arrays of doubles
    char plugin[32];
    kit_bytes content;
    kit_bytes strings; // a tensor's strings: the last one
} kit_event;

typedef struct kit_events {
    kit_event *all;
    int count, files;
    char *data[16];
} kit_events;

static inline uint32_t kit_crc(const uint8_t *at, size_t bytes)
{
    uint32_t crc = 0xffffffff;
    for (; bytes; bytes--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

static inline uint64_t kit_little(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static inline double kit_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t kit_varint(kit_bytes *in)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(in->count && shift < 64);
        in->count--;
        value |= (uint64_t)(*in->at & 127) << shift;
        if (!(*in->at++ & 128)) return value;
    }
}

// The next field: its number, and its value or its bytes.
static inline bool kit_field(kit_bytes *in, int *number, uint64_t *value, kit_bytes *bytes)
{
    if (!in->count) return false;
    const uint64_t key = kit_varint(in);
    size_t taken = 0;
    *number = (int)(key >> 3);
    *value = 0;
    *bytes = (kit_bytes){0};
    switch (key & 7) {
    case 0:
        *value = kit_varint(in);
        break;
    case 1:
        taken = 8;
        break;
    case 5:
        taken = 4;
        break;
    case 2:
        taken = kit_varint(in);
        break;
    default:
        fail_msg("wire type %d", (int)(key & 7));
    }
    assert_true(taken <= in->count);
    *bytes = (kit_bytes){in->at, taken};
    if ((key & 7) == 1 || (key & 7) == 5) *value = kit_little(in->at, (int)taken);
    in->at += taken;
    in->count -= taken;
    return true;
}

static inline void kit_text(char *to, size_t room, kit_bytes from)
{
    assert_true(from.count < room);
    memcpy(to, from.at, from.count);
    to[from.count] = 0;
}

static inline void kit_value(kit_event *e, kit_bytes in)
{
    int number;
    uint64_t value;
    kit_bytes bytes, inner;
    while (kit_field(&in, &number, &value, &bytes)) {
        inner = bytes;
        if (number == 1) kit_text(e->tag, sizeof e->tag, bytes);
        if (number == 2) {
            const uint32_t bits = (uint32_t)value;
            e->has_scalar = true;
            memcpy(&e->scalar, &bits, sizeof bits);
        }
        if (number == 4) {
            e->has_image = true;
            while (kit_field(&inner, &number, &value, &bytes)) {
                if (number == 1) e->height = (int64_t)value;
                if (number == 2) e->width = (int64_t)value;
                if (number == 3) e->colours = (int64_t)value;
                if (number == 4) e->image = bytes;
            }
        } else if (number == 5) {
            e->has_histogram = true;
            while (kit_field(&inner, &number, &value, &bytes)) {
                double *const to[] = {&e->min, &e->max, &e->num, &e->sum, &e->squares};
                if (number <= 5) *to[number - 1] = kit_double(value);
                if (number == 6) e->limits = bytes;
                if (number == 7) e->counts = bytes;
            }
        } else if (number == 8) {
            while (kit_field(&inner, &number, &value, &bytes))
                if (number == 8) e->strings = bytes;
        } else if (number == 9) {
            assert_true(kit_field(&inner, &number, &value, &bytes) && number == 1);
            inner = bytes;
            while (kit_field(&inner, &number, &value, &bytes)) {
                if (number == 1) kit_text(e->plugin, sizeof e->plugin, bytes);
                if (number == 2) e->content = bytes;
            }
        }
    }
}

static inline kit_event kit_decode(kit_bytes in)
{
    kit_event e = {0};
    int number;
    uint64_t value;
    kit_bytes bytes, inner;
    while (kit_field(&in, &number, &value, &bytes)) {
        inner = bytes;
        if (number == 1) e.wall = kit_double(value);
        if (number == 2) e.step = (int64_t)value;
        if (number == 3) kit_text(e.version, sizeof e.version, bytes);
        if (number == 5) {
            assert_true(kit_field(&inner, &number, &value, &bytes) && number == 1 && !inner.count);
            kit_value(&e, bytes);
        } else if (number == 7) {
            while (kit_field(&inner, &number, &value, &bytes)) {
                if (number == 1) e.session = (int)value;
                if (number == 2) kit_text(e.checkpoint, sizeof e.checkpoint, bytes);
            }
        }
    }
    return e;
}

// Appends the records of one file. `whole`: an incomplete last record fails the test; otherwise it ends the
// file.
static inline void kit_read_file(kit_events *out, const char *path, bool whole)
{
    size_t bytes;
    assert_true(out->files < 16);
    assert_int_equal(rb_file_read(path, &out->data[out->files], &bytes, NULL), RB_OK);
    const uint8_t *at = (const uint8_t *)out->data[out->files++], *end = at + bytes;
    while (at < end) {
        const bool has_length = end - at >= 12;
        const uint64_t length = has_length ? kit_little(at, 8) : 0;
        if (!has_length || length > (uint64_t)(end - at) || (uint64_t)(end - at) < length + 16) {
            if (whole) fail_msg("%s: ends within a record", path);
            return;
        }
        assert_int_equal(kit_little(at + 8, 4), kit_crc(at, 8));
        assert_int_equal(kit_little(at + 12 + length, 4), kit_crc(at + 12, length));
        out->all = realloc(out->all, sizeof *out->all * (size_t)(out->count + 1));
        assert_non_null(out->all);
        out->all[out->count++] = kit_decode((kit_bytes){at + 12, length});
        at += length + 16;
    }
}

// All event files of a directory in the order of their names, which is the order of their contents.
static inline kit_events kit_read(const char *directory, bool whole)
{
    kit_events out = {0};
    char **names, path[2 * RB_PATH_MAX];
    int count;
    assert_int_equal(rb_file_list(directory, &names, &count, NULL), RB_OK);
    for (int i = 0; i < count; i++) {
        if (!rb_text_starts(names[i], "events.out.tfevents.")) continue;
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        kit_read_file(&out, path, whole);
    }
    rb_file_list_free(names, count);
    return out;
}

static inline void kit_free(kit_events *events)
{
    for (int i = 0; i < events->files; i++) free(events->data[i]);
    free(events->all);
    *events = (kit_events){0};
}

#endif
