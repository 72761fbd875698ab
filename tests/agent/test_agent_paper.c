// The update of the presets dqn and double, compared with the rule of Mnih et al. (2015) as the paper's
// program computes it: gradients are sums over the batch of 32, and 0.01 is added to their variance under the
// root. The rule is written out below in double precision, for a network whose gradient is known by hand: one
// linear layer, Q(s, a) = w_a . s + b_a, so a sample with the clipped error d adds d * s to w_a's gradient, d
// to b_a's.
#include "agent/agent_kit.h"

enum { INPUTS = 6, ACTIONS = 3, BATCH = 32, UPDATES = 40, ROW = INPUTS + 1, WEIGHTS = ACTIONS * ROW };

typedef struct twin { // each action's weights, the last one its bias; g and g2 are the running means
    double w[WEIGHTS], fixed[WEIGHTS], g[WEIGHTS], g2[WEIGHTS];
} twin;

static double q_value(const double *w, const float *state, int action)
{
    double q = w[action * ROW + INPUTS];
    for (int i = 0; i < INPUTS; i++) q += w[action * ROW + i] * state[i];
    return q;
}

static double best_value(const twin *t, const float *state, bool double_q)
{
    int best = 0;
    const double *chooser = double_q ? t->w : t->fixed;
    for (int a = 1; a < ACTIONS; a++)
        if (q_value(chooser, state, a) > q_value(chooser, state, best)) best = a;
    return q_value(t->fixed, state, best);
}

static void learn_as_published(twin *t, const rb_batch *batch, bool double_q)
{
    double sum[WEIGHTS] = {0};
    const float *states = batch->states, *next = batch->next_states;
    for (int i = 0; i < batch->size; i++, states += INPUTS, next += INPUTS) {
        double d = q_value(t->w, states, batch->actions[i]) - batch->returns[i] -
                   batch->discounts[i] * best_value(t, next, double_q);
        d = fmax(-1, fmin(1, d));
        double *row = sum + batch->actions[i] * ROW;
        for (int j = 0; j < INPUTS; j++) row[j] += d * states[j];
        row[INPUTS] += d;
    }
    for (int i = 0; i < WEIGHTS; i++) {
        t->g[i] = 0.95 * t->g[i] + 0.05 * sum[i];
        t->g2[i] = 0.95 * t->g2[i] + 0.05 * sum[i] * sum[i];
        t->w[i] -= 0.00025 * sum[i] / sqrt(t->g2[i] - t->g[i] * t->g[i] + 0.01);
    }
}

static void read_weights(kit *k, double *out)
{
    float values[2][WEIGHTS];
    rb_net *net = rb_agent_online(k->agent);
    assert_int_equal(rb_net_tensor_count(net), 2); // weight [ACTIONS][INPUTS], bias [ACTIONS]
    for (int i = 0; i < 2; i++) rb_net_tensor_get(net, i, values[i]);
    for (int a = 0; a < ACTIONS; a++) {
        for (int i = 0; i < INPUTS; i++) out[a * ROW + i] = values[0][a * INPUTS + i];
        out[a * ROW + INPUTS] = values[1][a];
    }
}

// An agent with the preset's learning, on states of six floats.
static rb_agent_spec spec_of(const char *preset)
{
    rb_config *config;
    rb_agent_spec spec = kit_spec(INPUTS, ACTIONS);
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    assert_int_equal(rb_config_preset(config, preset, NULL), RB_OK);
    spec.agent = config->params.agent;
    spec.optim = config->params.optim;
    rb_config_destroy(config);
    assert_int_equal(spec.agent.batch, BATCH);
    spec.net.trunk = RB_TRUNK_MLP;
    strcpy(spec.net.mlp, "");
    spec.net.hidden = 0;
    return spec;
}

// `scale` is the size of the states and so of the weights' gradients. With small ones the variance is far
// below the constant under the root, with large ones far above it.
static void the_update_is_the_published_one(const char *preset, float scale)
{
    const rb_agent_spec spec = spec_of(preset);
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    twin t = {0};
    double w[WEIGHTS], moved = 0, apart = 0;
    read_weights(&k, t.w);
    memcpy(t.fixed, t.w, sizeof w);
    for (int n = 0; n < UPDATES; n++) {
        kit_batch_fill(batch, &spec, false, (uint64_t)n);
        for (int i = 0; i < BATCH * INPUTS; i++)
            ((float *)batch->states)[i] *= scale, ((float *)batch->next_states)[i] *= scale;
        rb_learned learned;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        learn_as_published(&t, batch, spec.agent.double_q);
    }
    read_weights(&k, w);
    for (int i = 0; i < WEIGHTS; i++) {
        moved = fmax(moved, fabs(w[i] - t.fixed[i]));
        apart = fmax(apart, fabs(w[i] - t.w[i]));
    }
    if (!(moved > 1e-4 && apart < 1e-3 * moved))
        fail_msg("%s: the weights moved by up to %g; the published rule's differ by up to %g", preset, moved,
                 apart);
    kit_batch_free(batch);
    kit_close(&k);
}

static void dqn_updates_as_published(void **state)
{
    (void)state;
    the_update_is_the_published_one("dqn", 1);
    the_update_is_the_published_one("dqn", 1e-3f);
}

static void double_updates_as_published(void **state)
{
    (void)state;
    the_update_is_the_published_one("double", 1);
    the_update_is_the_published_one("double", 1e-3f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dqn_updates_as_published),
        cmocka_unit_test(double_updates_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
