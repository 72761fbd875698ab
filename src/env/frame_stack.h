// A stack of an episode's newest frames, oldest first: what the agent acts on.
#ifndef RB_ENV_FRAME_STACK_H
#define RB_ENV_FRAME_STACK_H

#include <stdbool.h>
#include <string.h>

// Begins an episode: every place holds its first frame or, if `black`, zeros before it.
static inline void rb_frame_stack_begin(char *stack, int frames, size_t frame_bytes, const void *first,
                                        bool black)
{
    for (int k = 0; k < frames; k++) {
        char *frame = stack + (size_t)k * frame_bytes;
        if (black && k + 1 < frames)
            memset(frame, 0, frame_bytes);
        else
            memcpy(frame, first, frame_bytes);
    }
}

// Drops the oldest frame and adds the newest.
static inline void rb_frame_stack_push(char *stack, int frames, size_t frame_bytes, const void *newest)
{
    const size_t older = (size_t)(frames - 1) * frame_bytes;
    memmove(stack, stack + frame_bytes, older);
    memcpy(stack + older, newest, frame_bytes);
}

#endif
