// Networks: sizes, initial values, noise, state, and independence of the number of threads.
#include "nn/net_graph.h"
#include "nn/net_kit.h"

static rb_net_spec spec_of(int32_t trunk, int planes, int size, bool dueling, int32_t noisy, int actions,
                           int outputs)
{
    rb_net_spec spec = {.bytes = size > 1,
                        .planes = planes,
                        .height = size,
                        .width = size,
                        .actions = actions,
                        .outputs = outputs};
    spec.params.trunk = trunk;
    snprintf(spec.params.mlp, sizeof spec.params.mlp, "32");
    spec.params.hidden = 64;
    spec.params.dueling = dueling;
    spec.params.noisy = noisy;
    spec.params.sigma0 = 0.5;
    return spec;
}

static rb_optimiser adam(double clip_norm)
{
    return rb_optimiser_make(&(rb_optim_params){.kind = RB_OPTIM_ADAM,
                                                .learning_rate = 1e-3,
                                                .beta1 = 0.9,
                                                .beta2 = 0.999,
                                                .epsilon = 1e-4,
                                                .clip_norm = clip_norm});
}

static void fill(uint8_t *bytes, size_t count, uint64_t seed)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, 0);
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)rb_rng_below(&rng, 256);
}

static int tensor_named(const rb_net *net, const char *name, rb_net_tensor *info)
{
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, info);
        if (!strcmp(info->name, name)) return i;
    }
    fail_msg("no tensor %s", name);
    return -1;
}

// The network of the Breakout study: nature, dueling 2 x 512, independent noise, 4 actions, no atoms. Also
// the sizes that papers and PyTorch give for others.
static void test_parameter_counts(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 84, true, RB_NOISY_INDEPENDENT, 4, 1);
    spec.params.hidden = 512;
    assert_int_equal(rb_net_parameters(kit_net(&k, &spec, false)), 6507690);
    spec.params.noisy = RB_NOISY_OFF, spec.params.dueling = false;
    assert_int_equal(rb_net_parameters(kit_net(&k, &spec, false)),
                     1686180);         // Mnih et al. 2015 with 4 actions
    spec.params.trunk = RB_TRUNK_AUTO; // a picture selects nature
    assert_int_equal(rb_net_parameters(kit_net(&k, &spec, false)), 1686180);
    spec = spec_of(RB_TRUNK_AUTO, 4, 1, false, RB_NOISY_OFF, 2, 1); // a vector selects mlp: 4-32-64-2
    assert_int_equal(rb_net_parameters(kit_net(&k, &spec, false)), 4 * 32 + 32 + 32 * 64 + 64 + 64 * 2 + 2);
    kit_close(&k);
}

// Each layer's row of the table; the rows add up to the number of parameters.
static void test_table(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    char text[RB_NET_TABLE_BYTES];
    rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 84, true, RB_NOISY_INDEPENDENT, 4, 1);
    spec.params.hidden = 512;
    static const int32_t norms[] = {RB_NET_NORM_NONE, RB_NET_NORM_BATCH, RB_NET_NORM_LAYER};
    for (int i = 0; i < 3; i++) {
        spec.params.norm = norms[i];
        rb_net *net = kit_net(&k, &spec, false);
        rb_net_table(net, text, sizeof text);
        int64_t sum = 0, all = 0;
        for (char *line = text; (line = strchr(line, '\n')); line++) {
            char digits[32];
            size_t used = 0;
            const char *end = strchr(line + 1, '\n'), *last = end ? end : line + strlen(line);
            while (last > line && last[-1] != ' ') last--;
            for (; *last && *last != '\n'; last++)
                if (*last != ',') digits[used++] = *last;
            digits[used] = 0;
            if (!strncmp(line + 1, "  all ", 6)) all = atoll(digits);
            if (strncmp(line + 1, "  all ", 6) && strncmp(line + 1, "  input ", 8)) sum += atoll(digits);
        }
        assert_int_equal(sum, rb_net_parameters(net));
        assert_int_equal(all, sum);
        if (i) continue;
        assert_non_null(strstr(
            text, "  trunk.0          conv, stride 4          32x20x20     32x4x8x8                8,224\n"));
        assert_non_null(strstr(
            text, "  advantage.0      noisy linear            512          512x3136            3,212,288\n"));
        assert_non_null(strstr(text, "6,507,690"));
    }
    rb_net_table(kit_net(&k, &spec, false), text, 40); // cut, not overrun
    assert_true(strlen(text) < 40);
    kit_close(&k);
}

