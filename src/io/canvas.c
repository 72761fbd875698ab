// See canvas.h. Every shape reduces to a share for each pixel, 0 .. 255, with which the colour is blended
// over it.
#include "io/canvas.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

rb_status rb_canvas_create(rb_canvas *out, int width, int height, rb_error *error)
{
    assert(width >= 1 && width <= RB_CANVAS_MOST && height >= 1 && height <= RB_CANVAS_MOST);
    *out = (rb_canvas){calloc((size_t)width * (size_t)height, 3), width, height};
    return out->rgb ? RB_OK
                    : rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture of %d x %d pixels", width,
                                   height);
}

void rb_canvas_destroy(rb_canvas *canvas)
{
    free(canvas->rgb);
    canvas->rgb = NULL;
}

static uint8_t *pixel_at(const rb_canvas *canvas, int x, int y)
{
    return canvas->rgb + 3 * ((size_t)y * (size_t)canvas->width + (size_t)x);
}

static uint8_t mix(int below, int above, int share)
{
    return (uint8_t)((below * (255 - share) + above * share + 127) / 255);
}

static int share_of(double part) // from the covered part of a pixel, 0 .. 1
{
    return part <= 0 ? 0 : part >= 1 ? 255 : (int)(part * 255 + 0.5);
}

void rb_canvas_blend(const rb_canvas *canvas, int x, int y, int share, rb_colour colour)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height || share <= 0) return;
    uint8_t *pixel = pixel_at(canvas, x, y);
    pixel[0] = mix(pixel[0], colour.red, share);
    pixel[1] = mix(pixel[1], colour.green, share);
    pixel[2] = mix(pixel[2], colour.blue, share);
}

void rb_canvas_clear(const rb_canvas *canvas, rb_colour colour)
{
    for (int x = 0; x < canvas->width; x++) {
        uint8_t *pixel = pixel_at(canvas, x, 0);
        pixel[0] = colour.red, pixel[1] = colour.green, pixel[2] = colour.blue;
    }
    for (int y = 1; y < canvas->height; y++)
        memcpy(pixel_at(canvas, 0, y), canvas->rgb, 3 * (size_t)canvas->width);
}

// The pixels that a span touches, clipped to the picture: [first, last].
static void touched(double from, double to, int size, int *first, int *last)
{
    *first = !(from > 0) ? 0 : from < size ? (int)from : size;
    *last = !(to > 0) ? -1 : to < size ? (int)ceil(to) - 1 : size - 1;
}

static double overlap(double from, double to, int pixel)
{
    const double low = from > pixel ? from : pixel, high = to < pixel + 1 ? to : pixel + 1;
    return high > low ? high - low : 0;
}

void rb_canvas_fill(const rb_canvas *canvas, rb_box box, rb_colour colour)
{
    const double right = box.x + box.width, low = box.y + box.height;
    int x0, x1, y0, y1;
    touched(box.x, right, canvas->width, &x0, &x1);
    touched(box.y, low, canvas->height, &y0, &y1);
    for (int y = y0; y <= y1; y++) {
        const double rows = overlap(box.y, low, y);
        for (int x = x0; x <= x1; x++)
            rb_canvas_blend(canvas, x, y, share_of(rows * overlap(box.x, right, x)), colour);
    }
}

void rb_canvas_fill_round(const rb_canvas *canvas, rb_box box, double radius, rb_colour colour)
{
    int x0, x1, y0, y1;
    touched(box.x - 1, box.x + box.width + 1, canvas->width, &x0, &x1);
    touched(box.y - 1, box.y + box.height + 1, canvas->height, &y0, &y1);
    const double most = (box.width < box.height ? box.width : box.height) / 2;
    if (radius > most) radius = most;
    const double half_x = box.width / 2 - radius, half_y = box.height / 2 - radius;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) { // the distance from the inner box, which has no corners to round
            const double a = fabs(x + 0.5 - box.x - box.width / 2) - half_x;
            const double b = fabs(y + 0.5 - box.y - box.height / 2) - half_y;
            const double outside = sqrt((a > 0 ? a * a : 0) + (b > 0 ? b * b : 0));
            const double inside = a > b ? a : b;
            rb_canvas_blend(canvas, x, y, share_of(0.5 + radius - (a > 0 && b > 0 ? outside : inside)),
                            colour);
        }
}

