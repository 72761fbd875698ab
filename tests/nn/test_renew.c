// A network that is renewed in the middle of a run: how old and new weights are mixed, and that nothing of
// the old optimiser remains.
#include "nn/net_kit.h"

enum { BATCH = 3, ACTIONS = 3, OUTPUTS = 5, SIDE = 12, PLANES = 2 };

static rb_net_spec spec_of(int kind)
{
    rb_net_spec spec = {.bytes = true,
                        .planes = PLANES,
                        .height = SIDE,
                        .width = SIDE,
                        .actions = ACTIONS,
                        .outputs = OUTPUTS};
    static const char *const layers[] = {
        "conv 8 3 2, relu, conv 8 3 1 1, relu",
        "conv 8 3 2, spectral_norm, residual, adaptive_max_pool 3, relu",
        "layer_norm, conv 8 3 2, layer_norm, relu, linear 20, layer_norm, relu",
        "conv 8 3 2, batch_norm, relu",
    };
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", layers[kind]);
    spec.params.hidden = 18;
    spec.params.sigma0 = 0.5;
    spec.params.dueling = kind % 2;
    spec.params.noisy = kind % 2 ? RB_NOISY_FACTORISED : kind ? RB_NOISY_INDEPENDENT : RB_NOISY_OFF;
    spec.params.norm = kind == 2 ? RB_NET_NORM_LAYER : RB_NET_NORM_NONE;
    spec.params.init = kind == 3 ? RB_INIT_HE_NORMAL : RB_INIT_PYTORCH;
    return spec;
}

static uint8_t picture(int update, size_t i)
{
    return (uint8_t)((uint32_t)(i + 31) * 2654435761u * (uint32_t)(update + 3) >> 17);
}

static void learn(rb_net *net, rb_tape *tape, rb_optimiser *optimiser, int update)
{
    static uint8_t x[BATCH * PLANES * SIDE * SIDE];
    float gradient[BATCH * ACTIONS * OUTPUTS];
    const bool noisy = rb_net_spec_of(net)->params.noisy != RB_NOISY_OFF;
    for (size_t i = 0; i < sizeof x; i++) x[i] = picture(update, i);
    for (int i = 0; i < BATCH * ACTIONS * OUTPUTS; i++) gradient[i] = (float)((i * 7 + update) % 5) - 2;
    rb_net_draw_noise(net, 3, RB_RNG_NOISE, (uint64_t)update);
    rb_net_forward(net, tape, x, BATCH, noisy);
    rb_net_backward(net, tape, gradient);
    rb_net_draw_noise(net, 3, RB_RNG_NOISE, (uint64_t)update + 1);
    rb_net_update(net, tape, optimiser);
}

static rb_optimiser adam(void)
{
    return rb_optimiser_make(&(rb_optim_params){
        .kind = RB_OPTIM_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4});
}

static float *tensor(const rb_net *net, int i, rb_net_tensor *info)
{
    rb_net_tensor_info(net, i, info);
    float *x = calloc(info->count, sizeof(float));
    rb_net_tensor_get(net, i, x);
    return x;
}

static bool is_trunk(const char *name)
{
    return strstr(name, "trunk.") == name || strstr(name, "input.") == name;
}

// In a renewed network with nothing kept, weights are those of a distribution, and not the first ones.
static void check_new(const rb_net *fresh, const rb_net *first, int i)
{
    rb_net_tensor info;
    float *x = tensor(fresh, i, &info), *y = tensor(first, i, &info);
    const bool drawn = !strstr(info.name, "norm") && !strstr(info.name, "sigma") && !info.buffer;
    double sum = 0, difference = 0;
    for (size_t k = 0; k < info.count; k++) {
        sum += (double)x[k] * (double)x[k];
        difference += ((double)x[k] - (double)y[k]) * ((double)x[k] - (double)y[k]);
    }
    // Two independent draws differ by twice the variance of one.
    if (drawn && info.dims > 1 && info.count >= 100) {
        assert_true(difference > 1.3 * sum && difference < 3 * sum);
    } else if (!drawn && !info.buffer) {
        assert_true(difference == 0);
    }
    free(x), free(y);
}

