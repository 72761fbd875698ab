// Version 1 of the interface in rainbow/env.h, as it was: its declarations without their comments. It never
// changes.
#ifndef RB_TESTS_OWN_ENV_ABI1_H
#define RB_TESTS_OWN_ENV_ABI1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

#define RB_ENV_ABI 1
typedef enum rb_obs_kind {
    RB_OBS_U8,
    RB_OBS_F32,
} rb_obs_kind;
static inline size_t rb_obs_bytes(rb_obs_kind kind, size_t values)
{
    return kind == RB_OBS_F32 ? values * sizeof(float) : values;
}
typedef struct rb_env_spec {
    rb_obs_kind kind;
    int channels, height, width;
    int stack;
    int actions;
    const char *const *action_names;
    int max_episode_steps;
    int frames_per_step;
    bool can_save;
    bool ends;
    int screen_height, screen_width;
} rb_env_spec;
typedef struct rb_env_step {
    double reward;
    bool terminated;
    bool truncated;
    bool life_lost;
    int frames;
    bool cut;
} rb_env_step;
typedef struct rb_env_stream {
    bool (*transfer)(struct rb_env_stream *stream, void *data, size_t bytes);
    void *context;
} rb_env_stream;
typedef struct rb_env rb_env;
typedef struct rb_env_class {
    int abi;
    const char *name;
    rb_status (*create)(rb_env **out, const void *options, uint64_t seed, rb_error *error);
    void (*destroy)(rb_env *env);
    void (*spec)(const rb_env *env, rb_env_spec *out);
    rb_status (*reset)(rb_env *env, rb_error *error);
    rb_status (*step)(rb_env *env, int action, rb_env_step *out, rb_error *error);
    void (*observe)(const rb_env *env, void *frame);
    void (*render)(const rb_env *env, uint8_t *rgb);
    rb_status (*save)(rb_env *env, rb_env_stream *to, rb_error *error);
    rb_status (*load)(rb_env *env, rb_env_stream *from, rb_error *error);
    void (*begin)(rb_env *env, int action);
    bool (*ready)(rb_env *env);
} rb_env_class;

extern const rb_env_class rb_env_export;

#endif
