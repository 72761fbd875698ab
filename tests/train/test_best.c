// The weights with the highest evaluation: complete at any moment, even if the run is killed.
#include "train/run_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "io/csv_table.h"
#include "train/run_state.h"

// An agent that hardly learns, whose evaluations, one random game each, vary widely.
static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=500",
                     "--agent.start_steps=100", "--agent.batch=8", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=150", "--eval.every_steps=20", "--eval.episodes=1",
                     "--eval.epsilon=0.7", "--checkpoint.every_steps=130", "--checkpoint.keep=1",
                     "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
}

static rb_csv_table *table_of(const char *directory, const char *name)
{
    char path[2 * RB_PATH_MAX];
    rb_csv_table *table;
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (rb_csv_table_read(&table, path, &error)) fail_msg("%s", error.message);
    return table;
}

// The mean and step of the weights that are kept; checks that these are complete and from that step.
static double kept(const char *directory, int64_t *step)
{
    char path[RB_PATH_MAX + 32];
    rb_error error = {0};
    rb_eval_result result;
    snprintf(path, sizeof path, "%s/checkpoints/best", directory);
    rb_csv_table *table = table_of(path, "evaluation.csv");
    assert_int_equal(rb_csv_table_rows(table), 1);
    const double mean = rb_csv_table_column(table, "mean")[0];
    *step = (int64_t)rb_csv_table_column(table, "step")[0];
    rb_csv_table_free(table);
    const rb_eval_options options = {.episodes = 1, .threads = 1};
    if (rb_evaluate(path, &options, &result, &error)) fail_msg("%s", error.message);
    assert_int_equal(result.step, *step);
    rb_eval_result_free(&result);
    return mean;
}

static double highest(const char *directory, int64_t *step)
{
    rb_csv_table *table = table_of(directory, "eval.csv");
    double best = -INFINITY;
    for (int i = 0; i < rb_csv_table_rows(table); i++) {
        const double mean = rb_csv_table_column(table, "mean")[i];
        if (mean <= best) continue; // among equal means the first is kept
        best = mean;
        *step = (int64_t)rb_csv_table_column(table, "step")[i];
    }
    rb_csv_table_free(table);
    return best;
}

static void assert_best_is_kept(const char *directory)
{
    int64_t step, best_step = -1;
    const double mean = kept(directory, &step), best = highest(directory, &best_step);
    assert_true(mean == best);
    assert_int_equal(step, best_step);
}

static int entries(const char *directory)
{
    char path[RB_PATH_MAX + 32], **names;
    int count, best = 0;
    snprintf(path, sizeof path, "%s/checkpoints", directory);
    assert_int_equal(rb_file_list(path, &names, &count, NULL), RB_OK);
    for (int i = 0; i < count; i++) best += !strncmp(names[i], "best", 4);
    rb_file_list_free(names, count);
    return best;
}

static void test_the_highest_is_kept(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *run = create(config);
    for (int64_t step = 100; step <= 800; step += 100) {
        assert_int_equal(rb_loop(run, step, &error), RB_OK);
        assert_best_is_kept(rb_run_directory(run));          // after every one of them
        assert_int_equal(entries(rb_run_directory(run)), 2); // the link, and what it names
    }
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_best_is_kept(rb_run_directory(run));
    rb_run_destroy(run);
    set(config, "checkpoint.best", "false");
    run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_int_equal(entries(rb_run_directory(run)), 0);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A copy that follows links (cp -rL, zip) makes `best` a directory, as it is where there are no links. The
// run goes on with it, also if it was killed between the removal of the old one and the renaming of the new
// one.
static void test_best_is_a_directory(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *run = create(config);
    char directory[RB_PATH_MAX], link[RB_PATH_MAX + 32], target[RB_PATH_MAX + 64], now[16];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    snprintf(link, sizeof link, "%s/checkpoints/best", directory);
    assert_int_equal(rb_loop(run, 140, &error), RB_OK);
    assert_true(rb_file_link_read(link, now, sizeof now));
    rb_run_destroy(run);
    assert_int_equal(unlink(link), 0);
    snprintf(target, sizeof target, "%s/checkpoints/%s", directory, now);
    assert_int_equal(rename(target, link), 0);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_loop(run, 500, &error), RB_OK);
    assert_best_is_kept(directory);
    assert_int_equal(entries(directory), 1);
    assert_false(rb_file_link_read(link, now, sizeof now));
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    rb_run_destroy(run);
    snprintf(target, sizeof target, "%s_a", link);
    assert_int_equal(rename(link, target), 0); // killed before it was in its place
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    assert_best_is_kept(directory);
    rb_config_destroy(config);
}

// Remains of a process that was killed while writing do not disturb the next one.
static void test_leftovers(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    rb_run *run = create(config);
    char directory[RB_PATH_MAX], path[RB_PATH_MAX + 64], now[16];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_loop(run, 140, &error), RB_OK);
    rb_run_destroy(run);
    snprintf(path, sizeof path, "%s/checkpoints/best", directory);
    assert_true(rb_file_link_read(path, now, sizeof now));
    snprintf(path, sizeof path, "%s/checkpoints/best_%s", directory, strcmp(now, "best_a") ? "a" : "b");
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/checkpoints/best_%s/weights.safetensors", directory,
             strcmp(now, "best_a") ? "a" : "b");
    assert_int_equal(rb_file_write(path, "half", 4, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/checkpoints/best.part", directory);
    assert_int_equal(rb_file_link(path, "best_a", NULL), RB_OK);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    assert_best_is_kept(directory);
    assert_int_equal(entries(directory), 2);
    rb_config_destroy(config);
}

// A run that was killed before it had written its settings is not a run yet.
static rb_status go_on(rb_run **run, const char *directory, const rb_config *config, rb_error *error)
{
    char settings[RB_PATH_MAX + 32];
    snprintf(settings, sizeof settings, "%s/config.ini", directory);
    if (rb_file_exists(settings)) return rb_run_resume(run, directory, 0, NULL, NULL, error);
    const rb_status status = rb_file_remove_tree(directory, error);
    return status ? status : rb_run_create(run, config, NULL, error);
}

// Killed from outside at arbitrary moments, again and again: the kept weights are always complete, their mean
// never decreases, and in the end it is the highest of all.
static void test_killed(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "run.name", "killed");
    char directory[RB_PATH_MAX], best[RB_PATH_MAX + 32];
    snprintf(directory, sizeof directory, "%s/default/killed", root);
    snprintf(best, sizeof best, "%s/checkpoints/best", directory);
    double before = -INFINITY;
    for (int i = 0; i < 12; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            rb_run *run;
            if (!go_on(&run, directory, config, NULL)) rb_run_train(run, NULL);
            _exit(0);
        }
        usleep(15000 + 9000 * (useconds_t)i);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        if (!rb_file_exists(best)) {
            assert_true(before == -INFINITY);
            continue;
        }
        int64_t step;
        const double mean = kept(directory, &step);
        assert_true(mean >= before);
        before = mean;
    }
    rb_error error = {0};
    rb_run *run;
    if (go_on(&run, directory, config, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    assert_best_is_kept(directory);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_highest_is_kept),
        cmocka_unit_test(test_best_is_a_directory),
        cmocka_unit_test(test_leftovers),
        cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
