// Normalisation: each column's sums stay in registers while the loop goes over the rows. Everything is float;
// operands are widened when read and rounded when written.
#ifndef RB_COMPUTE_SIMD_NORM_H
#define RB_COMPUTE_SIMD_NORM_H

#include "compute/simd_vector.h"

#define SUMMED 256 // rows in a partial sum, so that long sums do not lose precision

static void moments(const rb_unit *x, ptrdiff_t row, int rows, int columns, float *mean, float *squares)
{
    for (int c = 0; c < columns; c += LANES) {
        const rb_unit *column = x + UNITS(c);
        vf sum = {0}, square = {0};
        for (int first = 0; first < rows; first += SUMMED) {
            const int end = rows - first < SUMMED ? rows : first + SUMMED;
            vf part = {0};
            for (int r = first; r < end; r++) part += load_numbers(column + r * row);
            sum += part;
        }
        const vf middle = sum / (float)rows;
        for (int first = 0; first < rows; first += SUMMED) {
            const int end = rows - first < SUMMED ? rows : first + SUMMED;
            vf part = {0};
            for (int r = first; r < end; r++) {
                const vf d = load_numbers(column + r * row) - middle;
                part = multiply_add(part, d, d);
            }
            square += part;
        }
        STORE(mean + c, middle);
        STORE(squares + c, square);
    }
}

static void normalise(const rb_normalise *j)
{
    for (int c = 0; c < j->columns; c += LANES) {
        const vf mean = LOAD(j->mean + c), rstd = LOAD(j->rstd + c);
        for (int r = 0; r < j->rows; r++) {
            const ptrdiff_t at = r * j->gamma_row + c;
            const vf n = (load_numbers(j->x + r * j->x_row + UNITS(c)) - mean) * rstd;
            vf y = multiply_add(LOAD(j->beta + at), n, LOAD(j->gamma + at));
            if (j->relu) y = (vf)((vi)y & ~(y < 0)); // keeps NaN, so that it is noticed
            store_numbers(j->out + r * j->out_row + UNITS(c), y);
        }
    }
}

static void normalise_sums(const rb_normalise *j)
{
    const bool learned = j->gamma_gradient != NULL, own = learned && j->gamma_row != 0;
    for (int c = 0; c < j->columns; c += LANES) {
        const vf mean = LOAD(j->mean + c), rstd = LOAD(j->rstd + c);
        vf sum = {0}, product = {0}, gamma = {0}, beta = {0};
        for (int first = 0; first < j->rows; first += SUMMED) {
            const int end = j->rows - first < SUMMED ? j->rows : first + SUMMED;
            vf some[4] = {{0}};
            for (int r = first; r < end; r++) {
                const ptrdiff_t at = r * j->gamma_row + c;
                const vf y = load_numbers(j->gradient + r * j->gradient_row + UNITS(c));
                const vf n = (load_numbers(j->x + r * j->x_row + UNITS(c)) - mean) * rstd;
                const vf g = y * LOAD(j->gamma + at);
                some[0] += g;
                some[1] = multiply_add(some[1], g, n);
                some[2] = multiply_add(some[2], y, n);
                some[3] += y;
                if (own) {
                    STORE(j->gamma_gradient + at, multiply_add(LOAD(j->gamma_gradient + at), y, n));
                    STORE(j->beta_gradient + at, LOAD(j->beta_gradient + at) + y);
                }
            }
            sum += some[0], product += some[1], gamma += some[2], beta += some[3];
        }
        if (j->sum) {
            STORE(j->sum + c, sum);
            STORE(j->product + c, product);
        }
        if (learned && !own) {
            STORE(j->gamma_gradient + c, LOAD(j->gamma_gradient + c) + gamma);
            STORE(j->beta_gradient + c, LOAD(j->beta_gradient + c) + beta);
        }
    }
}

static void normalise_back(const rb_normalise *j)
{
    for (int c = 0; c < j->columns; c += LANES) {
        const vf mean = LOAD(j->mean + c), rstd = LOAD(j->rstd + c);
        const vf share = LOAD(j->share + c), slope = LOAD(j->slope + c);
        for (int r = 0; r < j->rows; r++) {
            rb_unit *gradient = j->gradient + r * j->gradient_row + UNITS(c);
            const vf x = load_numbers(j->x + r * j->x_row + UNITS(c)), n = (x - mean) * rstd;
            const vf g = load_numbers(gradient) * LOAD(j->gamma + r * j->gamma_row + c);
            const vf by_x = rstd * (g - share - n * slope);
            store_numbers(gradient, j->mask ? where_positive(x, by_x) : by_x);
        }
    }
}

#endif
