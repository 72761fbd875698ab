// Lists of layers: any list that fits trains, with every family of kernels and nearly the same numbers; a
// list that does not fit is rejected with a message that names the layer and the shape. Also what
// normalisation adds to a network: state, copies, steps and numbers of parameters.
#include "nn/net_graph.h"
#include "nn/net_kit.h"

static rb_net_spec spec_of(const char *layers, bool bytes, int planes, int height, int width)
{
    rb_net_spec spec = {
        .bytes = bytes, .planes = planes, .height = height, .width = width, .actions = 3, .outputs = 2};
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", layers);
    spec.params.hidden = 8;
    spec.params.sigma0 = 0.5;
    return spec;
}

static rb_optimiser adam(void)
{
    return rb_optimiser_make(&(rb_optim_params){.kind = RB_OPTIM_ADAM,
                                                .learning_rate = 1e-3,
                                                .beta1 = 0.9,
                                                .beta2 = 0.999,
                                                .epsilon = 1e-4,
                                                .clip_norm = 1});
}

#define BATCH 5

typedef struct scene {
    kit k;
    rb_net *net;
    rb_tape *tape, *acting;
    void *x;
    float gradient[BATCH * 6];
} scene;

static scene scene_open(const rb_net_spec *spec, const char *kernels, int threads)
{
    scene s = {.k = kit_open(threads, kernels)};
    s.net = kit_net(&s.k, spec, true);
    s.tape = kit_tape(&s.k, s.net, BATCH, true);
    s.acting = kit_tape(&s.k, s.net, BATCH, false);
    rb_net_init(s.net, 5);
    rb_net_draw_noise(s.net, 1, RB_RNG_NOISE, 0);
    const size_t numbers = (size_t)BATCH * (size_t)(spec->planes * spec->height * spec->width);
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, 0);
    float *floats = malloc(numbers * sizeof(float));
    uint8_t *bytes = malloc(numbers);
    for (size_t i = 0; i < numbers; i++) {
        bytes[i] = (uint8_t)rb_rng_below(&rng, 256);
        floats[i] = (float)rb_rng_range(&rng, -1, 1);
    }
    s.x = spec->bytes ? (void *)bytes : floats;
    free(spec->bytes ? (void *)floats : bytes);
    for (int i = 0; i < BATCH * 6; i++) s.gradient[i] = (float)rb_rng_range(&rng, -1, 1);
    return s;
}

static void scene_close(scene *s)
{
    free(s->x);
    kit_close(&s->k);
}

static void scene_update(scene *s, rb_optimiser *optimiser)
{
    rb_net_forward(s->net, s->tape, s->x, BATCH, true);
    rb_net_backward(s->net, s->tape, s->gradient);
    rb_net_update(s->net, s->tape, optimiser);
}

// --- lists that train ---

// Two updates: everything stays finite, and the first one matches the slow kernels.
static void assert_trains(const rb_net_spec *spec)
{
    const char *const families[] = {"reference", NULL, "wide-bf16"};
    float truth[BATCH * 6];
    double norm = 0;
    for (int f = 0; f < 3; f++) {
        scene s = scene_open(spec, families[f], 1);
        const float *q = rb_net_forward(s.net, s.tape, s.x, BATCH, true);
        rb_net_backward(s.net, s.tape, s.gradient);
        const double own = rb_net_grad_norm(s.net, s.tape);
        if (f == 0) memcpy(truth, q, sizeof truth), norm = own;
        for (int i = 0; i < BATCH * 6 && f < 2; i++) {
            if (!(fabs((double)(q[i] - truth[i])) < 1e-4 * fmax(1, fabs((double)truth[i]))))
                fail_msg("%s: output %d is %g, should be %g", spec->params.layers, i, (double)q[i],
                         (double)truth[i]);
        }
        if (!isfinite(own) || (f < 2 && !(fabs(own - norm) < 1e-2 * norm)))
            fail_msg("%s: norm %g, should be %g", spec->params.layers, own, norm);
        rb_optimiser optimiser = adam();
        const uint64_t before = kit_hash(s.net);
        rb_net_update(s.net, s.tape, &optimiser);
        scene_update(&s, &optimiser);
        assert_true(kit_hash(s.net) != before);
        q = rb_net_forward(s.net, s.acting, s.x, BATCH, false);
        for (int i = 0; i < BATCH * 6; i++) assert_true(isfinite(q[i]));
        scene_close(&s);
    }
}

