// The truth: every kernel in scalar C, one sum after the other in double, as its definition in kernels.h
// reads. Tests hold the fast families against this.
#include <math.h>

#include "compute/kernels.h"

static void gemm(const rb_gemm *j)
{
    for (int line = 0; line < j->lines; line++) {
        for (int r = 0; r < j->rows; r++) {
            for (int c = 0; c < j->panels * RB_PANEL; c++) {
                float *at = j->out + line * j->out_line + r * j->out_row + c;
                double sum = j->resume ? *at : j->bias ? j->bias[c] : 0;
                for (int s = 0; s < j->segments; s++) {
                    for (int k = 0; k < j->length; k++) {
                        const float a = j->a[line * j->a_line + r * j->a_row + s * j->a_segment + k];
                        sum +=
                            (double)a *
                            j->w[c / RB_PANEL * j->w_panel + (s * j->length + k) * RB_PANEL + c % RB_PANEL];
                    }
                }
                if (j->relu && sum < 0) sum = 0;
                *at = (float)(j->add ? *at + sum : sum);
            }
        }
    }
}

static void dot(const rb_dot *j)
{
    for (int r = 0; r < j->rows; r++) {
        for (int i = 0; i < j->inputs; i++) {
            double sum = 0;
            for (int o = 0; o < j->panels * RB_PANEL; o++) {
                sum += (double)j->y[r * j->y_row + o] *
                       j->w[o / RB_PANEL * j->w_panel + i * RB_PANEL + o % RB_PANEL];
            }
            float *at = j->out + r * j->out_row + i;
            *at = (float)(j->add ? *at + sum : sum);
        }
    }
}

static void outer(const rb_outer *j)
{
    for (int i = 0; i < j->inputs; i++) {
        for (int c = 0; c < j->panels * RB_PANEL; c++) {
            double sum = 0;
            for (int line = 0; line < j->lines; line++) {
                for (int step = 0; step < j->steps; step++) {
                    sum += (double)j->x[line * j->x_line + step * j->x_step + i] *
                           j->y[line * j->y_line + step * j->y_step + c];
                }
            }
            float *at = j->out + c / RB_PANEL * j->out_panel + i * RB_PANEL + c % RB_PANEL;
            *at = (float)(j->add ? *at + sum : sum);
        }
    }
}

static void gram(const float *x, ptrdiff_t row, int rows, int length, const float *weights, double *out)
{
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < rows; c++) {
            double sum = 0;
            for (int i = 0; i < length; i++)
                sum += (double)x[r * row + i] * x[c * row + i] * (weights ? weights[i] : 1);
            out[r * rows + c] = sum;
        }
    }
}

static double square_sum(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}

static void step(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double g = fmax(-rule->clip, fmin(rule->clip, (double)gradient[i] * rule->scale));
        v[i] = (float)(v[i] + (1.0 - rule->beta2) * (g * g - v[i]));
        if (rule->kind == RB_RULE_ADAM) {
            m[i] = (float)(m[i] + (1.0 - rule->beta1) * (g - m[i]));
            const double denominator = sqrt(v[i]) * rule->root + rule->epsilon;
            if (denominator > 0) w[i] = (float)(w[i] - rule->rate * m[i] / denominator);
            continue;
        }
        double mean = 0;
        if (rule->kind == RB_RULE_RMSPROP_CENTERED)
            mean = m[i] = (float)(m[i] + (1.0 - rule->beta2) * (g - m[i]));
        const double denominator = sqrt(fmax(0, v[i] - mean * mean) + rule->epsilon);
        if (denominator > 0) w[i] = (float)(w[i] - rule->rate * g / denominator);
    }
}

static void sum_rows(const float *y, ptrdiff_t row, int rows, int columns, float *out, bool add)
{
    for (int c = 0; c < columns; c++) {
        double sum = add ? out[c] : 0;
        for (int r = 0; r < rows; r++) sum += y[r * row + c];
        out[c] = (float)sum;
    }
}

static void add(float *out, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] += x[i];
}

static void relu_mask(float *gradient, const float *activation, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(activation[i] > 0)) gradient[i] = 0;
    }
}

static void compose_outer(float *out, const float *mu, const float *sigma, const float *rows,
                          const float *columns, int inputs)
{
    for (int i = 0; i < inputs; i++) {
        for (int c = 0; c < RB_PANEL; c++) {
            const int at = i * RB_PANEL + c;
            out[at] = (float)(mu[at] + (double)sigma[at] * rows[i] * columns[c]);
        }
    }
}

static void compose(float *out, const float *mu, const float *sigma, const float *noise, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = (float)(mu[i] + (double)sigma[i] * noise[i]);
}

static void scale_outer(float *out, const float *x, const float *rows, const float *columns, int inputs)
{
    for (int i = 0; i < inputs; i++) {
        for (int c = 0; c < RB_PANEL; c++)
            out[i * RB_PANEL + c] = (float)((double)x[i * RB_PANEL + c] * rows[i] * columns[c]);
    }
}

static void multiply(float *out, const float *x, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

static void normal(const uint32_t key[2], uint64_t first, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t number = first + i, block = number / 32;
        const int lane = (int)(number % 16);
        const bool second = number % 32 >= 16;
        uint32_t x = (uint32_t)(block * 16 + (uint64_t)lane), y = key[1], k = key[0];
        for (int round = 0; round < 10; round++) {
            const uint64_t product = (uint64_t)x * 0xD256D193u;
            x = (uint32_t)(product >> 32) ^ k ^ y;
            y = (uint32_t)product;
            k += 0x9E3779B9u;
        }
        const double radius = sqrt(-2 * log(((double)(x >> 8) + 1) / 16777216.0));
        // Two bits of the angle are a quadrant, the next 24 turn within -pi/4 .. pi/4, six are left over.
        const double pi = 3.14159265358979323846,
                     turn = (double)((int32_t)(y << 2) >> 8) / 16777216.0 * pi / 2;
        const double angle = turn + (double)(y >> 30) * pi / 2;
        out[i] = (float)(radius * (second ? sin(angle) : cos(angle)));
    }
}

static void signed_root(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0 ? -sqrtf(-x[i]) : sqrtf(x[i]);
}

static void picture(const uint8_t *planar, int planes, int pixels, float scale, float *out)
{
    for (int i = 0; i < pixels; i++) {
        for (int plane = 0; plane < planes; plane++)
            out[i * planes + plane] = scale * (float)planar[plane * pixels + i];
    }
}

const rb_kernels rb_kernels_reference = {
    .name = "reference",
    .gemm = gemm,
    .dot = dot,
    .outer = outer,
    .gram = gram,
    .square_sum = square_sum,
    .step = step,
    .sum_rows = sum_rows,
    .add = add,
    .relu_mask = relu_mask,
    .compose_outer = compose_outer,
    .compose = compose,
    .scale_outer = scale_outer,
    .multiply = multiply,
    .normal = normal,
    .signed_root = signed_root,
    .picture = picture,
};
