// The learner for programs that own their loop has the bits of a run.
#include "base/pool.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "learner/learner_impl.h"
#include "train/run_state.h"
#include "train/run_fixture.h"

static rb_error error;

#define OK(call)                                                                                             \
    do {                                                                                                     \
        if ((call) != RB_OK) fail_msg("%s", error.message);                                                  \
    } while (0)

static void same_network(const rb_net *a, const rb_net *b)
{
    assert_int_equal(rb_net_tensor_count(a), rb_net_tensor_count(b));
    for (int i = 0; i < rb_net_tensor_count(a); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(a, i, &info);
        float *x = malloc(info.count * sizeof *x), *y = malloc(info.count * sizeof *y);
        rb_net_tensor_get(a, i, x);
        rb_net_tensor_get(b, i, y);
        if (memcmp(x, y, info.count * sizeof *x)) fail_msg("%s differs", info.name);
        free(x);
        free(y);
    }
}

// ---- a run's environments, stepped by a loop of this test's own

typedef struct own_loop {
    rb_learner *learner;
    rb_vector *envs;
    rb_arena *arena;
    rb_pool *pool;
} own_loop;

static void open_loop(own_loop *loop, const rb_config *config)
{
    rb_vector_spec vector = rb_vector_spec_make(&config->params, (uint64_t)config->params.run.seed,
                                                (int)config->params.env.count);
    OK(rb_arena_create(&loop->arena, &error));
    OK(rb_pool_create(&loop->pool, 1, &error));
    OK(rb_vector_create(&loop->envs, &vector, loop->arena, &error));
    const rb_env_spec *env = rb_vector_env_spec(loop->envs);
    const rb_learner_spec spec = {.kind = env->kind,
                                  .channels = env->channels,
                                  .height = env->height,
                                  .width = env->width,
                                  .stack = env->stack,
                                  .actions = env->actions,
                                  .streams = rb_vector_count(loop->envs),
                                  .vector = env->vector};
    OK(rb_learner_create(&loop->learner, config, &spec, &error));
    OK(rb_vector_reset(loop->envs, &error));
}

static void close_loop(own_loop *loop)
{
    rb_learner_destroy(loop->learner);
    rb_vector_destroy(loop->envs);
    rb_pool_destroy(loop->pool);
    rb_arena_destroy(loop->arena);
}

// One step of all environments. `at_once`: in one call, else stream by stream.
static void step_all(own_loop *loop, bool begins, bool at_once)
{
    const int n = rb_vector_count(loop->envs);
    const size_t bytes = loop->learner->frame_bytes;
    static char seen[8 * 4096];
    int32_t actions[8];
    double rewards[8];
    uint8_t ends[8], cut[8];
    const rb_vector_result *r = rb_vector_results(loop->envs);
    for (int i = 0; i < n; i++) {
        const bool first = begins || r[i].terminated || r[i].truncated;
        memcpy(seen + (size_t)i * bytes,
               first ? rb_vector_first_frame(loop->envs, i) : rb_vector_next_frame(loop->envs, i), bytes);
    }
    OK(rb_learner_act_many(loop->learner, n, NULL, seen, NULL, actions, &error));
    rb_vector_start(loop->envs, loop->pool, actions);
    OK(rb_vector_wait(loop->envs, loop->pool, &error));
    for (int i = 0; i < n; i++) {
        rewards[i] = r[i].reward;
        ends[i] = r[i].terminated;
        cut[i] = r[i].truncated;
        memcpy(seen + (size_t)i * bytes, rb_vector_next_frame(loop->envs, i), bytes);
    }
    if (at_once) OK(rb_learner_observe_many(loop->learner, n, NULL, rewards, ends, cut, seen, NULL, &error));
    for (int i = 0; !at_once && i < n; i++)
        OK(rb_learner_observe(loop->learner, i, rewards[i], ends[i], cut[i], seen + (size_t)i * bytes, NULL,
                              &error));
}

