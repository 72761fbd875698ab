// What keys do to an agent at play and to a person's game, tested without a window.
#include "train/run_fixture.h"

#include <math.h>

#include "viewer/play.h"
#include "viewer/play_scores.h"
#include "train/run_state.h"
#include "viewer/view.h"
#include "viewer/watch.h"

static rb_config *small(const char *env, const char *preset, const char *name)
{
    rb_config *config = CONFIGURE(env, preset, "--run.max_steps=400", "--replay.capacity=400",
                                  "--agent.start_steps=60", "--agent.batch=8", "--eval.every_steps=0",
                                  "--eval.episodes=1", "--checkpoint.every_steps=200", "--net.hidden=16",
                                  "--compute.threads=1", "--tensorboard.enabled=false", "--eval.epsilon=0");
    set(config, "run.name", name);
    return config;
}

static void path_of(char *out, const char *name) // a run's path
{
    snprintf(out, RB_PATH_MAX, "%s/default/%s", root, name);
}

static rb_watch_viewer *watch(const char *path, int episodes)
{
    rb_error error = {0};
    const rb_watch_options options = {.episodes = episodes, .epsilon = -1, .seed = 3};
    rb_watch_viewer *w;
    if (rb_watch_open(&w, path, &options, &error)) fail_msg("%s", error.message);
    return w;
}

static void turn(rb_viewer *s, double seconds)
{
    rb_error error = {0};
    if (rb_viewer_tick(s, (s->now < 0 ? 5 : s->now) + seconds, &error)) fail_msg("%s", error.message);
}

static void press(rb_viewer *s, int key)
{
    rb_viewer_key(s, key, true, false);
    rb_viewer_key(s, key, false, false);
}

static uint8_t *picture(rb_viewer *s) // a copy
{
    const rb_canvas *canvas = rb_viewer_draw(s);
    const size_t bytes = 3 * (size_t)canvas->width * (size_t)canvas->height;
    uint8_t *copy = malloc(bytes);
    memcpy(copy, canvas->rgb, bytes);
    return copy;
}

static bool same(const uint8_t *a, const uint8_t *b, rb_box box)
{
    for (int y = (int)box.y; y < (int)(box.y + box.height); y++)
        if (memcmp(a + 3 * (1280 * y + (int)box.x), b + 3 * (1280 * y + (int)box.x), 3 * (size_t)box.width))
            return false;
    return true;
}

static void test_pause_and_step(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    path_of(path, "cart");
    rb_watch_viewer *w = watch(path, 0);
    rb_viewer *s = rb_watch_get_viewer(w);
    turn(s, 0);
    for (int i = 0; i < 3; i++) turn(s, 0.021); // 50 steps per second
    assert_int_equal(rb_watch_moment(w)->step, 3);
    press(s, 'p');
    uint8_t *before = picture(s);
    for (int i = 0; i < 10; i++) turn(s, 0.1);
    uint8_t *after = picture(s);
    assert_true(same(before, after, (rb_box){0, 0, 1280, 720}));
    free(after);
    press(s, '.');
    turn(s, 0.1);
    assert_int_equal(rb_watch_moment(w)->step, 4);
    after = picture(s);
    assert_false(same(before, after, rb_view_left));
    assert_false(same(before, after, rb_view_right));
    free(before), free(after);
    press(s, 'n');
    assert_true(rb_watch_moment(w)->step == 0 && rb_watch_moment(w)->game == 2);
    rb_watch_result result;
    rb_watch_close(w, &result);
    assert_true(result.games == 0 && result.steps == 4 && isnan(result.return_mean));
    assert_string_equal(result.env, "cartpole");
    assert_int_equal(result.checkpoint_step, 400);
    rb_watch_close(NULL, NULL);
}

