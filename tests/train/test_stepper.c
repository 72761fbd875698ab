// Turns of many environments: grouped updates are one update with all their samples; asynchronous runs lose
// nothing, count correctly and can be resumed.
#include "train/run_fixture.h"

#include "train/run_state.h"

static rb_config *small(const char *count)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=1200", "--replay.capacity=2400",
                  "--agent.start_steps=200", "--agent.batch=8", "--agent.update_every_steps=4",
                  "--agent.target_every_steps=150", "--eval.every_steps=300", "--eval.episodes=3",
                  "--checkpoint.every_steps=400", "--net.hidden=16", "--net.mlp=16");
    set(config, "env.count", count);
    return config;
}

// Two grouped updates of 8 samples per turn are one of 16: the very same run as one configured with 16.
static void test_grouped_updates_are_one_of_all_samples(void **state)
{
    (void)state;
    rb_config *grouped = small("8"), *large = small("8");
    const uint64_t apart = train(grouped);
    set(grouped, "agent.group_updates", "true");
    set(large, "agent.update_every_steps", "8");
    set(large, "agent.batch", "16");
    const uint64_t together = train(grouped);
    assert_int_equal(together, train(large));
    assert_int_not_equal(together, apart);
    rb_config_destroy(grouped);
    rb_config_destroy(large);
}

// With fewer environments than steps between updates, there is never more than one update to group.
static void test_single_updates_stay_as_they_are(void **state)
{
    (void)state;
    rb_config *config = small("2");
    const uint64_t apart = train(config);
    set(config, "agent.group_updates", "true");
    assert_int_equal(train(config), apart);
    rb_config_destroy(config);
}

// Six environments and an update every 4 steps: one or two per turn, so batches have two sizes.
static void test_groups_of_several_sizes(void **state)
{
    (void)state;
    rb_config *config = small("6");
    set(config, "agent.group_updates", "true");
    assert_int_equal(train(config), train(config));
    rb_config_destroy(config);
}

static void check_books(rb_run *run)
{
    assert_int_equal(run->stepper.away, 0);
    assert_int_equal(rb_replay_size(run->replay), run->step); // none lost, none twice; the capacity is larger
}

// Any number of threads; stopped and resumed on the way.
static void test_asynchronous_runs_lose_nothing(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        rb_config *config = small("7");
        set(config, "env.asynchronous", "true");
        set(config, "compute.threads", (const char *[]){"1", "2", "3", "4"}[threads - 1]);
        rb_error error = {0};
        rb_run *run = create(config);
        if (rb_loop(run, 700, &error)) fail_msg("%s", error.message);
        assert_true(run->step >= 700 && run->step < 700 + 2 * 7);
        check_books(run);
        rb_run_stop(run);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        char directory[RB_PATH_MAX];
        const int64_t stopped = run->step;
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        assert_int_equal(run->step, stopped);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        check_books(run);
        // One update per 4 steps since learning began; the turn in which it begins may or may not count.
        const int64_t updates = (int64_t)rb_agent_updates(run->agent), due = (run->step - 200) / 4;
        assert_true(updates >= due - 4 && updates <= due + 4);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grouped_updates_are_one_of_all_samples),
        cmocka_unit_test(test_single_updates_stay_as_they_are),
        cmocka_unit_test(test_groups_of_several_sizes),
        cmocka_unit_test(test_asynchronous_runs_lose_nothing),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
