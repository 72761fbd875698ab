// See packed.h.
#include "replay/packed.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#ifdef RB_HAVE_LZ4
#include <lz4.h>
#endif

enum { LINE = 64, MOST_PREFETCHED_BYTES = 4096 };

#ifdef RB_HAVE_LZ4
bool rb_packed_available(void)
{
    return true;
}

static size_t state_bytes(void)
{
    return (size_t)LZ4_sizeofState();
}

// Returns 0 if the result takes `room` bytes or more.
static size_t compress(void *state, const uint8_t *in, size_t bytes, uint8_t *out, size_t room)
{
    return (size_t)LZ4_compress_fast_extState(state, (const char *)in, (char *)out, (int)bytes, (int)room - 1,
                                              1);
}

static bool decompress(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t bytes)
{
    return LZ4_decompress_safe((const char *)in, (char *)out, (int)in_bytes, (int)bytes) == (int)bytes;
}
#else // rb_replay_create fails, so none of these is called
bool rb_packed_available(void)
{
    return false;
}

static size_t state_bytes(void)
{
    return 0;
}

static size_t compress(void *state, const uint8_t *in, size_t bytes, uint8_t *out, size_t room)
{
    (void)state, (void)in, (void)bytes, (void)out, (void)room;
    return 0;
}

static bool decompress(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t bytes)
{
    (void)in, (void)in_bytes, (void)out, (void)bytes;
    return false;
}
#endif

double rb_packed_circle_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio)
{
    // Two extra groups: the one that contains the oldest of the least rows, and one that is about to be
    // dropped. Two extra frames: the space left free at the circle's end, and the incoming blob.
    double least = (double)(least_rows + 2 * RB_PACKED_GROUP + 2) * (double)frame_bytes;
    double planned = (double)rows * (double)frame_bytes / ratio;
    return floor(planned > least ? planned : least); // also of sizes that no memory has
}

double rb_packed_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio)
{
    return rb_packed_circle_bytes(rows, least_rows, frame_bytes, ratio) + (double)frame_bytes +
           (double)(rows + RB_PACKED_GROUP) * sizeof(rb_packed_entry);
}

double rb_packed_scratch_bytes(size_t frame_bytes)
{
    return 3 * (double)frame_bytes + (double)state_bytes() + sizeof(rb_packed_scratch);
}

void rb_packed_scratch_init(rb_packed_scratch *scratch, size_t frame_bytes, rb_arena *arena)
{
    *scratch = (rb_packed_scratch){.delta = rb_arena_take(arena, frame_bytes),
                                   .blob = rb_arena_take(arena, frame_bytes),
                                   .passing = rb_arena_take(arena, frame_bytes),
                                   .lz4 = rb_arena_take(arena, state_bytes())};
}

void rb_packed_init(rb_packed *packed, int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio,
                    rb_packed_scratch *scratch, const rb_gate *gate, rb_arena *arena)
{
    *packed = (rb_packed){
        .frame_bytes = frame_bytes, .entries = rows + RB_PACKED_GROUP, .scratch = scratch, .gate = gate};
    packed->capacity = (uint64_t)rb_packed_circle_bytes(rows, least_rows, frame_bytes, ratio);
    packed->entry = RB_TAKE(arena, rb_packed_entry, packed->entries);
    packed->bytes = rb_arena_take(arena, packed->capacity);
    packed->newest = rb_arena_take(arena, frame_bytes);
}

static rb_packed_entry *entry_of(const rb_packed *packed, uint64_t serial)
{
    return &packed->entry[serial % (uint64_t)packed->entries];
}

double rb_packed_stored_bytes(const rb_packed *packed)
{
    double bytes = (double)(packed->next - packed->oldest) * sizeof(rb_packed_entry);
    for (uint64_t serial = packed->oldest; serial < packed->next; serial++)
        bytes += entry_of(packed, serial)->bytes;
    return bytes;
}

static void exclusive_or(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) out[i] = a[i] ^ b[i];
}

static void drop_group(rb_packed *packed)
{
    uint64_t end = packed->oldest + 1;
    while (end < packed->next && entry_of(packed, end)->back > 0) end++;
    rb_gate_wait(packed->gate, end);
    packed->oldest = end;
}

// Drops the groups that lie entirely below a serial.
static void release(rb_packed *packed, uint64_t keep_from)
{
    for (;;) {
        uint64_t end = packed->oldest + 1;
        while (end < packed->next && entry_of(packed, end)->back > 0) end++;
        if (packed->oldest >= packed->next || end > keep_from) return;
        rb_gate_wait(packed->gate, end);
        packed->oldest = end;
    }
}

// Finds a place for a blob: after the newest one, or at the circle's beginning. The used part is [tail,
// head), or, once the head has wrapped, everything but [head, tail).
static uint64_t make_room(rb_packed *packed, uint64_t bytes)
{
    for (;;) {
        if (packed->oldest == packed->next) return 0;
        uint64_t tail = entry_of(packed, packed->oldest)->at;
        if (tail < packed->head) {
            if (packed->head + bytes <= packed->capacity) return packed->head;
            if (bytes <= tail) return 0;
        } else if (packed->head + bytes <= tail) {
            return packed->head;
        }
        drop_group(packed);
    }
}

