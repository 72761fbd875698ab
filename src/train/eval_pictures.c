#include "train/eval_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "io/picture.h"
#include "train/frame_sheet.h"

static rb_status begin(void *context, rb_vector *envs, rb_error *error)
{
    rb_eval_pictures *p = context;
    p->spec = *rb_vector_env_spec(envs);
    p->class = rb_vector_class(envs);
    p->stack = rb_vector_stack(envs);
    p->every = 1;
    if (!p->wanted) return RB_OK;
    const rb_env_spec *s = &p->spec;
    if (s->height > 1 || s->width > 1) { // a picture, not numbers
        p->seen_bytes = (size_t)p->stack * (size_t)s->channels * (size_t)s->height * (size_t)s->width *
                        (s->kind == RB_OBS_F32 ? sizeof(float) : 1);
        p->seen = malloc(p->seen_bytes);
        if (!p->seen) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    }
    if (!p->class->render || s->screen_height < 1 || s->screen_width < 1 || !rb_gif_available()) return RB_OK;
    const int side = s->screen_height > s->screen_width ? s->screen_height : s->screen_width;
    p->shrink = (side + RB_EVAL_PICTURE_SIDE - 1) / RB_EVAL_PICTURE_SIDE;
    p->height = (s->screen_height + p->shrink - 1) / p->shrink;
    p->width = (s->screen_width + p->shrink - 1) / p->shrink;
    p->screen = malloc(3 * (size_t)s->screen_height * (size_t)s->screen_width);
    if (!p->screen) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    return rb_gif_create(&p->gif, p->height, p->width, RB_EVAL_PICTURES, error);
}

// Draws the first environment and keeps every `shrink`th pixel, in place.
static void add_picture(rb_eval_pictures *p, rb_vector *envs)
{
    p->class->render(rb_vector_env(envs, 0), p->screen);
    uint8_t *to = p->screen;
    for (int y = 0; p->shrink > 1 && y < p->height; y++) {
        const uint8_t *row = p->screen + 3 * (size_t)(y * p->shrink) * (size_t)p->spec.screen_width;
        for (int x = 0; x < p->width; x++, to += 3) memmove(to, row + 3 * x * p->shrink, 3);
    }
    rb_gif_add(p->gif, p->screen);
}

static void decision(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions)
{
    rb_eval_pictures *p = context;
    (void)actions;
    for (int i = 0; i < rb_vector_count(envs); i++)
        for (int a = 0; game[i] >= 0 && a < p->spec.actions; a++)
            rb_histogram_add(&p->q, (double)q[i * p->spec.actions + a]);
    if (game[0] != 0) return; // the first game is the first environment's first
    const int64_t step = p->step++;
    if (p->seen && !(step & (step - 1))) memcpy(p->seen, rb_vector_observations(envs), p->seen_bytes);
    if (!p->gif || step % p->every) return;
    if (rb_gif_count(p->gif) == RB_EVAL_PICTURES) {
        rb_gif_halve(p->gif);
        p->every *= 2;
    }
    add_picture(p,
                envs); // the number of pictures is even, so this step is a multiple of the doubled distance
}

rb_eval_watch rb_eval_pictures_watch(rb_eval_pictures *p)
{
    return (rb_eval_watch){.context = p, .begin = begin, .decision = decision};
}

rb_status rb_eval_pictures_game(const rb_eval_pictures *p, uint8_t **gif, size_t *bytes, rb_error *error)
{
    *gif = NULL;
    if (!p->gif || !rb_gif_count(p->gif)) return RB_OK;
    return rb_gif_encode(p->gif, 7, gif, bytes, error); // about Atari's fifteen decisions a second
}

rb_status rb_eval_pictures_frames(const rb_eval_pictures *p, uint8_t **png, size_t *bytes, int *height,
                                  int *width, rb_error *error)
{
    *png = NULL;
    if (!p->seen || !p->step || !rb_picture_available()) return RB_OK;
    rb_frame_sheet sheet;
    rb_status status = rb_frame_sheet_make(&sheet, &p->spec, p->stack, p->seen, NULL, 0, error);
    if (status) return status;
    *height = sheet.height;
    *width = sheet.width;
    status = rb_picture_make_png(png, bytes, sheet.rgb, sheet.height, sheet.width, error);
    free(sheet.rgb);
    return status;
}

void rb_eval_pictures_free(rb_eval_pictures *p)
{
    rb_gif_destroy(p->gif);
    free(p->screen);
    free(p->seen);
    p->gif = NULL;
    p->screen = p->seen = NULL;
}
