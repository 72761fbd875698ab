// Joins the moments and sums that kernels compute for parts into those of everything normalised together:
// batch normalisation joins all samples' pixels, column by column (Ioffe and Szegedy 2015); layer
// normalisation joins all numbers of one sample (Ba et al. 2016). Parts are joined in double, in their order.
#ifndef RB_COMPUTE_MOMENTS_H
#define RB_COMPUTE_MOMENTS_H

#include "compute/kernels.h"

typedef struct rb_moments { // [columns]; unused columns are left unchanged
    float *mean, *rstd;     // rstd = 1 / sqrt(variance + epsilon)
    float *variance;        // divided by count - 1; NULL: not wanted
} rb_moments;

// Batch: `parts` of `rows` rows each, [parts][2][columns]: means, then sums of squared deviations.
void rb_moments_of_batch(const float *parts, int count, int rows, int columns, int used, float epsilon,
                         const rb_moments *out);
void rb_moments_rstd(const float *variance, int used, float epsilon, float *rstd);
// Moves the running statistic a tenth of the way to this batch's, as PyTorch's momentum of 0.1 does.
void rb_moments_follow(float *running, const float *batch, int used);
// Layer: one part, as above, for all columns together.
void rb_moments_of_sample(const float *part, int rows, int columns, int used, float epsilon,
                          const rb_moments *out);

// Writes means over `rows` rows to share and slope (batch: gamma times the sums of y's gradient, and of that
// gradient times n).
void rb_shares_of_batch(const float *gamma, const float *gamma_gradient, const float *beta_gradient,
                        double rows, int columns, float *share, float *slope);
// The same for one sample, in place: replaces the sums by columns by one mean in all columns.
void rb_shares_of_sample(float *share, float *slope, int rows, int columns, int used);

#endif
