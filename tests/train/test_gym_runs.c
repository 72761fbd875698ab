// Whole trainings on Gymnasium environments: the same run with any number of workers and threads, one that
// loses a worker, one that is resumed, and one whose trainer is killed. Skipped if no interpreter has
// gymnasium.
#include "train/run_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "env/gym.h"
#include "train/checkpoint.h"
#include "rollout/game.h"
#include "train/run_state.h"

static rb_gym_python python;

static int find_all(void **state)
{
    rb_error error = {0};
    if (rb_gym_probe("", &python, &error)) print_message("skipped: %s\n", error.message);
    return make_root(state);
}

#define NEEDS_GYMNASIUM()                                                                                    \
    if (!*python.gymnasium) skip()

static rb_config *small(const char *count, const char *workers, const char *threads)
{
    rb_config *config = CONFIGURE("gym/CartPole-v1", "--preset=cartpole", "--run.max_steps=1200",
                                  "--replay.capacity=800", "--agent.start_steps=100", "--agent.batch=8",
                                  "--agent.update_every_steps=4", "--net.hidden=16", "--net.mlp=16",
                                  "--eval.every_steps=0", "--eval.episodes=2", "--checkpoint.every_steps=0");
    set(config, "env.count", count);
    set(config, "env.workers", workers);
    set(config, "compute.threads", threads);
    return config;
}

static uint64_t loop_hash(const char *workers, const char *threads)
{
    rb_error error = {0};
    rb_config *config = small("16", workers, threads);
    rb_run *run = create(config);
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    rb_config_destroy(config);
    return hash;
}

// Pictures of floats, with their channels last or first, go through the convolutions that net.trunk = auto
// chooses, and are learned from.
static void test_pictures_of_floats(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    setenv("PYTHONPATH", RB_TEST_DATA "/../env/gym", 1);
    for (int last = 0; last < 2; last++) {
        rb_config *config = CONFIGURE(
            "gym/rainbow/FloatPicture-v0", "--gym.import=rainbow_gym_float", "--preset=cartpole-dqn",
            "--run.max_steps=4000", "--agent.start_steps=200", "--agent.gamma=0", "--net.trunk=auto",
            "--net.hidden=32", "--env.stack=1", "--optim.learning_rate=0.001", "--agent.update_every_steps=2",
            "--agent.updates=1", "--agent.batch=32", "--eval.every_steps=0", "--eval.episodes=20",
            "--compute.threads=1", "--tensorboard.enabled=false", "--run.overwrite=true");
        set(config, "gym.channels", last ? "last" : "first");
        set(config, "gym.kwargs", last ? "{\"last\": true}" : "{\"last\": false}");
        rb_error error = {0};
        rb_run *run = create(config);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        const rb_net_spec *net = rb_net_spec_of(rb_agent_online(run->agent));
        rb_net_tensor first;
        rb_net_tensor_info(rb_agent_online(run->agent), 0, &first);
        assert_false(net->bytes);
        assert_int_equal(net->planes, 2);
        assert_int_equal(net->height, 12);
        assert_int_equal(net->width, 12);
        assert_string_equal(first.name, "trunk.0.weight");
        assert_int_equal(first.dims, 4); // a convolution
        rb_eval_result result;
        const rb_eval_options options = {.episodes = 20, .epsilon = 0};
        if (rb_evaluate(rb_run_directory(run), &options, &result, &error)) fail_msg("%s", error.message);
        print_message("mean %g of at most 10\n", result.mean);
        assert_true(result.mean >= 9); // random play: 5
        rb_eval_result_free(&result);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

static void test_workers_and_threads_do_not_matter(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    uint64_t hash = loop_hash("1", "1");
    assert_true(loop_hash("2", "1") == hash);
    assert_true(loop_hash("2", "2") == hash);
    assert_true(loop_hash("0", "3") == hash);
}

typedef struct ear {
    char warnings[4][512];
    int count;
} ear;

static void hear(void *context, bool warning, const char *text)
{
    ear *e = context;
    if (!warning) return;
    if (e->count < 4) snprintf(e->warnings[e->count], sizeof e->warnings[0], "%s", text);
    e->count++;
}

// The lost steps are not in replay; everything else is, and the run finishes.
static void test_a_worker_killed_in_a_training(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    ear e = {0};
    rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_config *config = small("4", "2", "1");
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    for (int64_t step = 200; step <= 600; step += 200) {
        if (rb_loop(run, step, &error)) fail_msg("%s", error.message);
        assert_int_equal(rb_replay_size(run->replay), step - (step / 200 - 1) * 2);
        kill(rb_gym_worker(rb_vector_env(run->envs, 1)), SIGKILL); // with two environments
    }
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, 1200);
    assert_int_equal(e.count, 3);
    assert_non_null(strstr(e.warnings[2], "was killed by signal 9 (Killed); another one was started"));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The environment can't be saved: the run reports this and resumes with new games.
static void test_a_resumed_run_begins_new_games(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    ear e = {0};
    rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_config *config = small("2", "1", "1");
    rb_error error = {0};
    char directory[RB_PATH_MAX];
    float starts[2 * 4]; // first observations of its first games
    rb_run *run = create(config);
    if (rb_vector_reset(run->envs, &error)) fail_msg("%s", error.message);
    memcpy(starts, rb_vector_observations(run->envs), sizeof starts);
    rb_run_destroy(run);
    run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 500, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_checkpoint_write(run, &error), RB_OK);
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, &hooks, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, 500);
    const float *seen = rb_vector_observations(run->envs);
    assert_memory_not_equal(seen, starts, sizeof starts); // different from its first games
    assert_int_equal(rb_replay_size(run->replay), 500);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(e.count, 1);
    assert_non_null(
        strstr(e.warnings[0], "gym/CartPole-v1 can't save its state: the run resumes with new games"));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The number of processes with this word among their arguments.
static int processes_with(const char *word)
{
    DIR *all = opendir("/proc");
    int found = 0;
    assert_non_null(all);
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[300], line[8192];
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *file = strspn(entry->d_name, "0123456789") == strlen(entry->d_name) ? fopen(path, "r") : NULL;
        if (!file) continue;
        size_t bytes = fread(line, 1, sizeof line - 1, file);
        fclose(file);
        line[bytes] = 0;
        for (char *at = line; at < line + bytes; at += strlen(at) + 1) found += !strcmp(at, word);
    }
    closedir(all);
    return found;
}

