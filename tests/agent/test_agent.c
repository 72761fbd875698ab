// The agent as a whole: every combination of switches, separation of the networks, state, numbers that are
// not finite.
#include "agent/agent_kit.h"

enum { PLANES = 6, ACTIONS = 3 };

// ---------------- switches

static void all_64_combinations_create_and_learn(void **state)
{
    (void)state;
    for (int mask = 0; mask < 64; mask++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, mask);
        kit k = kit_open(&spec, 1);
        rb_batch *batch = kit_batch(&spec);
        kit_batch_fill(batch, &spec, mask & PRIORITISED, 3);
        double first = 0, last = 0;
        for (int i = 0; i < 200; i++) {
            rb_learned learned;
            rb_error error = {0};
            assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
            assert_true(isfinite(learned.loss) && isfinite(learned.q_mean));
            assert_true(learned.clipped >= 0 && learned.clipped <= 1);
            for (int j = 0; j < batch->size; j++) assert_true(batch->priorities[j] >= 0);
            if (i < 5) first += learned.loss;
            if (i >= 195) last += learned.loss;
        }
        // The cross-entropy cannot fall below the targets' entropy, so the test uses the priorities, which
        // are the divergence.
        if (spec.agent.categorical) {
            double divergence = 0;
            for (int j = 0; j < batch->size; j++) divergence += batch->priorities[j] / batch->size;
            assert_true(last < first && divergence < (mask & NOISY ? 0.7 : 0.1));
        } else {
            assert_true(last < first * (mask & NOISY ? 0.5 : 0.05));
        }
        assert_int_equal(rb_agent_updates(k.agent), 200);
        kit_batch_free(batch);
        kit_close(&k);
    }
}

// An option that is parsed but has no effect is the hardest fault to see: each of these must change the
// weights.
// docs/faults.md, 14
static void every_option_changes_the_update(void **state)
{
    (void)state;
    enum { OPTIONS = 25 + KIT_HEADS };
    size_t counts[OPTIONS + 1];
    float *weights[OPTIONS + 1];
    for (int option = 0; option <= OPTIONS; option++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, CATEGORICAL);
        bool weighted = false;
        switch (option) {
        case 1:
            spec.agent.double_q = true;
            break;
        case 2:
            spec.net.dueling = true;
            break;
        case 3:
            spec.agent.categorical = false;
            break;
        case 4:
            spec.net.noisy = RB_NOISY_FACTORISED;
            break;
        case 5:
            spec.net.noisy = RB_NOISY_INDEPENDENT;
            break;
        case 6:
            spec.agent.n_step = 3;
            break; // through the batch's discount
        case 7:
            weighted = true;
            break;
        case 8:
            spec.agent.v_max = 5;
            break;
        case 9:
            spec.agent.v_min = -5;
            break;
        case 10:
            spec.agent.atoms = 21;
            break;
        case 11:
            spec.agent.categorical = false, spec.agent.loss = RB_LOSS_SQUARED;
            break;
        case 12:
            spec.agent.categorical = false, spec.agent.loss = RB_LOSS_HALF_SQUARED;
            break;
        case 13:
            spec.optim.clip_norm = 0.01;
            break;
        case 14:
            spec.optim.kind = RB_OPTIM_RMSPROP;
            break;
        case 15:
            spec.seed = 6;
            break;
        case 16:
            spec.net.noisy = RB_NOISY_FACTORISED, spec.agent.double_q = true;
            spec.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
            break;
        case 17:
            spec.net.init = RB_INIT_DOPAMINE;
            break;
        case 18:
            spec.net.shared_bias = true;
            break;
        case 19:
            kit_head(&spec, 7), spec.agent.munchausen_alpha = 0.5;
            break;
        case 20:
            kit_head(&spec, 7), spec.agent.munchausen_tau = 0.5;
            break;
        case 21:
            kit_head(&spec, 7), spec.agent.munchausen_clip = -0.01;
            break;
        case 22:
            kit_head(&spec, 7), spec.agent.kappa = 0.5;
            break;
        case 23:
            kit_head(&spec, 0), spec.agent.hl_sigma = 2;
            break;
        case 24:
            kit_head(&spec, 7), spec.agent.tau_values = 7;
            break;
        case 25:
            kit_head(&spec, 4), spec.agent.quantiles = 13;
            break;
        default:
            if (option > 25) kit_head(&spec, option - 26);
            break;
        }
        kit k = kit_open(&spec, 1);
        rb_batch *batch = kit_batch(&spec);
        kit_batch_fill(batch, &spec, weighted, 4);
        for (int i = 0; i < batch->size; i++) batch->returns[i] *= 2; // errors above Huber's 1
        rb_learned learned;
        for (int i = 0; i < 20; i++) assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        weights[option] = kit_weights(rb_agent_online(k.agent), &counts[option]);
        for (int other = 0; other < option; other++)
            if (counts[other] == counts[option] &&
                !memcmp(weights[other], weights[option], counts[option] * sizeof(float)))
                fail_msg("option %d learns what option %d does", option, other);
        kit_batch_free(batch);
        kit_close(&k);
    }
    for (int option = 0; option <= OPTIONS; option++) free(weights[option]);
}