static void test_lists_that_train(void **state)
{
    (void)state;
    const struct {
        const char *layers;
        bool bytes;
        int planes, height, width;
    } lists[] = {
        {"conv 32 8 4, relu, conv 64 4 2, relu, linear 512", true, 4, 36, 36}, // the example in the help
        {"conv 1 1 1", true, 1, 3, 3},
        {"conv 17 3 5, relu", true, 3, 9, 8},                // strides wider than the window
        {"conv 5 9 1 4, relu, conv 3 2 7 1", true, 2, 9, 9}, // a window as large as the picture
        {"Conv2d(16, 3, 1), BatchNorm2d, ReLU, Linear(20) ReLU", true, 4, 10, 10},
        {"conv 3 1 1 2 relu conv 70 3 2, layer_norm, relu", false, 5, 7, 11},
        {"conv 6 1 1, relu, linear 9, relu, linear 5, layer_norm, relu", false, 4, 1, 1}, // on a vector
        {"relu", true, 1, 4, 5},
        {"relu, relu, batch_norm, batch_norm, relu, layer_norm", false, 3, 4, 5},
        {"linear 1", false, 7, 1, 1},
        {"linear 33, batch_norm, relu, batch_norm, linear 2, relu", true, 7, 3, 1},
        {"layer_norm, conv 4 3 1 1, relu", true, 2, 6, 6},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        rb_net_spec spec =
            spec_of(lists[i].layers, lists[i].bytes, lists[i].planes, lists[i].height, lists[i].width);
        spec.params.dueling = i % 2 == 0;
        spec.params.noisy = i % 3 == 0   ? RB_NOISY_FACTORISED
                            : i % 3 == 1 ? RB_NOISY_INDEPENDENT
                                         : RB_NOISY_OFF;
        spec.params.norm = (int32_t)(i % 4 % 3);
        spec.params.centre = lists[i].bytes && i % 2;
        assert_trains(&spec);
    }
}

// Random lists: each is rejected or trains.
static void test_any_list_that_fits_trains(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(11, RB_RNG_TEST, 2);
    int trained = 0, refused = 0;
    for (int round = 0; round < 120; round++) {
        char layers[400] = "";
        const int count = 1 + (int)rb_rng_below(&rng, 6);
        bool linear = false;
        for (int i = 0; i < count; i++) {
            const size_t used = strlen(layers);
            const int kind = (int)rb_rng_below(&rng, 7), outputs = 1 + (int)rb_rng_below(&rng, 40);
            linear |= kind == 2;
            if (kind < 2 && !linear)
                snprintf(layers + used, sizeof layers - used, "conv %d %d %d %d, ", outputs,
                         1 + (int)rb_rng_below(&rng, 6), 1 + (int)rb_rng_below(&rng, 3),
                         (int)rb_rng_below(&rng, 3));
            else if (kind < 3)
                snprintf(layers + used, sizeof layers - used, "linear %d, ", outputs);
            else
                snprintf(layers + used, sizeof layers - used, "%s, ",
                         kind == 3   ? "batch_norm"
                         : kind == 4 ? "layer_norm"
                                     : "relu");
        }
        const bool bytes = rb_rng_below(&rng, 2);
        rb_net_spec spec = spec_of(layers, bytes, 1 + (int)rb_rng_below(&rng, 5),
                                   1 + (int)rb_rng_below(&rng, 12), 1 + (int)rb_rng_below(&rng, 12));
        spec.params.dueling = rb_rng_below(&rng, 2);
        spec.params.noisy = (int32_t)rb_rng_below(&rng, 3);
        spec.params.norm = (int32_t)rb_rng_below(&rng, 3);
        spec.params.hidden = rb_rng_below(&rng, 2) ? 20 : 0;
        spec.params.centre = bytes && rb_rng_below(&rng, 2);
        kit k = kit_open(1, NULL);
        rb_net *net;
        const rb_status status = rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error);
        if (status)
            assert_non_null(strstr(k.error.message, "smaller than the")), refused++;
        else
            assert_trains(&spec), trained++;
        kit_close(&k);
    }
    assert_true(trained > 60 && refused > 5);
}

