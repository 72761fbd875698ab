// Compares ten updates with PyTorch: loss, Q-values, priorities, every gradient of the first update and every
// parameter after the tenth, for every switch alone and for all together, from the same weights, batches and
// noise, with every family of kernels that this processor runs.
//
// tests/data/make_agent_golden.py makes the golden file. `test_agent_golden --dump FILE` writes PyTorch's
// input: settings, weights, batches, and the drawn noise. Both files are lists of records
//     [u32 bytes of the name][name][u32 count][count float32], little endian
// The name of the golden file's first record contains the versions that made it. Weights and batches come
// from this file's own generator. If the project draws noise differently, the golden file must be made again;
// the test then reports that.
#include <stdio.h>
#include "agent/agent_kit.h"
#include "compute/kernels.h"

enum { UPDATES = 10, COPY_AFTER = 5, BATCH = 8 };

typedef struct golden_case {
    const char *name;
    int mask; // of kit_switches
    int noisy, loss, priority, optimiser;
    double clip_norm, clip_value;
    double tau; // soft target updates at every update; 0: copies after some updates
    bool picture;
    int head; // RB_HEAD_...; 0: by the mask
    bool munchausen, histogram, masks;
    bool odd; // features that are no multiple of 16: convolutions of 20 and 24 planes, or the observation
} golden_case;

static const golden_case cases[] = {
    {.name = "plain"},
    {.name = "double", .mask = DOUBLE},
    {.name = "dueling", .mask = DUELING},
    {.name = "categorical", .mask = CATEGORICAL},
    {.name = "cross_entropy", .mask = CATEGORICAL, .priority = RB_PRIORITY_CROSS_ENTROPY},
    {.name = "factorised", .mask = NOISY, .noisy = RB_NOISY_FACTORISED},
    {.name = "independent", .mask = NOISY, .noisy = RB_NOISY_INDEPENDENT},
    {.name = "prioritised", .mask = PRIORITISED},
    {.name = "n_step", .mask = N_STEP},
    {.name = "squared", .loss = RB_LOSS_SQUARED},
    {.name = "half_squared", .loss = RB_LOSS_HALF_SQUARED},
    {.name = "rmsprop", .optimiser = RB_OPTIM_RMSPROP},
    {.name = "rmsprop_centered", .optimiser = RB_OPTIM_RMSPROP_CENTERED},
    {.name = "clip_norm", .clip_norm = 0.1},
    {.name = "clip_value", .clip_value = 0.01},
    {.name = "soft_target", .tau = 0.1},
    {.name = "soft_all", .mask = 63, .noisy = RB_NOISY_FACTORISED, .tau = 0.7},
    {.name = "all", .mask = 63, .noisy = RB_NOISY_FACTORISED, .clip_norm = 0.5},
    {.name = "all_independent", .mask = 63, .noisy = RB_NOISY_INDEPENDENT},
    {.name = "munchausen", .munchausen = true},
    {.name = "munchausen_masks", .munchausen = true, .masks = true, .mask = N_STEP},
    {.name = "munchausen_categorical", .munchausen = true, .mask = CATEGORICAL | N_STEP},
    {.name = "histogram", .mask = CATEGORICAL | DOUBLE, .histogram = true},
    {.name = "munchausen_histogram", .munchausen = true, .mask = CATEGORICAL, .histogram = true},
    {.name = "quantile", .head = RB_HEAD_QUANTILE},
    {.name = "quantile_all",
     .head = RB_HEAD_QUANTILE,
     .mask = 59,
     .noisy = RB_NOISY_FACTORISED,
     .masks = true},
    {.name = "munchausen_quantile",
     .head = RB_HEAD_QUANTILE,
     .munchausen = true,
     .mask = 58,
     .noisy = RB_NOISY_FACTORISED,
     .masks = true},
    {.name = "implicit", .head = RB_HEAD_IMPLICIT},
    {.name = "implicit_double", .head = RB_HEAD_IMPLICIT, .mask = DOUBLE},
    {.name = "implicit_all",
     .head = RB_HEAD_IMPLICIT,
     .mask = 59,
     .noisy = RB_NOISY_FACTORISED,
     .clip_norm = 0.5,
     .masks = true},
    {.name = "munchausen_implicit",
     .head = RB_HEAD_IMPLICIT,
     .munchausen = true,
     .mask = 58,
     .noisy = RB_NOISY_FACTORISED,
     .masks = true},
    {.name = "implicit_picture",
     .head = RB_HEAD_IMPLICIT,
     .munchausen = true,
     .mask = 58,
     .noisy = RB_NOISY_FACTORISED,
     .clip_norm = 10,
     .picture = true},
    {.name = "implicit_odd_picture", .head = RB_HEAD_IMPLICIT, .mask = DOUBLE, .picture = true, .odd = true},
    {.name = "implicit_odd", .head = RB_HEAD_IMPLICIT, .mask = DUELING, .odd = true},
    {.name = "all_picture", .mask = 63, .noisy = RB_NOISY_FACTORISED, .clip_norm = 10, .picture = true},
};

