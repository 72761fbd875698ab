#include "train/run_picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "train/run_state.h"

enum { PIECES_MOST = 128 }; // points per curve

static void give_up(rb_run *run, const rb_error *error)
{
    run->picture.on = false;
    rb_gnuplot_stop(&run->picture.plot);
    rb_log_write(&run->log, RB_LOG_WARNING, "plots: %s; this run draws no more plots", error->message);
}

// ---- data

typedef struct range {
    double low, high;
} range;

static void stretch(range *r, double value)
{
    if (isnan(value)) return;
    r->low = fmin(r->low, value);
    r->high = fmax(r->high, value);
}

typedef struct shown { // what the data contain
    int64_t piece;     // steps per piece
    int evaluations;
    range returns, loss, q;
    double least_return; // without the standard deviations
} shown;

// Block 0: equal pieces of the steps so far.
static void write_history(FILE *data, const rb_history *h, shown *out)
{
    const int together = (h->used + PIECES_MOST - 1) / PIECES_MOST;
    fprintf(data, "# means over the games that ended in the steps up to here\n# step return loss q_mean "
                  "epsilon games\n");
    for (int from = 0; from < h->used; from += together) {
        rb_history_part sum = {0};
        int64_t last = 0;
        for (int i = from; i < from + together && i < h->used; i++) {
            const rb_history_part *p = &h->parts[i];
            if (!p->games) continue;
            sum.games += p->games;
            sum.learned += p->learned;
            sum.returns += p->returns;
            sum.loss += p->loss;
            sum.q += p->q;
            sum.epsilon = p->epsilon;
            last = (i + 1) * h->width;
        }
        if (!sum.games) continue;
        const double learned = sum.learned ? (double)sum.learned : NAN,
                     mean = sum.returns / (double)sum.games;
        stretch(&out->returns, mean);
        out->least_return = fmin(out->least_return, mean);
        stretch(&out->loss, sum.loss / learned);
        stretch(&out->q, sum.q / learned);
        fprintf(data, "%" PRId64 " %.9g %.6g %.6g %.6g %" PRId64 "\n", last, mean, sum.loss / learned,
                sum.q / learned, sum.epsilon, sum.games);
    }
    out->piece = together * h->width;
}

// Block 1: the evaluations.
static rb_status write_evaluations(FILE *data, const rb_run *run, shown *out, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv_table *table = NULL;
    rb_status status = rb_path_join(path, sizeof path, run->directory, RB_EVAL_CSV, error);
    if (!status) status = rb_csv_table_read(&table, path, error);
    if (status) return status;
    const int count = out->evaluations = rb_csv_table_rows(table);
    const double *step = rb_csv_table_column(table, RB_COLUMN_STEP),
                 *mean = rb_csv_table_column(table, RB_COLUMN_MEAN),
                 *std = rb_csv_table_column(table, RB_COLUMN_STD);
    const int last = (int)run->params->run.stop_evaluations;
    fprintf(data, "\n\n# evaluations\n# step mean std trailing\n");
    for (int i = 0; i < count; i++) {
        out->least_return = fmin(out->least_return, mean[i]);
        stretch(&out->returns, mean[i] - std[i]);
        stretch(&out->returns, mean[i] + std[i]);
        double sum = last && i + 1 >= last ? 0 : NAN; // of the evaluations that run.stop_score averages
        for (int k = 0; k < last && k <= i; k++) sum += mean[i - k];
        fprintf(data, "%.0f %.9g %.6g %.9g\n", step[i], mean[i], std[i], sum / last);
    }
    rb_csv_table_free(table);
    return RB_OK;
}

// ---- the script

static void write_title(FILE *script, const rb_run *run)
{
    const rb_params *p = &run->config->params;
    const char *slash = strrchr(run->directory, '/');
    char text[1200];
    const bool told = rb_text_starts(p->run.preset, p->run.env); // "cartpole-dqn" names it already
    snprintf(text, sizeof text, "%.300s: %.500s%s%.300s, seed %" PRId64, slash ? slash + 1 : run->directory,
             told ? "" : p->run.env, told || !*p->run.preset ? "" : ", ", p->run.preset, p->run.seed);
    fprintf(script, "set label 1 ");
    rb_gnuplot_quote(script, text);
    fprintf(script, " at screen 0.09,0.97 left font ',16'\n");
}

// Around all values, from mark to mark.
static void write_range(FILE *script, range r, int marks)
{
    if (r.high >= r.low && isfinite(r.high - r.low)) // otherwise there is no update yet
        rb_gnuplot_put_axis(script, 'y', rb_plot_axis_around(r.low, r.high, marks));
}

