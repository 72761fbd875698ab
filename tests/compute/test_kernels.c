// Every fast family against the reference of its format, over random shapes, odd sizes and batches of 1 to
// 256.
#include "compute/kernels_kit.h"

static void gemm_linear(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, rows = between(1, 4) == 1 ? between(1, 256) : between(1, 40),
              length = between(1, 150), panels = between(1, 7), kind = between(0, 4);
    const ptrdiff_t x_row = length + between(0, 20), y_row = panels * 16 / T + between(0, 20),
                    f_row = panels * 16 + between(0, 20), mask_row = panels * 16 / T + between(0, 9);
    rb_unit *x = units(kernels, (size_t)(rows * x_row)), *w = units(kernels, (size_t)(length * panels * 16)),
            *mask = units(kernels, (size_t)(rows * mask_row)), *out = units(kernels, (size_t)(rows * y_row)),
            *expected = copy(out, (size_t)(rows * y_row));
    float *bias = numbers((size_t)panels * 16), *sums = numbers((size_t)(rows * f_row)),
          *sums_expected = copy(sums, (size_t)(rows * f_row));
    const bool floats = kind >= 3;
    rb_gemm job = {.a = x,
                   .a_row = x_row,
                   .lines = 1,
                   .rows = rows,
                   .segments = 1,
                   .length = length,
                   .w = w,
                   .w_panel = (ptrdiff_t)length * 16,
                   .panels = panels,
                   .bias = kind == 2 ? NULL : bias,
                   .out = floats ? NULL : out,
                   .out_f32 = floats ? sums : NULL,
                   .out_row = floats ? f_row : y_row,
                   .mask = kind == 2 ? mask : NULL,
                   .mask_row = mask_row,
                   .relu = kind == 1,
                   .add = kind == 3};
    kernels->gemm(&job);
    job.out = floats ? NULL : expected, job.out_f32 = floats ? sums_expected : NULL;
    truth_of(kernels)->gemm(&job);
    assert_units(kernels, "gemm (linear)", out, expected, (size_t)(rows * y_row), 2e-6 * length * T);
    assert_close(kernels->name, "gemm (sums)", sums, sums_expected, (size_t)(rows * f_row),
                 2e-6 * length * T);
    free(x), free(w), free(bias), free(out), free(expected), free(mask), free(sums), free(sums_expected);
}

