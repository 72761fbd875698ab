// An agent on a device learns what the same agent on the processor does: from the same weights, batches and
// noise, loss, Q-values, priorities and weights agree over ten updates, for every head, trunk, optimiser and
// loss.
#include "xla/xla_kit.h"

#include "base/cpu_time.h"
#include "nn/net_device.h"
#include "xla/xla_quick.h"

static char plugin[XLA_PATH];

enum { UPDATES = 10, TARGET = 4 };
static const double f32 = 1e-4, bf16 = 2e-2;

// A batch of bytes or floats; masks allow at least one action.
static void fill(rb_batch *b, const rb_agent_spec *spec, uint64_t seed)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, 5);
    if (spec->kind == RB_OBS_F32 && !spec->vector) {
        kit_batch_fill(b, spec, true, seed);
    } else {
        const size_t bytes = (size_t)b->size * rb_batch_observation_bytes(b);
        const size_t frame = kit_floats(spec) / (size_t)(spec->frames ? spec->frames : 1);
        const size_t vector = (size_t)spec->vector * sizeof(float);
        char *const all[] = {b->states, b->next_states};
        for (int k = 0; k < 2; k++)
            for (size_t at = 0; at < bytes; at += frame + vector) {
                for (size_t i = 0; i < frame; i++) all[k][at + i] = (char)rb_rng_below(&rng, 256);
                for (int i = 0; i < spec->vector; i++) {
                    const float x = rb_rng_float(&rng);
                    memcpy(all[k] + at + frame + (size_t)i * sizeof x, &x, sizeof x);
                }
            }
        rb_rng_normal_fill(&rng, b->returns, (size_t)b->size);
        for (int i = 0; i < b->size; i++) {
            b->actions[i] = (int32_t)rb_rng_below(&rng, (uint32_t)spec->actions);
            b->discounts[i] = i % 4 == 3 ? 0 : 0.97f;
            b->weights[i] = i ? 0.1f + 0.9f * rb_rng_float(&rng) : 1;
        }
    }
    for (int i = 0; b->intensities && i < b->size; i++) {
        b->intensities[i] = 0.9f + 0.2f * rb_rng_float(&rng);
        b->next_intensities[i] = 0.9f + 0.2f * rb_rng_float(&rng);
    }
    for (int i = 0; b->masks && i < b->size * spec->actions; i++) {
        b->masks[i] = i / spec->actions % spec->actions == i % spec->actions || rb_rng_below(&rng, 2);
        b->next_masks[i] = i % spec->actions == 1 || rb_rng_below(&rng, 2);
    }
}

static rb_batch *make_batch(const rb_agent_spec *spec)
{
    rb_batch *b = kit_batch(spec);
    const size_t size = (size_t)spec->agent.batch, actions = (size_t)spec->actions;
    b->vector = spec->vector, b->frames = spec->frames;
    free(b->states), free(b->next_states);
    b->states = calloc(size, rb_batch_observation_bytes(b)),
    b->next_states = calloc(size, rb_batch_observation_bytes(b));
    if (spec->intense)
        b->intensities = calloc(size, sizeof(float)), b->next_intensities = calloc(size, sizeof(float));
    if (spec->masked) b->masks = calloc(size, actions), b->next_masks = calloc(size, actions);
    return b;
}

static double distance(const float *a, const float *b, size_t count)
{
    double apart = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        const double d = (double)a[i] - (double)b[i];
        apart += d * d, size += (double)a[i] * (double)a[i];
    }
    return sqrt(apart) / (sqrt(size) + 1e-6);
}

static bool within(const char *what, const char *name, const float *a, const float *b, size_t count,
                   double most)
{
    const double off = distance(a, b, count);
    if (getenv("RB_XLA_SHOW")) printf("    %-40s %-24s %.2e\n", name, what, off);
    if (off <= most) return true;
    printf("%s: %s: %.2e apart, of which %.0e may be\n", name, what, off, most);
    return false;
}

