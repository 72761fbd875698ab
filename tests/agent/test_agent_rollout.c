// The agent that learns from rollouts: a batch's returns are its targets, nothing is read of the next states,
// and there is no target network. Its values are those that acting knows.
#include "agent/agent_kit.h"

enum { PLANES = 6, ACTIONS = 4 };

static rb_agent_spec spec_of(bool rollout, bool dueling, bool picture)
{
    rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
    spec.agent.rollout_steps = rollout ? 8 : 0;
    spec.agent.loss = RB_LOSS_HALF_SQUARED;
    spec.optim.kind = RB_OPTIM_RADAM;
    spec.optim.clip_norm = 1;
    spec.net.norm = RB_NET_NORM_LAYER;
    spec.net.dueling = dueling;
    if (!picture) return spec;
    spec.planes = 4, spec.height = 10, spec.width = 10;
    spec.net.trunk = RB_TRUNK_MINATAR;
    return spec;
}

static float *online_weights(kit *k, size_t *count)
{
    return kit_weights(rb_agent_online(k->agent), count);
}

// An agent with a target network learns the same from the same returns if nothing follows them.
static void test_returns_are_the_targets(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        const rb_agent_spec with = spec_of(false, kind & 1, kind & 2),
                            without = spec_of(true, kind & 1, kind & 2);
        kit a = kit_open(&with, 1), b = kit_open(&without, 2);
        rb_batch *batch = kit_batch(&with);
        size_t count;
        float *const start = online_weights(&b, &count);
        for (int update = 0; update < 12; update++) {
            rb_learned one, two;
            kit_batch_fill(batch, &with, false, (uint64_t)update);
            for (int i = 0; i < batch->size; i++) batch->discounts[i] = 0;
            assert_int_equal(rb_agent_learn(a.agent, batch, &one, NULL), RB_OK);
            float *next = batch->next_states;
            for (size_t i = 0; i < (size_t)batch->size * kit_floats(&with); i++) next[i] = NAN;
            for (int i = 0; i < batch->size; i++) batch->discounts[i] = 7;
            assert_int_equal(rb_agent_learn(b.agent, batch, &two, NULL), RB_OK);
            assert_true(one.loss == two.loss && one.q_mean == two.q_mean);
        }
        float *x = online_weights(&a, &count), *y = online_weights(&b, &count);
        assert_memory_equal(x, y, count * sizeof(float));
        assert_memory_not_equal(start, y, count * sizeof(float));
        free(x), free(y), free(start);
        kit_batch_free(batch);
        kit_close(&a);
        kit_close(&b);
    }
}

// V is the largest Q-value of an allowed action, bit for bit that of acting, whatever else is in the batch
// and however many observations there are.
static void test_values_are_those_of_acting(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        const rb_agent_spec spec = spec_of(true, kind & 1, kind & 2);
        kit k = kit_open(&spec, 1 + kind % 2);
        rb_batch *batch = kit_batch(&spec);
        rb_learned learned;
        for (int update = 0; update < 3; update++) {
            kit_batch_fill(batch, &spec, false, 40 + (uint64_t)update);
            assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        }
        const float *states = batch->states;
        const size_t each = kit_floats(&spec);
        const int count = batch->size; // twice as many as streams
        uint8_t masks[16 * ACTIONS];
        float all[16], masked[16];
        assert_true(count == 16 && count > spec.streams);
        for (int i = 0; i < count * ACTIONS; i++) masks[i] = (i * 7 + i / ACTIONS) % 3 != 0;
        rb_agent_state_values(k.agent, states, NULL, count, all);
        rb_agent_state_values(k.agent, states, masks, count, masked);
        int differ = 0;
        for (int i = 0; i < count; i++) {
            float q[ACTIONS], most = -INFINITY, allowed = -INFINITY;
            const double epsilon = 0;
            int32_t action;
            rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
            rb_agent_act(k.agent, states + (size_t)i * each, NULL, 1, &epsilon, &rng, &action, q);
            for (int a = 0; a < ACTIONS; a++) {
                if (q[a] > most) most = q[a];
                if (masks[i * ACTIONS + a] && q[a] > allowed) allowed = q[a];
            }
            assert_true(all[i] == most && masked[i] == allowed && q[action] == most);
            differ += most > allowed;
        }
        assert_true(differ > 2);
        kit_batch_free(batch);
        kit_close(&k);
    }
}

static void test_there_is_no_target_network(void **state)
{
    (void)state;
    rb_agent_spec with = spec_of(false, true, true), without = spec_of(true, true, true);
    kit a = kit_open(&with, 1), b = kit_open(&without, 1);
    assert_non_null(rb_agent_target(a.agent));
    assert_null(rb_agent_target(b.agent));
    const uint64_t before = kit_hash(&b);
    rb_agent_target_copy(b.agent); // both do nothing
    rb_agent_target_update(b.agent);
    assert_true(kit_hash(&b) == before);
    rb_visitor *v;
    size_t sizes[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rb_visitor_hash(&v, NULL), RB_OK);
        rb_agent_visit((i ? &b : &a)->agent, v);
        sizes[i] = rb_visitor_size(v);
        rb_visitor_finish(v, NULL, NULL);
    }
    assert_true(sizes[1] < sizes[0] * 4 / 5); // weights and two moments, instead of those and weights
    // The plan of memory knows it.
    const size_t taken = rb_arena_bytes(b.arena);
    rb_agent *agent;
    assert_int_equal(rb_agent_create(&agent, &without, b.compute, b.arena, NULL), RB_OK);
    const double more = (double)(rb_arena_bytes(b.arena) - taken);
    assert_true(fabs((double)rb_agent_bytes(&without, 1) - more) < 0.1 * more);
    assert_true(rb_agent_bytes(&without, 1) < rb_agent_bytes(&with, 1));
    kit_close(&a);
    kit_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_returns_are_the_targets),
        cmocka_unit_test(test_values_are_those_of_acting),
        cmocka_unit_test(test_there_is_no_target_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
