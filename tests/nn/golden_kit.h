// Shared by the tests against PyTorch: the generator of all numbers, a network with a batch and its loss, and
// summaries of tensors.
//
// "To 1e-5" is relative to the tensor's largest number: single entries may be sums that nearly cancel.
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

typedef struct scene { // a network and its batch
    const char *name;
    int number; // all seeds are derived from it
    int batch, outputs;
    kit kit;
    rb_net *net;
    rb_tape *tape;
    void *observations;
    float *target, *gradient; // [outputs]
    const float *q;
} scene;

// Pictures [batch][planes] with the vector of each frame behind its planes: [batch][frames][planes | vector].
static inline void *with_vectors(const rb_net_spec *spec, int batch, const void *pictures, int number)
{
    const size_t frames = (size_t)(batch * spec->frames), vector = (size_t)spec->vector * sizeof(float);
    const size_t picture = (size_t)(spec->planes / spec->frames * spec->height * spec->width) *
                           (spec->bytes ? 1 : sizeof(float));
    float *numbers = lcg(number * 1000 + 902, frames * (size_t)spec->vector);
    char *both = calloc(frames, picture + vector);
    for (size_t f = 0; f < frames; f++) {
        char *to = both + f * (picture + vector);
        memcpy(to, (const char *)pictures + f * picture, picture);
        memcpy(to + picture, numbers + f * (size_t)spec->vector, vector);
    }
    free(numbers);
    return both;
}

static inline scene scene_open(const char *name, const rb_net_spec *spec, int batch, int number,
                               const char *kernels, int threads)
{
    scene s = {.name = name,
               .number = number,
               .batch = batch,
               .outputs = batch * spec->actions * spec->outputs,
               .kit = kit_open(threads, kernels)};
    s.net = kit_net(&s.kit, spec, true);
    s.tape = kit_tape(&s.kit, s.net, batch, true);
    const size_t numbers = (size_t)batch * (size_t)(spec->planes * spec->height * spec->width);
    float *u = lcg(number * 1000 + 900, numbers);
    s.observations = u;
    if (spec->bytes) {
        uint8_t *bytes = calloc(numbers, 1);
        for (size_t i = 0; i < numbers; i++) bytes[i] = (uint8_t)floor(((double)u[i] + 1) * 128);
        s.observations = bytes;
        free(u);
    }
    if (spec->vector) {
        void *both = with_vectors(spec, batch, s.observations, number);
        free(s.observations);
        s.observations = both;
    }
    s.target = lcg(number * 1000 + 901, (size_t)s.outputs);
    s.gradient = calloc((size_t)s.outputs, sizeof(float));
    return s;
}

static inline void scene_close(scene *s)
{
    free(s->observations), free(s->target), free(s->gradient);
    kit_close(&s->kit);
}

// Loss: sum of target * q / batch + 0.025 q^2.
static inline void scene_run(scene *s)
{
    s->q = rb_net_forward(s->net, s->tape, s->observations, s->batch, true);
    for (int i = 0; i < s->outputs; i++) s->gradient[i] = s->target[i] / (float)s->batch + 0.05f * s->q[i];
    rb_net_backward(s->net, s->tape, s->gradient);
}

static inline double next_number(FILE *file)
{
    double x;
    assert_int_equal(fscanf(file, "%lf", &x), 1);
    return x;
}

// Reads the next summary in the file, and compares the tensor with it. `scale`: the size of the terms of the
// sum, if they may cancel (the gradient of a bias before batch normalisation is only rounding).
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

// Reads the next outputs in the file, and compares `q` with them.
static inline void assert_outputs(FILE *file, const scene *s, const char *what, const float *q)
{
    char word[32];
    assert_int_equal(fscanf(file, "%31s", word), 1);
    assert_string_equal(word, what);
    const int count = (int)next_number(file);
    double *truth = malloc((size_t)count * sizeof(double)), largest = 0;
    for (int i = 0; i < count; i++) largest = fmax(largest, fabs(truth[i] = next_number(file)));
    assert_true(largest > 0);
    for (int i = 0; i < count; i++) {
        if (!(fabs((double)q[i] - truth[i]) <= TOLERANCE * largest))
            fail_msg("%s %s, %s: %d is %.9g, should be %.9g", rb_compute_kernels(s->kit.compute), s->name,
                     what, i, (double)q[i], truth[i]);
    }
    free(truth);
}

// The same for the gradient's norm.
static inline void assert_norm(FILE *file, const scene *s)
{
    char word[32];
    assert_int_equal(fscanf(file, "%31s", word), 1);
    assert_string_equal(word, "norm");
    const double norm = next_number(file), own = rb_net_grad_norm(s->net, s->tape);
    if (!(fabs(own - norm) <= TOLERANCE * norm))
        fail_msg("%s %s: norm %.9g, should be %.9g", rb_compute_kernels(s->kit.compute), s->name, own, norm);
}

#endif