void rb_canvas_disc(const rb_canvas *canvas, double x, double y, double radius, rb_colour colour)
{
    rb_canvas_fill_round(canvas, (rb_box){x - radius, y - radius, 2 * radius, 2 * radius}, radius, colour);
}

double rb_stroke_distance(double x, double y, double x0, double y0, double x1, double y1)
{
    const double dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
    double along = length > 0 ? ((x - x0) * dx + (y - y0) * dy) / length : 0;
    along = along < 0 ? 0 : along > 1 ? 1 : along;
    const double a = x - x0 - along * dx, b = y - y0 - along * dy;
    return sqrt(a * a + b * b);
}

void rb_canvas_line(const rb_canvas *canvas, double x0, double y0, double x1, double y1, double thick,
                    rb_colour colour)
{
    const double reach = thick / 2 + 1;
    int left, right, top, low;
    touched((x0 < x1 ? x0 : x1) - reach, (x0 < x1 ? x1 : x0) + reach, canvas->width, &left, &right);
    touched((y0 < y1 ? y0 : y1) - reach, (y0 < y1 ? y1 : y0) + reach, canvas->height, &top, &low);
    for (int y = top; y <= low; y++)
        for (int x = left; x <= right; x++) {
            const double away = rb_stroke_distance(x + 0.5, y + 0.5, x0, y0, x1, y1);
            rb_canvas_blend(canvas, x, y, share_of(0.5 + thick / 2 - away), colour);
        }
}

// ---------------------------------------------------------------- pictures

static int value_at(const rb_picture *p, int x, int y, int channel)
{
    const size_t at = (size_t)y * (size_t)p->width + (size_t)x;
    if (p->channels == 1) return p->bytes[at];
    return p->planar ? p->bytes[(size_t)channel * (size_t)p->width * (size_t)p->height + at]
                     : p->bytes[3 * at + (size_t)channel];
}

// The coverage of old pixels by new pixel i of `size`, counted in whole parts: an old pixel is `size` parts
// wide, a new one `old` parts.
typedef struct cover {
    int first, last;
    int64_t first_part, last_part; // the parts it covers of these two; pixels between them are covered whole
} cover;

static cover cover_of(int i, int old, int size)
{
    const int64_t from = (int64_t)i * old, to = from + old;
    cover c = {.first = (int)(from / size), .last = (int)((to - 1) / size)};
    c.last_part = to - (int64_t)c.last * size;
    c.first_part = c.first == c.last ? old : (int64_t)(c.first + 1) * size - from;
    return c;
}

static int64_t part_of(const cover *c, int old, int size)
{
    return old == c->first ? c->first_part : old == c->last ? c->last_part : size;
}

static uint8_t mean_of(const rb_picture *p, const cover *across, const cover *down, int width, int height,
                       int channel)
{
    if (across->first == across->last && down->first == down->last)
        return (uint8_t)value_at(p, across->first, down->first, channel);
    int64_t sum = 0, whole = (int64_t)p->width * p->height;
    for (int y = down->first; y <= down->last; y++) {
        int64_t row = 0;
        for (int x = across->first; x <= across->last; x++)
            row += part_of(across, x, width) * value_at(p, x, y, channel);
        sum += row * part_of(down, y, height);
    }
    return (uint8_t)((sum + whole / 2) / whole);
}

