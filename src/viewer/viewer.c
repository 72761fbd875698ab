// See viewer.h: time, keys and the window.
#include "viewer/viewer.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "env/atari.h"
#include "io/picture.h"
#include "viewer/viewer_overlay.h"

static const double most_gap = 0.1;      // the most seconds of delay that are made up for
static const double budget = 1.0 / 60;   // seconds of stepping before the picture is shown again
static const double glance_every = 2;    // seconds
static const double notice_stands = 3.5; // seconds

double rb_viewer_rate(const char *env, int frames_per_step)
{
    static const struct {
        const char *name;
        double rate;
    } known[] = {{"cartpole", 50}, {"lunarlander", 50}, {"acrobot", 15},
                 {"minatar", 10},  {"frozenlake", 4},   {"cliffwalking", 4},
                 {"taxi", 4},      {"blackjack", 4},    {"gridworld", 4}};
    const int frames = frames_per_step > 1 ? frames_per_step : 1;
    char low[96] = "";
    for (size_t i = 0; env[i] && i + 1 < sizeof low; i++) low[i] = (char)tolower((unsigned char)env[i]);
    if (rb_atari_match(env) || strstr(low, "gym/ale/")) return 60.0 / frames;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(low, known[i].name)) return known[i].rate / frames;
    return 30.0 / frames;
}

rb_status rb_viewer_begin(rb_viewer *s, const rb_viewer_class *class, void *context, const char *env,
                          double rate, rb_error *error)
{
    *s = (rb_viewer){.class = class, .context = context, .rate = rate, .changed = true, .now = -1};
    const char *name = strrchr(env, '/') ? strrchr(env, '/') + 1 : env;
    size_t used = 0;
    for (; *name && used + 1 < sizeof s->file; name++)
        s->file[used++] = isalnum((unsigned char)*name) ? (char)tolower((unsigned char)*name) : '-';
    return rb_theme_create(&s->theme, error);
}

void rb_viewer_end(rb_viewer *s)
{
    rb_theme_destroy(&s->theme);
}

void rb_viewer_say(rb_viewer *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(s->notice, sizeof s->notice, format, list);
    va_end(list);
    s->notice_until = s->now + notice_stands;
    s->changed = true;
}

double rb_viewer_speed(const rb_viewer *s)
{
    return s->fastest ? INFINITY : ldexp(1, s->speed);
}

// ---------------------------------------------------------------- keys

// The first free name in the current directory: breakout-1.png, breakout-2.png ...
static void take_screenshot(rb_viewer *s)
{
    char name[128];
    rb_error error = {0};
    int number = 1;
    do snprintf(name, sizeof name, "%s-%d.png", s->file, number++);
    while (rb_file_exists(name));
    s->notice_until = -1; // so that the previous notice is not in the picture
    const rb_canvas *canvas = rb_viewer_draw(s);
    if (rb_picture_write_png(name, canvas->rgb, canvas->height, canvas->width, &error))
        rb_viewer_say(s, "%s", error.message);
    else
        rb_viewer_say(s, "screenshot: %s", name);
}

static void change_speed(rb_viewer *s, int by)
{
    if (s->fastest)
        s->fastest = by > 0;
    else
        s->speed += by;
    if (s->speed < RB_VIEWER_SPEED_LEAST) s->speed = RB_VIEWER_SPEED_LEAST;
    if (s->speed > RB_VIEWER_SPEED_MOST) s->speed = RB_VIEWER_SPEED_MOST;
}

static void pause_or_go_on(rb_viewer *s)
{
    s->paused = !s->paused;
    s->single = 0;
    s->owed = 0;
}

static bool common_key(rb_viewer *s, int key, bool again)
{
    switch (key) {
    case RB_KEY_ESCAPE:
        if (s->help)
            s->help = false;
        else if (!again)
            s->quit = true;
        return true;
    case 'q':
        s->quit = !again;
        return true;
    case 'h':
    case '?':
    case RB_KEY_HELP:
        s->help ^= !again;
        return true;
    case RB_KEY_SPACE:
        if (s->typing) return false;
        if (!again) pause_or_go_on(s);
        return true;
    case 'p':
        if (!again) pause_or_go_on(s);
        return true;
    case '.':
        if (!s->paused) pause_or_go_on(s);
        s->single++;
        return true;
    case '+':
    case '=':
        change_speed(s, 1);
        return true;
    case '-':
        change_speed(s, -1);
        return true;
    case RB_KEY_HOME:
        s->speed = 0, s->fastest = false;
        return true;
    case 'm':
        s->fastest ^= !again;
        return true;
    case 's':
    case RB_KEY_SHOT:
        if (!again) take_screenshot(s);
        return true;
    case 'f':
    case RB_KEY_FULL:
        s->toggled_full ^= !again;
        return true;
    default:
        return false;
    }
}

