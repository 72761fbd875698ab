// Moving pictures: what is put in comes out again, read by a decoder of our own (GIF89a's blocks and LZW).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "io/gif.h"

enum { HEIGHT = 40, WIDTH = 61, MOST = 8, BYTES = HEIGHT * WIDTH * 3 };

typedef struct decoder {
    const uint8_t *at, *end;
    int height, width, colours, pictures, hundredths;
    uint8_t map[256][3];
    uint8_t screen[HEIGHT * WIDTH];
    uint8_t rgb[MOST][BYTES]; // each picture as it would be seen
    int boxes[MOST];          // pixels that were sent for it
} decoder;

static int byte_of(decoder *d)
{
    assert_true(d->at < d->end);
    return *d->at++;
}

static int word_of(decoder *d)
{
    const int low = byte_of(d);
    return low | byte_of(d) << 8;
}

static void skip_blocks(decoder *d)
{
    for (int n; (n = byte_of(d));) d->at += n;
}

// LZW with codes that grow to 12 bits.
static void decode_pixels(decoder *d, int top, int left, int height, int width)
{
    static uint8_t data[1 << 16];
    static int prefix[4096];
    static uint8_t last[4096], turned[4096];
    const int least = byte_of(d), clear = 1 << least;
    size_t bytes = 0, bit = 0;
    for (int n; (n = byte_of(d)); bytes += (size_t)n, d->at += n) memcpy(data + bytes, d->at, (size_t)n);
    int bits = least + 1, next = clear + 2, before = -1, first = 0, put = 0;
    for (;;) {
        int code = 0;
        for (int i = 0; i < bits; i++, bit++) code |= (data[bit / 8] >> bit % 8 & 1) << i;
        assert_true(bit <= bytes * 8);
        if (code == clear + 1) break;
        if (code == clear) {
            bits = least + 1, next = clear + 2, before = -1;
            continue;
        }
        int length = 0, walk = code;
        if (before >= 0 && code >= next) {
            turned[length++] = (uint8_t)first;
            walk = before;
        }
        for (; walk >= clear; walk = prefix[walk]) turned[length++] = last[walk];
        turned[length++] = (uint8_t)(first = walk);
        if (before >= 0 && next < 4096) {
            prefix[next] = before;
            last[next++] = (uint8_t)first;
            if (next == 1 << bits && bits < 12) bits++;
        }
        before = code;
        for (; length; put++)
            d->screen[(top + put / width) * d->width + left + put % width] = turned[--length];
    }
    assert_int_equal(put, height * width);
}

static void decode(decoder *d, const uint8_t *file, size_t bytes)
{
    memset(d, 0, sizeof *d);
    d->at = file;
    d->end = file + bytes;
    assert_memory_equal(d->at, "GIF89a", 6);
    d->at += 6;
    d->width = word_of(d);
    d->height = word_of(d);
    assert_true(d->width == WIDTH && d->height == HEIGHT);
    const int flags = byte_of(d);
    assert_true(flags & 128);
    d->colours = 2 << (flags & 7);
    d->at += 2;
    memcpy(d->map, d->at, 3 * (size_t)d->colours);
    d->at += 3 * d->colours;
    for (int kind; (kind = byte_of(d)) != ';';) {
        if (kind == '!') {
            const int label = byte_of(d);
            if (label == 0xf9) d->hundredths = d->at[2] | d->at[3] << 8;
            if (label == 0xff) assert_memory_equal(d->at, "\13NETSCAPE2.0\3\1\0\0", 16);
            skip_blocks(d);
            continue;
        }
        assert_int_equal(kind, ',');
        const int left = word_of(d), top = word_of(d), width = word_of(d), height = word_of(d);
        assert_int_equal(byte_of(d), 0);
        assert_true(d->pictures < MOST);
        decode_pixels(d, top, left, height, width);
        for (int i = 0; i < HEIGHT * WIDTH; i++) memcpy(d->rgb[d->pictures] + 3 * i, d->map[d->screen[i]], 3);
        d->boxes[d->pictures++] = height * width;
    }
    assert_true(d->at == d->end);
}