// A picture, a window, a stride: forward, weight gradient and input gradient with the calls of src/nn/conv.c.
static void convolution(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, channels = between(0, 1) ? T * between(1, 5) : 16 * between(1, 3),
              window = between(1, 6), stride = between(1, 4);
    const int height = window + between(0, 20), width = window + between(0, 20), panels = between(1, 5),
              out_c = panels * 16, pixel = channels / T, out_pixel = out_c / T;
    const int oh = (height - window) / stride + 1, ow = (width - window) / stride + 1,
              lines = window * window * pixel;
    const size_t in_count = (size_t)(height * width * pixel), out_count = (size_t)(oh * ow * out_pixel);
    rb_unit *in = units(kernels, in_count), *w = units(kernels, (size_t)(lines * out_c)),
            *out = units(kernels, out_count), *out_expected = copy(out, out_count);
    float *bias = numbers((size_t)out_c);
    rb_gemm job = {.a = in,
                   .a_line = (ptrdiff_t)stride * width * pixel,
                   .a_row = (ptrdiff_t)stride * pixel,
                   .a_segment = (ptrdiff_t)width * pixel,
                   .lines = oh,
                   .rows = ow,
                   .segments = window,
                   .length = window * pixel,
                   .w = w,
                   .w_panel = (ptrdiff_t)lines * 16,
                   .panels = panels,
                   .bias = bias,
                   .out = out,
                   .out_line = (ptrdiff_t)ow * out_pixel,
                   .out_row = out_pixel,
                   .relu = true};
    kernels->gemm(&job);
    job.out = out_expected;
    truth_of(kernels)->gemm(&job);
    assert_units(kernels, "gemm (convolution)", out, out_expected, out_count, 2e-6 * lines * T);

    // For a pair of samples: one unit per number.
    const size_t w_count = (size_t)(window * window * channels * out_c);
    rb_unit *pair_in = units(kernels, (size_t)(height * width * channels)),
            *pair_gradient = units(kernels, (size_t)(oh * ow * out_c));
    float *gradient = numbers(w_count), *gradient_expected = copy(gradient, w_count);
    const bool add = between(0, 1);
    for (int y = 0; y < window; y++) {
        rb_outer outer = {.x = pair_in + y * width * channels,
                          .y = pair_gradient,
                          .x_line = (ptrdiff_t)stride * width * channels,
                          .x_step = (ptrdiff_t)stride * channels,
                          .y_line = (ptrdiff_t)ow * out_c,
                          .y_step = out_c,
                          .lines = oh,
                          .steps = ow,
                          .inputs = window * channels,
                          .panels = panels,
                          .out = gradient + y * window * channels * 16,
                          .out_panel = (ptrdiff_t)window * window * channels * 16,
                          .add = add};
        kernels->outer(&outer);
        outer.out = gradient_expected + y * window * channels * 16;
        truth_of(kernels)->outer(&outer);
    }
    assert_close(kernels->name, "outer (convolution)", gradient, gradient_expected, w_count, 3e-5 * oh * ow);

    if (channels % 16 == 0) { // overlapping rows, added up
        const size_t numbers_in = (size_t)(height * width * channels);
        float *dx = numbers(numbers_in), *dx_expected = copy(dx, numbers_in);
        rb_unit *transposed = units(kernels, (size_t)(window * channels * out_pixel));
        rb_gemm back = {.a = out_expected,
                        .a_line = job.out_line,
                        .a_row = out_pixel,
                        .lines = oh,
                        .rows = ow,
                        .segments = 1,
                        .length = out_pixel,
                        .w = transposed,
                        .w_panel = (ptrdiff_t)out_pixel * 16,
                        .panels = window * channels / 16,
                        .out_f32 = dx,
                        .out_line = (ptrdiff_t)stride * width * channels,
                        .out_row = (ptrdiff_t)stride * channels,
                        .add = true};
        kernels->gemm(&back);
        back.out_f32 = dx_expected;
        truth_of(kernels)->gemm(&back);
        assert_close(kernels->name, "gemm (adding)", dx, dx_expected, numbers_in, 1e-5 * out_c * window * 4);
        free(dx), free(dx_expected), free(transposed);
    }
    free(in), free(w), free(bias), free(out), free(out_expected), free(gradient), free(gradient_expected);
    free(pair_in), free(pair_gradient);
}

static void outer_linear(const rb_kernels *kernels)
{
    const int samples = between(1, 4) == 1 ? between(1, 256) : between(1, 40), inputs = between(1, 64),
              panels = between(1, 2);
    const ptrdiff_t x_row = inputs + between(0, 20), y_row = panels * 16 + between(0, 20);
    rb_unit *x = units(kernels, (size_t)(samples * x_row)), *y = units(kernels, (size_t)(samples * y_row));
    float *out = numbers(2 * 64 * 16), *expected = copy(out, 2 * 64 * 16);
    rb_outer job = {.x = x,
                    .y = y,
                    .x_step = x_row,
                    .y_step = y_row,
                    .lines = 1,
                    .steps = samples,
                    .inputs = inputs,
                    .panels = panels,
                    .out = out,
                    .out_panel = 64 * 16,
                    .add = between(0, 1)};
    kernels->outer(&job);
    job.out = expected;
    truth_of(kernels)->outer(&job);
    assert_close(kernels->name, "outer (linear)", out, expected, 2 * 64 * 16, 4e-6 * samples);
    free(x), free(y), free(out), free(expected);
}