static bool same_networks(const char *name, const char *which, rb_net *a, rb_net *b, double most)
{
    bool same = true;
    for (int i = 0; i < rb_net_tensor_count(a); i++) {
        rb_net_tensor info;
        char what[128];
        rb_net_tensor_info(a, i, &info);
        float *x = calloc(info.count, sizeof *x), *y = calloc(info.count, sizeof *y);
        rb_net_tensor_get(a, i, x), rb_net_tensor_get(b, i, y);
        snprintf(what, sizeof what, "%s %s", which, info.name);
        same = within(what, name, x, y, info.count, most) && same;
        free(x), free(y);
    }
    return same;
}

static bool same_q(const char *name, kit *a, kit *b, const rb_agent_spec *spec, const rb_batch *batch,
                   double most)
{
    const int count = spec->streams < batch->size ? spec->streams : batch->size;
    const size_t numbers = (size_t)count * (size_t)spec->actions;
    float *x = calloc(numbers, sizeof *x), *y = calloc(numbers, sizeof *y);
    rb_rng dice[64];
    double epsilon[64] = {0};
    int32_t actions[64];
    for (int i = 0; i < count; i++) dice[i] = rb_rng_stream(1, RB_RNG_TEST, (uint64_t)i);
    rb_agent_act(a->agent, batch->states, NULL, count, epsilon, dice, actions, x);
    rb_agent_act(b->agent, batch->states, NULL, count, epsilon, dice, actions, y);
    const bool same = within("Q-values", name, x, y, numbers, most);
    free(x), free(y);
    return same;
}

static bool agrees(const char *name, const rb_agent_spec *spec, bool in_bf16)
{
    const double most = in_bf16 ? bf16 : f32;
    if (getenv("RB_XLA_SHOW"))
        printf("%s: begins after %.1f s of processor time\n", name, rb_cpu_time_now().running);
    const char *only =
        getenv("RB_XLA_ONLY"); // a part of the names of those to try, for a person who looks into one
    if (only && !strstr(name, only)) return true;
    rb_error error = {0};
    kit here = {0};
    assert_int_equal(rb_pool_create(&here.pool, 2, &error), RB_OK);
    assert_int_equal(rb_arena_create(&here.arena, &error), RB_OK);
    const char *kernels = in_bf16 && !rb_kernels_fastest(true) ? "wide-bf16" : NULL;
    assert_int_equal(rb_compute_create(&here.compute, here.pool, kernels, in_bf16, here.arena, &error),
                     RB_OK);
    if (rb_agent_create(&here.agent, spec, here.compute, here.arena, &error))
        fail_msg("%s: %s", name, error.message);
    rb_agent_spec there_spec = *spec;
    there_spec.device = xla_device(plugin, in_bf16);
    kit there = kit_open(&there_spec, 1);
    rb_batch *batch = make_batch(spec), *copy = make_batch(spec);
    bool same = true;
    for (int i = 0; i < UPDATES; i++) {
        rb_learned a, b;
        fill(batch, spec, (uint64_t)i);
        fill(copy, spec, (uint64_t)i);
        if (i == TARGET) rb_agent_target_update(here.agent), rb_agent_target_update(there.agent);
        if (rb_agent_learn(here.agent, batch, &a, &error)) fail_msg("%s: %s", name, error.message);
        if (rb_agent_learn(there.agent, copy, &b, &error)) fail_msg("%s: %s", name, error.message);
        const float x[] = {a.loss, a.q_mean, a.clipped, a.above},
                    y[] = {b.loss, b.q_mean, b.clipped, b.above};
        same = within("loss", name, x, y, 1, most) && same;
        same = within("mean Q", name, x + 1, y + 1, 1, most) && same;
        same = within("clipped", name, x + 2, y + 2, 2, 10 * most) && same;
        same = within("priorities", name, batch->priorities, copy->priorities, (size_t)batch->size, most) &&
               same;
    }
    same = same_q(name, &here, &there, spec, batch, most) && same;
    same = same_networks(name, "online", rb_agent_online(here.agent), rb_agent_online(there.agent), most) &&
           same;
    if (!spec->agent.rollout_steps)
        same =
            same_networks(name, "target", rb_agent_target(here.agent), rb_agent_target(there.agent), most) &&
            same;
    kit_close(&here), kit_close(&there);
    there_spec.device->class->destroy(there_spec.device);
    rb_batch *const both[] = {batch, copy};
    for (int i = 0; i < 2; i++) {
        free(both[i]->masks), free(both[i]->next_masks);
        free(both[i]->intensities), free(both[i]->next_intensities);
    }
    kit_batch_free(batch), kit_batch_free(copy);
    return same;
}

