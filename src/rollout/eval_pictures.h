// What TensorBoard shows of an evaluation beside its scores: all Q-values as a histogram, the first game as a
// moving picture, and one moment of it as the network saw it. Looks on (evaluator.h), and gathers.
//
// A game may be long: the moving picture has at most RB_EVAL_PICTURES pictures, of every k-th step. When they
// are full every second is forgotten and k doubles, so they cover the whole game evenly. The moment that is
// kept is the last whose step is a power of two: somewhere in the second half.
#ifndef RB_ROLLOUT_EVAL_PICTURES_H
#define RB_ROLLOUT_EVAL_PICTURES_H

#include "io/gif.h"
#include "io/histogram.h"
#include "rollout/evaluator.h"

enum { RB_EVAL_PICTURES = 64, RB_EVAL_PICTURE_SIDE = 256 }; // how many at most, and how wide or high

typedef struct rb_eval_pictures {
    bool wanted; // set before: pictures too, not only the histogram
    rb_histogram q;
    rb_gif *gif;       // NULL: none is wanted, none can be made, or the environment draws nothing
    int height, width; // of the moving picture
    // From here on its own.
    const rb_env_class *class;
    rb_env_spec spec;
    int stack, shrink;
    int64_t step, every;    // of the first game
    uint8_t *screen, *seen; // the drawn picture; what the network saw
    size_t seen_bytes;
    uint32_t *sums; // [2][screen_width][3] of some rows
} rb_eval_pictures;

rb_eval_observer
rb_eval_pictures_observer(rb_eval_pictures *pictures); // of one that is all zero but for `wanted`
// After the evaluation. The files belong to the caller, who frees them. NULL and RB_OK: nothing to show.
rb_status rb_eval_pictures_game(const rb_eval_pictures *pictures, uint8_t **gif, size_t *bytes,
                                rb_error *error);
rb_status rb_eval_pictures_frames(const rb_eval_pictures *pictures, uint8_t **png, size_t *bytes, int *height,
                                  int *width, rb_error *error);
void rb_eval_pictures_free(rb_eval_pictures *pictures);

#endif
