// The canvas against plain twins (shapes by looking at 32 x 32 places of each pixel, pictures by exact
// areas), and against golden hashes: a drawing is the same on every machine.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>
#include <xxhash.h>

#include "io/canvas.h"
#include "io/font.h"

static const rb_colour black = {0, 0, 0}, white = {255, 255, 255}, odd = {200, 30, 90};

static rb_canvas make(int width, int height)
{
    rb_canvas canvas;
    assert_int_equal(rb_canvas_create(&canvas, width, height, NULL), RB_OK);
    return canvas;
}

static int red_at(const rb_canvas *c, int x, int y)
{
    return c->rgb[3 * (y * c->width + x)];
}

static uint64_t hash_of(const rb_canvas *c)
{
    return XXH3_64bits(c->rgb, 3 * (size_t)c->width * (size_t)c->height);
}

typedef struct shape {
    double x, y, width, height, radius; // of a box; as a line: from (x, y) to (width, height), `radius` thick
} shape;

static bool in_round_box(const shape *s, double x, double y)
{
    double left = s->x + s->radius, right = s->x + s->width - s->radius;
    double top = s->y + s->radius, low = s->y + s->height - s->radius;
    double dx = x < left    ? left - x
                : x > right ? x - right
                            : 0,
           dy = y < top   ? top - y
                : y > low ? y - low
                          : 0;
    return dx * dx + dy * dy <= s->radius * s->radius;
}

static bool in_line(const shape *s, double x, double y)
{
    double dx = s->width - s->x, dy = s->height - s->y,
           t = ((x - s->x) * dx + (y - s->y) * dy) / (dx * dx + dy * dy);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - s->x - t * dx, y - s->y - t * dy) <= s->radius / 2;
}

// The largest difference from the share of each pixel that lies inside, in 255ths.
static int worst(const rb_canvas *c, const shape *s, bool (*inside)(const shape *, double, double))
{
    enum { FINE = 32 };
    int most = 0;
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            int hits = 0;
            for (int k = 0; k < FINE * FINE; k++)
                hits += inside(s, x + (k % FINE + 0.5) / FINE, y + (k / FINE + 0.5) / FINE);
            int wrong = abs(red_at(c, x, y) - (int)(255.0 * hits / (FINE * FINE) + 0.5));
            if (wrong > most) most = wrong;
        }
    return most;
}

static void test_shapes_cover_what_they_should(void **state)
{
    (void)state;
    rb_canvas c = make(40, 30);
    const shape boxes[] = {
        {3, 4, 20, 10, 0}, {3.25, 4.5, 20.5, 10.25, 0}, {-5.5, 20.125, 12, 50, 0}, {7.3, 8.6, 0.5, 0.2, 0}};
    for (size_t i = 0; i < 4; i++) {
        rb_canvas_clear(&c, black);
        rb_canvas_fill(&c, (rb_box){boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height}, white);
        assert_in_range(worst(&c, &boxes[i], in_round_box), 0, 6); // what 32 x 32 places can't tell
    }
    const shape rounds[] = {{4, 5, 30, 20, 6}, {10.5, 10.5, 9, 9, 4.5}, {2.2, 3.7, 20, 8, 3}};
    for (size_t i = 0; i < 3; i++) { // a distance is not quite an area
        const shape *s = &rounds[i];
        rb_canvas_clear(&c, black);
        rb_canvas_fill_round(&c, (rb_box){s->x, s->y, s->width, s->height}, s->radius, white);
        assert_in_range(worst(&c, s, in_round_box), 0, 30);
    }
    const shape lines[] = {
        {5, 5, 30, 20, 2}, {5.5, 25, 35, 24.5, 3}, {20, -8, 20.4, 50, 1.5}, {8, 8, 31, 9, 5}};
    for (size_t i = 0; i < 4; i++) {
        const shape *s = &lines[i];
        rb_canvas_clear(&c, black);
        rb_canvas_line(&c, s->x, s->y, s->width, s->height, s->radius, white);
        assert_in_range(worst(&c, s, in_line), 0, 30);
    }
    rb_canvas_destroy(&c);
}

// A new pixel is the mean of what it covers: taken from a picture enlarged to the common multiple of both
// sizes.
static int plain_mean(const rb_picture *p, int x, int y, int width, int height, int channel)
{
    int64_t sum = 0;
    for (int v = 0; v < p->height; v++) // the part of old pixels across a new one, and the other way round
        for (int u = 0; u < p->width; u++) {
            int at_y = (y * p->height + v) / height, at_x = (x * p->width + u) / width;
            size_t at = (size_t)at_y * (size_t)p->width + (size_t)at_x;
            size_t plane = (size_t)p->width * (size_t)p->height;
            sum += p->channels == 1 ? p->bytes[at]
                   : p->planar      ? p->bytes[(size_t)channel * plane + at]
                                    : p->bytes[3 * at + (size_t)channel];
        }
    int64_t whole = (int64_t)p->width * p->height;
    return (int)((sum + whole / 2) / whole);
}

