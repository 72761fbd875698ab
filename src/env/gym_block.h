// What one Gymnasium environment and its worker share: a block of memory, and the letters of one byte that
// are sent over a socket pair when there is something to read in it.
//
//     0  kind  C  H  W  A  -   frame_bytes    by the worker, once
//     32 action  frames  seed                   with a request (frames also with its answer)
//     48 reward  terminated  truncated  shown   with an answer
//     72 text, NUL at its end
//     4096  frame 0 [C][H][W], frame 1 [C][H][W]   RB_OBS_U8: bytes, planar; RB_OBS_F32: floats
//
// Both sides are on one machine, so numbers are the machine's own. gym_worker.py holds the same offsets.
#ifndef RB_ENV_GYM_BLOCK_H
#define RB_ENV_GYM_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { RB_GYM_FRAMES_AT = 4096, RB_GYM_TEXT_MAX = RB_GYM_FRAMES_AT - 72 };

typedef struct rb_gym_block {
    // By the worker, before its first answer.
    int32_t kind, channels, height, width, actions;
    int32_t unused;
    uint64_t frame_bytes;
    // With a request.
    int32_t action;
    int32_t frames; // that the action is held for; in the answer: that were played
    uint64_t seed;
    // With an answer.
    double reward; // summed over the frames
    int32_t terminated, truncated;
    int32_t shown; // frames written: the newest is frame 1, the one before it, where there are two, frame 0
    int32_t padding;
    char text[RB_GYM_TEXT_MAX]; // why not; with the first answer: the actions' names, one a line
} rb_gym_block;

_Static_assert(offsetof(rb_gym_block, frame_bytes) == 24 && offsetof(rb_gym_block, action) == 32 &&
                   offsetof(rb_gym_block, seed) == 40 && offsetof(rb_gym_block, reward) == 48 &&
                   offsetof(rb_gym_block, shown) == 64 && offsetof(rb_gym_block, text) == 72 &&
                   sizeof(rb_gym_block) == RB_GYM_FRAMES_AT,
               "gym_worker.py writes to these places");

enum { // requests
    RB_GYM_STEP = 's',
    RB_GYM_RESET = 'r',      // with a seed
    RB_GYM_RESET_NEXT = 'n', // going on with the environment's own dice
};

enum { // answers
    RB_GYM_DONE = '.',
    RB_GYM_USAGE = 'u', // what the user asked for can't be: text says why
    RB_GYM_MISSING = 'm',
    RB_GYM_BROKE = 'e',
    RB_GYM_NUMBER = 'x',
};

#endif
