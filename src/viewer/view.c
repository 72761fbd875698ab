// See view.h: layout, the game's screen, the texts, and what is remembered between pictures.
#include "viewer/view.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "env/contract.h"
#include "rollout/frame_sheet.h"
#include "viewer/view_chart.h"
#include "viewer/view_scale.h"

enum {
    WIDTH = 1280,
    HEIGHT = 720,
    MARGIN = 24,
    TOP = 66,
    SCREEN_WIDTH = 840, // 4:3 with the height that is left
    SCREEN_HEIGHT = 630,
    RIGHT = 890, // left edge of the right side
    RIGHT_WIDTH = 366,
    TRACE_HEIGHT = 104, // at least; it takes the height the actions leave
    NUMBERS_MOST = 40,  // most numbers of a vector shown one by one
    PLAIN_WIDTH = 1280,
    PLAIN_HEIGHT = 960,
};

const rb_box rb_view_left = {MARGIN, TOP, SCREEN_WIDTH, SCREEN_HEIGHT};
const rb_box rb_view_right = {RIGHT, TOP, RIGHT_WIDTH, SCREEN_HEIGHT};

struct rb_view {
    rb_view_spec spec;
    rb_env_spec env;
    rb_theme theme;
    rb_canvas canvas;
    const char *hand;
    const char *const *number_names;
    uint8_t *frame; // [height][width][3], one observed frame
    float *most;    // [numbers] largest sizes so far
    float *numbers; // [numbers]
    int numbers_count;
    rb_box game, seen, values, trace_box; // layout
    int frame_columns, frame_width, frame_height;
    rb_view_actions actions;
    rb_range range;
    double top; // the share of quantiles that fills a row
    rb_view_atoms atoms;
    rb_view_scale scale;
    rb_trace trace;
    int64_t traced_game, traced_step; // the newest in the trace
};

// ---------------------------------------------------------------- places

static bool has_screen(const rb_view *v)
{
    return v->env.screen_height > 0 && v->env.screen_width > 0;
}

static bool is_vector(const rb_view *v)
{
    return v->env.height == 1 && v->env.width == 1;
}

// The largest picture of this shape in the box: an integer scale if that loses little.
static rb_box fit(rb_box box, double width, double height)
{
    double scale = box.width / width < box.height / height ? box.width / width : box.height / height;
    if (floor(scale) >= 0.85 * scale) scale = floor(scale);
    const double w = floor(width * scale), h = floor(height * scale);
    return (rb_box){floor(box.x + (box.width - w) / 2), floor(box.y + (box.height - h) / 2), w < 1 ? 1 : w,
                    h < 1 ? 1 : h};
}

// The consoles' pixels are wider than they are high: their picture fills a 4:3 television.
static bool is_television(const rb_view *v)
{
    return v->env.screen_width == 160 && v->env.screen_height >= 200 && v->env.screen_height <= 260;
}

static rb_box place_game(const rb_view *v, rb_box box)
{
    if (!has_screen(v)) return is_vector(v) ? box : fit(box, v->env.width, v->env.height);
    if (!is_television(v)) return fit(box, v->env.screen_width, v->env.screen_height);
    const double wide = box.width < box.height * 4 / 3 ? box.width : box.height * 4 / 3;
    return (rb_box){box.x + floor((box.width - wide) / 2), box.y + floor((box.height - wide * 3 / 4) / 2),
                    wide, floor(wide * 3 / 4)};
}

static void place_seen(rb_view *v)
{
    v->seen = (rb_box){RIGHT, 146, RIGHT_WIDTH, 0};
    if (is_vector(v)) {
        const int rows = v->numbers_count > 10 ? (v->numbers_count + 1) / 2 : v->numbers_count;
        v->seen.height = rows > 8 ? rows * 14 : rows * 21;
        return;
    }
    const int stack = v->spec.stack, columns = stack > 4 ? (stack + 1) / 2 : stack, gap = 10;
    const int rows = (stack + columns - 1) / columns;
    const double most = rows > 1 ? 180 : 140, wide = (RIGHT_WIDTH - gap * (columns - 1)) / columns;
    const rb_box one =
        fit((rb_box){0, 0, wide, (most - gap * (rows - 1)) / rows}, v->env.width, v->env.height);
    v->frame_columns = columns;
    v->frame_width = (int)one.width;
    v->frame_height = (int)one.height;
    v->seen.height = rows * one.height + gap * (rows - 1);
}

