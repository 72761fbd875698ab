// Reports of runs: how they are grouped, which figures result, what is left out with a remark, and what is
// rejected. Runs are made by hand: a config.ini and an eval.csv.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rainbow/rainbow.h"

static const char header[] = "step,frames,episodes,mean,std,min,max,median,seconds\n";
static char root[] = "/tmp/rb_report_XXXXXX";

static int make(void **state)
{
    (void)state;
    rb_rainbow_init();
    return !mkdtemp(root);
}

static int drop(void **state)
{
    (void)state;
    return rb_file_remove_tree(root, NULL) != RB_OK;
}

static void put(const char *run, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", root, run);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/%s/%s", root, run, name);
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

// A run whose evaluations have these means, a million frames apart.
static void run(const char *directory, const char *env, const char *more, int seed, const char *means)
{
    char text[1000], *at = text;
    snprintf(text, sizeof text, "[run]\nenv = %s\npreset = der\ngroup = g\nseed = %d\n%s\n", env, seed, more);
    put(directory, "config.ini", text);
    at += sprintf(at, "%s", header);
    for (int row = 1, used; *means; row++, means += used) {
        double mean;
        assert_int_equal(sscanf(means, "%lf %n", &mean, &used), 1);
        at += sprintf(at, "%d,%d,10,%g,0,0,0,0,1\n", row * 250000, row * 1000000, mean);
    }
    put(directory, "eval.csv", text);
}