static rb_agent_spec case_spec(const golden_case *c)
{
    rb_agent_spec spec = kit_spec(5, 3);
    kit_switches(&spec, c->mask);
    strcpy(spec.net.mlp, c->odd ? "" : "8");
    if (c->odd && c->picture) strcpy(spec.net.layers, "conv 20 8 4, relu, conv 24 4 2, relu");
    spec.net.hidden = 8;
    spec.net.noisy = c->noisy;
    if (c->picture) {
        spec.kind = RB_OBS_U8;
        spec.planes = 2, spec.height = spec.width = 20;
        spec.net.trunk = RB_TRUNK_NIPS;
    }
    spec.agent.batch = BATCH;
    spec.agent.atoms = 7;
    spec.agent.head = c->head;
    spec.agent.munchausen = c->munchausen;
    spec.agent.munchausen_tau = 0.1;
    spec.agent.munchausen_clip = -0.2;
    spec.agent.categorical_target = c->histogram ? RB_CATEGORICAL_HL_GAUSS : RB_CATEGORICAL_PROJECT;
    spec.agent.quantiles = 7;
    spec.agent.tau_samples = 5, spec.agent.tau_targets = 6, spec.agent.tau_values = 4;
    spec.agent.kappa = c->mask & N_STEP ? 0.5 : 1;
    spec.net.cosines = 9;
    spec.agent.v_min = -2, spec.agent.v_max = 2;
    spec.agent.loss = c->loss;
    spec.agent.priority = c->priority;
    spec.optim.kind = c->optimiser;
    spec.optim.learning_rate = 0.001;
    spec.optim.epsilon = c->optimiser == RB_OPTIM_ADAM ? 1.5e-4 : 0.01;
    spec.optim.epsilon_in_root = true;
    spec.optim.clip_norm = c->clip_norm;
    spec.optim.clip_value = c->clip_value;
    if (c->tau > 0) spec.agent.target_tau = c->tau;
    return spec;
}

// ---------------- weights and batches

static float uniform(uint32_t *lcg) // [0, 1) by Numerical Recipes' constants
{
    *lcg = *lcg * 1664525u + 1013904223u;
    return (float)(*lcg >> 8) * 0x1p-24f;
}

static void set_weights(rb_net *net)
{
    uint32_t lcg = 12345;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        const double fan_in = info.dims > 1 ? (double)info.count / info.shape[0] : 8;
        const float bound = (float)(1 / sqrt(fan_in));
        float *values = calloc(info.count, sizeof *values);
        for (size_t j = 0; j < info.count; j++) values[j] = (2 * uniform(&lcg) - 1) * bound;
        rb_net_tensor_set(net, i, values);
        free(values);
    }
}

