// The agent's noise (Fortunato et al. 2017): its shape, when it is drawn, which network has which draw, and
// when it is off.
#include "agent/agent_kit.h"

enum { PLANES = 6, ACTIONS = 3 };

// The noise of a single noisy layer as a matrix: outputs for each unit vector, with noise minus without it.
static void drawn_matrix(int kind, double *matrix, int in, int out)
{
    rb_agent_spec spec = kit_spec(in, out);
    spec.net.noisy = kind;
    strcpy(spec.net.mlp, "");
    spec.net.hidden = 0;
    spec.agent.batch = in + 1;
    kit k = kit_open(&spec, 1);
    rb_tape *tape;
    assert_int_equal(rb_tape_create(&tape, rb_agent_online(k.agent), in + 1, false, k.arena, NULL), RB_OK);
    float *inputs = calloc((size_t)(in + 1) * (size_t)in, sizeof *inputs);
    for (int j = 0; j < in; j++) inputs[(j + 1) * in + j] = 1; // row 0 stays 0: only the biases
    for (int noise = 1; noise >= 0; noise--) {
        const float *y = rb_net_forward(rb_agent_online(k.agent), tape, inputs, in + 1, noise);
        for (int j = 0; j < in; j++)
            for (int i = 0; i < out; i++) {
                const double w = (double)y[(j + 1) * out + i] - y[i];
                matrix[i * in + j] = noise ? w : matrix[i * in + j] - w;
            }
    }
    free(inputs);
    kit_close(&k);
}

// Factorised noise is a product of two vectors, so all 2 by 2 minors vanish (sigma is the same everywhere at
// the start).
static void factorised_noise_has_rank_one_and_independent_noise_has_not(void **state)
{
    (void)state;
    enum { IN = 7, OUT = 5 };
    double largest[2] = {0, 0};
    for (int independent = 0; independent < 2; independent++) {
        double m[OUT * IN];
        drawn_matrix(independent ? RB_NOISY_INDEPENDENT : RB_NOISY_FACTORISED, m, IN, OUT);
        double size = 0;
        for (int i = 0; i < OUT * IN; i++) size = fmax(size, fabs(m[i]));
        assert_true(size > 0.01);
        for (int i = 1; i < OUT; i++)
            for (int j = 1; j < IN; j++) {
                const double minor = m[0] * m[i * IN + j] - m[j] * m[i * IN];
                largest[independent] = fmax(largest[independent], fabs(minor) / (size * size));
            }
    }
    assert_true(largest[0] < 1e-5);
    assert_true(largest[1] > 0.1);
}

// docs/faults.md, 9
static void noise_is_off_at_evaluation(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    float before[8 * ACTIONS], after[8 * ACTIONS], noisy[8 * ACTIONS];
    const uint64_t hash = kit_hash(&k);
    kit_q(&k, batch, true, before);
    kit_q(&k, batch, false, noisy);
    assert_memory_not_equal(before, noisy, sizeof before);
    assert_true(kit_hash(&k) == hash); // acting, noisy or not, changes no state
    rb_agent_new_noise(k.agent);
    kit_q(&k, batch, true, after);
    assert_memory_equal(before, after, sizeof before);
    assert_true(kit_hash(&k) != hash); // the draw's number is part of the state
    kit_batch_free(batch);
    kit_close(&k);
}

// docs/faults.md, 9
static void noise_is_not_frozen(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    spec.optim.learning_rate = 0; // the weights do not change: only the noise does
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    float q[4][8 * ACTIONS];
    kit_q(&k, batch, false, q[0]);
    kit_q(&k, batch, false, q[1]);
    assert_memory_equal(q[0], q[1], sizeof q[0]); // the same draw until the next update
    rb_learned learned;
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    const float loss = learned.loss;
    kit_q(&k, batch, false, q[2]);
    assert_memory_not_equal(q[1], q[2], sizeof q[0]);
    rb_agent_new_noise(k.agent);
    kit_q(&k, batch, false, q[3]);
    assert_memory_not_equal(q[2], q[3], sizeof q[0]);
    assert_memory_not_equal(q[1], q[3], sizeof q[0]);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    assert_true(learned.loss != loss);
    kit_batch_free(batch);
    kit_close(&k);
}

// All noise of a network in one list, with each tensor's start in it.
static size_t all_noise(rb_net *net, float *out, size_t most, size_t *begins, size_t *counts)
{
    size_t at = 0;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        begins[i] = at;
        counts[i] = rb_net_tensor_noise(net, i, out + at, most - at);
        at += counts[i];
    }
    return at;
}

