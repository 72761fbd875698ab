// The letters. Each is a few strokes on a grid with the baseline at 0, capitals 14 high, small letters 10
// high and descenders to -4, written as
//
//     M x y       begin a stroke          L x y          go straight
//     H x y       a quarter of an ellipse that starts horizontally and ends vertically
//     V x y       one that starts vertically and ends horizontally
//     Q a b x y   a bow towards (a, b)
//
// so an o is "M3.8 10H0 5V3.8 0H7.6 5V3.8 10". A pixel's share follows from its distance to the nearest
// stroke. At small sizes strokes would fall between pixels and look grey, so heights, both sides of a letter
// and its upright strokes are moved to whole pixels.
#include "io/font.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct letter {
    double width;
    const char *strokes;
} letter;

static const letter letters[] = {
    {1.5, ""},                                                                    // space
    {0, "M0 14L0 4.6M0 0L0 0"},                                                   // !
    {3, "M0 14L0 10.4M3 14L3 10.4"},                                              // "
    {9.6, "M2.5 0L4 14M6 0L7.5 14M0.4 4.4L9 4.4M1 9.6L9.6 9.6"},                  // #
    {8.6, "M8.3 10.6V4.4 14H0.2 10.6V4.3 7H8.6 3.6V4.3 0H0 3.6M4.3 16L4.3 -2"},   // $
    {11, "M1.6 0L9.4 14M2.4 14H0 11.2V2.4 8.4H4.8 11.2V2.4 14"                    // %
         "M8.6 5.6H6.2 2.8V8.6 0H11 2.8V8.6 5.6"},                                //
    {9.6, "M9.6 0L1.8 9.4Q1.2 10.3 1.2 11.4V3.9 14H6.6 11.4Q6.6 9.5 3.9 7.9"      // &
          "Q0 5.7 0 3.4V3.9 0Q8 0 9.2 6.6"},                                      //
    {0, "M0 14L0 10.4"},                                                          // '
    {2.8, "M2.8 16Q0 12 0 6.5Q0 1 2.8 -3"},                                       // (
    {2.8, "M0 16Q2.8 12 2.8 6.5Q2.8 1 0 -3"},                                     // )
    {6, "M3 14L3 7M0 12.2L6 8.8M6 12.2L0 8.8"},                                   // *
    {8, "M0 6L8 6M4 2L4 10"},                                                     // +
    {1, "M0.9 0.2L0 -2.6"},                                                       // ,
    {5, "M0 5.6L5 5.6"},                                                          // -
    {0, "M0 0L0 0"},                                                              // .
    {6, "M0 -1.5L6 15"},                                                          // /
    {8, "M4 14H0 7V4 0H8 7V4 14"},                                                // 0
    {8, "M1.2 11.2L4.6 14L4.6 0"},                                                // 1
    {8, "M0.3 10.4V4 14H7.7 10.4Q7.7 7.8 4.9 5L0 0L8 0"},                         // 2
    {8, "M0.4 11V3.9 14H7.6 10.7V4 7.4L2.8 7.4M4 7.4H8 3.7V4 0H0 3.2"},           // 3
    {8, "M6 0L6 14L0 4L8 4"},                                                     // 4
    {8, "M7.4 14L1.2 14L0.6 7.4Q2 9 4.1 9H8 4.5V4 0H0 2.9"},                      // 5
    {8, "M7.3 12.4Q6.2 14 4.4 14H0 6.6L0 4.5V4 0H8 4.5V4 9H0 4.5"},               // 6
    {8, "M0 14L8 14L3 0"},                                                        // 7
    {8, "M4 14H0.5 10.8V4 7.5H7.5 10.8V4 14M4 7.5H0 3.8V4 0H8 3.8V4 7.5"},        // 8
    {8, "M0.7 1.6Q1.8 0 3.6 0H8 7.4L8 9.5V4 14H0 9.5V4 5H8 9.5"},                 // 9
    {0, "M0 0L0 0M0 8L0 8"},                                                      // :
    {1, "M0.9 0.2L0 -2.6M0.9 8L0.9 8"},                                           // ;
    {7, "M7 10.5L0 6L7 1.5"},                                                     // <
    {8, "M0 4L8 4M0 8L8 8"},                                                      // =
    {7, "M0 10.5L7 6L0 1.5"},                                                     // >
    {7, "M0 10.8V3.5 14H7 10.7Q7 8.6 5 7.2Q3.5 6.2 3.5 4.6L3.5 4.2M3.5 0L3.5 0"}, // ?
    {13, "M6.6 9.8H3.8 6.5V6.6 3.2H9.4 6.5V6.6 9.8"                               // @
         "M9.4 9.8L9.4 5V11 3.2H13 7V6.8 14H0 6.4V6.8 -1.6Q9 -1.6 10.6 -0.6"},    //
    {10, "M0 0L5 14L10 0M1.8 5L8.2 5"},                                           // A
    {9, "M0 0L0 14L5 14H8.4 10.7V5 7.4L0 7.4M5 7.4H9 3.7V5 0L0 0"},               // B
    {9.4, "M9.4 10V5 14H0 7V5 0H9.4 4"},                                          // C
    {9.5, "M0 0L0 14L4 14H9.5 7V4 0L0 0"},                                        // D
    {7.8, "M7.8 14L0 14L0 0L7.8 0M0 7.4L6.6 7.4"},                                // E
    {7.6, "M7.6 14L0 14L0 0M0 7.2L6.4 7.2"},                                      // F
    {10, "M9.8 10V5 14H0 7V5 0H10 4.4L10 6.6L6 6.6"},                             // G
    {9.5, "M0 0L0 14M9.5 0L9.5 14M0 7.2L9.5 7.2"},                                // H
    {0, "M0 0L0 14"},                                                             // I
    {6.4, "M6.4 14L6.4 4V3.2 0H0 3.4"},                                           // J
    {9, "M0 0L0 14M8.6 14L0 5.6M3.2 8.6L9 0"},                                    // K
    {7.4, "M0 14L0 0L7.4 0"},                                                     // L
    {12, "M0 0L0 14L6 4.4L12 14L12 0"},                                           // M
    {10, "M0 0L0 14L10 0L10 14"},                                                 // N
    {11, "M5.5 14H0 7V5.5 0H11 7V5.5 14"},                                        // O
    {8.6, "M0 0L0 14L4.8 14H8.6 10.2V4.8 6.4L0 6.4"},                             // P
    {11, "M5.5 14H0 7V5.5 0H11 7V5.5 14M7.2 3.6L11 -0.8"},                        // Q
    {9, "M0 0L0 14L4.8 14H8.6 10.2V4.8 6.4L0 6.4M4.8 6.4L9 0"},                   // R
    {8.6, "M8.3 10.6V4.4 14H0.2 10.6V4.3 7.2H8.6 3.6V4.3 0H0 3.6"},               // S
    {9.6, "M0 14L9.6 14M4.8 14L4.8 0"},                                           // T
    {9.5, "M0 14L0 4.6V4.75 0H9.5 4.6L9.5 14"},                                   // U
    {10, "M0 14L5 0L10 14"},                                                      // V
    {14.5, "M0 14L3.6 0L7.25 12L10.9 0L14.5 14"},                                 // W
    {9.4, "M0 0L9.4 14M0 14L9.4 0"},                                              // X
    {10, "M0 14L5 6.6L10 14M5 6.6L5 0"},                                          // Y
    {9, "M0 14L9 14L0 0L9 0"},                                                    // Z
    {3, "M3 16L0 16L0 -3L3 -3"},                                                  // [
    {6, "M0 15L6 -1.5"},                                                          // backslash
    {3, "M0 16L3 16L3 -3L0 -3"},                                                  // ]
    {7, "M0 8.6L3.5 14L7 8.6"},                                                   // ^
    {8, "M0 -2L8 -2"},                                                            // _
    {2, "M0 14L2 11.4"},                                                          // `
    {6.8, "M0.5 7.8V3.6 10H6.8 6.8L6.8 0M6.8 5.8L3 5.8H0 2.9V3 0H6.8 3.4"},       // a
    {7.4, "M0 14L0 0M0 5V3.7 10H7.4 5V3.7 0H0 5"},                                // b
    {6.6, "M6.6 7.4V3.6 10H0 5V3.6 0H6.6 2.6"},                                   // c
    {7.4, "M7.4 14L7.4 0M7.4 5V3.7 10H0 5V3.7 0H7.4 5"},                          // d
    {7.4, "M0 5L7.4 5V3.7 10H0 5V3.8 0H7 2.4"},                                   // e
    {4.2, "M4.8 14L4.4 14H1.6 11.4L1.6 0M0 9.6L4.4 9.6"},                         // f
    {7.4, "M7.4 10L7.4 -0.6V3.8 -4H0.6 -2M7.4 5V3.7 10H0 5V3.7 0H7.4 5"},         // g
    {7, "M0 14L0 0M0 6V3.6 10H7 6.4L7 0"},                                        // h
    {0, "M0 10L0 0M0 13.6L0 13.6"},                                               // i
    {2.2, "M2.2 10L2.2 -1.6V0 -4M2.2 13.6L2.2 13.6"},                             // j
    {6.8, "M0 14L0 0M6.4 10L0 3.8M2.6 6.2L6.8 0"},                                // k
    {1.8, "M0 14L0 2.2V1.8 0"},                                                   // l
    {12, "M0 10L0 0M0 6.4V3.2 10H6 7L6 0M6 6.4V9.2 10H12 7L12 0"},                // m
    {7, "M0 10L0 0M0 6V3.6 10H7 6.4L7 0"},                                        // n
    {7.6, "M3.8 10H0 5V3.8 0H7.6 5V3.8 10"},                                      // o
    {7.4, "M0 10L0 -4M0 5V3.7 10H7.4 5V3.7 0H0 5"},                               // p
    {7.4, "M7.4 10L7.4 -4M7.4 5V3.7 10H0 5V3.7 0H7.4 5"},                         // q
    {4.2, "M0 10L0 0M0 5.6V3.8 10L4.4 10"},                                       // r
    {6.4, "M6.1 7.6V3.3 10H0.3 7.5V3.2 5.1H6.4 2.5V3.2 0H0 2.4"},                 // s
    {4.4, "M1.6 13L1.6 2.6V4 0L4.5 0M0 10L4.4 10"},                               // t
    {7, "M0 10L0 3.6V3.4 0H7 4M7 10L7 0"},                                        // u
    {7.6, "M0 10L3.8 0L7.6 10"},                                                  // v
    {11.6, "M0 10L2.9 0L5.8 8.6L8.7 0L11.6 10"},                                  // w
    {7.4, "M0 0L7.4 10M0 10L7.4 0"},                                              // x
    {7.6, "M0 10L3.9 0.2M7.6 10L2.2 -4"},                                         // y
    {6.8, "M0 10L6.8 10L0 0L6.8 0"},                                              // z
    {3.6, "M3.6 16H1.6 14L1.6 8.5V0 6.5H1.6 4.5L1.6 -1V3.6 -3"},                  // {
    {0, "M0 16L0 -3"},                                                            // |
    {3.6, "M0 16H2 14L2 8.5V3.6 6.5H2 4.5L2 -1V0 -3"},                            // }
    {8, "M0 5Q1.2 7.6 3.2 6.6L4.8 5.8Q6.8 4.8 8 7.2"},                            // ~
    {8, "M0 0L8 0L8 14L0 14L0 0"},                                                // any other character
};

