// What the tests against PyTorch share: the generator of all numbers, and summaries of tensors.
//
// "To 1e-5" is relative to the largest number of the tensor: single entries may be sums that nearly cancel.
#ifndef RB_TESTS_GOLDEN_KIT_H
#define RB_TESTS_GOLDEN_KIT_H

#include "nn/net_kit.h"

#define TOLERANCE 1e-5

static inline float *lcg(int seed, size_t count) // in [-1, 1), as in the script
{
    float *out = calloc(count + 1, sizeof(float));
    assert_non_null(out);
    uint64_t x = (uint64_t)seed * 2654435761u + 12345;
    for (int i = 0; i < 4; i++) x = x * 6364136223846793005u + 1442695040888963407u;
    for (size_t i = 0; i < count; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        out[i] = (float)((double)(x >> 40) / 8388608.0 - 1.0);
    }
    return out;
}

static inline double next_number(FILE *file)
{
    double x;
    assert_int_equal(fscanf(file, "%lf", &x), 1);
    return x;
}

// Reads the summary that stands next in the file, and holds the tensor against it. `scale`: the size of what
// it is a sum of, where that may cancel (a bias before batch normalisation has no gradient but rounding).
static inline void assert_summary(FILE *file, const rb_compute *compute, const char *net, const char *what,
                                  const char *name, const float *x, size_t count, int seed, double scale)
{
    const int entries = (int)next_number(file);
    const double truly_largest = next_number(file), product = next_number(file);
    const double largest = fmax(scale, truly_largest);
    double own_largest = 0, own_product = 0, square = 0;
    float *vector = lcg(seed, count);
    for (size_t i = 0; i < count; i++) {
        own_largest = fmax(own_largest, fabs((double)x[i]));
        own_product += (double)x[i] * (double)vector[i];
        square += (double)x[i] * (double)x[i];
    }
    free(vector);
    const char *kernels = rb_compute_kernels(compute);
    if (fabs(own_largest - truly_largest) > TOLERANCE * largest)
        fail_msg("%s %s %s %s: largest %g, not %g", kernels, net, what, name, own_largest, truly_largest);
    if (fabs(own_product - product) > TOLERANCE * fmax(sqrt(square), largest))
        fail_msg("%s %s %s %s: product %g, not %g", kernels, net, what, name, own_product, product);
    for (int k = 0; k < entries; k++) {
        const size_t at = (size_t)entries == count ? (size_t)k : ((size_t)k * 7919 + 13) % count;
        const double truth = next_number(file);
        if (!(fabs((double)x[at] - truth) <= TOLERANCE * largest)) {
            fail_msg("%s %s %s %s[%zu] is %.9g, should be %.9g", kernels, net, what, name, at, (double)x[at],
                     truth);
        }
    }
}

#endif