static void place(rb_view *v)
{
    const bool tall = v->spec.support != NULL || v->spec.quantiles;
    v->game = place_game(v, rb_view_left);
    place_seen(v);
    const double from = v->seen.y + v->seen.height + 42, low = HEIGHT - MARGIN;
    const int below = 36 + (tall ? 20 : 0); // from the last row to the trace, including its heading
    v->values = (rb_box){RIGHT, from, RIGHT_WIDTH, low - TRACE_HEIGHT - below - from};
    const double rows = rb_view_actions_place(&v->actions, &v->theme, v->values, tall);
    v->trace_box = (rb_box){RIGHT, from + rows + below, RIGHT_WIDTH, low - from - rows - below};
}

// The canvas for the screen alone.
static void place_plain(rb_view *v, int *width, int *height)
{
    rb_box room = {0, 0, PLAIN_WIDTH, PLAIN_HEIGHT};
    if (has_screen(v) && is_television(v)) room.width = SCREEN_WIDTH, room.height = SCREEN_HEIGHT;
    if (has_screen(v) && v->env.screen_width >= 320) room.width = v->env.screen_width; // large enough already
    if (room.width > PLAIN_WIDTH) room.width = PLAIN_WIDTH;
    if (!has_screen(v)) room = (rb_box){0, 0, 640, 480};
    if (has_screen(v) && v->env.screen_width < 320 && !is_television(v)) room.width = room.height = 640;
    v->game = place_game(v, room);
    v->game.x = v->game.y = 0;
    *width = ((int)v->game.width + 1) / 2 * 2;
    *height = ((int)v->game.height + 1) / 2 * 2;
}

static void place_pixels(rb_view *v, int *width, int *height)
{
    if (!has_screen(v)) {
        place_plain(v, width, height);
        return;
    }
    v->game = (rb_box){0, 0, v->env.screen_width, v->env.screen_height};
    *width = (v->env.screen_width + 1) / 2 * 2;
    *height = (v->env.screen_height + 1) / 2 * 2;
}

// ---------------------------------------------------------------- making one

static const char *const cartpole_names[] = {"position", "velocity", "angle", "angular velocity"};
static const char *const acrobot_names[] = {"cos angle 1", "sin angle 1", "cos angle 2",
                                            "sin angle 2", "velocity 1",  "velocity 2"};
static const char *const mountaincar_names[] = {"position", "velocity"};
static const char *const lander_names[] = {"x",     "y",    "velocity x", "velocity y",
                                           "angle", "spin", "left leg",   "right leg"};
static const struct {
    const char *env;
    int count;
    const char *const *names;
} known_numbers[] = {{"cartpole", 4, cartpole_names},
                     {"acrobot", 6, acrobot_names},
                     {"mountaincar", 2, mountaincar_names},
                     {"lunarlander", 8, lander_names}};

static const char *const *names_of(const char *env, int count)
{
    char low[64] = "";
    for (size_t i = 0; env[i] && i + 1 < sizeof low; i++) low[i] = (char)tolower((unsigned char)env[i]);
    for (size_t i = 0; i < sizeof known_numbers / sizeof *known_numbers; i++)
        if (strstr(low, known_numbers[i].env) && count == known_numbers[i].count)
            return known_numbers[i].names;
    return NULL;
}

rb_status rb_view_create(rb_view **out, const rb_view_spec *spec, rb_error *error)
{
    rb_view *v = calloc(1, sizeof *v);
    *out = NULL;
    if (!v) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    v->spec = *spec;
    v->env = *spec->env_spec;
    rb_status status = rb_theme_create(&v->theme, error);
    const int numbers = spec->stack * v->env.channels;
    v->numbers_count = numbers < NUMBERS_MOST ? numbers : NUMBERS_MOST;
    v->number_names = names_of(spec->env, numbers);
    v->frame = malloc(3 * (size_t)v->env.height * (size_t)v->env.width);
    v->most = calloc((size_t)v->numbers_count, sizeof *v->most);
    v->numbers = calloc((size_t)v->numbers_count, sizeof *v->numbers);
    v->actions.count = v->env.actions;
    v->actions.names = v->env.action_names;
    v->actions.bars = calloc((size_t)v->env.actions, sizeof *v->actions.bars);
    v->atoms =
        (rb_view_atoms){.support = spec->support, .count = spec->atoms, .first = spec->atoms, .last = -1};
    v->range = (rb_range){0, RB_VALUE_NOISE};
    v->traced_step = -1;
    if (!status && (!rb_view_scale_create(&v->scale, spec->atoms) || !v->frame || !v->most || !v->numbers ||
                    !v->actions.bars))
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    int width = WIDTH, height = HEIGHT;
    if (!status && spec->kind == RB_VIEW_OVERLAY) place(v);
    if (!status && spec->kind == RB_VIEW_PLAIN) place_plain(v, &width, &height);
    if (!status && spec->kind == RB_VIEW_PIXELS) place_pixels(v, &width, &height);
    if (!status) status = rb_canvas_create(&v->canvas, width, height, error);
    if (status)
        rb_view_destroy(v);
    else
        *out = v;
    return status;
}

