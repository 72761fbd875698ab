// A game step by step, compared with a plain one: the same environment stepped by hand, the network evaluated
// directly.
#include "train/run_fixture.h"

#include <math.h>

#include "agent/acting.h"
#include "rollout/game.h"
#include "train/run_state.h"

static rb_config *small(const char *categorical)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=300", "--replay.capacity=300",
                  "--agent.start_steps=60", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                  "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                  "--tensorboard.enabled=false");
    set(config, "agent.categorical", categorical);
    return config;
}

typedef struct world { // a run that has learned a little, and a game played by its agent
    rb_config *config;
    rb_run *run;
    rb_game *game;
} world;

static world make(const char *categorical, double epsilon)
{
    rb_error error = {0};
    world w = {.config = small(categorical)};
    w.run = create(w.config);
    if (rb_loop(w.run, 300, &error)) fail_msg("%s", error.message);
    const rb_game_spec spec = {.params = w.run->params,
                               .agent = w.run->agent,
                               .pool = w.run->pool,
                               .epsilon = epsilon,
                               .seed = 5,
                               .number = 3};
    if (rb_game_create(&w.game, &spec, &error)) fail_msg("%s", error.message);
    return w;
}

static void drop(world *w)
{
    rb_game_destroy(w->game);
    rb_run_destroy(w->run);
    rb_config_destroy(w->config);
}

// The environment of a game with seed 5 and number 3, and the same random stream for exploration.
typedef struct plain {
    const rb_env_class *class;
    rb_env *env;
    rb_rng explore_rng;
    float frame[4];
    uint8_t screen[3 * 400 * 600];
} plain;

static void make_plain(plain *p)
{
    const rb_env_options options = {.settings.name = "cartpole"};
    rb_rng rng = rb_rng_stream(5, RB_RNG_SHOW_ENV, 3);
    assert_int_equal(rb_env_find("cartpole", &p->class, NULL), RB_OK);
    assert_int_equal(p->class->create(&p->env, &options, rb_rng_u64(&rng), NULL), RB_OK);
    p->explore_rng = rb_rng_stream(5, RB_RNG_SHOW, 3);
    rb_error error = {0};
    assert_int_equal(p->class->reset(p->env, &error), RB_OK);
}

static void same_screen(plain *p, const rb_moment *m)
{
    p->class->render(p->env, p->screen);
    assert_memory_equal(m->screen, p->screen, sizeof p->screen);
}

// Q-values and distributions of the moment, computed from the network's own outputs in double precision.
static void same_values(world *w, rb_tape *tape, const rb_moment *m)
{
    int atoms;
    const float *support = rb_game_support(w->game, &atoms);
    const float *outputs = rb_net_forward(rb_agent_online(w->run->agent), tape, m->observation, 1, false);
    float acted[2];
    int32_t action;
    rb_rng explore_rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    for (int a = 0; a < 2; a++) {
        double sum = 0, mean = 0;
        for (int z = 0; z < atoms; z++) sum += exp((double)outputs[a * atoms + z]);
        for (int z = 0; z < atoms; z++) {
            const double p = exp((double)outputs[a * atoms + z]) / sum;
            if (support) mean += p * (double)support[z];
            if (support) assert_true(fabs(p - (double)m->probabilities[a * atoms + z]) < 1e-6);
        }
        if (!support) mean = (double)outputs[a];
        assert_true(fabs(mean - (double)m->q[a]) < 1e-4 * (1 + fabs(mean)));
    }
    if (!support) assert_null(m->probabilities);
    rb_agent_act_greedy(w->run->agent, m->observation, NULL, 1, 0, &explore_rng, &action, acted);
    assert_memory_equal(acted, m->q, sizeof acted); // bit-identical to what an evaluation acts on
    assert_int_equal(action, m->greedy);
}

