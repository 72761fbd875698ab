// The picture of an agent at play.
//
//     +----------------------------------------------------------+
//     | ALE/Breakout-v5                           step 400,000   |   RB_VIEW_OVERLAY, 1280 x 720:
//     | +------------------------------+  return step game  e    |
//     | |                              |  what the network sees  |   left: the game's screen, in true shape;
//     | |                              |  [ ] [ ] [ ] [ ]        |   right: the network's input, the value of
//     | |           the game           |  NOOP  ===        1.21  |   each action (the one taken is marked),
//     | |                              |  FIRE  ====       1.25  |   and the greedy action's value over the
//     | |                              |  value, last 300 steps  |   last steps, with the rewards received
//     | +------------------------------+  ~~~~~~~/\~~~~          |
//     +----------------------------------------------------------+
//
// An action that is not allowed (rb_moment, allowed) is struck through: its bar is left out, its distribution
// grey.
//
// RB_VIEW_PLAIN is the screen alone, enlarged; RB_VIEW_PIXELS is the screen pixel by pixel. If an environment
// has no screen, its observation is shown instead. A view draws only what the moment holds; it remembers only
// the trace and the scales, which grow and never shrink, so that lengths can be compared between pictures. It
// allocates nothing after create. One thread owns a view.
#ifndef RB_VIEWER_VIEW_H
#define RB_VIEWER_VIEW_H

#include "config/params.h"
#include "io/canvas.h"
#include "rainbow/env.h"
#include "rollout/game.h"

typedef struct rb_view_spec {
    int32_t kind;        // RB_VIEW_OVERLAY, RB_VIEW_PLAIN, RB_VIEW_PIXELS
    const char *env;     // the familiar name; kept by the caller, like
    const char *caption; // this, at the upper right: "step 400,000"; NULL: none
    const rb_env_spec *env_spec;
    int stack;
    const float *support; // [atoms]; NULL without atoms
    int atoms;            // 1 without atoms
    int quantiles;        // of each action; 0 without quantiles
    double epsilon;       // for display; negative: not shown
    bool game_alone;      // draw only an overlay's title and left side; the caller draws the right side
} rb_view_spec;

typedef struct rb_view rb_view;

rb_status rb_view_create(rb_view **out, const rb_view_spec *spec, rb_error *error);
void rb_view_destroy(rb_view *view);                  // NULL is fine
const rb_canvas *rb_view_canvas(const rb_view *view); // even width and height, as videos require
// The parts of an overlay: the area of the game's screen, and the area to its right.
extern const rb_box rb_view_left, rb_view_right;
// Draws the whole moment. Call it once per step, for the trace; drawing the same moment again changes
// nothing.
void rb_view_draw(rb_view *view, const rb_moment *moment);
// Updates only the trace, for a step that is not drawn.
void rb_view_note(rb_view *view, const rb_moment *moment);
void rb_view_set_epsilon(rb_view *view, double epsilon);
// Text shown above the actions, such as "you play"; NULL: nothing. Kept by the caller.
void rb_view_set_hand(rb_view *view, const char *who);

// The place of an action's Q-value in the last picture: a bar from 0 (or from `low`, if that is higher) to
// rb_box_across(box, low, high, q). With atoms or quantiles, a mark at that place.
typedef struct rb_view_bar {
    rb_box box;
    double low, high;
} rb_view_bar;
rb_view_bar rb_view_bar_of(const rb_view *view, int action);

#endif