static void put_video(const char *directory, const char *name, const char *text, time_t changed)
{
    char path[400];
    put(directory, name, text);
    snprintf(path, sizeof path, "%s/%s/%s", root, directory, name);
    const struct timespec times[2] = {{.tv_sec = changed}, {.tv_sec = changed}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static rb_report *report(const char *below, const rb_report_options *options, rb_error *error)
{
    char path[300];
    rb_report *out;
    snprintf(path, sizeof path, "%s/%s", root, below);
    const rb_status status = rb_report_make(&out, (const char *[]){path}, 1, options, error);
    assert_true(status ? !out && *error->message : out != NULL);
    return out;
}

static rb_report *good(const char *below, rb_report_options options)
{
    rb_error error = {0};
    rb_report *out = report(below, &options, &error);
    if (!out) fail_msg("%s", error.message);
    return out;
}

static bool says(const rb_report *r, const char *text)
{
    for (int i = 0; i < r->remark_count; i++)
        if (strstr(r->remarks[i], text)) return true;
    return false;
}

static void test_games(void **state)
{
    (void)state;
    run("a/b1", "atari/breakout", "", 1, "1.7 30.5 16.1");
    run("a/b2", "ALE/Breakout-v5", "[atari]\nsticky = 0\n", 2, "1.7 1.7 30.5"); // der has no sticky actions
    run("a/b3", "atari/breakout", "", 3, "59.3 10 1.7");
    run("a/c1", "cartpole", "", 1, "10 200 100");
    rb_report *r = good("a", (rb_report_options){0});
    assert_int_equal(r->group_count, 1);
    assert_string_equal(r->groups[0].name, "g/der");
    assert_int_equal(r->run_count, 4);
    assert_int_equal(r->game_count, 2);
    assert_int_equal(r->cell_count, 2);
    assert_int_equal(r->resamples, 2000);
    const rb_report_cell *cell = &r->cells[0];
    assert_string_equal(r->games[cell->game].name, "atari/breakout");
    assert_int_equal(cell->runs, 3);
    assert_true(fabs(cell->mean.value - (16.1 + 30.5 + 1.7) / 3) < 1e-12);
    assert_true(cell->median == 16.1 && cell->best == 59.3);
    assert_true(fabs(cell->last - cell->mean.value) < 1e-12);
    assert_true(cell->least_frames == 3000000 && cell->most_frames == 3000000);
    assert_true(fabs(cell->normalised.value - 0.5) < 1e-12);
    assert_true(cell->published_frames == 0);
    assert_true(r->runs[1].seed == 2 && r->runs[1].mean == (1.7 + 1.7 + 30.5) / 3 &&
                r->runs[1].median == 1.7);
    assert_true(r->runs[2].best_frames == 1000000 && r->runs[2].normalised == 0);
    assert_int_equal(r->groups[0].known_games, 1);
    assert_int_equal(r->groups[0].known_runs, 3);
    assert_true(fabs(r->groups[0].mean.value - 0.5) < 1e-12);
    assert_true(isnan(r->cells[1].normalised.value));
    assert_true(says(r, "No scores of random play or humans are published for cartpole"));
    assert_true(says(r, "Some games have fewer than 3 runs"));
    assert_int_equal(r->pair_count, 0);
    rb_report_free(r);
}

// Video Pinball is the only game whose published scores are too near to each other for a scale.
static void test_scales(void **state)
{
    (void)state;
    static const char *const games[] = {"video_pinball", "double_dunk", "venture", "time_pilot", "skiing"};
    for (int i = 0; i < 5; i++) {
        char directory[64], env[64];
        snprintf(directory, sizeof directory, "v/%d", i);
        snprintf(env, sizeof env, "atari/%s", games[i]);
        run(directory, env, "", 1, "5");
    }
    rb_report *r = good("v", (rb_report_options){.resamples = 10});
    int count = 0;
    for (int i = 0; i < r->remark_count; i++) count += strstr(r->remarks[i], "are nearly equal") != NULL;
    assert_int_equal(count, 1);
    assert_true(says(r, "atari/video_pinball: the published scores of random play (16256.9) and of a human "
                        "(17667.9) are nearly equal"));
    rb_report_free(r);
}

static void test_scores(void **state)
{
    (void)state;
    run("s/b1", "atari/breakout", "", 1, "2 8 4");
    rb_report *r = good("s", (rb_report_options){.score = RB_SCORE_BEST});
    assert_true(r->runs[0].score == 8);
    rb_report_free(r);
    r = good("s", (rb_report_options){.score = RB_SCORE_MEAN, .mean_of = 2, .dopamine = true});
    assert_true(r->runs[0].score == 6 && r->cells[0].last == 4);
    assert_true(r->cells[0].published_frames == 4000000); // nearest to 3 million by ratio
    assert_true(r->cells[0].published[RB_DOPAMINE_RAINBOW].value == 16.19);
    assert_false(says(r, "fewer than 2 evaluations"));
    rb_report_free(r);
    r = good("s/b1", (rb_report_options){.score = RB_SCORE_MEAN, .mean_of = 9});
    assert_true(r->runs[0].score == 14. / 3);
    assert_true(says(r, "fewer than 9 evaluations"));
    rb_report_free(r);
}

static void test_groups(void **state)
{
    (void)state;
    run("d/x/1", "atari/pong", "[agent]\nn_step = 3\n", 1, "20");
    run("d/x/2", "atari/pong", "[agent]\nn_step = 3\n", 2, "10");
    run("d/y/1", "atari/pong", "[agent]\nn_step = 5\n[compute]\nthreads = 3\n", 1, "10");
    run("d/y/2", "atari/pong", "[agent]\nn_step = 5\n", 2, "-5");
    run("d/y/2b", "atari/pong", "[agent]\nn_step = 5\n", 2, "-7"); // the same seed again
    rb_report *r = good("d", (rb_report_options){.resamples = 100});
    assert_int_equal(r->group_count, 2);
    assert_string_equal(r->groups[0].name, "g/der agent.n_step=3");
    assert_string_equal(r->groups[1].name, "g/der agent.n_step=5");
    assert_int_equal(r->groups[1].runs, 2);
    assert_true(says(r, "y/2b (score -7 at frame 1,000,000) has the same settings and seed as"));
    assert_int_equal(r->pair_count, 1);
    assert_true(r->pairs[0].group == 0 && r->pairs[0].over == 1 && r->pairs[0].games == 1);
    assert_true(r->pairs[0].probability.value == 0.875);
    rb_report_free(r);
    r = good("d", (rb_report_options){.resamples = 100, .against = "g/der agent.n_step=3"});
    assert_true(r->pairs[0].group == 1 && r->pairs[0].probability.value == 0.125);
    rb_report_free(r);
    rb_error error = {0};
    assert_null(report("d", &(rb_report_options){.against = "g"}, &error));
    assert_non_null(strstr(error.message, "more than one group"));
    assert_null(report("d", &(rb_report_options){.against = "h"}, &error));
    assert_int_equal(error.status, RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "no such group; the groups are: g/der agent.n_step=3, g/der"));
    assert_null(report("d/x", &(rb_report_options){.against = "g"}, &error));
    assert_non_null(strstr(error.message, "all runs belong to that group"));
}

// Whether two runs that differ in this line of [group] and key are one experiment.
static void one_or_two(const char *directory, const char *lines, const char *name)
{
    char a[100], b[100];
    snprintf(a, sizeof a, "%s/1", directory);
    snprintf(b, sizeof b, "%s/2", directory);
    run(a, "atari/pong", "", 1, "5");
    run(b, "atari/pong", lines, 2, "6");
    rb_report *r = good(directory, (rb_report_options){.resamples = 10});
    if (r->group_count != (name ? 2 : 1)) fail_msg("%s: %d groups", lines, r->group_count);
    if (name) assert_string_equal(r->groups[1].name, name);
    rb_report_free(r);
}

static void test_what_decides(void **state)
{
    (void)state;
    one_or_two("w/1", "max_steps = 777\n", "g/der run.max_steps=777");
    one_or_two("w/2", "[eval]\nepisodes = 77\n", "g/der eval.episodes=77");
    one_or_two("w/3", "[eval]\nepsilon = 0.5\n", "g/der eval.epsilon=0.5");
    one_or_two("w/4", "[eval]\nevery_steps = 77\n", "g/der eval.every_steps=77");
    one_or_two("w/5", "[atari]\nlife_loss = penalty\n", "g/der atari.life_loss=penalty");
    one_or_two("w/6", "stop_score = 7\n", "g/der run.stop_score=7");
    one_or_two("w/7", "[atari]\nsticky = 0.125\n[agent]\ngamma = 0.5\n",
               "g/der atari.sticky=0.125 agent.gamma=0.5");
    one_or_two("w/8", "note = twin\n[compute]\nthreads = 3\nkernels = plain\n[plot]\nenabled = false\n",
               NULL);
    one_or_two("w/9", "root = elsewhere\n[checkpoint]\nkeep = 7\n[record]\nevery_steps = 7\n", NULL);
    // More differences than a name has place for.
    run("w/m/1", "atari/pong", "", 1, "5");
    run("w/m/2", "atari/pong", "max_steps = 9\n[agent]\ngamma = 0.5\nn_step = 7\nbatch = 9\n", 1, "6");
    rb_report *r = good("w/m", (rb_report_options){.resamples = 10});
    assert_string_equal(r->groups[1].name, "g/der run.max_steps=9 agent.n_step=7 agent.gamma=0.5 #2");
    assert_true(says(r, "g/der #2 has run.max_steps=9, agent.n_step=7, agent.gamma=0.5, agent.batch=9."));
    rb_report_free(r);
}

// Runs with a name of their own give it to their group, before a few of the settings that differ.
static void test_names(void **state)
{
    (void)state;
    run("n/long-s1", "atari/pong", "max_steps = 50M\n", 1, "5");
    run("n/long-s2", "atari/pong", "max_steps = 50M\n", 2, "6");
    run("n/short_seed1", "atari/pong", "max_steps = 250000\n[agent]\ngamma = 0.5\nn_step = 7\nbatch = 9\n", 1,
        "5");
    run("n/one-s1", "atari/pong", "max_steps = 777\n", 1, "5");
    run("n/other-s2", "atari/pong", "max_steps = 777\n", 2, "5");
    rb_report *r = good("n", (rb_report_options){.resamples = 10, .against = "g/der long"});
    assert_int_equal(r->group_count, 3);
    assert_string_equal(r->groups[0].name, "g/der long run.max_steps=50M agent.n_step=20 ...");
    assert_string_equal(r->groups[1].name,
                        "g/der run.max_steps=777 agent.n_step=20 agent.gamma=0.99 #2"); // two names
    assert_string_equal(r->groups[2].name, "g/der short run.max_steps=250k agent.n_step=7 ...");
    assert_true(
        says(r, "g/der short has run.max_steps=250k, agent.n_step=7, agent.gamma=0.5, agent.batch=9."));
    assert_true(r->pair_count == 2 && r->pairs[0].over == 0 && r->pairs[1].over == 0);
    rb_report_free(r);
}

// A run that was resumed with other settings is not averaged with one that had them from the start.
static void test_resumed(void **state)
{
    (void)state;
    static const char *const paths[] = {"r/1", "r/2", "r/3"};
    for (int i = 0; i < 3; i++) run(paths[i], "atari/pong", "max_steps = 2M\n", i + 1, "3");
    const char *then = "[run]\nenv = atari/pong\npreset = der\ngroup = g\nmax_steps = 1M\nnote = old\n";
    const char *same = "[run]\nenv = atari/pong\npreset = der\ngroup = g\nmax_steps = 2M\nnote = old\n";
    put("r/1/checkpoints/step_000000000100", "config.ini", then);
    put("r/1/checkpoints/step_000000000200", "config.ini", same);
    put("r/2/checkpoints/step_000000000100", "config.ini", same);
    put("r/3/checkpoints/step_000000000100", "config.ini", "half of a li"); // tells nothing
    rb_report *r = good("r", (rb_report_options){.resamples = 10});
    assert_int_equal(r->group_count, 2);
    assert_string_equal(r->groups[0].name, "g/der (began with run.max_steps=1M)");
    assert_string_equal(r->groups[1].name, "g/der");
    assert_int_equal(r->groups[1].runs, 2);
    assert_true(says(r, "r/1 was resumed with other settings; it began with run.max_steps=1M."));
    rb_report_free(r);
    put("r/2/checkpoints/step_000000000100", "config.ini", then); // two of one kind
    r = good("r", (rb_report_options){.resamples = 10});
    assert_int_equal(r->groups[0].runs, 2);
    rb_report_free(r);
}

// Of runs with the same settings and seed, the longest counts, and the report says so.
static void test_twice(void **state)
{
    (void)state;
    run("t/1", "atari/pong", "", 1, "3 4");
    run("t/2", "ALE/Pong-v5", "[atari]\nsticky = 0\n", 1, "5 6 7"); // another name of the game
    run("t/3", "atari/pong", "", 1, "8");
    rb_report *r = good("t", (rb_report_options){.resamples = 10});
    assert_int_equal(r->group_count, 1);
    assert_int_equal(r->run_count, 1);
    assert_true(r->runs[0].score == 7 && r->runs[0].frames == 3000000);
    assert_true(says(r, "t/1 (score 4 at frame 2,000,000) has the same settings and seed as"));
    assert_true(says(r, "t/3 (score 8 at frame 1,000,000) has the same settings and seed as"));
    assert_true(says(r, "is not counted again: the other one is longer."));
    rb_report_free(r);
}

static void test_states_and_flags(void **state)
{
    (void)state;
    char path[300];
    run("f/1", "atari/pong", "[atari]\nlife_loss = penalty\nsticky = 0.5\n", 1, "3");
    run("f/2", "atari/pong", "[atari]\nlife_loss = penalty\nsticky = 0.5\n", 2, "3");
    run("f/3", "atari/pong", "[atari]\nlife_loss = penalty\nsticky = 0.5\n", 3, "3");
    run("f/4", "minatar/breakout", "[minatar]\nsticky = 0.75\n", 1, "3");
    run("f/5", "gym/Taxi-v3", "", 1, "3");
    put("f/1", "end.json", "{}");
    put("f/2", "lock", "");
    put("f/3", "lock", "");
    snprintf(path, sizeof path, "%s/f/2/lock", root);
    const int lock = open(path, O_RDWR);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    rb_report *r = good("f", (rb_report_options){.resamples = 10});
    close(lock);
    assert_int_equal(r->runs[0].state, RB_RUN_ENDED);
    assert_int_equal(r->runs[1].state, RB_RUN_RUNNING);
    assert_int_equal(r->runs[2].state, RB_RUN_UNFINISHED);
    assert_int_equal(r->cells[0].unfinished, 2);
    assert_true(says(r, "f/2 (running), "));
    assert_true(says(r, "f/3 (unfinished), "));
    assert_true(says(r, " and 1 more. Their scores count as they are now."));
    assert_true(r->cells[0].sticky == 0.5);
    assert_string_equal(r->cells[0].life_loss, "penalty");
    for (int i = 1; i < r->cell_count; i++) {
        const bool gym = !strcmp(r->games[r->cells[i].game].name, "gym/Taxi-v3");
        assert_true(gym ? isnan(r->cells[i].sticky) : r->cells[i].sticky == 0.75);
        assert_string_equal(r->cells[i].life_loss, ""); // der's "terminal" means nothing there
    }
    rb_report_free(r);
}

static void test_left_out(void **state)
{
    (void)state;
    char text[300];
    run("l/1", "atari/pong", "", 1, "5");
    run("l/2", "atari/pong", "", 2, "7 9");
    run("l/3", "atari/pong", "", 3, "");
    put("l/4", "config.ini", "[run]\nenv = atari/pong\nseed = 4\n");
    put("l/5", "config.ini", ""); // emptied
    put("l/5", "eval.csv", "");
    put("l/notes", "readme", "no run");
    // Killed in the middle of a row.
    snprintf(text, sizeof text, "%s1,1000000,10,5,0,0,0,0,1\n2,2000000,10,5", header);
    put("l/1", "eval.csv", text);
    rb_report *r = good("l", (rb_report_options){.resamples = 10});
    assert_int_equal(r->run_count, 2);
    assert_int_equal(r->runs[0].evaluations, 1);
    assert_true(says(r, "l/3 has no evaluation yet") && says(r, "l/4 has no evaluation yet"));
    assert_true(says(r, "l/5 has a config.ini without run.env and is left out."));
    assert_true(says(r, "atari/pong: runs of the same game end at different numbers of frames"));
    rb_report_free(r);
}

static void refused(const char *below, rb_status status, const char *sentence)
{
    rb_error error = {0};
    assert_null(report(below, &(rb_report_options){.resamples = 10}, &error));
    if (error.status != status || !strstr(error.message, sentence)) fail_msg("%s", error.message);
}

static void test_bad(void **state)
{
    (void)state;
    char text[300];
    refused("nowhere", RB_ERR_FILE, "nowhere: there is no such run");
    run("bad", "atari/pong", "", 1, "");
    refused("bad", RB_ERR_USAGE, "nothing to report");
    static const char *const rows[][2] = {
        {"1,1000000,10,nan,0,0,0,0,1\n", "eval.csv:2: mean is not a finite number"},
        {"1,1000000,10,,0,0,0,0,1\n", "eval.csv:2: mean is not a finite number"},
        {"1,1000000,10,inf,0,0,0,0,1\n", "mean is not a finite number"},
        {"1,,10,1,0,0,0,0,1\n", "frames is not a finite number"},
        {"1,-5,10,1,0,0,0,0,1\n", "frames is not a finite number"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "%s%s", header, rows[i][0]);
        put("bad", "eval.csv", text);
        refused("bad", RB_ERR_NUMBER, rows[i][1]);
    }
    snprintf(text, sizeof text, "%s1,2\n", header);
    put("bad", "eval.csv", text);
    refused("bad", RB_ERR_FORMAT, "eval.csv:2");
    put("bad", "eval.csv", "step,frames\n1,2\n");
    refused("bad", RB_ERR_FORMAT, "has no column named mean");
    put("bad", "eval.csv", "");
    refused("bad", RB_ERR_FORMAT, "eval.csv");
    put("bad", "config.ini", "[run]\nenv = ato\nseed = x\n");
    refused("bad", RB_ERR_USAGE, "config.ini:3");
    rb_file_remove_tree(root, NULL);
    put("", "x", "");
    refused("", RB_ERR_FILE, "no runs are below it");
}

static void test_picture(void **state)
{
    (void)state;
    char path[300], *text;
    size_t bytes;
    rb_error error = {0};
    run("p/1", "atari/pong", "", 1, "5");
    run("p/2", "atari/boxing", "", 2, "8");
    rb_report *r = good("p", (rb_report_options){.resamples = 10});
    snprintf(path, sizeof path, "%s/it's.svg", root);
    rb_status status = rb_report_draw(r, path, &error);
    rb_report_free(r);
    if (status == RB_ERR_MISSING) { // the script exists all the same
        assert_non_null(strstr(error.message, "gnuplot is not installed"));
    } else {
        if (status) fail_msg("%s", error.message);
        assert_int_equal(rb_file_read(path, &text, &bytes, &error), RB_OK);
        assert_non_null(strstr(text, "Interquartile mean"));
        assert_non_null(strstr(text, "g/der"));
        assert_non_null(strstr(text, "</svg>"));
        free(text);
    }
    snprintf(path, sizeof path, "%s/it's.gp", root);
    assert_true(rb_file_exists(path));
    // A long name is wrapped, so that it fits beside its bar.
    run("o/1", "atari/pong", "", 1, "5");
    run("o/2", "atari/pong", "max_steps = 999999999\n[agent]\nn_step = 123\ngamma = 0.987654321\n", 1, "6");
    r = good("o", (rb_report_options){.resamples = 10});
    snprintf(path, sizeof path, "%s/long.svg", root);
    status = rb_report_draw(r, path, &error);
    assert_true(status == RB_OK || status == RB_ERR_MISSING);
    snprintf(path, sizeof path, "%s/long.gp", root);
    assert_int_equal(rb_file_read(path, &text, &bytes, &error), RB_OK);
    assert_non_null(strstr(text, "set ytics ('g/der run.max_steps="));
    assert_non_null(strstr(text, "'g/der run.max_steps=999999999 agent.n_step=123' 1.1739, "));
    free(text);
    rb_report_free(r);
    run("q", "cartpole", "", 1, "5");
    r = good("q", (rb_report_options){.resamples = 10});
    assert_int_equal(rb_report_draw(r, path, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "none of these runs' games has published scores"));
    rb_report_free(r);
}

// The page: every part is there, names are text and never markup, and a file that cannot be written is an
// error.
static void test_page(void **state)
{
    (void)state;
    run("page/a", "cartpole", "note = x\n[agent]\nn_step = 3\n", 1, "1 2 3");
    run("page/b<script>", "cartpole", "[agent]\nn_step = 5\n[record]\ndirectory = films\n", 1, "1 2 4");
    put_video("page/a/videos", "step_1.mp4", "....ftypisom and so on",
              20); // the newest one, not the last name
    put_video("page/a/videos", "step_9.mp4", "....ftypisom is old", 10);
    put_video("page/b<script>/films", "step_1.mp4", "not a video", 30);
    put("secret", "file", "....ftyp a secret");
    char link[400], target[400];
    snprintf(link, sizeof link, "%s/page/a/videos/step_2.mp4", root); // newer, but somewhere else
    snprintf(target, sizeof target, "%s/secret/file", root);
    assert_int_equal(symlink(target, link), 0);
    rb_report *r = good("page", (rb_report_options){0});
    r->runs[1].score = -1; // so that the run with the video is the best one
    snprintf(r->groups[0].name, sizeof r->groups[0].name, "%s", "<img src=x onerror=alert(1)>");
    snprintf(r->groups[1].name, sizeof r->groups[1].name, "%s", "€€\xe2"); // cut within a letter
    char path[300], *page;
    size_t bytes;
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/page.html", root);
    assert_int_equal(rb_report_html(r, path, "its <last> evaluation", 1, &error), RB_OK);
    assert_int_equal(rb_file_read(path, &page, &bytes, &error), RB_OK);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
    assert_null(strstr(page, "<last>"));
    assert_null(strstr(page, "http://"));
    assert_null(strstr(page, "https://"));
    assert_non_null(strstr(page, "&#60;img src=x onerror=alert(1)&#62;"));
    assert_non_null(strstr(page, "/page/b&#60;script&#62;</td>"));
    assert_non_null(strstr(page, "<title>&#60;img src=x onerror=alert(1)&#62; and €€?</title>"));
    assert_non_null(strstr(page, "src=\"data:video/mp4;base64,Li4uLmZ0eXBpc29tIGFuZCBzbyBvbg==\""));
    assert_null(strstr(page, "IHNlY3JldA")); // " secret"
    assert_non_null(strstr(page, "<td>agent.n_step</td><td>3</td><td>5</td>"));
    static const char *const parts[] = {">Results<",  ">Curves<", ">Videos<",
                                        ">Settings<", ">Runs<",   "class=\"line l1\""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(page, parts[i])) fail_msg("the page has no %s", parts[i]);
    free(page);
    assert_int_equal(rb_report_html(r, "/nowhere/page.html", "x", 1, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/page.html"));
    r->runs[1].score = 9; // the best run is now the one whose videos are in films
    assert_int_equal(rb_report_html(r, path, "x", 1, &error), RB_OK);
    assert_int_equal(rb_file_read(path, &page, &bytes, &error), RB_OK);
    assert_non_null(strstr(page, "/films/step_1.mp4 is not an MP4 file.</p>"));
    assert_null(strstr(page, "<video"));
    free(page);
    // A file too large for a page is not read: this one has 5 GB, most of them a hole.
    snprintf(link, sizeof link, "%s/page/b<script>/films/step_1.mp4", root);
    assert_int_equal(truncate(link, 5000000000), 0);
    assert_int_equal(rb_report_html(r, path, "x", 1, &error), RB_OK);
    assert_int_equal(rb_file_read(path, &page, &bytes, &error), RB_OK);
    assert_non_null(strstr(page, "/films/step_1.mp4 is too large for this page.</p>"));
    free(page);
    // Settings from somewhere else name no directory outside the run.
    run("page/b<script>", "cartpole", "[agent]\nn_step = 5\n[record]\ndirectory = ../../secret\n", 1, "1");
    put_video("secret", "step_1.mp4", "....ftyp a secret", 40);
    assert_int_equal(rb_report_html(r, path, "x", 1, &error), RB_OK);
    assert_int_equal(rb_file_read(path, &page, &bytes, &error), RB_OK);
    assert_null(strstr(page, "secret/step_1"));
    assert_non_null(strstr(page, "/page/a/videos/step_1.mp4, the newest video"));
    free(page);
    rb_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_games),    cmocka_unit_test(test_page),
        cmocka_unit_test(test_scores),   cmocka_unit_test(test_scales),
        cmocka_unit_test(test_groups),   cmocka_unit_test(test_what_decides),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_twice),    cmocka_unit_test(test_states_and_flags),
        cmocka_unit_test(test_left_out), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_picture),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
