#include "viewer/view_chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mask.h"

const rb_theme rb_theme_dark = {.ground = {16, 19, 25},
                                .panel = {25, 29, 37},
                                .line = {45, 51, 62},
                                .faint = {120, 128, 144},
                                .dim = {142, 150, 165},
                                .text = {232, 235, 241},
                                .bar = {76, 124, 184},
                                .chosen = {244, 184, 74},
                                .chance = {226, 112, 128},
                                .good = {120, 200, 140},
                                .bad = {226, 112, 128}};

rb_status rb_theme_create(rb_theme *theme, rb_error *error)
{
    *theme = rb_theme_dark;
    rb_status status = rb_font_create(&theme->title, 15, 1.9, error);
    if (!status) status = rb_font_create(&theme->number, 15, 1.8, error);
    if (!status) status = rb_font_create(&theme->label, 10, 1.3, error);
    return status ? status : rb_font_create(&theme->small, 9, 1.2, error);
}

void rb_theme_destroy(rb_theme *theme)
{
    rb_font_destroy(theme->title);
    rb_font_destroy(theme->number);
    rb_font_destroy(theme->label);
    rb_font_destroy(theme->small);
}

// ---- scales ----

static double round_step(double size) // the smallest of 1, 2 or 5 times a power of ten that is not smaller
{
    double power = 1;
    while (power < size) power *= 10;
    while (power / 10 >= size) power /= 10;
    return power / 5 >= size ? power / 5 : power / 2 >= size ? power / 2 : power;
}

void rb_range_grow(rb_range *range, double value)
{
    if (!isfinite(value) || fabs(value) > 1e12) return;
    if (value > range->high) range->high = round_step(value);
    if (value < range->low) range->low = -round_step(-value);
}

static void write_number(char *out, size_t bytes, double value)
{
    const double size = fabs(value);
    snprintf(out, bytes,
             size >= 99999.5 ? "%.3g"
             : size >= 999.5 ? "%.0f"
             : size >= 99.95 ? "%.1f"
             : size >= 9.995 ? "%.2f"
                             : "%.3f",
             value);
}

// ---- an environment's numbers ----

void rb_view_numbers(const rb_canvas *canvas, const rb_theme *theme, rb_box box, const float *values,
                     const float *most, const char *const *names, int count)
{
    const int columns = count > 10 ? 2 : 1, rows = (count + columns - 1) / columns;
    const double wide = (box.width - 14 * (columns - 1)) / columns, high = box.height / rows;
    for (int i = 0; i < count; i++) {
        const double x = box.x + (i / rows) * (wide + 14), y = box.y + (i % rows) * high;
        const int line = (int)(y + high / 2 + 4);
        char text[32];
        const int name = columns == 1 ? 106 : 34, number = columns == 1 ? 58 : 50;
        if (names)
            snprintf(text, sizeof text, "%s", names[i]);
        else
            snprintf(text, sizeof text, "%d", i + 1);
        rb_canvas_text_cut(canvas, theme->small, (int)x, line, name - 8, theme->dim, text);
        const rb_box track = {x + name, floor(y + high / 2) - 4, wide - name - number, 8};
        const double middle = track.x + track.width / 2;
        double to = rb_box_across(track, -(double)most[i], (double)most[i], (double)values[i]);
        if (!(most[i] > 0)) to = middle;
        rb_canvas_fill_round(canvas, track, 2, theme->panel);
        rb_canvas_fill(canvas, (rb_box){to < middle ? to : middle, track.y, fabs(to - middle), 8},
                       theme->bar);
        rb_canvas_fill(canvas, (rb_box){middle - 0.5, track.y - 2, 1, 12}, theme->faint);
        write_number(text, sizeof text, (double)values[i]);
        rb_canvas_text(canvas, theme->small, (int)(x + wide), line, RB_ALIGN_RIGHT, theme->text, text);
    }
}

// ---- actions ----

enum {
    BETWEEN = 18,
    VALUE_WIDTH = 52,
    LINE = 13
}; // pixels: between columns; width of a value; height of a line of text

