// What is laid over a show's picture: how fast it goes, the keys, what was just said.
#ifndef RB_VIEWER_SHOW_OVERLAY_H
#define RB_VIEWER_SHOW_OVERLAY_H

#include "viewer/show.h"

void rb_show_draw_status(const rb_show *show, const rb_canvas *canvas); // right above the game
void rb_show_draw_help(const rb_show *show, const rb_canvas *canvas);
void rb_show_draw_notice(const rb_show *show, const rb_canvas *canvas);
// A card in the middle of the box, with what is behind it darkened; where to write.
rb_box rb_show_draw_card(const rb_show *show, const rb_canvas *canvas, rb_box inside, double width,
                         double height);

#endif