static void test_pictures_are_scaled_by_area(void **state)
{
    (void)state;
    enum { W = 11, H = 7 };
    uint8_t bytes[3 * W * H];
    uint32_t rng = 7;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)((rng = rng * 1664525 + 1013904223) >> 24);
    const int sizes[][2] = {{11, 7}, {33, 21}, {40, 30}, {5, 3}, {1, 1}, {16, 4}, {9, 29}};
    const rb_picture kinds[] = {{bytes, W, H, 1, false}, {bytes, W, H, 3, false}, {bytes, W, H, 3, true}};
    rb_canvas c = make(44, 34);
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            const int width = sizes[i][0], height = sizes[i][1];
            rb_canvas_clear(&c, odd);
            rb_canvas_blit(&c, 2, 3, width, height, &kinds[k]);
            for (int y = 0; y < c.height; y++)
                for (int x = 0; x < c.width; x++)
                    for (int channel = 0; channel < 3; channel++) {
                        bool in = x >= 2 && y >= 3 && x < 2 + width && y < 3 + height;
                        int expected = in ? plain_mean(&kinds[k], x - 2, y - 3, width, height, channel)
                                          : ((const uint8_t[]){200, 30, 90})[channel];
                        assert_int_equal(c.rgb[3 * (y * c.width + x) + channel], expected);
                    }
        }
    rb_canvas_destroy(&c);
}

static void draw_everything(const rb_canvas *c, const rb_font *font, double dx, double dy)
{
    const float values[] = {0, 0.5F, 1, -3, NAN, 0.2F, 9};
    const uint8_t picture[] = {10, 20, 30, 40, 50, 60};
    rb_canvas_fill(c, (rb_box){dx, dy, 15, 9}, odd);
    rb_canvas_fill_round(c, (rb_box){dx + 3, dy + 3, 25, 15}, 5, white);
    rb_canvas_line(c, dx, dy, dx + 40, dy + 31, 2, odd);
    rb_canvas_disc(c, dx + 9, dy + 9, 7, white);
    rb_canvas_columns(c, (rb_box){dx, dy, 40, 20}, values, 3, 1, odd);
    rb_canvas_trace(c, (rb_box){dx, dy, 40, 20}, values, 7, 9, 0, 1, 2, odd);
    rb_canvas_blit(c, (int)floor(dx), (int)floor(dy), 31, 17, &(rb_picture){picture, 3, 2, 1, false});
    rb_canvas_text(c, font, (int)floor(dx), (int)floor(dy), RB_ALIGN_CENTRE, white, "Rainbow {1,024}");
    rb_canvas_text_cut(c, font, (int)floor(dx), (int)floor(dy) + 9, 30, white, "Rainbow {1,024}");
}

// What falls outside is left out: a small picture is the window of a large one, wherever it is.
static void test_what_falls_outside(void **state)
{
    (void)state;
    enum { ROOM = 100, SIDE = 24 };
    rb_font *font;
    assert_int_equal(rb_font_create(&font, 9, 1.2, NULL), RB_OK);
    rb_canvas large = make(2 * ROOM + SIDE, 2 * ROOM + SIDE), small = make(SIDE, SIDE);
    const double places[][2] = {{0, 0},       {-20.5, -10}, {15, 18.25}, {-60, 5},
                                {-38.5, -29}, {23, -15},    {60, 60}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        rb_canvas_clear(&large, black);
        rb_canvas_clear(&small, black);
        draw_everything(&large, font, places[i][0] + ROOM, places[i][1] + ROOM);
        draw_everything(&small, font, places[i][0], places[i][1]);
        for (int y = 0; y < SIDE; y++)
            for (int k = 0; k < 3 * SIDE; k++) { // thirds are rounded elsewhere
                const int here = small.rgb[3 * y * SIDE + k];
                assert_in_range(large.rgb[3 * ((y + ROOM) * large.width + ROOM) + k] - here + 1, 0, 2);
            }
    }
    rb_canvas_fill(&small, (rb_box){-1e300, -1e300, INFINITY, 1}, white);
    rb_canvas_line(&small, -1e6, 3, 1e6, 3, 1, white);
    rb_canvas_destroy(&large);
    rb_canvas_destroy(&small);
    rb_font_destroy(font);
}

