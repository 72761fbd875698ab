// Every kind of network against PyTorch, from the same weights, noise, observations and output gradients:
// outputs, gradients, their norm, and the parameters after ten updates with each optimiser and clipping. The
// golden file and its script: tests/data/make_net_golden.py.
//
// "To 1e-5" is relative to the largest number of the tensor: single entries may be sums that nearly cancel.
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

typedef struct scene {
    const golden_net *golden;
    int number;
    kit kit;
    rb_net *net;
    rb_tape *tape;
    void *observations;
    float *target, *gradient;
    const float *q;
} scene;

static void scene_weights(scene *s)
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
        const bool shared = s->golden->noisy == RB_NOISY_FACTORISED &&
                            strstr(info.name, "bias"); // the bias takes the outputs' noise
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

static scene scene_open(const golden_net *g, int number, const char *kernels, int threads)
{
    scene s = {.golden = g, .number = number, .kit = kit_open(threads, kernels)};
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
    s.net = kit_net(&s.kit, &spec, true);
    s.tape = kit_tape(&s.kit, s.net, g->batch, true);
    const size_t numbers = (size_t)g->batch * (size_t)(g->planes * g->height * g->width);
    float *u = lcg(number * 1000 + 900, numbers);
    s.observations = u;
    if (g->bytes) {
        uint8_t *bytes = calloc(numbers, 1);
        for (size_t i = 0; i < numbers; i++) bytes[i] = (uint8_t)floor(((double)u[i] + 1) * 128);
        s.observations = bytes;
        free(u);
    }
    const size_t outputs = (size_t)(g->batch * g->actions * g->outputs);
    s.target = lcg(number * 1000 + 901, outputs);
    s.gradient = calloc(outputs, sizeof(float));
    return s;
}

static void scene_close(scene *s)
{
    free(s->observations), free(s->target), free(s->gradient);
    kit_close(&s->kit);
}

// Loss: sum of target * q / batch + 0.025 q^2.
static void scene_run(scene *s)
{
    const golden_net *g = s->golden;
    s->q = rb_net_forward(s->net, s->tape, s->observations, g->batch, true);
    for (int i = 0; i < g->batch * g->actions * g->outputs; i++)
        s->gradient[i] = s->target[i] / (float)g->batch + 0.05f * s->q[i];
    rb_net_backward(s->net, s->tape, s->gradient);
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
        assert_summary(file, s->kit.compute, s->golden->name, what, name, x, info.count, i, 0);
        free(x);
    }
}

static rb_optimiser optimiser_of(const char *rule, const char *clip)
{
    rb_optim_params params = {.beta1 = 0.9, .beta2 = 0.999, .decay = 0.95};
    const bool adam = !strcmp(rule, "adam");
    params.kind = adam                      ? RB_OPTIM_ADAM
                  : strstr(rule, "centred") ? RB_OPTIM_RMSPROP_CENTERED
                                            : RB_OPTIM_RMSPROP;
    params.epsilon_in_root = !strstr(rule, "torch");
    params.learning_rate = adam ? 6.25e-4 : 2.5e-3;
    params.epsilon = adam ? 1.5e-4 : 0.01;
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
        scene s = scene_open(&nets[n], number, kernels, threads);
        scene_weights(&s);
        scene_run(&s);
        assert_int_equal(fscanf(file, "%31s", word), 1); // outputs
        const int count = (int)next_number(file);
        assert_int_equal(count, nets[n].batch * nets[n].actions * nets[n].outputs);
        double *truth = malloc((size_t)count * sizeof(double)), largest = 0;
        for (int i = 0; i < count; i++) largest = fmax(largest, fabs(truth[i] = next_number(file)));
        for (int i = 0; i < count; i++) {
            if (!(fabs((double)s.q[i] - truth[i]) <= TOLERANCE * largest))
                fail_msg("%s %s: output %d is %.9g, should be %.9g", kernels, name, i, (double)s.q[i],
                         truth[i]);
        }
        free(truth);
        assert_int_equal(fscanf(file, "%31s", word), 1); // norm
        const double norm = next_number(file);
        assert_true(fabs(rb_net_grad_norm(s.net, s.tape) - norm) <= TOLERANCE * norm);
        assert_tensors(file, "gradient", &s, true);
        while (fscanf(file, "%31s", word) == 1 && !strcmp(word, "rule")) {
            char rule[32], clip[32], what[80];
            assert_int_equal(fscanf(file, "%31s %31s", rule, clip), 2);
            snprintf(what, sizeof what, "after %s %s", rule, clip);
            scene again = scene_open(&nets[n], number, kernels, threads);
            scene_weights(&again);
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
    assert_int_equal(rules, 4 * 11 + 10 + 2);
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
