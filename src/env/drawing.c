// See drawing.h.
#include "env/drawing.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FULL = 256 }; // weight of a pixel that is covered whole

// Cut to a whole pixel, and to where differences still fit into an int; a world gone wrong is drawn far away.
static int whole(double place)
{
    const double farthest = 16000;
    if (!(place > -farthest)) return -(int)farthest;
    return place < farthest ? (int)place : (int)farthest;
}

static int mix(int below, int above, int weight)
{
    return below + ((above - below) * weight >> 8); // rounded down, as pygame's
}

static void blend(const rb_drawing *drawing, int x, int y, rb_colour colour, int weight)
{
    int row = drawing->height - 1 - y - drawing->first_row;
    if (x < 0 || x >= drawing->width || row < 0 || row >= drawing->rows) return;
    uint8_t *pixel = drawing->rgb + 3 * ((size_t)row * (size_t)drawing->width + (size_t)x);
    pixel[0] = (uint8_t)mix(pixel[0], colour.red, weight);
    pixel[1] = (uint8_t)mix(pixel[1], colour.green, weight);
    pixel[2] = (uint8_t)mix(pixel[2], colour.blue, weight);
}

void rb_draw_clear(const rb_drawing *drawing)
{
    memset(drawing->rgb, 255, 3 * (size_t)drawing->rows * (size_t)drawing->width);
}

void rb_draw_box(const rb_drawing *drawing, int left, int low, int right, int high, rb_colour colour)
{
    if (left < 0) left = 0;
    if (right >= drawing->width) right = drawing->width - 1;
    for (int y = low; y <= high; y++)
        for (int x = left; x <= right; x++) blend(drawing, x, y, colour, FULL);
}

// An edge between whole pixels: along its longer axis the exact place in 65536ths of a pixel, shared by the
// pixel there and the next one. Its last pixel is the next edge's first.
static void draw_inner_edge(const rb_drawing *drawing, const int *from, const int *to, rb_colour colour)
{
    blend(drawing, from[0], from[1], colour, FULL);
    const int *low = from[1] <= to[1] ? from : to, *high = low == from ? to : from;
    int wide = abs(high[0] - low[0]), tall = high[1] - low[1], side = high[0] >= low[0] ? 1 : -1;
    if (wide == 0 || tall == 0) {
        rb_draw_box(drawing, low[0] < high[0] ? low[0] : high[0], low[1], low[0] < high[0] ? high[0] : low[0],
                    high[1], colour);
        return;
    }
    bool steep = tall > wide;
    int steps = steep ? tall : wide;
    int64_t slope = ((int64_t)(steep ? wide : tall) << 16) / steps;
    for (int i = 1; i < steps; i++) {
        int64_t place = i * slope;
        int past = (int)(place >> 16), share = (int)(place >> 8 & 255);
        for (int k = 0; k < 2; k++) {
            int x = low[0] + side * (steep ? past + k : i), y = low[1] + (steep ? i : past + k);
            blend(drawing, x, y, colour, k ? share : 255 - share);
        }
    }
}

// Moves one end of an edge to where the edge enters the picture, in whole pixels; false where it does not.
static bool cut_end(const rb_drawing *drawing, int *end, const int *other)
{
    for (int axis = 0; axis < 2; axis++) {
        const int most = axis ? drawing->height - 1 : drawing->width - 1, across = 1 - axis;
        const int bound = end[axis] < 0 ? 0 : most;
        if (end[axis] >= 0 && end[axis] <= most) continue;
        if (end[axis] < 0 ? other[axis] < 0 : other[axis] > most) return false;
        end[across] +=
            (int)((double)(bound - end[axis]) * (other[across] - end[across]) / (other[axis] - end[axis]));
        end[axis] = bound;
    }
    return end[0] >= 0 && end[0] < drawing->width;
}

