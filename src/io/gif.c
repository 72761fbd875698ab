#include "io/gif.h"

#ifdef RB_HAVE_GIF
#include <assert.h>
#include <gif_lib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 256, SLOTS = 1024 };

struct rb_gif {
    int height, width, most, count;
    int colours;
    uint32_t colour[COLOURS];
    uint32_t slot_colour[SLOTS]; // a small cache of lookups, because pictures have runs of few colours
    uint8_t slot_index[SLOTS];
    bool slot_used[SLOTS];
    uint8_t *pixels; // [most][height][width]
};

typedef struct box {
    int top, left, height, width;
} box;

typedef struct sink { // giflib's output
    uint8_t *data;
    size_t used, room;
} sink;

bool rb_gif_available(void)
{
    return true;
}

rb_status rb_gif_create(rb_gif **out, int height, int width, int most, rb_error *error)
{
    assert(height > 0 && width > 0 && height <= UINT16_MAX && width <= UINT16_MAX && most > 0);
    rb_gif *gif = calloc(1, sizeof *gif);
    uint8_t *pixels = malloc((size_t)most * (size_t)height * (size_t)width);
    if (!gif || !pixels) {
        free(gif);
        free(pixels);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d pictures of %d x %d", most, width,
                            height);
    }
    gif->height = height;
    gif->width = width;
    gif->most = most;
    gif->pixels = pixels;
    *out = gif;
    return RB_OK;
}

void rb_gif_destroy(rb_gif *gif)
{
    if (!gif) return;
    free(gif->pixels);
    free(gif);
}

static size_t picture_bytes(const rb_gif *gif)
{
    return (size_t)gif->height * (size_t)gif->width;
}

static uint8_t find_colour(rb_gif *gif, uint32_t colour)
{
    int nearest = 0, least = INT_MAX;
    for (int i = 0; i < gif->colours; i++) {
        int distance = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            const int d = (int)(colour >> shift & 255) - (int)(gif->colour[i] >> shift & 255);
            distance += d * d;
        }
        if (distance < least) nearest = i, least = distance;
    }
    if (least == 0 || gif->colours == COLOURS) return (uint8_t)nearest;
    gif->colour[gif->colours] = colour;
    return (uint8_t)gif->colours++;
}

static uint8_t index_of(rb_gif *gif, uint32_t colour)
{
    const uint32_t slot = (colour * 2654435761u) >> 22; // one of 1024 slots
    if (!gif->slot_used[slot] || gif->slot_colour[slot] != colour) {
        gif->slot_index[slot] = find_colour(gif, colour);
        gif->slot_colour[slot] = colour;
        gif->slot_used[slot] = true;
    }
    return gif->slot_index[slot];
}

void rb_gif_add(rb_gif *gif, const uint8_t *rgb)
{
    assert(gif->count < gif->most);
    uint8_t *to = gif->pixels + picture_bytes(gif) * (size_t)gif->count++;
    for (size_t i = 0; i < picture_bytes(gif); i++, rgb += 3)
        to[i] = index_of(gif, (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2]);
}

int rb_gif_count(const rb_gif *gif)
{
    return gif->count;
}

void rb_gif_halve(rb_gif *gif)
{
    const size_t bytes = picture_bytes(gif);
    gif->count = (gif->count + 1) / 2;
    for (int i = 1; i < gif->count; i++)
        memcpy(gif->pixels + bytes * (size_t)i, gif->pixels + bytes * 2 * (size_t)i, bytes);
}

// The box in which a picture differs from the one before; one pixel if it does not differ.
static box changed(const rb_gif *gif, int number)
{
    const box whole = {0, 0, gif->height, gif->width};
    if (!number) return whole;
    const uint8_t *now = gif->pixels + picture_bytes(gif) * (size_t)number, *then = now - picture_bytes(gif);
    int top = gif->height, bottom = -1, left = gif->width, right = -1;
    for (int y = 0; y < gif->height; y++) {
        const uint8_t *a = now + (size_t)y * (size_t)gif->width, *b = then + (size_t)y * (size_t)gif->width;
        int from = 0, to = gif->width - 1;
        while (from <= to && a[from] == b[from]) from++;
        if (from > to) continue;
        while (a[to] == b[to]) to--;
        if (y < top) top = y;
        bottom = y;
        if (from < left) left = from;
        if (to > right) right = to;
    }
    return bottom < 0 ? (box){0, 0, 1, 1} : (box){top, left, bottom - top + 1, right - left + 1};
}

