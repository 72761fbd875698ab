// The kernels with AVX2 and fused multiply-add.
#if defined(__x86_64__)
#define RB_VECTOR_BYTES 32
#define RB_FAMILY       rb_kernels_avx2
#define RB_FAMILY_NAME  "avx2"
#include "compute/simd_family.h"
#endif
