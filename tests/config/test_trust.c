// Code that files name runs only if the user has chosen it: typed, confirmed, or remembered. Each case is a
// process of its own, because a process remembers.
#include "config/config_test.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config.h"
#include "config/trust.h"

static char directory[64], object[128], other[128], ini[128];

static bool is_file(const char *env)
{
    return strstr(env, ".so") != NULL;
}

static rb_status look_up(const char *env, const char **preset, const char **values, rb_error *error)
{
    (void)env, (void)error;
    *preset = *values = "";
    return RB_OK;
}

static void put(const char *path, const char *text)
{
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

static int fresh(void **state)
{
    (void)state;
    static const rb_config_env environments = {.look_up = look_up, .is_file = is_file};
    rb_config_use_environments(&environments);
    snprintf(directory, sizeof directory, "/tmp/rb_trust_XXXXXX");
    if (!mkdtemp(directory) || setenv("XDG_STATE_HOME", directory, 1) || chdir(directory)) return -1;
    snprintf(object, sizeof object, "%s/mine.so", directory);
    snprintf(other, sizeof other, "%s/theirs.so", directory);
    snprintf(ini, sizeof ini, "%s/config.ini", directory);
    put(object, "");
    put(other, "");
    return 0;
}

static int gone(void **state)
{
    (void)state;
    return chdir("/") || rb_file_remove_tree(directory, NULL);
}

static rb_status arguments(int count, const char *const *words, rb_error *error)
{
    rb_config *config;
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    const rb_status status = rb_config_arguments(config, count, words, error);
    rb_config_destroy(config);
    return status;
}

// Whether `rainbow train --config INI WORD` is allowed, in a process of its own; `trust`: with --trust;
// `keep`: it trains. On a refusal the message must hold all of `parts`.
static bool allowed(const char *text, const char *word, bool trust, bool keep, const char *const *parts)
{
    put(ini, text);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        const char *const words[] = {"--config", ini, word};
        rb_error error = {0};
        if (trust) rb_config_trust_files();
        const rb_status status = arguments(word ? 3 : 2, words, &error);
        if (status && status != RB_ERR_USAGE) _exit(9);
        for (; status && parts && *parts; parts++)
            if (!strstr(error.message, *parts)) {
                fprintf(stderr, "'%s' is not in: %s\n", *parts, error.message);
                _exit(9);
            }
        if (keep) rb_trust_keep();
        _exit(status ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0;
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_shared_objects(void **state)
{
    (void)state;
    static const char text[] = "run.env = ./mine.so\n";
    assert_false(
        allowed(text, NULL, false, false,
                PARTS("config.ini: run.env = ./mine.so would load the shared object", object, "--trust")));
    assert_true(allowed(text, NULL, true, false, NULL));
    assert_false(allowed(text, NULL, false, false, NULL)); // nothing was trained, so nothing is remembered
    assert_true(allowed("run.env = other\n", "./mine.so", false, true, NULL)); // typed
    assert_true(allowed(text, NULL, false, false, NULL));
    put("link.so", "");
    assert_true(
        allowed("run.env = /tmp/../tmp/missing/../x.so\n", NULL, false, false, NULL)); // nothing to run
    assert_false(allowed("run.env = ./theirs.so\n", NULL, false, false, PARTS(other)));
    assert_true(allowed("run.env = ./theirs.so\n", NULL, true, true, NULL)); // confirmed
    assert_true(allowed("run.env = ./theirs.so\n", NULL, false, false, NULL));
    assert_true(allowed(text, NULL, false, false, NULL)); // the earlier line is still there
    assert_true(allowed("run.env = cartpole\n", NULL, false, false, NULL));
    char far[3200] = "run.env = ", *end = far + strlen(far); // a path longer than most
    for (int i = 0; i < 1500; i++) end = stpcpy(end, "./");
    strcpy(end, "link.so\n");
    assert_false(allowed(far, NULL, false, false, PARTS("/link.so")));
    // A typed value replaces the file's.
    assert_true(allowed("run.env = ./link.so\n", "--run.env=./mine.so", false, false, NULL));
}

static void test_devices(void **state)
{
    (void)state;
    put("plugin.so", "");
    static const char *const texts[] = {"compute.device = xla:./plugin.so\n",
                                        "compute.device = xla:plugin.so\n"};
    for (int i = 0; i < 2; i++)
        assert_false(allowed(
            texts[i], NULL, false, false,
            PARTS("config.ini: compute.device = ", "plugin.so would load the shared object", "--trust")));
    assert_true(allowed(texts[0], NULL, true, false, NULL));
    assert_true(allowed("", "--compute.device=xla:./plugin.so", false, true, NULL)); // typed
    assert_true(allowed(texts[0], NULL, false, false, NULL));
    assert_true(allowed("compute.device = cuda\n", NULL, false, false, NULL));
    assert_true(allowed("compute.device = xla:cpu\n", NULL, false, false, NULL)); // a name, not a file
}

// A link is the code that it is, not the code that it points to: a virtual environment's interpreter is one.
static void test_links_are_not_followed(void **state)
{
    (void)state;
    assert_true(allowed("", "./mine.so", false, true, NULL));
    assert_int_equal(symlink(object, "link.so"), 0);
    assert_false(allowed("run.env = ./link.so\n", NULL, false, false, PARTS("/link.so")));
    assert_int_equal(symlink(directory, "here"), 0); // but a directory's is
    assert_true(allowed("run.env = here/mine.so\n", NULL, false, false, NULL));
}

static void test_python(void **state)
{
    (void)state;
    static const char python[] = "run.env = gym/X-v0\ngym.python = ./mine.so\n",
                      import[] = "run.env = gym/X-v0\ngym.import = my_envs\n";
    assert_false(
        allowed(python, NULL, false, false, PARTS("gym.python = ./mine.so would start the program", object)));
    assert_true(allowed(python, "--gym.python=./mine.so", false, true, NULL));
    assert_true(allowed(python, NULL, false, false, NULL));
    assert_false(
        allowed("run.env = gym/X-v0\ngym.python = sh\n", NULL, false, false, PARTS("gym.python = sh")));
    assert_false(allowed(import, NULL, false, false,
                         PARTS("gym.import = my_envs would import the Python module my_envs")));
    assert_true(allowed(import, "--gym.import=my_envs", false, true, NULL));
    assert_true(allowed(import, NULL, false, false, NULL));
    static const char wrappers[] = "run.env = gym/X-v0\ngym.wrappers = my_envs:Slow\n";
    assert_false(allowed(wrappers, "--gym.import=my_envs:Slow", false, true, // trusted as another thing
                         PARTS("gym.wrappers = my_envs:Slow would import the Python wrapper my_envs:Slow")));
    assert_true(allowed(wrappers, "--gym.wrappers=my_envs:Slow", false, true, NULL));
    assert_true(allowed(wrappers, NULL, false, false, NULL));
    assert_false(
        allowed("run.env = gym/X-v0\ngym.wrappers = my_envs:Slow,my_envs:Evil\n", NULL, false, false, NULL));
    char list[3000] = "run.env = gym/X-v0\ngym.import = ", word[3000] = "--gym.import=";
    for (int i = 0; i < 300; i++) strcat(list, "module,"), strcat(word, "module,");
    assert_true(allowed(list, word, false, true, NULL));
    assert_true(allowed(list, NULL, false, false, NULL));
    strcat(list, "evil\n");
    assert_false(allowed(list, NULL, false, false, NULL));
    assert_int_equal(chdir("/"), 0); // another module may have this name there
    assert_false(allowed(import, NULL, false, false, NULL));
    assert_int_equal(chdir(directory), 0);
    assert_false(allowed("run.env = gym/module:X-v0\n", NULL, false, false, PARTS("gym/module:X-v0")));
    // The interpreter that the current directory offers.
    static const char plain[] = "run.env = gym/X-v0\n";
    assert_true(allowed(plain, NULL, false, false, NULL));
    assert_int_equal(rb_file_make_directories(".venv/bin", NULL), RB_OK);
    put(".venv/bin/python", "");
    assert_false(allowed(plain, NULL, false, false, PARTS("would start the program", "/.venv/bin/python")));
    assert_true(allowed(plain, "--gym.python=python3", false, false, NULL));
    assert_true(allowed("", "gym/X-v0", false, true, NULL)); // typed
    assert_true(allowed(plain, NULL, false, false, NULL));
    // Nothing is started for other environments.
    assert_true(
        allowed("run.env = cartpole\ngym.python = ./theirs.so\ngym.import = x\n", NULL, false, false, NULL));
}

// The file of what was chosen may be missing, odd or unwritable: then it asks again.
static void test_file_of_choices(void **state)
{
    (void)state;
    static const char text[] = "run.env = ./mine.so\n";
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/rainbow", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/rainbow/trusted", directory);
    put(path, "env /elsewhere/mine.so"); // without the end of its line
    assert_false(allowed(text, NULL, false, false, NULL));
    assert_true(allowed(text, NULL, true, true, NULL));
    assert_true(allowed(text, NULL, false, false, NULL));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(allowed(text, NULL, false, false, NULL));
    assert_int_equal(unlink(path), 0);
    setenv("XDG_STATE_HOME", "", 1);
    setenv("HOME", "", 1);
    assert_true(allowed(text, NULL, true, true, NULL));
    assert_false(allowed(text, NULL, false, false, NULL));
    assert_true(stat(path, &info)); // nothing was written
    setenv("HOME", directory, 1);
    assert_true(allowed(text, NULL, true, true, NULL));
    assert_true(allowed(text, NULL, false, false, NULL));
    snprintf(path, sizeof path, "%s/.local/state/rainbow/trusted", directory);
    assert_int_equal(stat(path, &info), 0);
}

enum { THREADS = 6, EACH = 8 }; // together below the most that a process remembers

static void *choose(void *context)
{
    const int thread = *(int *)context;
    rb_error error;
    for (int i = 0; i < EACH; i++) {
        char env[48];
        rb_config *config;
        snprintf(env, sizeof env, "./%d-%d.so", thread, i);
        if (rb_config_create(&config, &error)) return context;
        if (rb_config_set(config, "run.env", env, NULL, &error)) return context;
        if (rb_config_check(config, &error)) return context;
        rb_trust_keep();
        rb_config_destroy(config);
    }
    return NULL;
}

// Several threads choose code at once, and nothing of it is lost.
static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int numbers[THREADS];
    char path[128], text[64];
    void *failed;
    for (int t = 0; t < THREADS * EACH; t++) {
        snprintf(path, sizeof path, "%s/%d-%d.so", directory, t / EACH, t % EACH);
        put(path, "");
    }
    for (int t = 0; t < THREADS; t++) {
        numbers[t] = t;
        assert_int_equal(pthread_create(&threads[t], NULL, choose, &numbers[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        assert_int_equal(pthread_join(threads[t], &failed), 0);
        if (failed) fail_msg("thread %d failed", *(int *)failed);
    }
    char *kept;
    size_t bytes, lines = 0;
    snprintf(path, sizeof path, "%s/rainbow/trusted", directory);
    assert_int_equal(rb_file_read(path, &kept, &bytes, NULL), RB_OK);
    for (size_t i = 0; i < bytes; i++) lines += kept[i] == '\n';
    free(kept);
    assert_int_equal(lines, THREADS * EACH);
    for (int t = 0; t < THREADS * EACH; t++) {
        rb_config *config;
        rb_error error;
        snprintf(text, sizeof text, "run.env = ./%d-%d.so\n", t / EACH, t % EACH);
        put(ini, text);
        assert_int_equal(rb_config_create(&config, NULL), RB_OK);
        assert_int_equal(rb_config_read(config, ini, NULL), RB_OK);
        if (rb_config_check(config, &error)) fail_msg("%s", error.message);
        rb_config_destroy(config);
    }
}

// Values set by a program are its own; those of a file that it reads are not.
static void test_programs(void **state)
{
    (void)state;
    rb_config *config, *copy;
    rb_error error = {0};
    put(ini, "run.env = ./theirs.so\n");
    assert_int_equal(rb_config_create(&config, NULL), RB_OK);
    assert_int_equal(rb_config_read(config, ini, NULL), RB_OK);
    assert_int_equal(rb_config_check(config, &error), RB_ERR_USAGE);
    assert_int_equal(rb_config_copy(&copy, config, NULL), RB_OK);
    assert_int_equal(rb_config_check(copy, &error), RB_ERR_USAGE);
    assert_int_equal(rb_config_set(config, "run.env", "./theirs.so", NULL, NULL), RB_OK);
    assert_int_equal(rb_config_check(config, &error), RB_OK);
    assert_int_equal(rb_config_check(copy, &error), RB_OK); // chosen by now
    rb_config_destroy(config);
    rb_config_destroy(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shared_objects, fresh, gone),
        cmocka_unit_test_setup_teardown(test_devices, fresh, gone),
        cmocka_unit_test_setup_teardown(test_links_are_not_followed, fresh, gone),
        cmocka_unit_test_setup_teardown(test_python, fresh, gone),
        cmocka_unit_test_setup_teardown(test_file_of_choices, fresh, gone),
        cmocka_unit_test_setup_teardown(test_threads, fresh, gone),
        cmocka_unit_test_setup_teardown(test_programs, fresh, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