// The same code makes the memory plan and takes the memory.
static void test_bytes_are_what_is_taken(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 84, true, RB_NOISY_FACTORISED, 4, 51);
    const size_t before = rb_arena_bytes(k.arena);
    kit_tape(&k, kit_net(&k, &spec, true), 32, true);
    const double taken = (double)(rb_arena_bytes(k.arena) - before),
                 planned = (double)rb_net_bytes(&spec, true, 32, 1);
    assert_true(fabs(taken - planned) < 0.01 * taken);
    kit_close(&k);
}

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

static void test_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    const int32_t noisy[] = {RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    enum { BATCH = 19 };
    uint8_t *bytes = malloc(BATCH * 4 * 84 * 84);
    float gradient[BATCH * 4 * 5];
    for (int i = 0; i < BATCH * 4 * 5; i++) gradient[i] = 0.01f * (float)((i * 37) % 100 - 50);
    for (int n = 0; n < 2; n++) {
        uint64_t hash[3];
        double norm[3];
        const int threads[3] = {1, 2, 4};
        for (int t = 0; t < 3; t++) {
            kit k = kit_open(threads[t], NULL);
            rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 84, true, noisy[n], 4, 5);
            spec.params.hidden = 256; // enough work to wake the threads
            rb_net *net = kit_net(&k, &spec, true);
            rb_tape *tape = kit_tape(&k, net, BATCH, true);
            rb_net_init(net, 5);
            rb_optimiser optimiser = adam(0.1);
            for (int update = 0; update < 3; update++) {
                fill(bytes, BATCH * 4 * 84 * 84, (uint64_t)update);
                rb_net_draw_noise(net, 1, RB_RNG_NOISE, (uint64_t)update);
                rb_net_forward(net, tape, bytes, BATCH, true);
                rb_net_backward(net, tape, gradient);
                norm[t] = rb_net_grad_norm(net, tape);
                rb_net_update(net, tape, &optimiser);
            }
            hash[t] = kit_hash(net);
            kit_close(&k);
        }
        assert_true(norm[0] > 0 && norm[0] == norm[1] && norm[0] == norm[2]);
        assert_true(hash[0] == hash[1] && hash[0] == hash[2]);
    }
    free(bytes);
}

// A sample's outputs do not depend on the samples beside it, nor on how many there are.
static void test_rows_are_independent(void **state)
{
    (void)state;
    kit k = kit_open(2, NULL);
    const rb_net_spec spec = spec_of(RB_TRUNK_DER, 4, 84, true, RB_NOISY_FACTORISED, 4, 5);
    rb_net *net = kit_net(&k, &spec, true);
    rb_tape *many = kit_tape(&k, net, 29, false), *one = kit_tape(&k, net, 1, false);
    rb_net_init(net, 5);
    rb_net_draw_noise(net, 1, RB_RNG_NOISE, 0);
    const size_t size = 4 * 84 * 84;
    uint8_t *bytes = malloc(29 * size);
    fill(bytes, 29 * size, 1);
    const float *q = rb_net_forward(net, many, bytes, 29, true);
    for (int i = 0; i < 29; i++) {
        assert_memory_equal(rb_net_forward(net, one, bytes + (size_t)i * size, 1, true), q + 20 * i,
                            20 * sizeof(float));
    }
    free(bytes);
    kit_close(&k);
}

