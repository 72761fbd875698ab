// From the moments and sums that kernels make of pieces to those of what is normalised together: batch
// normalisation joins all samples' pixels column by column (Ioffe and Szegedy 2015), layer normalisation all
// numbers of one sample (Ba et al. 2016). Sums of pieces are joined in double, in their order.
#ifndef RB_COMPUTE_MOMENTS_H
#define RB_COMPUTE_MOMENTS_H

#include "compute/kernels.h"

typedef struct rb_moments { // [columns], of those in use; others are left as they are
    float *mean, *rstd;     // rstd = 1 / sqrt(variance + epsilon)
    float *variance;        // divided by count - 1; NULL: not wanted
} rb_moments;

// Batch: `parts` of `rows` rows each, [parts][2][columns]: means, then squares around them.
void rb_moments_of_batch(const float *parts, int count, int rows, int columns, int used, float epsilon,
                         const rb_moments *out);
void rb_moments_rstd(const float *variance, int used, float epsilon, float *rstd);
// What was seen moves a tenth of the way to what this batch says, as PyTorch's momentum of 0.1.
void rb_moments_follow(float *running, const float *batch, int used);
// Layer: one part, as above, all columns together.
void rb_moments_of_sample(const float *part, int rows, int columns, int used, float epsilon,
                          const rb_moments *out);

// Means over `rows` rows (batch: of gamma times the sums of y's gradient and of it times n) to share and
// slope.
void rb_shares_of_batch(const float *gamma, const float *gamma_gradient, const float *beta_gradient,
                        double rows, int columns, float *share, float *slope);
// The same of a sample, in place: sums by columns to one mean in all of them.
void rb_shares_of_sample(float *share, float *slope, int rows, int columns, int used);

#endif