static void test_charts(void **state)
{
    (void)state;
    rb_canvas c = make(60, 50);
    const rb_box box = {10, 10, 40, 30};
    const float heights[] = {0.5F, 1, 0, 0.25F};
    rb_canvas_columns(&c, box, heights, 4, 1, white);
    const int expected[] = {15, 30, 0, 7}; // whole pixels of 30, the last one and a half more
    for (int i = 0; i < 4; i++) {
        int whole = 0;
        for (int y = 0; y < 50; y++) whole += red_at(&c, 14 + 10 * i, y) == 255;
        assert_int_equal(whole, expected[i]);
    }
    assert_int_equal(red_at(&c, 44, 32), 128);
    assert_true(rb_box_across(box, -1, 3, 1) == 30 && rb_box_up(box, -1, 3, 1) == 25);
    assert_true(rb_box_across(box, -1, 3, -9) == 10 && rb_box_across(box, -1, 3, 99) == 50);
    assert_true(rb_box_across(box, 2, 2, 5) == 10);

    rb_canvas_clear(&c, black);
    const float course[] = {0, 0, NAN, 1, 1}; // stands at the right: five of nine places
    rb_canvas_trace(&c, box, course, 5, 9, 0, 1, 2, white);
    assert_int_equal(red_at(&c, 32, 39), 255);
    assert_int_equal(red_at(&c, 47, 10), 255);
    assert_int_equal(red_at(&c, 27, 39), 0);
    for (int y = 0; y < 50; y++) assert_int_equal(red_at(&c, 40, y), 0); // the break
    rb_canvas_destroy(&c);
}

static void test_letters(void **state)
{
    (void)state;
    rb_font *font;
    assert_int_equal(rb_font_create(&font, 10, 1.3, NULL), RB_OK);
    rb_canvas c = make(200, 40);
    // Every character but the space leaves its own mark, inside the width that is told for it.
    uint64_t marks[256];
    int count = 0;
    for (int i = '!'; i <= '~'; i++) {
        const char text[2] = {(char)i, 0};
        rb_canvas_clear(&c, black);
        rb_canvas_text(&c, font, 50, 25, RB_ALIGN_LEFT, white, text);
        int left = 200, right = -1;
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 200; x++)
                if (red_at(&c, x, y) > 127) left = x < left ? x : left, right = x > right ? x : right;
        assert_in_range(left, 49, 53);
        assert_true(right >= left && right <= 50 + rb_font_width(font, text));
        marks[count++] = hash_of(&c);
        for (int k = 0; k + 1 < count; k++)
            if (marks[k] == marks[count - 1]) fail_msg("%c looks like %c", i, '!' + k);
    }
    for (int i = '0'; i <= '9'; i++)
        assert_int_equal(rb_font_width(font, (const char[]){(char)i, 'x', 0}), rb_font_width(font, "0x"));
    assert_int_equal(rb_font_width(font, "\xc3\xa9\x01"), rb_font_width(font, "\x7f\x7f")); // boxes
    assert_int_equal(rb_font_width(font, ""), 0);
    assert_int_equal(rb_font_height(font), 10);

    // A capital is as high as it was asked for, and stands on the line.
    rb_canvas_clear(&c, black);
    rb_canvas_text(&c, font, 50, 25, RB_ALIGN_LEFT, white, "H");
    assert_true(red_at(&c, 50, 25) == 255 && red_at(&c, 50, 16) == 255);
    assert_true(red_at(&c, 50, 27) == 0 && red_at(&c, 50, 14) == 0);

    rb_canvas cut = make(200, 40);
    rb_canvas_clear(&c, black), rb_canvas_clear(&cut, black);
    rb_canvas_text(&c, font, 0, 25, RB_ALIGN_LEFT, white, "short");
    rb_canvas_text_cut(&cut, font, 0, 25, rb_font_width(font, "short"), white, "short");
    assert_int_equal(hash_of(&c), hash_of(&cut));
    rb_canvas_clear(&c, black);
    rb_canvas_text_cut(&c, font, 0, 25, 60, white, "much too long for this");
    for (int y = 0; y < 40; y++)
        for (int x = 61; x < 200; x++) assert_int_equal(red_at(&c, x, y), 0);
    rb_canvas_destroy(&c);
    rb_canvas_destroy(&cut);
    rb_font_destroy(font);
}

static void test_the_same_everywhere(void **state)
{
    (void)state;
    rb_canvas c = make(240, 120);
    rb_font *font;
    assert_int_equal(rb_font_create(&font, 12, 1.5, NULL), RB_OK);
    draw_everything(&c, font, 20.3, 15.6);
    assert_int_equal(hash_of(&c), UINT64_C(0xa6d4db95afe5afd6));
    rb_canvas_clear(&c, black);
    for (int row = 0; row < 4; row++) {
        char text[25] = "";
        for (int i = 0; i < 24; i++) text[i] = (char)(' ' + 24 * row + i);
        rb_canvas_text(&c, font, 4, 24 + 26 * row, RB_ALIGN_LEFT, odd, text);
    }
    assert_int_equal(hash_of(&c), UINT64_C(0x228f91539aac6f7e));
    rb_canvas_destroy(&c);
    rb_font_destroy(font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes_cover_what_they_should),
        cmocka_unit_test(test_pictures_are_scaled_by_area),
        cmocka_unit_test(test_what_falls_outside),
        cmocka_unit_test(test_charts),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
