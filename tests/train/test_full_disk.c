// A disk that becomes full while a run trains (run.on_full_disk): played by wrapping write and statvfs, so
// that it fills up at any byte. tools/torture_disk does the same with real file systems.
#include "train/run_fixture.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/statvfs.h>

#include "train/checkpoint.h"
#include "train/disk_plan.h"
#include "train/run_state.h"

static atomic_llong room; // bytes that the disk still takes

ssize_t __real_write(int fd, const void *data, size_t bytes);
ssize_t __wrap_write(int fd, const void *data, size_t bytes);
int __wrap_statvfs(const char *path, struct statvfs *out);

ssize_t __wrap_write(int fd, const void *data, size_t bytes)
{
    if (fd <= 2) return __real_write(fd, data, bytes); // the test's own output
    long long now = atomic_load(&room);
    if (now <= 0) {
        errno = ENOSPC;
        return -1;
    }
    if ((long long)bytes > now) bytes = (size_t)now;
    const ssize_t written = __real_write(fd, data, bytes);
    if (written > 0) atomic_fetch_sub(&room, written);
    return written;
}

int __wrap_statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    const long long now = atomic_load(&room);
    *out = (struct statvfs){.f_frsize = 1, .f_bavail = now > 0 ? (fsblkcnt_t)now : 0};
    return 0;
}

static const long long large = 1LL << 40;

static rb_config *small(const char *name, const char *on_full_disk)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=400",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=200", "--eval.episodes=1",
                  "--checkpoint.every_steps=200", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    set(config, "run.name", name);
    set(config, "run.on_full_disk", on_full_disk);
    return config;
}

typedef struct heard {
    int waits, room_again, warned, foretold;
    long long give; // room after the first wait
    bool stop;      // stop instead
    bool late;      // or let the process's time be over
    rb_run *run;
} heard;

static void hear(void *context, bool warning, const char *text)
{
    heard *h = context;
    if (warning && strstr(text, "training waits until there is room")) {
        h->waits++;
        if (h->stop)
            rb_run_stop(h->run);
        else if (h->late)
            h->run->config->params.run.time_limit_minutes = 1e-9;
        else
            atomic_store(&room, h->give);
    }
    if (warning && strstr(text, "the first checkpoint, at step 200, ")) {
        assert_int_equal(h->run->step, 0);
        h->foretold += strstr(text, "will not fit on the disk") ? 1 : strstr(text, "may not fit") ? 10 : 100;
    }
    if (strstr(text, "there is room on the disk again")) h->room_again++;
    if (warning && strstr(text, "the next checkpoint will need about")) h->warned++;
}

// The final state of a run on a large disk, and the bytes that it writes.
static uint64_t straight(long long *bytes)
{
    static uint64_t hash;
    static long long written;
    *bytes = written;
    if (written) return hash;
    rb_config *config = small("straight", "wait");
    atomic_store(&room, large);
    hash = train(config);
    *bytes = written = large - atomic_load(&room);
    rb_config_destroy(config);
    return hash;
}

static void assert_no_half_files(const char *directory)
{
    char command[RB_PATH_MAX + 64];
    snprintf(command, sizeof command, "test -z \"$(find %s -name '*.part')\"", directory);
    assert_int_equal(system(command), 0);
}

// The disk is full after any number of bytes: the run ends with an error, and, with room again, goes on from
// its newest checkpoint to the same end.
static void test_stop(void **state)
{
    (void)state;
    enum { SIZES = 7 };
    long long bytes;
    const uint64_t expected = straight(&bytes);
    int ended = 0;
    for (int i = 0; i < SIZES; i++) {
        char name[16], directory[RB_PATH_MAX];
        rb_error error = {0};
        snprintf(name, sizeof name, "stop%d", i);
        rb_config *config = small(name, "stop");
        atomic_store(&room, large);
        rb_run *run = create(config);
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        atomic_store(&room, bytes * (i + 1) / SIZES - 777);
        const rb_status status = rb_run_train(run, &error);
        rb_run_destroy(run);
        assert_no_half_files(directory);
        if (status) {
            assert_int_equal(status, RB_ERR_FULL);
            assert_non_null(strstr(error.message, "No space left on device"));
            ended++;
        }
        atomic_store(&room, large);
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
    assert_true(ended >= SIZES - 2);
}

static rb_run *run_that_waits(heard *h, const char *name, long long bytes)
{
    rb_error error = {0};
    const rb_run_hooks hooks = {.context = h, .message = hear};
    rb_config *config = small(name, "wait");
    atomic_store(&room, large);
    if (rb_run_create(&h->run, config, &hooks, &error)) fail_msg("%s", error.message);
    atomic_store(&room, bytes);
    rb_config_destroy(config);
    return h->run;
}

// The run waits, and ends as if nothing had been.
static void test_wait(void **state)
{
    (void)state;
    long long bytes;
    const uint64_t expected = straight(&bytes);
    for (int i = 1; i <= 3; i++) {
        char name[16];
        rb_error error = {0};
        heard h = {.give = large};
        snprintf(name, sizeof name, "wait%d", i);
        rb_run *run = run_that_waits(&h, name, bytes * i / 4);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_int_equal(h.waits, 1);
        assert_int_equal(h.room_again, 1);
        assert_true(hash_of(run) == expected);
        assert_no_half_files(rb_run_directory(run));
        rb_run_destroy(run);
    }
}

// A request to stop ends the wait; the checkpoint before remains.
static void test_stop_while_it_waits(void **state)
{
    (void)state;
    long long bytes;
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    heard h = {.stop = true};
    const uint64_t expected = straight(&bytes);
    rb_run *run = run_that_waits(&h, "interrupted", bytes / 2);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, &error), RB_ERR_FULL);
    assert_non_null(strstr(error.message, "No space left on device"));
    rb_run_destroy(run);
    atomic_store(&room, large);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_true(run->step > 0);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == expected);
    rb_run_destroy(run);
}

