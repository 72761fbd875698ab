// Environments: the interface between a task and the learner, and how to write a custom one.
//
// A custom environment is one C or C++ file compiled into a shared object. It needs only this header and
// links to nothing of Rainbow:
//
//     cc -O2 -shared -fPIC -I RAINBOW/include my_env.c -o my_env.so
//     rainbow check ./my_env.so             random play, and any breach of the contract below
//     rainbow train ./my_env.so             the path contains a '/'; it is relative to the current directory
//
//     #include "rainbow/env.h"
//     struct rb_env { ... };                the state of one game
//     static rb_status create(...) ...      the functions of rb_env_class, below
//     const rb_env_class rb_env_export = {.abi = RB_ENV_ABI, .name = "my_env", .create = create, ...};
//
// The object exports one symbol, the table rb_env_export. examples/ has a complete environment in under 100
// lines.
//
// The contract, which `rainbow check` tests:
//
//   Life      create, spec, then reset; then step and observe over and over. A step never resets by itself:
//             after `terminated` or `truncated` the caller reads the last observation and calls reset. A
//             reset may also come in the middle of a game. After the end of a game, reset comes before the
//             next step.
//   Dice      all randomness comes from the `seed` of create: instances with the same seed and options,
//             given the same actions, play the same games. reset continues the random stream, so that games
//             start differently. The environments of one vector get different seeds.
//   Threads   one instance is used by one thread at a time, not always the same one; several instances run
//             on several threads at once. So instances share no variable: every global or static variable
//             is const. While instances play, denormal floats count as zero.
//   Numbers   rewards and float observations are finite. An observation keeps the shape of the spec.
//   Time      step, observe and reset are called millions of times: what they need is allocated in create.
//             They do not print, and never end the process.
//   Failures  a function that can fail returns RB_OK, or `return rb_env_fail(error, "why")`. A failing step
//             ends the training with that sentence.
//   Masks     an environment in which some actions are illegal at times may report which ones are allowed:
//             see `mask`. An agent then chooses among these only. A mask allows at least one action, until
//             the game has terminated.
//   State     save and load make a training run exactly resumable. Without them it can still be resumed, but
//             with new games. The state is everything that the future depends on, including the random
//             stream and the next observation.
#ifndef RAINBOW_ENV_H
#define RAINBOW_ENV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// The version of everything below. Objects made for version 1, which had no masks, and for version 2, which
// had no vectors beside pictures, are accepted too; those for any other version are rejected.
#define RB_ENV_ABI 3

typedef enum rb_obs_kind {
    RB_OBS_U8,  // bytes, planar [channels][height][width]: pictures; the network gets them divided by 255
    RB_OBS_F32, // floats of any shape, planar: the network gets them unscaled; vectors: height = width = 1
} rb_obs_kind;

// The size of `values` numbers of an observation, in bytes.
static inline size_t rb_obs_bytes(rb_obs_kind kind, size_t values)
{
    return kind == RB_OBS_F32 ? values * sizeof(float) : values;
}

// The properties of an environment. They are the same in every instance with the same options, from create to
// destroy.
typedef struct rb_env_spec {
    rb_obs_kind kind;
    int channels, height, width;     // of one frame; the caller builds the stack of frames
    int stack;                       // the default number of frames stacked into one observation; 0: 1
    int actions;                     // numbered 0 .. actions-1
    const char *const *action_names; // [actions], or NULL
    int max_episode_steps;           // the default time limit, enforced by the caller as a truncation; 0:
                                     // none
    int frames_per_step;             // emulated frames per step (for counting); 0: 1
    bool can_save;                   // save and load hold the whole state
    bool ends; // its games always end by themselves, after some limit of its own; without
               // any limit, evaluations cut very long games
    int screen_height, screen_width; // the size of render's picture; 0: no render
    bool masks; // since version 2; there are masks. A custom environment need not set it:
                // it has masks if its table has the function mask
    int vector; // since version 3; floats that every frame has behind its picture, in the same block of
                // memory: of a picture of bytes, 4 bytes each, which need not be aligned (use memcpy). The
                // network gets them unscaled, beside the picture (net.layers: append). 0: a picture or a
                // vector alone
} rb_env_spec;

