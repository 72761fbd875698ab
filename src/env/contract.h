// Checks an environment's description of itself against the contract of rainbow/env.h.
#ifndef RB_ENV_CONTRACT_H
#define RB_ENV_CONTRACT_H

#include "rainbow/env.h"

enum {
    RB_ENV_ACTIONS_MOST = 65536, // each is an output of the network
    RB_ENV_STACK_MOST = 16,      // like env.stack
    RB_ENV_SIDE_MOST = 65536,    // height, width and channels of a picture
    RB_ENV_SCREEN_MOST = 16384,  // pixels per side of render's picture
};
enum { RB_ENV_FRAME_BYTES_MOST = 1 << 28 }; // per frame

// RB_OK, or RB_ERR_ENV with the fault and the expected value. The message does not name the environment.
rb_status rb_env_class_check(const rb_env_class *class, rb_error *error); // after its `abi` was checked
rb_status rb_env_spec_check(const rb_env_class *class, const rb_env_spec *spec, rb_error *error);
// Of a mask in a game that has not terminated.
rb_status rb_env_mask_check(const uint8_t *allowed, int actions, rb_error *error);

// Bytes per frame of a checked spec.
static inline size_t rb_env_frame_bytes(const rb_env_spec *spec)
{
    const size_t picture = (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width;
    return rb_obs_bytes(spec->kind, picture) + (size_t)spec->vector * sizeof(float);
}

// The first float of a frame that is not finite: true, its number among all the frame's, and its value.
bool rb_env_frame_odd(const rb_env_spec *spec, const void *frame, size_t *at, float *value);

// "NOOP, FIRE, RIGHT, LEFT": as many names as fit; empty if the actions have no names.
void rb_action_names(char *out, size_t bytes, const rb_env_spec *env);

#endif