static void priority_kinds_differ_by_the_targets_entropy(void **state)
{
    (void)state;
    float priorities[2][16];
    for (int kind = RB_PRIORITY_KL; kind <= RB_PRIORITY_CROSS_ENTROPY; kind++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, CATEGORICAL);
        spec.agent.priority = kind;
        kit k = kit_open(&spec, 1);
        rb_batch *batch = kit_batch(&spec);
        kit_batch_fill(batch, &spec, false, 4);
        rb_learned learned;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        memcpy(priorities[kind], batch->priorities, sizeof priorities[kind]);
        kit_batch_free(batch);
        kit_close(&k);
    }
    for (int i = 0; i < 16; i++)
        assert_true(priorities[RB_PRIORITY_CROSS_ENTROPY][i] > priorities[RB_PRIORITY_KL][i]);
}

// Q = V + A - mean over *actions*: with the value stream's last layer at zero, the mean over actions is 0 for
// every sample and atom. A mean over atoms or over the batch would not be 0.
// docs/faults.md, 12
static void dueling_takes_the_mean_over_actions(void **state)
{
    (void)state;
    for (int categorical = 0; categorical < 2; categorical++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, DUELING | (categorical ? CATEGORICAL : 0));
        kit k = kit_open(&spec, 1);
        rb_net *net = rb_agent_online(k.agent);
        const int atoms = categorical ? (int)spec.agent.atoms : 1;
        int silenced = 0;
        for (int i = 0; i < rb_net_tensor_count(net); i++) {
            rb_net_tensor info;
            rb_net_tensor_info(net, i, &info);
            if (strncmp(info.name, "value.", 6) != 0 || info.shape[0] != atoms) continue;
            float *zeros = calloc(info.count, sizeof *zeros);
            rb_net_tensor_set(net, i, zeros);
            free(zeros);
            silenced++;
        }
        assert_int_equal(silenced, 2); // its weight and its bias
        rb_batch *batch = kit_batch(&spec);
        kit_batch_fill(batch, &spec, false, 8);
        rb_tape *tape;
        assert_int_equal(rb_tape_create(&tape, net, batch->size, false, k.arena, NULL), RB_OK);
        const float *out = rb_net_forward(net, tape, batch->states, batch->size, false);
        double spread = 0;
        for (int i = 0; i < batch->size; i++)
            for (int z = 0; z < atoms; z++) {
                double mean = 0;
                for (int a = 0; a < ACTIONS; a++) {
                    mean += out[(i * ACTIONS + a) * atoms + z] / ACTIONS;
                    spread = fmax(spread, fabs(out[(i * ACTIONS + a) * atoms + z]));
                }
                assert_true(fabs(mean) < 1e-6);
            }
        assert_true(spread > 0.01);
        kit_batch_free(batch);
        kit_close(&k);
    }
}

