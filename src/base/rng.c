#include "base/rng.h"

#include <math.h>

// Philox 4x32-10: ten rounds of multiplication and exchange turn a 128-bit counter into 128 random bits under
// a 64-bit key.
static void philox(const uint32_t key[2], uint64_t index, uint64_t block, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = (uint32_t)index,
             c3 = (uint32_t)(index >> 32);
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

// A seed and a purpose make a key. It is mixed by splitmix64's finaliser, so neighbouring seeds share
// nothing.
static uint64_t mix(uint64_t z)
{
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

rb_rng rb_rng_stream(uint64_t seed, rb_rng_purpose purpose, uint64_t index)
{
    uint64_t key = mix(mix(seed) ^ (uint64_t)purpose);
    return (rb_rng){.key = {(uint32_t)key, (uint32_t)(key >> 32)}, .index = index};
}

uint32_t rb_rng_u32(rb_rng *rng)
{
    uint32_t block[4];
    philox(rng->key, rng->index, rng->position >> 2, block);
    return block[rng->position++ & 3];
}

uint64_t rb_rng_u64(rb_rng *rng)
{
    uint64_t low = rb_rng_u32(rng);
    return low | (uint64_t)rb_rng_u32(rng) << 32;
}

uint32_t rb_rng_below(rb_rng *rng, uint32_t n)
{
    // Lemire 2019: the high word of a product; redrawn in the few cases that would favour some values.
    uint64_t product = (uint64_t)rb_rng_u32(rng) * n;
    if ((uint32_t)product < n) {
        uint32_t least = -n % n;
        while ((uint32_t)product < least) product = (uint64_t)rb_rng_u32(rng) * n;
    }
    return (uint32_t)(product >> 32);
}

double rb_rng_double(rb_rng *rng)
{
    return (double)(rb_rng_u64(rng) >> 11) * 0x1p-53;
}
float rb_rng_float(rb_rng *rng)
{
    return (float)(rb_rng_u32(rng) >> 8) * 0x1p-24f;
}
double rb_rng_range(rb_rng *rng, double low, double high)
{
    return low + (high - low) * rb_rng_double(rng);
}

void rb_rng_normal_fill(rb_rng *rng, float *out, size_t count)
{
    // Box and Muller 1958, one pair at a time; 1 - u keeps the logarithm's argument above zero. An odd count
    // still draws a whole pair.
    for (size_t i = 0; i < count; i += 2) {
        double radius = sqrt(-2.0 * log(1.0 - (double)rb_rng_float(rng)));
        double angle = 6.283185307179586 * (double)rb_rng_float(rng);
        out[i] = (float)(radius * cos(angle));
        if (i + 1 < count) out[i + 1] = (float)(radius * sin(angle));
    }
}

void rb_rng_visit(rb_rng *rng, rb_visitor *visitor, const char *name)
{
    rb_visit_open(visitor, name);
    rb_visit_bytes(visitor, "key", rng->key, sizeof rng->key);
    rb_visit_u64(visitor, "index", &rng->index);
    rb_visit_u64(visitor, "position", &rng->position);
    rb_visit_close(visitor);
}

void rb_mt19937_seed(rb_mt19937 *mt, uint32_t seed)
{
    mt->state[0] = seed;
    for (uint32_t i = 1; i < 624; i++)
        mt->state[i] = 1812433253u * (mt->state[i - 1] ^ (mt->state[i - 1] >> 30)) + i;
    mt->at = 624;
}

uint32_t rb_mt19937_u32(rb_mt19937 *mt)
{
    uint32_t *s = mt->state;
    if (mt->at == 624) {
        for (int i = 0; i < 624; i++) {
            uint32_t y = (s[i] & 0x80000000u) | (s[(i + 1) % 624] & 0x7fffffffu);
            s[i] = s[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
        }
        mt->at = 0;
    }
    uint32_t y = s[mt->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}
