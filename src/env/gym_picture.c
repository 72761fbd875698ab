#include "env/gym_picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "env/image.h"

struct rb_gym_picture {
    int channels, size;
    size_t pixels;
    bool rgb_first;  // the maximum before grey
    uint8_t *pooled; // [height][width]
    uint8_t *small;  // [size][size]
    rb_area *area;
};

void rb_gym_picture_destroy(rb_gym_picture *p)
{
    if (!p) return;
    rb_area_destroy(p->area);
    free(p->pooled);
    free(p->small);
    free(p);
}

rb_status rb_gym_picture_create(rb_gym_picture **out, int channels, int height, int width,
                                const rb_atari_params *params, rb_error *error)
{
    const int size = (int)params->size;
    rb_gym_picture *p = calloc(1, sizeof *p);
    *out = NULL;
    if (p) {
        *p = (rb_gym_picture){.channels = channels,
                              .size = size,
                              .pixels = (size_t)height * (size_t)width,
                              .rgb_first = params->pool == RB_POOL_RGB};
        p->pooled = malloc(p->pixels);
        p->small = calloc((size_t)size * (size_t)size, 1);
    }
    rb_status status = RB_OK;
    if (!p || !p->pooled || !p->small)
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for pictures");
    else if (rb_area_create(&p->area, height, width, size, size, error))
        status = rb_error_context(error, "atari.size = %d", size);
    if (status) {
        rb_gym_picture_destroy(p);
        return status;
    }
    *out = p;
    return RB_OK;
}

int rb_gym_picture_size(const rb_gym_picture *p)
{
    return p->size;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

void rb_gym_picture_make(rb_gym_picture *p, const void *earlier, const void *later)
{
    const uint8_t *a = earlier, *b = later;
    const size_t n = p->pixels;
    if (p->channels == 1) {
        for (size_t i = 0; i < n; i++) p->pooled[i] = larger(a[i], b[i]);
    } else if (p->rgb_first || a == b) {
        for (size_t i = 0; i < n; i++)
            p->pooled[i] = rb_grey_of_rgb(larger(a[i], b[i]), larger(a[n + i], b[n + i]),
                                          larger(a[2 * n + i], b[2 * n + i]));
    } else {
        for (size_t i = 0; i < n; i++)
            p->pooled[i] = larger(rb_grey_of_rgb(a[i], a[n + i], a[2 * n + i]),
                                  rb_grey_of_rgb(b[i], b[n + i], b[2 * n + i]));
    }
    rb_area_resize(p->area, p->pooled, p->small);
}

void rb_gym_picture_copy(const rb_gym_picture *p, void *out)
{
    memcpy(out, p->small, (size_t)p->size * (size_t)p->size);
}
