// A window that shows a canvas and hears keys, by SDL2. A build without it says so when asked.
//
// The canvas is scaled to the window, as large as it fits in its own shape; what is left is black. Keys are
// what stands on them for the user's keyboard: letters in small, digits, signs and the space bar by their
// ASCII code, the others by the names below. One window at a time, used by the thread that opened it.
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
        RB_WINDOW_KEY_UP,  // also of what is held when the window loses the keyboard
        RB_WINDOW_EXPOSED, // what was shown has gone, or has another size: show it again
        RB_WINDOW_CLOSED,  // the user wants it to go; or the process was told to end (SIGINT, SIGTERM)
    } kind;
    int key;    // rb_key
    bool again; // a key that is held, repeating itself
} rb_window_event;

typedef struct rb_window rb_window;

bool rb_window_available(void); // built with SDL2
// Whether a window could be opened, as far as can be told without trying; errors as below.
rb_status rb_window_check(rb_error *error);
// RB_ERR_MISSING: built without SDL2, or it is not there, or there is no display; the sentence says what to
// do. Width and height are those of the canvas; the window begins with them where the display has the room.
rb_status rb_window_open(rb_window **out, const char *title, int width, int height, rb_error *error);
void rb_window_close(rb_window *window);                         // NULL is fine
void rb_window_show(rb_window *window, const rb_canvas *canvas); // of the size that was told
bool rb_window_poll(rb_window *window, rb_window_event *event);  // false: nothing has happened
void rb_window_wait(rb_window *window, double seconds);          // until something happens, or so long
void rb_window_full_screen(rb_window *window);                   // and back

#endif
