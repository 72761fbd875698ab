// The door to the machine: the pool of threads and the kernels chosen for this processor. Only this room
// looks at tensor data.
#ifndef RB_COMPUTE_COMPUTE_H
#define RB_COMPUTE_COMPUTE_H

#include "base/arena.h"
#include "base/pool.h"
#include "compute/kernels.h"

typedef struct rb_compute rb_compute;

// `kernels`: NULL for the fastest family of the format that this processor runs (RB_ERR_USAGE where it has no
// bf16), or the name of one (compute/kernels.h), for tests and benchmarks, whatever `bf16` says.
rb_status rb_compute_create(rb_compute **out, rb_pool *pool, const char *kernels, bool bf16, rb_arena *arena,
                            rb_error *error);
const char *rb_compute_kernels(const rb_compute *compute); // the name of the family in use
rb_pool *rb_compute_pool(const rb_compute *compute);
const rb_kernels *rb_compute_family(const rb_compute *compute);

// Work that is shared out: pieces 0 .. pieces-1 of fn.
typedef struct rb_job {
    const char *phase; // its name in a profile
    rb_pool_fn fn;
    void *context;
    int pieces;
    double products; // multiplications of all pieces
    double bytes;    // that they bring from memory and back, because no cache holds them
} rb_job;

// Runs the pieces over the pool, or in the caller where they are too little to wake a thread for.
void rb_compute_for(const rb_compute *compute, const rb_job *job);
// The same in the background: begun, and waited for. Where it is not worth sharing it is done at once.
void rb_compute_start(const rb_compute *compute, rb_pool_group *group, const rb_job *job);
void rb_compute_wait(const rb_compute *compute, rb_pool_group *group);

// Where the time goes: every job adds to its phase. While there is a profile nothing runs in the background.
#define RB_PHASES_MAX 24
typedef struct rb_phase {
    const char *name;
    double seconds, products, bytes;
} rb_phase;
typedef struct rb_profile {
    int count;
    rb_phase phase[RB_PHASES_MAX];
} rb_profile;
void rb_compute_profile(rb_compute *compute, rb_profile *profile); // NULL: no more

// What the machine does at best with these kernels and threads, in some tenths of a second: multiplications a
// second on registers, and bytes a second read and written again in memory.
rb_status rb_compute_ceilings(const rb_compute *compute, double *products, double *bytes, rb_error *error);

#endif
