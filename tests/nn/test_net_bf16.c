// Networks that multiply in bf16, against the same networks in f32: close outputs, gradients in the same
// direction, sizes that need padding, any number of threads, and an update in the background.
#include "nn/net_kit.h"

#define BATCH 7 // odd: the last pair is half empty

static const char *const families[] = {"wide-bf16", "avx512-bf16"};

static rb_net_spec spec_of(int32_t trunk, int planes, int size, bool bytes, bool dueling, int32_t noisy,
                           int hidden, int outputs)
{
    rb_net_spec spec = {
        .bytes = bytes, .planes = planes, .height = size, .width = size, .actions = 3, .outputs = outputs};
    spec.params.trunk = trunk;
    snprintf(spec.params.mlp, sizeof spec.params.mlp, "33-18");
    spec.params.hidden = hidden;
    spec.params.dueling = dueling;
    spec.params.noisy = noisy;
    spec.params.sigma0 = 0.5;
    return spec;
}

static double cosine(const float *a, const float *b, size_t count)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        ab += (double)a[i] * b[i], aa += (double)a[i] * a[i], bb += (double)b[i] * b[i];
    }
    return aa == 0 && bb == 0 ? 1 : ab / sqrt(aa * bb);
}

static double squares(const float *a, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)a[i] * a[i];
    return sum;
}

typedef struct side {
    kit k;
    rb_net *net;
    rb_tape *tape;
    const float *q;
    const float *target; // the same, of a copy that does not train
} side;

static side play(const rb_net_spec *spec, const char *kernels, int threads, const void *x,
                 const float *gradient)
{
    side s = {.k = kit_open(threads, kernels)};
    s.net = kit_net(&s.k, spec, true);
    s.tape = kit_tape(&s.k, s.net, BATCH, true);
    rb_net_init(s.net, 5);
    rb_net_draw_noise(s.net, 1, RB_RNG_NOISE, 0);
    s.q = rb_net_forward(s.net, s.tape, x, BATCH, true);
    rb_net *copy = kit_net(&s.k, spec, false);
    rb_net_copy(copy, s.net);
    rb_net_draw_noise(copy, 1, RB_RNG_NOISE, 0);
    s.target = rb_net_forward(copy, kit_tape(&s.k, copy, BATCH, false), x, BATCH, true);
    rb_net_backward(s.net, s.tape, gradient);
    return s;
}

static void compare(const rb_net_spec *spec, const char *kernels)
{
    const size_t numbers = (size_t)BATCH * (size_t)(spec->planes * spec->height * spec->width),
                 outputs = (size_t)(BATCH * spec->actions * spec->outputs);
    float *floats = malloc(numbers * sizeof(float)), *gradient = malloc(outputs * sizeof(float));
    uint8_t *bytes = malloc(numbers);
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
    for (size_t i = 0; i < numbers; i++) {
        bytes[i] = (uint8_t)rb_rng_below(&rng, 256);
        floats[i] = (float)rb_rng_range(&rng, -1, 1);
    }
    for (size_t i = 0; i < outputs; i++) gradient[i] = (float)rb_rng_range(&rng, -1, 1);
    const void *x = spec->bytes ? (const void *)bytes : floats;
    uint8_t *both = NULL;
    if (spec->vector) { // one frame, whose floats stand behind the picture
        const size_t each = rb_net_observation_bytes(spec), picture = numbers / BATCH;
        both = malloc(BATCH * each);
        for (size_t b = 0; b < BATCH; b++) {
            memcpy(both + b * each, bytes + b * picture, picture);
            memcpy(both + b * each + picture, floats + b * (size_t)spec->vector, each - picture);
        }
        x = both;
    }
    side f32 = play(spec, "plain", 1, x, gradient), bf16 = play(spec, kernels, 1, x, gradient);
    assert_true(cosine(f32.q, bf16.q, outputs) > 0.9995);
    if (!spec->params.norm) assert_true(cosine(f32.q, bf16.target, outputs) > 0.9995);
    const double norm = rb_net_grad_norm(f32.net, f32.tape),
                 least = spec->params.norm ? 0.95 : 0.98; // normalisation gives small numbers weight
    assert_true(fabs(rb_net_grad_norm(bf16.net, bf16.tape) - norm) < 0.01 * norm);
    for (int i = 0; i < rb_net_tensor_count(f32.net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(f32.net, i, &info);
        float *a = malloc(info.count * sizeof(float)), *b = malloc(info.count * sizeof(float));
        rb_net_tensor_gradient(f32.net, f32.tape, i, a), rb_net_tensor_gradient(bf16.net, bf16.tape, i, b);
        // Rounding crosses the corners of ReLUs; and the gradient of a bias before batch normalisation is
        // only rounding.
        const double size = sqrt(squares(a, info.count));
        if (size > 1e-3 * norm && !(cosine(a, b, info.count) > least))
            fail_msg("%s %s: cosine %g", kernels, info.name, cosine(a, b, info.count));
        free(a), free(b);
    }
    free(floats), free(bytes), free(both), free(gradient);
    kit_close(&f32.k), kit_close(&bf16.k);
}

static void test_near_f32(void **state)
{
    (void)state;
    int played = 0;
    for (int f = 0; f < 2; f++) {
        if (!rb_kernels_find(families[f])) continue;
        rb_net_spec spec = spec_of(RB_TRUNK_DER, 4, 42, true, true, RB_NOISY_FACTORISED, 40, 11);
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_NIPS, 3, 36, true, false, RB_NOISY_OFF, 24, 1); // planes padded to 4
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_NATURE, 4, 84, true, true, RB_NOISY_INDEPENDENT, 32, 1);
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_NIPS, 5, 30, false, true, RB_NOISY_OFF, 0, 2); // no hidden layer; floats
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_MLP, 5, 1, false, true, RB_NOISY_FACTORISED, 17, 3); // odd widths everywhere
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_MLP, 9, 1, true, false, RB_NOISY_INDEPENDENT, 16, 1);
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_NIPS, 3, 36, true, true, RB_NOISY_FACTORISED, 40, 3);
        spec.params.norm = RB_NET_NORM_LAYER, spec.params.centre = true;
        compare(&spec, families[f]);
        spec.params.norm = RB_NET_NORM_BATCH;
        compare(&spec, families[f]);
        snprintf(
            spec.params.layers, sizeof spec.params.layers,
            "batch_norm, conv 20 5 2 2, relu, conv 7 3 1 1, layer_norm, relu, conv 9 4 3, linear 30, relu");
        compare(&spec, families[f]);
        spec = spec_of(RB_TRUNK_NIPS, 4, 36, true, true, RB_NOISY_FACTORISED, 40, 3);
        spec.vector = 9, spec.frames = 1;
        compare(&spec, families[f]);
        snprintf(spec.params.layers, sizeof spec.params.layers, "conv 20 5 3, relu, append, linear 31");
        spec.vector = 33;
        compare(&spec, families[f]);
        played++;
    }
    assert_true(played >= 1);
}

