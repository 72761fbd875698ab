// What goes on in a window: time, keys, and what is laid over the picture. `rainbow watch` and `rainbow play`
// are two shows, which differ in what a step does and what is drawn.
//
//     window --keys--> rb_viewer_key --> the show's own keys
//     clock  --------> rb_viewer_tick -> step step step    as many as are due
//     window <-canvas- rb_viewer_draw <- draw, then status, help, notice
//
// Time is what rb_viewer_tick is told, so that a show can be played without a window and without waiting.
// A step takes 1 / rate seconds at speed 1. One thread owns a show.
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
    rb_status (*step)(void *context, rb_error *error); // may set show->waits: nothing was done, nor is owed
    const rb_canvas *(*draw)(void *context);           // all of it
    // A key went down (`again`: it repeats) or up; it is not called for the keys that every show has.
    void (*key)(void *context, int key, bool down, bool again);
    void (*glance)(void *context); // now and then, also while paused; NULL: nothing
    const char *help;              // its headline
    const rb_help_line *lines;     // its own keys, ended by NULL
} rb_viewer_class;

enum { RB_SHOW_SPEED_LEAST = -5, RB_SHOW_SPEED_MOST = 6 }; // powers of two

struct rb_viewer {
    const rb_viewer_class *class;
    void *context;
    char file[96]; // what screenshots are called, before a number: "breakout"
    rb_theme theme;
    double rate;       // steps a second at speed 1
    int speed;         // the power of two that it is multiplied by
    bool fastest;      // as fast as it goes, whatever `speed` says
    bool paused, help; // the overlay is shown
    bool typing;       // the game has the keyboard: the space bar does not pause
    bool waits;        // for a key, or a moment, whatever is due
    bool quit;
    bool changed;       // since it was last drawn
    bool toggled_full;  // the window is to change to the full screen, or back
    const char *banner; // "you play": beside the speed; NULL: nothing
    int single;         // steps asked for one by one
    double now, owed;   // seconds; steps
    double glanced, counted;
    int64_t steps, counted_steps;
    double steps_per_second; // of late
    char notice[200];
    double notice_until;
};

// The screen's look and the rest; `file` is made of the environment's name.
rb_status rb_viewer_begin(rb_viewer *viewer, const rb_viewer_class *class, void *context, const char *env,
                          double rate, rb_error *error);
void rb_viewer_end(rb_viewer *viewer);
// Steps a second that people are used to for an environment of this name.
double rb_viewer_rate(const char *env, int frames_per_step);

void rb_viewer_key(rb_viewer *viewer, int key, bool down, bool again);
rb_status rb_viewer_tick(rb_viewer *viewer, double now, rb_error *error); // seconds, of any clock
const rb_canvas *rb_viewer_draw(rb_viewer *viewer);
double rb_viewer_speed(const rb_viewer *viewer); // times real time; infinite: as fast as it goes
void rb_viewer_say(rb_viewer *viewer, const char *format, ...)
    __attribute__((format(printf, 2, 3))); // for a while

// Opens a window and goes on until it is closed. RB_ERR_MISSING: no window can be opened.
rb_status rb_viewer_run(rb_viewer *viewer, const char *title, rb_error *error);

#endif
