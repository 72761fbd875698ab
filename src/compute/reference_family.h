// The reference: every kernel in scalar C, with each sum in double, written exactly as its definition in
// kernels.h. Tests compare the fast families with it. The including file sets TOGETHER, the numbers in a
// unit, RB_FAMILY and RB_FAMILY_NAME.
#include <math.h>
#include <string.h>

#include "compute/kernels.h"

// Number i of the array at p.
static double number(const rb_unit *p, ptrdiff_t i)
{
    uint32_t bits;
    float x;
    if (TOGETHER == 2) {
        uint16_t half;
        memcpy(&half, (const char *)p + 2 * i, sizeof half);
        bits = (uint32_t)half << 16;
    } else {
        bits = p[i];
    }
    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

static void set_number(rb_unit *p, ptrdiff_t i, double value)
{
    const float x = (float)value;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (TOGETHER == 1) {
        p[i] = bits;
        return;
    }
    // Rounds to the nearest bf16, ties to even; NaN stays NaN.
    bits = isnan(x) ? bits | 0x400000 : bits + 0x7FFF + (bits >> 16 & 1);
    const uint16_t half = (uint16_t)(bits >> 16);
    memcpy((char *)p + 2 * i, &half, sizeof half);
}

// The product of two units: the sum over all numbers in them.
static double product(const rb_unit *a, const rb_unit *b)
{
    double sum = 0;
    for (int t = 0; t < TOGETHER; t++) sum += number(a, t) * number(b, t);
    return sum;
}

static void gemm_put(const rb_gemm *j, int line, int row, int column, double sum)
{
    const ptrdiff_t at = line * j->out_line + row * j->out_row;
    if (j->out_f32) {
        float *out = j->out_f32 + at + column;
        *out = (float)(j->add ? *out + sum : sum);
        return;
    }
    if (j->relu && sum < 0) sum = 0;
    if (j->mask && !(number(j->mask + line * j->mask_line + row * j->mask_row, column) > 0)) sum = 0;
    set_number(j->out + at, column, sum);
    if (j->by)
        set_number(j->out + at, column,
                   number(j->out + at, column) + number(j->by + line * j->by_line + row * j->by_row, column));
    if (!j->positive) return;
    const double x = number(j->out + at, column);
    set_number(j->positive + line * j->positive_line + row * j->positive_row, column, x <= 0 ? 0 : x);
}

static void gemm(const rb_gemm *j)
{
    for (int line = 0; line < j->lines; line++) {
        for (int r = 0; r < j->rows; r++) {
            for (int c = 0; c < j->panels * RB_PANEL; c++) {
                double sum = j->bias ? (double)j->bias[c] : 0;
                for (int s = 0; s < j->segments; s++) {
                    for (int k = 0; k < j->length; k++) {
                        sum += product(j->a + line * j->a_line + r * j->a_row + s * j->a_segment + k,
                                       j->w + c / RB_PANEL * j->w_panel + (s * j->length + k) * RB_PANEL +
                                           c % RB_PANEL);
                    }
                }
                gemm_put(j, line, r, c, sum);
            }
        }
    }
}

static void outer(const rb_outer *j)
{
    for (int i = 0; i < j->inputs; i++) {
        for (int c = 0; c < j->panels * RB_PANEL; c++) {
            double sum = 0;
            for (int line = 0; line < j->lines; line++) {
                for (int step = 0; step < j->steps; step++)
                    sum += product(j->x + line * j->x_line + step * j->x_step + i,
                                   j->y + line * j->y_line + step * j->y_step + c);
            }
            float *at = j->out + c / RB_PANEL * j->out_panel + i * RB_PANEL + c % RB_PANEL;
            *at = (float)(j->add ? *at + sum : sum);
        }
    }
}

static void gram(const rb_unit *x, ptrdiff_t row, int rows, int length, const float *weights, double *out)
{
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < rows; c++) {
            double sum = 0;
            for (int i = 0; i < length; i++)
                sum += number(x + r * row, i) * number(x + c * row, i) * (weights ? (double)weights[i] : 1);
            out[r * rows + c] = sum;
        }
    }
}

static int record_floats(const rb_panel_place *p)
{
    return (p->noisy ? 2 : 1) * (1 + p->moments) * RB_PANEL;
}

static double noise_of(const rb_panel_noise *noise, int input, int column)
{
    if (noise->all) return (double)noise->all[input * RB_PANEL + column];
    return noise->rows ? (double)noise->rows[input] * noise->columns[column] : 0;
}

