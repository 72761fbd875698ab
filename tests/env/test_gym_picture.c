// Pictures of Gymnasium environments under gym.pictures = atari, compared with a slow reference: pooled pixel
// by pixel, then shrunk by the area resize, which has its own tests.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "env/gym_picture.h"
#include "env/image.h"

enum { H = 50, W = 40 };

static void draw(uint8_t *out, size_t count, uint32_t x)
{
    for (size_t i = 0; i < count; i++) {
        x = 1664525u * x + 1013904223u;
        out[i] = (uint8_t)(x >> 24);
    }
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

// Plane `plane` of the pooled picture at pixel i; frames [channels][H * W].
static int pooled(const rb_atari_params *params, int channels, const uint8_t *a, const uint8_t *b, int plane,
                  int i)
{
    enum { N = H * W };
    if (params->pool == RB_POOL_LAST) a = b;
    if (channels == 1 || params->colour) return most(a[plane * N + i], b[plane * N + i]);
    if (params->pool == RB_POOL_GREY)
        return most(rb_grey_of_rgb(a[i], a[N + i], a[2 * N + i]),
                    rb_grey_of_rgb(b[i], b[N + i], b[2 * N + i]));
    return rb_grey_of_rgb(most(a[i], b[i]), most(a[N + i], b[N + i]), most(a[2 * N + i], b[2 * N + i]));
}

static void pictures_are_pooled_and_made_small_as_asked_for(void **state)
{
    (void)state;
    static uint8_t a[3 * H * W], b[3 * H * W], whole[H * W], small[H * W], seen[3 * H * W];
    draw(a, sizeof a, 1);
    draw(b, sizeof b, 2);
    for (int kind = 0; kind < 24; kind++) {
        rb_atari_params params = {
            .size = 21, .width = kind & 1 ? 30 : 0, .colour = kind & 2, .pool = kind >> 3};
        const int channels = kind & 4 ? 1 : 3, wide = kind & 1 ? 30 : 21;
        rb_gym_picture *picture;
        rb_error error = {0};
        rb_status status = rb_gym_picture_create(&picture, channels, H, W, &params, &error);
        if (params.colour && channels == 1) {
            assert_int_equal(status, RB_ERR_USAGE);
            assert_string_equal(error.message,
                                "atari.colour = true: the pictures are grey; set atari.colour = false");
            continue;
        }
        assert_int_equal(status, RB_OK);
        int planes, height, width;
        rb_gym_picture_shape(picture, &planes, &height, &width);
        assert_int_equal(planes, params.colour ? 3 : 1);
        assert_int_equal(height, 21);
        assert_int_equal(width, wide);
        rb_gym_picture_make(picture, a, b);
        rb_gym_picture_copy(picture, seen);
        rb_area *area;
        assert_int_equal(rb_area_create(&area, H, W, height, width, NULL), RB_OK);
        for (int plane = 0; plane < planes; plane++) {
            for (int i = 0; i < H * W; i++) whole[i] = (uint8_t)pooled(&params, channels, a, b, plane, i);
            rb_area_resize(area, whole, small);
            assert_memory_equal(seen + plane * height * width, small, (size_t)(height * width));
        }
        rb_area_destroy(area);
        rb_gym_picture_destroy(picture);
    }
}

static void a_picture_is_not_made_larger(void **state)
{
    (void)state;
    rb_gym_picture *picture;
    rb_error error = {0};
    rb_atari_params params = {.size = 21, .width = 80};
    assert_int_equal(rb_gym_picture_create(&picture, 3, H, W, &params, &error), RB_ERR_USAGE);
    assert_null(picture);
    assert_string_equal(error.message, "atari.size = 21, atari.width = 80: pictures of 40 x 50 can't be "
                                       "resized to 80 x 21: they can only be made smaller");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_pooled_and_made_small_as_asked_for),
        cmocka_unit_test(a_picture_is_not_made_larger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