static void gram(const rb_kernels *kernels)
{
    const int rows = between(1, 35), length = 16 * between(1, 120);
    const ptrdiff_t row = (length + 16 * between(0, 2)) / kernels->per_unit;
    rb_unit *x = units(kernels, (size_t)(rows * row));
    float *weights = numbers((size_t)length);
    double *out = malloc((size_t)(rows * rows) * sizeof(double)),
           *expected = malloc((size_t)(rows * rows) * sizeof(double));
    for (int weighted = 0; weighted < 2; weighted++) {
        kernels->gram(x, row, rows, length, weighted ? weights : NULL, out);
        truth_of(kernels)->gram(x, row, rows, length, weighted ? weights : NULL, expected);
        for (int i = 0; i < rows * rows; i++) assert_true(fabs(out[i] - expected[i]) <= 1e-5 * sqrt(length));
    }
    free(x), free(weights), free(out), free(expected);
}

static rb_rule any_rule(void)
{
    return (rb_rule){.kind = (rb_rule_kind)between(0, 2),
                     .scale = between(0, 1) ? 1 : 0.25f,
                     .clip = between(0, 1) ? INFINITY : 0.5f,
                     .rate = 0.01f,
                     .keep = between(0, 1) ? 1 : 0.875f,
                     .beta1 = 0.9f,
                     .beta2 = 0.95f,
                     .root = 1.7f,
                     .under = between(0, 1) ? 0.01f : 0,
                     .epsilon = between(0, 1) ? 0.01f : 0};
}

// v - m^2 may nearly vanish.
static double rule_tolerance(const rb_rule *rule)
{
    return rule->kind == RB_RULE_RMSPROP_CENTERED ? 1e-4 : 2e-6;
}

static void step(const rb_kernels *kernels)
{
    const size_t count = (size_t)between(1, 3000);
    float *w = numbers(count), *m = numbers(count), *v = numbers(count), *g = numbers(count);
    for (size_t i = 0; i < count + BEHIND; i++) v[i] = fabsf(v[i]) + m[i] * m[i];
    for (size_t i = 0; i < count; i += 17) w[i] = m[i] = v[i] = g[i] = 0; // as in unused columns
    float *w2 = copy(w, count), *m2 = copy(m, count), *v2 = copy(v, count);
    const rb_rule rule = any_rule();
    kernels->step(&rule, w, rule.kind == RB_RULE_RMSPROP ? NULL : m, v, g, count);
    truth_of(kernels)->step(&rule, w2, m2, v2, g, count);
    assert_close(kernels->name, "step w", w, w2, count, rule_tolerance(&rule));
    assert_close(kernels->name, "step m", m, m2, count, 1e-6);
    assert_close(kernels->name, "step v", v, v2, count, 1e-6);
    free(w), free(m), free(v), free(g), free(w2), free(m2), free(v2);
}