static void put_packed(const rb_panel_place *p, int input, int column, double w)
{
    if (p->pack) set_number(p->pack + input / TOGETHER * RB_PANEL + column, input % TOGETHER, w);
    if (p->transposed)
        set_number(p->transposed + input / RB_PANEL * p->transposed_panel + column / TOGETHER * RB_PANEL +
                       input % RB_PANEL,
                   column % TOGETHER, w);
}

static void compose(const rb_panel_place *p, const rb_panel_noise *noise, float scale)
{
    for (int i = 0; i < (p->inputs + RB_PANEL - 1) / RB_PANEL * RB_PANEL; i++) {
        for (int c = 0; c < RB_PANEL; c++) {
            if (i >= p->inputs) {
                rb_panel_place behind = *p;
                behind.pack = NULL;
                put_packed(&behind, i, c, 0);
                continue;
            }
            const float *record = p->record + (ptrdiff_t)i * record_floats(p) + c;
            double w = (double)record[0];
            if (p->noisy) w += (double)record[(1 + p->moments) * RB_PANEL] * noise_of(noise, i, c);
            put_packed(p, i, c, w * (double)scale);
        }
    }
}

static void compose_packs(const rb_unit *mu, const rb_unit *sigma, int inputs, const rb_panel_noise *noise,
                          rb_unit *out)
{
    for (int i = 0; i < inputs; i++) {
        for (int c = 0; c < RB_PANEL; c++) {
            const ptrdiff_t unit = i / TOGETHER * RB_PANEL + c;
            const int half = i % TOGETHER;
            const double s = number(sigma + unit, half) * noise_of(noise, i, c);
            set_number(out + unit, half, number(mu + unit, half) + s);
        }
    }
}

static double square_sum(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}

static void step_one(const rb_rule *rule, float *w, float *m, float *v, double gradient)
{
    const double g = fmax(-rule->clip, fmin(rule->clip, gradient * (double)rule->scale));
    *v = (float)(*v + (1.0 - rule->beta2) * (g * g - *v));
    if (rule->kind == RB_RULE_ADAM) {
        *m = (float)(*m + (1.0 - rule->beta1) * (g - *m));
        const double denominator = sqrt(*v) * rule->root + rule->epsilon;
        const double kept = (double)rule->keep * (double)*w;
        *w = (float)(denominator > 0 ? kept - rule->rate * *m / denominator : kept);
        return;
    }
    double mean = 0;
    if (rule->kind == RB_RULE_RMSPROP_CENTERED) mean = *m = (float)(*m + (1.0 - rule->beta2) * (g - *m));
    const double denominator = sqrt(fmax(0, *v - mean * mean) + rule->under) + rule->epsilon;
    if (denominator > 0) *w = (float)(*w - rule->rate * g / denominator);
}

static void step(const rb_rule *rule, float *w, float *m, float *v, const float *gradient, size_t count)
{
    for (size_t i = 0; i < count; i++) step_one(rule, w + i, m ? m + i : NULL, v + i, (double)gradient[i]);
}

static void update(const rb_panel_place *p, const rb_panel_step *s, const rb_panel_noise *next)
{
    const bool noisy = p->noisy && (s->noise.rows || s->noise.all);
    for (int i = 0; i < p->inputs; i++) {
        for (int c = 0; c < RB_PANEL; c++) {
            double gradient = s->gradient ? (double)s->gradient[i * RB_PANEL + c] : 0;
            for (int step = 0; step < s->steps && !s->gradient; step++)
                gradient += product(s->x + step * s->x_step + i, s->y + step * s->y_step + c);
            float *mu = p->record + (ptrdiff_t)i * record_floats(p) + c, *m = mu + 2 * RB_PANEL;
            step_one(s->rule, mu, m, mu + RB_PANEL, gradient);
            if (!noisy) continue;
            float *sigma = mu + (1 + p->moments) * RB_PANEL;
            step_one(s->rule, sigma, sigma + 2 * RB_PANEL, sigma + RB_PANEL,
                     gradient * noise_of(&s->noise, i, c));
        }
    }
    compose(p, next, 1);
    for (int e = 0; e < s->more_count && noisy; e++) {
        rb_panel_place more = *p;
        more.pack = s->more[e].pack, more.transposed = NULL;
        compose(&more, &s->more[e].noise, 1);
    }
}

