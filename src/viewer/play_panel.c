// See play_panel.h.
#include "viewer/play_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "viewer/view.h"

enum {
    ROW = 21,
    SCORES_MOST = 10,
    KEYS_MOST = 12, // rows
    HEAD = 76,      // baseline of the first headings
    KEYS = 146
};

void rb_play_number(char *out, size_t bytes, double value)
{
    if (!isfinite(value))
        rb_text_copy(out, bytes, "-");
    else if (fabs(value - floor(value)) < 1e-9 && fabs(value) < 1e15)
        rb_text_thousands(out, bytes, (int64_t)value);
    else if (fabs(value) < 1000 || fabs(value) >= 1e15)
        snprintf(out, bytes, "%.1f", value);
    else { // "6,951.6"
        const int64_t tenths = llround(value * 10);
        char whole[32];
        rb_text_thousands(whole, sizeof whole, tenths / 10);
        snprintf(out, bytes, "%s.%d", whole, (int)llabs(tenths % 10));
    }
}

static void draw_figure(const rb_play_panel *p, const rb_canvas *canvas, int column, const char *label,
                        const char *value, rb_colour colour)
{
    const int x = (int)rb_view_right.x + column * 122;
    rb_canvas_text(canvas, p->theme->small, x, HEAD, RB_ALIGN_LEFT, p->theme->dim, label);
    rb_canvas_text(canvas, p->theme->number, x, HEAD + 25, RB_ALIGN_LEFT, colour, value);
}

static void draw_figures(const rb_play_panel *p, const rb_canvas *canvas, const rb_moment *m)
{
    char text[32];
    rb_play_number(text, sizeof text, m->game_return);
    draw_figure(p, canvas, 0, "score", text, p->theme->chosen);
    rb_play_number(text, sizeof text, p->best);
    draw_figure(p, canvas, 1, "your best", text, p->theme->text);
    rb_text_thousands(text, sizeof text, m->step);
    draw_figure(p, canvas, 2, "step", text, p->theme->text);
}

// ---------------------------------------------------------------- keys

static void draw_key(const rb_play_panel *p, const rb_canvas *canvas, const rb_moment *m, int action,
                     rb_box box)
{
    const rb_theme *theme = p->theme;
    char keys[RB_KEYBOARD_KEYS_TEXT];
    const bool forbidden = !rb_mask_allows(m->allowed, action), asked = action == p->action && !forbidden;
    const int line = (int)box.y + 14, right = (int)(box.x + box.width) - 8;
    rb_keyboard_keys(p->keyboard, action, keys);
    rb_canvas_fill_round(canvas, (rb_box){box.x, box.y, box.width, box.height - 2}, 5,
                         asked ? theme->chosen : theme->panel);
    const int wide = rb_font_width(theme->small, keys);
    rb_canvas_text(canvas, theme->small, right, line, RB_ALIGN_RIGHT,
                   asked       ? theme->ground
                   : forbidden ? theme->faint
                               : theme->dim,
                   keys);
    const int left = (int)box.x + 8, room = (int)box.width - wide - 26;
    const char *name = rb_keyboard_names(p->keyboard)[action];
    rb_canvas_text_cut(canvas, theme->small, left, line, room,
                       asked       ? theme->ground
                       : forbidden ? theme->faint
                                   : theme->text,
                       name);
    if (forbidden) rb_view_strike(canvas, theme->small, left, line, room, theme->faint, name);
}

