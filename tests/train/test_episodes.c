// Lines for episodes (run.print_episodes) and the limit of lives (run.max_lives), compared with the table of
// games, and with a run that was stopped and resumed.
#include "train/run_fixture.h"

#include <math.h>

#include "io/csv_table.h"
#include "train/ending.h"
#include "train/run_state.h"

enum { LINES = 400 };

typedef struct lines {
    char text[LINES][160];
    int episodes, targets;
} lines;

static void hear(void *context, bool warning, const char *text)
{
    lines *l = context;
    (void)warning;
    if (strstr(text, "the target network is updated")) l->targets++;
    if (strncmp(text, "life ", 5) && strncmp(text, "game ", 5)) return;
    assert_true(l->episodes < LINES);
    snprintf(l->text[l->episodes++], sizeof l->text[0], "%s", text);
}

typedef struct line {
    long number, step;
    double epsilon, learner, raw;
} line;

static line read_line(const char *text, const char *what)
{
    char plain[160], format[120];
    size_t used = 0;
    line l;
    for (const char *c = text; *c; c++) // "1,234" is one number; ", " separates
        if (*c != ',' || c[1] == ' ') plain[used++] = *c;
    plain[used] = 0;
    snprintf(format, sizeof format,
             "%s %%ld, step %%ld: epsilon %%lf, the learner's reward %%lf, raw reward %%lf", what);
    if (sscanf(plain, format, &l.number, &l.step, &l.epsilon, &l.learner, &l.raw) != 5)
        fail_msg("not a line of a %s: %s", what, text);
    return l;
}

static rb_run *begin(const rb_config *config, lines *heard)
{
    const rb_run_hooks hooks = {.context = heard, .message = hear};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    return run;
}

static rb_csv_table *games_of(const rb_run *run)
{
    char path[2 * RB_PATH_MAX];
    rb_csv_table *table;
    snprintf(path, sizeof path, "%s/train.csv", rb_run_directory(run));
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    return table;
}

static void test_a_line_for_each_game(void **state)
{
    (void)state;
    static lines heard;
    heard = (lines){0};
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole-dqn", "--run.max_steps=600", "--replay.capacity=700",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                  "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                  "--env.count=2", "--env.reward_scale=0.5", "--explore.start=1", "--explore.end=0",
                  "--explore.steps=600", "--agent.target_every_steps=50", "--run.print_episodes=games");
    rb_error error = {0};
    rb_run *run = begin(config, &heard);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_csv_table *games = games_of(run);
    assert_int_equal(heard.episodes, rb_csv_table_rows(games));
    assert_true(heard.episodes > 10);
    for (int i = 0; i < heard.episodes; i++) {
        const line l = read_line(heard.text[i], "game");
        assert_int_equal(l.number, i + 1);
        assert_true((double)l.step == rb_csv_table_column(games, "step")[i]);
        assert_true(l.raw == rb_csv_table_column(games, "return")[i] && l.learner == l.raw / 2);
        assert_true(fabs(l.epsilon - rb_csv_table_column(games, "epsilon")[i]) < 1e-3);
    }
    assert_int_equal(heard.targets, 600 / 50);
    rb_csv_table_free(games);
    rb_run_destroy(run);

    heard = (lines){0};
    set(config, "run.print_episodes", "none");
    set(config, "run.name", "silent");
    run = begin(config, &heard);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(heard.episodes == 0 && heard.targets == 0);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A game with three lives and a reward in most steps.
static rb_config *ms_pacman(void)
{
    return CONFIGURE("atari/ms_pacman", "--preset=textbook-dqn", "--run.max_lives=8", "--run.max_steps=4000",
                     "--replay.capacity=5000", "--agent.start_steps=4000", "--eval.enabled=false",
                     "--checkpoint.every_steps=0", "--compute.threads=1", "--net.hidden=16",
                     "--tensorboard.enabled=false");
}

// Three lives are a game, and their rewards are its return.
static void test_lives_are_counted_and_end_the_run(void **state)
{
    (void)state;
    static lines heard;
    heard = (lines){0};
    rb_config *config = ms_pacman();
    rb_error error = {0};
    rb_run *run = begin(config, &heard);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_run_ending(run), RB_ENDED_LIVES);
    assert_int_equal(heard.episodes, 8);
    assert_int_equal(rb_metrics_games(run->metrics), 2);
    double raw = 0, learner = 0;
    for (int i = 0; i < 8; i++) {
        const line l = read_line(heard.text[i], "life");
        assert_int_equal(l.number, i + 1);
        if (i < 3) raw += l.raw, learner += l.learner;
        assert_true(l.learner >= 0 && 10 * l.learner <= l.raw); // a dot is worth 10
        if (i == 7) assert_int_equal(l.step, run->step);        // in that very turn
    }
    rb_csv_table *games = games_of(run);
    assert_true(raw == rb_csv_table_column(games, "return")[0]);
    assert_true(learner > 10);
    rb_csv_table_free(games);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A run that was stopped in the middle of a life prints the same lines as one that was not.
static void test_a_resumed_run_prints_the_same_lines(void **state)
{
    (void)state;
    static lines whole, parts;
    whole = parts = (lines){0};
    rb_config *config = ms_pacman();
    rb_error error = {0};
    set(config, "run.name", "whole");
    rb_run *run = begin(config, &whole);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);

    char directory[RB_PATH_MAX];
    const int64_t before = read_line(whole.text[6], "life").step;
    const int64_t after = read_line(whole.text[7], "life").step;
    set(config, "run.name", "parts");
    run = begin(config, &parts);
    if (rb_loop(run, (before + after) / 2, &error)) fail_msg("%s", error.message);
    assert_int_equal(parts.episodes, 7);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    const rb_run_hooks hooks = {.context = &parts, .message = hear};
    if (rb_run_resume(&run, directory, 0, NULL, &hooks, &error) || rb_run_train(run, &error))
        fail_msg("%s", error.message);
    rb_run_destroy(run);
    assert_int_equal(parts.episodes, whole.episodes);
    for (int i = 0; i < whole.episodes; i++) assert_string_equal(parts.text[i], whole.text[i]);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_for_each_game),
        cmocka_unit_test(test_lives_are_counted_and_end_the_run),
        cmocka_unit_test(test_a_resumed_run_prints_the_same_lines),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
