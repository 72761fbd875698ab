// How new runs get their directories: many starts at once, starts that fail, runs that are replaced, and file
// systems without locks.
#include "train/run_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "train/checkpoint.h"

static bool no_locks;

// What happens to a run's directory while another thread writes in it: before call number `left`, counted
// down, of a function that names a file.
static struct {
    atomic_int left;
    bool here;                               // any thread's calls count
    char from[RB_PATH_MAX], to[RB_PATH_MAX]; // renamed; to "": deleted
} accident;
static pthread_t driver;

// Linked in place of open, mkdir and rename (tests/CMakeLists.txt).
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

static void come_to(void)
{
    if (atomic_load(&accident.left) <= 0 || (pthread_equal(pthread_self(), driver) && !accident.here)) return;
    if (atomic_fetch_sub(&accident.left, 1) != 1) return;
    if (*accident.to)
        assert_int_equal(__real_rename(accident.from, accident.to), 0);
    else
        assert_int_equal(rb_file_remove_tree(accident.from, NULL), RB_OK);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const unsigned mode = flags & O_CREAT ? va_arg(more, unsigned) : 0;
    va_end(more);
    come_to();
    return __real_open(path, flags, mode);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    come_to();
    return __real_mkdir(path, mode);
}

int __wrap_rename(const char *from, const char *to)
{
    come_to();
    return __real_rename(from, to);
}

static int reader = -1, looks; // a file that is closed after some more looks at a lock

// Linked in place of flock (tests/CMakeLists.txt).
int __real_flock(int file, int operation);
int __wrap_flock(int file, int operation);
int __wrap_flock(int file, int operation)
{
    if (reader >= 0 && !looks--) {
        close(reader);
        reader = -1;
    }
    if (!no_locks) return __real_flock(file, operation);
    errno = ENOSYS;
    return -1;
}

static rb_config *small(const char *note)
{
    rb_config *config = CONFIGURE("--run.env=cartpole", "--replay.capacity=200", "--agent.start_steps=100",
                                  "--run.max_steps=150", "--eval.every_steps=0", "--eval.episodes=1",
                                  "--net.hidden=8", "--net.mlp=8", "--compute.threads=1");
    set(config, "run.note", note);
    return config;
}

static char *settings_of(const char *directory)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes;
    rb_error error;
    snprintf(path, sizeof path, "%s/config.ini", directory);
    if (rb_file_read(path, &text, &bytes, &error)) fail_msg("%s", error.message);
    return text;
}

// Claims a directory once `start` is closed, and writes its path to `answer`.
static void claim_when_told(int number, int start, int answer)
{
    char note[16], directory[RB_PATH_MAX] = "", byte;
    rb_error error = {0};
    snprintf(note, sizeof note, "n%d.", number);
    rb_config *config = small(note);
    if (read(start, &byte, 1) != 0) _exit(2);
    if (rb_run_claim(config, directory, sizeof directory, &error)) _exit(3);
    if (write(answer, directory, strlen(directory) + 1) < 0) _exit(4);
    _exit(0);
}

static void test_starts_at_once_all_get_a_directory(void **state)
{
    (void)state;
    enum { RUNS = 32 };
    char directories[RUNS][RB_PATH_MAX] = {0};
    int start[2], answers[RUNS];
    assert_int_equal(pipe(start), 0);
    for (int i = 0; i < RUNS; i++) {
        int answer[2];
        assert_int_equal(pipe(answer), 0);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            close(start[1]);
            claim_when_told(i, start[0], answer[1]);
        }
        close(answer[1]);
        answers[i] = answer[0];
    }
    close(start[0]), close(start[1]);
    for (int i = 0; i < RUNS; i++) {
        char note[16];
        assert_true(read(answers[i], directories[i], sizeof directories[i]) > 1);
        close(answers[i]);
        snprintf(note, sizeof note, "n%d.", i);
        char *text = settings_of(directories[i]);
        if (!strstr(text, note)) fail_msg("%s has the settings of another run", directories[i]);
        free(text);
        for (int k = 0; k < i; k++) assert_string_not_equal(directories[i], directories[k]);
    }
    for (int i = 0, status; i < RUNS; i++) assert_true(wait(&status) > 0 && status == 0);
}

static void test_a_start_that_fails_leaves_nothing(void **state)
{
    (void)state;
    char elsewhere[RB_PATH_MAX];
    rb_error error = {0};
    rb_run *run;
    rb_config *config = small("");
    snprintf(elsewhere, sizeof elsewhere, "%s/not/there", root);
    set(config, "run.root", elsewhere);
    set(config, "replay.capacity", "1000M");
    set(config, "env.stack", "16"); // more memory than any machine has
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_MEMORY);
    assert_null(run);
    assert_false(rb_file_exists(elsewhere));
    rb_config_destroy(config);
}

