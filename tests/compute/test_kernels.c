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
            *expected = copy(out, (size_t)(rows * y_row)), *by = units(kernels, (size_t)(rows * mask_row)),
            *positive = units(kernels, (size_t)(rows * y_row)),
            *positive_expected = copy(positive, (size_t)(rows * y_row));
    float *bias = numbers((size_t)panels * 16), *sums = numbers((size_t)(rows * f_row)),
          *sums_expected = copy(sums, (size_t)(rows * f_row));
    const bool floats = kind >= 3, twice = between(0, 1);
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
                   .by = between(0, 1) ? by : NULL,
                   .by_row = mask_row,
                   .positive = twice ? positive : NULL,
                   .positive_row = y_row,
                   .relu = kind == 1,
                   .add = kind == 3};
    kernels->gemm(&job);
    job.out = floats ? NULL : expected, job.out_f32 = floats ? sums_expected : NULL;
    if (twice) job.positive = positive_expected;
    truth_of(kernels)->gemm(&job);
    const double wrong = 2e-6 * length * T + (T == 2 && job.by ? 0.05 + 0.002 * length : 0);
    assert_units(kernels, "gemm (linear)", out, expected, (size_t)(rows * y_row), wrong);
    assert_units(kernels, "gemm (above 0)", positive, positive_expected, (size_t)(rows * y_row), wrong);
    assert_close(kernels->name, "gemm (sums)", sums, sums_expected, (size_t)(rows * f_row),
                 2e-6 * length * T);
    free(x), free(w), free(bias), free(out), free(expected), free(mask), free(sums), free(sums_expected);
    free(by), free(positive), free(positive_expected);
}

// What a product adds and writes besides is what further passes over its result would make, to the last bit.
static void gemm_passes(const rb_kernels *kernels)
{
    const int T = kernels->per_unit, rows = between(1, 60), length = between(1, 60), panels = between(1, 4);
    const size_t count = (size_t)(rows * panels * 16), some = count / (size_t)T;
    rb_unit *x = units(kernels, (size_t)(rows * length)), *w = units(kernels, (size_t)(length * panels * 16)),
            *by = units(kernels, some), *mask = units(kernels, some), *out = units(kernels, some),
            *alone = units(kernels, some), *positive = units(kernels, some), *zero = units(kernels, some);
    rb_gemm job = {.a = x,
                   .a_row = length,
                   .lines = 1,
                   .rows = rows,
                   .segments = 1,
                   .length = length,
                   .w = w,
                   .w_panel = (ptrdiff_t)length * 16,
                   .panels = panels,
                   .out = alone,
                   .mask = between(0, 1) ? mask : NULL,
                   .out_row = panels * 16 / T,
                   .mask_row = panels * 16 / T,
                   .by_row = panels * 16 / T,
                   .positive_row = panels * 16 / T,
                   .relu = between(0, 1)};
    kernels->gemm(&job);
    job.out = out, job.by = by, job.positive = positive;
    kernels->gemm(&job);
    kernels->join(alone, alone, by, NULL, count);
    assert_memory_equal(out, alone, some * sizeof *out);
    memset(zero, 0, some * sizeof *zero);
    kernels->join(zero, zero, out, out, count); // where it is above 0
    assert_memory_equal(positive, zero, some * sizeof *out);
    free(x), free(w), free(by), free(mask), free(out), free(alone), free(positive), free(zero);
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

static void test_gemm_passes(void **state)
{
    (void)state, each_family(gemm_passes, 60);
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

static void test_panel(void **state)
{
    (void)state, each_family(panel, 120);
}

static void test_packs(void **state)
{
    (void)state, each_family(packs, 60);
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
        cmocka_unit_test(test_gemm_linear),  cmocka_unit_test(test_gemm_passes),
        cmocka_unit_test(test_convolution),  cmocka_unit_test(test_outer_linear),
        cmocka_unit_test(test_gram),         cmocka_unit_test(test_panel),
        cmocka_unit_test(test_packs),        cmocka_unit_test(test_nan_stays_visible),
        cmocka_unit_test(test_unknown_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
