// Pictures of Atari games: see atari_picture.h.
#include "env/atari_picture.h"

#include <stdlib.h>
#include <string.h>

// ---- opening ----

static void choose_planes(rb_atari_picture *p, const rb_atari_params *params, const uint8_t *grey)
{
    p->planes = params->colour ? 3 : 1;
    if (!params->colour) {
        memcpy(p->values[0], grey, 256);
        return;
    }
    for (int plane = 0; plane < 3; plane++)
        for (int i = 0; i < 256; i++) p->values[plane][i] = p->rgb[3 * i + plane];
}

static rb_status make_buffers(rb_atari_picture *p, rb_error *error)
{
    const size_t planes = (size_t)p->planes;
    bool made = true;
    for (int plane = 0; plane < p->planes; plane++)
        made = (p->tables[plane] = malloc(sizeof *p->tables[plane])) && made;
    p->earlier = calloc(p->pixels, 1);
    p->later = calloc(p->pixels, 1);
    p->pooled = calloc(planes * p->pixels, 1);
    p->frame = calloc(planes * p->out_pixels, 1);
    if (made && p->earlier && p->later && p->pooled && p->frame) return RB_OK;
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the pictures of an Atari game");
}

rb_status rb_atari_picture_open(rb_atari_picture *p, const rb_atari_params *params,
                                const rb_emulator *emulator, rb_ale *ale, rb_error *error)
{
    uint8_t grey[256];
    emulator->size(ale, &p->height, &p->width);
    emulator->palette(ale, p->rgb, grey);
    p->pool = params->pool;
    p->out_height = (int)params->size;
    p->out_width = params->width ? (int)params->width : p->out_height;
    p->pixels = (size_t)p->height * (size_t)p->width;
    p->out_pixels = (size_t)p->out_height * (size_t)p->out_width;
    choose_planes(p, params, grey);
    rb_status status = rb_area_create(&p->area, p->height, p->width, p->out_height, p->out_width, error);
    if (status && params->width)
        return rb_error_context(error, status, "atari.size = %d, atari.width = %d", p->out_height,
                                p->out_width);
    if (status) return rb_error_context(error, status, "atari.size = %d", p->out_height);
    status = make_buffers(p, error);
    if (status) return status;
    for (int plane = 0; plane < p->planes; plane++) {
        if (p->pool == RB_POOL_RGB && p->planes == 1)
            rb_pool_table_rgb(p->tables[plane], p->rgb);
        else // of one colour, before and after are the same
            rb_pool_table_grey(p->tables[plane], p->values[plane]);
    }
    return RB_OK;
}

void rb_atari_picture_close(rb_atari_picture *p)
{
    rb_area_destroy(p->area);
    for (int plane = 0; plane < RB_ATARI_PLANES; plane++) free(p->tables[plane]);
    free(p->earlier);
    free(p->later);
    free(p->pooled);
    free(p->frame);
    memset(p, 0, sizeof *p);
}

// ---- pictures ----

static void pool(rb_atari_picture *p, const uint8_t *earlier, const uint8_t *later)
{
    for (int plane = 0; plane < p->planes; plane++)
        rb_pool_screens(p->tables[plane], earlier, later, p->pooled + (size_t)plane * p->pixels, p->height,
                        p->width);
}

void rb_atari_picture_show(rb_atari_picture *p, const uint8_t *screen)
{
    pool(p, screen, screen);
}

// Gymnasium leaves its loop before it keeps the screen of the frame that ends the game; Baselines keeps it
// first and leaves then.
void rb_atari_picture_keep(rb_atari_picture *p, int64_t i, int64_t skip, bool game_ended,
                           const uint8_t *screen)
{
    if (p->pool == RB_POOL_LAST || (game_ended && p->pool == RB_POOL_GREY)) return;
    uint8_t *to = i == skip - 2 ? p->earlier : i == skip - 1 ? p->later : NULL;
    if (!to) return;
    memcpy(to, screen, p->pixels);
    p->kept = i == skip - 2 ? 1 : 2;
}

// Where the game ended early, the picture is what the wrappers' buffers then give. Gymnasium's first buffer
// still holds the step before, pooled: only a second last screen can be new. The two of Baselines are
// screens. Without pooling it is the last screen there is, as Gymnasium's environments show it that skip by
// themselves.
void rb_atari_picture_end(rb_atari_picture *p, int64_t skip, const uint8_t *screen)
{
    if (p->pool == RB_POOL_LAST) {
        pool(p, screen, screen);
    } else if (p->pool == RB_POOL_RGB) {
        pool(p, p->earlier, p->later);
    } else if (p->kept == 2) {
        pool(p, skip > 1 ? p->earlier : p->later, p->later);
    } else if (p->kept == 1) {
        for (int plane = 0; plane < p->planes; plane++)
            rb_pool_into(p->values[plane], p->earlier, p->pooled + (size_t)plane * p->pixels, p->pixels);
    }
}

void rb_atari_picture_finish(rb_atari_picture *p)
{
    for (int plane = 0; plane < p->planes; plane++)
        rb_area_resize(p->area, p->pooled + (size_t)plane * p->pixels,
                       p->frame + (size_t)plane * p->out_pixels);
}

bool rb_atari_picture_transfer(rb_atari_picture *p, rb_env_stream *stream)
{
    return stream->transfer(stream, p->earlier, p->pixels) && stream->transfer(stream, p->later, p->pixels) &&
           stream->transfer(stream, p->pooled, (size_t)p->planes * p->pixels) &&
           stream->transfer(stream, p->frame, (size_t)p->planes * p->out_pixels);
}