static void plays_as_a_plain_loop(const char *categorical)
{
    world w = make(categorical, 0.3);
    static plain p;
    make_plain(&p);
    rb_tape *tape;
    assert_int_equal(rb_tape_create(&tape, rb_agent_online(w.run->agent), 1, false, w.run->arena, NULL),
                     RB_OK);
    double total = 0;
    int64_t game = 1, step = 0, randoms = 0;
    for (int k = 0; k < 250; k++) {
        const rb_moment *m = rb_game_look(w.game);
        assert_ptr_equal(m, rb_game_look(w.game)); // and makes no second random draw
        p.class->observe(p.env, p.frame);
        assert_memory_equal(m->observation, p.frame, sizeof p.frame);
        same_screen(&p, m);
        same_values(&w, tape, m);
        assert_false(m->over);
        assert_true(m->game == game && m->step == step && m->total_steps == k && m->game_return == total);
        int32_t action;
        rb_act_epsilon(&action, m->q, NULL, 1, 2, &(double){0.3}, &p.explore_rng);
        assert_int_equal(m->action, action);
        assert_int_equal(m->random, action != m->greedy);
        randoms += m->random;
        rb_env_step result = {0};
        rb_error error = {0};
        assert_int_equal(p.class->step(p.env, action, &result, &error), RB_OK);
        total += result.reward;
        step++;
        assert_int_equal(rb_game_step(w.game, RB_GAME_OWN, NULL), RB_OK);
        if (!result.terminated) continue;
        m = rb_game_look(w.game); // the end, with its screen; the observation is the last decision's
        assert_true(m->over && m->game == game && m->step == step && m->reward == 1 &&
                    m->game_return == total);
        assert_ptr_equal(m, rb_game_now(w.game));
        same_screen(&p, m);
        assert_memory_equal(m->observation, p.frame, sizeof p.frame);
        same_values(&w, tape, m);
        assert_int_equal(rb_game_step(w.game, RB_GAME_OWN, NULL), RB_OK);
        assert_int_equal(p.class->reset(p.env, &error), RB_OK);
        game++, step = 0, total = 0;
    }
    assert_in_range(game, 3, 60);
    assert_in_range(randoms, 15, 65); // probability 0.3, half of the draws greedy
    p.class->destroy(p.env);
    drop(&w);
}

static void test_scalar_agent(void **state)
{
    (void)state;
    plays_as_a_plain_loop("false");
}

static void test_agent_with_atoms(void **state)
{
    (void)state;
    plays_as_a_plain_loop("true");
}

static void test_hands(void **state)
{
    (void)state;
    world w = make("false", 0);
    const int64_t action = 1 - rb_game_look(w.game)->greedy;
    assert_int_equal(rb_game_step(w.game, (int)action, NULL), RB_OK); // chosen by the caller
    assert_int_equal(rb_game_now(w.game)->action, action);
    assert_false(rb_game_look(w.game)->random);
    rb_game_set_epsilon(w.game, 1);
    int randoms = 0;
    for (int k = 0; k < 60; k++) {
        assert_int_equal(rb_game_step(w.game, RB_GAME_OWN, NULL), RB_OK);
        randoms += rb_game_look(w.game)->random;
    }
    assert_in_range(randoms, 12, 48);
    const int64_t game = rb_game_look(w.game)->game;
    assert_int_equal(rb_game_restart(w.game, NULL), RB_OK);
    assert_true(rb_game_look(w.game)->game == game + 1 && rb_game_look(w.game)->step == 0);
    drop(&w);
}

static void test_without_an_agent(void **state)
{
    (void)state;
    world w = make("false", 0);
    rb_game *game;
    const rb_game_spec spec = {.params = w.run->params, .pool = w.run->pool, .seed = 1};
    assert_int_equal(rb_game_create(&game, &spec, NULL), RB_OK);
    int atoms;
    assert_null(rb_game_support(game, &atoms));
    assert_int_equal(atoms, 1);
    for (int k = 0; k < 30; k++) {
        const rb_moment *m = rb_game_look(game);
        assert_true(!m->q && !m->probabilities && m->screen);
        assert_int_equal(rb_game_step(game, k & 1, NULL), RB_OK);
    }
    rb_game_destroy(game);
    rb_game_destroy(NULL);
    drop(&w);
}

static void test_bad_environment(void **state)
{
    (void)state;
    world w = make("false", 0);
    set(w.config, "run.env", "cartpoel");
    const rb_game_spec spec = {.params = &w.config->params, .pool = w.run->pool};
    rb_error error = {0};
    rb_game *game;
    assert_int_equal(rb_game_create(&game, &spec, &error), RB_ERR_USAGE);
    assert_null(game);
    assert_non_null(strstr(error.message, "cartpole"));
    drop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalar_agent),    cmocka_unit_test(test_agent_with_atoms),
        cmocka_unit_test(test_hands),           cmocka_unit_test(test_without_an_agent),
        cmocka_unit_test(test_bad_environment),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