// A picture of floats as one long vector, in the order of its planes, compared with sums by hand.
static void test_pictures_of_floats_as_vectors(void **state)
{
    (void)state;
    enum { NUMBERS = 3 * 40 * 90, WIDTH = 5, ACTIONS = 2 };
    kit k = kit_open(1, NULL);
    rb_net_spec spec = {.planes = 3, .height = 40, .width = 90, .actions = ACTIONS, .outputs = 1};
    spec.params.trunk = RB_TRUNK_MLP;
    snprintf(spec.params.mlp, sizeof spec.params.mlp, "%d", WIDTH);
    rb_net *net = kit_net(&k, &spec, false);
    rb_tape *tape = kit_tape(&k, net, 2, false);
    rb_net_init(net, 4);
    float *x = malloc(2 * NUMBERS * sizeof *x), *w = malloc(WIDTH * NUMBERS * sizeof *w), b[WIDTH],
          v[ACTIONS * WIDTH], c[ACTIONS];
    rb_rng rng = rb_rng_stream(6, RB_RNG_TEST, 0);
    for (int i = 0; i < 2 * NUMBERS; i++) x[i] = 2 * rb_rng_float(&rng) - 1;
    rb_net_tensor_get(net, 0, w), rb_net_tensor_get(net, 1, b);
    rb_net_tensor_get(net, 2, v), rb_net_tensor_get(net, 3, c);
    const float *q = rb_net_forward(net, tape, x, 2, false);
    for (int s = 0; s < 2; s++) {
        double hidden[WIDTH];
        for (int o = 0; o < WIDTH; o++) {
            hidden[o] = (double)b[o];
            for (int i = 0; i < NUMBERS; i++)
                hidden[o] += (double)w[o * NUMBERS + i] * (double)x[s * NUMBERS + i];
            if (hidden[o] < 0) hidden[o] = 0;
        }
        for (int a = 0; a < ACTIONS; a++) {
            double sum = (double)c[a];
            for (int o = 0; o < WIDTH; o++) sum += (double)v[a * WIDTH + o] * hidden[o];
            assert_true(fabs(sum - (double)q[s * ACTIONS + a]) < 1e-4);
        }
    }
    free(x), free(w);
    kit_close(&k);
}

// --- noise ---

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

// Every number of every tensor moves by the share, and later products use the blended weights: a network
// whose tensors are set to them gives bit-identical outputs.
static void blend(const char *kernels, int threads, const rb_net_spec *spec, double share)
{
    kit k = kit_open(threads, kernels);
    rb_net *from = kit_net(&k, spec, true), *to = kit_net(&k, spec, false), *set = kit_net(&k, spec, false);
    rb_tape *tape = kit_tape(&k, to, 5, false), *set_tape = kit_tape(&k, set, 5, false);
    rb_net_init(from, 1), rb_net_init(to, 2), rb_net_init(set, 3);
    rb_net_draw_noise(to, 7, RB_RNG_NOISE, 0), rb_net_draw_noise(set, 7, RB_RNG_NOISE, 0);
    uint8_t x[5 * 2 * 30 * 30];
    float before[5 * 12];
    fill(x, sizeof x, 3);
    memcpy(before, rb_net_forward(to, tape, x, 5, true), sizeof before); // so that everything was packed once
    float *old[32];
    for (int i = 0; i < rb_net_tensor_count(to); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(to, i, &info);
        old[i] = malloc(info.count * sizeof(float));
        rb_net_tensor_get(to, i, old[i]);
    }
    rb_net_blend(to, from, share);
    for (int i = 0; i < rb_net_tensor_count(to); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(to, i, &info);
        float *now = malloc(info.count * sizeof(float)), *other = malloc(info.count * sizeof(float));
        rb_net_tensor_get(to, i, now), rb_net_tensor_get(from, i, other);
        for (size_t j = 0; j < info.count; j++) {
            const double want = (double)old[i][j] + share * ((double)other[j] - (double)old[i][j]);
            const double size = fabs((double)old[i][j]) + fabs((double)other[j]); // the size of the rounded
                                                                                  // numbers
            if (share == 1) assert_true(now[j] == other[j]);
            if (!(fabs((double)now[j] - want) <= 2.4e-7 * size))
                fail_msg("%s: number %zu of %s is %.9g, should be %.9g", kernels, j, info.name,
                         (double)now[j], want);
        }
        rb_net_tensor_set(set, i, now);
        free(now), free(other), free(old[i]);
    }
    const float *q = rb_net_forward(to, tape, x, 5, true);
    assert_memory_not_equal(q, before, sizeof before);
    assert_memory_equal(q, rb_net_forward(set, set_tape, x, 5, true), sizeof before);
    kit_close(&k);
}

