// The look that all of Rainbow's curves share: colours and dashes, axes with round marks, the lines of text
// above a picture, and the legend below it. Lengths are in points of the picture; scripts get them as shares
// of its height and width.
#ifndef RB_RESULTS_GNUPLOT_STYLE_H
#define RB_RESULTS_GNUPLOT_STYLE_H

#include "rainbow/plot.h"
#include "results/gnuplot.h"

// Writes the start of every script: the output file, its size in points, and the common style.
void rb_gnuplot_head(const rb_gnuplot *plot, FILE *script, int width, int height);

// Line i (0 ..): a colour of the palette of Okabe and Ito, which people with any colour vision can tell
// apart; from the eighth line on the colours repeat with another dash.
const char *rb_gnuplot_colour(int i);
int rb_gnuplot_dash(int i);
enum { RB_GNUPLOT_COLOURS = 7 };

// Writes the range of the axis 'x' or 'y' and its marks; returns the letters of the longest mark. `script`
// may be NULL.
int rb_gnuplot_put_axis(FILE *script, char name, rb_plot_axis axis);

// ---- text

// The bytes of the first line of `text` if lines have at most `columns` letters: it ends before a space, or
// within a word that is longer. 0: no text is left.
int rb_gnuplot_line(const char *text, int columns);
int rb_gnuplot_lines(const char *text, int columns, int *longest); // number of lines; *longest may be NULL

typedef struct rb_gnuplot_entry { // of a legend
    char text[320];
    int line; // which colour and dash
    bool dots;
} rb_gnuplot_entry;
typedef struct rb_gnuplot_legend {
    int columns, rows, width, height; // width and height in points
    int letters;                      // of a line
} rb_gnuplot_legend;
// Entries stand in the order of reading: down the first column, then the next. Long ones take several lines.
rb_gnuplot_legend rb_gnuplot_legend_place(const rb_gnuplot_entry *entries, int count, int width);
// Writes it as labels (from `first_label` on) and arrows, from x on and below `top`, in points.
void rb_gnuplot_put_legend(const rb_gnuplot *plot, FILE *script, const rb_gnuplot_entry *entries, int count,
                           rb_gnuplot_legend legend, int x, int top, int width, int height, int first_label);

#endif
