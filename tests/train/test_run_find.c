// A command that starts a run, resumes it or leaves it alone (rb_run_find), and the time of one process
// (run.time_limit_minutes).
#include "train/run_fixture.h"

#include <math.h>
#include <signal.h>

static rb_config *small(const char *more)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=300", "--replay.capacity=400",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                  "--eval.max_episode_steps=20", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    if (*more) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(more, "="), more);
        set(config, key, strchr(more, '=') + 1);
    }
    return config;
}

typedef struct found {
    rb_status status;
    rb_presence presence;
    char directory[RB_PATH_MAX], changes[1000];
    rb_error error;
} found;

static found find(const char *more)
{
    found f = {0};
    rb_config *config = small(more);
    f.status = rb_run_find(config, &f.presence, f.directory, sizeof f.directory, f.changes, sizeof f.changes,
                           &f.error);
    if (f.status == RB_OK) assert_string_equal(config->params.run.name, strrchr(f.directory, '/') + 1);
    rb_config_destroy(config);
    return f;
}

static void train_in(const char *directory, rb_status ends)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_run_train(run, &error), ends);
    rb_run_destroy(run);
}

static void test_find(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    found f = find("");
    assert_int_equal(f.status, RB_OK);
    assert_int_equal(f.presence, RB_ABSENT);
    assert_true(strstr(f.directory, "/default/cartpole-s1") != NULL);

    rb_config *config = small("");
    rb_error error = {0};
    assert_int_equal(rb_run_claim(config, directory, sizeof directory, &error), RB_OK);
    rb_config_destroy(config);
    assert_string_equal(directory, f.directory);
    f = find("");
    assert_int_equal(f.presence, RB_RESUMABLE);
    assert_string_equal(f.changes, "");

    // What does not decide the result is taken over; anything else is another run.
    f = find("checkpoint.keep=3");
    assert_int_equal(f.presence, RB_RESUMABLE);
    assert_string_equal(f.changes, "--checkpoint.keep=3\n");
    static const char *const others[] = {"run.max_steps=400", "agent.gamma=0.9", "optim.learning_rate=0.5"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        f = find(others[i]);
        assert_int_equal(f.status, RB_ERR_USAGE);
        assert_true(strstr(f.error.message, "other settings") != NULL);
        // Only max_steps can be changed when the run is resumed, so only there that is a remedy.
        assert_int_equal(strstr(f.error.message, "--resume") != NULL, i == 0);
    }
    f = find("run.seed=2"); // has another name
    assert_int_equal(f.presence, RB_ABSENT);

    train_in(directory, RB_OK);
    f = find("");
    assert_int_equal(f.presence, RB_COMPLETE);
    rb_run_numbers numbers;
    assert_int_equal(rb_run_numbers_read(&numbers, directory, &error), RB_OK);
    assert_string_equal(numbers.ended_by, "run.max_steps");
    assert_true(numbers.step == 300 && numbers.updates > 0 && !isnan(numbers.eval_mean));

    // A resume with a larger goal opens the run again, even if its process is killed at once.
    static const char *const goal[] = {"--run.max_steps=600"};
    rb_run *run;
    assert_int_equal(rb_run_resume(&run, directory, 1, goal, NULL, &error), RB_OK);
    rb_run_destroy(run);
    assert_int_equal(find("run.max_steps=600").presence, RB_RESUMABLE);
}

static void test_damaged_end(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "{\"ended_by\": 3, \"step\": 1}",
                                        "{\"ended_by\": \"x\"}"};
    char path[RB_PATH_MAX];
    rb_run_numbers numbers;
    snprintf(path, sizeof path, "%s/end.json", root);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        rb_error error = {0};
        assert_int_equal(rb_file_write(path, texts[i], strlen(texts[i]), NULL), RB_OK);
        assert_int_equal(rb_run_numbers_read(&numbers, root, &error), RB_ERR_FORMAT);
        assert_true(strstr(error.message, "end.json: is damaged") != NULL);
    }
    assert_int_equal(rb_file_remove_tree(path, NULL), RB_OK);
    assert_int_equal(rb_run_numbers_read(&numbers, root, NULL), RB_ERR_FILE);
}

static uint64_t finish(rb_run *run)
{
    rb_error error = {0};
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    uint64_t hash;
    assert_int_equal(rb_run_hash(run, &hash, &error), RB_OK);
    rb_run_destroy(run);
    return hash;
}

// A process whose time is over at once stops after one turn; as many of them as needed make the same run.
static void test_time_limit(void **state)
{
    (void)state;
    static volatile sig_atomic_t stop;
    const rb_run_hooks hooks = {.stop = &stop};
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_config *config = small("run.name=whole");
    const uint64_t whole = finish(create(config));
    rb_config_destroy(config);

    config = small("run.name=pieces");
    set(config, "run.time_limit_minutes", "1e-9");
    rb_run *run;
    assert_int_equal(rb_run_create(&run, config, &hooks, &error), RB_OK);
    rb_config_destroy(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    assert_int_equal(stop, RB_STOP_TIME_LIMIT);
    rb_run_destroy(run);
    int64_t before = 0;
    for (int i = 0; i < 3; i++) {
        int64_t step, saved;
        stop = 0;
        assert_int_equal(rb_run_resume(&run, directory, 0, NULL, &hooks, &error), RB_OK);
        assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
        rb_run_unsaved(run, &step, &saved);
        assert_true(saved == step && step > before); // each makes progress
        before = step;
        rb_run_destroy(run);
    }
    static const char *const none[] = {"--run.time_limit_minutes=0"};
    assert_int_equal(rb_run_resume(&run, directory, 1, none, NULL, &error), RB_OK);
    assert_true(finish(run) == whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_find, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_damaged_end, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_time_limit, make_root, drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