static void test_a_blend_goes_its_share_of_the_way(void **state)
{
    (void)state;
    const char *const families[] = {"reference", "plain",          "avx2",      "avx512",
                                    "wide",      "reference-bf16", "wide-bf16", "avx512-bf16"};
    const int32_t kinds[] = {RB_NOISY_OFF, RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    const double shares[] = {0.005, 0.5, 0.9, 1};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        if (!rb_kernels_find(families[f])) continue; // this processor does not run it
        for (int i = 0; i < 4; i++) {
            const rb_net_spec spec = spec_of(RB_TRUNK_DER, 2, 30, true, kinds[i % 3], 3, 4);
            blend(families[f], i % 2 + 1, &spec, shares[i]);
        }
    }
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
            const rb_forward passes[] = {{target, whole, x, BATCH, true, 0, NULL},
                                         {net, tape, x, BATCH, true, 0, NULL},
                                         {target, part, x, 5, true, 0, NULL}};
            rb_net_forward_trunk(passes, 3);
            rb_net_forward_head(passes, 3);
            const float *q = rb_tape_output(tape);
            assert_memory_equal(q, rb_tape_output(whole), BATCH * OUTPUTS * sizeof(float));
            assert_memory_equal(q, rb_tape_output(part), 5 * OUTPUTS * sizeof(float));
        }
        kit_close(&k);
    }
}

// --- state ---

static void test_saved_and_loaded_goes_on_the_same(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const int32_t kinds[] = {RB_NOISY_OFF, RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT};
    for (int n = 0; n < 3; n++) {
        const rb_net_spec spec = spec_of(RB_TRUNK_DER, 2, 30, true, kinds[n], 3, 4);
        rb_net *net[2] = {kit_net(&k, &spec, true), kit_net(&k, &spec, true)};
        rb_tape *tape[2] = {kit_tape(&k, net[0], 5, true), kit_tape(&k, net[1], 5, true)};
        uint8_t x[5 * 2 * 30 * 30];
        fill(x, sizeof x, 3);
        float g[5 * 12];
        for (int i = 0; i < 60; i++) g[i] = (float)(i % 7 - 3);
        rb_optimiser optimiser[2] = {adam(1), adam(1)};
        rb_net_init(net[0], 8), rb_net_init(net[1], 9);
        rb_net_draw_noise(net[0], 4, RB_RNG_NOISE, 77);
        rb_net_forward(net[0], tape[0], x, 5, true);
        rb_net_backward(net[0], tape[0], g);
        rb_net_update(net[0], tape[0], &optimiser[0]);
        rb_visitor *v;
        void *data;
        size_t bytes;
        assert_int_equal(rb_visitor_save_memory(&v, &k.error), RB_OK);
        rb_net_visit(net[0], v), rb_optimiser_visit(&optimiser[0], v);
        assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, &k.error), RB_OK);
        assert_int_equal(rb_visitor_load_memory(&v, data, bytes, &k.error), RB_OK);
        rb_net_visit(net[1], v), rb_optimiser_visit(&optimiser[1], v);
        assert_int_equal(rb_visitor_finish(v, NULL, &k.error), RB_OK);
        free(data);
        for (int i = 0; i < 2; i++) { // the first forward still has the current noise
            rb_net_forward(net[i], tape[i], x, 5, true);
            rb_net_backward(net[i], tape[i], g);
            rb_net_update(net[i], tape[i], &optimiser[i]);
        }
        assert_true(kit_hash(net[0]) == kit_hash(net[1]));
        const float *q = rb_net_forward(net[0], tape[0], x, 5, true),
                    *p = rb_net_forward(net[1], tape[1], x, 5, true);
        assert_memory_equal(q, p, 60 * sizeof(float));
    }
    kit_close(&k);
}

