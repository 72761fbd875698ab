#include "compute/compute.h"

#include <string.h>

#include "base/cpu.h"

struct rb_compute {
    rb_pool *pool;
    const rb_kernels *kernels;
};

#define WORK_WORTH_SHARING 500e3 // some microseconds: a few times what handing a piece to a thread costs

static bool runs(const rb_kernels *kernels)
{
#if defined(__x86_64__)
    const rb_cpu *cpu = rb_cpu_get();
    if (kernels == &rb_kernels_avx2) return cpu->avx2 && cpu->fma;
    if (kernels == &rb_kernels_avx512) return cpu->avx512 && cpu->fma;
#endif
    (void)kernels;
    return true;
}

static const rb_kernels *const families[] = {
// fastest first, then those for tests
#if defined(__x86_64__)
    &rb_kernels_avx512, &rb_kernels_avx2,
#endif
    &rb_kernels_plain,  &rb_kernels_wide, &rb_kernels_reference,
};
#define FAMILIES (sizeof families / sizeof families[0])

const rb_kernels *rb_kernels_find(const char *name)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        if (!strcmp(families[i]->name, name)) return runs(families[i]) ? families[i] : NULL;
    }
    return NULL;
}

const rb_kernels *rb_kernels_fastest(void)
{
    size_t i = 0;
    while (!runs(families[i])) i++;
    return families[i];
}

rb_status rb_compute_create(rb_compute **out, rb_pool *pool, const char *kernels, rb_arena *arena,
                            rb_error *error)
{
    const rb_kernels *family = kernels ? rb_kernels_find(kernels) : rb_kernels_fastest();
    if (!family) {
        return rb_error_set(
            error, RB_ERR_USAGE,
            "kernels '%s': there are none of that name that this processor runs (it would take '%s')",
            kernels, rb_kernels_fastest()->name);
    }
    rb_compute *compute = RB_TAKE(arena, rb_compute, 1);
    if (!compute) return rb_arena_check(arena, error);
    *compute = (rb_compute){.pool = pool, .kernels = family};
    *out = compute;
    return RB_OK;
}

const char *rb_compute_kernels(const rb_compute *compute)
{
    return compute->kernels->name;
}
rb_pool *rb_compute_pool(const rb_compute *compute)
{
    return compute->pool;
}
const rb_kernels *rb_compute_family(const rb_compute *compute)
{
    return compute->kernels;
}

void rb_compute_for(const rb_compute *compute, rb_pool_fn fn, void *context, int pieces, double work)
{
    if (work >= WORK_WORTH_SHARING) {
        rb_pool_for(compute->pool, fn, context, pieces);
        return;
    }
    for (int piece = 0; piece < pieces; piece++) fn(context, piece);
}