static uint64_t hash_after(rb_net_spec spec)
{
    scene s = scene_open(&spec, NULL, 2);
    rb_optimiser optimiser = adam();
    for (int i = 0; i < 3; i++) scene_update(&s, &optimiser);
    const uint64_t hash = kit_hash(s.net);
    scene_close(&s);
    return hash;
}

// A named trunk, written out as a list, is bit-identical, names included.
static void test_names_written_out(void **state)
{
    (void)state;
    const struct {
        int32_t trunk;
        int32_t norm;
        bool bytes;
        int planes, size;
        const char *layers;
    } trunks[] = {
        {RB_TRUNK_NATURE, RB_NET_NORM_NONE, true, 4, 44,
         "conv 32 8 4, relu, conv 64 4 2, relu, conv 64 3 1, relu"},
        {RB_TRUNK_DER, RB_NET_NORM_LAYER, true, 4, 44,
         "conv 32 5 5, layer_norm, relu, conv 64 5 5 0, layer_norm, relu"},
        {RB_TRUNK_MINATAR, RB_NET_NORM_BATCH, false, 6, 10, "conv 16 3 1 batch_norm relu"},
        {RB_TRUNK_MLP, RB_NET_NORM_LAYER, false, 6, 1,
         "linear 20, layer_norm, relu, linear 12, layer_norm, relu"},
    };
    for (size_t i = 0; i < sizeof trunks / sizeof *trunks; i++) {
        rb_net_spec named = spec_of("", trunks[i].bytes, trunks[i].planes, trunks[i].size, trunks[i].size);
        named.params.trunk = trunks[i].trunk;
        named.params.norm = trunks[i].norm;
        named.params.dueling = true;
        named.params.noisy = RB_NOISY_FACTORISED;
        snprintf(named.params.mlp, sizeof named.params.mlp, "20-12");
        rb_net_spec written = named;
        written.params.trunk = RB_TRUNK_AUTO;
        snprintf(written.params.layers, sizeof written.params.layers, "%s", trunks[i].layers);
        assert_true(hash_after(named) == hash_after(written));
        if (trunks[i].norm == RB_NET_NORM_NONE) continue;
        named.params.norm = RB_NET_NORM_NONE;
        assert_true(hash_after(named) != hash_after(written));
    }
}

// Unscaled bytes give what the same numbers give as floats, in every kind of kernels.
static void test_unscaled_bytes_are_numbers(void **state)
{
    (void)state;
    enum { SAMPLES = 3, PLANES = 2, SIDE = 9, VALUES = PLANES * SIDE * SIDE };
    static const char *const layers[] = {"conv 6 3 1, relu, linear 20, relu", "linear 20, relu"};
    static const char *const families[] = {"plain", "wide-bf16"};
    uint8_t bytes[SAMPLES * VALUES];
    float floats[SAMPLES * VALUES];
    rb_rng rng = rb_rng_stream(4, RB_RNG_TEST, 8);
    for (int i = 0; i < SAMPLES * VALUES; i++) floats[i] = bytes[i] = (uint8_t)rb_rng_below(&rng, 256);
    int large = 0;
    for (int i = 0; i < 4; i++) {
        kit k = kit_open(1, families[i / 2]);
        rb_net_spec spec = spec_of(layers[i % 2], true, PLANES, SIDE, SIDE);
        spec.params.unscaled = true;
        rb_net *of_bytes = kit_net(&k, &spec, false);
        spec = spec_of(layers[i % 2], false, PLANES, SIDE, SIDE);
        rb_net *of_floats = kit_net(&k, &spec, false);
        rb_net_init(of_bytes, 7);
        rb_net_init(of_floats, 7);
        const float *a = rb_net_forward(of_bytes, kit_tape(&k, of_bytes, SAMPLES, false), bytes, SAMPLES, 0);
        const float *b =
            rb_net_forward(of_floats, kit_tape(&k, of_floats, SAMPLES, false), floats, SAMPLES, 0);
        for (int n = 0; n < SAMPLES * spec.actions * spec.outputs; n++) {
            assert_true(fabsf(a[n] - b[n]) <= 1e-4f * (1 + fabsf(b[n])));
            large += fabsf(b[n]) > 1;
        }
        kit_close(&k);
    }
    assert_true(large > 10);
}

