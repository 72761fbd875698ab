// The ring of one stream: every frame once, in the order of time, the oldest overwritten first.
//
//     serial         ... 40    41    42    43    44    45 ...   a row's number since the beginning; its slot is
//                                                              serial mod rows
//     frame              o_0   o_1   o_2   o_3   o_0'  o_1'     row 43: the true last frame of a *truncated*
//     acted              yes   yes   yes   -     yes   -        episode, no start; row 45: the newest frame,
//     ended                          trunc                      not acted on yet
//     depth              0     1     2     3     0     1        rows before it in its episode, at most stack - 1
//
// A *terminal* episode has no such last row: nothing follows a terminal. A row is *drawable* when it was
// acted on, its n-step window is whole (n more rows of its episode, or the episode's end) and no frame of its
// stack was overwritten. The ring does not keep that set: each write reports which serials became drawable
// and which ceased to be, and replay keeps it in its sum tree.
#ifndef RB_REPLAY_RING_H
#define RB_REPLAY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/visit.h"
#include "replay/packed.h"

enum {
    RB_ROW_ACTED = 1,      // action and reward are there
    RB_ROW_TERMINATED = 2, // the step from here ended the episode, nothing follows
    RB_ROW_TRUNCATED = 4,  // the step from here was its last one, the next row holds the last frame
    RB_ROW_MARK = 8,       // lent to who works through a batch; clear between calls
};

typedef struct rb_row { // 12 bytes, no padding: saved as they are
    int32_t action;
    float reward;
    uint16_t flags, depth;
} rb_row;

typedef struct rb_ring {
    int64_t rows;       // slots, more than n_step + stack
    size_t frame_bytes; // of one frame
    int stack, n_step;
    bool black_start;
    uint8_t *frames;       // [rows][frame_bytes]; NULL where they are packed:
    rb_packed packed;      // which may hold the newest of the rows only
    rb_row *row;           // [rows]
    uint64_t head;         // serial of the next row to be written
    uint64_t first;        // serial of the newest episode's first row
    bool open;             // the newest row waits for its action
    int64_t steps;         // rows that were acted on and are still there
    int64_t evicted_early; // rows that went early, because packed frames took more than was planned
} rb_ring;

// What a write did to the set of drawable rows, as ranges of serials [from, to). Lost rows may hold some that
// were not drawable anyway.
typedef struct rb_ring_change {
    uint64_t lost_from, lost_to, ready_from, ready_to;
} rb_ring_change;

// The rest of the settings is the caller's to fill in, and so is `packed` where frames are not `plain`.
void rb_ring_init(rb_ring *ring, int64_t rows, size_t frame_bytes, bool plain, rb_arena *arena);

// An episode's first frame. One that is still open is cut here: as a truncation where steps were taken,
// without trace where none was.
rb_ring_change rb_ring_begin(rb_ring *ring, const void *frame);
rb_ring_change rb_ring_append(rb_ring *ring, int action, float reward, bool terminated, bool truncated,
                              const void *next_frame);

uint64_t rb_ring_oldest(const rb_ring *ring);               // serial; head when empty
int64_t rb_ring_filled(const rb_ring *ring);                // slots 0 .. filled - 1 were written
int64_t rb_ring_slot(const rb_ring *ring, uint64_t serial); // of a serial
uint64_t rb_ring_serial(const rb_ring *ring, int64_t slot); // of the row that a filled slot holds now
// The stacks of a drawable row and of one that comes after it in its episode (or is the same), each
// [stack][frame_bytes], oldest first.
void rb_ring_copy_stacks(const rb_ring *ring, uint64_t serial, uint64_t next, void *out, void *next_out);
// Hints that the stacks of a row, and of one some steps later, will soon be copied: the first one asks for
// what the second one reads.
void rb_ring_prefetch_row(const rb_ring *ring, uint64_t serial);
void rb_ring_prefetch_frames(const rb_ring *ring, uint64_t serial, uint64_t next);

// The n-step window of a drawable row.
typedef struct rb_ring_window {
    int steps;       // k: min(n, steps to the end)
    double reward;   // sum over i < k of powers[i] r_{t+i}
    bool terminated; // s_{t+k} is terminal; no row holds it
} rb_ring_window;
rb_ring_window rb_ring_read(const rb_ring *ring, uint64_t serial,
                            const double *powers); // powers: gamma^i, [n + 1]

void rb_ring_visit(rb_ring *ring, rb_visitor *visitor); // filled rows only

#endif