void rb_packed_append(rb_packed *packed, const void *frame, bool key, uint64_t keep_from)
{
    rb_packed_scratch *scratch = packed->scratch;
    size_t frame_bytes = packed->frame_bytes;
    rb_packed_entry entry = {0};
    release(packed, keep_from);
    if (!key && packed->oldest < packed->next)
        entry.back = (entry_of(packed, packed->next - 1)->back + 1) % RB_PACKED_GROUP;
    if (entry.back > 0) {
        exclusive_or(scratch->delta, frame, packed->newest, frame_bytes);
        entry.bytes =
            (uint32_t)compress(scratch->lz4, scratch->delta, frame_bytes, scratch->blob, frame_bytes);
        if (!entry.bytes) entry.back = 0;
    }
    const uint8_t *blob = scratch->blob;
    if (entry.back == 0) {
        entry.bytes = (uint32_t)compress(scratch->lz4, frame, frame_bytes, scratch->blob, frame_bytes);
        if (!entry.bytes) {
            entry.bytes = (uint32_t)frame_bytes;
            blob = frame;
        }
    }
    entry.at = make_room(packed, entry.bytes);
    assert(entry.back == 0 || packed->oldest < packed->next); // its key is still stored
    memcpy(packed->bytes + entry.at, blob, entry.bytes);
    packed->head = entry.at + entry.bytes;
    if (packed->head > packed->top) packed->top = packed->head;
    *entry_of(packed, packed->next++) = entry;
    memcpy(packed->newest, frame, frame_bytes);
}

void rb_packed_pop(rb_packed *packed)
{
    assert(packed->oldest < packed->next);
    packed->head = entry_of(packed, --packed->next)->at;
}

// Decodes one frame; `before` (not read for a key) may be `out`.
static bool read_blob(const rb_packed *packed, const rb_packed_entry *entry, const uint8_t *before,
                      uint8_t *out)
{
    const uint8_t *blob = packed->bytes + entry->at;
    size_t frame_bytes = packed->frame_bytes;
    if (entry->bytes == frame_bytes) {
        memcpy(out, blob, frame_bytes);
        return entry->back == 0;
    }
    if (entry->back == 0) return decompress(blob, entry->bytes, out, frame_bytes);
    uint8_t *delta = packed->scratch->delta;
    bool good = decompress(blob, entry->bytes, delta, frame_bytes);
    exclusive_or(out, before, delta, frame_bytes);
    return good;
}

bool rb_packed_read(rb_packed_reader *reader, uint64_t serial, void *out)
{
    const rb_packed *packed = reader->packed;
    assert(serial >= packed->oldest && serial < packed->next);
    uint64_t from = serial - entry_of(packed, serial)->back;
    const uint8_t *before = NULL;
    if (reader->frame && reader->serial >= from && reader->serial <= serial) {
        before = reader->frame;
        from = reader->serial + 1;
    }
    if (from > serial) {
        if (out != before) memcpy(out, before, packed->frame_bytes);
    }
    bool good = true;
    for (; from <= serial && good; from++) {
        uint8_t *to = from == serial ? out : packed->scratch->passing;
        good = read_blob(packed, entry_of(packed, from), before, to);
        before = to;
    }
    reader->serial = serial;
    reader->frame = out;
    return good;
}

void rb_packed_prefetch_entry(const rb_packed *packed, uint64_t serial)
{
    __builtin_prefetch(entry_of(packed, serial));
}

void rb_packed_prefetch(const rb_packed *packed, uint64_t from, uint64_t to)
{
    if (to >= packed->next) to = packed->next - 1;
    uint64_t key = from - entry_of(packed, from)->back;
    const rb_packed_entry *first = entry_of(packed, key), *last = entry_of(packed, to);
    uint64_t end = last->at + last->bytes;
    if (end < first->at) end = first->at + first->bytes; // wraps at the circle's end
    if (end > first->at + MOST_PREFETCHED_BYTES) end = first->at + MOST_PREFETCHED_BYTES;
    for (uint64_t at = first->at; at < end; at += LINE) __builtin_prefetch(packed->bytes + at);
}

// Blobs lie one after the other, wrap around at most once, and end before the oldest one; the head is behind
// the newest one.
static bool places_are_sound(const rb_packed *packed)
{
    if (packed->oldest == packed->next) return true;
    const uint64_t tail = entry_of(packed, packed->oldest)->at;
    uint64_t end = tail;
    bool wrapped = false;
    for (uint64_t serial = packed->oldest; serial < packed->next; serial++) {
        const rb_packed_entry *entry = entry_of(packed, serial);
        if (entry->at != end && (entry->at != 0 || wrapped)) return false;
        wrapped = wrapped || entry->at != end;
        end = entry->at + entry->bytes;
        if (wrapped && end > tail) return false;
    }
    return packed->head == end;
}