void rb_canvas_blit(const rb_canvas *canvas, int x, int y, int width, int height, const rb_picture *picture)
{
    assert(width >= 1 && height >= 1 && width <= RB_CANVAS_MOST && height <= RB_CANVAS_MOST);
    assert(picture->channels == 1 || picture->channels == 3);
    const int left = x < 0 ? -x : 0, right = width < canvas->width - x ? width : canvas->width - x;
    const int top = y < 0 ? -y : 0, low = height < canvas->height - y ? height : canvas->height - y;
    cover above = {.first = -1};
    for (int row = top; row < low && left < right; row++) {
        const cover down = cover_of(row, picture->height, height);
        uint8_t *to = pixel_at(canvas, x + left, y + row);
        if (row > top && down.first == down.last && down.first == above.first && above.first == above.last) {
            memcpy(to, pixel_at(canvas, x + left, y + row - 1), 3 * (size_t)(right - left));
            continue;
        }
        for (int column = left; column < right; column++, to += 3) {
            const cover across = cover_of(column, picture->width, width);
            for (int c = 0; c < 3; c++)
                to[c] =
                    c && picture->channels == 1 ? to[0] : mean_of(picture, &across, &down, width, height, c);
        }
        above = down;
    }
}

// ---------------------------------------------------------------- charts

double rb_box_across(rb_box box, double low, double high, double value)
{
    const double part = high > low ? (value - low) / (high - low) : 0;
    return box.x + box.width * (part < 0 ? 0 : part > 1 ? 1 : part);
}

double rb_box_up(rb_box box, double low, double high, double value)
{
    const double part = high > low ? (value - low) / (high - low) : 0;
    return box.y + box.height * (1 - (part < 0 ? 0 : part > 1 ? 1 : part));
}

void rb_canvas_columns(const rb_canvas *canvas, rb_box box, const float *values, int count, double top,
                       rb_colour colour)
{
    const double low = box.y + box.height, wide = box.width / count;
    for (int i = 0; i < count; i++) {
        const double up = rb_box_up(box, 0, top, (double)values[i]);
        rb_canvas_fill(canvas, (rb_box){box.x + i * wide, up, wide > 4 ? wide - 1 : wide, low - up}, colour);
    }
}

// The trace is one line: each pixel uses its distance from the nearest segment, so joints are no thicker.
void rb_canvas_trace(const rb_canvas *canvas, rb_box box, const float *values, int count, int slots,
                     double low, double high, double thick, rb_colour colour)
{
    assert(slots >= 2 && count <= slots);
    const double gap = box.width / (slots - 1), begin = box.x + (slots - count) * gap, reach = thick / 2 + 1;
    int left, right;
    touched(begin - reach, box.x + box.width + reach, canvas->width, &left, &right);
    for (int x = left; x <= right; x++) {
        int first = (int)floor((x - reach - begin) / gap), last = (int)ceil((x + 1 + reach - begin) / gap);
        if (first < 0) first = 0;
        if (last > count - 1) last = count - 1;
        double top = INFINITY, bottom = -INFINITY;
        for (int i = first; i <= last; i++) {
            if (isnan(values[i])) continue;
            const double at = rb_box_up(box, low, high, (double)values[i]);
            if (at < top) top = at;
            if (at > bottom) bottom = at;
        }
        if (top > bottom) continue;
        int y0, y1;
        touched(top - reach, bottom + reach, canvas->height, &y0, &y1);
        for (int y = y0; y <= y1; y++) {
            double away = INFINITY;
            for (int i = first; i <= last; i++) { // the segment that ends in i, or the point itself
                if (isnan(values[i])) continue;
                const int from = i > first && !isnan(values[i - 1]) ? i - 1 : i;
                const double d = rb_stroke_distance(
                    x + 0.5, y + 0.5, begin + from * gap, rb_box_up(box, low, high, (double)values[from]),
                    begin + i * gap, rb_box_up(box, low, high, (double)values[i]));
                if (d < away) away = d;
            }
            rb_canvas_blend(canvas, x, y, share_of(0.5 + thick / 2 - away), colour);
        }
    }
}
