// Random streams, one per (seed, purpose, index): Philox 4x32-10 (Salmon et al. 2011, "Parallel random
// numbers: as easy as 1, 2, 3"). The key is made from seed and purpose, the counter from index and position.
// Evaluating or recording therefore never advances another stream, and a stream's whole state is its
// position.
//
// Also here: the Mersenne Twister that ALE and NumPy use, for rules that must match theirs draw by draw.
#ifndef RB_BASE_RNG_H
#define RB_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>
#include "base/visit.h"

typedef enum rb_rng_purpose {
    RB_RNG_INIT = 1, // initial weights
    RB_RNG_EXPLORE,  // epsilon-greedy decisions and random actions, index = environment
    RB_RNG_NOISE,    // online noise, index = layer
    RB_RNG_TARGET_NOISE,
    RB_RNG_SAMPLE, // replay's sampling
    RB_RNG_ENV,    // an environment's own random numbers, index = environment
    RB_RNG_EVAL,   // evaluation's exploration
    RB_RNG_EVAL_ENV,
    RB_RNG_SHOW, // exploration in games shown to people
    RB_RNG_SHOW_ENV,
    RB_RNG_FRACTIONS,       // of implicit quantiles, index = update and pass
    RB_RNG_SHIFT,           // of a batch's pictures, index = update
    RB_RNG_RESET,           // new weights in the middle of a run, index = reset, network and tensor
    RB_RNG_INTENSITY,       // of a batch's pictures, index = update
    RB_RNG_BOOTSTRAP = 100, // a report's resamples, index = resample
    RB_RNG_TEST = 1000,
} rb_rng_purpose;

typedef struct rb_rng {
    uint32_t key[2];
    uint64_t index;
    uint64_t position; // 32-bit words drawn so far
} rb_rng;

rb_rng rb_rng_stream(uint64_t seed, rb_rng_purpose purpose, uint64_t index);
uint32_t rb_rng_u32(rb_rng *rng);
uint64_t rb_rng_u64(rb_rng *rng);
uint32_t rb_rng_below(rb_rng *rng, uint32_t n);                 // uniform on 0 .. n-1, unbiased; n >= 1
double rb_rng_double(rb_rng *rng);                              // [0, 1), 53 bits
float rb_rng_float(rb_rng *rng);                                // [0, 1), 24 bits
double rb_rng_range(rb_rng *rng, double low, double high);      // [low, high)
void rb_rng_normal_fill(rb_rng *rng, float *out, size_t count); // standard normal (Box-Muller)
void rb_rng_visit(rb_rng *rng, rb_visitor *visitor, const char *name);

typedef struct rb_mt19937 {
    uint32_t state[624];
    uint32_t at;
} rb_mt19937;

void rb_mt19937_seed(rb_mt19937 *mt, uint32_t seed); // like std::mt19937(seed)
uint32_t rb_mt19937_u32(rb_mt19937 *mt);

#endif
