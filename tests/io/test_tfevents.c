// Event files: checksums against known vectors, bytes against those of TensorBoard's own messages
// (tests/data/make_tfevents.py), and everything read back by a decoder independent of the writer.
#include "io/events_kit.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/tfevents.h"
#include "sanitized.h"

static char directory[64];

static int fresh(void **unused)
{
    (void)unused;
    snprintf(directory, sizeof directory, "/tmp/rb_events_XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int gone(void **unused)
{
    (void)unused;
    return rb_file_remove_tree(directory, NULL) != RB_OK;
}

static rb_tfevents *begin(double wall)
{
    rb_tfevents *events;
    assert_int_equal(rb_tfevents_create(&events, directory, wall, NULL), RB_OK);
    return events;
}

static void end(rb_tfevents *events)
{
    assert_int_equal(rb_tfevents_close(events, NULL), RB_OK);
}

static void paths(char out[][RB_PATH_MAX], int expected)
{
    char **names;
    int count;
    assert_int_equal(rb_file_list(directory, &names, &count, NULL), RB_OK);
    assert_int_equal(count, expected);
    for (int i = 0; i < count; i++)
        assert_int_equal(rb_path_join(out[i], RB_PATH_MAX, directory, names[i], NULL), RB_OK);
    rb_file_list_free(names, count);
}

// RFC 3720, B.4, and the usual check value of this polynomial.
static void test_checksum(void **unused)
{
    (void)unused;
    uint8_t bytes[32] = {0};
    assert_int_equal(rb_crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(rb_crc32c(NULL, 0), 0);
    assert_int_equal(rb_crc32c(bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(rb_crc32c(bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)i;
    assert_int_equal(rb_crc32c(bytes, 32), 0x46dd794e);
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(rb_crc32c(bytes, 32), 0x113fdb5c);
    assert_int_equal(rb_crc32c_masked(bytes, 32), kit_crc(bytes, 32));
}

// The events that make_tfevents.py writes with TensorBoard's messages, written with ours.
static void test_bytes_are_tensorboards(void **unused)
{
    (void)unused;
    rb_tfevents *e = begin(1234567890);
    rb_histogram h = {0};
    for (int i = -3; i < 40; i++) rb_histogram_add(&h, i * 0.25);
    const rb_hparam hparams[] = {
        {.name = "agent.gamma", .kind = RB_HPARAM_NUMBER, .number = 0.99},
        {.name = "agent.double_q", .kind = RB_HPARAM_TRUTH, .number = 1},
        {.name = "agent.categorical", .kind = RB_HPARAM_TRUTH, .number = 0},
        {.name = "run.env", .kind = RB_HPARAM_TEXT, .text = "cartpole"},
        {.name = "run.preset", .kind = RB_HPARAM_TEXT, .text = ""},
        {.name = "run.seed", .kind = RB_HPARAM_NUMBER, .number = 0},
    };
    assert_int_equal(rb_tfevents_hparams(e, (rb_event_at){1234567891.5, 0}, hparams, 6, NULL), RB_OK);
    rb_tfevents_scalar(e, (rb_event_at){1234567892, 12}, "train/return", -21.5);
    rb_tfevents_scalar(e, (rb_event_at){1234567892, INT64_C(20000000000)}, "train/loss", 0);
    rb_tfevents_scalar(e, (rb_event_at){1234567892, 13}, "train/loss", NAN); // is not written
    rb_tfevents_histogram(e, (rb_event_at){1234567893, 100}, "eval/q_values", &h);
    rb_tfevents_picture(e, (rb_event_at){1234567894, 100}, "eval/game", 210, 160,
                        (const uint8_t *)"GIF89a\0x", 8);
    rb_tfevents_checkpoint(e, (rb_event_at){1234567895, 100}, "checkpoints/step_000000000100");
    rb_tfevents_finished(e, (rb_event_at){1234567896, 100});
    rb_tfevents_restart(e, (rb_event_at){1234567897, 101});
    end(e);

    char path[1][RB_PATH_MAX], *ours, *theirs;
    size_t our_bytes, their_bytes;
    paths(path, 1);
    assert_non_null(strstr(path[0], "/events.out.tfevents.1234567890.rainbow"));
    assert_int_equal(rb_file_read(path[0], &ours, &our_bytes, NULL), RB_OK);
    assert_int_equal(rb_file_read(RB_TEST_DATA "/tfevents.bin", &theirs, &their_bytes, NULL), RB_OK);
    assert_int_equal(our_bytes, their_bytes);
    assert_memory_equal(ours, theirs, our_bytes);
    free(ours);
    free(theirs);
}

static void test_read_back(void **unused)
{
    (void)unused;
    enum { PICTURE = 300000, SCALARS = 5000 }; // each more than the buffer holds
    uint8_t *picture = malloc(PICTURE);
    for (int i = 0; i < PICTURE; i++) picture[i] = (uint8_t)(i * 7 + i / 251);
    rb_tfevents *e = begin(1e9);
    for (int i = 0; i < SCALARS; i++)
        rb_tfevents_scalar(e, (rb_event_at){1e9 + i, i * INT64_C(3000000000)}, "a", i / 3.0);
    rb_tfevents_picture(e, (rb_event_at){2e9, 7}, "p", 3, 100000, picture, PICTURE);
    rb_tfevents_scalar(e, (rb_event_at){2e9, -5}, "b", (double)-INFINITY);
    end(e);
    kit_events got = kit_read(directory, true);
    assert_int_equal(got.count, SCALARS + 3);
    assert_string_equal(got.all[0].version, "brain.Event:2");
    for (int i = 0; i < SCALARS; i++) {
        const kit_event *at = &got.all[1 + i];
        assert_true(at->has_scalar && at->scalar == (float)(i / 3.0) && at->wall == 1e9 + i);
        assert_true(at->step == i * INT64_C(3000000000));
        assert_string_equal(at->tag, "a");
    }
    const kit_event *last = &got.all[SCALARS + 1];
    assert_true(last->has_image && last->height == 3 && last->width == 100000 && last->colours == 3);
    assert_int_equal(last->image.count, PICTURE);
    assert_memory_equal(last->image.at, picture, PICTURE);
    assert_true(last[1].step == -5 && isinf(last[1].scalar) && last[1].scalar < 0);
    kit_free(&got);
    free(picture);
}

static void count_events(int step_from, int step_to, int expected)
{
    kit_events got = kit_read(directory, true);
    int count = 0;
    for (int i = 0; i < got.count; i++)
        count += got.all[i].has_scalar && got.all[i].step >= step_from && got.all[i].step <= step_to;
    kit_free(&got);
    assert_int_equal(count, expected);
}

// Scalars at `from`, `from` + 10 ... `to`, with a mark of a checkpoint after each multiple of `every`.
static void write_steps(rb_tfevents *e, int from, int to, int every)
{
    for (int step = from; step <= to; step += 10) {
        rb_tfevents_scalar(e, (rb_event_at){1e9, step}, "a", step);
        if (step % every == 0) rb_tfevents_checkpoint(e, (rb_event_at){1e9, step}, "there");
    }
}

static void test_going_back(void **unused)
{
    (void)unused;
    bool found;
    assert_int_equal(rb_tfevents_cut_back(directory, 5, false, NULL, &found, NULL), RB_OK);
    assert_false(found);
    rb_tfevents *e = begin(1e9);
    write_steps(e, 10, 100, 50);
    rb_tfevents_scalar(e, (rb_event_at){1e9, 100}, "late", 1); // after the mark, at its step
    write_steps(e, 110, 130, 50);
    end(e);
    assert_int_equal(rb_tfevents_cut_back(directory, 100, false, NULL, &found, NULL), RB_OK);
    assert_true(found);
    count_events(0, 1000, 10); // neither the events after the mark nor the late one
    e = begin(1e9);            // the same second: a different name that sorts later
    rb_tfevents_restart(e, (rb_event_at){1e9, 101});
    write_steps(e, 110, 200, 50);
    end(e);
    char path[2][RB_PATH_MAX];
    paths(path, 2);
    assert_non_null(strstr(path[1], "/events.out.tfevents.1000000001.rainbow"));
    count_events(0, 1000, 20);
    assert_int_equal(rb_tfevents_cut_back(directory, 150, false, NULL, &found, NULL), RB_OK);
    count_events(0, 1000, 15);
    // Without a mark, nothing is cut. Cutting to before the start of the newest file removes it.
    assert_int_equal(rb_tfevents_cut_back(directory, 75, false, NULL, &found, NULL), RB_OK);
    assert_true(found);
    paths(path, 2);
    count_events(0, 1000, 15);
    assert_int_equal(rb_tfevents_cut_back(directory, 50, false, NULL, &found, NULL), RB_OK);
    paths(path, 1);
    count_events(0, 1000, 5);
    assert_int_equal(rb_tfevents_remove(directory, NULL), RB_OK);
    paths(path, 0);
}

// Other programs' files in the same directory are left alone.
static void test_only_ours(void **unused)
{
    (void)unused;
    char path[RB_PATH_MAX], all[1][RB_PATH_MAX];
    bool found;
    snprintf(path, sizeof path, "%s/events.out.tfevents.999.host", directory);
    assert_int_equal(rb_file_write(path, "not ours", 8, NULL), RB_OK);
    assert_int_equal(rb_tfevents_cut_back(directory, 0, false, NULL, &found, NULL), RB_OK);
    assert_false(found);
    assert_int_equal(rb_tfevents_remove(directory, NULL), RB_OK);
    paths(all, 1);
}

// A file that was cut short anywhere: the records before are kept.
static void test_torn_files(void **unused)
{
    (void)unused;
    char path[1][RB_PATH_MAX];
    bool found;
    rb_tfevents *e = begin(1e9);
    write_steps(e, 10, 30, 1000);
    end(e);
    paths(path, 1);
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(path[0], &data, &bytes, NULL), RB_OK);
    for (size_t length = 0; length <= bytes; length += SANITIZED ? 5 : 1) {
        assert_int_equal(rb_file_write(path[0], data, length, NULL), RB_OK);
        kit_events torn = kit_read(directory, false);
        const int count = torn.count;
        kit_free(&torn);
        assert_int_equal(rb_tfevents_cut_back(directory, 1000, false, NULL, &found, NULL), RB_OK);
        assert_int_equal(found, count > 0);
        kit_events mended = kit_read(directory, true);
        assert_int_equal(mended.count, count);
        kit_free(&mended);
    }
    free(data);
}

static char said[4096];

static void hear(void *context, rb_log_level level, const char *message)
{
    (void)context;
    const size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s%s\n", level == RB_LOG_WARNING ? "W " : "", message);
}

// The bytes of the newest copy that was put aside, which is then removed; false: there is none.
static bool take_aside(const char *name, char **data, size_t *bytes)
{
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (rb_file_read(path, data, bytes, NULL)) return false;
    assert_int_equal(unlink(path), 0);
    return true;
}

// One wrong byte anywhere in the first of two files: all records but one are kept, the file as it was is kept
// beside it, and the warning names both. Without the mark's record nothing is cut.
static void test_damaged_bytes(void **unused)
{
    (void)unused;
    char path[2][RB_PATH_MAX], *data, *aside;
    size_t bytes, aside_bytes;
    bool found;
    const rb_log log = {.fn = hear};
    rb_tfevents *e = begin(1e9);
    write_steps(e, 10, 40, 20); // marks at 20 and 40
    end(e);
    e = begin(1e9);
    write_steps(e, 50, 60, 60);
    end(e);
    paths(path, 2);
    kit_events whole = kit_read(directory, true);
    char *second;
    size_t second_bytes;
    assert_int_equal(rb_file_read(path[0], &data, &bytes, NULL), RB_OK);
    assert_int_equal(rb_file_read(path[1], &second, &second_bytes, NULL), RB_OK);
    for (size_t place = 0; place < bytes; place += place < 64 && !SANITIZED ? 1 : 7) {
        *said = 0;
        data[place] ^= 16;
        assert_int_equal(rb_file_write(path[0], data, bytes, NULL), RB_OK);
        assert_int_equal(rb_tfevents_cut_back(directory, 60, true, &log, &found, NULL), RB_OK);
        assert_true(found);
        kit_events mended = kit_read(directory, true);
        assert_int_equal(mended.count, whole.count - 1);
        kit_free(&mended);
        assert_true(take_aside("events.out.1000000000.rainbow.damaged-1", &aside, &aside_bytes));
        assert_int_equal(aside_bytes, bytes);
        assert_memory_equal(aside, data, bytes);
        free(aside);
        if (!strstr(said, "W ") || !strstr(said, path[0]) || !strstr(said, "damaged-1")) fail_msg("%s", said);
        data[place] ^= 16;
    }
    // A hole in the middle, and then the end of the first file is missing.
    memmove(data + bytes / 2, data + bytes / 2 + 7, bytes - bytes / 2 - 7);
    for (size_t length = bytes - 7; length > bytes / 2 + 40; length -= 13) {
        assert_int_equal(rb_file_write(path[0], data, length, NULL), RB_OK);
        assert_int_equal(rb_tfevents_cut_back(directory, 60, true, &log, &found, NULL), RB_OK);
        assert_true(take_aside("events.out.1000000000.rainbow.damaged-1", &aside, &aside_bytes));
        assert_int_equal(aside_bytes, length);
        free(aside);
        kit_events mended = kit_read(directory, true);
        assert_true(mended.count > 3);
        assert_int_equal(mended.all[mended.count - 1].step, 60);
        kit_free(&mended);
    }
    // The mark itself is gone.
    *said = 0;
    assert_int_equal(unlink(path[0]), 0);
    second[second_bytes - 1] ^= 1;
    assert_int_equal(rb_file_write(path[1], second, second_bytes, NULL), RB_OK);
    assert_int_equal(rb_tfevents_cut_back(directory, 60, true, &log, &found, NULL), RB_OK);
    assert_true(found);
    if (!strstr(said, "no mark of the checkpoint at step 60, so some of their events are missing"))
        fail_msg("%s", said);
    assert_int_equal(rb_tfevents_cut_back(directory, 50, true, &log, &found, NULL), RB_OK);
    if (!strstr(said, "no mark of the checkpoint at step 50, so nothing was cut")) fail_msg("%s", said);
    free(data);
    free(second);
    kit_free(&whole);
}

// What is no file is neither read nor written, and stops nothing.
static void test_odd_files(void **unused)
{
    (void)unused;
    char path[RB_PATH_MAX], other[RB_PATH_MAX];
    bool found;
    const rb_log log = {.fn = hear};
    *said = 0;
    snprintf(path, sizeof path, "%s/events.out.tfevents.1.rainbow", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/events.out.tfevents.2.rainbow", directory);
    snprintf(other, sizeof other, "%s/precious", directory);
    assert_int_equal(rb_file_write(other, "precious", 8, NULL), RB_OK);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(rb_tfevents_cut_back(directory, 50, false, &log, &found, NULL), RB_OK);
    assert_false(found);
    if (!strstr(said, "1.rainbow: is not a regular file") ||
        !strstr(said, "2.rainbow: is not a regular file"))
        fail_msg("%s", said);
    char *text;
    size_t bytes;
    assert_int_equal(rb_file_read(other, &text, &bytes, NULL), RB_OK);
    assert_string_equal(text, "precious");
    free(text);
}

// A separate process is killed while it writes: all records are whole, except for the last.
static void test_killed(void **unused)
{
    (void)unused;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        rb_tfevents *e;
        if (rb_tfevents_create(&e, directory, 1e9, NULL)) _exit(1);
        for (int i = 0;; i++) {
            rb_tfevents_scalar(e, (rb_event_at){1e9, i}, "a", i);
            if (i % 100 == 0 && rb_tfevents_flush(e, NULL)) _exit(2);
        }
    }
    char path[RB_PATH_MAX];
    struct stat info = {0};
    snprintf(path, sizeof path, "%s/events.out.tfevents.1000000000.rainbow", directory);
    while (stat(path, &info) || info.st_size < 100000) usleep(1000);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    kit_events got = kit_read(directory, false);
    assert_true(got.count > 1000);
    for (int i = 1; i < got.count; i++) assert_true(got.all[i].step == i - 1);
    kit_free(&got);
}

// A limit on file sizes stands in for a full disk: the fault is reported, and the file keeps its whole
// records.
static void test_full_disk(void **unused)
{
    (void)unused;
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){100000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    rb_tfevents *e = begin(1e9);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    rb_error error = {0};
    for (int i = 0; i < 20000; i++) rb_tfevents_scalar(e, (rb_event_at){1e9, i}, "a", i);
    rb_status status = rb_tfevents_flush(e, &error);
    rb_tfevents_scalar(e, (rb_event_at){1e9, 1}, "a", 1); // stays in memory
    rb_status closed = rb_tfevents_close(e, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, RB_ERR_FILE);
    assert_int_equal(closed, RB_ERR_FILE);
    assert_non_null(strstr(error.message, "can't be written"));
    kit_events got = kit_read(directory, true);
    assert_true(got.count > 500);
    kit_free(&got);
}

static void test_no_such_directory(void **unused)
{
    (void)unused;
    rb_tfevents *e = NULL;
    rb_error error = {0};
    assert_int_equal(rb_tfevents_create(&e, "/nowhere/at/all", 1e9, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/at/all"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void)
{
    if (!rb_tfevents_available()) {
        rb_tfevents *e;
        rb_error error = {0};
        return rb_tfevents_create(&e, "/tmp", 0, &error) != RB_ERR_MISSING ||
               !strstr(error.message, "protobuf-c");
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksum),
        TEST(test_bytes_are_tensorboards),
        TEST(test_read_back),
        TEST(test_going_back),
        TEST(test_only_ours),
        TEST(test_torn_files),
        TEST(test_damaged_bytes),
        TEST(test_odd_files),
        TEST(test_killed),
        TEST(test_full_disk),
        TEST(test_no_such_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
