// What is laid over a show's picture: how fast it goes, the keys, what was just said.
#ifndef RB_VIEWER_VIEWER_OVERLAY_H
#define RB_VIEWER_VIEWER_OVERLAY_H

#include "viewer/viewer.h"

void rb_viewer_draw_status(const rb_viewer *viewer, const rb_canvas *canvas); // right above the game
void rb_viewer_draw_help(const rb_viewer *viewer, const rb_canvas *canvas);
void rb_viewer_draw_notice(const rb_viewer *viewer, const rb_canvas *canvas);
// A card in the middle of the box, with what is behind it darkened; where to write.
rb_box rb_viewer_draw_card(const rb_viewer *viewer, const rb_canvas *canvas, rb_box inside, double width,
                           double height);

#endif
