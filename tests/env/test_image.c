// Pictures: bit for bit what OpenCV makes (golden file by tests/data/make_image.py) and what slow twins make
// that know nothing of words, blocks and rows that repeat; and near what the definition of area interpolation
// gives in doubles.
#include "atari_tests.h"

#include <math.h>
#include <stdio.h>
#include "env/image.h"

static void noise(uint8_t *out, size_t count)
{
    uint32_t x = 1;
    for (size_t i = 0; i < count; i++) {
        x = 1664525u * x + 1013904223u;
        out[i] = (uint8_t)(x >> 24);
    }
}

static void resize(const uint8_t *picture, int height, int width, int new_height, int new_width, uint8_t *out)
{
    rb_error error = {0};
    rb_area *area;
    assert_int_equal(rb_area_create(&area, height, width, new_height, new_width, &error), RB_OK);
    uint8_t *twice = malloc((size_t)new_height * (size_t)new_width);
    rb_area_resize(area, picture, out);
    rb_area_resize(area, picture, twice); // nothing is left over from the first
    assert_memory_equal(out, twice, (size_t)new_height * (size_t)new_width);
    free(twice);
    rb_area_destroy(area);
}

static void area_and_grey_equal_opencv(void **state)
{
    (void)state;
    FILE *file = fopen(RB_TEST_DATA "/image.txt", "r");
    assert_non_null(file);
    static uint8_t picture[256 * 160], out[256 * 160];
    char line[256];
    int areas = 0, greys = 0, h, w, to_h, to_w, count;
    unsigned crc;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "area %d %d %d %d %x", &h, &w, &to_h, &to_w, &crc) == 5) {
            noise(picture, (size_t)(h * w));
            resize(picture, h, w, to_h, to_w, out);
            if (crc32_add(0, out, (size_t)(to_h * to_w)) != crc)
                fail_msg("%d x %d to %d x %d", h, w, to_h, to_w);
            areas++;
        } else if (sscanf(line, "grey %d %x", &count, &crc) == 2) {
            uint8_t *rgb = malloc((size_t)count * 3), *grey = malloc((size_t)count);
            noise(rgb, (size_t)count * 3);
            for (int i = 0; i < count; i++)
                grey[i] = rb_grey_of_rgb(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
            assert_int_equal(crc32_add(0, grey, (size_t)count), crc);
            free(rgb);
            free(grey);
            greys++;
        }
    }
    fclose(file);
    assert_true(areas >= 10 && greys == 1);
}

static double covered(double from, double to, int pixel) // of [pixel, pixel + 1)
{
    return fmax(0, fmin(to, pixel + 1) - fmax(from, pixel));
}

// The definition: the mean of the old picture over the rectangle that the new pixel covers.
static void area_is_the_mean_over_what_a_pixel_covers(void **state)
{
    (void)state;
    enum { H = 50, W = 37 };
    uint8_t picture[H * W], out[H * W];
    noise(picture, sizeof picture);
    const int sizes[][2] = {{50, 37}, {49, 36}, {31, 20}, {25, 37}, {7, 11}, {1, 1}, {50, 1}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        int h = sizes[s][0], w = sizes[s][1];
        resize(picture, H, W, h, w, out);
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                double sum = 0, all = 0;
                for (int v = 0; v < H; v++) {
                    for (int u = 0; u < W; u++) {
                        double part = covered(y * (double)H / h, (y + 1) * (double)H / h, v) *
                                      covered(x * (double)W / w, (x + 1) * (double)W / w, u);
                        sum += part * picture[v * W + u];
                        all += part;
                    }
                }
                // Half a step of rounding, and parts of less than a thousandth that may be left out on each
                // side.
                assert_true(fabs(sum / all - out[y * w + x]) < 0.5 + 4e-3 * 255);
            }
        }
    }
}

static void pooling_is_the_maximum_before_or_after_grey(void **state)
{
    (void)state;
    static rb_pool_table grey_first, rgb_first;
    static uint8_t rgb[256 * 3], grey[256], a[4096], b[4096], out[4096], both[8192];
    noise(rgb, sizeof rgb);
    noise(both, sizeof both);
    memcpy(a, both, sizeof a);
    memcpy(b, both + sizeof a, sizeof b);
    for (int i = 0; i < 256; i++) grey[i] = rb_grey_of_rgb(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
    rb_pool_table_grey(&grey_first, grey);
    rb_pool_table_rgb(&rgb_first, rgb);
    int differ = 0;
    rb_pool_screens(&grey_first, a, b, out, 64, 64);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], grey[a[i]] > grey[b[i]] ? grey[a[i]] : grey[b[i]]);
    uint8_t first[4096];
    memcpy(first, out, sizeof out);
    rb_pool_screens(&rgb_first, a, b, out, 64, 64);
    for (size_t i = 0; i < sizeof out; i++) {
        int most[3];
        for (int c = 0; c < 3; c++)
            most[c] = rgb[3 * a[i] + c] > rgb[3 * b[i] + c] ? rgb[3 * a[i] + c] : rgb[3 * b[i] + c];
        assert_int_equal(out[i], rb_grey_of_rgb(most[0], most[1], most[2]));
        differ += out[i] != first[i];
    }
    assert_true(differ > 1000); // the order does matter
    memset(out, 100, sizeof out);
    rb_pool_into(grey, a, out, sizeof out);
    for (size_t i = 0; i < sizeof out; i++) assert_int_equal(out[i], grey[a[i]] > 100 ? grey[a[i]] : 100);
}

// ---- slow twins ----

static uint32_t rng = 7;

static int draw(int most) // 0 .. most - 1
{
    rng = 1664525u * rng + 1013904223u;
    return (int)((rng >> 8) % (uint32_t)most);
}