void rb_view_destroy(rb_view *v)
{
    if (!v) return;
    rb_theme_destroy(&v->theme);
    rb_canvas_destroy(&v->canvas);
    free(v->frame);
    free(v->most);
    free(v->numbers);
    rb_view_scale_destroy(&v->scale);
    free(v->actions.bars);
    free(v);
}

const rb_canvas *rb_view_canvas(const rb_view *v)
{
    return &v->canvas;
}

void rb_view_set_epsilon(rb_view *v, double epsilon)
{
    v->spec.epsilon = epsilon;
}

void rb_view_set_hand(rb_view *v, const char *who)
{
    v->hand = who;
}

rb_view_bar rb_view_bar_of(const rb_view *v, int action)
{
    assert(action >= 0 && action < v->actions.count);
    return v->actions.bars[action];
}

// ---------------------------------------------------------------- what is remembered

static void see_numbers(rb_view *v, const rb_moment *m)
{
    for (int i = 0; i < v->numbers_count; i++) {
        v->numbers[i] = v->env.kind == RB_OBS_U8 ? (float)((const uint8_t *)m->observation)[i] / 255
                                                 : ((const float *)m->observation)[i];
        if (fabsf(v->numbers[i]) > v->most[i]) v->most[i] = fabsf(v->numbers[i]);
    }
}

// Each moment of a game is recorded once; the end of a game repeats the last moment, with the last reward.
static void remember(rb_view *v, const rb_moment *m)
{
    if (is_vector(v)) see_numbers(v, m);
    if (m->game == v->traced_game && m->step == v->traced_step) return;
    const bool follows = m->game == v->traced_game;
    if (follows && v->trace.count) v->trace.rewards[v->trace.count - 1] = (float)m->reward;
    v->traced_game = m->game;
    v->traced_step = m->step;
    if (m->over || !m->q) return;
    if (!follows && v->trace.count) rb_trace_add(&v->trace, NAN);
    rb_trace_add(&v->trace, m->q[m->greedy]);
    if (m->quantiles) {
        const int count = v->spec.quantiles;
        rb_view_scale_follow(&v->scale, m->quantiles, NULL, v->env.actions * count, &v->range);
        const double top = rb_view_quantiles_top(v->range, m->quantiles, v->env.actions, count);
        v->top = top > v->top ? top : v->top + 0.05 * (top - v->top);
    } else {
        rb_view_scale_follow(&v->scale, m->q, m->allowed, v->env.actions, &v->range);
    }
    if (m->probabilities) rb_view_scale_follow_atoms(&v->scale, m->probabilities, v->env.actions, &v->atoms);
}

// ---------------------------------------------------------------- drawing

static const void *frame_of(const rb_view *v, const rb_moment *m, int k)
{
    return (const char *)m->observation + (size_t)k * rb_env_frame_bytes(&v->env);
}

static void draw_frame(rb_view *v, const rb_moment *m, int k, rb_box box)
{
    const rb_picture picture = {v->frame, v->env.width, v->env.height, 3, false};
    rb_frame_paint(&v->env, frame_of(v, m, k), v->frame);
    rb_canvas_blit(&v->canvas, (int)box.x, (int)box.y, (int)box.width, (int)box.height, &picture);
}

static void draw_numbers(rb_view *v, rb_box box)
{
    rb_view_numbers(&v->canvas, &v->theme, box, v->numbers, v->most, v->number_names, v->numbers_count);
}

static void draw_game(rb_view *v, const rb_moment *m)
{
    const rb_picture picture = {m->screen, v->env.screen_width, v->env.screen_height, 3, false};
    const rb_box g = v->game;
    if (m->screen)
        rb_canvas_blit(&v->canvas, (int)g.x, (int)g.y, (int)g.width, (int)g.height, &picture);
    else if (!is_vector(v))
        draw_frame(v, m, v->spec.stack - 1, g);
    else
        draw_numbers(v, (rb_box){g.x + 40, g.y + 40, g.width - 80, g.height - 80});
}

static void draw_end(rb_view *v, const rb_moment *m)
{
    char text[64];
    snprintf(text, sizeof text, "game over: %.10g", m->game_return);
    const int width = rb_font_width(v->theme.number, text) + 48, height = 44;
    const rb_box box = {floor(MARGIN + (SCREEN_WIDTH - width) / 2.0), TOP + SCREEN_HEIGHT - 96, width,
                        height};
    rb_canvas_fill_round(&v->canvas, box, 10, v->theme.ground);
    rb_canvas_text(&v->canvas, v->theme.number, (int)box.x + width / 2, (int)box.y + 29, RB_ALIGN_CENTRE,
                   v->theme.chosen, text);
}

