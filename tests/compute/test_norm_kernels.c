// Normalisation, and fractions times features: every fast family against the reference of its format.
#include "compute/kernels_kit.h"

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

static void test_norm(void **state)
{
    (void)state, each_family(norm, 60);
}

// Rows that are normalised each on its own, in lines with gaps, from one row to several blocks of vectors.
// Unused columns hold numbers that must not count.
static void rows_alone(const rb_kernels *kernels)
{
    const rb_kernels *truth = truth_of(kernels);
    const int T = kernels->per_unit, columns = 16 * between(1, 5), used = columns - between(0, 15),
              width = between(1, 20), lines = between(1, 6),
              rows = width * lines - (between(0, 3) ? 0 : between(0, width - 1));
    const ptrdiff_t row = columns / T + between(0, 9), gradient_row = columns / T + between(0, 9),
                    out_row = columns / T + between(0, 9), line = width * out_row + between(0, 40);
    const size_t ins = (size_t)(rows * row), gradients = (size_t)(rows * gradient_row),
                 outs = (size_t)(lines * line), line_numbers = (size_t)columns;
    rb_unit *x = units(kernels, ins), *out = units(kernels, outs), *expected = copy(out, outs),
            *gradient = units(kernels, gradients), *gradient_expected = copy(gradient, gradients);
    float *mean = numbers((size_t)rows), *mean2 = copy(mean, (size_t)rows), *rstd = numbers((size_t)rows),
          *rstd2 = copy(rstd, (size_t)rows), *gamma = numbers(line_numbers), *beta = numbers(line_numbers),
          *by_gamma = numbers(line_numbers), *by_gamma2 = copy(by_gamma, line_numbers),
          *by_beta = numbers(line_numbers), *by_beta2 = copy(by_beta, line_numbers);
    for (int c = used; c < columns; c++) gamma[c] = beta[c] = 0;
    rb_row_norm job = {.rows = rows,
                       .columns = columns,
                       .used = used,
                       .x = x,
                       .x_row = row,
                       .gamma = gamma,
                       .beta = beta,
                       .epsilon = 0.05f,
                       .mean = mean,
                       .rstd = rstd,
                       .out = out,
                       .width = width,
                       .out_row = out_row,
                       .out_line = line,
                       .relu = between(0, 1),
                       .gradient = gradient,
                       .gradient_row = gradient_row,
                       .gamma_gradient = by_gamma,
                       .beta_gradient = by_beta,
                       .mask = between(0, 1)},
                other = job;
    other.mean = mean2, other.rstd = rstd2, other.out = expected, other.gradient = gradient_expected;
    other.gamma_gradient = by_gamma2, other.beta_gradient = by_beta2;
    kernels->normalise_rows(&job), truth->normalise_rows(&other);
    assert_close(kernels->name, "normalise_rows, mean", mean, mean2, (size_t)rows, 1e-6);
    assert_close(kernels->name, "normalise_rows, rstd", rstd, rstd2, (size_t)rows, 1e-5);
    assert_units(kernels, "normalise_rows", out, expected, outs, 1e-5);
    kernels->normalise_rows_back(&job), truth->normalise_rows_back(&other);
    const double tolerance = 2e-6 * rows + 2e-6;
    assert_close(kernels->name, "normalise_rows_back, gamma", by_gamma, by_gamma2, line_numbers, tolerance);
    assert_close(kernels->name, "normalise_rows_back, beta", by_beta, by_beta2, line_numbers, tolerance);
    assert_units(kernels, "normalise_rows_back", gradient, gradient_expected, gradients, 2e-5);
    for (int r = 0; r < rows; r++) {
        for (int c = used; c < columns; c++) {
            assert_true(number(kernels, out + r / width * line + r % width * out_row, (size_t)c) == 0);
            assert_true(number(kernels, gradient + r * gradient_row, (size_t)c) == 0);
        }
    }
    void *all[] = {x,     out,   expected, gradient, gradient_expected, mean,    mean2,   rstd,
                   rstd2, gamma, beta,     by_gamma, by_gamma2,         by_beta, by_beta2};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void test_rows_alone(void **state)
{
    (void)state, each_family(rows_alone, 80);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_norm),
        cmocka_unit_test(test_rows_alone),
        cmocka_unit_test(test_mixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
