// See compute_spec.h.
#include "rollout/compute_spec.h"

#include <string.h>

rb_status rb_compute_make(rb_compute **out, const rb_compute_params *params, rb_pool *pool, rb_arena *arena,
                          rb_error *error)
{
    static const char *const names[] = {
        [RB_KERNELS_AVX512] = "avx512", [RB_KERNELS_AVX2] = "avx2", [RB_KERNELS_PLAIN] = "plain"};
    const char *kernels = names[params->kernels];
    const bool bf16 = params->precision == RB_PRECISION_BF16;
    if (kernels && bf16 && strcmp(kernels, "avx512"))
        return rb_error_set(error, RB_ERR_USAGE,
                            "compute.kernels = %s: they do not support compute.precision = bf16; use avx512",
                            kernels);
    if (kernels && !bf16 && !rb_kernels_find(kernels))
        return rb_error_set(error, RB_ERR_USAGE,
                            "compute.kernels = %s: this processor does not support them; its fastest are %s",
                            kernels, rb_kernels_fastest(false)->name);
    return rb_compute_create(out, pool, bf16 ? NULL : kernels, bf16, arena, error);
}
