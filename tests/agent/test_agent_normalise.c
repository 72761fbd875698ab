// An agent whose observations are normalised acts and learns as a plain one that gets them normalised
// already, bit for bit: greedy, exploring, and in updates, where s and s' have the same statistics.
#include "agent/agent_kit.h"

enum { PLANES = 6, FRAME = 3, ACTIONS = 3, ROUNDS = 20 };

// The plain twin: by the statistics that the agent's weights show.
static void normalise(const rb_net *net, float *x, size_t frames)
{
    const int last = rb_net_tensor_count(net);
    float mean[FRAME], variance[FRAME];
    rb_net_tensor_get(net, last - 3, mean);
    rb_net_tensor_get(net, last - 2, variance);
    for (size_t i = 0; i < frames * FRAME; i++) {
        const float factor = (float)(1 / sqrt((double)variance[i % FRAME] + 1e-8));
        x[i] = fminf(fmaxf((x[i] - mean[i % FRAME]) * factor, -2), 2);
    }
}

static void scale(rb_batch *batch)
{
    for (int i = 0; i < batch->size * PLANES; i++) {
        ((float *)batch->states)[i] = ((float *)batch->states)[i] * 300 + 1e3f;
        ((float *)batch->next_states)[i] = ((float *)batch->next_states)[i] * 250 + 1.2e3f;
    }
}

static void it_learns_from_normalised_batches(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
    kit_switches(&spec, DOUBLE | DUELING | CATEGORICAL | NOISY);
    kit plain = kit_open(&spec, 1);
    spec.normalised = FRAME, spec.clip = 2;
    kit k = kit_open(&spec, 1);
    rb_batch *raw = kit_batch(&spec), *ready = kit_batch(&spec);
    rb_error error = {0};
    rb_learned learned;
    const size_t frames = (size_t)spec.agent.batch * PLANES / FRAME;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        kit_batch_fill(raw, &spec, true, round), kit_batch_fill(ready, &spec, true, round);
        scale(raw), scale(ready);
        rb_agent_follow(k.agent, raw->states, 8);
        normalise(rb_agent_online(k.agent), ready->states, frames);
        normalise(rb_agent_online(k.agent), ready->next_states, frames);
        for (int greedy = 0; greedy < 2; greedy++) {
            float q[8 * ACTIONS], same[8 * ACTIONS];
            kit_q(&k, raw, greedy, q), kit_q(&plain, ready, greedy, same);
            assert_memory_equal(q, same, sizeof q);
        }
        rb_agent_normalise_batch(k.agent, raw);
        assert_memory_equal(raw->states, ready->states, frames * FRAME * sizeof(float));
        assert_memory_equal(raw->next_states, ready->next_states, frames * FRAME * sizeof(float));
        assert_int_equal(rb_agent_learn(k.agent, raw, &learned, &error), RB_OK);
        assert_int_equal(rb_agent_learn(plain.agent, ready, &learned, &error), RB_OK);
    }
    assert_true(kit_same_weights(rb_agent_target(k.agent), rb_agent_target(plain.agent)));
    kit_batch_free(raw), kit_batch_free(ready);
    kit_close(&k), kit_close(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_learns_from_normalised_batches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