static void try_kind(int kind, bool trains, float keep)
{
    kit k = kit_open(2, NULL);
    const rb_net_spec spec = spec_of(kind);
    rb_net *net = kit_net(&k, &spec, true), *renewed = kit_net(&k, &spec, trains),
           *fresh = kit_net(&k, &spec, true), *first = kit_net(&k, &spec, true);
    rb_tape *tape = kit_tape(&k, net, BATCH, true);
    rb_optimiser optimiser = adam();
    rb_net_init(net, 1), rb_net_init(fresh, 1), rb_net_init(first, 1);
    for (int update = 0; update < 4; update++) learn(net, tape, &optimiser, update);
    rb_net_copy(renewed, net);
    rb_net_renew(renewed, 1, 6, (double)keep);
    rb_net_renew(fresh, 1, 6, 0);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        float *old = tensor(net, i, &info), *new = tensor(fresh, i, &info), *now = tensor(renewed, i, &info);
        const double share = is_trunk(info.name) ? (double)keep : 0;
        check_new(fresh, first, i);
        for (size_t j = 0; j < info.count && !info.buffer; j++) {
            const double expected = share * (double)old[j] + (1 - share) * (double)new[j];
            if (fabs((double)now[j] - expected) > 1e-6)
                fail_msg("%s[%zu] is %g, not %g", info.name, j, (double)now[j], expected);
        }
        // The statistics of a trunk belong to what is kept.
        if (strstr(info.name, "running") && keep > 0)
            assert_memory_equal(now, old, info.count * sizeof(float));
        free(old), free(new), free(now);
    }
    kit_close(&k);
}

static void test_trunks_are_mixed_and_heads_are_new(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        try_kind(kind, true, 0.75f);
        try_kind(kind, true, 0);
        try_kind(kind, true, 1);
        try_kind(kind, false, 0.75f); // a target network
    }
}

// After a reset a network learns as another one that was given the same weights and has never learned.
static void test_no_moment_remains(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) { // batch_norm's statistics can't be set exactly
        kit k = kit_open(1, NULL);
        const rb_net_spec spec = spec_of(kind);
        rb_net *net = kit_net(&k, &spec, true), *other = kit_net(&k, &spec, true);
        rb_tape *tape = kit_tape(&k, net, BATCH, true), *tape2 = kit_tape(&k, other, BATCH, true);
        rb_optimiser optimiser = adam(), optimiser2 = adam();
        rb_net_init(net, 1), rb_net_init(other, 2);
        for (int update = 0; update < 4; update++) learn(net, tape, &optimiser, update);
        rb_net_renew(net, 1, 2, 0.5);
        optimiser.updates = 0;
        rb_net_copy(other, net);
        for (int update = 0; update < 3; update++) {
            learn(net, tape, &optimiser, update);
            learn(other, tape2, &optimiser2, update);
        }
        assert_true(kit_hash(net) == kit_hash(other)); // moments too
        kit_close(&k);
    }
}

static void test_numbers_tell_resets_apart(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(0);
    rb_net *net = kit_net(&k, &spec, true);
    uint64_t hash[3];
    for (int i = 0; i < 3; i++) {
        rb_net_init(net, 1);
        rb_net_renew(net, 1, i < 2 ? 2 : 3, 0.5);
        hash[i] = kit_hash(net);
    }
    assert_true(hash[0] == hash[1] && hash[0] != hash[2]);
    kit_close(&k);
}

// ---- spectral normalisation

