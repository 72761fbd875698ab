// The machine's best possible performance with a family of kernels, with which a benchmark compares its
// shares.
#include <math.h>

#include "base/clock.h"
#include "compute/compute.h"

enum { SPINS = 200000 };           // rounds per piece: some milliseconds
enum { MEMORY_FLOATS = 16 << 20 }; // much more than the caches hold
enum { MEMORY_PIECE = 64 << 10 };

typedef struct ceiling {
    const rb_kernels *kernels;
    float *memory;
} ceiling;

static void spin_piece(void *context, int piece)
{
    (void)piece;
    ((const ceiling *)context)->kernels->spin(SPINS);
}

static void memory_piece(void *context, int piece)
{
    const ceiling *c = context;
    float *at = c->memory + (size_t)piece * MEMORY_PIECE;
    c->kernels->touch(at, MEMORY_PIECE);
}

enum { ROUNDS = 20 };

// The best of several rounds, so that other programs on the machine matter little.
static double best_seconds(const rb_compute *compute, rb_pool_fn fn, ceiling *c, int pieces, int rounds)
{
    double best = INFINITY;
    for (int round = 0; round < rounds; round++) {
        const double start = rb_clock_seconds();
        rb_pool_for(rb_compute_pool(compute), fn, c, pieces);
        best = fmin(best, rb_clock_seconds() - start);
    }
    return best;
}

double rb_compute_arithmetic(const rb_compute *compute, int rounds)
{
    ceiling c = {.kernels = rb_compute_family(compute)};
    const int threads = rb_pool_threads(rb_compute_pool(compute));
    return threads * c.kernels->spin(SPINS) / best_seconds(compute, spin_piece, &c, threads, rounds);
}

rb_status rb_compute_ceilings(const rb_compute *compute, double *products, double *bytes, rb_error *error)
{
    rb_arena *arena = NULL;
    ceiling c = {.kernels = rb_compute_family(compute)};
    rb_status status = rb_arena_create(&arena, error);
    if (status) return status;
    c.memory = RB_TAKE(arena, float, MEMORY_FLOATS);
    status = rb_arena_check(arena, error);
    if (!status) {
        *products = rb_compute_arithmetic(compute, ROUNDS);
        *bytes = 2.0 * MEMORY_FLOATS * sizeof(float) /
                 best_seconds(compute, memory_piece, &c, MEMORY_FLOATS / MEMORY_PIECE, ROUNDS);
    }
    rb_arena_destroy(arena);
    return status;
}
