// Vectors by the compilers' own extension (gcc and clang): RB_VECTOR_BYTES, set by the file that includes
// this, is the only thing the families differ in.
#ifndef RB_COMPUTE_SIMD_VECTOR_H
#define RB_COMPUTE_SIMD_VECTOR_H

#include <math.h>
#include <string.h>
#include "compute/kernels.h"

#define LANES (RB_VECTOR_BYTES / 4)

typedef float vf __attribute__((vector_size(RB_VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(RB_VECTOR_BYTES)));
typedef float vf_loose
    __attribute__((vector_size(RB_VECTOR_BYTES), aligned(4), may_alias)); // in memory, at any float

#define LOAD(p)     ((vf)(*(const vf_loose *)(p)))
#define STORE(p, x) (*(vf_loose *)(p) = (x))
#define INLINE      static inline __attribute__((always_inline))

// Loops over the accumulators of a tile must vanish, or these would live in memory.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

// The processor adds an index, times 1, 2, 4 or 8, to a base for free: three rows share one base pointer.
// This keeps the compiler from giving every row a pointer of its own, for which there are not enough
// registers.
#define KEEP_POINTERS(a, b, c, d) __asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d))

#endif
