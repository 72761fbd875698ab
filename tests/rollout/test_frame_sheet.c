// Sheets of frames: where everything lies, and which colours numbers become.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rollout/frame_sheet.h"

enum { TITLE = 20, MARGIN = 8, BACKGROUND = 48 };

static const uint8_t *at(const rb_frame_sheet *sheet, int y, int x)
{
    assert_true(y >= 0 && y < sheet->height && x >= 0 && x < sheet->width);
    return sheet->rgb + 3 * (y * sheet->width + x);
}

static void assert_colour(const rb_frame_sheet *sheet, int y, int x, int red, int green, int blue)
{
    const uint8_t *rgb = at(sheet, y, x);
    if (rgb[0] != red || rgb[1] != green || rgb[2] != blue)
        fail_msg("at %d, %d: %d %d %d instead of %d %d %d", y, x, rgb[0], rgb[1], rgb[2], red, green, blue);
}

static rb_frame_sheet made(const rb_env_spec *spec, int stack, const void *frames, const uint8_t *screen,
                           int scale)
{
    rb_frame_sheet sheet;
    rb_error error = {0};
    if (rb_frame_sheet_make(&sheet, spec, stack, frames, screen, scale, &error))
        fail_msg("%s", error.message);
    return sheet;
}

static void grey_frames_lie_side_by_side_the_oldest_first(void **state)
{
    (void)state;
    const rb_env_spec spec = {.kind = RB_OBS_U8, .channels = 1, .height = 2, .width = 3};
    const uint8_t frames[2][2][3] = {{{1, 2, 3}, {4, 5, 6}}, {{101, 102, 103}, {104, 105, 106}}};
    const int scale = 5;
    rb_frame_sheet sheet = made(&spec, 2, frames, NULL, scale);
    assert_int_equal(sheet.height, 2 * scale + 2 * MARGIN);
    assert_int_equal(sheet.width, 2 * 3 * scale + 3 * MARGIN);
    for (int y = 0; y < sheet.height; y++) {
        for (int x = 0; x < sheet.width; x++) {
            int expected = BACKGROUND, v = (y - MARGIN) / scale;
            for (int k = 0; k < 2; k++) {
                int left = MARGIN + k * (3 * scale + MARGIN), u = (x - left) / scale;
                if (y >= MARGIN && v < 2 && x >= left && u < 3) expected = frames[k][v][u];
            }
            assert_colour(&sheet, y, x, expected, expected, expected);
        }
    }
    free(sheet.rgb);
}

static void the_screen_comes_first_and_is_made_about_as_high(void **state)
{
    (void)state;
    const rb_env_spec spec = {
        .kind = RB_OBS_U8, .channels = 1, .height = 4, .width = 4, .screen_height = 5, .screen_width = 2};
    uint8_t frame[16] = {0}, screen[5][2][3] = {0};
    screen[0][0][0] = 200, screen[4][1][2] = 100;
    rb_frame_sheet sheet = made(&spec, 1, frame, &screen[0][0][0], 5); // 20 high; so is the screen, at 4x
    assert_int_equal(sheet.height, 20 + 2 * MARGIN);
    assert_int_equal(sheet.width, MARGIN + 8 + MARGIN + 20 + MARGIN);
    assert_colour(&sheet, MARGIN, MARGIN, 200, 0, 0);
    assert_colour(&sheet, MARGIN + 3, MARGIN + 3, 200, 0, 0);
    assert_colour(&sheet, MARGIN + 4, MARGIN + 3, 0, 0, 0);
    assert_colour(&sheet, MARGIN + 19, MARGIN + 7, 0, 0, 100);
    assert_colour(&sheet, MARGIN + 19, MARGIN + 8, BACKGROUND, BACKGROUND, BACKGROUND);
    assert_colour(&sheet, MARGIN + 19, MARGIN + 16, 0, 0, 0); // the frame
    free(sheet.rgb);
}

static void three_planes_are_red_green_and_blue(void **state)
{
    (void)state;
    const rb_env_spec spec = {.kind = RB_OBS_U8, .channels = 3, .height = 1, .width = 2};
    const uint8_t frame[3][2] = {{10, 11}, {20, 21}, {30, 31}};
    rb_frame_sheet sheet = made(&spec, 1, frame, NULL, 1);
    assert_colour(&sheet, MARGIN, MARGIN, 10, 20, 30);
    assert_colour(&sheet, MARGIN, MARGIN + 1, 11, 21, 31);
    free(sheet.rgb);
}

