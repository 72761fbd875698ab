// The picture of an agent at play.
//
//     +----------------------------------------------------------+
//     | ALE/Breakout-v5                           step 400,000   |   RB_VIEW_OVERLAY, 1280 x 720:
//     | +------------------------------+  return step game  e    |
//     | |                              |  what the network sees  |   left the game's own screen in its right shape,
//     | |                              |  [ ] [ ] [ ] [ ]        |   right what the network is given, what it expects
//     | |           the game           |  NOOP  ===        1.21  |   of each action (the one it takes is marked), and
//     | |                              |  FIRE  ====       1.25  |   the greedy action's value over the last steps,
//     | |                              |  value, last 300 steps  |   with the rewards that came
//     | +------------------------------+  ~~~~~~~/\~~~~          |
//     +----------------------------------------------------------+
//
// RB_VIEW_PLAIN is the screen alone, enlarged. Where an environment has no screen, what it shows the network
// takes its place. A view draws what a moment says and nothing else; it remembers only the trace and the
// scales, which grow and never shrink, so that lengths can be compared from one picture to the next. Nothing
// is allocated after create. One thread owns a view.
#ifndef RB_VIEWER_VIEW_H
#define RB_VIEWER_VIEW_H

#include "config/params.h"
#include "io/canvas.h"
#include "rainbow/env.h"
#include "rollout/game.h"

typedef struct rb_view_spec {
    int32_t kind;        // RB_VIEW_OVERLAY, RB_VIEW_PLAIN
    const char *env;     // the name people know, kept by the caller, as are
    const char *caption; // at the upper right: "step 400,000"; NULL: none
    const rb_env_spec *env_spec;
    int stack;
    const float *support; // [atoms]; NULL without
    int atoms;            // 1 without
    double epsilon;       // shown; negative: not
    bool game_alone;      // of an overlay only the left side and the title: the right side is somebody else's
} rb_view_spec;

typedef struct rb_view rb_view;

rb_status rb_view_create(rb_view **out, const rb_view_spec *spec, rb_error *error);
void rb_view_destroy(rb_view *view);                  // NULL is fine
const rb_canvas *rb_view_canvas(const rb_view *view); // even width and height, as videos need
// Where things stand in an overlay: the room of the game's screen, and what is right of it.
extern const rb_box rb_view_left, rb_view_right;
// Draws the moment, all of it. Once a step, for the trace; the same moment again draws the same.
void rb_view_draw(rb_view *view, const rb_moment *moment);
// For the trace alone, of a step that is not drawn.
void rb_view_note(rb_view *view, const rb_moment *moment);
void rb_view_set_epsilon(rb_view *view, double epsilon);
// Said above the actions, such as "you play"; NULL: nothing. Kept by the caller.
void rb_view_set_hand(rb_view *view, const char *who);

// Where the last picture shows an action's Q-value: from the place of 0, or of `low` where that is higher, to
// the place of the value, rb_box_across(box, low, high, q). With atoms, where a mark stands for it.
typedef struct rb_view_bar {
    rb_box box;
    double low, high;
} rb_view_bar;
rb_view_bar rb_view_bar_of(const rb_view *view, int action);

#endif