enum {
    CAPITAL = 14,
    HIGHEST = 16, // the highest point of any letter, on the grid
    LOWEST = -4,
    FIRST = ' ',
    LETTERS = sizeof letters / sizeof *letters,
    PIECES_MOST = 160, // straight segments per letter
    BOW = 8,           // straight segments per curve
};

typedef struct glyph {
    int advance;   // pixels to the next letter
    int width;     // the mask's
    uint8_t *mask; // [rows][width]
} glyph;

struct rb_font {
    int height, rows, above; // rows: a mask's; above: those above the baseline
    int margin;              // a mask's columns left of x = 0
    glyph glyphs[LETTERS];
    uint8_t *masks;
};

typedef struct pen { // traces a letter's strokes, in pixels: x right, y up
    double scale;
    int span; // pixels from the baseline to the capitals' height
    const letter *letter;
    double uprights[8]; // grid positions of upright strokes
    int upright_count;
    double pieces[PIECES_MOST][4];
    int count;
} pen;

static const char *read_number(const char *at, double *out) // "-1.6"; one digit after the point
{
    const bool minus = *at == '-';
    double value = 0;
    at += minus;
    for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
    if (*at == '.') {
        double place = 0.1;
        for (at++; *at >= '0' && *at <= '9'; at++, place /= 10) value += (*at - '0') * place;
    }
    *out = minus ? -value : value;
    return *at == ' ' ? at + 1 : at;
}

