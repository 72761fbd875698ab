// A picture together with a vector: where the vector may join a list of layers, and its gradient.
#include "nn/net_graph.h"
#include "nn/net_kit.h"

static rb_net_spec with_vector(const char *layers)
{
    rb_net_spec spec = {.bytes = true,
                        .planes = 4,
                        .height = 9,
                        .width = 9,
                        .vector = 5,
                        .frames = 2,
                        .actions = 3,
                        .outputs = 2};
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", layers);
    spec.params.hidden = 8;
    spec.params.sigma0 = 0.5;
    return spec;
}

static void test_where_a_vector_joins(void **state)
{
    (void)state;
    const struct {
        const char *layers, *sentence;
    } lists[] = {
        {"conv 8 3 1, relu, linear 20, append", "net.layers: layer 3, linear 20: the observation is a "
                                                "picture with a vector of 10 numbers, which joins "
                                                "nowhere before it; put append before it"},
        {"conv 8 3 1, relu", "net.layers: the observation is a picture with a vector of 10 numbers, which "
                             "joins nowhere; end the list "
                             "with append"},
        {"conv 8 3 1, append, relu", "net.layers: layer 3, relu: it follows append, after which only linear "
                                     "can come; put it before append"},
        {"append, conv 8 3 1", "net.layers: layer 2, conv 8 3 1: it follows append, after which only linear "
                               "can come; put it before "
                               "append"},
        {"append, append", "net.layers: layer 2, append: the vector is appended already; once is enough"},
        {"append, linear 9, append", "net.layers: layer 3, append: it must come before the first linear "
                                     "layer, which reads picture and vector"},
        {"append 3", "net.layers: layer 1, append 3: must be append, without numbers"},
    };
    kit k = kit_open(1, NULL);
    rb_net *net;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const rb_net_spec spec = with_vector(lists[i].layers);
        assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
        assert_string_equal(k.error.message, lists[i].sentence);
    }
    rb_net_spec spec = with_vector("conv 8 3 1, append");
    spec.normalised = 5;
    assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
    assert_non_null(strstr(k.error.message, "are a picture with a vector (4 x 9 x 9); set it to false"));
    // A named trunk is the same network as its list with append at the end.
    rb_net_spec named = with_vector(""), listed = with_vector("conv 16 3 1, relu, append");
    named.params.trunk = RB_TRUNK_MINATAR;
    named.params.hidden = listed.params.hidden = 12;
    rb_net *a = kit_net(&k, &named, true), *b = kit_net(&k, &listed, true);
    rb_net_init(a, 3), rb_net_init(b, 3);
    assert_int_equal(kit_hash(a), kit_hash(b));
    kit_close(&k);
}

static double loss_of(rb_net *net, rb_tape *tape, const void *x, const float *fractions, float *gradient)
{
    enum { SAMPLES = 3, EACH = 4, OUTPUTS = SAMPLES * EACH * 3 };
    const float *q = rb_net_forward_pass(&(rb_forward){
        .net = net, .tape = tape, .observations = x, .count = SAMPLES, .each = EACH, .fractions = fractions});
    double loss = 0;
    for (int i = 0; i < OUTPUTS; i++) {
        loss += 0.5 * (double)q[i] * (double)q[i] + 0.1 * i * (double)q[i];
        gradient[i] = q[i] + 0.1f * (float)i;
    }
    return loss;
}

// Fractions multiply the picture's features and the vector alike: the gradient of a loss along itself is its
// squared norm, and each column of the embedding learns from the numbers that it multiplies.
static void test_a_vector_with_fractions(void **state)
{
    (void)state;
    static const char *const lists[] = {"conv 7 3 2, relu, append", "append",
                                        "conv 5 3 3, relu, append, linear 11"};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        kit k = kit_open(2, "plain");
        rb_net_spec spec = with_vector(lists[l]);
        spec.actions = 3, spec.outputs = 1, spec.cosines = 6, spec.params.hidden = 8;
        rb_net *net = kit_net(&k, &spec, true);
        rb_tape *tape;
        assert_int_equal(rb_tape_create_each(&tape, net, 3, 4, true, k.arena, &k.error), RB_OK);
        rb_net_init(net, 7);
        uint8_t x[3 * 2 * (2 * 81 + 5 * sizeof(float))], *at = x;
        rb_rng rng = rb_rng_stream(5, RB_RNG_TEST, l);
        for (int frame = 0; frame < 6; frame++) {
            for (int i = 0; i < 2 * 81; i++) *at++ = (uint8_t)rb_rng_below(&rng, 256);
            for (int i = 0; i < 5; i++, at += sizeof(float))
                memcpy(at, &(float){(float)rb_rng_range(&rng, -1, 1)}, sizeof(float));
        }
        float fractions[12], gradient[36];
        for (int i = 0; i < 12; i++) fractions[i] = (float)rb_rng_range(&rng, 0, 1);
        loss_of(net, tape, x, fractions, gradient);
        rb_net_backward(net, tape, gradient);
        const double norm = rb_net_grad_norm(net, tape), step = 2e-3 / norm;
        double loss[2];
        float *slopes[32], *values[32];
        const int tensors = rb_net_tensor_count(net);
        for (int i = 0; i < tensors; i++) {
            rb_net_tensor info;
            rb_net_tensor_info(net, i, &info);
            slopes[i] = calloc(info.count, sizeof(float)), values[i] = calloc(info.count, sizeof(float));
            rb_net_tensor_gradient(net, tape, i, slopes[i]), rb_net_tensor_get(net, i, values[i]);
        }
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < tensors; i++) {
                rb_net_tensor info;
                rb_net_tensor_info(net, i, &info);
                float *moved = calloc(info.count, sizeof(float));
                for (size_t j = 0; j < info.count; j++)
                    moved[j] = values[i][j] + (float)((side ? 1 : -1) * step) * slopes[i][j];
                rb_net_tensor_set(net, i, moved);
                free(moved);
            }
            loss[side] = loss_of(net, tape, x, fractions, gradient);
        }
        const double slope = (loss[1] - loss[0]) / (2 * step);
        if (!(fabs(slope - norm * norm) < 0.01 * norm * norm))
            fail_msg("%s: slope %g, squared norm %g", lists[l], slope, norm * norm);
        for (int i = 0; i < tensors; i++) free(slopes[i]), free(values[i]);
        kit_close(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_a_vector_joins),
        cmocka_unit_test(test_a_vector_with_fractions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
