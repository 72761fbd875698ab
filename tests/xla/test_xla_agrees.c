// An agent on a device learns what the same agent on the processor does: from the same weights, batches and
// noise, loss, Q-values, priorities and weights agree over ten updates, for every head, trunk, optimiser and
// loss.
#include "xla/xla_kit.h"

#include "nn/net_device.h"

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
    free(batch->masks), free(batch->next_masks), free(copy->masks), free(copy->next_masks);
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
    spec.agent.batch = 8;
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
    spec.agent.batch = 4;
    spec.optim.kind = RB_OPTIM_RMSPROP_CENTERED;
    spec.optim.learning_rate = 2.5e-4;
    assert_true(agrees("nature DQN", &spec, false));
}

static void test_rainbow(void **state)
{
    (void)state;
    rb_agent_spec spec = rainbow_spec(4, 84);
    spec.agent.batch = 4;
    spec.optim.learning_rate = 6.25e-5;
    spec.optim.epsilon = 1.5e-4;
    assert_true(agrees("Rainbow", &spec, false));
}

static void test_switches(void **state)
{
    (void)state;
    bool same = true;
    for (int mask = 0; mask < 16; mask += 5) { // each switch twice; all 16 take minutes to compile
        char name[64];
        rb_agent_spec spec = vector_spec();
        kit_switches(&spec, mask);
        snprintf(name, sizeof name, "switches %d", mask);
        same = agrees(name, &spec, false) && same;
    }
    assert_true(same);
}

static void test_heads(void **state)
{
    (void)state;
    bool same = true;
    for (int kind = 0; kind < 2 * KIT_HEADS; kind++) {
        char name[64];
        rb_agent_spec spec = vector_spec();
        if (kind >= KIT_HEADS) kit_switches(&spec, DOUBLE | DUELING | NOISY);
        kit_head(&spec, kind % KIT_HEADS);
        snprintf(name, sizeof name, "head %d", kind);
        same = agrees(name, &spec, false) && same;
    }
    assert_true(same);
}

static void test_optimisers(void **state)
{
    static const int kinds[] = {RB_OPTIM_ADAM, RB_OPTIM_RMSPROP, RB_OPTIM_RMSPROP_CENTERED, RB_OPTIM_RADAM};
    static const char *const names[] = {"adam", "rmsprop", "rmsprop_centered", "radam"};
    (void)state;
    bool same = true;
    for (int k = 0; k < 8; k++) {
        char name[64];
        rb_agent_spec spec = vector_spec();
        kit_switches(&spec, k % 2 ? NOISY | DUELING : 0);
        spec.optim.kind = kinds[k / 2];
        spec.optim.epsilon_in_root = k % 2;
        spec.optim.weight_decay = k % 2 ? 0.1 : 0;
        spec.optim.clip_norm = k % 2 ? 0.5 : 0;
        spec.optim.clip_value = k % 2 ? 0 : 0.05;
        spec.optim.learning_rate = 1e-3;
        snprintf(name, sizeof name, "%s, %d", names[k / 2], k % 2);
        same = agrees(name, &spec, false) && same;
    }
    assert_true(same);
}

static void test_losses_and_targets(void **state)
{
    (void)state;
    bool same = true;
    for (int loss = 0; loss < 3; loss++) {
        char name[64];
        rb_agent_spec spec = vector_spec();
        spec.agent.loss = loss;
        spec.agent.target_tau = loss ? 0.1 : 1;
        spec.agent.priority = loss % 2;
        spec.masked = loss == 2;
        snprintf(name, sizeof name, "loss %d", loss);
        same = agrees(name, &spec, false) && same;
        kit_switches(&spec, CATEGORICAL | DOUBLE);
        spec.masked = loss != 2;
        snprintf(name, sizeof name, "loss %d with atoms", loss);
        same = agrees(name, &spec, false) && same;
        spec.agent.munchausen = true;
        same = agrees("munchausen with masks", &spec, false) && same;
    }
    rb_agent_spec spec = vector_spec();
    spec.agent.rollout_steps = 8;
    same = agrees("PQN", &spec, false) && same;
    assert_true(same);
}

