// What goes on in a window: time, keys, and what is laid over the picture. `rainbow watch` and `rainbow play`
// are two shows, which differ in what a step does and what is drawn.
//
//     window --keys--> rb_show_key --> the show's own keys
//     clock  --------> rb_show_turn -> step step step    as many as are due
//     window <-canvas- rb_show_draw <- draw, then status, help, notice
//
// Time is what rb_show_turn is told, so that a show can be played without a window and without waiting.
// A step takes 1 / rate seconds at speed 1. One thread owns a show.
#ifndef RB_VIEWER_SHOW_H
#define RB_VIEWER_SHOW_H

#include "io/canvas.h"
#include "io/window.h"
#include "rainbow/error.h"
#include "viewer/view_chart.h"

typedef struct rb_show rb_show;

typedef struct rb_help_line {
    const char *keys, *what;
} rb_help_line;

typedef struct rb_show_class {
    rb_status (*step)(void *context, rb_error *error); // may set show->waits: nothing was done, nor is owed
    const rb_canvas *(*draw)(void *context);           // all of it
    // A key went down (`again`: it repeats) or up; it is not called for the keys that every show has.
    void (*key)(void *context, int key, bool down, bool again);
    void (*glance)(void *context); // now and then, also while paused; NULL: nothing
    const char *help;              // its headline
    const rb_help_line *lines;     // its own keys, ended by NULL
} rb_show_class;

enum { RB_SHOW_SPEED_LEAST = -5, RB_SHOW_SPEED_MOST = 6 }; // powers of two

struct rb_show {
    const rb_show_class *class;
    void *context;
    char file[96]; // what screenshots are called, before a number: "breakout"
    rb_look look;
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
rb_status rb_show_begin(rb_show *show, const rb_show_class *class, void *context, const char *env,
                        double rate, rb_error *error);
void rb_show_end(rb_show *show);
// Steps a second that people are used to for an environment of this name.
double rb_show_rate(const char *env, int frames_per_step);

void rb_show_key(rb_show *show, int key, bool down, bool again);
rb_status rb_show_turn(rb_show *show, double now, rb_error *error); // seconds, of any clock
const rb_canvas *rb_show_draw(rb_show *show);
double rb_show_speed(const rb_show *show); // times real time; infinite: as fast as it goes
void rb_show_say(rb_show *show, const char *format, ...) __attribute__((format(printf, 2, 3))); // for a while

// Opens a window and goes on until it is closed. RB_ERR_MISSING: no window can be opened.
rb_status rb_show_run(rb_show *show, const char *title, rb_error *error);

#endif
