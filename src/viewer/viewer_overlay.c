#include "viewer/viewer_overlay.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "viewer/view.h"

enum { LINE = 25, PADDING = 30 };

// Shows one of the first two: while a person plays, the space bar is a key of the game.
static const rb_help_line common[] = {{"P, Space", "pause or resume"},
                                      {"P", "pause or resume"},
                                      {".", "one step"},
                                      {"+  -", "faster, slower"},
                                      {"Home", "real-time speed"},
                                      {"M", "full speed on or off"},
                                      {"S, F12", "screenshot: a PNG file in the current directory"},
                                      {"F, F11", "full screen on or off"},
                                      {"H, F1, ?", "this help"},
                                      {"Q, Esc", "quit"},
                                      {NULL, NULL}};

// Covers what a long title has put there: `width` points left of `right`, and a gap.
static void cover(const rb_viewer *s, const rb_canvas *canvas, int right, int width)
{
    rb_canvas_fill(canvas, (rb_box){right - width - 18, 24, width + 18, 32}, s->theme.ground);
}

static int draw_text(const rb_viewer *s, const rb_canvas *canvas, int right, rb_colour colour,
                     const char *text)
{
    const int width = rb_font_width(s->theme.small, text);
    cover(s, canvas, right, width);
    rb_canvas_text(canvas, s->theme.small, right, 46, RB_ALIGN_RIGHT, colour, text);
    return right - width - 18;
}

static int draw_pill(const rb_viewer *s, const rb_canvas *canvas, int right, rb_colour colour,
                     const char *text)
{
    const int width = rb_font_width(s->theme.small, text) + 20, height = 22;
    const rb_box box = {right - width, 52 - height, width, height};
    cover(s, canvas, right, width);
    rb_canvas_fill_round(canvas, box, 6, colour);
    rb_canvas_text(canvas, s->theme.small, (int)box.x + 10, 46, RB_ALIGN_LEFT, s->theme.ground, text);
    return right - width - 12;
}

void rb_viewer_draw_status(const rb_viewer *s, const rb_canvas *canvas)
{
    char text[64], many[32];
    int right = (int)(rb_view_left.x + rb_view_left.width);
    right = draw_text(s, canvas, right, s->theme.faint, "H: keys");
    if (s->fastest) {
        rb_text_thousands(many, sizeof many, (int64_t)(s->steps_per_second + 0.5));
        snprintf(text, sizeof text, "full speed, %s steps per second", many);
    } else if (s->speed < 0) {
        snprintf(text, sizeof text, "1/%d of real time", 1 << -s->speed);
    } else if (s->speed > 0) {
        snprintf(text, sizeof text, "%d times real time", 1 << s->speed);
    } else {
        snprintf(text, sizeof text, "real time");
    }
    right = draw_text(s, canvas, right, s->theme.dim, text);
    if (s->paused) right = draw_pill(s, canvas, right, s->theme.chosen, "paused");
    if (s->banner) draw_pill(s, canvas, right, s->theme.good, s->banner);
}

rb_box rb_viewer_draw_card(const rb_viewer *s, const rb_canvas *canvas, rb_box inside, double width,
                           double height)
{
    for (int y = (int)inside.y; y < (int)(inside.y + inside.height); y++)
        for (int x = (int)inside.x; x < (int)(inside.x + inside.width); x++)
            rb_canvas_blend(canvas, x, y, 150, s->theme.ground);
    const rb_box box = {floor(inside.x + (inside.width - width) / 2),
                        floor(inside.y + (inside.height - height) / 2), width, height};
    const rb_box edge = {box.x - 1, box.y - 1, box.width + 2, box.height + 2};
    rb_canvas_fill_round(canvas, edge, 13, s->theme.line);
    rb_canvas_fill_round(canvas, box, 12, s->theme.panel);
    return (rb_box){box.x + PADDING, box.y + PADDING, box.width - 2 * PADDING, box.height - 2 * PADDING};
}

static int count(const rb_help_line *lines)
{
    int n = 0;
    while (lines && lines[n].keys) n++;
    return n;
}

static int draw_lines(const rb_viewer *s, const rb_canvas *canvas, const rb_help_line *lines, int n, int x,
                      int y)
{
    for (int i = 0; i < n; i++, y += LINE) {
        rb_canvas_text(canvas, s->theme.label, x, y, RB_ALIGN_LEFT, s->theme.chosen, lines[i].keys);
        rb_canvas_text(canvas, s->theme.label, x + 150, y, RB_ALIGN_LEFT, s->theme.text, lines[i].what);
    }
    return y;
}

void rb_viewer_draw_help(const rb_viewer *s, const rb_canvas *canvas)
{
    const int lines = count(s->class->lines) + count(common) - 1;
    const double height = 2 * PADDING + 46 + lines * LINE + 12;
    const rb_box box =
        rb_viewer_draw_card(s, canvas, (rb_box){0, 0, canvas->width, canvas->height}, 640, height);
    const int x = (int)box.x;
    int y = (int)box.y + 15;
    rb_canvas_text(canvas, s->theme.title, x, y, RB_ALIGN_LEFT, s->theme.text, s->class->help);
    y = draw_lines(s, canvas, s->class->lines, count(s->class->lines), x, y + 46);
    rb_canvas_fill(canvas, (rb_box){box.x, y - 8, box.width, 1}, s->theme.line);
    y = draw_lines(s, canvas, &common[s->typing], 1, x, y + 16);
    draw_lines(s, canvas, &common[2], count(common) - 2, x, y);
}

void rb_viewer_draw_notice(const rb_viewer *s, const rb_canvas *canvas)
{
    const int most = (int)rb_view_left.width - 80, wide = rb_font_width(s->theme.label, s->notice);
    const double width = (wide < most ? wide : most) + 40, height = 38;
    const rb_box box = {floor(rb_view_left.x + (rb_view_left.width - width) / 2),
                        rb_view_left.y + rb_view_left.height - height - 16, width, height};
    rb_canvas_fill_round(canvas, (rb_box){box.x - 1, box.y - 1, box.width + 2, box.height + 2}, 11,
                         s->theme.line);
    rb_canvas_fill_round(canvas, box, 10, s->theme.ground);
    rb_canvas_text_cut(canvas, s->theme.label, (int)box.x + 20, (int)box.y + 24, most, s->theme.text,
                       s->notice);
}
