// When learning happens in a run: updates skipped in a game's first steps, target network updates counted in
// games, and epsilon's schedules, each compared with a plain count from the run's own table; and stopped runs
// continue the same way.
#include "train/run_fixture.h"

#include <math.h>

#include "io/csv_table.h"
#include "train/run_state.h"

static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole-dqn", "--run.max_steps=1200", "--replay.capacity=1300",
                     "--agent.start_steps=100", "--agent.batch=8", "--agent.update_every_steps=1",
                     "--agent.updates=1", "--agent.target_every_updates=100", "--eval.every_steps=0",
                     "--eval.episodes=1", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                     "--explore.steps=1200", "--compute.threads=1");
}

static rb_run *looped(const rb_config *config)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    return run;
}

// ---- a game's first steps

// Recounts a run whose environments step in lockstep, from its table of games: which steps had an update due,
// and at which of them was the game of the environment that made the step old enough?
static int64_t updates_counted(rb_run *run, int64_t skip, int64_t every)
{
    const int count = (int)run->params->env.count;
    const int64_t steps = run->step, start = run->params->agent.start_steps;
    char path[2 * RB_PATH_MAX];
    rb_error error = {0};
    rb_csv_table *table;
    assert_int_equal(rb_metrics_sync(run->metrics, &error), RB_OK);
    snprintf(path, sizeof path, "%s/train.csv", rb_run_directory(run));
    assert_int_equal(rb_csv_table_read(&table, path, &error), RB_OK);
    int64_t updates = 0;
    for (int env = 0; env < count; env++) {
        int64_t played = 0; // steps of its game
        int row = 0;
        for (int64_t step = env + 1; step <= steps; step += count) {   // its own steps, by index
            const bool learning = (step - 1) / count * count >= start; // as at the beginning of the turn
            if (learning && step % every == 0 && played >= skip) updates++;
            played++;
            while (row < rb_csv_table_rows(table) && (int)rb_csv_table_column(table, "env")[row] != env)
                row++;
            if (row < rb_csv_table_rows(table) &&
                played == (int64_t)rb_csv_table_column(table, "length")[row])
                played = 0, row++;
        }
    }
    rb_csv_table_free(table);
    return updates;
}

static void test_no_update_in_a_games_first_steps(void **state)
{
    (void)state;
    const struct {
        const char *count, *every, *skip;
    } tries[] = {{"1", "1", "0"},  {"1", "1", "16"}, {"1", "3", "16"},
                 {"4", "1", "10"}, {"3", "4", "16"}, {"4", "4", "25"}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        rb_config *config = small();
        set(config, "env.count", tries[i].count);
        set(config, "agent.update_every_steps", tries[i].every);
        set(config, "agent.skip_episode_steps", tries[i].skip);
        rb_run *run = looped(config);
        const int64_t counted = updates_counted(run, atoll(tries[i].skip), atoll(tries[i].every));
        assert_true(counted > 0);
        assert_int_equal(rb_agent_updates(run->agent), counted);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

// ---- the target network

static uint64_t target_hash(rb_run *run)
{
    rb_visitor *v;
    uint64_t hash = 0;
    assert_int_equal(rb_visitor_hash(&v, NULL), RB_OK);
    rb_net_visit(rb_agent_target(run->agent), v);
    assert_int_equal(rb_visitor_finish(v, &hash, NULL), RB_OK);
    return hash;
}

// Step by step: the target network changes when the number of games passes a multiple of N, and only then.
static void turns_by_games(const char *count, const char *every, const char *tau)
{
    rb_config *config = small();
    rb_error error = {0};
    set(config, "env.count", count);
    set(config, "agent.target_every_episodes", every);
    set(config, "agent.target_tau", tau);
    set(config, "agent.target_every_steps", "7"); // has no effect any more
    rb_run *run = create(config);
    int turns = 0;
    while (run->step < 1200) {
        const int64_t games = rb_metrics_games(run->metrics), n = atoll(every);
        const uint64_t before = target_hash(run);
        const bool learned = rb_agent_updates(run->agent) > 0;
        assert_int_equal(rb_loop(run, run->step + 1, &error), RB_OK);
        const bool due = rb_metrics_games(run->metrics) / n > games / n, turned = target_hash(run) != before;
        if (learned) assert_int_equal(turned, due);
        turns += turned;
    }
    assert_true(turns > 3);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_target_by_games(void **state)
{
    (void)state;
    turns_by_games("1", "3", "1");
    turns_by_games("3", "2", "1");
    turns_by_games("1", "1", "0.25");
}

// ---- epsilon

static double epsilon_at(rb_config *config, int64_t step)
{
    rb_run *run = create(config);
    const double epsilon = rb_agent_epsilon(run->agent, step);
    rb_run_destroy(run);
    return epsilon;
}

static void near(double a, double b)
{
    if (!(fabs(a - b) < 1e-12)) fail_msg("%.17g is not %.17g", a, b);
}

static void test_epsilon_over_a_share_of_the_run(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "explore.share", "0.1");
    set(config, "explore.end", "0.1");
    near(epsilon_at(config, 0), 1);
    near(epsilon_at(config, 60), 0.55);
    near(epsilon_at(config, 120), 0.1);
    set(config, "run.max_steps", "2400");
    near(epsilon_at(config, 60), 0.775);
    set(config, "explore.share", "1");
    near(epsilon_at(config, 1200), 0.55);
    set(config, "explore.share", "0");
    near(epsilon_at(config, 600), 0.55); // by explore.steps again
    rb_config_destroy(config);
}

// As in the DQN of 2015: 1 until the first update, then the same schedule, later.
static void test_epsilon_from_the_first_update(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "explore.after_start", "true");
    set(config, "agent.start_steps", "100");
    set(config, "explore.steps", "500");
    set(config, "explore.end", "0");
    near(epsilon_at(config, 0), 1);
    near(epsilon_at(config, 100), 1);
    near(epsilon_at(config, 350), 0.5);
    near(epsilon_at(config, 600), 0);
    near(epsilon_at(config, 601), 0);
    set(config, "explore.schedule", "exponential");
    set(config, "explore.rate", "0.01");
    near(epsilon_at(config, 99), 1);
    near(epsilon_at(config, 200), exp(-1));
    rb_config_destroy(config);
}

static void test_epsilon_exponential(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "explore.schedule", "exponential");
    set(config, "explore.end", "0.01");
    set(config, "explore.rate", "0.0001");
    near(epsilon_at(config, 0), 1);
    near(epsilon_at(config, 10000), 0.01 + 0.99 * exp(-1));
    rb_config_destroy(config);
}