static double place_x(const pen *p, double x)
{
    bool exact = x == 0 || x == p->letter->width;
    for (int i = 0; i < p->upright_count; i++) exact = exact || x == p->uprights[i];
    return exact ? floor(x * p->scale + 0.5) : x * p->scale;
}

static double place_y(const pen *p, double y)
{
    return floor(y * p->span / CAPITAL + 0.5);
}

static void draw_piece(pen *p, double x0, double y0, double x1, double y1)
{
    assert(p->count < PIECES_MOST);
    double *piece = p->pieces[p->count++];
    piece[0] = x0, piece[1] = y0, piece[2] = x1, piece[3] = y1;
}

// A cubic curve from (x0, y0) to (x1, y1) with control points a and b.
static void draw_bow(pen *p, double x0, double y0, double ax, double ay, double bx, double by, double x1,
                     double y1)
{
    double x = x0, y = y0;
    for (int i = 1; i <= BOW; i++) {
        const double t = (double)i / BOW, s = 1 - t;
        const double to_x = s * s * s * x0 + 3 * s * s * t * ax + 3 * s * t * t * bx + t * t * t * x1;
        const double to_y = s * s * s * y0 + 3 * s * s * t * ay + 3 * s * t * t * by + t * t * t * y1;
        draw_piece(p, x, y, to_x, to_y);
        x = to_x, y = to_y;
    }
}

