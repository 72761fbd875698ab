// Pools, and the addition that ends a residual block. A picture that a convolution with padding reads has a
// border of zeros, which is never written.
#include <string.h>

#include "nn/layer.h"

static size_t padded(int height, int width, int border, int columns)
{
    return (size_t)(height + 2 * border) * (size_t)(width + 2 * border) * (size_t)columns;
}

// Units from the picture's first number with its border to the first one inside.
static ptrdiff_t inside(int width, int border, int pixel)
{
    return (ptrdiff_t)border * ((width + 2 * border) * pixel + pixel);
}

// --- pools ---

size_t rb_pool_in_numbers(const rb_pool_layer *p)
{
    return padded(p->lines.size, p->pixels.size, 0, p->columns);
}
size_t rb_pool_out_numbers(const rb_pool_layer *p)
{
    return padded(p->lines.count, p->pixels.count, 0, p->columns);
}
size_t rb_pool_out_padded(const rb_pool_layer *p)
{
    return padded(p->lines.count, p->pixels.count, p->border, p->columns);
}

static double window_numbers(const rb_windows *w)
{
    double numbers = 0;
    for (int i = 0; i < w->count; i++) numbers += rb_window_to(w, i) - rb_window_from(w, i);
    return numbers;
}
double rb_pool_work(const rb_pool_layer *p)
{
    return window_numbers(&p->lines) * window_numbers(&p->pixels) * p->columns;
}

static rb_pooling job_of(const rb_pool_layer *p, const rb_kernels *kernels, const rb_unit *in, rb_unit *out)
{
    const int pixel = p->columns / kernels->per_unit;
    return (rb_pooling){.lines = p->lines,
                        .pixels = p->pixels,
                        .mean = p->mean,
                        .columns = p->columns,
                        .end = p->lines.count,
                        .x = in,
                        .out = out + inside(p->pixels.count, p->border, pixel),
                        .out_line = (ptrdiff_t)(p->pixels.count + 2 * p->border) * pixel};
}

void rb_pool_forward(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *in, int in_from,
                     const rb_outputs *to, uint8_t *where, bool mask, int line, int lines)
{
    const int pixel = pool->columns / kernels->per_unit;
    rb_pooling job = job_of(pool, kernels, in, to->out);
    job.begin = line, job.end = line + lines, job.x_from = in_from;
    job.where = where, job.mask = mask;
    if (to->positive) job.positive = to->positive + inside(pool->pixels.count, to->positive_border, pixel);
    job.positive_line = (ptrdiff_t)(pool->pixels.count + 2 * to->positive_border) * pixel;
    kernels->pool(&job);
}

bool rb_pool_has_places(const rb_pool_layer *p)
{
    return !p->mean && !p->lines.adaptive && !p->pixels.adaptive &&
           p->lines.kernel * p->pixels.kernel <= RB_POOL_PLACES;
}

void rb_pool_spread(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *out_gradient,
                    const uint8_t *where, rb_unit *in_gradient)
{
    kernels->pool_spread(&(rb_pooling){.lines = pool->lines,
                                       .pixels = pool->pixels,
                                       .columns = pool->columns,
                                       .gradient = out_gradient,
                                       .where = (uint8_t *)where,
                                       .back = in_gradient});
}

void rb_pool_input_gradient(const rb_pool_layer *pool, const rb_kernels *kernels, const rb_unit *out_gradient,
                            const rb_unit *in, const rb_unit *out, bool mask, float *sums,
                            rb_unit *in_gradient)
{
    const size_t numbers = rb_pool_in_numbers(pool);
    rb_pooling job = job_of(pool, kernels, in, (rb_unit *)out);
    job.gradient = out_gradient;
    job.sums = sums;
    memset(sums, 0, numbers * sizeof(float));
    kernels->pool_back(&job);
    if (mask)
        kernels->round_masked(in_gradient, sums, in, numbers);
    else
        kernels->round(in_gradient, sums, numbers);
}

// --- additions ---

size_t rb_addition_padded(const rb_addition *a)
{
    return padded(a->height, a->width, a->border, a->columns);
}