// The weights of a learner in a loop of our own are those of a run with the same settings.
static void check_as_run(int count, const char *const *words, bool at_once)
{
    rb_config *config = configure(count, words);
    rb_run *run;
    own_loop loop;
    OK(rb_run_create(&run, config, NULL, &error));
    OK(rb_run_train(run, &error));
    open_loop(&loop, config);
    for (int64_t step = 0; step < config->params.run.max_steps; step += config->params.env.count)
        step_all(&loop, step == 0, at_once);
    OK(rb_learner_learn(loop.learner, 0, NULL, &error)); // a target update that the last step made due
    assert_true(rb_agent_updates(run->agent) > 20);
    assert_int_equal(rb_agent_updates(run->agent), rb_agent_updates(loop.learner->agent));
    same_network(rb_agent_online(run->agent), rb_agent_online(loop.learner->agent));
    if (rb_agent_target(run->agent))
        same_network(rb_agent_target(run->agent), rb_agent_target(loop.learner->agent));
    close_loop(&loop);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

#define CHECK_AS_RUN(at_once, ...)                                                                           \
    do {                                                                                                     \
        const char *const words[] = {__VA_ARGS__, "--eval.enabled=false", "--compute.threads=1"};            \
        check_as_run(sizeof words / sizeof *words, words, at_once);                                          \
    } while (0)

static void test_bits_of_a_run(void **state)
{
    (void)state;
    CHECK_AS_RUN(true, "cartpole", "--run.max_steps=900", "--agent.start_steps=100", "--net.mlp=32",
                 "--net.hidden=32", "--replay.capacity=500", "--agent.update_every_steps=2",
                 "--agent.target_every_steps=50");
    CHECK_AS_RUN(false, "cartpole", "--run.max_steps=900", "--run.name=noisy", "--agent.start_steps=100",
                 "--net.mlp=32", "--net.hidden=32", "--replay.capacity=500", "--env.count=3",
                 "--replay.prioritized=true", "--noisy", "--double", "--dueling", "--agent.categorical=true",
                 "--agent.n_step=3", "--agent.target_every_steps=0", "--agent.target_every_updates=20");
    CHECK_AS_RUN(true, "cartpole", "--run.max_steps=900", "--run.name=games", "--agent.start_steps=100",
                 "--net.mlp=32", "--net.hidden=32", "--replay.capacity=500", "--env.count=2",
                 "--explore.by=episodes", "--explore.share=0.9", "--agent.target_every_episodes=3",
                 "--agent.skip_episode_steps=4", "--optim.anneal=true", "--agent.group_updates=true",
                 "--env.reward_scale=0.5");
    CHECK_AS_RUN(false, "cartpole", "--run.max_steps=900", "--run.name=normalised", "--agent.start_steps=100",
                 "--net.mlp=32", "--net.hidden=32", "--replay.capacity=500", "--env.count=3", "--env.stack=2",
                 "--env.normalise=true", "--env.normalise_clip=2", "--agent.update_every_steps=4");
    CHECK_AS_RUN(true, "minatar/breakout", "--run.max_steps=400", "--agent.start_steps=60", "--net.hidden=16",
                 "--replay.capacity=300", "--env.count=2", "--env.stack=2", "--env.stack_start=black",
                 "--agent.batch=8");
    for (int at_once = 0; at_once < 2; at_once++) // a picture together with a vector
        CHECK_AS_RUN(at_once, RB_TEST_OWN "/both.so", "--run.max_steps=400",
                     at_once ? "--run.name=both" : "--run.name=both-single", "--agent.start_steps=60",
                     "--net.hidden=16", "--replay.capacity=300", "--env.count=2", "--env.stack=2",
                     "--agent.batch=8");
    for (int at_once = 0; at_once < 2; at_once++)
        CHECK_AS_RUN(at_once, "cartpole", "--preset=cartpole-pqn", "--run.max_steps=900",
                     at_once ? "--run.name=rollouts" : "--run.name=rollouts-single", "--env.count=3",
                     "--agent.rollout_steps=30", "--agent.minibatches=4", "--net.mlp=32", "--net.hidden=32");
    CHECK_AS_RUN(true, "minatar/breakout", "--preset=minatar-pqn", "--run.max_steps=600",
                 "--run.name=pictures", "--env.count=4", "--agent.rollout_steps=20", "--agent.minibatches=5",
                 "--net.hidden=16", "--env.stack=2", "--env.max_episode_steps=15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_of_a_run),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