// The file's checksum was right, but the assumptions of the reader are checked all the same.
static bool entry_is_sound(const rb_packed *packed, const rb_packed_entry *entry)
{
    return entry->bytes >= 1 && entry->bytes <= packed->frame_bytes && entry->at <= packed->top &&
           entry->bytes <= packed->top - entry->at && entry->back < RB_PACKED_GROUP;
}

static bool entries_are_sound(const rb_packed *packed)
{
    for (uint64_t serial = packed->oldest; serial < packed->next; serial++) {
        const rb_packed_entry *entry = entry_of(packed, serial);
        uint32_t before = serial > packed->oldest ? entry_of(packed, serial - 1)->back : 0;
        if (!entry_is_sound(packed, entry) ||
            (entry->back > 0 && (serial == packed->oldest || entry->back != before + 1)))
            return false;
    }
    return true;
}

bool rb_packed_check(rb_packed *packed)
{
    bool sound = entries_are_sound(packed) && places_are_sound(packed);
    rb_packed_reader reader = {.packed = packed};
    for (uint64_t serial = packed->oldest; sound && serial < packed->next; serial++)
        sound = rb_packed_read(&reader, serial, packed->newest);
    return sound;
}

// The newest frames, whose rows may still change.
static void visit_unsettled(rb_packed *packed, uint64_t settled, rb_visitor *visitor)
{
    for (uint64_t serial = settled; serial < packed->next && !rb_visitor_failed(visitor); serial++) {
        rb_packed_entry *entry = entry_of(packed, serial);
        rb_visit_bytes(visitor, "entry", entry, sizeof *entry);
        if (!rb_visitor_failed(visitor) && !entry_is_sound(packed, entry))
            rb_visitor_fail(visitor, RB_ERR_FORMAT,
                            "replay: a compressed frame lies outside its memory, so the file is damaged");
        if (!rb_visitor_failed(visitor))
            rb_visit_bytes(visitor, "blob", packed->bytes + entry->at, entry->bytes);
    }
}

void rb_packed_visit(rb_packed *packed, uint64_t settled, rb_visitor *visitor)
{
    rb_visit_open(visitor, "packed");
    rb_visit_expect(visitor, "capacity", packed->capacity);
    rb_visit_u64(visitor, "oldest", &packed->oldest);
    rb_visit_u64(visitor, "next", &packed->next);
    rb_visit_u64(visitor, "head", &packed->head);
    rb_visit_u64(visitor, "top", &packed->top);
    uint64_t entries = (uint64_t)packed->entries;
    if (!rb_visitor_failed(visitor) &&
        (packed->oldest > packed->next || packed->next - packed->oldest > entries ||
         packed->top > packed->capacity || packed->head > packed->top))
        rb_visitor_fail(visitor, RB_ERR_FORMAT,
                        "replay: compressed frames lie outside their memory, so the file is damaged");
    if (!rb_visitor_failed(visitor) && rb_visitor_outside(visitor)) {
        visit_unsettled(packed, settled > packed->oldest ? settled : packed->oldest, visitor);
    } else if (!rb_visitor_failed(visitor)) {
        uint64_t used = packed->next < entries ? packed->next : entries;
        rb_visit_bytes(visitor, "entries", packed->entry, used * sizeof(rb_packed_entry));
        rb_visit_bytes(visitor, "bytes", packed->bytes, packed->top);
    }
    rb_visit_close(visitor);
}

size_t rb_packed_image_bytes(size_t frame_bytes, int64_t frames)
{
    return (size_t)frames * (sizeof(rb_packed_entry) + frame_bytes);
}

size_t rb_packed_image(const rb_packed *packed, uint64_t oldest, uint64_t from, uint64_t to, uint8_t *out)
{
    size_t used = (size_t)(to - from) * sizeof(rb_packed_entry);
    memset(out, 0, used);
    for (uint64_t serial = from > oldest ? from : oldest; serial < to; serial++) {
        const rb_packed_entry *entry = entry_of(packed, serial);
        memcpy(out + (serial - from) * sizeof *entry, entry, sizeof *entry);
        memcpy(out + used, packed->bytes + entry->at, entry->bytes);
        used += entry->bytes;
    }
    return used;
}

bool rb_packed_restore(rb_packed *packed, uint64_t from, uint64_t to, const uint8_t *image, size_t bytes)
{
    size_t at = (size_t)(to - from) * sizeof(rb_packed_entry);
    if (at > bytes || to > packed->next) return false;
    for (uint64_t serial = from; serial < to; serial++) {
        rb_packed_entry entry;
        memcpy(&entry, image + (serial - from) * sizeof entry, sizeof entry);
        if (entry.bytes > bytes - at) return false;
        if (serial >= packed->oldest) {
            if (!entry_is_sound(packed, &entry)) return false;
            *entry_of(packed, serial) = entry;
            memcpy(packed->bytes + entry.at, image + at, entry.bytes);
        }
        at += entry.bytes;
    }
    return at == bytes;
}