// The end of the process's time ends the wait, too: whoever gave it is about to kill it.
static void test_time_is_over_while_it_waits(void **state)
{
    (void)state;
    long long bytes;
    rb_error error = {0};
    heard h = {.late = true};
    straight(&bytes);
    rb_run *run = run_that_waits(&h, "late", bytes / 2);
    assert_int_equal(rb_run_train(run, &error), RB_ERR_FULL);
    rb_run_destroy(run);
}

// The warning comes before the disk is full, once.
static void test_warned_in_time(void **state)
{
    (void)state;
    rb_error error = {0};
    heard h = {.give = large};
    rb_run *run = run_that_waits(&h, "warned", large);
    if (rb_loop(run, 200, &error) || rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(h.warned, 0);
    atomic_store(&room, 12000); // tables and events fit
    if (rb_loop(run, 350, &error)) fail_msg("%s", error.message);
    assert_int_equal(h.warned, 1);
    assert_int_equal(h.waits, 0);
    if (rb_loop(run, 500, &error)) fail_msg("%s", error.message);
    assert_int_equal(h.warned, 1);
    assert_int_equal(h.waits, 1);
    rb_run_destroy(run);
}

static double bytes_in(const char *directory)
{
    char **names, path[RB_PATH_MAX + 128], *data;
    int count;
    size_t bytes;
    double sum = 0;
    assert_int_equal(rb_file_list(directory, &names, &count, NULL), RB_OK);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        assert_int_equal(rb_file_read(path, &data, &bytes, NULL), RB_OK);
        sum += (double)bytes;
        free(data);
    }
    rb_file_list_free(names, count);
    return sum;
}

// Before the first step, by an estimate that the first checkpoint keeps to.
static void test_foretold(void **state)
{
    (void)state;
    enum { FRAME = 4 * sizeof(float) };
    enum { SETTINGS = 20000 }; // the text of config.ini, twice, and the state of the environment
    char path[RB_PATH_MAX + 64];
    rb_error error = {0};
    heard h = {.give = large};
    rb_run *run = run_that_waits(&h, "measured", large);
    const rb_disk_plan plan = rb_disk_plan_make(run);
    assert_int_equal(plan.step, 200);
    assert_true(plan.most_bytes - plan.least_bytes >= 200 * FRAME);
    if (rb_loop(run, 200, &error) || rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000200", rb_run_directory(run));
    double written = bytes_in(path);
    snprintf(path, sizeof path, "%s/checkpoints/replay", rb_run_directory(run));
    written += bytes_in(path);
    if (written < plan.least_bytes || written > plan.most_bytes + SETTINGS)
        fail_msg("%g is not from %g to %g", written, plan.least_bytes, plan.most_bytes);
    assert_int_equal(h.foretold, 0);
    rb_run_destroy(run);

    const long long rooms[] = {(long long)plan.least_bytes - 1, (long long)plan.most_bytes - 1, large};
    const int foretold[] = {1, 10, 0};
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "foretold%d", i);
        h = (heard){.give = large};
        run = run_that_waits(&h, name, rooms[i]);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_int_equal(h.foretold, foretold[i]);
        rb_run_destroy(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_stop_while_it_waits),
        cmocka_unit_test(test_time_is_over_while_it_waits),
        cmocka_unit_test(test_warned_in_time),
        cmocka_unit_test(test_foretold),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
