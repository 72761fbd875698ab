// The struct behind rb_replay, for the files of this room and its tests.
//
// One tree over all rows of all streams records which rows can be sampled: leaf (stream * rows + slot) is
// above 0 exactly if that row is a drawable start. With priorities the leaf is the priority raised to alpha,
// otherwise 1. So both kinds of sampling are the same: a place on the running sum, and a descent.
//
// A ticket identifies a sample even after its slot is reused: serial * streams + stream. It is valid while
// its row is stored and drawable.
#ifndef RB_REPLAY_REPLAY_STATE_H
#define RB_REPLAY_REPLAY_STATE_H

#include "replay/replay.h"
#include "replay/ring.h"
#include "replay/sum_tree.h"

struct rb_replay {
    rb_replay_spec spec;
    rb_ring *rings; // [streams]
    int64_t rows;   // in each ring
    rb_packed_scratch packed_scratch;
    rb_sum_tree tree;
    int64_t starts;       // leaves above 0
    int window;           // rewards summed now, at most n
    double *powers;       // [n + 1] gamma^i, up to the window's
    double max_priority;  // the largest priority so far (epsilon added), at least 1; not raised to alpha
    rb_batch batch;       // returned by rb_replay_batch
    double *places;       // [B] scratch for sampling: places on the running sum,
    int64_t *indices;     // [B] their leaves,
    uint32_t *rank_table; // [table_size] and a hash set of the ranks drawn (rank + 1; 0: free)
    uint32_t table_size;  // a power of two, at least 2 B
};

bool rb_replay_ticket(const rb_replay *replay, uint64_t ticket, int *stream,
                      uint64_t *serial); // false: no longer drawable
uint64_t rb_replay_ticket_of(const rb_replay *replay, int64_t leaf);
void rb_replay_gather(const rb_replay *replay,
                      rb_batch *batch); // everything except weights and priorities, from valid tickets
void rb_replay_gather_states(const rb_replay *replay, rb_batch *batch); // only states, masks and actions

#endif