// --- lists that are rejected ---

static void test_lists_that_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *layers;
        int planes, height, width;
        const char *sentence;
    } lists[] = {
        {"conv 32 8 4, relu, conv 64 5 2", 4, 20, 20,
         "net.layers: layer 3, conv 64 5 2: its input is 32 x 4 x 4, smaller than the 5 x 5 kernel"},
        {"conv 3 7 1 1", 2, 6, 4,
         "net.layers: layer 1, conv 3 7 1 1: its input is 2 x 6 x 4, even padded smaller than the 7 x 7 "
         "kernel"},
        {"conv 3 3 1", 4, 1, 1,
         "net.layers: layer 1, conv 3 3 1: its input is 4 x 1 x 1, smaller than the 3 x 3 kernel"},
        {"conv 3 3 1, linear 20, relu, conv 3 1 1", 4, 9, 9,
         "net.layers: layer 4, conv 3 1 1: its input is a vector of 20, but a convolution reads a picture"},
        {"conv 4096 1 1 64, conv 4096 1 1 64, conv 4096 1 1 64", 4, 84, 84,
         "net.layers: layer 2, conv 4096 1 1 64: from 4096 x 212 x 212 to 4096 x 340 x 340 is too large"},
        {"conv 32 8 4, relv", 4, 84, 84,
         "net.layers: layer 2, 'relv': there is no such layer (did you mean relu?); known are conv, "
         "residual, spectral_norm, max_pool, adaptive_max_pool, adaptive_average_pool, global_average_pool, "
         "linear, append, relu, batch_norm, layer_norm and channel_norm"},
        {"tanh", 4, 84, 84,
         "net.layers: layer 1, 'tanh': there is no such layer; known are conv, residual, spectral_norm, "
         "max_pool, "
         "adaptive_max_pool, adaptive_average_pool, global_average_pool, linear, append, relu, batch_norm, "
         "layer_norm and channel_norm"},
        {"conv 8 3 1, append", 4, 9, 9,
         "net.layers: layer 2, append: the observation has no vector beside a picture, so there is nothing "
         "to "
         "append"},
        {"max_pool 3 2 2", 4, 84, 84,
         "net.layers: layer 1, max_pool 3 2 2: the padding must be at most half of the kernel"},
        {"max_pool", 4, 84, 84,
         "net.layers: layer 1, max_pool: must be max_pool KERNEL [STRIDE [PADDING]], such as max_pool 3 2 1"},
        {"conv 8 3 1, max_pool 9", 4, 9, 9,
         "net.layers: layer 2, max_pool 9 9: its input is 8 x 7 x 7, smaller than 9 x 9"},
        {"adaptive_max_pool 10", 4, 9, 12,
         "net.layers: layer 1, adaptive_max_pool 10: its input is 4 x 9 x 12, smaller than 10 x 10"},
        {"adaptive_max_pool 33", 4, 84, 84,
         "net.layers: layer 1, adaptive_max_pool 33: the size must be from 1 to 32"},
        {"linear 20, residual", 4, 9, 9,
         "net.layers: layer 2, residual: its input is a vector of 20, but a residual block reads a picture"},
        {"global_average_pool", 4, 1, 1,
         "net.layers: layer 1, global_average_pool: the observation is 4 numbers, but a pool reads a "
         "picture"},
        {"linear 20, spectral_norm", 4, 9, 9,
         "net.layers: spectral_norm follows linear: it must follow a conv or a residual, whose convolutions "
         "it "
         "normalises"},
        {"spectral_norm, conv 3 3 1", 4, 9, 9,
         "net.layers: spectral_norm follows nothing: it must follow a conv or a residual, whose convolutions "
         "it "
         "normalises"},
        {"residual,residual,residual,residual,residual,residual,residual,residual,residual,residual,residual,"
         "residual,residual",
         4, 9, 9, "net.layers: layer 13, residual: at most 12 residual blocks"},
        {"conv 32 8", 4, 84, 84,
         "net.layers: layer 1, conv 32 8: must be conv OUTPUTS KERNEL STRIDE [PADDING], such as conv 32 8 4"},
        {"conv 32 8 4 1 1", 4, 84, 84,
         "net.layers: layer 1, conv 32 8 4 1 1: must be conv OUTPUTS KERNEL STRIDE [PADDING], such as conv "
         "32 8 4"},
        {"conv 32 8x8 4", 4, 84, 84,
         "net.layers: layer 1, conv 32 8x8: '8x8' is not a valid number; the layer must be conv OUTPUTS "
         "KERNEL "
         "STRIDE [PADDING], such as conv 32 8 4"},
        {"conv 32 8 0", 4, 84, 84, "net.layers: layer 1, conv 32 8 0: the stride must be from 1 to 255"},
        {"conv 5000 8 4", 4, 84, 84, "net.layers: layer 1, conv 5000 8 4: outputs must be from 1 to 4096"},
        {"relu, linear", 4, 84, 84,
         "net.layers: layer 2, linear: must be linear OUTPUTS, such as linear 512"},
        {"relu 3", 4, 84, 84, "net.layers: layer 1, relu 3: must be relu, without numbers"},
        {"linear 70000", 4, 84, 84, "net.layers: layer 1, linear 70000: outputs must be from 1 to 65536"},
        {"32 8 4, relu", 4, 84, 84, "net.layers: '32' comes before the first layer's name"},
        {" , ", 4, 84, 84, "net.layers =  , : has no layer; an example is conv 32 8 4, relu, linear 512"},
        {"linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 linear 1 "
         "linear 1 linear 1",
         4, 1, 1, "net.layers: layer 13, linear 1: at most 12 linear layers"},
    };
    kit k = kit_open(1, NULL);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const rb_net_spec spec =
            spec_of(lists[i].layers, true, lists[i].planes, lists[i].height, lists[i].width);
        rb_net *net;
        assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
        assert_string_equal(k.error.message, lists[i].sentence);
    }
    char many[RB_TEXT_MAX] = "";
    for (int i = 0; i < 40; i++) snprintf(many + strlen(many), sizeof many - strlen(many), "layer_norm,");
    rb_net_spec spec = spec_of(many, false, 4, 1, 1);
    rb_net *net;
    assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
    assert_string_equal(k.error.message,
                        "net.layers: layer 31, layer_norm: there are too many normalisations before it");
    spec = spec_of("", false, 4, 1, 1);
    spec.params.centre = true;
    assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
    assert_non_null(strstr(k.error.message, "net.centre = true: only bytes can be centred"));
    spec.params.centre = false;
    spec.params.unscaled = true; // floats always are
    assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_OK);
    // One sample is not enough for batch statistics.
    spec = spec_of("linear 4, batch_norm", false, 4, 1, 1);
    rb_tape *tape;
    net = kit_net(&k, &spec, true);
    assert_int_equal(rb_tape_create(&tape, net, 1, true, k.arena, &k.error), RB_ERR_USAGE);
    assert_non_null(strstr(k.error.message, "agent.batch = 1: batch normalisation"));
    assert_int_equal(rb_tape_create(&tape, net, 1, false, k.arena, &k.error), RB_OK);
    kit_close(&k);
}