// The cart follows the keys, and follows the agent again when it is handed back.
static void test_take_over(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    path_of(path, "cart");
    rb_watch_viewer *w = watch(path, 0);
    rb_viewer *s = rb_watch_get_viewer(w);
    for (int keyboard = 0; keyboard < 2; keyboard++) {
        const int key = keyboard ? RB_KEY_RIGHT : RB_KEY_LEFT;
        press(s, 'n');
        press(s, 't');
        assert_true(s->typing);
        rb_viewer_key(s, key, true, false);
        turn(s, 0);
        const float *seen = rb_watch_moment(w)->observation;
        const float at = seen[0];
        for (int i = 0; i < 6; i++) turn(s, 0.021);
        assert_false(rb_watch_moment(w)->over);
        assert_true(keyboard ? seen[0] > at : seen[0] < at);
        assert_true(keyboard ? seen[1] > 0.5F : seen[1] < -0.5F); // six pushes the same way
        rb_viewer_key(s, key, false, false);
        press(s, 't');
        assert_false(s->typing);
        turn(s, 0.021);
        assert_int_equal(rb_watch_moment(w)->action, rb_watch_moment(w)->greedy); // epsilon 0
    }
    press(s, 't');
    press(s, 'm');
    while (rb_watch_moment(w)->game < 5) turn(s, 0.01);
    rb_watch_result result;
    rb_watch_close(w, &result);
    assert_true(result.games >= 2 && result.games_by_hand == result.games && result.return_mean > 5);
}

static void test_epsilon(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    path_of(path, "cart");
    rb_watch_viewer *w = watch(path, 0);
    rb_viewer *s = rb_watch_get_viewer(w);
    for (int i = 0; i < 20; i++) press(s, 'e');
    assert_non_null(strstr(s->notice, "epsilon 1)"));
    int randoms = 0;
    turn(s, 0);
    for (int i = 0; i < 100; i++) turn(s, 0.021), randoms += rb_watch_moment(w)->random;
    assert_in_range(randoms, 15, 85);
    press(s, 'd');
    assert_non_null(strstr(s->notice, "One action in 2 is random"));
    for (int i = 0; i < 20; i++) press(s, 'd');
    assert_non_null(strstr(s->notice, "No action is random"));
    rb_watch_close(w, NULL);
}

static void test_episodes(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    path_of(path, "cart");
    rb_watch_viewer *w = watch(path, 2);
    rb_viewer *s = rb_watch_get_viewer(w);
    press(s, 'm');
    for (int i = 0; i < 100000 && !s->quit; i++) turn(s, 0.01);
    rb_watch_result result;
    assert_true(s->quit);
    rb_watch_close(w, &result);
    assert_int_equal(result.games, 2);
    assert_int_equal(result.games_by_hand, 0);
    assert_true(result.return_mean * 2 == (double)result.steps); // a reward of 1 per step
}

// A run that is still training: its next checkpoint is announced, and loaded on request.
static void test_newest_checkpoint(void **state)
{
    (void)state;
    char path[RB_PATH_MAX], newest[RB_PATH_MAX], aside[RB_PATH_MAX];
    path_of(path, "cart");
    snprintf(newest, sizeof newest, "%s/checkpoints/step_000000000400", path);
    snprintf(aside, sizeof aside, "%s/aside", path);
    assert_int_equal(rb_file_rename(newest, aside, NULL), RB_OK);
    rb_watch_viewer *w = watch(path, 0);
    rb_viewer *s = rb_watch_get_viewer(w);
    press(s, 'p');
    turn(s, 0);
    const float old = rb_watch_moment(w)->q[0];
    press(s, 'r');
    assert_non_null(strstr(s->notice, "nothing newer than the agent after 200 steps"));
    assert_int_equal(rb_file_rename(aside, newest, NULL), RB_OK);
    for (int i = 0; i < 50; i++) turn(s, 0.1);
    assert_non_null(strstr(s->notice, "newer checkpoint, after 400 steps"));
    assert_true(rb_watch_moment(w)->q[0] == old);
    press(s, 'r');
    assert_non_null(strstr(s->notice, "Now playing: the agent after 400 steps"));
    const float now = rb_watch_moment(w)->q[0]; // for the same moment
    assert_true(now != old && rb_watch_moment(w)->step == 0);
    rb_watch_result result;
    rb_watch_close(w, &result);
    assert_int_equal(result.checkpoint_step, 400);
    assert_non_null(strstr(result.checkpoint, "step_000000000400"));
    w = watch(path, 0);
    assert_true(rb_watch_moment(w)->q[0] == now);
    rb_watch_close(w, NULL);
    w = watch(newest, 0); // there is only one checkpoint
    press(rb_watch_get_viewer(w), 'r');
    assert_non_null(strstr(rb_watch_get_viewer(w)->notice, "nothing newer"));
    rb_watch_close(w, NULL);
}

