// Environments: what a task offers to the learner, and how to write one of your own.
//
// An environment of your own is one C file (or C++ file) made into a shared object. Nothing of Rainbow is
// linked to it; this header is all it needs:
//
//     cc -O2 -shared -fPIC -I RAINBOW/include my_env.c -o my_env.so
//     rainbow check ./my_env.so             random play, and what breaks the contract below
//     rainbow train ./my_env.so             the path holds a '/', and counts from the current directory
//
//     #include "rainbow/env.h"
//     struct rb_env { ... };                one game, whatever it needs
//     static rb_status create(...) ...      the functions of rb_env_class, below
//     const rb_env_class rb_env_export = {.abi = RB_ENV_ABI, .name = "my_env", .create = create, ...};
//
// The object's one exported symbol is that table, rb_env_export. examples/ has a whole one in under 100
// lines.
//
// The contract, which `rainbow check` holds an environment against:
//
//   Life      create, spec, then reset; then step and observe over and over. A step never resets by itself:
//             after `terminated` or `truncated` the caller reads the last observation and calls reset. A
//             reset may also come in the middle of a game. No step follows the end of a game without one.
//   Dice      whatever is random comes from the `seed` of create: instances of the same seed and options,
//             given the same actions, play the same games. reset goes on with the dice, so that games start
//             differently. The environments of one vector get different seeds.
//   Threads   one instance is used by one thread at a time, not always the same one; several instances run
//             on several threads at once. So no variable is shared between instances: no global or static
//             one, unless it is const. While instances play, denormal floats count as zero.
//   Numbers   rewards and float observations are finite. An observation keeps the shape of the spec.
//   Time      step, observe and reset are called millions of times: what they need is allocated in create.
//             They do not print, and never end the process.
//   Failures  a function that can fail returns RB_OK, or `return rb_env_fail(error, "why")`. A failing step
//             ends the training with that sentence.
//   State     save and load make a training exactly resumable. Without them it can be resumed too, with new
//             games. Everything that the future depends on belongs to it: the dice too, and what the next
//             observation shows.
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

#define RB_ENV_ABI 1 // of everything below; an object made for another one is refused

typedef enum rb_obs_kind {
    RB_OBS_U8,  // bytes, planar [channels][height][width]: pictures; networks see them divided by 255
    RB_OBS_F32, // floats of any shape, planar: networks see them as they are; vectors: height = width = 1
} rb_obs_kind;

// The size of `values` numbers of an observation, in bytes.
static inline size_t rb_obs_bytes(rb_obs_kind kind, size_t values)
{
    return kind == RB_OBS_F32 ? values * sizeof(float) : values;
}

// What an environment is like; the same in every instance with the same options, from create to destroy.
typedef struct rb_env_spec {
    rb_obs_kind kind;
    int channels, height, width;     // of one frame; the stack of frames is made outside
    int stack;                       // frames that are usually stacked to one observation; 0: 1
    int actions;                     // numbered 0 .. actions-1
    const char *const *action_names; // [actions], or NULL
    int max_episode_steps;           // the usual time limit, kept by the caller as a truncation; 0: none
    int frames_per_step;             // emulated frames that one step takes (for counting); 0: 1
    bool can_save;                   // save and load hold the whole state
    int screen_height, screen_width; // of render; 0: it can't
} rb_env_spec;

typedef struct rb_env_step { // all zero when step is called
    double reward;           // raw: shown in tables as it is, clipped for the learner only where asked for
    bool terminated;         // the game came to its end: nothing follows, so nothing is expected
    bool truncated;          // the game was cut off: what would have followed is still expected
    bool life_lost;          // a life less; the last one may be told with `terminated`
    int frames;              // emulated in this step; 0: the spec's frames_per_step
    bool cut;                // the game was lost before this step was done (what played it is gone): the step
                             // is forgotten, nothing is observed, and reset comes next
} rb_env_step;

// Writes `bytes` of state (sink) or reads exactly `bytes` (source); both report a failure by false, which
// save and load then hand on as a failure of theirs.
typedef struct rb_env_stream {
    bool (*transfer)(struct rb_env_stream *stream, void *data, size_t bytes);
    void *context; // the stream's own
} rb_env_stream;

typedef struct rb_env rb_env; // an instance: the environment's own struct
typedef struct rb_env_class {
    int abi; // RB_ENV_ABI
    const char *name;
    // Makes an instance, which belongs to the caller, who calls reset before the first step. `options`: of an
    // environment in a shared object the text of env.options, a `const char *`, "" where none was given
    // (built-in ones have a struct of their own). It may be used only while creating.
    rb_status (*create)(rb_env **out, const void *options, uint64_t seed, rb_error *error);
    void (*destroy)(rb_env *env);
    void (*spec)(const rb_env *env, rb_env_spec *out); // all zero when called
    // Begins a game, and goes on with its own dice: never the same start again and again. A sentence in
    // error->message with RB_OK is a notice for the user.
    rb_status (*reset)(rb_env *env, rb_error *error);
    rb_status (*step)(rb_env *env, int action, rb_env_step *out, rb_error *error); // 0 <= action < actions
    // Writes the newest frame, all of it, in the spec's shape: `uint8_t *` or `float *`. Changes nothing.
    void (*observe)(const rb_env *env, void *frame);
    // Optional: a picture for people, [screen_height][screen_width][3], red, green, blue. Changes nothing.
    void (*render)(const rb_env *env, uint8_t *rgb);
    // Optional: everything that the future depends on; where the spec's can_save is false, what is enough for
    // another game than those before, for a reset follows the load. Changes nothing.
    rb_status (*save)(rb_env *env, rb_env_stream *to, rb_error *error);
    // Optional: of an instance made with the same options, whatever its seed and whether it was reset. Reads
    // just what save wrote, and refuses what can't be such a state. After a failure the instance is only
    // destroyed.
    rb_status (*load)(rb_env *env, rb_env_stream *from, rb_error *error);
    // Optional, for what is computed elsewhere: begins a step, which the next call, a step with the same
    // action, waits for. All environments of a vector are begun before any is waited for, by one thread.
    void (*begin)(rb_env *env, int action);
    // With begin: whether the step that was begun is done, so that it need not be waited for.
    bool (*ready)(rb_env *env);
} rb_env_class;

// What an environment of your own defines; no other part of Rainbow does.
#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
extern const rb_env_class rb_env_export;

// Writes the sentence (printf style) and returns RB_ERR_ENV: what a function of your environment returns when
// it fails. Complete as it stands, so that there is nothing to link.
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
