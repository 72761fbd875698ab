// rb_plot: which runs belong together, the curves' names, and the script that draws them. plots.h computes
// the numbers.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "config/config.h"
#include "io/run_tables.h"
#include "results/gnuplot.h"
#include "results/plots.h"

enum { POINTS = 400 }; // points of the longest smoothed curve

typedef struct member { // a run
    const char *path;
    rb_config *config; // NULL: not needed, or missing
    rb_points points;
    int group;
} member;

typedef struct job {
    const rb_plot_options *options;
    rb_gnuplot plot;
    const char *file, *x, *y; // columns of the tables
    member *members;
    rb_band *bands; // [groups]
    int count, groups;
    double end; // end of the longest run
    bool cut;   // some group ends before one of its runs
    rb_plot_result *out;
} job;

// ---- the request

static rb_status choose_columns(job *j, rb_error *error)
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

// ---- groups

// True for settings that two runs must share to be comparable: those that define a run, except for its seed
// and name.
static bool counts(const rb_param_info *info)
{
    return !info->resume && strcmp(info->key, "run.seed") && strcmp(info->key, "run.name") &&
           strcmp(info->key, "run.overwrite");
}

static void value_of(const member *m, const char *key, char *out, int bytes)
{
    if (!m->config || rb_config_get(m->config, key, out, bytes, NULL)) *out = 0;
    if (*out == '"') { // without the quotes of a text
        memmove(out, out + 1, strlen(out));
        out[strcspn(out, "\"")] = 0;
    }
}

static bool same(const member *a, const member *b)
{
    char one[RB_TEXT_MAX + 8], other[RB_TEXT_MAX + 8];
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *info = rb_param_get(i);
        if (!counts(info)) continue;
        value_of(a, info->key, one, sizeof one);
        value_of(b, info->key, other, sizeof other);
        if (strcmp(one, other)) return false;
    }
    return true;
}

static rb_status read_settings(job *j, rb_error *error)
{
    for (int i = 0; i < j->count; i++) {
        member *m = &j->members[i];
        char path[RB_PATH_MAX];
        rb_status status = rb_path_join(path, sizeof path, m->path, "config.ini", error);
        if (!status && !rb_file_exists(path) && !j->options->group_seeds) continue;
        if (!status) status = rb_config_create(&m->config, error);
        if (!status) status = rb_config_read(m->config, path, error);
        if (status && !j->options->group_seeds) { // no config: only the legend would have used it
            rb_config_destroy(m->config);
            m->config = NULL;
            status = RB_OK;
        }
        if (status) return status;
    }
    return RB_OK;
}

static rb_status make_groups(job *j, rb_error *error)
{
    for (int i = 0; i < j->count; i++) {
        member *m = &j->members[i];
        char seed[32], other[32];
        m->group = -1;
        value_of(m, "run.seed", seed, sizeof seed);
        for (int k = 0; j->options->group_seeds && k < i; k++) {
            if (!same(m, &j->members[k])) continue;
            value_of(&j->members[k], "run.seed", other, sizeof other);
            if (!strcmp(seed, other))
                return rb_error_set(error, RB_ERR_USAGE,
                                    "%s and %s: have the same settings and the same seed, so they are not "
                                    "independent samples",
                                    j->members[k].path, m->path);
            m->group = j->members[k].group;
        }
        if (m->group < 0) m->group = j->groups++;
    }
    return RB_OK;
}

// ---- names

static const char *last_part(const char *path, char *out, size_t bytes)
{
    rb_text_copy(out, bytes, path);
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--) out[n - 1] = 0;
    const char *slash = strrchr(out, '/');
    return slash && slash[1] ? slash + 1 : out;
}

static const member *first_of(const job *j, int group)
{
    for (int i = 0; i < j->count; i++)
        if (j->members[i].group == group) return &j->members[i];
    return NULL;
}

static void name_run(const job *j, const member *m, char *out, size_t bytes)
{
    char mine[RB_PATH_MAX], other[RB_PATH_MAX], seed[32], end[40];
    const char *name = last_part(m->path, mine, sizeof mine);
    bool twice = false;
    for (int i = 0; i < j->count; i++)
        twice |= &j->members[i] != m && !strcmp(name, last_part(j->members[i].path, other, sizeof other));
    value_of(m, "run.seed", seed, sizeof seed);
    snprintf(end, sizeof end, "s%s", seed);
    bool told = !*seed || rb_text_ends(name, end);
    snprintf(out, bytes, "%.180s%s%s", twice ? m->path : name, told ? "" : ", seed ", told ? "" : seed);
}

