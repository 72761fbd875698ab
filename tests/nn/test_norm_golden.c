// Normalisation, pools, residual blocks, lists of layers, padding, centred bytes and a ReLU after the outputs
// against PyTorch, from the same weights, noise, observations and output gradients: outputs and gradients in
// training, running statistics and parameters after three updates, outputs in evaluation. The golden file and
// its script: tests/data/make_norm_golden.py.
#include "nn/golden_kit.h"

typedef struct golden_net {
    const char *name, *layers;
    int planes, height, width;
    bool bytes, centre;
    int32_t norm;
    int hidden;
    bool dueling, noisy, relu_outputs;
    int actions, outputs, batch;
} golden_net;

static const golden_net nets[] = {
    // as in the script
    {"batch", "conv 6 3 1, batch_norm, relu, conv 5 3 2 1, batch_norm, relu, linear 20, batch_norm, relu", 3,
     11, 9, true, false, RB_NET_NORM_NONE, 0, false, false, false, 4, 1, 7},
    {"layer", "conv 6 3 1, layer_norm, relu, conv 5 3 2 1, layer_norm, relu, linear 70, layer_norm, relu", 3,
     11, 9, true, false, RB_NET_NORM_LAYER, 18, true, false, false, 2, 3, 7},
    {"mixed",
     "batch_norm, conv 4 5 3 2, relu, layer_norm, conv 20 1 1, conv 7 2 1, relu, batch_norm, relu, "
     "layer_norm",
     2, 12, 13, false, false, RB_NET_NORM_BATCH, 10, true, false, false, 3, 1, 5},
    {"around",
     "layer_norm, relu, batch_norm, conv 3 3 2 1, batch_norm, conv 17 2 2, relu, conv 4 2 1 1, layer_norm", 2,
     10, 9, true, true, RB_NET_NORM_NONE, 0, false, false, false, 3, 1, 6},
    {"vector", "batch_norm, linear 33, layer_norm, relu, linear 70, batch_norm", 6, 1, 1, false, false,
     RB_NET_NORM_BATCH, 9, false, false, false, 3, 1, 40},
    {"picture", "layer_norm, linear 9, relu, layer_norm", 2, 5, 3, true, true, RB_NET_NORM_NONE, 0, false,
     false, false, 2, 1, 3},
    {"noisy",
     "conv 32 4 2, batch_norm, relu, conv 64 4 2, batch_norm, relu, conv 64 3 1, batch_norm, relu, linear "
     "24, relu",
     2, 20, 22, true, true, RB_NET_NORM_LAYER, 12, true, true, false, 3, 5, 9},
    {"padded", "conv 8 5 2 2, relu, conv 8 3 1 1, conv 12 8 1 3, relu, conv 3 2 3", 4, 10, 9, true, true,
     RB_NET_NORM_NONE, 9, false, false, true, 4, 1, 9},
    {"centred", "linear 12, relu", 3, 4, 5, true, true, RB_NET_NORM_NONE, 0, true, false, true, 4, 1, 3},
    {"residual", "conv 6 3 1 1, max_pool 3 2 1, residual, residual, relu, linear 20, relu", 3, 11, 9, true,
     false, RB_NET_NORM_NONE, 0, false, false, false, 4, 1, 7},
    {"spectral",
     "conv 20 3 1 1, spectral_norm, max_pool 2, residual, spectral_norm, relu, adaptive_max_pool 4", 2, 12,
     13, true, true, RB_NET_NORM_NONE, 10, true, true, false, 3, 3, 6},
    {"pools",
     "max_pool 3 2 1, conv 7 3 1, batch_norm, relu, adaptive_average_pool 4, residual, layer_norm, conv 18 1 "
     "1, "
     "global_average_pool",
     2, 14, 12, false, false, RB_NET_NORM_NONE, 9, false, false, false, 3, 1, 5},
    {"block", "residual, batch_norm, relu, residual, conv 4 3 1 1, max_pool 3 1", 17, 6, 7, false, false,
     RB_NET_NORM_NONE, 0, false, false, false, 3, 1, 5},
    {"after",
     "conv 8 3 1 1, relu, residual, spectral_norm, max_pool 2 2, layer_norm, residual, relu, "
     "global_average_pool, "
     "linear 12",
     1, 9, 8, true, false, RB_NET_NORM_NONE, 0, false, false, false, 3, 1, 4},
    {"epsilon", "batch_norm, conv 16 3 1, layer_norm, relu", 4, 10, 10, true, false, RB_NET_NORM_LAYER, 20,
     true, false, false, 3, 1, 8},
    {"channel",
     "channel_norm, conv 6 3 1 1, channel_norm, relu, conv 20 3 2 1, channel_norm, relu, linear 30, "
     "channel_norm, relu",
     3, 7, 9, true, false, RB_NET_NORM_CHANNEL, 18, true, false, false, 3, 1, 9},
    {"append", "conv 20 3 2, relu, conv 5 2 1, relu, append, linear 30, relu", 3, 11, 9, true, false,
     RB_NET_NORM_NONE, 0, false, false, false, 4, 1, 9},
    {"append_stack", "conv 18 3 1, batch_norm, relu, max_pool 2, append", 6, 9, 10, true, true,
     RB_NET_NORM_NONE, 22, true, true, false, 3, 5, 7},
    {"append_norm", "conv 9 3 1, layer_norm, relu, append, linear 20, layer_norm, relu", 2, 7, 8, false,
     false, RB_NET_NORM_LAYER, 12, true, false, false, 3, 1, 6},
    {"append_wide", "conv 6 3 1 1, batch_norm, append", 2, 5, 6, true, false, RB_NET_NORM_NONE, 40, true,
     false, false, 4, 1, 5},
    {"append_flat", "append, linear 21, relu", 4, 5, 3, true, false, RB_NET_NORM_NONE, 9, false, false, false,
     3, 1, 5},
};
static const struct {
    const char *name;
    int vector, frames; // numbers beside each frame's picture
} vectors[] = {
    {"append", 5, 1},         {"append_stack", 7, 3}, {"append_norm", 17, 2},
    {"append_wide", 1100, 1}, {"append_flat", 6, 2},
};
#define NETS ((int)(sizeof nets / sizeof nets[0]))