// The largest singular value of [outputs][inputs].
static double spectral_norm(const float *w, int outputs, int inputs)
{
    double *v = calloc((size_t)inputs, sizeof *v), norm = 0;
    for (int i = 0; i < inputs; i++) v[i] = 1 + i % 3;
    for (int round = 0; round < 200; round++) {
        double squares = 0;
        double *next = calloc((size_t)inputs, sizeof *next);
        for (int o = 0; o < outputs; o++) {
            double u = 0;
            for (int i = 0; i < inputs; i++) u += (double)w[o * inputs + i] * v[i];
            for (int i = 0; i < inputs; i++) next[i] += (double)w[o * inputs + i] * u;
        }
        for (int i = 0; i < inputs; i++) squares += next[i] * next[i];
        for (int i = 0; i < inputs; i++) v[i] = squares > 0 ? next[i] / sqrt(squares) : 0;
        norm = sqrt(sqrt(squares)); // of W'W: the square
        free(next);
    }
    free(v);
    return norm;
}

static bool is_spectral(const rb_net *net, int i)
{
    rb_net_tensor info, other;
    rb_net_tensor_info(net, i, &info);
    for (int k = 0; k < rb_net_tensor_count(net); k++) {
        rb_net_tensor_info(net, k, &other);
        const size_t length = strlen(info.name);
        if (!strncmp(other.name, info.name, length) && !strcmp(other.name + length, "_u")) return true;
    }
    return false;
}

// The weights that passes use have a spectral norm of about 1, as far as one step of the power iteration per
// change finds it.
static void assert_normalised(const rb_net *net)
{
    int seen = 0;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        if (!is_spectral(net, i)) continue;
        float *w = tensor(net, i, &info);
        rb_net_tensor_used(net, i, w);
        const double norm = spectral_norm(w, (int)info.shape[0], (int)info.count / (int)info.shape[0]);
        if (!(norm > 0.7 && norm < 1.5)) fail_msg("%s has the spectral norm %g", info.name, norm);
        free(w);
        seen++;
    }
    assert_true(seen >= 1);
}

// A soft update between networks that a reset made: neither's singular vectors are those of the mixture.
static void test_a_soft_update_after_a_reset_stays_normalised(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(1);
    rb_net *net = kit_net(&k, &spec, true), *target = kit_net(&k, &spec, false);
    rb_net_init(net, 1), rb_net_init(target, 1);
    rb_net_renew(net, 1, 2, 0), rb_net_renew(target, 1, 3, 0);
    for (int i = 0; i < 100; i++) {
        rb_net_blend(target, net, 0.02);
        if (i >= 10) assert_normalised(target); // the first ones find the vectors
    }
    kit_close(&k);
}

// Weights that are all zero, such as a residual block that begins as the identity, can't be normalised: they
// are used as they are, and once an update has changed them they are normalised.
static void test_zero_weights_are_used_as_they_are(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(1);
    rb_net *net = kit_net(&k, &spec, true);
    rb_tape *tape = kit_tape(&k, net, BATCH, true);
    rb_optimiser optimiser = adam();
    rb_net_init(net, 1);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        float *w = tensor(net, i, &info);
        if (!is_spectral(net, i) || !strstr(info.name, "trunk.0")) {
            free(w);
            continue;
        }
        memset(w, 0, info.count * sizeof *w);
        rb_net_tensor_set(net, i, w);
        rb_net_tensor_used(net, i, w);
        for (size_t j = 0; j < info.count; j++) assert_true(w[j] == 0);
        free(w);
    }
    for (int update = 0; update < 30; update++) learn(net, tape, &optimiser, update);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        float *w = tensor(net, i, &info);
        for (size_t j = 0; j < info.count; j++) assert_true(isfinite(w[j]));
        free(w);
    }
    assert_normalised(net);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_soft_update_after_a_reset_stays_normalised),
        cmocka_unit_test(test_zero_weights_are_used_as_they_are),
        cmocka_unit_test(test_trunks_are_mixed_and_heads_are_new),
        cmocka_unit_test(test_no_moment_remains),
        cmocka_unit_test(test_numbers_tell_resets_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
