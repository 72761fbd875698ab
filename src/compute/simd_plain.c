// The kernels with 16-byte vectors, which every processor has or its compiler emulates.
#define RB_VECTOR_BYTES 16
#define RB_FAMILY       rb_kernels_plain
#define RB_FAMILY_NAME  "plain"
#include "compute/simd_family.h"
