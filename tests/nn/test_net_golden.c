// Every kind of network against PyTorch, from the same weights, noise, observations and output gradients:
// outputs, gradients, their norm, and the parameters after ten updates with each optimiser and clipping. The
// golden file and its script: tests/data/make_net_golden.py.
//
// "To 1e-5" is relative to the tensor's largest number: single entries may be sums that nearly cancel.
#include "nn/golden_kit.h"

typedef struct golden_net {
    const char *name;
    int32_t trunk;
    const char *mlp;
    int planes, height, width;
    bool bytes;
    int actions, outputs, hidden;
    bool dueling;
    int32_t noisy;
    int batch;
} golden_net;

static const golden_net nets[] = {
    // as in the script
    {"plain", RB_TRUNK_MLP, "20-12", 5, 1, 1, false, 3, 1, 0, false, RB_NOISY_OFF, 7},
    {"hidden", RB_TRUNK_MLP, "20", 5, 1, 1, false, 3, 1, 18, false, RB_NOISY_OFF, 40},
    {"dueling", RB_TRUNK_MLP, "33", 5, 1, 1, false, 4, 1, 17, true, RB_NOISY_OFF, 6},
    {"factorised", RB_TRUNK_MLP, "16", 6, 1, 1, false, 3, 1, 20, false, RB_NOISY_FACTORISED, 5},
    {"independent", RB_TRUNK_MLP, "16", 6, 1, 1, false, 3, 1, 20, false, RB_NOISY_INDEPENDENT, 5},
    {"atoms", RB_TRUNK_MLP, "24", 4, 1, 1, false, 2, 11, 16, false, RB_NOISY_OFF, 6},
    {"everything", RB_TRUNK_MLP, "24", 4, 1, 1, false, 3, 7, 40, true, RB_NOISY_FACTORISED, 6},
    {"many", RB_TRUNK_MLP, "10", 4, 1, 1, false, 3, 7, 40, true, RB_NOISY_FACTORISED, 130},
    {"linear", RB_TRUNK_MLP, "", 4, 1, 1, false, 2, 1, 0, true, RB_NOISY_OFF, 3},
    {"pixels-mlp", RB_TRUNK_MLP, "9", 2, 5, 3, true, 2, 1, 0, false, RB_NOISY_OFF, 3},
    {"nature", RB_TRUNK_NATURE, "", 1, 84, 84, true, 3, 1, 8, false, RB_NOISY_OFF, 3},
    {"nature-small", RB_TRUNK_NATURE, "", 2, 20, 22, true, 3, 5, 12, true, RB_NOISY_FACTORISED, 9},
    {"nips", RB_TRUNK_NIPS, "", 3, 44, 52, true, 4, 1, 10, true, RB_NOISY_INDEPENDENT, 9},
    {"der", RB_TRUNK_DER, "", 4, 50, 53, false, 2, 3, 6, false, RB_NOISY_OFF, 2},
    {"minatar", RB_TRUNK_MINATAR, "", 5, 10, 10, true, 6, 1, 24, false, RB_NOISY_OFF, 11},
};
#define NETS ((int)(sizeof nets / sizeof nets[0]))

