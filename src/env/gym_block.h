// What one Gymnasium environment and its worker share: a block of memory, and the letters of one byte that
// are sent over a socket pair when there is something to read in it.
//
//     0  kind  C  H  W  A  screen H  W  frame_bytes    by the worker, once
//     40 action  frames  seed                   with a request (frames also with its answer)
//     56 reward  terminated  truncated  shown   with an answer
//     80 text, NUL at its end
//     4096  frame 0 [C][H][W], frame 1 [C][H][W]   RB_OBS_U8: bytes, planar; RB_OBS_F32: floats
//           screen [H][W][3]                       bytes, for people
//
// Both sides are on one machine, so numbers are the machine's own. gym_worker.py holds the same offsets.
#ifndef RB_ENV_GYM_BLOCK_H
#define RB_ENV_GYM_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { RB_GYM_FRAMES_AT = 4096, RB_GYM_TEXT_MAX = RB_GYM_FRAMES_AT - 80 };

typedef struct rb_gym_block {
    // By the worker, before its first answer.
    int32_t kind, channels, height, width, actions;
    int32_t screen_height, screen_width; // 0: it draws none
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
    // Why not; with the first answer: the actions' names, one a line, NUL, and a notice for the user or "".
    char text[RB_GYM_TEXT_MAX];
} rb_gym_block;

_Static_assert(offsetof(rb_gym_block, frame_bytes) == 32 && offsetof(rb_gym_block, action) == 40 &&
                   offsetof(rb_gym_block, seed) == 48 && offsetof(rb_gym_block, reward) == 56 &&
                   offsetof(rb_gym_block, shown) == 72 && offsetof(rb_gym_block, text) == 80 &&
                   sizeof(rb_gym_block) == RB_GYM_FRAMES_AT,
               "gym_worker.py writes to these places");

enum { // requests
    RB_GYM_STEP = 's',
    RB_GYM_RESET = 'r',      // with a seed
    RB_GYM_RESET_NEXT = 'n', // going on with the environment's own dice
    RB_GYM_DRAW = 'd',       // the screen
};

enum { // answers
    RB_GYM_DONE = '.',
    RB_GYM_USAGE = 'u', // what the user asked for can't be: text says why
    RB_GYM_MISSING = 'm',
    RB_GYM_BROKE = 'e',
    RB_GYM_NUMBER = 'x',
};

#endif
