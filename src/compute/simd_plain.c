// The kernels with 16-byte vectors, which every processor has or its compiler emulates.
// clang with all of its checks on unrolled loops takes ten minutes.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define RB_ROLLED
#endif
#endif
#define RB_VECTOR_BYTES 16
#define RB_FAMILY       rb_kernels_plain
#define RB_FAMILY_NAME  "plain"
#include "compute/simd_family.h"
