// Noise as the agent uses it (Fortunato et al. 2017): its shape, when it is drawn, who has which, and where
// it is off.
#include "agent/agent_kit.h"

enum { PLANES = 6, ACTIONS = 3 };

// The noise of a single noisy layer as a matrix: outputs for each unit vector, with noise less without it.
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
    for (int j = 0; j < in; j++) inputs[(j + 1) * in + j] = 1; // row 0 stays 0: the biases alone
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

// Factorised noise is a product of two vectors, so all its 2 by 2 minors vanish (sigma is the same everywhere
// at the start).
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
    assert_true(kit_hash(&k) != hash); // the draw's number is state
    kit_batch_free(batch);
    kit_close(&k);
}

// docs/faults.md, 9
static void noise_is_not_frozen(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    spec.optim.learning_rate = 0; // the weights stay: what moves is the noise
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    float q[4][8 * ACTIONS];
    kit_q(&k, batch, false, q[0]);
    kit_q(&k, batch, false, q[1]);
    assert_memory_equal(q[0], q[1], sizeof q[0]); // one draw until the next update
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

// All noise of a network as one list with the place where each tensor's begins.
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
    assert_int_equal(rb_agent_learn_gradient(k.agent, batch, &learned, NULL), RB_OK); // the target has drawn
    float online[4096], target[4096];
    size_t begins[64], counts[64];
    rb_net *net = rb_agent_online(k.agent);
    assert_in_range(rb_net_tensor_count(net), 1, 64);
    const size_t count = all_noise(rb_agent_target(k.agent), target, 4096, begins, counts);
    assert_true(count == all_noise(net, online, 4096, begins, counts) && count > 0);
    int same = 0, pairs = 0;
    for (size_t i = 0; i < count; i++) same += online[i] == target[i];
    assert_true(same < (int)count / 10);
    // The two streams' hidden layers have the same shape, so the same draw would show as equal lists.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factorised_noise_has_rank_one_and_independent_noise_has_not),
        cmocka_unit_test(noise_is_off_at_evaluation),
        cmocka_unit_test(noise_is_not_frozen),
        cmocka_unit_test(layers_and_networks_have_noise_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