static void fill_batch(rb_batch *b, const rb_agent_spec *spec, const golden_case *c, int update)
{
    uint32_t lcg = 1000u * (uint32_t)(update + 1);
    const size_t values = (size_t)b->size * kit_floats(spec);
    void *observations[2] = {b->states, b->next_states};
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < values; i++) {
            const float u = uniform(&lcg);
            if (spec->kind == RB_OBS_U8)
                ((uint8_t *)observations[which])[i] = (uint8_t)(u * 256);
            else
                ((float *)observations[which])[i] = 2 * u - 1;
        }
    static const float gamma_k[3] = {0.99f, 0.9801f, 0.970299f};
    for (int i = 0; i < b->size; i++) {
        b->actions[i] = (int32_t)(uniform(&lcg) * (float)spec->actions);
        b->returns[i] = 4 * uniform(&lcg) - 2;
        const int k =
            (int)(uniform(&lcg) * (float)spec->agent.n_step); // windows shortened by an episode's end
        b->discounts[i] = uniform(&lcg) < 0.2f ? 0 : gamma_k[k];
        const float weight = 0.1f + 0.9f * uniform(&lcg);
        b->weights[i] = c->mask & PRIORITISED ? weight : 1;
    }
    for (int i = 0; c->masks && i < b->size; i++)
        for (int a = 0; a < spec->actions; a++) { // the first or the last action is forbidden, or none
            const int odd = (i + update) % 3;
            const bool allowed = odd == 2 || a != (odd ? 0 : spec->actions - 1);
            b->next_masks[i * spec->actions + a] = allowed;
            b->masks[i * spec->actions + a] = allowed || a == b->actions[i];
        }
}

// ---------------- records

static void put(FILE *file, const char *owner, const char *name, const float *values, size_t count)
{
    char path[256];
    const uint32_t length = (uint32_t)snprintf(path, sizeof path, "%s/%s", owner, name),
                   floats = (uint32_t)count;
    assert_int_equal(fwrite(&length, 4, 1, file), 1);
    assert_int_equal(fwrite(path, 1, length, file), length);
    assert_int_equal(fwrite(&floats, 4, 1, file), 1);
    assert_int_equal(fwrite(values, 4, count, file), count);
}

static char *golden;
static long golden_bytes;

static int read_golden(void **state)
{
    (void)state;
    FILE *file = fopen(RB_TEST_DATA "/agent_golden.bin", "rb");
    if (!file) return -1;
    fseek(file, 0, SEEK_END);
    golden_bytes = ftell(file);
    rewind(file);
    golden = malloc((size_t)golden_bytes);
    const bool whole = fread(golden, 1, (size_t)golden_bytes, file) == (size_t)golden_bytes;
    fclose(file);
    return whole ? 0 : -1;
}

static int free_golden(void **state)
{
    (void)state;
    free(golden);
    return 0;
}

static void get(const char *owner, const char *name, float *values, size_t count)
{
    char path[256];
    const size_t want = (size_t)snprintf(path, sizeof path, "%s/%s", owner, name);
    for (long at = 0; at < golden_bytes;) {
        uint32_t length, floats;
        memcpy(&length, golden + at, 4);
        memcpy(&floats, golden + at + 4 + length, 4);
        if (length == want && memcmp(golden + at + 4, path, want) == 0) {
            assert_int_equal(floats, count);
            memcpy(values, golden + at + 8 + length, count * 4);
            return;
        }
        at += 8 + (long)length + (long)floats * 4;
    }
    fail_msg("the golden file has no %s", path);
}

// Compares each value to within 1e-5 of the record's largest value.
static void check(const char *owner, const char *name, const float *values, size_t count)
{
    float *want = calloc(count, sizeof *want);
    get(owner, name, want, count);
    double largest = 0, worst = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs(want[i]));
        const double off = fabs((double)values[i] - want[i]);
        if (!(off <= worst)) worst = off;
    }
    free(want);
    if (!(worst <= 1e-5 * largest)) fail_msg("%s/%s: off by %g of %g", owner, name, worst, largest);
}

// ---------------- the ten updates

static void put_settings(FILE *dump, const golden_case *c, const rb_agent_spec *s)
{
    const float settings[] = {s->agent.double_q,
                              s->net.dueling,
                              s->agent.categorical,
                              (float)s->net.noisy,
                              (float)s->agent.loss,
                              (float)s->agent.priority,
                              (float)s->optim.kind,
                              (float)s->optim.learning_rate,
                              (float)s->optim.beta1,
                              (float)s->optim.beta2,
                              (float)s->optim.decay,
                              (float)s->optim.epsilon,
                              (float)s->optim.clip_norm,
                              (float)s->optim.clip_value,
                              s->agent.categorical ? (float)s->agent.atoms : 1,
                              (float)s->agent.v_min,
                              (float)s->agent.v_max,
                              (float)s->actions,
                              (float)s->planes,
                              (float)s->height,
                              (float)s->width,
                              c->picture,
                              UPDATES,
                              COPY_AFTER,
                              BATCH,
                              (float)c->tau,
                              (float)rb_head_of(&s->agent),
                              (float)s->agent.quantiles,
                              (float)s->agent.kappa,
                              (float)s->agent.tau_samples,
                              (float)s->agent.tau_targets,
                              (float)s->agent.tau_values,
                              (float)s->net.cosines,
                              s->agent.munchausen,
                              (float)s->agent.munchausen_alpha,
                              (float)s->agent.munchausen_tau,
                              (float)s->agent.munchausen_clip,
                              c->histogram,
                              (float)s->agent.hl_sigma,
                              c->masks};
    put(dump, c->name, "settings", settings, sizeof settings / sizeof *settings);
}

