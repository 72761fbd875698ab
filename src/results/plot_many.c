// rb_plot: from the runs' tables to a picture. plot_columns.c chooses what is shown, plot_groups.c which runs
// belong together, plots.h computes the numbers, plot_script.c draws.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/find_runs.h"
#include "results/plot_job.h"
#include "results/seen.h"

enum { POINTS = 400 }; // points of the longest smoothed curve

// ---- the runs

typedef struct collecting {
    rb_plot_job *job;
    const char *label;
    int room;
    rb_seen seen;
} collecting;

static rb_status add_run(void *to, const char *path, bool named, rb_error *error)
{
    collecting *c = to;
    rb_plot_job *j = c->job;
    bool twice;
    if (j->count == RB_PLOT_RUNS)
        return rb_error_set(error, RB_ERR_USAGE, "more than %d runs: a picture shows from 1 to %d",
                            RB_PLOT_RUNS, RB_PLOT_RUNS);
    const rb_status looked = rb_seen_add(&c->seen, path, &twice, error);
    if (looked || twice) return looked;
    if (j->count == c->room) {
        const int room = c->room ? 2 * c->room : 16;
        rb_plot_member *members = realloc(j->members, (size_t)room * sizeof *members);
        if (!members) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", room);
        j->members = members;
        c->room = room;
    }
    rb_plot_member *m = &j->members[j->count];
    *m = (rb_plot_member){.label = c->label, .named = named};
    if (!rb_text_copy(m->path, sizeof m->path, path))
        return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", path);
    j->count++;
    return RB_OK;
}

static rb_status find_runs(rb_plot_job *j, const char *const *paths, int count, rb_error *error)
{
    collecting c = {.job = j};
    rb_status status = count < 1 ? rb_error_set(error, RB_ERR_USAGE, "no run is named") : RB_OK;
    for (int i = 0; i < count && !status; i++) {
        c.label = j->options->labels ? j->options->labels[i] : NULL;
        status = rb_find_runs(paths[i], true, add_run, &c, error);
    }
    rb_seen_free(&c.seen);
    return status;
}

// ---- numbers

// A run below a directory that has nothing to draw is left out: it may have just begun.
static rb_status leave_out(rb_plot_job *j, int *place, const rb_error *why, rb_error *error)
{
    rb_plot_member *m = &j->members[*place];
    const rb_status status = rb_plot_remark(j, error, "left out: %s", why->message);
    memmove(m, m + 1, (size_t)(--j->count - *place) * sizeof *m);
    --*place;
    return status;
}

// What the window must be to hold GAMES games of the run wherever it ends, so that the curve neither repeats
// single games nor stands still between them; at most a fifth of the picture.
static double games_window(const rb_plot_job *j)
{
    enum { GAMES = 5 };
    double most = 0;
    for (int i = 0; i < j->count; i++) {
        const rb_points *p = &j->members[i].points;
        for (int k = GAMES; k < p->count; k++) most = fmax(most, p->x[k] - p->x[k - GAMES]);
        if (p->count <= GAMES) most = j->end;
    }
    most = fmin(most, j->end / 5);
    if (!(most > 0)) return 0;
    const double digit = pow(10, floor(log10(most))); // rounded up to one digit: 300
    return digit * ceil(most / digit - 1e-9);
}

static double default_window(const rb_plot_job *j)
{
    return rb_plot_is_evaluation(j) ? 0 : fmax(rb_plot_step(j->end, 50), games_window(j));
}

static rb_status read_points(rb_plot_job *j, rb_error *error)
{
    rb_error why = {0};
    for (int i = 0; i < j->count; i++) {
        rb_plot_member *m = &j->members[i];
        rb_status status = rb_points_read(&m->points, m->path, j->column.file, j->x, j->column.column, &why);
        if (status && (m->named || j->count == 1)) {
            *error = why;
            return status;
        }
        for (int k = 0; !status && k < m->points.count; k++) m->points.x[k] *= j->x_scale;
        if (status)
            status = leave_out(j, &i, &why, error);
        else
            j->end = fmax(j->end, m->points.x[m->points.count - 1]);
        if (status) return status;
    }
    if (j->end <= 0) j->end = 1;
    j->out->window = j->options->window;
    if (j->out->window < 0) j->out->window = default_window(j);
    return RB_OK;
}

