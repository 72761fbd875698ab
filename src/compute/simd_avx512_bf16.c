// The kernels with AVX-512 and its products of bf16 (Cooper Lake, Sapphire Rapids, Zen 4 and later).
#if defined(__x86_64__)
#define RB_VECTOR_BYTES 64
#define RB_BF16
#define RB_FAMILY      rb_kernels_avx512_bf16
#define RB_FAMILY_NAME "avx512-bf16"
#include "compute/simd_family.h"
#endif