// Counted in updates, epsilon stays constant until learning starts.
static void test_epsilon_by_updates(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "explore.by", "updates");
    set(config, "explore.steps", "500");
    set(config, "explore.end", "0");
    set(config, "run.max_steps", "100");
    rb_run *run = looped(config);
    near(rb_agent_epsilon(run->agent, run->step), 1);
    rb_run_destroy(run);
    set(config, "run.max_steps", "350");
    run = looped(config);
    assert_int_equal(rb_agent_updates(run->agent), 250);
    near(rb_agent_epsilon(run->agent, run->step), 0.5);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A game keeps the epsilon that the schedule had when it began, in each of several environments.
static void test_epsilon_by_episodes(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "explore.by", "episodes");
    set(config, "explore.steps", "500");
    set(config, "explore.end", "0");
    set(config, "env.count", "2");
    rb_error error = {0};
    rb_run *run = create(config);
    double held[2] = {1, 1};
    int64_t played[2] = {0}, changes = 0;
    while (run->step < 400) {
        if (rb_loop(run, run->step + 2, &error)) fail_msg("%s", error.message);
        for (int i = 0; i < 2; i++) {
            const int64_t steps = rb_vector_game_steps(run->envs, i);
            if (steps < played[i] + 1) held[i] = 1 - (double)run->step / 500, changes++; // a new game
            near(rb_stepper_epsilon(run, i), held[i]);
            played[i] = steps;
        }
    }
    assert_true(changes > 6 && held[0] != held[1]);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// ---- everything together, stopped on the way

static void test_stopped_runs_go_on_with_it(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "env.count", "2");
    set(config, "agent.skip_episode_steps", "9");
    set(config, "agent.target_every_episodes", "4");
    set(config, "agent.target_tau", "0.3");
    set(config, "explore.by", "updates");
    set(config, "explore.schedule", "exponential");
    rb_error error = {0};
    rb_run *run = looped(config);
    const uint64_t expected = hash_of(run);
    rb_run_destroy(run);
    for (int stop = 151; stop < 1200; stop += 211) { // within games, between target updates
        char directory[RB_PATH_MAX];
        run = create(config);
        if (rb_loop(run, stop, &error)) fail_msg("%s", error.message);
        rb_run_stop(run);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        if (rb_loop(run, 1200, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_update_in_a_games_first_steps),
        cmocka_unit_test(test_target_by_games),
        cmocka_unit_test(test_epsilon_over_a_share_of_the_run),
        cmocka_unit_test(test_epsilon_from_the_first_update),
        cmocka_unit_test(test_epsilon_exponential),
        cmocka_unit_test(test_epsilon_by_updates),
        cmocka_unit_test(test_epsilon_by_episodes),
        cmocka_unit_test(test_stopped_runs_go_on_with_it),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