typedef struct rb_env_step { // all zero when step is called
    double reward;           // raw: reported in tables as it is, clipped for the learner only if the settings
                             // ask for it
    bool terminated;         // the game ended: nothing follows, so the learner does not bootstrap
    bool truncated;          // the game was cut off: the learner bootstraps from the last observation
    bool life_lost;          // a life was lost; the last one may be reported together with `terminated`
    int frames;              // emulated frames in this step; 0: the spec's frames_per_step
    bool cut;                // the game was lost before this step was done (its process is gone): the step is
                             // discarded, observe is not called, and reset comes next
} rb_env_step;

// Writes `bytes` of state (when saving) or reads exactly `bytes` (when loading). Returns false on failure;
// save and load then return an error.
typedef struct rb_env_stream {
    bool (*transfer)(struct rb_env_stream *stream, void *data, size_t bytes);
    void *context; // belongs to the stream
} rb_env_stream;

typedef struct rb_env rb_env; // one instance; the environment defines the struct
typedef struct rb_env_class {
    int abi; // RB_ENV_ABI
    const char *name;
    // Makes an instance. The caller owns it, and calls reset before the first step. `options`: for an
    // environment in a shared object, the text of env.options, a `const char *`, "" if none was given;
    // built-in environments have their own struct. It is valid only during create.
    rb_status (*create)(rb_env **out, const void *options, uint64_t seed, rb_error *error);
    void (*destroy)(rb_env *env);
    void (*spec)(const rb_env *env, rb_env_spec *out); // all zero when called
    // Begins a game. The environment's random stream continues, so games start differently. A sentence in
    // error->message together with RB_OK is a notice for the user.
    rb_status (*reset)(rb_env *env, rb_error *error);
    rb_status (*step)(rb_env *env, int action, rb_env_step *out, rb_error *error); // 0 <= action < actions
    // Writes the newest frame, all of it, in the spec's shape: `uint8_t *` or `float *`; with a vector, the
    // picture and then the vector's floats. Changes nothing.
    void (*observe)(const rb_env *env, void *frame);
    // Optional: a picture for people, [screen_height][screen_width][3], red, green, blue. Changes nothing.
    void (*render)(const rb_env *env, uint8_t *rgb);
    // Optional: writes everything that the future depends on. If the spec's can_save is false, it writes
    // enough to begin games other than those before, because a reset follows the load. Changes nothing.
    rb_status (*save)(rb_env *env, rb_env_stream *to, rb_error *error);
    // Optional: restores a saved state into an instance with the same options, whatever its seed and whether
    // or not it was reset. Reads exactly what save wrote, and returns an error for data that cannot be such a
    // state. After a failure the caller only destroys the instance.
    rb_status (*load)(rb_env *env, rb_env_stream *from, rb_error *error);
    // Optional, for environments computed elsewhere: begins a step. The next call is a step with the same
    // action, which waits for it. One thread begins all environments of a vector before it waits for any.
    void (*begin)(rb_env *env, int action);
    // Required with begin: whether the begun step is done, so that a step call would not wait.
    bool (*ready)(rb_env *env);
    // Optional, since version 2: which actions are allowed in the present state, `allowed` [actions], 1 or 0
    // for each. Called after reset and after each step that did not terminate the game. Changes nothing. The
    // agent takes and values only allowed actions; with env.masks = false it does not know of masks, so step
    // must accept forbidden actions, too, with an outcome that the environment defines.
    void (*mask)(const rb_env *env, uint8_t *allowed);
} rb_env_class;

// Defined by a custom environment, and by no part of Rainbow.
#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
extern const rb_env_class rb_env_export;

// Writes the sentence (printf style) and returns RB_ERR_ENV, the status with which an environment's function
// fails. It is defined here, so that there is nothing to link.
#ifdef __GNUC__
__attribute__((format(printf, 2, 3), unused))
#endif
static inline rb_status
rb_env_fail(rb_error *error, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        error->status = RB_ERR_ENV;
    }
    return RB_ERR_ENV;
}

#ifdef __cplusplus
}
#endif

#endif
