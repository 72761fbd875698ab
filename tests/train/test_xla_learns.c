// A device learns: agents that compute on it (the CPU plugin of scripts/get-accelerator cpu) play CartPole
// and MinAtar's Breakout within about the steps of the processor. Without the plugin the test is not run.
#include "train/run_fixture.h"
#include "train/run_state.h"

#include "xla/find.h"

enum { SKIPPED = 77 };

static const char *device(void)
{
    const char *named = getenv("RB_TEST_DEVICE"); // bench/accelerator sets it on a machine with a GPU
    return named ? named : "xla:cpu";
}

// A mean of 20 greedy games, which is reached before `most` steps.
static void reaches(rb_config *config, const char *score, int64_t most)
{
    rb_run *run;
    rb_error error = {0};
    set(config, "run.stop_score", score);
    set(config, "run.stop_evaluations", "1");
    set(config, "eval.episodes", "20");
    set(config, "eval.epsilon", "0");
    set(config, "compute.threads", "1");
    set(config, "compute.device", device());
    run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    printf("mean of 20 games: %.1f at step %lld\n", run->best_mean, (long long)run->step);
    assert_true(run->best_mean >= atof(score));
    assert_true(run->step < most);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The recipes are those of bench/time_to_score.py. On the processor 475 comes after some 30,000 steps.
static void test_cartpole(void **state)
{
    (void)state;
    reaches(CONFIGURE("cartpole", "--preset=cartpole-pqn", "--env.count=16", "--agent.minibatches=8",
                      "--optim.learning_rate=0.0005", "--run.max_steps=200000", "--eval.every_steps=4096",
                      "--checkpoint.every_steps=50000"),
            "475", 100000);
}

// On the processor 20 comes after 330,000 to 450,000 steps.
static void test_breakout(void **state)
{
    (void)state;
    reaches(CONFIGURE("minatar/breakout", "--preset=minatar-pqn", "--env.count=32", "--agent.minibatches=8",
                      "--optim.learning_rate=0.002", "--run.max_steps=2000000", "--eval.every_steps=20480",
                      "--checkpoint.every_steps=0", "--run.seed=11"),
            "20", 600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cartpole), cmocka_unit_test(test_breakout)};
    char path[RB_PATH_MAX];
    rb_error error = {0};
    if (rb_xla_find(path, sizeof path, device(), &error)) {
        printf("not run: %s\n", error.message);
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
