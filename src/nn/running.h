// Running normalisation of observations (env.normalise): each number of a frame minus its mean, divided by
// its standard deviation and clipped, with statistics of all frames that were followed.
//
//     y = (x - mean) / sqrt(variance + 1e-8), from -clip to clip
//
// The statistics are those of Gymnasium's RunningMeanStd and of Stable-Baselines3's: they begin as those of
// 1e-4 frames with mean 0 and variance 1, and frames that are followed together are added as one batch (Chan,
// Golub and LeVeque 1979). They are double. What is applied is made from their float values, so a network
// that is read from a file, which has floats, computes the same bits.
#ifndef RB_NN_RUNNING_H
#define RB_NN_RUNNING_H

#include "base/visit.h"
#include "nn/layer.h"
#include "nn/net.h"

typedef struct rb_running {
    int numbers;             // of one frame; 0: observations are not normalised
    float clip;              // the largest value of a normalised number
    double count;            // frames followed, and the 1e-4 of the beginning
    double *mean, *variance; // [numbers]
    double *sum;             // [numbers] scratch
    float *shift, *scale;    // [numbers] the mean, and 1 / sqrt(variance + 1e-8)
} rb_running;

static const double rb_running_epsilon = 1e-8; // added to a variance under its square root

void rb_running_take(rb_running *running, int numbers, double clip, rb_plan *plan);
void rb_running_reset(rb_running *running); // no frame yet
// Adds `count` frames, which are `stride` floats apart, as one batch.
void rb_running_follow(rb_running *running, const float *frames, int count, size_t stride);
// Normalises `frames` frames in a row; `out` may be `x`.
void rb_running_apply(const rb_running *running, const float *x, size_t frames, float *out);
void rb_running_derive(rb_running *running); // call after the statistics were set
// As tensors of the network: normalise.mean, normalise.var and normalise.count.
enum { RB_RUNNING_TENSORS = 3 };
size_t rb_running_tensor_count(const rb_running *running, int tensor);
void rb_running_tensor_info(const rb_running *running, int tensor, rb_net_tensor *out);
void rb_running_tensor_get(const rb_running *running, int tensor, float *out);
void rb_running_tensor_set(rb_running *running, int tensor, const float *values);
void rb_running_visit(rb_running *running, rb_visitor *visitor);

#endif