// kill -9: no cleanup is possible, and yet no worker remains, not even one in the middle of a step that never
// ends.
static void test_no_orphans_of_a_killed_trainer(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    setenv("PYTHONPATH", RB_TEST_DATA "/../env/gym", 1);
    char word[64]; // a word that no other process has
    snprintf(word, sizeof word, "{\"max_episode_steps\": %ld}", (long)getpid() + 1000);
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t trainer = fork();
    assert_true(trainer >= 0);
    if (trainer == 0) {
        rb_error error = {0};
        rb_arena *arena;
        rb_pool *pool;
        rb_vector *envs;
        rb_vector_spec spec = {
            .settings.name = "gym/rainbow/Odd-v0",
            .settings.env.workers = 3,
            .settings.gym = {.timeout_seconds = 100, .restarts = 9, .import = "rainbow_gym_odd"},
            .purpose = RB_RNG_ENV,
            .count = 4};
        snprintf(spec.settings.gym.kwargs, sizeof spec.settings.gym.kwargs, "%s", word);
        snprintf(spec.settings.gym.python, sizeof spec.settings.gym.python, "%s", python.path);
        if (rb_arena_create(&arena, &error) || rb_pool_create(&pool, 1, &error) ||
            rb_vector_create(&envs, &spec, arena, &error) || rb_vector_reset(envs, &error))
            _exit(10);
        rb_vector_start(envs, pool, (const int32_t[]){16, 0, 16, 0}); // two hang
        if (write(ready[1], "!", 1) != 1) _exit(11);
        rb_vector_wait(envs, pool, &error);
        _exit(12);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(processes_with(word), 3);
    usleep(50000);
    kill(trainer, SIGKILL);
    int status;
    assert_int_equal(waitpid(trainer, &status, 0), trainer);
    assert_true(WIFSIGNALED(status));
    for (int i = 0; i < 1000 && processes_with(word); i++) usleep(10000);
    assert_int_equal(processes_with(word), 0);
}

// Recordings and windows request what an environment draws; trainings do not.
static void test_a_game_is_seen(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    setenv("PYTHONPATH", RB_TEST_DATA "/../env/gym", 1);
    rb_config *config = CONFIGURE("gym/rainbow/Draw-v0", "--preset=cartpole", "--run.max_steps=100",
                                  "--gym.import=rainbow_gym_odd", "--net.hidden=16", "--net.mlp=16");
    rb_run *run = create(config);
    assert_int_equal(rb_vector_env_spec(run->envs)->screen_height, 0);
    rb_game *game;
    rb_error error = {0};
    const rb_game_spec spec = {.params = run->params, .pool = run->pool, .seed = 1};
    if (rb_game_create(&game, &spec, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_game_env(game)->screen_height, 4);
    assert_int_equal(rb_game_env(game)->screen_width, 5);
    const uint8_t *screen = rb_game_look(game)->screen;
    assert_int_equal(screen[0], 2 * 31); // the game of the module's `pixel`, and its step
    if (rb_game_step(game, 0, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_game_look(game)->screen[0], 2 * 31 + 7);
    if (rb_game_step(game, 1, &error)) fail_msg("%s", error.message); // terminate
    assert_true(rb_game_now(game)->over);
    assert_int_equal(rb_game_now(game)->screen[0], 2 * 31 + 14);
    rb_game_destroy(game);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Another interpreter for a run's files, as --python has it: used, and refused where no Python is needed.
static void test_another_interpreter(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    rb_config *config = small("1", "1", "1");
    set(config, "run.name", "moved");
    set(config, "run.max_steps", "120");
    rb_error error = {0};
    rb_run *run = create(config);
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", run->directory);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    rb_config_destroy(config);

    const rb_eval_options once = {.episodes = 1, .threads = 1, .seed = 1};
    rb_eval_result result;
    rb_config_use_python("/nowhere/python");
    assert_int_equal(rb_evaluate(directory, &once, &result, &error), RB_ERR_MISSING);
    assert_non_null(strstr(error.message, "gym.python: /nowhere/python can't be started"));
    rb_config_use_python(python.path);
    if (rb_evaluate(directory, &once, &result, &error)) fail_msg("%s", error.message);
    rb_eval_result_free(&result);
    rb_config_use_python(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_of_floats),
        cmocka_unit_test(test_workers_and_threads_do_not_matter),
        cmocka_unit_test(test_a_worker_killed_in_a_training),
        cmocka_unit_test(test_a_resumed_run_begins_new_games),
        cmocka_unit_test(test_no_orphans_of_a_killed_trainer),
        cmocka_unit_test(test_a_game_is_seen),
        cmocka_unit_test(test_another_interpreter),
    };
    return cmocka_run_group_tests(tests, find_all, drop_root);
}
