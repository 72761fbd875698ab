// Action masks: no action that is not allowed is ever chosen, in acting at random or by value, nor counted in
// a maximum over next actions, whatever the network's head and the rule of the target.
#include "agent/agent_kit.h"

#include "agent/acting.h"
#include "agent/targets.h"
#include "base/mask.h"

enum { PLANES = 5, A = 4, FORBIDDEN = 2 };

// ---- the whole agent

// The index of the last bias (not its noise) whose name begins with `stream`; "": of all.
static int last_bias(const rb_net *net, const char *stream)
{
    rb_net_tensor info;
    int found = -1;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, &info);
        if (!strncmp(info.name, stream, strlen(stream)) && strstr(info.name, ".bias") &&
            !strstr(info.name, "sigma"))
            found = i;
    }
    return found;
}

static void raise_bias(rb_net *net, int tensor, size_t at, float by)
{
    float values[A * 64];
    rb_net_tensor info;
    rb_net_tensor_info(net, tensor, &info);
    assert_true(tensor >= 0 && at < info.count && info.count <= A * 64);
    rb_net_tensor_get(net, tensor, values);
    values[at] += by;
    rb_net_tensor_set(net, tensor, values);
}

// Gives one action a huge Q-value in every state, and leaves the others as they are: a dueling head subtracts
// the mean advantage, which the state's value then makes up for.
static void make_huge(kit *k, const rb_agent_spec *spec)
{
    rb_net *net = rb_agent_online(k->agent);
    const size_t atoms = (size_t)rb_net_spec_of(net)->outputs;
    const float by = rb_head_of(&spec->agent) == RB_HEAD_CATEGORICAL ? 40 : 1000;
    raise_bias(net, last_bias(net, spec->net.dueling ? "advantage" : ""), FORBIDDEN * atoms + atoms - 1, by);
    if (spec->net.dueling) raise_bias(net, last_bias(net, "value"), atoms - 1, by / A);
    rb_agent_target_copy(k->agent);
}

// Kinds of agents: every combination of double, dueling, atoms and noise; then every head, with either
// target, plain and with dueling and noise.
enum { SWITCHES = 16, HEADS = 5, KINDS = SWITCHES + 4 * HEADS };

static rb_agent_spec spec_of(int kind)
{
    static const int heads[HEADS] = {RB_HEAD_SCALAR, RB_HEAD_CATEGORICAL, RB_HEAD_CATEGORICAL,
                                     RB_HEAD_QUANTILE, RB_HEAD_IMPLICIT};
    rb_agent_spec spec = kit_spec(PLANES, A);
    kit_switches(&spec, kind);
    if (kind < SWITCHES) return spec;
    const int head = (kind - SWITCHES) % HEADS, way = (kind - SWITCHES) / HEADS;
    kit_switches(&spec, way & 2 ? DOUBLE | DUELING | NOISY : 0);
    spec.agent.head = heads[head];
    spec.agent.munchausen = way & 1;
    spec.agent.categorical_target = head == 2 ? RB_CATEGORICAL_HL_GAUSS : RB_CATEGORICAL_PROJECT;
    spec.agent.quantiles = 11;
    spec.agent.tau_samples = spec.agent.tau_targets = spec.agent.tau_values = 6;
    return spec;
}

// One update; returns its statistics, and the samples' priorities.
static rb_learned learn(const rb_agent_spec *spec, bool huge, uint8_t *masks, float *priorities)
{
    kit k = kit_open(spec, 1);
    rb_batch *batch = kit_batch(spec);
    rb_learned learned;
    kit_batch_fill(batch, spec, true, 3);
    for (int i = 0; i < batch->size; i++)
        if (batch->actions[i] == FORBIDDEN) batch->actions[i] = 0;
    batch->masks = batch->next_masks = masks;
    if (huge) make_huge(&k, spec);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    memcpy(priorities, batch->priorities, (size_t)batch->size * sizeof *priorities);
    kit_batch_free(batch);
    kit_close(&k);
    return learned;
}

static float most_apart(const float *a, const float *b, int count)
{
    float most = 0;
    for (int i = 0; i < count; i++) most = fmaxf(most, fabsf(a[i] - b[i]));
    return most;
}