// ---- specs

static rb_agent_spec vector_spec(void)
{
    return kit_spec(6, 4);
}

static rb_agent_spec picture_spec(int planes, int size)
{
    rb_agent_spec spec = kit_spec(planes, 4);
    spec.kind = RB_OBS_U8;
    spec.height = spec.width = size;
    spec.agent.batch = 4;
    spec.optim.learning_rate =
        1e-4; // as presets have it: with more, a deep network doubles roundings in each update
    return spec;
}

static rb_agent_spec rainbow_spec(int planes, int size)
{
    rb_agent_spec spec = picture_spec(planes, size);
    kit_switches(&spec, DOUBLE | DUELING | CATEGORICAL | NOISY | N_STEP);
    spec.optim.clip_norm = 10;
    return spec;
}

static void test_nature(void **state)
{
    (void)state;
    rb_agent_spec spec = picture_spec(4, 84);
    spec.optim.kind = RB_OPTIM_RMSPROP_CENTERED;
    spec.optim.learning_rate = 2.5e-4;
    assert_true(agrees("nature DQN", &spec, false));
}

static void test_rainbow(void **state)
{
    (void)state;
    rb_agent_spec spec = rainbow_spec(4, 84);
    spec.optim.learning_rate = 6.25e-5;
    spec.optim.epsilon = 1.5e-4;
    assert_true(agrees("Rainbow", &spec, false));
}

// What a network learns is independent of what it is made of, so one case covers one value of each: a head or
// a kind of target, switches, an optimiser, a loss, and what else is `with`. Every value is in at least two.
enum {
    MASKS = 1,
    SOFT = 2,        // targets that follow at each update
    PRIORITY = 4,    // by the squared error
    CLIP_NORM = 8,   // else the optimiser clips each number, or
    PLAIN_OPTIM = 16 // nothing, and has no weight decay
};

