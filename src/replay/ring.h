// The ring of one stream: every frame once, in order of time; the oldest is overwritten first.
//
//     serial         ... 40    41    42    43    44    45 ...   a row's number since the beginning; its slot is
//                                                              serial mod rows
//     frame              o_0   o_1   o_2   o_3   o_0'  o_1'     row 43: the true last frame of a *truncated*
//     acted              yes   yes   yes   -     yes   -        episode, no start; row 45: the newest frame,
//     ended                          trunc                      not acted on yet
//     depth              0     1     2     3     0     1        rows before it in its episode, at most stack - 1
//
// A *terminal* episode has no such last row: nothing follows a terminal. A row is *drawable* if it was acted
// on, its n-step window is complete (n more rows of its episode, or the episode's end) and no frame of its
// stack was overwritten. The ring does not store that set: each write reports the serials that became
// drawable and those that ceased to be, and replay keeps the set in its sum tree.
#ifndef RB_REPLAY_RING_H
#define RB_REPLAY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/gate.h"
#include "base/visit.h"
#include "replay/packed.h"

enum {
    RB_ROW_ACTED = 1,      // action and reward are stored
    RB_ROW_TERMINATED = 2, // the step from here ended the episode; nothing follows
    RB_ROW_TRUNCATED = 4,  // the step from here was the episode's last one; the next row holds its last frame
    RB_ROW_MARK = 8,       // scratch mark while a batch is processed; clear between calls
};

typedef struct rb_row { // 12 bytes, no padding: saved as is
    int32_t action;
    float reward;
    uint16_t flags, depth;
} rb_row;

typedef struct rb_ring {
    int64_t rows;       // slots, more than n_step + stack
    size_t frame_bytes; // of one frame
    int stack, n_step;
    bool black_start;
    bool whole;            // no row is settled: all are saved with the state
    uint8_t *frames;       // [rows][frame_bytes]; NULL if the frames are in `packed`
    rb_packed packed;      // may hold only the newest of the rows
    rb_row *row;           // [rows]
    int masked_actions;    // 0: no masks
    uint8_t *masks;        // [rows][rb_mask_bytes] packed (base/mask.h); NULL without masks
    uint64_t head;         // serial of the next row to write
    uint64_t first;        // serial of the newest episode's first row
    bool open;             // the newest row waits for its action
    int64_t steps;         // stored rows that were acted on
    int64_t evicted_early; // rows dropped early because packed frames took more space than planned
    rb_gate gate;          // rows still being read for a checkpoint are not overwritten
} rb_ring;

// How a write changed the set of drawable rows, as ranges of serials [from, to). The lost range may include
// rows that were not drawable.
typedef struct rb_ring_change {
    uint64_t lost_from, lost_to, ready_from, ready_to;
} rb_ring_change;

// The caller fills in the other settings, and `packed` if frames are not `plain`.
void rb_ring_init(rb_ring *ring, int64_t rows, size_t frame_bytes, int masked_actions, bool plain,
                  rb_arena *arena);

// Stores an episode's first frame. An episode that is still open is ended: with a truncation if it has steps,
// without a trace if it has none.
rb_ring_change rb_ring_begin(rb_ring *ring, const void *frame);
rb_ring_change rb_ring_append(rb_ring *ring, int action, float reward, bool terminated, bool truncated,
                              const void *next_frame);

// Stores the newest row's mask, [masked_actions]; NULL allows all. A new row allows all.
void rb_ring_allow(rb_ring *ring, const uint8_t *allowed);
uint8_t *rb_ring_mask(const rb_ring *ring, uint64_t serial); // a row's packed mask; not without masks

uint64_t rb_ring_oldest(const rb_ring *ring);               // serial; head when empty
int64_t rb_ring_filled(const rb_ring *ring);                // slots 0 .. filled - 1 were written
int64_t rb_ring_slot(const rb_ring *ring, uint64_t serial); // the slot of a serial
uint64_t rb_ring_serial(const rb_ring *ring, int64_t slot); // the serial of the row now in a filled slot
// Copies the stacks of a drawable row and of the same or a later row of its episode, each
// [stack][frame_bytes], oldest first.
void rb_ring_copy_stacks(const rb_ring *ring, uint64_t serial, uint64_t next, void *out, void *next_out);
// Where the frames of such a stack are: `first` + their slots; `black`: where a black one is.
void rb_ring_stack_slots(const rb_ring *ring, uint64_t serial, int64_t first, int64_t black, int32_t *out);
void rb_ring_copy_frame(const rb_ring *ring, uint64_t serial, void *out); // of a stored row
void rb_ring_copy_stack(const rb_ring *ring, uint64_t serial, void *out); // of one row
// Prefetch hints: the stacks of a row, and of one some steps later, will soon be copied. The first hint
// fetches what the second one reads.
void rb_ring_prefetch_row(const rb_ring *ring, uint64_t serial);
void rb_ring_prefetch_frames(const rb_ring *ring, uint64_t serial, uint64_t next);

// The window of a drawable row: n steps, at most the ring's n_step.
typedef struct rb_ring_window {
    int steps;       // k: min(n, steps to the end)
    double reward;   // sum over i < k of powers[i] r_{t+i}
    bool terminated; // s_{t+k} is terminal; it is stored in no row
} rb_ring_window;
rb_ring_window rb_ring_read(const rb_ring *ring, uint64_t serial, int n,
                            const double *powers); // powers: gamma^i, [n + 1]

// Whether a stored row is drawable, by the definition above (the sum tree knows it at once).
bool rb_ring_drawable(const rb_ring *ring, uint64_t serial);

// Filled rows; if the visitor's bulk is outside (base/visit.h), only those from rb_ring_settled on.
void rb_ring_visit(rb_ring *ring, rb_visitor *visitor);
void rb_ring_check(rb_ring *ring, rb_visitor *visitor); // after loading, once it has all rows
// Rows below this serial never change again: the newest waits for its action, and the one before it may still
// be marked as the last step of a truncated episode. With `whole` there are none.
uint64_t rb_ring_settled(const rb_ring *ring);
// The oldest serial of which a row or a frame is still stored. Older than rb_ring_oldest if a packed frame
// needs older ones to be read, or if rows have lost their frames.
uint64_t rb_ring_reach(const rb_ring *ring);
bool rb_ring_has_row(const rb_ring *ring, uint64_t serial); // with or without its frame

#endif
