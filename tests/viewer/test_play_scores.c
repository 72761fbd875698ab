// The scores shown beside a player: of which runs, in which order, and the player's own, kept in a file.
#include "train/run_fixture.h"

#include "viewer/play_scores.h"

static void write_text(const char *path, const char *text)
{
    rb_error error = {0};
    if (rb_file_write(path, text, strlen(text), &error)) fail_msg("%s", error.message);
}

static void make_run(const char *where, const char *name, const char *env, const char *evaluations)
{
    char path[256], text[256];
    snprintf(path, sizeof path, "%s/%s", where, name);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/%s/config.ini", where, name);
    snprintf(text, sizeof text, "run.env = %s\n", env);
    write_text(path, text);
    if (!evaluations) return;
    snprintf(path, sizeof path, "%s/%s/eval.csv", where, name);
    snprintf(text, sizeof text, "step,frames,episodes,mean,std,min,max,median,seconds\n%s", evaluations);
    write_text(path, text);
}

static void test_same_game(void **state)
{
    (void)state;
    assert_true(rb_same_game("atari/ms_pacman", "ALE/MsPacman-v5"));
    assert_true(rb_same_game("atari/breakout", "BreakoutNoFrameskip-v4"));
    assert_false(rb_same_game("atari/breakout", "minatar/breakout"));
    assert_false(rb_same_game("atari/breakout", "atari/pong"));
    assert_true(rb_same_game("minatar/space_invaders", "MinAtar/SpaceInvaders-v1"));
    assert_true(rb_same_game("cartpole", "CartPole-v1"));
    assert_false(rb_same_game("cartpole", "cartpole-pixels"));
    assert_true(rb_same_game("gym/LunarLander-v2", "gym/LunarLander-v3"));
    assert_true(rb_same_game("./my_env.so", "./my_env.so"));
    assert_false(rb_same_game("./my_env.so", "other/my_env.so"));
}

static void test_agents(void **state)
{
    (void)state;
    char where[128];
    rb_error error = {0};
    rb_score_list list;
    snprintf(where, sizeof where, "%s/agents", root);
    assert_int_equal(rb_score_list_read(&list, where, "cartpole", &error), RB_OK); // nothing there yet
    assert_int_equal(list.count, 0);
    make_run(where, "g/low", "cartpole", "10,10,2,3,0,3,3,3,1\n20,20,2,5.5,0,3,8,5,1\n");
    make_run(where, "g/high", "CartPole-v1", "100,100,2,90,0,3,3,3,1\n");
    make_run(where, "h/mid", "gym/CartPole-v1", "100,100,2,30,0,3,3,3,1\n");
    make_run(where, "h/other", "acrobot", "100,100,2,31,0,3,3,3,1\n");
    make_run(where, "h/unseen", "cartpole", NULL);
    make_run(where, "h/none", "cartpole", "");
    make_run(where, "h/broken", "cartpole", "1,2,a lot\n");
    make_run(where, "h/deeper/run", "cartpole", "100,100,2,32,0,3,3,3,1\n"); // not GROUP/NAME
    if (rb_score_list_read(&list, where, "cartpole", &error)) fail_msg("%s", error.message);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.list[0].name, "g/high");
    assert_string_equal(list.list[1].name, "h/mid");
    assert_string_equal(list.list[2].name, "g/low");
    assert_true(list.list[2].value == 5.5 && list.list[2].steps == 20 && list.list[2].kind == RB_SCORE_AGENT);
    rb_score_list_free(&list);
}

static const rb_score *yours(const rb_score_list *list)
{
    for (int i = 0; i < list->count; i++)
        if (list->list[i].kind == RB_SCORE_YOU) return &list->list[i];
    return NULL;
}

static void test_the_player(void **state)
{
    (void)state;
    static const char odd[] = "./an \"odd\", name.so";
    char where[128], path[RB_PATH_MAX];
    rb_error error = {0};
    rb_score_list list;
    snprintf(where, sizeof where, "%s/player", root);
    const struct {
        const char *env;
        double value;
    } games[] = {{"cartpole", 20}, {odd, -3.5}, {"CartPole-v1", 41}, {"acrobot", 500}, {"cartpole", 12}};
    for (size_t i = 0; i < sizeof games / sizeof *games; i++)
        if (rb_score_keep(where, games[i].env, games[i].value, 7, path, &error))
            fail_msg("%s", error.message);
    make_run(where, "g/a", "cartpole", "100,100,2,30,0,3,3,3,1\n");
    assert_int_equal(rb_score_list_read(&list, where, "cartpole", &error), RB_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.games, 3);
    assert_true(list.list[0].kind == RB_SCORE_YOU && list.list[0].value == 41);
    assert_int_equal(rb_score_list_raise(&list, 40, &error), RB_OK); // not higher
    assert_true(list.count == 2 && yours(&list)->value == 41);
    assert_int_equal(rb_score_list_raise(&list, 50, &error), RB_OK);
    assert_true(list.count == 2 && yours(&list)->value == 50);
    rb_score_list_free(&list);
    assert_int_equal(rb_score_list_read(&list, where, odd, &error), RB_OK);
    assert_true(list.count == 1 && yours(&list)->value == -3.5);
    rb_score_list_free(&list);
    assert_int_equal(rb_score_list_read(&list, where, "mountaincar", &error), RB_OK);
    assert_null(yours(&list));
    rb_score_list_free(&list);
    write_text(path, "a file of somebody else's\n");
    assert_int_equal(rb_score_keep(where, "cartpole", 1, 1, path, &error), RB_ERR_FORMAT); // unchanged
}

static void test_published(void **state)
{
    (void)state;
    char where[128];
    rb_error error = {0};
    rb_score_list list;
    snprintf(where, sizeof where, "%s/published", root);
    make_run(where, "g/a", "atari/breakout", "100,100,2,18.5,0,3,3,3,1\n");
    assert_int_equal(rb_score_list_read(&list, where, "ALE/Breakout-v5", &error), RB_OK);
    assert_int_equal(list.count, 3); // 30.5, 18.5, 1.7: Wang et al. 2016
    assert_true(list.list[0].kind == RB_SCORE_HUMAN && list.list[0].value == 30.5);
    assert_true(list.list[1].kind == RB_SCORE_AGENT && list.list[1].value == 18.5);
    assert_true(list.list[2].kind == RB_SCORE_RANDOM && list.list[2].value == 1.7);
    rb_score_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_game),
        cmocka_unit_test(test_agents),
        cmocka_unit_test(test_the_player),
        cmocka_unit_test(test_published),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