static void test_heads(void **state)
{
    static const struct {
        const char *name;
        int head, switches, optim, loss, with; // head: of kit_head; -1: none
    } cases[] = {
        {"scalar", -1, 0, RB_OPTIM_ADAM, 0, PLAIN_OPTIM},
        {"scalar, double, noisy", -1, DOUBLE | NOISY, RB_OPTIM_RMSPROP, 1, SOFT | PRIORITY | CLIP_NORM},
        {"scalar, dueling", -1, DUELING, RB_OPTIM_RADAM, 2, MASKS},
        {"atoms, double", -1, CATEGORICAL | DOUBLE, RB_OPTIM_RMSPROP_CENTERED, 0, MASKS},
        {"atoms, all switches", -1, 15, RB_OPTIM_ADAM, 1, SOFT | CLIP_NORM},
        {"HL-Gauss", 0, 0, RB_OPTIM_RMSPROP, 2, PLAIN_OPTIM},
        {"HL-Gauss, switches", 0, DOUBLE | DUELING | NOISY, RB_OPTIM_RADAM, 0, MASKS | SOFT | CLIP_NORM},
        {"munchausen", 1, 0, RB_OPTIM_RMSPROP_CENTERED, 1, MASKS | PRIORITY | CLIP_NORM},
        {"munchausen, noisy, dueling", 1, NOISY | DUELING, RB_OPTIM_ADAM, 2, 0},
        {"munchausen, atoms", 2, NOISY, RB_OPTIM_RADAM, 1, SOFT},
        {"munchausen, atoms, masks", 2, DOUBLE, RB_OPTIM_RMSPROP, 0, MASKS | PLAIN_OPTIM},
        {"munchausen, HL-Gauss", 3, DUELING | NOISY, RB_OPTIM_ADAM, 0, MASKS | CLIP_NORM},
        {"quantile", 4, DOUBLE, RB_OPTIM_RMSPROP, 0, MASKS},
        {"quantile, noisy, dueling", 4, NOISY | DUELING, RB_OPTIM_RMSPROP_CENTERED, 1, SOFT | CLIP_NORM},
        {"munchausen, quantile", 5, DUELING, RB_OPTIM_RADAM, 2, PLAIN_OPTIM},
        {"implicit", 6, 0, RB_OPTIM_ADAM, 0, MASKS | PLAIN_OPTIM},
        {"implicit, switches", 6, DOUBLE | DUELING | NOISY, RB_OPTIM_RMSPROP_CENTERED, 1, SOFT | CLIP_NORM},
        {"munchausen, implicit", 7, DUELING, RB_OPTIM_RMSPROP, 2, MASKS},
        {"munchausen, implicit, few cosines", 8, NOISY, RB_OPTIM_RADAM, 0, SOFT | CLIP_NORM},
    };
    (void)state;
    bool same = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_agent_spec spec = vector_spec();
        const int with = cases[i].with;
        kit_switches(&spec, cases[i].switches);
        if (cases[i].head >= 0) kit_head(&spec, cases[i].head);
        spec.agent.loss = cases[i].loss;
        spec.agent.target_tau = with & SOFT ? 0.1 : 1;
        spec.agent.priority = (with & PRIORITY) != 0;
        spec.masked = with & MASKS;
        spec.optim.kind = cases[i].optim;
        spec.optim.learning_rate = 1e-3;
        spec.optim.epsilon_in_root = (with & CLIP_NORM) != 0;
        spec.optim.weight_decay = with & CLIP_NORM ? 0.1 : 0;
        spec.optim.clip_norm = with & CLIP_NORM ? 0.5 : 0;
        spec.optim.clip_value = with & (CLIP_NORM | PLAIN_OPTIM) ? 0 : 0.05;
        same = agrees(cases[i].name, &spec, false) && same;
    }
    rb_agent_spec spec = vector_spec();
    spec.agent.rollout_steps = 8;
    spec.optim.learning_rate = 1e-3;
    same = agrees("PQN", &spec, false) && same;
    assert_true(same);
}

// Of a network, what its trunk is made of is independent of how it ends.
static void centred(rb_agent_spec *spec)
{
    spec->net.centre = spec->net.relu_outputs = spec->net.shared_bias = true;
    spec->agent.double_q = true;
}

static void noisy_outputs(rb_agent_spec *spec)
{
    spec->net.hidden = 0;
    spec->net.noisy = RB_NOISY_INDEPENDENT, spec->net.sigma0 = 0.017;
}

static void noisy_outputs_fresh(rb_agent_spec *spec)
{
    noisy_outputs(spec);
    spec->net.noisy_draws = RB_NOISY_DRAWS_FRESH;
    spec->agent.double_q = true;
}

static void fresh(rb_agent_spec *spec)
{
    spec->net.noisy_draws = RB_NOISY_DRAWS_FRESH;
}

static void with_vector(rb_agent_spec *spec)
{
    spec->vector = 3, spec->frames = 2;
}

static void fractions_with_vector(rb_agent_spec *spec)
{
    with_vector(spec);
    kit_head(spec, 6);
}

static void bright(rb_agent_spec *spec)
{
    spec->intense = true;
}

static void bright_fractions(rb_agent_spec *spec)
{
    bright(spec);
    kit_head(spec, 6);
}

