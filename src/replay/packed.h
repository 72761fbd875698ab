// The frames of one ring, compressed (replay.compress = lz4). Successive pictures of a game differ in few
// places, so a frame is stored as the LZ4 of its XOR with the frame before. A *key* frame, stored as the LZ4
// of itself, begins every episode and comes at least every RB_PACKED_GROUP frames. Reading a frame means
// reading its group from the key on.
//
//     entry    40    41    42    43    44   ...       by serial, a ring of rows + a group
//     back      0     1     2     0     1             frames since the key
//     bytes   [K....][d][d]      [K...][d]            one circle of memory; a blob is never split at its end
//              ^ oldest group                ^ head
//
// The circle's size is planned beforehand and never grows. If a new blob finds no room, the oldest groups are
// dropped: the ring then holds fewer rows than its capacity (rb_ring_oldest), and nothing fails. `least_rows`
// always fit, even if the frames are noise. A group stays until its last row is overwritten, so while the
// circle suffices, the ring holds exactly the same rows as an uncompressed one.
#ifndef RB_REPLAY_PACKED_H
#define RB_REPLAY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/gate.h"
#include "base/visit.h"

enum { RB_PACKED_GROUP = 16 }; // most frames in a group

typedef struct rb_packed_entry { // 16 bytes, no padding: saved as is
    uint64_t at;                 // first byte in the circle
    uint32_t bytes;              // equal to the frame's size: stored uncompressed
    uint32_t back;
} rb_packed_entry;

// Scratch memory for compressing and reading, shared by all rings of a replay.
typedef struct rb_packed_scratch {
    uint8_t *delta, *blob, *passing; // [frame_bytes] each
    void *lz4;                       // LZ4's hash table
} rb_packed_scratch;

typedef struct rb_packed {
    size_t frame_bytes;
    int64_t entries;
    rb_packed_entry *entry; // [entries] by serial mod entries
    uint8_t *bytes;         // [capacity]
    uint64_t capacity;
    uint64_t head;         // the next blob's place, if it fits there
    uint64_t top;          // the farthest end of any blob so far
    uint64_t oldest, next; // serials
    uint8_t *newest;       // [frame_bytes] the frame before `next`, uncompressed
    rb_packed_scratch *scratch;
    const rb_gate *gate; // the ring's: a frame is dropped only once it may be overwritten
} rb_packed;

bool rb_packed_available(void);                         // built with LZ4
double rb_packed_stored_bytes(const rb_packed *packed); // all blobs and their entries
// The circle's size: rows * frame_bytes / ratio, and never less than `least_rows` may need.
double rb_packed_circle_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio);
double rb_packed_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes,
                       double ratio); // memory of one ring
double rb_packed_scratch_bytes(size_t frame_bytes);
void rb_packed_scratch_init(rb_packed_scratch *scratch, size_t frame_bytes, rb_arena *arena);
void rb_packed_init(rb_packed *packed, int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio,
                    rb_packed_scratch *scratch, const rb_gate *gate, rb_arena *arena);

// Appends frame number `next`. Rows below `keep_from` are no longer needed.
void rb_packed_append(rb_packed *packed, const void *frame, bool key, uint64_t keep_from);
void rb_packed_pop(rb_packed *packed); // removes the newest frame; the next one appended must be a key

// Reads frames in order of time, each a whole frame.
typedef struct rb_packed_reader {
    const rb_packed *packed;
    uint64_t serial;      // of `frame`, if that is not NULL
    const uint8_t *frame; // the frame read last
} rb_packed_reader;

// Reads a frame into `out`. If the reader already holds an earlier frame of the same group, only the frames
// between are decoded. Returns false if the bytes are not a frame, which a damaged file can cause.
bool rb_packed_read(rb_packed_reader *reader, uint64_t serial, void *out);
void rb_packed_prefetch_entry(const rb_packed *packed, uint64_t serial);
// Prefetches the blobs needed to read from .. to.
void rb_packed_prefetch(const rb_packed *packed, uint64_t from, uint64_t to);

// Saves and loads the frames in their compressed form. If the visitor's bulk is outside (base/visit.h), only
// those from number `settled` on.
void rb_packed_visit(rb_packed *packed, uint64_t settled, rb_visitor *visitor);

// Frames for files of their own (replay/chunk.h): entries and blobs of [from, to), as they are. What is older
// than `oldest` is left out, both by the one who writes and by the one who reads.
size_t rb_packed_image_bytes(size_t frame_bytes, int64_t frames); // at most
size_t rb_packed_image(const rb_packed *packed, uint64_t oldest, uint64_t from, uint64_t to, uint8_t *out);
bool rb_packed_restore(rb_packed *packed, uint64_t from, uint64_t to, const uint8_t *image, size_t bytes);
// After loading, and after the last restore: false if the frames are not whole.
bool rb_packed_check(rb_packed *packed);

#endif
