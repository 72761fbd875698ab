// Text on a canvas, in a custom font: letters are strokes with round ends (font.c), drawn smoothly at any
// size. ASCII only; any other character is shown as an empty box. All digits have the same width, so that
// changing numbers do not shift.
#ifndef RB_IO_FONT_H
#define RB_IO_FONT_H

#include "io/canvas.h"

typedef struct rb_font rb_font; // constant once created

// `height`: a capital letter's, in pixels, 6 .. 200; `thick`: a stroke's width, in pixels.
rb_status rb_font_create(rb_font **out, int height, double thick, rb_error *error);
void rb_font_destroy(rb_font *font); // NULL is fine
int rb_font_height(const rb_font *font);
int rb_font_width(const rb_font *font, const char *text); // pixels

typedef enum rb_align { RB_ALIGN_LEFT, RB_ALIGN_CENTRE, RB_ALIGN_RIGHT } rb_align;
// `y` is the pixel row on which the letters stand, `x` is their left end, middle or right end.
void rb_canvas_text(const rb_canvas *canvas, const rb_font *font, int x, int y, rb_align align,
                    rb_colour colour, const char *text);
// The same, left-aligned; text wider than `most` pixels is cut and ends in "..".
void rb_canvas_text_cut(const rb_canvas *canvas, const rb_font *font, int x, int y, int most,
                        rb_colour colour, const char *text);

#endif