// --- what normalisation adds ---

static rb_net_spec everything(int32_t norm)
{
    rb_net_spec spec = spec_of("", true, 4, 36, 36);
    spec.params.trunk = RB_TRUNK_NIPS;
    spec.params.norm = norm;
    spec.params.dueling = true;
    spec.params.noisy = RB_NOISY_FACTORISED;
    return spec;
}

static void test_parameters_and_steps(void **state)
{
    (void)state;
    kit k = kit_open(1, NULL);
    rb_net_spec spec = everything(RB_NET_NORM_NONE);
    const int64_t bare = rb_net_parameters(kit_net(&k, &spec, false));
    spec.params.norm = RB_NET_NORM_BATCH; // weight and bias of 16, 32 and twice 8 channels
    const rb_net *net = kit_net(&k, &spec, false);
    assert_int_equal(rb_net_parameters(net), bare + 2 * (16 + 32 + 8 + 8));
    rb_net_step steps[RB_NET_STEPS_MAX];
    rb_net_steps(net, steps);
    assert_int_equal(steps[1].kind, RB_NET_BATCH_NORM);
    assert_string_equal(steps[1].name, "trunk.0.norm");
    assert_int_equal(steps[1].source, 0);
    assert_true(rb_net_norm_epsilon(rb_net_spec_of(net)) == 1e-5f);
    rb_net_tensor info;
    const int last = rb_net_tensor_count(net) - 1;
    rb_net_tensor_info(net, last, &info);
    assert_string_equal(info.name, "value.0.norm.num_batches_tracked");
    assert_true(info.buffer && info.dims == 0 && info.count == 1);
    rb_net_tensor_info(net, last - 1, &info);
    assert_string_equal(info.name, "value.0.norm.running_var");
    spec.params.norm = RB_NET_NORM_LAYER; // for 16 x 8 x 8 and 32 x 3 x 3 numbers
    net = kit_net(&k, &spec, false);
    assert_int_equal(rb_net_parameters(net), bare + 2 * (16 * 64 + 32 * 9 + 8 + 8));
    rb_net_tensor_info(net, rb_net_tensor_count(net) - 8, &info);
    assert_string_equal(info.name, "trunk.0.norm.weight");
    assert_true(info.dims == 3 && info.shape[0] == 16 && info.shape[1] == 8 && info.shape[2] == 8 &&
                !info.buffer);

    spec = spec_of("batch_norm, conv 6 3 1 1, relu, layer_norm, linear 20", true, 2, 9, 9);
    spec.params.noisy = RB_NOISY_FACTORISED;
    spec.params.hidden = 0;
    spec.params.centre = true;
    net = kit_net(&k, &spec, false);
    const struct {
        rb_net_step_kind kind;
        const char *name, *tensor; // its first tensor
        bool relu;
    } expected[] = {{RB_NET_BATCH_NORM, "input.norm", "input.norm.weight", false},
                    {RB_NET_CONV, "trunk.0", "trunk.0.weight", true},
                    {RB_NET_LAYER_NORM, "trunk.0.norm", "trunk.0.norm.weight", false},
                    {RB_NET_LINEAR, "trunk.1", "trunk.1.weight_mu", false},
                    {RB_NET_LINEAR, "head.0", "head.0.weight_mu", false}};
    assert_int_equal(rb_net_steps(net, steps), 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(steps[i].kind, expected[i].kind);
        assert_string_equal(steps[i].name, expected[i].name);
        assert_int_equal(steps[i].source, i - 1);
        assert_int_equal(steps[i].relu, expected[i].relu);
        assert_int_equal(steps[i].picture, i < 3);
        rb_net_tensor_info(net, steps[i].tensor, &info);
        assert_string_equal(info.name, expected[i].tensor);
    }
    assert_true(steps[1].pad == 1 && steps[1].stride == 1);
    rb_net_tensor_info(net, steps[3].tensor, &info); // after a convolution: 6 x 9 x 9
    assert_true(info.shape[1] == 6 * 9 * 9);
    float scale, offset;
    rb_net_input_scale(&spec, &scale, &offset);
    assert_true(scale == 2.0f / 255 && offset == -1);
    spec = spec_of("linear 20, relu", false, 4, 1, 1); // a trunk of linear layers has no noise
    spec.params.noisy = RB_NOISY_FACTORISED;
    net = kit_net(&k, &spec, false);
    assert_int_equal(rb_net_steps(net, steps), 3);
    rb_net_tensor_info(net, steps[0].tensor, &info);
    assert_string_equal(info.name, "trunk.0.weight");
    rb_net_tensor_info(net, steps[1].tensor, &info);
    assert_string_equal(info.name, "head.0.weight_mu");
    kit_close(&k);
}

