#include "compute/moments.h"

#include <math.h>

void rb_moments_of_batch(const float *parts, int count, int rows, int columns, int used, float epsilon,
                         const rb_moments *out)
{
    const double all = (double)count * rows;
    for (int c = 0; c < used; c++) {
        double mean = 0, squares = 0;
        for (int p = 0; p < count; p++) mean += (double)parts[(ptrdiff_t)2 * p * columns + c];
        mean /= count;
        for (int p = 0; p < count; p++) {
            const float *part = parts + (ptrdiff_t)2 * p * columns + c;
            const double d = (double)part[0] - mean;
            squares += (double)part[columns] + rows * d * d;
        }
        out->mean[c] = (float)mean;
        out->rstd[c] = (float)(1 / sqrt(squares / all + (double)epsilon));
        if (out->variance) out->variance[c] = (float)(squares / (all > 1 ? all - 1 : 1));
    }
}

void rb_moments_rstd(const float *variance, int used, float epsilon, float *rstd)
{
    for (int c = 0; c < used; c++) rstd[c] = (float)(1 / sqrt((double)variance[c] + (double)epsilon));
}

void rb_moments_follow(float *running, const float *batch, int used)
{
    for (int c = 0; c < used; c++) running[c] = (float)(0.9 * (double)running[c] + 0.1 * (double)batch[c]);
}

// The sum of x in double, as WAYS separate sums, so that no addition waits for the one before.
enum { WAYS = 8 };
static double sum_of(const float *x, int count)
{
    double part[WAYS] = {0}, sum = 0;
    int i = 0;
    for (; i + WAYS <= count; i += WAYS) {
        for (int w = 0; w < WAYS; w++) part[w] += (double)x[i + w];
    }
    for (; i < count; i++) part[0] += (double)x[i];
    for (int w = 0; w < WAYS; w++) sum += part[w];
    return sum;
}

static double square_sum_of(const float *x, int count, double middle)
{
    double part[WAYS] = {0}, sum = 0;
    int i = 0;
    for (; i + WAYS <= count; i += WAYS) {
        for (int w = 0; w < WAYS; w++) {
            const double d = (double)x[i + w] - middle;
            part[w] += d * d;
        }
    }
    for (; i < count; i++) part[0] += ((double)x[i] - middle) * ((double)x[i] - middle);
    for (int w = 0; w < WAYS; w++) sum += part[w];
    return sum;
}

void rb_moments_of_sample(const float *part, int rows, int columns, int used, float epsilon,
                          const rb_moments *out)
{
    const double mean = sum_of(part, used) / used;
    const double squares = sum_of(part + columns, used) + rows * square_sum_of(part, used, mean);
    const float rstd = (float)(1 / sqrt(squares / ((double)rows * used) + (double)epsilon));
    for (int c = 0; c < used; c++) out->mean[c] = (float)mean, out->rstd[c] = rstd;
}

void rb_shares_of_batch(const float *gamma, const float *gamma_gradient, const float *beta_gradient,
                        double rows, int columns, float *share, float *slope)
{
    for (int c = 0; c < columns; c++) {
        share[c] = (float)((double)gamma[c] * (double)beta_gradient[c] / rows);
        slope[c] = (float)((double)gamma[c] * (double)gamma_gradient[c] / rows);
    }
}

void rb_shares_of_sample(float *share, float *slope, int rows, int columns, int used)
{
    const double all = (double)rows * used;
    const float sum = (float)(sum_of(share, used) / all), product = (float)(sum_of(slope, used) / all);
    for (int c = 0; c < columns; c++) share[c] = sum, slope[c] = product;
}
