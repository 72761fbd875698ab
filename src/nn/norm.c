// Batch and layer normalisation, for one sample's picture and for the vectors of a batch. Sums over samples
// run in the order of samples, or of groups that depend on the batch alone, so the number of threads changes
// nothing.
#include "nn/layer.h"

#include <float.h>
#include <string.h>

#include "compute/moments.h"
#include "nn/net.h"

enum { BLOCK = 64 };        // columns per piece
enum { PIXEL_NUMBERS = 2 }; // that a tape holds of each pixel that is normalised on its own: mean and rstd

size_t rb_norm_line(const rb_norm *n)
{
    return (size_t)n->columns * (n->kind == RB_NORM_LAYER && !n->by_pixel ? (size_t)rb_norm_pixels(n) : 1);
}

void rb_norm_take(rb_norm *n, bool trains, rb_plan *plan)
{
    rb_weights_take(&n->gamma, rb_norm_line(n), trains && n->kind != RB_NORM_NONE, plan);
    rb_weights_take(&n->beta, rb_norm_line(n), trains && n->kind != RB_NORM_NONE, plan);
    if (n->kind == RB_NORM_LAYER) return;
    n->mean = rb_plan_floats(plan, (size_t)n->columns);
    n->variance = rb_plan_floats(plan, (size_t)n->columns);
    n->rstd = rb_plan_floats(plan, (size_t)n->columns);
}

void rb_norm_tape_take(rb_norm_tape *tape, const rb_norm *n, int batch, size_t more, bool backward,
                       rb_plan *plan)
{
    const size_t columns = (size_t)n->columns, samples = (size_t)batch;
    const size_t numbers = columns * (size_t)(n->height + 2 * n->border) * (size_t)(n->width + 2 * n->border);
    tape->out = rb_plan_rows(plan, batch, (numbers + more) / (size_t)plan->per_unit);
    if (n->kind == RB_NORM_NONE || (n->kind == RB_NORM_BATCH && !backward)) return;
    if (n->by_pixel) {
        tape->pixels = rb_plan_floats(plan, samples * (size_t)rb_norm_pixels(n) * PIXEL_NUMBERS);
        return;
    }
    const size_t each = n->kind == RB_NORM_LAYER ? samples * columns : columns;
    tape->parts = rb_plan_floats(plan, 2 * samples * columns);
    tape->mean = rb_plan_floats(plan, each);
    tape->rstd = rb_plan_floats(plan, each);
    if (n->kind == RB_NORM_LAYER) return;
    tape->variance = rb_plan_floats(plan, columns);
    tape->share = rb_plan_floats(plan, columns);
    tape->slope = rb_plan_floats(plan, columns);
}

void rb_norm_reset(rb_norm *n)
{
    const size_t line = rb_norm_line(n);
    for (size_t i = 0; i < line; i++) n->gamma.value[i] = i % (size_t)n->columns < (size_t)n->channels;
    memset(n->beta.value, 0, line * sizeof(float));
    n->batches = 0;
    if (n->kind == RB_NORM_LAYER) return;
    memset(n->mean, 0, (size_t)n->columns * sizeof(float));
    for (int c = 0; c < n->channels; c++) n->variance[c] = 1;
}

void rb_norm_renew(rb_norm *n, float keep)
{
    const size_t line = rb_norm_line(n);
    if (n->kind == RB_NORM_NONE) return;
    rb_weights_forget(&n->gamma);
    rb_weights_forget(&n->beta);
    if (!(keep > 0)) {
        rb_norm_reset(n);
        return;
    }
    for (size_t i = 0; i < line; i++) {
        const float new = i % (size_t)n->columns < (size_t)n->channels;
        n->gamma.value[i] = keep * n->gamma.value[i] + (1 - keep) * new;
        n->beta.value[i] *= keep;
    }
}

void rb_norm_copy(rb_norm *to, const rb_norm *from)
{
    const size_t line = rb_norm_line(to) * sizeof(float), columns = (size_t)to->columns * sizeof(float);
    memcpy(to->gamma.value, from->gamma.value, line);
    memcpy(to->beta.value, from->beta.value, line);
    to->batches = from->batches;
    if (to->kind == RB_NORM_LAYER) return;
    memcpy(to->mean, from->mean, columns);
    memcpy(to->variance, from->variance, columns);
}