static void draw_figure(const rb_view *v, int column, const char *label, const char *value)
{
    const int x = RIGHT + column * 96;
    rb_canvas_text(&v->canvas, v->theme.small, x, 76, RB_ALIGN_LEFT, v->theme.dim, label);
    rb_canvas_text(&v->canvas, v->theme.number, x, 101, RB_ALIGN_LEFT, v->theme.text, value);
}

static void draw_figures(const rb_view *v, const rb_moment *m)
{
    char text[32];
    snprintf(text, sizeof text, fabs(m->game_return - floor(m->game_return)) < 1e-9 ? "%.0f" : "%.1f",
             m->game_return);
    draw_figure(v, 0, "return", text);
    rb_text_thousands(text, sizeof text, m->step);
    draw_figure(v, 1, "step", text);
    rb_text_thousands(text, sizeof text, m->game);
    draw_figure(v, 2, "game", text);
    if (v->spec.epsilon < 0) return;
    snprintf(text, sizeof text, "%.3g", v->spec.epsilon);
    draw_figure(v, 3, "epsilon", text);
}

static void draw_seen(rb_view *v, const rb_moment *m)
{
    rb_canvas_text(&v->canvas, v->theme.small, RIGHT, (int)v->seen.y - 12, RB_ALIGN_LEFT, v->theme.dim,
                   "what the network sees");
    if (is_vector(v)) {
        draw_numbers(v, v->seen);
        return;
    }
    for (int k = 0; k < v->spec.stack; k++) {
        const int column = k % v->frame_columns, row = k / v->frame_columns;
        draw_frame(v, m, k,
                   (rb_box){v->seen.x + column * (v->frame_width + 10),
                            v->seen.y + row * (v->frame_height + 10), v->frame_width, v->frame_height});
    }
}

static void draw_values(rb_view *v, const rb_moment *m)
{
    const rb_theme *theme = &v->theme;
    const int line = (int)v->values.y - 12, right = RIGHT + RIGHT_WIDTH;
    rb_canvas_text(&v->canvas, theme->small, RIGHT, line, RB_ALIGN_LEFT, theme->dim,
                   m->probabilities || m->quantiles ? "distribution of the return, and its mean"
                                                    : "value of each action");
    if (v->hand || m->random)
        rb_canvas_text(&v->canvas, theme->small, right, line, RB_ALIGN_RIGHT,
                       v->hand ? theme->good : theme->chance, v->hand ? v->hand : "random action");
    if (m->probabilities)
        rb_view_distributions(&v->canvas, theme, &v->actions, &v->atoms, m);
    else if (m->quantiles)
        rb_view_quantiles(&v->canvas, theme, &v->actions, v->range, v->spec.quantiles, v->top, m);
    else
        rb_view_q_values(&v->canvas, theme, &v->actions, v->range, m);
    rb_canvas_text(&v->canvas, theme->small, RIGHT, (int)v->trace_box.y - 8, RB_ALIGN_LEFT, theme->dim,
                   "value of the best action, rewards");
    rb_view_trace(&v->canvas, theme, v->trace_box, &v->trace);
}

void rb_view_note(rb_view *v, const rb_moment *m)
{
    remember(v, m);
}

// The name of a shared object without its directories.
static const char *title(const char *env)
{
    const char *slash = strrchr(env, '/');
    return slash && rb_text_ends(env, ".so") ? slash + 1 : env;
}

void rb_view_draw(rb_view *v, const rb_moment *m)
{
    remember(v, m);
    rb_canvas_clear(&v->canvas, v->theme.ground);
    if (v->spec.kind != RB_VIEW_OVERLAY) {
        draw_game(v, m);
        return;
    }
    rb_canvas_text_cut(&v->canvas, v->theme.title, MARGIN, 46, SCREEN_WIDTH, v->theme.text,
                       title(v->spec.env));
    if (v->spec.caption)
        rb_canvas_text(&v->canvas, v->theme.label, WIDTH - MARGIN, 46, RB_ALIGN_RIGHT, v->theme.dim,
                       v->spec.caption);
    rb_canvas_fill(&v->canvas, rb_view_left, v->theme.panel);
    draw_game(v, m);
    if (v->spec.game_alone) return;
    draw_figures(v, m);
    draw_seen(v, m);
    if (m->q) draw_values(v, m);
    if (m->over) draw_end(v, m);
}
