// Pools, and the sum of two pictures. Operands are widened when read and rounded when written.
#ifndef RB_COMPUTE_SIMD_POOL_H
#define RB_COMPUTE_SIMD_POOL_H

#include "compute/simd_vector.h"

typedef struct pool_window { // in pixels
    int top, bottom, left, right;
} pool_window;

INLINE pool_window window_of(const rb_pooling *j, int line, int pixel)
{
    return (pool_window){.top = rb_window_from(&j->lines, line),
                         .bottom = rb_window_to(&j->lines, line),
                         .left = rb_window_from(&j->pixels, pixel),
                         .right = rb_window_to(&j->pixels, pixel)};
}

INLINE ptrdiff_t pixel_at(const rb_pooling *j, int y, int x) // in numbers
{
    return ((ptrdiff_t)y * j->pixels.size + x) * j->columns;
}

// `place` begins as that of the window's first pixel; NULL: not wanted.
INLINE vf largest_in(const rb_pooling *j, const pool_window *w, int column, vi *place)
{
    const rb_unit *line = j->x + UNITS(pixel_at(j, w->top, w->left) + column);
    const int pixel = UNITS(j->columns), width = w->right - w->left;
    const ptrdiff_t next = (ptrdiff_t)j->pixels.size * pixel;
    vf largest = load_numbers(line);
    vi at = place ? *place : (vi){0};
    for (int y = w->top; y < w->bottom; y++, line += next, at += j->pixels.kernel) {
        for (int x = 0; x < width; x++) {
            const vf number = load_numbers(line + x * pixel);
            const vi take = (number > largest) | (number != number); // keeps NaN, so that it is noticed
            largest = (vf)(((vi)number & take) | ((vi)largest & ~take));
            if (place) *place = ((at + x) & take) | (*place & ~take);
        }
    }
    return largest;
}

typedef uint8_t places __attribute__((vector_size(LANES)));
INLINE void store_places(uint8_t *to, vi place)
{
    const places bytes = __builtin_convertvector(place, places);
    memcpy(to, &bytes, sizeof bytes);
}
INLINE vi load_places(const uint8_t *from)
{
    places bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, vi);
}

INLINE vf mean_of(const rb_pooling *j, const pool_window *w, int column)
{
    vf sum = {0};
    for (int y = w->top; y < w->bottom; y++) {
        for (int x = w->left; x < w->right; x++)
            sum += load_numbers(j->x + UNITS(pixel_at(j, y, x) + column));
    }
    return sum / (float)((w->bottom - w->top) * (w->right - w->left));
}

INLINE vf largest_and_place(const rb_pooling *j, const pool_window *w, int first, int column, uint8_t *where)
{
    vi place = (vi){0} + first;
    const vf largest = largest_in(j, w, column, &place);
    const vi none = j->mask ? ~(largest > 0) : (largest != largest);
    store_places(where, place | (none & RB_POOL_NOWHERE));
    return largest;
}

static void pool(const rb_pooling *job)
{
    const rb_pooling j = *job;
    for (int line = j.begin; line < j.end; line++) {
        rb_unit *out = j.out + line * j.out_line, *positive = j.positive;
        uint8_t *where = j.where;
        if (positive) positive += line * j.positive_line;
        if (where) where += (ptrdiff_t)line * j.pixels.count * j.columns;
        for (int pixel = 0; pixel < j.pixels.count; pixel++) {
            const pool_window w = window_of(&j, line, pixel);
            const int first = (w.top - (line * j.lines.step - j.lines.pad)) * j.pixels.kernel + w.left -
                              (pixel * j.pixels.step - j.pixels.pad);
            for (int c = 0; c < j.columns; c += LANES) {
                const vf x = j.mean  ? mean_of(&j, &w, c)
                             : where ? largest_and_place(&j, &w, first, c, where + c)
                                     : largest_in(&j, &w, c, NULL);
                store_numbers(out + UNITS(c), x);
                if (positive) store_numbers(positive + UNITS(c), positive_or_zero(x));
            }
            out += UNITS(j.columns);
            if (positive) positive += UNITS(j.columns);
            if (where) where += j.columns;
        }
    }
}