// The same code makes the memory plan and takes the memory.
static void test_bytes_are_what_is_taken(void **state)
{
    (void)state;
    for (int32_t norm = RB_NET_NORM_BATCH; norm <= RB_NET_NORM_LAYER; norm++) {
        kit k = kit_open(1, "plain");
        rb_net_spec spec = everything(norm);
        spec.height = spec.width = 84;
        spec.params.hidden = 64;
        const size_t before = rb_arena_bytes(k.arena);
        kit_tape(&k, kit_net(&k, &spec, true), 32, true);
        const double taken = (double)(rb_arena_bytes(k.arena) - before),
                     planned = (double)rb_net_bytes(&spec, true, 32, 1);
        assert_true(fabs(taken - planned) < 0.01 * taken);
        kit_close(&k);
    }
}

// Only an update's pass uses batch statistics: samples of any other pass are independent, and only updates
// move the running statistics.
static void test_batch_statistics_belong_to_updates(void **state)
{
    (void)state;
    rb_net_spec spec = everything(RB_NET_NORM_BATCH);
    scene s = scene_open(&spec, NULL, 1);
    rb_optimiser optimiser = adam();
    float acted[BATCH * 6], one[6];
    memcpy(acted, rb_net_forward(s.net, s.acting, s.x, BATCH, false), sizeof acted);
    memcpy(one, rb_net_forward(s.net, s.acting, s.x, 1, false), sizeof one);
    assert_memory_equal(acted, one, sizeof one);
    assert_true(memcmp(rb_net_forward(s.net, s.tape, s.x, BATCH, false), acted, sizeof acted) != 0);
    const uint64_t before = kit_hash(s.net); // a forward and a backward pass change nothing in the network
    rb_net_backward(s.net, s.tape, s.gradient);
    assert_true(kit_hash(s.net) == before);
    assert_memory_equal(rb_net_forward(s.net, s.acting, s.x, BATCH, false), acted, sizeof acted);
    rb_net_update(s.net, s.tape, &optimiser);
    float batches = 0;
    rb_net_tensor_get(s.net, rb_net_tensor_count(s.net) - 1, &batches);
    assert_true(batches == 1);

    // A target network's copy gives the same outputs, running statistics included; so does a saved state.
    for (int i = 0; i < 5; i++) scene_update(&s, &optimiser);
    memcpy(acted, rb_net_forward(s.net, s.acting, s.x, BATCH, false), sizeof acted);
    rb_net *target = kit_net(&s.k, &spec, false);
    rb_tape *tape = kit_tape(&s.k, target, BATCH, false);
    rb_net_copy(target, s.net);
    assert_memory_equal(rb_net_forward(target, tape, s.x, BATCH, false), acted, sizeof acted);
    // After a partial update each number is between its old value and the other network's.
    const int variance = rb_net_tensor_count(target) - 2;
    float was[8], online[8], is[8];
    rb_net_tensor_get(target, variance, was);
    scene_update(&s, &optimiser);
    rb_net_tensor_get(s.net, variance, online);
    rb_net_blend(target, s.net, 0.25);
    rb_net_tensor_get(target, variance, is);
    for (int i = 0; i < 8; i++) {
        assert_true(was[i] != online[i]);
        assert_true(fabsf(is[i] - (was[i] + 0.25f * (online[i] - was[i]))) < 1e-6f * fabsf(is[i]));
    }
    rb_net_blend(target, s.net, 1);
    memcpy(acted, rb_net_forward(s.net, s.acting, s.x, BATCH, false), sizeof acted);
    assert_memory_equal(rb_net_forward(target, tape, s.x, BATCH, false), acted, sizeof acted);
    void *data;
    size_t bytes;
    rb_visitor *v;
    assert_int_equal(rb_visitor_save_memory(&v, &s.k.error), RB_OK);
    rb_net_visit(s.net, v);
    assert_int_equal(rb_visitor_finish_memory(v, &data, &bytes, &s.k.error), RB_OK);
    scene other = scene_open(&spec, NULL, 1);
    assert_int_equal(rb_visitor_load_memory(&v, data, bytes, &other.k.error), RB_OK);
    rb_net_visit(other.net, v);
    assert_int_equal(rb_visitor_finish(v, NULL, &other.k.error), RB_OK);
    rb_optimiser same = optimiser;
    scene_update(&s, &optimiser), scene_update(&other, &same);
    assert_true(kit_hash(s.net) == kit_hash(other.net));
    assert_memory_equal(rb_net_forward(other.net, other.acting, s.x, BATCH, false),
                        rb_net_forward(s.net, s.acting, s.x, BATCH, false), sizeof acted);
    free(data);
    scene_close(&s), scene_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_that_train),
        cmocka_unit_test(test_any_list_that_fits_trains),
        cmocka_unit_test(test_names_written_out),
        cmocka_unit_test(test_unscaled_bytes_are_numbers),
        cmocka_unit_test(test_lists_that_are_refused),
        cmocka_unit_test(test_parameters_and_steps),
        cmocka_unit_test(test_bytes_are_what_is_taken),
        cmocka_unit_test(test_batch_statistics_belong_to_updates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