static void train_to_the_end(const char *note, char directory[RB_PATH_MAX])
{
    rb_error error = {0};
    rb_config *config = small(note);
    set(config, "run.name", "twice");
    set(config, "run.overwrite", "true");
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(directory, RB_PATH_MAX, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_a_run_is_replaced_only_by_one_that_starts(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX + 16];
    rb_error error = {0};
    rb_run *run;
    train_to_the_end("first", directory);
    snprintf(path, sizeof path, "%s/end.json", directory);
    rb_config *config = small("second");
    set(config, "run.name", "twice");
    set(config, "run.overwrite", "true");
    set(config, "replay.capacity", "1000M");
    set(config, "env.stack", "16");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_MEMORY);
    char *text = settings_of(directory);
    assert_non_null(strstr(text, "first"));
    free(text);
    assert_true(rb_file_exists(path));
    rb_config_destroy(config);

    train_to_the_end("third", directory);
    text = settings_of(directory);
    assert_non_null(strstr(text, "third"));
    free(text);
    assert_true(rb_file_exists(path));
}

static void test_without_locks_runs_train_and_replace_nothing(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_run *run;
    train_to_the_end("locked", directory);
    no_locks = true;
    rb_config *config = small("no locks");
    run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    set(config, "run.name", "twice");
    set(config, "run.overwrite", "true");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_EXISTS);
    assert_non_null(strstr(error.message, "no file locks"));
    no_locks = false;
    char *text = settings_of(directory);
    assert_non_null(strstr(text, "note = \"locked\""));
    free(text);
    rb_config_destroy(config);
}

// A report that looks at the lock in this moment does not fail a start; another training does.
static void test_a_reader_of_the_lock_is_no_training(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX + 16];
    rb_error error = {0};
    rb_run *run;
    train_to_the_end("first", directory);
    snprintf(path, sizeof path, "%s/lock", directory);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(__real_flock(file, LOCK_SH), 0);
    reader = file;
    looks = 3;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(reader, -1);
    rb_run *second;
    assert_true(rb_file_is_locked(path));
    assert_int_equal(rb_run_resume(&second, directory, 0, NULL, NULL, &error), RB_ERR_EXISTS);
    assert_non_null(strstr(error.message, "another process is training"));
    rb_run_destroy(run);
    assert_false(rb_file_is_locked(path));
}

// A process that was killed before it had written config.ini leaves a directory that its name can use again.
static void test_remains_of_a_killed_start(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX + 32];
    rb_error error = {0};
    rb_run *run;
    snprintf(directory, sizeof directory, "%s/default/early", root);
    snprintf(path, sizeof path, "%s/checkpoints", directory);
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/lock", directory);
    assert_int_equal(rb_file_write(path, "", 0, NULL), RB_OK);
    assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "a process was killed before it had begun this run"));
    rb_config *config = small("early");
    set(config, "run.name", "early");
    run = create(config);
    assert_string_equal(rb_run_directory(run), directory);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

typedef struct ear {
    char saved[600];
} ear;

static void hear(void *context, bool warning, const char *text)
{
    ear *e = context;
    if (warning && strstr(text, "is saved at step")) snprintf(e->saved, sizeof e->saved, "%s", text);
}

static rb_run *moving(const char *name, ear *e)
{
    rb_error error = {0};
    rb_run *run;
    const rb_run_hooks hooks = {.context = e, .message = hear};
    rb_config *config = small(name);
    set(config, "run.name", name);
    set(config, "checkpoint.every_steps", "50");
    driver = pthread_self();
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    rb_config_destroy(config);
    return run;
}

// The state of the same run at this step, without any accident.
static uint64_t undisturbed(const char *name, int64_t step)
{
    rb_error error = {0};
    rb_run *run = moving(name, &(ear){0});
    if (rb_loop(run, step, &error)) fail_msg("%s", error.message);
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

// Resumes what an accident left, all rows of replay included.
static void assert_resumes(const char *directory, int64_t step, uint64_t hash)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, step);
    assert_true(hash_of(run) == hash);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
}

