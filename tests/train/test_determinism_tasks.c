// test_determinism's promises for the other built-in tasks: the same run on any number of threads, stopped
// and resumed or not.
#include "train/stop_and_resume.h"

// Vectors and pictures of floats, each task with its own preset.
static void check(rb_config *config)
{
    set(config, "compute.threads", "1");
    uint64_t expected = train(config);
    set(config, "compute.threads", "4");
    assert_true(train(config) == expected);
    for (int64_t step = 124; step < 500; step += 250) {
        rb_error error = {0};
        rb_run *run = stop_and_resume(config, step);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

static void test_other_tasks(void **state)
{
    (void)state;
    static const char *const names[] = {"acrobot", "mountaincar", "cartpole-pixels", "minatar/seaquest",
                                        "MinAtar/Breakout-v1"};
    for (int i = 0; i < 5; i++) {
        rb_config *config =
            CONFIGURE(names[i], "--run.max_steps=500", "--replay.capacity=400", "--agent.start_steps=100",
                      "--agent.batch=8", "--net.mlp=16", "--agent.update_every_steps=4",
                      "--eval.every_steps=300", "--eval.episodes=2", "--checkpoint.every_steps=0",
                      "--net.hidden=16", "--env.count=2", "--env.max_episode_steps=90", "--net.trunk=mlp");
        check(config);
    }
}

// The vectors of spectral normalisation change with each update, so a resumed run needs them.
static void test_residual_network(void **state)
{
    (void)state;
    check(CONFIGURE(
        "minatar/breakout", "--preset=minatar-rainbow", "--run.max_steps=500", "--replay.capacity=400",
        "--agent.start_steps=100", "--agent.batch=8", "--agent.update_every_steps=4",
        "--eval.every_steps=300", "--eval.episodes=2", "--checkpoint.every_steps=0", "--net.hidden=16",
        "--env.count=2", "--env.max_episode_steps=90", "--agent.target_every_updates=30",
        "--net.layers=conv 16 3 1 1, spectral_norm, max_pool 3 2 1, residual, spectral_norm, relu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_other_tasks),
                                       cmocka_unit_test(test_residual_network)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
