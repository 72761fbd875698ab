// How runs end, and what happens every N games. A run ends by steps, games, minutes or scores, and names the
// reason; if it was stopped or killed on the way, its end is bit-identical.
#include "train/ending.h"
#include "train/run_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "io/csv_table.h"
#include "train/run_state.h"

static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=500",
                     "--agent.start_steps=100", "--agent.batch=8", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=150", "--eval.every_steps=0", "--eval.episodes=2",
                     "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
}

static char *read_file(const rb_run *run, const char *name)
{
    char path[2 * RB_PATH_MAX], *text;
    size_t bytes;
    snprintf(path, sizeof path, "%s/%s", rb_run_directory(run), name);
    if (rb_file_read(path, &text, &bytes, NULL)) fail_msg("%s is not there", path);
    return text;
}

static rb_csv_table *table_of(const rb_run *run, const char *name)
{
    char path[2 * RB_PATH_MAX];
    rb_csv_table *table;
    snprintf(path, sizeof path, "%s/%s", rb_run_directory(run), name);
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    return table;
}

static bool has_checkpoint(const rb_run *run, int64_t step)
{
    char path[2 * RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/checkpoints/step_%012lld/weights.safetensors", rb_run_directory(run),
             (long long)step);
    return rb_file_exists(path);
}

typedef struct told {
    rb_progress last;
    char ended[300];
} told;

static void on_progress(void *context, const rb_progress *now)
{
    ((told *)context)->last = *now;
}

static void on_detail(void *context, const char *text)
{
    told *t = context;
    if (strstr(text, "the run has ended")) snprintf(t->ended, sizeof t->ended, "%s", text);
}

// Trains to the end, which must be `ending` and be reported with the words `words`.
static rb_run *ends_by(const rb_config *config, rb_ending ending, const char *words)
{
    told t = {0};
    const rb_run_hooks hooks = {.context = &t, .progress = on_progress, .detail = on_detail};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error) || rb_run_train(run, &error))
        fail_msg("%s", error.message);
    assert_int_equal(t.last.ended, ending);
    assert_true(t.last.done == 1 && t.last.seconds_left == 0 && !t.last.warming_up);
    if (!strstr(t.ended, words)) fail_msg("\"%s\" was said, not \"%s\"", t.ended, words);
    char *json = read_file(run, "end.json"), wanted[64];
    snprintf(wanted, sizeof wanted, "\"ended_by\":\t\"%s\"", rb_ending_name(ending));
    assert_non_null(strstr(json, wanted));
    free(json);
    assert_true(has_checkpoint(run, run->step)); // every end is orderly
    assert_int_equal(run->evaluated_step, run->step);
    return run;
}