// ---------------- networks and acting

static void target_changes_only_by_copying(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    assert_true(kit_same_weights(rb_agent_online(k.agent), rb_agent_target(k.agent)));
    size_t count;
    float *at_start = kit_weights(rb_agent_target(k.agent), &count);
    rb_learned learned;
    for (int i = 0; i < 5; i++) assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    float *later = kit_weights(rb_agent_target(k.agent), &count);
    assert_memory_equal(at_start, later, count * sizeof(float));
    assert_false(kit_same_weights(rb_agent_online(k.agent), rb_agent_target(k.agent)));
    rb_agent_target_copy(k.agent);
    assert_true(kit_same_weights(rb_agent_online(k.agent), rb_agent_target(k.agent)));
    free(at_start), free(later);
    kit_batch_free(batch);
    kit_close(&k);
}

// Double: the online network must choose. Of the two next actions the online network prefers the first, which
// has the target network's lowest value.
static void double_q_learning_values_the_online_choice(void **state)
{
    (void)state;
    float loss[2];
    for (int twice = 0; twice < 2; twice++) {
        rb_agent_spec spec = kit_spec(1, 2);
        spec.agent.double_q = twice;
        strcpy(spec.net.mlp, "");
        spec.net.hidden = 0;
        spec.agent.batch = 1;
        spec.agent.loss = RB_LOSS_SQUARED;
        kit k = kit_open(&spec, 1);
        rb_net *nets[2] = {rb_agent_online(k.agent), rb_agent_target(k.agent)};
        const float biases[2][2] = {{2, 1}, {3, 7}};
        for (int n = 0; n < 2; n++)
            for (int i = 0; i < 2; i++) { // weight [2][1], bias [2]
                rb_net_tensor info;
                rb_net_tensor_info(nets[n], i, &info);
                rb_net_tensor_set(nets[n], i, info.dims == 1 ? biases[n] : (float[]){0, 0});
            }
        rb_batch *batch = kit_batch(&spec);
        batch->weights[0] = 1, batch->discounts[0] = 1;
        rb_learned learned;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        loss[twice] = learned.loss;
        assert_true(learned.q_mean == 2);
        kit_batch_free(batch);
        kit_close(&k);
    }
    assert_true(loss[0] == 25); // (2 - 7)^2
    assert_true(loss[1] == 1);  // (2 - 3)^2
}

static void evaluation_takes_any_number_of_observations(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
    kit_switches(&spec, CATEGORICAL);
    spec.streams = 3;
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, false, 5);
    rb_rng explore_rng[16], alone;
    int32_t actions[16], action;
    float q[16 * ACTIONS], one[ACTIONS];
    for (int i = 0; i < 16; i++) explore_rng[i] = rb_rng_stream(1, RB_RNG_EVAL, (uint64_t)i);
    rb_agent_act_greedy(k.agent, batch->states, NULL, 16, 0.3, explore_rng, actions, q);
    for (int i = 0; i < 16; i++) {
        alone = rb_rng_stream(1, RB_RNG_EVAL, (uint64_t)i);
        rb_agent_act_greedy(k.agent, (float *)batch->states + i * PLANES, NULL, 1, 0.3, &alone, &action, one);
        assert_int_equal(action, actions[i]);
        for (int a = 0; a < ACTIONS; a++) assert_float_equal(one[a], q[i * ACTIONS + a], 1e-6);
    }
    kit_batch_free(batch);
    kit_close(&k);
}

