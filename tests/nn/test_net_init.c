// Initial weights of every kind, and one bias for all outputs.
#include "nn/small_net.h"

static void test_first_values(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const int32_t kinds[] = {RB_NOISY_OFF, RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    for (int n = 0; n < 3; n++) {
        const rb_net_spec spec = spec_of(RB_TRUNK_DER, 4, 50, true, kinds[n], 4, 5);
        rb_net *net = kit_net(&k, &spec, true);
        rb_net_init(net, 3);
        double fan = 1;
        for (int i = 0; i < rb_net_tensor_count(net); i++) {
            rb_net_tensor info;
            rb_net_tensor_info(net, i, &info);
            if (info.dims > 1) fan = (double)info.count / info.shape[0];
            float *x = calloc(info.count, sizeof(float));
            rb_net_tensor_get(net, i, x);
            double sum = 0, square = 0, largest = 0;
            for (size_t j = 0; j < info.count; j++)
                sum += x[j], square += (double)x[j] * x[j], largest = fmax(largest, fabs((double)x[j]));
            const double count = (double)info.count;
            if (strstr(info.name, "sigma")) {
                const double sigma = kinds[n] == RB_NOISY_INDEPENDENT ? 0.5 : 0.5 / sqrt(fan);
                assert_true(fabs(sum / count - sigma) < 1e-6 && fabs(largest - sigma) < 1e-6);
            } else {
                const double bound = strstr(info.name, "mu") && kinds[n] == RB_NOISY_INDEPENDENT
                                         ? sqrt(3 / fan)
                                         : 1 / sqrt(fan);
                assert_true(largest <= bound * (1 + 1e-6));
                assert_true(fabs(sum / count) < 5 * bound / sqrt(3 * count));
                if (count > 100)
                    assert_true(fabs(square / count / (bound * bound / 3) - 1) < 5 / sqrt(count) &&
                                largest > 0.9 * bound);
            }
            free(x);
        }
    }
    kit_close(&k);
}

// Dopamine's initialiser: weights within sqrt(sqrt(3) / inputs), with the variance of that, and biases of 0.
// Layers with noise keep theirs.
static void test_dopamines_initialiser(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    for (int noisy = 0; noisy < 2; noisy++) {
        rb_net_spec spec =
            spec_of(RB_TRUNK_NATURE, 4, 84, false, noisy ? RB_NOISY_FACTORISED : RB_NOISY_OFF, 6, 1);
        spec.params.init = RB_INIT_DOPAMINE;
        rb_net *net = kit_net(&k, &spec, false);
        rb_net_init(net, 3);
        const struct {
            const char *name;
            int inputs;
            bool noisy;
        } layers[] = {{"trunk.0", 4 * 64, false}, {"trunk.1", 32 * 16, false}, {"head.0", 3136, noisy}};
        for (int i = 0; i < 3; i++) {
            rb_net_tensor info;
            char name[64];
            snprintf(name, sizeof name, "%s.%s", layers[i].name, layers[i].noisy ? "weight_mu" : "weight");
            const int at = tensor_named(net, name, &info);
            float *w = calloc(info.count, sizeof *w), most = 0;
            double squares = 0;
            rb_net_tensor_get(net, at, w);
            for (size_t j = 0; j < info.count; j++) most = fmaxf(most, fabsf(w[j])), squares += w[j] * w[j];
            const double bound =
                layers[i].noisy ? 1 / sqrt(layers[i].inputs) : 1.3160740 / sqrt(layers[i].inputs);
            assert_true(most <= bound && most > 0.999 * bound);
            assert_true(fabs(squares / (double)info.count / (bound * bound / 3) - 1) < 0.05);
            snprintf(name, sizeof name, "%s.%s", layers[i].name, layers[i].noisy ? "bias_mu" : "bias");
            rb_net_tensor_get(net, tensor_named(net, name, &info), w);
            for (size_t j = 0; j < info.count; j++) assert_true((w[j] == 0) == !layers[i].noisy);
            free(w);
        }
    }
    kit_close(&k);
}

// Flax's initialisers: a normal of variance 1 / inputs or, before a ReLU, 2 / inputs, cut at two deviations
// of the normal that is cut, which has to be wider by 1 / 0.8796; biases 0.
static void test_normal_initialisers(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    for (int dueling = 0; dueling < 2; dueling++) {
        for (int he = 0; he < 2; he++) {
            rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 84, dueling, RB_NOISY_OFF, 200, 1);
            spec.params.hidden = 512;
            spec.params.init = he ? RB_INIT_HE_NORMAL : RB_INIT_LECUN_NORMAL;
            rb_net *net = kit_net(&k, &spec, false);
            rb_net_init(net, 3);
            const struct {
                const char *name;
                int inputs;
                bool ends;
            } layers[] = {{"trunk.0", 4 * 64, false},
                          {"trunk.1", 32 * 16, false},
                          {dueling ? "value.0" : "head.0", 3136, false},
                          {dueling ? "advantage.1" : "head.1", 512, true}};
            for (int i = 0; i < 4; i++) {
                rb_net_tensor info;
                char name[64];
                snprintf(name, sizeof name, "%s.weight", layers[i].name);
                const int at = tensor_named(net, name, &info);
                float *w = calloc(info.count, sizeof *w), most = 0;
                double squares = 0, fourths = 0;
                rb_net_tensor_get(net, at, w);
                for (size_t j = 0; j < info.count; j++) {
                    const double square = (double)w[j] * (double)w[j];
                    most = fmaxf(most, fabsf(w[j])), squares += square, fourths += square * square;
                }
                const double variance = (he && !layers[i].ends ? 2.0 : 1.0) / layers[i].inputs;
                const double bound = 2 * sqrt(variance) / 0.87962566, found = squares / (double)info.count;
                assert_true(fabs(found / variance - 1) < 0.05);
                assert_true(most <= bound * 1.00001 && most > 0.99 * bound);
                // The kurtosis of a normal cut there; 1.8 if it were uniform, 3 if it were not cut.
                const double kurtosis = fourths / (double)info.count / (found * found);
                assert_true(kurtosis > 2.25 && kurtosis < 2.5);
                snprintf(name, sizeof name, "%s.bias", layers[i].name);
                rb_net_tensor_get(net, tensor_named(net, name, &info), w);
                for (size_t j = 0; j < info.count; j++) assert_true(w[j] == 0);
                free(w);
            }
        }
    }
    kit_close(&k);
}