static void test_trunks(void **state)
{
    static const struct {
        const char *name, *layers;
        int trunk, norm, planes, size;
        void (*also)(rb_agent_spec *spec);
    } trunks[] = {
        {"nature small, centred, shared bias", "", RB_TRUNK_NATURE, RB_NET_NORM_NONE, 4, 42, centred},
        {"nips, bright", "", RB_TRUNK_NIPS, RB_NET_NORM_BATCH, 4, 42, bright},
        {"der, fresh draws", "", RB_TRUNK_DER, RB_NET_NORM_LAYER, 4, 84, fresh},
        {"minatar, independent noise", "", RB_TRUNK_MINATAR, RB_NET_NORM_NONE, 6, 10, noisy_outputs},
        {"minatar, channel, a vector", "", RB_TRUNK_MINATAR, RB_NET_NORM_CHANNEL, 6, 10, with_vector},
        {"minatar, batch, bright", "", RB_TRUNK_MINATAR, RB_NET_NORM_BATCH, 6, 10, bright_fractions},
        {"mlp, a vector", "", RB_TRUNK_MLP, RB_NET_NORM_NONE, 6, 10, with_vector},
        {"mlp, layer, independent fresh draws", "", RB_TRUNK_MLP, RB_NET_NORM_LAYER, 6, 10,
         noisy_outputs_fresh},
        {"impala, bright", "", RB_TRUNK_IMPALA, RB_NET_NORM_NONE, 4, 16, bright},
        {"impoola", "", RB_TRUNK_IMPOOLA, RB_NET_NORM_NONE, 4, 16, NULL},
        {"spectral", "conv 8 3 2, spectral_norm, relu, residual, spectral_norm, adaptive_max_pool 6", 0, 0, 4,
         30, NULL},
        {"pools, fractions with a vector",
         "batch_norm, conv 8 3 1 1, relu, max_pool 2, adaptive_average_pool 5, append, linear 32, "
         "layer_norm, relu",
         0, RB_NET_NORM_LAYER, 4, 26, fractions_with_vector},
        {"everything",
         "channel_norm, conv 8 4 3 2, batch_norm, relu, max_pool 3 2 1, residual, relu, global_average_pool",
         0, RB_NET_NORM_BATCH, 4, 31, NULL},
    };
    (void)state;
    bool same = true;
    for (size_t i = 0; i < sizeof trunks / sizeof *trunks; i++) {
        rb_agent_spec spec = rainbow_spec(trunks[i].planes, trunks[i].size);
        if (i % 2) kit_switches(&spec, 0);
        spec.net.trunk = trunks[i].trunk;
        spec.net.norm = trunks[i].norm;
        strcpy(spec.net.layers, trunks[i].layers);
        if (trunks[i].also) trunks[i].also(&spec);
        same = agrees(trunks[i].name, &spec, false) && same;
    }
    assert_true(same);
}

static void test_bf16(void **state)
{
    (void)state;
    bool same = true;
    rb_agent_spec spec = rainbow_spec(4, 36);
    same = agrees("Rainbow, bf16", &spec, true) && same;
    spec = picture_spec(4, 16);
    spec.net.trunk = RB_TRUNK_IMPALA;
    same = agrees("impala, bf16", &spec, true) && same;
    spec = vector_spec();
    spec.optim.learning_rate = 1e-3;
    kit_head(&spec, 6);
    same = agrees("implicit, bf16", &spec, true) && same;
    assert_true(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nature), cmocka_unit_test(test_rainbow), cmocka_unit_test(test_heads),
        cmocka_unit_test(test_trunks), cmocka_unit_test(test_bf16),
    };
    xla_quick();
    rb_plugin *kept; // one client for all agents
    if (!xla_plugin(plugin)) return XLA_SKIPPED;
    if (rb_plugin_open(&kept, plugin, NULL)) return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rb_plugin_close(kept);
    return failed;
}
