// The frames of one ring, compressed (replay.compress = lz4): the pictures of one game differ in a few places
// from one to the next, so a frame is kept as LZ4 of its XOR with the one before it. A *key* frame, kept as
// LZ4 of itself, begins every episode and comes at least every RB_PACKED_GROUP frames: to read a frame is to
// read its group from the key on.
//
//     entry    40    41    42    43    44   ...       by serial, a ring of rows + a group
//     back      0     1     2     0     1             frames since the key
//     bytes   [K....][d][d]      [K...][d]            one circle of memory; a blob is never split at its end
//              ^ oldest group                ^ head
//
// The circle's size is planned beforehand and all there is. Where a new blob finds no room the oldest groups
// go: the ring then holds fewer rows than its capacity (rb_ring_oldest), and nothing fails. `least_rows`
// always fit, were they noise. A group stays until its last row is overwritten, so that while the circle
// suffices the ring holds exactly the rows that a plain one does.
#ifndef RB_REPLAY_PACKED_H
#define RB_REPLAY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/visit.h"

enum { RB_PACKED_GROUP = 16 }; // most frames of a group

typedef struct rb_packed_entry { // 16 bytes, no padding: saved as they are
    uint64_t at;                 // first byte in the circle
    uint32_t bytes;              // the frame's own size: stored as it is
    uint32_t back;
} rb_packed_entry;

// What compressing and reading need for a moment; all rings of a replay share it.
typedef struct rb_packed_scratch {
    uint8_t *delta, *blob, *passing; // [frame_bytes] each
    void *lz4;                       // its hash table
} rb_packed_scratch;

typedef struct rb_packed {
    size_t frame_bytes;
    int64_t entries;
    rb_packed_entry *entry; // [entries] by serial mod entries
    uint8_t *bytes;         // [capacity]
    uint64_t capacity;
    uint64_t head;         // where the next blob goes, if it fits
    uint64_t top;          // end of the farthest blob ever
    uint64_t oldest, next; // serials
    uint8_t *newest;       // [frame_bytes] the frame before `next`, as it is
    rb_packed_scratch *scratch;
} rb_packed;

bool rb_packed_available(void);                         // built with LZ4
double rb_packed_stored_bytes(const rb_packed *packed); // of all blobs and their entries
// Of the circle: rows * frame_bytes / ratio, and never less than `least_rows` may need.
double rb_packed_circle_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio);
double rb_packed_bytes(int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio); // all of one ring
double rb_packed_scratch_bytes(size_t frame_bytes);
void rb_packed_scratch_init(rb_packed_scratch *scratch, size_t frame_bytes, rb_arena *arena);
void rb_packed_init(rb_packed *packed, int64_t rows, int64_t least_rows, size_t frame_bytes, double ratio,
                    rb_packed_scratch *scratch, rb_arena *arena);

// Frame number `next`. Rows below `keep_from` are needed no longer.
void rb_packed_append(rb_packed *packed, const void *frame, bool key, uint64_t keep_from);
void rb_packed_pop(rb_packed *packed); // takes the newest one back; a key must be appended then

// Frames arrive in the order of time, each as a whole.
typedef struct rb_packed_reader {
    const rb_packed *packed;
    uint64_t serial;      // that `frame` holds, where it is not NULL
    const uint8_t *frame; // the one read last
} rb_packed_reader;

// Reads a frame into `out`. Going on where the reader stands (a later frame of the same group) it costs only
// the frames between. False where the bytes are no frame, as a damaged file's may be.
bool rb_packed_read(rb_packed_reader *reader, uint64_t serial, void *out);
void rb_packed_prefetch_entry(const rb_packed *packed, uint64_t serial);
// Asks for the blobs that reading from .. to takes.
void rb_packed_prefetch(const rb_packed *packed, uint64_t from, uint64_t to);

void rb_packed_visit(rb_packed *packed, rb_visitor *visitor); // saving and loading: what is stored, packed

#endif