// docs/faults.md, 9
static void layers_and_networks_have_noise_of_their_own(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    rb_learned learned;
    assert_int_equal(rb_agent_learn_gradient(k.agent, batch, &learned, NULL),
                     RB_OK); // the target network has drawn
    float online[4096], target[4096];
    size_t begins[64], counts[64];
    rb_net *net = rb_agent_online(k.agent);
    assert_in_range(rb_net_tensor_count(net), 1, 64);
    const size_t count = all_noise(rb_agent_target(k.agent), target, 4096, begins, counts);
    assert_true(count == all_noise(net, online, 4096, begins, counts) && count > 0);
    int same = 0, pairs = 0;
    for (size_t i = 0; i < count; i++) same += online[i] == target[i];
    assert_true(same < (int)count / 10);
    // The hidden layers of the two streams have the same shape, so a shared draw would give equal lists.
    for (int i = 0; i < rb_net_tensor_count(net); i++)
        for (int j = i + 1; j < rb_net_tensor_count(net); j++) {
            rb_net_tensor a, b;
            rb_net_tensor_info(net, i, &a);
            rb_net_tensor_info(net, j, &b);
            if (!counts[i] || counts[i] != counts[j] || strncmp(a.name, b.name, 5) == 0) continue;
            pairs++;
            assert_memory_not_equal(online + begins[i], online + begins[j], counts[i] * sizeof(float));
        }
    assert_true(pairs > 0);
    kit_batch_free(batch);
    kit_close(&k);
}

static double best_for(const float *chooser, const float *value)
{
    int best = 0;
    for (int a = 1; a < ACTIONS; a++)
        if (chooser[a] > chooser[best]) best = a;
    return value[best];
}

// The priorities of an update, the absolute errors, if the passes of the online network use these draws.
static void expected_priorities(kit *k, const rb_batch *batch, int state_draw, int next_draw, double *out)
{
    rb_net *online = rb_agent_online(k->agent), *target = rb_agent_target(k->agent);
    rb_tape *tapes[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            rb_tape_create(&tapes[i], i == 2 ? target : online, batch->size, false, k->arena, NULL), RB_OK);
    const float *q = rb_net_forward(online, tapes[0], batch->states, batch->size, state_draw),
                *chooser = rb_net_forward(online, tapes[1], batch->next_states, batch->size, next_draw),
                *value = rb_net_forward(target, tapes[2], batch->next_states, batch->size, 1);
    for (int i = 0; i < batch->size; i++)
        out[i] = fabs(q[i * ACTIONS + batch->actions[i]] - batch->returns[i] -
                      batch->discounts[i] * best_for(chooser + i * ACTIONS, value + i * ACTIONS));
}

static double furthest(const double *a, const float *b, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

// Which draw acting, s and s' use. The online network's three draws differ from each other.
static void each_pass_has_its_draw(const rb_agent_spec *spec, int acting, int next)
{
    kit k = kit_open(spec, 1);
    rb_batch *batch = kit_batch(spec);
    rb_net *online = rb_agent_online(k.agent);
    rb_tape *tape;
    assert_int_equal(rb_tape_create(&tape, online, 8, false, k.arena, NULL), RB_OK);
    for (int n = 0; n < 20; n++) { // weights and draws change
        double expected[16], wrong[16];
        float acted[8 * ACTIONS], q[3][8 * ACTIONS];
        kit_batch_fill(batch, spec, false, (uint64_t)n);
        kit_q(&k, batch, false, acted);
        for (int draw = 1; draw <= (acting > 1 ? 3 : 1); draw++)
            memcpy(q[draw - 1], rb_net_forward(online, tape, batch->states, 8, draw), sizeof q[0]);
        assert_memory_equal(acted, q[acting - 1], sizeof acted);
        if (acting > 1) {
            assert_memory_not_equal(q[0], q[1], sizeof q[0]);
            assert_memory_not_equal(q[0], q[2], sizeof q[0]);
            assert_memory_not_equal(q[1], q[2], sizeof q[0]);
        }
        // The first part draws the target network's noise, and nothing after it does before the update.
        rb_agent_learn_begin(k.agent, batch);
        expected_priorities(&k, batch, 1, next, expected);
        if (acting > 1) expected_priorities(&k, batch, acting, next, wrong);
        rb_learned learned;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        assert_true(furthest(expected, batch->priorities, batch->size) < 1e-5);
        if (acting > 1) assert_true(furthest(wrong, batch->priorities, batch->size) > 1e-3);
    }
    kit_batch_free(batch);
    kit_close(&k);
}

// docs/faults.md, 9
static void acting_and_both_states_share_a_draw_or_have_their_own(void **state)
{
    (void)state;
    for (int kind = RB_NOISY_FACTORISED; kind <= RB_NOISY_INDEPENDENT; kind++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, DOUBLE | DUELING | NOISY);
        spec.net.noisy = kind;
        each_pass_has_its_draw(&spec, 1, 1);
        spec.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
        each_pass_has_its_draw(&spec, 2, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factorised_noise_has_rank_one_and_independent_noise_has_not),
        cmocka_unit_test(noise_is_off_at_evaluation),
        cmocka_unit_test(noise_is_not_frozen),
        cmocka_unit_test(layers_and_networks_have_noise_of_their_own),
        cmocka_unit_test(acting_and_both_states_share_a_draw_or_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
