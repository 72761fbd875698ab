// The processes behind Gymnasium environments: the same games with any number of processes, their seeds, and
// recovery after one is killed. Skipped if no interpreter has gymnasium.
#include <signal.h>

#include "base/rng.h"
#include "env/gym_tests.h"
#include "env/vector.h"

typedef struct bench { // a vector and what it needs
    rb_arena *arena;
    rb_pool *pool;
    rb_vector *envs;
    char told[8][1024]; // notices
    int notices;
} bench;

static void hear(void *context, rb_log_level level, const char *message)
{
    bench *b = context;
    assert_int_equal(level, RB_LOG_WARNING);
    if (b->notices < 8) snprintf(b->told[b->notices], sizeof b->told[0], "%s", message);
    b->notices++;
}

static rb_log bench_log;

static int seconds_given; // gym.timeout_seconds; 0: the usual
static bool looks_for_masks;

static void open_bench(bench *b, const char *name, const char *kwargs, int count, int workers, int threads,
                       uint64_t seed)
{
    rb_error error = {0};
    *b = (bench){0};
    bench_log = (rb_log){hear, b};
    rb_vector_spec spec = {
        .settings.name = name,
        .settings.env = {.workers = workers, .asynchronous = true, .masks = looks_for_masks},
        .settings.gym = gym_params(kwargs),
        .threads = threads,
        .log = &bench_log,
        .seed = seed,
        .purpose = RB_RNG_ENV,
        .count = count};
    if (seconds_given) spec.settings.gym.timeout_seconds = seconds_given;
    assert_int_equal(rb_arena_create(&b->arena, &error), RB_OK);
    assert_int_equal(rb_pool_create(&b->pool, threads, &error), RB_OK);
    if (rb_vector_create(&b->envs, &spec, b->arena, &error)) fail_msg("%s", error.message);
    if (rb_vector_reset(b->envs, &error)) fail_msg("%s", error.message);
}

static void close_bench(bench *b)
{
    rb_vector_destroy(b->envs);
    rb_pool_destroy(b->pool);
    rb_arena_destroy(b->arena);
}

static void turn(bench *b, const int32_t *actions)
{
    rb_error error = {0};
    rb_vector_start(b->envs, b->pool, actions);
    if (rb_vector_wait(b->envs, b->pool, &error)) fail_msg("%s", error.message);
}

static bool is_there(int pid)
{
    return !kill(pid, 0);
}

static int workers_of(bench *b, int *pids)
{
    int found = 0;
    for (int i = 0; i < rb_vector_count(b->envs); i++) {
        int pid = rb_gym_worker(rb_vector_env(b->envs, i));
        if (!found || pids[found - 1] != pid) pids[found++] = pid;
    }
    return found;
}

// FNV-1a over all observations and results.
static void mix(uint64_t *hash, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) *hash = (*hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
}

static uint64_t play(int workers, int threads, int expected_workers, uint64_t seed)
{
    enum { COUNT = 16, TURNS = 150 };
    bench b;
    open_bench(&b, "gym/CartPole-v1", "", COUNT, workers, threads, seed);
    int pids[COUNT];
    assert_int_equal(workers_of(&b, pids), expected_workers);
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    uint64_t hash = 14695981039346656037u;
    for (int t = 0; t < TURNS; t++) {
        int32_t actions[COUNT];
        for (int i = 0; i < COUNT; i++)
            actions[i] = t % 7 == i % 7 ? RB_VECTOR_REST : (int32_t)rb_rng_below(&rng, 2);
        turn(&b, actions);
        const rb_vector_result *results = rb_vector_results(b.envs);
        mix(&hash, rb_vector_observations(b.envs), COUNT * 4 * sizeof(float));
        for (int i = 0; i < COUNT; i++) {
            mix(&hash, &results[i].game_return, sizeof(double));
            mix(&hash, rb_vector_next_frame(b.envs, i), 4 * sizeof(float));
        }
    }
    close_bench(&b);
    for (int w = 0; w < expected_workers; w++) assert_false(is_there(pids[w]));
    return hash;
}

static void test_any_number_of_workers_plays_the_same(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    uint64_t one = play(1, 1, 1, 5);
    assert_true(play(2, 1, 2, 5) == one);
    assert_true(play(0, 2, 2, 5) == one); // one for each thread
    assert_true(play(5, 2, 5, 5) == one);
    assert_true(play(2, 1, 2, 6) != one);
}

// Environment i gets seed + i.
static void test_seeds_count_up(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 3, 2, 1, 41);
    const float *seen = rb_vector_observations(b.envs);
    for (int i = 0; i < 3; i++) {
        assert_true(seen[4 * i] == 41 + i);
        assert_true(seen[4 * i + 1] == 1); // the first game
    }
    turn(&b, (int32_t[]){TERMINATE, PLAY, TRUNCATE});
    assert_true(rb_vector_results(b.envs)[0].terminated && !rb_vector_results(b.envs)[0].truncated);
    assert_true(rb_vector_results(b.envs)[2].truncated && !rb_vector_results(b.envs)[2].terminated);
    assert_true(seen[0] == 41 && seen[1] == 2); // continues its random numbers
    close_bench(&b);
}

