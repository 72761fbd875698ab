#include "env/gym_picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "env/image.h"

struct rb_gym_picture {
    int channels, planes; // 1 or 3: that come, and that are shown
    int height, width;    // as shown
    size_t pixels;        // of a plane that comes
    int pool;
    uint8_t *pooled; // [planes], each as large as what comes
    uint8_t *small;  // [planes][height][width]
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
    *out = NULL;
    if (params->colour && channels != 3)
        return rb_error_set(error, RB_ERR_USAGE, "atari.colour = true: these pictures have no colours");
    rb_gym_picture *p = calloc(1, sizeof *p);
    if (p) {
        *p = (rb_gym_picture){.channels = channels,
                              .planes = params->colour ? 3 : 1,
                              .height = (int)params->size,
                              .width = params->width ? (int)params->width : (int)params->size,
                              .pixels = (size_t)height * (size_t)width,
                              .pool = params->pool};
        p->pooled = malloc((size_t)p->planes * p->pixels);
        p->small = calloc((size_t)p->planes * (size_t)p->height, (size_t)p->width);
    }
    if (!p || !p->pooled || !p->small) {
        rb_gym_picture_destroy(p);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for pictures");
    }
    const rb_status status = rb_area_create(&p->area, height, width, p->height, p->width, error);
    if (status) {
        rb_error_context(error, status,
                         params->width ? "atari.size = %d, atari.width = %d" : "atari.size = %d", p->height,
                         p->width);
        rb_gym_picture_destroy(p);
        return status;
    }
    *out = p;
    return RB_OK;
}

void rb_gym_picture_shape(const rb_gym_picture *p, int *planes, int *height, int *width)
{
    *planes = p->planes;
    *height = p->height;
    *width = p->width;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static void pool(const rb_gym_picture *p, const uint8_t *a, const uint8_t *b)
{
    const size_t n = p->pixels;
    if (p->channels == p->planes) {
        for (size_t i = 0; i < (size_t)p->planes * n; i++) p->pooled[i] = larger(a[i], b[i]);
    } else if (p->pool == RB_POOL_RGB || a == b) {
        for (size_t i = 0; i < n; i++)
            p->pooled[i] = rb_grey_of_rgb(larger(a[i], b[i]), larger(a[n + i], b[n + i]),
                                          larger(a[2 * n + i], b[2 * n + i]));
    } else {
        for (size_t i = 0; i < n; i++)
            p->pooled[i] = larger(rb_grey_of_rgb(a[i], a[n + i], a[2 * n + i]),
                                  rb_grey_of_rgb(b[i], b[n + i], b[2 * n + i]));
    }
}

void rb_gym_picture_make(rb_gym_picture *p, const void *earlier, const void *later)
{
    pool(p, p->pool == RB_POOL_LAST ? later : earlier, later);
    for (int plane = 0; plane < p->planes; plane++)
        rb_area_resize(p->area, p->pooled + (size_t)plane * p->pixels,
                       p->small + (size_t)(plane * p->height * p->width));
}

void rb_gym_picture_copy(const rb_gym_picture *p, void *out)
{
    memcpy(out, p->small, (size_t)(p->planes * p->height * p->width));
}