INLINE void largest_back(const rb_pooling *j, const pool_window *w, int column, vf largest, vf gradient)
{
    vi left = (vi){0} == (vi){0}; // lanes whose largest number is still to be found
    for (int y = w->top; y < w->bottom; y++) {
        for (int x = w->left; x < w->right; x++) {
            const ptrdiff_t at = pixel_at(j, y, x) + column;
            const vi here = (load_numbers(j->x + UNITS(at)) == largest) & left;
            STORE(j->sums + at, LOAD(j->sums + at) + (vf)((vi)gradient & here));
            left &= ~here;
        }
    }
}

INLINE void mean_back(const rb_pooling *j, const pool_window *w, int column, vf gradient)
{
    const vf share = gradient / (float)((w->bottom - w->top) * (w->right - w->left));
    for (int y = w->top; y < w->bottom; y++) {
        for (int x = w->left; x < w->right; x++) {
            float *sum = j->sums + pixel_at(j, y, x) + column;
            STORE(sum, LOAD(sum) + share);
        }
    }
}

static void pool_back(const rb_pooling *j)
{
    const rb_unit *gradient = j->gradient;
    for (int line = 0; line < j->lines.count; line++) {
        const rb_unit *out = j->out + line * j->out_line;
        for (int pixel = 0; pixel < j->pixels.count; pixel++) {
            const pool_window w = window_of(j, line, pixel);
            for (int c = 0; c < j->columns; c += LANES, gradient += UNITS(LANES)) {
                if (j->mean)
                    mean_back(j, &w, c, load_numbers(gradient));
                else
                    largest_back(j, &w, c, load_numbers(out + UNITS(c)), load_numbers(gradient));
            }
            out += UNITS(j->columns);
        }
    }
}

// The windows that a pixel belongs to are first .. last; moves them on to the next pixel.
INLINE void windows_with(const rb_windows *w, int pixel, int *first, int *last)
{
    while (*last + 1 < w->count && (*last + 1) * w->step - w->pad <= pixel) ++*last;
    while (*first * w->step - w->pad + w->kernel <= pixel) ++*first;
}

// Each number is the sum of the gradients of the windows whose largest number it is, in the order in which
// pool_back adds them.
static void pool_spread(const rb_pooling *job)
{
    const rb_pooling j = *job;
    const ptrdiff_t line = (ptrdiff_t)j.pixels.count * j.columns;
    rb_unit *to = j.back;
    for (int y = 0, top = 0, bottom = -1; y < j.lines.size; y++) {
        windows_with(&j.lines, y, &top, &bottom);
        for (int x = 0, left = 0, right = -1; x < j.pixels.size; x++, to += UNITS(j.columns)) {
            windows_with(&j.pixels, x, &left, &right);
            const int place = (y - (top * j.lines.step - j.lines.pad)) * j.pixels.kernel + x -
                              (left * j.pixels.step - j.pixels.pad);
            for (int c = 0; c < j.columns; c += LANES) {
                vf sum = {0};
                ptrdiff_t at = top * line + (ptrdiff_t)left * j.columns + c;
                for (int l = top, p = place; l <= bottom; l++, p -= j.lines.step * j.pixels.kernel, at += line) {
                    for (int i = 0; i <= right - left; i++) {
                        const ptrdiff_t from = at + i * j.columns;
                        const vi here = load_places(j.where + from) == p - i * j.pixels.step;
                        sum += (vf)((vi)load_numbers(j.gradient + UNITS(from)) & here);
                    }
                }
                store_numbers(to + UNITS(c), sum);
            }
        }
    }
}

static void join(rb_unit *out, const rb_unit *x, const rb_unit *y, const rb_unit *mask, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        vf more = load_numbers(y + UNITS(i));
        if (mask) more = where_positive(load_numbers(mask + UNITS(i)), more);
        store_numbers(out + UNITS(i), load_numbers(x + UNITS(i)) + more);
    }
}

#endif