// The error begins with the environment's number; the other environments' steps are completed.
static void test_not_a_number(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    static const struct {
        int action;
        const char *sentence;
    } faults[] = {{GIVE_NAN, "environment 1: gym: value 2 of an observation is NaN"},
                  {GIVE_INFINITE, "environment 1: gym: value 1 of an observation is infinite"},
                  {NAN_REWARD, "environment 1: gym returned a reward that is not a finite number"}};
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 2, 1, 1, 41);
    for (int i = 0; i < 3; i++) {
        rb_error error = {0};
        rb_vector_start(b.envs, b.pool, (int32_t[]){PLAY, faults[i].action});
        assert_int_equal(rb_vector_wait(b.envs, b.pool, &error), RB_ERR_NUMBER);
        assert_memory_equal(error.message, faults[i].sentence, strlen(faults[i].sentence));
        assert_int_equal(rb_vector_reset(b.envs, &error), RB_OK);
    }
    close_bench(&b);
}

// All games of a killed worker are cut, the others continue, and one notice reports it.
static void killed(int in_step)
{
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 6, 2, 1, 100);
    const float *seen = rb_vector_observations(b.envs);
    const int32_t plays[6] = {PLAY, PLAY, PLAY, PLAY, PLAY, PLAY},
                  hangs[6] = {PLAY, HANG, PLAY, PLAY, PLAY, PLAY};
    for (int t = 0; t < 4; t++) turn(&b, plays);
    int before = rb_gym_worker(rb_vector_env(b.envs, 0)), other = rb_gym_worker(rb_vector_env(b.envs, 3));
    assert_int_not_equal(before, other);
    rb_error error = {0};
    if (!in_step) kill(before, SIGKILL);
    rb_vector_start(b.envs, b.pool, in_step ? hangs : plays);
    if (in_step) {
        usleep(100000);
        kill(before, SIGKILL);
    }
    if (rb_vector_wait(b.envs, b.pool, &error)) fail_msg("%s", error.message);
    const rb_vector_result *results = rb_vector_results(b.envs);
    int cut = 0;
    for (int i = 0; i < 3; i++) {
        cut += results[i].cut;
        if (!results[i].cut) continue; // it may have been quicker
        assert_false(results[i].game_over || results[i].terminated || results[i].truncated);
        assert_true(results[i].game_return == 0);
        assert_true(seen[4 * i + 1] == 1 && seen[4 * i + 2] == 0); // a new environment's first game
        assert_true(seen[4 * i] != (float)(100 + i));              // and not the one it played before
        assert_memory_equal(rb_vector_first_frame(b.envs, i), &seen[4 * i], 16);
    }
    assert_true(in_step ? cut >= 1 : cut == 3);
    for (int i = 3; i < 6; i++) {
        assert_false(results[i].cut);
        assert_true(seen[4 * i + 2] == 5);
    }
    int after = rb_gym_worker(rb_vector_env(b.envs, 0));
    assert_int_not_equal(after, before);
    assert_false(is_there(before));
    assert_int_equal(rb_gym_worker(rb_vector_env(b.envs, 3)), other);
    for (int t = 0; t < 3; t++) turn(&b, plays);
    assert_int_equal(b.notices, 1);
    if (!strstr(
            b.told[0],
            "was killed by signal 9 (Killed); another one was started, with new games for 3 environments"))
        fail_msg("%s", b.told[0]);
    assert_non_null(strstr(b.told[0], "environment "));
    close_bench(&b);
    assert_false(is_there(after) || is_there(other));
}

static void test_a_worker_killed_between_steps(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    killed(0);
}

static void test_a_worker_killed_in_a_step(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    killed(1);
}

// A worker that exits by itself, in a step and in a reset.
static void test_an_environment_that_kills_its_worker(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 1, 1, 1, 1);
    for (int t = 0; t < 2; t++) {
        turn(&b, (int32_t[]){PLAY});
        turn(&b, (int32_t[]){t ? LEAVE : DIE});
        assert_true(rb_vector_results(b.envs)[0].cut);
    }
    turn(&b, (int32_t[]){PLAY});
    assert_false(rb_vector_results(b.envs)[0].cut);
    assert_int_equal(b.notices, 2);
    assert_non_null(strstr(b.told[1], "ended with exit status 3; another one"));
    close_bench(&b);

    open_bench(&b, "gym/rainbow/Odd-v0", "{\"reset_does\": \"die\"}", 1, 1, 1, 1);
    turn(&b, (int32_t[]){TERMINATE}); // its second game kills; a new worker's first one does not
    assert_true(rb_vector_results(b.envs)[0].terminated && !rb_vector_results(b.envs)[0].cut);
    assert_int_equal(b.notices, 1);
    close_bench(&b);
}

