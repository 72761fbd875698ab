// The kernels with AVX-512 (F, BW, DQ, VL: every processor that has it since 2017, Zen 4 and later included).
#if defined(__x86_64__)
#define RB_VECTOR_BYTES 64
#define RB_FAMILY       rb_kernels_avx512
#define RB_FAMILY_NAME  "avx512"
#include "compute/simd_family.h"
#endif