double rb_view_actions_place(rb_view_actions *a, const rb_theme *theme, rb_box box, bool tall)
{
    const int usual = tall ? 54 : 32; // a row's height in pixels
    a->columns = a->count > (tall ? 7 : 10) ? 2 : 1;
    const int rows = (a->count + a->columns - 1) / a->columns;
    a->left = box.x;
    a->row_height = floor(box.height / rows);
    if (a->row_height > usual) a->row_height = usual;
    const double wide = floor((box.width - BETWEEN * (a->columns - 1)) / a->columns);
    int name = 0;
    for (int i = 0; i < a->count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        const int width = rb_font_width(theme->small, a->names ? a->names[i] : text);
        if (width > name) name = width;
    }
    if (name > wide * 0.42) name = (int)(wide * 0.42);
    for (int i = 0; i < a->count; i++) {
        const double x = box.x + (i / rows) * (wide + BETWEEN), y = box.y + (i % rows) * a->row_height;
        const double thick = tall ? a->row_height - 8 : a->row_height < 20 ? a->row_height - 4 : 14;
        a->bars[i].box = (rb_box){x + name + 22, y + floor((a->row_height - thick) / 2),
                                  wide - name - 22 - VALUE_WIDTH, thick};
        if (a->columns ==
            2) { // below the text; with very many actions a thin line, so that names stay readable
            const double room = a->row_height - LINE - (tall ? 4 : 0), high = room < 6 ? 2 : tall ? room : 6;
            const double under = a->row_height - high < LINE ? a->row_height - high : LINE;
            a->bars[i].box = (rb_box){x, y + under, wide, high};
        }
    }
    return rows * a->row_height;
}

void rb_view_strike(const rb_canvas *canvas, rb_font *font, int x, int line, int most, rb_colour colour,
                    const char *text)
{
    const int wide = rb_font_width(font, text);
    rb_canvas_fill(canvas, (rb_box){x, line - 4, wide < most ? wide : most, 1}, colour);
}

static rb_colour colour_of(const rb_theme *theme, const rb_moment *moment, int action)
{
    if (!rb_mask_allows(moment->allowed, action)) return theme->line;
    return action != moment->action ? theme->bar : moment->random ? theme->chance : theme->chosen;
}

// Left of the bar, `up` pixels below its upper edge; with two columns, above the bar.
static void draw_name(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a, int i,
                      const rb_moment *moment, double up)
{
    const rb_box b = a->bars[i].box;
    const bool taken = i == moment->action, above = a->columns == 2,
               forbidden = !rb_mask_allows(moment->allowed, i);
    const double middle = above ? b.y - 7 : b.y + up, x = above ? b.x : a->left;
    const int line = (int)middle + 4, end = (int)(b.x + b.width) + (above ? 0 : VALUE_WIDTH);
    const int room = above ? (int)b.width - VALUE_WIDTH : (int)(b.x - x) - 8;
    const rb_colour colour = forbidden ? theme->faint : taken ? colour_of(theme, moment, i) : theme->dim;
    char text[32];
    if (taken) rb_canvas_disc(canvas, x + 3.5, middle, 3.5, colour);
    snprintf(text, sizeof text, "%d", i);
    rb_canvas_text_cut(canvas, theme->small, (int)x + 12, line, room - 12, colour,
                       a->names ? a->names[i] : text);
    if (forbidden)
        rb_view_strike(canvas, theme->small, (int)x + 12, line, room - 12, colour,
                       a->names ? a->names[i] : text);
    write_number(text, sizeof text, (double)moment->q[i]);
    rb_canvas_text(canvas, theme->small, end, line, RB_ALIGN_RIGHT, taken || forbidden ? colour : theme->text,
                   text);
}

