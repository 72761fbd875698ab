// Two runs that train at the same time, each in a thread of one process, as a program with librainbow may do:
// each is bit-identical to the same run alone (docs/library.md).
#include <pthread.h>
#include "train/run_fixture.h"

enum { RUNS = 2 };

static rb_config *small(int i)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=600", "--replay.capacity=500",
                  "--agent.start_steps=100", "--agent.batch=16", "--agent.update_every_steps=4",
                  "--eval.every_steps=200", "--eval.episodes=2", "--eval.max_episode_steps=60",
                  "--checkpoint.every_steps=150", "--net.hidden=32", "--net.mlp=32", "--compute.threads=2");
    set(config, "run.seed", i ? "2" : "1");
    return config;
}

static void *train_run(void *run)
{
    rb_error error = {0};
    if (rb_run_train(run, &error)) return strdup(error.message);
    return NULL;
}

static void test_runs_side_by_side(void **state)
{
    (void)state;
    uint64_t alone[RUNS], together[RUNS];
    for (int pass = 0; pass < 2; pass++) {
        rb_run *runs[RUNS];
        pthread_t threads[RUNS];
        for (int i = 0; i < RUNS; i++) {
            rb_config *config = small(i);
            set(config, "run.name", (const char *[]){"a1", "a2", "t1", "t2"}[2 * pass + i]);
            runs[i] = create(config);
            rb_config_destroy(config);
        }
        for (int i = 0; i < RUNS; i++) {
            void *message = NULL;
            assert_int_equal(pthread_create(&threads[i], NULL, train_run, runs[i]), 0);
            if (!pass && (pthread_join(threads[i], &message) || message)) fail_msg("%s", (char *)message);
        }
        for (int i = 0; i < RUNS; i++) {
            void *message = NULL;
            if (pass && (pthread_join(threads[i], &message) || message)) fail_msg("%s", (char *)message);
            (pass ? together : alone)[i] = hash_of(runs[i]);
            rb_run_destroy(runs[i]);
        }
    }
    for (int i = 0; i < RUNS; i++) assert_true(alone[i] == together[i]);
    assert_true(alone[0] != alone[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs_side_by_side)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
