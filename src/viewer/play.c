// A person playing in a window. See viewer.h for time and the keys common to all shows.
//
//     ready --key--> playing --game over--> over --N, Enter--> playing ...
#include "viewer/play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "config/config.h"
#include "viewer/keyboard.h"
#include "viewer/play_panel.h"
#include "viewer/play_scores.h"
#include "viewer/viewer_overlay.h"
#include "viewer/view.h"

static const double end_settles = 0.6; // seconds in which keys still held from the last game start no new one

struct rb_play_viewer {
    rb_viewer viewer;
    rb_config *config;
    rb_pool *pool;
    rb_game *game;
    rb_view *view;
    rb_keyboard *keyboard;
    rb_score_list scores;
    bool ready;    // before the first key
    bool best_yet; // the game that ended was the best so far
    int passed;    // agents whose score it beat
    double best;   // over all games, earlier ones included; NaN: none
    double over_since;
    char caption[64];
    rb_play_result result;
    double sum;
};

static rb_status end_game(rb_play_viewer *p, const rb_moment *m, rb_error *error)
{
    rb_error kept = {0};
    char path[RB_PATH_MAX];
    p->over_since = p->viewer.now;
    p->best_yet = !(p->best >= m->game_return);
    if (p->best_yet) p->best = m->game_return;
    p->passed = 0;
    for (int i = 0; i < p->scores.count; i++)
        p->passed += p->scores.list[i].kind == RB_SCORE_AGENT && p->scores.list[i].value < m->game_return;
    p->result.games++;
    p->sum += m->game_return;
    if (!(p->result.return_best >= m->game_return)) p->result.return_best = m->game_return;
    if (rb_score_keep(p->config->params.run.root, p->config->params.run.env, m->game_return, m->step, path,
                      &kept))
        rb_viewer_say(&p->viewer, "this score could not be saved: %s", kept.message);
    else
        rb_text_copy(p->result.kept, sizeof p->result.kept, path);
    return rb_score_list_raise(&p->scores, m->game_return, error);
}

static rb_status step(void *context, rb_error *error)
{
    rb_play_viewer *p = context;
    const rb_moment *m = rb_game_look(p->game);
    const char *refused = NULL;
    const int action =
        p->ready || m->over ? RB_KEYBOARD_WAIT : rb_keyboard_allowed(p->keyboard, m->allowed, true, &refused);
    if (refused) rb_viewer_say(&p->viewer, "%s is not allowed now.", refused);
    if (action == RB_KEYBOARD_WAIT) {
        p->viewer.waits = true;
        return RB_OK;
    }
    rb_status status = rb_game_step(p->game, action, error);
    if (status) return status;
    p->result.steps++;
    m = rb_game_look(p->game);
    return m->over ? end_game(p, m, error) : RB_OK;
}

// ---------------------------------------------------------------- drawing

static void write_line(const rb_play_viewer *p, const rb_canvas *canvas, rb_box card, int line, rb_font *font,
                       rb_colour colour, const char *text)
{
    rb_canvas_text(canvas, font, (int)(card.x + card.width / 2), line, RB_ALIGN_CENTRE, colour, text);
    (void)p;
}

static void draw_ready(const rb_play_viewer *p, const rb_canvas *canvas)
{
    const rb_theme *theme = &p->viewer.theme;
    const rb_box card = rb_viewer_draw_card(&p->viewer, canvas, rb_view_left, 440, 140);
    write_line(p, canvas, card, (int)card.y + 28, theme->title, theme->chosen, "Press a key to begin");
    write_line(p, canvas, card, (int)card.y + 64, theme->label, theme->dim,
               rb_keyboard_by_turns(p->keyboard)  ? "Turn by turn: one step per key press."
               : rb_keyboard_in_turn(p->keyboard) ? "With no key down, left and right alternate."
                                                  : "The keys are listed at the right. H shows the others.");
}

static void draw_over(const rb_play_viewer *p, const rb_canvas *canvas, const rb_moment *m)
{
    const rb_theme *theme = &p->viewer.theme;
    const rb_box card = rb_viewer_draw_card(&p->viewer, canvas, rb_view_left, 440, 220);
    char number[32], text[96];
    int agents = 0;
    for (int i = 0; i < p->scores.count; i++) agents += p->scores.list[i].kind == RB_SCORE_AGENT;
    rb_play_number(number, sizeof number, m->game_return);
    snprintf(text, sizeof text, "Game over: %s", number);
    write_line(p, canvas, card, (int)card.y + 26, theme->title, theme->chosen, text);
    rb_play_number(number, sizeof number, p->best);
    snprintf(text, sizeof text, p->best_yet ? "your best so far" : "your best: %s", number);
    write_line(p, canvas, card, (int)card.y + 64, theme->label, p->best_yet ? theme->good : theme->text,
               text);
    if (agents) {
        snprintf(text, sizeof text, "better than %d of %d agent%s here", p->passed, agents,
                 agents == 1 ? "" : "s");
        write_line(p, canvas, card, (int)card.y + 92, theme->label, theme->text, text);
    }
    write_line(p, canvas, card, (int)card.y + 144, theme->label, theme->dim,
               "N or Enter: new game. Q: quit.");
}

static const rb_canvas *draw(void *context)
{
    rb_play_viewer *p = context;
    const rb_moment *m = rb_game_look(p->game);
    const rb_canvas *canvas = rb_view_canvas(p->view);
    const bool playing = !p->ready && !m->over;
    const char *refused;
    const rb_play_panel panel = {
        .theme = &p->viewer.theme,
        .keyboard = p->keyboard,
        .scores = &p->scores,
        .action = playing ? rb_keyboard_allowed(p->keyboard, m->allowed, false, &refused) : RB_KEYBOARD_WAIT,
        .best = p->best};
    rb_view_draw(p->view, m);
    rb_play_panel_draw(&panel, canvas, m);
    if (p->ready && !p->viewer.help) draw_ready(p, canvas);
    if (m->over && !p->viewer.help) draw_over(p, canvas, m);
    return canvas;
}

