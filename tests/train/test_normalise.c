// Whole runs with normalised observations (env.normalise): CartPole in units that a network cannot read
// (tests/own/scaled_env.c) is learned with it and not without it; the statistics are those of the training's
// observations; runs resume bit for bit, on any number of threads; a checkpoint plays as the run did.
#include "train/stop_and_resume.h"

#include "replay/replay_state.h"
#include "rollout/policy.h"

#include <math.h>

#define SCALED RB_TEST_OWN "/scaled.so"

static rb_config *small(void)
{
    return CONFIGURE(SCALED, "--preset=cartpole-dqn", "--env.normalise=true", "--run.max_steps=900",
                     "--replay.capacity=300", "--agent.start_steps=60", "--agent.batch=8",
                     "--agent.update_every_steps=4", "--agent.target_every_steps=100", "--net.mlp=16",
                     "--net.hidden=16", "--env.count=2", "--env.stack=2", "--eval.every_steps=300",
                     "--eval.episodes=3", "--checkpoint.every_steps=300", "--compute.threads=1",
                     "--tensorboard.enabled=false");
}

static void statistics(rb_run *run, float mean[4], float variance[4], float *count)
{
    const rb_net *net = rb_agent_online(run->agent);
    const int last = rb_net_tensor_count(net);
    rb_net_tensor info;
    rb_net_tensor_info(net, last - 1, &info);
    assert_string_equal(info.name, "normalise.count");
    rb_net_tensor_get(net, last - 3, mean);
    rb_net_tensor_get(net, last - 2, variance);
    rb_net_tensor_get(net, last - 1, count);
}

// Every observation that the agent acted on in training, and no other, in one large sum at the end: replay,
// which forgets nothing here, holds them all. Evaluations leave no trace.
static void the_statistics_are_those_of_training(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "replay.capacity", "2000");
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    const rb_replay *replay = run->replay;
    double sum[4] = {0}, square[4] = {0}, n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int stream = 0; stream < 2; stream++) {
            const rb_ring *ring = &replay->rings[stream];
            for (uint64_t serial = rb_ring_oldest(ring); serial < ring->head; serial++) {
                const size_t slot = (size_t)rb_ring_slot(ring, serial);
                const float *frame = (const float *)(const void *)(ring->frames + slot * ring->frame_bytes);
                if (!(ring->row[slot].flags & RB_ROW_ACTED)) continue;
                n += pass == 0;
                for (int i = 0; i < 4; i++) {
                    const double d = (double)frame[i] - (pass ? sum[i] / n : 0);
                    if (pass)
                        square[i] += d * d;
                    else
                        sum[i] += d;
                }
            }
        }
    float mean[4], variance[4], count;
    statistics(run, mean, variance, &count);
    assert_int_equal((int)n, 900);
    assert_int_equal((int)lrintf(count), 900);
    for (int i = 0; i < 4; i++) {
        // The 1e-4 of a frame with mean 0 and variance 1, from which they begin, moves the first by its
        // offset.
        const double away = 1e-4 / n * (sum[i] / n) * (sum[i] / n) + 1e-4 / n;
        assert_true(fabs((double)mean[i] - sum[i] / n) <= 1e-6 * (fabs(sum[i] / n) + 1e-6) + 1e-7);
        assert_true(fabs((double)variance[i] - square[i] / n) <= 1e-5 * square[i] / n + 1.01 * away);
    }
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void a_stopped_run_resumes_bit_for_bit(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    const uint64_t whole = hash_of(run);
    rb_run_destroy(run);
    for (int64_t step = 130; step < 900; step += 250) {
        run = stop_and_resume(config, step);
        assert_int_equal(rb_run_train(run, NULL), RB_OK);
        assert_true(hash_of(run) == whole);
        rb_run_destroy(run);
    }
    for (int threads = 2; threads < 5; threads += 2) {
        set(config, "compute.threads", threads == 2 ? "2" : "4");
        assert_true(train(config) == whole);
    }
    set(config, "env.normalise", "false");
    assert_true(train(config) != whole);
    set(config, "env.normalise", "true");
    set(config, "env.normalise_clip", "0.5");
    assert_true(train(config) != whole);
    rb_config_destroy(config);
}