static void test_changes(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    rb_error error = {0};
    rb_watch_viewer *w;
    path_of(path, "cart");
    const char *good[] = {"--env.max_episode_steps=7"}, *bad[] = {"--net.hidden=8"},
               *odd[] = {"env.max_episode_steps"}, *wrong[] = {"--env.max_episode_steps=-3"};
    rb_watch_options options = {.seed = 1, .changes = good, .change_count = 1};
    if (rb_watch_open(&w, path, &options, &error)) fail_msg("%s", error.message);
    press(rb_watch_get_viewer(w), 'm');
    while (rb_watch_moment(w)->game < 4) {
        turn(rb_watch_get_viewer(w), 0.001);
        assert_in_range(rb_watch_moment(w)->step, 0, 7);
    }
    rb_watch_close(w, NULL);
    options.changes = bad;
    assert_int_equal(rb_watch_open(&w, path, &options, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "--net.hidden=8"));
    options.changes = odd;
    assert_int_equal(rb_watch_open(&w, path, &options, &error), RB_ERR_USAGE);
    options.changes = wrong;
    assert_int_equal(rb_watch_open(&w, path, &options, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "env.max_episode_steps = -3"));
    assert_int_equal(rb_watch_open(&w, "/nowhere", &options, &error), RB_ERR_FILE);
    assert_null(w);
}

// MinAtar's Breakout: the paddle is the cell set in channel 0, in the lowest row.
static int paddle(const rb_moment *m)
{
    const uint8_t *row = (const uint8_t *)m->observation + 90;
    for (int x = 0; x < 10; x++)
        if (row[x]) return x;
    return -1;
}

static void test_playing(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = small("minatar/breakout", "--preset=minatar-dqn", "unused");
    set(config, "env.sticky", "0");
    const rb_play_options options = {.seed = 2};
    rb_play_viewer *p;
    if (rb_play_open(&p, config, &options, &error)) fail_msg("%s", error.message);
    rb_viewer *s = rb_play_get_viewer(p);
    turn(s, 0);
    for (int i = 0; i < 20; i++) turn(s, 0.1);
    assert_int_equal(rb_play_moment(p)->step, 0); // waits for the first key
    uint8_t *ready = picture(s);
    rb_viewer_key(s, RB_KEY_LEFT, true, false);
    const int at = paddle(rb_play_moment(p));
    for (int i = 0; i < 3; i++) turn(s, 0.1);
    assert_int_equal(paddle(rb_play_moment(p)), at - 3 < 0 ? 0 : at - 3);
    uint8_t *playing = picture(s);
    assert_false(same(ready, playing, rb_view_left));
    rb_viewer_key(s, RB_KEY_LEFT, false, false);
    for (int i = 0; i < 300 && !rb_play_moment(p)->over; i++) turn(s, 0.1);
    assert_true(rb_play_moment(p)->over);
    const int64_t steps = rb_play_moment(p)->step;
    const double score = rb_play_moment(p)->game_return;
    for (int i = 0; i < 20; i++) turn(s, 0.1);
    assert_true(rb_play_moment(p)->over && rb_play_moment(p)->game == 1); // stays until asked for more
    uint8_t *over = picture(s);
    assert_false(same(playing, over, rb_view_left));
    free(ready), free(playing), free(over);
    press(s, RB_KEY_ENTER);
    turn(s, 0.1);
    assert_true(rb_play_moment(p)->game == 2 && rb_play_moment(p)->step <= 2);
    press(s, 'n');
    assert_int_equal(rb_play_moment(p)->game, 3);
    rb_play_result result;
    rb_play_close(p, &result);
    assert_true(result.games == 1 && result.return_mean == score && result.return_best == score);
    assert_in_range(result.steps, steps, steps + 2);
    rb_score_list list; // kept for next time
    assert_int_equal(rb_score_list_read(&list, root, "minatar/breakout", &error), RB_OK);
    assert_true(list.count == 1 && list.list[0].kind == RB_SCORE_YOU && list.list[0].value == score);
    rb_score_list_free(&list);
    set(config, "run.env", "minatar/breakuot");
    assert_int_equal(rb_play_open(&p, config, &options, &error), RB_ERR_USAGE);
    assert_null(p);
    rb_config_destroy(config);
}

