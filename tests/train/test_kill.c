// A run that is really killed, by SIGKILL, and resumed in another process: it ends exactly where an
// uninterrupted run ends, and its tables hold the same rows, each once.
//
// A killed process writes nothing more, so what the newest checkpoint stores about the tables must be on the
// disk before the checkpoint is (rb_metrics_sync in train/checkpoint.c): rows of the last tenth of a second
// are still in the process's own buffers when it dies.
#include "train/run_fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include "train/run_state.h"

enum { STEPS = 900, CHECKPOINT_EVERY = 50 };

static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=500",
                     "--agent.start_steps=100", "--agent.batch=8", "--agent.target_every_steps=150",
                     "--eval.every_steps=150", "--eval.episodes=2", "--checkpoint.every_steps=50",
                     "--net.hidden=16", "--net.mlp=16", "--compute.threads=2");
}

// In a separate process: makes the run, or resumes the existing one, and is killed after `step` (0: trains to
// the end, so that the caller can kill it).
static pid_t start(rb_config *config, const char *directory, int64_t step)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child) return child;
    rb_run *run;
    rb_status status = rb_file_exists(directory) ? rb_run_resume(&run, directory, 0, NULL, NULL, NULL)
                                                 : rb_run_create(&run, config, NULL, NULL);
    if (status) _exit(10);
    if (rb_loop(run, step ? step : STEPS, NULL)) _exit(11);
    if (step) kill(getpid(), SIGKILL);
    _exit(0);
}

// The exit status; -1: it was killed.
static int end_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return -1;
}

// The rows of a table without the column of seconds and those after it.
static char *rows_of(const char *directory, const char *file)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes, kept = 0, columns_before = 0, column = 0;
    assert_int_equal(rb_path_join(path, sizeof path, directory, file, NULL), RB_OK);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    const char *seconds = strstr(text, ",seconds");
    assert_non_null(seconds);
    for (const char *at = text; at < seconds; at++) columns_before += *at == ',';
    for (size_t i = 0; i < bytes; i++) {
        column = text[i] == '\n' ? 0 : column + (text[i] == ',');
        if (column <= columns_before) text[kept++] = text[i];
    }
    text[kept] = 0;
    return text;
}

typedef struct ending { // the result of a whole run
    uint64_t hash;
    char *train, *eval;
} ending;

static ending end_run(rb_run *run)
{
    rb_error error = {0};
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    ending e = {.hash = hash_of(run)};
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    e.train = rows_of(directory, "train.csv");
    e.eval = rows_of(directory, "eval.csv");
    return e;
}

static void free_ending(ending *e)
{
    free(e->train);
    free(e->eval);
}

static ending straight; // the uninterrupted run

static int make_straight(void **state)
{
    if (make_root(state)) return -1;
    rb_config *config = small();
    straight = end_run(create(config));
    rb_config_destroy(config);
    return 0;
}

static int drop_straight(void **state)
{
    free_ending(&straight);
    return drop_root(state);
}

// Resumes a killed run in this process, trains it to its end, and compares it with the uninterrupted one.
static void assert_goes_on(const char *directory)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step % CHECKPOINT_EVERY, 0);
    ending resumed = end_run(run);
    assert_true(resumed.hash == straight.hash);
    assert_string_equal(resumed.train, straight.train);
    assert_string_equal(resumed.eval, straight.eval);
    free_ending(&resumed);
}

static rb_config *named(char *directory, const char *name, int number)
{
    rb_config *config = small();
    char text[32];
    snprintf(text, sizeof text, "%s%d", name, number);
    set(config, "run.name", text);
    snprintf(directory, RB_PATH_MAX, "%s/default/%s", root, text);
    return config;
}

// Killed before the first checkpoint (the run restarts); at one, before and after learning began; at one that
// is also an evaluation; and between two.
static void test_killed_once(void **state)
{
    (void)state;
    const int64_t moments[] = {30, 50, 250, 300, 470, 850};
    for (int i = 0; i < (int)(sizeof moments / sizeof *moments); i++) {
        char directory[RB_PATH_MAX];
        rb_config *config = named(directory, "once", i);
        assert_int_equal(end_of(start(config, directory, moments[i])), -1);
        assert_goes_on(directory);
        rb_config_destroy(config);
    }
}

// The same run again and again: remains of one process must not disturb later ones.
static void test_killed_again_and_again(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_config *config = named(directory, "again", 0);
    for (int64_t step = 100; step < STEPS; step += 100)
        assert_int_equal(end_of(start(config, directory, step + step / 100)), -1);
    assert_goes_on(directory);
    rb_config_destroy(config);
}

// Killed from outside, as soon as a checkpoint exists or is being written; the machine decides the moment. If
// the run finishes before it is killed, it has ended normally, and is resumed all the same.
static void test_killed_from_outside(void **state)
{
    (void)state;
    // when it exists, while its files are written, and while the thread writes replay's rows for it
    static const char *const places[] = {"step_%012d", "step_%012d.part", "replay/step_%012d_s000_0000.rbz"};
    for (int i = 0; i < 9; i++) {
        char directory[RB_PATH_MAX], checkpoint[RB_PATH_MAX + 64], place[64];
        rb_config *config = named(directory, "outside", i);
        snprintf(place, sizeof place, places[i % 3], 200 + 50 * i);
        snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/%s", directory, place);
        pid_t child = start(config, directory, 0);
        int status;
        pid_t ended = 0;
        while (!rb_file_exists(checkpoint) && !ended) ended = waitpid(child, &status, WNOHANG);
        if (!ended) {
            kill(child, SIGKILL);
            end_of(child);
        }
        assert_goes_on(directory);
        rb_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_once),
        cmocka_unit_test(test_killed_again_and_again),
        cmocka_unit_test(test_killed_from_outside),
    };
    return cmocka_run_group_tests(tests, make_straight, drop_straight);
}