static void test_by_steps(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_run *run = ends_by(config, RB_ENDED_STEPS, "900 steps (run.max_steps)");
    assert_int_equal(run->step, 900);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_by_games(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "run.max_episodes", "7");
    rb_run *run = ends_by(config, RB_ENDED_EPISODES, "7 games (run.max_episodes)");
    rb_csv_table *games = table_of(run, "train.csv");
    assert_int_equal(rb_csv_table_rows(games), 7);
    assert_true(rb_csv_table_column(games, "step")[6] == (double)run->step); // in that very turn
    rb_csv_table_free(games);
    const int64_t step = run->step;
    assert_true(step < 900);
    rb_run_destroy(run);
    // With several environments, the run has that many games, plus those that end in the same turn.
    set(config, "env.count", "4");
    run = ends_by(config, RB_ENDED_EPISODES, "7 games");
    assert_in_range(rb_metrics_games(run->metrics), 7, 10);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_by_minutes(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "run.max_steps", "1000000000");
    set(config, "run.max_minutes", "0.002");
    rb_run *run = ends_by(config, RB_ENDED_MINUTES, "0.002 minutes of training (run.max_minutes)");
    assert_true(rb_metrics_so_far(run->metrics).seconds >= 0.12);
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    const int64_t step = run->step;
    rb_run_destroy(run);
    // Minutes count over all resumes: these minutes are used up, so a resumed run ends at once; a new limit
    // does not start from zero.
    rb_error error = {0};
    const char *change = "--run.max_minutes=0.004";
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_int_equal(run->step, step);
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 1, &change, NULL, &error)) fail_msg("%s", error.message);
    const double before = rb_metrics_so_far(run->metrics).seconds;
    assert_true(before >= 0.12 && rb_run_train(run, &error) == RB_OK);
    assert_true(run->step > step && rb_metrics_so_far(run->metrics).seconds >= 0.24);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_by_score(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "eval.every_steps", "50");
    set(config, "run.stop_score", "1");
    rb_run *run = ends_by(config, RB_ENDED_STEPS, "900 steps"); // no number of evaluations: no score ends it
    rb_run_destroy(run);
    set(config, "run.stop_evaluations", "3");
    run = ends_by(config, RB_ENDED_SCORE, "the last 3 evaluations have a mean of");
    assert_int_equal(run->step, 150); // not before there are three
    const uint64_t straight = hash_of(run);
    rb_run_destroy(run);
    // A run stopped in between also counts the evaluations before the stop.
    rb_error error = {0};
    char directory[RB_PATH_MAX];
    run = create(config);
    assert_int_equal(rb_loop(run, 120, &error), RB_OK);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error) || rb_run_train(run, &error))
        fail_msg("%s", error.message);
    assert_int_equal(run->step, 150);
    assert_true(hash_of(run) == straight);
    rb_run_destroy(run);
    // The mean decides, over exactly that many evaluations: compared with the table.
    set(config, "run.stop_score", "20");
    set(config, "run.stop_evaluations", "4");
    run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_csv_table *table = table_of(run, "eval.csv");
    const double *mean = rb_csv_table_column(table, "mean"), *step = rb_csv_table_column(table, "step");
    int64_t end = 900;
    for (int i = 3; i < rb_csv_table_rows(table) && end == 900; i++)
        if (mean[i] + mean[i - 1] + mean[i - 2] + mean[i - 3] >= 80) end = (int64_t)step[i];
    assert_int_equal(run->step, end);
    // The table and the progress have that mean, once there are four.
    const double *trailing = rb_csv_table_column(table, "trailing");
    const int rows = rb_csv_table_rows(table);
    for (int i = 0; i < rows; i++) {
        if (i < 3) assert_true(isnan(trailing[i]));
        if (i < 3) continue;
        const double four = (mean[i] + mean[i - 1] + mean[i - 2] + mean[i - 3]) / 4;
        assert_true(fabs(trailing[i] - four) <= 1e-5 * fabs(four));
    }
    const rb_progress now = rb_metrics_now(run->metrics, run);
    assert_true(fabs(now.eval_trailing - trailing[rows - 1]) <= 1e-5 * fabs(now.eval_trailing));
    assert_true(now.stop_evaluations == 4 && now.stop_score == 20);
    rb_csv_table_free(table);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A table of an earlier version has no trailing mean: a resumed run continues it as it is.
static void test_an_old_table_goes_on(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    char path[RB_PATH_MAX + 16], directory[RB_PATH_MAX], *text, *old, *rest, *line;
    size_t bytes, old_bytes;
    set(config, "eval.every_steps", "50");
    set(config, "run.stop_score", "1e6");
    set(config, "run.stop_evaluations", "3");
    rb_run *run = create(config);
    assert_int_equal(rb_loop(run, 220, &error), RB_OK);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    snprintf(path, sizeof path, "%s/eval.csv", directory);
    assert_int_equal(rb_file_read(path, &text, &bytes, &error), RB_OK);
    FILE *to = open_memstream(&old, &old_bytes);
    for (rest = text; (line = strtok_r(rest, "\n", &rest));)
        fprintf(to, "%.*s\n", (int)(strrchr(line, ',') - line), line);
    fclose(to);
    assert_int_equal(rb_file_write(path, old, old_bytes, &error), RB_OK);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error) || rb_run_train(run, &error))
        fail_msg("%s", error.message);
    assert_int_equal(run->step, 900);
    assert_false(isnan(rb_metrics_now(run->metrics, run).eval_trailing));
    rb_csv_table *table = table_of(run, "eval.csv");
    assert_int_equal(rb_csv_table_rows(table), 18); // none lost
    assert_null(rb_csv_table_column(table, "trailing"));
    assert_non_null(rb_csv_table_column(table, "seconds"));
    rb_csv_table_free(table);
    free(text);
    free(old);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Steps without updates say nothing about the time that steps with updates take.