static void write_script(FILE *script, const rb_run *run, const shown *what)
{
    static const char *const names[] = {"loss", "Q-value", "epsilon"};
    static const int colours[] = {3, 2, 4};
    const double steps = (double)(run->step > 0 ? run->step : 1);
    double scale;
    const char *unit = rb_plot_unit(steps, "steps", &scale);
    char count[32];
    rb_text_thousands(count, sizeof count, what->piece);
    rb_gnuplot_head(&run->picture.plot, script, 880, 620);
    range returns = what->returns;
    if (what->least_return >= 0) returns.low = fmax(returns.low, 0); // bars may reach below it
    write_range(script, returns, 7);
    write_title(script, run);
    rb_gnuplot_put_axis(script, 'x', rb_plot_axis_to(steps / scale, 8));
    fprintf(script,
            "set multiplot\nset key noautotitle\nset xlabel '%s' offset 0,0.4\n"
            "set lmargin at screen 0.09\nset rmargin at screen 0.975\n"
            "set tmargin at screen 0.865\nset bmargin at screen 0.41\n"
            "set ylabel 'return of a game' offset 0.5\n"
            "set key at graph 0,1.015 left bottom horizontal Left reverse samplen 1.5 width 2 textcolor "
            "'#222222'\n"
            "plot data index 0 using ($1/%g):2 with lines linewidth 2 linecolor '%s' "
            "title 'games while training, means of %s steps'",
            unit, scale, rb_gnuplot_colour(0), count);
    if (what->evaluations)
        fprintf(script,
                ", \\\n     data index 1 using ($1/%g):2:3 with yerrorbars pointtype 7 pointsize %s "
                "linewidth 1.3 linecolor '%s' \\\n     title 'evaluations of %" PRId64
                " games, mean and standard deviation'",
                scale, what->evaluations > 60 ? "0.3" : "0.5", rb_gnuplot_colour(1),
                run->params->eval.episodes);
    const int64_t last = run->params->run.stop_evaluations;
    if (last && what->evaluations >= last)
        fprintf(
            script,
            ", \\\n     data index 1 using ($1/%g):4 with lines linewidth 2 dashtype 2 linecolor '%s' \\\n"
            "     title 'mean of the last %" PRId64 "'",
            scale, rb_gnuplot_colour(1), last);
    fprintf(script, "\n\nunset label 1\nunset key\nunset ylabel\nset tmargin at screen 0.275\n"
                    "set bmargin at screen 0.1\nset tics font ',11'\n");
    rb_gnuplot_put_axis(script, 'x', rb_plot_axis_to(steps / scale, 4));
    for (int i = 0; i < 3; i++) {
        const range ranges[] = {what->loss, what->q, {0, 1}};
        write_range(script, ranges[i], 4);
        fprintf(script,
                "\nset lmargin at screen %.3f\nset rmargin at screen %.3f\n"
                "set label 2 '%s' at graph 0,1.1 left textcolor '#222222'\n"
                "plot data index 0 using ($1/%g):%d with lines linewidth 1.6 linecolor '%s'\n",
                0.09 + 0.315 * i, 0.345 + 0.315 * i, names[i], scale, 3 + i, rb_gnuplot_colour(colours[i]));
    }
    fprintf(script, "\nunset multiplot\n");
}

// ---- drawing

static rb_status write_files(rb_run *run, rb_error *error)
{
    rb_run_picture *picture = &run->picture;
    char path[RB_PATH_MAX], *data = NULL, *script = NULL;
    size_t data_bytes, script_bytes;
    const range none = {INFINITY, -INFINITY};
    shown what = {.returns = none, .loss = none, .q = none, .least_return = INFINITY};
    rb_status status = rb_path_join(path, sizeof path, run->directory, "plots", error);
    if (!status) status = rb_file_make_directories(path, error);
    if (!status) status = rb_path_join(path, sizeof path, run->directory, "plots/curves.svg", error);
    if (!status) status = rb_gnuplot_init(&picture->plot, path, error);
    if (status) return status;
    FILE *to = open_memstream(&data, &data_bytes);
    if (to) {
        write_history(to, rb_metrics_history(run->metrics), &what);
        status = write_evaluations(to, run, &what, error);
        fclose(to);
    }
    FILE *words = open_memstream(&script, &script_bytes);
    if (words) {
        write_script(words, run, &what);
        fclose(words);
    }
    if (!to || !words) status = rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    if (!status) status = rb_gnuplot_write(&picture->plot, script, script_bytes, data, data_bytes, error);
    free(data);
    free(script);
    return status;
}

static void draw(rb_run *run)
{
    rb_run_picture *picture = &run->picture;
    rb_error error = {0};
    picture->waiting = false;
    rb_status status = write_files(run, &error);
    picture->started = rb_clock_seconds();
    if (!status && picture->told_missing) return;
    if (!status) status = rb_gnuplot_start(&picture->plot, &error);
    if (status == RB_ERR_MISSING) {
        picture->told_missing = true;
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "plots: %s; the script and the data are kept up to date in %s", error.message,
                     picture->plot.directory);
    } else if (status) {
        give_up(run, &error);
    }
}

void rb_run_picture_update(rb_run *run)
{
    if (!run->picture.on) return;
    if (run->picture.plot.pid)
        run->picture.waiting = true;
    else
        draw(run);
}

void rb_run_picture_if_due(rb_run *run)
{
    rb_run_picture *picture = &run->picture;
    const double now = picture->plot.pid ? rb_clock_seconds() : 0;
    if (!picture->plot.pid || now - picture->looked < 0.1) return;
    picture->looked = now;
    rb_error error = {0};
    if (rb_gnuplot_poll(&picture->plot, &error)) {
        give_up(run, &error);
    } else if (!picture->plot.pid) {
        rb_log_write(&run->log, RB_LOG_DETAIL, "step %" PRId64 ": %s%s.svg (%.1f s)", run->step,
                     picture->plot.directory, picture->plot.name, now - picture->started);
        if (picture->waiting) draw(run);
    }
}

void rb_run_picture_end(rb_run *run, double seconds)
{
    rb_run_picture *picture = &run->picture;
    for (int i = 0; i < 2 && picture->plot.pid; i++) { // the current one, and one that may wait for it
        rb_error error = {0};
        if (rb_gnuplot_wait(&picture->plot, seconds, &error))
            give_up(run, &error);
        else if (picture->waiting)
            draw(run);
    }
}
