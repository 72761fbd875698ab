// Normalisation of short rows, each on its own, LANES rows at a time:
//
//     LANES rows -> one vector of partial sums per row -> shuffled together: one vector, a row's sum per lane
//
// so a row costs a few instructions more than its own numbers, however short it is. After the last row the
// block repeats it; the repeated ones are neither stored nor part of the sums over rows.
#ifndef RB_COMPUTE_SIMD_ROWS_H
#define RB_COMPUTE_SIMD_ROWS_H

#include "compute/simd_vector.h"

INLINE vi used_lanes(int used, int column) // all bits in the lanes of columns before `used`
{
    int32_t lane[LANES];
    UNROLL for (int i = 0; i < LANES; i++) lane[i] = i;
    vi index;
    memcpy(&index, lane, sizeof index);
    return index < used - column;
}

INLINE vf only(vi lanes, vf x) // 0 in the other lanes
{
    return (vf)((vi)x & lanes);
}

// Row i of a block of `count`, or the last row.
#define IN_BLOCK(i) ((i) < count ? (i) : count - 1)

INLINE void normalise_block(const rb_row_norm *j, int first, const int count)
{
    const rb_unit *x = j->x + first * j->x_row;
    const float all = (float)j->used;
    float mean[LANES], rstd[LANES];
    vf part[LANES];
    UNROLL for (int i = 0; i < LANES; i++) part[i] = (vf){0};
    for (int c = 0; c < j->used; c += LANES) {
        const vi live = used_lanes(j->used, c);
        UNROLL for (int i = 0; i < LANES; i++) part[i] +=
            only(live, load_numbers(x + IN_BLOCK(i) * j->x_row + UNITS(c)));
    }
    STORE(mean, sums_of(part) / all);
    UNROLL for (int i = 0; i < LANES; i++) part[i] = (vf){0};
    for (int c = 0; c < j->used; c += LANES) {
        const vi live = used_lanes(j->used, c);
        UNROLL for (int i = 0; i < LANES; i++)
        {
            const vf d = only(live, load_numbers(x + IN_BLOCK(i) * j->x_row + UNITS(c)) - mean[i]);
            part[i] = multiply_add(part[i], d, d);
        }
    }
    STORE(rstd, 1 / square_root(sums_of(part) / all + j->epsilon));
    memcpy(j->mean + first, mean, (size_t)count * sizeof *mean);
    memcpy(j->rstd + first, rstd, (size_t)count * sizeof *rstd);
    for (int c = 0; c < j->columns; c += LANES) {
        const vi live = used_lanes(j->used, c);
        const vf gamma = LOAD(j->gamma + c), beta = LOAD(j->beta + c);
        int pixel = first % j->width;
        rb_unit *line = j->out + first / j->width * j->out_line + UNITS(c);
        for (int i = 0; i < count; i++, pixel++) {
            if (pixel == j->width) pixel = 0, line += j->out_line;
            const vf n = (load_numbers(x + i * j->x_row + UNITS(c)) - mean[i]) * rstd[i];
            vf y = multiply_add(beta, n, gamma);
            if (j->relu) y = (vf)((vi)y & ~(y < 0)); // keeps NaN, so that it is noticed
            store_numbers(line + pixel * j->out_row, only(live, y));
        }
    }
}

static void normalise_rows(const rb_row_norm *job)
{
    const rb_row_norm j = *job;
    int r = 0;
    for (; r + LANES <= j.rows; r += LANES) normalise_block(&j, r, LANES);
    if (r < j.rows) normalise_block(&j, r, j.rows - r);
}

INLINE void back_block(const rb_row_norm *j, int first, const int count)
{
    const rb_unit *x = j->x + first * j->x_row;
    rb_unit *gradient = j->gradient + first * j->gradient_row;
    const float all = (float)j->used, *mean = j->mean + first, *rstd = j->rstd + first;
    float share[LANES], slope[LANES];
    vf part[LANES];
    UNROLL for (int i = 0; i < LANES; i++) part[i] = (vf){0};
    for (int c = 0; c < j->used; c += LANES) {
        const vi live = used_lanes(j->used, c);
        const vf gamma = only(live, LOAD(j->gamma + c));
        vf beta = {0};
        UNROLL for (int i = 0; i < LANES; i++)
        {
            const vf y = load_numbers(gradient + IN_BLOCK(i) * j->gradient_row + UNITS(c));
            part[i] = multiply_add(part[i], y, gamma);
            if (i < count) beta += y;
        }
        STORE(j->beta_gradient + c, LOAD(j->beta_gradient + c) + only(live, beta));
    }
    STORE(share, sums_of(part) / all);
    UNROLL for (int i = 0; i < LANES; i++) part[i] = (vf){0};
    for (int c = 0; c < j->used; c += LANES) {
        const vi live = used_lanes(j->used, c);
        const vf gamma = only(live, LOAD(j->gamma + c));
        vf sum = {0};
        UNROLL for (int i = 0; i < LANES; i++)
        {
            const int r = IN_BLOCK(i);
            const vf n = (load_numbers(x + r * j->x_row + UNITS(c)) - mean[r]) * rstd[r];
            const vf yn = load_numbers(gradient + r * j->gradient_row + UNITS(c)) * n;
            part[i] = multiply_add(part[i], yn, gamma);
            if (i < count) sum += yn;
        }
        STORE(j->gamma_gradient + c, LOAD(j->gamma_gradient + c) + only(live, sum));
    }
    STORE(slope, sums_of(part) / all);
    for (int c = 0; c < j->columns; c += LANES) {
        const vi live = used_lanes(j->used, c);
        const vf gamma = LOAD(j->gamma + c);
        for (int i = 0; i < count; i++) {
            rb_unit *at = gradient + i * j->gradient_row + UNITS(c);
            const vf number = load_numbers(x + i * j->x_row + UNITS(c)), n = (number - mean[i]) * rstd[i];
            const vf by_x = rstd[i] * (load_numbers(at) * gamma - share[i] - n * slope[i]);
            store_numbers(at, only(live, j->mask ? where_positive(number, by_x) : by_x));
        }
    }
}

static void normalise_rows_back(const rb_row_norm *job)
{
    const rb_row_norm j = *job;
    int r = 0;
    for (; r + LANES <= j.rows; r += LANES) back_block(&j, r, LANES);
    if (r < j.rows) back_block(&j, r, j.rows - r);
}

#endif