static void differences_lie_around_mid_grey(void **state)
{
    (void)state;
    const rb_env_spec spec = {.kind = RB_OBS_F32, .channels = 3, .height = 1, .width = 3};
    const float frame[3][3] = {{0, 1, -1}, {0, -1, -0.5f}, {0, 0, 5}};
    rb_frame_sheet sheet = made(&spec, 1, frame, NULL, 1);
    assert_colour(&sheet, MARGIN, MARGIN, 128, 128, 128);
    assert_colour(&sheet, MARGIN, MARGIN + 1, 255, 0, 128);
    assert_colour(&sheet, MARGIN, MARGIN + 2, 0, 64, 255);
    free(sheet.rgb);
}

static void things_of_many_planes_have_each_a_colour(void **state)
{
    (void)state;
    const rb_env_spec spec = {.kind = RB_OBS_U8, .channels = 4, .height = 1, .width = 6};
    uint8_t frame[4][6] = {{0}};
    for (int c = 0; c < 4; c++) frame[c][c] = 255;
    frame[1][4] = 255, frame[2][4] = 100; // the brightest shows
    rb_frame_sheet sheet = made(&spec, 1, frame, NULL, 1);
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < a; b++)
            assert_memory_not_equal(at(&sheet, MARGIN, MARGIN + a), at(&sheet, MARGIN, MARGIN + b), 3);
    assert_colour(&sheet, MARGIN, MARGIN, 255, 0, 0);
    assert_memory_equal(at(&sheet, MARGIN, MARGIN + 4), at(&sheet, MARGIN, MARGIN + 1), 3);
    assert_colour(&sheet, MARGIN, MARGIN + 5, 0, 0, 0); // empty there
    free(sheet.rgb);
}

static void the_usual_size_fits_a_page(void **state)
{
    (void)state;
    const rb_env_spec spec = {.kind = RB_OBS_U8, .channels = 1, .height = 84, .width = 84};
    uint8_t *frames = calloc(16, 84 * 84);
    for (int stack = 1; stack <= 16; stack++) {
        rb_frame_sheet sheet = made(&spec, stack, frames, NULL, 0);
        assert_int_equal(sheet.height, TITLE + (stack <= 6 ? 252 : stack <= 9 ? 168 : 84) + 2 * MARGIN);
        assert_true(sheet.width <= 1800);
        free(sheet.rgb);
    }
    free(frames);
}

// Frames that are wide enough have titles, above them and nowhere else.
static void titles_stand_above_wide_frames(void **state)
{
    (void)state;
    enum { SCALE = 20, SIDE = 4 * SCALE };
    const rb_env_spec spec = {.kind = RB_OBS_U8, .channels = 1, .height = 4, .width = 4};
    const uint8_t frames[2 * 16] = {0};
    rb_frame_sheet narrow = made(&spec, 2, frames, NULL, 2), wide = made(&spec, 2, frames, NULL, SCALE);
    assert_int_equal(narrow.height, 8 + 2 * MARGIN);
    assert_int_equal(wide.height, TITLE + SIDE + 2 * MARGIN);
    int bright[2] = {0};
    for (int y = 0; y < wide.height; y++)
        for (int x = 0; x < wide.width; x++) {
            if (at(&wide, y, x)[0] <= BACKGROUND) continue;
            assert_true(y < MARGIN + TITLE);
            bright[x > wide.width / 2]++;
        }
    assert_true(bright[0] > bright[1] && bright[1] > 5); // "t-1" and "t"
    assert_colour(&wide, MARGIN + TITLE, MARGIN, 0, 0, 0);
    free(narrow.rgb);
    free(wide.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_frames_lie_side_by_side_the_oldest_first),
        cmocka_unit_test(the_screen_comes_first_and_is_made_about_as_high),
        cmocka_unit_test(three_planes_are_red_green_and_blue),
        cmocka_unit_test(titles_stand_above_wide_frames),
        cmocka_unit_test(differences_lie_around_mid_grey),
        cmocka_unit_test(things_of_many_planes_have_each_a_colour),
        cmocka_unit_test(the_usual_size_fits_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