static void put_batch(FILE *dump, const char *owner, const rb_batch *b, const rb_agent_spec *spec)
{
    const size_t values = (size_t)b->size * kit_floats(spec), size = (size_t)b->size;
    float *floats = calloc(values, sizeof *floats), actions[BATCH];
    const void *observations[2] = {b->states, b->next_states};
    for (int which = 0; which < 2; which++) {
        for (size_t i = 0; i < values; i++)
            floats[i] = spec->kind == RB_OBS_U8 ? ((const uint8_t *)observations[which])[i]
                                                : ((const float *)observations[which])[i];
        put(dump, owner, which ? "next_states" : "states", floats, values);
    }
    for (int i = 0; i < b->size; i++) actions[i] = (float)b->actions[i];
    put(dump, owner, "actions", actions, size);
    put(dump, owner, "returns", b->returns, size);
    put(dump, owner, "discounts", b->discounts, size);
    put(dump, owner, "weights", b->weights, size);
    free(floats);
    if (!b->masks) return;
    float masks[2][BATCH * 8];
    for (size_t i = 0; i < size * (size_t)spec->actions; i++)
        masks[0][i] = b->masks[i], masks[1][i] = b->next_masks[i];
    put(dump, owner, "masks", masks[0], size * (size_t)spec->actions);
    put(dump, owner, "next_masks", masks[1], size * (size_t)spec->actions);
}

// The fractions of an implicit head, from the streams that the agent draws them from: a stream for each pass
// of an update (state, next state, its choice by the online network, Munchausen's state).
static void put_fractions(FILE *dump, const char *owner, const rb_agent_spec *spec, int update)
{
    static const char *const names[] = {"fractions/state", "fractions/next", "fractions/choice",
                                        "fractions/soft"};
    const rb_agent_params *p = &spec->agent;
    const bool chooses = p->double_q && !p->munchausen;
    const int64_t counts[] = {p->tau_samples, p->tau_targets + (chooses ? 0 : p->tau_values), p->tau_values,
                              p->tau_values};
    if (rb_head_of(p) != RB_HEAD_IMPLICIT) return;
    for (uint64_t pass = 0; pass < 4; pass++) {
        float fractions[BATCH * 16];
        const size_t count = (size_t)counts[pass] * BATCH;
        rb_rng rng = rb_rng_stream(spec->seed, RB_RNG_FRACTIONS, 4 * (uint64_t)update + pass);
        for (size_t i = 0; i < count; i++) fractions[i] = rb_rng_float(&rng);
        put(dump, owner, names[pass], fractions, count);
    }
}

static void put_noise(FILE *dump, const char *owner, const char *which, rb_net *net)
{
    float noise[8192];
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        char name[128];
        snprintf(name, sizeof name, "%s/%s", which, info.name);
        const size_t count = rb_net_tensor_noise(net, i, noise, 8192);
        if (count) put(dump, owner, name, noise, count);
    }
}

// Compares the noise of the first draw with the part that the golden file keeps.
static void check_noise(const golden_case *c, rb_net *net)
{
    float noise[8192], kept[8192];
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        const size_t count = rb_net_tensor_noise(net, i, noise, 8192);
        if (!count) continue;
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        char name[128];
        snprintf(name, sizeof name, "noise/%s", info.name);
        get(c->name, name, kept, count);
        for (size_t j = 0; j < count; j++)
            if (fabsf(noise[j] - kept[j]) > 1e-5f)
                fail_msg("noise is drawn in another way now: run tests/data/make_agent_golden.py again");
    }
}

enum what { SHAPE, BEFORE, GRADIENT, AFTER };

