// Decisions that are held: an environment of any class whose steps take one action for several of the inner
// one's (env.frame_skip), and which may go on with the action before instead of the new one (env.sticky).
//
//     decision          a                   b
//     inner steps       a   a   a   a       a   b   b   b        skip 4; the first of b's was sticky
//     reward            the sum             the sum              observed: what the last one shows
//
// A decision ends early where the game does. Sticky actions are drawn in every inner step, as in the frames
// of Atari games (Machado et al. 2018); an episode's first action is always taken (Gymnasium's StickyAction).
// The inner environment's time limit counts inner steps, so it may cut a decision short; one that the user
// gives (env.max_episode_steps) counts decisions and is the vector's, as always.
//
// Atari games have both rules inside, by frames (atari.frame_skip, atari.sticky), and so have some others one
// of them: see rb_repeat_check.
#ifndef RB_ENV_REPEAT_H
#define RB_ENV_REPEAT_H

#include "config/params.h"
#include "rainbow/env.h"

typedef struct rb_repeat_options {
    const rb_env_class *class; // of the inner environment
    const void *options;       // the inner environment's
    int skip;                  // at least 1
    double sticky;
    bool limited; // keep the inner environment's own time limit
} rb_repeat_options;

bool rb_repeat_wanted(const rb_env_params *params); // whether these settings ask for it at all
// RB_ERR_USAGE where `class` has such a rule of its own. `atari_pictures`: gym.pictures = atari.
rb_status rb_repeat_check(const rb_env_params *params, const rb_env_class *class, bool atari_pictures,
                          rb_error *error);

// The class whose options are rb_repeat_options with this inner class: it can do what the inner one can.
rb_env_class rb_repeat_class(const rb_env_class *inner);

#endif
