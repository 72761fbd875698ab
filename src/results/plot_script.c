// The files that gnuplot draws a picture of curves from: the data, and the script with its caption.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "results/plot_job.h"

void rb_plot_write_data(const void *what, FILE *to)
{
    const rb_plot_job *j = what;
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

// ---- the caption

enum { CAPTION_COLUMNS = 115, CAPTION_BYTES = 500 };

// Adds a part to the caption, after "; " or, if the line has no place for it, on a new line.
static void add_part(char *caption, const char *part)
{
    const char *line = strrchr(caption, '\n');
    const size_t used = strlen(line ? line : caption), all = strlen(caption);
    const char *between = !all ? "" : used + strlen(part) > CAPTION_COLUMNS ? ";\n" : "; ";
    snprintf(caption + all, CAPTION_BYTES - all, "%s%s", between, part);
}

// Writes what a reader must know about how the curves were made, in lines that fit in the picture.
static void write_caption(const rb_plot_job *j, char caption[CAPTION_BYTES])
{
    static const char *const ys[][3] = {
        {"return", "Mean returns of the games", "Every game, not smoothed"},
        {"eval", "Means of the evaluations", "Every evaluation, not smoothed"},
        {"loss", "Means of the loss", "One value per game, not smoothed"},
        {"q_mean", "Means of the Q-value", "One value per game, not smoothed"}};
    const double window = j->out->window;
    char size[32], part[120];
    bool bands = false;
    int y = 0;
    for (int i = 0; i < 4; i++)
        if (!strcmp(j->options->y, ys[i][0])) y = i;
    for (int g = 0; g < j->groups; g++) bands |= j->out->curves[g].runs > 1;
    rb_text_thousands(size, sizeof size, (int64_t)window);
    if (window != floor(window)) snprintf(size, sizeof size, "%g", window);
    if (window > 0)
        snprintf(part, sizeof part, "%s in the last %s %s", ys[y][1], size, j->options->x);
    else
        snprintf(part, sizeof part, "%s", ys[y][2]);
    *caption = 0;
    add_part(caption, part);
    if (bands) add_part(caption, "lines: mean of the seeds, bands: its 95 % interval (Student's t)");
    if (j->cut) add_part(caption, "up to where the shortest seed ends");
}

// Writes each line of the caption as a label; returns their number.
static int put_caption(const rb_plot_job *j, double top, int height, FILE *to)
{
    enum { LINE_POINTS = 16 };
    char caption[CAPTION_BYTES], *rest = caption, *line;
    int lines = 0;
    write_caption(j, caption);
    for (; (line = strtok_r(rest, "\n", &rest)); lines++) {
        if (!to) continue;
        fprintf(to, "set label %d ", 2 + lines);
        rb_gnuplot_quote(to, line);
        fprintf(to, " at graph 0,screen %.4f left font ',%d' textcolor '#555555'\n",
                1 - (top + LINE_POINTS * lines) / height, j->plot.png ? 19 : 12);
    }
    return lines;
}

// ---- the script

static const char *y_title(const char *y)
{
    return !strcmp(y, "return")   ? "return of a game while training"
           : !strcmp(y, "eval")   ? "mean return of an evaluation"
           : !strcmp(y, "q_mean") ? "Q-value of the best action, mean of a batch"
                                  : "loss";
}

// True if no run has a value below 0: then a band may reach below it, but the axis does not.
static bool never_negative(const rb_plot_job *j)
{
    for (int i = 0; i < j->count; i++) {
        const rb_points *p = &j->members[i].points;
        for (int k = 0; k < p->count; k++)
            if (p->y[k] < 0) return false;
    }
    return true;
}

// The size of the legend's font: long names, of several settings, are written smaller instead of cut.
static int legend_points(bool png, size_t longest)
{
    enum { FITS = 98 }; // letters of the usual size
    const size_t points = png ? 21 : 13;
    return (int)(longest <= FITS ? points : points * FITS / longest);
}

void rb_plot_write_script(const void *what, FILE *to)
{
    const rb_plot_job *j = what;
    const bool png = j->plot.png, title = j->options->title && *j->options->title;
    size_t longest = 0;
    for (int g = 0; g < j->groups; g++)
        if (strlen(j->out->curves[g].label) > longest) longest = strlen(j->out->curves[g].label);
    const bool two_columns = j->groups > 3 && longest <= 46; // fits in half of the width
    const int rows = two_columns ? (j->groups + 1) / 2 : j->groups, lines = put_caption(j, 0, 1, NULL),
              height = 414 + 16 * lines + 21 * rows + (title ? 26 : 0);
    double scale;
    const char *unit = rb_gnuplot_unit(j->end, j->options->x, &scale);
    const double step = rb_gnuplot_step(j->end / scale, 8), mark = ceil(j->end / scale / step) * step;
    const double end =
        mark < 1.03 * j->end / scale ? mark : j->end / scale; // include the last mark if it is close
    rb_gnuplot_head(&j->plot, to, 880, height);
    if (title) {
        fprintf(to, "set label 1 ");
        rb_gnuplot_quote(to, j->options->title);
        fprintf(to, " at graph 0,screen %.4f left font ',%d'\n", 1 - 22.0 / height, png ? 29 : 18);
    }
    put_caption(j, title ? 47 : 20, height, to);
    fprintf(to,
            "set tmargin at screen %.4f\nset rmargin at screen 0.975\nset lmargin at screen 0.09\n"
            "set xlabel '%s'\nset ylabel '%s' offset 0.5\nset xrange [0:%.10g]\nset xtics %g\n"
            "set key below left vertical maxrows %d Left reverse samplen 1.6 width 1 spacing 1.15 "
            "textcolor '#222222' font ',%d'\n",
            1 - ((title ? 46.0 : 20.0) + 16 * lines) / height, unit, y_title(j->options->y), end, step, rows,
            legend_points(png, longest));
    const bool from_zero = never_negative(j);
    // gnuplot ignores a point outside of the range, also its upper end: so the band is cut here.
    const char *low = from_zero ? "($3<0?0:$3)" : "3";
    if (from_zero) fprintf(to, "set yrange [0<*:*]\n");
    fprintf(to, "\nplot \\\n");
    for (int g = 0; g < j->groups; g++) // bands first, so that they cover no line
        if (j->out->curves[g].runs > 1)
            fprintf(to,
                    "  data index %d using ($1/%g):%s:4 with filledcurves linecolor '%s' fillstyle "
                    "transparent solid 0.18 "
                    "noborder notitle, \\\n",
                    g, scale, low, rb_gnuplot_colour(g));
    for (int g = 0; g < j->groups; g++) {
        const bool dots = !(j->out->window > 0) && j->bands[g].count <= 80;
        fprintf(to, "  data index %d using ($1/%g):2 with %s linewidth 2 dashtype %d linecolor '%s'%s title ",
                g, scale, dots ? "linespoints" : "lines", g / RB_GNUPLOT_COLOURS % 4 + 1,
                rb_gnuplot_colour(g), dots ? " pointtype 7 pointsize 0.5" : "");
        rb_gnuplot_quote(to, j->out->curves[g].label);
        fprintf(to, "%s\n", g + 1 < j->groups ? ", \\" : "");
    }
}