// A panel's records: packed with and without noise, and updated.
static void panel(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, inputs = T * between(1, 60), blocks = (inputs + 15) / 16,
              steps = between(1, 40), outputs = between(1, 3) * 16, noise_kind = between(0, 2);
    const bool noisy = noise_kind > 0, trains = between(0, 3) > 0;
    const int moments = trains ? 2 : 0, vectors = (noisy ? 2 : 1) * (1 + moments);
    const size_t floats = (size_t)(inputs * vectors * 16), pack = (size_t)(inputs / T * 16),
                 transposed = (size_t)(blocks * outputs / T * 16);
    float *record = numbers(floats), *rows = numbers((size_t)inputs), *columns = numbers(16),
          *all = numbers((size_t)inputs * 16);
    for (size_t i = 0; i < (size_t)(inputs * vectors) && moments; i++) { // w, v, m
        for (int c = 0; c < 16 && i % 3 == 1; c++)
            record[i * 16 + (size_t)c] = 0.1f + fabsf(record[i * 16 + (size_t)c]) + 1; // above m squared
    }
    float *record_expected = copy(record, floats);
    rb_unit *packed = units(kernels, pack), *packed_expected = copy(packed, pack),
            *side = units(kernels, transposed), *side_expected = copy(side, transposed);
    rb_panel_place place = {.inputs = inputs,
                            .record = record,
                            .moments = moments,
                            .noisy = noisy,
                            .pack = between(0, 5) ? packed : NULL,
                            .transposed = between(0, 1) ? side : NULL,
                            .transposed_panel = outputs / T * 16,
                            .past_caches = between(0, 1)};
    rb_panel_place expected = place;
    expected.record = record_expected;
    if (place.pack) expected.pack = packed_expected;
    if (place.transposed) expected.transposed = side_expected;
    const rb_panel_noise none = {0}, factorised = {.rows = rows, .columns = columns}, whole = {.all = all};
    const rb_panel_noise noise = noise_kind == 1 ? factorised : noise_kind == 2 ? whole : none;
    const float scale = between(0, 1) ? 1 : 0.25f;
    kernels->compose(&place, &noise, scale), truth_of(kernels)->compose(&expected, &noise, scale);
    assert_units(kernels, "compose pack", packed, packed_expected, pack, 1e-6);
    assert_units(kernels, "compose turned", side, side_expected, transposed, 1e-6);
    if (trains) {
        rb_unit *x = units(kernels, (size_t)(steps * inputs)), *y = units(kernels, (size_t)steps * 16);
        const rb_rule rule = any_rule();
        rb_panel_step job = {.x = x,
                             .y = y,
                             .x_step = inputs,
                             .y_step = 16,
                             .steps = steps,
                             .gradient = between(0, 2) ? NULL : all,
                             .noise = noise,
                             .rule = &rule};
        const rb_panel_noise next =
            noise_kind == 1 ? (rb_panel_noise){.rows = all, .columns = all + 16} : noise;
        // Further packs, each with another noise than `next`.
        const int more_count = between(0, RB_PANEL_MORE_MOST);
        rb_unit *more = units(kernels, 2 * pack), *more_expected = copy(more, 2 * pack);
        rb_panel_more places[RB_PANEL_MORE_MOST], places_expected[RB_PANEL_MORE_MOST];
        for (int i = 0; i < more_count; i++) {
            const rb_panel_noise own = {.rows = rows, .columns = i ? columns : all};
            places[i] = (rb_panel_more){.pack = more + (size_t)i * pack, .noise = own};
            places_expected[i] = (rb_panel_more){.pack = more_expected + (size_t)i * pack, .noise = own};
        }
        job.more_count = more_count;
        job.more = places;
        kernels->update(&place, &job, &next);
        job.more = places_expected;
        truth_of(kernels)->update(&expected, &job, &next);
        const double tolerance = 2e-4;
        assert_close(kernels->name, "update record", record, record_expected, floats, tolerance);
        assert_units(kernels, "update pack", packed, packed_expected, pack, tolerance);
        assert_units(kernels, "update turned", side, side_expected, transposed, tolerance);
        assert_units(kernels, "update's further packs", more, more_expected, 2 * pack, tolerance);
        free(x), free(y), free(more), free(more_expected);
    }
    free(record), free(record_expected), free(rows), free(columns), free(all), free(packed),
        free(packed_expected), free(side), free(side_expected);
}

// Weights composed from packs of mu and sigma.
static void packs(const rb_kernels *kernels)
{
    const size_t unit_rows = (size_t)between(1, 60), count = unit_rows * 16;
    const int inputs =
        (int)unit_rows * (kernels->per_unit == 2 ? 2 : 1); // gcc 13 and 14 see that it is positive
    rb_unit *mu = units(kernels, count), *sigma = units(kernels, count), *out = units(kernels, count),
            *expected = copy(out, count);
    float *rows = numbers((size_t)inputs), *all = numbers((size_t)inputs * 16);
    const rb_panel_noise noise =
        between(0, 1) ? (rb_panel_noise){.rows = rows, .columns = all} : (rb_panel_noise){.all = all};
    kernels->compose_packs(mu, sigma, inputs, &noise, out);
    truth_of(kernels)->compose_packs(mu, sigma, inputs, &noise, expected);
    assert_units(kernels, "compose packs", out, expected, count, 1e-6);
    free(mu), free(sigma), free(out), free(expected), free(rows), free(all);
}

