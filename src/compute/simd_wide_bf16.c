// The shape of the bf16 kernels without their instructions: slow, for tests on machines that lack them.
#define RB_VECTOR_BYTES 64
#define RB_ROLLED
#define RB_BF16
#define RB_FAMILY      rb_kernels_wide_bf16
#define RB_FAMILY_NAME "wide-bf16"
#include "compute/simd_family.h"
