// Memory of layers and tapes, taken or only counted; and small trainable arrays.
#include "nn/layer.h"

float *rb_taker_floats(rb_taker *taker, size_t count)
{
    taker->bytes += count * sizeof(float);
    return taker->arena ? RB_TAKE(taker->arena, float, count) : NULL;
}

double *rb_taker_doubles(rb_taker *taker, size_t count)
{
    taker->bytes += count * sizeof(double);
    return taker->arena ? RB_TAKE(taker->arena, double, count) : NULL;
}

rb_unit *rb_taker_units(rb_taker *taker, size_t count)
{
    return (rb_unit *)rb_taker_floats(taker, count);
}

rb_rows rb_taker_rows(rb_taker *taker, int rows, size_t units)
{
    const size_t row = ((units + RB_PANEL - 1) / RB_PANEL | 1) * RB_PANEL;
    return (rb_rows){.data = rb_taker_units(taker, (size_t)rows * row), .row = (ptrdiff_t)row};
}

void rb_weights_take(rb_weights *weights, size_t count, bool trains, rb_taker *taker)
{
    weights->count = count;
    weights->value = rb_taker_floats(taker, count);
    if (!trains) return;
    weights->m = rb_taker_floats(taker, count);
    weights->v = rb_taker_floats(taker, count);
}

void rb_weights_step(const rb_weights *w, const rb_kernels *kernels, const rb_rule *rule, size_t at,
                     const float *gradient, size_t count)
{
    kernels->step(rule, w->value + at, w->m + at, w->v + at, gradient, count);
}

void rb_weights_visit(rb_weights *weights, rb_visitor *visitor, const char *name)
{
    if (!weights->count) return;
    rb_visit_open(visitor, name);
    rb_visit_f32s(visitor, "value", weights->value, weights->count);
    if (weights->m) {
        rb_visit_f32s(visitor, "m", weights->m, weights->count);
        rb_visit_f32s(visitor, "v", weights->v, weights->count);
    }
    rb_visit_close(visitor);
}
