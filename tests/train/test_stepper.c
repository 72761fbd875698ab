// Turns of many environments: grouped updates are one update with all their samples; asynchronous runs lose
// nothing, count correctly and can be resumed.
#include "train/run_fixture.h"

#include "io/csv_table.h"
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

static bool target_is_online(rb_run *run)
{
    rb_net *online = rb_agent_online(run->agent), *target = rb_agent_target(run->agent);
    bool same = true;
    for (int i = 0; same && i < rb_net_tensor_count(online); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(online, i, &info);
        float *a = calloc(info.count, sizeof *a), *b = calloc(info.count, sizeof *b);
        rb_net_tensor_get(online, i, a), rb_net_tensor_get(target, i, b);
        same = !memcmp(a, b, info.count * sizeof *a);
        free(a), free(b);
    }
    return same;
}

// Steps that are collected before a checkpoint or at the end of the loop can reach the next target update. It
// is made then: the online network has not been updated since, so the two are equal, and the checkpoint has
// it.
static void test_asynchronous_runs_lose_no_target_update(void **state)
{
    (void)state;
    int reached = 0, saved = 0;
    for (int64_t due = 300; due < 330; due++) {
        char steps[24];
        rb_error error = {0};
        rb_config *config = small("7");
        set(config, "env.asynchronous", "true");
        set(config, "compute.threads", "1"); // such a run repeats
        set(config, "eval.every_steps", "0");
        snprintf(steps, sizeof steps, "%lld", (long long)due);
        set(config, "agent.target_every_steps", steps);
        snprintf(steps, sizeof steps, "%lld", (long long)(due % 2 ? due - 1 : 0));
        set(config, "checkpoint.every_steps", steps); // just before it, or none
        rb_run *run = create(config);
        if (rb_loop(run, due - 1, &error)) fail_msg("%s", error.message);
        if (run->step >= due) assert_true(target_is_online(run)), reached++;
        char directory[RB_PATH_MAX];
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        rb_run_destroy(run);
        rb_config_destroy(config);
        if (due % 2 == 0) continue;
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        if (run->step >= due) assert_true(target_is_online(run)), saved++;
        rb_run_destroy(run);
    }
    assert_true(reached > 20 && saved > 10);
}

// A game's row has the step at which its turn ends. In CartPole a step is a frame, and one thread finishes
// one environment at a time, so the row's step and its frames are equal.
static void test_asynchronous_runs_record_the_true_step(void **state)
{
    (void)state;
    rb_config *config = small("7");
    rb_error error = {0};
    char path[2 * RB_PATH_MAX];
    set(config, "env.asynchronous", "true");
    set(config, "compute.threads", "1");
    rb_run *run = create(config);
    if (rb_loop(run, 700, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_metrics_sync(run->metrics, &error), RB_OK);
    snprintf(path, sizeof path, "%s/train.csv", rb_run_directory(run));
    rb_csv_table *table;
    assert_int_equal(rb_csv_table_read(&table, path, &error), RB_OK);
    const int games = rb_csv_table_rows(table);
    assert_true(games > 10);
    for (int i = 0; i < games; i++) {
        const double step = rb_csv_table_column(table, "step")[i];
        assert_true(step == rb_csv_table_column(table, "frames")[i]);
    }
    rb_csv_table_free(table);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grouped_updates_are_one_of_all_samples),
        cmocka_unit_test(test_single_updates_stay_as_they_are),
        cmocka_unit_test(test_groups_of_several_sizes),
        cmocka_unit_test(test_asynchronous_runs_lose_nothing),
        cmocka_unit_test(test_asynchronous_runs_lose_no_target_update),
        cmocka_unit_test(test_asynchronous_runs_record_the_true_step),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
