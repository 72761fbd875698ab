// A gate between a thread that overwrites numbered data, oldest first, and one that reads the data behind it.
//
//     numbers   ... 40 41 42 43 44 ...
//                         ^ the gate: the reader still needs 42 and later, 41 may be overwritten
//
// A gate is open while nothing is being read; then waiting costs one load. To wait otherwise is rare, so it
// is done by short naps.
#ifndef RB_BASE_GATE_H
#define RB_BASE_GATE_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct rb_gate {
    _Atomic uint64_t at; // UINT64_MAX: open
} rb_gate;

void rb_gate_open(rb_gate *gate);
// Closes the gate before the reader starts, or moves it on while it reads.
void rb_gate_set(rb_gate *gate, uint64_t number);
// Returns once everything below `number` may be overwritten.
void rb_gate_wait(const rb_gate *gate, uint64_t number);

#endif
