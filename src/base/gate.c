#include "base/gate.h"

#include "base/clock.h"

void rb_gate_open(rb_gate *gate)
{
    rb_gate_set(gate, UINT64_MAX);
}

void rb_gate_set(rb_gate *gate, uint64_t number)
{
    atomic_store_explicit(&gate->at, number, memory_order_release);
}

void rb_gate_wait(const rb_gate *gate, uint64_t number)
{
    static const double nap_seconds = 50e-6;
    while (atomic_load_explicit(&gate->at, memory_order_acquire) < number) rb_clock_nap(nap_seconds);
}
