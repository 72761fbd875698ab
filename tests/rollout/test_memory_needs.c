// Settings that ask for more memory than the machine has get a sentence before anything is allocated, also
// where an agent only plays.
#include "train/run_fixture.h"

#include "rollout/memory_needs.h"

static void test_huge_network(void **state)
{
    (void)state;
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=20", "--replay.capacity=400",
                  "--agent.start_steps=10", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    char path[RB_PATH_MAX + 64], mlp[128] = "65536";
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000020/config.ini", rb_run_directory(run));
    for (int i = 0; i < 11; i++) strcat(mlp, "-65536"); // more than a terabyte
    set(config, "net.mlp", mlp);
    assert_int_equal(rb_config_write(config, path, NULL), RB_OK);
    rb_eval_result result;
    rb_export_result exported;
    rb_error error = {0};
    assert_int_equal(rb_evaluate(rb_run_directory(run), &(rb_eval_options){.episodes = 1}, &result, &error),
                     RB_ERR_MEMORY);
    if (!strstr(error.message, "this agent needs ") || !strstr(error.message, "net.mlp = 65536-65536"))
        fail_msg("%s", error.message);
    assert_int_equal(rb_export_safetensors(rb_run_directory(run), path, &exported, &error), RB_ERR_MEMORY);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Workers are counted for Gymnasium's environments only, at most one for each environment.
static void test_environments(void **state)
{
    (void)state;
    rb_params p = {.run = {.env = "cartpole"}};
    const double task = rb_environments_bytes(&p, 4, 1);
    assert_true(rb_environments_bytes(&p, 4, 8) == 8 * task);
    assert_true(task <= 1e5); // CartPole is four numbers
    snprintf(p.run.env, sizeof p.run.env, "cartpole-pixels");
    assert_true(rb_environments_bytes(&p, 4, 1) >= 0.6e6 && rb_environments_bytes(&p, 4, 1) <= 2e6);
    snprintf(p.run.env, sizeof p.run.env, "BreakoutNoFrameskip-v4");
    assert_true(rb_environments_bytes(&p, 4, 1) >= 1.3e6 && rb_environments_bytes(&p, 4, 1) <= 4e6);
    snprintf(p.run.env, sizeof p.run.env, "./own.so");
    const double one = rb_environments_bytes(&p, 4, 1);
    snprintf(p.run.env, sizeof p.run.env, "gym/X-v0");
    const double worker = rb_environments_bytes(&p, 4, 1) - one;
    assert_true(worker > one);
    assert_true(rb_environments_bytes(&p, 4, 8) == 8 * one + 4 * worker);
    p.env.workers = 2;
    assert_true(rb_environments_bytes(&p, 4, 8) == 8 * one + 2 * worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_huge_network, make_root, drop_root),
        cmocka_unit_test(test_environments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