static int take(GifFileType *file, const GifByteType *data, int bytes)
{
    sink *s = file->UserData;
    if (s->used + (size_t)bytes > s->room) {
        const size_t room = 2 * (s->used + (size_t)bytes) + (1 << 16);
        uint8_t *grown = realloc(s->data, room);
        if (!grown) return 0;
        s->data = grown;
        s->room = room;
    }
    memcpy(s->data + s->used, data, (size_t)bytes);
    s->used += (size_t)bytes;
    return bytes;
}

static bool put_picture(GifFileType *file, const rb_gif *gif, int number, int hundredths)
{
    const box b = changed(gif, number);
    uint8_t *pixels = gif->pixels + picture_bytes(gif) * (size_t)number;
    const GraphicsControlBlock control = {
        .DisposalMode = DISPOSE_DO_NOT, .DelayTime = hundredths, .TransparentColor = NO_TRANSPARENT_COLOR};
    GifByteType extension[4];
    EGifGCBToExtension(&control, extension);
    bool good = EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) == GIF_OK &&
                EGifPutImageDesc(file, b.left, b.top, b.width, b.height, false, NULL) == GIF_OK;
    for (int y = b.top; good && y < b.top + b.height; y++)
        good = EGifPutLine(file, pixels + (size_t)y * (size_t)gif->width + b.left, b.width) == GIF_OK;
    return good;
}

// Writes everything but opening and closing the file. The endless loop is an extension introduced by
// Netscape.
static bool put_all(GifFileType *file, const rb_gif *gif, int hundredths)
{
    int bits = 1;
    while (1 << bits < gif->colours) bits++;
    ColorMapObject *map = GifMakeMapObject(1 << bits, NULL);
    if (!map) return false;
    for (int i = 0; i < gif->colours; i++)
        map->Colors[i] =
            (GifColorType){(GifByteType)(gif->colour[i] >> 16), (GifByteType)(gif->colour[i] >> 8 & 255),
                           (GifByteType)(gif->colour[i] & 255)};
    EGifSetGifVersion(file, true);
    bool good = EGifPutScreenDesc(file, gif->width, gif->height, bits, 0, map) == GIF_OK &&
                EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
                EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
                EGifPutExtensionBlock(file, 3, "\1\0\0") == GIF_OK && EGifPutExtensionTrailer(file) == GIF_OK;
    GifFreeMapObject(map);
    for (int i = 0; good && i < gif->count; i++) good = put_picture(file, gif, i, hundredths);
    return good;
}

rb_status rb_gif_encode(const rb_gif *gif, int hundredths, uint8_t **out, size_t *bytes, rb_error *error)
{
    sink s = {0};
    int code = 0;
    assert(gif->count > 0);
    GifFileType *file = EGifOpen(&s, take, &code);
    bool good = file && put_all(file, gif, hundredths);
    if (file && !good) code = file->Error;
    if (file && EGifCloseFile(file, good ? &code : NULL) != GIF_OK) good = false;
    if (!good) {
        const char *why = GifErrorString(code);
        free(s.data);
        return rb_error_set(error, RB_ERR_MEMORY,
                            "can't make a moving picture of %d x %d pixels (giflib: %s)", gif->width,
                            gif->height, why ? why : "unknown fault");
    }
    *out = s.data;
    *bytes = s.used;
    return RB_OK;
}
#else // no rb_gif can be created, so the other functions are never called
bool rb_gif_available(void)
{
    return false;
}

rb_status rb_gif_create(rb_gif **out, int height, int width, int most, rb_error *error)
{
    (void)height, (void)width, (void)most;
    *out = NULL;
    return rb_error_set(error, RB_ERR_MISSING,
                        "this program was built without giflib, which makes moving pictures: install "
                        "libgif-dev, then build again");
}

void rb_gif_destroy(rb_gif *gif)
{
    (void)gif;
}

void rb_gif_add(rb_gif *gif, const uint8_t *rgb)
{
    (void)gif, (void)rgb;
}

int rb_gif_count(const rb_gif *gif)
{
    (void)gif;
    return 0;
}

void rb_gif_halve(rb_gif *gif)
{
    (void)gif;
}

rb_status rb_gif_encode(const rb_gif *gif, int hundredths, uint8_t **out, size_t *bytes, rb_error *error)
{
    (void)hundredths, (void)out, (void)bytes;
    rb_gif *none;
    (void)gif;
    return rb_gif_create(&none, 1, 1, 1, error);
}
#endif