// Moves one vector of each record towards that of another network; the other vectors, and the memory after
// them, stay unchanged.
static void blends(const rb_kernels *kernels)
{
    const size_t lines = (size_t)between(1, 80);
    const ptrdiff_t to_line = 16 * between(1, 6), from_line = 16 * between(1, 6);
    const float share = between(0, 2) ? (float)between(1, 999) / 1000 : (float)between(0, 1);
    const size_t floats = lines * (size_t)to_line;
    float *to = numbers(floats), *expected = copy(to, floats), *from = numbers(lines * (size_t)from_line);
    kernels->blend(to, to_line, from, from_line, lines, share);
    truth_of(kernels)->blend(expected, to_line, from, from_line, lines, share);
    assert_close(kernels->name, "blend", to, expected, floats, 4e-7);
    free(to), free(expected), free(from);
}

static void arrays(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, rows = between(1, 40), columns = 16 * between(1, 5);
    const size_t count = (size_t)between(1, 70) * 16, odd = (size_t)between(1, 300) * (size_t)T;
    float *x = numbers(count), *y = numbers(count), *out = numbers(count), *expected = copy(out, count);
    kernels->multiply(out, x, y, count), truth->multiply(expected, x, y, count);
    assert_close(kernels->name, "multiply", out, expected, count, 1e-6);
    kernels->multiply(out, out, y, count), truth->multiply(expected, expected, y, count); // in place
    assert_close(kernels->name, "multiply in place", out, expected, count, 1e-6);
    kernels->add(out, x, count), truth->add(expected, x, count);
    assert_close(kernels->name, "add", out, expected, count, 1e-6);
    kernels->signed_root(out, count), truth->signed_root(expected, count);
    assert_close(kernels->name, "signed_root", out, expected, count,
                 1e-3); // for numbers that differ in the last place, near 0
    assert_true(fabs(kernels->square_sum(x, count) - truth->square_sum(x, count)) < 1e-5 * (double)count);

    float *many = numbers(odd); // rounding has one right answer
    rb_unit *a = units(kernels, odd), *b = copy(a, odd);
    kernels->round(a, many, odd), truth->round(b, many, odd);
    assert_memory_equal(a, b, (odd / (size_t)T + BEHIND) * sizeof *a);
    rb_unit *activation = units(kernels, count), *masked = units(kernels, count),
            *masked2 = copy(masked, count);
    kernels->round_masked(masked, x, activation, count), truth->round_masked(masked2, x, activation, count);
    assert_memory_equal(masked, masked2, (count + BEHIND) * sizeof *a);

    const ptrdiff_t row = columns / T + 3;
    rb_unit *table = units(kernels, (size_t)(rows * row));
    float *sum = numbers((size_t)columns), *sum_expected = copy(sum, (size_t)columns);
    const bool adding = between(0, 1);
    kernels->sum_rows(table, row, rows, columns, sum, adding),
        truth->sum_rows(table, row, rows, columns, sum_expected, adding);
    assert_close(kernels->name, "sum_rows", sum, sum_expected, (size_t)columns, 1e-5);
    free(x), free(y), free(out), free(expected), free(many), free(a), free(b), free(activation), free(masked),
        free(masked2), free(table), free(sum), free(sum_expected);
}

static void pairs(const rb_kernels *kernels)
{
    const size_t count = 16 * (size_t)between(1, 40);
    const bool alone = between(0, 2) == 0;
    rb_unit *a = units(kernels, count), *b = units(kernels, count), *out = units(kernels, count),
            *expected = copy(out, count);
    kernels->pair(out, a, alone ? NULL : b, count);
    truth_of(kernels)->pair(expected, a, alone ? NULL : b, count);
    assert_memory_equal(out, expected, (count + BEHIND) * sizeof *out);
    free(a), free(b), free(out), free(expected);
}

