// A window that shows a canvas and receives keys, through SDL2. In a build without SDL2, rb_window_open fails
// with a message.
//
// The canvas is scaled to fit the window and keeps its aspect ratio; the rest is black. Keys follow the
// user's keyboard layout: lower-case letters, digits, signs and the space bar are their ASCII codes, the
// others have the names below. There is one window at a time, used only by the thread that opened it.
#ifndef RB_IO_WINDOW_H
#define RB_IO_WINDOW_H

#include <stdbool.h>
#include "io/canvas.h"
#include "rainbow/error.h"

typedef enum rb_key {
    RB_KEY_NONE = 0,
    RB_KEY_BACKSPACE = 8,
    RB_KEY_TAB = 9,
    RB_KEY_ENTER = 13,
    RB_KEY_ESCAPE = 27,
    RB_KEY_SPACE = ' ', // .. '~': themselves
    RB_KEY_LEFT = 256,
    RB_KEY_RIGHT,
    RB_KEY_UP,
    RB_KEY_DOWN,
    RB_KEY_PAGE_UP,
    RB_KEY_PAGE_DOWN,
    RB_KEY_HOME,
    RB_KEY_HELP, // F1
    RB_KEY_FULL, // F11
    RB_KEY_SHOT, // F12
    RB_KEY_END
} rb_key;

typedef struct rb_window_event {
    enum {
        RB_WINDOW_KEY_DOWN,
        RB_WINDOW_KEY_UP,  // also sent for held keys when the window loses the keyboard focus
        RB_WINDOW_EXPOSED, // the contents were lost or the size has changed: show the canvas again
        RB_WINDOW_CLOSED,  // the user closed it, or the process received SIGINT or SIGTERM
    } kind;
    int key;    // rb_key
    bool again; // automatic repeat of a held key
} rb_window_event;

typedef struct rb_window rb_window;

bool rb_window_available(void); // built with SDL2
// Whether a window could be opened, as far as can be known without trying; errors as below.
rb_status rb_window_check(rb_error *error);
// RB_ERR_MISSING: built without SDL2, or SDL2 was not found, or there is no display; the message gives the
// remedy. Width and height are the canvas's; the window starts with that size if the display has room.
rb_status rb_window_open(rb_window **out, const char *title, int width, int height, rb_error *error);
void rb_window_close(rb_window *window); // NULL is fine
void rb_window_show(rb_window *window,
                    const rb_canvas *canvas); // its size must be that given to rb_window_open
bool rb_window_poll(rb_window *window, rb_window_event *event); // false: no event
void rb_window_wait(rb_window *window, double seconds);         // until an event, at most this long
void rb_window_full_screen(rb_window *window);                  // toggles full screen

#endif
