"""Writes the C source of rainbow_dqn._rainbow, the part of the public headers that Python uses, for CMake to compile.

    python build_library.py OUT.c

The declarations below are checked by the C compiler against include/rainbow/. The module uses only Python's stable ABI,
so that one wheel serves every version.
"""
import sys

import cffi

DECLARATIONS = """
typedef enum rb_status {
    RB_OK, RB_ERR_USAGE, RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_MEMORY, RB_ERR_MISSING, RB_ERR_EXISTS, RB_ERR_NUMBER, RB_ERR_ENV,
    RB_ERR_FULL, RB_INTERRUPTED, ...
} rb_status;
typedef struct rb_error { rb_status status; char message[1024]; ...; } rb_error;

void rb_rainbow_init(void);
const char *rb_rainbow_version(void);

typedef struct rb_config rb_config;
rb_status rb_config_create(rb_config **out, rb_error *error);
void rb_config_destroy(rb_config *config);
rb_status rb_config_arguments(rb_config *config, int count, const char *const *words, rb_error *error);
rb_status rb_config_get(const rb_config *config, const char *key, char *out, int out_bytes, rb_error *error);
rb_status rb_config_read(rb_config *config, const char *path, rb_error *error);
typedef struct rb_param_info { const char *key; const char *kind; ...; } rb_param_info;
int rb_param_count(void);
const rb_param_info *rb_param_get(int i);
typedef struct rb_short_form { const char *name; const char *key; const char *value; const char *on; const char *off; ...; } rb_short_form;
int rb_short_form_count(void);
const rb_short_form *rb_short_form_get(int i);

typedef enum rb_obs_kind { RB_OBS_U8, RB_OBS_F32, ... } rb_obs_kind;
typedef struct rb_learner rb_learner;
typedef struct rb_learner_spec {
    rb_obs_kind kind;
    int channels, height, width, stack, actions;
    const char *const *action_names;
    int streams;
    bool manual;
    bool masks;
    int vector;
    ...;
} rb_learner_spec;
rb_status rb_learner_create(rb_learner **out, const rb_config *config, const rb_learner_spec *spec, rb_error *error);
void rb_learner_destroy(rb_learner *learner);
rb_status rb_learner_act_many(rb_learner *learner, int count, const int *streams, const void *observations,
                              const uint8_t *masks, int32_t *actions, rb_error *error);
rb_status rb_learner_observe_many(rb_learner *learner, int count, const int *streams, const double *rewards,
                                  const uint8_t *terminated, const uint8_t *truncated, const void *next_observations,
                                  const uint8_t *next_masks, rb_error *error);
rb_status rb_learner_abandon(rb_learner *learner, int stream, rb_error *error);
rb_status rb_learner_learn(rb_learner *learner, int64_t updates, int64_t *made, rb_error *error);
rb_status rb_learner_save(rb_learner *learner, const char *file, rb_error *error);
rb_status rb_learner_load(rb_learner **out, const char *file, int change_count, const char *const *changes, rb_error *error);
rb_status rb_learner_export(rb_learner *learner, const char *file, void *out, rb_error *error);
void rb_learner_describe(const rb_learner *learner, rb_learner_spec *out);
const rb_config *rb_learner_config(const rb_learner *learner);
typedef struct rb_learner_stats {
    int64_t steps, episodes, updates, replay_size, replay_capacity;
    double epsilon, return_mean, loss, q_mean;
    ...;
} rb_learner_stats;
void rb_learner_get(const rb_learner *learner, rb_learner_stats *out);
rb_status rb_learner_hash(rb_learner *learner, uint64_t *hash, rb_error *error);
void rb_learner_advice(const rb_config *config, void (*say)(void *context, const char *sentence), void *context);

typedef struct rb_player rb_player;
rb_status rb_player_of(rb_player **out, rb_learner *learner, int streams, rb_error *error);
rb_status rb_player_open(rb_player **out, const char *path, int streams, rb_error *error);
void rb_player_destroy(rb_player *player);
rb_status rb_player_act(rb_player *player, int count, const int *streams, const void *observations, const uint8_t *first,
                        const uint8_t *masks, double epsilon, int32_t *actions, float *q, rb_error *error);
void rb_player_describe(const rb_player *player, rb_learner_spec *out);

typedef struct rb_run rb_run;
typedef struct rb_progress {
    int64_t step, max_steps, frames, updates, games;
    double done, return_mean, eval_mean, epsilon, loss, q_mean;
    int64_t eval_step, replay_size;
    double steps_per_second, seconds;
    ...;
} rb_progress;
typedef struct rb_run_hooks {
    void *context;
    void (*progress)(void *context, const rb_progress *progress);
    void (*message)(void *context, bool warning, const char *text);
    ...;
} rb_run_hooks;
rb_status rb_run_create(rb_run **out, const rb_config *config, const rb_run_hooks *hooks, rb_error *error);
rb_status rb_run_resume(rb_run **out, const char *directory, int change_count, const char *const *changes,
                        const rb_run_hooks *hooks, rb_error *error);
void rb_run_destroy(rb_run *run);
const char *rb_run_directory(const rb_run *run);
rb_status rb_run_train(rb_run *run, rb_error *error);
void rb_run_stop(rb_run *run);

extern "Python" void _progress(void *, const rb_progress *);
extern "Python" void _message(void *, bool, const char *);
extern "Python" void _advice(void *, const char *);
"""


def main():
    builder = cffi.FFI()
    builder.cdef(DECLARATIONS)
    builder.set_source("rainbow_dqn._rainbow", '#include "rainbow/rainbow.h"', py_limited_api=True)
    builder.emit_c_code(sys.argv[1])


if __name__ == "__main__":
    main()
