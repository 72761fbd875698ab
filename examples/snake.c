// Snake: eat, grow, and hit neither the walls nor yourself. A complete environment for Rainbow.
//
//     cc -O2 -shared -fPIC -I include examples/snake.c -o snake.so
//
// A step is one cell and costs 0.01: +1 for food, -1 for the end. env.options is the board's side, as in
// --env.options=8.
#include <stdlib.h>
#include <string.h>
#include "rainbow/env.h"

enum { SIDE_MOST = 32, SCALE = 16 };

struct rb_env {
    uint64_t dice;
    int32_t side, cells, head, food, heading, length;
    int32_t left[SIDE_MOST * SIDE_MOST]; // number of steps for which the snake still covers a cell
};

static int32_t any_cell(rb_env *s) // splitmix64 (Steele et al. 2014)
{
    uint64_t z = s->dice += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (int32_t)((z ^ z >> 31) % (uint64_t)s->cells);
}

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    int side = *(const char *)options ? atoi((const char *)options) : 6;
    if (side < 4 || side > SIDE_MOST) return rb_env_fail(error, "a board's side is from 4 to %d", SIDE_MOST);
    rb_env *s = *out = (rb_env *)calloc(1, sizeof *s);
    if (!s) return rb_env_fail(error, "no memory for a snake");
    s->dice = seed, s->side = side, s->cells = side * side;
    return RB_OK;
}

static void destroy(rb_env *s)
{
    free(s);
}

static void spec(const rb_env *s, rb_env_spec *out)
{
    out->kind = RB_OBS_U8, out->channels = 3, out->height = out->width = s->side;
    out->actions = 4, out->max_episode_steps = 200, out->can_save = true;
    out->screen_height = out->screen_width = s->side * SCALE;
}

static rb_status reset(rb_env *s, rb_error *error)
{
    memset(s->left, 0, sizeof s->left);
    s->left[s->head = s->food = any_cell(s)] = s->length = 1;
    while (s->left[s->food]) s->food = any_cell(s); // a cell without snake
    return RB_OK;
}

static rb_status step(rb_env *s, int action, rb_env_step *out, rb_error *error)
{
    // actions: up, right, down, left
    if (s->length == 1 || (action + 2) % 4 != s->heading) s->heading = action; // reversing is impossible
    int y = s->head / s->side + (s->heading == 2) - (s->heading == 0);
    int x = s->head % s->side + (s->heading == 1) - (s->heading == 3), next = y * s->side + x;
    bool inside = y >= 0 && y < s->side && x >= 0 && x < s->side, eats = inside && next == s->food;
    for (int i = 0; !eats && i < s->cells; i++) s->left[i] -= s->left[i] > 0;
    bool dies = !inside || s->left[next], wins = eats && s->length == s->cells - 1;
    out->reward = eats - dies - 0.01, out->terminated = dies || wins;
    if (out->terminated) return RB_OK;
    s->left[s->head = next] = s->length += eats;
    while (s->left[s->food]) s->food = any_cell(s); // a cell without snake
    return RB_OK;
}

static void observe(const rb_env *s,
                    void *frame) // three planes: the body, brightest at its front; head; food
{
    uint8_t *planes = (uint8_t *)frame;
    memset(planes, 0, 3 * (size_t)s->cells);
    for (int i = 0; i < s->cells; i++) planes[i] = (uint8_t)(255 * s->left[i] / s->length);
    planes[s->cells + s->head] = planes[2 * s->cells + s->food] = 255;
}

static void render(const rb_env *s, uint8_t *rgb)
{
    uint8_t planes[3 * SIDE_MOST * SIDE_MOST];
    observe(s, planes);
    for (int i = 0, wide = s->side * SCALE; i < wide * wide * 3; i++)
        rgb[i] = planes[i % 3 * s->cells + i / 3 / wide / SCALE * s->side + i / 3 % wide / SCALE];
}

static rb_status transfer(rb_env *s, rb_env_stream *stream, rb_error *error)
{
    return stream->transfer(stream, s, sizeof *s) ? RB_OK
                                                  : rb_env_fail(error, "a snake's state is not whole");
}

const rb_env_class rb_env_export = {RB_ENV_ABI, "snake", create,   destroy,  spec, reset, step,
                                    observe,    render,  transfer, transfer, NULL, NULL};
