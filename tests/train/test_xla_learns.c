// A device learns: CartPole is solved with an agent that computes on it (the CPU plugin of
// scripts/get-accelerator cpu). Without the plugin the test is not run.
#include "train/run_fixture.h"
#include "train/run_state.h"

#include "xla/find.h"

enum { SKIPPED = 77 };

static const char *device(void)
{
    const char *named = getenv("RB_TEST_DEVICE"); // bench/accelerator sets it on a machine with a GPU
    return named ? named : "xla:cpu";
}

// With the recipe of bench/time_to_score.py, which reaches 475 after some 30,000 of its 200,000 steps.
static void test_cartpole(void **state)
{
    (void)state;
    rb_run *run;
    rb_error error = {0};
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole-pqn", "--env.count=16", "--agent.minibatches=8",
                  "--optim.learning_rate=0.0005", "--run.max_steps=200000", "--run.stop_score=475",
                  "--run.stop_evaluations=1", "--eval.every_steps=4096", "--eval.episodes=20",
                  "--checkpoint.every_steps=50000", "--compute.threads=1");
    set(config, "compute.device", device());
    run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    printf("mean of 20 games: %.1f at step %lld\n", run->best_mean, (long long)run->step);
    assert_true(run->best_mean >= 475);
    assert_true(run->step < 200000);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cartpole)};
    char path[RB_PATH_MAX];
    rb_error error = {0};
    if (rb_xla_find(path, sizeof path, device(), &error)) {
        printf("not run: %s\n", error.message);
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