static void sum_rows(const rb_unit *y, ptrdiff_t row, int rows, int columns, float *out, bool add)
{
    for (int c = 0; c < columns; c++) {
        double sum = add ? (double)out[c] : 0;
        for (int r = 0; r < rows; r++) sum += number(y + r * row, c);
        out[c] = (float)sum;
    }
}

static void add(float *out, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] += x[i];
}

static void blend(float *to, ptrdiff_t to_line, const float *from, ptrdiff_t from_line, size_t lines,
                  float share)
{
    for (size_t l = 0; l < lines; l++) {
        for (int i = 0; i < RB_PANEL; i++) {
            float *at = to + (ptrdiff_t)l * to_line + i;
            const double old = (double)*at, other = (double)from[(ptrdiff_t)l * from_line + i];
            *at = (float)(old + (double)share * (other - old));
        }
    }
}

static void multiply(float *out, const float *x, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

static void round_numbers(rb_unit *out, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) set_number(out, (ptrdiff_t)i, (double)x[i]);
}

static void round_masked(rb_unit *out, const float *x, const rb_unit *activation, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set_number(out, (ptrdiff_t)i, number(activation, (ptrdiff_t)i) > 0 ? (double)x[i] : 0);
}

static void pair(rb_unit *out, const rb_unit *a, const rb_unit *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        set_number(out + i, 0, number(a, (ptrdiff_t)i));
        if (TOGETHER == 2) set_number(out + i, 1, b ? number(b, (ptrdiff_t)i) : 0);
    }
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
        // Two bits of the angle choose the quadrant, the next 24 turn within -pi/4 .. pi/4, and six are
        // unused.
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

static void picture(const uint8_t *planar, ptrdiff_t plane, int planes, int channels, int pixels, float scale,
                    float offset, rb_unit *out)
{
    for (int i = 0; i < pixels; i++) {
        for (int c = 0; c < channels; c++) {
            const double x = c < planes ? (double)scale * planar[c * plane + i] + offset : 0;
            set_number(out, (ptrdiff_t)i * channels + c, x);
        }
    }
}

static void moments(const rb_unit *x, ptrdiff_t row, int rows, int columns, float *mean, float *squares)
{
    for (int c = 0; c < columns; c++) {
        double sum = 0, square = 0;
        for (int r = 0; r < rows; r++) sum += number(x + r * row, c);
        for (int r = 0; r < rows; r++) {
            const double d = number(x + r * row, c) - sum / rows;
            square += d * d;
        }
        mean[c] = (float)(sum / rows);
        squares[c] = (float)square;
    }
}

static double normal_of(const rb_normalise *j, int r, int c)
{
    return (number(j->x + r * j->x_row, c) - (double)j->mean[c]) * (double)j->rstd[c];
}

static void normalise(const rb_normalise *j)
{
    for (int r = 0; r < j->rows; r++) {
        for (int c = 0; c < j->columns; c++) {
            const ptrdiff_t at = r * j->gamma_row + c;
            const double y = normal_of(j, r, c) * (double)j->gamma[at] + (double)j->beta[at];
            set_number(j->out + r * j->out_row, c, j->relu && y < 0 ? 0 : y);
        }
    }
}

static void normalise_sums(const rb_normalise *j)
{
    for (int c = 0; c < j->columns; c++) {
        double sum = 0, product = 0, gamma = 0, beta = 0;
        for (int r = 0; r < j->rows; r++) {
            const ptrdiff_t at = r * j->gamma_row + c;
            const double y = number(j->gradient + r * j->gradient_row, c), n = normal_of(j, r, c);
            sum += y * (double)j->gamma[at];
            product += y * (double)j->gamma[at] * n;
            if (j->gamma_row && j->gamma_gradient)
                j->gamma_gradient[at] += (float)(y * n), j->beta_gradient[at] += (float)y;
            gamma += y * n;
            beta += y;
        }
        if (j->sum) j->sum[c] = (float)sum, j->product[c] = (float)product;
        if (!j->gamma_row && j->gamma_gradient)
            j->gamma_gradient[c] += (float)gamma, j->beta_gradient[c] += (float)beta;
    }
}

static void normalise_back(const rb_normalise *j)
{
    for (int r = 0; r < j->rows; r++) {
        for (int c = 0; c < j->columns; c++) {
            const double g =
                number(j->gradient + r * j->gradient_row, c) * (double)j->gamma[r * j->gamma_row + c];
            const double x =
                (double)j->rstd[c] * (g - (double)j->share[c] - normal_of(j, r, c) * (double)j->slope[c]);
            const bool masked = j->mask && !(number(j->x + r * j->x_row, c) > 0);
            set_number(j->gradient + r * j->gradient_row, c, masked ? 0 : x);
        }
    }
}

