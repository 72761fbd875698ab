// Pictures: libpng reads back what was written; a path that can't be written is reported.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "io/picture.h"

enum { H = 37, W = 61 };

static void draw(uint8_t rgb[H][W][3])
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++) rgb[y][x][c] = (uint8_t)(y * 7 + x * 31 + c * 101 + x * y % 13);
}

#ifdef RB_HAVE_PNG
#include <png.h>

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static uint8_t rgb[H][W][3], back[H][W][3];
    char path[64];
    rb_error error = {0};
    draw(rgb);
    snprintf(path, sizeof path, "/tmp/rb_picture_%ld.png", (long)getpid());
    if (rb_picture_write_png(path, &rgb[0][0][0], H, W, &error)) fail_msg("%s", error.message);
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_int_equal(png_image_begin_read_from_file(&image, path), 1);
    assert_int_equal(image.height, H);
    assert_int_equal(image.width, W);
    image.format = PNG_FORMAT_RGB;
    assert_int_equal(png_image_finish_read(&image, NULL, back, 0, NULL), 1);
    assert_memory_equal(rgb, back, sizeof rgb);
    unlink(path);
}

static void a_place_that_cant_be_written_is_told(void **state)
{
    (void)state;
    static uint8_t rgb[H][W][3];
    rb_error error = {0};
    assert_int_equal(rb_picture_write_png("/nowhere/at/all.png", &rgb[0][0][0], H, W, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/at/all.png"));
}
#else
static void a_build_without_libpng_says_so(void **state)
{
    (void)state;
    static uint8_t rgb[H][W][3];
    rb_error error = {0};
    draw(rgb);
    assert_int_equal(rb_picture_write_png("a.png", &rgb[0][0][0], H, W, &error), RB_ERR_MISSING);
    assert_non_null(strstr(error.message, "libpng-dev"));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef RB_HAVE_PNG
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_place_that_cant_be_written_is_told),
#else
        cmocka_unit_test(a_build_without_libpng_says_so),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
