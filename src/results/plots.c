#include "results/plots.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "io/csv_table.h"

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the points of a picture");
}

rb_status rb_points_read(rb_points *out, const char *run, const char *file, const char *x, const char *y,
                         rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv_table *table = NULL;
    *out = (rb_points){0};
    rb_status status = rb_path_join(path, sizeof path, run, file, error);
    if (status) return status;
    if (!rb_file_is_directory(run)) return rb_error_set(error, RB_ERR_FILE, "%s: no such run", run);
    if (!rb_file_exists(path))
        return rb_error_set(error, RB_ERR_FILE,
                            "%s: is not a run's directory, or the run has not begun: it has no %s", run,
                            file);
    status = rb_csv_table_read(&table, path, error);
    if (status) return status;
    const double *xs = rb_csv_table_column(table, x), *ys = rb_csv_table_column(table, y);
    const int rows = rb_csv_table_rows(table);
    out->x = malloc((size_t)(rows + 1) * sizeof *out->x);
    out->y = malloc((size_t)(rows + 1) * sizeof *out->y);
    if (!xs || !ys)
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: has no column %s", path, xs ? y : x);
    else if (!out->x || !out->y)
        status = no_memory(error);
    for (int i = 0; !status && i < rows; i++) {
        if (isnan(xs[i]) || isnan(ys[i])) continue;
        if (out->count && xs[i] < out->x[out->count - 1])
            status = rb_error_set(error, RB_ERR_FORMAT, "%s:%d: %s decreases", path, i + 2, x);
        out->x[out->count] = xs[i];
        out->y[out->count++] = ys[i];
    }
    if (!status && !out->count)
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: has no value of %s yet", path, y);
    rb_csv_table_free(table);
    if (status) rb_points_free(out);
    return status;
}

void rb_points_free(rb_points *points)
{
    free(points->x);
    free(points->y);
    *points = (rb_points){0};
}

void rb_points_smooth(const rb_points *p, double window, int count, const double *at, double *out)
{
    int from = 0, to = 0; // range of points in the window
    for (int i = 0; i < count; i++) {
        double sum = 0;
        while (to < p->count && p->x[to] <= at[i]) to++;
        while (from < to && p->x[from] <= at[i] - window) from++;
        for (int k = from; k < to; k++) sum += p->y[k];
        out[i] = from < to ? sum / (to - from) : to ? p->y[to - 1] : NAN;
    }
}

// Student's distribution for whole degrees of freedom n, with a = atan(t / sqrt(n)) (Abramowitz and Stegun
// 26.7.3 and 26.7.4): the probability of lying within -t .. t.
static double within(double t, int n)
{
    const double a = atan(t / sqrt(n)), c = cos(a) * cos(a);
    double term = n % 2 ? cos(a) : 1, sum = n == 1 ? 0 : term;
    for (int k = n % 2 ? 3 : 2; k <= n - 2; k += 2) {
        term *= c * (k - 1) / k;
        sum += term;
    }
    return n % 2 ? 2 / acos(-1) * (a + sin(a) * sum) : sin(a) * sum;
}

double rb_student_95(int degrees)
{
    double low = 0, high = 13; // 12.706, for one degree, is the largest
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        if (within(middle, degrees) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static rb_status band_alloc(rb_band *out, int count, rb_error *error)
{
    double *all = malloc((size_t)(4 * count + 1) * sizeof *all);
    if (!all) return no_memory(error);
    *out = (rb_band){count, all, all + count, all + 2 * count, all + 3 * count, INFINITY, -INFINITY};
    return RB_OK;
}

void rb_band_free(rb_band *band)
{
    free(band->x);
    *band = (rb_band){0};
}

// Combines values [runs][count] to means and bands.
static void put_together(rb_band *b, const double *values, int runs)
{
    const double t = runs >= RB_PLOT_INTERVAL_RUNS ? rb_student_95(runs - 1) : 0;
    for (int i = 0; i < b->count; i++) {
        double sum = 0, squares = 0, least = INFINITY, most = -INFINITY;
        for (int r = 0; r < runs; r++) {
            const double value = values[r * b->count + i];
            sum += value;
            least = fmin(least, value);
            most = fmax(most, value);
        }
        const double mean = sum / runs;
        for (int r = 0; r < runs; r++) {
            const double off = values[r * b->count + i] - mean;
            squares += off * off;
        }
        const double half = runs >= RB_PLOT_INTERVAL_RUNS ? t * sqrt(squares / (runs - 1) / runs) : NAN;
        b->mean[i] = mean;
        b->low[i] = t > 0 ? mean - half : runs > 1 ? least : NAN;
        b->high[i] = t > 0 ? mean + half : runs > 1 ? most : NAN;
        b->least = fmin(b->least, least);
        b->most = fmax(b->most, most);
    }
}

// The x of a smoothed curve: multiples of `step`, from the first at which every run has a point, and the end
// of the shortest run.
static rb_status make_grid(rb_band *out, const rb_points *runs, int count, double step, rb_error *error)
{
    double first = -INFINITY, end = INFINITY;
    for (int r = 0; r < count; r++) {
        first = fmax(first, runs[r].x[0]);
        end = fmin(end, runs[r].x[runs[r].count - 1]);
    }
    if (end < first) end = first;
    const double from = ceil(first / step), to = floor(end / step);
    const int whole = to >= from ? (int)(to - from) + 1 : 0, extra = !whole || to * step < end;
    rb_status status = band_alloc(out, whole + extra, error);
    if (status) return status;
    for (int i = 0; i < whole; i++) out->x[i] = (from + i) * step;
    if (extra) out->x[whole] = end;
    return RB_OK;
}

// The points of all runs, which must have the same x up to the end of the shortest run.
static rb_status take_points(rb_band *out, const rb_points *runs, int count, rb_error *error)
{
    int least = runs[0].count;
    for (int r = 1; r < count; r++) least = runs[r].count < least ? runs[r].count : least;
    for (int r = 1; r < count; r++)
        for (int i = 0; i < least; i++)
            if (runs[r].x[i] != runs[0].x[i])
                return rb_error_set(error, RB_ERR_USAGE,
                                    "the seeds' points do not have the same x (%g and %g): they can only be "
                                    "combined within a window, --smooth WINDOW",
                                    runs[0].x[i], runs[r].x[i]);
    rb_status status = band_alloc(out, least, error);
    for (int i = 0; !status && i < least; i++) out->x[i] = runs[0].x[i];
    return status;
}

rb_status rb_band_make(rb_band *out, const rb_points *runs, int count, double window, double step,
                       rb_error *error)
{
    rb_status status =
        window > 0 ? make_grid(out, runs, count, step, error) : take_points(out, runs, count, error);
    if (status) return status;
    double *values = malloc((size_t)count * (size_t)out->count * sizeof *values);
    if (!values) {
        rb_band_free(out);
        return no_memory(error);
    }
    for (int r = 0; r < count; r++) {
        double *row = values + (size_t)r * (size_t)out->count;
        if (window > 0) rb_points_smooth(&runs[r], window, out->count, out->x, row);
        for (int i = 0; !(window > 0) && i < out->count; i++) row[i] = runs[r].y[i];
    }
    put_together(out, values, count);
    free(values);
    return RB_OK;
}