static void normalise_rows(const rb_row_norm *j)
{
    for (int r = 0; r < j->rows; r++) {
        const rb_unit *x = j->x + r * j->x_row;
        rb_unit *out = j->out + r / j->width * j->out_line + r % j->width * j->out_row;
        double mean = 0, squares = 0;
        for (int c = 0; c < j->used; c++) mean += number(x, c) / j->used;
        for (int c = 0; c < j->used; c++) squares += (number(x, c) - mean) * (number(x, c) - mean);
        const double rstd = 1 / sqrt(squares / j->used + (double)j->epsilon);
        j->mean[r] = (float)mean, j->rstd[r] = (float)rstd;
        for (int c = 0; c < j->columns; c++) {
            const double y = (number(x, c) - mean) * rstd * (double)j->gamma[c] + (double)j->beta[c];
            set_number(out, c, c >= j->used || (j->relu && y < 0) ? 0 : y);
        }
    }
}

static void normalise_rows_back(const rb_row_norm *j)
{
    for (int r = 0; r < j->rows; r++) {
        const rb_unit *x = j->x + r * j->x_row;
        rb_unit *gradient = j->gradient + r * j->gradient_row;
        const double mean = (double)j->mean[r], rstd = (double)j->rstd[r];
        double share = 0, slope = 0;
        for (int c = 0; c < j->used; c++) {
            const double y = number(gradient, c), n = (number(x, c) - mean) * rstd;
            share += y * (double)j->gamma[c] / j->used, slope += y * (double)j->gamma[c] * n / j->used;
            j->gamma_gradient[c] += (float)(y * n), j->beta_gradient[c] += (float)y;
        }
        for (int c = 0; c < j->columns; c++) {
            const double g = number(gradient, c) * (double)j->gamma[c], n = (number(x, c) - mean) * rstd;
            const bool none = c >= j->used || (j->mask && !(number(x, c) > 0));
            set_number(gradient, c, none ? 0 : rstd * (g - share - n * slope));
        }
    }
}

static double pooled(const rb_pooling *j, int line, int pixel, int column)
{
    double largest = -INFINITY, sum = 0;
    int count = 0;
    for (int y = rb_window_from(&j->lines, line); y < rb_window_to(&j->lines, line); y++) {
        for (int x = rb_window_from(&j->pixels, pixel); x < rb_window_to(&j->pixels, pixel); x++) {
            const double value =
                number(j->x, ((ptrdiff_t)(y - j->x_from) * j->pixels.size + x) * j->columns + column);
            if (value > largest || isnan(value)) largest = value;
            sum += value;
            count++;
        }
    }
    return j->mean ? sum / count : largest;
}

static int place_of(const rb_pooling *j, int line, int pixel, int column)
{
    const double largest = pooled(j, line, pixel, column);
    const int y = line * j->lines.step - j->lines.pad, x = pixel * j->pixels.step - j->pixels.pad;
    if (isnan(largest) || (j->mask && !(largest > 0))) return RB_POOL_NOWHERE;
    for (int place = 0;; place++) {
        const int down = y + place / j->pixels.kernel, right = x + place % j->pixels.kernel;
        if (down < 0 || right < 0 || right >= j->pixels.size) continue;
        const ptrdiff_t at = ((ptrdiff_t)(down - j->x_from) * j->pixels.size + right) * j->columns + column;
        if (number(j->x, at) == largest) return place;
    }
}

static void pool(const rb_pooling *j)
{
    for (int line = j->begin; line < j->end; line++) {
        for (int pixel = 0; pixel < j->pixels.count; pixel++) {
            for (int c = 0; c < j->columns; c++) {
                const ptrdiff_t at = (ptrdiff_t)pixel * j->columns + c;
                const double x = pooled(j, line, pixel, c);
                set_number(j->out + line * j->out_line, at, x);
                if (j->positive) set_number(j->positive + line * j->positive_line, at, x <= 0 ? 0 : x);
                if (j->where)
                    j->where[(ptrdiff_t)line * j->pixels.count * j->columns + at] =
                        (uint8_t)place_of(j, line, pixel, c);
            }
        }
    }
}