// Acting between a forward and its backward, on its own tape, changes nothing.
static void test_tapes_do_not_disturb_each_other(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    const rb_net_spec spec = spec_of(RB_TRUNK_DER, 2, 30, true, RB_NOISY_FACTORISED, 3, 4);
    uint64_t hash[2];
    for (int disturbed = 0; disturbed < 2; disturbed++) {
        rb_net *net = kit_net(&k, &spec, true);
        rb_tape *tape = kit_tape(&k, net, 5, true), *acting = kit_tape(&k, net, 5, false);
        uint8_t x[5 * 2 * 30 * 30], y[5 * 2 * 30 * 30];
        fill(x, sizeof x, 3), fill(y, sizeof y, 4);
        float g[5 * 12];
        for (int i = 0; i < 60; i++) g[i] = (float)(i % 7 - 3);
        rb_optimiser optimiser = adam(1);
        rb_net_init(net, 8);
        rb_net_draw_noise(net, 4, RB_RNG_NOISE, 77);
        rb_net_forward(net, tape, x, 5, true);
        if (disturbed) rb_net_forward(net, acting, y, 3, false), rb_net_forward(net, acting, y, 5, true);
        rb_net_backward(net, tape, g);
        if (disturbed) rb_net_forward(net, acting, y, 5, true);
        rb_net_update(net, tape, &optimiser);
        hash[disturbed] = kit_hash(net);
    }
    assert_true(hash[0] == hash[1]);
    kit_close(&k);
}

// --- steps ---

static void assert_step(const rb_net_step *steps, int i, rb_net_step_kind kind, const char *name, int source,
                        bool relu)
{
    assert_int_equal(steps[i].kind, kind);
    assert_string_equal(steps[i].name, name);
    assert_int_equal(steps[i].source, source);
    assert_int_equal(steps[i].relu, relu);
}

static void test_steps_of_a_network(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    rb_net_spec spec = spec_of(RB_TRUNK_NIPS, 4, 84, true, RB_NOISY_FACTORISED, 3, 5);
    const rb_net *net = kit_net(&k, &spec, false);
    assert_memory_equal(rb_net_spec_of(net), &spec, sizeof spec);
    rb_net_step steps[RB_NET_STEPS_MAX];
    assert_int_equal(rb_net_steps(net, steps), 6);
    assert_step(steps, 0, RB_NET_CONV, "trunk.0", -1, true);
    assert_step(steps, 1, RB_NET_CONV, "trunk.1", 0, true);
    assert_step(steps, 2, RB_NET_LINEAR, "advantage.0", 1, true);
    assert_step(steps, 3, RB_NET_LINEAR, "value.0", 1, true);
    assert_step(steps, 4, RB_NET_LINEAR, "advantage.1", 2, false);
    assert_step(steps, 5, RB_NET_LINEAR, "value.1", 3, false);
    assert_true(steps[1].picture && steps[1].stride == 2 && steps[1].pad == 0 && !steps[2].picture);

    rb_net_tensor info;
    rb_net_tensor_info(net, steps[1].tensor, &info);
    assert_string_equal(info.name, "trunk.1.weight");
    assert_memory_equal(info.shape, ((int[]){32, 16, 4, 4}), sizeof info.shape);
    const int inputs[] = {32 * 9 * 9, 32 * 9 * 9, 64, 64}, outputs[] = {64, 64, 15, 5};
    for (int i = 0; i < 4; i++) {
        rb_net_tensor_info(net, steps[2 + i].tensor, &info);
        assert_non_null(strstr(info.name, ".weight_mu")); // noisy
        assert_true(info.shape[0] == outputs[i] && info.shape[1] == inputs[i]);
    }
    float scale, offset;
    rb_net_input_scale(&spec, &scale, &offset);
    assert_true(scale == 1.0f / 255 && offset == 0);
    spec.bytes = false;
    rb_net_input_scale(&spec, &scale, &offset);
    assert_true(scale == 1 && offset == 0);
    kit_close(&k);
}

