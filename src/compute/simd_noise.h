// Normal numbers, many at once: Philox 2x32-10 (Salmon et al. 2011) in every lane, then the Box-Muller
// transform with polynomials.
//
// Numbers come in blocks of 32. Lane l of block b has the counter 16 b + l; its two words u and a give the
// radius sqrt(-2 ln u) and the angle; the two results are numbers l and l + 16 of the block. So a number
// depends only on the key and its place, not on the vector width or on where a call starts.
#ifndef RB_COMPUTE_SIMD_NOISE_H
#define RB_COMPUTE_SIMD_NOISE_H

#include "compute/simd_vector.h"

#define NOISE_LANES 16

// a + b x + c x^2 + d x^3 + e x^4
#define POLYNOMIAL(x, a, b, c, d, e)                                                                         \
    multiply_add_1(a, x, multiply_add_1(b, x, multiply_add_1(c, x, multiply_add_1(d, x, e))))

INLINE void noise_words(const uint32_t key[2], uint64_t block, uint32_t *restrict first,
                        uint32_t *restrict second)
{
    uint64_t x[NOISE_LANES], y[NOISE_LANES];
    uint32_t k = key[0];
    for (int l = 0; l < NOISE_LANES; l++) {
        x[l] = (uint32_t)(block * NOISE_LANES + (uint64_t)l);
        y[l] = key[1];
    }
    for (int round = 0; round < 10; round++, k += 0x9E3779B9u) {
        for (int l = 0; l < NOISE_LANES; l++) {
            const uint64_t product = x[l] * 0xD256D193u;
            x[l] = (product >> 32) ^ k ^ y[l];
            y[l] = product & 0xFFFFFFFFu;
        }
    }
    for (int l = 0; l < NOISE_LANES; l++) first[l] = (uint32_t)x[l], second[l] = (uint32_t)y[l];
}

static void noise_block(const uint32_t key[2], uint64_t block, float *restrict out)
{
    uint32_t u[NOISE_LANES], a[NOISE_LANES];
    noise_words(key, block, u, a);
    float uniform[NOISE_LANES], mantissa[NOISE_LANES];
    uint32_t bits[NOISE_LANES], power[NOISE_LANES];
    for (int l = 0; l < NOISE_LANES; l++) uniform[l] = (float)(int32_t)((u[l] >> 8) + 1) * 0x1p-24f; // (0, 1]
    memcpy(bits, uniform, sizeof(bits));
    for (int l = 0; l < NOISE_LANES; l++) { // uniform = mantissa * 2^power, mantissa in [sqrt 1/2, sqrt 2)
        power[l] = (bits[l] - 0x3F3504F3u) & 0xFF800000u;
        bits[l] -= power[l];
    }
    memcpy(mantissa, bits, sizeof(bits));
    for (int l = 0; l < NOISE_LANES; l++) {
        // ln m = 2 atanh(s), s = (m - 1)/(m + 1), |s| < 0.172
        const float s = (mantissa[l] - 1) / (mantissa[l] + 1), t = s * s;
        const float series = POLYNOMIAL(t, 2, 0.666666667f, 0.4f, 0.285714286f, 0.222222222f);
        const float ln = multiply_add_1(0.693147181f * (float)((int32_t)power[l] >> 23), s, series);
        const float radius = sqrtf(ln < 0 ? -2 * ln : 0);
        // The angle: two bits choose the quadrant, the rest turns by r in [-pi/4, pi/4).
        const uint32_t quadrant = a[l] >> 30;
        const float r = (float)((int32_t)(a[l] << 2) >> 8) * (0x1p-24f * 1.57079633f), q = r * r;
        const float sine =
            r * POLYNOMIAL(q, 1, -0.166666667f, 8.33333333e-3f, -1.98412698e-4f, 2.75573192e-6f);
        const float cosine = POLYNOMIAL(q, 1, -0.5f, 4.16666667e-2f, -1.38888889e-3f, 2.48015873e-5f);
        const float x = quadrant & 1 ? -sine : cosine, y = quadrant & 1 ? cosine : sine;
        const float transposed = quadrant & 2 ? -radius : radius;
        out[l] = transposed * x;
        out[l + NOISE_LANES] = transposed * y;
    }
}

static void normal(const uint32_t key[2], uint64_t first, float *out, size_t count)
{
    uint64_t block = first / (2 * NOISE_LANES);
    for (; count >= 2 * NOISE_LANES; count -= 2 * NOISE_LANES, out += 2 * NOISE_LANES)
        noise_block(key, block++, out);
    if (count) {
        float last[2 * NOISE_LANES];
        noise_block(key, block, last);
        memcpy(out, last, count * sizeof(float));
    }
}

#endif
