// Grey, pooling and area interpolation: see image.h.
//
// Console screens repeat vertically: a brick is six lines high, a sky sixty. So rows are processed in words
// of eight pixels, and a word equal to the one above it reuses that word's result; comparing is far cheaper
// than looking up and adding.
//
// Area interpolation, per axis: the new pixel d covers the old interval [d s, d s + s) with s = old / new.
// Its value is the mean of the old pixels, weighted by the covered part of each; parts of less than a
// thousandth are ignored. Weights are floats made from doubles. First every old row becomes a row of the new
// width (sums over its taps in order), then rows are summed with their weights, in order: float32 throughout,
// no fused multiply-add, rounded half to even at the end. That order makes the result bit-identical to
// OpenCV's. If both old sizes are multiples of the new ones, OpenCV sums bytes as integers instead, and
// rounds once; halves round up if four pixels become one, otherwise to even.
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
    int *first;    // [new] the first old pixel with a weight
    float *weight; // [taps][new]
} axis;

enum {
    WORD = 8,   // old pixels compared at once
    BLOCK = 16, // new columns summed at once
};

struct rb_area {
    axis x, y;
    int across, down;  // old pixels per new one if both are whole numbers; otherwise 0
    float *row;        // [old width] one old row as floats, and `taps` zeros after it
    size_t pitch;      // bytes per narrow row: the new width in whole blocks
    float *narrow;     // [old height][pitch]
    float **narrow_of; // [old height + y.taps], by old row; equal neighbours share one
    int *reach; // [words of an old row][2]: the first new column that uses a word, and one past the last
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

// Whether a row differs from the one above it anywhere. There is no early exit, so that it compiles to a few
// vector instructions.
static inline bool row_differs(const uint8_t *row, const uint8_t *above, int width)
{
    uint64_t differ = 0;
    int i = 0;
    for (; i + WORD <= width; i += WORD) {
        uint64_t x, y;
        memcpy(&x, row + i, WORD);
        memcpy(&y, above + i, WORD);
        differ |= x ^ y;
    }
    for (; i < width; i++) differ |= row[i] ^ above[i];
    return differ != 0;
}

// The same for the word that starts at pixel `at`; the last word of a row may be shorter.
static inline bool word_differs(const uint8_t *row, const uint8_t *above, int at, int width)
{
    if (at + WORD > width) return row_differs(row + at, above + at, width - at);
    return row_differs(row + at, above + at, WORD);
}

static inline void look_up(const uint8_t *grey, const uint8_t *a, const uint8_t *b, uint8_t *out, int count)
{
    for (int i = 0; i < count; i++) out[i] = grey[(unsigned)a[i] << 8 | b[i]];
}

static void pool_row(const uint8_t *grey, const uint8_t *a, const uint8_t *b, uint8_t *out, int width)
{
    memcpy(out, out - width, (size_t)width);
    if (!row_differs(a, a - width, width) && !row_differs(b, b - width, width)) return;
    for (int at = 0; at < width; at += WORD)
        if (word_differs(a, a - width, at, width) || word_differs(b, b - width, at, width))
            look_up(grey, a + at, b + at, out + at, at + WORD > width ? width - at : WORD);
}

void rb_pool_screens(const rb_pool_table *table, const uint8_t *a, const uint8_t *b, uint8_t *out, int height,
                     int width)
{
    look_up(table->grey, a, b, out, width);
    for (int y = 1; y < height; y++) pool_row(table->grey, a += width, b += width, out += width, width);
}

void rb_pool_into(const uint8_t *grey, const uint8_t *screen, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t g = grey[screen[i]];
        out[i] = out[i] > g ? out[i] : g;
    }
}

// ---- area interpolation ----

// The taps of new pixel d: writes their weights and the first old pixel, and returns their number.
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

// Finds which new columns use each word of an old row.
static bool reach_make(rb_area *area)
{
    const axis *x = &area->x;
    int words = (x->old + WORD - 1) / WORD;
    area->reach = calloc((size_t)words * 2, sizeof *area->reach);
    if (!area->reach) return false;
    for (int w = 0; w < words; w++) {
        int *reach = area->reach + 2 * w, d = 0;
        while (d < x->new - 1 && x->first[d] + x->taps <= w * WORD) d++;
        reach[0] = d;
        while (d < x->new && x->first[d] < (w + 1) * WORD) d++;
        reach[1] = d;
    }
    return true;
}

