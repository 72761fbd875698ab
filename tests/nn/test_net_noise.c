// Noisy layers: what a draw is, which draws differ, and the weights composed with them.
#include "nn/small_net.h"

static float *composed_by_hand(rb_net *net, const char *layer, bool noise, int *outputs, int *inputs)
{
    char name[80];
    rb_net_tensor info;
    snprintf(name, sizeof name, "%s.weight_mu", layer);
    float *w = calloc(1 << 16, sizeof(float)), *sigma = calloc(1 << 16, sizeof(float)),
          *e = calloc(1 << 16, sizeof(float));
    rb_net_tensor_get(net, tensor_named(net, name, &info), w);
    *outputs = info.shape[0], *inputs = info.shape[1];
    snprintf(name, sizeof name, "%s.weight_sigma", layer);
    const int i = tensor_named(net, name, &info);
    rb_net_tensor_get(net, i, sigma);
    const size_t numbers = rb_net_tensor_noise(net, i, e, 1 << 16);
    const bool factorised = numbers == (size_t)(*outputs + *inputs);
    for (int o = 0; o < *outputs && noise; o++) {
        for (int j = 0; j < *inputs; j++)
            w[o * *inputs + j] +=
                sigma[o * *inputs + j] * (factorised ? e[j] * e[*inputs + o] : e[o * *inputs + j]);
    }
    free(sigma), free(e);
    return w;
}

// A linear net on unit vectors shows its composed weights (minus the bias): mu without noise. With factorised
// noise the addition has rank 1; with independent noise it has not. Each draw, and each layer, has its own
// noise.
static void noise_of(int32_t noisy)
{
    kit k = kit_open(1, NULL);
    enum { IN = 12, OUT = 18 };
    rb_net_spec spec = spec_of(RB_TRUNK_MLP, IN, 1, false, noisy, OUT, 1);
    spec.params.mlp[0] = 0, spec.params.hidden = 0;
    rb_net *net = kit_net(&k, &spec, true);
    rb_tape *tape = kit_tape(&k, net, IN + 1, false);
    rb_net_init(net, 2);
    float x[IN + 1][IN] = {{0}};
    for (int i = 0; i < IN; i++) x[i][i] = 1; // the last row stays zero: the bias
    double noise[2][OUT][IN];
    for (int draw = 0; draw < 2; draw++) {
        rb_net_draw_noise(net, 9, RB_RNG_NOISE, (uint64_t)draw);
        float mean[IN + 1][OUT];
        memcpy(mean, rb_net_forward(net, tape, x, IN + 1, false), sizeof mean);
        const float *q = rb_net_forward(net, tape, x, IN + 1, true);
        int outputs, inputs;
        float *w = composed_by_hand(net, "head.0", true, &outputs, &inputs),
              *mu = composed_by_hand(net, "head.0", false, &outputs, &inputs);
        for (int o = 0; o < OUT; o++) {
            for (int i = 0; i < IN; i++) {
                assert_true(fabs((double)q[i * OUT + o] - q[IN * OUT + o] - w[o * IN + i]) < 1e-5);
                assert_true(fabs((double)mean[i][o] - mean[IN][o] - mu[o * IN + i]) <
                            1e-6); // off: no noise is left
                noise[draw][o][i] = (double)w[o * IN + i] - mu[o * IN + i];
            }
        }
        free(w), free(mu);
        double rank1 = 0, largest = 0;
        for (int o = 1; o < OUT; o++) {
            for (int i = 1; i < IN; i++) {
                double(*d)[IN] = noise[draw];
                rank1 = fmax(rank1, fabs(d[0][0] * d[o][i] - d[0][i] * d[o][0]));
                largest = fmax(largest, fabs(d[o][i] * d[0][0]));
            }
        }
        assert_true(largest > 0);
        assert_true((rank1 < 1e-5 * largest + 1e-9) == (noisy == RB_NOISY_FACTORISED));
    }
    assert_memory_not_equal(noise[0], noise[1], sizeof noise[0]);
    kit_close(&k);
}

static void test_factorised_noise_has_rank_1(void **state)
{
    (void)state, noise_of(RB_NOISY_FACTORISED);
}

