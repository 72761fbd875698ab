// Videos, read back by FFmpeg's own reader: codec, size, rate, number of frames and their contents; and the
// files left behind when no complete video could be made.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "io/video.h"
#include "io/video_reader.h"

enum { WIDTH = 64, HEIGHT = 48 };
static char root[64], path[128];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/rb_video_XXXXXX");
    if (!mkdtemp(root)) return -1;
    snprintf(path, sizeof path, "%s/a.mp4", root);
    return 0;
}

static int drop_root(void **state)
{
    (void)state;
    return rb_file_remove_tree(root, NULL) != RB_OK;
}

#ifdef RB_HAVE_FFMPEG

// Picture k: a background with its own colour, and a white square that moves.
static void paint(uint8_t *rgb, int k)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const bool in = y >= 16 && y < 32 && x >= k && x < k + 16;
            uint8_t *pixel = rgb + 3 * (y * WIDTH + x);
            pixel[0] = in ? 255 : 20, pixel[1] = in ? 255 : (uint8_t)(60 + 3 * k), pixel[2] = in ? 255 : 160;
        }
}

static rb_video *begin(const char *to)
{
    rb_error error = {0};
    rb_video *video;
    if (rb_video_create(&video, to, WIDTH, HEIGHT, 30, &error)) fail_msg("%s", error.message);
    return video;
}

static void add(rb_video *video, int from, int to)
{
    static uint8_t rgb[3 * WIDTH * HEIGHT];
    for (int k = from; k < to; k++) {
        paint(rgb, k);
        assert_int_equal(rb_video_add(video, rgb, NULL), RB_OK);
    }
}

static void test_is_read_back(void **state)
{
    (void)state;
    rb_video *video = begin(path);
    assert_false(rb_file_exists(path)); // never half a file under the name
    add(video, 0, 40);
    assert_false(rb_file_exists(path));
    assert_int_equal(rb_video_finish(video, NULL), RB_OK);

    video_reader reader;
    video_open(&reader, path);
    assert_string_equal(reader.codec, "h264");
    assert_string_equal(reader.pixels, "yuv420p");
    assert_int_equal(reader.width, WIDTH);
    assert_int_equal(reader.height, HEIGHT);
    assert_true(reader.rate == 30);
    assert_int_equal(reader.told_frames, 40);
    uint8_t expected[3 * WIDTH * HEIGHT];
    int frames = 0;
    for (; video_next(&reader); frames++) {
        paint(expected, frames);
        double wrong = 0;
        for (size_t i = 0; i < sizeof expected; i++) wrong += abs(expected[i] - reader.rgb[i]);
        assert_true(wrong / sizeof expected < 6); // lossy, but this picture and no other
        assert_in_range(reader.rgb[3 * (24 * WIDTH + frames + 8)], 235, 255);
    }
    assert_int_equal(frames, 40);
    video_close(&reader);
    char **names;
    int count;
    assert_int_equal(rb_file_list(root, &names, &count, NULL), RB_OK);
    assert_int_equal(count, 1); // and nothing beside it
    rb_file_list_free(names, count);
}

// "moov" before "mdat": players can start before they have the whole file.
static void test_index_stands_in_front(void **state)
{
    (void)state;
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &data, &bytes, NULL), RB_OK);
    const char *index = memmem(data, bytes, "moov", 4), *pictures = memmem(data, bytes, "mdat", 4);
    assert_true(index && pictures && index < pictures);
    free(data);
}

static void test_the_same_pictures_give_the_same_bytes(void **state)
{
    (void)state;
    char other[128], *data[2];
    size_t bytes[2];
    snprintf(other, sizeof other, "%s/other.mp4", root);
    rb_video *first = begin(path), *second = begin(other); // side by side
    add(first, 0, 25);
    add(second, 0, 25);
    assert_int_equal(rb_video_finish(second, NULL), RB_OK);
    assert_int_equal(rb_video_finish(first, NULL), RB_OK); // replaces the existing file
    assert_int_equal(rb_file_read(path, &data[0], &bytes[0], NULL), RB_OK);
    assert_int_equal(rb_file_read(other, &data[1], &bytes[1], NULL), RB_OK);
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(data[0], data[1], bytes[0]);
    free(data[0]), free(data[1]);
    unlink(other);
}