// A rollout that a stop has cut in two is learned from with the same values.
static void a_stopped_rollout_resumes_bit_for_bit(void **state)
{
    (void)state;
    rb_config *config = CONFIGURE(
        SCALED, "--preset=cartpole-pqn", "--env.normalise=true", "--run.max_steps=600", "--env.count=4",
        "--agent.rollout_steps=25", "--agent.minibatches=4", "--net.mlp=16", "--eval.every_steps=0",
        "--checkpoint.every_steps=0", "--compute.threads=1", "--tensorboard.enabled=false");
    const uint64_t whole = train(config);
    for (int64_t step = 140; step < 600; step += 200) {
        rb_run *run = stop_and_resume(config, step);
        assert_int_equal(rb_run_train(run, NULL), RB_OK);
        assert_true(hash_of(run) == whole);
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

// The weights of a checkpoint play like the run's own agent: Q-values of raw observations, bit for bit.
static void a_checkpoint_plays_alike(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_run *run = create(config);
    rb_policy policy = {0};
    rb_error error = {0};
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    if (rb_policy_open(&policy, rb_run_directory(run), 1, 1, &error)) fail_msg("%s", error.message);
    const float seen[2][8] = {{1e4f, 1e-5f, 2e-4f, -480, 1.01e4f, 1e-4f, -1e-3f, -520},
                              {9e3f, -1e-3f, 1e-3f, 900, 9.1e3f, 2e-3f, 2e-3f, 700}};
    for (int i = 0; i < 2; i++) {
        float own[2], its[2], acted[2];
        int32_t action;
        rb_rng rng = rb_rng_stream(1, RB_RNG_EXPLORE, 0);
        rb_agent_act_greedy(policy.agent, seen[i], NULL, 1, 0, &rng, &action, acted);
        rb_agent_q_values(run->agent, seen[i], own, NULL);
        rb_agent_q_values(policy.agent, seen[i], its, NULL);
        assert_memory_equal(own, its, sizeof own);
        assert_memory_equal(own, acted, sizeof own); // what is shown is what is played
    }
    rb_policy_close(&policy);
    // Without the statistics these weights mean something else.
    policy = (rb_policy){.changes = (const char *const[]){"--env.normalise=false"}, .change_count = 1};
    assert_int_equal(rb_policy_open(&policy, rb_run_directory(run), 1, 1, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "env.normalise"));
    rb_policy_close(&policy);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static double best_evaluation(const rb_run *run)
{
    char path[RB_PATH_MAX], line[256];
    double best = 0;
    snprintf(path, sizeof path, "%.1000s/eval.csv", rb_run_directory((rb_run *)run));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        double mean;
        if (sscanf(line, "%*d,%*d,%*d,%lf", &mean) == 1 && mean > best) best = mean;
    }
    fclose(file);
    return best;
}

static void it_learns_badly_scaled_observations(void **state)
{
    (void)state;
    double best[2];
    if (SANITIZED) skip();
    for (int normalise = 0; normalise < 2; normalise++) {
        rb_config *config = CONFIGURE(SCALED, "--preset=cartpole", "--run.max_steps=6000", "--run.seed=1",
                                      "--eval.every_steps=2000", "--compute.threads=1",
                                      "--tensorboard.enabled=false", "--run.overwrite=true");
        set(config, "env.normalise", normalise ? "true" : "false");
        rb_run *run = create(config);
        assert_int_equal(rb_run_train(run, NULL), RB_OK);
        best[normalise] = best_evaluation(run);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
    print_message("best evaluation: %g without, %g with env.normalise\n", best[0], best[1]);
    assert_true(best[1] >= 400);
    assert_true(best[0] < 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statistics_are_those_of_training),
        cmocka_unit_test(a_stopped_run_resumes_bit_for_bit),
        cmocka_unit_test(a_stopped_rollout_resumes_bit_for_bit),
        cmocka_unit_test(a_checkpoint_plays_alike),
        cmocka_unit_test(it_learns_badly_scaled_observations),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