void rb_viewer_key(rb_viewer *s, int key, bool down, bool again)
{
    s->changed = true;
    if (down && common_key(s, key, again)) return;
    s->class->key(s->context, key, down, again);
}

// ---------------------------------------------------------------- time

static rb_status one_step(rb_viewer *s, rb_error *error)
{
    const rb_status status = s->class->step(s->context, error);
    if (status || s->waits) return status;
    s->steps++;
    s->changed = true;
    return status;
}

static void count_steps(rb_viewer *s)
{
    const double seconds = s->now - s->counted;
    if (seconds < 0.5) return;
    s->steps_per_second = (double)(s->steps - s->counted_steps) / seconds;
    s->counted = s->now;
    s->counted_steps = s->steps;
    if (s->fastest) s->changed = true;
}

rb_status rb_viewer_tick(rb_viewer *s, double now, rb_error *error)
{
    rb_status status = RB_OK;
    if (s->now < 0) s->counted = s->now = now;
    const double gap = now - s->now < most_gap ? now - s->now : most_gap, began = rb_clock_seconds();
    s->now = now;
    s->waits = false;
    count_steps(s);
    if (s->notice_until > 0 && now >= s->notice_until) s->notice_until = -1, s->changed = true;
    if (s->class->glance && now - s->glanced >= glance_every) {
        s->glanced = now;
        s->class->glance(s->context);
    }
    if (s->help) return status; // so that no life is lost while reading
    if (s->paused) {
        for (; s->single && !s->waits && !status; s->single--) status = one_step(s, error);
        s->single = 0;
        return status;
    }
    s->owed = s->fastest ? 1e9 : s->owed + gap * s->rate * ldexp(1, s->speed);
    while (s->owed >= 1 && !status && !s->waits && !s->quit) {
        status = one_step(s, error);
        s->owed--;
        if (rb_clock_seconds() - began > budget && s->owed > 1) s->owed = 1; // can't keep that speed
        if (rb_clock_seconds() - began > budget) break;
    }
    if (s->waits || s->fastest) s->owed = s->waits ? 1 : 0; // after waiting, the next step comes at once
    return status;
}

const rb_canvas *rb_viewer_draw(rb_viewer *s)
{
    const rb_canvas *canvas = s->class->draw(s->context);
    s->changed = false;
    rb_viewer_draw_status(s, canvas);
    if (s->help) rb_viewer_draw_help(s, canvas);
    if (s->notice_until > 0 && s->notice_until > s->now) rb_viewer_draw_notice(s, canvas);
    return canvas;
}

// Seconds until the next step is due, but never so long that a key press feels slow.
static double seconds_to_wait(const rb_viewer *s)
{
    if (s->fastest && !s->paused && !s->waits && !s->help) return 0;
    if (s->paused || s->waits || s->help) return 0.05;
    const double due = (1 - s->owed) / (s->rate * ldexp(1, s->speed)) - (rb_clock_seconds() - s->now);
    return due < 0.05 ? due : 0.05;
}

static void hear(rb_viewer *s, rb_window *window)
{
    rb_window_event event;
    while (rb_window_poll(window, &event)) {
        if (event.kind == RB_WINDOW_CLOSED) s->quit = true;
        if (event.kind == RB_WINDOW_EXPOSED) s->changed = true;
        if (event.kind == RB_WINDOW_KEY_DOWN) rb_viewer_key(s, event.key, true, event.again);
        if (event.kind == RB_WINDOW_KEY_UP) rb_viewer_key(s, event.key, false, false);
    }
    if (s->toggled_full) rb_window_full_screen(window);
    s->toggled_full = false;
}

rb_status rb_viewer_run(rb_viewer *s, const char *title, rb_error *error)
{
    rb_window *window;
    const rb_canvas *canvas = rb_viewer_draw(s);
    rb_status status = rb_window_open(&window, title, canvas->width, canvas->height, error);
    if (status) return status;
    rb_window_show(window, canvas);
    double shown = 0;
    while (!s->quit && !status) {
        hear(s, window);
        status = rb_viewer_tick(s, rb_clock_seconds(), error);
        // Sixty pictures per second are enough, at any number of steps.
        if (s->changed && (s->paused || rb_clock_seconds() - shown > 1.0 / 62)) {
            rb_window_show(window, rb_viewer_draw(s));
            shown = rb_clock_seconds();
        }
        if (!s->quit) rb_window_wait(window, seconds_to_wait(s));
    }
    rb_window_close(window);
    return status;
}
