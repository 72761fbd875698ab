// A canvas: a picture of red, green and blue bytes to draw into, for code that shows agents to people
// (viewer/view.h).
//
// x goes right and y goes down, in pixels; (0, 0) is the first pixel's upper left corner, so a pixel's centre
// is at a half. Coordinates need not be whole: a shape that covers part of a pixel gets that share of it.
// Parts outside the canvas are not drawn. The arithmetic is the same on every machine, so drawings can be
// compared byte by byte.
//
// env/drawing.h is different: it draws the small tasks' screens bit-identically to Gymnasium's drawing
// library, including its rounding, because agents learn from them.
#ifndef RB_IO_CANVAS_H
#define RB_IO_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/colour.h"
#include "rainbow/error.h"

typedef struct rb_canvas {
    uint8_t *rgb; // [height][width][3]
    int width, height;
} rb_canvas;

typedef struct rb_box { // x, y: the upper left corner
    double x, y, width, height;
} rb_box;

enum { RB_CANVAS_MOST = 16384 }; // pixels per side

rb_status rb_canvas_create(rb_canvas *out, int width, int height, rb_error *error); // black
void rb_canvas_destroy(rb_canvas *canvas);                                          // frees its pixels

// Blends the colour over one pixel, with a share of 0 .. 255.
void rb_canvas_blend(const rb_canvas *canvas, int x, int y, int share, rb_colour colour);
// The distance from (x, y) to the line between the two other points.
double rb_stroke_distance(double x, double y, double x0, double y0, double x1, double y1);

void rb_canvas_clear(const rb_canvas *canvas, rb_colour colour);
void rb_canvas_fill(const rb_canvas *canvas, rb_box box, rb_colour colour);
void rb_canvas_fill_round(const rb_canvas *canvas, rb_box box, double radius, rb_colour colour);
// A line with round ends.
void rb_canvas_line(const rb_canvas *canvas, double x0, double y0, double x1, double y1, double thick,
                    rb_colour colour);
void rb_canvas_disc(const rb_canvas *canvas, double x, double y, double radius, rb_colour colour);

// A picture to copy onto a canvas.
typedef struct rb_picture {
    const uint8_t *bytes;
    int width, height;
    int channels; // 1: grey, 3: red, green and blue
    bool planar;  // [channels][height][width], otherwise [height][width][channels]
} rb_picture;
// Scales the picture to width x height: each new pixel is the rounded mean of the area it covers. So
// enlargement by a whole number shows the old pixels as squares, by other factors it leaves soft seams
// between them, and reduction skips no pixel.
void rb_canvas_blit(const rb_canvas *canvas, int x, int y, int width, int height, const rb_picture *picture);

// Columns side by side that stand on the box's lower side: a value of `top` reaches the box's full height.
void rb_canvas_columns(const rb_canvas *canvas, rb_box box, const float *values, int count, double top,
                       rb_colour colour);
// The x coordinate of `value` in a box whose left side is `low` and right side `high`; clamped.
double rb_box_across(rb_box box, double low, double high, double value);
double rb_box_up(rb_box box, double low, double high, double value); // y likewise; its lower side is `low`
// A line through the values: the box is `slots` values wide and the last value is at its right end; a NaN
// leaves a gap.
void rb_canvas_trace(const rb_canvas *canvas, rb_box box, const float *values, int count, int slots,
                     double low, double high, double thick, rb_colour colour);

#endif