// docs/faults.md, 18
static void no_maximum_counts_a_forbidden_action(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const rb_agent_spec spec = spec_of(kind);
        enum { B = 16 };
        uint8_t masks[B * A];
        float plain[B], huge[B], unmasked[B];
        for (int i = 0; i < B * A; i++) masks[i] = i % A != FORBIDDEN;
        const rb_learned a = learn(&spec, false, masks, plain), b = learn(&spec, true, masks, huge),
                         c = learn(&spec, true, NULL, unmasked);
        if (most_apart(plain, huge, B) > 2e-3f || fabsf(a.q_mean - b.q_mean) > 2e-3f)
            fail_msg("kind %d: priorities differ by %g, q_mean by %g", kind,
                     (double)most_apart(plain, huge, B), (double)fabsf(a.q_mean - b.q_mean));
        // Without the mask it counts, or this test would show nothing.
        assert_true(most_apart(plain, unmasked, B) > 0.2f && c.q_mean > a.q_mean + 1);
    }
}

// A mask that allows everything changes no bit.
static void a_mask_of_ones_is_no_mask(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const rb_agent_spec spec = spec_of(kind);
        enum { B = 16 };
        uint8_t ones[B * A];
        float with[B], without[B];
        memset(ones, 1, sizeof ones);
        const rb_learned a = learn(&spec, false, ones, with), b = learn(&spec, false, NULL, without);
        assert_memory_equal(with, without, sizeof with);
        assert_true(a.loss == b.loss && a.q_mean == b.q_mean);
    }
}

// ---- targets, against their definition

// docs/faults.md, 18
static void targets_follow_the_definition(void **state)
{
    (void)state;
    enum { B = 200, Z = 7 };
    static float returns[B], discounts[B], value[B * A], chooser[B * A], logits[B * A * Z], scalar[B],
        atoms[B * Z], alone[Z];
    static uint8_t masks[B * A];
    const rb_c51_support support = {Z, -2, 3};
    rb_rng rng = rb_rng_stream(11, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, returns, B);
    rb_rng_normal_fill(&rng, value, B * A);
    rb_rng_normal_fill(&rng, chooser, B * A);
    rb_rng_normal_fill(&rng, logits, B * A * Z);
    int decided = 0;
    for (int i = 0; i < B; i++) {
        const int pattern = 1 + (int)rb_rng_below(&rng, (1 << A) - 1);
        for (int a = 0; a < A; a++) masks[i * A + a] = pattern >> a & 1;
        discounts[i] = i % 5 ? 0.9f : 0;
    }
    const rb_batch batch = {.size = B, .returns = returns, .discounts = discounts, .next_masks = masks};
    rb_targets_scalar(scalar, &batch, A, chooser, value);
    rb_targets_c51(atoms, &batch, A, &support, chooser, logits);
    for (int i = 0; i < B; i++) {
        int best = -1, of_all = 0;
        for (int a = 0; a < A; a++) {
            if (masks[i * A + a] && (best < 0 || chooser[i * A + a] > chooser[i * A + best])) best = a;
            if (chooser[i * A + a] > chooser[i * A + of_all]) of_all = a;
        }
        decided += best != of_all;
        assert_float_equal(scalar[i], returns[i] + discounts[i] * value[i * A + best], 1e-6);
        // The distribution of that action, as if it were the only one.
        const rb_batch one = {.size = 1, .returns = returns + i, .discounts = discounts + i};
        rb_targets_c51(alone, &one, 1, &support, chooser + i * A + best, logits + (i * A + best) * Z);
        assert_memory_equal(atoms + i * Z, alone, sizeof alone);
    }
    assert_true(decided > 50);
}

// ---- acting

static void the_best_is_the_best_of_the_allowed(void **state)
{
    (void)state;
    const float q[] = {1, 9, 3, 3}, low[] = {-5, -5, -5, -5};
    assert_int_equal(rb_q_best_allowed(q, NULL, 4), 1);
    assert_int_equal(rb_q_best_allowed(q, (uint8_t[]){1, 0, 1, 1}, 4), 2);
    assert_int_equal(rb_q_best_allowed(q, (uint8_t[]){1, 0, 0, 0}, 4), 0);
    assert_int_equal(rb_q_best_allowed(low, (uint8_t[]){0, 0, 0, 1}, 4), 3);
}

