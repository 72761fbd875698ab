// Drawing: what the small tasks' pictures are made of. Few shapes, with the rules of the pictures that people
// know from Gymnasium (which draws with pygame), so that an agent from pixels sees the same.
//
//     y ^                      a world's y goes up; a picture's rows go down. The shapes below are
//       |   +--+               given with y up, in whole pixels: fractions are cut off, as there.
//       |   |  |
//       +---+--+---> x         row = height - 1 - y
//
// Edges are anti-aliased as Wu does it (1991, "An efficient antialiasing technique"): at each step along the
// longer axis the two pixels beside the exact place share the colour.
#ifndef RB_ENV_DRAWING_H
#define RB_ENV_DRAWING_H

#include <stdbool.h>
#include <stdint.h>
#include "base/colour.h"

typedef struct rb_point {
    double x, y;
} rb_point;

// A picture, or some of its rows: what falls outside is left out.
typedef struct rb_drawing {
    uint8_t *rgb; // [rows][width][3]
    int width, height;
    int first_row, rows; // of the picture's `height` rows, counted from the top
} rb_drawing;

void rb_draw_clear(const rb_drawing *drawing); // white
// The pixels from corner to corner, both included.
void rb_draw_box(const rb_drawing *drawing, int left, int low, int right, int high, rb_colour colour);
// A filled polygon of 3 to RB_CORNERS_MAX corners, with smooth edges.
enum { RB_CORNERS_MAX = 8 };
void rb_draw_polygon(const rb_drawing *drawing, const rb_point *corners, int count, rb_colour colour);
// A filled circle around a pixel's centre, with a smooth rim.
void rb_draw_disc(const rb_drawing *drawing, double x, double y, int radius, rb_colour colour);
// A smooth line, between places that are no whole pixels.
void rb_draw_line(const rb_drawing *drawing, rb_point from, rb_point to, rb_colour colour);

// A point turned about the origin, counter-clockwise in radians, and moved.
rb_point rb_rotate(rb_point point, double angle, rb_point moved);

#endif