static void scene_weights(scene *s, int32_t noisy)
{
    double fan = 1;
    for (int i = 0; i < rb_net_tensor_count(s->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(s->net, i, &info);
        if (info.dims > 1) fan = (double)info.count / info.shape[0];
        const bool sigma = strstr(info.name, "sigma");
        float *u = lcg(s->number * 1000 + i * 10, info.count);
        for (size_t j = 0; j < info.count; j++)
            u[j] = (float)((sigma ? 0.5 + 0.25 * (double)u[j] : (double)u[j]) / sqrt(fan));
        rb_net_tensor_set(s->net, i, u);
        float *back = calloc(info.count, sizeof(float));
        rb_net_tensor_get(s->net, i, back);
        assert_memory_equal(u, back, info.count * sizeof(float));
        free(u), free(back);
        const bool shared =
            noisy == RB_NOISY_FACTORISED && strstr(info.name, "bias"); // the bias uses the outputs' noise
        const size_t count = rb_net_tensor_noise(s->net, i, NULL, 0);
        assert_int_equal(count > 0, sigma);
        if (count == 0 || shared) continue;
        float *noise = lcg(s->number * 1000 + i * 10 + 1, count);
        for (size_t j = 0; j < count; j++) noise[j] = (float)(1.5 * (double)noise[j]);
        rb_net_tensor_set_noise(s->net, i, noise);
        float *noise_back = calloc(count, sizeof(float));
        assert_int_equal(rb_net_tensor_noise(s->net, i, noise_back, count), count);
        assert_memory_equal(noise, noise_back, count * sizeof(float));
        free(noise), free(noise_back);
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
    spec.params.trunk = g->trunk;
    snprintf(spec.params.mlp, sizeof spec.params.mlp, "%s", g->mlp);
    spec.params.hidden = g->hidden;
    spec.params.dueling = g->dueling;
    spec.params.noisy = g->noisy;
    scene s = scene_open(g->name, &spec, g->batch, number, kernels, threads);
    scene_weights(&s, g->noisy);
    return s;
}

static void assert_tensors(FILE *file, const char *what, scene *s, bool gradient)
{
    for (int i = 0; i < rb_net_tensor_count(s->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(s->net, i, &info);
        char word[32], name[80];
        assert_int_equal(fscanf(file, "%31s %79s", word, name), 2);
        assert_string_equal(name, info.name);
        float *x = calloc(info.count, sizeof(float));
        if (gradient) {
            rb_net_tensor_gradient(s->net, s->tape, i, x);
        } else {
            rb_net_tensor_get(s->net, i, x);
        }
        assert_summary(file, s->kit.compute, s->name, what, name, x, info.count, i, 0);
        free(x);
    }
}

static rb_optimiser optimiser_of(const char *rule, const char *clip)
{
    rb_optim_params params = {.beta1 = 0.9, .beta2 = 0.999, .decay = 0.95};
    const bool radam = !strncmp(rule, "radam", 5), adam = radam || !strncmp(rule, "adam", 4);
    params.kind = radam                     ? RB_OPTIM_RADAM
                  : adam                    ? RB_OPTIM_ADAM
                  : strstr(rule, "centred") ? RB_OPTIM_RMSPROP_CENTERED
                                            : RB_OPTIM_RMSPROP;
    params.epsilon_in_root = !strstr(rule, "torch");
    params.learning_rate = adam ? 6.25e-4 : 2.5e-3;
    params.epsilon = adam ? 1.5e-4 : 0.01;
    if (strstr(rule, "amw")) params.weight_decay = 3;
    if (!strcmp(clip, "norm")) params.clip_norm = 0.5;
    if (!strcmp(clip, "value")) params.clip_value = 0.02;
    return rb_optimiser_make(&params);
}

static void play(const char *kernels, int threads)
{
    FILE *file = fopen(RB_TEST_DATA "/net_golden.txt", "r");
    assert_non_null(file);
    char line[256], word[32] = "", name[64];
    assert_non_null(fgets(line, sizeof line, file));
    int rules = 0;
    assert_int_equal(fscanf(file, "%31s", word), 1);
    for (int n = 0; n < NETS; n++) {
        assert_string_equal(word, "net");
        assert_int_equal(fscanf(file, "%63s", name), 1);
        const int number = (int)next_number(file);
        assert_string_equal(name, nets[n].name);
        scene s = scene_of(&nets[n], number, kernels, threads);
        scene_run(&s);
        assert_outputs(file, &s, "outputs", s.q);
        assert_norm(file, &s);
        assert_tensors(file, "gradient", &s, true);
        while (fscanf(file, "%31s", word) == 1 && !strcmp(word, "rule")) {
            char rule[32], clip[32], what[80];
            assert_int_equal(fscanf(file, "%31s %31s", rule, clip), 2);
            snprintf(what, sizeof what, "after %s %s", rule, clip);
            scene again = scene_of(&nets[n], number, kernels, threads);
            rb_optimiser optimiser = optimiser_of(rule, clip);
            for (int update = 0; update < 10; update++) {
                scene_run(&again);
                rb_net_update(again.net, again.tape, &optimiser);
            }
            assert_int_equal(optimiser.updates, 10);
            assert_tensors(file, what, &again, false);
            scene_close(&again);
            rules++;
        }
        scene_close(&s);
    }
    assert_string_equal(word, "end");
    assert_int_equal(rules, 4 * 16 + 10 + 3);
    fclose(file);
}

static void test_fastest_kernels(void **state)
{
    (void)state, play(NULL, 2);
}
static void test_every_family(void **state)
{
    (void)state;
    const char *const names[] = {"reference", "plain", "avx2", "avx512"};
    for (int i = 0; i < 4; i++) {
        if (rb_kernels_find(names[i])) play(names[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fastest_kernels),
                                       cmocka_unit_test(test_every_family)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