void rb_view_q_values(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a,
                      rb_range range, const rb_moment *moment)
{
    for (int i = 0; i < a->count; i++) {
        rb_view_bar *bar = &a->bars[i];
        bar->low = range.low, bar->high = range.high;
        const rb_box b = bar->box;
        const double zero = rb_box_across(b, range.low, range.high, 0);
        const double to = rb_box_across(b, range.low, range.high, (double)moment->q[i]);
        rb_canvas_fill(canvas, b, theme->panel);
        if (rb_mask_allows(moment->allowed, i))
            rb_canvas_fill(canvas, (rb_box){to < zero ? to : zero, b.y, fabs(to - zero), b.height},
                           colour_of(theme, moment, i));
        if (range.low < 0) rb_canvas_fill(canvas, (rb_box){zero - 0.5, b.y - 3, 1, b.height + 6}, theme->dim);
        draw_name(canvas, theme, a, i, moment, b.height / 2);
    }
}

// One action's row: columns, a line below them, and a mark at the mean.
static void draw_spread(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a, int i,
                        rb_range range, const float *shares, int count, double top, const rb_moment *moment)
{
    rb_view_bar *bar = &a->bars[i];
    bar->low = range.low, bar->high = range.high;
    const rb_box b = bar->box;
    if (range.low < 0 && range.high > 0) {
        const double zero = rb_box_across(b, range.low, range.high, 0);
        rb_canvas_fill(canvas, (rb_box){floor(zero), b.y, 1, b.height}, theme->line);
    }
    rb_canvas_columns(canvas, b, shares, count, top, colour_of(theme, moment, i));
    rb_canvas_fill(canvas, (rb_box){b.x, b.y + b.height, b.width, 1}, theme->line);
    const double mean = rb_box_across(b, range.low, range.high, (double)moment->q[i]);
    rb_canvas_fill(canvas, (rb_box){mean - 1, b.y, 2, b.height + 3},
                   rb_mask_allows(moment->allowed, i) ? theme->text : theme->faint);
    draw_name(canvas, theme, a, i, moment, b.height - 8);
}

static void draw_ends(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a, double low,
                      double high)
{
    char text[32];
    const rb_view_bar *last = &a->bars[a->columns == 2 ? (a->count + 1) / 2 - 1 : a->count - 1];
    const int line = (int)(last->box.y + last->box.height) + 15, right = (int)(last->box.x + last->box.width);
    snprintf(text, sizeof text, "%.4g", low);
    rb_canvas_text(canvas, theme->small, (int)last->box.x, line, RB_ALIGN_LEFT, theme->faint, text);
    snprintf(text, sizeof text, "%.4g", high);
    rb_canvas_text(canvas, theme->small, right, line, RB_ALIGN_RIGHT, theme->faint, text);
}

static void shares_of(float shares[RB_VIEW_BINS], rb_range range, const float *quantiles, int count)
{
    memset(shares, 0, RB_VIEW_BINS * sizeof *shares);
    for (int j = 0; j < count; j++) {
        const double at = ((double)quantiles[j] - range.low) / (range.high - range.low) * RB_VIEW_BINS;
        const int bin = !(at > 0) ? 0 : at < RB_VIEW_BINS ? (int)at : RB_VIEW_BINS - 1;
        shares[bin] += 1 / (float)count;
    }
}

double rb_view_quantiles_top(rb_range range, const float *quantiles, int actions, int count)
{
    float shares[RB_VIEW_BINS], top = 0;
    for (int a = 0; a < actions; a++) {
        shares_of(shares, range, quantiles + (size_t)a * (size_t)count, count);
        for (int i = 0; i < RB_VIEW_BINS; i++) top = fmaxf(top, shares[i]);
    }
    return (double)top;
}

void rb_view_quantiles(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a,
                       rb_range range, int quantiles, double top, const rb_moment *moment)
{
    float shares[RB_VIEW_BINS];
    for (int i = 0; i < a->count; i++) {
        shares_of(shares, range, moment->quantiles + (size_t)i * (size_t)quantiles, quantiles);
        draw_spread(canvas, theme, a, i, range, shares, RB_VIEW_BINS, top, moment);
    }
    draw_ends(canvas, theme, a, range.low, range.high);
}

