#include "rollout/eval_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "env/contract.h"
#include "io/picture.h"
#include "rollout/frame_sheet.h"

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
        p->seen_bytes = (size_t)p->stack * rb_env_frame_bytes(s);
        p->seen = malloc(p->seen_bytes);
        if (!p->seen) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    }
    if (!p->class->render || s->screen_height < 1 || s->screen_width < 1 || !rb_gif_available()) return RB_OK;
    const int side = s->screen_height > s->screen_width ? s->screen_height : s->screen_width;
    p->shrink = (side + RB_EVAL_PICTURE_SIDE - 1) / RB_EVAL_PICTURE_SIDE;
    p->height = (s->screen_height + p->shrink - 1) / p->shrink;
    p->width = (s->screen_width + p->shrink - 1) / p->shrink;
    p->screen = malloc(3 * (size_t)s->screen_height * (size_t)s->screen_width);
    p->sums = malloc(sizeof *p->sums * 2 * 3 * (size_t)s->screen_width);
    if (!p->screen || !p->sums) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
    return rb_gif_create(&p->gif, p->height, p->width, RB_EVAL_PICTURES, error);
}

// Makes a row of the smaller picture from the sums of the larger picture's rows.
static void shrink_row(const rb_eval_pictures *p, const uint32_t *sums, int rows, uint8_t *to)
{
    const int width = p->spec.screen_width;
    for (int left = 0; left < width; left += p->shrink, to += 3) {
        const int right = left + p->shrink < width ? left + p->shrink : width;
        const float share = 1 / (float)(rows * (right - left));
        uint32_t sum[3] = {0};
        for (int x = left; x < right; x++)
            for (int c = 0; c < 3; c++) sum[c] += sums[3 * x + c];
        for (int c = 0; c < 3; c++) to[c] = (uint8_t)((float)sum[c] * share + 0.5f);
    }
}

// Shrinks the rendered picture in place, by the mean colour of squares (those at the edges may be smaller);
// pixels are overwritten only after they were read. Rows equal to the row above are copied; drawings have
// many.
static void shrink(rb_eval_pictures *p)
{
    const size_t wide = 3 * (size_t)p->spec.screen_width, narrow = 3 * (size_t)p->width;
    uint32_t *sums = p->sums, *above = p->sums + wide;
    for (int y = 0; y < p->height; y++) {
        const int top = y * p->shrink, left = p->spec.screen_height - top;
        const int rows = left < p->shrink ? left : p->shrink;
        memset(sums, 0, sizeof *sums * wide);
        for (int i = 0; i < rows; i++) {
            const uint8_t *row = p->screen + (size_t)(top + i) * wide;
            for (size_t x = 0; x < wide; x++) sums[x] += row[x];
        }
        uint8_t *to = p->screen + (size_t)y * narrow;
        if (y && rows == p->shrink && !memcmp(sums, above, sizeof *sums * wide))
            memcpy(to, to - narrow, narrow);
        else
            shrink_row(p, sums, rows, to);
        uint32_t *free_now = above;
        above = sums;
        sums = free_now;
    }
}

static void add_picture(rb_eval_pictures *p, rb_vector *envs)
{
    p->class->render(rb_vector_env(envs, 0), p->screen);
    if (p->shrink > 1) shrink(p);
    rb_gif_add(p->gif, p->screen);
}

static void decision(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions)
{
    rb_eval_pictures *p = context;
    (void)actions;
    for (int i = 0; i < rb_vector_count(envs); i++)
        for (int a = 0; game[i] >= 0 && a < p->spec.actions; a++)
            rb_histogram_add(&p->q, (double)q[i * p->spec.actions + a]);
    if (game[0] != 0) return; // the first game is the first one on environment 0
    const int64_t step = p->step++;
    if (p->seen && !(step & (step - 1))) memcpy(p->seen, rb_vector_observations(envs), p->seen_bytes);
    if (!p->gif || step % p->every) return;
    if (rb_gif_count(p->gif) == RB_EVAL_PICTURES) {
        rb_gif_halve(p->gif);
        p->every *= 2;
    }
    add_picture(p, envs); // RB_EVAL_PICTURES is even, so this step is a multiple of the new `every`
}

rb_eval_observer rb_eval_pictures_observer(rb_eval_pictures *p)
{
    return (rb_eval_observer){.context = p, .begin = begin, .decision = decision};
}

rb_status rb_eval_pictures_game(const rb_eval_pictures *p, uint8_t **gif, size_t *bytes, rb_error *error)
{
    *gif = NULL;
    if (!p->gif || !rb_gif_count(p->gif)) return RB_OK;
    return rb_gif_encode(p->gif, 7, gif, bytes, error); // about 15 decisions per second, as in Atari
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
    free(p->sums);
    free(p->seen);
    p->gif = NULL;
    p->screen = p->seen = NULL;
    p->sums = NULL;
}
