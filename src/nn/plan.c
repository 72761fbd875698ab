// Memory of layers and tapes, taken or only counted; and small trainable arrays.
#include "nn/layer.h"

float *rb_plan_floats(rb_plan *plan, size_t count)
{
    plan->bytes += count * sizeof(float);
    return plan->arena ? RB_TAKE(plan->arena, float, count) : NULL;
}

double *rb_plan_doubles(rb_plan *plan, size_t count)
{
    plan->bytes += count * sizeof(double);
    return plan->arena ? RB_TAKE(plan->arena, double, count) : NULL;
}

rb_unit *rb_plan_units(rb_plan *plan, size_t count)
{
    return (rb_unit *)rb_plan_floats(plan, count);
}

rb_rows rb_plan_rows(rb_plan *plan, int rows, size_t units)
{
    const size_t row = ((units + RB_PANEL - 1) / RB_PANEL | 1) * RB_PANEL;
    return (rb_rows){.data = rb_plan_units(plan, (size_t)rows * row), .row = (ptrdiff_t)row};
}

void rb_weights_take(rb_weights *weights, size_t count, bool trains, rb_plan *plan)
{
    weights->count = count;
    weights->value = rb_plan_floats(plan, count);
    if (!trains) return;
    weights->m = rb_plan_floats(plan, count);
    weights->v = rb_plan_floats(plan, count);
}

void rb_weights_step(const rb_weights *w, const rb_kernels *kernels, const rb_rule *rule, size_t at,
                     const float *gradient, size_t count)
{
    kernels->step(rule, w->value + at, w->m + at, w->v + at, gradient, count);
}

void rb_weights_forget(rb_weights *weights)
{
    for (size_t i = 0; weights->m && i < weights->count; i++) weights->m[i] = weights->v[i] = 0;
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
