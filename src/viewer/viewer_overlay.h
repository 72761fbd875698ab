// Overlays on a show's picture: its speed, the keys, the newest notice.
#ifndef RB_VIEWER_VIEWER_OVERLAY_H
#define RB_VIEWER_VIEWER_OVERLAY_H

#include "viewer/viewer.h"

void rb_viewer_draw_status(const rb_viewer *viewer, const rb_canvas *canvas); // directly above the game
void rb_viewer_draw_help(const rb_viewer *viewer, const rb_canvas *canvas);
void rb_viewer_draw_notice(const rb_viewer *viewer, const rb_canvas *canvas);
// A card in the middle of the box, with the background darkened; returns the area for its text.
rb_box rb_viewer_draw_card(const rb_viewer *viewer, const rb_canvas *canvas, rb_box inside, double width,
                           double height);

#endif
