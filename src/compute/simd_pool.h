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

INLINE vf largest_in(const rb_pooling *j, const pool_window *w, int column)
{
    vf largest = load_numbers(j->x + UNITS(pixel_at(j, w->top, w->left) + column));
    for (int y = w->top; y < w->bottom; y++) {
        for (int x = w->left; x < w->right; x++) {
            const vf number = load_numbers(j->x + UNITS(pixel_at(j, y, x) + column));
            const vi take = (number > largest) | (number != number); // keeps NaN, so that it is noticed
            largest = (vf)(((vi)number & take) | ((vi)largest & ~take));
        }
    }
    return largest;
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

static void pool(const rb_pooling *j)
{
    for (int line = 0; line < j->lines.count; line++) {
        rb_unit *out = j->out + line * j->out_line;
        for (int pixel = 0; pixel < j->pixels.count; pixel++, out += UNITS(j->columns)) {
            const pool_window w = window_of(j, line, pixel);
            for (int c = 0; c < j->columns; c += LANES)
                store_numbers(out + UNITS(c), j->mean ? mean_of(j, &w, c) : largest_in(j, &w, c));
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

static void join(rb_unit *out, const rb_unit *x, const rb_unit *y, const rb_unit *mask, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        vf more = load_numbers(y + UNITS(i));
        if (mask) more = where_positive(load_numbers(mask + UNITS(i)), more);
        store_numbers(out + UNITS(i), load_numbers(x + UNITS(i)) + more);
    }
}

#endif