// --- errors ---

static void assert_refused(kit *k, const rb_net_spec *spec, const char *part)
{
    rb_net *net;
    assert_int_equal(rb_net_create(&net, spec, true, k->compute, k->arena, &k->error), RB_ERR_USAGE);
    if (!strstr(k->error.message, part)) fail_msg("\"%s\" lacks \"%s\"", k->error.message, part);
}

static void test_what_does_not_fit_is_named(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    rb_net_spec spec = spec_of(RB_TRUNK_NATURE, 4, 16, false, RB_NOISY_OFF, 3, 1);
    assert_refused(&k, &spec,
                   "net.trunk = nature: layer 3 with its window of 3x3 does not fit its input of 2x2");
    spec = spec_of(RB_TRUNK_NIPS, 4, 1, false, RB_NOISY_OFF, 3, 1);
    assert_refused(&k, &spec,
                   "net.trunk = nips reads pictures, but the observation is 4 numbers; --net.trunk=mlp reads "
                   "them, and auto chooses");
    const char *const bad[] = {"256-", "-256", "a", "0", "70000", "4--4", "1-1-1-1-1-1-1-1-1-1-1-1-1"};
    for (int i = 0; i < 7; i++) {
        spec = spec_of(RB_TRUNK_MLP, 4, 1, false, RB_NOISY_OFF, 3, 1);
        snprintf(spec.params.mlp, sizeof spec.params.mlp, "%s", bad[i]);
        assert_refused(&k, &spec, "net.mlp = ");
    }
    rb_compute *compute;
    assert_int_equal(rb_compute_create(&compute, k.pool, "mmx", false, k.arena, &k.error), RB_ERR_USAGE);
    assert_non_null(strstr(k.error.message, "'mmx'"));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_bytes_are_what_is_taken),
        cmocka_unit_test(test_first_values),
        cmocka_unit_test(test_same_bits_for_any_number_of_threads),
        cmocka_unit_test(test_rows_are_independent),
        cmocka_unit_test(test_pictures_of_floats_as_vectors),
        cmocka_unit_test(test_factorised_noise_has_rank_1),
        cmocka_unit_test(test_independent_noise_has_not),
        cmocka_unit_test(test_each_layer_and_net_draws_its_own),
        cmocka_unit_test(test_dopamines_initialiser),
        cmocka_unit_test(test_normal_initialisers),
        cmocka_unit_test(test_shared_bias),
        cmocka_unit_test(test_composed_weights_are_never_old),
        cmocka_unit_test(test_an_update_packs_all_draws),
        cmocka_unit_test(test_a_blend_goes_its_share_of_the_way),
        cmocka_unit_test(test_composing_on_the_way_is_the_same),
        cmocka_unit_test(test_saved_and_loaded_goes_on_the_same),
        cmocka_unit_test(test_tapes_do_not_disturb_each_other),
        cmocka_unit_test(test_steps_of_a_network),
        cmocka_unit_test(test_what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
