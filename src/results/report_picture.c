// A report's picture: see report.h. Above, one panel for each of the four aggregates, with a bar for each
// group's interval; below, the performance profiles with their bands. The script and its data stay beside the
// picture, so that it can be drawn again or changed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rainbow/report.h"
#include "results/gnuplot_style.h"

typedef struct picture {
    const rb_report *report;
    rb_gnuplot plot;
} picture;

static int known_groups(const rb_report *r)
{
    int known = 0;
    for (int g = 0; g < r->group_count; g++) known += r->groups[g].known_games > 0;
    return known;
}

static rb_interval figure(const rb_report_group *group, int panel)
{
    const rb_interval four[] = {group->iqm, group->median, group->mean, group->gap};
    return four[panel];
}

// Block 0: one line per group, from bottom to top: place and the four intervals. Then one block per group:
// its profile.
static void write_data(const void *what, FILE *to)
{
    const rb_report *r = ((const picture *)what)->report;
    int place = known_groups(r);
    fprintf(to, "# place iqm low high median low high mean low high gap low high\n");
    for (int g = 0; g < r->group_count; g++) {
        const rb_report_group *group = &r->groups[g];
        if (!group->known_games) continue;
        fprintf(to, "%d", place--);
        for (int i = 0; i < 4; i++) {
            const rb_interval one = figure(group, i);
            fprintf(to, " %.10g %.10g %.10g", one.value, one.low, one.high);
        }
        fprintf(to, "\n");
    }
    for (int g = 0; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        fprintf(to, "\n\n# above share low high: %s\n", r->groups[g].name);
        for (int i = 0; i < RB_PROFILE_POINTS; i++) {
            const rb_interval *share = &r->groups[g].profile[i];
            fprintf(to, "%.10g %.10g %.10g %.10g\n", r->above[i], share->value, share->low, share->high);
        }
    }
}

static void write_panel(const rb_report *r, int panel, const char *title, double left, double width, FILE *to)
{
    int row = 0;
    double low = INFINITY, high = -INFINITY;
    for (int g = 0; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        const rb_interval one = figure(&r->groups[g], panel);
        low = fmin(low, fmin(one.low, one.value)); // fmin leaves out the NaN of an interval that is none
        high = fmax(high, fmax(one.high, one.value));
    }
    fprintf(to, "set xtics %.3g\n", rb_plot_step(fmax(high - low, 1e-9), 4));
    fprintf(to, "set title '%s'\nset lmargin at screen %.4f\nset rmargin at screen %.4f\n", title, left,
            left + width);
    fprintf(to, "plot ");
    for (int g = 0; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        const char *colour = rb_gnuplot_colour(row);
        fprintf(to,
                "%sdata index 0 every ::%d::%d using %d:1:%d:%d:($1-.3):($1+.3) with boxxyerror fs solid .35 "
                "noborder lc rgb '%s' notitle, \\\n     data index 0 every ::%d::%d using "
                "%d:($1-.3):(0):(.6) with vectors nohead lw 2.5 lc rgb '%s' notitle",
                row ? ", \\\n     " : "", row, row, 3 * panel + 2, 3 * panel + 3, 3 * panel + 4, colour, row,
                row, 3 * panel + 2, colour);
        row++;
    }
    fprintf(to, "\nunset ytics\n");
}

// ---- the groups' names beside the bars: wrapped, because they can name several settings

enum { LABEL_COLUMNS = 60, LABEL_LINES = 5 };

// One mark for each line, around the bar at `place`.
static void put_label(const char *text, int place, double row, bool last, FILE *to)
{
    int longest = 0;
    const int lines = rb_gnuplot_lines(text, LABEL_COLUMNS, &longest);
    for (int i = 0; i < lines; i++) {
        char line[4 * LABEL_COLUMNS + 1];
        const int bytes = rb_gnuplot_line(text, LABEL_COLUMNS);
        snprintf(line, sizeof line, "%.*s", bytes, text);
        rb_gnuplot_quote(to, line);
        fprintf(to, " %.4f%s", place + ((lines - 1) / 2. - i) * 16 / row, last && i + 1 == lines ? "" : ", ");
        text += bytes;
        text += strspn(text, " ");
    }
}