// In Reversi a key for an illegal move does nothing, and the player is told; an agent that is watched keeps
// to the mask, and so does a person who takes over.
static void test_forbidden_keys(void **state)
{
    (void)state;
    rb_error error = {0};
    char path[RB_PATH_MAX];
    rb_config *config = small(RB_TEST_OWN "/reversi.so", "--preset=general", "reversi");
    train(config);
    const rb_play_options options = {.seed = 2};
    rb_play_viewer *p;
    if (rb_play_open(&p, config, &options, &error)) fail_msg("%s", error.message);
    rb_viewer *s = rb_play_get_viewer(p);
    turn(s, 0);
    press(s, 'x'); // begins
    press(s, '1');
    turn(s, 0.1);
    assert_int_equal(rb_play_moment(p)->step, 0);
    assert_string_equal(s->notice, "a1 is not allowed now.");
    uint8_t *before = picture(s);
    press(s, '9'); // c2
    turn(s, 0.1);
    assert_int_equal(rb_play_moment(p)->step, 1);
    uint8_t *after = picture(s);
    assert_false(same(before, after, rb_view_right)); // other actions are struck through
    free(before), free(after);
    rb_play_close(p, NULL);

    path_of(path, "reversi");
    rb_watch_viewer *w = watch(path, 0);
    s = rb_watch_get_viewer(w);
    for (int i = 0; i < 120; i++) {
        turn(s, 0.1);
        const rb_moment *m = rb_watch_moment(w);
        assert_true(m->over || (m->allowed[m->action] && m->allowed[m->greedy]));
    }
    while (rb_watch_moment(w)->over || rb_watch_moment(w)->step > 0) turn(s, 0.02);
    press(s, 't');
    const int64_t step = rb_watch_moment(w)->step;
    press(s, '1');
    turn(s, 0.1);
    assert_int_equal(rb_watch_moment(w)->step, step);
    assert_string_equal(s->notice, "a1 is not allowed now.");
    rb_watch_close(w, NULL);
    rb_config_destroy(config);
}

static int make_run(void **state)
{
    if (make_root(state)) return -1;
    rb_config *config = small("cartpole", "--preset=cartpole", "cart");
    train(config);
    rb_config_destroy(config);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pause_and_step), cmocka_unit_test(test_take_over),
        cmocka_unit_test(test_epsilon),        cmocka_unit_test(test_episodes),
        cmocka_unit_test(test_changes),        cmocka_unit_test(test_newest_checkpoint),
        cmocka_unit_test(test_forbidden_keys), cmocka_unit_test(test_playing),
    };
    return cmocka_run_group_tests(tests, make_run, drop_root);
}