// "seed 3", "seeds 1-4", "seeds 1, 3, 7"
static void name_seeds(const job *j, int group, char *out, size_t bytes)
{
    double seeds[RB_PLOT_RUNS];
    int count = 0;
    char text[32];
    for (int i = 0; i < j->count; i++) {
        if (j->members[i].group != group) continue;
        value_of(&j->members[i], "run.seed", text, sizeof text);
        seeds[count++] = strtod(text, NULL);
    }
    rb_sort_ascending(seeds, count);
    size_t used = (size_t)snprintf(out, bytes, count == 1 ? "seed" : "seeds");
    for (int i = 0; i < count && used + 48 < bytes;) {
        int last = i;
        while (last + 1 < count && seeds[last + 1] == seeds[last] + 1) last++;
        used += (size_t)snprintf(out + used, bytes - used, "%s%.0f", i ? ", " : " ", seeds[i]);
        if (last > i)
            used +=
                (size_t)snprintf(out + used, bytes - used, "%s%.0f", last > i + 1 ? "-" : ", ", seeds[last]);
        i = last + 1;
    }
}

// Whether each curve's runs have their own run.group: then the group is the curve's name.
static bool groups_name_curves(const job *j)
{
    char one[RB_TEXT_MAX + 8], other[RB_TEXT_MAX + 8];
    for (int g = 0; g < j->groups; g++) {
        value_of(first_of(j, g), "run.group", one, sizeof one);
        for (int h = 0; h < g; h++) {
            value_of(first_of(j, h), "run.group", other, sizeof other);
            if (!strcmp(one, other)) return false;
        }
    }
    return j->groups > 1;
}

// The group's name if that identifies the curve; otherwise environment and preset, with the settings that
// differ from the other curves.
static void name_group(const job *j, int group, char *out, size_t bytes)
{
    const member *m = first_of(j, group);
    char env[RB_TEXT_MAX + 8], preset[RB_TEXT_MAX + 8], mine[RB_TEXT_MAX + 8], other[RB_TEXT_MAX + 8],
        seeds[200];
    name_seeds(j, group, seeds, sizeof seeds);
    if (groups_name_curves(j)) {
        value_of(m, "run.group", mine, sizeof mine);
        snprintf(out, bytes, "%.120s, %.100s", mine, seeds);
        return;
    }
    value_of(m, "run.env", env, sizeof env);
    value_of(m, "run.preset", preset, sizeof preset);
    const bool told = rb_text_starts(preset, env); // "cartpole-dqn" names it already
    size_t used =
        (size_t)snprintf(out, bytes, "%.60s%s%.60s", told ? "" : env, told || !*preset ? "" : ", ", preset);
    for (int i = 0; i < rb_param_count() && used < 120; i++) {
        const rb_param_info *info = rb_param_get(i);
        bool differs = false;
        if (!counts(info) || !strcmp(info->key, "run.env") || !strcmp(info->key, "run.preset")) continue;
        value_of(m, info->key, mine, sizeof mine);
        for (int g = 0; g < j->groups && !differs; g++) {
            const member *o = first_of(j, g);
            value_of(o, "run.env", other, sizeof other);
            differs = !strcmp(env, other);
            value_of(o, "run.preset", other, sizeof other);
            differs = differs && !strcmp(preset, other); // would have the same name
            value_of(o, info->key, other, sizeof other);
            differs = differs && strcmp(mine, other);
        }
        const char *key = strcmp(info->key, "run.group") ? info->key : "group";
        if (differs) used += (size_t)snprintf(out + used, bytes - used, ", %s=%.40s", key, mine);
    }
    snprintf(out + used, bytes - used, ", %.100s", seeds);
}

// ---- numbers

static rb_status read_points(job *j, rb_error *error)
{
    for (int i = 0; i < j->count; i++) {
        member *m = &j->members[i];
        rb_status status = rb_points_read(&m->points, m->path, j->file, j->x, j->y, error);
        if (status) return status;
        j->end = fmax(j->end, m->points.x[m->points.count - 1]);
    }
    if (j->end <= 0) j->end = 1;
    j->out->window = j->options->window;
    if (j->out->window < 0) j->out->window = !strcmp(j->options->y, "eval") ? 0 : rb_gnuplot_step(j->end, 50);
    return RB_OK;
}

static rb_status make_bands(job *j, rb_error *error)
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
        if (j->options->group_seeds)
            name_group(j, g, curve->label, sizeof curve->label);
        else
            name_run(j, first_of(j, g), curve->label, sizeof curve->label);
    }
    free(runs);
    return status;
}

// ---- files

static void write_data(const void *what, FILE *to)
{
    const job *j = what;
    for (int g = 0; g < j->groups; g++) {
        const rb_band *b = &j->bands[g];
        const rb_plot_curve *c = &j->out->curves[g];
        fprintf(to, "%s# %s\n# %s %s%s\n", g ? "\n\n" : "", c->label, j->options->x, j->options->y,
                c->runs > 1 ? " low high" : "");
        for (int i = 0; i < b->count; i++)
            if (c->runs > 1)
                fprintf(to, "%.10g %.8g %.8g %.8g\n", b->x[i], b->mean[i], b->low[i], b->high[i]);
            else
                fprintf(to, "%.10g %.8g\n", b->x[i], b->mean[i]);
    }
}

