// The interface to the machine: the thread pool and the kernels chosen for this processor. Only this room
// works on tensor data.
#ifndef RB_COMPUTE_COMPUTE_H
#define RB_COMPUTE_COMPUTE_H

#include "base/arena.h"
#include "base/pool.h"
#include "compute/kernels.h"

typedef struct rb_compute rb_compute;

// `kernels`: NULL for the fastest family of the format on this processor (RB_ERR_USAGE if it has no bf16), or
// a family's name (compute/kernels.h), for tests and benchmarks; `bf16` is then ignored.
rb_status rb_compute_create(rb_compute **out, rb_pool *pool, const char *kernels, bool bf16, rb_arena *arena,
                            rb_error *error);
const char *rb_compute_kernels(const rb_compute *compute); // the name of the family in use
rb_pool *rb_compute_pool(const rb_compute *compute);
const rb_kernels *rb_compute_family(const rb_compute *compute);

// Work for the pool: pieces 0 .. pieces-1 of fn.
typedef struct rb_job {
    const char *phase; // its name in a profile
    rb_pool_fn fn;
    void *context;
    int pieces;
    double products; // multiplications in all pieces
    double bytes;    // memory traffic of all pieces, for data that no cache holds
} rb_job;

// Runs the pieces on the pool, or in the caller if there is too little work to wake a thread.
void rb_compute_for(const rb_compute *compute, const rb_job *job);
// The same in the background: starts the work, and waits for it. Too little work is done at once, in the
// caller.
void rb_compute_start(const rb_compute *compute, rb_pool_group *group, const rb_job *job);
void rb_compute_wait(const rb_compute *compute, rb_pool_group *group);

// A profile of the time: every job adds to its phase. While there is a profile, nothing runs in the
// background.
enum { RB_PHASES_MAX = 24 };
typedef struct rb_phase {
    const char *name;
    double seconds, products, bytes;
} rb_phase;
typedef struct rb_profile {
    int count;
    rb_phase phase[RB_PHASES_MAX];
} rb_profile;
void rb_compute_profile(rb_compute *compute, rb_profile *profile); // NULL: stop

// Measures the machine's best performance with these kernels and threads, in a few tenths of a second:
// multiplications per second in registers, and bytes per second read from and written to memory.
rb_status rb_compute_ceilings(const rb_compute *compute, double *products, double *bytes, rb_error *error);
double rb_compute_arithmetic(const rb_compute *compute, int rounds); // the first; a round: some milliseconds

#endif