static bool is_norm(const char *name)
{
    return strstr(name, ".norm") != NULL;
}

static void scene_weights(scene *s)
{
    double fan = 1;
    for (int i = 0; i < rb_net_tensor_count(s->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(s->net, i, &info);
        if (strstr(info.name, "num_batches")) continue;
        if (info.dims > 1 && !is_norm(info.name)) fan = (double)info.count / info.shape[0];
        float *u = lcg(s->number * 1000 + i * 10, info.count);
        for (size_t j = 0; j < info.count; j++) {
            const double x = (double)u[j];
            if (strstr(info.name, "weight_u") || strstr(info.name, "weight_v"))
                u[j] = (float)x;
            else if (is_norm(info.name))
                u[j] =
                    (float)(strstr(info.name, "weight") || strstr(info.name, "var") ? 1 + 0.5 * x : 0.5 * x);
            else
                u[j] = (float)((strstr(info.name, "sigma") ? 0.5 + 0.25 * x : x) / sqrt(fan));
        }
        rb_net_tensor_set(s->net, i, u);
        float *back = calloc(info.count, sizeof(float));
        rb_net_tensor_get(s->net, i, back);
        assert_memory_equal(u, back, info.count * sizeof(float));
        free(u), free(back);
        const size_t count = strstr(info.name, "weight_sigma") ? rb_net_tensor_noise(s->net, i, NULL, 0) : 0;
        if (count == 0) continue;
        float *noise = lcg(s->number * 1000 + i * 10 + 1, count);
        for (size_t j = 0; j < count; j++) noise[j] = (float)(1.5 * (double)noise[j]);
        rb_net_tensor_set_noise(s->net, i, noise);
        free(noise);
    }
}

static scene scene_of(const golden_net *g, int number, const char *kernels, int threads)
{
    rb_net_spec spec = {.bytes = g->bytes,
                        .planes = g->planes,
                        .height = g->height,
                        .width = g->width,
                        .actions = g->actions,
                        .outputs = g->outputs};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (!strcmp(vectors[i].name, g->name))
            spec.vector = vectors[i].vector, spec.frames = vectors[i].frames;
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", g->layers);
    spec.params.hidden = g->hidden;
    spec.params.norm = g->norm;
    spec.params.norm_epsilon = strcmp(g->name, "epsilon") ? 1e-5 : 0.02;
    spec.params.centre = g->centre;
    spec.params.relu_outputs = g->relu_outputs;
    spec.params.dueling = g->dueling;
    spec.params.noisy = g->noisy ? RB_NOISY_FACTORISED : RB_NOISY_OFF;
    scene s = scene_open(g->name, &spec, g->batch, number, kernels, threads);
    scene_weights(&s);
    return s;
}

static void assert_tensors(FILE *file, const char *what, scene *s, bool gradient)
{
    for (int i = 0; i < rb_net_tensor_count(s->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(s->net, i, &info);
        char word[32], name[80];
        assert_int_equal(fscanf(file, "%31s %79s", word, name), 2);
        assert_string_equal(word, what);
        assert_string_equal(name, strrchr(info.name, '.') + 1);
        float *x = calloc(info.count, sizeof(float));
        if (gradient)
            rb_net_tensor_gradient(s->net, s->tape, i, x);
        else
            rb_net_tensor_get(s->net, i, x);
        assert_summary(file, s->kit.compute, s->name, what, info.name, x, info.count, i,
                       gradient ? 0.05 * rb_net_grad_norm(s->net, s->tape) : 0);
        free(x);
    }
}

static void play(const char *kernels, int threads)
{
    FILE *file = fopen(RB_TEST_DATA "/norm_golden.txt", "r");
    assert_non_null(file);
    char line[256], word[32], name[64];
    assert_non_null(fgets(line, sizeof line, file));
    for (int n = 0; n < NETS; n++) {
        assert_int_equal(fscanf(file, "%31s %63s", word, name), 2);
        assert_string_equal(name, nets[n].name);
        scene s = scene_of(&nets[n], (int)next_number(file), kernels, threads);
        rb_tape *acting = kit_tape(&s.kit, s.net, 3, false);
        rb_optimiser optimiser = rb_optimiser_make(&(rb_optim_params){.kind = RB_OPTIM_ADAM,
                                                                      .learning_rate = 6.25e-4,
                                                                      .beta1 = 0.9,
                                                                      .beta2 = 0.999,
                                                                      .epsilon = 1.5e-4,
                                                                      .clip_norm = 0.5});
        for (int update = 0; update < 3; update++) {
            scene_run(&s);
            if (update == 0) {
                assert_outputs(file, &s, "outputs", s.q);
                assert_norm(file, &s);
                assert_tensors(file, "gradient", &s, true);
            }
            // Acting between a backward pass and its update changes nothing.
            rb_net_forward(s.net, acting, s.observations, 3, true);
            rb_net_update(s.net, s.tape, &optimiser);
        }
        assert_tensors(file, "after", &s, false);
        assert_outputs(file, &s, "evaluation", rb_net_forward(s.net, acting, s.observations, 3, false));
        scene_close(&s);
    }
    assert_int_equal(fscanf(file, "%31s", word), 1);
    assert_string_equal(word, "end");
    fclose(file);
}

static void test_fastest_kernels(void **state)
{
    (void)state, play(NULL, 2);
}
static void test_every_family(void **state)
{
    (void)state;
    const char *const names[] = {"reference", "plain", "wide", "avx2", "avx512"};
    for (int i = 0; i < 5; i++) {
        if (rb_kernels_find(names[i])) play(names[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fastest_kernels),
                                       cmocka_unit_test(test_every_family)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
