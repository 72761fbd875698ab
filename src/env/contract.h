// What an environment says about itself, held against the contract of rainbow/env.h.
#ifndef RB_ENV_CONTRACT_H
#define RB_ENV_CONTRACT_H

#include "rainbow/env.h"

enum {
    RB_ENV_ACTIONS_MOST = 65536, // each is an output of the network
    RB_ENV_STACK_MOST = 16,      // as env.stack
    RB_ENV_SIDE_MOST = 65536,    // of a picture, and channels
    RB_ENV_SCREEN_MOST = 16384,  // pixels, a side of render's picture
};
#define RB_ENV_FRAME_BYTES_MOST ((size_t)1 << 28) // of one frame

// RB_ERR_ENV with what is wrong and what was expected, or RB_OK. The sentence does not name the environment.
rb_status rb_env_class_check(const rb_env_class *class, rb_error *error); // after its `abi` was looked at
rb_status rb_env_spec_check(const rb_env_class *class, const rb_env_spec *spec, rb_error *error);

// Of one frame; what was checked.
static inline size_t rb_env_frame_bytes(const rb_env_spec *spec)
{
    return rb_obs_bytes(spec->kind, (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width);
}

// "NOOP, FIRE, RIGHT, LEFT": as many names as fit; empty where they have none.
void rb_action_names(char *out, size_t bytes, const rb_env_spec *env);

#endif