// Rows as a console draws them: the row above again, or with a few pixels changed, or all new; or all white.
static void console_picture(uint8_t *out, int height, int width)
{
    int kind = draw(8);
    for (int y = 0; y < height; y++, out += width) {
        int change = y == 0 ? 3 : draw(4);
        if (change < 3) memcpy(out, out - width, (size_t)width);
        for (int n = change == 2 ? 1 + draw(4) : 0; n > 0; n--) out[draw(width)] = (uint8_t)draw(256);
        for (int x = 0; change == 3 && x < width; x++) out[x] = kind == 0 ? 255 : (uint8_t)draw(256);
    }
}

typedef struct taps {
    int first, count;
    float weight[300];
} taps;

static taps taps_of(int old, int new, int d)
{
    double scale = 1.0 / ((double)new / (double)old), from = d * scale, to = from + scale;
    double cell = fmin(scale, old - from);
    int end = (int)fmin(floor(to), old - 1), begin = (int)fmin(ceil(from), end);
    taps t = {.first = begin};
    if (begin - from > 1e-3) {
        t.first = begin - 1;
        t.weight[t.count++] = (float)((begin - from) / cell);
    }
    for (int i = begin; i < end; i++) t.weight[t.count++] = (float)(1.0 / cell);
    if (to - end > 1e-3) t.weight[t.count++] = (float)(fmin(fmin(to - end, 1.0), cell) / cell);
    return t;
}

static uint8_t whole_pixel(const uint8_t *picture, int width, int down, int across)
{
    int sum = 0;
    for (int i = 0; i < down * across; i++) sum += picture[i / across * width + i % across];
    return (uint8_t)(down == 2 && across == 2 ? (sum + 2) / 4
                                              : (int)rintf((float)sum * (1.0f / (float)(down * across))));
}

static uint8_t area_pixel(const uint8_t *picture, int width, const taps *down, const taps *across)
{
    float sum = 0;
    for (int v = 0; v < down->count; v++) {
        const uint8_t *row = picture + (down->first + v) * width + across->first;
        float row_sum = 0;
        for (int u = 0; u < across->count; u++) row_sum += across->weight[u] * (float)row[u];
        sum += down->weight[v] * row_sum;
    }
    return (uint8_t)fmin(rintf(sum), 255);
}

static void area_equals_its_slow_twin(void **state)
{
    (void)state;
    static uint8_t picture[250 * 160], out[250 * 160];
    static const int of_games[][3] = {
        {210, 160, 84}, {210, 160, 42}, {214, 160, 84}, {250, 160, 84}, {230, 160, 96}};
    static const int whole_sizes[][4] = {
        {210, 160, 105, 80}, {210, 160, 42, 40}, {210, 160, 210, 160}, {60, 64, 20, 8}};
    for (int round = 0; round < 300; round++) {
        int h = 1 + draw(70), w = 1 + draw(70), to_h = 1 + draw(h), to_w = 1 + draw(w);
        if (round < 30)
            h = of_games[round % 5][0], w = of_games[round % 5][1], to_h = to_w = of_games[round % 5][2];
        if (round >= 30 && round < 50)
            h = whole_sizes[round % 4][0], w = whole_sizes[round % 4][1], to_h = whole_sizes[round % 4][2],
            to_w = whole_sizes[round % 4][3];
        rb_error error = {0};
        rb_area *area;
        assert_int_equal(rb_area_create(&area, h, w, to_h, to_w, &error), RB_OK);
        for (int n = 0; n < 3; n++) { // what one picture leaves behind must not show in the next
            console_picture(picture, h, w);
            rb_area_resize(area, picture, out);
            for (int y = 0; y < to_h; y++) {
                taps down = taps_of(h, to_h, y);
                for (int x = 0; x < to_w; x++) {
                    taps across = taps_of(w, to_w, x);
                    bool whole = h % to_h == 0 && w % to_w == 0;
                    uint8_t expected = whole ? whole_pixel(picture + y * (h / to_h) * w + x * (w / to_w), w,
                                                           h / to_h, w / to_w)
                                             : area_pixel(picture, w, &down, &across);
                    if (out[y * to_w + x] != expected)
                        fail_msg("%d x %d to %d x %d: row %d, column %d", h, w, to_h, to_w, y, x);
                }
            }
        }
        rb_area_destroy(area);
    }
}

static void pooling_equals_its_slow_twin(void **state)
{
    (void)state;
    static rb_pool_table table;
    static uint8_t a[40 * 70], b[40 * 70], out[40 * 70];
    noise(table.grey, sizeof table.grey);
    for (int round = 0; round < 300; round++) {
        int h = 1 + draw(40), w = 1 + draw(70);
        console_picture(a, h, w);
        if (draw(2))
            console_picture(b, h, w);
        else
            memcpy(b, a, sizeof b);
        rb_pool_screens(&table, a, b, out, h, w);
        for (int i = 0; i < h * w; i++)
            if (out[i] != table.grey[a[i] * 256 + b[i]])
                fail_msg("%d x %d: row %d, column %d", h, w, i / w, i % w);
    }
}

static void a_picture_is_not_made_larger(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_area *area;
    assert_int_equal(rb_area_create(&area, 210, 160, 200, 200, &error), RB_ERR_USAGE);
    assert_null(area);
    assert_string_equal(error.message, "pictures of 160 x 210 can't be made 200 x 200: only smaller");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(area_and_grey_equal_opencv),
        cmocka_unit_test(area_is_the_mean_over_what_a_pixel_covers),
        cmocka_unit_test(pooling_is_the_maximum_before_or_after_grey),
        cmocka_unit_test(area_equals_its_slow_twin),
        cmocka_unit_test(pooling_equals_its_slow_twin),
        cmocka_unit_test(a_picture_is_not_made_larger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