static void find_uprights(pen *p)
{
    double x = 0;
    p->upright_count = 0;
    for (const char *at = p->letter->strokes; *at;) {
        const char how = *at++;
        double to_x, to_y;
        if (how == 'Q') at = read_number(read_number(at, &to_x), &to_y);
        at = read_number(read_number(at, &to_x), &to_y);
        if (how == 'L' && to_x == x && p->upright_count < 8) p->uprights[p->upright_count++] = x;
        x = to_x;
    }
}

static void follow(pen *p)
{
    const double bend = 0.5523; // makes a cubic curve nearly a quarter of a circle
    double x = 0, y = 0;
    find_uprights(p);
    p->count = 0;
    for (const char *at = p->letter->strokes; *at;) {
        const char how = *at++;
        double over_x = 0, over_y = 0, to_x, to_y;
        if (how == 'Q') at = read_number(read_number(at, &over_x), &over_y);
        at = read_number(read_number(at, &to_x), &to_y);
        to_x = place_x(p, to_x), to_y = place_y(p, to_y);
        over_x *= p->scale, over_y *= (double)p->span / CAPITAL;
        if (how == 'L') draw_piece(p, x, y, to_x, to_y);
        if (how == 'H')
            draw_bow(p, x, y, x + bend * (to_x - x), y, to_x, to_y - bend * (to_y - y), to_x, to_y);
        if (how == 'V')
            draw_bow(p, x, y, x, y + bend * (to_y - y), to_x - bend * (to_x - x), to_y, to_x, to_y);
        if (how == 'Q')
            draw_bow(p, x, y, x + (over_x - x) * 2 / 3, y + (over_y - y) * 2 / 3,
                     to_x + (over_x - to_x) * 2 / 3, to_y + (over_y - to_y) * 2 / 3, to_x, to_y);
        x = to_x, y = to_y;
    }
}

static void fill_mask(const rb_font *font, const glyph *g, const pen *p, double thick)
{
    for (int row = 0; row < font->rows; row++)
        for (int column = 0; column < g->width; column++) {
            double away = INFINITY;
            for (int i = 0; i < p->count; i++) {
                const double *piece = p->pieces[i];
                const double d = rb_stroke_distance(column - font->margin, font->above - row, piece[0],
                                                    piece[1], piece[2], piece[3]);
                if (d < away) away = d;
            }
            const double share = 0.5 + thick / 2 - away;
            g->mask[row * g->width + column] = (uint8_t)(share <= 0   ? 0
                                                         : share >= 1 ? 255
                                                                      : (int)(share * 255 + 0.5));
        }
}