void rb_norm_blend(rb_norm *to, const rb_norm *from, const rb_kernels *kernels, float share)
{
    const size_t line = rb_norm_line(to) / RB_PANEL, columns = (size_t)to->columns / RB_PANEL;
    if (to->kind == RB_NORM_NONE) return;
    kernels->blend(to->gamma.value, RB_PANEL, from->gamma.value, RB_PANEL, line, share);
    kernels->blend(to->beta.value, RB_PANEL, from->beta.value, RB_PANEL, line, share);
    to->batches = from->batches;
    if (to->kind == RB_NORM_LAYER) return;
    kernels->blend(to->mean, RB_PANEL, from->mean, RB_PANEL, columns, share);
    kernels->blend(to->variance, RB_PANEL, from->variance, RB_PANEL, columns, share);
}

void rb_norm_derive(rb_norm *n)
{
    if (n->kind == RB_NORM_BATCH) rb_moments_rstd(n->variance, n->channels, n->epsilon, n->rstd);
    if (n->kind == RB_NORM_NONE) memcpy(n->rstd, n->gamma.value, (size_t)n->columns * sizeof(float));
}

void rb_norm_visit(rb_norm *n, rb_visitor *visitor)
{
    if (n->kind == RB_NORM_NONE) return;
    rb_visit_open(visitor, n->name);
    rb_weights_visit(&n->gamma, visitor, "weight");
    rb_weights_visit(&n->beta, visitor, "bias");
    if (n->kind == RB_NORM_BATCH) {
        rb_visit_f32s(visitor, "running_mean", n->mean, (size_t)n->columns);
        rb_visit_f32s(visitor, "running_var", n->variance, (size_t)n->columns);
        for (int i = 0; i < n->columns; i++)
            rb_visit_limit_f64(visitor, "running_var", (double)n->variance[i], 0, (double)FLT_MAX);
        rb_visit_u64(visitor, "num_batches_tracked", &n->batches);
    }
    rb_visit_close(visitor);
}

void rb_norm_follow(rb_norm *n, const rb_norm_tape *tape)
{
    if (n->kind != RB_NORM_BATCH) return;
    rb_moments_follow(n->mean, tape->mean, n->channels);
    rb_moments_follow(n->variance, tape->variance, n->channels);
    n->batches++;
    rb_norm_derive(n);
}

const float *rb_norm_mean(const rb_norm *n, const rb_norm_tape *tape, bool learns, int sample)
{
    if (n->kind == RB_NORM_LAYER) return tape->mean + (ptrdiff_t)sample * n->columns;
    return n->kind == RB_NORM_BATCH && learns ? tape->mean : n->mean;
}
const float *rb_norm_rstd(const rb_norm *n, const rb_norm_tape *tape, bool learns, int sample)
{
    if (n->kind == RB_NORM_LAYER) return tape->rstd + (ptrdiff_t)sample * n->columns;
    return n->kind == RB_NORM_BATCH && learns ? tape->rstd : n->rstd;
}

static float *part_of(const rb_norm *n, const rb_norm_tape *tape, int sample)
{
    return tape->parts + (ptrdiff_t)2 * sample * n->columns;
}

static void moments_of_sample(const rb_norm *n, const rb_norm_tape *tape, int sample)
{
    const ptrdiff_t at = (ptrdiff_t)sample * n->columns;
    rb_moments_of_sample(part_of(n, tape, sample), rb_norm_pixels(n), n->columns, n->channels, n->epsilon,
                         &(rb_moments){.mean = tape->mean + at, .rstd = tape->rstd + at});
}

// --- a sample's picture ---