static void test_time_left_waits_for_updates(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    set(config, "run.max_minutes", "600"); // no less: an hour that is given is no estimate
    rb_run *run = create(config);
    rb_metrics_begin(run->metrics, run);
    while (!rb_agent_updates(run->agent)) {
        assert_int_equal(rb_loop(run, run->step + 1, &error), RB_OK);
        if (rb_agent_updates(run->agent)) break;
        assert_int_equal(rb_metrics_progress(run->metrics, run, true, &error), RB_OK);
        assert_true(isnan(rb_metrics_now(run->metrics, run).seconds_left));
        assert_true(rb_metrics_now(run->metrics, run).warming_up);
    }
    assert_true(isnan(rb_metrics_now(run->metrics, run).seconds_left)); // the speed still has none
    for (int i = 0; i < 500 && isnan(rb_metrics_now(run->metrics, run).seconds_left); i++) {
        assert_int_equal(rb_loop(run, run->step + 1, &error), RB_OK);
        usleep(1000);
        assert_int_equal(rb_metrics_progress(run->metrics, run, true, &error), RB_OK);
    }
    const rb_progress now = rb_metrics_now(run->metrics, run);
    assert_true(now.seconds_left > 0 && !now.warming_up);
    assert_true(now.steps_per_second < 1100); // each of them slept
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The time left follows the speed of now, not the mean since the start, which had no updates; games and lives
// are expected to be as long as those so far.
static void test_time_left_by_the_speed_of_now(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    set(config, "run.max_steps", "1000000");
    rb_run *run = create(config);
    assert_int_equal(rb_loop(run, 400, &error), RB_OK);
    const double games = (double)rb_metrics_games(run->metrics), steps = (double)run->step;
    assert_true(games > 2);
    static const double speeds[] = {10, 1000};
    for (int i = 0; i < 2; i++)
        for (double seconds = 1; seconds < 1e6; seconds *= 1000) {
            const double speed = speeds[i], all = (1e6 - steps) / speed, game = steps / games / speed;
            rb_run_params *p = &run->config->params.run;
            assert_true(fabs(rb_run_seconds_left(run, seconds, speed, true) - all) < 1e-6 * all);
            assert_true(isnan(rb_run_seconds_left(run, seconds, speed, false)));
            p->max_episodes = 1000;
            const double played = (1000 - games) * game;
            assert_true(fabs(rb_run_seconds_left(run, seconds, speed, true) - played) < 1e-6 * played);
            p->max_episodes = 0, p->max_lives = 500;
            const double lived =
                (500 - (double)run->episodes.lives) * steps / (double)run->episodes.lives / speed;
            assert_true(fabs(rb_run_seconds_left(run, seconds, speed, true) - lived) < 1e-6 * lived);
            p->max_lives = 0, p->max_minutes = (seconds + 3) / 60;
            assert_true(fabs(rb_run_seconds_left(run, seconds, speed, true) - 3) < 1e-4); // sooner than any
            p->max_minutes = 0;
        }
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void count_reports(void *context, const rb_progress *now)
{
    (void)now;
    ++*(int *)context;
}

static void test_progress_interval(void **state)
{
    (void)state;
    static const char *const every[] = {"0.001", "1000"};
    int reports[2] = {0};
    for (int i = 0; i < 2; i++) {
        rb_config *config = small();
        rb_error error = {0};
        rb_run *run;
        const rb_run_hooks hooks = {.context = &reports[i], .progress = count_reports};
        set(config, "progress.every_seconds", every[i]);
        if (rb_run_create(&run, config, &hooks, &error) || rb_run_train(run, &error))
            fail_msg("%s", error.message);
        assert_true(rb_metrics_now(run->metrics, run).every_seconds == (i ? 1000 : 0.001));
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
    assert_int_equal(reports[1], 3); // the first, the last checkpoint, and the run's end
    assert_true(reports[0] > 3);
}

// A run that has ended can be resumed with a larger goal, and then counts as not ended.
static void test_goes_on_after_its_end(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t straight = train(config);
    set(config, "run.max_episodes", "5");
    rb_run *run = create(config);
    rb_error error = {0};
    char directory[RB_PATH_MAX], end[RB_PATH_MAX + 16];
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    snprintf(end, sizeof end, "%s/end.json", directory);
    rb_run_destroy(run);
    assert_true(rb_file_exists(end));
    const char *change = "--run.max_episodes=0";
    if (rb_run_resume(&run, directory, 1, &change, NULL, &error)) fail_msg("%s", error.message);
    *run->stop = 1;
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    assert_false(rb_file_exists(end));
    *run->stop = 0;
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == straight);
    assert_true(rb_file_exists(end));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// ---- every N games

static rb_config *by_games(void)
{
    rb_config *config = small();
    set(config, "eval.every_episodes", "3");
    set(config, "checkpoint.every_episodes", "4");
    set(config, "checkpoint.keep", "100");
    return config;
}

static void test_schedules_by_games(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t quiet = train(config);
    rb_config_destroy(config);
    config = by_games();
    rb_error error = {0};
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    assert_true(hash_of(run) == quiet); // evaluations and checkpoints disturb nothing
    rb_csv_table *games = table_of(run, "train.csv"), *evaluations = table_of(run, "eval.csv");
    const double *step = rb_csv_table_column(games, "step"),
                 *evaluated = rb_csv_table_column(evaluations, "step");
    const int count = rb_csv_table_rows(games);
    assert_true(count >= 12);
    int row = 0;
    for (int i = 2; i < count; i += 3) assert_true(evaluated[row++] == step[i]);
    assert_in_range(rb_csv_table_rows(evaluations), row, row + 1); // and one at the end
    for (int i = 0; i < count; i++)
        if (step[i] < 900) assert_int_equal(has_checkpoint(run, (int64_t)step[i]), i % 4 == 3);
    rb_csv_table_free(games);
    rb_csv_table_free(evaluations);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Steps and means from a table of evaluations, without the seconds.
static char *evaluations_of(const rb_run *run)
{
    enum { BEFORE_SECONDS = 8 };
    char *text = read_file(run, "eval.csv"), *to = text;
    int column = 0;
    for (const char *at = text; *at; at++) {
        column = *at == '\n' ? 0 : column + (*at == ',');
        if (column < BEFORE_SECONDS) *to++ = *at;
    }
    *to = 0;
    return text;
}

// Stopped by the user at any point, also in the middle of an evaluation; then killed.
static void test_schedules_by_games_resumed(void **state)
{
    (void)state;
    rb_config *config = by_games();
    rb_error error = {0};
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    const uint64_t straight = hash_of(run);
    char *expected = evaluations_of(run);
    rb_csv_table *games = table_of(run, "train.csv");
    const int64_t third = (int64_t)rb_csv_table_column(games, "step")[2]; // an evaluation is due there
    rb_csv_table_free(games);
    rb_run_destroy(run);
    const int64_t stops[] = {third - 1, third, third + 1, 333, 700};
    for (int i = 0; i < 10; i++) {
        char directory[RB_PATH_MAX];
        const bool killed = i >= 5;
        run = create(config);
        if (i == 1) { // stopped during the evaluation
            assert_int_equal(rb_loop(run, third - 1, &error), RB_OK);
            const int64_t due = run->config->params.eval.every_episodes;
            run->config->params.eval.every_episodes = 0; // the turn itself, without its evaluation
            assert_int_equal(rb_loop(run, third, &error), RB_OK);
            run->config->params.eval.every_episodes = due;
        } else {
            assert_int_equal(rb_loop(run, stops[i % 5], &error), RB_OK);
        }
        if (!killed) {
            rb_run_stop(run);
            assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        }
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        rb_run_destroy(run);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == straight);
        char *resumed = evaluations_of(run);
        assert_string_equal(resumed, expected);
        free(resumed);
        rb_run_destroy(run);
    }
    free(expected);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_steps),
        cmocka_unit_test(test_by_games),
        cmocka_unit_test(test_by_minutes),
        cmocka_unit_test(test_by_score),
        cmocka_unit_test(test_an_old_table_goes_on),
        cmocka_unit_test(test_time_left_waits_for_updates),
        cmocka_unit_test(test_time_left_by_the_speed_of_now),
        cmocka_unit_test(test_progress_interval),
        cmocka_unit_test(test_goes_on_after_its_end),
        cmocka_unit_test(test_schedules_by_games),
        cmocka_unit_test(test_schedules_by_games_resumed),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
