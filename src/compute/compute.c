#include "compute/compute.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"

struct rb_compute {
    rb_pool *pool;
    const rb_kernels *kernels;
    rb_profile *profile;
};

static const double work_worth_sharing =
    500e3; // some microseconds: a few times the cost of passing a piece to a thread

static bool runs(const rb_kernels *kernels)
{
#if defined(__x86_64__)
    const rb_cpu *cpu = rb_cpu_get();
    if (kernels == &rb_kernels_avx2) return cpu->avx2 && cpu->fma;
    if (kernels == &rb_kernels_avx512) return cpu->avx512 && cpu->fma;
    if (kernels == &rb_kernels_avx512_bf16) return cpu->avx512 && cpu->fma && cpu->avx512_bf16;
#endif
    (void)kernels;
    return true;
}

static const rb_kernels *const families[] = {
// fastest of a format first, then those for tests
#if defined(__x86_64__)
    &rb_kernels_avx512,    &rb_kernels_avx2,           &rb_kernels_avx512_bf16,
#endif
    &rb_kernels_plain,     &rb_kernels_wide,           &rb_kernels_wide_bf16,
    &rb_kernels_reference, &rb_kernels_reference_bf16,
};
enum { FAMILIES = sizeof families / sizeof families[0] };

const rb_kernels *rb_kernels_find(const char *name)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        if (!strcmp(families[i]->name, name)) return runs(families[i]) ? families[i] : NULL;
    }
    return NULL;
}

const rb_kernels *rb_kernels_fastest(bool bf16)
{
    if (bf16) return rb_kernels_find("avx512-bf16");
    size_t i = 0;
    while (!runs(families[i])) i++;
    return families[i];
}

rb_status rb_compute_create(rb_compute **out, rb_pool *pool, const char *kernels, bool bf16, rb_arena *arena,
                            rb_error *error)
{
    const rb_kernels *family = kernels ? rb_kernels_find(kernels) : rb_kernels_fastest(bf16);
    if (!family && kernels) {
        return rb_error_set(
            error, RB_ERR_USAGE,
            "kernels '%s': no kernels of that name run on this processor (its fastest are '%s')", kernels,
            rb_kernels_fastest(false)->name);
    }
    if (!family) {
        return rb_error_set(
            error, RB_ERR_USAGE,
            "compute.precision = bf16: this processor has no bf16 instructions (AVX512_BF16: Zen 4, "
            "Sapphire Rapids and later); f32 runs on any");
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

static bool is_worth_sharing(const rb_compute *compute, const rb_job *job)
{
    return job->products + job->bytes / sizeof(float) >= work_worth_sharing &&
           rb_pool_threads(compute->pool) > 1;
}

static void run_here(const rb_job *job)
{
    for (int piece = 0; piece < job->pieces; piece++) job->fn(job->context, piece);
}

static void run(const rb_compute *compute, const rb_job *job)
{
    if (is_worth_sharing(compute, job))
        rb_pool_for(compute->pool, job->fn, job->context, job->pieces);
    else
        run_here(job);
}

static rb_phase *phase_named(rb_profile *profile, const char *name)
{
    for (int i = 0; i < profile->count; i++) {
        if (!strcmp(profile->phase[i].name, name)) return &profile->phase[i];
    }
    assert(profile->count < RB_PHASES_MAX);
    profile->phase[profile->count] = (rb_phase){.name = name};
    return &profile->phase[profile->count++];
}

void rb_compute_for(const rb_compute *compute, const rb_job *job)
{
    if (!compute->profile) {
        run(compute, job);
        return;
    }
    const double start = rb_clock_seconds();
    run(compute, job);
    rb_phase *phase = phase_named(compute->profile, job->phase);
    phase->seconds += rb_clock_seconds() - start;
    phase->products += job->products;
    phase->bytes += job->bytes;
}

void rb_compute_start(const rb_compute *compute, rb_pool_group *group, const rb_job *job)
{
    group->fn = NULL; // nothing to wait for
    if (compute->profile)
        rb_compute_for(compute, job);
    else if (is_worth_sharing(compute, job))
        rb_pool_start(compute->pool, group, job->fn, job->context, job->pieces);
    else
        run_here(job);
}

void rb_compute_wait(const rb_compute *compute, rb_pool_group *group)
{
    if (group->fn) rb_pool_wait(compute->pool, group);
}

void rb_compute_profile(rb_compute *compute, rb_profile *profile)
{
    compute->profile = profile;
}