static void picture(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, planes = between(0, 1) ? 4 : between(1, 40),
              channels = (planes + T - 1) / T * T, pixels = between(1, 200);
    const float scale = between(0, 1) ? 1.0f / 255 : 1, offset = between(0, 1) ? 0
                                                                 : scale == 1  ? -127.5f
                                                                               : -1; // centred, or not
    const ptrdiff_t plane = pixels + between(0, 50);
    const size_t count = (size_t)(channels * pixels / T);
    uint8_t *bytes = malloc((size_t)(planes * plane));
    for (int i = 0; i < planes * plane; i++) bytes[i] = (uint8_t)between(0, 255);
    rb_unit *out = units(kernels, count), *expected = copy(out, count);
    kernels->picture(bytes, plane, planes, channels, pixels, scale, offset, out),
        truth_of(kernels)->picture(bytes, plane, planes, channels, pixels, scale, offset, expected);
    assert_units(kernels, "picture", out, expected, count, 2e-7);
    // Bytes, unscaled or around zero, are the same in both formats.
    if (scale == 1) assert_memory_equal(out, expected, (count + BEHIND) * sizeof *out);
    for (int i = 0; i < planes * pixels && scale == 1; i++) {
        const int p = i % planes, at = i / planes;
        assert_true(number(kernels, out, (size_t)(at * channels + p)) ==
                    (double)bytes[p * plane + at] + (double)offset);
    }
    free(bytes), free(out), free(expected);
}

