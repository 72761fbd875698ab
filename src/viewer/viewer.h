// What happens in a window: time, keys, and overlays on the picture. `rainbow watch` and `rainbow play` are
// two shows, which differ in what a step does and what is drawn.
//
//     window --keys--> rb_viewer_key --> the show's own keys
//     clock  --------> rb_viewer_tick -> step step step    as many as are due
//     window <-canvas- rb_viewer_draw <- draw, then status, help, notice
//
// Time is passed to rb_viewer_tick, so that a show can run without a window and without waiting. A step takes
// 1 / rate seconds at speed 1. One thread owns a show.
#ifndef RB_VIEWER_VIEWER_H
#define RB_VIEWER_VIEWER_H

#include "io/canvas.h"
#include "io/window.h"
#include "rainbow/error.h"
#include "viewer/view_chart.h"

typedef struct rb_viewer rb_viewer;

typedef struct rb_help_line {
    const char *keys, *what;
} rb_help_line;

typedef struct rb_viewer_class {
    rb_status (*step)(void *context, rb_error *error); // may set show->waits: no step was taken
    const rb_canvas *(*draw)(void *context);           // draws the whole picture
    // A key was pressed (`again`: it repeats) or released. Not called for the keys common to all shows.
    void (*key)(void *context, int key, bool down, bool again);
    void (*glance)(void *context); // called regularly, also while paused; may be NULL
    const char *help;              // the help's heading
    const rb_help_line *lines;     // the show's own keys, ended by NULL
} rb_viewer_class;

enum { RB_SHOW_SPEED_LEAST = -5, RB_SHOW_SPEED_MOST = 6 }; // powers of two

struct rb_viewer {
    const rb_viewer_class *class;
    void *context;
    char file[96]; // prefix of the screenshots' names, before a number: "breakout"
    rb_theme theme;
    double rate;       // steps per second at speed 1
    int speed;         // exponent: the rate is multiplied by 2^speed
    bool fastest;      // as fast as possible, at any `speed`
    bool paused, help; // help: the help is shown
    bool typing;       // the game uses the keyboard: the space bar does not pause
    bool waits;        // the show waits for a key or a moment, even if steps are due
    bool quit;
    bool changed;       // since the last drawing
    bool toggled_full;  // the window should enter or leave full screen
    const char *banner; // "you play": shown beside the speed; NULL: nothing
    int single;         // single steps requested
    double now, owed;   // now in seconds, owed in steps
    double glanced, counted;
    int64_t steps, counted_steps;
    double steps_per_second; // measured recently
    char notice[200];
    double notice_until;
};

// Sets up the theme and the rest; `file` is derived from the environment's name.
rb_status rb_viewer_begin(rb_viewer *viewer, const rb_viewer_class *class, void *context, const char *env,
                          double rate, rb_error *error);
void rb_viewer_end(rb_viewer *viewer);
// The customary steps per second for an environment with this name.
double rb_viewer_rate(const char *env, int frames_per_step);

void rb_viewer_key(rb_viewer *viewer, int key, bool down, bool again);
rb_status rb_viewer_tick(rb_viewer *viewer, double now, rb_error *error); // `now`: seconds on any clock
const rb_canvas *rb_viewer_draw(rb_viewer *viewer);
double rb_viewer_speed(const rb_viewer *viewer); // times real time; infinite: as fast as possible
void rb_viewer_say(rb_viewer *viewer, const char *format, ...)
    __attribute__((format(printf, 2, 3))); // shows a notice for a few seconds

// Opens a window and runs until it is closed. RB_ERR_MISSING: no window can be opened.
rb_status rb_viewer_run(rb_viewer *viewer, const char *title, rb_error *error);

#endif
