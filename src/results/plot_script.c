// The files that gnuplot draws a picture of curves from: the data, and the script with its caption.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
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

enum { CAPTION_COLUMNS = 115, TITLE_COLUMNS = 84 };

// Adds a part to a caption, after "; " or, if the line has no place for it, on a new line.
static void add_part(char *caption, size_t bytes, const char *part)
{
    const char *line = strrchr(caption, '\n');
    const size_t used = strlen(line ? line : caption), all = strlen(caption);
    const char *between = !all ? "" : used + strlen(part) > CAPTION_COLUMNS ? ";\n" : "; ";
    snprintf(caption + all, bytes - all, "%s%s", between, part);
}

// Which kinds of bands there are: bit 0 ranges, bit 1 intervals.
static int band_kinds(const rb_plot_job *j)
{
    int kinds = 0;
    for (int g = 0; g < j->groups; g++) {
        const int runs = j->out->curves[g].runs;
        if (runs > 1) kinds |= runs < RB_PLOT_INTERVAL_RUNS ? 1 : 2;
    }
    return kinds;
}

void rb_plot_write_captions(rb_plot_job *j)
{
    static const char *const bands[] = {"", "lines: mean of the seeds, bands: their range",
                                        "lines: mean of the seeds, bands: its 95 % interval (Student's t)",
                                        ("lines: mean of the seeds, bands: its 95 % interval (Student's t), "
                                         "or the range of fewer than 4 seeds")};
    rb_plot_result *out = j->out;
    char size[32];
    rb_text_thousands(size, sizeof size, (int64_t)out->window);
    if (out->window != floor(out->window)) snprintf(size, sizeof size, "%g", out->window);
    if (out->window > 0)
        snprintf(out->caption, sizeof out->caption, "%s in the last %s %s", j->column.means, size,
                 j->options->x);
    else
        snprintf(out->caption, sizeof out->caption, "%s, not smoothed", j->column.raw);
    rb_text_copy(out->seeds_caption, sizeof out->seeds_caption, bands[band_kinds(j)]);
    if (j->cut) add_part(out->caption, sizeof out->caption, "up to where the shortest seed ends");
}

// ---- the script

// Writes lines of text from `y` on as labels; returns the number of the next label.
static int put_lines(FILE *to, const char *text, int columns, int label, double y, double pitch, int height,
                     int size, const char *colour)
{
    for (int bytes; *text; y += pitch) {
        char line[600];
        const int end = (int)strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", end, text);
        bytes = rb_gnuplot_line(line, columns);
        line[bytes] = 0;
        fprintf(to, "set label %d ", label++);
        rb_gnuplot_quote(to, line);
        fprintf(to, " at graph 0,screen %.4f left font ',%d' textcolor '%s'\n", 1 - y / height, size, colour);
        text += bytes;
        text += strspn(text, " \n");
    }
    return label;
}

static int count_caption(const char *caption)
{
    int lines = 1;
    for (; *caption; caption++) lines += *caption == '\n';
    return lines;
}

static bool has_dots(const rb_plot_job *j, int g)
{
    return !(j->out->window > 0) && j->bands[g].count <= 80;
}

static rb_gnuplot_entry *make_entries(const rb_plot_job *j)
{
    rb_gnuplot_entry *entries = calloc((size_t)j->groups, sizeof *entries);
    const bool mixed = band_kinds(j) == 3;
    for (int g = 0; g < j->groups && entries; g++) {
        const rb_plot_curve *c = &j->out->curves[g];
        const bool range = c->runs > 1 && c->runs < RB_PLOT_INTERVAL_RUNS;
        snprintf(entries[g].text, sizeof entries[g].text, "%s%s", c->label,
                 !mixed || c->runs < 2 ? ""
                 : range               ? "; band: range"
                                       : "; band: 95 % interval");
        entries[g].line = g;
        entries[g].dots = has_dots(j, g);
    }
    return entries;
}

// A band's upper or lower end, cut at the axis: gnuplot leaves out a point outside of it, with its other end.
static void write_bands(const rb_plot_job *j, rb_plot_axis y, double scale, FILE *to)
{
    for (int g = 0; g < j->groups; g++) {
        if (j->out->curves[g].runs < 2) continue;
        fprintf(to,
                "  data index %d using ($1/%g):($3<%.10g?%.10g:$3):($4>%.10g?%.10g:$4) with filledcurves "
                "linecolor '%s' fillstyle transparent solid 0.18 noborder notitle, \\\n",
                g, scale, y.low, y.low, y.high, y.high, rb_gnuplot_colour(g));
    }
}

static void write_lines(const rb_plot_job *j, double scale, FILE *to)
{
    for (int g = 0; g < j->groups; g++) {
        const bool dots = has_dots(j, g);
        fprintf(
            to,
            "  data index %d using ($1/%g):2 with %s linewidth 2 dashtype %d linecolor '%s'%s notitle%s\n", g,
            scale, dots ? "linespoints" : "lines", rb_gnuplot_dash(g), rb_gnuplot_colour(g),
            dots ? " pointtype 7 pointsize 0.5" : "", g + 1 < j->groups ? ", \\" : "");
    }
}

void rb_plot_write_script(const void *what, FILE *to)
{
    enum { WIDTH = 880, AXES = 350, BELOW = 60 }; // points
    const rb_plot_job *j = what;
    const bool png = j->plot.png, title = j->options->title && *j->options->title;
    rb_gnuplot_entry *entries = make_entries(j);
    if (!entries) return;
    char caption[500] = "";
    add_part(caption, sizeof caption, j->out->caption);
    if (*j->out->seeds_caption) add_part(caption, sizeof caption, j->out->seeds_caption);
    double scale;
    const char *unit = rb_plot_unit(j->end, j->options->x, &scale);
    const rb_plot_axis x = rb_plot_axis_to(j->end / scale, 8),
                       y = rb_plot_axis_around(j->out->low, j->out->high, 7);
    const int left = 44 + 8 * rb_gnuplot_put_axis(NULL, 'y', y);
    const rb_gnuplot_legend legend = rb_gnuplot_legend_place(entries, j->groups, WIDTH - left - 10);
    const int title_lines = title ? rb_gnuplot_lines(j->options->title, TITLE_COLUMNS, NULL) : 0,
              above = 18 + 24 * title_lines + 16 * count_caption(caption),
              height = above + AXES + BELOW + legend.height + 8;
    rb_gnuplot_head(&j->plot, to, WIDTH, height);
    int label = 1;
    if (title)
        label =
            put_lines(to, j->options->title, TITLE_COLUMNS, label, 22, 24, height, png ? 27 : 17, "#000000");
    label = put_lines(to, caption, 1000, label, 16 + 24 * title_lines + (title ? 2 : 0), 16, height,
                      png ? 19 : 12, "#555555");
    fprintf(to,
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\nset lmargin at screen %.4f\n"
            "set rmargin at screen 0.975\nset xlabel '%s'\nset ylabel ",
            1 - (double)above / height, 1 - (double)(above + AXES) / height, (double)left / WIDTH, unit);
    rb_gnuplot_quote(to, j->column.title);
    fprintf(to, " offset 0.5\nunset key\n");
    rb_gnuplot_put_axis(to, 'x', x);
    rb_gnuplot_put_axis(to, 'y', y);
    rb_gnuplot_put_legend(&j->plot, to, entries, j->groups, legend, left, above + AXES + BELOW, WIDTH, height,
                          label > 20 ? label : 20);
    fprintf(to, "\nplot \\\n");
    write_bands(j, y, scale, to); // first, so that they cover no line
    write_lines(j, scale, to);
    free(entries);
}