// A picture's pixels or a batch's vectors, with some unused columns.
static void norm(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, rows = between(1, 3) == 1 ? between(250, 700) : between(1, 60),
              columns = 16 * between(1, 5), used = columns - between(0, 15);
    const bool own = between(0, 1); // gamma and beta for each row
    const ptrdiff_t row = columns / T + between(0, 9), out_row = columns / T + between(0, 9);
    const size_t lines = (size_t)(own ? rows : 1), count = (size_t)(rows * row),
                 outs = (size_t)(rows * out_row);
    rb_unit *x = units(kernels, count), *out = units(kernels, outs), *expected = copy(out, outs),
            *gradient = units(kernels, outs), *gradient_expected = copy(gradient, outs);
    float *mean = numbers((size_t)columns), *squares = numbers((size_t)columns),
          *mean2 = copy(mean, (size_t)columns), *squares2 = copy(squares, (size_t)columns);
    kernels->moments(x, row, rows, columns, mean, squares),
        truth->moments(x, row, rows, columns, mean2, squares2);
    assert_close(kernels->name, "moments, mean", mean, mean2, (size_t)columns, 1e-6);
    assert_close(kernels->name, "moments, squares", squares, squares2, (size_t)columns, 1e-6 * rows + 1e-6);

    float *rstd = numbers((size_t)columns), *share = numbers((size_t)columns),
          *slope = numbers((size_t)columns), *gamma = numbers(lines * (size_t)columns),
          *beta = numbers(lines * (size_t)columns);
    for (int c = used; c < columns; c++) {
        rstd[c] = 0;
        for (size_t l = 0; l < lines; l++) gamma[(int)l * columns + c] = beta[(int)l * columns + c] = 0;
    }
    float *by_gamma = numbers(lines * (size_t)columns), *by_gamma2 = copy(by_gamma, lines * (size_t)columns),
          *by_beta = numbers(lines * (size_t)columns), *by_beta2 = copy(by_beta, lines * (size_t)columns);
    float *sum = numbers((size_t)columns), *sum2 = copy(sum, (size_t)columns),
          *product = numbers((size_t)columns), *product2 = copy(product, (size_t)columns);
    const bool wants_sum = between(0, 2), wants_gamma = !wants_sum || between(0, 2);
    rb_normalise job = {.rows = rows,
                        .columns = columns,
                        .x = x,
                        .x_row = row,
                        .mean = mean2,
                        .rstd = rstd,
                        .gamma = gamma,
                        .beta = beta,
                        .gamma_row = own ? columns : 0,
                        .out = out,
                        .out_row = out_row,
                        .relu = between(0, 1),
                        .gradient = gradient,
                        .gradient_row = out_row,
                        .share = share,
                        .slope = slope,
                        .mask = between(0, 1)},
                 other = job;
    if (wants_gamma) job.gamma_gradient = by_gamma, job.beta_gradient = by_beta;
    if (wants_sum) job.sum = sum, job.product = product;
    if (wants_gamma) other.gamma_gradient = by_gamma2, other.beta_gradient = by_beta2;
    if (wants_sum) other.sum = sum2, other.product = product2;
    other.out = expected, other.gradient = gradient_expected;
    kernels->normalise(&job), truth->normalise(&other);
    assert_units(kernels, "normalise", out, expected, outs, 2e-6);
    kernels->normalise_sums(&job), truth->normalise_sums(&other);
    const double tolerance = 1e-6 * rows + 1e-6;
    assert_close(kernels->name, "normalise_sums, gamma", by_gamma, by_gamma2, lines * (size_t)columns,
                 tolerance);
    assert_close(kernels->name, "normalise_sums, beta", by_beta, by_beta2, lines * (size_t)columns,
                 tolerance);
    assert_close(kernels->name, "normalise_sums, sum", sum, sum2, (size_t)columns, tolerance);
    assert_close(kernels->name, "normalise_sums, product", product, product2, (size_t)columns, tolerance);
    kernels->normalise_back(&job), truth->normalise_back(&other);
    assert_units(kernels, "normalise_back", gradient, gradient_expected, outs, 4e-6);
    for (int r = 0; r < rows; r++) {
        for (int c = used; c < columns; c++) {
            assert_true(number(kernels, out + r * out_row, (size_t)c) == 0);
            assert_true(number(kernels, gradient + r * out_row, (size_t)c) == 0);
        }
    }
    void *all[] = {
        x,       out,     expected, gradient, gradient_expected, mean,      squares, mean2,    squares2, rstd,
        share,   slope,   gamma,    beta,     by_gamma,          by_gamma2, by_beta, by_beta2, sum,      sum2,
        product, product2};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void normal(const rb_kernels *kernels)
{
    const uint32_t key[2] = {(uint32_t)between(0, 1 << 30), (uint32_t)between(0, 1 << 30)};
    const uint64_t first = 32 * (uint64_t)between(0, 1 << 26);
    const size_t count = (size_t)between(1, 2000);
    float *out = numbers(count), *expected = copy(out, count);
    kernels->normal(key, first, out, count), truth_of(kernels)->normal(key, first, expected, count);
    assert_close(kernels->name, "normal", out, expected, count, 3e-6);
    float part[32];
    kernels->normal(key, first, part, count < 32 ? count : 32); // a number depends only on key and place
    assert_memory_equal(part, out, (count < 32 ? count : 32) * sizeof(float));
    free(out), free(expected);
}

static void test_gemm_linear(void **state)
{
    (void)state, each_family(gemm_linear, 60);
}
static void test_convolution(void **state)
{
    (void)state, each_family(convolution, 40);
}
static void test_outer_linear(void **state)
{
    (void)state, each_family(outer_linear, 60);
}
static void test_gram(void **state)
{
    (void)state, each_family(gram, 20);
}
static void test_step(void **state)
{
    (void)state, each_family(step, 60);
}
static void test_panel(void **state)
{
    (void)state, each_family(panel, 120);
}
static void test_pairs(void **state)
{
    (void)state, each_family(pairs, 30);
}
static void test_picture(void **state)
{
    (void)state, each_family(picture, 60);
}
static void test_norm(void **state)
{
    (void)state, each_family(norm, 60);
}
static void mixes(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, rows = between(1, 9), columns = 16 * between(1, 9);
    const ptrdiff_t row = columns / T + 16;
    const size_t all = (size_t)(rows * row);
    rb_unit *x = units(kernels, all), *by = units(kernels, (size_t)(columns / T)), *out = units(kernels, all),
            *expected = copy(out, all), *gradient = units(kernels, all), *same = copy(gradient, all);
    rb_unit *sums = units(kernels, (size_t)(columns / T)), *sums_expected = copy(sums, (size_t)(columns / T));
    const bool wanted = between(0, 3) > 0;
    rb_mix mix = {.rows = rows,
                  .columns = columns,
                  .x = x,
                  .x_row = row,
                  .by = by,
                  .out = out,
                  .out_row = row,
                  .gradient = gradient,
                  .gradient_row = row,
                  .by_gradient = wanted ? sums : NULL,
                  .mask = between(0, 1)};
    kernels->mix(&mix), kernels->mix_back(&mix);
    mix.out = expected, mix.gradient = same, mix.by_gradient = wanted ? sums_expected : NULL;
    truth->mix(&mix), truth->mix_back(&mix);
    assert_memory_equal(out, expected, (all + BEHIND) * sizeof *out);
    assert_memory_equal(gradient, same, (all + BEHIND) * sizeof *out);
    assert_units(kernels, "mix_back", sums, sums_expected, (size_t)(columns / T), 1e-5);
    free(x), free(by), free(out), free(expected), free(gradient), free(same), free(sums), free(sums_expected);
}

static void test_mixes(void **state)
{
    (void)state, each_family(mixes, 60);
}
static void test_arrays(void **state)
{
    (void)state, each_family(arrays, 40);
}
static void test_packs(void **state)
{
    (void)state, each_family(packs, 60);
}
static void test_blends(void **state)
{
    (void)state, each_family(blends, 40);
}
static void test_normal(void **state)
{
    (void)state, each_family(normal, 20);
}

// Philox 2x32-10's published answer for counter and key 0 is ff1dae59 6cd10df2; number 0 of key {0, 0} is
// computed from these two words.
static void test_normal_is_philox(void **state)
{
    (void)state;
    float x[32];
    rb_kernels_reference.normal((const uint32_t[2]){0, 0}, 0, x, 32);
    const double radius = sqrt(-2 * log(((0xff1dae59u >> 8) + 1) / 16777216.0));
    const double pi = 3.14159265358979323846,
                 angle =
                     (0x6cd10df2u >> 30) * pi / 2 + ((int32_t)(0x6cd10df2u << 2) >> 8) / 16777216.0 * pi / 2;
    assert_true(fabs(x[0] - radius * cos(angle)) < 1e-6 && fabs(x[16] - radius * sin(angle)) < 1e-6);
}

static void test_normal_moments(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    float *x = malloc(N * sizeof(float));
    rb_kernels_fastest(false)->normal((const uint32_t[2]){11, 22}, 0, x, N);
    double sum[5] = {0}, pairs = 0;
    int beyond = 0;
    for (int i = 0; i < N; i++) {
        double power = 1;
        for (int k = 1; k < 5; k++) sum[k] += power *= x[i];
        if (i >= 16) pairs += (double)x[i] * x[i - 16];
        beyond += fabsf(x[i]) > 1.959964f;
    }
    assert_true(fabs(sum[1] / N) < 5 / sqrt(N));
    assert_true(fabs(sum[2] / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(sum[3] / N) < 5 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] / N - 3) < 5 * sqrt(96.0 / N));
    assert_true(fabs(pairs / N) < 5 / sqrt(N));
    assert_true(fabs((double)beyond / N - 0.05) < 5 * sqrt(0.05 * 0.95 / N));
    free(x);
}

