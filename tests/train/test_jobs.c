// The library's side of several runs at once: their combined memory, names that are claimed before a run
// begins, and the words of a command line that are not options.
#include "train/run_fixture.h"

#include "train/memory_plan.h"

static rb_config *tiny(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=300", "--replay.capacity=400",
                     "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=0",
                     "--eval.episodes=1", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                     "--compute.threads=1");
}

// Five runs: the largest ones that can run at once count, in any order.
static void test_memory_together(void **state)
{
    (void)state;
    const rb_memory_plan plans[] = {{.replay_bytes = 1e9},
                                    {.replay_bytes = 4e9},
                                    {.agent_bytes = 2e9},
                                    {.replay_bytes = 3e9},
                                    {.env_bytes = 1e9}};
    rb_error error = {0};
    double need;
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 2, 7.2e9, &need, &error), RB_OK);
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 2, 6.9e9, &need, &error), RB_ERR_MEMORY);
    assert_non_null(strstr(error.message, "--jobs=1 would fit"));
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 3, 9.2e9, &need, &error), RB_OK);
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 9, 10.5e9, &need, &error), RB_ERR_MEMORY);
    assert_non_null(strstr(error.message, "5 runs at once need 11.1 GB"));
    assert_non_null(strstr(error.message, "--jobs=4 would fit"));
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 9, 11.5e9, &need, &error), RB_OK);
    assert_int_equal(rb_memory_plan_check_together(plans, 5, 1, 3e9, &need, &error), RB_ERR_MEMORY);
    assert_null(strstr(error.message, "would fit"));
}

static void test_check(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *configs[] = {tiny(), tiny()};
    char plan[256];
    assert_int_equal(rb_jobs_check(configs, 2, 2, plan, sizeof plan, &error), RB_OK);
    assert_non_null(strstr(plan, "for 2 runs at once"));
    set(configs[1], "replay.capacity", "1000M");
    set(configs[1], "env.stack", "16");
    set(configs[1], "replay.prioritized", "true");
    set(configs[1], "env.count", "256");
    assert_int_equal(rb_jobs_check(configs, 2, 2, plan, sizeof plan, &error), RB_ERR_MEMORY);
    set(configs[1], "run.env", "cartpool");
    assert_int_equal(rb_jobs_check(configs, 2, 2, plan, sizeof plan, &error), RB_ERR_USAGE);
    char **names;
    int count;
    assert_int_equal(rb_file_list(root, &names, &count, NULL), RB_OK);
    assert_int_equal(count, 0); // nothing was made
    rb_file_list_free(names, count);
    for (int i = 0; i < 2; i++) rb_config_destroy(configs[i]);
}

// A claimed name is taken; the run that begins there equals a run that needs no claim.
static void test_claim(void **state)
{
    (void)state;
    rb_config *config = tiny();
    rb_error error = {0};
    char one[RB_PATH_MAX], two[RB_PATH_MAX];
    assert_int_equal(rb_run_claim(config, one, sizeof one, &error), RB_OK);
    assert_int_equal(rb_run_claim(config, two, sizeof two, &error), RB_OK);
    assert_string_not_equal(one, two);
    uint64_t expected = train(config);
    for (int i = 0; i < 2; i++) {
        rb_run *run;
        if (rb_run_resume(&run, i ? two : one, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        assert_int_equal(rb_run_train(run, &error), RB_OK);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
    }
    set(config, "run.name", "mine");
    assert_int_equal(rb_run_claim(config, one, sizeof one, &error), RB_OK);
    assert_int_equal(rb_run_claim(config, one, sizeof one, &error), RB_ERR_EXISTS);
    rb_config_destroy(config);
}

// A run whose checkpoints have lost their states is not restarted over its own tables.
static void test_weights_only_is_not_unbegun(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.name", "stateless");
    train(config);
    char directory[RB_PATH_MAX], file[2 * RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s/default/stateless", root);
    snprintf(file, sizeof file, "%s/checkpoints/step_000000000300/state.rb", directory);
    assert_int_equal(unlink(file), 0);
    rb_error error = {0};
    rb_run *run;
    assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_ERR_FORMAT);
    assert_non_null(strstr(error.message, "only weights"));
    rb_config_destroy(config);
}

static void test_plain_words(void **state)
{
    (void)state;
    const char *const words[] = {"--double",       "a/b", "--run.note", "c,d", "--n-step", "3",
                                 "--run.seed=1,2", "e",   "--no-per",   "f"};
    const int count = (int)(sizeof words / sizeof *words), expected[] = {1, 7, 9, count};
    int at = 0;
    for (int i = 0; i < 4; i++, at++) {
        at = rb_config_plain_word(count, words, at);
        assert_int_equal(at, expected[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_together), cmocka_unit_test(test_check),
        cmocka_unit_test(test_claim),           cmocka_unit_test(test_weights_only_is_not_unbegun),
        cmocka_unit_test(test_plain_words),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
