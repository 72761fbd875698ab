// Action repeat: an environment around one of any class. Each of its steps holds one action for several inner
// steps (env.frame_skip), and may repeat the previous action instead of the new one (env.sticky).
//
//     decision          a                   b
//     inner steps       a   a   a   a       a   b   b   b        skip 4; the first of b's was sticky
//     reward            the sum             the sum              observed: the last inner step
//
// A decision ends early if the game does. Sticky actions are drawn in every inner step, as in every frame of
// Atari games (Machado et al. 2018); an episode's first action is always taken (as in Gymnasium's
// StickyAction). The inner environment's time limit counts inner steps, so it may cut a decision short; the
// user's limit (env.max_episode_steps) counts decisions and is applied by the vector, as always.
//
// An action that is no longer allowed (rb_env_class, mask) is not repeated: the decision ends before the next
// inner step, and a sticky action gives way to the new one. The random stream advances as without masks.
//
// Atari games have their own versions of both rules, by frames (atari.frame_skip, atari.sticky), and some
// other environments have one of them: see rb_repeat_check.
#ifndef RB_ENV_REPEAT_H
#define RB_ENV_REPEAT_H

#include "config/params.h"
#include "env/registry.h"
#include "rainbow/env.h"

typedef struct rb_repeat_options {
    const rb_env_class *class; // the inner environment's
    const void *options;       // the inner environment's
    int skip;                  // at least 1
    double sticky;
    bool limited; // keep the inner environment's own time limit
    bool masks;   // apply the inner environment's masks
} rb_repeat_options;

bool rb_repeat_wanted(const rb_env_params *params); // whether these settings need this wrapper
// RB_ERR_USAGE if `class` has its own version of a requested rule. `atari_pictures`: gym.pictures = atari.
rb_status rb_repeat_check(const rb_env_params *params, const rb_env_class *class, bool atari_pictures,
                          rb_error *error);

// The wrapper's class for this inner class; its options are rb_repeat_options. It supports the same functions
// as the inner one.
rb_env_class rb_repeat_class(const rb_env_class *inner);
extern const rb_env_frames rb_repeat_frames; // for this class

#endif
