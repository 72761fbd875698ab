// What TensorBoard shows of an evaluation besides its scores: all Q-values as a histogram, the first game as
// an animation, and one moment of it as the network saw it. It collects these as an observer (evaluator.h).
//
// A game may be long: the animation has at most RB_EVAL_PICTURES pictures, one every k steps. When they are
// full, every second one is dropped and k doubles, so they cover the whole game evenly. The moment that is
// kept is the last one whose step is a power of two, so it lies in the second half of the game.
#ifndef RB_ROLLOUT_EVAL_PICTURES_H
#define RB_ROLLOUT_EVAL_PICTURES_H

#include "io/gif.h"
#include "io/histogram.h"
#include "rollout/evaluator.h"

enum { RB_EVAL_PICTURES = 64, RB_EVAL_PICTURE_SIDE = 256 }; // most pictures; largest width or height

typedef struct rb_eval_pictures {
    bool wanted; // set by the caller: pictures too, not only the histogram
    rb_histogram q;
    rb_gif *gif;       // NULL: not wanted, not possible in this build, or the environment draws nothing
    int height, width; // size of the animation
    // The rest is private.
    const rb_env_class *class;
    rb_env_spec spec;
    int stack, shrink;
    int64_t step, every;    // in the first game
    uint8_t *screen, *seen; // the rendered picture; what the network saw
    size_t seen_bytes;
    uint32_t *sums; // [2][screen_width][3] sums of a few rows
} rb_eval_pictures;

rb_eval_observer
rb_eval_pictures_observer(rb_eval_pictures *pictures); // `pictures`: zero except for `wanted`
// After the evaluation. The caller frees the files. NULL and RB_OK: nothing to show.
rb_status rb_eval_pictures_game(const rb_eval_pictures *pictures, uint8_t **gif, size_t *bytes,
                                rb_error *error);
rb_status rb_eval_pictures_frames(const rb_eval_pictures *pictures, uint8_t **png, size_t *bytes, int *height,
                                  int *width, rb_error *error);
void rb_eval_pictures_free(rb_eval_pictures *pictures);

#endif
