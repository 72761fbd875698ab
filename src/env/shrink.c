// See shrink.h.
#include "env/shrink.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTION_BITS = 22 };

// One axis: new pixel i is the sum over k < count[i] of weight[i * most + k] times old pixel first[i] + k.
typedef struct axis {
    int *first, *count;
    int32_t *weight;
    int most;
} axis;

struct rb_shrink {
    int height, width, new_height, new_width;
    axis across, down;
    uint8_t *narrow; // [height][new_width][3], shrunk horizontally
};

// An old pixel's weight is the triangle's height at its centre; the weights of a new pixel sum to 1.
static void fill_weights(axis *a, int old_size, int new_size)
{
    const double scale = (double)old_size / new_size; // old pixels per new one: half the triangle's base
    double raw[4096];
    assert(a->most <= 4096);
    for (int i = 0; i < new_size; i++) {
        double centre = (i + 0.5) * scale, sum = 0;
        int from = (int)(centre - scale + 0.5), to = (int)(centre + scale + 0.5);
        if (centre - scale + 0.5 < 0) from = 0;
        if (to > old_size) to = old_size;
        a->first[i] = from;
        a->count[i] = to - from;
        for (int k = 0; k < to - from; k++) {
            double away = fabs((k + from - centre + 0.5) * (1 / scale));
            raw[k] = away < 1 ? 1 - away : 0;
            sum += raw[k];
        }
        for (int k = 0; k < to - from; k++)
            a->weight[i * a->most + k] = (int32_t)(raw[k] / sum * (1 << FRACTION_BITS) + 0.5);
    }
}

static bool make_axis(axis *a, int old_size, int new_size)
{
    a->most = 2 * (int)ceil((double)old_size / new_size) + 1;
    a->first = calloc((size_t)new_size, sizeof *a->first);
    a->count = calloc((size_t)new_size, sizeof *a->count);
    a->weight = calloc((size_t)new_size * (size_t)a->most, sizeof *a->weight);
    if (!a->first || !a->count || !a->weight) return false;
    fill_weights(a, old_size, new_size);
    return true;
}

rb_status rb_shrink_create(rb_shrink **out, int height, int width, int new_height, int new_width,
                           rb_error *error)
{
    assert(new_height >= 1 && new_width >= 1 && height >= new_height && width >= new_width);
    rb_shrink *shrink = calloc(1, sizeof *shrink);
    if (!shrink) return rb_error_set(error, RB_ERR_MEMORY, "no memory to shrink pictures");
    shrink->height = height;
    shrink->width = width;
    shrink->new_height = new_height;
    shrink->new_width = new_width;
    shrink->narrow = malloc((size_t)height * (size_t)new_width * 3);
    if (!shrink->narrow || !make_axis(&shrink->across, width, new_width) ||
        !make_axis(&shrink->down, height, new_height)) {
        rb_shrink_destroy(shrink);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to shrink pictures");
    }
    *out = shrink;
    return RB_OK;
}

static void free_axis(axis *a)
{
    free(a->first);
    free(a->count);
    free(a->weight);
}

void rb_shrink_destroy(rb_shrink *shrink)
{
    if (!shrink) return;
    free_axis(&shrink->across);
    free_axis(&shrink->down);
    free(shrink->narrow);
    free(shrink);
}

static uint8_t byte_of(int32_t sum) // weights are non-negative and sum to 1: never 256 or more
{
    int32_t value = sum >> FRACTION_BITS;
    return (uint8_t)(value > 255 ? 255 : value);
}

static void narrow_row(const rb_shrink *shrink, const uint8_t *row, uint8_t *out)
{
    const axis *a = &shrink->across;
    for (int i = 0; i < shrink->new_width; i++, out += 3) {
        const uint8_t *from = row + (ptrdiff_t)3 * a->first[i];
        const int32_t *weight = a->weight + (ptrdiff_t)i * a->most;
        int32_t red = 1 << (FRACTION_BITS - 1), green = red, blue = red;
        for (int k = 0; k < a->count[i]; k++, from += 3) {
            red += from[0] * weight[k];
            green += from[1] * weight[k];
            blue += from[2] * weight[k];
        }
        out[0] = byte_of(red);
        out[1] = byte_of(green);
        out[2] = byte_of(blue);
    }
}

void rb_shrink_run(rb_shrink *shrink, const uint8_t *rgb, uint8_t *out)
{
    const size_t row_bytes = (size_t)shrink->width * 3, narrow_bytes = (size_t)shrink->new_width * 3;
    for (int y = 0; y < shrink->height; y++) {
        const uint8_t *row = rgb + (size_t)y * row_bytes;
        uint8_t *narrow = shrink->narrow + (size_t)y * narrow_bytes;
        if (y && !memcmp(row, row - row_bytes, row_bytes)) // drawn pictures have many equal rows
            memcpy(narrow, narrow - narrow_bytes, narrow_bytes);
        else
            narrow_row(shrink, row, narrow);
    }
    const axis *a = &shrink->down;
    const size_t plane = (size_t)shrink->new_height * (size_t)shrink->new_width;
    for (int y = 0; y < shrink->new_height; y++) {
        const int32_t *weight = a->weight + (ptrdiff_t)y * a->most;
        const uint8_t *column = shrink->narrow + (size_t)a->first[y] * narrow_bytes;
        for (int x = 0; x < 3 * shrink->new_width; x++) {
            int32_t sum = 1 << (FRACTION_BITS - 1);
            for (int k = 0; k < a->count[y]; k++)
                sum += column[(size_t)k * narrow_bytes + (size_t)x] * weight[k];
            out[(size_t)(x % 3) * plane + (size_t)y * (size_t)shrink->new_width + (size_t)(x / 3)] =
                byte_of(sum);
        }
    }
}