static void exploration_follows_its_parameters(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
    spec.explore.start = 0.8, spec.explore.end = 0.2, spec.explore.steps = 600;
    kit k = kit_open(&spec, 1);
    assert_true(fabs(rb_agent_epsilon(k.agent, 0) - 0.8) < 1e-12);
    assert_true(fabs(rb_agent_epsilon(k.agent, 150) - 0.65) < 1e-12);
    assert_true(fabs(rb_agent_epsilon(k.agent, 600) - 0.2) < 1e-12);
    assert_true(fabs(rb_agent_epsilon(k.agent, 6000) - 0.2) < 1e-12);
    kit_close(&k);
}

// ---------------- state, threads, errors

static void copy_state(kit *from, kit *to) // `from` and `to` may be the same
{
    rb_visitor *visitor;
    void *data;
    size_t bytes;
    assert_int_equal(rb_visitor_save_memory(&visitor, NULL), RB_OK);
    rb_agent_visit(from->agent, visitor);
    assert_int_equal(rb_visitor_finish_memory(visitor, &data, &bytes, NULL), RB_OK);
    assert_int_equal(rb_visitor_load_memory(&visitor, data, bytes, NULL), RB_OK);
    rb_agent_visit(to->agent, visitor);
    assert_int_equal(rb_visitor_finish(visitor, NULL, NULL), RB_OK);
    free(data);
}

static void a_loaded_agent_goes_on_with_the_same_bits(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS), other = kit_noisy_spec(PLANES, ACTIONS);
    kit_switches(&spec, 63);
    kit_switches(&other, 63);
    spec.net.noisy_draws = other.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
    kit a = kit_open(&spec, 1), b = kit_open(&other, 1);
    rb_batch *batch = kit_batch(&spec);
    rb_learned learned;
    for (int i = 0; i < 7; i++) {
        kit_batch_fill(batch, &spec, true, (uint64_t)i);
        assert_int_equal(rb_agent_learn(a.agent, batch, &learned, NULL), RB_OK);
        if (i == 3) rb_agent_target_copy(a.agent);
    }
    copy_state(&a, &b);
    assert_true(kit_hash(&a) == kit_hash(&b));

    float qa[8 * ACTIONS], qb[8 * ACTIONS];
    kit_q(&a, batch, false, qa);
    kit_q(&b, batch, false, qb);
    assert_memory_equal(qa, qb, sizeof qa); // the current noise was copied too
    for (int i = 0; i < 7; i++) {
        kit_batch_fill(batch, &spec, true, 100 + (uint64_t)i);
        assert_int_equal(rb_agent_learn(a.agent, batch, &learned, NULL), RB_OK);
        assert_int_equal(rb_agent_learn(b.agent, batch, &learned, NULL), RB_OK);
        if (i == 2) rb_agent_target_copy(a.agent), rb_agent_target_copy(b.agent);
    }
    assert_int_equal(rb_agent_updates(b.agent), 14);
    assert_true(kit_hash(&a) == kit_hash(&b));
    kit_batch_free(batch);
    kit_close(&a);
    kit_close(&b);
}

