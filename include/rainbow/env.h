// Environments: what a task offers to the learner. Own tasks are shared objects that export one symbol
// (rb_env_export); the built-in ones use the same table.
//
// A step never resets by itself: after `terminated` or `truncated` the caller reads the last observation,
// then calls reset. One instance is used by one thread at a time; several instances run on several threads.
#ifndef RAINBOW_ENV_H
#define RAINBOW_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

#define RB_ENV_ABI 1

typedef enum rb_obs_kind {
    RB_OBS_U8,  // bytes, planar [channels][height][width]: pictures; networks see them divided by 255
    RB_OBS_F32, // floats, [channels] with height = width = 1: vectors
} rb_obs_kind;

typedef struct rb_env_spec {
    rb_obs_kind kind;
    int channels, height, width;     // of one frame; the stack of frames is made outside
    int stack;                       // frames that are usually stacked to one observation
    int actions;                     // numbered 0 .. actions-1
    const char *const *action_names; // [actions], or NULL
    int max_episode_steps;           // the usual time limit, kept by the caller as a truncation; 0: none
    int frames_per_step;             // emulated frames that one step takes (for counting)
    bool can_save;                   // save and load hold the whole state
    int screen_height, screen_width; // of render; 0: it can't
} rb_env_spec;

typedef struct rb_env_step {
    double reward; // raw
    bool terminated, truncated;
    bool life_lost; // a life less while the game goes on
    int frames;     // emulated in this step
} rb_env_step;

// Writes `bytes` of state (sink) or reads exactly `bytes` (source); both report a failure by false.
typedef struct rb_env_stream {
    bool (*transfer)(struct rb_env_stream *stream, void *data, size_t bytes);
    void *context;
} rb_env_stream;

typedef struct rb_env rb_env; // an instance: the environment's own
typedef struct rb_env_class {
    int abi; // RB_ENV_ABI
    const char *name;
    rb_status (*create)(rb_env **out, const void *options, uint64_t seed, rb_error *error);
    void (*destroy)(rb_env *env);
    void (*spec)(const rb_env *env, rb_env_spec *out);
    // Goes on with its own dice: never the same start again and again.
    rb_status (*reset)(rb_env *env, rb_error *error);
    rb_status (*step)(rb_env *env, int action, rb_env_step *out, rb_error *error);
    void (*observe)(const rb_env *env, void *frame); // the newest frame, spec's shape
    // Optional: [screen_height][screen_width][3].
    void (*render)(const rb_env *env, uint8_t *rgb);
    // Optional: everything that the future depends on.
    rb_status (*save)(rb_env *env, rb_env_stream *to, rb_error *error);
    // Optional: of an instance made with the same options.
    rb_status (*load)(rb_env *env, rb_env_stream *from, rb_error *error);
} rb_env_class;

#endif