rb_status rb_font_create(rb_font **out, int height, double thick, rb_error *error)
{
    assert(height >= 6 && height <= 200 && thick > 0 && thick < height);
    rb_font *font = calloc(1, sizeof *font);
    pen *p = calloc(1, sizeof *p);
    *out = font;
    size_t bytes = 0;
    if (font && p) {
        p->span = height - 1;
        p->scale = (double)p->span / CAPITAL;
        font->height = height;
        font->margin = (int)ceil(thick / 2 + 0.5);
        font->above = (int)ceil(HIGHEST * p->scale) + font->margin;
        font->rows = font->above + 1 + (int)ceil(-LOWEST * p->scale) + font->margin;
        const int gap = (int)floor(3.1 * p->scale + thick * 0.8 + 0.5);
        for (int i = 0; i < LETTERS; i++) {
            const int wide = (int)floor(letters[i].width * p->scale + 0.5);
            font->glyphs[i].advance = wide + (gap > 2 ? gap : 2);
            font->glyphs[i].width = wide + 2 * font->margin + 1;
            bytes += (size_t)font->glyphs[i].width * (size_t)font->rows;
        }
        font->masks = malloc(bytes);
    }
    if (!font || !p || !font->masks) {
        rb_font_destroy(font);
        free(p);
        *out = NULL;
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for letters of %d pixels", height);
    }
    uint8_t *mask = font->masks;
    for (int i = 0; i < LETTERS; i++) {
        glyph *g = &font->glyphs[i];
        p->letter = &letters[i];
        g->mask = mask;
        mask += (size_t)g->width * (size_t)font->rows;
        follow(p);
        fill_mask(font, g, p, thick);
    }
    free(p);
    return RB_OK;
}

void rb_font_destroy(rb_font *font)
{
    if (font) free(font->masks);
    free(font);
}

int rb_font_height(const rb_font *font)
{
    return font->height;
}

// The next character of UTF-8 text: only its first byte is looked at.
static const glyph *next_glyph(const rb_font *font, const char **text)
{
    const unsigned char c = (unsigned char)*(*text)++;
    while (((unsigned char)**text & 0xC0) == 0x80) (*text)++;
    return &font->glyphs[c >= FIRST && c < FIRST + LETTERS - 1 ? c - FIRST : LETTERS - 1];
}

// The width without the gap after the last letter.
int rb_font_width(const rb_font *font, const char *text)
{
    int width = 0, gap = 0;
    while (*text) {
        const glyph *g = next_glyph(font, &text);
        width += g->advance;
        gap = g->advance - (g->width - 2 * font->margin);
    }
    return width - gap;
}

static int draw_glyph(const rb_canvas *canvas, const rb_font *font, const glyph *g, int x, int y,
                      rb_colour colour)
{
    for (int row = 0; row < font->rows; row++)
        for (int column = 0; column < g->width; column++)
            rb_canvas_blend(canvas, x + column - font->margin, y + row - font->above,
                            g->mask[row * g->width + column], colour);
    return g->advance;
}

void rb_canvas_text(const rb_canvas *canvas, const rb_font *font, int x, int y, rb_align align,
                    rb_colour colour, const char *text)
{
    if (align != RB_ALIGN_LEFT) {
        const int width = rb_font_width(font, text);
        x -= align == RB_ALIGN_RIGHT ? width : width / 2;
    }
    while (*text) x += draw_glyph(canvas, font, next_glyph(font, &text), x, y, colour);
}

void rb_canvas_text_cut(const rb_canvas *canvas, const rb_font *font, int x, int y, int most,
                        rb_colour colour, const char *text)
{
    if (rb_font_width(font, text) <= most) {
        rb_canvas_text(canvas, font, x, y, RB_ALIGN_LEFT, colour, text);
        return;
    }
    const int end = x + most - rb_font_width(font, "..");
    while (*text) {
        const char *after = text;
        const glyph *g = next_glyph(font, &after);
        if (x + g->advance > end) break;
        x += draw_glyph(canvas, font, g, x, y, colour);
        text = after;
    }
    rb_canvas_text(canvas, font, x, y, RB_ALIGN_LEFT, colour, "..");
}