// Two columns if there are many actions. If they do not all fit, shows those around the one that Enter plays.
static double draw_keys(const rb_play_panel *p, const rb_canvas *canvas, const rb_moment *m)
{
    const int count = rb_keyboard_count(p->keyboard), columns = count > 9 ? 2 : 1;
    const int most = KEYS_MOST * columns, shown = count < most ? count : most, gap = 8;
    const int rows = (shown + columns - 1) / columns;
    const double width = (rb_view_right.width - gap * (columns - 1)) / columns;
    int first = 0;
    if (count > most && rb_keyboard_chosen(p->keyboard) >= most)
        first = rb_keyboard_chosen(p->keyboard) - most + 1;
    rb_canvas_text(canvas, p->theme->small, (int)rb_view_right.x, KEYS - 12, RB_ALIGN_LEFT, p->theme->dim,
                   rb_keyboard_chosen(p->keyboard) < 0
                       ? "actions and their keys"
                       : "actions and their keys; Page Up, Page Down: the action of Enter");
    for (int i = 0; i < shown; i++)
        draw_key(p, canvas, m, first + i,
                 (rb_box){rb_view_right.x + i / rows * (width + gap), KEYS + i % rows * ROW, width, ROW});
    return KEYS + rows * ROW;
}

// ---------------------------------------------------------------- scores

static rb_colour colour_of(const rb_theme *theme, const rb_score *s)
{
    return s->kind == RB_SCORE_YOU ? theme->chosen : s->kind == RB_SCORE_AGENT ? theme->text : theme->dim;
}

// The rows that are left for agents after the player's and the published scores, which are always shown.
static int room_for_agents(const rb_score_list *l, int most)
{
    for (int i = 0; i < l->count; i++) most -= l->list[i].kind != RB_SCORE_AGENT;
    return most > 0 ? most : 0;
}

// Shows only the name of an agent's "GROUP/NAME" if both do not fit.
static void draw_score(const rb_play_panel *p, const rb_canvas *canvas, int line, const rb_score *score,
                       rb_colour colour)
{
    const int left = (int)rb_view_right.x, right = (int)(rb_view_right.x + rb_view_right.width);
    const int most = (int)rb_view_right.width - 18 - 130;
    const char *name = score->name, *slash = strchr(name, '/');
    char text[32];
    rb_play_number(text, sizeof text, score->value);
    rb_canvas_text(canvas, p->theme->label, right, line, RB_ALIGN_RIGHT, colour, text);
    if (score->steps > 0) {
        rb_text_count(text, sizeof text, (double)score->steps);
        rb_canvas_text(canvas, p->theme->small, right - 78, line, RB_ALIGN_RIGHT, p->theme->faint, text);
    }
    if (slash && rb_font_width(p->theme->label, name) > most) name = slash + 1;
    rb_canvas_text_cut(canvas, p->theme->label, left + 18, line, most, colour, name);
}

static void draw_scores(const rb_play_panel *p, const rb_canvas *canvas, const rb_moment *m, double from)
{
    const rb_score_list *l = p->scores;
    const int low = (int)(rb_view_right.y + rb_view_right.height);
    int line = (int)from + 62, most = (low - (int)from - 62) / 24;
    if (most > SCORES_MOST) most = SCORES_MOST;
    int agents = room_for_agents(l, most);
    rb_canvas_text(
        canvas, p->theme->small, (int)rb_view_right.x, (int)from + 36, RB_ALIGN_LEFT, p->theme->dim,
        l->count ? "scores to beat; agents: steps trained, last evaluation" : "no agent has played this yet");
    for (int i = 0, drawn = 0; i < l->count && drawn < most; i++) {
        const rb_score *s = &l->list[i];
        if (s->kind == RB_SCORE_AGENT && agents-- <= 0) continue;
        const rb_colour colour = colour_of(p->theme, s);
        if (m->game_return > s->value) // passed in this game
            rb_canvas_disc(canvas, rb_view_right.x + 5, line - 5, 4, p->theme->good);
        draw_score(p, canvas, line, s, colour);
        line += 24;
        drawn++;
    }
}

void rb_play_panel_draw(const rb_play_panel *p, const rb_canvas *canvas, const rb_moment *m)
{
    draw_figures(p, canvas, m);
    draw_scores(p, canvas, m, draw_keys(p, canvas, m));
}