// No part, or any number of parts, is done before the update is due; meanwhile there is another batch, new
// targets, acting or a checkpoint.
static void what_is_done_ahead_changes_no_bit(void **state)
{
    (void)state;
    for (int switches = 0; switches < 64; switches += 21) {
        rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
        kit_switches(&spec, switches);
        spec.net.noisy_draws = switches & DOUBLE ? RB_NOISY_DRAWS_FRESH : RB_NOISY_DRAWS_SHARED;
        kit plain = kit_open(&spec, 1), early = kit_open(&spec, 2);
        rb_batch *batch = kit_batch(&spec), *other = kit_batch(&spec);
        kit_batch_fill(other, &spec, true, 1000);
        for (int i = 0; i < 60; i++) {
            rb_learned late, learned;
            float q[8 * ACTIONS];
            kit_batch_fill(batch, &spec, true, (uint64_t)i);
            if (i % 6 == 5) rb_agent_learn_begin(early.agent, other);
            if (i % 2) rb_agent_learn_begin(early.agent, batch);
            for (int part = 0; i % 2 && part < i % 5; part++) {
                kit_q(&early, other, false, q);
                rb_agent_learn_ahead(early.agent, batch);
            }
            if (i % 7 == 3) rb_agent_target_copy(plain.agent), rb_agent_target_copy(early.agent);
            if (i % 7 == 6) rb_agent_target_update(plain.agent), rb_agent_target_update(early.agent);
            if (i % 4 == 1) copy_state(&early, &early);
            if (i % 15 == 7) rb_agent_new_noise(plain.agent), rb_agent_new_noise(early.agent);
            assert_int_equal(rb_agent_learn(plain.agent, batch, &late, NULL), RB_OK);
            assert_int_equal(rb_agent_learn_gradient(early.agent, batch, &learned, NULL), RB_OK);
            rb_agent_learn_apply(early.agent);
            assert_true(late.loss == learned.loss && late.q_mean == learned.q_mean);
        }
        assert_true(kit_hash(&plain) == kit_hash(&early));
        kit_batch_free(batch), kit_batch_free(other);
        kit_close(&plain), kit_close(&early);
    }
}

static void threads_change_no_bit_of(int head)
{
    uint64_t hashes[3];
    for (int t = 0; t < 3; t++) {
        rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
        kit_switches(&spec, 63);
        if (head >= 0) kit_head(&spec, head), strcpy(spec.net.mlp, "48"), spec.optim.clip_norm = 1;
        spec.net.noisy_draws = RB_NOISY_DRAWS_FRESH;
        kit k = kit_open(&spec, t + 1);
        rb_batch *batch = kit_batch(&spec);
        rb_learned learned;
        for (int i = 0; i < 10; i++) {
            kit_batch_fill(batch, &spec, true, (uint64_t)i);
            assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        }
        hashes[t] = kit_hash(&k);
        kit_batch_free(batch);
        kit_close(&k);
    }
    assert_true(hashes[0] == hashes[1] && hashes[0] == hashes[2]);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int head = -1; head < KIT_HEADS; head++) threads_change_no_bit_of(head);
}

// With bf16 kernels an update of an implicit head is that of f32 kernels, but for the rounding of factors.
static void implicit_heads_round_to_bf16(void **state)
{
    (void)state;
    float *weights[2], losses[2];
    size_t count = 0;
    for (int f = 0; f < 2; f++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, DUELING | NOISY);
        kit_head(&spec, 8);
        strcpy(spec.net.mlp, "40");
        spec.optim.kind = RB_OPTIM_RMSPROP, spec.optim.epsilon = 1, spec.optim.learning_rate = 0.1;
        kit k = kit_open_with(&spec, 2, f ? "wide-bf16" : "wide");
        rb_batch *batch = kit_batch(&spec);
        rb_learned learned;
        kit_batch_fill(batch, &spec, true, 4);
        size_t same;
        float *before = kit_weights(rb_agent_online(k.agent), &same);
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        losses[f] = learned.loss;
        weights[f] = kit_weights(rb_agent_online(k.agent), &count);
        for (size_t i = 0; i < count; i++) weights[f][i] -= before[i];
        free(before);
        kit_batch_free(batch);
        kit_close(&k);
    }
    double apart = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        apart += pow((double)weights[0][i] - (double)weights[1][i], 2);
        size += pow((double)weights[0][i], 2);
    }
    assert_true(size > 0 && sqrt(apart / size) < 0.03);
    assert_true(fabsf(losses[0] - losses[1]) < 0.02f * losses[0] && losses[0] != losses[1]);
    free(weights[0]), free(weights[1]);
}