// Edges are cut at the whole picture's sides before they are drawn, as pygame's, whichever rows are kept: the
// rounding there moves the shades of the rest.
static void draw_edge(const rb_drawing *drawing, const int *from, const int *to, rb_colour colour)
{
    int a[2] = {from[0], from[1]}, b[2] = {to[0], to[1]};
    if (cut_end(drawing, a, b) && cut_end(drawing, b, a)) draw_inner_edge(drawing, a, b, colour);
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// Where the edges cross a row, in order. An edge has its lower end and not its upper one, so that a corner
// counts once; only the topmost row has upper ends.
static int crossings(const int (*corners)[2], int count, int y, int top, double *out)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        const int *a = corners[i], *b = corners[(i + 1) % count];
        const int *low = a[1] < b[1] ? a : b, *high = low == a ? b : a;
        if (low[1] == high[1] || y < low[1] || y > high[1] || (y == high[1] && y != top)) continue;
        out[found++] = low[0] + (double)(y - low[1]) * (high[0] - low[0]) / (high[1] - low[1]);
    }
    qsort(out, (size_t)found, sizeof *out, ascending);
    return found;
}

void rb_draw_polygon(const rb_drawing *drawing, const rb_point *corners, int count, rb_colour colour)
{
    assert(count >= 3 && count <= RB_CORNERS_MAX);
    int at[RB_CORNERS_MAX][2] = {{0}};
    for (int i = 0; i < count; i++) {
        at[i][0] = whole(corners[i].x);
        at[i][1] = whole(corners[i].y);
    }
    int low = at[0][1], high = at[0][1];
    for (int i = 0; i < count; i++) {
        draw_edge(drawing, at[i], at[(i + 1) % count], colour);
        if (at[i][1] < low) low = at[i][1];
        if (at[i][1] > high) high = at[i][1];
    }
    for (int y = low; y <= high; y++) {
        double cross[RB_CORNERS_MAX];
        int found = crossings((const int(*)[2])at, count, y, high, cross);
        for (int i = 0; i + 1 < found; i += 2)
            rb_draw_box(drawing, (int)floor(cross[i] + 0.5), y, (int)ceil(cross[i + 1] - 0.5), y, colour);
    }
}

// How much of the pixel a columns and b rows from the centre is covered. Inside the larger of the two the
// exact rim is reckoned from the smaller; ends of rows are rounded up to whole pixels, as pygame's are.
static int disc_weight(int radius, int a, int b)
{
    int larger = a > b ? a : b, smaller = a > b ? b : a;
    if (smaller > radius) return 0;
    double rim = sqrt((double)(radius * radius - smaller * smaller)), inside = floor(rim);
    if (larger <= inside) return FULL;
    if (larger > inside + 1) return 0;
    return a > b && rim - inside >= 0.5 ? FULL : (int)(255 * (rim - inside));
}

void rb_draw_disc(const rb_drawing *drawing, double x, double y, int radius, rb_colour colour)
{
    int middle[2] = {whole(x), whole(y)};
    for (int b = -radius; b <= radius; b++)
        for (int a = -radius; a <= radius; a++)
            blend(drawing, middle[0] + a, middle[1] + b, colour, disc_weight(radius, abs(a), abs(b)));
}

void rb_draw_line(const rb_drawing *drawing, rb_point from, rb_point to, rb_colour colour)
{
    bool steep = fabs(to.y - from.y) > fabs(to.x - from.x);
    // Along `u`, the longer axis.
    double u = steep ? from.y : from.x, v = steep ? from.x : from.y;
    double end = steep ? to.y : to.x, slope = end == u ? 0 : ((steep ? to.x : to.y) - v) / (end - u);
    if (end < u) {
        v += slope * (end - u);
        double swap = u;
        u = end, end = swap;
    }
    for (int at = whole(floor(u + 0.5)), last = whole(floor(end + 0.5)); at <= last; at++) {
        double place = v + slope * (at - u);
        int below = whole(floor(place)), share = (int)(255 * (place - floor(place)));
        blend(drawing, steep ? below : at, steep ? at : below, colour, 255 - share);
        blend(drawing, steep ? below + 1 : at, steep ? at : below + 1, colour, share);
    }
}

rb_point rb_rotate(rb_point point, double angle, rb_point moved)
{
    double cosine = cos(angle), sine = sin(angle);
    return (rb_point){cosine * point.x - sine * point.y + moved.x,
                      sine * point.x + cosine * point.y + moved.y};
}
