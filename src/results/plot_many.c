// rb_plot: from the runs' tables to a picture. plot_groups.c says which runs belong together, plots.h
// computes the numbers, plot_script.c draws.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/run_tables.h"
#include "results/plot_job.h"

enum { POINTS = 400 }; // points of the longest smoothed curve

// ---- the request

static rb_status choose_columns(rb_plot_job *j, rb_error *error)
{
    static const char *const xs[][2] = {
        {"steps", "step"}, {"frames", "frames"}, {"seconds", "seconds"}, {"updates", "updates"}};
    static const char *const ys[][3] = {{"return", RB_TRAIN_CSV, RB_COLUMN_RETURN},
                                        {"eval", RB_EVAL_CSV, RB_COLUMN_MEAN},
                                        {"loss", RB_TRAIN_CSV, RB_COLUMN_LOSS},
                                        {"q_mean", RB_TRAIN_CSV, RB_COLUMN_Q_MEAN}};
    for (int i = 0; i < 4; i++) {
        if (!strcmp(j->options->x, xs[i][0])) j->x = xs[i][1];
        if (!strcmp(j->options->y, ys[i][0])) j->file = ys[i][1], j->y = ys[i][2];
    }
    if (!j->x)
        return rb_error_set(error, RB_ERR_USAGE, "x = %s: must be steps, frames, seconds or updates",
                            j->options->x);
    if (!j->y)
        return rb_error_set(error, RB_ERR_USAGE, "y = %s: must be return, eval, loss or q_mean",
                            j->options->y);
    if (!strcmp(j->options->y, "eval") && !strcmp(j->options->x, "updates"))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "x = updates: eval.csv does not count updates; draw evaluations over steps, frames or "
            "seconds");
    if (!isfinite(j->options->window)) return rb_error_set(error, RB_ERR_USAGE, "a window must be a number");
    return RB_OK;
}

// ---- numbers

static rb_status read_points(rb_plot_job *j, rb_error *error)
{
    for (int i = 0; i < j->count; i++) {
        rb_plot_member *m = &j->members[i];
        rb_status status = rb_points_read(&m->points, m->path, j->file, j->x, j->y, error);
        if (status) return status;
        j->end = fmax(j->end, m->points.x[m->points.count - 1]);
    }
    if (j->end <= 0) j->end = 1;
    j->out->window = j->options->window;
    if (j->out->window < 0) j->out->window = !strcmp(j->options->y, "eval") ? 0 : rb_gnuplot_step(j->end, 50);
    return RB_OK;
}

static rb_status make_bands(rb_plot_job *j, rb_error *error)
{
    rb_points *runs = malloc((size_t)j->count * sizeof *runs);
    if (!runs) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", j->count);
    rb_status status = RB_OK;
    for (int g = 0; g < j->groups && !status; g++) {
        int count = 0;
        for (int i = 0; i < j->count; i++)
            if (j->members[i].group == g) runs[count++] = j->members[i].points;
        rb_band *band = &j->bands[g];
        status = rb_band_make(band, runs, count, j->out->window, j->end / POINTS, error);
        if (status) break;
        const int last = band->count - 1;
        rb_plot_curve *curve = &j->out->curves[g];
        for (int r = 0; r < count; r++)
            j->cut |= runs[r].x[runs[r].count - 1] > band->x[last] + 0.01 * j->end;
        *curve = (rb_plot_curve){.runs = count,
                                 .points = band->count,
                                 .last_x = band->x[last],
                                 .last = band->mean[last],
                                 .last_low = band->low[last],
                                 .last_high = band->high[last]};
        rb_plot_name(j, g, curve->label, sizeof curve->label);
    }
    free(runs);
    return status;
}

rb_status rb_plot(const char *const *runs, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error)
{
    rb_plot_job j = {.options = options, .count = count, .out = out};
    *out = (rb_plot_result){0};
    if (count < 1 || count > RB_PLOT_RUNS)
        return rb_error_set(error, RB_ERR_USAGE, "%d runs: a picture shows from 1 to %d", count,
                            RB_PLOT_RUNS);
    rb_status status = choose_columns(&j, error);
    if (!status) status = rb_gnuplot_init(&j.plot, options->picture, error);
    if (status) return status;
    rb_gnuplot_path(&j.plot, rb_gnuplot_end(&j.plot), out->picture, sizeof out->picture);
    rb_gnuplot_path(&j.plot, ".gp", out->script, sizeof out->script);
    rb_gnuplot_path(&j.plot, ".dat", out->data, sizeof out->data);
    j.members = calloc((size_t)count, sizeof *j.members);
    if (!j.members) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", count);
    for (int i = 0; i < count; i++) j.members[i].path = runs[i];
    status = read_points(&j, error);
    if (!status) status = rb_plot_read_settings(&j, error);
    if (!status) status = rb_plot_make_groups(&j, error);
    out->curves = calloc((size_t)count, sizeof *out->curves);
    j.bands = calloc((size_t)count, sizeof *j.bands);
    if (!status && (!out->curves || !j.bands))
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", count);
    if (!status) status = make_bands(&j, error);
    out->count = j.groups;
    if (!status) status = rb_gnuplot_draw(&j.plot, rb_plot_write_script, rb_plot_write_data, &j, error);
    for (int i = 0; i < count; i++) {
        rb_points_free(&j.members[i].points);
        rb_run_facts_free(&j.members[i].facts);
        if (j.bands) rb_band_free(&j.bands[i]);
    }
    free(j.members);
    free(j.bands);
    if (status && status != RB_ERR_MISSING) rb_plot_result_free(out);
    return status;
}

void rb_plot_result_free(rb_plot_result *result)
{
    free(result->curves);
    free(result->remarks);
    result->curves = NULL;
    result->remarks = NULL;
    result->count = result->remark_count = 0;
}