static void tensors(FILE *dump, const golden_case *c, kit *k, enum what what)
{
    static const char *const names[] = {"shape", "before", "gradient", "after"};
    rb_net *net = rb_agent_online(k->agent);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        float *values = calloc(info.count + 4, sizeof *values);
        size_t count = info.count;
        if (what == SHAPE) {
            count = (size_t)info.dims;
            for (int d = 0; d < info.dims; d++) values[d] = (float)info.shape[d];
        } else if (what == GRADIENT) {
            rb_net_tensor_gradient(net, rb_agent_tape(k->agent), i, values);
        } else {
            rb_net_tensor_get(net, i, values);
        }
        char name[128];
        snprintf(name, sizeof name, "%s/%s", names[what], info.name);
        if (dump)
            put(dump, c->name, name, values, count);
        else
            check(c->name, name, values, count);
        free(values);
    }
}

static void run_case(const golden_case *c, const char *kernels, FILE *dump)
{
    rb_agent_spec spec = case_spec(c);
    kit k = kit_open_with(&spec, 2, kernels);
    rb_batch *batch = kit_batch(&spec);
    uint8_t masks[2][BATCH * 8];
    if (c->masks) batch->masks = masks[0], batch->next_masks = masks[1];
    set_weights(rb_agent_online(k.agent));
    rb_agent_target_copy(k.agent);
    if (dump) {
        put_settings(dump, c, &spec);
        tensors(dump, c, &k, SHAPE);
        tensors(dump, c, &k, BEFORE);
    } else {
        check_noise(c, rb_agent_online(k.agent));
    }
    float losses[UPDATES], q_means[UPDATES], clipped[UPDATES], priorities[UPDATES * BATCH];
    for (int u = 0; u < UPDATES; u++) {
        rb_learned learned;
        fill_batch(batch, &spec, c, u);
        assert_int_equal(rb_agent_learn_gradient(k.agent, batch, &learned, NULL), RB_OK);
        losses[u] = learned.loss, q_means[u] = learned.q_mean, clipped[u] = learned.clipped;
        memcpy(priorities + u * BATCH, batch->priorities, BATCH * sizeof(float));
        if (dump) {
            char owner[128];
            snprintf(owner, sizeof owner, "%s/%d", c->name, u);
            put_batch(dump, owner, batch, &spec);
            put_fractions(dump, owner, &spec, u);
            put_noise(dump, owner, "online", rb_agent_online(k.agent));
            put_noise(dump, owner, "target", rb_agent_target(k.agent));
        } else if (u == 0) {
            tensors(NULL, c, &k, GRADIENT);
        }
        rb_agent_learn_apply(k.agent);
        if (c->tau > 0 || u + 1 == COPY_AFTER) rb_agent_target_update(k.agent);
    }
    if (!dump) {
        check(c->name, "loss", losses, UPDATES);
        check(c->name, "q_mean", q_means, UPDATES);
        check(c->name, "clipped", clipped, UPDATES);
        check(c->name, "priorities", priorities, UPDATES * BATCH);
        tensors(NULL, c, &k, AFTER);
    }
    kit_batch_free(batch);
    kit_close(&k);
}

enum { CASES = sizeof cases / sizeof *cases };
static const char *dump_path;

static void dump_all(void **state)
{
    (void)state;
    FILE *file = fopen(dump_path, "wb");
    assert_non_null(file);
    for (int i = 0; i < CASES; i++) run_case(&cases[i], NULL, file);
    assert_int_equal(fclose(file), 0);
}

static void agrees_with_pytorch(void **state)
{
    static const char *const families[] = {"reference", "plain", "wide", "avx2", "avx512"};
    int ran = 0;
    for (int i = 0; i < 5; i++) {
        if (!rb_kernels_find(families[i])) continue;
        run_case(*state, families[i], NULL);
        ran++;
    }
    assert_true(ran >= 2); // the plain kernels run everywhere
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--dump") == 0) {
        dump_path = argv[2];
        const struct CMUnitTest dump[] = {cmocka_unit_test(dump_all)};
        return cmocka_run_group_tests(dump, NULL, NULL);
    }
    struct CMUnitTest tests[CASES];
    for (int i = 0; i < CASES; i++)
        tests[i] =
            (struct CMUnitTest){cases[i].name, agrees_with_pytorch, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    return cmocka_run_group_tests(tests, read_golden, free_golden);
}