// Asynchronous: environments that are ready do not wait for one that hangs, and one whose worker was killed
// is returned too.
static void test_some_at_a_time(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 3, 3, 1, 1);
    const int32_t actions[3] = {PLAY, HANG, PLAY};
    int which[3] = {0, 1, 2}, count, seen[3] = {0};
    rb_error error = {0};
    rb_vector_start_some(b.envs, b.pool, actions, which, 3);
    for (int turns = 0; turns < 20 || !seen[0] || !seen[2]; turns++) {
        if (rb_vector_wait_some(b.envs, b.pool, which, &count, &error)) fail_msg("%s", error.message);
        assert_true(count >= 1 && count <= 2);
        for (int k = 0; k < count; k++) seen[which[k]]++;
        rb_vector_start_some(b.envs, b.pool, actions, which, count);
    }
    assert_int_equal(seen[1], 0);
    kill(rb_gym_worker(rb_vector_env(b.envs, 1)), SIGKILL);
    for (bool came = false; !came;) {
        if (rb_vector_wait_some(b.envs, b.pool, which, &count, &error)) fail_msg("%s", error.message);
        if (!count) break;
        for (int k = 0; k < count; k++) came = came || which[k] == 1;
    }
    assert_true(rb_vector_results(b.envs)[1].cut);
    assert_int_equal(b.notices, 1);
    if (rb_vector_wait(b.envs, b.pool, &error)) fail_msg("%s", error.message);
    close_bench(&b);
}

// Asynchronous: the timeout also applies if no other environment has a pending step.
static void test_all_hang_at_a_time(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    seconds_given = 8; // to start in as well
    open_bench(&b, "gym/rainbow/Odd-v0", "", 2, 2, 1, 1);
    seconds_given = 0;
    int which[2] = {0, 1}, count;
    rb_error error = {0};
    rb_vector_start_some(b.envs, b.pool, (const int32_t[]){HANG, HANG}, which, 2);
    if (rb_vector_wait_some(b.envs, b.pool, which, &count, &error)) fail_msg("%s", error.message);
    assert_true(count >= 1 && rb_vector_results(b.envs)[which[0]].cut);
    if (!strstr(b.told[0], "did not answer to step() within 8 s")) fail_msg("%s", b.told[0]);
    close_bench(&b);
}

// gym.timeout_seconds is for each environment that a worker makes, not for all of them together, although the
// first one is asked for its masks before the last is made.
static void test_slow_to_make(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    looks_for_masks = true;
    seconds_given = 8; // three environments more take 9
    open_bench(&b, "gym/rainbow/Slow-v0", "{\"seconds\": 3}", 4, 1, 1, 1);
    looks_for_masks = false;
    seconds_given = 0;
    close_bench(&b);
}

// A worker that keeps dying without a step in between is not restarted for ever.
static void test_a_worker_that_dies_again_and_again(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 1, 1, 1, 1);
    rb_error error = {0};
    rb_status status = RB_OK;
    for (int t = 0; t < 5 && !status; t++) {
        rb_vector_start(b.envs, b.pool, (int32_t[]){DIE});
        status = rb_vector_wait(b.envs, b.pool, &error);
    }
    assert_int_equal(status, RB_ERR_ENV);
    assert_non_null(strstr(error.message, "environment 0: gym/rainbow/Odd-v0: its worker (process "));
    assert_non_null(strstr(error.message, "was killed by signal 9 (Killed), 3 times before its first step"));
    close_bench(&b);
}

// Each death comes after a step, so the worker works; but no game comes to its end.
static void test_no_game_to_its_end(void **state)
{
    (void)state;
    NEEDS_GYMNASIUM();
    bench b;
    open_bench(&b, "gym/rainbow/Odd-v0", "", 1, 1, 1, 1);
    rb_error error = {0};
    rb_status status = RB_OK;
    int deaths = 0;
    turn(&b, (int32_t[]){DIE});
    turn(&b, (int32_t[]){TERMINATE}); // restarts the count
    for (; deaths < 20 && !status; deaths++) {
        turn(&b, (int32_t[]){PLAY});
        rb_vector_start(b.envs, b.pool, (int32_t[]){DIE});
        status = rb_vector_wait(b.envs, b.pool, &error);
    }
    assert_int_equal(status, RB_ERR_ENV);
    assert_int_equal(deaths, 10); // 9, had the game that came to its end not been counted
    assert_non_null(
        strstr(error.message, "was killed by signal 9 (Killed), and it was replaced 9 times without a game"));
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_workers_plays_the_same),
        cmocka_unit_test(test_seeds_count_up),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_a_worker_killed_between_steps),
        cmocka_unit_test(test_a_worker_killed_in_a_step),
        cmocka_unit_test(test_an_environment_that_kills_its_worker),
        cmocka_unit_test(test_a_worker_that_dies_again_and_again),
        cmocka_unit_test(test_no_game_to_its_end),
        cmocka_unit_test(test_slow_to_make),
        cmocka_unit_test(test_some_at_a_time),
        cmocka_unit_test(test_all_hang_at_a_time),
    };
    return cmocka_run_group_tests(tests, find_gymnasium, NULL);
}
