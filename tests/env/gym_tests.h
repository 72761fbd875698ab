// Shared by the tests of Gymnasium environments: an interpreter that has gymnasium (without one they are
// skipped), the module of odd environments on its path, and instances of rb_gym_class.
#ifndef RB_TESTS_ENV_GYM_TESTS_H
#define RB_TESTS_ENV_GYM_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "env/gym.h"

#define GYM_MODULES RB_TEST_DATA "/../env/gym"

static rb_gym_python gym_python;

// For cmocka_run_group_tests.
static inline int find_gymnasium(void **state)
{
    (void)state;
    rb_error error = {0};
    setenv("PYTHONPATH", GYM_MODULES, 1);
    if (rb_gym_probe("", &gym_python, &error)) print_message("skipped: %s\n", error.message);
    return 0;
}

#define NEEDS_GYMNASIUM()                                                                                    \
    if (!*gym_python.gymnasium) skip()

static inline rb_gym_params gym_params(const char *kwargs)
{
    rb_gym_params params = {.timeout_seconds = 120, .restarts = 9};
    snprintf(params.python, sizeof params.python, "%s", gym_python.path);
    snprintf(params.kwargs, sizeof params.kwargs, "%s", kwargs);
    snprintf(params.import, sizeof params.import, "rainbow_gym_odd");
    return params;
}

static inline rb_env_options gym_options(const char *name, const char *kwargs)
{
    return (rb_env_options){
        .settings = {.name = name, .gym = gym_params(kwargs), .atari = {.frame_skip = 4, .size = 20}}};
}

// Tests of one feature have their own module.
static inline rb_env_options gym_options_of(const char *module, const char *name, const char *kwargs)
{
    rb_env_options options = gym_options(name, kwargs);
    snprintf(options.settings.gym.import, sizeof options.settings.gym.import, "%s", module);
    return options;
}

// An instance with its own worker, not yet reset.
static inline rb_env *gym_open(const char *name, const char *kwargs, uint64_t seed)
{
    rb_env_options options = gym_options(name, kwargs);
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_gym_class.create(&env, &options, seed, &error)) fail_msg("%s: %s", name, error.message);
    return env;
}

static inline void gym_reset(rb_env *env)
{
    rb_error error = {0};
    if (rb_gym_class.reset(env, &error)) fail_msg("%s", error.message);
}

static inline rb_env_step gym_step(rb_env *env, int action)
{
    rb_error error = {0};
    rb_env_step step = {0};
    if (rb_gym_class.step(env, action, &step, &error)) fail_msg("%s", error.message);
    return step;
}

// The numbers of the module's ACTIONS.
enum {
    PLAY,
    TERMINATE,
    TRUNCATE,
    BOTH,
    GIVE_NAN,
    GIVE_INFINITE,
    NAN_REWARD,
    OTHER_SHAPE,
    OTHER_DTYPE,
    GIVE_TEXT,
    RAISE,
    QUIT,
    GIVE_FOUR,
    NONE_REWARD,
    DIE,
    LEAVE,
    HANG,
    PRINT,
    WORSE,
};

#endif
