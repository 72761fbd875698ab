// The machine: how many processors this process may use, which vector instructions they have, and how much
// memory is left.
#ifndef RB_BASE_CPU_H
#define RB_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rb_cpu {
    char name[128];
    int cores; // this process may run on (by its affinity and the quotas of its control groups)
    bool avx2, fma, avx512, avx512_bf16;
} rb_cpu;

const rb_cpu *rb_cpu_get(void);       // detected once
double rb_cpu_memory_total(void);     // bytes; the limit of a control group if it is lower
double rb_cpu_memory_available(void); // bytes that can still be taken without swapping
double rb_cpu_memory_used(void);      // bytes that this process holds now
// Makes the calling thread treat denormal numbers as zero, as every thread of the pool does.
void rb_cpu_flush_denormals(void);
// The same for a while, in a thread that is not ours: returns what `restore` needs to put it back.
unsigned long rb_cpu_denormals_flush(void);
void rb_cpu_denormals_restore(unsigned long before);

#endif
