// PQN stopped in the epochs of its very last rollout: the run has not ended before they are made, and then
// its checkpoint of that step is the complete one.
#include "train/run_fixture.h"
#include "train/run_state.h"

#include "rollout/policy.h"

static struct {
    void (*learned)(void *context, const rb_learned *learned);
    int left; // updates until the stop
} stop;

static void learned(void *context, const rb_learned *update)
{
    stop.learned(context, update);
    if (!--stop.left) rb_run_stop(context);
}

static rb_run *stopped_after(rb_run *run, int updates)
{
    rb_error error = {0};
    stop.learned = run->learning.learned;
    stop.left = updates;
    run->learning.learned = learned;
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    assert_int_equal(rb_agent_updates(run->agent), updates);
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    return run;
}

// Rollouts of 4 x 25 steps, 20 updates each, made in the turn after; the third one's in the run's last turn.
static void check(const char *evaluates)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole-pqn", "--run.max_steps=304", "--env.count=4",
                  "--agent.rollout_steps=25", "--agent.minibatches=4", "--agent.epochs=5", "--net.mlp=16",
                  "--eval.every_steps=0", "--eval.episodes=1", "--checkpoint.every_steps=0",
                  "--compute.threads=1", "--tensorboard.enabled=false");
    set(config, "eval.enabled", evaluates);
    const uint64_t whole = train(config);
    rb_run *run = stopped_after(create(config), 47);
    assert_int_equal(run->step, 304);
    rb_error error = {0};
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_agent_updates(run->agent), 60);
    assert_true(hash_of(run) == whole);
    rb_policy policy = {0};
    if (rb_policy_open(&policy, rb_run_directory(run), 1, 1, &error)) fail_msg("%s", error.message);
    const float seen[4] = {0.1f, -0.2f, 0.03f, 0.4f};
    float own[2], its[2];
    rb_agent_q_values(run->agent, seen, own, NULL);
    rb_agent_q_values(policy.agent, seen, its, NULL);
    assert_memory_equal(own, its, sizeof own);
    rb_policy_close(&policy);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_with_evaluations(void **state)
{
    (void)state;
    check("true");
}

static void test_without(void **state)
{
    (void)state;
    check("false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_with_evaluations),
                                       cmocka_unit_test(test_without)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