// The axis of values follows what is drawn, but an interval that goes far beyond all seeds is cut at its
// edge.
static void measure(rb_plot_job *j)
{
    rb_plot_result *out = j->out;
    double least = INFINITY, most = -INFINITY;
    bool negative = false;
    for (int g = 0; g < j->groups; g++) {
        least = fmin(least, j->bands[g].least);
        most = fmax(most, j->bands[g].most);
    }
    for (int i = 0; i < j->count; i++)
        for (int k = 0; k < j->members[i].points.count; k++) negative |= j->members[i].points.y[k] < 0;
    const double room = 0.15 * (most - least);
    out->low = INFINITY;
    out->high = -INFINITY;
    for (int g = 0; g < j->groups; g++)
        for (int i = 0; i < j->bands[g].count; i++) {
            const rb_band *b = &j->bands[g];
            out->low = fmin(out->low, b->mean[i]);
            out->high = fmax(out->high, b->mean[i]);
            if (out->curves[g].runs < 2) continue;
            out->low = fmin(out->low, fmax(b->low[i], least - room));
            out->high = fmax(out->high, fmin(b->high[i], most + room));
        }
    if (!negative) out->low = fmax(out->low, 0);
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
                                 .x = band->x,
                                 .mean = band->mean,
                                 .low = band->low,
                                 .high = band->high,
                                 .last_x = band->x[last],
                                 .last = band->mean[last],
                                 .last_low = band->low[last],
                                 .last_high = band->high[last]};
        rb_plot_name(j, g, curve->label, sizeof curve->label);
    }
    free(runs);
    return status;
}

static rb_status draw(rb_plot_job *j, rb_error *error)
{
    rb_plot_result *out = j->out;
    rb_gnuplot_path(&j->plot, rb_gnuplot_end(&j->plot), out->picture, sizeof out->picture);
    rb_gnuplot_path(&j->plot, ".gp", out->script, sizeof out->script);
    rb_gnuplot_path(&j->plot, ".dat", out->data, sizeof out->data);
    return rb_gnuplot_draw(&j->plot, rb_plot_write_script, rb_plot_write_data, j, error);
}

static rb_status make_curves(rb_plot_job *j, rb_error *error)
{
    rb_plot_result *out = j->out;
    rb_status status = rb_plot_choose_columns(j, error);
    if (!status && !isfinite(j->options->window))
        status = rb_error_set(error, RB_ERR_USAGE, "a window must be a number");
    if (!status) status = read_points(j, error);
    if (!status) status = rb_plot_read_settings(j, error);
    if (!status) status = rb_plot_make_groups(j, error);
    if (status) return status;
    out->curves = calloc((size_t)j->count, sizeof *out->curves);
    out->bands = j->bands = calloc((size_t)j->count, sizeof *j->bands);
    if (!out->curves || !j->bands)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", j->count);
    out->count = j->groups;
    if ((status = make_bands(j, error))) return status;
    measure(j);
    rb_plot_write_captions(j);
    rb_text_copy(out->y_title, sizeof out->y_title, j->column.title);
    return RB_OK;
}

rb_status rb_plot(const char *const *paths, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error)
{
    rb_plot_job j = {.options = options, .out = out};
    *out = (rb_plot_result){0};
    rb_status status = options->picture ? rb_gnuplot_init(&j.plot, options->picture, error) : RB_OK;
    if (!status) status = find_runs(&j, paths, count, error);
    if (!status) status = make_curves(&j, error);
    if (!status && options->picture) status = draw(&j, error);
    for (int i = 0; i < j.count; i++) {
        rb_points_free(&j.members[i].points);
        rb_run_facts_free(&j.members[i].facts);
    }
    free(j.members);
    if (status && status != RB_ERR_MISSING) rb_plot_result_free(out);
    return status;
}

void rb_plot_result_free(rb_plot_result *result)
{
    rb_band *bands = result->bands;
    for (int g = 0; g < result->count && bands; g++) rb_band_free(&bands[g]);
    free(bands);
    free(result->curves);
    free(result->remarks);
    *result = (rb_plot_result){0};
}