static void pool_spread(const rb_pooling *j)
{
    const int lines = j->lines.size, pixels = j->pixels.size;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)lines * pixels * j->columns; i++) {
        const int c = (int)(i % j->columns), x = (int)(i / j->columns % pixels),
                  y = (int)(i / j->columns / pixels);
        double sum = 0;
        for (int line = 0; line < j->lines.count; line++) {
            for (int pixel = 0; pixel < j->pixels.count; pixel++) {
                const int down = y - (line * j->lines.step - j->lines.pad),
                          right = x - (pixel * j->pixels.step - j->pixels.pad);
                const ptrdiff_t at = ((ptrdiff_t)line * j->pixels.count + pixel) * j->columns + c;
                if (down < 0 || right < 0 || down >= j->lines.kernel || right >= j->pixels.kernel) continue;
                if (j->where[at] == down * j->pixels.kernel + right) sum += number(j->gradient, at);
            }
        }
        set_number(j->back, i, sum);
    }
}

static void pool_back_number(const rb_pooling *j, int line, int pixel, int column, double gradient)
{
    const int top = rb_window_from(&j->lines, line), bottom = rb_window_to(&j->lines, line),
              left = rb_window_from(&j->pixels, pixel), right = rb_window_to(&j->pixels, pixel);
    const double largest = pooled(j, line, pixel, column);
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
            const ptrdiff_t at = ((ptrdiff_t)y * j->pixels.size + x) * j->columns + column;
            if (j->mean) {
                j->sums[at] += (float)(gradient / ((bottom - top) * (right - left)));
            } else if (number(j->x, at) == largest) {
                j->sums[at] += (float)gradient;
                return;
            }
        }
    }
}

static void pool_back(const rb_pooling *j)
{
    for (int line = 0; line < j->lines.count; line++) {
        for (int pixel = 0; pixel < j->pixels.count; pixel++) {
            for (int c = 0; c < j->columns; c++) {
                const ptrdiff_t at = ((ptrdiff_t)line * j->pixels.count + pixel) * j->columns + c;
                pool_back_number(j, line, pixel, c, number(j->gradient, at));
            }
        }
    }
}

static void join(rb_unit *out, const rb_unit *x, const rb_unit *y, const rb_unit *mask, size_t count)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)count; i++) {
        const bool with = !mask || number(mask, i) > 0;
        set_number(out, i, number(x, i) + (with ? number(y, i) : 0));
    }
}

static void mix(const rb_mix *j)
{
    for (int r = 0; r < j->rows; r++)
        for (int c = 0; c < j->columns; c++)
            set_number(j->out + r * j->out_row, c, number(j->x + r * j->x_row, c) * number(j->by, c));
}

static void mix_back(const rb_mix *j)
{
    for (int c = 0; c < j->columns; c++) {
        const double by = number(j->by, c);
        double sum = 0;
        for (int r = 0; r < j->rows; r++) {
            const double x = number(j->x + r * j->x_row, c), g = number(j->gradient + r * j->gradient_row, c);
            sum += g * x;
            set_number(j->gradient + r * j->gradient_row, c, x > 0 ? g * by : 0);
        }
        if (j->by_gradient) set_number(j->by_gradient, c, !j->mask || by > 0 ? sum : 0);
    }
}

static double spin(int rounds)
{
    volatile double sum = 0;
    for (int round = 0; round < rounds; round++) sum += sum * sum;
    return rounds;
}

static void touch(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] += 1;
}

const rb_kernels RB_FAMILY = {
    .name = RB_FAMILY_NAME,
    .per_unit = TOGETHER,
    .gemm = gemm,
    .outer = outer,
    .gram = gram,
    .compose = compose,
    .compose_packs = compose_packs,
    .update = update,
    .square_sum = square_sum,
    .step = step,
    .sum_rows = sum_rows,
    .add = add,
    .blend = blend,
    .multiply = multiply,
    .round = round_numbers,
    .round_masked = round_masked,
    .pair = pair,
    .normal = normal,
    .signed_root = signed_root,
    .picture = picture,
    .moments = moments,
    .normalise = normalise,
    .normalise_sums = normalise_sums,
    .normalise_back = normalise_back,
    .normalise_rows = normalise_rows,
    .normalise_rows_back = normalise_rows_back,
    .pool = pool,
    .pool_back = pool_back,
    .pool_spread = pool_spread,
    .join = join,
    .mix = mix,
    .mix_back = mix_back,
    .spin = spin,
    .touch = touch,
};
