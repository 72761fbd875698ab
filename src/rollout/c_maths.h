// Arithmetic of an exported C file that does not depend on the type of its weights. This text is used twice:
// compiled here, to measure what the file computes (c_run.h), and copied into the file function by function,
// with the file's own prefix instead of `agent_` (c_source.h). So it is C99, includes nothing, calls nothing
// of libm and allocates nothing.
//
// Its own exponential and square root, instead of <math.h>: a browser's WebAssembly and a bare
// microcontroller have no libm, and the results are the same on all of them.
#ifndef RB_ROLLOUT_C_MATHS_H
#define RB_ROLLOUT_C_MATHS_H

#include <stdint.h>
#include "rollout/c_shape.h"

// Bytes of an observation as the numbers that the first layer reads.
static void agent_load(float *y, const uint8_t *x, int count, float scale, float offset)
{
    for (int i = 0; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

// Each number minus its mean, by its deviation, within -clip to clip.
static void agent_normalise(float *y, const float *x, int count, const float *mean, const float *factor,
                            float clip)
{
    for (int i = 0; i < count; i++) {
        const float unit = (x[i] - mean[i]) * factor[i];
        y[i] = unit > clip ? clip : unit < -clip ? -clip : unit;
    }
}

static void agent_relu(float *y, const float *x, int count)
{
    for (int i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

// The end of a residual block: the sum of two pictures.
static void agent_add(float *y, const float *a, const float *b, int count)
{
    for (int i = 0; i < count; i++) y[i] = a[i] + b[i];
}

// Features times the embedding of a fraction.
static void agent_embed(float *y, const float *x, const float *embedding, int count)
{
    for (int i = 0; i < count; i++) y[i] = x[i] * embedding[i];
}

// The first pixel of window i along one axis with `size` pixels and `count` windows; the end of the window
// with `end` 1.
static int agent_edge(const agent_shape *s, int i, int size, int count, int end)
{
    const int from = s->kernel ? i * s->stride - s->pad : i * size / count;
    const int to = s->kernel ? i * s->stride - s->pad + s->kernel : ((i + 1) * size + count - 1) / count;
    if (end) return to < size ? to : size;
    return from > 0 ? from : 0;
}

// The largest number of each window, or the mean of its numbers.
static void agent_pool(float *y, const float *x, const agent_shape *s, int mean)
{
    for (int p = 0; p < s->planes; p++, x += s->height * s->width)
        for (int i = 0; i < s->out_height; i++)
            for (int j = 0; j < s->out_width; j++) {
                const int top = agent_edge(s, i, s->height, s->out_height, 0),
                          bottom = agent_edge(s, i, s->height, s->out_height, 1),
                          left = agent_edge(s, j, s->width, s->out_width, 0),
                          right = agent_edge(s, j, s->width, s->out_width, 1);
                float largest = x[top * s->width + left], sum = 0;
                for (int r = top; r < bottom; r++)
                    for (int c = left; c < right; c++) {
                        const float v = x[r * s->width + c];
                        if (v > largest) largest = v;
                        sum += v;
                    }
                *y++ = mean ? sum / (float)((bottom - top) * (right - left)) : largest;
            }
}

// Batch normalisation with its running statistics: a factor and a summand per plane.
static void agent_affine(float *y, const float *x, int planes, int pixels, const float *factor,
                         const float *summand)
{
    for (int p = 0; p < planes; p++)
        for (int i = p * pixels; i < (p + 1) * pixels; i++) y[i] = x[i] * factor[p] + summand[p];
}

// By Newton's method from a guess that halves the exponent. For x > 0.
static float agent_root(float x)
{
    union {
        float value;
        uint32_t bits;
    } guess;
    guess.value = x;
    guess.bits = (guess.bits >> 1) + 0x1fbd1df5u;
    for (int i = 0; i < 4; i++) guess.value = 0.5f * (guess.value + x / guess.value);
    return guess.value;
}

// Layer normalisation. Sums are made of short sums, which round less.
static void agent_layer_norm(float *y, const float *x, int count, const float *factor, const float *summand,
                             float epsilon)
{
    float mean = 0, variance = 0;
    for (int i = 0; i < count;) {
        float part = 0;
        for (const int end = count - i < 32 ? count : i + 32; i < end; i++) part += x[i];
        mean += part;
    }
    mean /= (float)count;
    for (int i = 0; i < count;) {
        float part = 0;
        for (const int end = count - i < 32 ? count : i + 32; i < end; i++)
            part += (x[i] - mean) * (x[i] - mean);
        variance += part;
    }
    const float unit = 1 / agent_root(variance / (float)count + epsilon);
    for (int i = 0; i < count; i++) y[i] = (x[i] - mean) * unit * factor[i] + summand[i];
}

// Layer normalisation of each pixel's planes. x may be y.
static void agent_channel_norm(float *y, const float *x, int planes, int pixels, const float *factor,
                               const float *summand, float epsilon)
{
    for (int at = 0; at < pixels; at++) {
        float mean = 0, variance = 0;
        for (int c = 0; c < planes; c++) mean += x[c * pixels + at];
        mean /= (float)planes;
        for (int c = 0; c < planes; c++)
            variance += (x[c * pixels + at] - mean) * (x[c * pixels + at] - mean);
        const float unit = 1 / agent_root(variance / (float)planes + epsilon);
        for (int c = 0; c < planes; c++)
            y[c * pixels + at] = (x[c * pixels + at] - mean) * unit * factor[c] + summand[c];
    }
}

// Joins the streams of a dueling head in `advantage` [actions][atoms]: V + A - mean of A over the actions.
static void agent_join(float *advantage, const float *value, int actions, int atoms)
{
    for (int z = 0; z < atoms; z++) {
        float sum = 0;
        for (int a = 0; a < actions; a++) sum += advantage[a * atoms + z];
        const float add = value[z] - sum / (float)actions;
        for (int a = 0; a < actions; a++) advantage[a * atoms + z] += add;
    }
}

// e to the power of x, for x <= 0: 2^n by its bits, times a series for the rest, which is at most ln 2 / 2.
static float agent_exp(float x)
{
    union {
        uint32_t bits;
        float value;
    } power;
    if (!(x > -87)) return 0;
    const int n = -(int)(0.5f - x * 1.44269504f);
    const float r = x - (float)n * 0.693145752f - (float)n * 1.42860677e-6f;
    float series = 1.0f / 5040;
    series = series * r + 1.0f / 720;
    series = series * r + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    series = series * r + 1;
    series = series * r + 1;
    power.bits = (uint32_t)(n + 127) << 23;
    return series * power.value;
}

// The expected return of each action, from logits [actions][atoms] that become probabilities in place. The
// two sums are double, as in the program, or near ties would end otherwise here than there.
static void agent_expect(float *q, float *logits, int actions, int atoms, const float *support)
{
    for (int a = 0; a < actions; a++) {
        float *p = logits + a * atoms, top = p[0];
        double sum = 0, moment = 0;
        for (int z = 1; z < atoms; z++)
            if (p[z] > top) top = p[z];
        for (int z = 0; z < atoms; z++) {
            p[z] = agent_exp(p[z] - top);
            sum += p[z];
            moment += (double)p[z] * support[z];
        }
        q[a] = (float)(moment / sum);
        for (int z = 0; z < atoms; z++) p[z] = (float)(p[z] / sum);
    }
}

// The expected return of each action: the mean of its quantiles [actions][quantiles].
static void agent_mean(float *q, const float *quantiles, int actions, int count)
{
    for (int a = 0; a < actions; a++, quantiles += count) {
        double sum = 0;
        for (int j = 0; j < count; j++) sum += quantiles[j];
        q[a] = (float)(sum / count);
    }
}

#endif
