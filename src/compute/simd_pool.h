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

// Takes `number` for the largest and `at` for its place if it is larger; NaN stays, so that it is noticed.
INLINE void take_larger(vf number, vi at, vf *largest, vi *place)
{
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    const __mmask16 take = _mm512_cmp_ps_mask((__m512)number, (__m512)*largest, _CMP_GT_OQ) |
                           _mm512_cmp_ps_mask((__m512)number, (__m512)number, _CMP_UNORD_Q);
    *largest = (vf)_mm512_mask_mov_ps((__m512)*largest, take, (__m512)number);
    *place = (vi)_mm512_mask_mov_epi32((__m512i)*place, take, (__m512i)at);
#else
    const vi take = (number > *largest) | (number != number);
    *largest = (vf)(((vi)number & take) | ((vi)*largest & ~take));
    *place = (at & take) | (*place & ~take);
#endif
}

// `place` begins as that of the window's first pixel.
INLINE vf largest_in(const rb_pooling *j, const pool_window *w, int column, vi *place)
{
    const rb_unit *line = j->x + UNITS(pixel_at(j, w->top - j->x_from, w->left) + column);
    const int pixel = UNITS(j->columns), width = w->right - w->left;
    const ptrdiff_t next = (ptrdiff_t)j->pixels.size * pixel;
    vf largest = load_numbers(line);
    vi first = *place;
    for (int y = w->top; y < w->bottom; y++, line += next, first += j->pixels.kernel) {
        if (width == 3) { // as usual
            UNROLL for (int x = 0; x < 3; x++)
                take_larger(load_numbers(line + x * pixel), first + x, &largest, place);
        } else {
            for (int x = 0; x < width; x++)
                take_larger(load_numbers(line + x * pixel), first + x, &largest, place);
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
// Adds the numbers whose place it is.
INLINE vf add_of_place(vf sum, const rb_unit *numbers, const uint8_t *where, int place)
{
    places at;
    memcpy(&at, where, sizeof at);
#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
    const __mmask16 here = _mm_cmpeq_epi8_mask((__m128i)at, _mm_set1_epi8((char)place));
    return (vf)_mm512_mask_add_ps((__m512)sum, here, (__m512)sum, (__m512)load_numbers(numbers));
#else
    return sum + (vf)((vi)load_numbers(numbers) & (__builtin_convertvector(at, vi) == place));
#endif
}

INLINE vf mean_of(const rb_pooling *j, const pool_window *w, int column)
{
    vf sum = {0};
    for (int y = w->top; y < w->bottom; y++) {
        for (int x = w->left; x < w->right; x++)
            sum += load_numbers(j->x + UNITS(pixel_at(j, y - j->x_from, x) + column));
    }
    return sum / (float)((w->bottom - w->top) * (w->right - w->left));
}

// The largest number and, if wanted, its place.
INLINE vf largest_of(const rb_pooling *j, const pool_window *w, int first, int column, uint8_t *where)
{
    vi place = (vi){0} + first;
    const vf largest = largest_in(j, w, column, &place);
    if (where) {
        const vi none = j->mask ? ~(largest > 0) : (largest != largest);
        store_places(where + column, place | (none & RB_POOL_NOWHERE));
    }
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
                const vf x = j.mean ? mean_of(&j, &w, c) : largest_of(&j, &w, first, c, where);
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

// The windows along an axis that a pixel belongs to: first .. last. `end` is behind the first one's pixels,
// `next` where the one behind the last begins.
typedef struct covering {
    int first, last, end, next;
} covering;

INLINE covering before_all(const rb_windows *w)
{
    return (covering){.last = -1, .end = w->kernel - w->pad, .next = -w->pad};
}
INLINE void move_to(covering *at, const rb_windows *w, int pixel)
{
    for (; at->next <= pixel && at->last + 1 < w->count; at->next += w->step) at->last++;
    for (; at->end <= pixel; at->end += w->step) at->first++;
}

// One vector of a pixel, from `lines` times `pixels` windows, the first of which is at `from`. Inlined with a
// constant number of pixels, its inner loop is none.
INLINE vf spread_vector(const rb_pooling *j, ptrdiff_t from, int place, int lines, const int pixels)
{
    vf sum = {0};
    for (int l = 0; l < lines; l++) {
        for (int i = 0; i < pixels; i++) {
            const ptrdiff_t at = from + i * j->columns;
            sum = add_of_place(sum, j->gradient + UNITS(at), j->where + at, place - i * j->pixels.step);
        }
        from += (ptrdiff_t)j->pixels.count * j->columns;
        place -= j->lines.step * j->pixels.kernel;
    }
    return sum;
}

// Each number is the sum of the gradients of the windows whose largest number it is, in the order in which
// pool_back adds them.
static void pool_spread(const rb_pooling *job)
{
    const rb_pooling j = *job;
    rb_unit *to = j.back;
    covering line = before_all(&j.lines);
    for (int y = 0; y < j.lines.size; y++) {
        move_to(&line, &j.lines, y);
        covering pixel = before_all(&j.pixels);
        const int down = (y - (line.end - j.lines.kernel)) * j.pixels.kernel,
                  lines = line.last - line.first + 1;
        const ptrdiff_t first = (ptrdiff_t)line.first * j.pixels.count * j.columns;
        for (int x = 0; x < j.pixels.size; x++, to += UNITS(j.columns)) {
            move_to(&pixel, &j.pixels, x);
            const int place = down + x - (pixel.end - j.pixels.kernel), pixels = pixel.last - pixel.first + 1;
            const ptrdiff_t from = first + (ptrdiff_t)pixel.first * j.columns;
            for (int c = 0; c < j.columns; c += LANES) {
                const vf sum = pixels == 1   ? spread_vector(&j, from + c, place, lines, 1)
                               : pixels == 2 ? spread_vector(&j, from + c, place, lines, 2)
                                             : spread_vector(&j, from + c, place, lines, pixels);
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