// Writes what a reader must know about how the curves were made.
static void write_caption(const job *j, char *out, size_t bytes)
{
    const bool eval = !strcmp(j->options->y, "eval");
    const double window = j->out->window;
    char size[32];
    size_t used;
    bool bands = false;
    for (int g = 0; g < j->groups; g++) bands |= j->out->curves[g].runs > 1;
    rb_text_thousands(size, sizeof size, (int64_t)window);
    if (window != floor(window)) snprintf(size, sizeof size, "%g", window);
    if (window > 0)
        used = (size_t)snprintf(out, bytes, "Means of the %s in the last %s %s",
                                eval ? "evaluations" : "games", size, j->options->x);
    else
        used = (size_t)snprintf(out, bytes, "Every %s, not smoothed", eval ? "evaluation" : "game");
    if (bands)
        used += (size_t)snprintf(out + used, bytes - used,
                                 "; lines: mean of the seeds, bands: its 95 %% interval (Student's t)");
    if (j->cut && used < bytes) snprintf(out + used, bytes - used, "; up to where the shortest seed ends");
}

static const char *y_title(const char *y)
{
    return !strcmp(y, "return")   ? "return of a game while training"
           : !strcmp(y, "eval")   ? "mean return of an evaluation"
           : !strcmp(y, "q_mean") ? "Q-value of the best action, mean of a batch"
                                  : "loss";
}

static void write_script(const void *what, FILE *to)
{
    const job *j = what;
    const bool png = j->plot.png, title = j->options->title && *j->options->title;
    size_t longest = 0;
    for (int g = 0; g < j->groups; g++)
        if (strlen(j->out->curves[g].label) > longest) longest = strlen(j->out->curves[g].label);
    const bool two_columns = j->groups > 3 && longest <= 46; // fits in half of the width
    const int rows = two_columns ? (j->groups + 1) / 2 : j->groups,
              height = 430 + 21 * rows + (title ? 26 : 0);
    double scale;
    const char *unit = rb_gnuplot_unit(j->end, j->options->x, &scale);
    const double step = rb_gnuplot_step(j->end / scale, 8), mark = ceil(j->end / scale / step) * step;
    const double end =
        mark < 1.03 * j->end / scale ? mark : j->end / scale; // include the last mark if it is close
    char caption[300];
    write_caption(j, caption, sizeof caption);
    rb_gnuplot_head(&j->plot, to, 880, height);
    if (title) {
        fprintf(to, "set label 1 ");
        rb_gnuplot_quote(to, j->options->title);
        fprintf(to, " at graph 0,screen %.4f left font ',%d'\n", 1 - 22.0 / height, png ? 29 : 18);
    }
    fprintf(to, "set label 2 ");
    rb_gnuplot_quote(to, caption);
    fprintf(to, " at graph 0,screen %.4f left font ',%d' textcolor '#555555'\n",
            1 - (title ? 47.0 : 20.0) / height, png ? 19 : 12);
    fprintf(to,
            "set tmargin at screen %.4f\nset rmargin at screen 0.975\nset lmargin at screen 0.09\n"
            "set xlabel '%s'\nset ylabel '%s' offset 0.5\nset xrange [0:%.10g]\nset xtics %g\n"
            "set key below left vertical maxrows %d Left reverse samplen 1.6 width 1 spacing 1.15 "
            "textcolor '#222222'\n",
            1 - (title ? 62.0 : 36.0) / height, unit, y_title(j->options->y), end, step, rows);
    fprintf(to, "\nplot \\\n");
    for (int g = 0; g < j->groups; g++) // bands first, so that they cover no line
        if (j->out->curves[g].runs > 1)
            fprintf(to,
                    "  data index %d using ($1/%g):3:4 with filledcurves linecolor '%s' fillstyle "
                    "transparent solid 0.18 "
                    "noborder notitle, \\\n",
                    g, scale, rb_gnuplot_colour(g));
    for (int g = 0; g < j->groups; g++) {
        const bool dots = !(j->out->window > 0) && j->bands[g].count <= 80;
        fprintf(to, "  data index %d using ($1/%g):2 with %s linewidth 2 dashtype %d linecolor '%s'%s title ",
                g, scale, dots ? "linespoints" : "lines", g / RB_GNUPLOT_COLOURS % 4 + 1,
                rb_gnuplot_colour(g), dots ? " pointtype 7 pointsize 0.5" : "");
        rb_gnuplot_quote(to, j->out->curves[g].label);
        fprintf(to, "%s\n", g + 1 < j->groups ? ", \\" : "");
    }
}

rb_status rb_plot(const char *const *runs, int count, const rb_plot_options *options, rb_plot_result *out,
                  rb_error *error)
{
    job j = {.options = options, .count = count, .out = out};
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
    if (!status) status = read_settings(&j, error);
    if (!status) status = make_groups(&j, error);
    out->curves = calloc((size_t)count, sizeof *out->curves);
    j.bands = calloc((size_t)count, sizeof *j.bands);
    if (!status && (!out->curves || !j.bands))
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", count);
    if (!status) status = make_bands(&j, error);
    out->count = j.groups;
    if (!status) status = rb_gnuplot_draw(&j.plot, write_script, write_data, &j, error);
    for (int i = 0; i < count; i++) {
        rb_points_free(&j.members[i].points);
        rb_config_destroy(j.members[i].config);
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
    result->curves = NULL;
    result->count = 0;
}
