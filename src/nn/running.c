#include "nn/running.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

static const double first_count = 1e-4;

void rb_running_take(rb_running *r, int numbers, double clip, rb_plan *plan)
{
    const size_t n = (size_t)numbers;
    r->numbers = numbers;
    r->clip = (float)clip;
    r->mean = rb_plan_doubles(plan, n);
    r->variance = rb_plan_doubles(plan, n);
    r->sum = rb_plan_doubles(plan, n);
    r->shift = rb_plan_floats(plan, n);
    r->scale = rb_plan_floats(plan, n);
}

void rb_running_reset(rb_running *r)
{
    r->count = first_count;
    for (int i = 0; i < r->numbers; i++) r->mean[i] = 0, r->variance[i] = 1;
    rb_running_derive(r);
}

void rb_running_derive(rb_running *r)
{
    for (int i = 0; i < r->numbers; i++) {
        r->shift[i] = (float)r->mean[i];
        r->scale[i] = (float)(1 / sqrt((double)(float)r->variance[i] + rb_running_epsilon));
    }
}

// With n frames so far and m new ones, whose mean is d above the old one:
//     mean += d m / (n + m),   variance = (variance n + new variance m + d^2 n m / (n + m)) / (n + m)
void rb_running_follow(rb_running *r, const float *frames, int count, size_t stride)
{
    const double n = r->count, m = count, all = n + m;
    if (count < 1) return;
    for (int i = 0; i < r->numbers; i++) {
        double mean = 0, square = 0;
        for (int k = 0; k < count; k++) mean += (double)frames[(size_t)k * stride + (size_t)i];
        mean /= m;
        for (int k = 0; k < count; k++) {
            const double d = (double)frames[(size_t)k * stride + (size_t)i] - mean;
            square += d * d;
        }
        const double d = mean - r->mean[i];
        r->mean[i] += d * m / all;
        r->variance[i] = (r->variance[i] * n + square / m * m + d * d * n * m / all) / all;
    }
    r->count = all;
    rb_running_derive(r);
}

void rb_running_apply(const rb_running *r, const float *x, size_t frames, float *out)
{
    const size_t numbers = (size_t)r->numbers;
    for (size_t f = 0; f < frames; f++, x += numbers, out += numbers)
        for (size_t i = 0; i < numbers; i++) {
            const float y = (x[i] - r->shift[i]) * r->scale[i];
            out[i] = y > r->clip ? r->clip : y < -r->clip ? -r->clip : y;
        }
}

static double *tensor_values(const rb_running *r, int tensor)
{
    return tensor == 0 ? r->mean : tensor == 1 ? r->variance : (double *)&r->count;
}

size_t rb_running_tensor_count(const rb_running *r, int tensor)
{
    return tensor == 2 ? 1 : (size_t)r->numbers;
}

void rb_running_tensor_info(const rb_running *r, int tensor, rb_net_tensor *out)
{
    static const char *const names[RB_RUNNING_TENSORS] = {"mean", "var", "count"};
    *out = (rb_net_tensor){.count = rb_running_tensor_count(r, tensor), .buffer = true};
    if (tensor != 2) out->dims = 1, out->shape[0] = r->numbers;
    snprintf(out->name, sizeof out->name, "normalise.%s", names[tensor]);
}

void rb_running_tensor_get(const rb_running *r, int tensor, float *out)
{
    const double *values = tensor_values(r, tensor);
    for (size_t i = 0; i < rb_running_tensor_count(r, tensor); i++) out[i] = (float)values[i];
}

void rb_running_tensor_set(rb_running *r, int tensor, const float *values)
{
    double *to = tensor_values(r, tensor);
    for (size_t i = 0; i < rb_running_tensor_count(r, tensor); i++) to[i] = (double)values[i];
    rb_running_derive(r);
}

void rb_running_visit(rb_running *r, rb_visitor *v)
{
    rb_visit_open(v, "normalise");
    rb_visit_f64(v, "count", &r->count);
    rb_visit_limit_f64(v, "count", r->count, 0, 0x1p62);
    rb_visit_f64s(v, "mean", r->mean, (size_t)r->numbers);
    rb_visit_finite_f64(v, "mean", r->mean, (size_t)r->numbers);
    rb_visit_f64s(v, "variance", r->variance, (size_t)r->numbers);
    for (int i = 0; i < r->numbers; i++) rb_visit_limit_f64(v, "variance", r->variance[i], 0, DBL_MAX);
    rb_visit_close(v);
    if (rb_visitor_loading(v) && !rb_visitor_failed(v)) rb_running_derive(r);
}
