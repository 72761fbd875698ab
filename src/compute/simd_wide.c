// The shape of the AVX-512 kernels without its instructions: slow, for tests on machines that lack them.
#define RB_VECTOR_BYTES 64
#define RB_ROLLED
#define RB_FAMILY      rb_kernels_wide
#define RB_FAMILY_NAME "wide"
#include "compute/simd_family.h"