// A directory that is renamed while the run trains is followed.
static void test_a_directory_that_is_renamed(void **state)
{
    (void)state;
    char before[RB_PATH_MAX], after[RB_PATH_MAX + 32], path[RB_PATH_MAX + 64];
    rb_error error = {0};
    rb_run *run = moving("moves", &(ear){0});
    snprintf(before, sizeof before, "%s", rb_run_directory(run));
    snprintf(after, sizeof after, "%s/elsewhere", root);
    if (rb_loop(run, 60, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_checkpoint_finish(run, &error), RB_OK);
    assert_int_equal(rename(before, after), 0);
    if (rb_loop(run, 120, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_checkpoint_finish(run, &error), RB_OK);
    assert_string_equal(rb_run_directory(run), after);
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000100/state.rb", after);
    assert_true(rb_file_exists(path));
    assert_false(rb_file_exists(before));
    rb_run_destroy(run);
}

// While a checkpoint is being written: the name of its path is never looked at again. The accident comes
// between any two calls of the writer that name a file (`accident`, below).
static void test_renamed_during_a_checkpoint(void **state)
{
    (void)state;
    const uint64_t hash = undisturbed("calm", 100);
    for (int at = 0; at < 40; at += 3) {
        char name[16], after[RB_PATH_MAX + 32];
        rb_error error = {0};
        snprintf(name, sizeof name, "renamed%d", at);
        rb_run *run = moving(name, &(ear){0});
        snprintf(accident.from, sizeof accident.from, "%s", rb_run_directory(run));
        snprintf(accident.to, sizeof accident.to, "%s/after%d", root, at);
        snprintf(after, sizeof after, "%s", accident.to);
        if (rb_loop(run, 90, &error)) fail_msg("%s", error.message);
        if (rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
        accident.here = at % 2;
        atomic_store(&accident.left, at + 1);
        if (rb_loop(run, 100, &error) || rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
        atomic_store(&accident.left, 0);
        rb_run_destroy(run);
        if (rb_file_exists(accident.from)) continue; // the checkpoint has fewer calls
        assert_resumes(after, 100, hash);
    }
}

// A deleted directory: the run ends with an error, and is saved beside it, tables included.
static void test_deleted_during_a_checkpoint(void **state)
{
    (void)state;
    int deleted = 0;
    for (int at = 0; at < 40; at += 5) {
        char name[16], path[RB_PATH_MAX + 64], rescued[RB_PATH_MAX + 32], *table;
        size_t bytes;
        ear e = {0};
        rb_error error = {0};
        snprintf(name, sizeof name, "deleted%d", at);
        rb_run *run = moving(name, &e);
        snprintf(accident.from, sizeof accident.from, "%s", rb_run_directory(run));
        snprintf(rescued, sizeof rescued, "%s-rescued", accident.from);
        *accident.to = 0;
        if (rb_loop(run, 90, &error)) fail_msg("%s", error.message);
        if (rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
        accident.here = false;
        atomic_store(&accident.left, at + 1);
        const rb_status status = rb_run_train(run, &error);
        if (atomic_exchange(&accident.left, 0) > 0) { // the run has fewer calls
            assert_int_equal(status, RB_OK);
            rb_run_destroy(run);
            continue;
        }
        deleted++;
        assert_int_equal(status, RB_ERR_FILE);
        assert_null(strstr(error.message, "/proc/"));
        if (!strstr(e.saved, rescued)) fail_msg("%s", e.saved);
        const int64_t step = run->step, games = rb_metrics_games(run->metrics);
        const uint64_t hash = hash_of(run);
        rb_run_destroy(run);
        snprintf(path, sizeof path, "%s/train.csv", rescued);
        assert_int_equal(rb_file_read(path, &table, &bytes, &error), RB_OK);
        int lines = 0;
        for (size_t i = 0; i < bytes; i++) lines += table[i] == '\n';
        free(table);
        assert_int_equal(lines, games + 1);
        assert_resumes(rescued, step, hash);
    }
    assert_true(deleted > 4);
}

// Deleted with everything above it, among that files of replay that no later checkpoint would write again.
static void test_a_directory_that_is_deleted(void **state)
{
    (void)state;
    ear e = {0};
    char rescued[RB_PATH_MAX + 32];
    rb_error error = {0};
    rb_run *run;
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_config *config = small("deleted");
    set(config, "run.name", "deleted");
    set(config, "run.max_steps", "10500");
    set(config, "replay.capacity", "11000");
    set(config, "agent.start_steps", "10400");
    set(config, "checkpoint.every_steps", "5000");
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    rb_config_destroy(config);
    snprintf(rescued, sizeof rescued, "%s-rescued", rb_run_directory(run));
    if (rb_loop(run, 5100, &error) || rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_file_remove_tree(root, NULL), RB_OK);
    assert_int_equal(rb_run_train(run, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "deleted: was deleted while the run trained in it"));
    assert_non_null(strstr(e.saved, rescued));
    const int64_t step = run->step;
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    assert_resumes(rescued, step, hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_starts_at_once_all_get_a_directory, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_a_start_that_fails_leaves_nothing, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_a_reader_of_the_lock_is_no_training, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_remains_of_a_killed_start, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_a_directory_that_is_renamed, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_renamed_during_a_checkpoint, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_deleted_during_a_checkpoint, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_a_directory_that_is_deleted, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_a_run_is_replaced_only_by_one_that_starts, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_without_locks_runs_train_and_replace_nothing, make_root,
                                        drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