void rb_view_distributions(const rb_canvas *canvas, const rb_theme *theme, const rb_view_actions *a,
                           const rb_view_atoms *atoms, const rb_moment *moment)
{
    const double gap =
        (double)(atoms->support[1] - atoms->support[0]) / 2; // columns are centred on their atoms
    const rb_range range = {(double)atoms->support[atoms->first] - gap,
                            (double)atoms->support[atoms->last] + gap};
    const int shown = atoms->last - atoms->first + 1;
    for (int i = 0; i < a->count; i++)
        draw_spread(canvas, theme, a, i, range,
                    moment->probabilities + (size_t)i * (size_t)atoms->count + atoms->first, shown,
                    atoms->top, moment);
    draw_ends(canvas, theme, a, (double)atoms->support[atoms->first], (double)atoms->support[atoms->last]);
}

// ---- the trace ----

void rb_trace_add(rb_trace *t, float value)
{
    if (t->count == RB_TRACE_STEPS) {
        t->count--;
        memmove(t->values, t->values + 1, sizeof *t->values * (size_t)t->count);
        memmove(t->rewards, t->rewards + 1, sizeof *t->rewards * (size_t)t->count);
    }
    t->rewards[t->count] = 0;
    t->values[t->count++] = value;
}

// The least range of values that is shown: an agent that has learned nothing says 0.05 here and 0.12 there,
// and that must not look like a decision. It is half a reward, where learners mostly see rewards of 1
// and smaller ones only if the environment gives smaller ones, and a fiftieth of the values themselves.
static double least_range(const rb_trace *t, double largest)
{
    double reward = 0;
    for (int i = 0; i < t->count; i++) reward = fmax(reward, fabs((double)t->rewards[i]));
    if (!(reward > 0 && reward < 1)) reward = 1;
    return fmax(reward * RB_VALUE_NOISE, largest / 50);
}

// Round limits around all values shown, so that they rarely change.
static rb_range range_of(const rb_trace *t, double *step)
{
    rb_range r = {INFINITY, -INFINITY};
    for (int i = 0; i < t->count; i++) {
        if (!isfinite(t->values[i])) continue;
        if ((double)t->values[i] < r.low) r.low = (double)t->values[i];
        if ((double)t->values[i] > r.high) r.high = (double)t->values[i];
    }
    if (r.low > r.high || fabs(r.low) > 1e12 || fabs(r.high) > 1e12) r = (rb_range){0, 0};
    const double least = least_range(t, fmax(fabs(r.low), fabs(r.high)));
    if (r.high - r.low < least) {
        const double middle = (r.low + r.high) / 2;
        r = (rb_range){middle - least / 2, middle + least / 2};
    }
    *step = round_step((r.high - r.low) / 2.5);
    r.low = floor(r.low / *step) * *step;
    r.high = ceil(r.high / *step) * *step;
    return r;
}

void rb_view_trace(const rb_canvas *canvas, const rb_theme *theme, rb_box box, const rb_trace *trace)
{
    double step;
    const rb_range r = range_of(trace, &step);
    const rb_box plot = {box.x, box.y + 4, box.width - 50, box.height - 18};
    const int lines = (int)((r.high - r.low) / step + 0.5);
    for (int i = 0; i <= lines; i++) {
        const double value = r.low + i * step, y = floor(rb_box_up(plot, r.low, r.high, value));
        char text[32];
        rb_canvas_fill(canvas, (rb_box){plot.x, y, plot.width, 1}, theme->line);
        snprintf(text, sizeof text, "%.5g", fabs(value) < step / 2 ? 0 : value);
        rb_canvas_text(canvas, theme->small, (int)(box.x + box.width), (int)y + 4, RB_ALIGN_RIGHT,
                       theme->faint, text);
    }
    rb_canvas_trace(canvas, plot, trace->values, trace->count, RB_TRACE_STEPS, r.low, r.high, 2,
                    theme->chosen);
    for (int i = 0; i < trace->count; i++) {
        if (trace->rewards[i] == 0) continue;
        const double x = plot.x + plot.width * (RB_TRACE_STEPS - trace->count + i) / (RB_TRACE_STEPS - 1);
        const bool good = trace->rewards[i] > 0; // a row each, because dense rewards would cover one another
        rb_canvas_disc(canvas, x, box.y + box.height - (good ? 6 : 0), 2.5, good ? theme->good : theme->bad);
    }
}