static void test_abandoned_and_killed(void **state)
{
    (void)state;
    char part[160];
    snprintf(part, sizeof part, "%s.part", path);
    unlink(path);
    rb_video *video = begin(path);
    add(video, 0, 10);
    assert_true(rb_file_exists(part));
    rb_video_abandon(video);
    rb_video_abandon(NULL);
    assert_false(rb_file_exists(part) || rb_file_exists(path));
    const pid_t child = fork();
    if (!child) {
        video = begin(path);
        add(video, 0, 20);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(rb_file_exists(path));
    video = begin(path); // the leftover file is no obstacle
    add(video, 0, 1);
    assert_int_equal(rb_video_finish(video, NULL), RB_OK);
    assert_false(rb_file_exists(part));
}

static void refused(const char *to, rb_status expected, const char *sentence)
{
    rb_error error = {0};
    rb_video *video;
    assert_int_equal(rb_video_create(&video, to, WIDTH, HEIGHT, 30, &error), expected);
    assert_null(video);
    if (!strstr(error.message, sentence)) fail_msg("\"%s\" does not say \"%s\"", error.message, sentence);
}

static void test_bad_files(void **state)
{
    (void)state;
    char nowhere[128], directory[128], taken[160];
    refused("a.avi", RB_ERR_USAGE, "a.avi: a video's name ends in .mp4");
    snprintf(nowhere, sizeof nowhere, "%s/nowhere/a.mp4", root);
    refused(nowhere, RB_ERR_FILE, "nowhere/a.mp4: can't be written: No such file or directory");
    snprintf(taken, sizeof taken, "%s/b.mp4.part", root);
    assert_int_equal(mkdir(taken, 0700), 0);
    snprintf(taken, sizeof taken, "%s/b.mp4", root);
    refused(taken, RB_ERR_FILE, "can't be written: Is a directory");
    snprintf(directory, sizeof directory, "%s/c.mp4", root); // only noticed on renaming
    assert_int_equal(mkdir(directory, 0700), 0);
    rb_video *video = begin(directory);
    add(video, 0, 3);
    rb_error error = {0};
    assert_int_equal(rb_video_finish(video, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "c.mp4"));
    snprintf(taken, sizeof taken, "%s.part", directory);
    assert_false(rb_file_exists(taken));
}

// A full disk is reported at the beginning, in the middle or at the end, depending on when the libraries
// write.
static void test_full_disk(void **state)
{
    (void)state;
    char part[160], whole[128];
    snprintf(whole, sizeof whole, "%s/d.mp4", root);
    snprintf(part, sizeof part, "%s.part", whole);
    struct rlimit before; // a limit on the file's size stands for the full disk
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {20000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    static uint8_t rgb[3 * WIDTH * HEIGHT];
    rb_error error = {0};
    rb_video *video;
    rb_status status = rb_video_create(&video, whole, WIDTH, HEIGHT, 30, &error);
    for (int k = 0; k < 60 && !status; k++) {
        for (size_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)(rand() >> 8);
        status = rb_video_add(video, rgb, &error);
    }
    if (status)
        rb_video_abandon(video);
    else
        status = rb_video_finish(video, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, RB_ERR_FILE);
    assert_non_null(strstr(error.message, "d.mp4: can't be written: File too large"));
    assert_false(rb_file_exists(part) || rb_file_exists(whole));
}

#else

static void test_says_what_is_missing(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_video *video;
    assert_int_equal(rb_video_check(&error), RB_ERR_MISSING);
    assert_int_equal(rb_video_create(&video, path, WIDTH, HEIGHT, 30, &error), RB_ERR_MISSING);
    assert_null(video);
    assert_non_null(strstr(error.message, "libavformat-dev"));
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef RB_HAVE_FFMPEG
        cmocka_unit_test(test_is_read_back),
        cmocka_unit_test(test_index_stands_in_front),
        cmocka_unit_test(test_the_same_pictures_give_the_same_bytes),
        cmocka_unit_test(test_abandoned_and_killed),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_full_disk),
#else
        cmocka_unit_test(test_says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