static rb_normalise picture_job(const rb_norm_pass *p)
{
    const rb_norm *n = p->norm;
    const int pixel = n->columns / p->kernels->per_unit;
    float *part = n->kind == RB_NORM_LAYER ? part_of(n, p->tape, p->sample) : NULL;
    return (rb_normalise){
        .rows = rb_norm_pixels(n),
        .columns = n->columns,
        .x = p->x,
        .x_row = pixel,
        .mean = rb_norm_mean(n, p->tape, p->learns, p->sample),
        .rstd = rb_norm_rstd(n, p->tape, p->learns, p->sample),
        .gamma = n->gamma.value,
        .beta = n->beta.value,
        .gamma_row = n->kind == RB_NORM_LAYER ? n->columns : 0,
        .out_row = pixel,
        .relu = n->relu,
        .gradient = p->gradient,
        .gradient_row = pixel,
        .gamma_gradient = p->gamma_gradient,
        .beta_gradient = p->beta_gradient,
        .sum = part,
        .product = part ? part + n->columns : NULL,
        .share = part ? part : p->tape->share,
        .slope = part ? part + n->columns : p->tape->slope,
        .mask = n->mask,
    };
}

void rb_norm_gather(const rb_norm_pass *p)
{
    const rb_norm *n = p->norm;
    float *part = part_of(n, p->tape, p->sample);
    p->kernels->moments(p->x, n->columns / p->kernels->per_unit, rb_norm_pixels(n), n->columns, part,
                        part + n->columns);
}

// ---- a sample's picture, each pixel on its own ----

static rb_row_norm pixels_job(const rb_norm_pass *p)
{
    const rb_norm *n = p->norm;
    const int pixel = n->columns / p->kernels->per_unit, pixels = rb_norm_pixels(n);
    const ptrdiff_t line = (ptrdiff_t)(n->width + 2 * n->border) * pixel;
    float *moments = p->tape->pixels + (ptrdiff_t)p->sample * pixels * PIXEL_NUMBERS;
    return (rb_row_norm){
        .rows = pixels,
        .columns = n->columns,
        .used = n->channels,
        .x = p->x,
        .x_row = pixel,
        .gamma = n->gamma.value,
        .beta = n->beta.value,
        .epsilon = n->epsilon,
        .mean = moments,
        .rstd = moments + pixels,
        .out = rb_rows_at(p->tape->out, p->sample) + n->border * (line + pixel),
        .width = n->width,
        .out_row = pixel,
        .out_line = line,
        .relu = n->relu,
        .gradient = p->gradient,
        .gradient_row = pixel,
        .gamma_gradient = p->gamma_gradient,
        .beta_gradient = p->beta_gradient,
        .mask = n->mask,
    };
}

void rb_norm_forward(const rb_norm_pass *p)
{
    const rb_norm *n = p->norm;
    const int pixel = n->columns / p->kernels->per_unit;
    if (n->by_pixel) {
        const rb_row_norm pixels = pixels_job(p);
        p->kernels->normalise_rows(&pixels);
        return;
    }
    if (n->kind == RB_NORM_LAYER) {
        rb_norm_gather(p);
        moments_of_sample(n, p->tape, p->sample);
    }
    rb_normalise job = picture_job(p);
    job.out = rb_rows_at(p->tape->out, p->sample);
    if (!n->border) {
        p->kernels->normalise(&job);
        return;
    }
    const ptrdiff_t line = (ptrdiff_t)(n->width + 2 * n->border) * pixel;
    job.out += n->border * (line + pixel);
    job.rows = n->width;
    for (int y = 0; y < n->height; y++) {
        p->kernels->normalise(&job);
        job.x += n->width * job.x_row;
        job.gamma += n->width * job.gamma_row;
        job.beta += n->width * job.gamma_row;
        job.out += line;
    }
}

// The gradient of a ReLU alone has its mask already: whoever reads a ReLU's output masks the gradient it
// writes. Pixels that are normalised on their own need no sums of others: one pass does both halves.
void rb_norm_sums(const rb_norm_pass *p)
{
    if (p->norm->kind == RB_NORM_NONE) return;
    if (p->norm->by_pixel) {
        const rb_row_norm pixels = pixels_job(p);
        p->kernels->normalise_rows_back(&pixels);
        return;
    }
    const rb_normalise job = picture_job(p);
    p->kernels->normalise_sums(&job);
    if (p->norm->kind == RB_NORM_LAYER)
        rb_shares_of_sample(job.sum, job.product, job.rows, p->norm->columns, p->norm->channels);
}

void rb_norm_back(const rb_norm_pass *p)
{
    if (p->norm->kind == RB_NORM_NONE || p->norm->by_pixel) return;
    const rb_normalise job = picture_job(p);
    p->kernels->normalise_back(&job);
}

