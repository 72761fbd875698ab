// Pieces of a page that stands alone: text, numbers and curves in HTML. Whatever comes from outside (names of
// runs and files, settings, messages) passes html_text, so that nothing in it is markup.
#ifndef RB_RESULTS_HTML_H
#define RB_RESULTS_HTML_H

#include <stdint.h>
#include <stdio.h>
#include "rainbow/plot.h"
#include "rainbow/report.h"

void rb_html_text(FILE *to, const char *text);               // & < > " ' as entities; no control characters
void rb_html_heading(FILE *to, int level, const char *text); // <h2>text</h2>
void rb_html_cell(FILE *to, const char *text);               // <td>text</td>
void rb_html_number(FILE *to, double value, int decimals);   // a cell; NaN: a dash
void rb_html_interval(FILE *to, rb_interval interval, int decimals);
// The head of a table, "a|b|c", to be followed by rows and rb_html_table_end. Wide tables scroll by
// themselves.
void rb_html_table(FILE *to, const char *heads);
void rb_html_table_end(FILE *to);
void rb_html_base64(FILE *to, const void *data, size_t bytes);

// Colours of lines are classes l0 .. l6 of the page's style, so that they follow light and dark mode.
enum { RB_HTML_COLOURS = 7 };

typedef struct rb_html_curve {
    const char *label;
    int points;
    const double *x, *y, *low, *high; // [points]; low NULL or NaN: no band
} rb_html_curve;
typedef struct rb_html_chart {
    const char *caption, *x_title, *y_title;
    double x_scale;    // x is divided by it
    rb_plot_axis x, y; // x as it is written
    const rb_html_curve *curves;
    int count;
} rb_html_chart;
// A figure with an SVG, and its legend below as text, so that it covers nothing and wraps.
void rb_html_figure(FILE *to, const rb_html_chart *chart);

// The parts of the page (report_html_parts.c, report_html_videos.c).
typedef struct rb_html_page {
    const rb_report *report;
    const char *score; // what a run's score is
    uint64_t seed;     // of the bootstrap
} rb_html_page;
void rb_html_results(FILE *to, const rb_html_page *page);
void rb_html_curves(FILE *to, const rb_html_page *page);
void rb_html_videos(FILE *to, const rb_html_page *page);
void rb_html_settings(FILE *to, const rb_html_page *page);
void rb_html_runs(FILE *to, const rb_html_page *page);

#endif
