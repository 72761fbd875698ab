// The inside of rb_replay, for the files of this room and its tests.
//
// One tree over all rows of all streams says what can be drawn: leaf (stream * rows + slot) is above 0
// exactly where that row is a drawable start. Prioritised it is the priority raised to alpha, otherwise 1, so
// that both kinds of drawing are one: a place on the running sum, a descent.
//
// Tickets name a sample beyond its slot's life: serial * streams + stream. A ticket is good while its row is
// there and drawable.
#ifndef RB_REPLAY_REPLAY_STATE_H
#define RB_REPLAY_REPLAY_STATE_H

#include "replay/replay.h"
#include "replay/ring.h"
#include "replay/sum_tree.h"

struct rb_replay {
    rb_replay_spec spec;
    rb_ring *rings; // [streams]
    int64_t rows;   // of each ring
    rb_packed_scratch packed_scratch;
    rb_sum_tree tree;
    int64_t starts;       // leaves above 0
    double *powers;       // [n + 1] gamma^i
    double max_priority;  // the largest ever handed in (epsilon added), at least 1; not raised to alpha
    rb_batch batch;       // the one that rb_replay_batch lends
    double *places;       // [B] scratch of a draw: places on the running sum,
    int64_t *indices;     // [B] their leaves,
    uint32_t *rank_table; // [table_size] and a hash set of the ranks drawn (rank + 1; 0: free)
    uint32_t table_size;  // a power of two, at least 2 B
};

bool rb_replay_ticket(const rb_replay *replay, uint64_t ticket, int *stream,
                      uint64_t *serial); // false: no longer drawable
uint64_t rb_replay_ticket_of(const rb_replay *replay, int64_t leaf);
void rb_replay_gather(const rb_replay *replay,
                      rb_batch *batch); // all but weights and priorities, from good tickets

#endif
