// Networks: sizes, state, and independence of the number of threads.
#include "nn/small_net.h"

static void fill(uint8_t *bytes, size_t count, uint64_t seed)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, 0);
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)rb_rng_below(&rng, 256);
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
        cmocka_unit_test(test_same_bits_for_any_number_of_threads),
        cmocka_unit_test(test_rows_are_independent),
        cmocka_unit_test(test_pictures_of_floats_as_vectors),
        cmocka_unit_test(test_a_blend_goes_its_share_of_the_way),
        cmocka_unit_test(test_saved_and_loaded_goes_on_the_same),
        cmocka_unit_test(test_tapes_do_not_disturb_each_other),
        cmocka_unit_test(test_steps_of_a_network),
        cmocka_unit_test(test_what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