static void test_independent_noise_has_not(void **state)
{
    (void)state, noise_of(RB_NOISY_INDEPENDENT);
}

static void test_each_layer_and_net_draws_its_own(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const int32_t kinds[] = {RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    for (int n = 0; n < 2; n++) {
        const rb_net_spec spec = spec_of(RB_TRUNK_MLP, 8, 1, true, kinds[n], 16, 1);
        rb_net *net = kit_net(&k, &spec, true), *target = kit_net(&k, &spec, false);
        rb_net_draw_noise(net, 1, RB_RNG_NOISE, 4), rb_net_draw_noise(target, 1, RB_RNG_TARGET_NOISE, 4);
        rb_net_tensor info;
        float a[4096], b[4096], c[4096], again[4096];
        const int i = tensor_named(net, "advantage.0.weight_sigma", &info),
                  j = tensor_named(net, "value.0.weight_sigma", &info);
        const size_t count = rb_net_tensor_noise(net, i, a, 4096);
        assert_true(count > 64 && count <= 4096);
        assert_int_equal(rb_net_tensor_noise(net, j, b, 4096), count);
        assert_int_equal(rb_net_tensor_noise(target, i, c, 4096), count);
        int same = 0;
        for (size_t m = 0; m < count; m++) same += (a[m] == b[m]) + (a[m] == c[m]) + (b[m] == c[m]);
        assert_int_equal(same, 0);
        rb_net_draw_noise(net, 1, RB_RNG_NOISE, 5); // a draw depends on its number only
        rb_net_draw_noise(net, 1, RB_RNG_NOISE, 4);
        rb_net_tensor_noise(net, i, again, 4096);
        assert_memory_equal(a, again, count * sizeof(float));
    }
    kit_close(&k);
}

// The forward after an update, a draw or a copy uses the new values.
// docs/faults.md, 9
static void test_composed_weights_are_never_old(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(RB_TRUNK_MLP, 8, 1, true, RB_NOISY_FACTORISED, 3, 1);
    rb_net *net = kit_net(&k, &spec, true), *other = kit_net(&k, &spec, true);
    rb_tape *tape = kit_tape(&k, net, 1, true), *tape2 = kit_tape(&k, other, 1, true);
    rb_net_init(net, 1), rb_net_init(other, 2);
    float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, q[5][3], g[3] = {1, -1, 0.5f};
    rb_optimiser optimiser = adam(0);
    rb_net_draw_noise(net, 1, RB_RNG_NOISE, 0);
    memcpy(q[0], rb_net_forward(net, tape, x, 1, true), sizeof q[0]);
    rb_net_draw_noise(net, 1, RB_RNG_NOISE, 1);
    memcpy(q[1], rb_net_forward(net, tape, x, 1, true), sizeof q[0]);
    rb_net_backward(net, tape, g);
    rb_net_update(net, tape, &optimiser);
    memcpy(q[2], rb_net_forward(net, tape, x, 1, true), sizeof q[0]);
    rb_net_copy(net, other);
    memcpy(q[3], rb_net_forward(net, tape, x, 1, true), sizeof q[0]);
    for (int i = 0; i < 3; i++) assert_memory_not_equal(q[i], q[i + 1], sizeof q[0]);
    rb_net_draw_noise(other, 1, RB_RNG_NOISE, 1);
    assert_memory_equal(q[3], rb_net_forward(other, tape2, x, 1, true), sizeof q[0]);
    kit_close(&k);
}

// A network with three draws: an update packs its weights with each of them as packing afresh does, and the
// draws of a layer differ.
static void test_an_update_packs_all_draws(void **state)
{
    (void)state;
    kit k = kit_open(2, NULL);
    for (int kind = RB_NOISY_FACTORISED; kind <= RB_NOISY_INDEPENDENT; kind++) {
        rb_net_spec spec = spec_of(RB_TRUNK_MLP, 9, 1, true, kind, 37, 1); // more than one panel
        spec.draws = RB_NET_DRAWS;
        rb_net *net = kit_net(&k, &spec, true);
        rb_tape *tape = kit_tape(&k, net, 2, true), *acting = kit_tape(&k, net, 1, false);
        rb_optimiser optimiser = adam(0);
        float x[18], gradient[2 * 37], q[RB_NET_DRAWS][37];
        for (int i = 0; i < 18; i++) x[i] = (float)(i % 5) - 2;
        for (int i = 0; i < 2 * 37; i++) gradient[i] = (float)(i % 7) - 3;
        rb_net_init(net, 1);
        rb_net_draw_noise(net, 1, RB_RNG_NOISE, 0);
        for (uint64_t update = 1; update <= 3; update++) {
            rb_net_forward(net, tape, x, 2, 1);
            rb_net_backward(net, tape, gradient);
            rb_net_draw_noise(net, 1, RB_RNG_NOISE, update);
            rb_net_update(net, tape, &optimiser);
            for (int draw = 1; draw <= RB_NET_DRAWS; draw++)
                memcpy(q[draw - 1], rb_net_forward(net, acting, x, 1, draw), sizeof q[0]);
            assert_memory_not_equal(q[0], q[1], sizeof q[0]);
            assert_memory_not_equal(q[0], q[2], sizeof q[0]);
            assert_memory_not_equal(q[1], q[2], sizeof q[0]);
            rb_net_draw_noise(net, 1, RB_RNG_NOISE, update); // the same, but now it packs the weights again
            for (int draw = 1; draw <= RB_NET_DRAWS; draw++) {
                const float *again = rb_net_forward(net, acting, x, 1, draw);
                for (int i = 0; i < 37; i++) assert_float_equal(q[draw - 1][i], again[i], 1e-5);
            }
        }
    }
    kit_close(&k);
}

// A network that does not train composes its weights when it uses them, on any thread, and once for passes
// side by side: results are bit-identical to those from weights composed beforehand, also after new noise and
// new weights.
static void test_composing_on_the_way_is_the_same(void **state)
{
    (void)state;
    enum { INPUTS = 300, BATCH = 17, OUTPUTS = 3 * 7 };
    const int32_t kinds[] = {RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    float x[BATCH * INPUTS];
    for (int i = 0; i < BATCH * INPUTS; i++) x[i] = (float)(i * 7919 % 200 - 100) / 100;
    for (int n = 0; n < 4; n++) {
        kit k = kit_open(n < 2 ? 1 : 4, NULL);
        rb_net_spec spec = spec_of(RB_TRUNK_MLP, INPUTS, 1, true, kinds[n % 2], 3, 7);
        spec.params.mlp[0] = 0;
        spec.params.hidden = 500;
        rb_net *net = kit_net(&k, &spec, true), *target = kit_net(&k, &spec, false);
        rb_tape *tape = kit_tape(&k, net, BATCH, true), *whole = kit_tape(&k, target, BATCH, true),
                *part = kit_tape(&k, target, BATCH, true);
        for (uint64_t round = 0; round < 3; round++) {
            if (round != 1) rb_net_init(net, round), rb_net_copy(target, net);
            rb_net_draw_noise(net, 1, RB_RNG_NOISE, round), rb_net_draw_noise(target, 1, RB_RNG_NOISE, round);
            const rb_forward passes[] = {{target, whole, x, BATCH, true, 0, NULL, NULL},
                                         {net, tape, x, BATCH, true, 0, NULL, NULL},
                                         {target, part, x, 5, true, 0, NULL, NULL}};
            rb_net_forward_trunk(passes, 3);
            rb_net_forward_head(passes, 3);
            const float *q = rb_tape_output(tape);
            assert_memory_equal(q, rb_tape_output(whole), BATCH * OUTPUTS * sizeof(float));
            assert_memory_equal(q, rb_tape_output(part), 5 * OUTPUTS * sizeof(float));
        }
        kit_close(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factorised_noise_has_rank_1),
        cmocka_unit_test(test_independent_noise_has_not),
        cmocka_unit_test(test_each_layer_and_net_draws_its_own),
        cmocka_unit_test(test_composed_weights_are_never_old),
        cmocka_unit_test(test_an_update_packs_all_draws),
        cmocka_unit_test(test_composing_on_the_way_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