// Updates that continue in the background while the next batch's first layers run: bit-identical to one after
// the other, on any number of threads.
enum { SIDE = 36, PIXELS = BATCH * 4 * SIDE * SIDE };
static uint64_t three_updates(const char *kernels, int threads, bool overlapped, int32_t norm)
{
    rb_net_spec spec = spec_of(RB_TRUNK_NIPS, 4, SIDE, true, true, RB_NOISY_FACTORISED, 512, 5);
    spec.params.norm = norm;
    uint8_t *x = malloc(PIXELS);
    float gradient[BATCH * 15];
    rb_rng rng = rb_rng_stream(4, RB_RNG_TEST, 0);
    for (int i = 0; i < PIXELS; i++) x[i] = (uint8_t)rb_rng_below(&rng, 256);
    for (int i = 0; i < BATCH * 15; i++) gradient[i] = (float)rb_rng_range(&rng, -1, 1);
    side s = play(&spec, kernels, threads, x, gradient);
    rb_optimiser optimiser = rb_optimiser_make(&(rb_optim_params){.kind = RB_OPTIM_ADAM,
                                                                  .learning_rate = 1e-2,
                                                                  .beta1 = 0.9,
                                                                  .beta2 = 0.999,
                                                                  .epsilon = 1e-4,
                                                                  .clip_norm = 1});
    const rb_forward pass = {s.net, s.tape, x, BATCH, true, 0, NULL, NULL};
    for (int i = 0; i < 3; i++) {
        rb_net_draw_noise(s.net, 1, RB_RNG_NOISE, (uint64_t)i + 1);
        rb_net_update_start(s.net, s.tape, &optimiser);
        if (!overlapped) rb_net_finish(s.net);
        rb_net_forward_trunk(&pass, 1);
        rb_net_forward_head(&pass, 1);
        rb_net_backward(s.net, s.tape, gradient);
    }
    const uint64_t hash = kit_hash(s.net);
    kit_close(&s.k);
    free(x);
    return hash;
}

static void test_background_and_threads_change_nothing(void **state)
{
    (void)state;
    const char *const all[] = {"wide-bf16", "avx512-bf16", "plain", "avx2", "avx512"};
    for (int f = 0; f < 5; f++) {
        if (!rb_kernels_find(all[f])) continue;
        for (int32_t norm = RB_NET_NORM_NONE; norm <= RB_NET_NORM_LAYER; norm++) {
            const uint64_t hash = three_updates(all[f], 1, false, norm);
            for (int threads = 1; threads <= 4; threads += 3)
                assert_int_equal(three_updates(all[f], threads, true, norm), hash);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_f32),
        cmocka_unit_test(test_background_and_threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
