// Vectors with the compilers' own extension (gcc and clang). Families differ in two settings of the including
// file: RB_VECTOR_BYTES, and RB_BF16 if a unit is two bf16.
//
// Below: the definition of a unit, how a vector of units is multiplied and added to sums (MULTIPLY_ADD), and
// the conversion between floats and numbers of the format. Everything else is the same for both formats.
#ifndef RB_COMPUTE_SIMD_VECTOR_H
#define RB_COMPUTE_SIMD_VECTOR_H

#include <math.h>
#include <string.h>
#include "compute/kernels.h"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define LANES (RB_VECTOR_BYTES / 4)

typedef float vf __attribute__((vector_size(RB_VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(RB_VECTOR_BYTES)));
typedef float vf_loose
    __attribute__((vector_size(RB_VECTOR_BYTES), aligned(4), may_alias)); // in memory, aligned to a float
typedef int32_t vi_loose __attribute__((vector_size(RB_VECTOR_BYTES), aligned(4), may_alias));

#define LOAD(p)     ((vf)(*(const vf_loose *)(p)))
#define STORE(p, x) (*(vf_loose *)(p) = (x))
#define INLINE      static inline __attribute__((always_inline))

// Loops over a tile's accumulators must be unrolled fully, else the accumulators would live in memory. A
// family that only tests run may be slow and need not be (RB_ROLLED): unrolled, it would be compiled for
// minutes.
#if defined(RB_ROLLED)
#define UNROLL
#define UNROLL_ROWS
#elif defined(__clang__)
#define UNROLL      _Pragma("clang loop unroll(full)")
#define UNROLL_ROWS UNROLL
#else
#define UNROLL      _Pragma("GCC unroll 16")
#define UNROLL_ROWS _Pragma("GCC unroll 32") // of the highest tiles
#endif

// The processor adds an index times 1, 2, 4 or 8 to a base for free, so three rows share one base pointer.
// This macro keeps the compiler from giving every row its own pointer, for which there are too few registers.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

INLINE vf square_root(vf x)
{
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (vf)_mm512_sqrt_ps((__m512)x);
#elif RB_VECTOR_BYTES == 32 && defined(__AVX2__)
    return (vf)_mm256_sqrt_ps((__m256)x);
#elif RB_VECTOR_BYTES == 16 && defined(__SSE2__)
    return (vf)_mm_sqrt_ps((__m128)x);
#else
    float lane[LANES];
    memcpy(lane, &x, sizeof lane);
    for (int i = 0; i < LANES; i++) lane[i] = sqrtf(lane[i]);
    memcpy(&x, lane, sizeof lane);
    return x;
#endif
}

// sum + x * y, rounded once if the family's processors have an instruction for it. Products that are summed
// say so with this function, and the compiler may contract nothing else (kernels.cmake): it would do so in
// one tile and not in another (gcc 13 does), and a sample's last bits would depend on the samples beside it.
INLINE vf multiply_add(vf sum, vf x, vf y)
{
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (vf)_mm512_fmadd_ps((__m512)x, (__m512)y, (__m512)sum);
#elif RB_VECTOR_BYTES == 32 && defined(__FMA__)
    return (vf)_mm256_fmadd_ps((__m256)x, (__m256)y, (__m256)sum);
#elif RB_VECTOR_BYTES == 16 && defined(__aarch64__)
    return (vf)vfmaq_f32((float32x4_t)sum, (float32x4_t)x, (float32x4_t)y);
#else
    return sum + x * y;
#endif
}

// The same for one number, in loops that the compiler vectorises.
INLINE float multiply_add_1(float sum, float x, float y)
{
#if defined(__FMA__) || defined(__aarch64__)
    return __builtin_fmaf(x, y, sum);
#else
    return sum + x * y;
#endif
}

INLINE vf least(vf x, vf y) // keeps NaN in x
{
    const vi take = y < x;
    return (vf)(((vi)y & take) | ((vi)x & ~take));
}
INLINE vf most(vf x, vf y)
{
    const vi take = y > x;
    return (vf)(((vi)y & take) | ((vi)x & ~take));
}
INLINE vf where_positive(vf condition, vf x) // 0 in the other lanes
{
    return (vf)((vi)x & (condition > 0));
}
INLINE vf not_negative(vf x) // -0 and NaN stay, the latter so that it is noticed
{
    return (vf)((vi)x & ~(x < 0));
}
INLINE vf positive_or_zero(vf x) // the same, but +0 for -0
{
    return (vf)((vi)x & ~(x <= 0));
}

#ifndef RB_BF16 // ---- f32: a unit is a float

#define TOGETHER 1
typedef float unit;
typedef vf unit_vector;
#define LOAD_UNITS(p)           LOAD(p)
#define MULTIPLY_ADD(sum, x, w) multiply_add(sum, x, w)
typedef vf spread;
#define SPREAD(x) ((x) - (vf){0}) // in every lane; 0 - 0 and -0 - 0 keep their signs

INLINE vf load_numbers(const rb_unit *p) // LANES numbers as floats
{
    return LOAD(p);
}
INLINE void store_numbers(rb_unit *p, vf x)
{
    STORE(p, x);
}
INLINE vf rounded(vf x) // to the format
{
    return x;
}
INLINE unit_vector pair_of(vf first, vf second)
{
    (void)second;
    return first;
}
INLINE vf first_of(unit_vector units) // the first number of each lane's pair
{
    return units;
}
INLINE vf second_of(unit_vector units)
{
    return units;
}
INLINE unit_vector load_pair(const rb_unit *first, const rb_unit *second) // LANES units from the numbers of
                                                                          // both
{
    (void)second;
    return LOAD(first);
}

#else // ---- bf16: the upper half of a float; a unit is two of them

#define TOGETHER      2
typedef int32_t unit;
typedef vi unit_vector;
typedef int16_t vh __attribute__((vector_size(RB_VECTOR_BYTES / 2)));
typedef uint16_t vh_unsigned __attribute__((vector_size(RB_VECTOR_BYTES / 2)));
typedef int16_t vh_loose __attribute__((vector_size(RB_VECTOR_BYTES / 2), aligned(4), may_alias));
#define LOAD_UNITS(p) ((vi)(*(const vi_loose *)(p)))
typedef vi spread;
#define SPREAD(x)     ((vi){0} + (x))
#define UPPER         ((int32_t)0xFFFF0000)

#if defined(__AVX512BF16__)
#define MULTIPLY_ADD(sum, x, w) ((vf)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))
INLINE vh halves_of(vf x)
{
    return (vh)_mm512_cvtneps_pbh((__m512)x);
}
#else
INLINE vf multiply_add_pairs(vf sum, vi x, vi w)
{
    sum = multiply_add(sum, (vf)(x << 16), (vf)(w << 16));
    return multiply_add(sum, (vf)(x & UPPER), (vf)(w & UPPER));
}
#define MULTIPLY_ADD(sum, x, w) multiply_add_pairs(sum, x, w)
INLINE vh halves_of(vf x) // to the nearest, ties to even; NaN stays NaN
{
    const vi bits = (vi)x, odd = (bits >> 16) & 1, rounded = bits + 0x7FFF + odd, nan = x != x;
    const vi chosen = (rounded & ~nan) | ((bits | 0x400000) & nan);
    return __builtin_convertvector(chosen >> 16, vh);
}
#endif

INLINE vi widen_halves(vh x) // into the lower halves of units; the upper halves are 0
{
#if defined(__AVX512F__)
    return (vi)_mm512_cvtepu16_epi32((__m256i)x);
#else
    return __builtin_convertvector((vh_unsigned)x, vi);
#endif
}

INLINE vf load_numbers(const rb_unit *p)
{
    return (vf)(widen_halves(*(const vh_loose *)p) << 16);
}
INLINE void store_numbers(rb_unit *p, vf x)
{
    *(vh_loose *)p = halves_of(x);
}
INLINE vf rounded(vf x)
{
    return (vf)(widen_halves(halves_of(x)) << 16);
}
INLINE unit_vector pair_of(vf first, vf second) // units (first, second), lane by lane
{
    return widen_halves(halves_of(first)) | (widen_halves(halves_of(second)) << 16);
}

INLINE vf first_of(unit_vector units)
{
    return (vf)(units << 16);
}
INLINE vf second_of(unit_vector units)
{
    return (vf)(units & UPPER);
}

INLINE unit_vector load_pair(const rb_unit *first, const rb_unit *second)
{
    const vi low = widen_halves(*(const vh_loose *)first);
    return second ? low | (widen_halves(*(const vh_loose *)second) << 16) : low;
}

#endif

INLINE void store_units(rb_unit *p, unit_vector x)
{
    *(vi_loose *)p = (vi)x;
}

// Writes past the caches if there is an instruction for it; p is aligned to the vector's size.
INLINE void stream_units(rb_unit *p, unit_vector x)
{
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    _mm512_stream_si512((void *)p, (__m512i)x);
#elif RB_VECTOR_BYTES == 32 && defined(__AVX2__)
    _mm256_stream_si256((void *)p, (__m256i)x);
#else
    store_units(p, x);
#endif
}
INLINE void end_stream(void) // call before another thread may read the streamed data
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

// Indices that shuffle two vectors a and b, lane by lane, in blocks of s lanes. UPPER_OF: the even blocks of
// a, each followed by the same block of b. LOWER_OF: the odd blocks of a, each followed by the same block of
// b.
#define UPPER_OF(l, s)      ((l) & (s) ? LANES + (l) - (s) : (l))
#define LOWER_OF(l, s)      ((l) & (s) ? LANES + (l) : (l) + (s))
#define FOUR_LANES(f, l, s) f(l, s), f(l + 1, s), f(l + 2, s), f(l + 3, s)
#if LANES == 16
#define EACH_LANE(f, s) FOUR_LANES(f, 0, s), FOUR_LANES(f, 4, s), FOUR_LANES(f, 8, s), FOUR_LANES(f, 12, s)
#elif LANES == 8
#define EACH_LANE(f, s) FOUR_LANES(f, 0, s), FOUR_LANES(f, 4, s)
#else
#define EACH_LANE(f, s) FOUR_LANES(f, 0, s)
#endif

// Adds neighbouring blocks of s lanes, so that half as many vectors hold the sums of twice as many rows.
#define MERGE_STEP(s)                                                                                        \
    UNROLL for (int i = 0; i < (s); i++) x[i] =                                                              \
        __builtin_shufflevector(x[i], x[i + (s)], EACH_LANE(UPPER_OF, s)) +                                  \
        __builtin_shufflevector(x[i], x[i + (s)], EACH_LANE(LOWER_OF, s));

// Lane i is the sum of x[i].
INLINE vf sums_of(vf x[LANES])
{
#if LANES == 16
    MERGE_STEP(8)
#endif
#if LANES >= 8
    MERGE_STEP(4)
#endif
    MERGE_STEP(2)
    MERGE_STEP(1)
    return x[0];
}

// The number of units that hold `numbers` numbers.
#define UNITS(numbers) ((numbers) / TOGETHER)

#endif
