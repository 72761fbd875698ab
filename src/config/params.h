// The groups' structs, made from the table (params.def). Each room reads only its own groups; `train` passes
// them on.
#ifndef RB_CONFIG_PARAMS_H
#define RB_CONFIG_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

enum { RB_TEXT_MAX = 4096 };        // bytes of a text, NUL included
enum { RB_ROLLOUT_MOST = 1 << 24 }; // steps of all environments in one rollout

#define RB_GROUP(group, help)                                     typedef struct rb_##group##_params {
#define RB_INT(group, key, def, least, most, unit, resume, help)  int64_t key;
#define RB_REAL(group, key, def, least, most, unit, resume, help) double key;
#define RB_BOOL(group, key, def, resume, help)                    bool key;
#define RB_CHOICE(group, key, def, names, resume, help)           int32_t key;
#define RB_TEXT(group, key, def, resume, help)                    char key[RB_TEXT_MAX];
#define RB_END(group)                                                                                        \
    }                                                                                                        \
    rb_##group##_params;
#include "config/params.def"
#undef RB_GROUP
#undef RB_INT
#undef RB_REAL
#undef RB_BOOL
#undef RB_CHOICE
#undef RB_TEXT
#undef RB_END

typedef struct rb_params {
#define RB_GROUP(group, help) rb_##group##_params group;
#define RB_INT(...)
#define RB_REAL(...)
#define RB_BOOL(...)
#define RB_CHOICE(...)
#define RB_TEXT(...)
#define RB_END(group)
#include "config/params.def"
#undef RB_GROUP
#undef RB_INT
#undef RB_REAL
#undef RB_BOOL
#undef RB_CHOICE
#undef RB_TEXT
#undef RB_END
} rb_params;

// What an environment is made from: its name and the groups marked RB_ENV_GROUP.
typedef struct rb_env_settings {
    const char *name; // run.env, as the user wrote it; points into the rb_params it was made from
#define RB_GROUP(group, help)
#define RB_ENV_GROUP(group, help) rb_##group##_params group;
#define RB_INT(...)
#define RB_REAL(...)
#define RB_BOOL(...)
#define RB_CHOICE(...)
#define RB_TEXT(...)
#define RB_END(group)
#include "config/params.def"
#undef RB_GROUP
#undef RB_INT
#undef RB_REAL
#undef RB_BOOL
#undef RB_CHOICE
#undef RB_TEXT
#undef RB_END
} rb_env_settings;
rb_env_settings rb_env_settings_of(const rb_params *params);
extern const char *const rb_env_groups[]; // the names of those groups, ended by NULL

// The positions of the choices, in the order of the table (a test compares the two).
enum { RB_STACK_REPEAT, RB_STACK_BLACK };
enum { RB_PRINT_NONE, RB_PRINT_GAMES, RB_PRINT_LIVES };
enum { RB_FULL_DISK_WAIT, RB_FULL_DISK_STOP };
enum { RB_DRAWS_STRATIFIED, RB_DRAWS_INDEPENDENT };
enum { RB_COMPRESS_NONE, RB_COMPRESS_LZ4 };
enum { RB_REWARD_RAW, RB_REWARD_SIGN, RB_REWARD_FRAME_SIGNS };
enum { RB_LIFE_IGNORE, RB_LIFE_TERMINAL, RB_LIFE_PENALTY };
enum { RB_POOL_GREY, RB_POOL_RGB, RB_POOL_LAST };
enum { RB_PICTURES_RAW, RB_PICTURES_ATARI };
enum { RB_CHANNELS_AUTO, RB_CHANNELS_FIRST, RB_CHANNELS_LAST, RB_CHANNELS_NONE };
enum { RB_KERNELS_AUTO, RB_KERNELS_AVX512, RB_KERNELS_AVX2, RB_KERNELS_PLAIN };
enum { RB_PRECISION_AUTO, RB_PRECISION_F32, RB_PRECISION_BF16 };
enum {
    RB_TRUNK_AUTO,
    RB_TRUNK_NATURE,
    RB_TRUNK_NIPS,
    RB_TRUNK_DER,
    RB_TRUNK_MINATAR,
    RB_TRUNK_MLP,
    RB_TRUNK_IMPALA,
    RB_TRUNK_IMPOOLA
};
enum { RB_NET_NORM_NONE, RB_NET_NORM_BATCH, RB_NET_NORM_LAYER, RB_NET_NORM_CHANNEL };
enum { RB_INIT_PYTORCH, RB_INIT_DOPAMINE, RB_INIT_LECUN_NORMAL, RB_INIT_HE_NORMAL };
enum { RB_NOISY_OFF, RB_NOISY_FACTORISED, RB_NOISY_INDEPENDENT };
enum { RB_NOISY_DRAWS_SHARED, RB_NOISY_DRAWS_FRESH };
enum { RB_HEAD_AUTO, RB_HEAD_SCALAR, RB_HEAD_CATEGORICAL, RB_HEAD_QUANTILE, RB_HEAD_IMPLICIT };
enum { RB_CATEGORICAL_PROJECT, RB_CATEGORICAL_HL_GAUSS };
enum { RB_LOSS_HUBER, RB_LOSS_SQUARED, RB_LOSS_HALF_SQUARED };
enum { RB_PRIORITY_KL, RB_PRIORITY_CROSS_ENTROPY };
enum { RB_EXPLORE_LINEAR, RB_EXPLORE_EXPONENTIAL };
enum { RB_EXPLORE_BY_STEPS, RB_EXPLORE_BY_UPDATES, RB_EXPLORE_BY_EPISODES };
enum { RB_VIEW_OVERLAY, RB_VIEW_PLAIN, RB_VIEW_PIXELS };
enum { RB_OPTIM_ADAM, RB_OPTIM_RMSPROP, RB_OPTIM_RMSPROP_CENTERED, RB_OPTIM_RADAM };

// The head that the settings mean, never RB_HEAD_AUTO.
static inline int rb_head_of(const rb_agent_params *p)
{
    if (p->head != RB_HEAD_AUTO) return p->head;
    return p->categorical ? RB_HEAD_CATEGORICAL : RB_HEAD_SCALAR;
}
// The file that compute.device names, if it is xla:PATH; NULL: it names none. xla:cpu is a plugin by name.
static inline const char *rb_device_file(const char *device)
{
    const bool names = device[0] == 'x' && device[1] == 'l' && device[2] == 'a' && device[3] == ':';
    const bool cpu = names && device[4] == 'c' && device[5] == 'p' && device[6] == 'u' && !device[7];
    return names && !cpu ? device + 4 : (const char *)0;
}
// The most rewards that a return sums: agent.n_step, unless it rises to agent.n_step_end.
static inline int64_t rb_most_steps(const rb_agent_params *p)
{
    return p->anneal_updates && p->n_step_end > p->n_step ? p->n_step_end : p->n_step;
}

#endif
