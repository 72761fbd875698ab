// Random shifts, resets, and n and gamma that change, in whole runs: when they happen, and that threads and
// stops change nothing.
#include "train/stop_and_resume.h"

#include <math.h>

// Two updates a step; resets after 60, 120, 180 and 240 updates, the last one allowed.
static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=250", "--replay.capacity=300",
                     "--agent.start_steps=60", "--agent.batch=8", "--agent.update_every_steps=1",
                     "--agent.updates=2", "--agent.target_every_updates=10", "--agent.n_step=7",
                     "--agent.n_step_end=2", "--agent.gamma=0.9", "--agent.gamma_end=0.99",
                     "--agent.anneal_updates=40", "--agent.reset_every_updates=60",
                     "--agent.reset_last_update=250", "--optim.weight_decay=0.1", "--eval.every_steps=0",
                     "--eval.episodes=1", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                     "--compute.threads=1");
}

static rb_config *pictures(void)
{
    rb_config *config = small();
    rb_error error = {0};
    assert_int_equal(rb_config_set(config, "run.env", "minatar/breakout", "test", &error), RB_OK);
    set(config, "replay.shift", "2");
    set(config, "replay.intensity", "0.05");
    return config;
}

static void test_n_and_gamma_follow_the_updates(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *run = create(config);
    uint64_t looked = 0;
    while (run->step < 250) {
        int steps;
        double gamma;
        assert_int_equal(rb_loop(run, run->step + 1, &error), RB_OK);
        rb_agent_window(run->agent, &steps, &gamma);
        const int64_t updates = (int64_t)rb_agent_updates(run->agent);
        const int64_t since = updates < 240 ? updates % 60 : updates - 240;
        const double share = since < 40 ? (double)since / 40 : 1;
        // By equal factors: what is left of the way is a power.
        assert_int_equal(steps, (int)floor(7 * pow(2.0 / 7, share) + 0.5));
        assert_true(fabs(gamma - (1 - 0.1 * pow(0.1, share))) < 1e-12);
        looked += updates > 0;
    }
    assert_true(looked > 150 && rb_agent_updates(run->agent) > 300);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

enum { WEIGHTS = 4 * 16 };

static void first_weights(rb_run *run, float out[WEIGHTS])
{
    rb_net *net = rb_agent_online(run->agent);
    rb_net_tensor info;
    rb_net_tensor_info(net, 0, &info);
    assert_string_equal(info.name, "trunk.0.weight");
    assert_int_equal(info.count, WEIGHTS);
    rb_net_tensor_get(net, 0, out);
}

// A reset moves most weights by far more than an update. The first update after it is Adam's first step,
// which moves each weight by the learning rate, whatever its gradient.
static void test_resets_come_when_they_are_due(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    float before[WEIGHTS], now[WEIGHTS];
    set(config, "agent.updates", "1");
    set(config, "agent.reset_shrink", "0.1");
    set(config, "agent.reset_last_update", "120");
    set(config, "optim.learning_rate", "0.001");
    set(config, "optim.anneal", "false");
    set(config, "optim.weight_decay", "0");
    set(config, "optim.epsilon", "0");
    rb_run *run = create(config);
    int64_t resets = 0, had = 0;
    bool was_reset = false;
    first_weights(run, before);
    while (run->step < 250) {
        assert_int_equal(rb_loop(run, run->step + 1, &error), RB_OK);
        first_weights(run, now);
        double change = 0;
        int first_steps = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            const double moved = fabs((double)now[i] - (double)before[i]);
            change += moved / WEIGHTS;
            first_steps += fabs(moved - 0.001) < 1e-5;
        }
        const int64_t updates = (int64_t)rb_agent_updates(run->agent);
        const bool due = updates / 60 > had / 60 && updates <= 120;
        if ((change > 0.05) != due)
            fail_msg("update %lld: weights changed by %g", (long long)updates, change);
        if (was_reset && updates > had) assert_true(first_steps > WEIGHTS / 2);
        if (updates > had) was_reset = due;
        resets += due;
        had = updates;
        memcpy(before, now, sizeof before);
    }
    assert_int_equal(resets, 2);
    assert_true(had >= 180); // where another would have been
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void check_whole(rb_config *config)
{
    rb_error error = {0};
    const uint64_t straight = train(config);
    set(config, "compute.threads", "3");
    assert_true(train(config) == straight);
    set(config, "compute.threads", "1");
    for (int64_t step = 70; step < 250; step += 20) { // also right before and after a reset
        rb_run *run = stop_and_resume(config, step);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        if (hash_of(run) != straight) fail_msg("stopped at %lld: another run", (long long)step);
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

static void test_threads_and_stops_do_not_matter(void **state)
{
    (void)state;
    check_whole(small());
    check_whole(pictures());
}

static void test_rollouts_can_be_reset(void **state)
{
    (void)state;
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole-pqn", "--run.max_steps=250", "--env.count=4",
                  "--agent.rollout_steps=6", "--agent.minibatches=5", "--eval.every_steps=0",
                  "--agent.reset_every_updates=12", "--eval.episodes=1", "--checkpoint.every_steps=0",
                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    const uint64_t with = train(config);
    rb_run *run = stop_and_resume(config, 121);
    rb_error error = {0};
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == with);
    rb_run_destroy(run);
    set(config, "agent.reset_every_updates", "0");
    assert_true(train(config) != with);
    rb_config_destroy(config);
}

static void expect_refusal(const char *const *words, int count, const char *part)
{
    rb_error error = {0};
    rb_config *config;
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    rb_status status = rb_config_arguments(config, count, words, &error);
    if (!status) status = rb_config_check(config, &error);
    assert_int_equal(status, RB_ERR_USAGE);
    if (!strstr(error.message, part)) fail_msg("%s", error.message);
    rb_config_destroy(config);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    expect_refusal((const char *[]){"minatar/breakout", "--preset=minatar-pqn", "--replay.shift=4"}, 3,
                   "replay.shift is above 0");
    expect_refusal((const char *[]){"minatar/breakout", "--preset=minatar-pqn", "--replay.intensity=0.05"}, 3,
                   "replay.intensity is above 0");
    expect_refusal((const char *[]){"cartpole", "--preset=cartpole-pqn", "--agent.anneal_updates=4",
                                    "--agent.gamma_end=0.5"},
                   4, "agent.anneal_updates is above 0");
    expect_refusal(
        (const char *[]){"cartpole", "--preset=cartpole", "--agent.anneal_updates=4", "--agent.gamma_end=1"},
        4, "agent.gamma_end = 1");
    expect_refusal((const char *[]){"cartpole", "--preset=cartpole", "--agent.anneal_updates=4",
                                    "--replay.capacity=500", "--agent.n_step_end=600"},
                   5, "agent.n_step_end = 600");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_n_and_gamma_follow_the_updates),
        cmocka_unit_test(test_resets_come_when_they_are_due),
        cmocka_unit_test(test_threads_and_stops_do_not_matter),
        cmocka_unit_test(test_rollouts_can_be_reset),
        cmocka_unit_test(test_what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
