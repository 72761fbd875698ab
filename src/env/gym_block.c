// Reading a worker's description of its environment: see gym_block.h.
#include "env/gym_block.h"

#include <stdbool.h>
#include "rainbow/env.h"

enum { SIDE_MOST = 1 << 24, SCREEN_MOST = 1 << 14 };

static bool within(int value, int least, int most)
{
    return value >= least && value <= most;
}

rb_status rb_gym_block_read(const rb_gym_block *block, uint64_t memory_bytes, rb_gym_shape *out,
                            rb_error *error)
{
    const volatile rb_gym_block *b = block; // each number is read once
    *out = (rb_gym_shape){.kind = b->kind,
                          .channels = b->channels,
                          .height = b->height,
                          .width = b->width,
                          .vector = b->vector,
                          .actions = b->actions,
                          .screen_height = b->screen_height,
                          .screen_width = b->screen_width,
                          .frame_bytes = b->frame_bytes};
    const bool shape = within(out->channels, 1, SIDE_MOST) && within(out->height, 1, SIDE_MOST) &&
                       within(out->width, 1, SIDE_MOST) && within(out->vector, 0, SIDE_MOST) &&
                       out->actions >= 1;
    if (!shape || !within(out->kind, RB_OBS_U8, RB_OBS_F32))
        return rb_error_set(error, RB_ERR_ENV,
                            "its worker describes observations of kind %d and %d x %d x %d, and %d actions",
                            out->kind, out->channels, out->height, out->width, out->actions);
    if (!within(out->screen_height, 0, SCREEN_MOST) || !within(out->screen_width, 0, SCREEN_MOST))
        return rb_error_set(error, RB_ERR_ENV, "its worker describes a screen of %d x %d", out->screen_height,
                            out->screen_width);
    uint64_t numbers = (uint64_t)out->channels * (uint64_t)out->height, bytes;
    const uint64_t screen = 3 * (uint64_t)out->screen_height * (uint64_t)out->screen_width;
    const uint64_t size = out->kind == RB_OBS_U8 ? 1 : sizeof(float);
    if (__builtin_mul_overflow(numbers, (uint64_t)out->width * size, &bytes) ||
        __builtin_add_overflow(bytes, (uint64_t)out->vector * sizeof(float), &bytes) ||
        bytes != out->frame_bytes)
        return rb_error_set(error, RB_ERR_ENV,
                            "its worker describes frames of %zu bytes for %d x %d x %d and %d numbers",
                            out->frame_bytes, out->channels, out->height, out->width, out->vector);
    const uint64_t rest = RB_GYM_FRAMES_AT + screen + (uint64_t)out->actions;
    if (memory_bytes < rest || bytes > (memory_bytes - rest) / 2)
        return rb_error_set(error, RB_ERR_ENV, "its worker has no memory for its observations");
    out->mask_at = RB_GYM_FRAMES_AT + 2 * bytes + screen;
    out->block_bytes = out->mask_at + (size_t)out->actions;
    return RB_OK;
}