static void a_loss_that_is_no_number_is_told_and_changes_no_weight(void **state)
{
    (void)state;
    const float bad[3] = {NAN, INFINITY, -INFINITY};
    for (int head = -2; head < KIT_HEADS; head++)
        for (int i = 0; i < 3; i++) {
            rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
            spec.agent.categorical = head == -1;
            if (head >= 0) kit_head(&spec, head);
            kit k = kit_open(&spec, 1);
            rb_batch *batch = kit_batch(&spec);
            kit_batch_fill(batch, &spec, false, 5);
            rb_learned learned;
            rb_error error = {0};
            for (int u = 0; u < 4; u++)
                assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
            size_t count;
            float *before = kit_weights(rb_agent_online(k.agent), &count);
            batch->returns[3] = bad[i];
            assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_ERR_NUMBER);
            assert_int_equal(error.status, RB_ERR_NUMBER);
            assert_non_null(strstr(error.message, "update 5"));
            assert_non_null(strstr(error.message, i ? "inf" : "nan"));
            float *after = kit_weights(rb_agent_online(k.agent), &count);
            assert_memory_equal(before, after, count * sizeof(float));
            assert_int_equal(rb_agent_updates(k.agent), 4);
            free(before), free(after);
            kit_batch_free(batch);
            kit_close(&k);
        }
}

static void the_plan_knows_the_memory(void **state)
{
    (void)state;
    for (int mask = 0; mask < 16 + KIT_HEADS; mask++) {
        rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
        kit_switches(&spec, mask);
        if (mask >= 16) kit_head(&spec, mask - 16);
        if (mask & 4) { // pictures
            spec.kind = RB_OBS_U8;
            spec.planes = 4, spec.height = 84, spec.width = 84;
            spec.net.hidden = 256;
        } else {
            strcpy(spec.net.mlp, "512-512");
            spec.net.hidden = 512;
        }
        kit k = kit_open(&spec, 1);
        const size_t before = rb_arena_bytes(k.arena);
        rb_agent *agent;
        assert_int_equal(rb_agent_create(&agent, &spec, k.compute, k.arena, NULL), RB_OK);
        const double taken = (double)(rb_arena_bytes(k.arena) - before),
                     planned = (double)rb_agent_bytes(&spec, 1);
        if (fabs(planned - taken) > 0.1 * taken)
            fail_msg("switches %d: planned %.0f, took %.0f", mask, planned, taken);
        kit_close(&k);
    }
}

static void nothing_is_taken_after_creation(void **state)
{
    (void)state;
    rb_agent_spec spec = kit_noisy_spec(PLANES, ACTIONS);
    kit_switches(&spec, 63);
    kit k = kit_open(&spec, 2);
    rb_batch *batch = kit_batch(&spec);
    kit_batch_fill(batch, &spec, true, 5);
    const size_t before = rb_arena_bytes(k.arena);
    rb_learned learned;
    float q[8 * ACTIONS];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        kit_q(&k, batch, i % 2, q);
        rb_agent_target_copy(k.agent);
    }
    assert_int_equal(rb_arena_bytes(k.arena), before);
    kit_batch_free(batch);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_64_combinations_create_and_learn),
        cmocka_unit_test(every_option_changes_the_update),
        cmocka_unit_test(priority_kinds_differ_by_the_targets_entropy),
        cmocka_unit_test(dueling_takes_the_mean_over_actions),
        cmocka_unit_test(target_changes_only_by_copying),
        cmocka_unit_test(double_q_learning_values_the_online_choice),
        cmocka_unit_test(evaluation_takes_any_number_of_observations),
        cmocka_unit_test(exploration_follows_its_parameters),
        cmocka_unit_test(a_loaded_agent_goes_on_with_the_same_bits),
        cmocka_unit_test(what_is_done_ahead_changes_no_bit),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(implicit_heads_round_to_bf16),
        cmocka_unit_test(a_loss_that_is_no_number_is_told_and_changes_no_weight),
        cmocka_unit_test(the_plan_knows_the_memory),
        cmocka_unit_test(nothing_is_taken_after_creation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