rb_status rb_area_create(rb_area **out, int height, int width, int new_height, int new_width, rb_error *error)
{
    *out = NULL;
    if (new_height < 1 || new_width < 1 || new_height > height || new_width > width)
        return rb_error_set(error, RB_ERR_USAGE,
                            "pictures of %d x %d can't be resized to %d x %d: they can only be made smaller",
                            width, height, new_width, new_height);
    rb_area *area = calloc(1, sizeof *area);
    if (!area) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the tables of a picture");
    bool made =
        axis_make(&area->x, width, new_width) && axis_make(&area->y, height, new_height) && reach_make(area);
    if (width % new_width == 0 && height % new_height == 0) {
        area->across = width / new_width;
        area->down = height / new_height;
    }
    if (made) {
        area->pitch = ((size_t)new_width + BLOCK - 1) / BLOCK * BLOCK;
        area->row = calloc((size_t)width + (size_t)area->x.taps, sizeof(float));
        area->narrow = calloc((size_t)height * area->pitch, sizeof(float));
        area->narrow_of = calloc((size_t)height + (size_t)area->y.taps, sizeof *area->narrow_of);
    }
    if (!made || !area->row || !area->narrow || !area->narrow_of) {
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
    free(area->narrow);
    free(area->narrow_of);
    free(area->reach);
    free(area);
}

// Computes the new columns from .. to of the old row in area->row.
static void narrow_columns(const rb_area *area, int from, int to, float *restrict out)
{
    const axis *x = &area->x;
    const int *restrict first = x->first;
    const float *restrict row = area->row, *restrict w = x->weight;
    if (x->taps == 3) { // 160 to 84, the usual case: one pass
        for (int d = from; d < to; d++) {
            const float *at = row + first[d];
            out[d] = (w[d] * at[0] + w[x->new + d] * at[1]) + w[2 * x->new + d] * at[2];
        }
        return;
    }
    for (int d = from; d < to; d++) {
        const float *at = row + first[d];
        float sum = 0;
        for (int k = 0; k < x->taps; k++) sum += w[k * x->new + d] * at[k];
        out[d] = sum;
    }
}

static void read_pixels(rb_area *area, const uint8_t *picture_row, int from, int to)
{
    for (int i = from; i < to; i++) area->row[i] = (float)picture_row[i];
}

// Makes the narrow row of an old row that differs somewhere from the one above; that one's narrow row is
// directly before it.
static void narrow_row(rb_area *area, const uint8_t *row, float *out)
{
    const int width = area->x.old;
    memcpy(out, out - area->pitch, area->pitch * sizeof *out);
    for (int at = 0; at < width; at += WORD) {
        if (!word_differs(row, row - width, at, width)) continue;
        int from = at;
        while (at + WORD < width && word_differs(row, row - width, at + WORD, width)) at += WORD;
        read_pixels(area, row, from, at + WORD < width ? at + WORD : width);
        narrow_columns(area, area->reach[2 * (from / WORD)], area->reach[2 * (at / WORD) + 1], out);
    }
}

static void narrow_rows(rb_area *area, const uint8_t *picture)
{
    const int width = area->x.old, height = area->y.old;
    float *to = area->narrow;
    read_pixels(area, picture, 0, width);
    narrow_columns(area, 0, area->x.new, to);
    area->narrow_of[0] = to;
    for (int y = 1; y < height; y++) {
        picture += width;
        if (row_differs(picture, picture - width, width)) narrow_row(area, picture, to += area->pitch);
        area->narrow_of[y] = to;
    }
    // Taps of weight 0 may lie below the picture.
    for (int k = 0; k < area->y.taps; k++) area->narrow_of[height + k] = to;
}

typedef float four __attribute__((vector_size(16)));

static inline four load(const float *from)
{
    four v;
    memcpy(&v, from, sizeof v);
    return v;
}

// Writes four sums as bytes. Adding 1.5 * 2^23 leaves the integer, rounded half to even, in the low bits of
// the float; a mean of bytes never exceeds 255, and rounding errors never add half.
static inline void write_bytes(four sums, uint8_t *out)
{
    uint32_t bits[4];
    sums += 12582912.0f;
    memcpy(bits, &sums, sizeof bits);
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)bits[i];
}

// Writes a block of new row d, from column `from` on: the weighted sum of its taps' narrow rows.
static void sum_block(const rb_area *area, int d, size_t from, uint8_t *out)
{
    const axis *y = &area->y;
    float *const *rows = area->narrow_of + y->first[d];
    const float *row = rows[0] + from, *weight = y->weight + d;
    four s0 = *weight * load(row), s1 = *weight * load(row + 4), s2 = *weight * load(row + 8),
         s3 = *weight * load(row + 12);
    for (int k = 1; k < y->taps; k++) {
        row = rows[k] + from;
        weight += y->new;
        s0 += *weight * load(row);
        s1 += *weight * load(row + 4);
        s2 += *weight * load(row + 8);
        s3 += *weight * load(row + 12);
    }
    write_bytes(s0, out);
    write_bytes(s1, out + 4);
    write_bytes(s2, out + 8);
    write_bytes(s3, out + 12);
}

static uint8_t mean_of_block(const uint8_t *corner, int old_width, int down, int across)
{
    int sum = 0;
    for (int v = 0; v < down; v++, corner += old_width)
        for (int u = 0; u < across; u++) sum += corner[u];
    if (down == 2 && across == 2) return (uint8_t)((sum + 2) >> 2);
    return (uint8_t)lrintf((float)sum * (1.0f / (float)(down * across)));
}

static void resize_by_whole_numbers(const rb_area *area, const uint8_t *picture, uint8_t *out)
{
    const int across = area->across, down = area->down;
    for (int y = 0; y < area->y.new; y++, picture += down * area->x.old)
        for (int x = 0; x < area->x.new; x++)
            *out++ = mean_of_block(picture + x * across, area->x.old, down, across);
}

void rb_area_resize(rb_area *area, const uint8_t *picture, uint8_t *out)
{
    const size_t width = (size_t)area->x.new;
    if (area->across) {
        resize_by_whole_numbers(area, picture, out);
        return;
    }
    narrow_rows(area, picture);
    for (int d = 0; d < area->y.new; d++, out += width) {
        size_t from = 0;
        for (; from + BLOCK <= width; from += BLOCK) sum_block(area, d, from, out + from);
        if (from == width) continue;
        uint8_t last[BLOCK];
        sum_block(area, d, from, last);
        memcpy(out + from, last, width - from);
    }
}
