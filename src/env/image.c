// Grey, pooling and area interpolation: see image.h.
//
// Area interpolation, per axis: the new pixel d covers the old interval [d s, d s + s) with s = old / new.
// Its value is the mean of the old pixels weighted by how much of each is covered; parts of less than a
// thousandth are left out. Weights are floats made from doubles. First every old row becomes a row of new
// width (sums over its taps in order), then rows are summed with their weights, in order: float32 throughout,
// no fused multiply-add, rounded half to even at the end. That order is what makes the result equal OpenCV's
// bit for bit.
//
//     old row y:   | . | . | . | . | ...        taps of column d: at most `taps`, the missing ones with
//                   \____/                      weight 0, which adds exactly nothing
//     new column d   w0 w1
#include "env/image.h"

#include <math.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>

typedef struct axis {
    int old, new, taps;
    int *first;    // [new] the first old pixel that counts
    float *weight; // [taps][new]
} axis;

struct rb_area {
    axis x, y;
    float *row;  // [old width] one old row as floats, and `taps` zeros after it
    float *wide; // [new width] that row made smaller
    float *sums; // [2][new width]
};

// ---- grey and pooling ----

uint8_t rb_grey_of_rgb(int red, int green, int blue)
{
    return (uint8_t)((red * 9798 + green * 19235 + blue * 3735 + (1 << 14)) >> 15);
}

void rb_pool_table_grey(rb_pool_table *table, const uint8_t *grey)
{
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) table->grey[a * 256 + b] = grey[a] > grey[b] ? grey[a] : grey[b];
}

void rb_pool_table_rgb(rb_pool_table *table, const uint8_t *rgb)
{
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            int most[3];
            for (int c = 0; c < 3; c++)
                most[c] = rgb[3 * a + c] > rgb[3 * b + c] ? rgb[3 * a + c] : rgb[3 * b + c];
            table->grey[a * 256 + b] = rb_grey_of_rgb(most[0], most[1], most[2]);
        }
    }
}

void rb_pool_screens(const rb_pool_table *table, const uint8_t *a, const uint8_t *b, uint8_t *out,
                     size_t count)
{
    const uint8_t *grey = table->grey;
    for (size_t i = 0; i < count; i++) out[i] = grey[(unsigned)a[i] << 8 | b[i]];
}

void rb_pool_into(const uint8_t *grey, const uint8_t *screen, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t g = grey[screen[i]];
        out[i] = out[i] > g ? out[i] : g;
    }
}

// ---- area interpolation ----

// The taps of new pixel d: writes their weights, returns their number and the first old pixel.
static int taps_of(const axis *a, int d, float *weights, int *first)
{
    double scale = 1.0 / ((double)a->new / (double)a->old);
    double from = d * scale, to = from + scale;
    double cell = fmin(scale, a->old - from);
    int whole_to = (int)floor(to);
    if (whole_to > a->old - 1) whole_to = a->old - 1;
    int whole_from = (int)ceil(from);
    if (whole_from > whole_to) whole_from = whole_to;
    int n = 0;
    *first = whole_from;
    if (whole_from - from > 1e-3) {
        *first = whole_from - 1;
        weights[n++] = (float)((whole_from - from) / cell);
    }
    for (int i = whole_from; i < whole_to; i++) weights[n++] = (float)(1.0 / cell);
    if (to - whole_to > 1e-3) weights[n++] = (float)(fmin(fmin(to - whole_to, 1.0), cell) / cell);
    return n;
}

static bool axis_make(axis *a, int old, int new)
{
    a->old = old;
    a->new = new;
    int most = old / new + 3;
    float *weights = calloc((size_t)most, sizeof *weights);
    a->first = calloc((size_t) new, sizeof *a->first);
    a->weight = calloc((size_t)most * (size_t) new, sizeof *a->weight);
    bool made = weights && a->first && a->weight;
    for (int d = 0; made && d < new; d++) {
        int n = taps_of(a, d, weights, &a->first[d]);
        if (n > a->taps) a->taps = n;
        for (int k = 0; k < n; k++) a->weight[k * new + d] = weights[k];
    }
    free(weights);
    return made;
}

rb_status rb_area_create(rb_area **out, int height, int width, int new_height, int new_width, rb_error *error)
{
    *out = NULL;
    if (new_height < 1 || new_width < 1 || new_height > height || new_width > width)
        return rb_error_set(error, RB_ERR_USAGE, "pictures of %d x %d can't be made %d x %d: only smaller",
                            width, height, new_width, new_height);
    rb_area *area = calloc(1, sizeof *area);
    if (!area) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the tables of a picture");
    bool made = axis_make(&area->x, width, new_width) && axis_make(&area->y, height, new_height);
    if (made) {
        area->row = calloc((size_t)width + (size_t)area->x.taps, sizeof(float));
        area->wide = calloc((size_t)new_width, sizeof(float));
        area->sums = calloc((size_t)new_width, sizeof(float));
    }
    if (!made || !area->row || !area->wide || !area->sums) {
        rb_area_destroy(area);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the tables of a picture");
    }
    *out = area;
    return RB_OK;
}

void rb_area_destroy(rb_area *area)
{
    if (!area) return;
    free(area->x.first);
    free(area->x.weight);
    free(area->y.first);
    free(area->y.weight);
    free(area->row);
    free(area->wide);
    free(area->sums);
    free(area);
}

// One old row at its new width.
static void narrow(const rb_area *area, const uint8_t *picture_row)
{
    const axis *x = &area->x;
    const int *restrict first = x->first;
    float *restrict row = area->row, *restrict wide = area->wide;
    for (int i = 0; i < x->old; i++) row[i] = (float)picture_row[i];
    if (x->taps == 3) { // 160 to 84, the usual: one pass
        const float *restrict w = x->weight;
        for (int d = 0; d < x->new; d++) {
            const float *from = row + first[d];
            wide[d] = (w[d] * from[0] + w[x->new + d] * from[1]) + w[2 * x->new + d] * from[2];
        }
        return;
    }
    for (int d = 0; d < x->new; d++) {
        const float *from = row + first[d];
        float sum = 0;
        for (int k = 0; k < x->taps; k++) sum += x->weight[k * x->new + d] * from[k];
        wide[d] = sum;
    }
}

void rb_area_resize(rb_area *area, const uint8_t *picture, uint8_t *out)
{
    const axis *x = &area->x, *y = &area->y;
    const int width = x->new;
    float *restrict sums = area->sums;
    const float *restrict wide = area->wide;
    int ready = -1; // the old row that `wide` holds: neighbours share one
    for (int d = 0; d < y->new; d++) {
        for (int k = 0; k < y->taps; k++) {
            float weight = y->weight[k * y->new + d];
            if (weight == 0) break;
            int row = y->first[d] + k;
            if (row != ready) narrow(area, picture + (size_t)row * (size_t)x->old);
            ready = row;
            if (k == 0)
                for (int i = 0; i < width; i++) sums[i] = weight * wide[i];
            else
                for (int i = 0; i < width; i++) sums[i] += weight * wide[i];
        }
        // Adding 1.5 * 2^23 leaves the integer, rounded half to even, in the low bits of the float.
        uint8_t *restrict to = out + (size_t)d * (size_t)width;
        for (int i = 0; i < width; i++) {
            float shifted = sums[i] + 12582912.0f;
            uint32_t bits;
            memcpy(&bits, &shifted, sizeof bits);
            bits &= 0x1ff;
            to[i] = (uint8_t)(bits > 255 ? 255 : bits);
        }
    }
}