static decoder got;

static void encode(const rb_gif *gif)
{
    uint8_t *file;
    size_t bytes;
    assert_int_equal(rb_gif_encode(gif, 7, &file, &bytes, NULL), RB_OK);
    decode(&got, file, bytes);
    free(file);
    assert_int_equal(got.hundredths, 7);
}

static rb_gif *make(void)
{
    rb_gif *gif;
    assert_int_equal(rb_gif_create(&gif, HEIGHT, WIDTH, MOST, NULL), RB_OK);
    return gif;
}

// A field of `colours` colours at random, with a small box moving over it.
static void paint(uint8_t *rgb, int colours, int move)
{
    rb_rng rng = rb_rng_stream(3, RB_RNG_EVAL, (uint64_t)colours);
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        const uint32_t c = rb_rng_below(&rng, (uint32_t)colours);
        rgb[3 * i] = (uint8_t)(c * 37);
        rgb[3 * i + 1] = (uint8_t)(c / 4);
        rgb[3 * i + 2] = (uint8_t)c;
    }
    for (int y = 5; y < 9; y++)
        for (int x = move; x < move + 4; x++) memset(rgb + 3 * (y * WIDTH + x), 0, 3);
}

// Up to 256 colours come back exactly, and only what moved is sent.
static void test_exact(void **unused)
{
    (void)unused;
    static uint8_t pictures[MOST][BYTES];
    const int colours[] = {1, 2, 3, 16, 200, 256};
    for (int c = 0; c < 6; c++) {
        rb_gif *gif = make();
        for (int i = 0; i < MOST; i++) {
            paint(pictures[i], colours[c], i < 6 ? 10 + i : 15); // the last two as the one before
            rb_gif_add(gif, pictures[i]);
        }
        encode(gif);
        rb_gif_destroy(gif);
        assert_int_equal(got.pictures, MOST);
        for (int i = 0; i < MOST; i++) assert_memory_equal(got.rgb[i], pictures[i], BYTES);
        assert_int_equal(got.boxes[0], HEIGHT * WIDTH);
        for (int i = 1; i < 6; i++) assert_true(got.boxes[i] <= 5 * 4);
        assert_int_equal(got.boxes[7], 1);
    }
}

// More than 256: the nearest that is there.
static void test_many_colours(void **unused)
{
    (void)unused;
    static uint8_t picture[BYTES];
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        picture[3 * i] = (uint8_t)(i % 256);
        picture[3 * i + 1] = picture[3 * i + 2] = (uint8_t)(i < 256 ? 0 : i / 256);
    }
    rb_gif *gif = make();
    rb_gif_add(gif, picture);
    encode(gif);
    rb_gif_destroy(gif);
    assert_int_equal(got.colours, 256);
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        assert_int_equal(got.rgb[0][3 * i], picture[3 * i]);
        assert_int_equal(got.rgb[0][3 * i + 1], 0);
    }
}

static void test_halving(void **unused)
{
    (void)unused;
    static uint8_t picture[BYTES];
    rb_gif *gif = make();
    for (int i = 0; i < 7; i++) {
        memset(picture, 20 * i, BYTES);
        rb_gif_add(gif, picture);
    }
    rb_gif_halve(gif);
    assert_int_equal(rb_gif_count(gif), 4);
    encode(gif);
    for (int i = 0; i < 4; i++) assert_int_equal(got.rgb[i][0], 40 * i);
    rb_gif_destroy(gif);
}

int main(void)
{
    if (!rb_gif_available()) {
        rb_gif *gif;
        rb_error error = {0};
        return rb_gif_create(&gif, 1, 1, 1, &error) != RB_ERR_MISSING || !strstr(error.message, "giflib");
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact), cmocka_unit_test(test_many_colours),
                                       cmocka_unit_test(test_halving)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
