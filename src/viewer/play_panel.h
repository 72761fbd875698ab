// The right side of `rainbow play`: the score, the actions' keys, and the scores to beat.
#ifndef RB_VIEWER_PLAY_PANEL_H
#define RB_VIEWER_PLAY_PANEL_H

#include "rollout/game.h"
#include "viewer/keyboard.h"
#include "viewer/play_scores.h"
#include "viewer/view_chart.h"

typedef struct rb_play_panel {
    const rb_theme *theme;
    const rb_keyboard *keyboard;
    const rb_score_list *scores;
    int action;  // the action the keys ask for; RB_KEYBOARD_WAIT: none
    double best; // the player's best score; NaN: none yet
} rb_play_panel;

void rb_play_panel_draw(const rb_play_panel *panel, const rb_canvas *canvas, const rb_moment *moment);
void rb_play_number(char *out, size_t bytes, double value); // formats a score

#endif
