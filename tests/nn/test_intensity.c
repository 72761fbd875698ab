// A pass with intensities: the network of bytes, given factors, computes what the same network of floats
// computes from pictures that were scaled and multiplied before.
#include "nn/small_net.h"

enum { BATCH = 5, PLANES = 3, SIDE = 10, PIXELS = PLANES * SIDE * SIDE, VECTOR = 7, ACTIONS = 3 };

static uint8_t bytes[BATCH][PIXELS + VECTOR * sizeof(float)];
static float floats[BATCH][PIXELS + VECTOR];
static float intensities[BATCH];

// Fills both kinds of observations; `each` numbers of a picture, then `vector` floats that no factor changes.
static void fill(int vector, float scale, float offset)
{
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
    uint8_t *to = (uint8_t *)bytes;
    float *as = (float *)floats;
    for (int i = 0; i < BATCH; i++) {
        intensities[i] = (float)rb_rng_range(&rng, 0.9, 1.1);
        for (int n = 0; n < PIXELS; n++) {
            *to = (uint8_t)rb_rng_below(&rng, 256);
            *as++ = (scale * (float)*to++ + offset) * intensities[i];
        }
        for (int n = 0; n < vector; n++, to += sizeof(float)) {
            const float number = rb_rng_float(&rng);
            memcpy(to, &number, sizeof number);
            *as++ = number;
        }
    }
}

// The outputs of a pass, and the gradient of half the sum of their squares.
static void pass(kit *k, const rb_net_spec *spec, const void *observations, const float *factors,
                 float outputs[BATCH * ACTIONS], float *gradient, int *count)
{
    rb_net *net = kit_net(k, spec, true);
    rb_tape *tape = kit_tape(k, net, BATCH, true);
    rb_net_tensor info;
    rb_net_init(net, 4);
    memcpy(
        outputs,
        rb_net_forward_pass(&(rb_forward){
            .net = net, .tape = tape, .observations = observations, .count = BATCH, .intensities = factors}),
        BATCH * ACTIONS * sizeof(float));
    rb_net_backward(net, tape, outputs);
    rb_net_tensor_info(net, 0, &info);
    rb_net_tensor_gradient(net, tape, 0, gradient);
    *count = (int)info.count;
}

static double largest_difference(const float *a, const float *b, int count, double *largest)
{
    double difference = 0;
    *largest = 0;
    for (int i = 0; i < count; i++) {
        difference = fmax(difference, fabs((double)a[i] - (double)b[i]));
        *largest = fmax(*largest, fabs((double)a[i]));
    }
    return difference;
}

static void expect_same(const char *layers, int vector, const char *kernels)
{
    enum { MOST = 512 * 1024 };
    kit k = kit_open(1, kernels);
    rb_net_spec spec = spec_of(RB_TRUNK_MINATAR, PLANES, SIDE, false, RB_NOISY_OFF, ACTIONS, 1);
    float outputs[3][BATCH * ACTIONS], *gradient[3], scale, offset;
    double size;
    int count;
    spec.frames = 1, spec.vector = vector;
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", layers);
    rb_net_input_scale(&spec, &scale, &offset);
    fill(vector, scale, offset);
    for (int i = 0; i < 3; i++) gradient[i] = malloc(MOST * sizeof(float));
    pass(&k, &spec, bytes, intensities, outputs[0], gradient[0], &count);
    pass(&k, &spec, bytes, NULL, outputs[1], gradient[1], &count);
    spec.bytes = false;
    pass(&k, &spec, floats, NULL, outputs[2], gradient[2], &count);
    assert_in_range(count, 1, MOST);
    const double off = largest_difference(outputs[2], outputs[0], BATCH * ACTIONS, &size);
    if (off > 1e-5 * size) fail_msg("%s, %s: outputs differ by %g of %g", layers, kernels, off, size);
    const double slope_off = largest_difference(gradient[2], gradient[0], count, &size);
    if (slope_off > 1e-5 * size)
        fail_msg("%s, %s: gradients differ by %g of %g", layers, kernels, slope_off, size);
    // And the factors matter.
    assert_true(largest_difference(outputs[1], outputs[0], BATCH * ACTIONS, &size) > 1e-3 * size);
    for (int i = 0; i < 3; i++) free(gradient[i]);
    kit_close(&k);
}

static void test_bytes_with_factors_are_multiplied_floats(void **state)
{
    (void)state;
    static const char *const kernels[] = {"plain", NULL};
    for (int i = 0; i < 2; i++) {
        expect_same("conv 16 3 1, relu", 0, kernels[i]);
        expect_same("conv 16 3 1 1, relu", 0, kernels[i]);
        expect_same("linear 20, relu", 0, kernels[i]);
        expect_same("conv 16 3 1, relu, append", VECTOR, kernels[i]);
        expect_same("append, linear 20, relu", VECTOR, kernels[i]);
    }
}

// Floats are multiplied as well: twice the factor is the same as twice the numbers.
static void test_floats_are_multiplied(void **state)
{
    (void)state;
    static const char *const layers[] = {"conv 16 3 1, relu", "linear 20, relu"};
    for (int i = 0; i < 2; i++) {
        kit k = kit_open(1, NULL);
        rb_net_spec spec = spec_of(RB_TRUNK_MINATAR, PLANES, SIDE, false, RB_NOISY_OFF, ACTIONS, 1);
        float outputs[2][BATCH * ACTIONS], *gradient = malloc(512 * 1024 * sizeof(float));
        int count;
        spec.bytes = false, spec.frames = 1;
        snprintf(spec.params.layers, sizeof spec.params.layers, "%s", layers[i]);
        fill(0, 0.01f, 0);
        for (int s = 0; s < BATCH; s++) intensities[s] = 2;
        pass(&k, &spec, floats, intensities, outputs[0], gradient, &count);
        for (int n = 0; n < BATCH * PIXELS; n++) ((float *)floats)[n] *= 2;
        pass(&k, &spec, floats, NULL, outputs[1], gradient, &count);
        assert_memory_equal(outputs[0], outputs[1], sizeof outputs[0]);
        free(gradient);
        kit_close(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_with_factors_are_multiplied_floats),
        cmocka_unit_test(test_floats_are_multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