// ---------------------------------------------------------------- keys

static void begin_game(rb_play_viewer *p)
{
    rb_error error = {0};
    rb_keyboard_let_go(p->keyboard);
    const rb_status status =
        rb_game_now(p->game)->over ? rb_game_step(p->game, 0, &error) : rb_game_restart(p->game, &error);
    if (status) rb_viewer_say(&p->viewer, "%s", error.message);
}

static void key(void *context, int pressed, bool down, bool again)
{
    rb_play_viewer *p = context;
    const bool over = rb_game_now(p->game)->over;
    if (down && !again && p->ready) {
        p->ready = false;
    } else if (down && !again && over && pressed == RB_KEY_ENTER &&
               p->viewer.now - p->over_since > end_settles) {
        begin_game(p);
        return;
    }
    if (down && !again && pressed == 'n') begin_game(p);
    if (pressed == RB_KEY_PAGE_UP || pressed == RB_KEY_PAGE_DOWN) {
        if (down) rb_keyboard_choose(p->keyboard, pressed == RB_KEY_PAGE_UP ? -1 : 1);
        return;
    }
    rb_keyboard_key(p->keyboard, pressed, down);
}

static const rb_help_line lines[] = {{"arrows, Space", "actions made of directions and FIRE; keys combine"},
                                     {"1, 2, 3 ...", "other actions, as listed at the right"},
                                     {"Enter", "the action that Page Up and Page Down choose"},
                                     {"N", "new game"},
                                     {NULL, NULL}};
static const rb_viewer_class play_class = {
    .step = step, .draw = draw, .key = key, .help = "Playing yourself", .lines = lines};

// ---------------------------------------------------------------- opening

static rb_status open_game(rb_play_viewer *p, const rb_play_options *o, rb_error *error)
{
    const rb_params *params = &p->config->params;
    const rb_game_spec game = {.params = params, .pool = p->pool, .seed = o->seed};
    rb_status status = rb_game_create(&p->game, &game, error);
    if (status) return status;
    const rb_env_spec *env = rb_game_env(p->game);
    const double rate = rb_viewer_rate(params->run.env, env->frames_per_step);
    status = rb_keyboard_create(&p->keyboard, params->run.env, env, error);
    if (status) return status;
    if (rb_keyboard_by_turns(p->keyboard))
        rb_text_copy(p->caption, sizeof p->caption, "turn by turn");
    else
        snprintf(p->caption, sizeof p->caption, "%.3g steps per second", rate);
    rb_view_spec view = {.kind = RB_VIEW_OVERLAY,
                         .env = params->run.env,
                         .caption = p->caption,
                         .env_spec = env,
                         .stack = rb_game_stack(p->game),
                         .atoms = 1,
                         .epsilon = -1,
                         .game_alone = true};
    status = rb_view_create(&p->view, &view, error);
    if (!status) status = rb_viewer_begin(&p->viewer, &play_class, p, params->run.env, rate, error);
    p->viewer.typing = true;
    return status;
}

rb_status rb_play_open(rb_play_viewer **out, const rb_config *config, const rb_play_options *o,
                       rb_error *error)
{
    rb_play_viewer *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a window");
    p->ready = true;
    p->best = p->result.return_best = NAN;
    rb_cpu_flush_denormals();
    rb_status status = rb_config_copy(&p->config, config, error);
    if (!status && !*p->config->params.run.env)
        status = rb_error_set(error, RB_ERR_USAGE, "which environment? `rainbow envs` lists them");
    if (!status) status = rb_pool_create(&p->pool, 1, error);
    if (!status) status = open_game(p, o, error);
    if (!status)
        status = rb_score_list_read(&p->scores, p->config->params.run.root, p->config->params.run.env, error);
    for (int i = 0; i < p->scores.count; i++)
        if (p->scores.list[i].kind == RB_SCORE_YOU) p->best = p->scores.list[i].value;
    if (status)
        rb_play_close(p, NULL);
    else
        *out = p;
    return status;
}

void rb_play_close(rb_play_viewer *p, rb_play_result *out)
{
    if (!p) return;
    if (out) {
        *out = p->result;
        rb_text_copy(out->env, sizeof out->env, p->config->params.run.env);
        out->return_mean = p->result.games ? p->sum / p->result.games : NAN;
    }
    rb_viewer_end(&p->viewer);
    rb_score_list_free(&p->scores);
    rb_view_destroy(p->view);
    rb_keyboard_destroy(p->keyboard);
    rb_game_destroy(p->game);
    rb_pool_destroy(p->pool);
    rb_config_destroy(p->config);
    free(p);
}

rb_viewer *rb_play_get_viewer(rb_play_viewer *p)
{
    return &p->viewer;
}

const rb_moment *rb_play_moment(rb_play_viewer *p)
{
    return rb_game_look(p->game);
}

rb_status rb_play(const rb_config *config, const rb_play_options *options, rb_play_result *out,
                  rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
    rb_play_viewer *p;
    char title[200];
    *out = (rb_play_result){.return_mean = NAN, .return_best = NAN};
    rb_status status = rb_window_check(error); // checked first, before slower work
    if (!status) status = rb_play_open(&p, config, options, error);
    if (status) return status;
    snprintf(title, sizeof title, "%s - rainbow play", p->config->params.run.env);
    status = rb_viewer_run(&p->viewer, title, error);
    rb_play_close(p, out);
    return status;
}