// Each allowed action gets the same share of the random ones, and the stream advances as without a mask.
static void random_actions_are_uniform_among_the_allowed(void **state)
{
    (void)state;
    enum { DRAWS = 30000 };
    const float q[] = {5, 1, 2, 9, 3};
    const uint8_t mask[] = {1, 0, 1, 0, 1};
    const double epsilon = 0.6;
    rb_rng with = rb_rng_stream(5, RB_RNG_TEST, 1), without = with;
    int count[5] = {0};
    for (int t = 0; t < DRAWS; t++) {
        int32_t action, other;
        rb_act_epsilon(&action, q, mask, 1, 5, &epsilon, &with);
        rb_act_epsilon(&other, q, NULL, 1, 5, &epsilon, &without);
        rb_rng next = with, other_next = without;
        assert_true(rb_rng_u64(&next) == rb_rng_u64(&other_next));
        count[action]++;
    }
    assert_int_equal(count[1] + count[3], 0);
    assert_in_range(count[2], DRAWS / 5 - 350, DRAWS / 5 + 350);
    assert_in_range(count[4], DRAWS / 5 - 350, DRAWS / 5 + 350);
    assert_in_range(count[0], DRAWS * 3 / 5 - 450, DRAWS * 3 / 5 + 450);
}

// Through the network, also in evaluations with more observations than the agent trains on.
static void the_agent_acts_within_the_mask(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_spec(PLANES, A);
    kit_switches(&spec, DUELING | DOUBLE);
    kit k = kit_open(&spec, 1);
    make_huge(&k, &spec);
    enum { N = 16 };
    float states[N * PLANES], q[N * A];
    uint8_t masks[N * A];
    rb_rng rng = rb_rng_stream(9, RB_RNG_TEST, 0), explore[N];
    rb_rng_normal_fill(&rng, states, N * PLANES);
    for (int i = 0; i < N; i++) explore[i] = rb_rng_stream(4, RB_RNG_TEST, (uint64_t)i);
    int32_t actions[N];
    for (int t = 0; t < 200; t++) {
        for (int i = 0; i < N; i++) {
            const int pattern = 1 + (int)rb_rng_below(&rng, (1 << A) - 1);
            for (int a = 0; a < A; a++) masks[i * A + a] = pattern >> a & 1;
        }
        rb_agent_act_greedy(k.agent, states, masks, N, t % 2 ? 0.5 : 0, explore, actions, q);
        for (int i = 0; i < N; i++) assert_true(masks[i * A + actions[i]]);
        for (int i = 0; i < N && t % 2 == 0; i++)
            if (masks[i * A + FORBIDDEN]) assert_int_equal(actions[i], FORBIDDEN); // its Q-value is huge
        rb_agent_act(k.agent, states, masks, 8, (double[8]){0, 1, 0, 1, 0, 1, 0, 1}, explore, actions, NULL);
        for (int i = 0; i < 8; i++) assert_true(masks[i * A + actions[i]]);
    }
    kit_close(&k);
}

static void packed_masks_are_the_same(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(2, RB_RNG_TEST, 0);
    for (int choices = 1; choices < 40; choices++) {
        uint8_t mask[40], bits[5], back[40];
        for (int i = 0; i < choices; i++) mask[i] = rb_rng_below(&rng, 2) != 0;
        memset(bits, 0xff, sizeof bits);
        rb_mask_pack(bits, mask, choices);
        rb_mask_unpack(back, bits, choices);
        assert_memory_equal(mask, back, (size_t)choices);
        assert_int_equal(rb_mask_packed_valid(bits, choices), rb_mask_count(mask, choices) > 0);
        for (int n = 0, i = 0; i < choices; i++)
            if (mask[i]) assert_int_equal(rb_mask_nth(mask, choices, n++), i);
        rb_mask_pack(bits, NULL, choices);
        assert_true(rb_mask_packed_valid(bits, choices));
        if (choices % 8 > 1) assert_false(rb_mask_packed_valid(bits, choices - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_maximum_counts_a_forbidden_action),
        cmocka_unit_test(a_mask_of_ones_is_no_mask),
        cmocka_unit_test(targets_follow_the_definition),
        cmocka_unit_test(the_best_is_the_best_of_the_allowed),
        cmocka_unit_test(random_actions_are_uniform_among_the_allowed),
        cmocka_unit_test(the_agent_acts_within_the_mask),
        cmocka_unit_test(packed_masks_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