static void test_trunks(void **state)
{
    static const struct {
        const char *name, *layers;
        int trunk, norm, planes, size;
    } trunks[] = {
        {"nature small", "", RB_TRUNK_NATURE, RB_NET_NORM_NONE, 4, 42},
        {"nips", "", RB_TRUNK_NIPS, RB_NET_NORM_BATCH, 4, 42},
        {"der", "", RB_TRUNK_DER, RB_NET_NORM_LAYER, 4, 84},
        {"minatar", "", RB_TRUNK_MINATAR, RB_NET_NORM_NONE, 6, 10},
        {"minatar, channel", "", RB_TRUNK_MINATAR, RB_NET_NORM_CHANNEL, 6, 10},
        {"minatar, batch", "", RB_TRUNK_MINATAR, RB_NET_NORM_BATCH, 6, 10},
        {"mlp", "", RB_TRUNK_MLP, RB_NET_NORM_NONE, 6, 10},
        {"mlp, layer", "", RB_TRUNK_MLP, RB_NET_NORM_LAYER, 6, 10},
        {"impala", "", RB_TRUNK_IMPALA, RB_NET_NORM_NONE, 4, 24},
        {"impoola", "", RB_TRUNK_IMPOOLA, RB_NET_NORM_NONE, 4, 24},
        {"spectral", "conv 8 3 2, spectral_norm, relu, residual, spectral_norm, adaptive_max_pool 6", 0, 0, 4,
         30},
        {"pools",
         "batch_norm, conv 8 3 1 1, relu, max_pool 2, adaptive_average_pool 5, linear 32, layer_norm, relu",
         0, 0, 4, 26},
        {"everything",
         "channel_norm, conv 8 4 3 2, batch_norm, relu, max_pool 3 2 1, residual, relu, global_average_pool",
         0, RB_NET_NORM_BATCH, 4, 31},
    };
    (void)state;
    bool same = true;
    for (size_t i = 0; i < sizeof trunks / sizeof *trunks; i++) {
        rb_agent_spec spec = rainbow_spec(trunks[i].planes, trunks[i].size);
        if (i % 2) kit_switches(&spec, 0);
        spec.net.trunk = trunks[i].trunk;
        spec.net.norm = trunks[i].norm;
        strcpy(spec.net.layers, trunks[i].layers);
        same = agrees(trunks[i].name, &spec, false) && same;
    }
    assert_true(same);
}

static void test_network_options(void **state)
{
    (void)state;
    bool same = true;
    rb_agent_spec spec = picture_spec(4, 20);
    spec.net.centre = spec.net.relu_outputs = spec.net.shared_bias = true;
    spec.agent.double_q = true;
    same = agrees("centred, shared bias", &spec, false) && same;
    spec = picture_spec(4, 20);
    spec.net.hidden = 0;
    spec.net.noisy = RB_NOISY_INDEPENDENT, spec.net.sigma0 = 0.017;
    same = agrees("independent noise", &spec, false) && same;
    spec.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
    spec.agent.double_q = true;
    same = agrees("independent noise, fresh draws", &spec, false) && same;
    spec = rainbow_spec(4, 20);
    spec.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
    same = agrees("fresh draws", &spec, false) && same;
    spec.vector = 3, spec.frames = 2;
    same = agrees("a picture with a vector", &spec, false) && same;
    spec.net.norm = RB_NET_NORM_LAYER;
    kit_switches(&spec, 0);
    kit_head(&spec, 6);
    same = agrees("fractions of a picture with a vector", &spec, false) && same;
    assert_true(same);
}

static void test_bf16(void **state)
{
    (void)state;
    bool same = true;
    rb_agent_spec spec = rainbow_spec(4, 42);
    same = agrees("Rainbow, bf16", &spec, true) && same;
    spec = picture_spec(4, 24);
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
        cmocka_unit_test(test_nature),     cmocka_unit_test(test_rainbow),
        cmocka_unit_test(test_switches),   cmocka_unit_test(test_heads),
        cmocka_unit_test(test_optimisers), cmocka_unit_test(test_losses_and_targets),
        cmocka_unit_test(test_trunks),     cmocka_unit_test(test_network_options),
        cmocka_unit_test(test_bf16),
    };
    if (!xla_plugin(plugin)) return XLA_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
