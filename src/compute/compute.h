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

// Runs pieces 0 .. pieces-1 over the pool, or in the caller where `work` (multiplications, or numbers
// touched, of all pieces) is too little to wake a thread for.
void rb_compute_for(const rb_compute *compute, rb_pool_fn fn, void *context, int pieces, double work);

// The same in the background: begun, and waited for. Where it is not worth sharing it is done at once.
void rb_compute_start(const rb_compute *compute, rb_pool_group *group, rb_pool_fn fn, void *context,
                      int pieces, double work);
void rb_compute_wait(const rb_compute *compute, rb_pool_group *group);

#endif