// The outputs of all actions share a bias, with atoms one per atom: its gradient is the sum over them, it
// counts once in the norm and among the parameters, and the outputs' biases stay equal.
static void test_shared_bias(void **state)
{
    (void)state;
    enum { INPUTS = 9, BATCH = 5 };
    kit k = kit_open(1, NULL);
    for (int atoms = 1; atoms <= 7; atoms += 6) {
        const int actions = 5, outputs = actions * atoms; // with 7 atoms more than two panels
        rb_net_spec spec = spec_of(RB_TRUNK_MLP, INPUTS, 1, false, RB_NOISY_OFF, actions, atoms);
        rb_net *own = kit_net(&k, &spec, true);
        spec.params.shared_bias = true;
        rb_net *net = kit_net(&k, &spec, true);
        assert_int_equal(rb_net_parameters(net), rb_net_parameters(own) - (outputs - atoms));
        rb_net_init(net, 3);
        rb_net_copy(own, net);
        rb_net_tensor info;
        const int bias = tensor_named(net, "head.1.bias", &info);
        rb_tape *tape = kit_tape(&k, net, BATCH, true), *own_tape = kit_tape(&k, own, BATCH, true);
        float x[INPUTS * BATCH], gradient[BATCH * 35], sums[35], apart[35], values[35], before[35];
        rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
        rb_rng_normal_fill(&rng, x, INPUTS * BATCH);
        rb_rng_normal_fill(&rng, gradient, BATCH * (size_t)outputs);
        rb_net_forward(net, tape, x, BATCH, 0), rb_net_forward(own, own_tape, x, BATCH, 0);
        rb_net_backward(net, tape, gradient), rb_net_backward(own, own_tape, gradient);
        rb_net_tensor_gradient(net, tape, bias, sums), rb_net_tensor_gradient(own, own_tape, bias, apart);
        double norm = pow(rb_net_grad_norm(own, own_tape), 2);
        for (int i = 0; i < outputs; i++) {
            float sum = 0;
            for (int a = 0; a < actions; a++) sum += apart[a * atoms + i % atoms];
            assert_float_equal(sums[i], sum, 1e-5);
            norm += (i < atoms ? sum * sum : 0) - apart[i] * apart[i];
        }
        assert_true(fabs(rb_net_grad_norm(net, tape) - sqrt(norm)) < 1e-4 * sqrt(norm));
        rb_net_tensor_get(net, bias, before);
        rb_optimiser optimiser = adam(1);
        for (int i = 0; i < 3; i++) {
            rb_net_update(net, tape, &optimiser);
            rb_net_forward(net, tape, x, BATCH, 0);
            rb_net_backward(net, tape, gradient);
        }
        rb_net_tensor_get(net, bias, values);
        for (int i = 0; i < outputs; i++) {
            assert_true(before[i] == before[i % atoms] && values[i] == values[i % atoms]);
            assert_true(values[i] != before[i]);
        }
    }
    // The outputs of noisy layers and of two streams keep biases of their own.
    for (int dueling = 0; dueling < 2; dueling++) {
        rb_net_spec spec =
            spec_of(RB_TRUNK_MLP, INPUTS, 1, dueling, dueling ? RB_NOISY_OFF : RB_NOISY_FACTORISED, 5, 1);
        const int64_t parameters = rb_net_parameters(kit_net(&k, &spec, true));
        spec.params.shared_bias = true;
        assert_int_equal(rb_net_parameters(kit_net(&k, &spec, true)), parameters);
    }
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_values),
        cmocka_unit_test(test_dopamines_initialiser),
        cmocka_unit_test(test_normal_initialisers),
        cmocka_unit_test(test_shared_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