static void test_nan_stays_visible(void **state)
{
    (void)state;
    for (int f = 0; f < FAMILIES; f++) {
        const rb_kernels *kernels = rb_kernels_find(names[f]);
        if (!kernels) continue;
        const float nan[2] = {NAN, NAN}, ones[32] = {1, 1, 1, 1};
        rb_unit a[2], w[32];
        float out[16];
        rb_unit rounded[16];
        kernels->round(a, nan, 2), kernels->round(w, ones, 32);
        rb_gemm job = {.a = a, .lines = 1, .rows = 1, .segments = 1, .length = 1, .w = w, .panels = 1};
        job.out_f32 = out;
        kernels->gemm(&job);
        job.out_f32 = NULL, job.out = rounded, job.relu = true;
        kernels->gemm(&job);
        assert_true(isnan(number(kernels, rounded, 0)));
        assert_true(isnan(out[0]));
    }
}

static void test_unknown_name(void **state)
{
    (void)state;
    assert_null(rb_kernels_find("sse9"));
    assert_ptr_equal(rb_kernels_find("reference"), &rb_kernels_reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gemm_linear),
        cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_outer_linear),
        cmocka_unit_test(test_gram),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_panel),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_packs),
        cmocka_unit_test(test_blends),
        cmocka_unit_test(test_norm),
        cmocka_unit_test(test_mixes),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_is_philox),
        cmocka_unit_test(test_normal_moments),
        cmocka_unit_test(test_nan_stays_visible),
        cmocka_unit_test(test_unknown_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
