// The parts of a view's right side (view.h): numbers, Q-values, distributions of returns, and the trace of
// the value.
#ifndef RB_VIEWER_VIEW_CHART_H
#define RB_VIEWER_VIEW_CHART_H

#include "io/canvas.h"
#include "io/font.h"
#include "viewer/view.h"

typedef struct rb_theme { // colours and fonts
    rb_colour ground, panel, line, faint, dim, text, bar, chosen, chance, good, bad;
    rb_font *title, *number, *label, *small;
} rb_theme;

extern const rb_theme rb_theme_dark;                       // without fonts (NULL)
rb_status rb_theme_create(rb_theme *out, rb_error *error); // the dark one, with fonts
void rb_theme_destroy(rb_theme *theme);                    // its fonts

typedef struct rb_range {
    double low, high;
} rb_range;
// Values that differ by less look the same: a share of a reward of 1. Scales of values begin with this range.
#define RB_VALUE_NOISE 0.5
// Extends the range to a round number (1, 2 or 5 times a power of ten) if the value lies outside.
void rb_range_grow(rb_range *range, double value);

// A line through a text whose baseline and left edge these are.
void rb_view_strike(const rb_canvas *canvas, rb_font *font, int x, int line, int most, rb_colour colour,
                    const char *text);

// Numbers as bars to both sides of a central zero; most[i] is the magnitude at which number i fills its side.
void rb_view_numbers(const rb_canvas *canvas, const rb_theme *theme, rb_box box, const float *values,
                     const float *most, const char *const *names, int count);

// Rows for the actions in one or two columns; bars[i].box is row i's scale. rb_view_actions_place returns the
// height of the rows.
typedef struct rb_view_actions {
    int count, columns;
    const char *const *names; // [count] or NULL
    rb_view_bar *bars;        // [count]
    double row_height, left;
} rb_view_actions;
double rb_view_actions_place(rb_view_actions *actions, const rb_theme *theme, rb_box box, bool tall);
void rb_view_q_values(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *actions,
                      rb_range range, const rb_moment *moment);
// first .. last: the atoms shown; top: the probability that fills a row's height.
typedef struct rb_view_atoms {
    const float *support;
    int count, first, last;
    double top;
} rb_view_atoms;
void rb_view_distributions(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *actions,
                           const rb_view_atoms *atoms, const rb_moment *moment);

// The shares of an action's quantiles in RB_VIEW_BINS equal parts of the range, as columns. `top`: the share
// that fills a row's height.
enum { RB_VIEW_BINS = 60 };
void rb_view_quantiles(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *actions,
                       rb_range range, int quantiles, double top, const rb_moment *moment);
// The largest share of a part, over all actions.
double rb_view_quantiles_top(rb_range range, const float *quantiles, int actions, int count);

enum { RB_TRACE_STEPS = 300 };
typedef struct rb_trace { // oldest first; NaN: a break between two games
    float values[RB_TRACE_STEPS], rewards[RB_TRACE_STEPS];
    int count;
} rb_trace;
void rb_trace_add(rb_trace *trace, float value);
void rb_view_trace(const rb_canvas *canvas, const rb_theme *theme, rb_box box, const rb_trace *trace);

#endif
