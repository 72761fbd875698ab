#include "rollout/frame_sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/contract.h"
#include "io/font.h"

enum { MARGIN = 8, BACKGROUND = 48, USUAL_HEIGHT = 250, MOST_WIDTH = 1600 };
enum { LETTERS = 11, TITLE_HEIGHT = 20 }; // of the titles above the frames

static const rb_colour title_colour = {224, 224, 224};

// ---- colours ----

static float clipped(float value)
{
    return value > 1 ? 1 : value > 0 ? value : 0;
}

static float value_at(const rb_env_spec *spec, const void *frame, size_t at) // 0 .. 1
{
    if (spec->kind == RB_OBS_U8) return (float)((const uint8_t *)frame)[at] / 255;
    return clipped((((const float *)frame)[at] + 1) / 2);
}

static uint8_t as_byte(float value)
{
    return (uint8_t)lrintf(255 * value);
}

// The colour with this hue, 0 .. 1.
static void colour_of_hue(float hue, float rgb[3])
{
    const float h = 6 * hue; // red at 0 and 6, green at 2, blue at 4
    rgb[0] = clipped(fabsf(h - 3) - 1);
    rgb[1] = clipped(2 - fabsf(h - 2));
    rgb[2] = clipped(2 - fabsf(h - 4));
}

// The colour of one pixel, `at` pixels into each plane.
static void colour_of_pixel(const rb_env_spec *spec, const void *frame, size_t at, uint8_t rgb[3])
{
    const size_t plane = (size_t)spec->height * (size_t)spec->width;
    if (spec->channels == 1 || spec->channels == 3) {
        for (int c = 0; c < 3; c++)
            rgb[c] = as_byte(value_at(spec, frame, (size_t)(c % spec->channels) * plane + at));
        return;
    }
    int brightest = 0;
    float most = -1, hue[3];
    for (int c = 0; c < spec->channels; c++) {
        float value = value_at(spec, frame, (size_t)c * plane + at);
        if (value > most) most = value, brightest = c;
    }
    colour_of_hue((float)brightest / (float)spec->channels, hue);
    for (int c = 0; c < 3; c++) rgb[c] = as_byte(most * hue[c]);
}

void rb_frame_paint(const rb_env_spec *spec, const void *frame, uint8_t *rgb)
{
    const size_t pixels = (size_t)spec->height * (size_t)spec->width;
    for (size_t at = 0; at < pixels; at++) colour_of_pixel(spec, frame, at, rgb + 3 * at);
}

// ---- layout ----

static void put(const rb_frame_sheet *sheet, int top, int left, int scale, const uint8_t rgb[3])
{
    for (int y = top; y < top + scale; y++)
        for (int x = left; x < left + scale; x++)
            memcpy(sheet->rgb + 3 * ((size_t)y * (size_t)sheet->width + (size_t)x), rgb, 3);
}

// Centred above a picture whose upper edge is at `top`.
static void put_title(const rb_frame_sheet *sheet, const rb_font *font, int middle, int top,
                      const char *title)
{
    const rb_canvas canvas = {sheet->rgb, sheet->width, sheet->height};
    rb_canvas_text(&canvas, font, middle, top - (TITLE_HEIGHT - LETTERS) / 2, RB_ALIGN_CENTRE, title_colour,
                   title);
}

static void put_frame_title(const rb_frame_sheet *sheet, const rb_font *font, int middle, int top, int age)
{
    char title[16] = "t";
    if (age) snprintf(title, sizeof title, "t-%d", age);
    put_title(sheet, font, middle, top, title);
}

static int nearest_multiple(int wanted, int size) // at least 1
{
    int times = (wanted + size / 2) / size;
    return times < 1 ? 1 : times;
}

static int usual_scale(const rb_env_spec *spec, int stack)
{
    int scale = nearest_multiple(USUAL_HEIGHT, spec->height), fits = MOST_WIDTH / (stack * spec->width);
    return scale <= fits ? scale : fits < 1 ? 1 : fits;
}

static void put_frame(const rb_frame_sheet *sheet, const rb_env_spec *spec, const void *frame, int top,
                      int left, int scale)
{
    for (int y = 0; y < spec->height; y++)
        for (int x = 0; x < spec->width; x++) {
            uint8_t rgb[3];
            colour_of_pixel(spec, frame, (size_t)y * (size_t)spec->width + (size_t)x, rgb);
            put(sheet, top + y * scale, left + x * scale, scale, rgb);
        }
}

static void put_screen(const rb_frame_sheet *sheet, const rb_env_spec *spec, const uint8_t *screen, int top,
                       int left, int times)
{
    for (int y = 0; y < spec->screen_height; y++)
        for (int x = 0; x < spec->screen_width; x++)
            put(sheet, top + y * times, left + x * times, times,
                screen + 3 * ((size_t)y * (size_t)spec->screen_width + (size_t)x));
}

rb_status rb_frame_sheet_make(rb_frame_sheet *out, const rb_env_spec *spec, int stack, const void *frames,
                              const uint8_t *screen, int scale, rb_error *error)
{
    if (!scale) scale = usual_scale(spec, stack);
    const int height = scale * spec->height, width = scale * spec->width;
    const int times = screen ? nearest_multiple(height, spec->screen_height) : 0;
    const int screen_height = times * spec->screen_height, screen_width = times * spec->screen_width;
    const int inner = height > screen_height ? height : screen_height;
    rb_font *font;
    *out = (rb_frame_sheet){0};
    rb_status status = rb_font_create(&font, LETTERS, 1.4, error);
    if (status) return status;
    const bool titled = rb_font_width(font, "t-10") <= width;
    const int above = titled ? TITLE_HEIGHT : 0;
    *out =
        (rb_frame_sheet){.height = above + inner + 2 * MARGIN,
                         .width = MARGIN + (screen ? screen_width + MARGIN : 0) + stack * (width + MARGIN)};
    const size_t bytes = 3 * (size_t)out->height * (size_t)out->width;
    out->rgb = malloc(bytes);
    if (!out->rgb) {
        rb_font_destroy(font);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    }
    memset(out->rgb, BACKGROUND, bytes);

    int left = MARGIN, top = MARGIN + above + (inner - screen_height) / 2;
    if (screen) {
        if (titled && rb_font_width(font, "screen") <= screen_width)
            put_title(out, font, left + screen_width / 2, top, "screen");
        put_screen(out, spec, screen, top, left, times);
        left += screen_width + MARGIN;
    }
    const size_t frame_bytes = rb_env_frame_bytes(spec);
    top = MARGIN + above + (inner - height) / 2;
    for (int k = 0; k < stack; k++, left += width + MARGIN) {
        if (titled) put_frame_title(out, font, left + width / 2, top, stack - 1 - k);
        put_frame(out, spec, (const char *)frames + (size_t)k * frame_bytes, top, left, scale);
    }
    rb_font_destroy(font);
    return RB_OK;
}
