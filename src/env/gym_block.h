// The interface between one Gymnasium environment and its worker: a shared block of memory, and one-byte
// messages over a socket pair that announce something to read in it.
//
//     0  kind  C  H  W  A  screen H  W  limited  frame_bytes    by the worker, once
//     40 action  frames  seed                   with a request (frames also with its answer)
//     56 reward  terminated  truncated  shown  signs  masked    with an answer
//     84 vector                                 by the worker, once: numbers beside the picture
//     88 text, NUL at its end
//     4096  frame 0 [C][H][W], frame 1 [C][H][W]   RB_OBS_U8: bytes, planar; RB_OBS_F32: floats; each with its
//                                                  vector of floats behind it
//           screen [H][W][3]                       bytes, for people
//           mask [A]                               bytes, 1: allowed, with an answer if `masked`
//
// Both sides are on one machine, so numbers are the machine's own. gym_worker.py holds the same offsets.
#ifndef RB_ENV_GYM_BLOCK_H
#define RB_ENV_GYM_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

enum { RB_GYM_FRAMES_AT = 4096, RB_GYM_TEXT_MAX = RB_GYM_FRAMES_AT - 88 };

typedef struct rb_gym_block {
    // Written by the worker before its first answer.
    int32_t kind, channels, height, width, actions;
    int32_t screen_height, screen_width; // 0: it renders nothing
    int32_t limited;                     // 1: it has a time limit of its own
    uint64_t frame_bytes;
    // Written with a request.
    int32_t action;
    int32_t frames; // to hold the action for; in the answer: the frames played
    uint64_t seed;
    // Written with an answer.
    double reward; // summed over the frames
    int32_t terminated, truncated;
    int32_t shown; // frames written: the newest is frame 1; if there are two, the one before it is frame 0
    int32_t signs; // of the frames' rewards, summed
    int32_t
        masked; // 1: there are action masks, and the mask is the present state's; decided at the first reset
    int32_t vector; // floats beside a picture; written with kind and shape
    // The reason of a failure. With the first answer: the actions' names, one per line, NUL, and a notice for
    // the user or "".
    char text[RB_GYM_TEXT_MAX];
} rb_gym_block;

_Static_assert(offsetof(rb_gym_block, frame_bytes) == 32 && offsetof(rb_gym_block, action) == 40 &&
                   offsetof(rb_gym_block, seed) == 48 && offsetof(rb_gym_block, reward) == 56 &&
                   offsetof(rb_gym_block, shown) == 72 && offsetof(rb_gym_block, signs) == 76 &&
                   offsetof(rb_gym_block, masked) == 80 && offsetof(rb_gym_block, vector) == 84 &&
                   offsetof(rb_gym_block, text) == 88 && sizeof(rb_gym_block) == RB_GYM_FRAMES_AT,
               "gym_worker.py writes to these places");

enum { // requests
    RB_GYM_STEP = 's',
    RB_GYM_RESET = 'r',      // with a seed
    RB_GYM_RESET_NEXT = 'n', // without a seed: continues the environment's own random numbers
    RB_GYM_DRAW = 'd',       // renders the screen
};

enum { // answers
    RB_GYM_DONE = '.',
    RB_GYM_USAGE = 'u', // the user's settings can't be used; text gives the reason
    RB_GYM_MISSING = 'm',
    RB_GYM_BROKE = 'e',
    RB_GYM_NUMBER = 'x',
};

// What the worker wrote before its first answer, read once and checked: the worker runs other people's code,
// and sizes in shared memory can change at any time.
typedef struct rb_gym_shape {
    int kind, channels, height, width, vector, actions;
    int screen_height, screen_width;          // 0: it renders nothing
    size_t frame_bytes, mask_at, block_bytes; // mask_at: from the block's beginning
} rb_gym_shape;

// `memory_bytes`: the size of the block's memory. RB_ERR_ENV: a number is impossible, or they do not fit
// together; the message begins with the fault.
rb_status rb_gym_block_read(const rb_gym_block *block, uint64_t memory_bytes, rb_gym_shape *out,
                            rb_error *error);

#endif