// --- the vectors of a batch ---

static int blocks_of(const rb_norm *n)
{
    return (n->columns + BLOCK - 1) / BLOCK;
}
int rb_norm_forward_pieces(const rb_norm *n, int count)
{
    return n->kind == RB_NORM_LAYER ? count : blocks_of(n);
}
int rb_norm_sum_pieces(const rb_norm *n)
{
    return blocks_of(n);
}
int rb_norm_back_pieces(const rb_norm *n, int count)
{
    return n->kind == RB_NORM_LAYER ? count : 0;
}

// For samples first .. first + rows, and one block of columns or (block < 0) all of them.
static rb_normalise rows_job(const rb_norm_rows *r, int first, int rows, int block)
{
    const rb_norm *n = r->norm;
    const int column = block < 0 ? 0 : block * BLOCK, left = n->columns - column,
              unit = column / r->kernels->per_unit;
    return (rb_normalise){
        .rows = rows,
        .columns = block < 0 || left < BLOCK ? left : BLOCK,
        .x = rb_rows_at(r->x, first) + unit,
        .x_row = r->x.row,
        .mean = rb_norm_mean(n, r->tape, r->learns, first) + column,
        .rstd = rb_norm_rstd(n, r->tape, r->learns, first) + column,
        .gamma = n->gamma.value + column,
        .beta = n->beta.value + column,
        .out = rb_rows_at(r->tape->out, first) + unit,
        .out_row = r->tape->out.row,
        .relu = n->relu,
        .gradient = r->gradient.data ? rb_rows_at(r->gradient, first) + unit : NULL,
        .gradient_row = r->gradient.row,
        .mask = n->mask,
    };
}

static int used_of(const rb_norm *n, int column)
{
    return n->channels - column < BLOCK ? n->channels - column : BLOCK;
}

void rb_norm_forward_rows(const rb_norm_rows *r, int piece)
{
    const rb_norm *n = r->norm;
    const rb_norm_tape *tape = r->tape;
    const bool layer = n->kind == RB_NORM_LAYER;
    const rb_normalise job = layer ? rows_job(r, piece, 1, -1) : rows_job(r, 0, r->count, piece);
    if (layer) {
        float *part = part_of(n, tape, piece);
        r->kernels->moments(job.x, job.x_row, 1, n->columns, part, part + n->columns);
        moments_of_sample(n, tape, piece);
    } else if (r->learns) {
        const int column = piece * BLOCK;
        float *part = tape->parts + column;
        r->kernels->moments(job.x, job.x_row, job.rows, job.columns, part, part + n->columns);
        rb_moments_of_batch(part, 1, r->count, n->columns, used_of(n, column), n->epsilon,
                            &(rb_moments){.mean = tape->mean + column,
                                          .rstd = tape->rstd + column,
                                          .variance = tape->variance + column});
    }
    r->kernels->normalise(&job);
}

void rb_norm_sum_rows(const rb_norm_rows *r, int piece)
{
    const int column = piece * BLOCK, steps = r->norm->kind == RB_NORM_LAYER ? r->count : 1;
    for (int s = 0; s < steps; s++) {
        rb_normalise job = rows_job(r, s, steps > 1 ? 1 : r->count, piece);
        job.gamma_gradient = r->gamma_gradient + column;
        job.beta_gradient = r->beta_gradient + column;
        r->kernels->normalise_sums(&job);
        if (r->norm->kind == RB_NORM_LAYER) continue;
        float *share = r->tape->share + column, *slope = r->tape->slope + column;
        rb_shares_of_batch(job.gamma, job.gamma_gradient, job.beta_gradient, r->count, job.columns, share,
                           slope);
        job.share = share, job.slope = slope;
        r->kernels->normalise_back(&job);
    }
}

void rb_norm_back_rows(const rb_norm_rows *r, int piece)
{
    const rb_norm *n = r->norm;
    rb_normalise job = rows_job(r, piece, 1, -1);
    job.sum = part_of(n, r->tape, piece), job.product = job.sum + n->columns;
    r->kernels->normalise_sums(&job);
    rb_shares_of_sample(job.sum, job.product, 1, n->columns, n->channels);
    job.share = job.sum, job.slope = job.product;
    r->kernels->normalise_back(&job);
}