// The same for all groups: the length of the longest line, and the largest number of lines.
static int measure_labels(const rb_report *r, int *longest)
{
    int most = 1;
    for (int g = 0; g < r->group_count; g++) {
        const int lines =
            r->groups[g].known_games ? rb_gnuplot_lines(r->groups[g].name, LABEL_COLUMNS, longest) : 0;
        if (lines > most) most = lines;
    }
    return most < LABEL_LINES ? most : LABEL_LINES;
}

// ---- the script

static void write_script(const void *what, FILE *to)
{
    const picture *p = what;
    const rb_report *r = p->report;
    static const char *const titles[] = {"Interquartile mean", "Median", "Mean", "Optimality gap"};
    int longest = 0;
    const int groups = known_groups(r), row_points = 14 + 16 * measure_labels(r, &longest),
              above = 110 + row_points * groups, height = above + 430 + 21 * groups;
    const double left = 0.03 + 0.0074 * longest;
    const double step = (0.985 - left) / 4;
    rb_gnuplot_head(&p->plot, to, 1080, height);
    fprintf(to,
            "set multiplot\nset tics out scale .5\nunset grid\nset grid xtics\nset title offset 0,-.5\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\nset yrange [.4:%d.6]\n"
            "set xtics autofreq\nset format x '%%.4g'\nset offsets graph .08, graph .08, 0, 0\nset ytics (",
            1 - 34.0 / height, 1 - (above - 66.0) / height, groups);
    for (int g = 0, place = groups; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        put_label(r->groups[g].name, place, row_points, place == 1, to);
        place--;
    }
    fprintf(to, ") noenhanced\nset autoscale xfix\n");
    for (int i = 0; i < 4; i++) write_panel(r, i, titles[i], left + i * step, step - 0.03, to);
    fprintf(
        to,
        "set label 1 'human-normalised score (0 random, 1 human), 95 %% intervals' at screen .5, screen %.4f "
        "center\n",
        1 - (above - 16.0) / height);
    fprintf(
        to,
        "set title 'Performance profile'\nset lmargin at screen .07\nset rmargin at screen .985\n"
        "set tmargin at screen %.4f\nset bmargin at screen %.4f\nset offsets 0,0,0,0\nset xrange [0:%.10g]\n"
        "set yrange [0:1]\nset ytics autofreq nomirror\nset xtics autofreq nomirror\n"
        "set grid xtics ytics\nset xlabel 'human-normalised score'\n"
        "set ylabel 'share of runs above'\nset key below left vertical maxrows %d Left reverse "
        "noenhanced\nplot ",
        1 - (above + 44.0) / height, (70.0 + 21 * groups) / height, r->above[RB_PROFILE_POINTS - 1], groups);
    for (int g = 0, row = 0; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        const char *colour = rb_gnuplot_colour(row);
        fprintf(to,
                "%sdata index %d using 1:3:4 with filledcurves fs transparent solid .2 noborder lc rgb '%s' "
                "notitle, \\\n     data index %d using 1:2 with lines lw 2.5 dashtype %d lc rgb '%s' title ",
                row ? ", \\\n     " : "", row + 1, colour, row + 1, rb_gnuplot_dash(row), colour);
        rb_gnuplot_quote(to, r->groups[g].name);
        row++;
    }
    fprintf(to, "\nunset multiplot\n");
}

rb_status rb_report_draw(const rb_report *report, const char *file, rb_error *error)
{
    picture p = {.report = report};
    if (!known_groups(report))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "%s: none of these runs' games has published scores, so there is no common scale to draw on",
            file);
    rb_status status = rb_gnuplot_init(&p.plot, file, error);
    return status ? status : rb_gnuplot_draw(&p.plot, write_script, write_data, &p, error);
}
